/* JSON records along a source's paths: noted token by token as they stand, judged only when the
 * record has proved whole, so that it counts entirely or not at all. */
#include "evidence/json_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"

/* Names with escapes are decoded here; a name that is longer cannot be one of ours. */
enum { NAME_BYTES_MAX = 4096, INDEX_BYTES = 24 };

struct json_records {
    struct reading *reading;
    struct raw_value *values; /* of the sink */
    struct json_scan scan;
    struct slice record;
    uint64_t visits;       /* objects entered so far */
    struct slice at_field; /* what is being read, for messages */
    /* The list on the path of `each` that the object at hand has; at NULL: none. */
    struct slice list;
    struct field *list_field;
    struct raw_value *kept;       /* for each list within lists: the values around its elements */
    char (*indexes)[INDEX_BYTES]; /* of the elements, in digits */
    uint64_t rows;                /* of the record at hand */
    /* Where `line` is: the number of the line of a byte of the record. */
    const char *line_at;
    uint64_t line;
    uint64_t without_rows, without_rows_line; /* what held an empty list, and the first of it */
    char name[NAME_BYTES_MAX];
};

static bool take_value(struct json_records *reader, struct field *field, enum json_token token,
                       struct error *err);

/* The member's name, decoded. */
static bool member_name(struct json_records *reader, struct slice *name, struct error *err)
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

static bool take_unknown(struct json_records *reader, const struct field *object, struct slice name,
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
static bool take_members(struct json_records *reader, struct field *object, struct error *err)
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

static void note_value(struct json_records *reader, const struct field *field,
                       enum json_token token, struct slice text, bool has_escapes)
{
    for (size_t i = 0; i < field->columns_count; i++) {
        struct raw_value *value = &reader->values[field->columns[i]];
        value->kind = raw_kind_of(token);
        value->text = text;
        value->has_escapes = has_escapes;
    }
}

/* The value of a field whose first token was just read. */
static bool take_value(struct json_records *reader, struct field *field, enum json_token token,
                       struct error *err)
{
    struct slice text = reader->scan.text;
    bool has_escapes = reader->scan.has_escapes, is_each = field == reader->reading->mapping->each;
    size_t start = reader->scan.at;
    if (token == JSON_OBJECT_BEGIN && field->members_count > 0 && !is_each)
        return take_members(reader, field, err);
    if (!json_scan_skip(&reader->scan, token, err))
        return false;
    if (is_each && token != JSON_ARRAY_BEGIN && token != JSON_NULL)
        return error_set(err, ERROR_INVALID, NULL, "a list was expected, for each of it is a row");
    if (token == JSON_OBJECT_BEGIN || token == JSON_ARRAY_BEGIN)
        text = (struct slice){ reader->scan.input.at + start, reader->scan.next - start };
    if (field->is_listed && token == JSON_ARRAY_BEGIN) {
        reader->list = text;
        reader->list_field = field;
    } else if (field->members_count > 0 && token != JSON_NULL) {
        return error_set(err, ERROR_INVALID, NULL, "an object was expected");
    } else if (!is_each) {
        note_value(reader, field, token, text, has_escapes);
    }
    return true;
}

static bool take_record(struct json_records *reader, struct error *err)
{
    json_scan_start(&reader->scan, reader->record, JSON_DEPTH_MAX);
    enum json_token token = json_scan_next(&reader->scan, err);
    if (token != JSON_OBJECT_BEGIN)
        return token != JSON_ERROR &&
               error_set(err, ERROR_INVALID, NULL, "a record is one JSON object");
    reader->reading->mapping->top.records++;
    return take_members(reader, &reader->reading->mapping->top, err) &&
           json_scan_next(&reader->scan, err) == JSON_END;
}

/* The line on which the scanner is. Records are gone through forwards, so that lines are counted
 * once. */
static uint64_t line_now(struct json_records *reader)
{
    const char *at = reader->scan.input.at + reader->scan.at;
    while (reader->line_at < at) {
        const char *next = memchr(reader->line_at, '\n', (size_t)(at - reader->line_at));
        if (!next) {
            reader->line_at = at;
            break;
        }
        reader->line++;
        reader->line_at = next + 1;
    }
    return reader->line;
}

/* The element's number, for the columns that take it. */
static void note_index(struct json_records *reader, const struct field *list, size_t depth,
                       uint64_t index)
{
    if (!list->index)
        return;
    char *digits = reader->indexes[depth];
    int len = snprintf(digits, INDEX_BYTES, "%llu", (unsigned long long)index);
    note_value(reader, list->index, JSON_NUMBER, (struct slice){ digits, (size_t)len }, false);
}

/* What a step of a list made of an element. */
enum step { STEP_ON, STEP_REFUSED, STEP_FAILED };

static enum step refuse(struct json_records *reader, uint64_t line, struct error *err)
{
    return row_sink_refuse(reader->reading->sink, line, reader->at_field, reader->record, err)
               ? STEP_REFUSED
               : STEP_FAILED;
}

/* The element whose first token was just read. */
static bool take_element(struct json_records *reader, struct field *list, enum json_token token,
                         struct error *err)
{
    reader->at_field = list->path;
    reader->list = (struct slice){ 0 };
    if (token == JSON_ERROR)
        return false;
    if (token == JSON_OBJECT_BEGIN && list->members_count > 0)
        return take_members(reader, list, err);
    if (list != reader->reading->mapping->each || list->columns_count == 0)
        return error_set(err, ERROR_INVALID, NULL, "each element must be an object");
    struct slice text = reader->scan.text;
    bool has_escapes = reader->scan.has_escapes;
    if (!json_scan_skip(&reader->scan, token, err))
        return false;
    note_value(reader, list, token, text, has_escapes);
    return true;
}

/* Nothing that a file holds is left out in silence. */
static void note_empty(struct json_records *reader, uint64_t line)
{
    if (reader->without_rows++ == 0)
        reader->without_rows_line = line;
}

/* A row for each element of a list, or of the lists within its elements. The values from around it
 * stay, those from the element before go. After a fault where the list goes on is not known: the
 * rest of the record is set aside with it. */
static enum step add_elements(struct json_records *reader, size_t depth, struct error *err)
{
    size_t columns = reader->reading->type->columns_count;
    struct raw_value *kept = reader->kept + depth * columns;
    struct field *list = reader->list_field;
    memcpy(kept, reader->values, columns * sizeof *kept);
    json_scan_start(&reader->scan, reader->list, JSON_DEPTH_MAX);
    if (json_scan_next(&reader->scan, err) != JSON_ARRAY_BEGIN)
        return STEP_FAILED; /* was one when the record was read */
    for (uint64_t index = 0;; index++) {
        enum step step = STEP_ON;
        enum json_token token = json_scan_next(&reader->scan, err);
        if (token == JSON_ARRAY_END)
            return STEP_ON;
        uint64_t line = line_now(reader); /* where the element begins: only ever forwards */
        memcpy(reader->values, kept, columns * sizeof *kept);
        note_index(reader, list, depth, index);
        if (!take_element(reader, list, token, err))
            return refuse(reader, line, err);
        if (list == reader->reading->mapping->each) {
            reader->rows++;
            if (!row_sink_add(reader->reading->sink, line, reader->record, err))
                return STEP_FAILED;
        } else {
            struct json_scan outer = reader->scan;
            uint64_t rows = reader->rows;
            if (reader->list.at)
                step = add_elements(reader, depth + 1, err);
            reader->scan = outer;
            if (reader->rows == rows && depth + 2 == reader->reading->mapping->each_depth)
                note_empty(reader, line);
        }
        if (step != STEP_ON)
            return step;
    }
}

static void values_clear(struct json_records *reader)
{
    memset(reader->values, 0, reader->reading->type->columns_count * sizeof *reader->values);
}

bool json_records_add(struct json_records *reader, uint64_t line, struct slice record,
                      struct error *err)
{
    struct row_sink *sink = reader->reading->sink;
    enum step step = STEP_ON;
    reader->record = record;
    reader->line_at = record.at;
    reader->line = line;
    reader->list = reader->at_field = (struct slice){ 0 };
    reader->rows = 0;
    if (!take_record(reader, err)) {
        values_clear(reader);
        return refuse(reader, line_now(reader), err) != STEP_FAILED;
    }
    if (!reader->reading->mapping->each)
        return row_sink_add(sink, line, record, err);
    if (reader->list.at)
        step = add_elements(reader, 0, err);
    if (step == STEP_ON && reader->rows == 0 && reader->without_rows == 0)
        note_empty(reader, line);
    values_clear(reader);
    return step != STEP_FAILED;
}

void json_records_tell(const struct json_records *reader)
{
    struct error warning;
    if (reader->without_rows == 0)
        return;
    error_set(&warning, ERROR_INVALID, NULL,
              "%llu of the records have no element in \"%.*s\", so no row was made of them",
              (unsigned long long)reader->without_rows,
              SLICE_ARG(reader->reading->mapping->each->path));
    row_sink_warn(reader->reading->sink, reader->without_rows_line, &warning);
}

struct json_records *json_records_new(struct reading *reading, struct error *err)
{
    struct json_records *reader = calloc(1, sizeof *reader);
    size_t depth = reading->mapping->each_depth ? reading->mapping->each_depth : 1;
    if (!reader) {
        error_no_memory(err, sizeof *reader);
        return NULL;
    }
    reader->reading = reading;
    reader->values = row_sink_values(reading->sink);
    reader->kept = calloc(depth * reading->type->columns_count, sizeof *reader->kept);
    reader->indexes = calloc(depth, sizeof *reader->indexes);
    if (reader->kept && reader->indexes)
        return reader;
    error_no_memory(err, depth * reading->type->columns_count * sizeof *reader->kept);
    json_records_free(reader);
    return NULL;
}

void json_records_free(struct json_records *reader)
{
    if (!reader)
        return;
    free(reader->kept);
    free(reader->indexes);
    free(reader);
}
