/* Makes the rows of a batch durable before the ledger writes its entries.
 *
 * The rows carry the numbers that their entries are about to have. Nobody sees them until the
 * ledger has grown beyond, and if it never does, opening for writing deletes them. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "ledger/entry.h"
#include "store/store_private.h"

/* `at` as the ledger gave it: all entries of a batch have the same. */
static bool entry_time(struct arena *arena, const struct ledger_appended *entry, struct slice *at,
                       struct error *err)
{
    struct value *value = json_parse(arena, entry->bytes, "", &json_limits_default, err);
    *at = value_text_of(value, "at");
    return value != NULL;
}

static bool stage_entries(struct transaction *tx, const struct ledger_appended *entries,
                          struct slice at, struct error *err)
{
    bool ok = false;
    struct query query;
    if (!query_begin(tx->store,
                     "insert into entry (n, leaf, type, key, side, actor, at, object) "
                     "values (?, ?, ?, ?, ?, ?, ?, ?)",
                     &query, err))
        goto done;
    for (size_t i = 0; i < tx->count; i++) {
        const struct pending_draft *row = &tx->rows[i];
        query_number(&query, 1, entries[i].n);
        query_blob(&query, 2, entries[i].leaf.bytes, sizeof(entries[i].leaf.bytes));
        query_text(&query, 3, slice_of(tx->drafts[i].type));
        query_text(&query, 4, row->key);
        query_text(&query, 5, slice_of(tx->drafts[i].side));
        query_text(&query, 6, row->actor);
        query_text(&query, 7, at);
        if (row->object.len > 0)
            query_text(&query, 8, row->object);
        else
            query_null(&query, 8);
        if (!query_run(&query, err))
            goto done;
    }
    ok = true;
done:
    query_end(&query);
    return ok;
}

static bool stage_resources(struct transaction *tx, const struct ledger_appended *entries,
                            struct error *err)
{
    bool ok = false;
    struct query query;
    if (!query_begin(tx->store,
                     "insert into resource (n, name, kind, version, payload) "
                     "values (?, ?, ?, ?, ?)",
                     &query, err))
        goto done;
    for (size_t i = 0; i < tx->count; i++) {
        const struct pending_draft *row = &tx->rows[i];
        if (!row->is_resource)
            continue;
        query_number(&query, 1, entries[i].n);
        query_text(&query, 2, row->name);
        query_text(&query, 3, row->kind);
        query_number(&query, 4, row->version);
        if (row->has_payload)
            query_blob(&query, 5, row->payload.bytes, sizeof(row->payload.bytes));
        else
            query_null(&query, 5);
        if (!query_run(&query, err))
            goto done;
    }
    ok = true;
done:
    query_end(&query);
    return ok;
}

/* A payload that no entry names is dropped: its file, if it has one, is deleted on opening. */
static bool stage_payloads(struct transaction *tx, const struct ledger_appended *entries,
                           struct error *err)
{
    bool ok = false;
    struct query query;
    if (!query_begin(tx->store,
                     "insert into payload (c, n, salt, size, bytes) values (?, ?, ?, ?, ?)", &query,
                     err))
        goto done;
    for (size_t i = 0; i < tx->payloads_count; i++) {
        const struct pending_payload *pending = &tx->payloads[i];
        if (pending->draft == SIZE_MAX)
            continue;
        query_blob(&query, 1, pending->payload.c.bytes, sizeof(pending->payload.c.bytes));
        query_number(&query, 2, entries[pending->draft].n);
        query_blob(&query, 3, pending->salt, sizeof(pending->salt));
        query_number(&query, 4, pending->payload.bytes);
        if (pending->is_file)
            query_null(&query, 5);
        else
            query_blob(&query, 5, pending->bytes.at, pending->bytes.len);
        if (!query_run(&query, err))
            goto done;
    }
    ok = true;
done:
    query_end(&query);
    return ok;
}

/* A name may have been stored meanwhile, by a transaction that uses it too: with the same salt. */
static bool stage_names(struct transaction *tx, const struct ledger_appended *entries,
                        struct error *err)
{
    bool ok = false;
    struct query query;
    if (!query_begin(tx->store,
                     "insert into name_salt (c, n, salt, name) values (?, ?, ?, ?) "
                     "on conflict do nothing",
                     &query, err))
        goto done;
    for (size_t i = 0; i < tx->names_count; i++) {
        const struct minted_name *minted = tx->names[i];
        query_blob(&query, 1, minted->c.bytes, sizeof(minted->c.bytes));
        query_number(&query, 2, entries[0].n);
        query_blob(&query, 3, minted->salt, sizeof(minted->salt));
        query_text(&query, 4, minted->name);
        if (!query_run(&query, err))
            goto done;
    }
    ok = true;
done:
    query_end(&query);
    return ok;
}

/* The names of payload files: their folders, and the folder of those, in which one may be new. */
static bool sync_payload_folders(struct transaction *tx, struct error *err)
{
    bool is_synced[256] = { false };
    bool has_files = false;
    for (size_t i = 0; i < tx->payloads_count; i++) {
        char path[STORE_PATH_MAX];
        const struct pending_payload *pending = &tx->payloads[i];
        uint8_t first = pending->payload.c.bytes[0];
        if (!pending->is_file || is_synced[first])
            continue;
        payload_path(path, tx->store, &pending->payload.c);
        *strrchr(path, '/') = '\0';
        if (!folder_sync(path, err))
            return false;
        is_synced[first] = has_files = true;
    }
    return !has_files ||
           (folder_sync(tx->store->payload_folder, err) && folder_sync(tx->store->tmp_folder, err));
}

bool transaction_stage(void *context, const struct ledger_appended *entries, size_t count,
                       struct error *err)
{
    struct transaction *tx = context;
    struct store *store = tx->store;
    struct slice at;
    (void)count;
    if (!entry_time(tx->arena, &entries[0], &at, err) || !sync_payload_folders(tx, err))
        return false;
    if (!database_run(store, "begin immediate", err))
        return false;
    tx->is_staged = true;
    if (stage_entries(tx, entries, at, err) && stage_resources(tx, entries, err) &&
        stage_payloads(tx, entries, err) && stage_names(tx, entries, err) &&
        database_run(store, "commit", err))
        return true;
    database_rollback(store);
    return false;
}
