#include "cli/rows.h"

#include "base/json.h"
#include "cli/output.h"
#include "report/workbook.h"

enum { OUT_BYTES_MAX = 64 << 20, WRITTEN_AT_ONCE = 1 << 16, CELLS_MAX = 1024 };

static bool is_json(const struct rows *rows)
{
    return rows->session->format == FORMAT_JSON || rows->session->format == FORMAT_YAML;
}

struct book *session_workbook(struct session *session)
{
    struct book_options options = { .path = argument_value(session->arguments, "--out"),
                                    .temp_folder = book_temp_folder() };
    if (session->store && session->size == 0)
        session->size = store_size(session->store);
    if (session->size > 0 && !session_stamp(session, session->size, &options.created_us))
        return NULL;
    return book_new(&options, &session->err);
}

static bool begin_workbook(struct rows *rows, const struct rows_cell *cells, size_t count)
{
    const char *heads[CELLS_MAX];
    struct error *err = &rows->session->err;
    if (count > CELLS_MAX)
        return error_set(err, ERROR_INVALID, NULL, "more than %d columns", CELLS_MAX);
    for (size_t i = 0; i < count; i++)
        heads[i] = cells[i].name;
    rows->workbook = session_workbook(rows->session);
    return rows->workbook && book_sheet(rows->workbook, "attest", heads, count, err);
}

bool rows_begin(struct rows *rows, struct session *session, const struct rows_cell *cells,
                size_t count)
{
    bool is_csv = session->format == FORMAT_CSV;
    *rows = (struct rows){ .session = session, .out = strbuf_new(OUT_BYTES_MAX) };
    if (session->format == FORMAT_XLSX)
        return begin_workbook(rows, cells, count);
    if (is_json(rows)) {
        strbuf_add_char(&rows->out, '[');
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_csv)
            strbuf_printf(&rows->out, "%s%s", i ? "," : "", cells[i].name);
        else if (i + 1 < count)
            strbuf_printf(&rows->out, "%-*s  ", cells[i].width, cells[i].head);
        else
            strbuf_add_text(&rows->out, cells[i].head);
    }
    strbuf_add_text(&rows->out, is_csv ? "\r\n" : "\n");
    return true;
}

/* JSON is YAML too. */
static void add_json(struct rows *rows, const struct rows_cell *cells, size_t count)
{
    strbuf_add_text(&rows->out, rows->count ? ",\n" : "\n");
    for (size_t i = 0; i < count; i++) {
        strbuf_add_text(&rows->out, i ? "," : "{");
        json_add_string(&rows->out, slice_of(cells[i].name));
        strbuf_add_char(&rows->out, ':');
        if (!cells[i].text.at)
            strbuf_add_text(&rows->out, "null");
        else if (cells[i].is_json)
            strbuf_add(&rows->out, cells[i].text);
        else
            json_add_string(&rows->out, cells[i].text);
    }
    strbuf_add_char(&rows->out, '}');
}

/* JSON as people read it: a string without its quotes, nothing for null, a key of one part as that
 * part; what else it may be as it is. */
static bool plain(struct rows *rows, const struct rows_cell *cell, struct arena *arena,
                  struct slice *text)
{
    *text = cell->text;
    if (!cell->is_json || !cell->text.at)
        return true;
    const struct value *value =
        json_parse(arena, cell->text, cell->name, NULL, &rows->session->err);
    if (!value)
        return false;
    if (value->type == VALUE_ARRAY && value_count(value) == 1 &&
        slice_is(slice_of(cell->name), "key"))
        value = value_item(value, 0);
    if (value->type == VALUE_STRING)
        *text = value_text(value);
    if (value->type == VALUE_NULL)
        *text = (struct slice){ 0 };
    return true;
}

static bool add_line(struct rows *rows, const struct rows_cell *cells, size_t count)
{
    bool is_csv = rows->session->format == FORMAT_CSV, ok = true;
    struct error *err = &rows->session->err;
    struct arena *arena = arena_new(OUT_BYTES_MAX, err);
    if (!arena)
        return false;
    for (size_t i = 0; ok && i < count; i++) {
        struct slice text;
        ok = plain(rows, &cells[i], arena, &text);
        if (!ok)
            break;
        if (rows->workbook) {
            ok = book_put(rows->workbook, cells[i].is_number ? BOOK_NUMBER : BOOK_TEXT, text, err);
            continue;
        }
        if (is_csv) {
            strbuf_add_text(&rows->out, i ? "," : "");
            output_add_csv(&rows->out, text);
            continue;
        }
        size_t start = rows->out.len;
        output_add_visible(&rows->out, text);
        while (i + 1 < count && rows->out.len - start < (size_t)cells[i].width)
            strbuf_add_char(&rows->out, ' ');
        strbuf_add_text(&rows->out, i + 1 < count ? "  " : "");
    }
    if (rows->workbook)
        ok = ok && book_end_row(rows->workbook, err);
    else
        strbuf_add_text(&rows->out, is_csv ? "\r\n" : "\n");
    arena_free(arena);
    return ok;
}

static bool flush(struct rows *rows)
{
    bool ok = strbuf_ok(&rows->out, &rows->session->err) &&
              output_text(rows->session, strbuf_slice(&rows->out));
    strbuf_clear(&rows->out);
    return ok;
}

bool rows_add(struct rows *rows, const struct rows_cell *cells, size_t count)
{
    bool ok = true;
    if (is_json(rows))
        add_json(rows, cells, count);
    else
        ok = add_line(rows, cells, count);
    rows->count++;
    return ok && (rows->out.len < WRITTEN_AT_ONCE || flush(rows));
}

bool rows_end(struct rows *rows, bool are_whole)
{
    bool ok = are_whole;
    if (ok && rows->workbook)
        ok = book_finish(rows->workbook, &rows->session->err);
    else if (ok) {
        if (is_json(rows))
            strbuf_add_text(&rows->out, rows->count ? "\n]\n" : "]\n");
        ok = flush(rows);
    }
    book_free(rows->workbook);
    strbuf_free(&rows->out);
    *rows = (struct rows){ .count = rows->count };
    return ok;
}
