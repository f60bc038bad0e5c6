/* Tables that the program makes itself: their rows become a segment as an import's do, and from
 * there on nothing is different.
 *
 * Who makes such a table writes its rows as lines of JSON, the same bytes for the same facts, and
 * names the entries that they were made of. A type whose rows the program makes says so in its
 * document (`derived`) and is a snapshot; nobody imports it. */
#ifndef ATTEST_EVIDENCE_DERIVED_H
#define ATTEST_EVIDENCE_DERIVED_H
#include "base/strbuf.h"
#include "evidence/record_type.h"
#include "store/store.h"

struct catalogue;

struct derived_rows {
    const struct record_type *type;
    /* One object a line, sorted, each column under its name in the forms that an import of NDJSON
     * takes: times and dates as text, decimals as numbers, lists of texts, null or nothing. */
    struct slice lines;
    const struct digest *inputs; /* leaves of the entries they were made of */
    size_t inputs_count;
};

/* Adds a segment of these rows to the transaction, as program/attest, unless the last one says the
 * same by the same version of the type (*is_written false). What reads it must read above it
 * (ledger.md, `position`): commit before a run begins.
 * engine: not locked. Errors: ERROR_INVALID (a value that does not fit its column; names type, line
 * and column), ERROR_IO. */
MUST_USE bool derived_segment_write(struct store *store, const struct catalogue *catalogue,
                                    struct engine *engine, struct transaction *tx,
                                    const struct derived_rows *rows, bool *is_written,
                                    struct error *err);

/* The rows as a Parquet file. seals: the transaction that seals personal values into a second file
 * (segment_write.h); NULL with personal_path NULL: they stay in clear, for looking at them before
 * they are written, and for comparing. folder: for the file that the rows come from. */
struct segment_content;
MUST_USE bool derived_parquet_write(struct engine *engine, struct arena *arena,
                                    const struct derived_rows *rows, const char *folder,
                                    const char *parquet_path, struct transaction *seals,
                                    const char *personal_path, struct segment_content *content,
                                    struct error *err);

#endif
