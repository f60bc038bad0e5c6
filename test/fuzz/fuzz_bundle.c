/* test/fuzz/fuzz_bundle.c
 * The description of a bundle, bundle.json: an accepted one is written back byte for byte, so no
 * two texts say the same; a refused one does not hold, which is no trouble of the machine. Then the
 * text as a key: whatever a key says, it comes back as it was. */
#include "fuzz.h"
#include "verify/bundle.h"

static void check_text(struct slice text)
{
    struct error err = { 0 };
    enum contents_level level;
    struct digest report;
    struct slice vkey;
    struct arena *arena = fuzz_arena();
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (bundle_description_read(arena, text, &level, &report, &vkey, &err)) {
        assert(level == CONTENTS_REPORT || level == CONTENTS_EVIDENCE);
        if (!bundle_describe(level, &report, vkey, &again, &err))
            abort();
        assert(slice_equal(strbuf_slice(&again), text));
    } else {
        assert(err.code == ERROR_FINDING && err.message[0] != '\0');
    }
    strbuf_free(&again);
    arena_free(arena);
}

static void check_key(struct slice key)
{
    static const struct digest report = { { 1, 2, 3 } };
    struct error err = { 0 };
    enum contents_level level;
    struct digest found;
    struct slice vkey;
    size_t bad;
    if (!utf8_is_valid(key, &bad) || key.len > 4096)
        return;
    struct arena *arena = fuzz_arena();
    struct strbuf text = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (!bundle_describe(CONTENTS_EVIDENCE, &report, key, &text, &err) ||
        !bundle_description_read(arena, strbuf_slice(&text), &level, &found, &vkey, &err))
        abort();
    assert(level == CONTENTS_EVIDENCE && digest_equal(&found, &report) && slice_equal(vkey, key));
    strbuf_free(&text);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    check_text(text);
    check_key(text);
    return 0;
}
