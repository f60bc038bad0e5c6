/* Erasing personal values: what holds them, and the entries that say so (ledger.md 4, Erasure). */
#ifndef ATTEST_EVIDENCE_ERASE_H
#define ATTEST_EVIDENCE_ERASE_H
#include "base/value.h"
#include "engine/engine.h"
#include "store/store.h"

struct erase_request {
    struct store *store;   /* open for writing */
    struct engine *engine; /* not locked */
    const struct actor *actor;
    const struct slice *values; /* whole values, as imported */
    size_t values_count;
    struct slice rule; /* stands in the ledger in clear, for good */
    bool is_dry_run;   /* only looks */
};

/* Finds what holds the values, appends `erasure` entries, and when these are committed destroys the
 * keys, and the raw files and set-aside lines that hold a value (whatever else they held).
 * *found: [{"value": index from 1, "what": segment | raw | rejects | reason | resource | blob |
 * report, "where", "rows" of the segment, "becomes": erased | stays}]. Resources, attached files
 * and reports stay: they are somebody's documents. Errors: ERROR_FINDING (a Hold in force; names
 * it), ERROR_INVALID (a rule that spells a value), ERROR_LOCKED (recorded, and completed when the
 * store is opened next), ERROR_IO. */
MUST_USE bool values_erase(const struct erase_request *request, struct arena *arena,
                           struct value *found, struct error *err);

#endif
