#include "evidence/row_batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/canonical.h"

enum { TEXT_BLOCK_BYTES = 1024 * 1024, ITEMS_AT_FIRST = 1024 };

struct text_block {
    struct text_block *next;
    size_t used, capacity;
    char bytes[];
};

static bool cells_new(const struct record_column *column, struct cells *cells, struct error *err)
{
    void *made;
    size_t size;
    cells->type = column->type;
    cells->scale = column->scale;
    switch (column->type) {
    case ENGINE_TEXT:
        size = sizeof *cells->texts;
        made = cells->texts = calloc(BATCH_ROWS, size);
        break;
    case ENGINE_DECIMAL:
        size = sizeof *cells->decimals;
        made = cells->decimals = calloc(BATCH_ROWS, size);
        break;
    case ENGINE_TEXT_LIST:
        size = sizeof *cells->lists;
        made = cells->lists = calloc(BATCH_ROWS, size);
        break;
    default:
        size = sizeof *cells->numbers;
        made = cells->numbers = calloc(BATCH_ROWS, size);
        break;
    }
    return made || error_no_memory(err, BATCH_ROWS * size);
}

struct row_batch *row_batch_new(const struct record_type *type, struct error *err)
{
    struct row_batch *batch = calloc(1, sizeof *batch);
    if (!batch) {
        error_no_memory(err, sizeof *batch);
        return NULL;
    }
    batch->items = calloc(ITEMS_AT_FIRST, sizeof *batch->items);
    batch->columns = calloc(type->columns_count, sizeof *batch->columns);
    if (!batch->items || !batch->columns) {
        error_no_memory(err, type->columns_count * sizeof *batch->columns);
        goto failed;
    }
    batch->items_capacity = ITEMS_AT_FIRST;
    batch->columns_count = type->columns_count;
    for (size_t i = 0; i < type->columns_count; i++)
        if (!cells_new(&type->columns[i], &batch->columns[i], err))
            goto failed;
    return batch;
failed:
    row_batch_free(batch);
    return NULL;
}

/* All blocks but one of the usual size, which serves the next rows. */
static void blocks_free(struct row_batch *batch, bool keeps_one)
{
    struct text_block *kept = NULL;
    while (batch->block) {
        struct text_block *block = batch->block;
        batch->block = block->next;
        if (keeps_one && !kept && block->capacity == TEXT_BLOCK_BYTES)
            kept = block;
        else
            free(block);
    }
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
        batch->block = kept;
    }
    batch->text_bytes = 0;
}

void row_batch_free(struct row_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->columns_count; i++) {
        free(batch->columns[i].texts);
        free(batch->columns[i].numbers);
        free(batch->columns[i].decimals);
        free(batch->columns[i].lists);
    }
    blocks_free(batch, false);
    free(batch->columns);
    free(batch->items);
    free(batch);
}

void row_batch_clear(struct row_batch *batch)
{
    for (size_t i = 0; i < batch->columns_count; i++)
        memset(batch->columns[i].present, 0, sizeof batch->columns[i].present);
    blocks_free(batch, true);
    batch->rows = 0;
    batch->items_count = 0;
}

bool row_batch_is_full(const struct row_batch *batch)
{
    return batch->rows == BATCH_ROWS || batch->text_bytes >= BATCH_TEXT_BYTES;
}

void row_batch_drop_row(struct row_batch *batch)
{
    size_t row = batch->rows;
    for (size_t i = 0; i < batch->columns_count; i++)
        batch->columns[i].present[row / 64] &= ~(UINT64_C(1) << row % 64);
}

char *row_batch_text(struct row_batch *batch, size_t bytes, struct error *err)
{
    struct text_block *block = batch->block;
    if (!block || block->capacity - block->used < bytes) {
        size_t capacity = bytes > TEXT_BLOCK_BYTES ? bytes : TEXT_BLOCK_BYTES;
        block = malloc(sizeof *block + capacity);
        if (!block) {
            error_no_memory(err, capacity);
            return NULL;
        }
        *block = (struct text_block){ .next = batch->block, .capacity = capacity };
        batch->block = block;
    }
    char *text = block->bytes + block->used;
    block->used += bytes;
    batch->text_bytes += bytes;
    return text;
}

static struct cells *put(struct row_batch *batch, size_t column)
{
    struct cells *cells = &batch->columns[column];
    cells->present[batch->rows / 64] |= UINT64_C(1) << batch->rows % 64;
    return cells;
}

void row_batch_put_text(struct row_batch *batch, size_t column, struct slice kept)
{
    put(batch, column)->texts[batch->rows] = kept;
}

void row_batch_put_number(struct row_batch *batch, size_t column, int64_t number)
{
    put(batch, column)->numbers[batch->rows] = number;
}

void row_batch_put_decimal(struct row_batch *batch, size_t column, engine_int128 scaled)
{
    put(batch, column)->decimals[batch->rows] = scaled;
}

void row_batch_put_list(struct row_batch *batch, size_t column)
{
    put(batch, column)->lists[batch->rows] =
        (struct cell_list){ .first = (uint32_t)batch->items_count };
}

bool row_batch_add_item(struct row_batch *batch, size_t column, struct slice kept,
                        struct error *err)
{
    if (batch->items_count == batch->items_capacity) {
        size_t capacity = batch->items_capacity * 2;
        struct slice *items = realloc(batch->items, capacity * sizeof *items);
        if (!items)
            return error_no_memory(err, capacity * sizeof *items);
        batch->items = items;
        batch->items_capacity = capacity;
    }
    batch->items[batch->items_count++] = kept;
    batch->text_bytes += sizeof kept; /* lists of empty texts fill memory as well */
    batch->columns[column].lists[batch->rows].count++;
    return true;
}

bool row_batch_has(const struct row_batch *batch, size_t column, size_t row)
{
    return batch->columns[column].present[row / 64] >> row % 64 & 1;
}

static void cell_canonical(const struct row_batch *batch, size_t column, size_t row,
                           struct strbuf *out)
{
    const struct cells *cells = &batch->columns[column];
    bool is_written = true;
    if (!row_batch_has(batch, column, row)) {
        canonical_add_null(out);
        return;
    }
    switch (cells->type) {
    case ENGINE_TEXT:
        canonical_add_text(out, cells->texts[row]);
        break;
    case ENGINE_INTEGER:
        canonical_add_integer(out, cells->numbers[row]);
        break;
    case ENGINE_DECIMAL:
        canonical_add_decimal(out, cells->decimals[row], cells->scale);
        break;
    case ENGINE_BOOLEAN:
        canonical_add_boolean(out, cells->numbers[row] != 0);
        break;
    case ENGINE_DATE:
        is_written = canonical_add_date(out, (int32_t)cells->numbers[row]);
        break;
    case ENGINE_TIMESTAMP:
        is_written = canonical_add_timestamp(out, cells->numbers[row]);
        break;
    case ENGINE_TEXT_LIST:
        canonical_add_list(out, batch->items + cells->lists[row].first, cells->lists[row].count);
        break;
    case ENGINE_DOUBLE:
    case ENGINE_OTHER:
        is_written = false;
        break;
    }
    assert(is_written); /* value_read() lets only years 1 to 9999 in */
    (void)is_written;
}

void row_batch_canonical(const struct row_batch *batch, size_t row, struct strbuf *out)
{
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < batch->columns_count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        cell_canonical(batch, i, row, out);
    }
    strbuf_add(out, SLICE("]\n"));
}

static bool cell_give(const struct row_batch *batch, size_t column, size_t row,
                      struct engine_rows *rows, struct error *err)
{
    const struct cells *cells = &batch->columns[column];
    switch (cells->type) {
    case ENGINE_TEXT:
        engine_set_text(rows, column, row, cells->texts[row]);
        return true;
    case ENGINE_BOOLEAN:
        engine_set_bool(rows, column, row, cells->numbers[row] != 0);
        return true;
    case ENGINE_DECIMAL:
        engine_set_decimal(rows, column, row, cells->decimals[row]);
        return true;
    case ENGINE_TEXT_LIST:
        return engine_set_list(rows, column, row, batch->items + cells->lists[row].first,
                               cells->lists[row].count, err);
    default:
        engine_set_int64(rows, column, row, cells->numbers[row]);
        return true;
    }
}

bool row_batch_give(const struct row_batch *batch, struct engine_rows *rows, struct error *err)
{
    assert(batch->rows <= engine_rows_capacity(rows));
    for (size_t column = 0; column < batch->columns_count; column++)
        for (size_t row = 0; row < batch->rows; row++)
            if (row_batch_has(batch, column, row) && !cell_give(batch, column, row, rows, err))
                return false;
    return true;
}
