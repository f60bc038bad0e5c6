/* What of a coverage matrix rests on evidence, and what is missing of it. */
#ifndef ATTEST_AUDIT_COVERAGE_EVIDENCE_H
#define ATTEST_AUDIT_COVERAGE_EVIDENCE_H
#include "audit/freshness.h"

/* Adds to a tree of coverage() what the tests of each control read. Each row gets
 *   evidence: when the last of it arrived; empty: nothing did
 *   state:    evidence (all of it is there), ledger (the test reads only tables that the program
 *             makes out of the ledger itself, as of what was due: nothing needs to arrive, which
 *             does not say that something is there), stale, no-evidence (some never arrived, or has
 *             no source, or the test cannot be read), no-test, no-control
 * and its gap says what of the evidence is missing. The gaps of a criterion get the same of its
 * controls, and "gaps" counts the criteria anew. */
MUST_USE bool coverage_evidence(struct arena *arena, struct value *whole,
                                const struct freshness_list *fresh, struct error *err);

#endif
