/* Which earlier entries an entry names: its `inputs`, and a list that did not fit in `more`. */
#include "ledger/rules_state.h"

#include <assert.h>

/* ---- the list of `more` ---- */

/* Its canonical form leaves no freedom: ["<64 digits>","<64 digits>", ...]. So it is read as that,
 * which also bounds the memory of a list of a million. */
enum { HASH_DIGITS = 64, HASH_ITEM = HASH_DIGITS + 3 };

static bool more_count(struct slice text, size_t *count)
{
    /* [ and n items, each with its quotes and a comma or ] after it. */
    if (text.len < 1 + HASH_ITEM || (text.len - 1) % HASH_ITEM != 0 || text.at[0] != '[')
        return false;
    *count = (text.len - 1) / HASH_ITEM;
    return true;
}

static bool more_item(struct slice text, size_t index, size_t count, struct digest *hash)
{
    const char *item = text.at + 1 + index * HASH_ITEM;
    return item[0] == '"' && digest_from_hex(slice_bytes(item + 1, HASH_DIGITS), hash) &&
           item[1 + HASH_DIGITS] == '"' &&
           item[2 + HASH_DIGITS] == (index + 1 == count ? ']' : ',');
}

static bool is_own_input(const struct entry *entry, const struct digest *hash)
{
    char hex[65];
    digest_hex(hash, hex);
    for (size_t i = 0; i < value_count(entry->inputs); i++) {
        if (slice_is(value_text(value_item(entry->inputs, i)), hex))
            return true;
    }
    return false;
}

static bool more_check(struct judge *judge, struct slice text, size_t *count)
{
    struct digest before, hash;
    if (!more_count(text, count))
        return fault_set(judge, "bad-more", "`more` is not a canonical array of hashes");
    for (size_t i = 0; i < *count; i++) {
        if (!more_item(text, i, *count, &hash))
            return fault_set(judge, "bad-more", "`more` is not a canonical array of hashes");
        if (i > 0 && digest_compare(&before, &hash) >= 0)
            return fault_set(judge, "bad-more", "`more` is not sorted, or has a hash twice");
        if (is_own_input(&judge->entry, &hash))
            return fault_set(judge, "bad-more", "`more` repeats a hash that `inputs` has");
        before = hash;
    }
    return true;
}

/* The list's bytes, if there is one and it is held; not held: inputs.is_partial. */
static bool more_open(struct judge *judge, bool *is_there, struct slice *text)
{
    struct digest c;
    uint64_t bytes;
    struct slice salt;
    bool is_equal;
    *is_there = false;
    if (!judge->entry.more)
        return true;
    if (judge->more.at) {
        *is_there = true;
        *text = judge->more;
        return true;
    }
    if (!payload_ref(judge->entry.more, &c, &bytes))
        return fault_set(judge, "bad-field", "`more` is not a payload");
    switch (payload_state_of(judge->rules, &c)) {
    case PAYLOAD_HELD:
        break;
    case PAYLOAD_ABSENT:
        judge->inputs.is_partial = true;
        return true;
    case PAYLOAD_MISSING:
        /* Lists of inputs are never erased, so no erasure can excuse it. */
        return fault_set(judge, "payload-missing", "the list `more` is not held");
    }
    if (!payload_matches(judge->rules, &c, bytes, &is_equal, judge->err))
        return false;
    if (!is_equal)
        return fault_set(judge, "commitment-mismatch",
                         "the list `more` is not the one that was committed to");
    *is_there = true;
    return payload_open(judge->rules, &c, &salt, text, judge->err);
}

/* ---- finding them ---- */

/* Whether a leaf that is not among the entries so far comes later. */
static bool comes_later(struct judge *judge, const struct digest *leaf, uint64_t *later)
{
    const struct entry_source *source = judge->rules->sources.entries;
    struct slice bytes;
    struct error ignored = { 0 }; /* only the words of the fault depend on it */
    uint64_t size = source ? source->size(source) : 0;
    for (uint64_t n = judge->n + 1; n < size; n++) {
        if (!source->entry(source, n, &bytes, &ignored))
            return false;
        struct digest hash = leaf_hash(bytes);
        if (digest_equal(&hash, leaf)) {
            *later = n;
            return true;
        }
    }
    return false;
}

static bool input_unknown(struct judge *judge, const struct digest *leaf)
{
    uint64_t later;
    char hex[65];
    digest_hex(leaf, hex);
    if (comes_later(judge, leaf, &later))
        return fault_set(judge, "input-later",
                         "%.16s #%llu names %.16s..., which comes later, as #%llu",
                         entry_type_name(judge->entry.kind), (unsigned long long)judge->n, hex,
                         (unsigned long long)later);
    return fault_set(judge, "input-missing", "%.16s #%llu names %.16s..., which is not before it",
                     entry_type_name(judge->entry.kind), (unsigned long long)judge->n, hex);
}

static bool input_add(struct judge *judge, const struct digest *leaf)
{
    struct inputs *inputs = &judge->inputs;
    size_t at;
    if (!digest_list_find(&judge->rules->leaves, leaf, &at))
        return input_unknown(judge, leaf);
    const struct seen *seen = &judge->rules->seen[at];
    uint32_t n = (uint32_t)at;
    if (inputs->counts[seen->type]++ == 0)
        inputs->firsts[seen->type] = n;
    if (seen->type == ENTRY_RESOURCE && inputs->kind_counts[seen->kind]++ == 0)
        inputs->kind_firsts[seen->kind] = n;
    inputs->items[inputs->count++] = n;
    return true;
}

bool inputs_find(struct judge *judge)
{
    bool has_more;
    struct slice more;
    size_t own_count = value_count(judge->entry.inputs), more_items = 0;
    struct digest leaf;
    judge->inputs = (struct inputs){ 0 };
    if (!more_open(judge, &has_more, &more) || (has_more && !more_check(judge, more, &more_items)))
        return false;
    if (own_count + more_items == 0)
        return true;
    judge->inputs.items = arena_array(judge->rules->arena, own_count + more_items,
                                      sizeof *judge->inputs.items, judge->err);
    if (!judge->inputs.items)
        return false;
    for (size_t i = 0; i < own_count; i++) {
        if (!digest_from_hex(value_text(value_item(judge->entry.inputs, i)), &leaf))
            return fault_set(judge, "bad-field", "`inputs` holds something else than hashes");
        if (!input_add(judge, &leaf))
            return false;
    }
    for (size_t i = 0; i < more_items; i++) {
        /* more_check() has seen that it is one. */
        bool is_hash = more_item(more, i, more_items, &leaf);
        assert(is_hash);
        if (!is_hash || !input_add(judge, &leaf))
            return false;
    }
    return true;
}

bool inputs_hold(const struct inputs *inputs, uint64_t n)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (inputs->items[i] == n)
            return true;
    }
    return false;
}

bool inputs_next(const struct judge *judge, enum entry_type type, size_t *at, uint32_t *n)
{
    const struct inputs *inputs = &judge->inputs;
    while (*at < inputs->count) {
        *n = inputs->items[(*at)++];
        if (judge->rules->seen[*n].type == type)
            return true;
    }
    return false;
}

/* ---- how many of what ---- */

static bool one_of(struct judge *judge, size_t count, uint32_t first, const char *what, uint32_t *n)
{
    if (count > 1 || (count == 0 && !judge->inputs.is_partial))
        return fault_set(judge, "input-role", "%s #%llu names %zu %s; it must name one",
                         entry_type_name(judge->entry.kind), (unsigned long long)judge->n, count,
                         what);
    *n = count == 1 ? first : INPUT_UNKNOWN;
    return true;
}

bool one_input(struct judge *judge, enum entry_type type, uint32_t *n)
{
    return one_of(judge, judge->inputs.counts[type], judge->inputs.firsts[type],
                  entry_type_name(type), n);
}

bool one_resource(struct judge *judge, enum resource_kind kind, uint32_t *n)
{
    static const char *const names[] = { [RESOURCE_OTHER] = "resource",
                                         [RESOURCE_TEST] = "version of a Test",
                                         [RESOURCE_ASSERTION] = "version of an Assertion" };
    return one_of(judge, judge->inputs.kind_counts[kind], judge->inputs.kind_firsts[kind],
                  names[kind], n);
}

bool some_input(const struct judge *judge, enum entry_type type)
{
    return judge->inputs.counts[type] > 0 || judge->inputs.is_partial;
}
