/* Carrying out what erasures of the ledger name (ledger.md 4, Erasure). The entries come first;
 * what they name is destroyed after they are committed, and opening for writing completes what a
 * crash cut short. */
#ifndef ATTEST_STORE_ERASURES_H
#define ATTEST_STORE_ERASURES_H
#include "store/store.h"

/* Destroys what erasures name and is still there: keys, then salts and payloads; then nothing of it
 * is left in the database's files either. An erasure's `object` may name reasons to drop, which may
 * spell what was erased: {"reasons": [{"run": n, "items": [index in `deviating`, ...]}, ...]}.
 * Errors: ERROR_LOCKED: another program is reading, so that its view of the database still holds
 * what was erased; the next opening for writing tries again. ERROR_IO. */
MUST_USE bool erasures_complete(struct store *store, struct error *err);

#endif
