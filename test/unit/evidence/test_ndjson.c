/* NDJSON: paths, lists, unknown and doubled names, rows set aside, long lines. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_up(struct world *w, const char *more)
{
    char yaml[512];
    world_type(w, "kind: PopulationType\nid: p\nkey: [id]\ntime: at\ncolumns:\n"
                  "  id: {type: text}\n  at: {type: timestamp}\n  who: {type: text}\n");
    (void)snprintf(yaml, sizeof yaml, "kind: Source\nid: s\npopulation: p\nreader: ndjson\n%s",
                   more);
    world_source(w, yaml);
}

static void paths_lead_into_objects(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {id: change.id, who: user.login}\n");
    world_reads(w, "x.ndjson",
                "{\"change\":{\"id\":\"1\",\"n\":2},\"user\":{\"login\":\"ann\",\"id\":7}}\n"
                "{\"user\":null,\"change\":{\"id\":\"2\"}}\n"
                "{\"change\":{\"\\u0069d\":\"3\"},\"user\":{}}\n");
    assert_string_equal(world_rows(w),
                        "[\"1\",null,\"ann\"]\n[\"2\",null,null]\n[\"3\",null,null]\n");
    assert_int_equal(w->content.unknown_count, 2);
    assert_true(slice_is(w->content.unknown[0], "change.n"));
    assert_true(slice_is(w->content.unknown[1], "user.id"));
    world_refuses(w, "x.ndjson", "{\"change\":\"1\"}\n", "x.ndjson:1: change",
                  "an object was expected");
}

static void a_name_twice_is_refused_wherever_it_is_looked_at(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {id: change.id, who: user.login}\n");
    world_refuses(w, "x.ndjson", "{\"change\":{\"id\":\"1\",\"id\":\"1\"}}\n",
                  "x.ndjson:1: change.id", "stands twice");
    world_refuses(w, "x.ndjson", "{\"change\":{\"id\":\"1\"},\"x\":1,\"\\u0078\":1}\n",
                  "x.ndjson:1: x", "stands twice");
    /* Once in each of two records is fine. */
    world_reads(w, "x.ndjson",
                "{\"change\":{\"id\":\"1\"},\"x\":1}\n"
                "{\"change\":{\"id\":\"2\"},\"x\":1}\n");
    assert_int_equal(w->content.unknown_records[0], 2);
}

static void each_element_of_a_list_is_a_row(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {id: trailers.id, at: at, who: trailers.who.name}\neach: trailers\n");
    world_reads(w, "x.ndjson",
                "{\"trailers\":[{\"id\":\"1\",\"who\":{\"name\":\"ann\"}},{\"id\":\"2\"}],"
                "\"at\":\"2023-01-01T00:00:00Z\"}\n"
                "{\"at\":\"2023-01-02T00:00:00Z\",\"trailers\":[]}\n"
                "{\"at\":\"2023-01-02T00:00:00Z\"}\n"
                "{\"at\":\"2023-01-03T00:00:00Z\",\"trailers\":[{\"id\":\"3\",\"z\":1}]}\n");
    assert_string_equal(world_rows(w), "[\"1\",\"2023-01-01T00:00:00.000000Z\",\"ann\"]\n"
                                       "[\"2\",\"2023-01-01T00:00:00.000000Z\",null]\n"
                                       "[\"3\",\"2023-01-03T00:00:00.000000Z\",null]\n");
    assert_int_equal(w->content.counts.rows, 3);
    assert_true(slice_is(w->content.unknown[0], "trailers.z"));
    world_refuses(w, "x.ndjson", "{\"trailers\":{}}\n", "x.ndjson:1: trailers",
                  "a list was expected");
    world_refuses(w, "x.ndjson", "{\"trailers\":[7]}\n", "x.ndjson:1: trailers",
                  "each element must be an object");
    world_refuses(w, "x.ndjson", "{\"trailers\":[{\"id\":\"1\"},{}]}\n", "x.ndjson:1: id",
                  "the record has no \"trailers.id\"");
}

static void the_elements_themselves_can_be_the_value(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {id: parents, who: by}\neach: parents\n");
    world_reads(w, "x.ndjson", "{\"by\":\"ann\",\"parents\":[\"a\",\"b\\n\"]}\n");
    assert_string_equal(world_rows(w), "[\"a\",null,\"ann\"]\n[\"b\\n\",null,\"ann\"]\n");
}

static void the_number_of_an_element_can_be_a_column(void **state)
{
    struct world *w = *state;
    static const char records[] =
        "{\"no\":\"7\",\"list\":[{\"x\":\"a\",\"$index\":9},{\"x\":\"b\"}]}\n"
        "{\"no\":\"8\",\"list\":[{\"x\":\"c\"}]}\n";
    world_type(w, "kind: PopulationType\nid: p\nkey: [id, line]\ntime: at\ncolumns:\n"
                  "  id: {type: text}\n  line: {type: integer}\n  who: {type: text}\n"
                  "  at: {type: timestamp}\n");
    world_source(w, "kind: Source\nid: s\npopulation: p\nreader: ndjson\neach: list\n"
                    "fields: {id: no, line: list.$index, who: list.x}\n");
    world_reads(w, "x.ndjson", records);
    assert_string_equal(world_rows(w), "[\"7\",\"0\",\"a\",null]\n[\"7\",\"1\",\"b\",null]\n"
                                       "[\"8\",\"0\",\"c\",null]\n");
    /* What a record calls so is no number of ours. */
    assert_true(slice_is(w->content.unknown[0], "list.$index"));
    /* A list of texts. */
    world_source(w, "kind: Source\nid: s\npopulation: p\nreader: ndjson\neach: list\n"
                    "fields: {id: no, line: list.$index, who: list}\n");
    world_reads(w, "x.ndjson", "{\"no\":\"7\",\"list\":[\"a\",\"b\"]}\n");
    assert_string_equal(world_rows(w), "[\"7\",\"0\",\"a\",null]\n[\"7\",\"1\",\"b\",null]\n");
}

static void a_source_that_says_nothing_usable_is_refused(void **state)
{
    struct world *w = *state;
    const char *path = world_file(w, "x.ndjson", SLICE("{}\n"));
    static const char *const sources[][2] = {
        { "fields: {id: id, whi: x}\n", "no column \"whi\"" },
        { "fields: {who: x}\n", "no field is named for a required column: \"id\"" },
        { "fields: {id: a..b}\n", "an empty step" },
        { "fields: {id: id}\neach: list\n", "no column is fed from the elements" },
        { "fields: {id: list.$index}\neach: list\n", "no column is fed from the elements" },
    };
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        set_up(w, sources[i][0]);
        assert_false(world_read(w, path));
        assert_int_equal(w->err.code, ERROR_INVALID);
        assert_string_equal(w->err.where, "source/s");
        if (!strstr(w->err.message, sources[i][1]))
            fail_msg("%s", w->err.message);
    }
    set_up(w, "timezone: Europe/Berlim\n");
    assert_false(world_read(w, path));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
}

static void unknown_fields_can_stop_an_import(void **state)
{
    struct world *w = *state;
    set_up(w, "unknown: stop\n");
    world_refuses(w, "x.ndjson", "{\"id\":\"1\"}\n{\"id\":\"2\",\"extra\":[1]}\n",
                  "x.ndjson:2: extra", "does not name this field");
}

static void bad_rows_are_set_aside_counted_and_kept(void **state)
{
    struct world *w = *state;
    set_up(w, "on_bad: set-aside\n");
    world_reads(w, "x.ndjson",
                "{\"id\":\"1\"}\n"
                "{\"id\":2}\n"
                "not json\n"
                "{\"id\":\"\xC3(\"}\n"
                "{\"id\":\"5\"}\n");
    assert_string_equal(world_rows(w), "[\"1\",null,null]\n[\"5\",null,null]\n");
    assert_int_equal(w->content.counts.rows, 5);
    assert_int_equal(w->content.counts.kept, 2);
    assert_int_equal(w->content.counts.set_aside, 3);
    assert_warning(w, 0, "x.ndjson:2: id", "text was expected");
    assert_warning(w, 1, "x.ndjson:3", "not JSON");
    assert_warning(w, 2, "x.ndjson:4", "not UTF-8");
    assert_string_equal(w->rejects.at,
                        "{\"record\":\"{\\\"id\\\":2}\",\"line\":2,\"field\":\"id\","
                        "\"reason\":\"text was expected, not the number 2\"}\n"
                        "{\"record\":\"not json\",\"line\":3,\"field\":\"\","
                        "\"reason\":\"not JSON: a value was expected\"}\n"
                        "{\"record_base64\":\"eyJpZCI6IsMoIn0=\",\"line\":4,\"field\":\"\","
                        "\"reason\":\"byte 0xc3 is not UTF-8\"}\n");
    /* A file that is no NDJSON at all is not set aside line by line. */
    world_refuses(w, "x.ndjson", "[\n{\"id\":\"1\"}\n]\n", "x.ndjson:1", "JSON array");
}

static void a_line_beyond_the_limit_is_refused_with_it(void **state)
{
    struct world *w = *state;
    size_t len = (size_t)6 << 20;
    char *bytes = malloc(len);
    set_up(w, "");
    assert_non_null(bytes);
    memset(bytes, ' ', len);
    memcpy(bytes, "{\"id\":\"1\"}\n", 11);
    w->record_bytes_max = 2 << 20;
    assert_false(world_read(w, world_file(w, "x.ndjson", (struct slice){ bytes, len })));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.where, "x.ndjson:2"));
    assert_non_null(strstr(w->err.message, "limit of 2 MiB"));
    free(bytes);
}

static void lines_end_where_blocks_end(void **state)
{
    struct world *w = *state;
    /* Lines of all lengths around the blocks' size of 1 MiB. */
    struct strbuf bytes = strbuf_new(64 << 20);
    size_t rows = 0;
    set_up(w, "");
    for (size_t i = 0; bytes.len < (5 << 20); i++, rows++) {
        strbuf_printf(&bytes, "{\"id\":\"%zu\",\"who\":\"", i);
        for (size_t j = 0; j < (i * 7919) % 3001; j++)
            strbuf_add_char(&bytes, (char)('a' + j % 26));
        strbuf_add_text(&bytes, i % 3 == 0 ? "\"}\r\n" : "\"}\n");
    }
    assert_true(world_read(w, world_file(w, "x.ndjson", strbuf_slice(&bytes))));
    assert_int_equal(w->content.counts.kept, rows);
    assert_int_equal(w->content.raw.bytes, bytes.len);
    struct digest raw = sha256_of(strbuf_slice(&bytes));
    assert_true(digest_equal(&raw, &w->content.raw.sha256));
    assert_digest_of_rows(w);
    strbuf_free(&bytes);
}

static void a_field_that_no_record_has_is_told(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {id: id, who: usr.login}\n");
    world_reads(w, "x.ndjson", "{\"id\":\"1\",\"user\":{\"login\":\"ann\"}}\n");
    assert_warning(w, 0, "x.ndjson", "no record has \"usr.login\"");
}

static void too_many_names_are_data_taken_for_names(void **state)
{
    struct world *w = *state;
    struct strbuf bytes = strbuf_new(64 << 20);
    set_up(w, "");
    for (int i = 0; i < 10100; i++)
        strbuf_printf(&bytes, "{\"id\":\"%d\",\"n%d\":1}\n", i, i);
    assert_false(world_read(w, world_file(w, "x.ndjson", strbuf_slice(&bytes))));
    assert_non_null(strstr(w->err.where, "x.ndjson:10001"));
    assert_non_null(strstr(w->err.message, "more than 10000 different field names"));
    strbuf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(paths_lead_into_objects),
        WORLD_TEST(a_name_twice_is_refused_wherever_it_is_looked_at),
        WORLD_TEST(each_element_of_a_list_is_a_row),
        WORLD_TEST(the_elements_themselves_can_be_the_value),
        WORLD_TEST(the_number_of_an_element_can_be_a_column),
        WORLD_TEST(a_source_that_says_nothing_usable_is_refused),
        WORLD_TEST(unknown_fields_can_stop_an_import),
        WORLD_TEST(bad_rows_are_set_aside_counted_and_kept),
        WORLD_TEST(a_line_beyond_the_limit_is_refused_with_it),
        WORLD_TEST(lines_end_where_blocks_end),
        WORLD_TEST(a_field_that_no_record_has_is_told),
        WORLD_TEST(too_many_names_are_data_taken_for_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
