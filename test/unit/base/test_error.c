/* Errors: texts that can go to a terminal, however foreign the values in them are. */
#include "base_test.h"

#include <errno.h>

static void an_error_holds_code_place_and_message(void **state)
{
    struct world *w = *state;
    assert_false(error_set(&w->err, ERROR_INVALID, "controls.yaml:12:3", "%s is not %d", "x", 7));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(w->err.where, "controls.yaml:12:3");
    assert_string_equal(w->err.message, "x is not 7");
    assert_string_equal(w->err.hint, "");
}

static void a_new_error_forgets_the_hint_of_the_one_before(void **state)
{
    struct world *w = *state;
    error_set(&w->err, ERROR_INVALID, NULL, "first");
    assert_false(error_hint(&w->err, "did you mean %s?", "that"));
    assert_string_equal(w->err.hint, "did you mean that?");
    error_set(&w->err, ERROR_IO, NULL, "second");
    assert_string_equal(w->err.hint, "");
    assert_string_equal(w->err.where, "");
}

static void an_error_can_be_wrapped_into_itself(void **state)
{
    struct world *w = *state;
    error_set(&w->err, ERROR_INVALID, "a:1:2", "inner");
    error_set(&w->err, w->err.code, w->err.where, "outer: %s", w->err.message);
    assert_string_equal(w->err.where, "a:1:2");
    assert_string_equal(w->err.message, "outer: inner");
}

/* Whatever length the cut falls on, no half character is left. */
static void long_texts_are_cut_between_characters(void **state)
{
    struct world *w = *state;
    static const char *const characters[] = { "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80" };
    for (size_t kind = 0; kind < ARRAY_LEN(characters); kind++) {
        for (size_t shift = 0; shift < 5; shift++) {
            char text[2100] = "xxxxx";
            size_t len = shift, size = strlen(characters[kind]), bad;
            while (len + size < sizeof text - 1) {
                memcpy(text + len, characters[kind], size);
                len += size;
            }
            text[len] = '\0';
            error_set(&w->err, ERROR_INVALID, text, "%s", text);
            error_hint(&w->err, "%s", text);
            assert_true(utf8_is_valid(slice_of(w->err.where), &bad));
            assert_true(utf8_is_valid(slice_of(w->err.message), &bad));
            assert_true(utf8_is_valid(slice_of(w->err.hint), &bad));
            assert_true(strlen(w->err.message) > sizeof w->err.message - 1 - 4);
            assert_true(strlen(w->err.where) > sizeof w->err.where - 1 - 4);
            assert_true(strlen(w->err.hint) > sizeof w->err.hint - 1 - 4);
        }
    }
}

static void control_characters_are_shown_escaped(void **state)
{
    struct world *w = *state;
    error_set(&w->err, ERROR_INVALID, "a\nb:1:1", "%s", "\x1b[31mred\x7f\r\n\t\x01");
    assert_string_equal(w->err.message, "\\x1b[31mred\\x7f\\x0d\\x0a\\x09\\x01");
    assert_string_equal(w->err.where, "a\\x0ab:1:1");
    error_hint(&w->err, "%s", "\a");
    assert_string_equal(w->err.hint, "\\x07");
}

/* U+009B is what ESC [ is, to a terminal that reads UTF-8. */
static void control_characters_beyond_ascii_are_shown_escaped(void **state)
{
    struct world *w = *state;
    error_set(&w->err, ERROR_INVALID, NULL, "%s",
              "a\xC2\x9B"
              "31m b\xC2\x80 c\xC2\x9F \xC2\xA0 d");
    assert_string_equal(w->err.message, "a\\u009b31m b\\u0080 c\\u009f \xC2\xA0 d");
}

/* A name with such characters reads as another name. */
static void characters_that_turn_the_direction_of_text_are_shown_escaped(void **state)
{
    struct world *w = *state;
    error_set(&w->err, ERROR_INVALID, NULL, "%s",
              "a\xE2\x80\xAE"
              "b\xE2\x81\xA6"
              "c");
    assert_string_equal(w->err.message, "a\\u202eb\\u2066c");
}

static void bytes_that_are_not_utf8_are_shown_escaped(void **state)
{
    struct world *w = *state;
    size_t bad;
    error_set(&w->err, ERROR_INVALID, NULL, "%s",
              "a\xFF"
              "b\xC0\xAF"
              "c\xED\xA0\x80"
              "d\xE2\x82");
    assert_true(utf8_is_valid(slice_of(w->err.message), &bad));
    assert_string_equal(w->err.message, "a\\xffb\\xc0\\xafc\\xed\\xa0\\x80d\\xe2\\x82");
}

static void errno_is_told_in_its_own_words(void **state)
{
    struct world *w = *state;
    errno = ENOSPC;
    assert_false(error_errno(&w->err, "write", "/data/head"));
    assert_int_equal(w->err.code, ERROR_IO);
    assert_non_null(strstr(w->err.message, "No space left on device"));
    assert_non_null(strstr(w->err.message, "write"));
    assert_string_equal(w->err.where, "/data/head");
    errno = ENOENT;
    error_errno(&w->err, "open", "x");
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    errno = ENOMEM;
    error_errno(&w->err, "map", "x");
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    assert_false(error_no_memory(&w->err, 4096));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    assert_non_null(strstr(w->err.message, "4096"));
}

static void exit_statuses_are_those_of_the_contract(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        int status;
    } cases[] = {
        { ERROR_NONE, 0 },    { ERROR_FINDING, 1 },   { ERROR_USAGE, 2 },
        { ERROR_INVALID, 2 }, { ERROR_NOT_FOUND, 2 }, { ERROR_ORDER, 2 },
        { ERROR_REFUSED, 2 }, { ERROR_IO, 3 },        { ERROR_LOCKED, 3 },
        { ERROR_CORRUPT, 3 }, { ERROR_NO_MEMORY, 3 }, { ERROR_INTERRUPTED, 130 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(error_exit_status(cases[i].code), cases[i].status);
}

static void findings_keep_their_order_and_the_first_error_is_told(void **state)
{
    struct world *w = *state;
    struct findings findings = { 0 };
    struct error one;
    assert_true(findings_ok(&findings, &w->err));

    error_set(&one, ERROR_INVALID, "a:1:1", "careful");
    findings_add_warning(&findings, &one);
    assert_true(findings_ok(&findings, &w->err));

    error_set(&one, ERROR_INVALID, "a:2:1", "first");
    findings_add_error(&findings, &one);
    error_set(&one, ERROR_NOT_FOUND, "a:3:1", "second");
    findings_add_error(&findings, &one);
    assert_int_equal(findings.count, 3);
    assert_true(findings.items[0].is_warning);
    assert_string_equal(findings.items[2].error.message, "second");
    assert_false(findings_ok(&findings, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(w->err.where, "a:2:1");
    assert_string_equal(w->err.message, "first");
    assert_non_null(strstr(w->err.hint, "1 more"));

    findings_free(&findings);
    assert_int_equal(findings.count, 0);
    assert_null(findings.items);
    findings_free(&findings);
    findings_free(NULL);
}

static void findings_are_counted_beyond_what_is_kept(void **state)
{
    struct world *w = *state;
    struct findings findings = { 0 };
    struct error one;
    for (int i = 0; i < 5000; i++) {
        error_set(&one, ERROR_INVALID, NULL, "number %d", i);
        findings_add_warning(&findings, &one);
        findings_add_error(&findings, &one);
    }
    assert_int_equal(findings.errors_count, 5000);
    assert_int_equal(findings.warnings_count, 5000);
    assert_true(findings.count >= 200 && findings.count <= 400);
    assert_false(findings_ok(&findings, &w->err));
    assert_string_equal(w->err.message, "number 0");
    findings_free(&findings);
}

/* A flood of warnings must not push the errors out. */
static void an_error_after_many_warnings_is_kept(void **state)
{
    struct world *w = *state;
    struct findings findings = { 0 };
    struct error one;
    for (int i = 0; i < 5000; i++) {
        error_set(&one, ERROR_INVALID, NULL, "warning %d", i);
        findings_add_warning(&findings, &one);
    }
    error_set(&one, ERROR_INVALID, "a:9:9", "the error");
    findings_add_error(&findings, &one);
    assert_false(findings_ok(&findings, &w->err));
    assert_string_equal(w->err.message, "the error");
    findings_free(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(an_error_holds_code_place_and_message),
        WORLD_TEST(a_new_error_forgets_the_hint_of_the_one_before),
        WORLD_TEST(an_error_can_be_wrapped_into_itself),
        WORLD_TEST(long_texts_are_cut_between_characters),
        WORLD_TEST(control_characters_are_shown_escaped),
        WORLD_TEST(control_characters_beyond_ascii_are_shown_escaped),
        WORLD_TEST(characters_that_turn_the_direction_of_text_are_shown_escaped),
        WORLD_TEST(bytes_that_are_not_utf8_are_shown_escaped),
        WORLD_TEST(errno_is_told_in_its_own_words),
        WORLD_TEST(exit_statuses_are_those_of_the_contract),
        WORLD_TEST(findings_keep_their_order_and_the_first_error_is_told),
        WORLD_TEST(findings_are_counted_beyond_what_is_kept),
        WORLD_TEST(an_error_after_many_warnings_is_kept),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
