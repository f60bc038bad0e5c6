/* Workbooks as evidence: the first row that has cells names the columns, each later one is a
 * record. Cells keep their types; a number is given as its digits, as a CSV file has it. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "evidence/table_header.h"
#include "evidence/xlsx.h"

enum { ARENA_BYTES_MAX = 1 << 30 };

struct workbook {
    struct reading *reading;
    struct table_header header;
    bool has_header;
};

/* The headings are texts; a number or a day there is a value that stands in the wrong row. */
static bool take_header(struct workbook *book, uint64_t row, const struct xlsx_cell *cells,
                        size_t count, struct error *err)
{
    struct slice *names = calloc(count, sizeof *names);
    if (!names)
        return error_no_memory(err, count * sizeof *names);
    for (size_t i = 0; i < count; i++)
        if (cells[i].kind == XLSX_TEXT || cells[i].kind == XLSX_NUMBER)
            names[i] = cells[i].text;
    book->has_header = true;
    bool ok = table_header_take(&book->header, names, count, row, err);
    free(names);
    return ok;
}

static struct raw_value value_of(const struct xlsx_cell *cell)
{
    switch (cell->kind) {
    case XLSX_TEXT:
    case XLSX_NUMBER:
        return (struct raw_value){ .kind = RAW_TEXT, .text = cell->text };
    case XLSX_TRUTH:
        return (struct raw_value){ .kind = cell->number ? RAW_TRUE : RAW_FALSE };
    case XLSX_DAY:
        return (struct raw_value){ .kind = RAW_DAYS, .number = cell->number };
    case XLSX_TIME:
        return (struct raw_value){ .kind = RAW_LOCAL_TIME, .number = cell->number };
    case XLSX_EMPTY:
    case XLSX_FAULT:
        break;
    }
    return (struct raw_value){ .kind = RAW_NULL };
}

static bool refuse_cell(struct workbook *book, uint64_t row, const struct xlsx_cell *cell,
                        struct slice name, struct error *err)
{
    struct row_sink *sink = book->reading->sink;
    memset(row_sink_values(sink), 0,
           book->reading->type->columns_count * sizeof *row_sink_values(sink));
    error_set(err, ERROR_INVALID, NULL, "%.*s", SLICE_ARG(cell->text));
    return row_sink_refuse(sink, row, name, name, err);
}

static bool take_row(void *context, uint64_t row, const struct xlsx_cell *cells, size_t count,
                     struct error *err)
{
    struct workbook *book = context;
    struct row_sink *sink = book->reading->sink;
    struct raw_value *values = row_sink_values(sink);
    if (!book->has_header)
        return take_header(book, row, cells, count, err);
    if (count > book->header.count) {
        error_set(err, ERROR_INVALID, NULL, "a cell beyond the last heading");
        return row_sink_refuse(sink, row, (struct slice){ 0 }, (struct slice){ 0 }, err);
    }
    for (size_t i = 0; i < count; i++) {
        const struct field *field = book->header.columns[i];
        if (field && cells[i].kind == XLSX_FAULT)
            return refuse_cell(book, row, &cells[i], slice_of(book->header.names[i]), err);
        for (size_t j = 0; field && j < field->columns_count; j++)
            values[field->columns[j]] = value_of(&cells[i]);
    }
    return row_sink_add(sink, row, SLICE("a row of a workbook"), err);
}

/* All bytes: the directory of the archive stands at its end. */
static bool bytes_read(struct reading *reading, struct strbuf *bytes, struct error *err)
{
    struct slice block;
    do {
        if (!input_next(reading->input, &block, err))
            return row_sink_fail(reading->sink, 0, (struct slice){ 0 }, err);
        if (bytes->len + block.len > XLSX_FILE_BYTES_MAX) {
            error_set(err, ERROR_INVALID, NULL, "a workbook of more than 256 MiB");
            return row_sink_fail(reading->sink, 0, (struct slice){ 0 }, err);
        }
        strbuf_add(bytes, block);
    } while (block.len > 0);
    return strbuf_ok(bytes, err);
}

bool xlsx_rows_read(struct reading *reading, struct error *err)
{
    struct workbook book = { .reading = reading, .header = { .reading = reading } };
    struct strbuf bytes = strbuf_new(XLSX_FILE_BYTES_MAX + 1);
    struct arena *arena = arena_new(ARENA_BYTES_MAX, err);
    bool ok = arena && bytes_read(reading, &bytes, err);
    if (ok && !xlsx_read(arena, strbuf_slice(&bytes), reading->source->sheet, take_row, &book, err))
        /* A fault of a row has its place already. */
        ok = err->where[0] == '\0' && row_sink_fail(reading->sink, 0, (struct slice){ 0 }, err);
    if (ok && !book.has_header) {
        error_set(err, ERROR_INVALID, NULL, "the sheet is empty; a header was expected");
        ok = row_sink_fail(reading->sink, 1, (struct slice){ 0 }, err);
    }
    if (ok)
        reader_warn_unseen(reading);
    table_header_free(&book.header);
    arena_free(arena);
    strbuf_free(&bytes);
    return ok;
}
