/* Markdown with front matter: what is taken has fields, and its body is the end of the text. */
#include "convert/records.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    struct findings findings = { 0 };
    struct value *matter = NULL;
    struct slice text = slice_bytes(bytes, size), body;
    struct arena *arena = fuzz_arena();
    if (front_matter_read(arena, text, "input", &matter, &body, &findings, &err)) {
        assert(matter && matter->type == VALUE_OBJECT && findings.errors_count == 0);
        assert(slice_ends_with(text, body));
    } else {
        assert(findings.errors_count > 0 || err.code == ERROR_INVALID);
    }
    findings_free(&findings);
    arena_free(arena);
    return 0;
}
