/* test/fuzz/fuzz_schema.c
 * JSON Schema: a document {"schema": ..., "instance": ...}. What is refused is told; the verdict
 * does not change when it is asked again, nor by the order of members; equal values have equal
 * hashes. */
#include "base/json.h"
#include "fuzz.h"
#include "program/schema.h"

static const struct json_limits limits = { .bytes_max = 1 << 16,
                                           .depth_max = 32,
                                           .nodes_max = 1 << 14 };
static const struct schema_subject subject = { .file = "instance.json", .label = "" };

static bool is_valid(const struct schema *schema, const struct value *instance)
{
    struct error err = { 0 };
    struct findings findings = { 0 };
    bool ok = schema_validate(schema, instance, &subject, &findings, &err);
    assert(err.code == ERROR_NONE || err.code == ERROR_NO_MEMORY);
    assert(ok == (findings.errors_count == 0 && err.code == ERROR_NONE));
    for (size_t i = 0; i < findings.count; i++)
        assert(findings.items[i].error.message[0] != '\0');
    findings_free(&findings);
    return ok;
}

/* Canonical form sorts the members. */
static const struct value *sorted(struct arena *arena, const struct value *value)
{
    struct error err = { 0 };
    struct slice text;
    if (!value || !json_canonical_copy(arena, value, &text, &err))
        return NULL;
    return json_parse(arena, text, "sorted", &limits, &err);
}

static void check(struct arena *arena, const struct value *document)
{
    struct error err = { 0 };
    const struct value *instance = value_member(document, "instance");
    const struct value *node = value_member(document, "schema");
    if (!instance || !node)
        return;
    struct schema *schema = schema_new(node, &err);
    if (!schema) {
        fuzz_assert_refused(&err);
        return;
    }
    bool verdict = is_valid(schema, instance);
    assert(is_valid(schema, instance) == verdict);
    /* What rules see of a right instance is the instance; of another it can be made too. */
    const struct value *sound = schema_sound(arena, schema, instance, &err);
    if (sound)
        assert(!verdict || value_equal(sound, instance));
    else
        fuzz_assert_refused(&err);
    const struct value *again = sorted(arena, instance);
    /* Not if a number was no double: then its canonical form is another number. */
    if (again && value_equal(instance, again))
        assert(is_valid(schema, again) == verdict);
    schema_free(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    struct arena *arena = fuzz_arena();
    struct slice text;
    /* With a NUL behind it: clang's sanitizer thinks that regexec() must find one, whatever length
     * REG_STARTEND gives. */
    if (!arena_copy(arena, slice_bytes(bytes, size), &text, &err))
        abort();
    const struct value *document = json_parse(arena, text, "input", &limits, &err);
    if (document)
        check(arena, document);
    arena_free(arena);
    return 0;
}
