/* Parquet files of others, and the same rows through every door. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_ALL                                                                                   \
    "kind: PopulationType\nid: all\nkey: [id]\ntime: at\ncolumns:\n"                               \
    "  id: {type: text}\n  at: {type: timestamp}\n  n: {type: integer}\n"                          \
    "  d: {type: 'decimal(9,2)'}\n  b: {type: boolean}\n  day: {type: date}\n"                     \
    "  tags: {type: 'list<text>'}\n"

static void set_up(struct world *w, const char *reader, const char *more)
{
    char yaml[256];
    world_type(w, TYPE_ALL);
    (void)snprintf(yaml, sizeof yaml, "kind: Source\nid: s\npopulation: all\nreader: %s\n%s",
                   reader, more);
    world_source(w, yaml);
}

/* A Parquet file of a query's rows. */
static const char *parquet(struct world *w, const char *query)
{
    const char *path = world_path(w, "x.parquet");
    struct strbuf sql = strbuf_new(1 << 16);
    strbuf_printf(&sql, "copy (%s) to '%s' (format parquet)", query, path);
    if (!engine_run(w->engine, strbuf_slice(&sql), &w->err))
        fail_msg("%s", w->err.message);
    strbuf_free(&sql);
    return path;
}

static void columns_are_taken_by_name_and_exactly(void **state)
{
    struct world *w = *state;
    set_up(w, "parquet", "");
    assert_true(world_read(
        w, parquet(w, "select [null, 'x', 'a \"q\"'] as tags, true as b, 12.5::decimal(5,1) as d, "
                      "'a' as id, 42::utinyint as n, date '2024-02-29' as day, 1 as more, "
                      "timestamptz '2023-01-01 00:00:00+01:00' as at "
                      "union all select null, null, null, 'b', null, null, null, null")));
    assert_string_equal(world_rows(w),
                        "[\"a\",\"2022-12-31T23:00:00.000000Z\",\"42\",\"12.50\",\"true\","
                        "\"2024-02-29\",[null,\"x\",\"a \\\"q\\\"\"]]\n"
                        "[\"b\",null,null,null,null,null,null]\n");
    assert_digest_of_rows(w);
    assert_int_equal(w->content.unknown_count, 1);
    assert_true(slice_is(w->content.unknown[0], "more"));
}

static void a_time_without_zone_needs_the_sources(void **state)
{
    struct world *w = *state;
    set_up(w, "parquet", "");
    const char *path = parquet(w, "select 'a' as id, timestamp '2023-07-01 12:00:00' as at");
    assert_false(world_read(w, path));
    assert_non_null(strstr(w->err.where, "x.parquet:1: at"));
    assert_non_null(strstr(w->err.message, "no time zone"));
    set_up(w, "parquet", "timezone: Europe/Berlin\n");
    assert_true(world_read(w, path));
    assert_non_null(strstr(world_rows(w), "\"2023-07-01T10:00:00.000000Z\""));
    /* Nanoseconds: taken if they are whole microseconds. */
    assert_true(world_read(
        w, parquet(w, "select 'a' as id, timestamp_ns '2023-07-01 12:00:00.000001000' as at")));
    assert_non_null(strstr(world_rows(w), "\"2023-07-01T10:00:00.000001Z\""));
    assert_false(world_read(
        w, parquet(w, "select 'a' as id, timestamp_ns '2023-07-01 12:00:00.000000001' as at")));
    assert_non_null(strstr(w->err.message, "finer than a microsecond"));
}

static void what_is_not_exact_is_refused(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *query, *where, *message;
    } cases[] = {
        { "select 'a' as id, 0.1::double as d", "x.parquet: d", "DOUBLE" },
        { "select 'a' as id, 0.125::decimal(9,3) as d", "x.parquet:1: d", "nothing is rounded" },
        { "select 'a' as id, 99999999 as d", "x.parquet:1: d", "too large" },
        { "select 7 as id", "x.parquet:1: id", "text was expected, not a number" },
        { "select 'a' as id, 1 as b", "x.parquet:1: b", "boolean was expected" },
        { "select 'a' as id, {'x': 1} as n", "x.parquet: n", "STRUCT" },
        { "select 'a' as idd, 1 as n", "x.parquet: id", "no such column" },
        { "select null as id, 1 as n", "x.parquet:1: id", "it is empty" },
        { "select 'a' as id, date '20000-01-01' as day", "x.parquet:1: day", "years 1 to 9999" },
        { "select 'a' as id, 'infinity'::timestamptz as at", "x.parquet:1: at", "years 1 to 9999" },
    };
    set_up(w, "parquet", "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (world_read(w, parquet(w, cases[i].query)))
            fail_msg("was read: %s", cases[i].query);
        if (!strstr(w->err.where, cases[i].where) || !strstr(w->err.message, cases[i].message))
            fail_msg("%s: %s: %s", cases[i].query, w->err.where, w->err.message);
    }
}

static void a_damaged_file_is_told_without_our_copys_name(void **state)
{
    struct world *w = *state;
    set_up(w, "parquet", "");
    const char *path = parquet(w, "select 'a' || range as id from range(10000)");
    /* The footer's own bytes, not its marks. */
    world_shell(w, "s=$(stat -c %s x.parquet); head -c 200 /dev/zero | "
                   "dd of=x.parquet bs=1 seek=$((s-210)) conv=notrunc status=none");
    assert_false(world_read(w, path));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.where, "x.parquet"));
    assert_non_null(strstr(w->err.message, "damaged Parquet file"));
    assert_null(strstr(w->err.message, "read-"));
}

/* 3,000 rows that are awkward on purpose, as NDJSON, CSV and Parquet. */
#define ROWS                                                                                       \
    "select 'id-' || range as id, case when range % 5 <> 0 then "                                  \
    "timestamptz '2023-01-01 00:00:00+00' + to_microseconds(range * 1234567) end as at, "          \
    "case when range % 3 <> 0 then range * 3074457345618 end as n, "                               \
    "(range % 1000 - 500) / 8 :: decimal(9,2) as raw, range % 2 = 0 as b, "                        \
    "date '2000-01-01' + (range::int) as day, "                                                    \
    "case when range % 4 = 0 then [] when range % 4 = 1 then ['a', null, chr(34) || ',' || "       \
    "chr(10) || 'é' || range] end as tags from range(3000)"

static void copy_rows(struct world *w, const char *select, const char *name, const char *form)
{
    struct strbuf sql = strbuf_new(1 << 16);
    strbuf_printf(&sql,
                  "copy (select %s from (select *, raw::decimal(9,2) as d from (%s))) to '%s' (%s)",
                  select, ROWS, world_path(w, name), form);
    if (!engine_run(w->engine, strbuf_slice(&sql), &w->err))
        fail_msg("%s", w->err.message);
    strbuf_free(&sql);
}

static void the_same_rows_have_one_digest_through_every_reader(void **state)
{
    struct world *w = *state;
    copy_rows(w, "id, \"at\", n, d, b, day, tags", "rows.parquet", "format parquet");
    copy_rows(w, "id, strftime(\"at\", '%Y-%m-%dT%H:%M:%S.%fZ') as at, n, d, b, day, tags",
              "rows.ndjson", "format json");
    copy_rows(w,
              "id, strftime(\"at\", '%Y-%m-%dT%H:%M:%S.%fZ') as at, n, d, b, day, "
              "to_json(tags)::varchar as tags",
              "rows.csv", "format csv, header");

    set_up(w, "parquet", "");
    assert_true(world_read(w, world_path(w, "rows.parquet")));
    assert_int_equal(w->content.counts.kept, 3000);
    assert_digest_of_rows(w);
    struct digest first = w->content.counts.row_digest;

    static const char *const readers[] = { "ndjson", "csv" };
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "rows.%s", readers[i]);
        set_up(w, readers[i], "");
        if (!world_read(w, world_path(w, name)))
            fail_msg("%s: %s", w->err.where, w->err.message);
        assert_int_equal(w->content.counts.kept, 3000);
        assert_true(digest_equal(&first, &w->content.counts.row_digest));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(columns_are_taken_by_name_and_exactly),
        WORLD_TEST(a_time_without_zone_needs_the_sources),
        WORLD_TEST(what_is_not_exact_is_refused),
        WORLD_TEST(a_damaged_file_is_told_without_our_copys_name),
        WORLD_TEST(the_same_rows_have_one_digest_through_every_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
