/* Arenas and growing text: what they give, and that their maximum holds. */
#include "base_test.h"

static void an_arena_gives_zeroed_aligned_memory(void **state)
{
    struct world *w = *state;
    for (size_t size = 0; size < 300; size++) {
        unsigned char *at = arena_alloc(w->arena, size, &w->err);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xAA, size);
    }
}

static void memory_is_zeroed_again_after_a_reset(void **state)
{
    struct world *w = *state;
    for (int round = 0; round < 3; round++) {
        unsigned char *at = arena_alloc(w->arena, 1000, &w->err);
        assert_non_null(at);
        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xFF, 1000);
        unsigned char *big = arena_alloc(w->arena, 300000, &w->err);
        assert_non_null(big);
        memset(big, 0xFF, 300000);
        arena_reset(w->arena);
        assert_int_equal(arena_used(w->arena), 0);
    }
}

static void an_arena_refuses_more_than_its_maximum(void **state)
{
    struct world *w = *state;
    struct arena *arena = arena_new(10000, &w->err);
    assert_non_null(arena);
    assert_non_null(arena_alloc(arena, 9000, &w->err));
    assert_null(arena_alloc(arena, 2000, &w->err));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    assert_null(arena_alloc(arena, SIZE_MAX, &w->err));
    assert_null(arena_alloc(arena, SIZE_MAX - 8, &w->err));
    assert_non_null(arena_alloc(arena, 16, &w->err)); /* what fits is still given */
    arena_reset(arena);
    assert_non_null(arena_alloc(arena, 9000, &w->err));
    arena_free(arena);
    arena_free(NULL);
}

/* The maximum is there against hostile input, which asks for little very often. */
static void many_small_pieces_count_as_what_they_cost(void **state)
{
    struct world *w = *state;
    struct arena *arena = arena_new(100000, &w->err);
    size_t given = 0;
    assert_non_null(arena);
    while (given < 1000000 && arena_alloc(arena, 1, &w->err))
        given++;
    assert_true(given * _Alignof(max_align_t) <= 100000);
    arena_reset(arena);
    for (given = 0; given < 1000000 && arena_alloc(arena, 0, &w->err);)
        given++;
    assert_true(given < 1000000);
    arena_free(arena);
}

static void an_array_whose_size_overflows_is_refused(void **state)
{
    struct world *w = *state;
    assert_null(arena_array(w->arena, SIZE_MAX / 4, 8, &w->err));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    assert_null(arena_array(w->arena, SIZE_MAX, SIZE_MAX, &w->err));
    assert_non_null(arena_array(w->arena, 0, 8, &w->err));
    assert_non_null(arena_array(w->arena, 8, 0, &w->err));
}

static void copies_end_with_a_nul_that_is_not_counted(void **state)
{
    struct world *w = *state;
    struct slice copy;
    assert_true(arena_copy(w->arena, SLICE("a\0b"), &copy, &w->err));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.at, "a\0b", 4);
    assert_true(arena_copy(w->arena, (struct slice){ 0 }, &copy, &w->err));
    assert_int_equal(copy.len, 0);
    assert_int_equal(copy.at[0], 0);
    assert_string_equal(arena_string(w->arena, SLICE("text"), &w->err), "text");
    assert_string_equal(arena_printf(w->arena, &w->err, "%s-%d", "x", 5), "x-5");
}

static void text_grows_up_to_its_maximum_and_no_further(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(1000);
    for (int i = 0; i < 1000; i++)
        strbuf_add_char(&text, 'x');
    assert_true(strbuf_ok(&text, &w->err));
    assert_int_equal(text.len, 1000);
    assert_int_equal(text.at[1000], 0);
    strbuf_add_char(&text, 'y');
    assert_false(strbuf_ok(&text, &w->err));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    assert_int_equal(text.len, 1000);
    strbuf_free(&text);
}

/* A text with a hole in it must not pass for a whole one. */
static void a_failed_addition_is_remembered(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(10);
    strbuf_add_text(&text, "12345678901");
    strbuf_add_text(&text, "ok");
    assert_false(strbuf_ok(&text, &w->err));
    strbuf_clear(&text);
    strbuf_add_text(&text, "ok");
    assert_false(strbuf_ok(&text, &w->err));
    strbuf_free(&text);
    strbuf_add_text(&text, "ok");
    assert_true(strbuf_ok(&text, &w->err));
    strbuf_free(&text);

    struct strbuf printed = strbuf_new(10);
    strbuf_printf(&printed, "%s", "12345678901");
    assert_false(strbuf_ok(&printed, &w->err));
    strbuf_free(&printed);
}

static void text_is_put_together_from_all_its_parts(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(SIZE_MAX - 1);
    expect_slice(strbuf_slice(&text), "");
    strbuf_add(&text, (struct slice){ 0 });
    strbuf_add(&text, SLICE("a\0b"));
    strbuf_add_u64(&text, 0);
    strbuf_add_u64(&text, UINT64_MAX);
    strbuf_printf(&text, "[%d]", -7);
    strbuf_add_text(&text, "");
    assert_true(strbuf_ok(&text, &w->err));
    assert_true(slice_equal(strbuf_slice(&text), SLICE("a\0b018446744073709551615[-7]")));
    strbuf_clear(&text);
    assert_int_equal(text.len, 0);
    strbuf_free(&text);
}

static void long_text_is_kept_whole_while_it_grows(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(10 << 20);
    for (unsigned i = 0; i < 100000; i++)
        strbuf_printf(&text, "%06u,", i);
    assert_true(strbuf_ok(&text, &w->err));
    assert_int_equal(text.len, 700000);
    assert_memory_equal(text.at + 7 * 65536, "065536,", 7);
    strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(an_arena_gives_zeroed_aligned_memory),
        WORLD_TEST(memory_is_zeroed_again_after_a_reset),
        WORLD_TEST(an_arena_refuses_more_than_its_maximum),
        WORLD_TEST(many_small_pieces_count_as_what_they_cost),
        WORLD_TEST(an_array_whose_size_overflows_is_refused),
        WORLD_TEST(copies_end_with_a_nul_that_is_not_counted),
        WORLD_TEST(text_grows_up_to_its_maximum_and_no_further),
        WORLD_TEST(a_failed_addition_is_remembered),
        WORLD_TEST(text_is_put_together_from_all_its_parts),
        WORLD_TEST(long_text_is_kept_whole_while_it_grows),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
