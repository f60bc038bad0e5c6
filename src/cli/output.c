#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/yaml.h"
#include "cli/rows.h"
#include "report/workbook.h"

enum { COLUMNS_SHOWN_MAX = 16, OUTPUT_BYTES_MAX = 1 << 30 };

bool output_text(struct session *session, struct slice text)
{
    if (fwrite(text.at ? text.at : "", 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        return error_errno(&session->err, "write", "standard output");
    return true;
}

/* Foreign text on a terminal: control characters and what turns the direction of writing are shown,
 * not obeyed. */
void output_add_visible(struct strbuf *out, struct slice text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t start = at;
        uint32_t point = utf8_next(text, &at);
        bool is_control = point < 0x20 || (point >= 0x7F && point < 0xA0) ||
                          (point >= 0x202A && point <= 0x202E) ||
                          (point >= 0x2066 && point <= 0x2069) || point == 0x200E ||
                          point == 0x200F;
        if (is_control)
            strbuf_printf(out, "<U+%04X>", point);
        else
            strbuf_add(out, (struct slice){ text.at + start, at - start });
    }
}

static void add_scalar(struct strbuf *out, const struct value *value, struct error *err)
{
    if (!value || value->type == VALUE_NULL)
        return;
    if (value->type == VALUE_STRING || value->type == VALUE_NUMBER)
        strbuf_add(out, value->text);
    else if (value->type == VALUE_BOOL)
        strbuf_add_text(out, value->boolean ? "true" : "false");
    else if (!json_canonical(value, out, err))
        out->failed = true;
}

/* A cell: lists of texts are joined by spaces, other trees are JSON. */
static void add_cell(struct strbuf *out, const struct value *value, struct error *err)
{
    bool is_texts = value && value->type == VALUE_ARRAY;
    for (size_t i = 0; is_texts && i < value->count; i++)
        is_texts = value->items[i]->type == VALUE_STRING;
    if (!is_texts) {
        add_scalar(out, value, err);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        strbuf_add_text(out, i ? " " : "");
        strbuf_add(out, value->items[i]->text);
    }
}

/* ---- CSV ---- */

/* RFC 4180; a first character that a spreadsheet would take for a formula is neutralised. */
void output_add_csv(struct strbuf *out, struct slice text)
{
    bool is_quoted = false;
    bool is_formula = text.len > 0 && strchr("=+-@\t\r", text.at[0]) != NULL;
    for (size_t i = 0; i < text.len; i++)
        is_quoted = is_quoted || strchr(",\"\r\n", text.at[i]) != NULL;
    is_quoted = is_quoted || is_formula;
    if (is_quoted)
        strbuf_add_char(out, '"');
    if (is_formula)
        strbuf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            strbuf_add_char(out, '"');
        strbuf_add_char(out, text.at[i]);
    }
    if (is_quoted)
        strbuf_add_char(out, '"');
}

static void write_csv(const struct value *list, const struct column_spec *columns,
                      struct strbuf *out, struct error *err)
{
    struct strbuf cell = strbuf_new(OUTPUT_BYTES_MAX);
    for (size_t i = 0; columns[i].path; i++) {
        strbuf_add_text(out, i ? "," : "");
        output_add_csv(out, slice_of(columns[i].path));
    }
    strbuf_add_text(out, "\r\n");
    for (size_t row = 0; row < value_count(list); row++) {
        for (size_t i = 0; columns[i].path; i++) {
            strbuf_clear(&cell);
            add_cell(&cell, value_path(value_item(list, row), columns[i].path), err);
            strbuf_add_text(out, i ? "," : "");
            output_add_csv(out, strbuf_slice(&cell));
        }
        strbuf_add_text(out, "\r\n");
    }
    out->failed = out->failed || cell.failed;
    strbuf_free(&cell);
}

/* ---- tables ---- */

static size_t display_width(struct slice text)
{
    size_t at = 0, width = 0;
    while (at < text.len) {
        uint32_t point = utf8_next(text, &at);
        bool is_wide =
            (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
            (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
            (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60) ||
            (point >= 0x1F300 && point <= 0x1FAFF);
        bool is_mark = point >= 0x0300 && point <= 0x036F;
        width += is_mark ? 0 : is_wide ? 2 : 1;
    }
    return width;
}

/* Columns of the terminal, or 0 in a pipe: then nothing is cut. */
static size_t terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

static void add_padded(struct strbuf *out, struct slice text, size_t width, bool is_last)
{
    size_t shown = display_width(text), at = 0, used = 0;
    if (shown > width) {
        while (at < text.len) {
            size_t before = at;
            utf8_next(text, &at);
            size_t wide = display_width((struct slice){ text.at + before, at - before });
            if (used + wide + 1 > width) {
                at = before;
                break;
            }
            used += wide;
        }
        strbuf_add(out, slice_head(text, at));
        strbuf_add_text(out, "\xE2\x80\xA6"); /* an ellipsis */
        shown = used + 1;
    } else {
        strbuf_add(out, text);
    }
    for (; !is_last && shown < width; shown++)
        strbuf_add_char(out, ' ');
}

static void measure(const struct value *list, const struct column_spec *columns, size_t *widths,
                    size_t *count, struct error *err)
{
    struct strbuf cell = strbuf_new(OUTPUT_BYTES_MAX), seen = strbuf_new(OUTPUT_BYTES_MAX);
    for (*count = 0; columns[*count].path && *count < COLUMNS_SHOWN_MAX; ++*count)
        widths[*count] = strlen(columns[*count].head);
    for (size_t row = 0; row < value_count(list); row++) {
        for (size_t i = 0; i < *count; i++) {
            strbuf_clear(&cell);
            strbuf_clear(&seen);
            add_cell(&cell, value_path(value_item(list, row), columns[i].path), err);
            output_add_visible(&seen, strbuf_slice(&cell));
            size_t width = display_width(strbuf_slice(&seen));
            if (width > widths[i])
                widths[i] = width;
        }
    }
    strbuf_free(&cell);
    strbuf_free(&seen);
}

/* The widest column gives way first, down to 8. */
static void fit(size_t *widths, size_t count, size_t room)
{
    for (;;) {
        size_t total = 2 * (count - 1), widest = 0;
        for (size_t i = 0; i < count; i++) {
            total += widths[i];
            if (widths[i] > widths[widest])
                widest = i;
        }
        if (total <= room || widths[widest] <= 8)
            return;
        widths[widest]--;
    }
}

static void write_table(const struct value *list, const struct column_spec *columns,
                        struct strbuf *out, struct error *err)
{
    size_t widths[COLUMNS_SHOWN_MAX], count, room = terminal_width();
    struct strbuf cell = strbuf_new(OUTPUT_BYTES_MAX), seen = strbuf_new(OUTPUT_BYTES_MAX);
    measure(list, columns, widths, &count, err);
    if (room > 0 && count > 0)
        fit(widths, count, room);
    for (size_t i = 0; i < count; i++) {
        strbuf_add_text(out, i ? "  " : "");
        add_padded(out, slice_of(columns[i].head), widths[i], i + 1 == count);
    }
    strbuf_add_char(out, '\n');
    for (size_t row = 0; row < value_count(list); row++) {
        for (size_t i = 0; i < count; i++) {
            strbuf_clear(&cell);
            strbuf_clear(&seen);
            add_cell(&cell, value_path(value_item(list, row), columns[i].path), err);
            output_add_visible(&seen, strbuf_slice(&cell));
            strbuf_add_text(out, i ? "  " : "");
            add_padded(out, strbuf_slice(&seen), widths[i], i + 1 == count);
        }
        strbuf_add_char(out, '\n');
    }
    out->failed = out->failed || cell.failed || seen.failed;
    strbuf_free(&cell);
    strbuf_free(&seen);
}

/* ---- workbooks ---- */

static bool put_cell(struct book *workbook, const struct value *value, struct strbuf *cell,
                     struct error *err)
{
    enum book_cell type = value && value->type == VALUE_NUMBER ? BOOK_NUMBER
                          : value && value->type == VALUE_BOOL ? BOOK_BOOLEAN
                                                               : BOOK_TEXT;
    strbuf_clear(cell);
    add_cell(cell, value, err);
    return strbuf_ok(cell, err) && book_put(workbook, type, strbuf_slice(cell), err);
}

static bool put_rows(struct session *session, struct book *workbook, const struct value *list,
                     const struct column_spec *columns)
{
    size_t count = 0;
    while (columns[count].path)
        count++;
    const char **heads = arena_array(session->arena, count, sizeof *heads, &session->err);
    if (!heads)
        return false;
    for (size_t i = 0; i < count; i++)
        heads[i] = columns[i].path; /* as in csv */
    struct strbuf cell = strbuf_new(OUTPUT_BYTES_MAX);
    bool ok = book_sheet(workbook, "attest", heads, count, &session->err);
    for (size_t row = 0; ok && row < value_count(list); row++) {
        for (size_t i = 0; ok && i < count; i++)
            ok = put_cell(workbook, value_path(value_item(list, row), columns[i].path), &cell,
                          &session->err);
        ok = ok && book_end_row(workbook, &session->err);
    }
    strbuf_free(&cell);
    return ok;
}

static bool write_workbook(struct session *session, const struct value *list,
                           const struct column_spec *columns)
{
    struct book *workbook = session_workbook(session);
    bool ok = workbook && put_rows(session, workbook, list, columns) &&
              book_finish(workbook, &session->err);
    book_free(workbook);
    return ok;
}

bool output_list(struct session *session, const struct value *whole, const struct value *list,
                 const struct column_spec *columns)
{
    struct strbuf out = strbuf_new(OUTPUT_BYTES_MAX);
    switch (session->format) {
    case FORMAT_JSON:
        json_pretty(whole, &out);
        break;
    case FORMAT_YAML:
        yaml_write(whole, &out);
        break;
    case FORMAT_CSV:
        write_csv(list, columns, &out, &session->err);
        break;
    case FORMAT_XLSX:
        strbuf_free(&out);
        return write_workbook(session, list, columns);
    case FORMAT_ICS: /* main() lets them through for verbs that write them themselves */
    case FORMAT_SVG:
    case FORMAT_TABLE:
        write_table(list, columns, &out, &session->err);
        break;
    }
    bool ok = strbuf_ok(&out, &session->err) && output_text(session, strbuf_slice(&out));
    strbuf_free(&out);
    return ok;
}

/* A row for each value that has no others in it: where it stands, and what it is. */
static bool add_fields(struct arena *arena, const struct value *value, struct strbuf *path,
                       struct value *list, struct error *err)
{
    size_t before = path->len;
    bool ok = strbuf_ok(path, err);
    if (ok && value->count == 0) {
        struct value *row = value_add_object(arena, list, err);
        struct value *copy = value_copy(arena, value, err);
        struct slice name = { 0 };
        return row && copy && arena_copy(arena, strbuf_slice(path), &name, err) &&
               value_put_text(arena, row, "field", name, err) &&
               value_put(arena, row, "value", copy, err);
    }
    for (size_t i = 0; ok && i < value->count; i++) {
        if (value->type == VALUE_ARRAY) {
            strbuf_printf(path, "[%zu]", i);
            ok = add_fields(arena, value->items[i], path, list, err);
        } else {
            strbuf_add_text(path, before ? "." : "");
            strbuf_add(path, value->members[i].name);
            ok = add_fields(arena, value->members[i].value, path, list, err);
        }
        path->len = before;
    }
    return ok;
}

static bool output_fields(struct session *session, const struct value *document)
{
    static const struct column_spec columns[] = { { "field", "field" },
                                                  { "value", "value" },
                                                  { NULL, NULL } };
    struct strbuf path = strbuf_new(OUTPUT_BYTES_MAX);
    struct value *list = value_new(session->arena, VALUE_ARRAY, &session->err);
    bool ok = list && add_fields(session->arena, document, &path, list, &session->err) &&
              output_list(session, list, list, columns);
    strbuf_free(&path);
    return ok;
}

bool output_document(struct session *session, const struct value *document)
{
    if (session->format == FORMAT_CSV || session->format == FORMAT_XLSX)
        return output_fields(session, document);
    struct strbuf out = strbuf_new(OUTPUT_BYTES_MAX);
    if (session->format == FORMAT_JSON)
        json_pretty(document, &out);
    else
        yaml_write(document, &out);
    bool ok = strbuf_ok(&out, &session->err) && output_text(session, strbuf_slice(&out));
    strbuf_free(&out);
    return ok;
}

bool output_put_decimal(struct session *session, struct value *object, const char *name,
                        struct slice digits)
{
    struct value *value = value_new_text(session->arena, digits, &session->err);
    if (value && session->format == FORMAT_XLSX)
        value->type = VALUE_NUMBER;
    return value && value_put(session->arena, object, name, value, &session->err);
}

static void error_as_json(const struct error *err, bool is_warning)
{
    struct strbuf out = strbuf_new(16 << 10);
    strbuf_printf(&out, "{\"%s\":{\"where\":", is_warning ? "warning" : "error");
    json_add_string(&out, slice_of(err->where));
    strbuf_add_text(&out, ",\"message\":");
    json_add_string(&out, slice_of(err->message));
    strbuf_add_text(&out, ",\"hint\":");
    json_add_string(&out, slice_of(err->hint));
    strbuf_add_text(&out, "}}\n");
    if (out.at)
        fputs(out.at, stderr);
    strbuf_free(&out);
}

void output_error(enum format format, const struct error *err, bool is_warning)
{
    if (format == FORMAT_JSON) {
        error_as_json(err, is_warning);
        return;
    }
    fprintf(stderr, "%s%s%s: %s\n", err->where, err->where[0] ? ": " : "",
            is_warning ? "warning" : "error", err->message);
    if (err->hint[0])
        fprintf(stderr, "hint: %s\n", err->hint);
}
