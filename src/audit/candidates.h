/* Candidates: items of which an attribute failed or could not be decided, until an evaluation has
 * classified them. There may be many more of them than an evaluation names: they are read from the
 * runs' matrices as a stream, and only what the evaluation names is kept. */
#ifndef ATTEST_AUDIT_CANDIDATES_H
#define ATTEST_AUDIT_CANDIDATES_H
#include "base/value.h"
#include "store/store.h"

/* An item that an evaluation names. */
struct classified {
    struct slice key;         /* canonical array */
    const struct value *item; /* {key, class, ...}, borrowed from the evaluation */
    bool is_candidate;        /* set by candidates_compare() */
};
/* What an evaluation says of items, found by key. */
struct classification {
    struct classified *named; /* sorted by key */
    size_t count;
    const struct value *others; /* {count, class, ...}: what holds for all that are not named, or
                                   NULL: then all must be named */
};
/* Owner: the arena; texts borrow from the document. evaluation NULL: nothing is named. */
MUST_USE bool classification_read(struct arena *arena, const struct value *evaluation,
                                  struct classification *classification, struct error *err);
/* NULL: the evaluation does not name it. */
struct classified *classification_find(const struct classification *classification,
                                       struct slice key);

struct candidates_difference {
    uint64_t candidates; /* of all runs; an item that deviates in several counts once */
    uint64_t unnamed;    /* those that the evaluation does not name */
    size_t foreign;      /* what it names that is no candidate, or names again */
    struct slice first_unnamed, first_foreign;
};
/* Holds the candidates of runs against what an evaluation names. runs: leaf hashes.
 * Owner: the arena. Errors: those of matrix_open(). */
MUST_USE bool candidates_compare(struct store *store, struct arena *arena, const struct slice *runs,
                                 size_t runs_count, struct classification *classification,
                                 struct candidates_difference *difference, struct error *err);

#endif
