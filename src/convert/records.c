#include "convert/records.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "base/yaml.h"
#include "evidence/csv_scan.h"
#include "evidence/xlsx.h"

struct reading {
    struct arena *arena;
    const char *path;
    const struct record_format *format;
    struct records *records;
    size_t capacity;
    struct findings *findings;
    struct error *err;
};

static bool fail_at(const struct reading *reading, uint64_t line, const char *why)
{
    char where[192];
    (void)snprintf(where, sizeof where, "%.160s:%llu", reading->path, (unsigned long long)line);
    return error_set(reading->err, ERROR_INVALID, where, "%s", why);
}

/* ---- the list of records ---- */

static struct record *record_new(struct reading *reading)
{
    struct records *records = reading->records;
    if (records->count == RECORDS_MAX) {
        error_set(reading->err, ERROR_INVALID, reading->path, "more than %d records", RECORDS_MAX);
        return NULL;
    }
    if (!arena_room(reading->arena, &records->items, records->count, &reading->capacity,
                    sizeof *records->items, reading->err))
        return NULL;
    return &records->items[records->count];
}

/* The name of a file, without folders and ending. */
static struct slice stem_of(const char *path)
{
    struct slice name = slice_of(path);
    for (size_t at = name.len; at > 0; at--)
        if (name.at[at - 1] == '/') {
            name = slice_from(name, at);
            break;
        }
    for (size_t at = name.len; at > 1; at--)
        if (name.at[at - 1] == '.')
            return slice_head(name, at - 1);
    return name;
}

static bool record_add(struct reading *reading, struct value *element, const struct value *whole,
                       uint32_t line)
{
    struct record *record = record_new(reading);
    if (!record)
        return false;
    if (element->type != VALUE_OBJECT)
        return fail_at(reading, line, "a record is expected to be fields with values");
    *record = (struct record){ element, whole, line };
    reading->records->count++;
    return value_put_text(reading->arena, element, "$file", stem_of(reading->path), reading->err) &&
           value_put_i64(reading->arena, element, "$row", (int64_t)reading->records->count,
                         reading->err);
}

/* ---- trees: JSON, YAML ---- */

static bool list_add(struct reading *reading, const struct value *list, const struct value *whole)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (!record_add(reading, list->items[i], whole, list->items[i]->line))
            return false;
    return true;
}

static bool tree_add(struct reading *reading, struct value *tree)
{
    struct slice each = reading->format->each;
    if (each.len > 0) {
        const char *path = arena_string(reading->arena, each, reading->err);
        const struct value *list = path ? value_path(tree, path) : NULL;
        if (!path)
            return false;
        if (list && list->type == VALUE_ARRAY)
            return list_add(reading, list, tree);
        (void)fail_at(reading, tree->line, "the list of records is not there");
        return error_hint(reading->err, "it is expected at %s", path);
    }
    return tree->type == VALUE_ARRAY ? list_add(reading, tree, NULL)
                                     : record_add(reading, tree, NULL, tree->line);
}

static bool read_json(struct reading *reading, struct slice text)
{
    struct value *tree =
        json_parse(reading->arena, text, reading->path, &json_limits_default, reading->err);
    return tree && tree_add(reading, tree);
}

static bool read_yaml(struct reading *reading, struct slice text)
{
    struct yaml_documents documents = { 0 };
    if (!yaml_parse(reading->arena, text, reading->path, &yaml_limits_default, &documents,
                    reading->findings, reading->err))
        return reading->err->code == ERROR_NONE
                   ? error_set(reading->err, ERROR_INVALID, reading->path, "is not read")
                   : false;
    for (size_t i = 0; i < documents.count; i++)
        if (!tree_add(reading, documents.items[i]))
            return false;
    return true;
}

static bool read_front_matter(struct reading *reading, struct slice text)
{
    struct value *matter;
    struct slice body;
    return front_matter_read(reading->arena, text, reading->path, &matter, &body, reading->findings,
                             reading->err) &&
           value_put_text(reading->arena, matter, "$body", body, reading->err) &&
           record_add(reading, matter, NULL, 1);
}

/* ---- tables: CSV ---- */

static bool give_file(void *context, struct input_blocks *blocks, struct error *err)
{
    const struct slice *text = context;
    return input_give(blocks, *text, err);
}

/* A line of a table, whatever it was written in. */
struct table_line {
    const struct slice *fields;
    size_t fields_count;
    uint64_t line;
};

/* The fields of the record at hand as an object, by their headings. */
static bool row_add(struct reading *reading, const struct table_line *scan,
                    const struct slice *headings, size_t count)
{
    char why[96];
    struct value *row = value_new(reading->arena, VALUE_OBJECT, reading->err);
    if (!row)
        return false;
    if (scan->fields_count != count) {
        (void)snprintf(why, sizeof why, "%zu fields where the header has %zu", scan->fields_count,
                       count);
        return fail_at(reading, scan->line, why);
    }
    row->line = (uint32_t)scan->line;
    for (size_t i = 0; i < count; i++) {
        struct value_member member = { .name = headings[i], .line = row->line };
        member.value = value_new_text(reading->arena, scan->fields[i], reading->err);
        if (!member.value || !value_append(reading->arena, row, &member, reading->err))
            return false;
        member.value->line = row->line;
    }
    return record_add(reading, row, NULL, row->line);
}

/* A heading that is empty is named by its place. */
static struct slice *headings_read(struct reading *reading, const struct table_line *scan)
{
    struct slice *headings =
        arena_array(reading->arena, scan->fields_count, sizeof *headings, reading->err);
    for (size_t i = 0; headings && i < scan->fields_count; i++) {
        char why[128];
        if (scan->fields[i].len == 0)
            headings[i] = slice_of(arena_printf(reading->arena, reading->err, "column %zu", i + 1));
        else if (!arena_copy(reading->arena, scan->fields[i], &headings[i], reading->err))
            return NULL;
        if (!headings[i].at)
            return NULL;
        for (size_t j = 0; j < i; j++)
            if (slice_equal(headings[i], headings[j])) {
                (void)snprintf(why, sizeof why, "two columns are called \"%.80s\"", headings[i].at);
                fail_at(reading, scan->line, why);
                return NULL;
            }
    }
    return headings;
}

static bool rows_read(struct reading *reading, struct csv_scan *scan)
{
    struct slice *headings = NULL;
    size_t count = 0;
    for (;;) {
        enum csv_result result = csv_scan_next(scan, reading->err);
        if (result == CSV_END && !headings)
            return fail_at(reading, 1, "the file is empty; a header was expected");
        if (result == CSV_END)
            return true;
        if (result != CSV_RECORD) {
            char why[512];
            (void)snprintf(why, sizeof why, "%s", reading->err->message);
            return fail_at(reading, scan->fault_line, why);
        }
        if (scan->is_blank)
            continue;
        const struct table_line line = { scan->fields, scan->fields_count, scan->line };
        if (headings) {
            if (!row_add(reading, &line, headings, count))
                return false;
        } else {
            count = scan->fields_count;
            headings = headings_read(reading, &line);
            if (!headings)
                return false;
        }
    }
}

static bool read_csv(struct reading *reading, struct slice text)
{
    struct csv_scan scan;
    const struct input_options options = { 0 };
    if (slice_starts_with(text, SLICE("\xEF\xBB\xBF")))
        text = slice_from(text, 3);
    struct input *input = input_open_maker(reading->path, give_file, &text, &options, reading->err);
    if (!input)
        return false;
    bool ok = csv_scan_start(&scan, input, reading->format->delimiter, RECORDS_FILE_BYTES_MAX,
                             reading->err);
    scan.trims = reading->format->trims;
    ok = ok && rows_read(reading, &scan);
    csv_scan_free(&scan);
    input_close(input);
    return ok;
}

/* ---- tables: workbooks ---- */

struct workbook {
    struct reading *reading;
    struct slice *headings;
    size_t count;
};

/* A cell as text: days and times in ISO 8601. */
static bool cell_text(struct reading *reading, const struct xlsx_cell *cell, struct slice *text)
{
    char time[28];
    *text = cell->text;
    switch (cell->kind) {
    case XLSX_TRUTH:
        *text = cell->number ? SLICE("true") : SLICE("false");
        return true;
    case XLSX_DAY:
        date_format((int32_t)cell->number, time);
        return arena_copy(reading->arena, slice_of(time), text, reading->err);
    case XLSX_TIME:
        time_format(cell->number, time);
        return arena_copy(reading->arena, slice_head(slice_of(time), 26), text, reading->err);
    case XLSX_EMPTY:
        *text = (struct slice){ 0 };
        return true;
    case XLSX_TEXT:
    case XLSX_NUMBER:
    case XLSX_FAULT:
        break;
    }
    return true;
}

static bool take_row(void *context, uint64_t row, const struct xlsx_cell *cells, size_t count,
                     struct error *err)
{
    struct workbook *book = context;
    struct reading *reading = book->reading;
    size_t width = book->headings ? book->count : count;
    struct slice *texts = arena_array(reading->arena, width, sizeof *texts, err);
    const struct table_line line = { texts, width, row };
    if (!texts)
        return false;
    if (count > width)
        return fail_at(reading, row, "a cell beyond the last heading");
    for (size_t i = 0; i < count; i++) {
        if (cells[i].kind == XLSX_FAULT) {
            char why[128];
            (void)snprintf(why, sizeof why, "column %zu: %.*s", i + 1, SLICE_ARG(cells[i].text));
            return fail_at(reading, row, why);
        }
        if (!cell_text(reading, &cells[i], &texts[i]))
            return false;
    }
    if (book->headings)
        return row_add(reading, &line, book->headings, book->count);
    book->count = count;
    book->headings = headings_read(reading, &line);
    return book->headings != NULL;
}

static bool read_xlsx(struct reading *reading, struct slice text)
{
    struct workbook book = { .reading = reading };
    bool ok =
        xlsx_read(reading->arena, text, reading->format->sheet, take_row, &book, reading->err);
    if (ok && !book.headings)
        ok = fail_at(reading, 1, "the sheet is empty; a header was expected");
    if (!ok && reading->err->where[0] == '\0')
        (void)snprintf(reading->err->where, sizeof reading->err->where, "%.180s", reading->path);
    return ok;
}

/* To add a form of file: its function above, a line here, its name in catalog/preset.yaml. */
static const struct {
    const char *name;
    bool (*read)(struct reading *reading, struct slice text);
} readers[] = {
    { "csv", read_csv },
    { "xlsx", read_xlsx },
    { "json", read_json },
    { "yaml", read_yaml },
    { "front-matter", read_front_matter },
};

bool records_read(struct arena *arena, const char *path, const struct record_format *format,
                  struct records *records, struct findings *findings, struct error *err)
{
    struct slice text;
    struct reading reading = { arena, path, format, records, 0, findings, err };
    struct sha256 hash;
    *records = (struct records){ 0 };
    if (!file_read(arena, path, RECORDS_FILE_BYTES_MAX, &text, err))
        return false;
    sha256_start(&hash);
    sha256_add(&hash, text);
    sha256_finish(&hash, &records->digest);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        if (slice_is(format->reader, readers[i].name))
            return readers[i].read(&reading, text);
    return error_set(err, ERROR_INVALID, NULL, "there is no reader \"%.*s\"",
                     SLICE_ARG(format->reader));
}
