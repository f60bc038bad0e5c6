/* test/unit/base/test_yaml_refused.c
 * YAML: what is refused, and where. */
#include <time.h>

#include "yaml_box.h"

/* ---------------------------------------------------------------- what is refused */

static void a_key_given_twice_is_named_at_the_second(void **state)
{
    struct world *w = *state;
    assert_string_equal(as_json(w, SLICE("a: 1\nowner: x\nb: 2\nowner: y\n")),
                        "x.yaml:4:1: the key \"owner\" stands here again; it was given on line 2");
    EXPECT_FAULTS(w, "a: 1\nb: 1\na: 2\nb: 2\na: 3\n", "x.yaml:3:1", "x.yaml:4:1", "x.yaml:5:1");
    EXPECT_FAULTS(w, "{a: 1, \"a\": 2}", "x.yaml:1:8");
    EXPECT_FAULTS(w, "x:\n  - k: 1\n    k: 2\ny: 1\n", "x.yaml:3:5");
    EXPECT_FAULTS(w, "1: a\n\"1\": b\n", "x.yaml:2:1");
    assert_true(read_yaml(w, "a: {k: 1}\nb: {k: 1}\n")->ok);
}

static void a_thousand_repeated_keys_are_not_told_one_by_one(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(16 << 20);
    for (int i = 0; i < 300000; i++)
        strbuf_add_text(&text, "k: v\n");
    strbuf_add_text(&text, "---\na: 1\na: 2\n");
    struct reading *reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
    assert_int_equal(reading->findings.errors_count, 102);
    assert_non_null(strstr(reading->findings.items[100].error.message, "too many faults"));
    assert_string_equal(reading->findings.items[101].error.where, "x.yaml:300003:1");
    findings_free(&reading->findings);
    strbuf_free(&text);
}

static void tags_are_refused_as_they_are_written(void **state)
{
    struct world *w = *state;
    assert_string_equal(as_json(w, SLICE("note: !!python/object/apply:os.system [\"id\"]\n")),
                        "x.yaml:1:7: tags are not read: !!python/object/apply:os.system");
    EXPECT_FAULTS(w, "a: !!str 012\nb: !foo {c: d}\nc: !<tag:x> y\nd: ! z\n", "x.yaml:1:4",
                  "x.yaml:2:4", "x.yaml:3:4", "x.yaml:4:4");
    EXPECT_FAULTS(w, "!!str a: b\n", "x.yaml:1:1");
}

static void merge_keys_are_refused(void **state)
{
    struct world *w = *state;
    EXPECT_FAULTS(w, "b: &b {t: 1}\nc:\n  <<: *b\n  u: 2\n", "x.yaml:3:3");
    EXPECT_FAULTS(w, "base: &b {t: 1}\n---\nkind: x\n<<: *b\n", "x.yaml:4:1", "x.yaml:4:5");
}

static void keys_that_are_no_scalars_are_refused(void **state)
{
    struct world *w = *state;
    EXPECT_FAULTS(w, "[a, b]: c\n", "x.yaml:1:1");
    EXPECT_FAULTS(w, "? {a: b}\n: c\n", "x.yaml:1:3");
    EXPECT_FAULTS(w, "a: &x 1\n*x : 2\n", "x.yaml:2:1");
}

static void tabs_as_indentation_are_refused_at_the_tab(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "a:\n\t- x\n", "x.yaml:2:1" },          { "a: b\n\tc: d\n", "x.yaml:2:1" },
        { "a:\n \tb: c\n", "x.yaml:2:2" },        { "a: |\n  x\n\ty\n", "x.yaml:3:1" },
        { "a:\n  b: 1\n\tc: 2\n", "x.yaml:3:1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading *reading = read_yaml(w, cases[i][0]);
        assert_false(reading->ok);
        assert_string_equal(reading->findings.items[0].error.where, cases[i][1]);
        assert_string_equal(reading->findings.items[0].error.message,
                            "a tab is used as indentation");
        findings_free(&reading->findings);
    }
    assert_string_equal(as_json(w, SLICE("a:\tb\nc: d\te\n")), "[{\"a\":\"b\",\"c\":\"d\\te\"}]");
}

static void a_quoted_text_without_end_is_told_where_it_begins(void **state)
{
    struct world *w = *state;
    assert_string_equal(as_json(w, SLICE("a: b\ntitle: \"never closed\nc: d\n")),
                        "x.yaml:2:8: the quoted text that begins here has no end");
    EXPECT_FAULTS(w, "a: 'x\n", "x.yaml:1:4");
    EXPECT_FAULTS(w, "a: \"x", "x.yaml:1:4");
    EXPECT_FAULTS(w, "a: \"x\n---\nb: c\n", "x.yaml:1:4");
    EXPECT_FAULTS(w, "a: 'x\nb: 'y\n", "x.yaml:1:4", "x.yaml:2:5");
    EXPECT_FAULTS(w, "- a: \"x\n  y\"\n", "x.yaml:1:6");
    EXPECT_FAULTS(w, "- a: \"x\n\n   y\"\nb: 1", "x.yaml:4:1");
    assert_true(read_yaml(w, "\"x\ny\"")->ok);
    assert_true(read_yaml(w, "a: [\"x\ny\"]")->ok);
}

static void what_is_no_yaml_is_told_with_its_place(void **state)
{
    struct world *w = *state;
    EXPECT_FAULTS(w, "a: b: c\n", "x.yaml:1:5");
    EXPECT_FAULTS(w, "a: [1, 2\nb: c\n", "x.yaml:2:2");
    EXPECT_FAULTS(w, "a: @x\n", "x.yaml:1:4");
    EXPECT_FAULTS(w, "a: b\nc\n", "x.yaml:2:1");
    EXPECT_FAULTS(w, "a: \"\\q\"\n", "x.yaml:1:5");
    EXPECT_FAULTS(w, "a: \"\\ud800\"\n", "x.yaml:1:5");
    EXPECT_FAULTS(w, "a: ]\n", "x.yaml:1:4");
    EXPECT_FAULTS(w, "%YAML 1.1\n---\na: b\n", "x.yaml:1:1");
    EXPECT_FAULTS(w, "a:\n  b: 1\n c: 2\n", "x.yaml:3:2");
}

static void text_that_is_not_utf8_or_holds_control_characters_is_refused(void **state)
{
    struct world *w = *state;
    static const struct {
        struct slice text;
        const char *where;
    } cases[] = {
        { { "a: \xFF\n", 5 }, "x.yaml:1:4" },
        { { "\xC3\xA9: x\nb: \xC0\xAF", 11 }, "x.yaml:2:4" },
        { { "a: \xED\xA0\x80\n", 7 }, "x.yaml:1:4" },
        { { "a: x\0y\n", 7 }, "x.yaml:1:5" },
        { { "a: \x1b[31m\n", 9 }, "x.yaml:1:4" },
        { { "a: \x7F\n", 5 }, "x.yaml:1:4" },
        { { "a: \xC2\x9B\n", 6 }, "x.yaml:1:4" },
        { { "a: b\n---\n\xEF\xBB\xBF"
            "c: d\n",
            17 },
          "x.yaml:3:1" },
        { { "\xFF\xFE"
            "a\0",
            4 },
          "x.yaml:1:1" },
        { { "\xFE\xFF\0a", 4 }, "x.yaml:1:1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading *reading = read_with(w, cases[i].text, &yaml_limits_default);
        assert_false(reading->ok);
        assert_string_equal(reading->findings.items[0].error.where, cases[i].where);
        assert_int_equal(reading->findings.errors_count, 1);
        findings_free(&reading->findings);
    }
}

static void limits_hold(void **state)
{
    struct world *w = *state;
    const struct yaml_limits limits = {
        .bytes_max = 40, .depth_max = 3, .nodes_max = 6, .alias_nodes_max = 2
    };
    assert_true(read_with(w, SLICE("[[[x]]]"), &limits)->ok);
    static const char *const refused[] = {
        "[[[[x]]]]",
        "- - - - x",
        "a:\n b:\n  c:\n   d: x",
        "[1,2,3,4,5,6]",
        "- &a [x]\n- *a\n- *a\n",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "1\n---\n[2,3]\n---\n[4,5]\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct reading *reading = read_with(w, slice_of(refused[i]), &limits);
        if (reading->ok)
            fail_msg("taken: %s", refused[i]);
        findings_free(&reading->findings);
    }
}

static void brackets_without_end_do_not_eat_the_memory(void **state)
{
    struct world *w = *state;
    static const char *const pieces[] = { "[", "{a: ", "[a,", "- ", "? ", "&a ", "! ", "[[a],\n" };
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct strbuf text = strbuf_new(4 << 20);
        while (text.len < 2 << 20)
            strbuf_add_text(&text, pieces[i]);
        size_t before = arena_used(w->arena);
        clock_t start = clock();
        struct reading *reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
        assert_false(reading->ok);
        assert_true(arena_used(w->arena) - before < 64 << 20);
        assert_true(clock() - start < 5 * CLOCKS_PER_SEC); /* with sanitizers */
        findings_free(&reading->findings);
        strbuf_free(&text);
    }
}

static void long_lists_and_long_texts_are_no_bombs(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(16 << 20);
    for (int i = 0; i < 90000; i++)
        strbuf_printf(&text, "- {id: %d, k: [a, b]}\n", i);
    struct reading *reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
    assert_true(reading->ok);
    assert_int_equal(value_count(reading->documents.items[0]), 90000);
    strbuf_clear(&text);
    strbuf_add_text(&text, "a: |\n");
    for (int i = 0; i < 100000; i++)
        strbuf_add_text(&text, "  a line of text\n");
    reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
    assert_true(reading->ok);
    assert_int_equal(value_text_of(reading->documents.items[0], "a").len, 100000 * 15);
    strbuf_free(&text);
}

static void a_faulty_document_does_not_hide_those_after_it(void **state)
{
    struct world *w = *state;
    struct reading *reading = read_yaml(w, "a: 1\n"
                                           "---\nb: \"open\n"
                                           "---\nc: 3\n"
                                           "---\nd: [1\n"
                                           "---\ne: 5\ne: 6\n"
                                           "--- \"one line\" and more\n"
                                           "---\nf: *x\ng: !y z\n"
                                           "---\nh: 8\n");
    static const char *const wheres[] = { "x.yaml:3:4",   "x.yaml:8:1",  "x.yaml:10:1",
                                          "x.yaml:11:16", "x.yaml:13:4", "x.yaml:14:4" };
    for (size_t i = 0; i < reading->findings.count; i++)
        if (i >= ARRAY_LEN(wheres) ||
            strcmp(reading->findings.items[i].error.where, wheres[i]) != 0)
            fail_msg("%s: %s", reading->findings.items[i].error.where,
                     reading->findings.items[i].error.message);
    assert_int_equal(reading->findings.count, ARRAY_LEN(wheres));
    assert_int_equal(reading->documents.count, 3);
    assert_non_null(value_member(reading->documents.items[0], "a"));
    assert_non_null(value_member(reading->documents.items[1], "c"));
    assert_non_null(value_member(reading->documents.items[2], "h"));
    assert_int_equal(reading->documents.items[2]->line, 16);
    findings_free(&reading->findings);
}

static void findings_of_earlier_files_are_kept_and_do_not_count(void **state)
{
    struct world *w = *state;
    struct findings findings = { 0 };
    struct yaml_documents documents;
    assert_false(yaml_parse(w->arena, SLICE("a: *x\n"), "one.yaml", &yaml_limits_default,
                            &documents, &findings, &w->err));
    assert_true(yaml_parse(w->arena, SLICE("a: b\n"), "two.yaml", &yaml_limits_default, &documents,
                           &findings, &w->err));
    assert_int_equal(documents.count, 1);
    assert_int_equal(findings.errors_count, 1);
    findings_free(&findings);
}

static void memory_that_runs_out_is_told(void **state)
{
    struct world *w = *state;
    struct slice text = SLICE("a: &x [1, {b: c}, \"d\"]\ne: *x\nf: |\n  text\n---\ng: h\n");
    bool was_read = false;
    for (size_t max = 0; max < 200000; max += max < 10000 ? 48 : 1000) {
        struct arena *small = arena_new(max, &w->err);
        struct findings findings = { 0 };
        struct yaml_documents documents;
        assert_non_null(small);
        w->err = (struct error){ 0 };
        was_read =
            yaml_parse(small, text, "x", &yaml_limits_default, &documents, &findings, &w->err);
        assert_int_equal(findings.errors_count, 0);
        assert_int_equal(w->err.code, was_read ? ERROR_NONE : ERROR_NO_MEMORY);
        arena_free(small);
    }
    assert_true(was_read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_key_given_twice_is_named_at_the_second),
        WORLD_TEST(a_thousand_repeated_keys_are_not_told_one_by_one),
        WORLD_TEST(tags_are_refused_as_they_are_written),
        WORLD_TEST(merge_keys_are_refused),
        WORLD_TEST(keys_that_are_no_scalars_are_refused),
        WORLD_TEST(tabs_as_indentation_are_refused_at_the_tab),
        WORLD_TEST(a_quoted_text_without_end_is_told_where_it_begins),
        WORLD_TEST(what_is_no_yaml_is_told_with_its_place),
        WORLD_TEST(text_that_is_not_utf8_or_holds_control_characters_is_refused),
        WORLD_TEST(limits_hold),
        WORLD_TEST(brackets_without_end_do_not_eat_the_memory),
        WORLD_TEST(long_lists_and_long_texts_are_no_bombs),
        WORLD_TEST(a_faulty_document_does_not_hide_those_after_it),
        WORLD_TEST(findings_of_earlier_files_are_kept_and_do_not_count),
        WORLD_TEST(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests_name("yaml_refused", tests, NULL, NULL);
}
