/* The matrix of a run: what became of every item, attribute by attribute.
 *
 * Canonical JSON Lines (ledger.md 4): a header {attributes, deviations, items, population, test},
 * then
 * {"item":key,"results":[holds, fails or undecided ...]} in the order of the population's items. */
#ifndef ATTEST_AUDIT_MATRIX_H
#define ATTEST_AUDIT_MATRIX_H
#include "audit/test_definition.h"
#include "base/strbuf.h"

enum outcome { OUTCOME_HOLDS, OUTCOME_FAILS, OUTCOME_UNDECIDED };
extern const char *const outcome_names[3];

struct matrix_header {
    const struct test_attribute *attributes;
    size_t attributes_count;
    uint64_t deviations, items;
    struct digest population; /* plain digest of the items */
    struct digest test;       /* leaf of the test version */
};
void matrix_add_header(struct strbuf *out, const struct matrix_header *header);
/* key: canonical JSON array. */
void matrix_add_row(struct strbuf *out, struct slice key, const enum outcome *outcomes,
                    size_t count);

#endif
