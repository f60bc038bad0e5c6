#include "audit/outcomes.h"

#include <stdio.h>

#include "base/json.h"

enum { SQL_BYTES_MAX = 16 << 20 };

/* "a3": columns of the table have names of ours, since an attribute may be called key. */
static void add_attribute(struct strbuf *sql, size_t index) { strbuf_printf(sql, "a%zu", index); }

/* An expression on lines of its own: it may end with a comment. */
static void add_expression(struct strbuf *sql, struct slice text)
{
    strbuf_add_text(sql, "(\n");
    strbuf_add(sql, text);
    strbuf_add_text(sql, "\n)");
}

/* Names the attribute whose column is not a truth value; `holds: 1` would else be read as true. */
static bool types_are_boolean(const struct test_definition *test, struct engine *engine,
                              const char *table, struct error *err)
{
    struct strbuf sql = strbuf_new(256);
    bool ok = false;
    strbuf_printf(&sql, "select * from %s where false", table);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    for (size_t i = 0; i < test->attributes_count; i++) {
        if (engine_result_column(result, i + 1)->type == ENGINE_BOOLEAN)
            continue;
        char where[192];
        snprintf(where, sizeof where, "%.120s, attribute %.*s", test->name.at,
                 SLICE_ARG(test->attributes[i].id));
        error_set(err, ERROR_INVALID, where, "the expression is neither true nor false");
        error_hint(err, "compare with something, or ask whether it is null");
        goto done;
    }
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

static bool count_table(struct outcomes *outcomes, struct engine *engine, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    int64_t items = 0, clean = 0;
    strbuf_printf(&sql, "select count(*) from %s", outcomes->table);
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), &items, err);
    strbuf_add_text(&sql, " where true");
    for (size_t i = 0; i < outcomes->test->attributes_count; i++) {
        strbuf_add_text(&sql, " and ");
        add_attribute(&sql, i);
        strbuf_add_text(&sql, " is true");
    }
    ok = ok && strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), &clean, err);
    strbuf_free(&sql);
    outcomes->items = (uint64_t)items;
    outcomes->deviations = (uint64_t)(items - clean);
    return ok;
}

bool outcomes_build(const struct population_query *query, const struct test_definition *test,
                    struct arena *arena, struct engine *engine, struct outcomes *outcomes,
                    struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    *outcomes = (struct outcomes){ .test = test, .table = query->items_table };
    outcomes->attributes =
        arena_array(arena, test->attributes_count, sizeof *outcomes->attributes, err);
    if (!outcomes->attributes)
        return false;
    strbuf_printf(&sql, "create table %s as select ", query->items_table);
    table_add_key(&sql, &query->table->type, "item");
    strbuf_add_text(&sql, " as key");
    for (size_t i = 0; i < test->attributes_count; i++) {
        strbuf_add_text(&sql, ", ");
        if (query->where.len) {
            strbuf_add_text(&sql, "case when ");
            add_expression(&sql, query->where);
            strbuf_add_text(&sql, " then ");
        }
        add_expression(&sql, test->attributes[i].holds);
        strbuf_add_text(&sql, query->where.len ? " end as " : " as ");
        add_attribute(&sql, i);
    }
    population_add_from(&sql, query);
    strbuf_add_text(&sql, " order by key");
    bool ok = strbuf_ok(&sql, err) && engine_run(engine, strbuf_slice(&sql), err);
    strbuf_free(&sql);
    if (!ok && err->where[0] == '\0')
        snprintf(err->where, sizeof err->where, "%.180s", test->name.at);
    return ok && types_are_boolean(test, engine, query->items_table, err) &&
           count_table(outcomes, engine, err);
}

static enum outcome outcome_at(const struct engine_result *result, size_t column, size_t row)
{
    if (engine_is_null(result, column, row))
        return OUTCOME_UNDECIDED;
    return engine_bool(result, column, row) ? OUTCOME_HOLDS : OUTCOME_FAILS;
}

/* One chunk of rows as text. */
static void add_rows(struct outcomes *outcomes, const struct engine_result *result, size_t rows,
                     enum outcome *row, struct strbuf *text)
{
    size_t count = outcomes->test->attributes_count;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < count; j++) {
            row[j] = outcome_at(result, j + 1, i);
            outcomes->attributes[j].counts[row[j]]++;
        }
        matrix_add_row(text, engine_text(result, 0, i), row, count);
    }
}

bool outcomes_write(struct outcomes *outcomes, struct engine *engine,
                    const struct digest *population, matrix_sink *sink, void *context,
                    struct error *err)
{
    enum { ATTRIBUTES_MAX = 64 }; /* catalog/kinds/test.yaml */
    enum outcome row[ATTRIBUTES_MAX];
    struct strbuf sql = strbuf_new(256), text = strbuf_new(256 << 20);
    struct matrix_header header = { .attributes = outcomes->test->attributes,
                                    .attributes_count = outcomes->test->attributes_count,
                                    .deviations = outcomes->deviations,
                                    .items = outcomes->items,
                                    .population = *population,
                                    .test = outcomes->test->leaf };
    size_t rows = 0;
    bool ok = false;
    if (header.attributes_count > ATTRIBUTES_MAX)
        return error_set(err, ERROR_INVALID, outcomes->test->name.at, "more than %d attributes",
                         ATTRIBUTES_MAX);
    strbuf_printf(&sql, "select * from %s", outcomes->table);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    matrix_add_header(&text, &header);
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        add_rows(outcomes, result, rows, row, &text);
        if (!strbuf_ok(&text, err) || !sink(context, strbuf_slice(&text), err))
            goto done;
        strbuf_clear(&text);
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    strbuf_free(&text);
    return ok;
}

/* ---- why ---- */

static bool has_why(const struct test_definition *test)
{
    for (size_t i = 0; i < test->attributes_count; i++)
        if (test->attributes[i].why.len)
            return true;
    return false;
}

/* key, attributes, and for each attribute with a `why` its text where it does not hold. */
static void add_deviating_query(struct strbuf *sql, const struct population_query *query,
                                const struct outcomes *outcomes)
{
    const struct test_definition *test = outcomes->test;
    bool is_joined = has_why(test);
    /* Names that no column and no type can have: `why` must not meet ours instead of theirs. */
    strbuf_add_text(sql, "with _failing as (select key as _key");
    for (size_t i = 0; i < test->attributes_count; i++)
        strbuf_printf(sql, ", a%zu as _a%zu", i, i);
    strbuf_printf(sql, " from %s where not (true", outcomes->table);
    for (size_t i = 0; i < test->attributes_count; i++) {
        strbuf_add_text(sql, " and ");
        add_attribute(sql, i);
        strbuf_add_text(sql, " is true");
    }
    strbuf_printf(sql, ") order by key limit %d) select _failing.*", OUTCOMES_LISTED_MAX);
    for (size_t i = 0; is_joined && i < test->attributes_count; i++) {
        strbuf_printf(sql, ", case when _failing._a%zu is not true then cast(", i);
        if (test->attributes[i].why.len)
            add_expression(sql, test->attributes[i].why);
        else
            strbuf_add_text(sql, "null");
        strbuf_add_text(sql, " as varchar) end");
    }
    strbuf_add_text(sql, " from _failing");
    if (is_joined) {
        strbuf_printf(sql, " join \"%s\" as item on ", query->table->type.id.at);
        table_add_key(sql, &query->table->type, "item");
        strbuf_add_text(sql, " = _failing._key and ");
        table_add_period(sql, &query->table->type, "item", &query->period);
    }
    strbuf_add_text(sql, " order by _failing._key");
}

static bool put_why(const struct engine_result *result, size_t row, size_t attributes,
                    struct value *item, struct arena *arena, struct error *err)
{
    struct strbuf text = strbuf_new(64 << 10);
    for (size_t i = 0; i < attributes; i++) {
        size_t column = 1 + attributes + i;
        if (engine_is_null(result, column, row))
            continue;
        strbuf_add_text(&text, text.len ? "; " : "");
        strbuf_add(&text, engine_text(result, column, row));
    }
    bool ok = strbuf_ok(&text, err) &&
              (text.len == 0 || value_put_text(arena, item, "why", strbuf_slice(&text), err));
    strbuf_free(&text);
    return ok;
}

static bool add_deviating(const struct engine_result *result, size_t row,
                          const struct outcomes *outcomes, struct value *list, struct arena *arena,
                          struct error *err)
{
    size_t attributes = outcomes->test->attributes_count;
    struct value *item = value_add_object(arena, list, err);
    struct slice key;
    if (!item || !arena_copy(arena, engine_text(result, 0, row), &key, err) ||
        !value_put(arena, item, "key", json_parse(arena, key, "key", NULL, err), err))
        return false;
    struct value *results = value_put_array(arena, item, "results", err);
    for (size_t i = 0; results && i < attributes; i++) {
        const char *name = outcome_names[outcome_at(result, i + 1, row)];
        if (!value_add(arena, results, value_new_text(arena, slice_of(name), err), err))
            return false;
    }
    return results &&
           (!has_why(outcomes->test) || put_why(result, row, attributes, item, arena, err));
}

struct value *outcomes_deviating(const struct population_query *query,
                                 const struct outcomes *outcomes, struct arena *arena,
                                 struct engine *engine, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    struct engine_result *result = NULL;
    size_t rows = 0;
    bool ok = false;
    if (!list)
        goto done;
    add_deviating_query(&sql, query, outcomes);
    result = strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows; i++)
            if (!add_deviating(result, i, outcomes, list, arena, err))
                goto done;
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok ? list : NULL;
}
