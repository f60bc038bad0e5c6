/* Values behind the tokens of sealed segments, for the tables that tests read: a value where its
 * key is there, else nothing, so that the token stands. Which keys are there is the only difference
 * between a data directory, a bundle with keys and one without. */
#ifndef ATTEST_EVIDENCE_PERSONAL_VALUES_H
#define ATTEST_EVIDENCE_PERSONAL_VALUES_H
#include "engine/engine.h"
#include "evidence/record_type.h"
#include "ledger/sealed.h"
#include "store/store.h"

/* Where keys come from. */
struct personal_keys {
    bool (*find)(void *context, const struct digest *token, uint8_t key[SEALED_KEY_BYTES],
                 bool *is_found, struct error *err);
    void *context;
};
/* Those of a store. */
struct personal_keys personal_keys_of(struct store *store);

struct personal_values; /* layout: personal_values.c */

/* Reads `personal` files (sealing.h) and gives what they hold to the engine's personal_value(),
 * which owns it from then on; what was read by an earlier call is forgotten. The values lie in a
 * file without a name, in the engine's temp folder; memory does not follow their number.
 * *closed: how many tokens no key was found for.
 * Errors: ERROR_CORRUPT (a value that its key does not open; a file of another form), ERROR_IO. */
MUST_USE bool personal_values_open(struct engine *engine, const char *const *paths, size_t count,
                                   const struct personal_keys *keys, uint64_t *closed,
                                   struct error *err);

/* Adds token || key (64 bytes) of each value of these files whose key is found, sorted by token. */
MUST_USE bool personal_values_keys(struct engine *engine, const char *const *paths, size_t count,
                                   const struct personal_keys *keys, struct strbuf *out,
                                   struct error *err);

/* Calls `take` for each token of these files that no key is found for, with the column: sorted by
 * column and token. */
typedef bool personal_take(void *context, struct slice column, const struct digest *token,
                           struct error *err);
MUST_USE bool personal_values_closed(struct engine *engine, const char *const *paths, size_t count,
                                     const struct personal_keys *keys, personal_take *take,
                                     void *context, struct error *err);

#endif
