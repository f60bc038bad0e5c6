/* NDJSON: one JSON object a line, strictly (RFC 8259), in memory that does not grow with the
 * file. */
#include <string.h>

#include "evidence/json_records.h"

struct ndjson {
    struct reading *reading;
    struct json_records *records;
    struct window window;
    uint64_t line;
    struct slice record;
};

/* What shows in the first line that no line of the file can be right. */
static bool first_is_sound(struct ndjson *reader, struct error *err)
{
    struct slice line = slice_trim(reader->record);
    if (line.len > 1 && (unsigned char)line.at[0] >= 0xFE)
        error_set(err, ERROR_INVALID, NULL, "UTF-16, where UTF-8 was expected");
    else if (line.len > 0 && line.at[0] == '[') {
        error_set(err, ERROR_INVALID, NULL,
                  "this is a JSON array; NDJSON has one object a line and nothing around them");
        error_hint(err, "say reader: json in the source, or turn it into lines: jq -c '.[]'");
    } else {
        return true;
    }
    return row_sink_fail(reader->reading->sink, reader->line, (struct slice){ 0 }, err);
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r')
            return false;
    return true;
}

/* The next line without its LF; *is_end if there is none. A last line may lack the LF. */
static bool next_line(struct ndjson *reader, bool *is_end, struct error *err)
{
    struct window *window = &reader->window;
    size_t looked = 0; /* bytes after the start that have no LF */
    *is_end = false;
    for (;;) {
        size_t unused = window->end - window->start;
        const char *start = window->bytes + window->start;
        const char *lf = unused > looked ? memchr(start + looked, '\n', unused - looked) : NULL;
        if (lf || (window->is_ended && unused > 0)) {
            reader->record = (struct slice){ start, lf ? (size_t)(lf - start) : unused };
            window->start += reader->record.len + (lf ? 1 : 0);
            return true;
        }
        if (window->is_ended) {
            *is_end = true;
            return true;
        }
        looked = unused;
        if (!window_fill(window, err))
            return row_sink_fail(reader->reading->sink, reader->line, (struct slice){ 0 }, err);
    }
}

static bool read_lines(struct ndjson *reader, struct error *err)
{
    for (;;) {
        bool is_end;
        reader->line++;
        if (!next_line(reader, &is_end, err))
            return false;
        if (is_end)
            return true;
        if (is_blank(reader->record))
            continue;
        if ((reader->line == 1 && !first_is_sound(reader, err)) ||
            !json_records_add(reader->records, reader->line, reader->record, err))
            return false;
    }
}

bool ndjson_read(struct reading *reading, struct error *err)
{
    bool ok = false;
    struct ndjson reader = { .reading = reading, .records = json_records_new(reading, err) };
    window_start(&reader.window, reading->input, reading->record_bytes_max);
    if (!reader.records)
        goto done;
    if (!window_fill(&reader.window, err)) {
        row_sink_fail(reading->sink, 0, (struct slice){ 0 }, err);
        goto done;
    }
    reader_skip_bom(reading, &reader.window, true);
    ok = read_lines(&reader, err);
    if (ok)
        reader_warn_unseen(reading);
done:
    window_free(&reader.window);
    json_records_free(reader.records);
    return ok;
}
