#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/yaml.h"
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

struct sheet {
    const struct value *list;
    const struct column_spec *columns;
};

static bool sheet_cell(const void *context, size_t row, size_t column, struct strbuf *text,
                       struct error *err)
{
    const struct sheet *sheet = context;
    add_cell(text, value_path(value_item(sheet->list, row), sheet->columns[column].path), err);
    return strbuf_ok(text, err);
}

static bool write_workbook(struct session *session, const struct value *list,
                           const struct column_spec *columns)
{
    const char *heads[COLUMNS_SHOWN_MAX], *path = argument_value(session->arguments, "--out");
    const char *temporary = getenv("TMPDIR");
    const struct sheet sheet = { .list = list, .columns = columns };
    struct workbook_table table = {
        .heads = heads, .rows = value_count(list), .cell = sheet_cell, .context = &sheet
    };
    for (; columns[table.columns].path; table.columns++) {
        if (table.columns == COLUMNS_SHOWN_MAX)
            return error_set(&session->err, ERROR_INVALID, NULL, "more than %d columns",
                             COLUMNS_SHOWN_MAX);
        heads[table.columns] = columns[table.columns].path; /* as in csv */
    }
    if (!session_may_write(session, path) ||
        (session->size > 0 && !session_stamp(session, session->size, &table.created_us)))
        return false;
    return workbook_write(path, temporary && *temporary ? temporary : "/tmp", &table,
                          &session->err);
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

static void write_field(const struct value *value, struct strbuf *path, struct strbuf *out,
                        struct error *err)
{
    size_t before = path->len;
    if (value->count == 0) {
        struct strbuf cell = strbuf_new(OUTPUT_BYTES_MAX);
        add_cell(&cell, value, err);
        output_add_csv(out, strbuf_slice(path));
        strbuf_add_char(out, ',');
        output_add_csv(out, strbuf_slice(&cell));
        strbuf_add_text(out, "\r\n");
        out->failed = out->failed || cell.failed;
        strbuf_free(&cell);
    }
    for (size_t i = 0; i < value->count && !path->failed; i++) {
        if (value->type == VALUE_ARRAY) {
            strbuf_printf(path, "[%zu]", i);
            write_field(value->items[i], path, out, err);
        } else {
            strbuf_add_text(path, before ? "." : "");
            strbuf_add(path, value->members[i].name);
            write_field(value->members[i].value, path, out, err);
        }
        path->len = before;
    }
    out->failed = out->failed || path->failed;
}

bool output_document(struct session *session, const struct value *document)
{
    if (session->format == FORMAT_XLSX)
        return error_set(&session->err, ERROR_USAGE, "-o",
                         "a workbook holds a list, and this is one document");
    struct strbuf out = strbuf_new(OUTPUT_BYTES_MAX), path = strbuf_new(OUTPUT_BYTES_MAX);
    if (session->format == FORMAT_JSON)
        json_pretty(document, &out);
    else if (session->format == FORMAT_CSV) {
        strbuf_add_text(&out, "field,value\r\n");
        write_field(document, &path, &out, &session->err);
    } else
        yaml_write(document, &out);
    bool ok = strbuf_ok(&out, &session->err) && output_text(session, strbuf_slice(&out));
    strbuf_free(&out);
    strbuf_free(&path);
    return ok;
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
