/* New keys are gathered and written some thousands at a time, with the greatest number there is in
 * place of an entry's. Staging gives them the number of the transaction's first entry; a
 * transaction that ends without commit deletes them, and so does opening for writing after a crash,
 * for to it they are rows beyond the ledger as all others. */
#include "store/subjects.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

enum { PENDING_MAX = 4096, SLOTS = 4 * PENDING_MAX };
#define NOT_COMMITTED ((uint64_t)INT64_MAX)

struct pending_subject {
    struct digest lookup;
    struct subject subject;
};
struct subject_minting {
    struct query find;
    uint8_t secret[32];
    uint64_t count; /* made by this transaction */
    size_t pending_count;
    struct pending_subject pending[PENDING_MAX];
    uint16_t slots[SLOTS]; /* hash table over pending: position + 1 */
};
_Static_assert(PENDING_MAX < UINT16_MAX, "positions fit the table");

/* ---- the secret under which values are filed ---- */

static bool secret_read(struct store *store, uint8_t secret[32], bool *is_there, struct error *err)
{
    struct query query;
    bool ok = query_begin(store, "select secret from subject_secret", &query, err) &&
              query_next(&query, is_there, err) &&
              (!*is_there || column_fixed(&query, 0, secret, 32, err));
    query_end(&query);
    return ok;
}

/* Made when the first value needs it. */
static bool secret_need(struct store *store, uint8_t secret[32], struct error *err)
{
    struct query query;
    bool is_there = false;
    if (!secret_read(store, secret, &is_there, err))
        return false;
    if (is_there)
        return true;
    random_fill(secret, 32);
    bool ok = query_begin(store, "insert into subject_secret (secret) values (?)", &query, err);
    if (ok) {
        query_blob(&query, 1, secret, 32);
        ok = query_run(&query, err);
    }
    query_end(&query);
    return ok;
}

static struct digest lookup_of(const uint8_t secret[32], struct slice value)
{
    struct digest lookup;
    (void)crypto_auth_hmacsha256(lookup.bytes, (const unsigned char *)(value.at ? value.at : ""),
                                 value.len, secret);
    return lookup;
}

/* ---- making ---- */

static struct subject_minting *minting_begin(struct transaction *tx, struct error *err)
{
    struct store *store = tx->store;
    (void)pthread_mutex_lock(&store->names_mutex);
    bool is_free = store->minting == NULL || store->minting == tx;
    if (is_free)
        store->minting = tx;
    (void)pthread_mutex_unlock(&store->names_mutex);
    if (!is_free) {
        error_set(err, ERROR_LOCKED, NULL, "another import is sealing personal values");
        error_hint(err, "try again when it has ended");
        return NULL;
    }
    if (tx->minting)
        return tx->minting;
    struct subject_minting *minting = calloc(1, sizeof *minting);
    if (!minting) {
        error_no_memory(err, sizeof *minting);
        return NULL;
    }
    tx->minting = minting;
    if (!secret_need(store, minting->secret, err) ||
        !query_begin(store, "select token, key from subject where lookup = ? and (n < ? or n = ?)",
                     &minting->find, err))
        return NULL;
    return minting;
}

static uint16_t *pending_slot(struct subject_minting *minting, const struct digest *lookup)
{
    uint32_t hash;
    memcpy(&hash, lookup->bytes, sizeof hash); /* an HMAC: uniform as it is */
    for (size_t at = hash % SLOTS;; at = (at + 1) % SLOTS) {
        uint16_t *slot = &minting->slots[at];
        if (*slot == 0 || digest_equal(&minting->pending[*slot - 1].lookup, lookup))
            return slot;
    }
}

static bool pending_write(struct store *store, const struct subject_minting *minting,
                          struct error *err)
{
    struct query query;
    bool ok = query_begin(store, "insert into subject (n, lookup, token, key) values (?, ?, ?, ?)",
                          &query, err);
    for (size_t i = 0; ok && i < minting->pending_count; i++) {
        const struct pending_subject *pending = &minting->pending[i];
        query_number(&query, 1, NOT_COMMITTED);
        query_blob(&query, 2, pending->lookup.bytes, 32);
        query_blob(&query, 3, pending->subject.token.bytes, 32);
        query_blob(&query, 4, pending->subject.key, SEALED_KEY_BYTES);
        ok = query_run(&query, err);
    }
    query_end(&query);
    return ok;
}

bool subjects_flush(struct transaction *tx, struct error *err)
{
    struct subject_minting *minting = tx->minting;
    if (!minting || minting->pending_count == 0)
        return true;
    database_lock(tx->store);
    bool ok = database_run(tx->store, "begin immediate", err);
    if (ok) {
        ok = pending_write(tx->store, minting, err) && database_run(tx->store, "commit", err);
        if (!ok)
            database_rollback(tx->store);
    }
    database_unlock(tx->store);
    minting->pending_count = 0;
    memset(minting->slots, 0, sizeof minting->slots);
    sodium_memzero(minting->pending, sizeof minting->pending);
    return ok;
}

static bool stored_find(struct query *query, uint64_t size, const struct digest *lookup,
                        struct subject *subject, bool *is_found, struct error *err)
{
    query_blob(query, 1, lookup->bytes, 32);
    query_number(query, 2, size);
    query_number(query, 3, NOT_COMMITTED);
    bool ok = query_next(query, is_found, err) &&
              (!*is_found || (column_fixed(query, 0, subject->token.bytes, 32, err) &&
                              column_fixed(query, 1, subject->key, SEALED_KEY_BYTES, err)));
    query_again(query);
    return ok;
}

bool subject_make(struct transaction *tx, struct slice value, struct subject *subject,
                  struct error *err)
{
    bool is_found = false;
    struct subject_minting *minting = minting_begin(tx, err);
    if (!minting)
        return false;
    struct digest lookup = lookup_of(minting->secret, value);
    uint16_t *slot = pending_slot(minting, &lookup);
    if (*slot != 0) {
        *subject = minting->pending[*slot - 1].subject;
        return true;
    }
    if (!stored_find(&minting->find, store_size(tx->store), &lookup, subject, &is_found, err))
        return false;
    if (is_found)
        return true;
    if (minting->pending_count == PENDING_MAX) {
        if (!subjects_flush(tx, err))
            return false;
        slot = pending_slot(minting, &lookup);
    }
    struct pending_subject *pending = &minting->pending[minting->pending_count++];
    *slot = (uint16_t)minting->pending_count;
    minting->count++;
    pending->lookup = lookup;
    random_fill(pending->subject.key, SEALED_KEY_BYTES);
    pending->subject.token = subject_token(pending->subject.key);
    *subject = pending->subject;
    return true;
}

/* Called while the rows of a commit are staged, inside their database transaction. */
bool subjects_stage(struct transaction *tx, uint64_t n, struct error *err)
{
    struct query query;
    if (!tx->minting || tx->minting->count == 0)
        return true;
    bool ok = query_begin(tx->store, "update subject set n = ? where n = ?", &query, err);
    if (ok) {
        query_number(&query, 1, n);
        query_number(&query, 2, NOT_COMMITTED);
        ok = query_run(&query, err);
    }
    query_end(&query);
    /* A key that is lost takes the values sealed under it along: rather no segment. */
    return ok && (database_changes(tx->store) == tx->minting->count ||
                  error_set(err, ERROR_CORRUPT, tx->store->database,
                            "keys of personal values were lost before they were committed"));
}

void subjects_end(struct transaction *tx)
{
    struct store *store = tx->store;
    struct error unused;
    /* Those of a commit have another number by now. */
    if (tx->minting && tx->minting->count > tx->minting->pending_count) {
        struct query query;
        database_lock(store);
        /* What stays is deleted when the store is opened for writing next. */
        if (query_begin(store, "delete from subject where n = ?", &query, &unused)) {
            query_number(&query, 1, NOT_COMMITTED);
            (void)!query_run(&query, &unused);
        }
        query_end(&query);
        database_unlock(store);
    }
    if (tx->minting) {
        query_end(&tx->minting->find);
        sodium_memzero(tx->minting, sizeof *tx->minting);
        free(tx->minting);
        tx->minting = NULL;
    }
    (void)pthread_mutex_lock(&store->names_mutex);
    if (store->minting == tx)
        store->minting = NULL;
    (void)pthread_mutex_unlock(&store->names_mutex);
}

/* ---- reading ---- */

bool subject_find(struct store *store, struct slice value, struct digest *token, bool *is_found,
                  struct error *err)
{
    struct query query;
    uint8_t secret[32];
    if (!secret_read(store, secret, is_found, err))
        return false;
    if (!*is_found)
        return true;
    struct digest lookup = lookup_of(secret, value);
    bool ok =
        query_begin(store, "select token from subject where lookup = ? and n < ?", &query, err);
    if (ok) {
        query_blob(&query, 1, lookup.bytes, 32);
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, is_found, err) &&
             (!*is_found || column_fixed(&query, 0, token->bytes, 32, err));
    }
    query_end(&query);
    return ok;
}

bool subject_key(struct store *store, const struct digest *token, uint8_t key[SEALED_KEY_BYTES],
                 bool *is_found, struct error *err)
{
    struct query query;
    *is_found = false;
    bool ok = query_begin(store, "select key from subject where token = ? and n < ?", &query, err);
    if (ok) {
        query_blob(&query, 1, token->bytes, 32);
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, is_found, err) &&
             (!*is_found || column_fixed(&query, 0, key, SEALED_KEY_BYTES, err));
    }
    query_end(&query);
    return ok;
}
