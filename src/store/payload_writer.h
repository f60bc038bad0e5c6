/* A payload written as a stream: memory stays flat however large it is.
 *
 * The salt is drawn first, so that the commitment is computed while writing. The file lies in the
 * store's tmp folder until payload_writer_finish() hands it to a transaction. */
#ifndef ATTEST_STORE_PAYLOAD_WRITER_H
#define ATTEST_STORE_PAYLOAD_WRITER_H
#include "base/digest.h"
#include "store/store.h"

struct payload_writer; /* layout: payload_writer.c */

/* Owner: the caller; payload_writer_free() also removes a file that was not finished. */
MUST_USE struct payload_writer *payload_writer_new(struct store *store, struct error *err);
void payload_writer_free(struct payload_writer *writer); /* NULL is fine */
/* False with ERROR_IO; the writer is of no use afterwards. */
MUST_USE bool payload_writer_add(struct payload_writer *writer, struct slice bytes,
                                 struct error *err);
/* Syncs the file and hands it over. `plain` is the SHA-256 of the bytes alone; may be NULL. */
MUST_USE bool payload_writer_finish(struct payload_writer *writer, struct transaction *tx,
                                    struct payload *payload, struct digest *plain,
                                    struct error *err);
#endif
