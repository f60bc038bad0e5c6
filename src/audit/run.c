/* One command: definitions are read and checked, the tables they name are opened once, the engine
 * is locked, then test after test is evaluated and its payloads and entries are gathered in one
 * transaction. */
#include "audit/run.h"

#include <stdio.h>

#include "audit/derived_tables.h"
#include "audit/examples.h"
#include "audit/run_entry.h"
#include "audit/spans.h"
#include "audit/watchdog.h"

struct one_test {
    struct test_definition definition;
    struct test_definition bound; /* to be run */
    size_t table;
    bool *used; /* tables its expressions name */
    struct cut cut;
    bool is_out; /* cannot be run; a finding says why, or the result's not_run */
    bool lacks_records;
    size_t examples;
    size_t position;      /* of its draft in the transaction */
    struct value *result; /* contract's object, without "run" until committed */
};
struct tests {
    struct one_test *items;
    size_t count;
};

/* ---- reading ---- */

static bool read_one(struct store *store, struct arena *arena, struct slice name, uint64_t size,
                     struct one_test *test, struct error *err)
{
    struct resource_version version;
    if (!slice_starts_with(name, SLICE("test/")))
        name = slice_of(arena_printf(arena, err, "test/%.*s", SLICE_ARG(name)));
    if (!name.at || !resource_get(store, arena, name, size, &version, err))
        return false;
    if (version.is_removed)
        return error_set(err, ERROR_NOT_FOUND, version.name.at, "the test was removed");
    return test_definition_read(arena, &version, &test->definition, err);
}

static bool read_tests(struct store *store, struct arena *arena, const struct slice *names,
                       size_t count, uint64_t size, struct tests *tests, struct error *err)
{
    struct resource_list all = { 0 };
    if (count == 0 && !resource_list(store, arena, SLICE("Test"), size, &all, err))
        return false;
    tests->count = count ? count : all.count;
    tests->items = arena_array(arena, tests->count ? tests->count : 1, sizeof *tests->items, err);
    for (size_t i = 0; tests->items && i < tests->count; i++) {
        bool ok =
            count ? read_one(store, arena, names[i], size, &tests->items[i], err)
                  : test_definition_read(arena, &all.items[i], &tests->items[i].definition, err);
        if (!ok)
            return false;
    }
    if (tests->items && tests->count == 0) {
        error_set(err, ERROR_NOT_FOUND, NULL, "there are no tests");
        return error_hint(err, "apply a Test, see: attest explain Test");
    }
    return tests->items != NULL;
}

/* A fault of one test is told and leaves the others; anything else stops all. */
static bool set_aside(struct one_test *test, struct findings *findings, struct error *err)
{
    switch (err->code) {
    case ERROR_INVALID:
    case ERROR_NOT_FOUND:
        break;
    default:
        return false;
    }
    /* The test's own name leads, whatever place the error names. */
    if (!slice_starts_with(slice_of(err->where), test->definition.name)) {
        char place[192];
        snprintf(place, sizeof place, "%.90s%s%.90s", test->definition.name.at,
                 err->where[0] ? ": " : "", err->where);
        snprintf(err->where, sizeof err->where, "%s", place);
    }
    findings_add_error(findings, err);
    *err = (struct error){ 0 };
    test->is_out = true;
    return true;
}

/* Expressions and examples. */
static bool prepare_one(struct one_test *test, const struct tables *tables,
                        const struct test_values *values, const volatile int *stop,
                        struct arena *arena, struct engine *engine, struct findings *findings,
                        struct error *err)
{
    size_t before = findings->errors_count;
    test->used = arena_array(arena, tables->count, sizeof *test->used, err);
    test->cut.bounds = arena_array(arena, tables->count, sizeof *test->cut.bounds, err);
    if (!test->used || !test->cut.bounds ||
        !tables_find(tables, test->definition.population, &test->table, err) ||
        !test_bind(&test->definition, values, tables, test->table, arena, engine, test->used,
                   test->cut.bounds, &test->bound, err) ||
        !examples_run(&test->definition, tables, test->table, stop, arena, &test->examples,
                      findings, err))
        return false;
    cut_settle(&test->cut, tables, test->table);
    test->is_out = findings->errors_count > before;
    return true;
}

static bool prepare(struct tests *tests, struct tables *tables, const struct test_values *values,
                    const volatile int *stop, struct arena *arena, struct engine *engine,
                    struct findings *findings, struct error *err)
{
    for (size_t i = 0; i < tests->count; i++) {
        struct one_test *test = &tests->items[i];
        if (!prepare_one(test, tables, values, stop, arena, engine, findings, err) &&
            !set_aside(test, findings, err))
            return false;
        for (size_t j = 0; !test->is_out && j < tables->count; j++)
            tables->items[j].is_used = tables->items[j].is_used || test->used[j];
    }
    return true;
}

/* ---- running ---- */

struct running {
    struct store *store;
    struct arena *arena;
    const struct run_options *options;
    const struct engagement *engagement; /* NULL: none */
    struct tables *tables;
    struct engine *engine;
    struct transaction *tx;
    struct period period;
    const struct zone *zone;
    struct slice zone_name;
};

static bool sink_payload(void *context, struct slice bytes, struct error *err)
{
    return payload_writer_add(context, bytes, err);
}

/* Joined tables must not hold conflicts at all; the item's own only where it matters, unless it is
 * looked at over all time. */
static bool joined_tables_are_settled(const struct running *running, const struct one_test *test,
                                      struct error *err)
{
    for (size_t i = 0; i < running->tables->count; i++)
        if (test->used[i] && (i != test->table || spans_are_used(running->tables, test->used, i)) &&
            !tables_conflicts(&running->tables->items[i], running->engine, NULL, err))
            return false;
    return true;
}

static bool run_one(struct running *running, struct one_test *test, struct error *err)
{
    struct arena *arena = running->arena;
    struct coverage_gaps gaps;
    struct outcomes outcomes = { .rows = NULL };
    struct population population = { .items = 0 };
    struct run_record record = { 0 };
    bool ok = false;
    struct payload_writer *matrix = NULL, *items = NULL;
    struct outcomes_options options = { .folder = store_tmp(running->store),
                                        .cut = &test->cut,
                                        .wants_deviating = true };
    struct population_query query = {
        .tables = running->tables,
        .table = &running->tables->items[test->table],
        .where = test->bound.where,
        .reconcile = test->bound.reconcile,
        .period = running->period,
        .zone = running->zone,
        .zone_name = running->zone_name,
        .engagement = running->engagement ? running->engagement->name : (struct slice){ 0 },
    };
    if (test->definition.is_sample)
        return error_set(err, ERROR_INVALID, test->definition.name.at,
                         "extent: sample needs a plan and a seed committed to beforehand; this "
                         "version runs tests over every item");
    test->cut.items_max = running->options->range_items;
    items = options.items = payload_writer_new(running->store, err);
    if (!items || !population_allowed(&query, running->store, arena, running->engine, &gaps, err) ||
        !joined_tables_are_settled(running, test, err) ||
        !outcomes_build(&query, &test->bound, &options, arena, running->engine, &outcomes, err))
        goto done;
    population.items = outcomes.items;
    population.digest = outcomes.keys;
    if (!population_freeze(&query, &gaps, items, running->store, arena, running->engine,
                           running->tx, &running->options->acting->actor, &population, err))
        goto done;
    matrix = payload_writer_new(running->store, err);
    if (!matrix || !outcomes_write(&outcomes, sink_payload, matrix, err) ||
        !payload_writer_finish(matrix, running->tx, &record.matrix, &record.result_digest, err))
        goto done;
    record.deviating = outcomes.deviating;
    record.test = &test->definition;
    record.tables = running->tables;
    record.used = test->used;
    record.population = &population;
    record.outcomes = &outcomes;
    record.period = &running->period;
    record.zone_name = running->zone_name;
    record.engagement = running->engagement;
    record.acting = running->options->acting;
    record.engine = running->engine;
    record.position = running->tables->size;
    record.examples = test->examples;
    test->position = transaction_count(running->tx);
    test->result = run_result(&record, arena, err);
    ok = test->result && run_add_entry(&record, test->result, running->tx, err) &&
         value_put(arena, test->result, "deviating", record.deviating, err);
done:
    outcomes_free(&outcomes);
    payload_writer_free(items);
    payload_writer_free(matrix);
    return ok;
}

/* Asked for by name, a test without records is a fault; when all are run, it is not its turn yet.
 */
static void leave_out_without_records(const struct running *running, struct tests *tests)
{
    for (size_t i = 0; running->options->tests_count == 0 && i < tests->count; i++) {
        struct one_test *test = &tests->items[i];
        test->lacks_records =
            !test->is_out && running->tables->items[test->table].segments.count == 0;
        test->is_out = test->is_out || test->lacks_records;
    }
}

static bool run_all(struct running *running, struct tests *tests, struct watchdog *dog,
                    struct findings *findings, struct error *err)
{
    for (size_t i = 0; i < tests->count; i++) {
        struct one_test *test = &tests->items[i];
        if (!progress_tell(running->options->progress, test->definition.name.at, i, 0,
                           tests->count))
            return error_set(err, ERROR_INTERRUPTED, NULL, "interrupted; nothing was written");
        watchdog_reset(dog);
        if (test->is_out || run_one(running, test, err))
            continue;
        watchdog_explains(dog, err);
        if (!set_aside(test, findings, err))
            return false;
    }
    return true;
}

static bool put_not_run(const struct running *running, const struct tests *tests, struct value *all,
                        struct error *err)
{
    struct value *list = value_put_array(running->arena, all, "not_run", err);
    for (size_t i = 0; list && i < tests->count; i++) {
        const struct one_test *test = &tests->items[i];
        struct value *item = NULL;
        if (test->lacks_records &&
            (!(item = value_add_object(running->arena, list, err)) ||
             !value_put_text(running->arena, item, "test", test->definition.name, err) ||
             !value_put_text(running->arena, item, "records", test->definition.population, err)))
            return false;
    }
    return list != NULL;
}

/* Commits and gives each result its run's name. */
static struct value *commit(struct running *running, struct tests *tests, struct error *err)
{
    const struct ledger_appended *appended = NULL;
    size_t count = 0;
    struct arena *arena = running->arena;
    struct value *all = value_new(arena, VALUE_OBJECT, err);
    char from[28], to[28], hex[65];
    if (!all || (transaction_count(running->tx) > 0 &&
                 !transaction_commit(running->tx, &appended, &count, err)))
        return NULL;
    time_format(running->period.start_us, from);
    time_format(running->period.end_us, to);
    /* Times of the contract's example have no fraction. */
    snprintf(from + 19, sizeof from - 19, "Z");
    snprintf(to + 19, sizeof to - 19, "Z");
    struct value *period = value_put_object(arena, all, "period", err);
    struct value *list = value_put_array(arena, all, "tests", err);
    if (!period || !list ||
        !value_put_i64(arena, all, "position", (int64_t)running->tables->size, err) ||
        !value_put_text(arena, period, "from", slice_of(from), err) ||
        !value_put_text(arena, period, "to", slice_of(to), err))
        return NULL;
    for (size_t i = 0; i < tests->count; i++) {
        struct one_test *test = &tests->items[i];
        if (test->is_out)
            continue;
        digest_hex(&appended[test->position].leaf, hex);
        if (!value_put_text(arena, test->result, "run", slice_of(hex), err) ||
            !value_add(arena, list, test->result, err))
            return NULL;
    }
    return put_not_run(running, tests, all, err) ? all : NULL;
}

/* Engagement and period: who may run what, over which days. */
static bool settle_scope(struct running *running, struct engagement *engagement, struct zone **utc,
                         struct error *err)
{
    const struct run_options *options = running->options;
    running->zone_name = SLICE("UTC");
    if (options->engagement.len > 0) {
        if (!engagement_read(running->store, running->arena, options->engagement,
                             running->tables->size, engagement, err))
            return false;
        running->engagement = engagement;
        running->zone = engagement->zone;
        running->zone_name = engagement->zone_name;
        running->period = engagement->period;
        if (slice_is(slice_of(options->acting->actor.side), "auditor") &&
            !engagement_has_auditor(engagement, options->acting->person)) {
            error_set(err, ERROR_REFUSED, engagement->name.at,
                      "%.*s is not of the auditor's team of this engagement",
                      SLICE_ARG(options->acting->person));
            return error_hint(err, "the engagement names its team in auditors and partner");
        }
    } else {
        *utc = zone_new(SLICE("UTC"), err);
        if (!*utc)
            return false;
        running->zone = *utc;
        if (options->period.len == 0) {
            error_set(err, ERROR_USAGE, "--period", "no period and no engagement");
            return error_hint(err, "--period 2026-01-01..2026-12-31, or --engagement ID");
        }
    }
    return options->period.len == 0 ||
           period_parse(options->period, running->zone, &running->period, err);
}

struct value *tests_run(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                        const struct run_options *options, struct findings *findings,
                        struct error *err)
{
    struct value *result = NULL;
    struct tables tables;
    struct tests tests;
    struct engagement engagement = { 0 };
    struct zone *utc = NULL;
    struct watchdog *dog = NULL;
    struct running running = {
        .store = store, .arena = arena, .options = options, .tables = &tables
    };
    uint64_t size = store_size(store);
    if (!tables_read(store, catalogue, arena, size, 0, &tables, err) ||
        !settle_scope(&running, &engagement, &utc, err) ||
        !read_tests(store, arena, options->tests, options->tests_count, size, &tests, err))
        goto done;
    running.engine = engine_open(&options->engine, err);
    const struct test_values values = { .period = &running.period };
    if (!running.engine ||
        !prepare(&tests, &tables, &values, options->stop, arena, running.engine, findings, err) ||
        !derived_tables_refresh(&tables, store, catalogue, arena, running.engine, err) ||
        !tables_find_segments(&tables, store, arena, err) ||
        !tables_open(&tables, store, arena, running.engine, err) ||
        !engine_lock(running.engine, err))
        goto done;
    leave_out_without_records(&running, &tests);
    dog = watchdog_new(running.engine, options->seconds_max, options->stop, err);
    running.tx = dog ? transaction_begin(store, err) : NULL;
    if (!running.tx || !run_all(&running, &tests, dog, findings, err))
        goto done;
    watchdog_free(dog);
    dog = NULL;
    result = commit(&running, &tests, err);
done:
    watchdog_free(dog);
    transaction_free(running.tx);
    engine_close(running.engine);
    engagement_free(&engagement);
    zone_free(utc);
    return result;
}

struct value *tests_check(struct store *store, const struct catalogue *catalogue,
                          struct arena *arena, const struct slice *names, size_t names_count,
                          const volatile int *stop, struct findings *findings, struct error *err)
{
    struct tables tables;
    struct tests tests;
    uint64_t size = store_size(store);
    struct value *all = value_new(arena, VALUE_OBJECT, err);
    struct value *list = all ? value_put_array(arena, all, "tests", err) : NULL;
    if (!list || !tables_read(store, catalogue, arena, size, 0, &tables, err) ||
        !read_tests(store, arena, names, names_count, size, &tests, err))
        return NULL;
    for (size_t i = 0; i < tests.count; i++) {
        struct one_test *test = &tests.items[i];
        size_t before = findings->errors_count;
        if ((!tables_find(&tables, test->definition.population, &test->table, err) ||
             !examples_run(&test->definition, &tables, test->table, stop, arena, &test->examples,
                           findings, err)) &&
            !set_aside(test, findings, err))
            return NULL;
        struct value *item = value_add_object(arena, list, err);
        if (!item || !value_put_text(arena, item, "test", test->definition.name, err) ||
            !value_put_i64(arena, item, "examples", (int64_t)test->examples, err) ||
            !value_put_i64(arena, item, "failed", (int64_t)(findings->errors_count - before), err))
            return NULL;
    }
    return all;
}
