/* test/unit/base/test_yaml_layout.c
 * YAML that is written: how it looks. */
#include "yaml_box.h"

#include "base/yaml_scalar.h"

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
        WORLD_TEST(the_layout_is_that_of_a_file_written_by_hand),
        WORLD_TEST(quotes_are_set_only_where_they_are_needed),
        WORLD_TEST(very_long_names_survive),
        WORLD_TEST(several_documents_can_be_put_together),
    };
    return cmocka_run_group_tests_name("yaml_layout", tests, NULL, NULL);
}
