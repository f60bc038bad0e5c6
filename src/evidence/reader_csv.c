/* CSV files whose first record names the columns. What real files get wrong is named for what it
 * is: another separator, a header twice, a column with another name, rows that are too short or too
 * long.
 */
#include "evidence/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "evidence/csv_scan.h"

struct csv {
    struct reading *reading;
    struct csv_scan scan;
    struct field **columns; /* for each header: the field, or NULL if unknown */
    size_t count;
    char **names; /* copies of the headers */
};

static bool fail_header(struct csv *reader, struct slice name, struct error *err)
{
    return row_sink_fail(reader->reading->sink, reader->scan.line, name, err);
}

/* One header that holds the commoner separators: the file has another than was said. */
static bool check_separator(struct csv *reader, struct error *err)
{
    static const char separators[] = ";\t|,:";
    struct slice only = reader->scan.fields[0];
    size_t at;
    if (reader->scan.fields_count > 1 || reader->reading->mapping->top.members_count < 2)
        return true;
    for (const char *separator = separators; *separator; separator++) {
        if (*separator == reader->scan.delimiter || !slice_find(only, *separator, &at))
            continue;
        const char *shown = *separator == '\t' ? "\\t" : (const char[]){ *separator, '\0' };
        error_set(err, ERROR_INVALID, NULL,
                  "the fields seem to be separated by \"%s\", not by \"%c\"", shown,
                  reader->scan.delimiter);
        error_hint(err, "say so in the source: delimiter: \"%s\"", shown);
        return fail_header(reader, (struct slice){ 0 }, err);
    }
    return true;
}

static bool check_duplicates(struct csv *reader, struct error *err)
{
    for (size_t i = 0; i < reader->count; i++) {
        struct slice name = slice_of(reader->names[i]);
        for (size_t j = 0; j < i; j++) {
            if (!slice_equal(name, slice_of(reader->names[j])))
                continue;
            error_set(err, ERROR_INVALID, NULL, "two columns have this name: which is evidence?");
            return fail_header(reader, name, err);
        }
    }
    return true;
}

/* What the header does have, and how a source says which is which. */
static void hint_fields(const struct csv *reader, struct slice wanted, struct error *err)
{
    enum { HINT_BYTES = 200 };
    struct strbuf names = strbuf_new(64 << 10);
    size_t shown = 0;
    for (; shown < reader->count && names.len < HINT_BYTES; shown++)
        strbuf_printf(&names, "%s\"%s\"", shown ? ", " : "", reader->names[shown]);
    if (!names.failed)
        (void)error_hint(err, "in the source, fields: {%.*s: NAME, ...}; the header has %s%s",
                         SLICE_ARG(wanted), names.at, shown < reader->count ? ", ..." : "");
    strbuf_free(&names);
}

/* A column that the source names and the header lacks: a fault if it is required. */
static bool check_missing(struct csv *reader, struct error *err)
{
    const struct mapping *mapping = reader->reading->mapping;
    for (size_t i = 0; i < mapping->top.members_count; i++) {
        const struct field *field = mapping->top.members[i];
        bool is_required = false;
        for (size_t j = 0; j < field->columns_count; j++)
            is_required = is_required || mapping->type->columns[field->columns[j]].is_required;
        if (field->records > 0 || !is_required)
            continue;
        const char *near =
            slice_nearest(field->path, (const char *const *)reader->names, reader->count);
        if (near)
            error_set(err, ERROR_INVALID, NULL,
                      "the header has no such column, which is required; it has \"%s\"", near);
        else
            error_set(err, ERROR_INVALID, NULL, "the header has no such column, which is required");
        hint_fields(reader, field->path, err);
        return fail_header(reader, field->path, err);
    }
    return true;
}

static bool header_copy(struct csv *reader, struct error *err)
{
    size_t count = reader->scan.fields_count;
    reader->columns = calloc(count, sizeof *reader->columns);
    reader->names = calloc(count, sizeof *reader->names);
    if (!reader->columns || !reader->names)
        return error_no_memory(err, count * sizeof *reader->names);
    for (size_t i = 0; i < count; i++) {
        struct slice name = reader->scan.fields[i];
        reader->names[i] = malloc(name.len + 1);
        if (!reader->names[i])
            return error_no_memory(err, name.len + 1);
        reader->count++;
        if (name.len)
            memcpy(reader->names[i], name.at, name.len);
        reader->names[i][name.len] = '\0';
    }
    return true;
}

static bool header_map(struct csv *reader, struct error *err)
{
    struct reading *reading = reader->reading;
    size_t hint = 0;
    reading->mapping->top.records++; /* the header, which says what every record has */
    for (size_t i = 0; i < reader->count; i++) {
        struct slice name = slice_of(reader->names[i]);
        reader->columns[i] = field_member(&reading->mapping->top, name, &hint);
        if (reader->columns[i])
            reader->columns[i]->records++;
        else if (!reader_unknown(reading, &reading->mapping->top, name, i + 1, err))
            return fail_header(reader, name, err);
    }
    return true;
}

static bool read_header(struct csv *reader, struct error *err)
{
    struct window *window = &reader->scan.window;
    enum csv_result result;
    if (!window_fill(window, err)) {
        reader->scan.line = 0;
        return fail_header(reader, (struct slice){ 0 }, err);
    }
    reader_skip_bom(reader->reading, window, false);
    reader->scan.line = 1;
    if (window->end - window->start > 1 && (unsigned char)window->bytes[window->start] >= 0xFE) {
        error_set(err, ERROR_INVALID, NULL, "UTF-16, where UTF-8 was expected");
        return fail_header(reader, (struct slice){ 0 }, err);
    }
    result = csv_scan_next(&reader->scan, err);
    if (result == CSV_END) {
        error_set(err, ERROR_INVALID, NULL, "the file is empty; a header was expected");
        reader->scan.line = 1;
    }
    if (result != CSV_RECORD) {
        if (result != CSV_END)
            reader->scan.line = reader->scan.fault_line;
        return fail_header(reader, (struct slice){ 0 }, err);
    }
    return check_separator(reader, err) && header_copy(reader, err) &&
           check_duplicates(reader, err) && header_map(reader, err) && check_missing(reader, err);
}

static bool refuse_count(struct csv *reader, struct error *err)
{
    error_set(err, ERROR_INVALID, NULL, "%zu fields where the header has %zu",
              reader->scan.fields_count, reader->count);
    if (reader->scan.fields_count > reader->count)
        error_hint(err, "a field that holds the separator must be quoted");
    return row_sink_refuse(reader->reading->sink, reader->scan.line, (struct slice){ 0 },
                           reader->scan.record, err);
}

static bool add_record(struct csv *reader, struct error *err)
{
    struct raw_value *values = row_sink_values(reader->reading->sink);
    if (reader->scan.is_blank && reader->count > 1)
        return true;
    if (reader->scan.fields_count != reader->count)
        return refuse_count(reader, err);
    for (size_t i = 0; i < reader->count; i++) {
        const struct field *field = reader->columns[i];
        struct slice text = reader->scan.fields[i];
        for (size_t j = 0; field && j < field->columns_count; j++)
            values[field->columns[j]] = (struct raw_value){
                .kind = text.len > 0 ? RAW_TEXT : RAW_NULL, /* an empty field is NULL */
                .text = text,
            };
    }
    return row_sink_add(reader->reading->sink, reader->scan.line, reader->scan.record, err);
}

static bool read_records(struct csv *reader, struct error *err)
{
    for (;;) {
        struct row_sink *sink = reader->reading->sink;
        switch (csv_scan_next(&reader->scan, err)) {
        case CSV_RECORD:
            if (!add_record(reader, err))
                return false;
            break;
        case CSV_FAULT:
            if (!row_sink_refuse(sink, reader->scan.fault_line, (struct slice){ 0 },
                                 reader->scan.record, err))
                return false;
            break;
        case CSV_END:
            return true;
        case CSV_FAILED:
            return row_sink_fail(sink, reader->scan.fault_line, (struct slice){ 0 }, err);
        }
    }
}

bool csv_read(struct reading *reading, struct error *err)
{
    struct csv reader = { .reading = reading };
    bool ok = csv_scan_start(&reader.scan, reading->input, reading->source->delimiter,
                             reading->record_bytes_max, err);
    reader.scan.trims = reading->source->trims;
    ok = ok && read_header(&reader, err) && read_records(&reader, err);
    if (ok)
        reader_warn_unseen(reading);
    for (size_t i = 0; i < reader.count; i++)
        free(reader.names[i]);
    free(reader.names);
    free(reader.columns);
    csv_scan_free(&reader.scan);
    return ok;
}
