/* src/report/compose.h
 * From the store to the report model (docs/report-model.md): facts as they stand at one ledger
 * size.
 *
 * An engagement with an opinion gives a service auditor's report, which says SPECIMEN on every page
 * while nobody's licence is established; without one the same data gives a readiness report. */
#ifndef ATTEST_REPORT_COMPOSE_H
#define ATTEST_REPORT_COMPOSE_H
#include "audit/engagement.h"
#include "program/catalogue.h"

struct composed {
    struct value *model;
    bool is_readiness;
    /* Leaves that the report's entry names: opinion and assertion, or for readiness the runs that
     * are printed and the evaluations of them; and the controls that section 4 prints. In the
     * arena. */
    struct digest *inputs;
    size_t inputs_count, inputs_capacity;
};

/* issued_us: the instant of issue; 0: a draft. A readiness report is dated by it. The checkpoint
 * named is that of `size`. Errors: ERROR_NOT_FOUND (the engagement; a service auditor's report
 * lacks description or assertion), ERROR_INVALID (two opinions). What the model lacks is found by
 * report_model_check().
 */
MUST_USE bool report_compose(struct store *store, const struct catalogue *catalogue,
                             struct arena *arena, struct slice engagement, uint64_t size,
                             int64_t issued_us, struct composed *composed, struct error *err);

#endif
