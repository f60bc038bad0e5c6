/* Private names: the ledger shows c/<hex>, the commitment of the plain name under a salt of its
 * own. A name keeps its salt for ever, so that entries by the same person can be told to be that
 * without telling who it is. */
#include <string.h>

#include "ledger/entry.h"
#include "store/store_private.h"

static void mint(struct minted_name *minted)
{
    random_fill(minted->salt, sizeof(minted->salt));
    minted->c = commitment(minted->salt, minted->name);
}

/* Remembered names, with names_mutex held. */
static struct minted_name *find_locked(struct store *store, struct slice name)
{
    for (struct minted_name *at = store->minted; at; at = at->next) {
        if (slice_equal(at->name, name))
            return at;
    }
    return NULL;
}

/* The commitment in the database, if the name has one. A row that is staged does not count: its
 * commit may yet fail, and who mints the name as well stores it with the same salt. */
static bool find_stored(struct store *store, struct slice name, struct digest *c, bool *is_found,
                        struct error *err)
{
    struct query query;
    bool ok = query_begin(store, "select c from name_salt where name = ? and n < ?", &query, err);
    if (ok) {
        query_text(&query, 1, name);
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, is_found, err) &&
             (!*is_found || column_fixed(&query, 0, c->bytes, sizeof(c->bytes), err));
    }
    query_end(&query);
    return ok;
}

/* Finds or makes the salt of a name that is not stored yet. */
static struct minted_name *minted_get(struct store *store, struct slice name, struct error *err)
{
    (void)pthread_mutex_lock(&store->names_mutex);
    struct minted_name *minted = find_locked(store, name);
    if (!minted) {
        minted = arena_alloc(store->arena, sizeof(*minted), err);
        if (minted && arena_copy(store->arena, name, &minted->name, err)) {
            mint(minted);
            minted->next = store->minted;
            store->minted = minted;
        } else {
            minted = NULL;
        }
    }
    (void)pthread_mutex_unlock(&store->names_mutex);
    return minted;
}

/* The transaction stores what it minted, or another did before it. */
static bool transaction_name(struct transaction *tx, struct minted_name *minted, struct error *err)
{
    for (size_t i = 0; i < tx->names_count; i++) {
        if (tx->names[i] == minted)
            return true;
    }
    if (!arena_room(tx->arena, &tx->names, tx->names_count, &tx->names_capacity, sizeof *tx->names,
                    err))
        return false;
    tx->names[tx->names_count++] = minted;
    return true;
}

bool name_shown(struct transaction *tx, struct arena *arena, struct slice name, bool is_private,
                struct slice *shown, struct error *err)
{
    struct digest c;
    bool is_found = false;
    char hex[65];
    if (!is_private)
        return arena_copy(arena, name, shown, err);
    if (!find_stored(tx->store, name, &c, &is_found, err))
        return false;
    if (!is_found) {
        struct minted_name *minted = minted_get(tx->store, name, err);
        if (!minted || !transaction_name(tx, minted, err))
            return false;
        c = minted->c;
    }
    digest_hex(&c, hex);
    char *text = arena_printf(arena, err, "c/%s", hex);
    *shown = slice_of(text);
    return text != NULL;
}

bool name_plain(struct store *store, struct arena *arena, struct slice shown, struct slice *plain,
                struct error *err)
{
    struct query query;
    struct digest c;
    bool is_found = false;
    if (!entry_name_commitment(shown, &c))
        return arena_copy(arena, shown, plain, err);
    bool ok = query_begin(store, "select name from name_salt where c = ? and n < ?", &query, err);
    if (ok) {
        query_blob(&query, 1, c.bytes, sizeof(c.bytes));
        query_number(&query, 2, store_size(store));
        ok = query_next(&query, &is_found, err);
        if (ok && !is_found)
            ok = error_set(err, ERROR_NOT_FOUND, NULL, "the name of %.*s is not held here",
                           SLICE_ARG(shown));
        ok = ok && column_copy(&query, 0, arena, plain, err);
    }
    query_end(&query);
    return ok;
}
