/* Which expressions are taken, and which are refused with a place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "engine/engine.h"
#include "engine/expression.h"

static const struct slice change_columns[] = {
    { "id", 2 },    { "author", 6 },    { "environment", 11 }, { "deployed_at", 11 },
    { "lines", 5 }, { "emergency", 9 }, { "parents", 7 },      { "commit", 6 },
};
static const struct slice approval_columns[] = {
    { "change_id", 9 },
    { "actor", 5 },
    { "approved_at", 11 },
    { "kind", 4 },
};
static const struct expression_table tables[] = {
    { { "changes", 7 }, change_columns, ARRAY_LEN(change_columns), NULL, 0 },
    { { "approvals", 9 }, approval_columns, ARRAY_LEN(approval_columns), NULL, 0 },
};

struct world {
    struct engine *engine;
    struct arena *arena;
    struct error err;
    bool used[2];
};

static int world_start(void **state)
{
    static struct world world;
    struct engine_options options = { .memory_bytes_max = 128 << 20, .threads = 1 };
    memset(&world, 0, sizeof world);
    world.engine = engine_open(&options, &world.err);
    world.arena = arena_new(256 << 20, &world.err);
    *state = &world;
    return world.engine && world.arena ? 0 : -1;
}

static int world_end(void **state)
{
    struct world *world = *state;
    engine_close(world->engine);
    arena_free(world->arena);
    return 0;
}

static bool is_taken(struct world *world, const char *text)
{
    struct expression_scope scope = { .tables = tables, .count = 2, .item = 0 };
    world->err = (struct error){ 0 };
    memset(world->used, 0, sizeof world->used);
    arena_reset(world->arena);
    return expression_check(world->engine, world->arena, slice_of(text), &scope, "test/T",
                            world->used, NULL, &world->err);
}

/* ---- constants ---- */

static const struct expression_constant constants[] = {
    { .group = { "period", 6 },
      .name = { "starts", 6 },
      .sql = { "cast('2026-01-01 00:00:00' as timestamp)", 40 } },
    { .group = { "period", 6 }, .name = { "ends", 4 }, .missing = "say which" },
    { .group = { "param", 5 }, .name = { "hours", 5 }, .sql = { "cast('24' as bigint)", 20 } },
};

static bool bind(struct world *world, const char *text, struct slice *bound)
{
    struct expression_scope scope = { .tables = tables,
                                      .count = 2,
                                      .item = 0,
                                      .constants = constants,
                                      .constants_count = ARRAY_LEN(constants) };
    world->err = (struct error){ 0 };
    arena_reset(world->arena);
    return expression_check(world->engine, world->arena, slice_of(text), &scope, "test/T",
                            world->used, bound, &world->err);
}

static void constants_stand_where_columns_may(void **state)
{
#define STARTS "cast('2026-01-01 00:00:00' as timestamp)"
#define HOURS "cast('24' as bigint)"
    static const char *const cases[][2] = {
        { "item.deployed_at > period.starts", "item.deployed_at > " STARTS },
        { "author = 'period.starts' /* param.hours */ or lines < param.hours -- param.hours",
          "author = 'period.starts' /* param.hours */ or lines < " HOURS " -- param.hours" },
        { "author = '\xc3\xbc\xe2\x82\xac' and param.hours=lines",
          "author = '\xc3\xbc\xe2\x82\xac' and " HOURS "=lines" },
        { "case param.hours when 1 then true when 2 then false end",
          "case " HOURS " when 1 then true when 2 then false end" },
        { "exists (select 1 from approvals p where p.approved_at >= period.starts + param.hours * "
          "interval '1' hour and p.change_id in (select id from changes where lines > "
          "param.hours))",
          "exists (select 1 from approvals p where p.approved_at >= " STARTS " + " HOURS " * "
          "interval '1' hour and p.change_id in (select id from changes where lines > " HOURS
          "))" },
        { "lines between param.hours and param.hours", "lines between " HOURS " and " HOURS },
        /* A table of that name is meant first. */
        { "exists (select 1 from changes param where param.lines = 1)",
          "exists (select 1 from changes param where param.lines = 1)" },
        { "lines = 1", "lines = 1" },
    };
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice bound;
        assert_true(bind(world, cases[i][0], &bound));
        if (!slice_is(bound, cases[i][1]))
            fail_msg("%s gave %.*s", cases[i][0], SLICE_ARG(bound));
    }
}

static void what_is_no_constant_is_refused(void **state)
{
    static const char *const cases[][2] = {
        { "lines < param.hour", "there is no param.hour" },
        { "lines < params.hours", "names no table" },
        { "item.deployed_at < period.ends", "period.ends has no value here: say which" },
        { "lines < \"param\".hours", "without quotes and blanks" },
        { "lines < param . hours", "without quotes and blanks" },
        { "lines < param./**/hours", "without quotes and blanks" },
        { "lines < hours", "there is no column" },
        { "lines < param.hours.x", "is not table.column" },
        { "exists (select 1 from param)", "there is no population type" },
        /* An alias hides the constant; it has no such column. */
        { "exists (select 1 from changes param where param.hours = 1)", "there is no column" },
    };
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice bound;
        assert_false(bind(world, cases[i][0], &bound));
        assert_int_equal(world->err.code, ERROR_INVALID);
        if (!strstr(world->err.message, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], world->err.message);
    }
}

static void everything_of_the_portable_subset_is_taken(void **state)
{
    static const char *const taken[] = {
        "exists (select 1 from approvals p where p.change_id = item.id and p.actor <> item.author "
        "and p.approved_at <= item.deployed_at)",
        "not exists (select * from approvals a where a.change_id = item.id)",
        "environment = 'production'",
        "not emergency",
        "item.author is not null and item.id is distinct from item.author",
        "lines between 1 and 10 or lines in (20, 30) or lines not in (40)",
        "environment like 'prod%' and environment not like '%test'",
        "case when emergency then lines < 5 else true end",
        "case environment when 'a' then true end",
        "coalesce(lines, 0) > 0",
        "(select count(*) from approvals p where p.change_id = item.id) >= 2",
        "(select max(p.approved_at) from approvals p where p.change_id = item.id) <= "
        "item.deployed_at + interval '24' hour",
        "item.id in (select change_id from approvals)",
        "item.id = any (select change_id from approvals)",
        "extract(hour from deployed_at) < 6",
        "date_trunc('day', deployed_at) = cast('2026-01-01' as timestamp)",
        "regexp_matches(environment, '^prod')",
        "lower(trim(environment)) || 'x' = 'prodx' and length(id) > 2",
        "substring(id from 1 for 3) = 'chg' and abs(lines) = lines and -lines < 0",
        "lines / 0 is null and lines * 2 + 1 - 3 > 0",
        "list_contains(parents, 'abc')",
        "list_extract(parents, 2) = 'abc'",
        "emergency is true and emergency is not false",
        "exists (select 1 from approvals a join changes c on c.id = a.change_id left join "
        "approvals b "
        "using (change_id) where c.commit = item.commit)",
        "exists (select actor from approvals a where a.change_id = item.id group by actor having "
        "count(*) > 1)",
        "(select count(distinct actor) from approvals a where a.change_id = item.id) > 1",
        "floor(lines) = ceil(lines)",
        "true -- with a remark",
        "deployed_at < timestamp '2026-01-01 00:00:00' and date '2026-01-01' is not null",
    };
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        if (!is_taken(world, taken[i]))
            fail_msg("%s\n  refused: %s: %s", taken[i], world->err.where, world->err.message);
}

static void what_is_not_in_the_subset_is_refused(void **state)
{
    static const char *const refused[] = {
        "",
        "true) from item --",
        "true), (select 1",
        "true) as x, (false",
        "true) from item where (true",
        "true); drop table changes; select (true",
        "true) from item; select (true",
        "true; select 1",
        "exists (select 1 from read_csv('/etc/passwd'))",
        "exists (select 1 from '/etc/passwd')",
        "exists (select 1 from read_parquet('x.parquet'))",
        "exists (select 1 from glob('/*'))",
        "exists (select 1 from range(1000000000))",
        "exists (select 1 from generate_series(1, 10))",
        "exists (select 1 from duckdb_settings())",
        "exists (select 1 from information_schema.tables)",
        "exists (select 1 from main.approvals)",
        "exists (select 1 from memory.main.approvals)",
        "exists (select 1 from sqlite_master)",
        "exists (select 1 from pragma_version())",
        "exists (select 1 from item)",
        "exists (select 1 from unknown_table)",
        "exists (select 1 from (select * from approvals) q)",
        "exists (select 1 from (values (1)) v)",
        "exists (values (1))",
        "exists (with q as (select 1) select 1 from approvals)",
        "exists (with recursive q as (select 1 union all select 1 from q) select 1 from q)",
        "exists (select 1 from approvals union select 1 from changes)",
        "exists (select 1 from approvals order by actor limit 1)",
        "exists (select 1 from approvals limit 1)",
        "exists (select 1 from approvals offset 1)",
        "exists (select distinct on (actor) 1 from approvals)",
        "exists (select 1 from approvals using sample 10%)",
        "exists (select 1 from approvals tablesample 10%)",
        "exists (select 1 from approvals at (version => 1))",
        "exists (select 1 from approvals right join changes on true)",
        "exists (select 1 from approvals full join changes on true)",
        "exists (select 1 from approvals natural join changes)",
        "exists (select 1 from approvals semi join changes using (id))",
        "exists (select 1 from approvals a asof join changes c on a.approved_at > c.deployed_at)",
        "exists (select 1 from approvals positional join changes)",
        "exists (select 1 from approvals, lateral (select 1) x)",
        "exists (select 1 from approvals qualify row_number() over () = 1)",
        "exists (select 1 from approvals group by all)",
        "exists (select 1 from approvals group by cube (actor, kind))",
        "exists (select 1 from approvals as a(x, y) where a.x = 1)",
        "exists (select 1)",
        "(select 1) = 1",
        "exists (from approvals select columns('x'))",
        "exists (select * exclude (actor) from approvals)",
        "exists (select columns(*) from approvals)",
        "exists (pivot approvals on actor using count(*))",
        "exists (select 1 from unnest([1, 2]))",
        "current_timestamp < deployed_at",
        "now() < deployed_at",
        "current_date is not null",
        "current_user = author",
        "localtimestamp is not null",
        "random() < 0.5",
        "uuid() = id",
        "gen_random_uuid() is not null",
        "setseed(0.5) is null",
        "getenv('HOME') = 'x'",
        "current_setting('threads') = '1'",
        "read_text('/etc/passwd') is not null",
        "nextval('s') = 1",
        "txid_current() > 0",
        "version() = 'x'",
        "pg_typeof(id) = 'x'",
        "sleep_ms(1000) is null",
        "count(*) > 1",
        "sum(lines) > 1",
        "row_number() over () = 1",
        "sum(lines) over () > 1",
        "lag(id) over (order by id) = id",
        "list_transform(parents, x -> x) is null",
        "[x for x in parents] is null",
        "parents[1] = 'a'",
        "{'a': 1} is null",
        "struct_pack(a := 1) is null",
        "map([1], [2]) is null",
        "id ilike 'x%'",
        "id similar to 'x'",
        "id glob 'x*'",
        "id ~ 'x'",
        "id collate nocase = 'x'",
        "lines % 2 = 0",
        "lines // 2 = 0",
        "lines ** 2 = 0",
        "lines << 2 = 0",
        "lines & 1 = 0",
        "try_cast(id as integer) = 1",
        "cast(id as blob) is null",
        "cast(id as uuid) is null",
        "cast(deployed_at as timestamp with time zone) is null",
        "cast(id as varchar[]) is null",
        "cast(lines as hugeint) is null",
        "$1 = 1",
        "? = 1",
        "nothing = 1",
        "item.nothing = 1",
        "p.actor = 'x'",
        "changes.id = 'x'",
        "item.id.x = 'x'",
        "item",
        "id = 'x",
        "id = = 'x'",
        "regexp_replace(id, 'x', 'y') = 'z'",
        "printf('%s', id) = 'x'",
        "repeat(id, 1000000000) = 'x'",
        "lpad(id, 1000000000, 'x') = 'x'",
        "encode(id) is null",
        "md5(id) = 'x'",
        "string_split(id, 'x') is null",
        "json_extract(id, '$') is null",
        "grouping(id) = 1",
        "system.main.lower(id) = 'x'",
        "id = default",
    };
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (is_taken(world, refused[i]))
            fail_msg("taken: %s", refused[i]);
        assert_int_equal(world->err.code, ERROR_INVALID);
        assert_true(strncmp(world->err.where, "test/T", 6) == 0);
        assert_true(world->err.message[0] != '\0');
    }
}

static void a_refusal_points_at_the_place(void **state)
{
    struct world *world = *state;
    assert_false(is_taken(world, "id = 'x' and random() < 1"));
    assert_string_equal(world->err.where, "test/T, column 14");
    assert_non_null(strstr(world->err.message, "random"));
}

static void tables_that_are_named_are_told(void **state)
{
    struct world *world = *state;
    assert_true(is_taken(world, "exists (select 1 from approvals a where a.change_id = item.id)"));
    assert_false(world->used[0]);
    assert_true(world->used[1]);
    assert_true(is_taken(world, "exists (select 1 from changes c where c.commit = item.commit)"));
    assert_true(world->used[0]);
}

static void nesting_has_a_limit_and_does_not_end_the_program(void **state)
{
    struct world *world = *state;
    struct strbuf deep = strbuf_new(1 << 16);
    for (size_t i = 0; i < 2000; i++)
        strbuf_add_text(&deep, "not (");
    strbuf_add_text(&deep, "emergency");
    for (size_t i = 0; i < 2000; i++)
        strbuf_add_char(&deep, ')');
    assert_false(is_taken(world, deep.at));
    strbuf_free(&deep);
    assert_int_equal(world->err.code, ERROR_INVALID);
}

static void a_nul_and_great_length_are_refused(void **state)
{
    struct world *world = *state;
    struct expression_scope scope = { .tables = tables, .count = 2, .item = 0 };
    struct slice with_nul = { "true\0 or false", 14 };
    assert_false(expression_check(world->engine, world->arena, with_nul, &scope, "test/T",
                                  world->used, NULL, &world->err));
    static char long_text[EXPRESSION_BYTES_MAX + 2];
    memset(long_text, ' ', EXPRESSION_BYTES_MAX + 1);
    assert_false(is_taken(world, long_text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_stand_where_columns_may),
        cmocka_unit_test(what_is_no_constant_is_refused),
        cmocka_unit_test(everything_of_the_portable_subset_is_taken),
        cmocka_unit_test(what_is_not_in_the_subset_is_refused),
        cmocka_unit_test(a_refusal_points_at_the_place),
        cmocka_unit_test(tables_that_are_named_are_told),
        cmocka_unit_test(nesting_has_a_limit_and_does_not_end_the_program),
        cmocka_unit_test(a_nul_and_great_length_are_refused),
    };
    return cmocka_run_group_tests(tests, world_start, world_end);
}
