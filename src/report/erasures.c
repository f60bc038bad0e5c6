#include "report/erasures.h"

#include "ledger/entry.h"

/* One entry's JSON tree. */
#define SCRATCH_BYTES_MAX ((size_t)16 << 20)

static bool plain_name(struct verifier *verifier, struct arena *arena, struct slice shown,
                       struct slice *plain, struct error *err)
{
    struct digest c;
    struct slice salt, bytes;
    const struct payload_source *payloads = verifier_payloads(verifier);
    if (!entry_name_commitment(shown, &c) || payloads->state(payloads, &c) != PAYLOAD_HELD)
        return arena_copy(arena, shown, plain, err);
    return payloads->open(payloads, &c, &salt, &bytes, err) && arena_copy(arena, bytes, plain, err);
}

static bool erasure_add(struct verifier *verifier, struct arena *arena, const struct entry *entry,
                        struct erasures *erasures, size_t *capacity, struct error *err)
{
    struct erasure_told told = { .n = entry->n };
    if (!digest_from_hex(value_text_of(entry->body, "subject"), &told.token))
        return true;
    if (!arena_room(arena, &erasures->items, erasures->count, capacity, sizeof *erasures->items,
                    err))
        return false;
    if (!arena_copy(arena, entry->at, &told.at, err) ||
        !arena_copy(arena, value_text_of(entry->body, "rule"), &told.rule, err) ||
        !plain_name(verifier, arena, entry->actor, &told.by, err))
        return false;
    erasures->items[erasures->count++] = told;
    return true;
}

bool erasures_read(struct verifier *verifier, struct arena *arena, struct erasures *erasures,
                   struct error *err)
{
    const struct entry_source *entries = verifier_entries(verifier);
    struct arena *scratch = arena_new(SCRATCH_BYTES_MAX, err);
    bool ok = scratch != NULL;
    size_t capacity = 0;
    *erasures = (struct erasures){ 0 };
    for (uint64_t n = 0; ok && n < entries->size(entries); n++) {
        struct slice bytes;
        struct entry entry;
        const char *code = NULL;
        arena_reset(scratch);
        ok = entries->entry(entries, n, &bytes, err) &&
             entry_parse(scratch, bytes, &entry, &code, err);
        if (ok && entry.kind == ENTRY_ERASURE)
            ok = erasure_add(verifier, arena, &entry, erasures, &capacity, err);
    }
    arena_free(scratch);
    return ok;
}

const struct erasure_told *erasures_find(const struct erasures *erasures,
                                         const struct digest *token)
{
    for (size_t i = 0; i < erasures->count; i++)
        if (digest_equal(&erasures->items[i].token, token))
            return &erasures->items[i];
    return NULL;
}

void erasure_say(const struct erasure_told *erasure, struct strbuf *out)
{
    strbuf_printf(out, "erased under \"%.*s\" by %.*s on %.*s", SLICE_ARG(erasure->rule),
                  SLICE_ARG(erasure->by), SLICE_ARG(slice_head(erasure->at, 10)));
}
