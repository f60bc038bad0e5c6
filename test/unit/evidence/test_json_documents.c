/* JSON documents as evidence, and what a source says of words, constants and dates. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <string.h>

#define TYPE_RESULTS                                                                               \
    "kind: PopulationType\nid: p\nkey: [rule, part]\ntime: at\ncolumns:\n"                         \
    "  rule: {type: text, required: true}\n  part: {type: integer, required: true}\n"              \
    "  set: {type: text}\n  status: {type: text}\n  at: {type: timestamp}\n"

static void set_up(struct world *w, const char *more)
{
    char yaml[768];
    world_type(w, TYPE_RESULTS);
    (void)snprintf(yaml, sizeof yaml, "kind: Source\nid: s\npopulation: p\nreader: json\n%s", more);
    world_source(w, yaml);
}

static void a_list_is_read_element_by_element(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {rule: id, part: n}\n");
    world_reads(w, "x.json", " [\n {\"id\":\"a]},\\\"\",\"n\":1},{\"id\":\"b\",\n\"n\":2}\n]\n");
    assert_string_equal(world_rows(w), "[\"a]},\\\"\",\"1\",null,null,null]\n"
                                       "[\"b\",\"2\",null,null,null]\n");
    world_reads(w, "x.json", "[]");
    assert_int_equal(w->content.counts.rows, 0);
    world_reads(w, "x.json", "{\"id\":\"a\",\"n\":1}");
    assert_int_equal(w->content.counts.rows, 1);
    world_refuses(w, "x.json", "[\n{\"id\":\"a\",\"n\":1},\n{\"id\":\"b\",\n\"n\":true}]",
                  "x.json:3: part", "integer was expected");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"n\":1},]", "x.json:1", "between the commas");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"n\":1}", "x.json:1", "ends within");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"n\":1}]\n7", "x.json:2", "something follows");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"n\":1}}", "x.json:1", "a comma or the end");
    world_refuses(w, "x.json", "[7]", "x.json:1", "a record is one JSON object");
    world_refuses(w, "x.json", "[{\"id\":\"a\"]", "x.json:1", "");
    world_refuses(w, "x.json", "", "x.json:1", "the file is empty");
    world_refuses(w, "x.json", "\"a\"", "x.json:1", "a list or an object");
}

static void lists_within_lists_are_gone_through(void **state)
{
    struct world *w = *state;
    set_up(w, "each: sets.rules.results\nfields: {set: sets.name, rule: sets.rules.id,\n"
              "  part: sets.rules.results.$index, status: sets.rules.results.s, at: at}\n");
    world_reads(
        w, "x.json",
        "{\"sets\":[{\"rules\":[{\"id\":\"r1\",\"results\":[{\"s\":\"x\"},{\"s\":\"y\"}]},\n"
        "{\"results\":[],\"id\":\"r2\"},{\"results\":[{\"s\":\"z\"}],\"id\":\"r3\"}],"
        "\"name\":\"one\"},{\"name\":\"two\",\"rules\":[]}],"
        "\"at\":\"2026-01-01T00:00:00Z\"}");
    assert_string_equal(world_rows(w),
                        "[\"r1\",\"0\",\"one\",\"x\",\"2026-01-01T00:00:00.000000Z\"]\n"
                        "[\"r1\",\"1\",\"one\",\"y\",\"2026-01-01T00:00:00.000000Z\"]\n"
                        "[\"r3\",\"0\",\"one\",\"z\",\"2026-01-01T00:00:00.000000Z\"]\n");
    /* What made no row is told: the rule r2, on its line. */
    assert_warning(w, 0, "x.json:2", "1 of the records have no element");
    /* A fault within is told with its own line; values of one set do not go into the next. */
    world_refuses(w, "x.json",
                  "{\"sets\":[{\"name\":\"one\",\"rules\":[{\"id\":\"a\",\"results\":[{}]}]},\n"
                  "{\"rules\":[{\"results\":[{\"s\":7}],\n\"id\":\"b\"}]}]}",
                  "x.json:2: status", "text was expected");
    world_reads(w, "x.json",
                "{\"sets\":[{\"name\":\"one\",\"rules\":[{\"id\":\"a\",\"results\":[{}]}]},\n"
                "{\"rules\":[{\"results\":[{}],\"id\":\"b\"}]}]}");
    assert_string_equal(world_rows(w), "[\"a\",\"0\",\"one\",null,null]\n"
                                       "[\"b\",\"0\",null,null,null]\n");
    world_refuses(w, "x.json", "{\"sets\":[[]]}", "x.json:1: sets", "must be an object");
}

static void words_of_an_export_become_ours(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {rule: id, status: s, part: $row}\nconstants: {set: mine}\n"
              "values: {status: {PASS: passed, '\u00e9': accent, 'true': yes, '': none}}\n");
    world_reads(w, "x.json",
                "[{\"id\":\"a\",\"s\":\"PASS\"},{\"id\":\"b\",\"s\":\"\\u00e9\"},"
                "{\"id\":\"c\",\"s\":true},{\"id\":\"d\"},{\"id\":\"e\",\"s\":null}]");
    assert_string_equal(world_rows(w), "[\"a\",\"1\",\"mine\",\"passed\",null]\n"
                                       "[\"b\",\"2\",\"mine\",\"accent\",null]\n"
                                       "[\"c\",\"3\",\"mine\",\"yes\",null]\n"
                                       "[\"d\",\"4\",\"mine\",\"none\",null]\n"
                                       "[\"e\",\"5\",\"mine\",\"none\",null]\n");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"s\":\"WARN\"}]", "x.json:1: status",
                  "does not say what \"WARN\" means");
    set_up(w, "fields: {rule: id, status: s, part: $row}\nvalues: {status: {'*': other}}\n");
    world_reads(w, "x.json", "[{\"id\":\"a\",\"s\":\"WARN\"},{\"id\":\"b\"}]");
    assert_string_equal(world_rows(w), "[\"a\",\"1\",null,\"other\",null]\n"
                                       "[\"b\",\"2\",null,null,null]\n");
}

static void times_are_read_as_the_source_says(void **state)
{
    struct world *w = *state;
    set_up(w, "fields: {rule: id, part: $row, at: at}\ntimezone: Europe/Berlin\n"
              "date_format: 'D MMMM YYYY, h:mm A'\n");
    world_reads(w, "x.json", "[{\"id\":\"a\",\"at\":\"1 March 2026, 12:05 am\"}]");
    assert_string_equal(world_rows(w), "[\"a\",\"1\",null,null,\"2026-02-28T23:05:00.000000Z\"]\n");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"at\":\"2026-03-01T00:05:00Z\"}]", "x.json:1: at",
                  "is not written as D MMMM YYYY, h:mm A");
    set_up(w, "fields: {rule: id, part: $row, at: at}\ntimezone: Europe/Berlin\n"
              "date_format: DD/MM/YYYY\ndays: {at: start}\n");
    world_reads(w, "x.json", "[{\"id\":\"a\",\"at\":\"03/01/2024\"}]");
    assert_string_equal(world_rows(w), "[\"a\",\"1\",null,null,\"2024-01-02T23:00:00.000000Z\"]\n");
    set_up(w, "fields: {rule: id, part: $row, at: at}\ndate_format: epoch-milliseconds\n");
    world_reads(w, "x.json",
                "[{\"id\":\"a\",\"at\":1621305118553},"
                "{\"id\":\"b\",\"at\":\"2026-01-01T00:00:00Z\"}]");
    assert_string_equal(world_rows(w), "[\"a\",\"1\",null,null,\"2021-05-18T02:31:58.553000Z\"]\n"
                                       "[\"b\",\"2\",null,null,\"2026-01-01T00:00:00.000000Z\"]\n");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"at\":1e300}]", "x.json:1: at", "");
    set_up(w, "fields: {rule: id, part: $row, at: at}\n");
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"at\":1621305118}]", "x.json:1: at",
                  "timestamp was expected");
    assert_non_null(strstr(w->err.hint, "epoch-seconds"));
    world_refuses(w, "x.json", "[{\"id\":\"a\",\"at\":\"03/01/2024\"}]", "x.json:1: at", "");
}

static void what_a_source_says_twice_is_refused(void **state)
{
    struct world *w = *state;
    const char *path = world_file(w, "x.json", SLICE("[]"));
    static const char *const sources[][2] = {
        { "fields: {rule: id, part: n}\nconstants: {rule: x}\n", "a field or a constant" },
        { "fields: {rule: id, part: n}\nconstants: {rul: x}\n", "no column \"rul\"" },
        { "fields: {rule: id, part: n}\nvalues: {statu: {a: b}}\n", "no column \"statu\"" },
        { "fields: {rule: id}\nconstants: {set: x}\n", "no field is named for a required column" },
    };
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        set_up(w, sources[i][0]);
        assert_false(world_read(w, path));
        if (!strstr(w->err.message, sources[i][1]))
            fail_msg("%s: %s", sources[i][0], w->err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_list_is_read_element_by_element),
        WORLD_TEST(lists_within_lists_are_gone_through),
        WORLD_TEST(words_of_an_export_become_ours),
        WORLD_TEST(times_are_read_as_the_source_says),
        WORLD_TEST(what_a_source_says_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
