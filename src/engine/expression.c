/* The walk over the engine's syntax tree. Each node class has a row in a table that names all its
 * fields and what each must be; a field that is in no row refuses the node. */
#include "engine/expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "engine/engine.h"
#include "engine/expression_walk.h"

/* What stands before the expression in the statement that is parsed; positions count from there. */
static const char before[] = "select (\n";
static const char after[] = "\n) from item";

/* The text ends where its length says: what lies behind it is the rest of the document. */
static bool hint_text(struct slice text, struct error *err)
{
    return error_hint(err, "expression: %.*s",
                      SLICE_ARG(slice_head(text, text.len < 200 ? text.len : 200)));
}

bool expression_offset(const struct walk *walk, const struct value *node, size_t *at)
{
    int64_t location;
    /* The engine marks what it made up itself with 2^64-1. */
    if (!value_to_i64(value_member(node, "query_location"), &location) ||
        location < (int64_t)(sizeof before - 1))
        return false;
    *at = (size_t)location - (sizeof before - 1);
    return *at < walk->text.len;
}

bool expression_refuse(const struct walk *walk, const struct value *node, const char *format, ...)
{
    va_list args;
    char where[192];
    size_t at;
    if (expression_offset(walk, node, &at))
        snprintf(where, sizeof where, "%s, column %zu", walk->where, at + 1);
    else
        snprintf(where, sizeof where, "%s", walk->where);
    char message[256];
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    error_set(walk->err, ERROR_INVALID, where, "%s", message);
    return hint_text(walk->text, walk->err);
}

/* ---- columns ---- */

static const struct expression_table *scope_table(const struct frame *frame, struct slice alias)
{
    for (; frame; frame = frame->outer)
        for (size_t i = 0; i < frame->count; i++)
            if (slice_equal(frame->sources[i].alias, alias))
                return frame->sources[i].table;
    return NULL;
}

static bool table_has(const struct expression_table *table, struct slice column)
{
    for (size_t i = 0; i < table->columns_count; i++)
        if (slice_equal(table->columns[i], column))
            return true;
    return false;
}

static bool frames_have(const struct frame *frame, struct slice column)
{
    for (; frame; frame = frame->outer)
        for (size_t i = 0; i < frame->count; i++)
            if (table_has(frame->sources[i].table, column))
                return true;
    return false;
}

/* Says no with the column that is nearest, of the tables that could have been meant. */
static bool refuse_column(const struct walk *walk, const struct value *node,
                          const struct frame *frame, const struct expression_table *table,
                          struct slice column, const char *shown)
{
    const char *names[256];
    size_t count = 0;
    expression_refuse(walk, node, "there is no column \"%s\"%s", shown, table ? "" : " here");
    for (; frame; frame = frame->outer)
        for (size_t i = 0; i < frame->count; i++)
            for (size_t j = 0; j < frame->sources[i].table->columns_count; j++)
                if ((!table || frame->sources[i].table == table) && count < ARRAY_LEN(names))
                    names[count++] = frame->sources[i].table->columns[j].at; /* NUL-ended */
    const char *near = slice_nearest(column, names, count);
    return near ? error_hint(walk->err, "did you mean %s?", near) : false;
}

static bool check_column(const struct walk *walk, const struct value *node,
                         const struct frame *frame)
{
    const struct value *names = value_member(node, "column_names");
    struct slice first = value_text(value_item(names, 0)),
                 second = value_text(value_item(names, 1));
    char shown[160];
    snprintf(shown, sizeof shown, "%.*s%s%.*s", SLICE_ARG(first), second.len ? "." : "",
             SLICE_ARG(second));
    if (value_count(names) == 1)
        return frames_have(frame, first) || refuse_column(walk, node, frame, NULL, first, shown);
    if (value_count(names) != 2)
        return expression_refuse(walk, node, "\"%s...\" is not table.column", shown);
    const struct expression_table *table = scope_table(frame, first);
    if (!table) {
        bool is_constant;
        return expression_constant(walk, node, first, second, &is_constant) &&
               (is_constant ||
                expression_refuse(walk, node, "\"%s\" names no table of this expression", shown));
    }
    return table_has(table, second) || refuse_column(walk, node, frame, table, second, shown);
}

/* ---- nodes by class ---- */

static bool check_constant(const struct walk *walk, const struct value *node)
{
    static const char *const types[] = { "INTEGER", "BIGINT",  "HUGEINT", "DECIMAL",
                                         "VARCHAR", "BOOLEAN", "DOUBLE",  "NULL" };
    struct slice id = value_text(value_path(node, "value.type.id"));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(id, types[i]))
            return true;
    char shown[64];
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(id));
    return expression_refuse(walk, node, "a constant of type %s is not allowed", shown);
}

static bool check_cast(const struct walk *walk, const struct value *node, const struct frame *frame)
{
    static const char *const types[] = { "VARCHAR", "INTEGER", "BIGINT",    "DECIMAL", "BOOLEAN",
                                         "DATE",    "DOUBLE",  "TIMESTAMP", "INTERVAL" };
    struct slice id = value_text(value_path(node, "cast_type.id"));
    char shown[64];
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(id));
    if (value_is_true(value_member(node, "try_cast")))
        return expression_refuse(walk, node, "%s is not allowed", "try_cast");
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(id, types[i]))
            return expression_walk(walk, value_member(node, "child"), frame);
    return expression_refuse(walk, node, "a cast to %s is not allowed", shown);
}

static bool check_case(const struct walk *walk, const struct value *node, const struct frame *frame)
{
    const struct value *checks = value_member(node, "case_checks");
    for (size_t i = 0; i < value_count(checks); i++) {
        const struct value *check = value_item(checks, i);
        if (value_count(check) != 2 ||
            !expression_walk(walk, value_member(check, "when_expr"), frame) ||
            !expression_walk(walk, value_member(check, "then_expr"), frame))
            return false;
    }
    return expression_walk(walk, value_member(node, "else_expr"), frame);
}

struct allowed_function {
    const char *name;
    bool is_aggregate;
};
/* What the engine's parser calls the operators and functions of the subset. The to_... and trunc
 * are what it makes of an interval. */
static const struct allowed_function functions[] = {
    { "+", false },
    { "-", false },
    { "*", false },
    { "/", false },
    { "||", false },
    { "~~", false },
    { "!~~", false },
    { "lower", false },
    { "upper", false },
    { "trim", false },
    { "ltrim", false },
    { "rtrim", false },
    { "length", false },
    { "substring", false },
    { "abs", false },
    { "floor", false },
    { "ceil", false },
    { "ceiling", false },
    { "date_part", false },
    { "date_trunc", false },
    { "regexp_matches", false },
    { "list_contains", false },
    { "list_extract", false },
    { "trunc", false },
    { "to_years", false },
    { "to_months", false },
    { "to_weeks", false },
    { "to_days", false },
    { "to_hours", false },
    { "to_minutes", false },
    { "to_seconds", false },
    { "to_milliseconds", false },
    { "to_microseconds", false },
    { "count", true },
    { "count_star", true },
    { "min", true },
    { "max", true },
    { "sum", true },
    { "avg", true },
};

static bool check_function(const struct walk *walk, const struct value *node,
                           const struct frame *frame)
{
    struct slice name = value_text(value_member(node, "function_name"));
    const struct allowed_function *found = NULL;
    char shown[80];
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(name));
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (slice_is(name, functions[i].name))
            found = &functions[i];
    if (slice_is(name, "~~*") || slice_is(name, "!~~*"))
        return expression_refuse(walk, node, "%s is not allowed: use lower(...) like", "ilike");
    /* The parser itself puts "main" before what has a syntax of its own: extract, trim, substring.
     */
    struct slice schema = value_text_of(node, "schema");
    if (!found || (schema.len && !slice_is(schema, "main")) || value_text_of(node, "catalog").len)
        return expression_refuse(walk, node, "the function or operator %s is not allowed", shown);
    if (found->is_aggregate && !frame->outer)
        return expression_refuse(walk, node, "%s is allowed inside a sub-query only", shown);
    if (value_count(value_path(node, "order_bys.orders")) != 0)
        return expression_refuse(walk, node, "order by inside %s is not allowed", shown);
    const struct value *filter = value_member(node, "filter");
    return expression_walk_list(walk, value_member(node, "children"), frame) &&
           (!filter || filter->type == VALUE_NULL || expression_walk(walk, filter, frame));
}

static bool check_subquery(const struct walk *walk, const struct value *node,
                           const struct frame *frame)
{
    static const char *const types[] = { "EXISTS", "NOT_EXISTS", "SCALAR", "ANY" };
    struct slice type = value_text_of(node, "subquery_type");
    const struct value *child = value_member(node, "child");
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        is_known = is_known || slice_is(type, types[i]);
    if (!is_known)
        return expression_refuse(walk, node, "this kind of sub-query is not allowed");
    if (child && child->type != VALUE_NULL && !expression_walk(walk, child, frame))
        return false;
    return expression_walk_select(walk, value_path(node, "subquery.node"), frame, node);
}

/* ---- the table of classes ---- */

enum rule {
    RULE_CHILDREN, /* the fields are expressions or lists of them */
    RULE_COLUMN,
    RULE_CONSTANT,
    RULE_CAST,
    RULE_CASE,
    RULE_FUNCTION,
    RULE_SUBQUERY,
};
struct node_class {
    const char *name;
    enum rule rule;
    const char *const *types;  /* NULL-ended; NULL: any */
    const char *const *fields; /* NULL-ended, besides class, type, alias and query_location */
};

static const char *const in_types[] = { "COMPARE_IN",
                                        "COMPARE_NOT_IN",
                                        "OPERATOR_NOT",
                                        "OPERATOR_IS_NULL",
                                        "OPERATOR_IS_NOT_NULL",
                                        "OPERATOR_COALESCE",
                                        NULL };
static const char *const column_fields[] = { "column_names", NULL };
static const char *const constant_fields[] = { "value", NULL };
static const char *const compare_fields[] = { "left", "right", NULL };
static const char *const children_fields[] = { "children", NULL };
static const char *const between_fields[] = { "input", "lower", "upper", NULL };
static const char *const case_fields[] = { "case_checks", "else_expr", NULL };
static const char *const cast_fields[] = { "child", "cast_type", "try_cast", NULL };
static const char *const function_fields[] = {
    "function_name", "schema",      "children",     "filter",  "order_bys",
    "distinct",      "is_operator", "export_state", "catalog", NULL
};
static const char *const subquery_fields[] = { "subquery_type", "subquery", "child",
                                               "comparison_type", NULL };

static const struct node_class classes[] = {
    { "COLUMN_REF", RULE_COLUMN, NULL, column_fields },
    { "CONSTANT", RULE_CONSTANT, NULL, constant_fields },
    { "COMPARISON", RULE_CHILDREN, NULL, compare_fields },
    { "CONJUNCTION", RULE_CHILDREN, NULL, children_fields },
    { "OPERATOR", RULE_CHILDREN, in_types, children_fields },
    { "BETWEEN", RULE_CHILDREN, NULL, between_fields },
    { "CASE", RULE_CASE, NULL, case_fields },
    { "CAST", RULE_CAST, NULL, cast_fields },
    { "FUNCTION", RULE_FUNCTION, NULL, function_fields },
    { "SUBQUERY", RULE_SUBQUERY, NULL, subquery_fields },
};

bool expression_is_among(struct slice name, const char *const *list)
{
    for (; *list; list++)
        if (slice_is(name, *list))
            return true;
    return false;
}

static bool fields_are_known(const struct walk *walk, const struct value *node,
                             const struct node_class *class)
{
    static const char *const common[] = { "class", "type", "alias", "query_location", NULL };
    for (size_t i = 0; i < node->count; i++) {
        struct slice name = node->members[i].name;
        char shown[80];
        if (expression_is_among(name, common) || expression_is_among(name, class->fields))
            continue;
        snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(name));
        return expression_refuse(walk, node, "\"%s\" is not allowed", shown);
    }
    return true;
}

static bool walk_fields(const struct walk *walk, const struct value *node,
                        const struct node_class *class, const struct frame *frame)
{
    for (const char *const *field = class->fields; *field; field++) {
        const struct value *child = value_member(node, *field);
        bool ok = child && child->type == VALUE_ARRAY ? expression_walk_list(walk, child, frame)
                                                      : expression_walk(walk, child, frame);
        if (!ok)
            return false;
    }
    return true;
}

bool expression_walk(const struct walk *walk, const struct value *node, const struct frame *frame)
{
    struct slice name = value_text_of(node, "class");
    const struct node_class *class = NULL;
    char shown[80];
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (slice_is(name, classes[i].name))
            class = &classes[i];
    snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(name));
    if (!class)
        return expression_refuse(walk, node, "%s is not allowed", name.len ? shown : "this");
    if (class->types && !expression_is_among(value_text_of(node, "type"), class->types)) {
        snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(value_text_of(node, "type")));
        return expression_refuse(walk, node, "%s is not allowed", shown);
    }
    if (!fields_are_known(walk, node, class))
        return false;
    switch (class->rule) {
    case RULE_COLUMN:
        return check_column(walk, node, frame);
    case RULE_CONSTANT:
        return check_constant(walk, node);
    case RULE_CAST:
        return check_cast(walk, node, frame);
    case RULE_CASE:
        return check_case(walk, node, frame);
    case RULE_FUNCTION:
        return check_function(walk, node, frame);
    case RULE_SUBQUERY:
        return check_subquery(walk, node, frame);
    case RULE_CHILDREN:
        break;
    }
    return walk_fields(walk, node, class, frame);
}

bool expression_walk_list(const struct walk *walk, const struct value *list,
                          const struct frame *frame)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (!expression_walk(walk, value_item(list, i), frame))
            return false;
    return true;
}

/* ---- the whole ---- */

/* The statement must be exactly "select (X) from item": a text that closes the parenthesis and goes
 * on shows here, whatever it wrote. */
static const struct value *only_expression(const struct walk *walk, const struct value *tree)
{
    const struct value *statements = value_member(tree, "statements");
    const struct value *node = value_path(value_item(statements, 0), "node");
    const struct value *list = value_member(node, "select_list");
    const struct value *from = value_member(node, "from_table");
    static const char *const empty[] = { "where_clause", "having", "qualify", "sample", NULL };
    bool is_plain = value_count(statements) == 1 && value_count(list) == 1 &&
                    slice_is(value_text_of(node, "type"), "SELECT_NODE") &&
                    slice_is(value_text_of(from, "type"), "BASE_TABLE") &&
                    slice_is(value_text_of(from, "table_name"), "item") &&
                    value_text_of(from, "alias").len == 0 &&
                    value_count(value_member(node, "modifiers")) == 0 &&
                    value_count(value_path(node, "cte_map.map")) == 0 &&
                    value_count(value_member(node, "group_expressions")) == 0 &&
                    value_text_of(value_item(list, 0), "alias").len == 0;
    for (const char *const *name = empty; *name; name++) {
        const struct value *field = value_member(node, *name);
        is_plain = is_plain && field && field->type == VALUE_NULL;
    }
    if (is_plain)
        return value_item(list, 0);
    expression_refuse(walk, NULL, "this is not one expression");
    return NULL;
}

bool expression_check_tree(struct arena *arena, const struct value *tree, struct slice text,
                           const struct expression_scope *scope, const char *where, bool *used,
                           struct slice *bound, struct error *err)
{
    struct binding binding = { 0 };
    struct walk walk = { .arena = arena,
                         .binding = &binding,
                         .text = text,
                         .scope = scope,
                         .where = where,
                         .used = used,
                         .err = err };
    if (value_is_true(value_member(tree, "error"))) {
        struct slice message = value_text_of(tree, "error_message");
        error_set(err, ERROR_INVALID, where, "not an expression: %.*s", SLICE_ARG(message));
        return hint_text(text, err);
    }
    const struct value *node = only_expression(&walk, tree);
    struct source item = { .alias = SLICE("item"), .table = &scope->tables[scope->item] };
    for (size_t i = 0; i < item.table->key_count && i < EXPRESSION_KEY_MAX; i++)
        item.equals[i] = item.table->key[i];
    struct frame frame = { .sources = &item, .count = 1 };
    err->code = ERROR_NONE;
    if (!node)
        return expression_refuse(&walk, NULL, "this is not one expression");
    return expression_walk(&walk, node, &frame) && (!bound || expression_bind(&walk, bound));
}

/* The engine's own parser: what it reads here is what it will run. */
static bool syntax_tree(struct engine *engine, struct arena *arena, struct slice statement,
                        struct slice *json, struct error *err)
{
    bool ok = false;
    size_t rows = 0;
    struct engine_result *result = engine_query(
        engine, SLICE("select json_serialize_sql($1::varchar)::varchar"), &statement, 1, err);
    if (!result || !engine_result_next(result, &rows, err))
        goto done;
    if (rows != 1) {
        error_set(err, ERROR_CORRUPT, NULL, "the engine gave %zu syntax trees for one text", rows);
        goto done;
    }
    /* json_serialize_sql gives the engine's JSON type, which is text underneath. */
    ok = arena_copy(arena, engine_text(result, 0, 0), json, err);
done:
    engine_result_free(result);
    return ok;
}

bool expression_check(struct engine *engine, struct arena *arena, struct slice text,
                      const struct expression_scope *scope, const char *where, bool *used,
                      struct slice *bound, struct error *err)
{
    /* Deep enough for what people write, shallow enough for the stack. */
    static const struct json_limits limits = { .bytes_max = 16 << 20,
                                               .depth_max = 240,
                                               .nodes_max = 1 << 20 };
    struct strbuf statement = strbuf_new(2 * EXPRESSION_BYTES_MAX);
    struct slice json;
    size_t at;
    bool ok = false;
    if (text.len > EXPRESSION_BYTES_MAX || slice_find(text, '\0', &at))
        return error_set(err, ERROR_INVALID, where, "an expression of at most %d bytes without NUL",
                         EXPRESSION_BYTES_MAX);
    strbuf_add_text(&statement, before);
    strbuf_add(&statement, text);
    strbuf_add_text(&statement, after);
    if (!strbuf_ok(&statement, err) ||
        !syntax_tree(engine, arena, strbuf_slice(&statement), &json, err))
        goto done;
    const struct value *tree = json_parse(arena, json, where, &limits, err);
    if (!tree) {
        if (err->code == ERROR_INVALID)
            error_set(err, ERROR_INVALID, where, "the expression is nested too deeply");
        goto done;
    }
    ok = expression_check_tree(arena, tree, text, scope, where, used, bound, err);
done:
    strbuf_free(&statement);
    return ok;
}
