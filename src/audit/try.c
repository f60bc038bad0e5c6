#include "audit/try.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/derived_tables.h"
#include "audit/engagement.h"
#include "audit/matrix.h"
#include "audit/population.h"
#include "audit/spans.h"
#include "audit/watchdog.h"
#include "base/file.h"
#include "base/json.h"
#include "program/parameters.h"

enum { SQL_BYTES_MAX = 1 << 20, STATEMENT_BYTES_MAX = 64 << 20, SIDES = 2 };

/* In force, tried. */
static const char *const side_names[SIDES] = { "in_force", "tried" };
static const char *const side_tables[SIDES] = { "_items_in_force", "_items_tried" };

struct trying {
    struct store *store;
    const struct try_options *options;
    struct arena *arena;
    struct engine *engine;
    struct tables tables;
    struct test_definition test, bound[SIDES];
    struct value *set;
    size_t table;
    bool *used;
    struct engagement engagement;
    struct zone *utc;
    const struct zone *zone;
    struct period period;
    struct error *err;
};

/* ---- what is tried ---- */

static bool period_find(struct trying *t)
{
    const struct try_options *options = t->options;
    if (options->engagement.len) {
        if (!engagement_read(t->store, t->arena, options->engagement, t->tables.size,
                             &t->engagement, t->err))
            return false;
        t->zone = t->engagement.zone;
        t->period = t->engagement.period;
    } else {
        t->zone = t->utc = zone_new(SLICE("UTC"), t->err);
        if (!t->utc)
            return false;
        if (options->period.len == 0) {
            error_set(t->err, ERROR_USAGE, "--period", "no period and no engagement");
            return error_hint(t->err, "--period 2026-01-01..2026-12-31, or --engagement ID");
        }
    }
    return options->period.len == 0 || period_parse(options->period, t->zone, &t->period, t->err);
}

/* NAME=VALUE to {"NAME": value}; whether it fits is for test_bind() to say. */
static bool set_read(struct trying *t)
{
    t->set = value_new(t->arena, VALUE_OBJECT, t->err);
    for (size_t i = 0; t->set && i < t->options->set_count; i++) {
        struct slice name, text;
        if (!slice_split(slice_of(t->options->set[i]), '=', &name, &text))
            return error_set(t->err, ERROR_USAGE, "--set", "\"%s\" is not NAME=VALUE",
                             t->options->set[i]);
        const struct value *parameter = parameter_find(t->test.parameters, name);
        if (!value_put_slice(t->arena, t->set, name,
                             parameter_typed(parameter, text, t->arena, t->err), t->err))
            return false;
    }
    return t->set != NULL;
}

static bool test_read(struct trying *t)
{
    struct resource_version version;
    struct slice name = t->options->test;
    if (!slice_starts_with(name, SLICE("test/")))
        name = slice_of(arena_printf(t->arena, t->err, "test/%.*s", SLICE_ARG(name)));
    if (!name.at || !resource_get(t->store, t->arena, name, t->tables.size, &version, t->err))
        return false;
    if (version.is_removed)
        return error_set(t->err, ERROR_NOT_FOUND, version.name.at, "the test was removed");
    return test_definition_read(t->arena, &version, &t->test, t->err) &&
           tables_find(&t->tables, t->test.population, &t->table, t->err);
}

static bool bind_both(struct trying *t)
{
    t->used = arena_array(t->arena, t->tables.count, sizeof *t->used, t->err);
    for (size_t i = 0; t->used && i < SIDES; i++) {
        const struct test_values values = { .period = &t->period, .set = i ? t->set : NULL };
        if (!test_bind(&t->test, &values, &t->tables, t->table, t->arena, t->engine, t->used, NULL,
                       &t->bound[i], t->err))
            return false;
    }
    for (size_t i = 0; t->used && i < t->tables.count; i++)
        t->tables.items[i].is_used = t->used[i];
    return t->used != NULL;
}

static bool tables_are_settled(struct trying *t)
{
    for (size_t i = 0; i < t->tables.count; i++)
        if (t->used[i] &&
            !tables_conflicts(&t->tables.items[i], t->engine,
                              i == t->table && !spans_are_used(&t->tables, t->used, i) ? &t->period
                                                                                       : NULL,
                              t->err))
            return false;
    return true;
}

/* An expression on lines of its own: it may end with a comment. */
static void add_expression(struct strbuf *sql, const char *head, struct slice text,
                           const char *tail)
{
    strbuf_printf(sql, "%s(\n", head);
    strbuf_add(sql, text.len ? text : SLICE("true"));
    strbuf_printf(sql, "\n)%s", tail);
}

/* `holds: 1` would else be read as true. */
static bool types_are_boolean(struct trying *t, size_t side)
{
    char sql[80];
    bool ok = true;
    snprintf(sql, sizeof sql, "select * from %s where false", side_tables[side]);
    struct engine_result *found = engine_query(t->engine, slice_of(sql), NULL, 0, t->err);
    for (size_t i = 0; found && ok && i < t->test.attributes_count; i++)
        if (engine_result_column(found, i + 1)->type != ENGINE_BOOLEAN)
            ok = error_set(t->err, ERROR_INVALID, t->test.name.at,
                           "attribute %.*s is neither true nor false",
                           SLICE_ARG(t->test.attributes[i].id));
    engine_result_free(found);
    return found && ok;
}

/* A table of the items' keys and what each attribute says: a0, a1 ... */
static bool run_side(struct trying *t, size_t side)
{
    const struct test_definition *test = &t->bound[side];
    const struct population_query query = { .tables = &t->tables,
                                            .table = &t->tables.items[t->table],
                                            .where = test->where,
                                            .period = t->period,
                                            .zone = t->zone };
    struct strbuf sql = strbuf_new(STATEMENT_BYTES_MAX);
    char name[32];
    strbuf_printf(&sql, "create table %s as select ", side_tables[side]);
    table_add_key(&sql, &query.table->type, "item");
    strbuf_add_text(&sql, " as key");
    for (size_t i = 0; i < test->attributes_count; i++) {
        snprintf(name, sizeof name, " end as a%zu", i);
        add_expression(&sql, ", case when ", test->where, " then ");
        add_expression(&sql, "", test->attributes[i].holds, name);
    }
    population_add_from(&sql, &query);
    bool ok = strbuf_ok(&sql, t->err) && engine_run(t->engine, strbuf_slice(&sql), t->err);
    strbuf_free(&sql);
    if (!ok && t->err->where[0] == '\0')
        snprintf(t->err->where, sizeof t->err->where, "%.180s", test->name.at);
    return ok && types_are_boolean(t, side);
}

/* ---- what came of it ---- */

static bool put_parameters(struct trying *t, struct value *result)
{
    struct value *list = value_put_array(t->arena, result, "parameters", t->err);
    for (size_t i = 0; list && i < value_count(t->set); i++) {
        const struct value *parameter = parameter_find(t->test.parameters, t->set->members[i].name);
        struct value *item = value_add_object(t->arena, list, t->err);
        if (!item || !value_put_text(t->arena, item, "id", t->set->members[i].name, t->err) ||
            !value_put(t->arena, item, "in_force",
                       value_copy(t->arena, value_member(parameter, "value"), t->err), t->err) ||
            !value_put(t->arena, item, "tried",
                       value_copy(t->arena, t->set->members[i].value, t->err), t->err))
            return false;
    }
    return list != NULL;
}

static bool put_counts(struct trying *t, struct value *item, size_t side, size_t attribute)
{
    static const char *const conditions[] = { "is true", "is false", "is null" };
    struct value *counts = value_put_object(t->arena, item, side_names[side], t->err);
    for (size_t i = 0; counts && i < ARRAY_LEN(conditions); i++) {
        int64_t count;
        char sql[160];
        snprintf(sql, sizeof sql, "select count(*) from %s where a%zu %s", side_tables[side],
                 attribute, conditions[i]);
        if (!engine_query_int64(t->engine, slice_of(sql), &count, t->err) ||
            !value_put_i64(t->arena, counts, outcome_names[i], count, t->err))
            return false;
    }
    return counts != NULL;
}

static bool put_totals(struct trying *t, struct value *result)
{
    struct value *items = value_put_object(t->arena, result, "items", t->err);
    struct value *list = items ? value_put_array(t->arena, result, "attributes", t->err) : NULL;
    for (size_t i = 0; list && i < SIDES; i++) {
        int64_t count;
        char sql[64];
        snprintf(sql, sizeof sql, "select count(*) from %s", side_tables[i]);
        if (!engine_query_int64(t->engine, slice_of(sql), &count, t->err) ||
            !value_put_i64(t->arena, items, side_names[i], count, t->err))
            return false;
    }
    for (size_t i = 0; list && i < t->test.attributes_count; i++) {
        struct value *item = value_add_object(t->arena, list, t->err);
        if (!item || !value_put_text(t->arena, item, "id", t->test.attributes[i].id, t->err) ||
            !put_counts(t, item, 0, i) || !put_counts(t, item, 1, i))
            return false;
    }
    return list != NULL;
}

/* key, then for each attribute what it is in force and tried, as words. */
static void add_moved_query(struct strbuf *sql, size_t attributes)
{
    strbuf_add_text(sql, "select coalesce(x.key, y.key)");
    for (size_t i = 0; i < attributes; i++)
        for (size_t side = 0; side < SIDES; side++) {
            char alias = side ? 'y' : 'x';
            strbuf_printf(sql,
                          ", case when %c.key is null then 'absent' when %c.a%zu is null then "
                          "'undecided' when %c.a%zu then 'holds' else 'fails' end",
                          alias, alias, i, alias, i);
        }
    strbuf_printf(sql,
                  " from %s x full join %s y on x.key = y.key where x.key is null or y.key is "
                  "null",
                  side_tables[0], side_tables[1]);
    for (size_t i = 0; i < attributes; i++)
        strbuf_printf(sql, " or x.a%zu is distinct from y.a%zu", i, i);
    strbuf_add_text(sql, " order by 1");
}

static bool add_moved(struct trying *t, const struct engine_result *found, size_t row,
                      struct value *list)
{
    for (size_t i = 0; i < t->test.attributes_count; i++) {
        struct slice key, was = engine_text(found, 1 + 2 * i, row),
                          is = engine_text(found, 2 + 2 * i, row);
        if (slice_equal(was, is))
            continue;
        struct value *item = value_add_object(t->arena, list, t->err);
        if (!item || !arena_copy(t->arena, engine_text(found, 0, row), &key, t->err) ||
            !value_put(t->arena, item, "key", json_parse(t->arena, key, "key", NULL, t->err),
                       t->err) ||
            !value_put_text(t->arena, item, "attribute", t->test.attributes[i].id, t->err) ||
            !value_put_text(t->arena, item, side_names[0], was, t->err) ||
            !value_put_text(t->arena, item, side_names[1], is, t->err))
            return false;
    }
    return true;
}

static bool put_moved(struct trying *t, struct value *result)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct value *list = value_put_array(t->arena, result, "moved", t->err);
    struct engine_result *found = NULL;
    size_t rows = 0;
    bool ok = false;
    add_moved_query(&sql, t->test.attributes_count);
    if (list && strbuf_ok(&sql, t->err))
        found = engine_query(t->engine, strbuf_slice(&sql), NULL, 0, t->err);
    if (!found)
        goto done;
    do {
        if (!engine_result_next(found, &rows, t->err))
            goto done;
        for (size_t i = 0; i < rows; i++)
            if (!add_moved(t, found, i, list))
                goto done;
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(found);
    strbuf_free(&sql);
    return ok;
}

static struct value *result_make(struct trying *t)
{
    char from[28], to[28];
    struct value *result = value_new(t->arena, VALUE_OBJECT, t->err);
    struct value *period = result ? value_put_object(t->arena, result, "period", t->err) : NULL;
    time_format(t->period.start_us, from);
    time_format(t->period.end_us, to);
    bool ok = period && value_put_text(t->arena, period, "from", slice_of(from), t->err) &&
              value_put_text(t->arena, period, "to", slice_of(to), t->err) &&
              value_put_text(t->arena, result, "test", t->test.name, t->err) &&
              value_put_i64(t->arena, result, "version", (int64_t)t->test.version, t->err) &&
              put_parameters(t, result) && put_totals(t, result) && put_moved(t, result);
    return ok ? result : NULL;
}

/* ---- the whole ---- */

static struct value *try_in(struct trying *t, const struct catalogue *catalogue, const char *folder)
{
    struct value *result = NULL;
    struct engine_options options = { .memory_bytes_max = UINT64_C(1) << 30,
                                      .temp_folder = folder };
    struct watchdog *dog = NULL;
    t->engine = engine_open(&options, t->err);
    if (!t->engine || !bind_both(t) ||
        !tables_find_segments(&t->tables, t->store, t->arena, t->err) ||
        !derived_tables_look(&t->tables, t->store, catalogue, t->arena, t->engine, folder,
                             t->err) ||
        !tables_open(&t->tables, t->store, t->arena, t->engine, t->err) ||
        !engine_lock(t->engine, t->err))
        goto done;
    dog = watchdog_new(t->engine, t->options->seconds_max, t->options->stop, t->err);
    if (!dog || !tables_are_settled(t) || !run_side(t, 0) || !run_side(t, 1))
        goto done;
    result = result_make(t);
done:
    if (!result && dog)
        (void)watchdog_explains(dog, t->err);
    watchdog_free(dog);
    engine_close(t->engine);
    return result;
}

struct value *test_try(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                       const struct try_options *options, struct error *err)
{
    struct trying t = { .store = store, .options = options, .arena = arena, .err = err };
    struct value *result = NULL;
    char *folder = arena_printf(arena, err, "%s/attest-try-XXXXXX", options->temp_folder);
    if (!folder || !tables_read(store, catalogue, arena, store_size(store), 0, &t.tables, err) ||
        !period_find(&t) || !test_read(&t) || !set_read(&t))
        goto done;
    if (!mkdtemp(folder)) {
        error_errno(err, "make a temporary folder", folder);
        goto done;
    }
    result = try_in(&t, catalogue, folder);
    folder_discard(arena, folder);
done:
    engagement_free(&t.engagement);
    zone_free(t.utc);
    return result;
}
