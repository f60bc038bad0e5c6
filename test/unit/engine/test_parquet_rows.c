/* Rows written as Parquet: they come back exactly, in their order, from the same bytes. */
#include "engine/engine_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(written_rows_come_back_exactly_and_in_their_order),
        WORLD_TEST(the_same_rows_give_the_same_bytes_on_any_number_of_threads),
        WORLD_TEST(no_row_at_all_is_a_file_with_columns),
        WORLD_TEST(the_makers_own_reason_is_told_when_it_stops),
        WORLD_TEST(a_folder_that_cannot_be_written_is_an_io_error),
        WORLD_TEST(a_file_that_is_not_parquet_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
