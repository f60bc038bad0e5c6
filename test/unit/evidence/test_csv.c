/* CSV: RFC 4180 and the sins of real files. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <string.h>

static void set_up(struct world *w, const char *more)
{
    char yaml[512];
    world_type(w, "kind: PopulationType\nid: p\nkey: [id]\ntime: at\ncolumns:\n"
                  "  id: {type: text}\n  at: {type: timestamp}\n  who: {type: text}\n");
    (void)snprintf(yaml, sizeof yaml, "kind: Source\nid: s\npopulation: p\nreader: csv\n%s", more);
    world_source(w, yaml);
}

static void records_are_read_as_rfc_4180_has_them(void **state)
{
    struct world *w = *state;
    set_up(w, "");
    world_reads(w, "x.csv",
                "who,id,at\r\n"
                "\"a, \"\"b\"\"\r\nc\",1,2023-01-01T00:00:00Z\r\n"
                "\"\",2,\r\n"
                " x ,\"3\",\"\"\r\n"
                ",4,");
    assert_string_equal(world_rows(w),
                        "[\"1\",\"2023-01-01T00:00:00.000000Z\",\"a, \\\"b\\\"\\r\\nc\"]\n"
                        "[\"2\",null,null]\n[\"3\",null,\" x \"]\n[\"4\",null,null]\n");
}

static void another_separator_can_be_named(void **state)
{
    struct world *w = *state;
    set_up(w, "delimiter: ';'\n");
    world_reads(w, "x.csv", "id;who\n1;a,b\n");
    assert_string_equal(world_rows(w), "[\"1\",null,\"a,b\"]\n");
}

static void blank_lines_are_skipped_and_counted_as_lines(void **state)
{
    struct world *w = *state;
    set_up(w, "");
    world_reads(w, "x.csv", "id,who\n1,a\n\n2,b\n\n");
    assert_int_equal(w->content.counts.kept, 2);
    world_refuses(w, "x.csv", "id,who\n\n\n1,a,b\n", "x.csv:4", "3 fields where the header has 2");
}

static void faults_are_named_where_they_are(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *bytes, *where, *message;
    } cases[] = {
        { "", "x.csv:1", "the file is empty" },
        { "id,who\n1,\"a\nb\n2,c\n", "x.csv:2", "never closed" },
        { "id,who\n\"1\nx\",\"a\nb\n2,c\n", "x.csv:3", "never closed" },
        { "id,who\n1,a\"b\n", "x.csv:2", "a quote inside a field" },
        { "id,who\n1,\"a\"b\n", "x.csv:2", "follows the closing quote" },
        { "id,who\n1,a\rb\n", "x.csv:2", "carriage return" },
        { "id,who\n1\n", "x.csv:2", "1 fields where the header has 2" },
        { "id,who\n\"x\ny\",a\n2,a,b\n", "x.csv:4", "3 fields" },
        { "id,who\n\"x\ny\",\xFF\n", "x.csv:3", "byte 0xff is not UTF-8" },
        { "\xFF\xFEi\n", "x.csv:1", "UTF-16" },
        { "id,who,who\n", "x.csv:1: who", "two columns have this name" },
        { "who,id,when,who\n", "x.csv:1: who", "two columns have this name" },
        { "idd,who\n1,a\n", "x.csv:1: id", "the header has no such column, which is required" },
        { "xyz,who\n1,a\n", "x.csv:1: id", "no such column" },
        { "id|who\n1|a\n", "x.csv:1", "separated by \"|\", not by \",\"" },
        { "id\twho\n1\ta\n", "x.csv:1", "separated by \"\\t\"" },
        { "id,at\n1,yesterday\n", "x.csv:2: at", "is not a time" },
        { "id,at\n,2023-01-01T00:00:00Z\n", "x.csv:2: id", "it is empty" },
    };
    set_up(w, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        world_refuses(w, "x.csv", cases[i].bytes, cases[i].where, cases[i].message);
}

static void a_day_is_the_instant_that_the_source_says(void **state)
{
    struct world *w = *state;
    set_up(w, "");
    world_refuses(w, "x.csv", "id,at\n1,2026-08-31\n", "x.csv:2: at", "time of day is missing");
    assert_non_null(strstr(w->err.hint, "days: {at: start}"));
    set_up(w, "timezone: Europe/Berlin\ndays: {at: end}\n");
    world_reads(w, "x.csv", "id,at\n1,2026-08-31\n2,2026-08-31T08:00:00\n3,\n");
    assert_string_equal(world_rows(w), "[\"1\",\"2026-08-31T21:59:59.999999Z\",null]\n"
                                       "[\"2\",\"2026-08-31T06:00:00.000000Z\",null]\n"
                                       "[\"3\",null,null]\n");
}

static void what_the_header_has_is_told(void **state)
{
    struct world *w = *state;
    set_up(w, "");
    world_refuses(w, "x.csv", "Number,Last name\n1,a\n", "x.csv:1: id", "no such column");
    assert_string_equal(w->err.hint,
                        "in the source, fields: {id: NAME, ...}; the header has \"Number\", "
                        "\"Last name\"");
}

static void bad_records_are_set_aside_and_the_next_is_read(void **state)
{
    struct world *w = *state;
    set_up(w, "on_bad: set-aside\n");
    world_reads(w, "x.csv", "id,who\n1,a\n2,b\"c\n3\n4,d\n5,\"e\nf\" g\n6,h\n");
    assert_string_equal(world_rows(w),
                        "[\"1\",null,\"a\"]\n[\"4\",null,\"d\"]\n[\"6\",null,\"h\"]\n");
    assert_int_equal(w->content.counts.set_aside, 3);
    assert_int_equal(w->content.counts.rows, 6);
    assert_warning(w, 0, "x.csv:3", "a quote inside");
    assert_warning(w, 1, "x.csv:4", "1 fields");
    assert_warning(w, 2, "x.csv:7", "follows the closing quote");
    assert_non_null(strstr(w->rejects.at, "\"record\":\"5,\\\"e\\nf\\\" g\\n\""));
}

static void a_header_is_one_step_even_with_points(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {id: change.id, who: 'User, name'}\n");
    world_reads(w, "x.csv", "change.id,\"User, name\",other\n1,a,b\n");
    assert_string_equal(world_rows(w), "[\"1\",null,\"a\"]\n");
    assert_int_equal(w->content.unknown_count, 1);
    assert_true(slice_is(w->content.unknown[0], "other"));
}

static void records_end_where_blocks_end(void **state)
{
    struct world *w = *state;
    struct strbuf bytes = strbuf_new(64 << 20);
    size_t rows = 0;
    set_up(w, "");
    strbuf_add_text(&bytes, "id,who\r\n");
    for (size_t i = 0; bytes.len < (5 << 20); i++, rows++) {
        strbuf_printf(&bytes, "%zu,\"", i);
        for (size_t j = 0; j < (i * 7919) % 3001; j++)
            strbuf_add_text(&bytes, j % 17 == 0 ? "\"\"" : j % 29 == 0 ? "\r\n" : "x");
        strbuf_add_text(&bytes, "\"\r\n");
    }
    assert_true(world_read(w, world_file(w, "x.csv", strbuf_slice(&bytes))));
    assert_int_equal(w->content.counts.kept, rows);
    assert_digest_of_rows(w);
    strbuf_free(&bytes);
}

static void blanks_around_values_can_be_left_out(void **state)
{
    struct world *w = *state;
    static const char file[] = "id, actor ,at\n\"1\" , \"ann \"\"x\"\"\", 2026-01-01T00:00:00Z \n";
    world_type(w, TYPE_CHANGES);
    world_source(w, "kind: Source\nid: s\npopulation: changes\nreader: csv\ntrim: true\n");
    world_reads(w, "x.csv", file);
    assert_string_equal(world_rows(w),
                        "[\"1\",\"ann \\\"x\\\"\",\"2026-01-01T00:00:00.000000Z\",null,null]\n");
    world_refuses(w, "x.csv", "id,actor,at\n\"1\" x,ann,2026-01-01T00:00:00Z\n", "x.csv:2",
                  "closing quote");
    world_source(w, "kind: Source\nid: s\npopulation: changes\nreader: csv\n");
    world_refuses(w, "x.csv", "id,actor,at\n\"1\" ,ann,2026-01-01T00:00:00Z\n", "x.csv:2",
                  "closing quote");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(records_are_read_as_rfc_4180_has_them),
        WORLD_TEST(another_separator_can_be_named),
        WORLD_TEST(blank_lines_are_skipped_and_counted_as_lines),
        WORLD_TEST(faults_are_named_where_they_are),
        WORLD_TEST(a_day_is_the_instant_that_the_source_says),
        WORLD_TEST(what_the_header_has_is_told),
        WORLD_TEST(bad_records_are_set_aside_and_the_next_is_read),
        WORLD_TEST(a_header_is_one_step_even_with_points),
        WORLD_TEST(records_end_where_blocks_end),
        WORLD_TEST(blanks_around_values_can_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
