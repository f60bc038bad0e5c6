#include "audit/ranges.h"

#include <stdio.h>

/* Boundaries are taken from every n-th key by hash: a sorted list of all keys would itself grow
 * with the population. So many sampled keys make a range, which evens out what chance does. */
enum { SQL_BYTES_MAX = 64 << 20, SAMPLED_IN_RANGE = 64 };

/* ---- whether ---- */

static bool same_type(const struct record_column *a, const struct record_column *b)
{
    return a->type == b->type && a->width == b->width && a->scale == b->scale &&
           a->is_interval == b->is_interval && a->type != ENGINE_TEXT_LIST;
}

/* Columns of different types are compared after a cast, whose order is another one. */
static void drop_other_types(struct expression_bound *bound, const struct record_type *type,
                             const struct record_type *item)
{
    for (size_t part = 0; part < EXPRESSION_KEY_MAX; part++) {
        if (bound->columns[part].len == 0)
            continue;
        int column = record_type_column(type, bound->columns[part]);
        if (column == NO_COLUMN ||
            !same_type(&type->columns[column], &item->columns[item->key[part]]))
            bound->columns[part] = (struct slice){ 0 };
    }
}

void cut_settle(struct cut *cut, const struct tables *tables, size_t item_table)
{
    const struct record_type *item = &tables->items[item_table].type;
    for (size_t i = 0; i < tables->count; i++) {
        struct expression_bound *bound = &cut->bounds[i];
        drop_other_types(bound, &tables->items[i].type, item);
        /* The first part leads the order of keys: bound by another alone, a range may be all. */
        if (!bound->is_named || bound->columns[0].len > 0)
            continue;
        cut->hindrance = CUT_UNBOUND;
        cut->unbound = tables->items[i].type.id;
        return;
    }
}

void cut_explain(const struct cut *cut, const struct test_definition *test, struct error *err)
{
    if (err->code != ERROR_NO_MEMORY)
        return;
    snprintf(err->where, sizeof err->where, "%.180s", test->name.at);
    if (cut->hindrance == CUT_UNBOUND)
        error_hint(err,
                   "the test runs whole, for a sub-query reads %.*s without an equality with the "
                   "item's key: add one (x.key_column = item.key_column), or raise --memory",
                   SLICE_ARG(cut->unbound));
    else
        error_hint(err, "raise --memory");
}

/* ---- where ---- */

static void add_rows(struct strbuf *sql, const struct population_query *query)
{
    strbuf_printf(sql, " from \"_all_%s\" as item where ", query->table->type.id.at);
    table_add_period(sql, &query->table->type, "item", &query->period);
}

static bool count_rows(const struct population_query *query, struct engine *engine, int64_t *count,
                       struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_add_text(&sql, "select count(*)");
    add_rows(&sql, query);
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), count, err);
    strbuf_free(&sql);
    return ok;
}

/* Makes the ranges with their boundaries: each `every`-th of the sampled keys. */
static bool find_boundaries(const struct population_query *query, uint64_t items_max, int64_t rows,
                            struct arena *arena, struct engine *engine, struct ranges *ranges,
                            struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    uint64_t step = items_max / SAMPLED_IN_RANGE ? items_max / SAMPLED_IN_RANGE : 1;
    uint64_t every = items_max / step, seen = 0;
    /* Chance may put some more keys into the sample than are expected; all of them at most. */
    size_t capacity = 2 + (size_t)((step == 1 ? 1 : 2) * ((uint64_t)rows / items_max + 1)), got = 0;
    bool ok = false;
    ranges->items = arena_array(arena, capacity, sizeof *ranges->items, err);
    strbuf_add_text(&sql, "select key from (select ");
    table_add_key(&sql, &query->table->type, "item");
    strbuf_add_text(&sql, " as key");
    add_rows(&sql, query);
    strbuf_printf(&sql, ") where hash(key) %% %llu = 0 order by key", (unsigned long long)step);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    ranges->count = 1;
    if (!ranges->items || !result)
        goto done;
    ranges->items[0] = (struct key_range){ .from = { 0 } };
    do {
        if (!engine_result_next(result, &got, err))
            goto done;
        for (size_t i = 0; i < got; i++, seen++) {
            if (seen == 0 || seen % every != 0 || ranges->count == capacity)
                continue;
            struct key_range *last = &ranges->items[ranges->count - 1];
            if (!arena_copy(arena, engine_text(result, 0, i), &last->to, err))
                goto done;
            ranges->items[ranges->count++] = (struct key_range){ .from = last->to };
        }
    } while (got > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

/* The number of the range that a key lies in, by halves. */
static void add_number(struct strbuf *sql, const struct ranges *ranges, size_t from, size_t to)
{
    if (to - from == 1) {
        strbuf_add_u64(sql, from);
        return;
    }
    size_t middle = from + (to - from) / 2;
    strbuf_add_text(sql, "case when key < ");
    engine_add_literal(sql, ranges->items[middle].from);
    strbuf_add_text(sql, " then ");
    add_number(sql, ranges, from, middle);
    strbuf_add_text(sql, " else ");
    add_number(sql, ranges, middle, to);
    strbuf_add_text(sql, " end");
}

static size_t parts_of(const struct record_type *type)
{
    return type->key_count < EXPRESSION_KEY_MAX ? type->key_count : EXPRESSION_KEY_MAX;
}

static void add_limits_query(struct strbuf *sql, const struct population_query *query,
                             const struct ranges *ranges)
{
    const struct record_type *type = &query->table->type;
    strbuf_add_text(sql, "select ");
    add_number(sql, ranges, 0, ranges->count);
    strbuf_add_text(sql, " as n");
    for (size_t part = 0; part < parts_of(type); part++)
        strbuf_printf(sql, ", min(p%zu)::varchar, max(p%zu)::varchar, count(*) - count(p%zu)", part,
                      part, part);
    strbuf_add_text(sql, " from (select ");
    table_add_key(sql, type, "item");
    strbuf_add_text(sql, " as key");
    for (size_t part = 0; part < parts_of(type); part++) {
        strbuf_add_text(sql, ", item.");
        engine_add_identifier(sql, type->columns[type->key[part]].name);
        strbuf_printf(sql, " as p%zu", part);
    }
    add_rows(sql, query);
    strbuf_add_text(sql, ") group by n");
}

static bool take_limits(struct ranges *ranges, const struct engine_result *result, size_t row,
                        size_t parts, struct cut *cut, struct arena *arena, struct error *err)
{
    struct key_range *range = &ranges->items[engine_int64(result, 0, row)];
    for (size_t part = 0; part < parts; part++) {
        size_t column = 1 + 3 * part;
        size_t nul;
        /* A statement takes no NUL byte. */
        if (engine_int64(result, column + 2, row) > 0 ||
            slice_find(engine_text(result, column, row), '\0', &nul) ||
            slice_find(engine_text(result, column + 1, row), '\0', &nul)) {
            cut->hindrance = CUT_KEY;
            return true;
        }
        if (!arena_copy(arena, engine_text(result, column, row), &range->least[part], err) ||
            !arena_copy(arena, engine_text(result, column + 1, row), &range->greatest[part], err))
            return false;
    }
    return true;
}

static bool find_limits(const struct population_query *query, struct cut *cut, struct arena *arena,
                        struct engine *engine, struct ranges *ranges, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    size_t rows = 0;
    bool ok = false;
    add_limits_query(&sql, query, ranges);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows && cut->hindrance == CUT_NONE; i++)
            if (!take_limits(ranges, result, i, parts_of(&query->table->type), cut, arena, err))
                goto done;
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

static bool be_whole(struct arena *arena, struct ranges *ranges, struct error *err)
{
    ranges->items = arena_array(arena, 1, sizeof *ranges->items, err);
    ranges->count = 1;
    return ranges->items != NULL;
}

bool ranges_find(const struct population_query *query, struct cut *cut, struct arena *arena,
                 struct engine *engine, struct ranges *ranges, struct error *err)
{
    uint64_t items_max = cut->items_max ? cut->items_max : RANGE_ITEMS_DEFAULT;
    int64_t rows = 0;
    if (!cut->bounds || cut->hindrance != CUT_NONE)
        return be_whole(arena, ranges, err);
    if (!count_rows(query, engine, &rows, err))
        return false;
    if ((uint64_t)rows <= items_max)
        return be_whole(arena, ranges, err);
    if (!find_boundaries(query, items_max, rows, arena, engine, ranges, err) ||
        !find_limits(query, cut, arena, engine, ranges, err))
        return false;
    return cut->hindrance == CUT_NONE || be_whole(arena, ranges, err);
}

/* ---- rows of a range ---- */

static bool is_open(const struct key_range *range) { return !range->from.at && !range->to.at; }

static void add_value(struct strbuf *sql, const struct record_column *column, struct slice value)
{
    strbuf_add_text(sql, "cast(");
    engine_add_literal(sql, value);
    strbuf_add_text(sql, " as ");
    record_column_add_sql_type(sql, column);
    strbuf_add_char(sql, ')');
}

static void add_between(struct strbuf *sql, struct slice name, const struct record_column *key,
                        const struct key_range *range, size_t part)
{
    engine_add_identifier(sql, name);
    strbuf_add_text(sql, " between ");
    add_value(sql, key, range->least[part]);
    strbuf_add_text(sql, " and ");
    add_value(sql, key, range->greatest[part]);
}

void range_add_condition(struct strbuf *sql, const struct record_type *type,
                         const struct key_range *range)
{
    if (!range || is_open(range))
        return;
    /* The column itself lets the engine leave out parts of the file; the key alone is exact. */
    for (size_t part = 0; part < parts_of(type); part++) {
        const struct record_column *column = &type->columns[type->key[part]];
        strbuf_add_text(sql, " and item.");
        add_between(sql, column->name, column, range, part);
    }
    if (range->from.at) {
        strbuf_add_text(sql, " and ");
        table_add_key(sql, type, "item");
        strbuf_add_text(sql, " >= ");
        engine_add_literal(sql, range->from);
    }
    if (range->to.at) {
        strbuf_add_text(sql, " and ");
        table_add_key(sql, type, "item");
        strbuf_add_text(sql, " < ");
        engine_add_literal(sql, range->to);
    }
}

static void add_narrow(struct strbuf *sql, const struct record_type *type,
                       const struct record_type *item, const struct expression_bound *bound,
                       const struct key_range *range)
{
    strbuf_printf(sql, "create or replace view \"%s\" as select * from \"_all_%s\" where true",
                  type->id.at, type->id.at);
    for (size_t part = 0; range && part < EXPRESSION_KEY_MAX; part++) {
        if (bound->columns[part].len == 0)
            continue;
        strbuf_add_text(sql, " and (");
        add_between(sql, bound->columns[part], &item->columns[item->key[part]], range, part);
        if (bound->keeps_null) {
            strbuf_add_text(sql, " or ");
            engine_add_identifier(sql, bound->columns[part]);
            strbuf_add_text(sql, " is null");
        }
        strbuf_add_char(sql, ')');
    }
}

bool ranges_narrow(const struct population_query *query, const struct cut *cut,
                   const struct key_range *range, struct engine *engine, struct error *err)
{
    for (size_t i = 0; cut->bounds && i < query->tables->count; i++) {
        struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
        if (!cut->bounds[i].is_named)
            continue;
        add_narrow(&sql, &query->tables->items[i].type, &query->table->type, &cut->bounds[i],
                   range && !is_open(range) ? range : NULL);
        bool ok = strbuf_ok(&sql, err) && engine_run(engine, strbuf_slice(&sql), err);
        strbuf_free(&sql);
        if (!ok)
            return false;
    }
    return true;
}
