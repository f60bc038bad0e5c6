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

/* The lines of the input as a ledger. A refused entry leaves everything as it was. */
static void check_rules(struct slice text)
{
    const struct rules_sources sources = { 0 };
    struct error err = { 0 };
    struct fault fault = { 0 };
    struct slice line;
    struct rules *rules = rules_new(&sources, &err);
    if (!rules)
        abort();
    while (slice_line(&text, &line)) {
        uint64_t size = rules_size(rules);
        struct digest root = rules_root(rules, size);
        if (rules_add(rules, line, &fault, &err)) {
            struct digest leaf = rules_leaf(rules, size);
            struct digest hash = leaf_hash(line);
            assert(rules_size(rules) == size + 1 && digest_equal(&leaf, &hash));
            continue;
        }
        struct digest after = rules_root(rules, rules_size(rules));
        assert(fault.code ? rule_code_find(fault.code) != NULL : err.code != ERROR_NONE);
        assert(rules_size(rules) == size && digest_equal(&root, &after));
        fault = (struct fault){ 0 };
        err = (struct error){ 0 };
    }
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
