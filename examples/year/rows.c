/* Rows as they are gathered, and as the tools of the starter's sources would write them. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "series.h"

struct row {
    const struct value *values;
    struct slice key;
    bool is_omitted;
};
struct table {
    struct slice type;
    const struct value *definition, *source;
    struct row *rows;
    size_t count, capacity;
};
enum { TABLES_MAX = 256, FILE_BYTES_MAX = 1 << 24 };
struct rows {
    const char *folder;
    struct table tables[TABLES_MAX];
    size_t tables_count;
    struct value *documents; /* in the order given */
};

struct rows *rows_new(const char *populations_folder)
{
    struct error err;
    struct rows *rows = arena_alloc(memory, sizeof *rows, &err);
    struct value *documents = value_new(memory, VALUE_ARRAY, &err);
    if (rows && documents) {
        *rows = (struct rows){ .folder = populations_folder, .documents = documents };
        return rows;
    }
    stop_with(&err);
}

static struct table *table_of(struct rows *rows, struct slice type)
{
    for (size_t i = 0; i < rows->tables_count; i++)
        if (slice_equal(rows->tables[i].type, type))
            return &rows->tables[i];
    if (rows->tables_count == TABLES_MAX)
        stop(NULL, "more than %d population types", TABLES_MAX);
    struct table *table = &rows->tables[rows->tables_count++];
    table->type = type;
    return table;
}

void rows_source(struct rows *rows, const struct value *source)
{
    struct table *table = table_of(rows, value_text_of(source, "population"));
    if (!table->source)
        table->source = source;
}

void rows_type(struct rows *rows, const struct value *population_type)
{
    table_of(rows, value_text_of(population_type, "id"))->definition = population_type;
}

/* The catalogue's definition, for the key and the columns' names. */
static const struct value *definition_of(struct rows *rows, struct table *table)
{
    struct error err;
    struct findings findings = { 0 };
    struct yaml_documents documents;
    struct slice text;
    if (table->definition)
        return table->definition;
    char *path = arena_printf(memory, &err, "%s/%.*s.yaml", rows->folder, SLICE_ARG(table->type));
    for (char *at = path ? path + strlen(rows->folder) : NULL; at && *at; at++)
        *at = *at == '_' ? '-' : *at;
    if (!path || !file_read(memory, path, FILE_BYTES_MAX, &text, &err) ||
        !yaml_parse(memory, text, path, &yaml_limits_default, &documents, &findings, &err))
        stop_with(&err);
    table->definition = documents.items[0];
    findings_free(&findings);
    return table->definition;
}

/* An instant in a key is written with its microseconds. */
struct slice key_text(const struct value *key)
{
    struct error err;
    struct strbuf out = strbuf_new(1 << 16);
    strbuf_add_char(&out, '[');
    for (size_t i = 0; i < value_count(key); i++) {
        struct slice part = value_item(key, i)->text;
        char instant_text[28];
        int64_t instant;
        if (part.len > 10 && instant_read(part, &instant)) {
            time_format(instant, instant_text);
            part = slice_of(instant_text);
        }
        strbuf_add_text(&out, i ? "," : "");
        json_add_string(&out, part);
    }
    strbuf_add_char(&out, ']');
    struct slice copy;
    if (!arena_copy(memory, strbuf_slice(&out), &copy, &err))
        stop_with(&err);
    strbuf_free(&out);
    return copy;
}

static struct slice row_key(struct rows *rows, struct table *table, const struct value *row)
{
    struct error err;
    const struct value *definition = definition_of(rows, table);
    const struct value *names = value_member(definition, "key");
    const bool has_time_in_key = slice_is(value_text_of(definition, "shape"), "state");
    struct value *key = value_new(memory, VALUE_ARRAY, &err);
    bool ok = key != NULL;
    for (size_t i = 0; ok && i < value_count(names) + has_time_in_key; i++) {
        struct slice name = i < value_count(names) ? value_text(value_item(names, i))
                                                   : value_text_of(definition, "time");
        const char *column = arena_string(memory, name, &err);
        const struct value *part = column ? value_member(row, column) : NULL;
        if (!part)
            stop(row, "a row of %.*s without %.*s", SLICE_ARG(table->type), SLICE_ARG(name));
        ok = value_add(memory, key, value_copy(memory, part, &err), &err);
    }
    if (!ok)
        stop_with(&err);
    return key_text(key);
}

/* A slip in a column's name would else go unnoticed: what a source does not map is not imported. */
static void check_columns(const struct value *definition, const struct value *row)
{
    struct error err;
    const struct value *columns = value_member(definition, "columns");
    for (size_t i = 0; i < row->count; i++) {
        const char *name = arena_string(memory, row->members[i].name, &err);
        if (!name || !value_member(columns, name))
            stop(row, "%.*s has no column \"%s\"", SLICE_ARG(value_text_of(definition, "id")),
                 name);
    }
}

struct slice rows_add(struct rows *rows, struct slice type, const struct value *row)
{
    struct error err;
    struct table *table = table_of(rows, type);
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 64;
        struct row *grown = arena_array(memory, capacity, sizeof *grown, &err);
        if (!grown)
            stop_with(&err);
        if (table->count)
            memcpy(grown, table->rows, table->count * sizeof *grown);
        table->rows = grown;
        table->capacity = capacity;
    }
    check_columns(definition_of(rows, table), row);
    struct slice key = row_key(rows, table, row);
    table->rows[table->count++] = (struct row){ row, key, false };
    return key;
}

static struct row *row_find(struct rows *rows, struct slice type, const struct value *key)
{
    struct table *table = table_of(rows, type);
    struct slice wanted = key_text(key);
    for (size_t i = 0; i < table->count; i++)
        if (slice_equal(table->rows[i].key, wanted) && !table->rows[i].is_omitted)
            return &table->rows[i];
    stop(key, "%.*s has no row %.*s", SLICE_ARG(type), SLICE_ARG(wanted));
}

void rows_omit(struct rows *rows, struct slice type, const struct value *key)
{
    row_find(rows, type, key)->is_omitted = true;
}

struct slice rows_change(struct rows *rows, struct slice type, const struct value *change)
{
    struct error err;
    struct row *row = row_find(rows, type, value_member(change, "key"));
    const struct value *set = value_member(change, "set");
    struct value *values = value_copy(memory, row->values, &err);
    bool ok = values != NULL;
    for (size_t i = 0; ok && i < value_count(set); i++)
        ok = value_put_slice(memory, values, set->members[i].name, set->members[i].value, &err);
    if (!ok)
        stop_with(&err);
    check_columns(definition_of(rows, table_of(rows, type)), values);
    row->values = values;
    return row->key;
}

void rows_document(struct rows *rows, const struct value *document)
{
    struct error err;
    struct value *copy = value_copy(memory, document, &err);
    if (!copy || !value_add(memory, rows->documents, copy, &err))
        stop_with(&err);
}

void rows_omit_document(struct rows *rows, struct slice kind, const struct value *id)
{
    for (size_t i = 0; i < rows->documents->count; i++) {
        struct value *one = rows->documents->items[i];
        if (slice_equal(value_text_of(one, "kind"), kind) &&
            slice_equal(value_text_of(one, "id"), value_text(value_item(id, 0)))) {
            one->type = VALUE_NULL; /* written by nobody */
            return;
        }
    }
    stop(id, "there is no such %.*s", SLICE_ARG(kind));
}

/* ---- files ---- */

struct value *member_make(struct value *object, struct slice name, enum value_type type)
{
    struct error err;
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    struct value *member = value_new(memory, type, &err);
    if (!member || !value_put_slice(memory, object, name, member, &err))
        stop_with(&err);
    return member;
}

static void put_at_path(struct value *object, struct slice path, const struct value *value)
{
    struct error err;
    struct slice head, rest;
    if (slice_split(path, '.', &head, &rest))
        put_at_path(member_make(object, head, VALUE_OBJECT), rest, value);
    else if (!value_put_slice(memory, object, path, value_copy(memory, value, &err), &err))
        stop_with(&err);
}

/* The name under which the tool has a column. */
static struct slice tool_name(const struct value *fields, struct slice column)
{
    struct error err;
    const char *name = arena_string(memory, column, &err);
    struct slice mapped = name ? value_text_of(fields, name) : SLICE("");
    return mapped.len ? mapped : column;
}

static void add_json(struct strbuf *out, const struct value *value)
{
    if (value->type == VALUE_STRING) {
        json_add_string(out, value->text);
    } else if (value->type == VALUE_OBJECT || value->type == VALUE_ARRAY) {
        bool is_object = value->type == VALUE_OBJECT;
        strbuf_add_char(out, is_object ? '{' : '[');
        for (size_t i = 0; i < value->count; i++) {
            strbuf_add_text(out, i ? "," : "");
            if (is_object) {
                json_add_string(out, value->members[i].name);
                strbuf_add_char(out, ':');
            }
            add_json(out, is_object ? value->members[i].value : value->items[i]);
        }
        strbuf_add_char(out, is_object ? '}' : ']');
    } else {
        strbuf_add(out, value->type == VALUE_NULL ? SLICE("null") : value->text);
    }
}

static void add_csv_field(struct strbuf *out, struct slice text)
{
    if (!slice_contains(text, SLICE(",")) && !slice_contains(text, SLICE("\"")) &&
        !slice_contains(text, SLICE("\n"))) {
        strbuf_add(out, text);
        return;
    }
    strbuf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            strbuf_add_char(out, '"');
        strbuf_add_char(out, text.at[i]);
    }
    strbuf_add_char(out, '"');
}

static void write_csv(const struct table *table, const struct value *fields, struct strbuf *out)
{
    struct error err;
    const struct value *columns = value_member(table->definition, "columns");
    bool used[128] = { 0 };
    for (size_t i = 0; i < table->count; i++)
        for (size_t c = 0; c < columns->count && c < 128; c++) {
            const char *name = arena_string(memory, columns->members[c].name, &err);
            const struct value *value = name ? value_member(table->rows[i].values, name) : NULL;
            used[c] = used[c] || (value && value->type != VALUE_NULL);
        }
    for (size_t i = 0; i <= table->count; i++) {
        bool is_first = true;
        if (i > 0 && table->rows[i - 1].is_omitted)
            continue;
        for (size_t c = 0; c < columns->count && c < 128; c++) {
            if (!used[c])
                continue;
            strbuf_add_text(out, is_first ? "" : ",");
            is_first = false;
            const char *name = arena_string(memory, columns->members[c].name, &err);
            const struct value *value =
                i == 0 || !name ? NULL : value_member(table->rows[i - 1].values, name);
            struct strbuf cell = strbuf_new(1 << 16);
            if (value && value->type == VALUE_ARRAY)
                add_json(&cell, value);
            else if (value && value->type != VALUE_NULL)
                strbuf_add(&cell, value->text);
            add_csv_field(out, i == 0 ? tool_name(fields, columns->members[c].name)
                                      : strbuf_slice(&cell));
            strbuf_free(&cell);
        }
        strbuf_add_text(out, "\r\n");
    }
}

static void write_ndjson(const struct table *table, const struct value *fields, struct strbuf *out)
{
    struct error err;
    for (size_t i = 0; i < table->count; i++) {
        const struct value *values = table->rows[i].values;
        struct value *object = value_new(memory, VALUE_OBJECT, &err);
        if (!object)
            stop_with(&err);
        for (size_t m = 0; m < values->count; m++)
            if (values->members[m].value->type != VALUE_NULL)
                put_at_path(object, tool_name(fields, values->members[m].name),
                            values->members[m].value);
        if (table->rows[i].is_omitted)
            continue;
        add_json(out, object);
        strbuf_add_char(out, '\n');
    }
}

/* Versions of a document one after the other: the n-th of a name is in file n. */
static void write_documents(const struct rows *rows, const char *folder)
{
    const struct value *list = rows->documents;
    bool is_left = value_count(list) > 0;
    size_t *numbers;
    struct error err;
    if (!(numbers = arena_array(memory, list->count + 1, sizeof *numbers, &err)))
        stop_with(&err);
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(value_text_of(list->items[i], "kind"),
                            value_text_of(list->items[j], "kind")) &&
                slice_equal(value_text_of(list->items[i], "id"),
                            value_text_of(list->items[j], "id")))
                numbers[i] = numbers[j] + 1;
    for (size_t number = 0; is_left; number++) {
        struct strbuf out = strbuf_new(1 << 28);
        is_left = false;
        for (size_t i = 0; i < list->count; i++) {
            is_left = is_left || numbers[i] > number;
            if (numbers[i] != number || list->items[i]->type == VALUE_NULL)
                continue;
            strbuf_add_text(&out, "---\n");
            add_json(&out, list->items[i]);
            strbuf_add_char(&out, '\n');
        }
        char name[64];
        (void)snprintf(name, sizeof name, "documents-%zu.yaml", number + 1);
        write_file(folder, name, &out);
        strbuf_free(&out);
    }
}

void rows_write(const struct rows *rows, const char *folder)
{
    for (size_t i = 0; i < rows->tables_count; i++) {
        const struct table *table = &rows->tables[i];
        if (table->count == 0)
            continue;
        if (!table->source)
            stop(NULL, "no source brings %.*s", SLICE_ARG(table->type));
        struct strbuf out = strbuf_new((size_t)1 << 28);
        bool is_csv = slice_is(value_text_of(table->source, "reader"), "csv");
        const struct value *fields = value_member(table->source, "fields");
        (is_csv ? write_csv : write_ndjson)(table, fields, &out);
        char name[128];
        (void)snprintf(name, sizeof name, "%.*s.%s", SLICE_ARG(value_text_of(table->source, "id")),
                       is_csv ? "csv" : "ndjson");
        write_file(folder, name, &out);
        strbuf_free(&out);
    }
    write_documents(rows, folder);
}
