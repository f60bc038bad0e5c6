/* NDJSON: one JSON object a line, strictly (RFC 8259), in memory that does not grow with the file.
 *
 * A line is walked once, token by token, along the tree of the source's paths; what a path names is
 * noted as it stands, all else is skipped. Only when the line has proved whole is anything judged,
 * so a line counts entirely or not at all. */
#include "evidence/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"

/* Names with escapes are decoded here; a name that is longer cannot be one of ours. */
enum { NAME_BYTES_MAX = 4096 };

struct ndjson {
    struct reading *reading;
    struct raw_value *values; /* of the sink */
    struct json_scan scan;
    uint64_t line;
    struct slice record;
    uint64_t visits;       /* objects entered so far */
    struct slice at_field; /* what is being read, for messages */
    struct slice each;     /* the list of this record; at NULL: none */
    char index[24];        /* of the element, in digits */
    char name[NAME_BYTES_MAX];
};

static bool take_value(struct ndjson *reader, struct field *field, enum json_token token,
                       struct error *err);

/* The member's name, decoded. */
static bool member_name(struct ndjson *reader, struct slice *name, struct error *err)
{
    *name = reader->scan.text;
    if (!reader->scan.has_escapes)
        return true;
    if (name->len > NAME_BYTES_MAX)
        return error_set(err, ERROR_INVALID, NULL, "a field's name longer than %d bytes",
                         NAME_BYTES_MAX);
    *name = (struct slice){ reader->name, json_unescape(*name, reader->name) };
    return true;
}

static bool take_unknown(struct ndjson *reader, const struct field *object, struct slice name,
                         uint64_t visit, struct error *err)
{
    reader->at_field = name;
    if (!reader_unknown(reader->reading, object, name, visit, err))
        return false;
    enum json_token token = json_scan_next(&reader->scan, err);
    if (token == JSON_ERROR || !json_scan_skip(&reader->scan, token, err))
        return false;
    reader->at_field = object->path;
    return true;
}

/* The members of an object that was just begun, to its end. */
static bool take_members(struct ndjson *reader, struct field *object, struct error *err)
{
    uint64_t visit = ++reader->visits;
    size_t hint = 0;
    for (;;) {
        struct slice name;
        enum json_token token = json_scan_next(&reader->scan, err);
        if (token == JSON_OBJECT_END)
            return true;
        if (token == JSON_ERROR || !member_name(reader, &name, err))
            return false;
        struct field *field = field_member(object, name, &hint);
        if (!field) {
            if (!take_unknown(reader, object, name, visit, err))
                return false;
            continue;
        }
        reader->at_field = field->path;
        if (field->visit == visit)
            return error_set(err, ERROR_INVALID, NULL,
                             "the name stands twice in one object: which value is evidence?");
        field->visit = visit;
        field->records++;
        token = json_scan_next(&reader->scan, err);
        if (token == JSON_ERROR || !take_value(reader, field, token, err))
            return false;
        reader->at_field = object->path;
    }
}

static enum raw_kind raw_kind_of(enum json_token token)
{
    switch (token) {
    case JSON_STRING:
        return RAW_JSON_STRING;
    case JSON_NUMBER:
        return RAW_JSON_NUMBER;
    case JSON_TRUE:
        return RAW_TRUE;
    case JSON_FALSE:
        return RAW_FALSE;
    case JSON_OBJECT_BEGIN:
        return RAW_OBJECT;
    case JSON_ARRAY_BEGIN:
        return RAW_ARRAY;
    default:
        return RAW_NULL;
    }
}

static void note_value(struct ndjson *reader, const struct field *field, enum json_token token,
                       struct slice text, bool has_escapes)
{
    for (size_t i = 0; i < field->columns_count; i++) {
        struct raw_value *value = &reader->values[field->columns[i]];
        value->kind = raw_kind_of(token);
        value->text = text;
        value->has_escapes = has_escapes;
    }
}

/* The value of a field whose first token was just read. */
static bool take_value(struct ndjson *reader, struct field *field, enum json_token token,
                       struct error *err)
{
    struct slice text = reader->scan.text;
    bool has_escapes = reader->scan.has_escapes;
    size_t start = reader->scan.at;
    if (token == JSON_OBJECT_BEGIN && field->members_count > 0 &&
        field != reader->reading->mapping->each) {
        if (!take_members(reader, field, err))
            return false;
    } else {
        if (!json_scan_skip(&reader->scan, token, err))
            return false;
        bool is_list = field == reader->reading->mapping->each;
        if (field->members_count > 0 && token != JSON_NULL && !is_list)
            return error_set(err, ERROR_INVALID, NULL, "an object was expected");
        if (is_list && token != JSON_ARRAY_BEGIN && token != JSON_NULL)
            return error_set(err, ERROR_INVALID, NULL,
                             "a list was expected, for each of it is a row");
    }
    if (token == JSON_OBJECT_BEGIN || token == JSON_ARRAY_BEGIN)
        text = (struct slice){ reader->scan.input.at + start, reader->scan.next - start };
    if (field == reader->reading->mapping->each)
        reader->each = token == JSON_ARRAY_BEGIN ? text : (struct slice){ 0 };
    else
        note_value(reader, field, token, text, has_escapes);
    return true;
}

static bool refuse_first(struct ndjson *reader, enum json_token token, struct error *err)
{
    if (token != JSON_ARRAY_BEGIN || reader->line != 1)
        return error_set(err, ERROR_INVALID, NULL, "a line is one JSON object");
    error_set(err, ERROR_INVALID, NULL,
              "this is a JSON array; NDJSON has one object a line and nothing around them");
    return error_hint(err, "turn it into lines, for example with: jq -c '.[]'");
}

/* *is_whole_file: the fault is the file's, so no line of it is right. */
static bool take_record(struct ndjson *reader, bool *is_whole_file, struct error *err)
{
    *is_whole_file = false;
    json_scan_start(&reader->scan, reader->record, JSON_DEPTH_MAX);
    enum json_token token = json_scan_next(&reader->scan, err);
    if (token != JSON_OBJECT_BEGIN) {
        bool is_utf16 = reader->record.len > 1 && ((unsigned char)reader->record.at[0] >= 0xFE);
        *is_whole_file = reader->line == 1 && (token == JSON_ARRAY_BEGIN || is_utf16);
        return token != JSON_ERROR && refuse_first(reader, token, err);
    }
    reader->reading->mapping->top.records++;
    if (!take_members(reader, &reader->reading->mapping->top, err))
        return false;
    return json_scan_next(&reader->scan, err) == JSON_END;
}

/* The element's number, for the columns that take it. */
static void note_index(struct ndjson *reader, uint64_t index)
{
    const struct field *field = reader->reading->mapping->index;
    if (!field)
        return;
    int len = snprintf(reader->index, sizeof reader->index, "%llu", (unsigned long long)index);
    note_value(reader, field, JSON_NUMBER, (struct slice){ reader->index, (size_t)len }, false);
}

/* A row for each element of the record's list. The values from the record stay, those from the
 * element before go. */
static bool add_elements(struct ndjson *reader, struct raw_value *kept, struct error *err)
{
    const struct mapping *mapping = reader->reading->mapping;
    size_t columns = reader->reading->type->columns_count;
    struct slice each = reader->each;
    memcpy(kept, reader->values, columns * sizeof *kept);
    json_scan_start(&reader->scan, each, JSON_DEPTH_MAX);
    if (json_scan_next(&reader->scan, err) != JSON_ARRAY_BEGIN)
        return false; /* was one when the record was read */
    for (uint64_t index = 0;; index++) {
        enum json_token token = json_scan_next(&reader->scan, err);
        if (token == JSON_ARRAY_END)
            return true;
        memcpy(reader->values, kept, columns * sizeof *kept);
        note_index(reader, index);
        reader->at_field = mapping->each->path;
        bool ok = token != JSON_ERROR;
        if (ok && token == JSON_OBJECT_BEGIN && mapping->each->members_count > 0)
            ok = take_members(reader, mapping->each, err);
        else if (ok && mapping->each->columns_count > 0)
            note_value(reader, mapping->each, token, reader->scan.text, reader->scan.has_escapes);
        else if (ok)
            ok = error_set(err, ERROR_INVALID, NULL, "each element must be an object");
        if (ok ? !row_sink_add(reader->reading->sink, reader->line, reader->record, err)
               : !row_sink_refuse(reader->reading->sink, reader->line, reader->at_field,
                                  reader->record, err))
            return false;
        if (!ok)
            return true; /* the record is set aside; where the list goes on is not known */
    }
}

static void values_clear(struct ndjson *reader)
{
    memset(reader->values, 0, reader->reading->type->columns_count * sizeof *reader->values);
}

static bool add_record(struct ndjson *reader, struct raw_value *kept, struct error *err)
{
    struct row_sink *sink = reader->reading->sink;
    bool is_whole_file;
    reader->each = reader->at_field = (struct slice){ 0 };
    if (!take_record(reader, &is_whole_file, err)) {
        values_clear(reader);
        if (is_whole_file)
            return row_sink_fail(sink, reader->line, reader->at_field, err);
        return row_sink_refuse(sink, reader->line, reader->at_field, reader->record, err);
    }
    if (!reader->reading->mapping->each)
        return row_sink_add(sink, reader->line, reader->record, err);
    bool ok = !reader->each.at || add_elements(reader, kept, err);
    values_clear(reader);
    return ok;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r')
            return false;
    return true;
}

/* The next line without its LF; *is_end if there is none. A last line may lack the LF. */
static bool next_line(struct ndjson *reader, struct window *window, bool *is_end, struct error *err)
{
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

static bool read_lines(struct ndjson *reader, struct window *window, struct raw_value *kept,
                       struct error *err)
{
    for (;;) {
        bool is_end;
        reader->line++;
        if (!next_line(reader, window, &is_end, err))
            return false;
        if (is_end)
            return true;
        if (!is_blank(reader->record) && !add_record(reader, kept, err))
            return false;
    }
}

bool ndjson_read(struct reading *reading, struct error *err)
{
    bool ok = false;
    struct window window;
    struct ndjson *reader = calloc(1, sizeof *reader);
    struct raw_value *kept = calloc(reading->type->columns_count, sizeof *kept);
    window_start(&window, reading->input, reading->record_bytes_max);
    if (!reader || !kept) {
        error_no_memory(err, sizeof *reader);
        goto done;
    }
    reader->reading = reading;
    reader->values = row_sink_values(reading->sink);
    if (!window_fill(&window, err)) {
        row_sink_fail(reading->sink, 0, (struct slice){ 0 }, err);
        goto done;
    }
    reader_skip_bom(reading, &window, true);
    ok = read_lines(reader, &window, kept, err);
    if (ok)
        reader_warn_unseen(reading);
done:
    window_free(&window);
    free(reader);
    free(kept);
    return ok;
}
