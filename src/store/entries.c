/* Reading entries: what the store keeps with each, and the ledger's own bytes. */
#include <string.h>

#include "store/store_private.h"

#define ENTRY_COLUMNS "select n, leaf, type, side, actor, at, key, object from entry "
enum { LEAF_PREFIX_MIN = 8, LEAF_HEX = 64 };

static bool entry_row(struct query *query, struct arena *arena, struct stored_entry *out,
                      struct error *err)
{
    *out = (struct stored_entry){ .n = column_number(query, 0) };
    return column_fixed(query, 1, out->leaf.bytes, sizeof(out->leaf.bytes), err) &&
           column_copy(query, 2, arena, &out->type, err) &&
           column_copy(query, 3, arena, &out->side, err) &&
           column_copy(query, 4, arena, &out->actor, err) &&
           column_copy(query, 5, arena, &out->at, err) &&
           column_copy(query, 6, arena, &out->key, err) &&
           column_copy(query, 7, arena, &out->object, err) &&
           ledger_entry(query->store->ledger, arena, out->n, &out->bytes, err);
}

bool entry_get(struct store *store, struct arena *arena, uint64_t n, struct stored_entry *out,
               struct error *err)
{
    struct query query;
    bool has_row = false;
    bool ok = query_begin(store, ENTRY_COLUMNS "where n = ? and n < ?", &query, err);
    if (ok) {
        query_number(&query, 1, n < INT64_MAX ? n : INT64_MAX);
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, &has_row, err);
        if (ok && !has_row)
            ok = error_set(err, ERROR_NOT_FOUND, NULL, "there is no entry %llu",
                           (unsigned long long)n);
        ok = ok && entry_row(&query, arena, out, err);
    }
    query_end(&query);
    return ok;
}

/* The least and the greatest leaf with that prefix of hex digits. */
static bool prefix_range(struct slice prefix, struct digest *least, struct digest *greatest)
{
    char low[LEAF_HEX + 1], high[LEAF_HEX + 1];
    if (prefix.len < LEAF_PREFIX_MIN || prefix.len > LEAF_HEX)
        return false;
    memset(low, '0', LEAF_HEX);
    memset(high, 'f', LEAF_HEX);
    memcpy(low, prefix.at, prefix.len);
    memcpy(high, prefix.at, prefix.len);
    return digest_from_hex((struct slice){ low, LEAF_HEX }, least) &&
           digest_from_hex((struct slice){ high, LEAF_HEX }, greatest);
}

bool entry_find(struct store *store, struct arena *arena, struct slice leaf_prefix, uint64_t size,
                struct stored_entry *out, struct error *err)
{
    struct query query;
    struct digest least, greatest;
    bool has_row = false, has_second = false;
    if (!prefix_range(leaf_prefix, &least, &greatest)) {
        error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is no leaf hash", SLICE_ARG(leaf_prefix));
        return error_hint(err, "give at least %d of its 64 lower-case hex digits",
                          (int)LEAF_PREFIX_MIN);
    }
    bool ok = query_begin(store, ENTRY_COLUMNS "where leaf between ? and ? and n < ? limit 2",
                          &query, err);
    if (!ok)
        goto done;
    query_blob(&query, 1, least.bytes, sizeof(least.bytes));
    query_blob(&query, 2, greatest.bytes, sizeof(greatest.bytes));
    query_number(&query, 3, size);
    ok = query_next(&query, &has_row, err);
    if (ok && !has_row)
        ok = error_set(err, ERROR_NOT_FOUND, NULL, "no entry's leaf hash begins with %.*s",
                       SLICE_ARG(leaf_prefix));
    ok = ok && entry_row(&query, arena, out, err) && query_next(&query, &has_second, err);
    if (ok && has_second)
        ok = error_set(err, ERROR_INVALID, NULL, "more than one entry's leaf hash begins with %.*s",
                       SLICE_ARG(leaf_prefix));
done:
    query_end(&query);
    return ok;
}

bool entry_list(struct store *store, struct arena *arena, struct slice type, struct slice key,
                uint64_t size, struct stored_entries *list, struct error *err)
{
    struct query query;
    size_t capacity = 0;
    bool ok = false;
    *list = (struct stored_entries){ 0 };
    if (!query_begin(store,
                     ENTRY_COLUMNS "where type = ?1 and (?2 = '' or key = ?2) and n < ?3 "
                                   "order by n",
                     &query, err))
        goto done;
    query_text(&query, 1, type);
    query_text(&query, 2, key);
    query_number(&query, 3, size);
    for (;;) {
        bool has_row = false;
        if (!query_next(&query, &has_row, err))
            goto done;
        if (!has_row)
            break;
        if (!arena_room(arena, &list->items, list->count, &capacity, sizeof *list->items, err) ||
            !entry_row(&query, arena, &list->items[list->count], err))
            goto done;
        list->count++;
    }
    ok = true;
done:
    query_end(&query);
    return ok;
}

bool leaf_index(struct store *store, const struct digest *leaf, uint64_t *n, struct error *err)
{
    struct query query;
    bool has_row = false;
    bool ok = query_begin(store, "select n from entry where leaf = ? and n < ?", &query, err);
    if (ok) {
        query_blob(&query, 1, leaf->bytes, sizeof(leaf->bytes));
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, &has_row, err);
    }
    if (ok && has_row) {
        *n = column_number(&query, 0);
    } else if (ok) {
        char hex[65];
        digest_hex(leaf, hex);
        ok = error_set(err, ERROR_NOT_FOUND, NULL, "no entry has the leaf hash %s", hex);
    }
    query_end(&query);
    return ok;
}
