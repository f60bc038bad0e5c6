/* YAML: what is read, and what aliases may do. */
#include <time.h>

#include "yaml_box.h"

/* ---------------------------------------------------------------- values */

static void plain_scalars_follow_the_core_schema(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *text;
        enum value_type type;
    } cases[] = {
        { "null", VALUE_NULL },    { "Null", VALUE_NULL },         { "NULL", VALUE_NULL },
        { "~", VALUE_NULL },       { "nULL", VALUE_STRING },       { "true", VALUE_BOOL },
        { "True", VALUE_BOOL },    { "TRUE", VALUE_BOOL },         { "false", VALUE_BOOL },
        { "tRUE", VALUE_STRING },  { "yes", VALUE_STRING },        { "NO", VALUE_STRING },
        { "on", VALUE_STRING },    { "off", VALUE_STRING },        { "y", VALUE_STRING },
        { "0", VALUE_NUMBER },     { "-12", VALUE_NUMBER },        { "1.10", VALUE_NUMBER },
        { "1e3", VALUE_NUMBER },   { "-0", VALUE_NUMBER },         { "1.5E-3", VALUE_NUMBER },
        { "012", VALUE_STRING },   { "+1", VALUE_STRING },         { ".5", VALUE_STRING },
        { "5.", VALUE_STRING },    { "0x1F", VALUE_STRING },       { "0o17", VALUE_STRING },
        { ".inf", VALUE_STRING },  { ".nan", VALUE_STRING },       { "1_000", VALUE_STRING },
        { "1,000", VALUE_STRING }, { "1e400", VALUE_STRING },      { "12:30", VALUE_STRING },
        { "1 2", VALUE_STRING },   { "2023-01-01", VALUE_STRING }, { "1.2.3", VALUE_STRING },
        { "NaN", VALUE_STRING },   { "a", VALUE_STRING },          { "-", VALUE_STRING },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        snprintf(text, sizeof text, "v: %s\nq: \"%s\"\n", cases[i].text, cases[i].text);
        if (strcmp(cases[i].text, "-") == 0) /* alone it is a list */
            snprintf(text, sizeof text, "v: \"-\"\nq: '-'\n");
        struct reading *reading = read_yaml(w, text);
        assert_true(reading->ok);
        const struct value *value = value_member(reading->documents.items[0], "v");
        const struct value *quoted = value_member(reading->documents.items[0], "q");
        if (value->type != cases[i].type)
            fail_msg("%s is of type %d", cases[i].text, (int)value->type);
        expect_slice(value->text, cases[i].text);
        expect_slice(value_text(quoted), cases[i].text);
        assert_false(quoted->is_plain);
        assert_true(value->is_plain || cases[i].text[0] == '-');
    }
    struct reading *reading = read_yaml(w, "[true, FALSE]");
    assert_true(value_is_true(reading->documents.items[0]->items[0]));
    assert_false(value_is_true(reading->documents.items[0]->items[1]));
}

static void all_styles_of_text_are_read(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "a: b c\n", "[{\"a\":\"b c\"}]" },
        { "a: 'it''s'\n", "[{\"a\":\"it's\"}]" },
        { "a: \"x\\n\\t\\\\\\\"\\u00e9\\U0001F600\\x41\\e\"\n",
          "[{\"a\":\"x\\n\\t\\\\\\\"\xC3\xA9\xF0\x9F\x98\x80"
          "A\\u001b\"}]" },
        { "a: |\n  one\n   two\n\n  three\n\n\nb: c",
          "[{\"a\":\"one\\n two\\n\\nthree\\n\",\"b\":\"c\"}]" },
        { "a: |-\n  one\n", "[{\"a\":\"one\"}]" },
        { "a: |+\n  one\n\n", "[{\"a\":\"one\\n\\n\"}]" },
        { "a: >\n  one\n  two\n\n  three\n", "[{\"a\":\"one two\\nthree\\n\"}]" },
        { "a: |2\n   x\n", "[{\"a\":\" x\\n\"}]" },
        { "a: b\n  c\n", "[{\"a\":\"b c\"}]" },
        { "a: \"b\n  c\n\n  d\"\n", "[{\"a\":\"b c\\nd\"}]" },
        { "a: \"b\\\n  c\"\n", "[{\"a\":\"bc\"}]" },
        { "a: b #c\nd: e#f\n", "[{\"a\":\"b\",\"d\":\"e#f\"}]" },
        { "a: x:y\nb: 'x: y'\n", "[{\"a\":\"x:y\",\"b\":\"x: y\"}]" },
        { "\"k: 1\": v\n", "[{\"k: 1\":\"v\"}]" },
        { "a: \"\\0\"\n", "[{\"a\":\"\\u0000\"}]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(as_json(w, slice_of(cases[i][0])), cases[i][1]);
}

static void quotes_within_quotes_are_read_however_many_they_are(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "'a''b'", "a'b" },         { "'a''''b'", "a''b" },     { "''''", "'" },
        { "''''''", "''" },          { "''''''''''", "''''" },   { "'''x'''''", "'x''" },
        { "'a''\n  ''b'", "a' 'b" }, { "'a  \n\n  b'", "a\nb" }, { "' a\n b '", " a b " },
        { "'\n\n\na'", "\n\na" },    { "'a\n\n\n'", "a\n\n" },   { "'a\\nb'", "a\\nb" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading *reading = read_yaml(w, cases[i][0]);
        assert_true(reading->ok);
        expect_slice(value_text(reading->documents.items[0]), cases[i][1]);
    }
    assert_string_equal(as_json(w, SLICE("'a''''b': 'c''''d'\n")), "[{\"a''b\":\"c''d\"}]");
}

static void all_escapes_in_double_quotes_are_read(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *yaml;
        struct slice text;
    } cases[] = {
        { "\"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\\"\\/\\\\\"", { "\0\a\b\t\n\v\f\r\x1b \"/\\", 13 } },
        { "\"\\N\\_\\L\\P\"", { "\xC2\x85\xC2\xA0\xE2\x80\xA8\xE2\x80\xA9", 10 } },
        { "\"\\x41\\u00e9\\u20AC\\U0001F600\"", { "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10 } },
        { "\"a\\\n   b\"", { "ab", 2 } },
        { "\"a \\\n   b\"", { "a b", 3 } },
        { "\"a\\\n   \\  b\"", { "a  b", 4 } },
        { "\"a\\\\\\\n   b\"", { "a\\b", 3 } }, /* an escaped backslash before an escaped end */
        { "\"a\\\n\n\n  b\"", { "a\n\nb", 4 } },
        { "\"a\\t  \n  b\"", { "a\t b", 4 } },
        { "\"a\\ \n  b\"", { "a  b", 4 } },
        { "\" a  \n\n  b \"", { " a\nb ", 5 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading *reading = read_yaml(w, cases[i].yaml);
        if (!reading->ok || !slice_equal(value_text(reading->documents.items[0]), cases[i].text))
            fail_msg("%s", cases[i].yaml);
    }
    static const char *const refused[] = {
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\U00110000\"",
        "\"\\UFFFFFFFF\"",
        "\"\\x4\"",
        "\"\\u12g4\"",
        "\"\\c\"",
        "\"\\\"",
        "\"\\U0000D800\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct reading *reading = read_yaml(w, refused[i]);
        if (reading->ok)
            fail_msg("taken: %s", refused[i]);
        findings_free(&reading->findings);
    }
}

static void block_texts_are_read_as_the_standard_has_them(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "- | # c\n one\n- >1\n  two\n- |+\n three\n\n- >1-\n  four\n",
          "[[\"one\\n\",\" two\\n\",\"three\\n\\n\",\" four\"]]" },
        { "- |\n one\n- >\n \n  \n  # two\n- |1\n  three\n",
          "[[\"one\\n\",\"\\n\\n# two\\n\",\" three\\n\"]]" },
        { "a: |-\n  x\nb: |\n  x\nc: |+\n  x\n", "[{\"a\":\"x\",\"b\":\"x\\n\",\"c\":\"x\\n\"}]" },
        { "a: >-\n\nb: >\n\nc: |+\n\n", "[{\"a\":\"\",\"b\":\"\",\"c\":\"\\n\"}]" },
        { "|\n \n  \n  one\n   \n  \n  two\n\n # c\n", "[\"\\n\\none\\n \\n\\ntwo\\n\"]" },
        { ">\n\n one\n line\n\n next\n line\n   * a\n\n   * b\n   * c\n\n last\n line\n\n# c\n",
          "[\"\\none line\\nnext line\\n  * a\\n\\n  * b\\n  * c\\n\\nlast line\\n\"]" },
        /* A line with more indentation after an empty one, and the other way round. */
        { ">-\n  a\n\n    b\n", "[\"a\\n\\n  b\"]" },
        { ">-\n  a\n\n\n    b\n\n  c\n", "[\"a\\n\\n\\n  b\\n\\nc\"]" },
        { ">-\n  a\n    b\n  c\n", "[\"a\\n  b\\nc\"]" },
        { ">-\n  a\n  \tb\n  c\n", "[\"a\\n\\tb\\nc\"]" },
        /* Where the indentation comes from. */
        { "a:\n  b: |2\n     x\n    y\n", "[{\"a\":{\"b\":\" x\\ny\\n\"}}]" },
        { "- - |2\n     x\n", "[[[\" x\\n\"]]]" },
        { "k:\n- >2\n   x\n- y\n", "[{\"k\":[\" x\\n\",\"y\"]}]" },
        { "- a: |\n   x\n  b: c\n", "[[{\"a\":\"x\\n\",\"b\":\"c\"}]]" },
        { "a:\n  - |\n    x\n  - |\n  - y\n", "[{\"a\":[\"x\\n\",\"\",\"y\"]}]" },
        { "a: |\nb: c\n", "[{\"a\":\"\",\"b\":\"c\"}]" },
        { "--- |\n x\n  y\n--- >\n x\n y\n...\n", "[\"x\\n y\\n\",\"x y\\n\"]" },
        { "--- |1\n x\n", "[\"x\\n\"]" },
        { "? |\n  k\n: >\n  v\n", "[{\"k\\n\":\"v\\n\"}]" },
        { "a: &x |\n  t\nb: *x\n", "[{\"a\":\"t\\n\",\"b\":\"t\\n\"}]" },
        { "a:\n  |\n  x\nb:\n  >-\n  y\n", "[{\"a\":\"x\\n\",\"b\":\"y\"}]" },
        /* Headers that look like one within a key or a comment. */
        { "\"x | # y\": |-\n  z\n", "[{\"x | # y\":\"z\"}]" },
        { "x |: |- # > |\n  z\n", "[{\"x |\":\"z\"}]" },
        { "\"> # \": >-\n  z\n", "[{\"> # \":\"z\"}]" },
        /* No line end at the end of the file. */
        { "a: |\n  x", "[{\"a\":\"x\"}]" },
        { "a: >\n  x\n  y", "[{\"a\":\"x y\"}]" },
        { "a: |+\n  x\n\n", "[{\"a\":\"x\\n\\n\"}]" },
        { "a: |", "[{\"a\":\"\"}]" },
        { "a: |\n", "[{\"a\":\"\"}]" },
        { "|", "[\"\"]" },
        { "a: |\n  x\n   ", "[{\"a\":\"x\\n \"}]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *found = as_json(w, slice_of(cases[i][0]));
        if (strcmp(found, cases[i][1]) != 0)
            fail_msg("%s\nfound    %s\nexpected %s", cases[i][0], found, cases[i][1]);
    }
}

static void all_forms_of_lists_and_mappings_are_read(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "[a, {b: c}, [], {}, \"d\"]", "[[\"a\",{\"b\":\"c\"},[],{},\"d\"]]" },
        { "- a\n- - b\n  - c\n- d: e\n  f: g\n-\n  h\n",
          "[[\"a\",[\"b\",\"c\"],{\"d\":\"e\",\"f\":\"g\"},\"h\"]]" },
        { "a:\n- b\n- c\n", "[{\"a\":[\"b\",\"c\"]}]" },
        { "a:\n  b:\n    c: d\n", "[{\"a\":{\"b\":{\"c\":\"d\"}}}]" },
        { "a:\nb: \n", "[{\"a\":null,\"b\":null}]" },
        { "? a\n: b\n", "[{\"a\":\"b\"}]" },
        { "{a: 1, b: , c}", "[{\"a\":1,\"b\":null,\"c\":null}]" },
        { "[a: b, c]", "[[{\"a\":\"b\"},\"c\"]]" },
        { "{\"a\":1,\"b\":[true,null]}", "[{\"a\":1,\"b\":[true,null]}]" },
        { "1: x\ntrue: y\n\"\": z\n", "[{\"\":\"z\",\"1\":\"x\",\"true\":\"y\"}]" },
        { "a: [\n  b,\n  c ]\n", "[{\"a\":[\"b\",\"c\"]}]" },
        { "just text\n", "[\"just text\"]" },
        { "\"<<\": x\n", "[{\"<<\":\"x\"}]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(as_json(w, slice_of(cases[i][0])), cases[i][1]);
}

static void empty_documents_are_left_out(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "", "[]" },
        { "\n\n", "[]" },
        { "# nothing\n", "[]" },
        { "---\n", "[]" },
        { "---\n---\na: b\n...\n---\n# x\n", "[{\"a\":\"b\"}]" },
        { "--- a\n--- b\n", "[\"a\",\"b\"]" },
        { "--- null\n--- ~\n--- \"\"\n", "[null,null,\"\"]" },
        { "%YAML 1.2\n---\na: b\n", "[{\"a\":\"b\"}]" },
        { "a: b\n...\n---\nc: d\n...\n", "[{\"a\":\"b\"},{\"c\":\"d\"}]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(as_json(w, slice_of(cases[i][0])), cases[i][1]);
    assert_string_equal(as_json(w, (struct slice){ 0 }), "[]");
}

static void byte_order_mark_and_windows_line_ends_leave_no_trace(void **state)
{
    struct world *w = *state;
    assert_string_equal(as_json(w, SLICE("\xEF\xBB\xBF"
                                         "a: |\r\n  x\r\n  y\r\nb: \"p\r\n  q\"\r\nc: d\re: f\r")),
                        "[{\"a\":\"x\\ny\\n\",\"b\":\"p q\",\"c\":\"d\",\"e\":\"f\"}]");
    assert_string_equal(as_json(w, SLICE("a: \"x\\r\\ny\"\r\n")), "[{\"a\":\"x\\r\\ny\"}]");
    /* Lines are counted as an editor counts them. */
    EXPECT_FAULTS(w,
                  "\xEF\xBB\xBF"
                  "a: b\r\nc: d\r\na: x\r\n",
                  "x.yaml:3:1");
    EXPECT_FAULTS(w,
                  "\xEF\xBB\xBF"
                  "a: b\r\nc: \x01\r\n",
                  "x.yaml:2:4");
}

static void nodes_know_their_line_and_column(void **state)
{
    struct world *w = *state;
    struct reading *reading = read_yaml(w, "# c\n---\n\xC3\xA9: [x, \"y\"]\nb:\n  - 'z'\nempty:\n"
                                           "--- \nc: 1\n");
    const struct value *first = reading->documents.items[0];
    assert_int_equal(first->members[0].line, 3);
    assert_int_equal(first->members[0].column, 1);
    assert_int_equal(first->members[0].value->column, 4);
    assert_int_equal(first->members[0].value->items[1]->line, 3);
    assert_int_equal(first->members[0].value->items[1]->column, 8);
    assert_int_equal(first->members[1].value->items[0]->line, 5);
    assert_int_equal(first->members[1].value->items[0]->column, 5);
    assert_int_equal(first->members[2].value->line, 6); /* where its key is */
    assert_int_equal(reading->documents.items[1]->line, 8);
    assert_int_equal(reading->documents.items[1]->members[0].value->column, 4);
}

/* ---------------------------------------------------------------- aliases */

static void an_alias_stands_for_a_copy_of_its_own(void **state)
{
    struct world *w = *state;
    struct reading *reading = read_yaml(w, "a: &x {k: [1, &y 2]}\nb: *x\nc: *y\n&z d: *z\n");
    assert_true(reading->ok);
    struct value *root = reading->documents.items[0];
    struct value *a = root->members[0].value, *b = root->members[1].value;
    assert_true(value_equal(a, b));
    assert_ptr_not_equal(a, b);
    assert_ptr_not_equal(value_member(a, "k"), value_member(b, "k"));
    assert_true(value_put_text(w->arena, b, "k", SLICE("changed"), &w->err));
    assert_int_equal(value_count(value_member(a, "k")), 2);
    expect_slice(value_member(root, "c")->text, "2");
    expect_slice(value_text(value_member(root, "d")), "d");
    assert_int_equal(b->line, 1); /* a fault in it is to be mended where it is written */
}

static void the_latest_anchor_of_a_name_counts_and_only_in_its_document(void **state)
{
    struct world *w = *state;
    assert_string_equal(as_json(w, SLICE("- &a 1\n- *a\n- &a 2\n- *a\n")), "[[1,1,2,2]]");
    EXPECT_FAULTS(w, "- &a 1\n---\n- *a\n", "x.yaml:3:3");
}

static void an_alias_without_anchor_is_named(void **state)
{
    struct world *w = *state;
    assert_string_equal(as_json(w, SLICE("a: 1\nnote: *nobody\n")),
                        "x.yaml:2:7: the alias *nobody has no anchor &nobody before it");
    EXPECT_FAULTS(w, "a: *b\nc: &b 1\nd: *e\n", "x.yaml:1:4", "x.yaml:3:4");
}

static void an_alias_to_itself_is_refused(void **state)
{
    struct world *w = *state;
    EXPECT_FAULTS(w, "note: &r [*r]\n", "x.yaml:1:11");
    EXPECT_FAULTS(w, "&r a:\n  b: *r\nc: &s {d: {e: [1, *s]}}\n", "x.yaml:3:19");
    EXPECT_FAULTS(w, "- &r\n  k: [*r]\n", "x.yaml:2:7");
}

static void an_alias_bomb_is_refused_in_no_time(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(100000);
    strbuf_add_text(&text, "a: &a [l,l,l,l,l,l,l,l,l]\n");
    for (int level = 'b'; level <= 'z'; level++) {
        strbuf_printf(&text, "%c: &%c [", level, level);
        for (int i = 0; i < 9; i++)
            strbuf_printf(&text, "%s*%c", i ? "," : "", level - 1);
        strbuf_add_text(&text, "]\n");
    }
    clock_t start = clock();
    struct reading *reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
    assert_false(reading->ok);
    assert_string_equal(reading->findings.items[0].error.where, "x.yaml:6:8");
    assert_non_null(strstr(reading->findings.items[0].error.message, "100000"));
    assert_int_equal(reading->documents.count, 0);
    assert_true(arena_used(w->arena) < 64 << 20);
    assert_true(clock() - start < CLOCKS_PER_SEC);
    findings_free(&reading->findings);
    strbuf_free(&text);
}

/* Few values, but each of them long. */
static void aliases_do_not_multiply_text_beyond_the_limit(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(4 << 20);
    strbuf_add_text(&text, "- &a ");
    for (int i = 0; i < 1 << 20; i++)
        strbuf_add_char(&text, 'x');
    for (int i = 0; i < 1000; i++)
        strbuf_add_text(&text, "\n- *a");
    struct reading *reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
    assert_false(reading->ok);
    findings_free(&reading->findings);
    strbuf_free(&text);
}

static void aliases_do_not_nest_beyond_the_depth(void **state)
{
    struct world *w = *state;
    const struct yaml_limits limits = {
        .bytes_max = 1000, .depth_max = 4, .nodes_max = 100, .alias_nodes_max = 100
    };
    assert_true(read_with(w, SLICE("- &a [[x]]\n- [*a]\n"), &limits)->ok);
    struct reading *reading = read_with(w, SLICE("- &a [[x]]\n- [[*a]]\n"), &limits);
    assert_false(reading->ok);
    assert_string_equal(reading->findings.items[0].error.where, "x.yaml:2:5");
    findings_free(&reading->findings);
}

static void too_many_anchors_are_refused(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(1 << 20);
    for (int i = 0; i < 1001; i++)
        strbuf_printf(&text, "- &a%d x\n", i);
    struct reading *reading = read_with(w, strbuf_slice(&text), &yaml_limits_default);
    assert_false(reading->ok);
    assert_string_equal(reading->findings.items[0].error.where, "x.yaml:1001:3");
    findings_free(&reading->findings);
    strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(plain_scalars_follow_the_core_schema),
        WORLD_TEST(all_styles_of_text_are_read),
        WORLD_TEST(quotes_within_quotes_are_read_however_many_they_are),
        WORLD_TEST(all_escapes_in_double_quotes_are_read),
        WORLD_TEST(block_texts_are_read_as_the_standard_has_them),
        WORLD_TEST(all_forms_of_lists_and_mappings_are_read),
        WORLD_TEST(empty_documents_are_left_out),
        WORLD_TEST(byte_order_mark_and_windows_line_ends_leave_no_trace),
        WORLD_TEST(nodes_know_their_line_and_column),
        WORLD_TEST(an_alias_stands_for_a_copy_of_its_own),
        WORLD_TEST(the_latest_anchor_of_a_name_counts_and_only_in_its_document),
        WORLD_TEST(an_alias_without_anchor_is_named),
        WORLD_TEST(an_alias_to_itself_is_refused),
        WORLD_TEST(an_alias_bomb_is_refused_in_no_time),
        WORLD_TEST(aliases_do_not_multiply_text_beyond_the_limit),
        WORLD_TEST(aliases_do_not_nest_beyond_the_depth),
        WORLD_TEST(too_many_anchors_are_refused),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
