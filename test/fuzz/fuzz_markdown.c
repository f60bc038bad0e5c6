/* test/fuzz/fuzz_markdown.c
 * Markdown into a report's blocks: the blocks are a list that has a canonical form, and the same
 * text gives the same blocks. */
#include "base/json.h"
#include "fuzz.h"
#include "report/text.h"

typedef struct value *make_fn(struct arena *arena, struct slice markdown, struct error *err);

static void check(make_fn *make, struct slice text)
{
    struct error err = { 0 };
    struct arena *arena = fuzz_arena();
    const struct value *blocks = make(arena, text, &err);
    if (!blocks) {
        fuzz_assert_refused(&err);
    } else {
        struct slice canonical;
        const struct value *again = make(arena, text, &err);
        assert(blocks->type == VALUE_ARRAY);
        assert(json_canonical_copy(arena, blocks, &canonical, &err) || err.code == ERROR_NO_MEMORY);
        assert(!again || value_equal(blocks, again));
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t bad = 0;
    struct slice text = slice_bytes(bytes, size);
    /* The texts of resources are UTF-8. */
    if (!utf8_is_valid(text, &bad))
        return 0;
    check(report_blocks_from_markdown, text);
    check(report_paragraphs_from_markdown, text);
    return 0;
}
