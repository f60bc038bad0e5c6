/* A few batches of rows going round between the thread that reads and the one that writes. */
#ifndef ATTEST_EVIDENCE_ROW_QUEUE_H
#define ATTEST_EVIDENCE_ROW_QUEUE_H
#include "evidence/row_batch.h"

struct row_queue; /* layout: row_queue.c */

MUST_USE struct row_queue *row_queue_new(const struct record_type *type, struct error *err);
void row_queue_free(struct row_queue *queue); /* NULL is fine; both sides have ended */

/* The reader's side. */
/* An empty batch; waits for one. NULL if the writer has stopped (ERROR_INTERRUPTED). */
MUST_USE struct row_batch *row_queue_empty(struct row_queue *queue, struct error *err);
/* Hands over what row_queue_empty() gave. */
void row_queue_put(struct row_queue *queue, struct row_batch *batch);
/* No more rows; NULL: all is well, else why not. */
void row_queue_end(struct row_queue *queue, const struct error *err);

/* The writer's side. */
/* The next batch in order; *batch NULL at the end. False with the reader's error. */
MUST_USE bool row_queue_take(struct row_queue *queue, struct row_batch **batch, struct error *err);
void row_queue_give_back(struct row_queue *queue, struct row_batch *batch);
/* Wakes a reader that waits, and lets it fail. */
void row_queue_stop(struct row_queue *queue);

#endif
