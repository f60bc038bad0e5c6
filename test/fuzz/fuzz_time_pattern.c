/* A pattern and a text by it, on two lines: what is rewritten is ISO 8601 of bounded length, and
 * reading it by the pattern of ISO 8601 gives the same again. */
#include <string.h>

#include "base/time_pattern.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    struct slice pattern, text;
    char iso[TIME_ISO_BYTES], again[TIME_ISO_BYTES];
    if (!slice_split(slice_bytes(bytes, size), '\n', &pattern, &text))
        return 0;
    if (!time_pattern_check(pattern, &err)) {
        fuzz_assert_refused(&err);
        return 0;
    }
    if (!time_pattern_rewrite(text, pattern, iso, &err)) {
        fuzz_assert_refused(&err);
        return 0;
    }
    assert(strlen(iso) >= 10);
    struct slice day = slice_head(slice_of(iso), 10);
    if (!time_pattern_rewrite(day, SLICE("YYYY-MM-DD"), again, &err))
        abort();
    assert(slice_equal(day, slice_of(again)));
    return 0;
}
