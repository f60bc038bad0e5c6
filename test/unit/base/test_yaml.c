/* YAML: what is read, and what is refused where. */
#include "base_test.h"

#include <time.h>

#include "base/yaml.h"

struct reading {
    struct yaml_documents documents;
    struct findings findings;
    bool ok;
};

static struct reading *read_with(struct world *w, struct slice text,
                                 const struct yaml_limits *limits)
{
    struct reading *reading = arena_alloc(w->arena, sizeof *reading, &w->err);
    assert_non_null(reading);
    w->err = (struct error){ 0 };
    reading->ok = yaml_parse(w->arena, text, "x.yaml", limits, &reading->documents,
                             &reading->findings, &w->err);
    assert_int_equal(w->err.code, ERROR_NONE);
    assert_true(reading->ok == (reading->findings.errors_count == 0));
    return reading;
}

static struct reading *read_yaml(struct world *w, const char *text)
{
    return read_with(w, slice_of(text), &yaml_limits_default);
}

/* All documents as one canonical JSON array; on a fault "where: message" of the first. */
static const char *as_json(struct world *w, struct slice text)
{
    struct reading *reading = read_with(w, text, &yaml_limits_default);
    const char *out;
    if (reading->ok) {
        struct value all = { .type = VALUE_ARRAY,
                             .items = reading->documents.items,
                             .count = reading->documents.count };
        struct slice json;
        assert_true(json_canonical_copy(w->arena, &all, &json, &w->err));
        out = json.at;
    } else {
        const struct error *first = &reading->findings.items[0].error;
        out = arena_printf(w->arena, &w->err, "%s: %s", first->where, first->message);
    }
    findings_free(&reading->findings);
    return out;
}

static void expect_faults(struct world *w, const char *text, const char *const *wheres,
                          size_t count)
{
    struct reading *reading = read_yaml(w, text);
    for (size_t i = 0; i < reading->findings.count; i++) {
        const struct error *err = &reading->findings.items[i].error;
        if (i >= count || strcmp(err->where, wheres[i]) != 0)
            fail_msg("%zu: %s: %s", i, err->where, err->message);
        assert_int_equal(err->code, ERROR_INVALID);
        assert_true(err->message[0] != '\0');
    }
    if (reading->findings.count != count)
        fail_msg("%zu faults in: %s", reading->findings.count, text);
    findings_free(&reading->findings);
}
#define EXPECT_FAULTS(w, text, ...)                                                                \
    expect_faults(w, text, (const char *const[]){ __VA_ARGS__ },                                   \
                  sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

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
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
