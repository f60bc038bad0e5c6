/* The engine: exact values, errors for people, and what a locked engine refuses. */
#include "engine/engine_world.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void values_come_out_as_canonical_rows_have_them(void **state)
{
    struct world *w = *state;
    assert_string_equal(
        world_rows(w, "select 'a\"b\n', 42, -7::tinyint, 12.5::decimal(12,2), -0.05::decimal(4,2), "
                      "true, date '2024-02-29', timestamp '2023-01-01 00:00:00.5', null, "
                      "['x', null, 'y'], 170141183460469231731687303715884105727::hugeint"),
        "\"a\\\"b\\n\" \"42\" \"-7\" \"12.50\" \"-0.05\" \"true\" \"2024-02-29\" "
        "\"2023-01-01T00:00:00.500000Z\" null [\"x\",null,\"y\"] "
        "\"170141183460469231731687303715884105727\"\n");
}

static void a_key_is_a_canonical_array(void **state)
{
    struct world *w = *state;
    assert_string_equal(
        world_rows(w, "select canonical_key(id), canonical_row(id, n, t, l) from (values "
                      "('chg-1', 1, timestamp '2023-01-01', ['a']), "
                      "('\xD0\xB0 \"q\"', null, null, null)) v(id, n, t, l)"),
        "\"[\\\"chg-1\\\"]\" "
        "\"[\\\"chg-1\\\",\\\"1\\\",\\\"2023-01-01T00:00:00.000000Z\\\",[\\\"a\\\"]]\"\n"
        "\"[\\\"\xD0\xB0 \\\\\\\"q\\\\\\\"\\\"]\" \"[\\\"\xD0\xB0 "
        "\\\\\\\"q\\\\\\\"\\\",null,null,null]\"\n");
}

static void a_row_with_a_floating_number_has_no_canonical_form(void **state)
{
    struct world *w = *state;
    assert_false(engine_run(w->engine, SLICE("select canonical_row(0.1::double)"), &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "canonical_row takes"));
}

static void division_by_zero_is_null_on_every_connection(void **state)
{
    struct world *w = *state;
    assert_string_equal(world_rows(w, "select (1/0)::varchar, (1%0), (1.5/0)::varchar"),
                        "null null null\n");
}

static void parameters_are_text_and_never_sql(void **state)
{
    struct world *w = *state;
    size_t rows;
    struct slice parameter = SLICE("x' or 'a'='a");
    struct engine_result *result =
        engine_query(w->engine, SLICE("select $1 || '!'"), &parameter, 1, &w->err);
    assert_non_null(result);
    assert_true(engine_result_next(result, &rows, &w->err));
    assert_int_equal(rows, 1);
    assert_true(slice_is(engine_text(result, 0, 0), "x' or 'a'='a!"));
    engine_result_free(result);
}

static void two_results_can_be_read_in_turns(void **state)
{
    struct world *w = *state;
    size_t a_rows, b_rows;
    int64_t sum = 0, count = 0;
    struct engine_result *a =
        engine_query(w->engine, SLICE("select range from range(10000)"), NULL, 0, &w->err);
    struct engine_result *b =
        engine_query(w->engine, SLICE("select range from range(10000)"), NULL, 0, &w->err);
    assert_true(a && b);
    do {
        assert_true(engine_result_next(a, &a_rows, &w->err));
        assert_true(engine_result_next(b, &b_rows, &w->err));
        assert_int_equal(a_rows, b_rows);
        for (size_t i = 0; i < a_rows; i++)
            sum += engine_int64(a, 0, i) - engine_int64(b, 0, i);
        count += (int64_t)a_rows;
    } while (a_rows > 0);
    assert_int_equal(sum, 0);
    assert_int_equal(count, 10000);
    engine_result_free(a);
    engine_result_free(b);
}

static void a_fault_is_told_without_the_engines_own_words_around_it(void **state)
{
    struct world *w = *state;
    assert_null(engine_query(w->engine, SLICE("select nonesuch"), NULL, 0, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_true(slice_starts_with(slice_of(w->err.message), SLICE("Referenced column")));
    assert_false(engine_run(w->engine, SLICE("select 'x'::int"), &w->err));
    assert_non_null(strstr(w->err.message, "Could not convert string 'x'"));
    assert_null(engine_query(w->engine, SLICE("select 1; select 2"), NULL, 0, &w->err));
    assert_string_equal(w->err.message, "2 statements where one was expected");
}

static void too_much_memory_is_refused_with_the_limit(void **state)
{
    struct world *w = *state;
    struct engine_options options = { .memory_bytes_max = 32 << 20, .threads = 1 };
    struct engine *small = engine_open(&options, &w->err);
    assert_non_null(small);
    assert_false(engine_run(
        small, SLICE("create table t as select range || repeat('x', 500) v from range(1000000)"),
        &w->err));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    assert_non_null(strstr(w->err.hint, "32 MiB"));
    engine_close(small);
}

static void *interrupt_soon(void *engine)
{
    usleep(50000);
    engine_interrupt(engine);
    return NULL;
}

static void another_thread_can_stop_a_long_statement(void **state)
{
    struct world *w = *state;
    pthread_t thread;
    size_t rows = 0;
    bool ok = true;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, w->engine), 0);
    struct engine_result *result = engine_query(
        w->engine, SLICE("select sum(a.range * b.range) from range(3000000) a, range(100000) b"),
        NULL, 0, &w->err);
    if (result)
        ok = engine_result_next(result, &rows, &w->err);
    assert_true(!result || !ok);
    assert_int_equal(w->err.code, ERROR_INTERRUPTED);
    engine_result_free(result);
    pthread_join(thread, NULL);
}

static void a_locked_engine_reads_the_files_it_was_allowed_and_no_other(void **state)
{
    struct world *w = *state;
    char *allowed = world_path(w, "allowed it's.parquet");
    char *other = world_path(w, "other.parquet");
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "copy (select 1 a) to '%s/allowed it''s.parquet' (format parquet);"
                   "copy (select 2 a) to '%s' (format parquet);"
                   "create view v as select * from read_parquet('%s/allowed it''s.parquet')",
                   w->folder, other, w->folder);
    world_runs(w, sql);
    assert_true(engine_allow_file(w->engine, allowed, &w->err));
    assert_true(engine_lock(w->engine, &w->err));

    assert_string_equal(world_rows(w, "select a from v"), "\"1\"\n");
    (void)snprintf(sql, sizeof sql, "select a from read_parquet('%s')", other);
    assert_null(engine_query(w->engine, slice_of(sql), NULL, 0, &w->err));
    assert_non_null(strstr(w->err.message, "disabled by configuration"));
}

static void a_locked_engine_refuses_everything_that_reaches_out(void **state)
{
    struct world *w = *state;
    char copy[256], attach[256];
    char *path = world_path(w, "own.parquet");
    (void)snprintf(copy, sizeof copy, "copy (select 1 a) to '%s'", path);
    (void)snprintf(attach, sizeof attach, "attach '%s/x.db' as x", w->folder);
    world_runs(w, copy);
    assert_true(engine_allow_file(w->engine, path, &w->err));
    assert_true(engine_lock(w->engine, &w->err));

    const char *const refused[] = {
        copy,
        attach,
        "attach ':memory:' as x",
        "set threads = 8",
        "set enable_external_access = true",
        "reset lock_configuration",
        "pragma enable_profiling",
        "install httpfs",
        "load httpfs",
        "export database 'x'",
        "call pragma_version()",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from '/etc/passwd'",
        "select * from read_json('http://127.0.0.1/x.json')",
        "select 1; select 2",
        "select * from attest_rows()",
        "prepare p as select 1",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (engine_run(w->engine, slice_of(refused[i]), &w->err))
            fail_msg("was run: %s", refused[i]);
        struct engine_result *result =
            engine_query(w->engine, slice_of(refused[i]), NULL, 0, &w->err);
        assert_null(result);
    }
    world_runs(w, "create table t as select 1 a");
    assert_string_equal(world_rows(w, "select a from t"), "\"1\"\n");
}

/* Every pair of comparisons in a correlated sub-query, against the same asked as a plain join: what
 * the engine's optimizer makes of sub-queries has been wrong (docs/decisions/no-deliminator.md). */
static void sub_queries_say_what_joins_say(void **state)
{
    static const char *const operators[] = {
        "=", "<>", "<", "<=", ">=", "is distinct from", "in", "is not distinct from"
    };
    static const char *const outer[] = { "", " where c.d >= 0",
                                         " where exists (select 1 from b where b.id = c.id)" };
    struct world *w = *state;
    char condition[256], sql[2048];
    world_runs(w, "create table b as select i as id, nullif(i % 5, 4) as who, i % 7 as d "
                  "from range(40) t(i)");
    world_runs(w, "create table c as select * from b");
    world_runs(w, "create table a as select (i * 3) % 40 as id, nullif(i % 4, 3) as who, "
                  "(i * 5) % 9 as d from range(60) t(i)");
    for (size_t i = 0; i < ARRAY_LEN(operators) * ARRAY_LEN(operators); i++) {
        const char *one = operators[i / ARRAY_LEN(operators)];
        const char *other = operators[i % ARRAY_LEN(operators)];
        (void)snprintf(condition, sizeof condition, "a.who %s (c.who) and a.d %s (c.d)", one,
                       other);
        for (size_t j = 0; j < ARRAY_LEN(outer); j++) {
            (void)snprintf(
                sql, sizeof sql,
                "select count(*) from (select c.id, exists (select 1 from a where a.id = c.id "
                "and %s) as found, (select count(*) from a where a.id = c.id and %s) as many, "
                "exists (select 1 from b where b.id = c.id and exists (select 1 from a where a.id "
                "= b.id and %s)) as inside from c%s) s join (select c.id, count(*) filter (where "
                "a.id = c.id and %s) as many from c cross join a group by c.id) j on j.id = s.id "
                "where s.many <> j.many or s.found <> (j.many > 0) or s.inside <> (j.many > 0)",
                condition, condition, condition, outer[j], condition);
            if (strcmp(world_rows(w, sql), "\"0\"\n") != 0)
                fail_msg("%s, %s: %s", condition, outer[j], world_rows(w, sql));
        }
    }
}

static void the_version_is_the_librarys(void **state)
{
    struct world *w = *state;
    assert_true(slice_starts_with(slice_of(engine_version(w->engine)), SLICE("duckdb 1.")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(values_come_out_as_canonical_rows_have_them),
        WORLD_TEST(a_key_is_a_canonical_array),
        WORLD_TEST(a_row_with_a_floating_number_has_no_canonical_form),
        WORLD_TEST(division_by_zero_is_null_on_every_connection),
        WORLD_TEST(parameters_are_text_and_never_sql),
        WORLD_TEST(two_results_can_be_read_in_turns),
        WORLD_TEST(a_fault_is_told_without_the_engines_own_words_around_it),
        WORLD_TEST(too_much_memory_is_refused_with_the_limit),
        WORLD_TEST(another_thread_can_stop_a_long_statement),
        WORLD_TEST(a_locked_engine_reads_the_files_it_was_allowed_and_no_other),
        WORLD_TEST(a_locked_engine_refuses_everything_that_reaches_out),
        WORLD_TEST(sub_queries_say_what_joins_say),
        WORLD_TEST(the_version_is_the_librarys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
