/* test/fuzz/fuzz_yaml.c
 * YAML: each accepted document, written and read again, is the same document, and writing that
 * gives the same bytes. */
#include "base/yaml.h"
#include "fuzz.h"

/* Small, so that the limits are among what is tried. */
static const struct yaml_limits limits = {
    .bytes_max = 1 << 16, .depth_max = 32, .nodes_max = 1 << 14, .alias_nodes_max = 1 << 10
};

static bool parse(struct arena *arena, struct slice text, struct yaml_documents *documents)
{
    struct error err = { 0 };
    struct findings findings = { 0 };
    bool ok = yaml_parse(arena, text, "input", &limits, documents, &findings, &err);
    assert(ok == (findings.errors_count == 0 && err.code == ERROR_NONE));
    assert(err.code == ERROR_NONE || err.code == ERROR_NO_MEMORY);
    for (size_t i = 0; i < findings.count; i++)
        assert(findings.items[i].error.message[0] != '\0');
    findings_free(&findings);
    return ok;
}

static void check_round_trip(struct arena *arena, const struct value *document)
{
    struct strbuf once = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    struct strbuf twice = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    struct yaml_documents again = { 0 };
    yaml_write(document, &once);
    /* Escapes make a text longer than the input was. */
    if (once.failed || once.len > limits.bytes_max)
        goto done;
    if (!parse(arena, strbuf_slice(&once), &again))
        abort();
    assert(again.count == 1);
    assert(value_equal(document, again.items[0]));
    yaml_write(again.items[0], &twice);
    assert(slice_equal(strbuf_slice(&once), strbuf_slice(&twice)));
done:
    strbuf_free(&once);
    strbuf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct yaml_documents documents = { 0 };
    if (parse(arena, slice_bytes(bytes, size), &documents)) {
        for (size_t i = 0; i < documents.count; i++)
            check_round_trip(arena, documents.items[i]);
    }
    arena_free(arena);
    return 0;
}
