/* Puts the rows of each batch of a commit into one database transaction, which is made durable
 * before the ledger writes its entries.
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

/* `at` as the ledger gave it: all entries of a commit have the same. */
static bool entry_time(struct arena *arena, const struct ledger_appended *entry, struct slice *at,
                       struct error *err)
{
    struct value *value = json_parse(arena, entry->bytes, "", &json_limits_default, err);
    *at = value_text_of(value, "at");
    return value != NULL;
}

/* A transaction whose entries are formed. */
struct formed {
    const struct transaction *tx;
    const struct ledger_appended *entries;
    struct slice at;
};

/* Binds row number i; false: there is none. */
typedef bool bind_fn(const struct formed *formed, size_t i, struct query *query);

static bool bind_entry(const struct formed *formed, size_t i, struct query *query)
{
    const struct pending_draft *row = &formed->tx->rows[i];
    const struct ledger_draft *draft = &formed->tx->drafts[i];
    query_number(query, 1, formed->entries[i].n);
    query_blob(query, 2, formed->entries[i].leaf.bytes, sizeof(formed->entries[i].leaf.bytes));
    query_text(query, 3, slice_of(draft->type));
    query_text(query, 4, row->key);
    query_text(query, 5, slice_of(draft->side));
    query_text(query, 6, row->actor);
    query_text(query, 7, formed->at);
    if (row->object.len > 0)
        query_text(query, 8, row->object);
    else
        query_null(query, 8);
    return true;
}

static bool bind_resource(const struct formed *formed, size_t i, struct query *query)
{
    const struct pending_draft *row = &formed->tx->rows[i];
    if (!row->is_resource)
        return false;
    query_number(query, 1, formed->entries[i].n);
    query_text(query, 2, row->name);
    query_text(query, 3, row->kind);
    query_number(query, 4, row->version);
    if (row->has_payload)
        query_blob(query, 5, row->payload.bytes, sizeof(row->payload.bytes));
    else
        query_null(query, 5);
    return true;
}

/* A payload that no entry names is dropped: its file, if it has one, is deleted on opening. */
static bool bind_payload(const struct formed *formed, size_t i, struct query *query)
{
    const struct pending_payload *pending = &formed->tx->payloads[i];
    if (pending->draft == SIZE_MAX)
        return false;
    query_blob(query, 1, pending->payload.c.bytes, sizeof(pending->payload.c.bytes));
    query_number(query, 2, formed->entries[pending->draft].n);
    query_blob(query, 3, pending->salt, sizeof(pending->salt));
    query_number(query, 4, pending->payload.bytes);
    if (pending->is_file)
        query_null(query, 5);
    else
        query_blob(query, 5, pending->bytes.at, pending->bytes.len);
    return true;
}

/* A name may have been stored meanwhile, by a transaction that uses it too: with the same salt. */
static bool bind_name(const struct formed *formed, size_t i, struct query *query)
{
    const struct minted_name *minted = formed->tx->names[i];
    query_blob(query, 1, minted->c.bytes, sizeof(minted->c.bytes));
    query_number(query, 2, formed->entries[0].n);
    query_blob(query, 3, minted->salt, sizeof(minted->salt));
    query_text(query, 4, minted->name);
    return true;
}

static bool insert(const struct formed *formed, const char *sql, bind_fn *bind, size_t count,
                   struct error *err)
{
    struct query query;
    bool ok = query_begin(formed->tx->store, sql, &query, err);
    for (size_t i = 0; ok && i < count; i++) {
        if (bind(formed, i, &query))
            ok = query_run(&query, err);
    }
    query_end(&query);
    return ok;
}

bool transaction_stage(void *context, const struct ledger_appended *entries, size_t count,
                       struct error *err)
{
    struct transaction *tx = context;
    struct staging *staging = &tx->store->staging;
    struct formed formed = { .tx = tx, .entries = entries };
    if (!entry_time(tx->arena, &entries[0], &formed.at, err))
        return false;
    if (!staging->is_open) {
        database_lock(tx->store); /* until store_settle() */
        if (!database_run(tx->store, "begin immediate", err)) {
            database_unlock(tx->store);
            return false;
        }
    }
    staging->is_open = tx->is_staged = true;
    for (size_t i = 0; i < tx->payloads_count; i++) {
        if (tx->payloads[i].is_file)
            staging->has_files[tx->payloads[i].payload.c.bytes[0]] = true;
    }
    return insert(&formed,
                  "insert into entry (n, leaf, type, key, side, actor, at, object) "
                  "values (?, ?, ?, ?, ?, ?, ?, ?)",
                  bind_entry, count, err) &&
           insert(&formed,
                  "insert into resource (n, name, kind, version, payload) values (?, ?, ?, ?, ?)",
                  bind_resource, count, err) &&
           insert(&formed, "insert into payload (c, n, salt, size, bytes) values (?, ?, ?, ?, ?)",
                  bind_payload, tx->payloads_count, err) &&
           insert(&formed,
                  "insert into name_salt (c, n, salt, name) values (?, ?, ?, ?) "
                  "on conflict do nothing",
                  bind_name, tx->names_count, err) &&
           subjects_stage(tx, entries[0].n, err);
}

/* The names of payload files: their folders, and the folder of those, in which one may be new. */
static bool sync_payload_folders(const struct store *store, struct error *err)
{
    bool has_files = false;
    for (unsigned first = 0; first < ARRAY_LEN(store->staging.has_files); first++) {
        char path[STORE_PATH_MAX];
        struct digest any = { { (uint8_t)first } };
        if (!store->staging.has_files[first])
            continue;
        payload_path(path, store, &any);
        *strrchr(path, '/') = '\0';
        if (!folder_sync(path, err))
            return false;
        has_files = true;
    }
    return !has_files ||
           (folder_sync(store->payload_folder, err) && folder_sync(store->tmp_folder, err));
}

bool store_settle(void *context, bool is_kept, struct error *err)
{
    struct store *store = context;
    bool ok = !is_kept || !store->staging.is_open ||
              (sync_payload_folders(store, err) && database_run(store, "commit", err));
    if (store->staging.is_open && !(is_kept && ok))
        database_rollback(store);
    if (store->staging.is_open)
        database_unlock(store);
    store->staging = (struct staging){ .is_open = false };
    return ok;
}
