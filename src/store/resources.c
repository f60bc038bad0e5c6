/* Reading versions of resources. `size` is always the ledger size to look from. */
#include <inttypes.h>
#include <string.h>

#include "store/store_private.h"

#define RESOURCE_COLUMNS                                                                           \
    "select r.n, e.leaf, r.name, r.kind, r.version, e.actor, e.side, e.at, r.payload "             \
    "from resource r join entry e using (n) "

/* Everything but the document, whose commitment is put at *c. */
static bool version_row(struct query *query, struct arena *arena, struct resource_version *out,
                        struct digest *c, struct error *err)
{
    *out = (struct resource_version){ .n = column_number(query, 0),
                                      .version = column_number(query, 4),
                                      .is_removed = column_is_null(query, 8) };
    return column_fixed(query, 1, out->leaf.bytes, sizeof(out->leaf.bytes), err) &&
           column_copy(query, 2, arena, &out->name, err) &&
           column_copy(query, 3, arena, &out->kind, err) &&
           column_copy(query, 5, arena, &out->actor, err) &&
           column_copy(query, 6, arena, &out->side, err) &&
           column_copy(query, 7, arena, &out->at, err) &&
           (out->is_removed || column_fixed(query, 8, c->bytes, sizeof(c->bytes), err));
}

static bool version_read(struct query *query, struct arena *arena, struct resource_version *out,
                         struct error *err)
{
    struct digest c;
    uint8_t salt[32];
    if (!version_row(query, arena, out, &c, err))
        return false;
    if (out->is_removed || payload_get(query->store, arena, &c, salt, &out->document, err))
        return true;
    if (err->code != ERROR_NOT_FOUND)
        return false;
    error_set(err, ERROR_CORRUPT, NULL, "the document of %.*s, version %" PRIu64 ", is lost",
              SLICE_ARG(out->name), out->version);
    return error_hint(err, "restore the data directory from a backup");
}

/* The one row of a query that is bound already. */
static bool version_one(struct query *query, struct arena *arena, struct slice name,
                        struct resource_version *out, struct error *err)
{
    bool has_row = false;
    if (!query_next(query, &has_row, err))
        return false;
    if (!has_row)
        return error_set(err, ERROR_NOT_FOUND, NULL, "there is no %.*s", SLICE_ARG(name));
    return version_read(query, arena, out, err);
}

bool resource_get(struct store *store, struct arena *arena, struct slice name, uint64_t size,
                  struct resource_version *out, struct error *err)
{
    return resource_get_version(store, arena, name, 0, size, out, err);
}

bool resource_get_version(struct store *store, struct arena *arena, struct slice name,
                          uint64_t version, uint64_t size, struct resource_version *out,
                          struct error *err)
{
    struct query query;
    bool ok = query_begin(store,
                          RESOURCE_COLUMNS
                          "where r.name = ?1 and r.n < ?2 and (?3 = 0 or r.version = ?3) "
                          "order by r.version desc limit 1",
                          &query, err);
    if (ok) {
        query_text(&query, 1, name);
        query_number(&query, 2, size);
        query_number(&query, 3, version);
        ok = version_one(&query, arena, name, out, err);
    }
    if (!ok && err->code == ERROR_NOT_FOUND && version > 0)
        error_set(err, ERROR_NOT_FOUND, NULL, "there is no version %" PRIu64 " of %.*s", version,
                  SLICE_ARG(name));
    query_end(&query);
    return ok;
}

/* All rows of a query that is bound already. */
static bool version_list(struct query *query, struct arena *arena, struct resource_list *list,
                         struct error *err)
{
    size_t capacity = 0;
    *list = (struct resource_list){ 0 };
    for (;;) {
        bool has_row = false;
        if (!query_next(query, &has_row, err))
            return false;
        if (!has_row)
            return true;
        if (!arena_room(arena, &list->items, list->count, &capacity, sizeof *list->items, err) ||
            !version_read(query, arena, &list->items[list->count], err))
            return false;
        list->count++;
    }
}

bool resource_list(struct store *store, struct arena *arena, struct slice kind, uint64_t size,
                   struct resource_list *list, struct error *err)
{
    struct query query;
    /* The last version: none follows it below that size. */
    bool ok = query_begin(store,
                          RESOURCE_COLUMNS
                          "where (?1 = '' or r.kind = ?1) and r.n < ?2 and r.payload is not null "
                          "and not exists (select 1 from resource f where f.name = r.name "
                          "and f.version = r.version + 1 and f.n < ?2) order by r.name",
                          &query, err);
    if (ok) {
        query_text(&query, 1, kind);
        query_number(&query, 2, size);
        ok = version_list(&query, arena, list, err);
    }
    query_end(&query);
    return ok;
}

bool resource_history(struct store *store, struct arena *arena, struct slice name, uint64_t size,
                      struct resource_list *list, struct error *err)
{
    struct query query;
    bool ok = query_begin(store, RESOURCE_COLUMNS "where r.name = ? and r.n < ? order by r.version",
                          &query, err);
    if (ok) {
        query_text(&query, 1, name);
        query_number(&query, 2, size);
        ok = version_list(&query, arena, list, err);
    }
    query_end(&query);
    return ok;
}

bool resource_versions(struct store *store, struct arena *arena, struct slice kind, uint64_t size,
                       struct resource_list *list, struct error *err)
{
    struct query query;
    bool ok = query_begin(
        store, RESOURCE_COLUMNS "where r.kind = ? and r.n < ? order by r.name, r.version", &query,
        err);
    if (ok) {
        query_text(&query, 1, kind);
        query_number(&query, 2, size);
        ok = version_list(&query, arena, list, err);
    }
    query_end(&query);
    return ok;
}

bool resource_same_but_case(struct store *store, struct arena *arena, struct slice name,
                            uint64_t size, struct slice *other, struct error *err)
{
    struct query query;
    bool has_row = false;
    *other = (struct slice){ 0 };
    /* Ids are ASCII, so folding ASCII is enough. */
    bool ok = query_begin(store,
                          "select name from resource where name = ?1 collate nocase "
                          "and name <> ?1 and n < ?2 limit 1",
                          &query, err);
    if (ok) {
        query_text(&query, 1, name);
        query_number(&query, 2, size);
        ok = query_next(&query, &has_row, err) &&
             (!has_row || column_copy(&query, 0, arena, other, err));
    }
    query_end(&query);
    return ok;
}
