/* What the inventories of a state say over time: when nobody looked, and what changed between two
 * observations of one key. Both are streamed: nothing is kept but one row. */
#ifndef ATTEST_AUDIT_STATE_H
#define ATTEST_AUDIT_STATE_H
#include "audit/tables.h"

/* Lent until the next one. Times as "2026-01-31T06:00:00.000000Z". */
struct state_gap {
    struct slice system; /* at NULL: the type as a whole */
    struct slice from, to;
    struct slice hours; /* whole ones, cut */
};
struct state_change {
    struct slice key; /* without observed_at, a canonical JSON array */
    struct slice column;
    struct slice before, after; /* canonical JSON: null, a string, a list of strings */
    struct slice seen_at, at;   /* the two observations */
};

/* The times without observation, as unobserved_add_select() has them. The table is open; period
 * may be NULL. Errors: those of the engine and of take; ERROR_INVALID: the type has no
 * observe_every. */
MUST_USE bool
state_gaps(const struct table *table, struct engine *engine, const struct period *period,
           bool (*take)(void *context, const struct state_gap *gap, struct error *err),
           void *context, struct error *err);

/* What differs between two observations of a key of which the later lies in the period (NULL: any),
 * by key, time and the type's columns. A key that comes or goes is no change of a column. */
MUST_USE bool state_changes(const struct table *table, struct engine *engine, struct arena *arena,
                            const struct period *period,
                            bool (*take)(void *context, const struct state_change *change,
                                         struct error *err),
                            void *context, struct error *err);

#endif
