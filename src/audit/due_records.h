/* Rows of records that perform a control (due.performed_by: {records, at, where}). */
#ifndef ATTEST_AUDIT_DUE_RECORDS_H
#define ATTEST_AUDIT_DUE_RECORDS_H
#include "program/duties.h"

struct due_records {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    uint64_t size;
    /* Segments of the tables that were read: what the answers rest on; each once. */
    struct digest *leaves;
    size_t leaves_count;
};
/* duties_list() with the rows of records. `options` without records and context.
 * Errors: also ERROR_INVALID: a table, column or expression that cannot be; conflicting rows. Names
 *         the control. */
MUST_USE bool due_list(struct due_records *records, const struct duties_options *options,
                       struct duties *duties, struct error *err);

#endif
