/* CSV files whose first record names the columns. What real files get wrong is named for what it
 * is: another separator, a header twice, a column with another name, rows that are too short or too
 * long.
 */
#include <string.h>

#include "evidence/csv_scan.h"
#include "evidence/table_header.h"

struct csv {
    struct reading *reading;
    struct csv_scan scan;
    struct table_header header;
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
    return check_separator(reader, err) &&
           table_header_take(&reader->header, reader->scan.fields, reader->scan.fields_count,
                             reader->scan.line, err);
}

static bool refuse_count(struct csv *reader, struct error *err)
{
    error_set(err, ERROR_INVALID, NULL, "%zu fields where the header has %zu",
              reader->scan.fields_count, reader->header.count);
    if (reader->scan.fields_count > reader->header.count)
        error_hint(err, "a field that holds the separator must be quoted");
    return row_sink_refuse(reader->reading->sink, reader->scan.line, (struct slice){ 0 },
                           reader->scan.record, err);
}

static bool add_record(struct csv *reader, struct error *err)
{
    struct raw_value *values = row_sink_values(reader->reading->sink);
    if (reader->scan.is_blank && reader->header.count > 1)
        return true;
    if (reader->scan.fields_count != reader->header.count)
        return refuse_count(reader, err);
    for (size_t i = 0; i < reader->header.count; i++) {
        const struct field *field = reader->header.columns[i];
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
    struct csv reader = { .reading = reading, .header = { .reading = reading } };
    bool ok = csv_scan_start(&reader.scan, reading->input, reading->source->delimiter,
                             reading->record_bytes_max, err);
    reader.scan.trims = reading->source->trims;
    ok = ok && read_header(&reader, err) && read_records(&reader, err);
    if (ok)
        reader_warn_unseen(reading);
    table_header_free(&reader.header);
    csv_scan_free(&reader.scan);
    return ok;
}
