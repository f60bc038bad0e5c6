/* Slices, UTF-8 and near words. */
#include "base_test.h"

#include <limits.h>

static void empty_slices_are_equal_whatever_they_point_to(void **state)
{
    (void)state;
    struct slice none = { 0 };
    assert_true(slice_equal(none, SLICE("")));
    assert_true(slice_equal(slice_of(NULL), none));
    assert_true(slice_is(none, ""));
    assert_true(slice_starts_with(none, none));
    assert_true(slice_ends_with(SLICE("a"), none));
    assert_int_equal(slice_compare(none, SLICE("")), 0);
    assert_int_equal(slice_trim(none).len, 0);
    assert_int_equal(slice_from(none, 0).len, 0);
}

static void order_is_by_bytes_and_the_shorter_comes_first(void **state)
{
    (void)state;
    assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);
    assert_true(slice_compare(SLICE("ab"), SLICE("a")) > 0);
    assert_true(slice_compare(SLICE("a\0b"), SLICE("a\0c")) < 0);
    assert_true(slice_compare(SLICE("z"), SLICE("\xC3\xA4")) < 0);
    assert_true(slice_compare(SLICE("B"), SLICE("a")) < 0);
    assert_int_equal(slice_compare(SLICE("abc"), SLICE("abc")), 0);
}

static void bytes_after_a_nul_count(void **state)
{
    (void)state;
    assert_false(slice_equal(SLICE("a\0b"), SLICE("a\0c")));
    assert_false(slice_is(SLICE("a\0"), "a"));
    assert_true(slice_ends_with(SLICE("x\0y"), SLICE("\0y")));
}

static void text_is_split_at_the_first_byte(void **state)
{
    (void)state;
    struct slice head, rest;
    assert_true(slice_split(SLICE("a/b/c"), '/', &head, &rest));
    expect_slice(head, "a");
    expect_slice(rest, "b/c");
    assert_true(slice_split(SLICE("/"), '/', &head, &rest));
    expect_slice(head, "");
    expect_slice(rest, "");
    assert_false(slice_split(SLICE("abc"), '/', &head, &rest));
    assert_false(slice_split(SLICE(""), '/', &head, &rest));
}

static void lines_keep_their_carriage_return_and_the_last_needs_no_end(void **state)
{
    (void)state;
    struct slice text = SLICE("one\r\n\ntwo"), line;
    assert_true(slice_line(&text, &line));
    expect_slice(line, "one\r");
    assert_true(slice_line(&text, &line));
    expect_slice(line, "");
    assert_true(slice_line(&text, &line));
    expect_slice(line, "two");
    assert_false(slice_line(&text, &line));
    text = SLICE("x\n");
    assert_true(slice_line(&text, &line));
    assert_false(slice_line(&text, &line));
}

static void trimming_takes_ascii_white_space_only(void **state)
{
    (void)state;
    expect_slice(slice_trim(SLICE(" \t\r\n\v\f x y \n")), "x y");
    expect_slice(slice_trim(SLICE("\xC2\xA0x")), "\xC2\xA0x");
    expect_slice(slice_trim(SLICE("  ")), "");
}

static void numbers_are_plain_decimal(void **state)
{
    (void)state;
    static const char *const refused[] = { "",
                                           "+1",
                                           "-1",
                                           "01",
                                           "00",
                                           " 1",
                                           "1 ",
                                           "1.0",
                                           "0x1",
                                           "1e3",
                                           "18446744073709551616",
                                           "99999999999999999999" };
    uint64_t value = 0;
    assert_true(slice_to_u64(SLICE("0"), &value) && value == 0);
    assert_true(slice_to_u64(SLICE("18446744073709551615"), &value) && value == UINT64_MAX);
    assert_true(slice_to_u64(SLICE("18446744073709551609"), &value) && value == UINT64_MAX - 6);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(slice_to_u64(slice_of(refused[i]), &value));
}

static void lengths_beyond_an_int_are_cut_for_printf(void **state)
{
    (void)state;
    assert_int_equal(slice_int(5), 5);
    assert_int_equal(slice_int((size_t)INT_MAX + 1), INT_MAX);
    assert_int_equal(slice_int(SIZE_MAX), INT_MAX);
}

static size_t encode_raw(uint32_t value, size_t len, char out[4])
{
    static const unsigned leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = len; i > 1; i--) {
        out[i - 1] = (char)(0x80 | (value & 0x3F));
        value >>= 6;
    }
    out[0] = (char)(len == 1 ? value : leads[len] | value);
    return len;
}

/* All values in all lengths they fit in: right is only the shortest form of a scalar value. */
static void utf8_accepts_every_scalar_value_in_its_shortest_form_only(void **state)
{
    (void)state;
    static const uint32_t most[] = { 0, 0x7F, 0x7FF, 0xFFFF, 0x1FFFFF };
    for (uint32_t value = 0; value <= 0x110FFF; value++) {
        bool is_scalar = value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
        size_t shortest = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
        for (size_t len = 1; len <= 4; len++) {
            char bytes[4], again[4];
            size_t bad = 99, at = 0;
            if (value > most[len])
                continue;
            struct slice text = slice_bytes(bytes, encode_raw(value, len, bytes));
            bool expected = is_scalar && len == shortest;
            if (utf8_is_valid(text, &bad) != expected)
                fail_msg("U+%04X in %zu bytes", value, len);
            if (!expected) {
                assert_int_equal(bad, 0);
                continue;
            }
            if (utf8_next(text, &at) != value || at != len || utf8_encode(value, again) != len ||
                memcmp(bytes, again, len) != 0)
                fail_msg("U+%04X does not come back", value);
        }
    }
}

static void utf8_that_is_cut_short_or_has_a_stray_byte_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bad;
    } cases[] = {
        { "\x80", 0 },
        { "a\xBF", 1 },
        { "ab\xC3", 2 },
        { "\xE2\x82", 0 },
        { "x\xE2\x82y", 1 },
        { "\xF0\x9F\x98", 0 },
        { "\xF0\x9F\x98z", 0 },
        { "\xC3\xC3\xA9", 0 },
        { "\xFE", 0 },
        { "\xFF", 0 },
        { "\xF5\x80\x80\x80", 0 },
        { "\xC3\xA9\xC0\x80", 2 },
        { "12345678\xFF", 8 },
        { "1234567\xFF"
          "90",
          7 },
        { "\xF8\x88\x80\x80\x80", 0 },
        { "12345678"
          "1234567\xE2\x82\xAC\xE2",
          18 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t bad = 99;
        assert_false(utf8_is_valid(slice_of(cases[i].text), &bad));
        assert_int_equal(bad, cases[i].bad);
    }
    size_t bad;
    assert_true(utf8_is_valid(SLICE(""), &bad));
    assert_true(utf8_is_valid(SLICE("a\0b"), &bad));
}

static void a_near_word_is_found_and_a_far_one_is_not(void **state)
{
    (void)state;
    static const char *const words[] = { "Control", "Commitment", "Policy", "statement", "Source" };
    assert_string_equal(slice_nearest(SLICE("Contol"), words, 5), "Control");
    assert_string_equal(slice_nearest(SLICE("statment"), words, 5), "statement");
    assert_string_equal(slice_nearest(SLICE("Cnotrol"), words, 5), "Control");
    assert_string_equal(slice_nearest(SLICE("POLICY"), words, 5), "Policy");
    assert_null(slice_nearest(SLICE("xyz"), words, 5));
    assert_null(slice_nearest(SLICE(""), words, 5));
    assert_null(slice_nearest(SLICE("Control"), words, 0));
}

static void a_very_long_word_is_near_to_nothing(void **state)
{
    (void)state;
    static const char *const words[] = { "Control" };
    char text[1000];
    memset(text, 'a', sizeof text);
    for (size_t len = 60; len < sizeof text; len++)
        assert_null(slice_nearest(slice_bytes(text, len), words, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_slices_are_equal_whatever_they_point_to),
        cmocka_unit_test(order_is_by_bytes_and_the_shorter_comes_first),
        cmocka_unit_test(bytes_after_a_nul_count),
        cmocka_unit_test(text_is_split_at_the_first_byte),
        cmocka_unit_test(lines_keep_their_carriage_return_and_the_last_needs_no_end),
        cmocka_unit_test(trimming_takes_ascii_white_space_only),
        cmocka_unit_test(numbers_are_plain_decimal),
        cmocka_unit_test(lengths_beyond_an_int_are_cut_for_printf),
        cmocka_unit_test(utf8_accepts_every_scalar_value_in_its_shortest_form_only),
        cmocka_unit_test(utf8_that_is_cut_short_or_has_a_stray_byte_is_refused_at_its_place),
        cmocka_unit_test(a_near_word_is_found_and_a_far_one_is_not),
        cmocka_unit_test(a_very_long_word_is_near_to_nothing),
    };
    return cmocka_run_group_tests_name("slices", tests, NULL, NULL);
}
