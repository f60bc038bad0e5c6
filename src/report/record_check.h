/* What the store keeps beside an entry of the ledger, against the ledger. */
#ifndef ATTEST_REPORT_RECORD_CHECK_H
#define ATTEST_REPORT_RECORD_CHECK_H
#include "store/store.h"
#include "verify/verification.h"

/* Adds the check "store.records": each entry is found by the key, and has the record (`object`),
 * that its body, its inputs and its payloads give: of segments, withdrawals, populations, runs,
 * reports and attached files. docs/decisions/records-bound.md says which fields nothing in the
 * ledger gives. What cannot be compared because an entry or payload is damaged or not held is
 * passed over: other checks tell it. Errors: the machine's. */
MUST_USE bool record_check(struct store *store, const struct entry_source *entries,
                           struct verification *verification, struct error *err);

#endif
