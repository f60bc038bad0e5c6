#include "audit/freshness.h"

#include <stdlib.h>
#include <string.h>

#include "audit/tables.h"
#include "audit/test_bind.h"
#include "audit/test_definition.h"
#include "base/json.h"
#include "evidence/segments.h"

const char *freshness_state_name(enum freshness_state state)
{
    static const char *const names[] = { "fresh", "stale", "never", "no-source", "not-expected" };
    return names[state];
}

/* A Source, and what it has brought. */
struct arrival {
    struct slice name, type;
    const struct value *document;
    struct slice arrived_at;
    int64_t covered_us;
};

struct reading {
    struct store *store;
    struct arena *arena;
    uint64_t size;
    int64_t now_us;
    struct tables tables;
    struct arrival *arrivals;
    size_t arrivals_count;
    struct freshness_list *list;
    struct error *err;
};

/* ---- what has arrived ---- */

static bool segment_counts(struct reading *reading, const struct segment *segment)
{
    int64_t until_us = 0;
    for (size_t i = 0; i < reading->arrivals_count; i++) {
        struct arrival *arrival = &reading->arrivals[i];
        if (!slice_equal(arrival->name, segment->source))
            continue;
        if (segment->has_covers)
            until_us = segment->covers.end_us;
        else if (!time_parse_canonical(segment->at, &until_us))
            return error_set(reading->err, ERROR_CORRUPT, NULL, "ledger %llu has no time",
                             (unsigned long long)segment->n);
        if (until_us > arrival->covered_us)
            arrival->covered_us = until_us;
        arrival->arrived_at = segment->at; /* oldest first */
    }
    return true;
}

static bool arrivals_read(struct reading *reading)
{
    struct resource_list sources;
    struct segment_list segments;
    struct arena *arena = reading->arena;
    if (!resource_list(reading->store, arena, SLICE("Source"), reading->size, &sources,
                       reading->err) ||
        !segments_list(reading->store, arena, (struct slice){ 0 }, reading->size, false, &segments,
                       reading->err))
        return false;
    reading->arrivals =
        arena_array(arena, sources.count + 1, sizeof *reading->arrivals, reading->err);
    for (size_t i = 0; reading->arrivals && i < sources.count; i++) {
        struct arrival *arrival = &reading->arrivals[reading->arrivals_count++];
        arrival->name = sources.items[i].name;
        arrival->document = json_parse(arena, sources.items[i].document, arrival->name.at,
                                       &json_limits_default, reading->err);
        if (!arrival->document)
            return false;
        arrival->type = value_text_of(arrival->document, "population");
    }
    for (size_t i = 0; reading->arrivals && i < segments.count; i++)
        if (!segment_counts(reading, &segments.items[i]))
            return false;
    return reading->arrivals != NULL;
}

/* ---- when it must ---- */

/* The next records that are not there yet: those of the first period that ends after what is. */
static bool expectation(struct reading *reading, const struct value *source,
                        const struct value *control, struct freshness *fresh)
{
    const struct value *expect = value_member(source, "expect");
    struct slice every = value_text_of(expect, "every");
    struct slice allowed = value_text_of(expect, "allowed");
    struct slice zone_named = value_text_of(source, "timezone");
    struct calendar_version version = { .to_us = INT64_MAX, .has_rule = true };
    struct occurrences next;
    if (!expect) {
        every = value_text_of(control, "frequency");
        if (slice_is(every, "many-a-day"))
            every = SLICE("daily");
    }
    version.rule.step = calendar_step_find(every);
    fresh->is_expected = version.rule.step != NULL;
    if (!fresh->is_expected)
        return true;
    fresh->every = version.rule.step->name;
    struct zone *zone = zone_named.len ? zone_new(zone_named, reading->err) : NULL;
    if (zone_named.len && !zone)
        return false;
    version.rule.zone = zone;
    version.rule.anchor = version.rule.step->anchor;
    /* What covers to the end of a day lacks nothing of it: the next window begins there. */
    version.from_us = fresh->covered_us;
    bool ok =
        (allowed.len == 0 ||
         calendar_allowed_parse(allowed, &version.rule.allowed, reading->err)) &&
        calendar_occurrences(reading->arena, &version, 1, version.from_us + 1, &next, reading->err);
    fresh->is_expected = ok && next.count > 0;
    if (fresh->is_expected)
        fresh->must_arrive_us = next.items[0].allowed_us;
    /* Nobody has said how long it may take: until the period after it is over. */
    if (fresh->is_expected && !expect) {
        ok = calendar_occurrences(reading->arena, &version, 1, next.items[0].due_us + 2, &next,
                                  reading->err);
        if (ok && next.count > 1)
            fresh->must_arrive_us = next.items[1].due_us;
    }
    zone_free(zone);
    return ok;
}

/* ---- controls and what their tests read ---- */

static bool fresh_add(struct reading *reading, const struct freshness *fresh)
{
    struct freshness_list *list = reading->list;
    if (!arena_room(reading->arena, &list->items, list->count, &list->capacity, sizeof *list->items,
                    reading->err))
        return false;
    list->items[list->count++] = *fresh;
    return true;
}

static bool read_add(struct reading *reading, struct slice test, const struct table *table)
{
    struct freshness_list *list = reading->list;
    if (!arena_room(reading->arena, &list->reads, list->reads_count, &list->reads_capacity,
                    sizeof *list->reads, reading->err))
        return false;
    list->reads[list->reads_count++] =
        (struct test_reads){ test, table->type.id, table->type.derived.len > 0 };
    return true;
}

static bool type_add(struct reading *reading, struct slice control, const struct value *document,
                     struct slice type)
{
    bool is_filled = false;
    for (size_t i = 0; i < reading->list->count; i++)
        if (slice_equal(reading->list->items[i].control, control) &&
            slice_equal(reading->list->items[i].type, type))
            return true; /* another test of the control reads it too */
    for (size_t i = 0; i < reading->arrivals_count; i++) {
        const struct arrival *arrival = &reading->arrivals[i];
        struct freshness fresh = { .control = control,
                                   .type = type,
                                   .source = arrival->name,
                                   .arrived_at = arrival->arrived_at,
                                   .covered_us = arrival->covered_us };
        if (!slice_equal(arrival->type, type))
            continue;
        is_filled = true;
        if (arrival->arrived_at.len == 0)
            fresh.state = NEVER;
        else if (!expectation(reading, arrival->document, document, &fresh))
            return false;
        else if (!fresh.is_expected)
            fresh.state = NOT_EXPECTED;
        else
            fresh.state = reading->now_us > fresh.must_arrive_us ? STALE : FRESH;
        if (!fresh_add(reading, &fresh))
            return false;
    }
    const struct freshness none = { .control = control, .type = type, .state = NO_SOURCE };
    return is_filled || fresh_add(reading, &none);
}

/* The tables that a test reads, its population among them. */
static bool tables_of(struct reading *reading, struct engine *engine,
                      const struct test_definition *test, bool *used, struct findings *findings)
{
    static const struct period any = { 0, US_PER_DAY };
    const struct test_values values = { .period = &any };
    struct test_definition bound;
    struct error fault = { 0 };
    size_t table;
    memset(used, 0, reading->tables.count * sizeof *used);
    if (!tables_find(&reading->tables, test->population, &table, &fault))
        goto told;
    used[table] = true;
    if (test_bind(test, &values, &reading->tables, table, reading->arena, engine, used, NULL,
                  &bound, &fault))
        return true;
told:
    if (fault.code != ERROR_INVALID && fault.code != ERROR_NOT_FOUND)
        return (*reading->err = fault, false);
    findings_add_warning(findings, &fault);
    return true;
}

static bool tests_read(struct reading *reading, struct engine *engine, struct findings *findings)
{
    struct resource_list tests;
    struct arena *arena = reading->arena;
    bool *used = arena_array(arena, reading->tables.count + 1, sizeof *used, reading->err);
    if (!used ||
        !resource_list(reading->store, arena, SLICE("Test"), reading->size, &tests, reading->err))
        return false;
    for (size_t i = 0; i < tests.count; i++) {
        struct test_definition test;
        struct resource_version control;
        if (!test_definition_read(arena, &tests.items[i], &test, reading->err) ||
            !tables_of(reading, engine, &test, used, findings) ||
            !resource_get(reading->store, arena, test.control, reading->size, &control,
                          reading->err))
            return false;
        const struct value *document = control.is_removed
                                           ? NULL
                                           : json_parse(arena, control.document, control.name.at,
                                                        &json_limits_default, reading->err);
        if (!document && !control.is_removed)
            return false;
        for (size_t j = 0; j < reading->tables.types; j++) {
            const struct table *table = &reading->tables.items[j];
            if (used[j] && !read_add(reading, tests.items[i].name, table))
                return false;
            /* What the program makes itself is made when it is read. */
            if (used[j] && table->type.derived.len == 0 &&
                !type_add(reading, test.control, document, table->type.id))
                return false;
        }
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct freshness *left = a, *right = b;
    int order = slice_compare(left->control, right->control);
    if (order == 0)
        order = slice_compare(left->type, right->type);
    return order ? order : slice_compare(left->source, right->source);
}

bool freshness_read(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                    uint64_t size, int64_t now_us, struct freshness_list *list,
                    struct findings *findings, struct error *err)
{
    struct reading reading = {
        .store = store, .arena = arena, .size = size, .now_us = now_us, .list = list, .err = err
    };
    const struct engine_options options = { .threads = 1 };
    *list = (struct freshness_list){ 0 };
    struct engine *engine = engine_open(&options, err);
    bool ok = engine && tables_read(store, catalogue, arena, size, 0, &reading.tables, err) &&
              arrivals_read(&reading) && tests_read(&reading, engine, findings);
    if (ok && list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, by_name);
    engine_close(engine);
    return ok;
}
