/* test/fuzz/fuzz_json.c
 * JSON: what is accepted has one canonical form, which is read back as an equal tree and whose own
 * canonical form it is; and the tokenizer accepts whatever the parser does. */
#include "base/json.h"
#include "base/json_scan.h"
#include "fuzz.h"

static bool scan_accepts(struct slice text)
{
    struct error err = { 0 };
    struct json_scan scan;
    json_scan_start(&scan, text, json_limits_default.depth_max);
    for (;;) {
        enum json_token token = json_scan_next(&scan, &err);
        if (token == JSON_ERROR)
            fuzz_assert_refused(&err);
        if (token == JSON_ERROR || token == JSON_END)
            return token == JSON_END;
    }
}

/* Skipping the whole document is accepted exactly when reading it token by token is. */
static bool skip_accepts(struct slice text)
{
    struct error err = { 0 };
    struct json_scan scan;
    json_scan_start(&scan, text, json_limits_default.depth_max);
    enum json_token token = json_scan_next(&scan, &err);
    return token != JSON_ERROR && json_scan_skip(&scan, token, &err) &&
           json_scan_next(&scan, &err) == JSON_END;
}

static void check_canonical(struct arena *arena, const struct value *value)
{
    struct error err = { 0 };
    struct slice once;
    struct slice twice;
    if (!json_canonical_copy(arena, value, &once, &err)) {
        fuzz_assert_refused(&err);
        return;
    }
    const struct value *again = json_parse(arena, once, "again", &json_limits_default, &err);
    if (!again) {
        assert(err.code == ERROR_NO_MEMORY);
        return;
    }
    if (json_canonical_copy(arena, again, &twice, &err))
        assert(slice_equal(once, twice));
    else
        assert(err.code == ERROR_NO_MEMORY);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    struct slice text = slice_bytes(bytes, size);
    struct arena *arena = fuzz_arena();
    bool scanned = scan_accepts(text);
    assert(skip_accepts(text) == scanned);
    struct value *value = json_parse(arena, text, "input", &json_limits_default, &err);
    if (value) {
        assert(scanned);
        assert(value_equal(value, value));
        check_canonical(arena, value);
    } else {
        fuzz_assert_refused(&err);
    }
    arena_free(arena);
    return 0;
}
