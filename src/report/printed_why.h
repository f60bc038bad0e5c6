/* src/report/printed_why.h
 * The `why` texts that reports print for items that deviate, held against those that the tests give
 * when they are run again. No payload of the ledger holds these texts, so nothing else can find
 * that one was reworded before the report was issued. */
#ifndef ATTEST_REPORT_PRINTED_WHY_H
#define ATTEST_REPORT_PRINTED_WHY_H
#include "base/strbuf.h"
#include "report/closed_items.h"
#include "verify/verify.h"

struct printed_report {
    uint64_t n; /* of its entry */
    const struct value *model;
};
struct printed_why {
    struct printed_report *reports; /* those that were verified and are here */
    size_t count;
    uint64_t compared; /* printed items */
    uint64_t closed;   /* of these: reasons that can no longer be compared */
};

/* Reads the models of the reports that were verified. In the arena. */
MUST_USE bool printed_why_read(struct printed_why *printed, struct verifier *verifier,
                               struct arena *arena, struct error *err);
/* Whether a report prints exceptions of this run. */
bool printed_why_asks(const struct printed_why *printed, const struct digest *run);
/* deviating: what the run gives now (audit/outcomes.h). The first text that differs is told in
 * *faults, with how many more; those of items that may rest on values that are gone are counted as
 * closed. */
MUST_USE bool printed_why_compare(struct printed_why *printed, const struct verified_run *run,
                                  const struct value *deviating, const struct closed_items *closed,
                                  struct strbuf *faults, struct error *err);

#endif
