/* test/fuzz/fuzz_entry.c
 * Ledger entries: an accepted one is the canonical form of what was read from it, and its leaf is
 * the hash of its bytes; a refused one has a code. Its signature, if any, is looked at as well. */
#include "base/json.h"
#include "fuzz.h"
#include "ledger/rules.h"
#include "ledger/signature.h"

static void check_accepted(struct arena *arena, struct slice bytes, const struct entry *entry)
{
    struct error err = { 0 };
    struct slice canonical;
    struct digest leaf = leaf_hash(bytes);
    assert(digest_equal(&entry->leaf, &leaf));
    if (!json_canonical_copy(arena, entry->whole, &canonical, &err))
        abort();
    assert(slice_equal(canonical, bytes));
    /* Nobody signed an invented entry. */
    if (entry->sig)
        (void)signature_holds(arena, entry->whole, &err);
}

/* As the first entry of a ledger. */
static void check_rules(struct slice bytes)
{
    struct error err = { 0 };
    struct fault fault = { 0 };
    struct rules *rules = rules_new(NULL, NULL, 0, &err);
    if (!rules)
        abort();
    if (rules_add(rules, bytes, &fault, &err))
        assert(rules_size(rules) == 1);
    else
        assert(fault.code ? fault.code[0] != '\0' : err.code != ERROR_NONE);
    rules_free(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    const char *code = NULL;
    struct entry entry = { 0 };
    struct slice text = slice_bytes(bytes, size);
    struct arena *arena = fuzz_arena();
    if (entry_parse(arena, text, &entry, &code, &err))
        check_accepted(arena, text, &entry);
    else
        assert(code ? code[0] != '\0' : err.code != ERROR_NONE);
    check_rules(text);
    arena_free(arena);
    return 0;
}
