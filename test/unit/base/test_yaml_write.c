/* YAML that is written: reads back as the same tree, and is written the same again. */
#include "base_test.h"

#include "base/yaml.h"
#include "base/yaml_scalar.h"

static const char *written(struct world *w, const struct value *value)
{
    struct strbuf out = strbuf_new(64 << 20);
    yaml_write(value, &out);
    assert_true(strbuf_ok(&out, &w->err));
    char *text = arena_string(w->arena, strbuf_slice(&out), &w->err);
    assert_non_null(text);
    strbuf_free(&out);
    return text;
}

static struct value *read_back(struct world *w, const char *text)
{
    struct yaml_documents documents;
    struct findings findings = { 0 };
    if (!yaml_parse(w->arena, slice_of(text), "x", &yaml_limits_default, &documents, &findings,
                    &w->err) ||
        documents.count != 1)
        fail_msg("%zu documents, %s: %s in:\n%s", documents.count,
                 findings.count ? findings.items[0].error.where : w->err.message,
                 findings.count ? findings.items[0].error.message : "", text);
    return documents.items[0];
}

static void expect_round_trip(struct world *w, const struct value *value)
{
    const char *text = written(w, value);
    const struct value *back = read_back(w, text);
    if (!value_equal(value, back))
        fail_msg("another tree:\n%s", text);
    assert_string_equal(written(w, back), text);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

static struct value *from_json(struct world *w, const char *json)
{
    struct value *value = json_parse(w->arena, slice_of(json), "x", NULL, &w->err);
    if (!value)
        fail_msg("%s: %s", w->err.where, w->err.message);
    return value;
}

/* In every place that a text can have: root, item, member, name, and deep within. */
static void expect_text_survives(struct world *w, struct slice text)
{
    struct arena *arena = w->arena;
    struct value *string = value_new_text(arena, text, &w->err);
    expect_round_trip(w, string);

    struct value *object = value_new(arena, VALUE_OBJECT, &w->err);
    assert_true(value_put(arena, object, "before", string, &w->err));
    assert_true(value_put_slice(arena, object, text, string, &w->err));
    struct value *list = value_put_array(arena, object, "list", &w->err);
    assert_true(value_add(arena, list, string, &w->err));
    struct value *nested = value_new(arena, VALUE_ARRAY, &w->err);
    assert_true(value_add(arena, list, nested, &w->err));
    assert_true(value_add(arena, nested, string, &w->err));
    struct value *inner = value_add_object(arena, nested, &w->err);
    assert_true(value_put_slice(arena, inner, text, nested->items[0], &w->err));
    assert_true(value_put(arena, inner, "after", string, &w->err));
    assert_true(value_add(arena, list, string, &w->err));
    assert_true(value_put(arena, object, "last", string, &w->err));
    expect_round_trip(w, object);
}

static const struct slice awkward[] = {
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
    TEXT(""),
    TEXT(" "),
    TEXT("  "),
    TEXT("\n"),
    TEXT("\n\n"),
    TEXT(" \n"),
    TEXT("\n "),
    TEXT("\t"),
    TEXT("NO"),
    TEXT("no"),
    TEXT("Yes"),
    TEXT("y"),
    TEXT("N"),
    TEXT("on"),
    TEXT("Off"),
    TEXT("true"),
    TEXT("True"),
    TEXT("FALSE"),
    TEXT("null"),
    TEXT("NULL"),
    TEXT("~"),
    TEXT("1.10"),
    TEXT("012"),
    TEXT("0"),
    TEXT("-1"),
    TEXT("+1"),
    TEXT("1e3"),
    TEXT("1_000"),
    TEXT("0x1F"),
    TEXT("0o17"),
    TEXT("0b1"),
    TEXT(".5"),
    TEXT("5."),
    TEXT(".inf"),
    TEXT("-.INF"),
    TEXT(".NaN"),
    TEXT("12:30:45"),
    TEXT("2023-01-01"),
    TEXT("2023-01-01T00:00:00Z"),
    TEXT("1.2.3"),
    TEXT("190.20.30"),
    TEXT("="),
    TEXT("<<"),
    TEXT(" x"),
    TEXT("x "),
    TEXT("x\t"),
    TEXT("\tx"),
    TEXT("x: y"),
    TEXT("x:y"),
    TEXT("x:"),
    TEXT("x: "),
    TEXT(":"),
    TEXT(": x"),
    TEXT("::"),
    TEXT("x #y"),
    TEXT("x#y"),
    TEXT("#a"),
    TEXT("# a"),
    TEXT("x \t#y"),
    TEXT("-"),
    TEXT("- x"),
    TEXT("-x"),
    TEXT("--- x"),
    TEXT("---"),
    TEXT("..."),
    TEXT("?"),
    TEXT("? x"),
    TEXT("?x"),
    TEXT("[x"),
    TEXT("x]"),
    TEXT("[x]"),
    TEXT("{x}"),
    TEXT("{x: y}"),
    TEXT("x, y"),
    TEXT(", x"),
    TEXT("&x"),
    TEXT("*x"),
    TEXT("!x"),
    TEXT("!!str x"),
    TEXT("|"),
    TEXT("|-"),
    TEXT("> x"),
    TEXT("%x"),
    TEXT("%YAML 1.2"),
    TEXT("@x"),
    TEXT("`x"),
    TEXT("'x'"),
    TEXT("'"),
    TEXT("it's"),
    TEXT("\"x\""),
    TEXT("\""),
    TEXT("say \"x\""),
    TEXT("\\"),
    TEXT("\\n"),
    TEXT("a\\"),
    TEXT("C:\\path"),
    TEXT("one\ntwo"),
    TEXT("one\ntwo\n"),
    TEXT("one\ntwo\n\n"),
    TEXT("one\ntwo\n\n\n"),
    TEXT("one\n\ntwo"),
    TEXT("\none"),
    TEXT("\n\none"),
    TEXT(" one\ntwo"),
    TEXT("one\n two"),
    TEXT("one\n  two\n three\n"),
    TEXT("one\n \ntwo"),
    TEXT("one\n  "),
    TEXT("one \ntwo "),
    TEXT("one\n\ttwo"),
    TEXT("one\n\t\ntwo"),
    TEXT("one\ttwo\nx"),
    TEXT("one\n# two\n"),
    TEXT("# one\ntwo"),
    TEXT("- one\n- two\n"),
    TEXT("a: b\nc: d"),
    TEXT("---\nx\n"),
    TEXT("x\n---\ny\n"),
    TEXT("x\n...\n"),
    TEXT("one\r\ntwo"),
    TEXT("one\rtwo"),
    TEXT("one\r"),
    TEXT("\r"),
    TEXT("\r\n"),
    TEXT("one\r\n"),
    TEXT("a\0b"),
    TEXT("\0"),
    TEXT("a\x07"),
    TEXT("\x1b[31m"),
    TEXT("\x7F"),
    TEXT("x\n\x01"),
    TEXT("\xC3\xA9"),
    TEXT("\xC3\xA9\n\xC3\xBC\n"),
    TEXT("\xE6\x97\xA5\xE6\x9C\xAC"),
    TEXT("\xF0\x9F\x98\x80"),
    TEXT("\xC2\x85"),
    TEXT("x\xC2\x85y"),
    TEXT("\xE2\x80\xA8"),
    TEXT("x\xE2\x80\xA9y\nz"),
    TEXT("\xEF\xBB\xBF"),
    TEXT("\xEF\xBB\xBFx"),
    TEXT("x\xEF\xBB\xBFy\nz"),
    TEXT("\xC2\x80"),
    TEXT("\xC2\x9F"),
    TEXT("\xC2\xA0x\xC2\xA0"),
    TEXT("\xE2\x80\xAEtxt"),
    TEXT("\xE2\x81\xA6x"),
    TEXT("\xEF\xBF\xBE"),
    TEXT("\xEF\xBF\xBF"),
    TEXT("\xF0\x9F\xBF\xBE"),
    TEXT("\xEE\x80\x80"),
    TEXT("\xF4\x8F\xBF\xBD"),
    TEXT("\xEF\xBF\xBD"),
    TEXT("e\xCC\x81"),
    TEXT("\xE2\x80\x8F"
         "x"),
    TEXT("control/CM-02"),
    TEXT("tsc-2017/CC6.1"),
    TEXT("<b>"),
    TEXT("(x)"),
    TEXT("$x"),
    TEXT("a=b"),
    TEXT("x;y"),
    TEXT("/etc"),
    TEXT("100%"),
    TEXT("1 file"),
    TEXT("3f2a9c"),
    TEXT("12e4567"),
    TEXT("0xFFg"),
    TEXT("10:00"),
    TEXT("a\n:b"),
#undef TEXT
};

static void awkward_texts_survive_in_every_place(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(awkward); i++) {
        expect_text_survives(w, awkward[i]);
        arena_reset(w->arena);
    }
}

static void pairs_of_awkward_texts_survive_together(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(awkward); i++) {
        struct value *list = value_new(w->arena, VALUE_ARRAY, &w->err);
        struct value *joined = value_new(w->arena, VALUE_ARRAY, &w->err);
        for (size_t k = 0; k < ARRAY_LEN(awkward); k++) {
            struct strbuf both = strbuf_new(1000);
            strbuf_add(&both, awkward[i]);
            strbuf_add(&both, awkward[k]);
            struct value *one = value_new_text(w->arena, awkward[k], &w->err);
            struct value *two = value_new_text(w->arena, strbuf_slice(&both), &w->err);
            assert_true(value_add(w->arena, list, one, &w->err));
            assert_true(value_add(w->arena, joined, two, &w->err));
            strbuf_free(&both);
        }
        expect_round_trip(w, joined);
        if (i == 0)
            expect_round_trip(w, list);
        arena_reset(w->arena);
    }
}

/* Texts made of what YAML gives a meaning to, thousands of them. */
static void random_texts_survive_in_every_place(void **state)
{
    struct world *w = *state;
    static const char *const pieces[] = {
        "a",
        "b",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        ":",
        ": ",
        "#",
        " #",
        "-",
        "- ",
        "?",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&",
        "*",
        "!",
        "|",
        ">",
        "'",
        "\"",
        "\\",
        "%",
        "@",
        "~",
        "=",
        "<<",
        "---",
        "...",
        "1",
        "0",
        ".",
        "e",
        "+",
        "\r",
        "\xC3\xA9",
        "\xC2\x85",
        "\xE2\x80\xA8",
        "\xF0\x9F\x98\x80",
        "\x01",
    };
    uint64_t random = 88172645463325252;
    for (int round = 0; round < 10000; round++) {
        struct strbuf text = strbuf_new(1000);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t bits = random;
        for (size_t len = bits % 9; len > 0; len--) {
            bits = bits * 6364136223846793005 + 1442695040888963407;
            strbuf_add_text(&text, pieces[(bits >> 33) % ARRAY_LEN(pieces)]);
        }
        expect_text_survives(w, strbuf_slice(&text));
        strbuf_free(&text);
        arena_reset(w->arena);
    }
}

static void every_character_survives(void **state)
{
    struct world *w = *state;
    for (uint32_t code = 0; code <= 0x10FFFF; code += code < 0x3100   ? 1
                                                      : code < 0xF000 ? 211
                                                                      : 61) {
        char text[12] = "a";
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        size_t len = 1 + utf8_encode(code, text + 1);
        text[len++] = 'b';
        struct value *list = value_new(w->arena, VALUE_ARRAY, &w->err);
        struct slice cases[] = { slice_bytes(text, len), slice_bytes(text + 1, len - 1),
                                 slice_bytes(text, len - 1), slice_bytes(text + 1, len - 2) };
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
            assert_true(
                value_add(w->arena, list, value_new_text(w->arena, cases[i], &w->err), &w->err));
        expect_round_trip(w, list);
        arena_reset(w->arena);
    }
}

static void trees_of_all_forms_survive(void **state)
{
    struct world *w = *state;
    static const char *const trees[] = {
        "null",
        "true",
        "false",
        "0",
        "-1.50",
        "1e300",
        "\"\"",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "[[],[],{}]",
        "[[[1,2],[3]],[[]]]",
        "[{\"a\":1,\"b\":[2,{\"c\":3}]},4]",
        "{\"a\":{\"b\":{\"c\":[{\"d\":[1,[2,[3]]]}]}}}",
        "{\"\":{\"\":[\"\"]}}",
        "[null,true,\"true\",1,\"1\",\"null\"]",
        "[[{\"a\":[[1]]}]]",
        "{\"1\":1,\"true\":true,\"~\":null}",
    };
    for (size_t i = 0; i < ARRAY_LEN(trees); i++)
        expect_round_trip(w, from_json(w, trees[i]));
}

static void the_layout_is_that_of_a_file_written_by_hand(void **state)
{
    struct world *w = *state;
    assert_string_equal(
        written(
            w, from_json(w, "{\"kind\":\"Control\",\"id\":\"CM-02\",\"title\":\"NO\",\"version\":3,"
                            "\"criteria\":[\"tsc-2017/CC6.1\",\"x: y\"],\"owner\":null,\"tags\":[],"
                            "\"steps\":[{\"id\":\"A\",\"holds\":\"a <> b\"},{\"id\":\"B\"}],"
                            "\"text\":\"one\\n  two\\n\\nthree\\n\",\"short\":\"one\\ntwo\","
                            "\"grid\":[[1,2],[]],\"fields\":{\"id\":\"change.id\",\"at\":{}}}")),
        "kind: Control\n"
        "id: CM-02\n"
        "title: \"NO\"\n"
        "version: 3\n"
        "criteria:\n"
        "  - tsc-2017/CC6.1\n"
        "  - \"x: y\"\n"
        "owner: null\n"
        "tags: []\n"
        "steps:\n"
        "  - id: A\n"
        "    holds: a <> b\n"
        "  - id: B\n"
        "text: |\n"
        "  one\n"
        "    two\n"
        "\n"
        "  three\n"
        "short: |-\n"
        "  one\n"
        "  two\n"
        "grid:\n"
        "  - - 1\n"
        "    - 2\n"
        "  - []\n"
        "fields:\n"
        "  id: change.id\n"
        "  at: {}\n");
}

static void quotes_are_set_only_where_they_are_needed(void **state)
{
    struct world *w = *state;
    static const char *const bare[] = {
        "Changes are approved",
        "control/CM-02",
        "a, b",
        "x:y",
        "x#y",
        "it's",
        "say \"x\"",
        "C:\\path",
        "50 % of all",
        "\xC3\xA9t\xC3\xA9",
        "no one",
        "nobody",
        "yesterday",
        "on time",
        "1 file",
        "a]",
        "3 of 4 (75 %)",
        "3f2a9c",
        "e-mail",
        "/etc/passwd",
        "(none)",
        "2nd",
        "$x",
        "a*b",
        "a - b",
    };
    for (size_t i = 0; i < ARRAY_LEN(bare); i++)
        assert_true(yaml_plain_is_safe(slice_of(bare[i])));
    assert_string_equal(written(w, from_json(w, "\"a\\u0000\\u001b\\t\\u2028\\\\\\\"\\ufeff\"")),
                        "\"a\\x00\\x1B\\t\\u2028\\\\\\\"\\uFEFF\"\n");
}

/* YAML reads a key only within 1,024 characters, unless it is announced. */
static void very_long_names_survive(void **state)
{
    struct world *w = *state;
    for (size_t len = 990; len < 1040; len++) {
        char *name = arena_alloc(w->arena, len + 1, &w->err);
        memset(name, 'k', len);
        struct value *object = value_new(w->arena, VALUE_OBJECT, &w->err);
        struct value *inner = value_put_object(w->arena, object, name, &w->err);
        assert_true(value_put_text(w->arena, inner, name, SLICE("v"), &w->err));
        struct value *list = value_put_array(w->arena, inner, "list", &w->err);
        struct value *last = value_add_object(w->arena, list, &w->err);
        assert_true(value_put_text(w->arena, last, name, SLICE("one\ntwo\n"), &w->err));
        assert_true(value_put_text(w->arena, last, "x", SLICE("y"), &w->err));
        expect_round_trip(w, object);
    }
    char *name = arena_alloc(w->arena, 100001, &w->err);
    memset(name, '"', 100000);
    struct value *object = value_new(w->arena, VALUE_OBJECT, &w->err);
    assert_true(value_put_text(w->arena, object, name, SLICE("v"), &w->err));
    expect_round_trip(w, object);
}

static void several_documents_can_be_put_together(void **state)
{
    struct world *w = *state;
    static const char *const texts[] = { "a\n\n", "a\nb\n\n\n", "x", "", "a\n" };
    struct strbuf out = strbuf_new(10000);
    struct yaml_documents documents;
    struct findings findings = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct value *object = value_new(w->arena, VALUE_OBJECT, &w->err);
        assert_true(value_put_text(w->arena, object, "k", slice_of(texts[i]), &w->err));
        strbuf_add_text(&out, "---\n");
        yaml_write(object, &out);
    }
    assert_true(yaml_parse(w->arena, strbuf_slice(&out), "x", &yaml_limits_default, &documents,
                           &findings, &w->err));
    assert_int_equal(documents.count, ARRAY_LEN(texts));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        expect_slice(value_text_of(documents.items[i], "k"), texts[i]);
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(awkward_texts_survive_in_every_place),
        WORLD_TEST(pairs_of_awkward_texts_survive_together),
        WORLD_TEST(random_texts_survive_in_every_place),
        WORLD_TEST(every_character_survives),
        WORLD_TEST(trees_of_all_forms_survive),
        WORLD_TEST(the_layout_is_that_of_a_file_written_by_hand),
        WORLD_TEST(quotes_are_set_only_where_they_are_needed),
        WORLD_TEST(very_long_names_survive),
        WORLD_TEST(several_documents_can_be_put_together),
    };
    return cmocka_run_group_tests_name("yaml_write", tests, NULL, NULL);
}
