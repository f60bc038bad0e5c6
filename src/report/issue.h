/* src/report/issue.h
 * `attest issue`: checks a report, fixes it, appends its entry and the forms people read. */
#ifndef ATTEST_REPORT_ISSUE_H
#define ATTEST_REPORT_ISSUE_H
#include "program/acting.h"
#include "report/compose.h"

struct issued {
    uint64_t n;           /* of the report's entry */
    struct digest report; /* its leaf */
    struct digest model;  /* SHA-256 of report.json, as the QR code says it */
    bool is_readiness;
};

/* Composes the model at the present position, checks it, renders PDF and HTML, and appends in one
 * commit: the report, then each form as a blob that names it. Only an engagement's partner issues a
 * service auditor's report, and signs it; management issues a readiness report.
 * Errors: ERROR_FINDING (a refused gate: who may, a report that was issued already, or what
 * findings say), ERROR_ORDER. */
MUST_USE bool report_issue(struct store *store, const struct catalogue *catalogue,
                           struct arena *arena, struct slice engagement,
                           const struct acting *acting, struct issued *issued,
                           struct findings *findings, struct error *err);

/* The last issued report of an engagement. *model is the tree of its payload. ERROR_NOT_FOUND. */
MUST_USE bool report_issued(struct store *store, struct arena *arena, struct slice engagement,
                            uint64_t size, struct stored_entry *entry, struct slice *text,
                            struct error *err);

#endif
