#include "evidence/import.h"
#include "evidence/segments.h"

enum { ARENA_BYTES_MAX = 256 << 20 };

/* The segment of that entry, or why it cannot be withdrawn. */
static bool segment_check(struct store *store, struct arena *arena,
                          const struct stored_entry *entry, struct error *err)
{
    struct segment_list list;
    char hex[65];
    digest_hex(&entry->leaf, hex);
    if (!slice_is(entry->type, "segment"))
        return error_set(err, ERROR_INVALID, hex, "this entry is a %.*s, not a segment",
                         SLICE_ARG(entry->type));
    if (!segments_list(store, arena, entry->key, store_size(store), true, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].is_withdrawn && digest_equal(&list.items[i].leaf, &entry->leaf))
            return error_set(err, ERROR_INVALID, hex, "this segment is withdrawn already");
    return true;
}

static bool withdrawal_append(struct transaction *tx, const struct actor *actor,
                              const struct stored_entry *entry, struct slice reason,
                              struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    struct payload payload;
    char hex[65];
    const struct ledger_appended *appended;
    size_t count;
    digest_hex(&entry->leaf, hex);
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    struct value *object = value_new(arena, VALUE_OBJECT, err);
    if (!body || !object || !payload_put(tx, reason, &payload, err) ||
        !value_put(arena, body, "reason", payload_value(arena, &payload, err), err) ||
        !value_put_text(arena, object, "reason", reason, err) ||
        !value_put_text(arena, object, "segment", slice_of(hex), err) ||
        !value_put_text(arena, object, "type", entry->key, err))
        return false;
    struct entry_draft draft = { .type = "segment.withdraw",
                                 .key = entry->key,
                                 .body = body,
                                 .inputs = &entry->leaf,
                                 .inputs_count = 1,
                                 .object = object };
    return transaction_entry(tx, actor, &draft, err) &&
           transaction_commit(tx, &appended, &count, err);
}

bool segment_withdraw(struct store *store, const struct actor *actor, struct slice segment,
                      struct slice reason, char leaf_hex[65], struct error *err)
{
    bool ok = false;
    struct stored_entry entry;
    struct transaction *tx = NULL;
    struct arena *arena = arena_new(ARENA_BYTES_MAX, err);
    if (!arena)
        return false;
    if (slice_trim(reason).len == 0) {
        error_set(err, ERROR_INVALID, NULL, "a withdrawal needs its reason");
        goto done;
    }
    if (!entry_find(store, arena, segment, store_size(store), &entry, err) ||
        !segment_check(store, arena, &entry, err))
        goto done;
    tx = transaction_begin(store, err);
    if (!tx || !withdrawal_append(tx, actor, &entry, reason, err))
        goto done;
    digest_hex(&entry.leaf, leaf_hex);
    ok = true;
done:
    transaction_free(tx);
    arena_free(arena);
    return ok;
}
