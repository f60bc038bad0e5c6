/* YAML that is written: reads back as the same tree, and is written the same again. */
#include "yaml_box.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(awkward_texts_survive_in_every_place),
        WORLD_TEST(pairs_of_awkward_texts_survive_together),
        WORLD_TEST(random_texts_survive_in_every_place),
        WORLD_TEST(every_character_survives),
        WORLD_TEST(trees_of_all_forms_survive),
    };
    return cmocka_run_group_tests_name("yaml_write", tests, NULL, NULL);
}
