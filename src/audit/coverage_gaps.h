/* Whether imports cover a period: the union of what they declare, less what is accepted on the
 * record.
 *
 * Source: domain rule D.3 and contract.md: undeclared coverage is told, not refused; a declared gap
 * is refused unless a GapAcceptance names it. */
#ifndef ATTEST_AUDIT_COVERAGE_GAPS_H
#define ATTEST_AUDIT_COVERAGE_GAPS_H
#include "evidence/segments.h"

struct gap {
    struct period span;
    struct slice accepted; /* the reason it was accepted for; empty: it was not */
};
struct coverage_gaps {
    bool is_declared; /* some import says what it covers */
    struct gap *items;
    size_t count;
};

/* What of `period` no import declares. engagement: engagement/ID or empty; an acceptance for
 * another engagement does not count. Dates of acceptances are days in the zone. */
MUST_USE bool coverage_gaps_find(struct store *store, struct arena *arena, struct slice type,
                                 const struct segment_list *segments, const struct period *period,
                                 const struct zone *zone, struct slice engagement, uint64_t size,
                                 struct coverage_gaps *gaps, struct error *err);

#endif
