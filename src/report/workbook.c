#include "report/workbook.h"

#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/time.h"

/* A cell holds 32,767 UTF-16 units; a text of so many bytes has no more. */
enum { CELL_BYTES_MAX = 32767, COLUMN_WIDTH = 28 };
static const size_t workbook_bytes_max = (size_t)1 << 30;
static const int64_t year_1980 = 315532800;

/* What a spreadsheet would not read as it is: "_x0041_" means A in this format, and two code points
 * are in no XML. Control characters are the library's care. */
static void add_cell_text(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct slice rest = slice_from(text, i);
        if (slice_starts_with(rest, SLICE("_x")))
            strbuf_add_text(out, "_x005F");
        if (slice_starts_with(rest, SLICE("\xEF\xBF\xBE")) ||
            slice_starts_with(rest, SLICE("\xEF\xBF\xBF"))) {
            strbuf_add_text(out, "\xEF\xBF\xBD"); /* the replacement character */
            i += 2;
        } else {
            strbuf_add_char(out, text.at[i]);
        }
    }
}

static bool refused(const char *path, lxw_error code, struct error *err)
{
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return error_set(err, ERROR_NO_MEMORY, path, "out of memory");
    return error_set(err, ERROR_IO, path, "the workbook could not be written: %s",
                     lxw_strerror(code));
}

static bool write_cell(const struct workbook_table *table, size_t row, size_t column,
                       lxw_worksheet *sheet, struct strbuf *raw, struct strbuf *text,
                       const char *path, struct error *err)
{
    strbuf_clear(raw);
    strbuf_clear(text);
    if (!table->cell(table->context, row, column, raw, err) || !strbuf_ok(raw, err))
        return false;
    add_cell_text(text, strbuf_slice(raw));
    if (!strbuf_ok(text, err))
        return false;
    if (text->len == 0)
        return true;
    if (text->len > CELL_BYTES_MAX || memchr(text->at, '\0', text->len)) {
        error_set(err, ERROR_INVALID, path, "row %zu, %s: no cell of a workbook holds this text",
                  row + 1, table->heads[column]);
        return error_hint(err, "-o csv or -o json writes it");
    }
    lxw_error code =
        worksheet_write_string(sheet, (lxw_row_t)row + 1, (lxw_col_t)column, text->at, NULL);
    return code == LXW_NO_ERROR || refused(path, code, err);
}

static bool write_sheet(lxw_workbook *book, const struct workbook_table *table, const char *path,
                        struct error *err)
{
    lxw_doc_properties properties = { .created = (time_t)(table->created_us / US_PER_SECOND) };
    if (properties.created < year_1980)
        properties.created = (time_t)year_1980; /* 0 would be the clock of now */
    struct strbuf raw = strbuf_new(workbook_bytes_max), text = strbuf_new(workbook_bytes_max);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "attest");
    lxw_format *bold = sheet ? workbook_add_format(book) : NULL;
    lxw_error code =
        bold ? workbook_set_properties(book, &properties) : LXW_ERROR_MEMORY_MALLOC_FAILED;
    if (code == LXW_NO_ERROR) {
        format_set_bold(bold);
        worksheet_freeze_panes(sheet, 1, 0);
        code = worksheet_set_column(sheet, 0, (lxw_col_t)(table->columns - 1), COLUMN_WIDTH, NULL);
    }
    for (size_t i = 0; code == LXW_NO_ERROR && i < table->columns; i++)
        code = worksheet_write_string(sheet, 0, (lxw_col_t)i, table->heads[i], bold);
    bool ok = code == LXW_NO_ERROR || refused(path, code, err);
    for (size_t row = 0; ok && row < table->rows; row++)
        for (size_t i = 0; ok && i < table->columns; i++)
            ok = write_cell(table, row, i, sheet, &raw, &text, path, err);
    strbuf_free(&raw);
    strbuf_free(&text);
    return ok;
}

/* In a folder of our own, which is removed: what is half written never has the name asked for. */
static bool write_in(char *folder, const char *path, const struct workbook_table *table,
                     struct arena *arena, struct error *err)
{
    struct slice content;
    char *file = arena_printf(arena, err, "%s/book.xlsx", folder);
    /* A row at a time is kept in memory, the others in the folder. */
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = folder };
    lxw_workbook *book = file ? workbook_new_opt(file, &options) : NULL;
    if (!book)
        return file ? refused(path, LXW_ERROR_MEMORY_MALLOC_FAILED, err) : false;
    bool ok = write_sheet(book, table, path, err);
    lxw_error code = workbook_close(book); /* it frees the book as well, so in any case */
    if (ok && code != LXW_NO_ERROR)
        ok = refused(path, code, err);
    return ok && file_read(arena, file, workbook_bytes_max, &content, err) &&
           file_write_output(path, content, err);
}

bool workbook_write(const char *path, const char *temp_folder, const struct workbook_table *table,
                    struct error *err)
{
    if (table->rows >= LXW_ROW_MAX || table->columns > LXW_COL_MAX) {
        error_set(err, ERROR_INVALID, path, "%zu rows; a sheet holds %d and a line of heads",
                  table->rows, LXW_ROW_MAX - 1);
        return error_hint(err, "-o csv writes them");
    }
    struct arena *arena = arena_new(2 * workbook_bytes_max, err);
    char *folder = arena ? arena_printf(arena, err, "%s/attest-xlsx-XXXXXX", temp_folder) : NULL;
    bool ok = folder != NULL;
    if (ok && !mkdtemp(folder)) {
        error_errno(err, "make a temporary folder", folder);
        ok = false;
    } else if (ok) {
        ok = write_in(folder, path, table, arena, err);
        folder_discard(arena, folder);
    }
    arena_free(arena);
    return ok;
}
