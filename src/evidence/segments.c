#include "evidence/segments.h"

#include "base/json.h"
#include "evidence/record_type.h"
#include "ledger/entry.h"

/* {from, to} of canonical times, or null. */
static bool read_span(const struct value *span, bool *has, struct period *period)
{
    *has = span && span->type == VALUE_OBJECT;
    return !*has || (time_parse_canonical(value_text_of(span, "from"), &period->start_us) &&
                     time_parse_canonical(value_text_of(span, "to"), &period->end_us));
}

static bool read_segment(struct arena *arena, const struct stored_entry *stored,
                         struct segment *segment, struct error *err)
{
    int64_t rows;
    const struct value *whole = json_parse(arena, stored->bytes, "ledger entry", NULL, err);
    if (!whole)
        return false;
    const struct value *body = value_member(whole, "body");
    char *hex = arena_alloc(arena, 65, err);
    if (!hex)
        return false;
    digest_hex(&stored->leaf, hex);
    *segment = (struct segment){ .leaf = stored->leaf,
                                 .n = stored->n,
                                 .leaf_hex = { hex, 64 },
                                 .type = value_text_of(body, "of"),
                                 .source = value_text_of(body, "source"),
                                 .at = stored->at };
    const struct value *from = value_member(body, "from"), *to = value_member(body, "to");
    bool ok =
        payload_ref(value_member(body, "payload"), &segment->payload.c, &segment->payload.bytes) &&
        value_to_i64(value_member(body, "rows"), &rows) &&
        read_span(value_member(body, "covers"), &segment->has_covers, &segment->covers);
    segment->is_sealed =
        payload_ref(value_member(body, "personal"), &segment->personal.c, &segment->personal.bytes);
    segment->has_span = from && from->type == VALUE_STRING;
    ok = ok &&
         (!segment->has_span || (time_parse_canonical(value_text(from), &segment->span.start_us) &&
                                 time_parse_canonical(value_text(to), &segment->span.end_us)));
    if (!ok)
        return error_set(err, ERROR_CORRUPT, hex, "the entry of this segment cannot be read");
    segment->rows = (uint64_t)rows;
    if (stored->object.len == 0)
        return error_set(err, ERROR_CORRUPT, hex, "the store holds no record of this import");
    segment->object = json_parse(arena, stored->object, "import record", NULL, err);
    return segment->object != NULL;
}

struct withdrawal {
    struct digest leaf; /* of the segment */
    const struct stored_entry *entry;
};

static bool withdrawals_read(struct store *store, struct arena *arena, uint64_t size,
                             struct withdrawal **items, size_t *count, struct error *err)
{
    struct stored_entries list;
    if (!entry_list(store, arena, SLICE("segment.withdraw"), (struct slice){ 0 }, size, &list, err))
        return false;
    *items = arena_array(arena, list.count ? list.count : 1, sizeof **items, err);
    *count = 0;
    for (size_t i = 0; *items && i < list.count; i++) {
        struct withdrawal *item = &(*items)[(*count)++];
        const struct value *whole =
            json_parse(arena, list.items[i].bytes, "ledger entry", NULL, err);
        if (!whole)
            return false;
        item->entry = &list.items[i];
        if (!digest_from_hex(value_text(value_item(value_member(whole, "inputs"), 0)), &item->leaf))
            return error_set(err, ERROR_CORRUPT, NULL, "withdrawal #%llu names no segment",
                             (unsigned long long)list.items[i].n);
    }
    return *items != NULL;
}

static bool is_withdrawn_by(struct arena *arena, const struct withdrawal *withdrawal,
                            struct segment *segment, struct error *err)
{
    const struct stored_entry *entry = withdrawal->entry;
    const struct value *object = json_parse(arena, entry->object, "withdrawal", NULL, err);
    segment->is_withdrawn = true;
    segment->withdrawn_at = entry->at;
    segment->withdrawn_by = entry->actor;
    segment->withdrawn_why = value_text_of(object, "reason");
    return object != NULL;
}

bool segments_list(struct store *store, struct arena *arena, struct slice type, uint64_t size,
                   bool with_withdrawn, struct segment_list *list, struct error *err)
{
    struct stored_entries stored;
    struct withdrawal *gone;
    size_t gone_count;
    if (!entry_list(store, arena, SLICE("segment"), type, size, &stored, err) ||
        !withdrawals_read(store, arena, size, &gone, &gone_count, err))
        return false;
    list->count = 0;
    list->items = arena_array(arena, stored.count ? stored.count : 1, sizeof *list->items, err);
    if (!list->items)
        return false;
    for (size_t i = 0; i < stored.count; i++) {
        struct segment *segment = &list->items[list->count];
        if (!read_segment(arena, &stored.items[i], segment, err))
            return false;
        for (size_t j = 0; j < gone_count; j++)
            if (digest_equal(&gone[j].leaf, &segment->leaf) &&
                !is_withdrawn_by(arena, &gone[j], segment, err))
                return false;
        if (with_withdrawn || !segment->is_withdrawn)
            list->count++;
    }
    return true;
}

bool segments_that_count(struct store *store, struct arena *arena, const struct record_type *type,
                         uint64_t size, struct segment_list *list, struct error *err)
{
    if (!segments_list(store, arena, type->id, size, false, list, err))
        return false;
    if (type->is_snapshot && list->count > 1) {
        list->items[0] = list->items[list->count - 1];
        list->count = 1;
    }
    return true;
}
