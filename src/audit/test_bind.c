#include "audit/test_bind.h"

#include <stdio.h>

#include "audit/spans.h"
#include "program/parameters.h"

/* A list of a few hundred texts of a thousand bytes. */
enum { SQL_BYTES_MAX = 4 << 20 };

/* ---- values as SQL ---- */

static void add_literal(struct strbuf *sql, const struct value *value)
{
    if (value->type == VALUE_BOOL)
        engine_add_literal(sql, value->boolean ? SLICE("true") : SLICE("false"));
    else
        engine_add_literal(sql, value->text);
}

static const char *sql_type(struct slice type)
{
    static const char *const names[][2] = {
        { "integer", "bigint" },
        { "decimal", "decimal(18,6)" },
        { "text", "varchar" },
        { "boolean", "boolean" },
        { "date", "date" },
        { "interval", "interval" },
        { "list<text>", "varchar[]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (slice_is(type, names[i][0]))
            return names[i][1];
    return "varchar";
}

/* A cast binds as tight as a name does, and is of the type a column would be. */
static bool parameter_sql(const struct value *parameter, const struct value *value,
                          struct arena *arena, struct slice *out, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_add_text(&sql, "cast(");
    if (value->type == VALUE_ARRAY) {
        strbuf_add_char(&sql, '[');
        for (size_t i = 0; i < value->count; i++) {
            strbuf_add_text(&sql, i ? ", " : "");
            add_literal(&sql, value->items[i]);
        }
        strbuf_add_char(&sql, ']');
    } else {
        add_literal(&sql, value);
    }
    strbuf_printf(&sql, " as %s)", sql_type(value_text_of(parameter, "type")));
    bool ok = strbuf_ok(&sql, err) && arena_copy(arena, strbuf_slice(&sql), out, err);
    strbuf_free(&sql);
    return ok;
}

static bool add_instant(struct expression_constant *constant, const char *name,
                        const int64_t *instant_us, struct arena *arena, struct error *err)
{
    char text[28];
    *constant = (struct expression_constant){ .group = SLICE("period"),
                                              .name = slice_of(name),
                                              .missing = "give it as period: FROM..TO" };
    if (!instant_us)
        return true;
    time_format(*instant_us, text);
    text[10] = ' ';  /* as SQL writes it, */
    text[26] = '\0'; /* without the zone */
    constant->sql = slice_of(arena_printf(arena, err, "cast('%s' as timestamp)", text));
    return constant->sql.at != NULL;
}

/* ---- the constants of a test ---- */

static bool set_is_right(const struct test_definition *test, const struct value *set,
                         struct error *err)
{
    for (size_t i = 0; i < value_count(set); i++) {
        struct slice id = set->members[i].name;
        const struct value *parameter = parameter_find(test->parameters, id);
        struct error fault = { 0 };
        if (!parameter)
            return error_set(err, ERROR_INVALID, test->name.at, "there is no parameter \"%.*s\"",
                             SLICE_ARG(id));
        if (!parameter_fits(parameter, set->members[i].value, &fault))
            return error_set(err, ERROR_INVALID, test->name.at, "parameter %.*s: %s", SLICE_ARG(id),
                             fault.message);
    }
    return true;
}

static const struct value *value_in_force(const struct value *parameter, const struct value *set)
{
    struct slice id = value_text_of(parameter, "id");
    for (size_t i = 0; i < value_count(set); i++)
        if (slice_equal(set->members[i].name, id))
            return set->members[i].value;
    return value_member(parameter, "value");
}

static bool constants_make(const struct test_definition *test, const struct test_values *values,
                           struct arena *arena, struct expression_scope *scope, struct error *err)
{
    size_t count = value_count(test->parameters);
    struct expression_constant *constants = arena_array(arena, count + 2, sizeof *constants, err);
    const struct period *period = values->period;
    if (!constants || !set_is_right(test, values->set, err) ||
        !add_instant(&constants[0], "starts", period ? &period->start_us : NULL, arena, err) ||
        !add_instant(&constants[1], "ends", period ? &period->end_us : NULL, arena, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *parameter = value_item(test->parameters, i);
        constants[i + 2] = (struct expression_constant){ .group = SLICE("param"),
                                                         .name = value_text_of(parameter, "id") };
        if (!parameter_sql(parameter, value_in_force(parameter, values->set), arena,
                           &constants[i + 2].sql, err))
            return false;
    }
    scope->constants = constants;
    scope->constants_count = count + 2;
    return true;
}

/* ---- the expressions ---- */

struct bind {
    const struct test_definition *test;
    struct expression_scope scope;
    struct arena *arena;
    struct engine *engine;
    bool *used;
    struct error *err;
};

/* Checks *text and puts the text to run in its place. */
static bool bind_one(struct bind *bind, struct slice *text, const char *what, struct slice id)
{
    char where[192];
    if (text->len == 0)
        return true;
    snprintf(where, sizeof where, "%.100s, %s%s%.*s", bind->test->name.at, what, id.len ? " " : "",
             SLICE_ARG(id));
    return expression_check(bind->engine, bind->arena, *text, &bind->scope, where, bind->used, text,
                            bind->err);
}

static bool bind_attributes(struct bind *bind, struct test_definition *bound)
{
    size_t count = bind->test->attributes_count;
    struct test_attribute *attributes =
        arena_array(bind->arena, count, sizeof *attributes, bind->err);
    for (size_t i = 0; attributes && i < count; i++) {
        attributes[i] = bind->test->attributes[i];
        if (!bind_one(bind, &attributes[i].holds, "attribute", attributes[i].id) ||
            !bind_one(bind, &attributes[i].why, "why of attribute", attributes[i].id))
            return false;
    }
    bound->attributes = attributes;
    return attributes != NULL;
}

static bool bind_reconcile(struct bind *bind, const struct tables *tables,
                           struct test_definition *bound)
{
    struct value *lists = value_copy(bind->arena, bind->test->reconcile, bind->err);
    bind->scope.bounds = NULL; /* the other list is read whole */
    if (!lists)
        return false;
    for (size_t i = 0; i < value_count(lists); i++) {
        struct value *list = lists->items[i];
        struct slice where = value_text_of(list, "where");
        if (!tables_find(tables, value_text_of(list, "with"), &bind->scope.item, bind->err))
            return false;
        bind->used[bind->scope.item] = true;
        if (!bind_one(bind, &where, "reconcile", SLICE("")) ||
            (where.len && !value_put_text(bind->arena, list, "where", where, bind->err)))
            return false;
    }
    bound->reconcile = lists;
    return true;
}

bool test_bind(const struct test_definition *test, const struct test_values *values,
               const struct tables *tables, size_t item_table, struct arena *arena,
               struct engine *engine, bool *used, struct expression_bound *bounds,
               struct test_definition *bound, struct error *err)
{
    struct bind bind = { .test = test,
                         .scope = tables->scope,
                         .arena = arena,
                         .engine = engine,
                         .used = used,
                         .err = err };
    *bound = *test;
    bind.scope.item = item_table;
    bind.scope.bounds = bounds;
    used[item_table] = true;
    if (!constants_make(test, values, arena, &bind.scope, err) ||
        !bind_one(&bind, &bound->where, "where", SLICE("")) || !bind_attributes(&bind, bound) ||
        (test->reconcile && !bind_reconcile(&bind, tables, bound)))
        return false;
    spans_mark_types(tables, used);
    return true;
}
