#include "evidence/mapping.h"

#include <stdio.h>
#include <string.h>

static bool invalid(struct error *err, const struct source *source, const char *what,
                    struct slice name)
{
    char where[160];
    (void)snprintf(where, sizeof where, "source/%.*s", SLICE_ARG(source->id));
    return error_set(err, ERROR_INVALID, where, "%s: \"%.*s\"", what, SLICE_ARG(name));
}

struct field *field_member(const struct field *field, struct slice name, size_t *hint)
{
    for (size_t tried = 0; tried < field->members_count; tried++) {
        size_t at = *hint < field->members_count ? *hint : 0;
        *hint = at + 1;
        if (slice_equal(field->members[at]->name, name))
            return field->members[at];
    }
    return NULL;
}

static struct field *member_add(struct arena *arena, struct field *parent, struct slice name,
                                struct slice path, struct error *err)
{
    struct field *member = arena_alloc(arena, sizeof *member, err);
    struct field **members = arena_array(arena, parent->members_count + 1, sizeof *members, err);
    if (!member || !members)
        return NULL;
    if (parent->members_count)
        memcpy(members, parent->members, parent->members_count * sizeof *members);
    *member = (struct field){ .name = name, .path = path, .parent = parent };
    members[parent->members_count++] = member;
    parent->members = members;
    return member;
}

/* The field at a path, made if need be. */
static struct field *field_at(struct arena *arena, const struct source *source,
                              struct mapping *mapping, struct slice path, struct error *err)
{
    struct field *field = &mapping->top;
    struct slice rest = path, name;
    for (bool is_last = false; !is_last;) {
        size_t hint = 0;
        is_last = !slice_split(rest, '.', &name, &rest);
        if (is_last)
            name = rest;
        if (name.len == 0) {
            invalid(err, source, "a path with an empty step", path);
            return NULL;
        }
        struct slice head = { path.at, (size_t)(name.at - path.at) + name.len };
        struct field *member = field_member(field, name, &hint);
        field = member ? member : member_add(arena, field, name, head, err);
        if (!field)
            return NULL;
    }
    return field;
}

static bool field_feeds(struct arena *arena, struct field *field, size_t column, struct error *err)
{
    size_t *columns = arena_array(arena, field->columns_count + 1, sizeof *columns, err);
    if (!columns)
        return false;
    if (field->columns_count)
        memcpy(columns, field->columns, field->columns_count * sizeof *columns);
    columns[field->columns_count++] = column;
    field->columns = columns;
    return true;
}

/* CSV, workbooks and Parquet have no nested fields: the whole path is one name. */
static bool is_flat(const struct source *source)
{
    return slice_is(source->reader, "csv") || slice_is(source->reader, "xlsx") ||
           slice_is(source->reader, "parquet");
}

static bool column_feed(struct arena *arena, const struct source *source, struct mapping *mapping,
                        size_t column, struct slice path, struct error *err)
{
    struct field *field;
    size_t hint = 0;
    mapping->paths[column] = path;
    if (slice_is(path, "$row")) {
        mapping->row_columns[mapping->row_columns_count++] = column;
        return true;
    }
    if (!is_flat(source))
        field = field_at(arena, source, mapping, path, err);
    else if (!(field = field_member(&mapping->top, path, &hint)))
        field = member_add(arena, &mapping->top, path, path, err);
    return field && field_feeds(arena, field, column, err);
}

static bool no_such_column(const struct source *source, const struct record_type *type,
                           struct slice name, struct error *err)
{
    const char *names[256];
    size_t count = type->columns_count < ARRAY_LEN(names) ? type->columns_count : ARRAY_LEN(names);
    for (size_t i = 0; i < count; i++)
        names[i] = type->columns[i].name.at;
    const char *near = slice_nearest(name, names, count);
    char where[160];
    (void)snprintf(where, sizeof where, "source/%.*s", SLICE_ARG(source->id));
    error_set(err, ERROR_INVALID, where, "%.*s has no column \"%.*s\"", SLICE_ARG(type->id),
              SLICE_ARG(name));
    return near ? error_hint(err, "did you mean %s?", near) : false;
}

/* What every row has: said of a column that no field feeds as well. */
static bool constants_read(const struct source *source, struct mapping *mapping, struct error *err)
{
    for (size_t i = 0; i < value_count(source->constants); i++) {
        const struct value_member *constant = &source->constants->members[i];
        int column = record_type_column(mapping->type, constant->name);
        if (column == NO_COLUMN)
            return no_such_column(source, mapping->type, constant->name, err);
        for (size_t j = 0; j < source->fields_count; j++)
            if (slice_equal(source->fields[j].column, constant->name))
                return invalid(err, source, "a column has a field or a constant, not both",
                               constant->name);
        mapping->constants[column] = value_text(constant->value);
        mapping->constant_columns[mapping->constant_columns_count++] = (size_t)column;
    }
    return true;
}

static bool columns_feed(struct arena *arena, const struct source *source, struct mapping *mapping,
                         struct error *err)
{
    const struct record_type *type = mapping->type;
    for (size_t i = 0; i < source->fields_count; i++) {
        int column = record_type_column(type, source->fields[i].column);
        if (column == NO_COLUMN)
            return no_such_column(source, type, source->fields[i].column, err);
        if (!column_feed(arena, source, mapping, (size_t)column, source->fields[i].path, err))
            return false;
    }
    for (size_t i = 0; i < type->columns_count; i++) {
        const struct record_column *column = &type->columns[i];
        if (mapping->constants[i].len > 0)
            continue;
        if (source->fields_count == 0 && !column_feed(arena, source, mapping, i, column->name, err))
            return false;
        if (mapping->paths[i].len == 0 && column->is_required)
            return invalid(err, source, "no field is named for a required column", column->name);
    }
    return true;
}

/* Columns for which the source says what a day alone means. */
static bool days_read(const struct source *source, struct mapping *mapping, struct error *err)
{
    for (size_t i = 0; i < value_count(source->days); i++) {
        struct slice name = source->days->members[i].name;
        int column = record_type_column(mapping->type, name);
        if (column == NO_COLUMN)
            return no_such_column(source, mapping->type, name, err);
        if (mapping->type->columns[column].type != ENGINE_TIMESTAMP)
            return invalid(err, source, "days is for columns that are timestamps", name);
        mapping->days[column] = slice_is(value_text(source->days->members[i].value), "end")
                                    ? TIME_DAY_END
                                    : TIME_DAY_START;
    }
    return true;
}

/* What each row has, and what an export's words mean: both for columns of the type. */
static bool words_read(const struct source *source, struct mapping *mapping, struct error *err)
{
    for (size_t i = 0; i < value_count(source->values); i++) {
        struct slice name = source->values->members[i].name;
        int column = record_type_column(mapping->type, name);
        if (column == NO_COLUMN)
            return no_such_column(source, mapping->type, name, err);
        mapping->values[column] = source->values->members[i].value;
    }
    return true;
}

/* The number of an element is no member of it: it is taken out of the tree that readers walk. */
static void index_take(struct field *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->members_count; i++) {
        if (slice_is(list->members[i]->name, "$index"))
            list->index = list->members[i];
        else
            list->members[kept++] = list->members[i];
    }
    list->members_count = kept;
}

static bool each_find(struct arena *arena, const struct source *source, struct mapping *mapping,
                      struct error *err)
{
    if (is_flat(source))
        return invalid(err, source, "these files have no lists for each", source->each);
    mapping->each = field_at(arena, source, mapping, source->each, err);
    if (!mapping->each)
        return false;
    for (struct field *field = mapping->each; field->parent; field = field->parent) {
        field->is_listed = true;
        index_take(field);
        mapping->each_depth++;
    }
    if (mapping->each->members_count + mapping->each->columns_count > 0)
        return true;
    invalid(err, source, "no column is fed from the elements of each", source->each);
    return error_hint(err, "in fields, write paths into an element as %.*s.NAME",
                      SLICE_ARG(source->each));
}

bool mapping_build(struct arena *arena, const struct source *source, const struct record_type *type,
                   struct mapping *mapping, struct error *err)
{
    size_t count = type->columns_count;
    *mapping = (struct mapping){ .type = type };
    mapping->paths = arena_array(arena, count, sizeof *mapping->paths, err);
    mapping->days = arena_array(arena, count, sizeof *mapping->days, err);
    mapping->constants = arena_array(arena, count, sizeof *mapping->constants, err);
    mapping->constant_columns = arena_array(arena, count, sizeof *mapping->constant_columns, err);
    mapping->values = arena_array(arena, count, sizeof *mapping->values, err);
    mapping->row_columns = arena_array(arena, count, sizeof *mapping->row_columns, err);
    return mapping->paths && mapping->days && mapping->constants && mapping->values &&
           mapping->constant_columns && mapping->row_columns &&
           constants_read(source, mapping, err) && columns_feed(arena, source, mapping, err) &&
           days_read(source, mapping, err) && words_read(source, mapping, err) &&
           (source->each.len == 0 || each_find(arena, source, mapping, err));
}
