/* test/unit/program/test_schema_suite.c
 * The public JSON Schema test suite (Debian: json-schema-test-suite), for every keyword that
 * schema.h claims. Drafts 6 and 7 are what the package has; the claimed keywords mean the same in
 * 2020-12, but for lists of schemas under `items`, which 2020-12 calls prefixItems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "program/schema.h"

static const char *const drafts[] = { "draft6", "draft7" };

/* To claim a keyword: its file here. */
static const char *const files[] = {
    "additionalProperties",
    "boolean_schema",
    "const",
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "pattern",
    "patternProperties",
    "properties",
    "propertyNames",
    "required",
    "type",
    "uniqueItems",
    "optional/bignum",
    "optional/zeroTerminatedFloats",
};
/* In draft 7 only. */
static const char *const formats[] = { "optional/format/date", "optional/format/date-time" };

/* Groups whose schemas are beyond the subset, and why. Each must really be refused. */
static const struct {
    const char *file, *group, *reason;
} left_out[] = {
    { "items", "an array of schemas for items",
      "items as a list of schemas (2020-12: prefixItems)" },
    { "items", "items with boolean schemas", "items as a list of schemas (2020-12: prefixItems)" },
};

struct tally {
    size_t run, wrong, left_out;
    bool was_left_out[ARRAY_LEN(left_out)];
};

static const char *reason_left_out(struct tally *tally, const char *file, struct slice group)
{
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        if (strcmp(file, left_out[i].file) == 0 && slice_is(group, left_out[i].group)) {
            tally->was_left_out[i] = true;
            return left_out[i].reason;
        }
    }
    return NULL;
}

static void run_case(struct tally *tally, const struct schema *schema, const struct value *test,
                     const char *name)
{
    static const struct schema_subject subject = { .file = "case", .label = "" };
    struct findings findings = { 0 };
    struct error err = { 0 };
    bool is_valid = schema_validate(schema, value_member(test, "data"), &subject, &findings, &err);
    assert_int_equal(err.code, ERROR_NONE);
    assert_int_equal(is_valid, findings.errors_count == 0);
    tally->run++;
    if (is_valid != value_is_true(value_member(test, "valid"))) {
        struct slice what = value_text_of(test, "description");
        print_error("%s: %.*s\n", name, SLICE_ARG(what));
        tally->wrong++;
    }
    findings_free(&findings);
}

static void run_group(struct tally *tally, const char *file, const struct value *group)
{
    struct error err = { 0 };
    char name[256];
    struct slice description = value_text_of(group, "description");
    const struct value *tests = value_member(group, "tests");
    snprintf(name, sizeof name, "%s: %.*s", file, SLICE_ARG(description));
    const char *reason = reason_left_out(tally, file, description);
    struct schema *schema = schema_new(value_member(group, "schema"), &err);
    if (reason) {
        assert_null(schema);
        assert_int_equal(err.code, ERROR_INVALID);
        print_message("left out %zu cases, %s: %s\n", value_count(tests), name, reason);
        tally->left_out += value_count(tests);
        return;
    }
    if (!schema)
        fail_msg("%s: %s", name, err.message);
    for (size_t i = 0; i < value_count(tests); i++)
        run_case(tally, schema, value_item(tests, i), name);
    schema_free(schema);
}

static void run_file(struct tally *tally, const char *draft, const char *file)
{
    const char *root = getenv("JSON_SCHEMA_TEST_SUITE");
    char path[512];
    struct error err = { 0 };
    struct slice text;
    snprintf(path, sizeof path, "%s/tests/%s/%s.json",
             root ? root : "/usr/share/json-schema-test-suite", draft, file);
    struct arena *arena = arena_new(64 << 20, &err);
    assert_non_null(arena);
    if (!file_read(arena, path, 1 << 20, &text, &err))
        fail_msg("%s %s (package json-schema-test-suite)", err.message, err.where);
    struct value *groups = json_parse(arena, text, file, &json_limits_default, &err);
    if (!groups)
        fail_msg("%s %s", err.where, err.message);
    assert_true(value_count(groups) > 0);
    for (size_t i = 0; i < value_count(groups); i++)
        run_group(tally, file, value_item(groups, i));
    arena_free(arena);
}

static void every_case_of_every_claimed_keyword_comes_out_as_the_suite_says(void **state)
{
    (void)state;
    struct tally tally = { 0 };
    for (size_t d = 0; d < ARRAY_LEN(drafts); d++)
        for (size_t i = 0; i < ARRAY_LEN(files); i++)
            run_file(&tally, drafts[d], files[i]);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        run_file(&tally, "draft7", formats[i]);
    print_message("%zu cases run, %zu wrong, %zu left out\n", tally.run, tally.wrong,
                  tally.left_out);
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.run > 500);
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
        assert_true(tally.was_left_out[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_every_claimed_keyword_comes_out_as_the_suite_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
