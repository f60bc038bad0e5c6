/* test/unit/program/test_schema.c
 * What the public suite does not cover: messages, near names, plain scalars, what is refused. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/yaml.h"
#include "program/schema.h"

struct world {
    struct arena *arena;
    struct schema *schema;
    struct findings findings;
    struct error err;
};

static int world_begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->arena = arena_new(64 << 20, &w->err);
    assert_non_null(w->arena);
    *state = w;
    return 0;
}

static int world_end(void **state)
{
    struct world *w = *state;
    schema_free(w->schema);
    findings_free(&w->findings);
    arena_free(w->arena);
    free(w);
    return 0;
}

static struct value *yaml(struct world *w, const char *text)
{
    struct yaml_documents documents;
    if (!yaml_parse(w->arena, slice_of(text), "y.yaml", &yaml_limits_default, &documents,
                    &w->findings, &w->err))
        fail_msg("%s %s", w->findings.items[0].error.where, w->findings.items[0].error.message);
    assert_int_equal(documents.count, 1);
    return documents.items[0];
}

static void schema_is(struct world *w, const char *text)
{
    schema_free(w->schema);
    w->schema = schema_new(yaml(w, text), &w->err);
    if (!w->schema)
        fail_msg("%s", w->err.message);
}

static void schema_is_refused(struct world *w, const char *text, const char *message)
{
    assert_null(schema_new(yaml(w, text), &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    if (!strstr(w->err.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, w->err.message);
    w->err = (struct error){ 0 };
}

static bool validates(struct world *w, const char *text)
{
    struct schema_subject subject = { .file = "y.yaml", .label = "Thing T-1", .help = "Thing" };
    findings_free(&w->findings);
    struct value *instance = yaml(w, text);
    schema_settle_text(w->schema, instance);
    return schema_validate(w->schema, instance, &subject, &w->findings, &w->err);
}

/* The only finding. */
static void assert_finding(struct world *w, const char *where, const char *message,
                           const char *hint)
{
    assert_int_equal(w->findings.errors_count, 1);
    assert_string_equal(w->findings.items[0].error.where, where);
    assert_string_equal(w->findings.items[0].error.message, message);
    assert_string_equal(w->findings.items[0].error.hint, hint);
}

static const char thing[] =
    "type: object\nadditionalProperties: false\nrequired: [title, frequency]\n"
    "properties:\n  title: {type: string, minLength: 1}\n"
    "  frequency: {type: string, enum: [daily, quarterly]}\n"
    "  count: {type: integer, minimum: 1, maximum: 3}\n  on: {type: string, format: date}\n"
    "  list: {type: array, maxItems: 2, uniqueItems: true, items: {type: object, "
    "additionalProperties: false, properties: {id: {type: string}}}}\n";

static void a_slip_in_a_value_is_told_with_the_near_one_and_its_place(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "title: T\nfrequency: quaterly\n"));
    assert_finding(w, "y.yaml:2:12", "Thing T-1: frequency: \"quaterly\" is not known",
                   "did you mean \"quarterly\"? see attest explain Thing.frequency");
}

static void a_value_that_is_near_to_none_is_told_what_there_is(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "title: T\nfrequency: now\n"));
    assert_finding(w, "y.yaml:2:12", "Thing T-1: frequency: \"now\" is not known",
                   "one of: daily, quarterly; see attest explain Thing.frequency");
}

static void a_misspelt_field_that_is_required_is_one_error(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "titel: T\nfrequency: daily\n"));
    assert_finding(w, "y.yaml:1:1", "Thing T-1: unknown field \"titel\"",
                   "did you mean \"title\"? see attest explain Thing");
}

static void what_is_missing_is_told_at_the_object(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "title: T\n"));
    assert_finding(w, "y.yaml:1:1", "Thing T-1: \"frequency\" is missing",
                   "see attest explain Thing");
}

static void all_errors_of_a_document_are_told(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "title: ''\nfrequency: [daily]\ncount: 4\non: 2023-02-30\n"
                              "list: [{id: a}, {id: a}, {ip: b}]\nmore: 1\n"));
    static const char *const messages[] = {
        "title: must not be empty",
        "frequency: expected text, found a list",
        "count: must be at most 3, found 4",
        "on: \"2023-02-30\" is not a date",
        "list: may have at most 2 entries, found 3",
        "list[1]: a mapping stands at [0] already",
        "list[2]: unknown field \"ip\"",
        "unknown field \"more\"",
    };
    assert_int_equal(w->findings.errors_count, ARRAY_LEN(messages));
    for (size_t i = 0; i < ARRAY_LEN(messages); i++)
        if (!strstr(w->findings.items[i].error.message, messages[i]))
            fail_msg("%s is not %s", w->findings.items[i].error.message, messages[i]);
}

static void help_names_the_field_without_its_indexes(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "title: T\nfrequency: daily\nlist: [{id: [1]}]\n"));
    assert_finding(w, "y.yaml:3:13", "Thing T-1: list[0].id: expected text, found a list",
                   "see attest explain Thing.list.id");
}

static void nothing_is_no_text(void **state)
{
    struct world *w = *state;
    schema_is(w, thing);
    assert_false(validates(w, "title:\nfrequency: daily\n"));
    assert_int_equal(w->findings.errors_count, 1);
    assert_non_null(strstr(w->findings.items[0].error.message, "expected text, found nothing"));
}

/* ---- plain scalars ---- */

static void settles_to(struct world *w, const char *text, const char *json)
{
    struct value *instance = yaml(w, text);
    struct slice canonical;
    schema_settle_text(w->schema, instance);
    assert_true(json_canonical_copy(w->arena, instance, &canonical, &w->err));
    if (!slice_is(canonical, json))
        fail_msg("%.*s is not %s", SLICE_ARG(canonical), json);
}

static void where_text_is_wanted_a_plain_scalar_is_its_written_text(void **state)
{
    struct world *w = *state;
    schema_is(w, "properties: {a: {type: string}, b: {type: array, items: {type: string}}}\n"
                 "additionalProperties: {type: string}\n");
    settles_to(w, "{a: 1.10, b: [NO, 012, true, 1e3], c: 0x1F}",
               "{\"a\":\"1.10\",\"b\":[\"NO\",\"012\",\"true\",\"1e3\"],\"c\":\"0x1F\"}");
}

static void where_a_number_is_wanted_too_it_stays_one(void **state)
{
    struct world *w = *state;
    schema_is(w, "properties: {a: {type: [string, integer]}, b: {type: [string, boolean]}}\n");
    settles_to(w, "{a: 12, b: true}", "{\"a\":12,\"b\":true}");
}

static void where_nothing_is_said_a_number_that_would_lose_its_spelling_becomes_text(void **state)
{
    struct world *w = *state;
    schema_is(w, "type: object");
    settles_to(
        w, "{a: 12, b: 1.10, c: 100000000000000000000001, d: true, e: ~}",
        "{\"a\":12,\"b\":\"1.10\",\"c\":\"100000000000000000000001\",\"d\":true,\"e\":null}");
}

/* ---- what is refused ---- */

static void keywords_beyond_the_subset_are_refused_with_their_place(void **state)
{
    struct world *w = *state;
    schema_is_refused(w, "properties: {a: {oneOf: []}}",
                      "schema #/properties/a/oneOf: a keyword that is not supported");
    schema_is_refused(w, "$ref: '#'", "schema #/$ref: a keyword that is not supported");
    schema_is_refused(w, "format: email", "a format that is not supported");
    schema_is_refused(w, "items: [{}]", "a list of schemas is not supported");
    schema_is_refused(w, "type: text", "no such type");
    schema_is_refused(w, "minLength: -1", "must be a whole number from 0 on");
    schema_is_refused(w, "minLength: 1.5", "must be a whole number from 0 on");
    schema_is_refused(w, "properties: {a: 1}", "a schema is an object, true or false");
}

static void patterns_that_have_two_readings_are_refused(void **state)
{
    struct world *w = *state;
    schema_is_refused(w, "pattern: '\\d'", "an escape that is not of punctuation");
    schema_is_refused(w, "pattern: '(?=a)'", "a group that begins with ?");
    schema_is_refused(w, "pattern: 'a*?'", "a repetition of a repetition");
    schema_is_refused(w, "pattern: '[\\w]'", "inside a set");
    schema_is_refused(w, "pattern: '[[:alpha:]]'", "inside a set");
    schema_is_refused(w, "pattern: '[a'", "a set without its end");
    schema_is_refused(w, "pattern: '[]a]'", "a set that is empty");
    schema_is_refused(w, "pattern: '(a)\\1'", "an escape that is not of punctuation");
}

static void matches(struct world *w, const char *pattern, const char *text, bool expected)
{
    char schema[200];
    snprintf(schema, sizeof schema, "pattern: '%s'", pattern);
    schema_is(w, schema);
    char instance[200];
    snprintf(instance, sizeof instance, "\"%s\"", text);
    if (validates(w, instance) != expected)
        fail_msg("%s on %s is not %d", pattern, text, expected);
}

/* ECMA-262 counts code points, whatever the locale counts. */
static void code_points_are_what_patterns_count(struct world *w)
{
    matches(w, "^.$", "\xc3\xa4", true);
    matches(w, "^.$", "\xe2\x82\xac", true);
    matches(w, "^..$", "\xc3\xa4", false);
    matches(w, "^[^a]$", "\xc3\xa4", true);
    matches(w, "^[^a]{2}$", "\xc3\xa4\xc3\xb6", true);
    matches(w, "^[^a]{2}$", "\xc3\xa4", false);
    matches(w, "^\xc3\xa4?b$", "b", true);
    matches(w, "^\xc3\xa4+$", "\xc3\xa4\xc3\xa4", true);
    matches(w, "^.*$", "a\\nb", false); /* a dot stops at line ends */
    matches(w, "^a$", "a\\n", false);   /* and $ is the end */
    matches(w, "^a\\.b$", "a.b", true);
    matches(w, "^a\\.b$", "axb", false);
    matches(w, "b", "a\\0b", true); /* a NUL ends nothing */
}

static void patterns_count_code_points_in_a_locale_of_bytes(void **state)
{
    assert_non_null(setlocale(LC_ALL, "C"));
    code_points_are_what_patterns_count(*state);
}

static void patterns_count_code_points_in_a_locale_of_utf8(void **state)
{
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    code_points_are_what_patterns_count(*state);
    assert_non_null(setlocale(LC_ALL, "C"));
}

static void zones_are_looked_up(void **state)
{
    struct world *w = *state;
    schema_is(w, "{type: string, format: timezone}");
    assert_true(validates(w, "UTC"));
    assert_true(validates(w, "Europe/Berlin"));
    assert_false(validates(w, "Europe/Berlim"));
    assert_false(validates(w, "../../etc/passwd"));
}

static void numbers_are_compared_digit_by_digit(void **state)
{
    struct world *w = *state;
    schema_is(w, "{maximum: 9007199254740993}");
    assert_true(validates(w, "9007199254740993"));
    assert_false(validates(w, "9007199254740994"));
    schema_is(w, "{type: number, enum: [0.1]}");
    assert_true(validates(w, "1.0e-1"));
    assert_false(validates(w, "0.10000000000000001"));
    schema_is(w, "{type: number, exclusiveMinimum: -2.5}");
    assert_true(validates(w, "-2.49"));
    assert_false(validates(w, "-2.50"));
    assert_false(validates(w, "-25"));
}

static void a_long_list_of_one_text_is_checked_in_no_time(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(1 << 20);
    schema_is(w, "{uniqueItems: true}");
    strbuf_add_text(&text, "[a");
    for (int i = 0; i < 20000; i++)
        strbuf_printf(&text, ",b%d", i);
    strbuf_add_text(&text, ",a]");
    assert_false(validates(w, text.at));
    assert_finding(w, "y.yaml:1:128894", "Thing T-1: [20001]: \"a\" stands at [0] already",
                   "see attest explain Thing");
    strbuf_free(&text);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        T(a_slip_in_a_value_is_told_with_the_near_one_and_its_place),
        T(a_value_that_is_near_to_none_is_told_what_there_is),
        T(a_misspelt_field_that_is_required_is_one_error),
        T(what_is_missing_is_told_at_the_object),
        T(all_errors_of_a_document_are_told),
        T(help_names_the_field_without_its_indexes),
        T(nothing_is_no_text),
        T(where_text_is_wanted_a_plain_scalar_is_its_written_text),
        T(where_a_number_is_wanted_too_it_stays_one),
        T(where_nothing_is_said_a_number_that_would_lose_its_spelling_becomes_text),
        T(keywords_beyond_the_subset_are_refused_with_their_place),
        T(patterns_that_have_two_readings_are_refused),
        T(patterns_count_code_points_in_a_locale_of_bytes),
        T(patterns_count_code_points_in_a_locale_of_utf8),
        T(zones_are_looked_up),
        T(numbers_are_compared_digit_by_digit),
        T(a_long_list_of_one_text_is_checked_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
