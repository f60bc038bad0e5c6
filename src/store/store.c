/* A data directory: making it, opening it, and what a moment is in it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "store/erasures.h"
#include "store/store_private.h"

enum { STORE_ARENA_BYTES_MAX = 64 * 1024 * 1024 };

static struct store *store_new(const char *folder, enum store_mode mode, struct error *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store) {
        error_no_memory(err, sizeof(*store));
        return NULL;
    }
    store->mode = mode;
    (void)pthread_mutex_init(&store->names_mutex, NULL);
    (void)pthread_mutex_init(&store->write_mutex, NULL);
    if (strlen(folder) > STORE_PATH_MAX - 512) {
        error_set(err, ERROR_INVALID, NULL, "the path of the data directory is too long");
        goto fail;
    }
    store->arena = arena_new(STORE_ARENA_BYTES_MAX, err);
    if (!store->arena)
        goto fail;
    store->folder = arena_string(store->arena, slice_of(folder), err);
    if (!store->folder)
        goto fail;
    store->tmp_folder = arena_printf(store->arena, err, "%s/ledger/tmp", folder);
    if (!store->tmp_folder)
        goto fail;
    store->payload_folder = arena_printf(store->arena, err, "%s/payload", folder);
    if (!store->payload_folder)
        goto fail;
    store->database = arena_printf(store->arena, err, "%s/store.db", folder);
    if (!store->database)
        goto fail;
    return store;
fail:
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    /* The lock goes last: until then nobody else may write the database either. */
    database_close(store);
    ledger_close(store->ledger);
    arena_free(store->source.arena);
    arena_free(store->arena);
    (void)pthread_mutex_destroy(&store->names_mutex);
    (void)pthread_mutex_destroy(&store->write_mutex);
    free(store);
}

struct ledger *store_ledger(struct store *store) { return store->ledger; }
const char *store_folder(const struct store *store) { return store->folder; }
const char *store_tmp(const struct store *store) { return store->tmp_folder; }
uint64_t store_size(const struct store *store) { return ledger_size(store->ledger); }

static bool open_ledger(struct store *store, const struct store_options *options, struct error *err)
{
    char *folder = arena_printf(store->arena, err, "%s/ledger", store->folder);
    if (!folder)
        return false;
    struct ledger_options ledger_options = { .mode = options->mode == STORE_WRITE ? LEDGER_WRITE
                                                                                  : LEDGER_READ,
                                             .payloads = &store->source.source,
                                             .settle = store_settle,
                                             .settle_context = store,
                                             .clock_us = options->clock_us };
    store->ledger = ledger_open_with(folder, &ledger_options, err);
    return store->ledger != NULL;
}

/* ---------------------------------------------------------------- does the database belong here?
 */

static bool no_match(struct store *store, struct error *err)
{
    return error_hint(err, "restore %s and the folder ledger/ from the same backup",
                      store->database);
}

/* The row of entry n has the leaf that the ledger has. */
static bool row_matches(struct store *store, uint64_t n, struct error *err)
{
    struct query query;
    struct digest leaf, stored = { { 0 } };
    bool has_row = false;
    if (!ledger_leaf(store->ledger, n, &leaf, err))
        return false;
    bool ok = query_begin(store, "select leaf from entry where n = ?", &query, err);
    if (ok) {
        query_number(&query, 1, n);
        ok = query_next(&query, &has_row, err) &&
             (!has_row || column_fixed(&query, 0, stored.bytes, sizeof(stored.bytes), err));
    }
    query_end(&query);
    if (!ok)
        return false;
    if (has_row && digest_equal(&leaf, &stored))
        return true;
    error_set(err, ERROR_CORRUPT, store->database,
              "expected a row for entry %" PRIu64 " of the ledger, found %s", n,
              has_row ? "one of another ledger" : "none");
    return no_match(store, err);
}

static bool database_matches(struct store *store, struct error *err)
{
    uint64_t size = store_size(store);
    return size == 0 || (row_matches(store, 0, err) && row_matches(store, size - 1, err));
}

/* Nothing may be missing before anything is deleted. */
static bool has_all_rows(struct store *store, struct error *err)
{
    struct query query;
    bool has_row = false;
    uint64_t count = 0, size = store_size(store);
    bool ok = query_begin(store, "select count(*) from entry where n < ?", &query, err);
    if (ok) {
        query_number(&query, 1, size);
        ok = query_next(&query, &has_row, err);
        count = ok && has_row ? column_number(&query, 0) : 0;
    }
    query_end(&query);
    if (!ok || count == size)
        return ok;
    error_set(err, ERROR_CORRUPT, store->database,
              "expected rows for all %" PRIu64 " entries of the ledger, found %" PRIu64, size,
              count);
    return no_match(store, err);
}

/* Rows that were staged by a commit that did not happen. */
static bool drop_staged(struct store *store, struct error *err)
{
    static const char *const statements[] = { "delete from subject where n >= ?",
                                              "delete from name_salt where n >= ?",
                                              "delete from payload where n >= ?",
                                              "delete from resource where n >= ?",
                                              "delete from entry where n >= ?" };
    if (!database_run(store, "begin immediate", err))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        struct query query;
        bool ok = query_begin(store, statements[i], &query, err);
        if (ok) {
            query_number(&query, 1, store_size(store));
            ok = query_run(&query, err);
        }
        query_end(&query);
        if (!ok) {
            database_rollback(store);
            return false;
        }
    }
    return database_run(store, "commit", err);
}

/* ---------------------------------------------------------------- opening */

static bool open_writer(struct store *store, struct error *err)
{
    return database_migrate(store, err) && database_matches(store, err) &&
           has_all_rows(store, err) && drop_staged(store, err) && erasures_complete(store, err) &&
           payload_drop_orphans(store, err);
}

static bool open_reader(struct store *store, struct error *err)
{
    return database_check_version(store, err) && database_matches(store, err);
}

/* There is a data directory once its first entry is signed. */
static bool is_data_directory(const struct store *store)
{
    char path[STORE_PATH_MAX];
    static const char *const traces[] = { "ledger/head", "ledger/public/checkpoint" };
    for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", store->folder, traces[i]);
        if (file_exists(path))
            return true;
    }
    return false;
}

static bool no_directory(const char *folder, struct error *err)
{
    error_set(err, ERROR_NOT_FOUND, folder, "there is no data directory");
    return error_hint(err, "make one with: attest init %s", folder);
}

static struct store *open_any(const char *folder, const struct store_options *options, bool is_new,
                              struct error *err)
{
    bool ok = false;
    struct store *store = store_new(folder, options->mode, err);
    if (!store)
        return NULL;
    if (!is_new && !is_data_directory(store)) {
        no_directory(folder, err);
        goto done;
    }
    if (!store_source_start(store, err) || !database_open(store, false, err) ||
        !open_ledger(store, options, err))
        goto done;
    ok = options->mode == STORE_WRITE ? open_writer(store, err) : open_reader(store, err);
done:
    if (ok)
        return store;
    store_close(store);
    return NULL;
}

struct store *store_open_with(const char *folder, const struct store_options *options,
                              struct error *err)
{
    return open_any(folder, options, false, err);
}

struct store *store_open_new(const char *folder, const struct store_options *options,
                             struct error *err)
{
    return open_any(folder, options, true, err);
}

struct store *store_open(const char *folder, enum store_mode mode, struct error *err)
{
    struct store_options options = { .mode = mode };
    return store_open_with(folder, &options, err);
}

/* ---------------------------------------------------------------- moments */

static bool size_at(struct store *store, int64_t instant_us, uint64_t *size, struct error *err)
{
    struct query query;
    bool has_row = false;
    char at[28];
    time_format(instant_us, at);
    bool ok = query_begin(store,
                          "select n from entry where at <= ? and n < ? "
                          "order by at desc, n desc limit 1",
                          &query, err);
    if (ok) {
        query_text(&query, 1, slice_of(at));
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, &has_row, err);
        *size = ok && has_row ? column_number(&query, 0) + 1 : 0;
    }
    query_end(&query);
    return ok;
}

bool store_as_of(struct store *store, struct slice when, uint64_t *size, struct error *err)
{
    static const struct time_options strict = { .zone = NULL, .fraction = TIME_FRACTION_EXACT };
    enum { DATE_LEN = 10 };
    int64_t instant_us = 0;
    int32_t days = 0;
    enum time_note note;
    if (when.len > 0 && when.at[0] == '#') {
        if (!slice_to_u64(slice_from(when, 1), size))
            return error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is no ledger size",
                             SLICE_ARG(when));
        return *size <= store_size(store) ||
               error_set(err, ERROR_INVALID, NULL, "the ledger has only %" PRIu64 " entries",
                         store_size(store));
    }
    if (when.len == DATE_LEN) {
        if (!date_parse(when, &days, err))
            return false;
        instant_us = ((int64_t)days + 1) * US_PER_DAY - 1;
    } else if (!time_parse(when, &strict, &instant_us, &note, err)) {
        return false;
    }
    return size_at(store, instant_us, size, err);
}
