/* Sub-queries: one SELECT over population types, with joins, where, group by and having. */
#include <stdio.h>
#include <string.h>

#include "engine/expression_walk.h"

enum { SOURCES_MAX = 16 };

struct from {
    const struct walk *walk;
    struct source *sources;
    size_t count;
    const struct value *at;
};

static bool is_empty(const struct value *value)
{
    return !value || value->type == VALUE_NULL || (value->type == VALUE_BOOL && !value->boolean) ||
           (value->type == VALUE_STRING && value->text.len == 0) ||
           (value->type >= VALUE_ARRAY && value->count == 0);
}

/* Whether the object has only the fields of `known`, and those of `must_be_empty` say nothing. */
static bool has_only(const struct walk *walk, const struct value *node, const char *const *known,
                     const char *const *must_be_empty, const struct value *at)
{
    char shown[80];
    for (size_t i = 0; i < node->count; i++) {
        struct slice name = node->members[i].name;
        bool is_known = expression_is_among(name, known);
        if (is_known ||
            (expression_is_among(name, must_be_empty) && is_empty(node->members[i].value)))
            continue;
        snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(name));
        return expression_refuse(walk, at, "\"%s\" is not allowed in a sub-query", shown);
    }
    return true;
}

static bool add_source(struct from *from, const struct value *table)
{
    static const char *const known[] = { "type", "alias", "query_location", "table_name", NULL };
    static const char *const empty[] = { "sample",       "schema_name", "column_name_alias",
                                         "catalog_name", "at_clause",   NULL };
    const struct expression_scope *scope = from->walk->scope;
    struct slice name = value_text_of(table, "table_name"), alias = value_text_of(table, "alias");
    char shown[160];
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(name));
    if (!has_only(from->walk, table, known, empty, table))
        return false;
    if (from->count == SOURCES_MAX)
        return expression_refuse(from->walk, table, "more than 16 tables in one sub-query");
    for (size_t i = 0; i < scope->count; i++) {
        if (!slice_equal(scope->tables[i].name, name))
            continue;
        from->walk->used[i] = true;
        from->sources[from->count++] =
            (struct source){ .alias = alias.len ? alias : name, .table = &scope->tables[i] };
        return true;
    }
    const char *names[256];
    size_t count = 0;
    for (; count < scope->count && count < ARRAY_LEN(names); count++)
        names[count] = scope->tables[count].name.at; /* ids are NUL-ended copies */
    const char *near = slice_nearest(name, names, count);
    expression_refuse(from->walk, table, "there is no population type \"%s\"", shown);
    return near ? error_hint(from->walk->err, "did you mean %s?", near) : false;
}

static bool gather(struct from *from, const struct value *table);

static bool gather_join(struct from *from, const struct value *join)
{
    static const char *const known[] = { "type",     "query_location", "left",
                                         "right",    "condition",      "join_type",
                                         "ref_type", "using_columns",  NULL };
    static const char *const empty[] = { "alias", "sample", "delim_flipped",
                                         "duplicate_eliminated_columns", NULL };
    static const char *const types[] = { "INNER", "LEFT", NULL };
    static const char *const refs[] = { "REGULAR", "CROSS", NULL };
    if (!has_only(from->walk, join, known, empty, join))
        return false;
    if (!expression_is_among(value_text_of(join, "join_type"), types) ||
        !expression_is_among(value_text_of(join, "ref_type"), refs))
        return expression_refuse(from->walk, join, "only inner, left and cross joins are allowed");
    return gather(from, value_member(join, "left")) && gather(from, value_member(join, "right"));
}

static bool gather(struct from *from, const struct value *table)
{
    struct slice type = value_text_of(table, "type");
    char shown[64];
    if (slice_is(type, "BASE_TABLE"))
        return add_source(from, table);
    if (slice_is(type, "JOIN"))
        return gather_join(from, table);
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(type));
    if (slice_is(type, "TABLE_FUNCTION"))
        return expression_refuse(from->walk, table, "%s are not allowed", "table functions");
    if (slice_is(type, "EMPTY"))
        return expression_refuse(from->walk, from->at, "a sub-query needs %s",
                                 "a table after from");
    return expression_refuse(from->walk, table, "%s after from is not allowed: name a table",
                             shown);
}

static bool walk_conditions(const struct walk *walk, const struct value *table,
                            const struct frame *frame)
{
    if (!slice_is(value_text_of(table, "type"), "JOIN"))
        return true;
    const struct value *condition = value_member(table, "condition");
    return (is_empty(condition) || expression_walk(walk, condition, frame)) &&
           walk_conditions(walk, value_member(table, "left"), frame) &&
           walk_conditions(walk, value_member(table, "right"), frame);
}

/* "select *" inside exists is what many write, and says nothing. */
static bool is_bare_star(const struct value *node)
{
    if (!slice_is(value_text_of(node, "class"), "STAR"))
        return false;
    for (size_t i = 0; i < node->count; i++) {
        struct slice name = node->members[i].name;
        static const char *const known[] = { "class", "type", "query_location", NULL };
        if (!expression_is_among(name, known) && !is_empty(node->members[i].value))
            return false;
    }
    return true;
}

static bool walk_list(const struct walk *walk, const struct value *list, const struct frame *frame)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        if (!is_bare_star(item) && !expression_walk(walk, item, frame))
            return false;
    }
    return true;
}

/* distinct is a modifier without expressions; order by and limit are refused by name. */
static bool modifiers_are_allowed(const struct walk *walk, const struct value *modifiers,
                                  const struct value *at)
{
    for (size_t i = 0; i < value_count(modifiers); i++) {
        const struct value *modifier = value_item(modifiers, i);
        bool is_distinct = slice_is(value_text_of(modifier, "type"), "DISTINCT_MODIFIER");
        if (!is_distinct || value_count(value_member(modifier, "distinct_on_targets")) != 0)
            return expression_refuse(walk, at, "%s are not allowed in a sub-query",
                                     "order by and limit");
    }
    return true;
}

bool expression_walk_select(const struct walk *walk, const struct value *select,
                            const struct frame *outer, const struct value *at)
{
    static const char *const known[] = {
        "type",         "modifiers",          "select_list", "from_table",
        "where_clause", "group_expressions",  "having",      "cte_map",
        "group_sets",   "aggregate_handling", NULL
    };
    static const char *const empty[] = { "sample", "qualify", NULL };
    struct source sources[SOURCES_MAX];
    struct from from = { .walk = walk, .sources = sources, .at = at };
    char shown[64];
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(value_text_of(select, "type")));
    if (!slice_is(value_text_of(select, "type"), "SELECT_NODE"))
        return expression_refuse(walk, at, "%s is not allowed: a sub-query is one select", shown);
    if (value_count(value_path(select, "cte_map.map")) != 0)
        return expression_refuse(walk, at, "%s is not allowed", "with (a common table expression)");
    if (!has_only(walk, select, known, empty, at) ||
        !modifiers_are_allowed(walk, value_member(select, "modifiers"), at) ||
        !gather(&from, value_member(select, "from_table")))
        return false;
    if (!slice_is(value_text_of(select, "aggregate_handling"), "STANDARD_HANDLING"))
        return expression_refuse(walk, at, "%s is not allowed", "group by all");
    if (value_count(value_member(select, "group_sets")) > 1)
        return expression_refuse(walk, at, "%s are not allowed", "grouping sets");
    struct frame frame = { .sources = sources, .count = from.count, .outer = outer };
    const struct value *where = value_member(select, "where_clause");
    const struct value *having = value_member(select, "having");
    expression_bind_key(walk, &frame, select, at);
    return walk_list(walk, value_member(select, "select_list"), &frame) &&
           walk_conditions(walk, value_member(select, "from_table"), &frame) &&
           (is_empty(where) || expression_walk(walk, where, &frame)) &&
           expression_walk_list(walk, value_member(select, "group_expressions"), &frame) &&
           (is_empty(having) || expression_walk(walk, having, &frame));
}
