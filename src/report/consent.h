/* Evidence leaves the house only if both sides agree (contract.md, bundle). */
#ifndef ATTEST_REPORT_CONSENT_H
#define ATTEST_REPORT_CONSENT_H
#include "store/store.h"

/* Whether management and, unless it is a readiness report, the auditor have each written a Consent
 * for this engagement. ERROR_FINDING names the side that has not. */
MUST_USE bool evidence_consented(struct store *store, struct arena *arena, struct slice engagement,
                                 bool is_readiness, struct error *err);

#endif
