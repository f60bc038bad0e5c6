/* Rows of segments as files, for those who make them again and compare. */
#ifndef ATTEST_REPORT_SEGMENT_ROWS_H
#define ATTEST_REPORT_SEGMENT_ROWS_H
#include "engine/engine.h"
#include "evidence/personal_values.h"
#include "evidence/record_type.h"
#include "ledger/rules.h"

/* A payload's bytes as a file, which is written anew. Errors: ERROR_IO and the source's. */
MUST_USE bool payload_unpack(const struct payload_source *payloads, const struct digest *commitment,
                             const char *path, struct error *err);
/* The keys that a verifier's source has. */
struct verifier;
struct personal_keys verifier_keys(struct verifier *verifier);

/* What personal columns of a segment's file hold: values, or tokens that stand for them. */
struct sealed_rows {
    bool is_sealed;
    uint64_t closed; /* values whose key is not there: their rows are compared without them */
};
/* Opens the values of a segment whose `personal` payload is *personal; NULL: it has none. The file
 * is written anew at `path`. For rows_differ(). */
MUST_USE bool sealed_rows_open(struct verifier *verifier, struct engine *engine,
                               const struct digest *personal, const char *path,
                               struct sealed_rows *sealed, struct error *err);

/* How many rows are in one Parquet file and not in the other, either way: `ours` in clear, `theirs`
 * as *sealed says. Where a value of theirs has no key, any value of ours that theirs does not have
 * in that column may stand for it. The engine is not locked. Errors: ERROR_INVALID (a file that has
 * not the type's columns), and the engine's. */
MUST_USE bool rows_differ(struct engine *engine, const struct record_type *type, const char *ours,
                          const char *theirs, const struct sealed_rows *sealed, int64_t *count,
                          struct error *err);

#endif
