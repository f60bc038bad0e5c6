/* Keys of personal values, one a value, in the store's salts area (ledger.md 4, Personal data).
 *
 * The subject is the value itself, so value and token are one to one for as long as the key lives:
 * a value that was erased and comes again gets a fresh key and another token. */
#ifndef ATTEST_STORE_SUBJECTS_H
#define ATTEST_STORE_SUBJECTS_H
#include "ledger/sealed.h"
#include "store/store.h"

struct subject {
    struct digest token;
    uint8_t key[SEALED_KEY_BYTES];
};

/* The key of a value, made if there is none yet. New keys are kept with the transaction's first
 * entry, or dropped with the transaction; memory does not grow with their number. One transaction
 * of a store at a time makes keys: ERROR_LOCKED for another. */
MUST_USE bool subject_make(struct transaction *tx, struct slice value, struct subject *subject,
                           struct error *err);
/* The token of a value that has a key below the published size. */
MUST_USE bool subject_find(struct store *store, struct slice value, struct digest *token,
                           bool *is_found, struct error *err);
/* The key that gives a token. */
MUST_USE bool subject_key(struct store *store, const struct digest *token,
                          uint8_t key[SEALED_KEY_BYTES], bool *is_found, struct error *err);

#endif
