/* The ledger entry of a segment: what an import, or a table that the program makes itself, leaves.
 */
#ifndef ATTEST_EVIDENCE_SEGMENT_APPEND_H
#define ATTEST_EVIDENCE_SEGMENT_APPEND_H
#include "evidence/segment_write.h"
#include "store/payload_writer.h"

struct catalogue;

struct segment_record {
    const struct record_type *type;
    struct slice source;         /* source/ID, or program/attest */
    uint64_t source_version;     /* 0: has none */
    const struct digest *inputs; /* what it was made of, besides the population type */
    size_t inputs_count;
    const char *file; /* path or name; its folders are left away */
    struct slice imported_by, reader;
    const struct period *covers; /* NULL: nothing is claimed */
    const struct segment_content *content;
    char *parquet_path;                   /* taken over by the store: then empty */
    char *personal_path;                  /* the same; empty if the type has no personal column */
    struct payload_writer *raw, *rejects; /* NULL: not kept, none */
};
/* Adds the entry as program/attest, side system, to the transaction; a built-in population type is
 * put into the store when first used. Its inputs are those of the record and the type's version.
 * *position: its place in the transaction. */
MUST_USE bool segment_append(struct store *store, const struct catalogue *catalogue,
                             const struct engine *engine, struct transaction *tx,
                             const struct segment_record *record, size_t *position,
                             struct error *err);

/* sha256:<hex> */
void digest_text(const struct digest *digest, char out[72]);

#endif
