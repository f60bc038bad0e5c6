/* The layout of a store and what its files share. Not for other folders. */
#ifndef ATTEST_STORE_STORE_PRIVATE_H
#define ATTEST_STORE_STORE_PRIVATE_H
#include <pthread.h>
#include <sqlite3.h>

#include "store/store.h"

/* Bytes up to here lie in the database, larger payloads in files. */
enum { PAYLOAD_ROW_BYTES_MAX = 64 * 1024 };
enum { STORE_PATH_MAX = 4096 };

/* store_payloads(): a source of rules.h that reads this store. */
struct store_source {
    struct payload_source source; /* first */
    struct store *store;
    struct arena *arena; /* of what was opened last */
};

/* A private name that was given a salt. All transactions share it, whichever commits first. */
struct minted_name {
    struct slice name;
    uint8_t salt[32];
    struct digest c;
    struct minted_name *next;
};

/* What the batches of the commit at hand have put aside: rows in an open database transaction, and
 * payload files. Only the thread that leads the commit touches it. */
struct staging {
    bool is_open;
    bool has_files[256]; /* by the first byte of the commitment, which names their folder */
};

struct store {
    char *folder, *tmp_folder, *payload_folder, *database;
    enum store_mode mode;
    struct arena *arena; /* paths and minted names */
    sqlite3 *db;         /* serialized: any thread may use it */
    struct ledger *ledger;
    struct store_source source;
    pthread_mutex_t names_mutex; /* of minted */
    struct minted_name *minted;
    struct transaction *minting; /* that makes keys of personal values; under names_mutex */
    pthread_mutex_t write_mutex; /* the database transaction at hand is one thread's */
    struct staging staging;
};

/* ---- sqlite.c ---- */
/* Opens the database, without looking into it but for its version. */
MUST_USE bool database_open(struct store *store, bool is_new, struct error *err);
void database_close(struct store *store);
/* Brings the schema up to date, or says why this program cannot read it. */
MUST_USE bool database_migrate(struct store *store, struct error *err);
MUST_USE bool database_check_version(struct store *store, struct error *err);
MUST_USE bool database_run(struct store *store, const char *sql, struct error *err);
/* Drops the transaction at hand; the failure that led here is the one to tell. */
void database_rollback(struct store *store);
/* Around `begin` and `commit`: threads share the connection. */
void database_lock(struct store *store);
void database_unlock(struct store *store);
/* Rows that the last statement changed. */
uint64_t database_changes(struct store *store);
/* Fills *err from the connection's last failure; always false. */
bool database_error(struct store *store, const char *what, struct error *err);

/* One statement. Binding errors are remembered and told by query_next(). */
struct query {
    struct store *store;
    sqlite3_stmt *statement;
    int failure; /* SQLITE_OK, or what binding said */
};
MUST_USE bool query_begin(struct store *store, const char *sql, struct query *query,
                          struct error *err);
void query_text(struct query *query, int at, struct slice text); /* borrowed until query_end() */
void query_blob(struct query *query, int at, const void *bytes, size_t count); /* the same */
void query_number(struct query *query, int at, uint64_t number);
void query_null(struct query *query, int at);
MUST_USE bool query_next(struct query *query, bool *has_row, struct error *err);
/* Runs a statement that gives no rows and makes it ready for other values. */
MUST_USE bool query_run(struct query *query, struct error *err);
/* Ready for other values, whatever rows are left. */
void query_again(struct query *query);
void query_end(struct query *query);
/* Columns of the row at hand. */
uint64_t column_number(struct query *query, int at);
bool column_is_null(struct query *query, int at);
struct slice column_bytes(struct query *query, int at); /* borrowed until the next row */
MUST_USE bool column_copy(struct query *query, int at, struct arena *arena, struct slice *out,
                          struct error *err);
/* ERROR_CORRUPT if it has not that length. */
MUST_USE bool column_fixed(struct query *query, int at, void *out, size_t count, struct error *err);

/* ---- payloads.c ---- */
void payload_path(char out[STORE_PATH_MAX], const struct store *store, const struct digest *c);
MUST_USE bool store_source_start(struct store *store, struct error *err);
/* Deletes payload files that no row names, and syncs. */
MUST_USE bool payload_drop_orphans(struct store *store, struct error *err);
/* Whether SHA-256(salt || file) is c and the file has that length. Not there: false, no error. */
MUST_USE bool payload_file_matches(const char *path, const uint8_t salt[32], const struct digest *c,
                                   uint64_t bytes, bool *is_equal, struct error *err);

/* ---- store.c ---- */
/* Opens a data directory whose ledger has no entry yet. */
MUST_USE struct store *store_open_new(const char *folder, const struct store_options *options,
                                      struct error *err);

/* ---- subjects.c ---- */
struct subject_minting; /* new keys of one transaction */
/* Writes those that are still in memory; before the transaction is committed. */
MUST_USE bool subjects_flush(struct transaction *tx, struct error *err);
/* Gives them the number of an entry. */
MUST_USE bool subjects_stage(struct transaction *tx, uint64_t n, struct error *err);
/* Drops those that were not committed. */
void subjects_end(struct transaction *tx);

/* ---- transaction.c, stage.c ---- */
struct pending_payload {
    struct payload payload;
    uint8_t salt[32];
    struct slice bytes; /* if it goes into the database */
    bool is_file;
    size_t draft; /* it belongs to; SIZE_MAX: none yet */
};

struct pending_draft {
    struct slice key, actor, object; /* plain; object may be empty */
    bool is_resource;
    struct slice name, kind;
    uint64_t version;
    bool has_before_in_batch; /* the version before is an earlier draft */
    bool has_payload;
    struct digest payload;
};

struct transaction {
    struct store *store;
    struct arena *arena;
    uint64_t size; /* of the ledger at the beginning */
    struct ledger_draft *drafts;
    struct pending_draft *rows; /* as many */
    size_t count, capacity;
    struct pending_payload *payloads;
    size_t payloads_count, payloads_capacity,
        payloads_found; /* found: where the last search ended */
    struct minted_name **names;
    size_t names_count, names_capacity;
    size_t *resources; /* hash table by name: position + 1 of the last draft of that name */
    size_t resources_count, resources_capacity;
    struct subject_minting *minting; /* NULL: no personal value was sealed */
    bool is_staged; /* rows may be durable: payload files are not ours to delete any more */
};
/* The hooks of a ledger_batch; their context is a struct transaction. */
bool transaction_stage(void *context, const struct ledger_appended *entries, size_t count,
                       struct error *err);
/* The hook `settle` of the ledger; context is a struct store. */
bool store_settle(void *context, bool is_kept, struct error *err);

#endif
