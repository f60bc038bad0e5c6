/* A run's matrix (ledger.md 4), counted line by line. */
#ifndef ATTEST_VERIFY_MATRIX_H
#define ATTEST_VERIFY_MATRIX_H
#include "ledger/rules.h"

/* What a matrix says, counted from its lines. */
enum { MATRIX_ATTRIBUTES_MAX = 64 };
struct matrix_counts {
    uint64_t items, deviations;
    uint64_t holds[MATRIX_ATTRIBUTES_MAX], fails[MATRIX_ATTRIBUTES_MAX],
        undecided[MATRIX_ATTRIBUTES_MAX];
    size_t attributes_count;
    struct digest digest;
    const struct value *header; /* in the arena */
};
/* Takes each row that deviates: its key as it stands in the matrix (canonical JSON; borrowed), and
 * which attributes do not hold: bit i for attribute i of the header. */
struct matrix_visit {
    bool (*row)(void *context, const struct matrix_counts *counts, struct slice key,
                uint64_t deviating, struct error *err);
    void *context;
};
/* The matrix has passed the rules. ERROR_FINDING if a line cannot be read all the same. visit may
 * be NULL. */
MUST_USE bool matrix_count(const struct payload_source *payloads, struct arena *arena,
                           const struct digest *c, const struct matrix_visit *visit,
                           struct matrix_counts *counts, struct error *err);

#endif
