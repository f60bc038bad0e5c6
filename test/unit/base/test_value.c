/* Trees: reading never fails, building fails only for memory. */
#include "base_test.h"

static struct value *parse(struct world *w, const char *text)
{
    struct value *value = json_parse(w->arena, slice_of(text), "x", NULL, &w->err);
    assert_non_null(value);
    return value;
}

static void reading_what_is_not_there_finds_nothing(void **state)
{
    struct world *w = *state;
    const struct value *tree = parse(w, "{\"a\":{\"b\":[\"x\",2]},\"t\":true}");
    expect_slice(value_text(value_item(value_path(tree, "a.b"), 0)), "x");
    assert_null(value_item(value_path(tree, "a.b"), 2));
    assert_null(value_path(tree, "a.c"));
    assert_null(value_path(tree, "a.b.c"));
    assert_null(value_path(tree, ""));
    assert_null(value_member(NULL, "a"));
    assert_null(value_member(value_path(tree, "a.b"), "a"));
    assert_null(value_item(tree, 0));
    assert_null(value_item(NULL, 0));
    assert_int_equal(value_count(NULL), 0);
    assert_int_equal(value_count(value_member(tree, "t")), 0);
    assert_int_equal(value_count(tree), 2);
    assert_int_equal(value_text(NULL).len, 0);
    assert_int_equal(value_text(value_item(value_path(tree, "a.b"), 1)).len, 0);
    assert_true(value_is_true(value_member(tree, "t")));
    assert_false(value_is_true(value_member(tree, "a")));
    assert_false(value_is_true(NULL));
}

static void integers_are_read_without_point_and_exponent(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *text;
        int64_t number;
    } taken[] = { { "0", 0 },
                  { "-0", 0 },
                  { "-5", -5 },
                  { "9223372036854775807", INT64_MAX },
                  { "-9223372036854775807", -INT64_MAX },
                  { "-9223372036854775808", INT64_MIN } };
    static const char *const refused[] = { "1.0",   "1e2",  "9223372036854775808",
                                           "\"1\"", "true", "-9223372036854775809" };
    int64_t number = 77;
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        assert_true(value_to_i64(parse(w, taken[i].text), &number));
        assert_true(number == taken[i].number);
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(value_to_i64(parse(w, refused[i]), &number));
    assert_false(value_to_i64(NULL, &number));
}

static void objects_are_equal_whatever_the_order_of_their_members(void **state)
{
    struct world *w = *state;
    const struct value *one = parse(w, "{\"a\":1,\"b\":[null,{\"c\":\"x\"}]}");
    assert_true(value_equal(one, parse(w, "{\"b\":[null,{\"c\":\"x\"}],\"a\":1}")));
    assert_false(value_equal(one, parse(w, "{\"b\":[{\"c\":\"x\"},null],\"a\":1}")));
    assert_false(value_equal(one, parse(w, "{\"a\":1}")));
    assert_false(value_equal(one, parse(w, "{\"a\":1,\"b\":[null,{\"d\":\"x\"}]}")));
    assert_false(value_equal(parse(w, "1"), parse(w, "\"1\"")));
    assert_false(value_equal(parse(w, "true"), parse(w, "false")));
    assert_true(value_equal(NULL, NULL));
    assert_false(value_equal(one, NULL));
}

static void a_tree_is_built_and_written(void **state)
{
    struct world *w = *state;
    struct slice out;
    struct value *object = value_new(w->arena, VALUE_OBJECT, &w->err);
    assert_true(value_put_text(w->arena, object, "name", SLICE("x"), &w->err));
    assert_true(value_put_i64(w->arena, object, "least", INT64_MIN + 1, &w->err));
    assert_true(value_put_bool(w->arena, object, "is", true, &w->err));
    struct value *list = value_put_array(w->arena, object, "list", &w->err);
    for (int i = 0; i < 20; i++)
        assert_true(value_add(w->arena, list, value_new_i64(w->arena, i, &w->err), &w->err));
    struct value *inner = value_add_object(w->arena, list, &w->err);
    assert_true(value_put_text(w->arena, inner, "k", SLICE(""), &w->err));
    assert_non_null(value_put_object(w->arena, object, "empty", &w->err));
    assert_int_equal(object->line, 0);
    assert_true(json_canonical_copy(w->arena, list, &out, &w->err));
    expect_slice(out, "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,{\"k\":\"\"}]");
    assert_int_equal(value_count(object), 5);
}

static void putting_a_name_again_replaces_its_value(void **state)
{
    struct world *w = *state;
    struct value *object = parse(w, "{\"a\":1,\"b\":2}");
    assert_true(value_put_text(w->arena, object, "a", SLICE("new"), &w->err));
    assert_int_equal(value_count(object), 2);
    expect_slice(value_text_of(object, "a"), "new");
    expect_slice(object->members[0].name, "a");
}

static void nothing_is_put_where_there_is_nothing_to_put(void **state)
{
    struct world *w = *state;
    struct value *object = parse(w, "{}"), *list = parse(w, "[]");
    w->err = (struct error){ .code = ERROR_IO };
    assert_false(value_put(w->arena, object, "a", NULL, &w->err));
    assert_false(value_add(w->arena, list, NULL, &w->err));
    assert_int_equal(w->err.code, ERROR_IO);
    assert_int_equal(value_count(object), 0);
}

static void a_copy_shares_nothing_and_keeps_positions(void **state)
{
    struct world *w = *state;
    struct value *tree = parse(w, "{\"a\":[1,{\"b\":\"x\"}],\n \"c\":true}");
    struct arena *other = arena_new(1 << 20, &w->err);
    struct value *copy = value_copy(other, tree, &w->err);
    assert_true(value_equal(tree, copy));
    assert_int_equal(copy->members[1].line, 2);
    assert_int_equal(copy->members[1].column, 2);
    assert_true(value_put_text(other, copy, "c", SLICE("changed"), &w->err));
    assert_true(value_is_true(value_member(tree, "c")));
    arena_reset(w->arena);
    expect_slice(value_text_of(value_item(value_member(copy, "a"), 1), "b"), "x");
    arena_free(other);
}

static void a_later_name_that_came_before_is_found(void **state)
{
    struct world *w = *state;
    static const char *const names[] = { "b", "a", "c", "a", "b", "a" };
    struct value *object = value_new(w->arena, VALUE_OBJECT, &w->err);
    size_t later;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct value_member member = { .name = slice_of(names[i]) };
        assert_true(value_append(w->arena, object, &member, &w->err));
        assert_true(value_duplicate(w->arena, object, &later, &w->err));
        assert_true(i < 3 ? later == SIZE_MAX : later == 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(reading_what_is_not_there_finds_nothing),
        WORLD_TEST(integers_are_read_without_point_and_exponent),
        WORLD_TEST(objects_are_equal_whatever_the_order_of_their_members),
        WORLD_TEST(a_tree_is_built_and_written),
        WORLD_TEST(putting_a_name_again_replaces_its_value),
        WORLD_TEST(nothing_is_put_where_there_is_nothing_to_put),
        WORLD_TEST(a_copy_shares_nothing_and_keeps_positions),
        WORLD_TEST(a_later_name_that_came_before_is_found),
    };
    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
