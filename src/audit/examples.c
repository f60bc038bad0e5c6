#include "audit/examples.h"

#include <stdio.h>

#include "audit/outcomes.h"
#include "audit/spans.h"
#include "audit/watchdog.h"
#include "base/json.h"

/* An example is a handful of rows. */
enum { SQL_BYTES_MAX = 16 << 20, EXAMPLE_SECONDS_MAX = 30 };

/* ---- rows of examples as SQL ---- */

static bool add_cell(struct strbuf *sql, const struct record_column *column,
                     const struct value *cell, const char *where, struct error *err)
{
    int64_t instant;
    enum time_note note;
    struct time_options options = { .zone = NULL, .fraction = TIME_FRACTION_EXACT };
    strbuf_add_text(sql, "cast(");
    if (!cell || cell->type == VALUE_NULL) {
        strbuf_add_text(sql, "null");
    } else if (column->type == ENGINE_TEXT_LIST) {
        strbuf_add_char(sql, '[');
        for (size_t i = 0; i < value_count(cell); i++) {
            strbuf_add_text(sql, i ? ", " : "");
            engine_add_literal(sql, value_text(value_item(cell, i)));
        }
        strbuf_add_char(sql, ']');
    } else if (column->type == ENGINE_TIMESTAMP) {
        if (!time_parse(value_text(cell), &options, &instant, &note, err)) {
            snprintf(err->where, sizeof err->where, "%.160s", where);
            return false;
        }
        strbuf_printf(sql, "make_timestamp(%lld)", (long long)instant);
    } else if (cell->type == VALUE_BOOL) {
        strbuf_add_text(sql, cell->boolean ? "true" : "false");
    } else if (cell->type == VALUE_STRING || cell->type == VALUE_NUMBER) {
        engine_add_literal(sql, cell->text);
    } else {
        return error_set(err, ERROR_INVALID, where, "column %.*s: a single value was expected",
                         SLICE_ARG(column->name));
    }
    strbuf_add_text(sql, " as ");
    record_column_add_sql_type(sql, column);
    strbuf_add_text(sql, ") as ");
    engine_add_identifier(sql, column->name);
    return true;
}

static bool add_row(struct strbuf *sql, const struct record_type *type, const struct value *row,
                    const char *where, struct error *err)
{
    for (size_t i = 0; row && i < row->count; i++)
        if (record_type_column(type, row->members[i].name) == NO_COLUMN)
            return error_set(err, ERROR_INVALID, where, "%s has no column \"%.*s\"", type->id.at,
                             SLICE_ARG(row->members[i].name));
    strbuf_add_text(sql, "select ");
    for (size_t i = 0; i < type->columns_count; i++) {
        strbuf_add_text(sql, i ? ", " : "");
        if (!add_cell(sql, &type->columns[i], value_member(row, type->columns[i].name.at), where,
                      err))
            return false;
    }
    return true;
}

/* A table with the example's rows; `rows` may be NULL: none. */
static bool make_table(struct engine *engine, const struct record_type *type,
                       const struct value *rows, const char *where, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    bool ok = true;
    strbuf_printf(&sql, "create or replace table \"%s\" as ", type->id.at);
    for (size_t i = 0; ok && i < value_count(rows); i++) {
        strbuf_add_text(&sql, i ? " union all " : "");
        ok = add_row(&sql, type, value_item(rows, i), where, err);
    }
    if (value_count(rows) == 0) {
        ok = add_row(&sql, type, NULL, where, err);
        strbuf_add_text(&sql, " where false");
    }
    ok = ok && strbuf_ok(&sql, err) && engine_run(engine, strbuf_slice(&sql), err);
    strbuf_free(&sql);
    if (!ok && err->where[0] == '\0')
        snprintf(err->where, sizeof err->where, "%.160s", where);
    return ok;
}

/* The rows of a view that an example does not give follow from those of its type. */
static bool make_spans(struct engine *engine, const struct table *view,
                       const struct record_type *type, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_printf(&sql, "create or replace table \"%s\" as ", view->type.id.at);
    spans_add_select(&sql, type, type->id.at);
    bool ok = strbuf_ok(&sql, err) && engine_run(engine, strbuf_slice(&sql), err);
    strbuf_free(&sql);
    return ok;
}

/* Whether an example may give rows of a table. */
static bool has_table(const struct tables *tables, struct slice id, struct error *err)
{
    size_t index;
    for (size_t i = tables->types; i < tables->count; i++)
        if (slice_equal(tables->items[i].type.id, id))
            return true;
    return tables_find(tables, id, &index, err);
}

/* The item and the rows of its own table besides it. */
static bool make_tables(const struct tables *tables, size_t item_table, const bool *used,
                        const struct value *example, struct engine *engine, struct arena *arena,
                        const char *where, struct error *err)
{
    const struct value *given = value_member(example, "tables");
    for (size_t i = 0; given && i < given->count; i++) {
        if (!has_table(tables, given->members[i].name, err)) {
            snprintf(err->where, sizeof err->where, "%.160s", where);
            return false;
        }
    }
    for (size_t i = 0; i < tables->count; i++) {
        const struct record_type *type = &tables->items[i].type;
        const struct value *rows = value_member(given, type->id.at);
        if (i == item_table) {
            struct value *own = value_new(arena, VALUE_ARRAY, err);
            if (!own ||
                !value_add(arena, own, value_copy(arena, value_member(example, "item"), err), err))
                return false;
            for (size_t j = 0; j < value_count(rows); j++)
                if (!value_add(arena, own, value_copy(arena, value_item(rows, j), err), err))
                    return false;
            rows = own;
        }
        if (!used[i])
            continue;
        bool is_view = i >= tables->types && !rows;
        const struct table *table = &tables->items[i];
        if (is_view ? !make_spans(engine, table, &tables->items[table->spans_of].type, err)
                    : !make_table(engine, type, rows, where, err))
            return false;
    }
    return true;
}

/* ---- what the rule says of them ---- */

static void compare(const struct test_definition *test, const struct value *expect,
                    const struct engine_result *result, size_t row, const char *where,
                    struct findings *findings)
{
    for (size_t i = 0; i < value_count(expect); i++) {
        struct error finding = { 0 };
        struct slice id = expect->members[i].name, wanted = value_text(expect->members[i].value);
        size_t attribute = 0;
        while (attribute < test->attributes_count &&
               !slice_equal(test->attributes[attribute].id, id))
            attribute++;
        if (attribute == test->attributes_count) {
            error_set(&finding, ERROR_INVALID, where, "the test has no attribute \"%.*s\"",
                      SLICE_ARG(id));
            findings_add_error(findings, &finding);
            continue;
        }
        enum outcome found = engine_is_null(result, attribute, row) ? OUTCOME_UNDECIDED
                             : engine_bool(result, attribute, row)  ? OUTCOME_HOLDS
                                                                    : OUTCOME_FAILS;
        if (slice_is(wanted, outcome_names[found]))
            continue;
        error_set(&finding, ERROR_FINDING, where,
                  "attribute %.*s is \"%s\", the example expects "
                  "\"%.*s\"",
                  SLICE_ARG(id), outcome_names[found], SLICE_ARG(wanted));
        error_hint(&finding, "mend the expression or the example");
        findings_add_error(findings, &finding);
    }
}

/* Evaluates the attributes for the row with the example's key. */
static bool evaluate(const struct test_definition *test, const struct record_type *type,
                     const struct value *example, struct engine *engine, const char *where,
                     struct findings *findings, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    size_t rows = 0;
    bool ok = false;
    strbuf_add_text(&sql, "select ");
    for (size_t i = 0; i < test->attributes_count; i++) {
        strbuf_add_text(&sql, i ? ", case when " : "case when ");
        strbuf_add_text(&sql, "(\n");
        strbuf_add(&sql, test->where.len ? test->where : SLICE("true"));
        strbuf_add_text(&sql, "\n) then (\n");
        strbuf_add(&sql, test->attributes[i].holds);
        strbuf_add_text(&sql, "\n) end");
    }
    strbuf_printf(&sql, " from \"%s\" as item limit 1", type->id.at);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result || !engine_result_next(result, &rows, err))
        goto done;
    ok = true;
    for (size_t i = 0; i < test->attributes_count; i++) {
        if (engine_result_column(result, i)->type == ENGINE_BOOLEAN)
            continue;
        ok = error_set(err, ERROR_INVALID, where, "attribute %.*s is neither true nor false",
                       SLICE_ARG(test->attributes[i].id));
        goto done;
    }
    if (rows == 1)
        compare(test, value_member(example, "expect"), result, 0, where, findings);
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

/* One expression over no rows. */
static bool compile_one(const struct test_definition *test, struct slice text, const char *type,
                        const char *what, struct slice id, bool is_condition, struct engine *engine,
                        struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    if (text.len == 0)
        return true;
    strbuf_printf(&sql, "select %s(\n%.*s\n)%s from \"%s\" as item limit 0",
                  is_condition ? "" : "cast(", SLICE_ARG(text), is_condition ? "" : " as varchar)",
                  type);
    result = strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    bool ok = result != NULL;
    if (ok && is_condition && engine_result_column(result, 0)->type != ENGINE_BOOLEAN)
        ok = error_set(err, ERROR_INVALID, NULL, "the expression is neither true nor false");
    if (!ok)
        snprintf(err->where, sizeof err->where, "%.100s, %s%s%.*s", test->name.at, what,
                 id.len ? " " : "", SLICE_ARG(id));
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

bool test_compile(const struct test_definition *test, const struct tables *tables,
                  size_t item_table, const bool *used, struct engine *engine, struct error *err)
{
    const char *type = tables->items[item_table].type.id.at;
    for (size_t i = 0; i < tables->count; i++)
        if (used[i] && !make_table(engine, &tables->items[i].type, NULL, test->name.at, err))
            return false;
    if (!compile_one(test, test->where, type, "where", SLICE(""), true, engine, err))
        return false;
    for (size_t i = 0; i < test->attributes_count; i++) {
        const struct test_attribute *attribute = &test->attributes[i];
        if (!compile_one(test, attribute->holds, type, "attribute", attribute->id, true, engine,
                         err) ||
            !compile_one(test, attribute->why, type, "why of attribute", attribute->id, false,
                         engine, err))
            return false;
    }
    return true;
}

/* What is wrong with one example is told and does not hide the others. */
static bool tell(struct findings *findings, struct error *err)
{
    bool goes_on = err->code == ERROR_INVALID || err->code == ERROR_NOT_FOUND;
    if (goes_on)
        findings_add_error(findings, err);
    return goes_on;
}

/* The example's own period and values of parameters, over those in force. */
static bool bind_example(const struct test_definition *test, const struct value *example,
                         const struct tables *tables, size_t item_table, struct arena *arena,
                         struct engine *engine, bool *used, struct test_definition *bound,
                         const char *where, struct error *err)
{
    struct period period;
    struct slice days = value_text_of(example, "period");
    struct test_values values = { .period = days.len ? &period : NULL,
                                  .set = value_member(example, "parameters") };
    if (days.len && !period_parse(days, NULL, &period, err)) {
        snprintf(err->where, sizeof err->where, "%.160s", where);
        return false;
    }
    return test_bind(test, &values, tables, item_table, arena, engine, used, NULL, bound, err);
}

/* One example from its rows to what the rule says of them. */
static bool run_one(const struct test_definition *test, const struct value *example,
                    const struct tables *tables, size_t item_table, struct arena *arena,
                    struct engine *engine, bool *used, const char *where, struct findings *findings,
                    struct error *err)
{
    struct test_definition bound;
    return bind_example(test, example, tables, item_table, arena, engine, used, &bound, where,
                        err) &&
           make_tables(tables, item_table, used, example, engine, arena, where, err) &&
           evaluate(&bound, &tables->items[item_table].type, example, engine, where, findings, err);
}

bool examples_run(const struct test_definition *test, const struct tables *tables,
                  size_t item_table, const volatile int *stop, struct arena *arena, size_t *count,
                  struct findings *findings, struct error *err)
{
    struct watchdog *dog = NULL;
    struct engine_options options = { .memory_bytes_max = 256 << 20, .threads = 1 };
    bool *used = arena_array(arena, tables->count, sizeof *used, err);
    struct engine *engine = used ? engine_open(&options, err) : NULL;
    bool ok = engine != NULL;
    *count = 0;
    /* The expressions are looked at even if there are no examples. */
    const struct period some = { 0, US_PER_DAY };
    const struct test_values values = { .period = &some };
    struct test_definition bound;
    if (!ok ||
        !test_bind(test, &values, tables, item_table, arena, engine, used, NULL, &bound, err) ||
        !engine_lock(engine, err)) {
        ok = ok && tell(findings, err);
        goto done;
    }
    dog = watchdog_new(engine, EXAMPLE_SECONDS_MAX, stop, err);
    ok = dog != NULL;
    for (size_t i = 0; ok && i < value_count(test->examples); i++) {
        const struct value *example = value_item(test->examples, i);
        char where[192];
        struct slice title = value_text_of(example, "title");
        snprintf(where, sizeof where, "%.90s, example %zu%s%.*s", test->name.at, i + 1,
                 title.len ? ": " : "",
                 SLICE_ARG(slice_head(title, title.len < 60 ? title.len : 60)));
        (*count)++;
        watchdog_reset(dog);
        ok = run_one(test, example, tables, item_table, arena, engine, used, where, findings, err);
        if (!ok && watchdog_explains(dog, err))
            error_set(err, ERROR_INVALID, where, "the example took longer than %d seconds",
                      EXAMPLE_SECONDS_MAX);
        ok = ok || tell(findings, err);
    }
done:
    watchdog_free(dog);
    engine_close(engine);
    return ok;
}
