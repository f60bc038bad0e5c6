/* Candidates: items of which an attribute failed or could not be decided, until an evaluation has
 * classified them. */
#ifndef ATTEST_AUDIT_CANDIDATES_H
#define ATTEST_AUDIT_CANDIDATES_H
#include "base/value.h"
#include "store/store.h"

struct candidates {
    struct slice *keys; /* canonical arrays; sorted and unique after candidates_compare() */
    size_t count, capacity;
};
/* Adds those of a run's matrix. object: the run's object. */
MUST_USE bool candidates_add_run(struct candidates *candidates, struct store *store,
                                 struct arena *arena, const struct stored_entry *run,
                                 const struct value *object, struct error *err);

struct candidates_difference {
    size_t missing_count, foreign_count;
    struct slice missing, foreign; /* the first of each */
};
/* items: an evaluation's list of {key, ...}; a key that comes twice counts as foreign. */
MUST_USE bool candidates_compare(struct candidates *candidates, const struct value *items,
                                 struct arena *arena, struct candidates_difference *difference,
                                 struct error *err);

#endif
