/* Making a data directory.
 *
 * It exists once its first entry is signed. What an interrupted attempt left holds nothing of
 * anybody, so the next attempt takes it away and begins again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_private.h"

enum { LIST_BYTES_MAX = 1024 * 1024 };

/* Whether a new data directory may be made there: nothing is there, or an interrupted attempt. */
static bool may_create(const char *folder, struct error *err)
{
    static const char *const ours[] = { "ledger",       "payload",      "store.db",
                                        "store.db-wal", "store.db-shm", "store.db-journal" };
    bool ok = false;
    struct folder_names names;
    struct arena *arena = arena_new(LIST_BYTES_MAX, err);
    if (!arena)
        return false;
    if (!folder_list(arena, folder, &names, err))
        goto done;
    for (size_t i = 0; i < names.count; i++) {
        bool is_ours = false;
        for (size_t j = 0; j < ARRAY_LEN(ours) && !is_ours; j++)
            is_ours = slice_is(names.items[i], ours[j]);
        if (is_ours)
            continue;
        error_set(err, ERROR_INVALID, folder, "the folder is not empty: it holds \"%.*s\"",
                  SLICE_ARG(names.items[i]));
        (void)error_hint(err, "name a folder that is empty or does not exist");
        goto done;
    }
    ok = true;
done:
    arena_free(arena);
    return ok;
}

static bool is_used(const char *folder, struct error *err)
{
    static const char *const traces[] = { "ledger/head", "ledger/public/checkpoint",
                                          "ledger/public/tile/0/000",
                                          "ledger/public/tile/entries/000" };
    char path[STORE_PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, traces[i]);
        if (file_exists(path)) {
            error_set(err, ERROR_INVALID, folder, "a data directory is there already");
            return true;
        }
    }
    return false;
}

/* Files by which an interrupted attempt would stop this one. */
static bool remove_leftovers(const char *folder, struct error *err)
{
    static const char *const files[] = { "ledger/key",
                                         "ledger/verifier",
                                         "store.db",
                                         "store.db-wal",
                                         "store.db-shm",
                                         "store.db-journal",
                                         "ledger/public/tile/0/000.p/1",
                                         "ledger/public/tile/entries/000.p/1" };
    char path[STORE_PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
            return error_errno(err, "delete what an interrupted attempt left", path);
    }
    return true;
}

static bool create_database(const char *folder, struct error *err)
{
    char *path = NULL;
    struct store store = { .mode = STORE_WRITE };
    bool ok = false;
    store.arena = arena_new((size_t)2 * STORE_PATH_MAX, err);
    if (!store.arena)
        return false;
    store.folder = arena_string(store.arena, slice_of(folder), err);
    path = arena_printf(store.arena, err, "%s/store.db", folder);
    store.database = path;
    /* Made by us and not by SQLite, so that nobody else reads it (SQLite's other files take its
     * mode). An empty file is a new database. */
    ok = store.folder && path &&
         file_write_unsynced_folder(folder, path, (struct slice){ "", 0 }, 0600, err) &&
         database_open(&store, true, err) && database_migrate(&store, err);
    database_close(&store);
    arena_free(store.arena);
    return ok;
}

/* {origin, reason, root, size} of the ledger before, or null. */
static bool put_before(struct arena *arena, struct value *body, const struct ledger_before *before,
                       struct error *err)
{
    char root[65];
    if (!before)
        return value_put(arena, body, "prev", value_new(arena, VALUE_NULL, err), err);
    digest_hex(&before->known.root, root);
    struct value *prev = value_put_object(arena, body, "prev", err);
    return prev && value_put_text(arena, prev, "origin", before->known.origin, err) &&
           value_put_text(arena, prev, "reason", before->reason, err) &&
           value_put_text(arena, prev, "root", slice_of(root), err) &&
           value_put_i64(arena, prev, "size", (int64_t)before->known.size, err);
}

/* Entry 0: which spec this ledger follows, and which other came before it. */
static bool write_start(struct store *store, struct slice origin,
                        const struct ledger_before *before, struct error *err)
{
    bool ok = false;
    const struct ledger_appended *appended;
    size_t count;
    struct actor actor = { .name = SLICE("program/attest"), .side = "system" };
    struct entry_draft draft = { .type = "ledger.start" };
    struct transaction *tx = transaction_begin(store, err);
    if (!tx)
        return false;
    struct arena *arena = transaction_arena(tx);
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    draft.body = body;
    ok = body && value_put_text(arena, body, "origin", origin, err) &&
         put_before(arena, body, before, err) &&
         value_put_text(arena, body, "spec", SLICE("attest-ledger/1"), err) &&
         transaction_entry(tx, &actor, &draft, err) &&
         transaction_commit(tx, &appended, &count, err);
    transaction_free(tx);
    return ok;
}

/* Entries of folders that an interrupted attempt may have made without syncing what holds them. */
static bool sync_folders(const char *folder, struct error *err)
{
    static const char *const folders[] = { "/ledger/public", "/ledger", "/payload", "", "/.." };
    char path[STORE_PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", folder, folders[i]);
        if (!folder_sync(path, err))
            return false;
    }
    return true;
}

bool store_may_create(const char *folder, struct error *err)
{
    if (strlen(folder) > STORE_PATH_MAX - 512)
        return error_set(err, ERROR_INVALID, NULL, "the path of the data directory is too long");
    return !is_used(folder, err) && (!file_exists(folder) || may_create(folder, err));
}

bool store_create_with(const char *folder, struct slice origin, const struct store_options *options,
                       struct error *err)
{
    char path[STORE_PATH_MAX];
    struct store_options writing = { .mode = STORE_WRITE };
    if (options)
        writing.clock_us = options->clock_us;
    if (strlen(folder) > STORE_PATH_MAX - 512)
        return error_set(err, ERROR_INVALID, NULL, "the path of the data directory is too long");
    if (!key_name_is_valid(origin)) {
        error_set(err, ERROR_INVALID, NULL, "\"%.*s\" cannot be a ledger's origin",
                  SLICE_ARG(origin));
        return error_hint(err, "an origin is a URL without scheme, such as example.com/attest");
    }
    if (is_used(folder, err) || !folder_make(folder, err) || !may_create(folder, err) ||
        !remove_leftovers(folder, err))
        return false;
    (void)snprintf(path, sizeof(path), "%s/payload", folder);
    if (!folder_make(path, err))
        return false;
    (void)snprintf(path, sizeof(path), "%s/ledger", folder);
    if (!ledger_create(path, origin, err) || !create_database(folder, err) ||
        !sync_folders(folder, err))
        return false;
    struct store *store = store_open_new(folder, &writing, err);
    if (!store)
        return false;
    bool ok = write_start(store, origin, options ? options->before : NULL, err);
    store_close(store);
    return ok;
}

bool store_create(const char *folder, struct slice origin, struct error *err)
{
    return store_create_with(folder, origin, NULL, err);
}
