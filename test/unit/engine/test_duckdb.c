/* The engine: exact values out and in, errors for people, and what a locked engine refuses. */
#include "engine/engine.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

struct world {
    struct engine *engine;
    struct arena *arena;
    struct error err;
    char folder[64];
};

static int world_set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/attest-engine-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    w->arena = arena_new(1 << 24, &w->err);
    struct engine_options options = { .memory_bytes_max = 256 << 20, .threads = 2 };
    w->engine = engine_open(&options, &w->err);
    assert_non_null(w->engine);
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int world_tear_down(void **state)
{
    struct world *w = *state;
    engine_close(w->engine);
    arena_free(w->arena);
    int status = nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
    return status;
}

static char *world_path(struct world *w, const char *name)
{
    return arena_printf(w->arena, &w->err, "%s/%s", w->folder, name);
}

static void world_runs(struct world *w, const char *sql)
{
    if (!engine_run(w->engine, slice_of(sql), &w->err))
        fail_msg("%s: %s", sql, w->err.message);
}

/* The rows of a query as lines of canonical cells. */
static const char *world_rows(struct world *w, const char *sql)
{
    struct strbuf out = strbuf_new(1 << 20);
    size_t rows;
    struct engine_result *result = engine_query(w->engine, slice_of(sql), NULL, 0, &w->err);
    if (!result)
        fail_msg("%s: %s", sql, w->err.message);
    for (;;) {
        assert_true(engine_result_next(result, &rows, &w->err));
        if (rows == 0)
            break;
        for (size_t row = 0; row < rows; row++) {
            for (size_t i = 0; i < engine_result_columns(result); i++) {
                if (i > 0)
                    strbuf_add_char(&out, ' ');
                assert_true(engine_add_canonical(result, i, row, &out));
            }
            strbuf_add_char(&out, '\n');
        }
    }
    engine_result_free(result);
    char *text = arena_string(w->arena, strbuf_slice(&out), &w->err);
    strbuf_free(&out);
    return text;
}

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

/* Rows 0 to count - 1 of every type; each third cell is NULL. */
struct made {
    size_t count, next;
    size_t stop_at;     /* fails there; SIZE_MAX: never */
    char ids[2048][32]; /* of the batch at hand */
};

static const struct engine_column made_columns[] = {
    { "id", ENGINE_TEXT, 0, 0 },         { "n", ENGINE_INTEGER, 0, 0 },
    { "amount", ENGINE_DECIMAL, 18, 6 }, { "wide", ENGINE_DECIMAL, 38, 2 },
    { "small", ENGINE_DECIMAL, 4, 1 },   { "ok", ENGINE_BOOLEAN, 0, 0 },
    { "day", ENGINE_DATE, 0, 0 },        { "at", ENGINE_TIMESTAMP, 0, 0 },
    { "tags", ENGINE_TEXT_LIST, 0, 0 },
};

static bool made_fill(void *context, struct engine_rows *rows, size_t *count, struct error *err)
{
    struct made *made = context;
    size_t row = 0;
    for (; row < engine_rows_capacity(rows) && made->next < made->count; row++, made->next++) {
        char *id = made->ids[row];
        size_t n = made->next;
        if (n == made->stop_at)
            return error_set(err, ERROR_INVALID, "made:7", "row %zu is bad", n);
        int len =
            snprintf(id, sizeof made->ids[row], "%sid-%zu", n % 2 ? "a longer text, " : "", n);
        engine_set_text(rows, 0, row, (struct slice){ id, (size_t)len });
        if (n % 3 == 0)
            continue;
        engine_set_int64(rows, 1, row, INT64_MAX - (int64_t)n);
        engine_set_decimal(rows, 2, row, (engine_int128)n * 1000000 + 1);
        engine_set_decimal(rows, 3, row,
                           -((engine_int128)INT64_MAX * 1000000000000000000 + (engine_int128)n));
        engine_set_decimal(rows, 4, row, 9999);
        engine_set_bool(rows, 5, row, n % 2 == 0);
        engine_set_int64(rows, 6, row, (int64_t)n);
        engine_set_int64(rows, 7, row, (int64_t)n * 1000001);
        struct slice items[] = { SLICE("x"), { NULL, 0 }, { id, (size_t)len } };
        if (!engine_set_list(rows, 8, row, items, n % 4, err))
            return false;
    }
    *count = row;
    return true;
}

static struct row_source made_source(struct made *made)
{
    return (struct row_source){ made_columns, ARRAY_LEN(made_columns), made_fill, made };
}

static void written_rows_come_back_exactly_and_in_their_order(void **state)
{
    struct world *w = *state;
    char *path = world_path(w, "made.parquet");
    char sql[512];
    struct made made = { .count = 300000, .stop_at = SIZE_MAX };
    struct row_source source = made_source(&made);
    assert_true(engine_write_parquet(w->engine, &source, path, &w->err));

    struct engine_schema schema;
    assert_true(engine_read_parquet_schema(w->engine, w->arena, path, &schema, &w->err));
    assert_int_equal(schema.rows, 300000);
    assert_int_equal(schema.count, ARRAY_LEN(made_columns));
    for (size_t i = 0; i < schema.count; i++) {
        assert_string_equal(schema.columns[i].name, made_columns[i].name);
        assert_int_equal(schema.columns[i].type, made_columns[i].type);
        assert_int_equal(schema.columns[i].width, made_columns[i].width);
        assert_int_equal(schema.columns[i].scale, made_columns[i].scale);
    }
    (void)snprintf(sql, sizeof sql,
                   "select * exclude (file_row_number) from read_parquet('%s', file_row_number = "
                   "true) where file_row_number in (0, 1, 2, 299999) order by file_row_number",
                   path);
    assert_string_equal(
        world_rows(w, sql),
        "\"id-0\" null null null null null null null null\n"
        "\"a longer text, id-1\" \"9223372036854775806\" \"1.000001\" "
        "\"-92233720368547758070000000000000000.01\" \"999.9\" \"false\" \"1970-01-02\" "
        "\"1970-01-01T00:00:01.000001Z\" [\"x\"]\n"
        "\"id-2\" \"9223372036854775805\" \"2.000001\" "
        "\"-92233720368547758070000000000000000.02\" \"999.9\" \"true\" \"1970-01-03\" "
        "\"1970-01-01T00:00:02.000002Z\" [\"x\",null]\n"
        "\"a longer text, id-299999\" \"9223372036854475808\" \"299999.000001\" "
        "\"-92233720368547758070000000000002999.99\" \"999.9\" \"false\" \"2791-05-16\" "
        "\"1970-01-04T11:19:59.299999Z\" [\"x\",null,\"a longer text, id-299999\"]\n");
    (void)snprintf(sql, sizeof sql,
                   "select count(*) from read_parquet('%s', file_row_number = true) where id <> "
                   "case when file_row_number %% 2 = 1 then 'a longer text, ' else '' end || "
                   "'id-' || file_row_number",
                   path);
    int64_t misplaced = -1;
    assert_true(engine_query_int64(w->engine, slice_of(sql), &misplaced, &w->err));
    assert_int_equal(misplaced, 0);
}

static struct slice world_file(struct world *w, const char *path)
{
    static char bytes[1 << 22];
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t len = read(fd, bytes, sizeof bytes);
    assert_true(len > 0 && (size_t)len < sizeof bytes);
    close(fd);
    struct slice copy = { 0 };
    assert_true(arena_copy(w->arena, (struct slice){ bytes, (size_t)len }, &copy, &w->err));
    return copy;
}

static void the_same_rows_give_the_same_bytes_on_any_number_of_threads(void **state)
{
    struct world *w = *state;
    struct slice first = { 0 };
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct engine_options options = { .threads = threads };
        struct engine *engine = engine_open(&options, &w->err);
        assert_non_null(engine);
        struct made made = { .count = 5000, .stop_at = SIZE_MAX };
        struct row_source source = made_source(&made);
        char *path = world_path(w, threads == 1 ? "one.parquet" : "four.parquet");
        assert_true(engine_write_parquet(engine, &source, path, &w->err));
        engine_close(engine);
        struct slice bytes = world_file(w, path);
        if (threads == 1)
            first = bytes;
        else
            assert_true(slice_equal(first, bytes));
    }
}

static void no_row_at_all_is_a_file_with_columns(void **state)
{
    struct world *w = *state;
    char *path = world_path(w, "none.parquet");
    struct made made = { .count = 0, .stop_at = SIZE_MAX };
    struct row_source source = made_source(&made);
    struct engine_schema schema;
    assert_true(engine_write_parquet(w->engine, &source, path, &w->err));
    assert_true(engine_read_parquet_schema(w->engine, w->arena, path, &schema, &w->err));
    assert_int_equal(schema.rows, 0);
    assert_int_equal(schema.count, ARRAY_LEN(made_columns));
}

static void the_makers_own_reason_is_told_when_it_stops(void **state)
{
    struct world *w = *state;
    struct made made = { .count = 10000, .stop_at = 5000 };
    struct row_source source = made_source(&made);
    assert_false(engine_write_parquet(w->engine, &source, world_path(w, "cut.parquet"), &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(w->err.where, "made:7");
    assert_string_equal(w->err.message, "row 5000 is bad");
    /* The engine goes on working. */
    made.count = 10;
    made.next = 0;
    made.stop_at = SIZE_MAX;
    assert_true(engine_write_parquet(w->engine, &source, world_path(w, "on.parquet"), &w->err));
}

static void a_folder_that_cannot_be_written_is_an_io_error(void **state)
{
    struct world *w = *state;
    struct made made = { .count = 10, .stop_at = SIZE_MAX };
    struct row_source source = made_source(&made);
    assert_false(
        engine_write_parquet(w->engine, &source, world_path(w, "no/such/x.parquet"), &w->err));
    assert_int_equal(w->err.code, ERROR_IO);
}

static void a_file_that_is_not_parquet_is_refused(void **state)
{
    struct world *w = *state;
    char *path = world_path(w, "bad.parquet");
    FILE *file = fopen(path, "w");
    struct engine_schema schema;
    assert_non_null(file);
    (void)fputs("PAR1 but nothing else", file);
    assert_int_equal(fclose(file), 0);
    assert_false(engine_read_parquet_schema(w->engine, w->arena, path, &schema, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
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

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

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
        WORLD_TEST(written_rows_come_back_exactly_and_in_their_order),
        WORLD_TEST(the_same_rows_give_the_same_bytes_on_any_number_of_threads),
        WORLD_TEST(no_row_at_all_is_a_file_with_columns),
        WORLD_TEST(the_makers_own_reason_is_told_when_it_stops),
        WORLD_TEST(a_folder_that_cannot_be_written_is_an_io_error),
        WORLD_TEST(a_file_that_is_not_parquet_is_refused),
        WORLD_TEST(sub_queries_say_what_joins_say),
        WORLD_TEST(the_version_is_the_librarys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
