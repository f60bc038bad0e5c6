/* An entry and all that it names: read again by number, with the inputs that stand in `more`. */
#ifndef ATTEST_VERIFY_LINKS_H
#define ATTEST_VERIFY_LINKS_H
#include "ledger/rules.h"

struct links {
    struct entry entry;
    struct digest *inputs; /* those of the entry, then those of `more`; in the arena */
    size_t count;
    bool is_partial; /* `more` is not held: there are others */
};

/* Owner: the arena.
 * Errors: ERROR_FINDING (the entry or its `more` is not of their form), and the sources'. */
MUST_USE bool links_read(struct arena *arena, const struct entry_source *entries,
                         const struct payload_source *payloads, uint64_t n, struct links *links,
                         struct error *err);

#endif
