/* Rows of segments as files, for those who make them again and compare. */
#ifndef ATTEST_REPORT_SEGMENT_ROWS_H
#define ATTEST_REPORT_SEGMENT_ROWS_H
#include "engine/engine.h"
#include "evidence/record_type.h"
#include "ledger/rules.h"

/* A payload's bytes as a file, which is written anew. Errors: ERROR_IO and the source's. */
MUST_USE bool payload_unpack(const struct payload_source *payloads, const struct digest *commitment,
                             const char *path, struct error *err);
/* How many rows are in one Parquet file and not in the other, either way. The engine is not
 * locked. Errors: ERROR_INVALID (a file that has not the type's columns), and the engine's. */
MUST_USE bool rows_differ(struct engine *engine, const struct record_type *type, const char *one,
                          const char *other, int64_t *count, struct error *err);

#endif
