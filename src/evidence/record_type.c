#include "evidence/record_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

static bool fail(const struct record_type *type, struct error *err, const char *what,
                 struct slice name)
{
    char where[192];
    snprintf(where, sizeof where, "population-type/%.*s", SLICE_ARG(type->id));
    return error_set(err, ERROR_INVALID, where, "%s: \"%.*s\"", what, SLICE_ARG(name));
}

int record_type_column(const struct record_type *type, struct slice name)
{
    for (size_t i = 0; i < type->columns_count; i++)
        if (slice_equal(type->columns[i].name, name))
            return (int)i;
    return NO_COLUMN;
}

/* "decimal(18, 6)": the two numbers. */
static bool decimal_size(struct slice text, uint8_t *width, uint8_t *scale)
{
    struct slice inside = slice_from(text, sizeof "decimal(" - 1), first, second;
    uint64_t w, s;
    inside.len--; /* the closing parenthesis */
    if (!slice_split(inside, ',', &first, &second) || !slice_to_u64(slice_trim(first), &w) ||
        !slice_to_u64(slice_trim(second), &s) || w < 1 || w > 38 || s > w)
        return false;
    *width = (uint8_t)w;
    *scale = (uint8_t)s;
    return true;
}

static bool column_type(struct slice text, struct record_column *column)
{
    static const struct {
        const char *name;
        enum engine_type type;
    } types[] = { { "text", ENGINE_TEXT },
                  { "integer", ENGINE_INTEGER },
                  { "decimal", ENGINE_DECIMAL },
                  { "boolean", ENGINE_BOOLEAN },
                  { "date", ENGINE_DATE },
                  { "timestamp", ENGINE_TIMESTAMP },
                  { "list<text>", ENGINE_TEXT_LIST },
                  { "interval", ENGINE_TEXT } };
    column->width = 18;
    column->scale = 6;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!slice_is(text, types[i].name))
            continue;
        column->type = types[i].type;
        column->is_interval = slice_is(text, "interval");
        return true;
    }
    column->type = ENGINE_DECIMAL;
    return slice_starts_with(text, SLICE("decimal(")) && slice_ends_with(text, SLICE(")")) &&
           decimal_size(text, &column->width, &column->scale);
}

static bool read_columns(struct arena *arena, const struct value *document,
                         struct record_type *type, struct error *err)
{
    const struct value *columns = value_member(document, "columns");
    size_t count = value_count(columns);
    struct record_column *list = arena_array(arena, count, sizeof *list, err);
    if (!list)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value_member *member = &columns->members[i];
        struct slice text = value_text_of(member->value, "type");
        if (!arena_copy(arena, member->name, &list[i].name, err))
            return false;
        if (!column_type(text, &list[i]))
            return fail(type, err, "a column's type is not known", text);
        list[i].is_required = value_is_true(value_member(member->value, "required"));
        list[i].is_personal = value_is_true(value_member(member->value, "personal"));
        if (list[i].is_personal && (list[i].type != ENGINE_TEXT || list[i].is_interval))
            return fail(type, err, "only a text column can be personal", list[i].name);
    }
    type->columns = list;
    type->columns_count = count;
    return true;
}

/* A list of column names to indexes, with room for one more. */
static size_t *read_names(struct arena *arena, const struct value *names,
                          const struct record_type *type, size_t *count, struct error *err)
{
    size_t *list = arena_array(arena, value_count(names) + 1, sizeof *list, err);
    *count = 0;
    for (size_t i = 0; list && i < value_count(names); i++) {
        struct slice name = value_text(value_item(names, i));
        int column = record_type_column(type, name);
        if (column == NO_COLUMN) {
            fail(type, err, "there is no such column", name);
            return NULL;
        }
        list[(*count)++] = (size_t)column;
    }
    return list;
}

/* An optional column of given types. */
static bool read_one(const struct value *document, const char *field,
                     const struct record_type *type, const enum engine_type *types,
                     size_t types_count, int *column, struct error *err)
{
    struct slice name = value_text_of(document, field);
    *column = NO_COLUMN;
    if (name.len == 0)
        return true;
    *column = record_type_column(type, name);
    if (*column == NO_COLUMN)
        return fail(type, err, "there is no such column", name);
    for (size_t i = 0; i < types_count; i++)
        if (type->columns[*column].type == types[i])
            return true;
    return fail(type, err, "the column has the wrong type for its use", name);
}

static bool read_key(struct arena *arena, const struct value *document, struct record_type *type,
                     struct error *err)
{
    size_t *key = read_names(arena, value_member(document, "key"), type, &type->key_count, err);
    if (!key)
        return false;
    if (type->is_state && type->observed_at != NO_COLUMN)
        key[type->key_count++] = (size_t)type->observed_at;
    struct record_column *columns = arena_array(arena, type->columns_count, sizeof *columns, err);
    if (!columns)
        return false;
    memcpy(columns, type->columns, type->columns_count * sizeof *columns);
    for (size_t i = 0; i < type->key_count; i++) {
        struct record_column *column = &columns[key[i]];
        if (column->is_personal)
            return fail(type, err, "a key column is never personal", column->name);
        if (column->type == ENGINE_TEXT_LIST)
            return fail(type, err, "a list cannot be part of a key", column->name);
        column->is_required = true;
    }
    type->columns = columns;
    type->key = key;
    return true;
}

/* What concerns a state alone. */
static bool read_observing(struct arena *arena, const struct value *document,
                           struct record_type *type, struct error *err)
{
    static const char *const taken[] = { SPANS_FROM, SPANS_TO, SPANS_GAP };
    struct duration every;
    if (!arena_copy(arena, value_text_of(document, "observe_every"), &type->observe_every, err))
        return false;
    for (size_t i = 0; type->is_state && i < ARRAY_LEN(taken); i++)
        if (record_type_column(type, slice_of(taken[i])) != NO_COLUMN)
            return fail(type, err, "the column's name is taken: the view over the state has it",
                        slice_of(taken[i]));
    if (type->observe_every.len == 0)
        return true;
    if (!type->is_state)
        return fail(type, err, "observe_every is for shape: state", type->observe_every);
    if (duration_parse(type->observe_every, &every) && every.months == 0)
        type->observe_every_us = duration_micros(&every);
    return type->observe_every_us > 0 ||
           fail(type, err, "observe_every is a length of weeks, days, hours or minutes",
                type->observe_every);
}

bool record_type_read(struct arena *arena, const struct value *document, struct record_type *type,
                      struct error *err)
{
    static const enum engine_type times[] = { ENGINE_TIMESTAMP };
    static const enum engine_type orders[] = { ENGINE_INTEGER, ENGINE_TIMESTAMP, ENGINE_DATE,
                                               ENGINE_DECIMAL };
    static const enum engine_type numbers[] = { ENGINE_INTEGER, ENGINE_TEXT };
    int time;
    *type = (struct record_type){ 0 };
    if (!arena_copy(arena, value_text_of(document, "id"), &type->id, err))
        return false;
    if (slice_is(type->id, "item") || slice_is(type->id, "period") || slice_is(type->id, "param"))
        return fail(type, err, "the id is taken: tests call something else so", type->id);
    if (slice_ends_with(type->id, SLICE(SPANS_SUFFIX)))
        return fail(type, err, "the id is taken: tables of this ending are views over states",
                    type->id);
    type->is_state = slice_is(value_text_of(document, "shape"), "state");
    if (!arena_copy(arena, value_text_of(document, "derived"), &type->derived, err))
        return false;
    type->is_snapshot = slice_is(value_text_of(document, "shape"), "snapshot");
    if (!read_columns(arena, document, type, err) ||
        !read_one(document, "time", type, times, 1, &time, err) ||
        !read_one(document, "until", type, times, 1, &type->until, err) ||
        !read_one(document, "revision", type, orders, ARRAY_LEN(orders), &type->revision, err) ||
        !read_one(document, "sequence", type, numbers, ARRAY_LEN(numbers), &type->sequence, err) ||
        !read_one(document, "observed_at", type, times, 1, &type->observed_at, err))
        return false;
    if (time == NO_COLUMN)
        return fail(type, err, "the type has no time column", type->id);
    if (type->is_state && type->observed_at == NO_COLUMN)
        return fail(type, err, "a state needs observed_at", type->id);
    type->time = (size_t)time;
    if (!read_observing(arena, document, type, err))
        return false;
    size_t *totals =
        read_names(arena, value_member(document, "totals"), type, &type->totals_count, err);
    if (!totals)
        return false;
    type->totals = totals;
    return read_key(arena, document, type, err);
}

void record_column_add_sql_type(struct strbuf *sql, const struct record_column *column)
{
    static const char *const names[] = {
        [ENGINE_OTHER] = "VARCHAR",       [ENGINE_TEXT] = "VARCHAR",
        [ENGINE_INTEGER] = "BIGINT",      [ENGINE_DECIMAL] = NULL,
        [ENGINE_BOOLEAN] = "BOOLEAN",     [ENGINE_DATE] = "DATE",
        [ENGINE_TIMESTAMP] = "TIMESTAMP", [ENGINE_TEXT_LIST] = "VARCHAR[]",
        [ENGINE_DOUBLE] = "DOUBLE",
    };
    if (column->type == ENGINE_DECIMAL)
        strbuf_printf(sql, "DECIMAL(%u,%u)", column->width, column->scale);
    else
        strbuf_add_text(sql, names[column->type]);
}
