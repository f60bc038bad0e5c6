/* Rows on their way from a reader to a segment: columns of cells, as many rows as the engine takes
 * at once, memory used again from batch to batch. No allocation a value: text is copied into
 * blocks. */
#ifndef ATTEST_EVIDENCE_ROW_BATCH_H
#define ATTEST_EVIDENCE_ROW_BATCH_H
#include "base/strbuf.h"
#include "evidence/record_type.h"

enum { BATCH_ROWS = 2048, BATCH_TEXT_BYTES = 4 * 1024 * 1024 };

struct cell_list {
    uint32_t first, count; /* in batch->items */
};
struct cells {
    enum engine_type type;
    unsigned scale;
    /* One of these, by type; BATCH_ROWS of them. */
    struct slice *texts;     /* text */
    int64_t *numbers;        /* integer, boolean, date (days), timestamp (microseconds) */
    engine_int128 *decimals; /* scaled */
    struct cell_list *lists;
    uint64_t present[BATCH_ROWS / 64];
};
struct text_block;
struct row_batch {
    size_t rows;
    size_t columns_count;
    struct cells *columns;
    struct slice *items; /* of all lists; at NULL: a NULL element */
    size_t items_count, items_capacity;
    struct text_block *block; /* the newest first */
    size_t text_bytes;
};

MUST_USE struct row_batch *row_batch_new(const struct record_type *type, struct error *err);
void row_batch_free(struct row_batch *batch); /* NULL is fine */
void row_batch_clear(struct row_batch *batch);
/* Full: no more rows, or enough text that memory should be bounded. */
bool row_batch_is_full(const struct row_batch *batch);
/* Forgets the cells of the row being made (number batch->rows). */
void row_batch_drop_row(struct row_batch *batch);

/* Room for text that lives as long as the batch; NULL with ERROR_NO_MEMORY. */
MUST_USE char *row_batch_text(struct row_batch *batch, size_t bytes, struct error *err);

/* Cells of the row being made. */
void row_batch_put_text(struct row_batch *batch, size_t column, struct slice kept);
void row_batch_put_number(struct row_batch *batch, size_t column, int64_t number);
void row_batch_put_decimal(struct row_batch *batch, size_t column, engine_int128 scaled);
/* A list begins; then its elements. */
void row_batch_put_list(struct row_batch *batch, size_t column);
MUST_USE bool row_batch_add_item(struct row_batch *batch, size_t column, struct slice kept,
                                 struct error *err);
bool row_batch_has(const struct row_batch *batch, size_t column, size_t row);

/* Adds the row as the contract has it: a canonical JSON array and LF. */
void row_batch_canonical(const struct row_batch *batch, size_t row, struct strbuf *out);
/* Gives the rows to the engine, all at once. */
MUST_USE bool row_batch_give(const struct row_batch *batch, struct engine_rows *rows,
                             struct error *err);

#endif
