/* SQLite behind the store: opening, migrations, statements.
 *
 * WAL, so that readers never wait for the writer; synchronous=FULL, so that a commit is on the disk
 * when it returns: the ledger signs only what is durable here. */
#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embedded.h"
#include "base/file.h"
#include "store/store_private.h"

/* "atst": tells a store from other databases. */
#define APPLICATION_ID "1635021684"
enum { BUSY_MS = 5000 };

static enum error_code code_of(int result)
{
    switch (result & 0xff) {
    case SQLITE_NOMEM:
        return ERROR_NO_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERROR_LOCKED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT: /* what it refuses, our own checks should have */
        return ERROR_CORRUPT;
    default:
        return ERROR_IO;
    }
}

bool database_error(struct store *store, const char *what, struct error *err)
{
    int result = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
    error_set(err, code_of(result), store->database, "cannot %s: %s", what,
              store->db ? sqlite3_errmsg(store->db) : "no memory");
    if (err->code == ERROR_CORRUPT)
        (void)error_hint(err, "restore the data directory from a backup");
    return false;
}

bool database_run(struct store *store, const char *sql, struct error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           database_error(store, "use the database", err);
}

void database_rollback(struct store *store)
{
    /* It can fail only if SQLite has rolled back already. */
    (void)sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
}

void database_lock(struct store *store) { (void)pthread_mutex_lock(&store->write_mutex); }
void database_unlock(struct store *store) { (void)pthread_mutex_unlock(&store->write_mutex); }

uint64_t database_changes(struct store *store) { return (uint64_t)sqlite3_changes64(store->db); }

/* ---------------------------------------------------------------- opening */

static bool open_handle(struct store *store, const char *name, int flags, struct error *err)
{
    int result = sqlite3_open_v2(name, &store->db,
                                 flags | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (result != SQLITE_OK)
        return database_error(store, "open the database", err);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    /* Reject schemas that were tampered with, and strings in double quotes. */
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    /* What is deleted is overwritten with zeros, for some of it was erased. The last one looks into
     * the file: a lock file that cannot be made shows here. */
    return database_run(store,
                        "pragma trusted_schema = off; pragma foreign_keys = on; "
                        "pragma synchronous = full; pragma cell_size_check = on; "
                        "pragma secure_delete = on; "
                        "pragma schema_version;",
                        err);
}

/* A copy on a medium that cannot be written has no place for the lock files of WAL. If no log lies
 * beside it either, the database file alone is all there is, and nobody can change it. */
static bool open_immutable(struct store *store, struct error *err)
{
    bool ok = false;
    struct stat st;
    struct strbuf uri = strbuf_new((size_t)4 * STORE_PATH_MAX);
    strbuf_printf(&uri, "%s-wal", store->database);
    if (!strbuf_ok(&uri, err))
        goto done;
    if (faccessat(AT_FDCWD, store->folder, W_OK, AT_EACCESS) == 0 ||
        (stat(uri.at, &st) == 0 && st.st_size > 0))
        goto done; /* the first error stands */
    strbuf_clear(&uri);
    strbuf_add_text(&uri, "file:");
    for (const char *at = store->database; *at; at++) {
        if (*at == '%' || *at == '?' || *at == '#')
            strbuf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*at);
        else
            strbuf_add_char(&uri, *at);
    }
    strbuf_add_text(&uri, "?immutable=1");
    if (!strbuf_ok(&uri, err))
        goto done;
    database_close(store);
    *err = (struct error){ 0 };
    ok = open_handle(store, uri.at, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
done:
    strbuf_free(&uri);
    return ok;
}

bool database_open(struct store *store, bool is_new, struct error *err)
{
    if (!is_new && !file_exists(store->database)) {
        error_set(err, ERROR_CORRUPT, store->database,
                  "expected the store's database, found no file");
        return error_hint(err, "restore the data directory from a backup");
    }
    int flags = store->mode == STORE_READ ? SQLITE_OPEN_READONLY
                : is_new                  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                          : SQLITE_OPEN_READWRITE;
    if (!open_handle(store, store->database, flags, err))
        return store->mode == STORE_READ && open_immutable(store, err);
    return !is_new ||
           database_run(store, "pragma journal_mode = wal; pragma application_id = " APPLICATION_ID,
                        err);
}

void database_close(struct store *store)
{
    /* Every statement was finalized by query_end(), so this cannot fail. */
    int result = sqlite3_close(store->db);
    assert(result == SQLITE_OK);
    (void)result;
    store->db = NULL;
}

/* ---------------------------------------------------------------- migrations */

static const char migration_prefix[] = "migrations/";

/* "migrations/0007-....sql" is number 7; 0 if it is none. */
static uint64_t migration_number(const struct embedded_file *file)
{
    size_t prefix = sizeof(migration_prefix) - 1;
    struct slice path = slice_of(file->path), head, rest;
    uint64_t number = 0;
    if (!slice_starts_with(path, slice_of(migration_prefix)))
        return 0;
    if (!slice_split(slice_from(path, prefix), '-', &head, &rest))
        return 0;
    while (head.len > 1 && head.at[0] == '0')
        head = slice_from(head, 1);
    return slice_to_u64(head, &number) ? number : 0;
}

static uint64_t migrations_last(void)
{
    uint64_t last = 0;
    for (size_t i = 0; i < embedded_files_count; i++) {
        uint64_t number = migration_number(&embedded_files[i]);
        last = number > last ? number : last;
    }
    return last;
}

static bool schema_number(struct store *store, uint64_t *number, struct error *err)
{
    struct query query;
    bool has_row = false;
    if (!query_begin(store, "pragma user_version", &query, err))
        return false;
    bool ok = query_next(&query, &has_row, err);
    *number = ok && has_row ? column_number(&query, 0) : 0;
    query_end(&query);
    return ok;
}

static bool migrate(struct store *store, const struct embedded_file *file, uint64_t number,
                    struct error *err)
{
    char version[64];
    (void)snprintf(version, sizeof(version), "pragma user_version = %" PRIu64, number);
    if (database_run(store, "begin immediate", err) &&
        database_run(store, (const char *)file->bytes, err) && database_run(store, version, err) &&
        database_run(store, "commit", err))
        return true;
    database_rollback(store);
    return false;
}

bool database_check_version(struct store *store, struct error *err)
{
    uint64_t number = 0, last = migrations_last();
    if (!schema_number(store, &number, err))
        return false;
    if (number == last)
        return true;
    error_set(err, ERROR_INVALID, store->database, "expected schema %" PRIu64 ", found %" PRIu64,
              last, number);
    return error_hint(err, number > last ? "it was written by a newer attest: use that"
                                         : "run a command that writes, which brings it up to date");
}

bool database_migrate(struct store *store, struct error *err)
{
    uint64_t number = 0;
    if (!schema_number(store, &number, err))
        return false;
    /* The table of embedded files is sorted, so migrations come in their order. */
    for (size_t i = 0; i < embedded_files_count; i++) {
        uint64_t next = migration_number(&embedded_files[i]);
        if (next <= number)
            continue;
        if (!migrate(store, &embedded_files[i], next, err))
            return false;
        number = next;
    }
    return database_check_version(store, err);
}

/* ---------------------------------------------------------------- statements */

bool query_begin(struct store *store, const char *sql, struct query *query, struct error *err)
{
    *query = (struct query){ .store = store };
    return sqlite3_prepare_v2(store->db, sql, -1, &query->statement, NULL) == SQLITE_OK ||
           database_error(store, "use the database", err);
}

static void remember(struct query *query, int result)
{
    if (query->failure == SQLITE_OK)
        query->failure = result;
}

void query_text(struct query *query, int at, struct slice text)
{
    remember(query, sqlite3_bind_text64(query->statement, at, text.at ? text.at : "", text.len,
                                        SQLITE_STATIC, SQLITE_UTF8));
}

void query_blob(struct query *query, int at, const void *bytes, size_t count)
{
    remember(query, sqlite3_bind_blob64(query->statement, at, count > 0 ? bytes : "", count,
                                        SQLITE_STATIC));
}

void query_number(struct query *query, int at, uint64_t number)
{
    assert(number <= INT64_MAX);
    remember(query, sqlite3_bind_int64(query->statement, at, (sqlite3_int64)number));
}

void query_null(struct query *query, int at)
{
    remember(query, sqlite3_bind_null(query->statement, at));
}

bool query_next(struct query *query, bool *has_row, struct error *err)
{
    struct store *store = query->store;
    if (query->failure != SQLITE_OK)
        return error_set(err, code_of(query->failure), store->database,
                         "cannot use the database: %s", sqlite3_errstr(query->failure));
    int result = sqlite3_step(query->statement);
    *has_row = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE ||
           database_error(store, "use the database", err);
}

bool query_run(struct query *query, struct error *err)
{
    bool has_row = false;
    bool ok = query_next(query, &has_row, err);
    query_again(query);
    return ok;
}

void query_again(struct query *query)
{
    (void)sqlite3_reset(query->statement); /* repeats what the step said */
}

void query_end(struct query *query)
{
    (void)sqlite3_finalize(query->statement); /* the same */
    query->statement = NULL;
}

uint64_t column_number(struct query *query, int at)
{
    sqlite3_int64 number = sqlite3_column_int64(query->statement, at);
    return number < 0 ? 0 : (uint64_t)number;
}

bool column_is_null(struct query *query, int at)
{
    return sqlite3_column_type(query->statement, at) == SQLITE_NULL;
}

struct slice column_bytes(struct query *query, int at)
{
    const void *bytes = sqlite3_column_blob(query->statement, at);
    int count = sqlite3_column_bytes(query->statement, at);
    return slice_bytes(bytes, count > 0 ? (size_t)count : 0);
}

bool column_copy(struct query *query, int at, struct arena *arena, struct slice *out,
                 struct error *err)
{
    return arena_copy(arena, column_bytes(query, at), out, err);
}

bool column_fixed(struct query *query, int at, void *out, size_t count, struct error *err)
{
    struct slice bytes = column_bytes(query, at);
    if (bytes.len != count)
        return error_set(err, ERROR_CORRUPT, query->store->database,
                         "expected %zu bytes, found %zu", count, bytes.len);
    memcpy(out, bytes.at, count);
    return true;
}
