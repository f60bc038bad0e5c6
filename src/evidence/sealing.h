/* Personal values on their way into a segment (ledger.md 4, Personal data): each cell of a personal
 * column gets the token of its value, and the value goes, sealed, into the segment's `personal`
 * file. The rows' digest is made before, over the values. */
#ifndef ATTEST_EVIDENCE_SEALING_H
#define ATTEST_EVIDENCE_SEALING_H
#include "evidence/row_batch.h"
#include "store/store.h"

/* Of one value; longer ones are refused where they are read. */
enum { PERSONAL_BYTES_MAX = 16 * 1024 };

bool record_type_has_personal(const struct record_type *type);

struct sealing; /* layout: sealing.c */
/* Keys are made in the transaction, whose commit keeps them. folder: for what is sealed until
 * sealing_write(). Memory does not follow the number of rows or values. */
MUST_USE struct sealing *sealing_new(struct transaction *tx, const struct record_type *type,
                                     const char *folder, struct error *err);
void sealing_free(struct sealing *sealing); /* NULL is fine */
/* Puts tokens in place of the values of a batch. */
MUST_USE bool sealing_batch(struct sealing *sealing, struct row_batch *batch, struct error *err);
/* Writes the `personal` file: Parquet of three text columns, a row for each column and token,
 * sorted: `column`, `token` (hex), `sealed` (base64). */
MUST_USE bool sealing_write(struct sealing *sealing, struct engine *engine, const char *path,
                            struct error *err);

#endif
