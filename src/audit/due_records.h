/* Rows of records that perform a control (due.performed_by: {records, at, where}). */
#ifndef ATTEST_AUDIT_DUE_RECORDS_H
#define ATTEST_AUDIT_DUE_RECORDS_H
#include "audit/tables.h"
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

/* What apply checks too. The column that says when a row performed it: `at`, else the type's time.
 * ERROR_INVALID: no timestamp of that name. */
MUST_USE bool due_records_column(const struct record_type *type, const struct value *by,
                                 const char *place, size_t *at, struct error *err);
/* Only records of systems: what the program makes itself may follow from what is due. */
MUST_USE bool due_records_tables(const struct tables *tables, const bool *used, const char *place,
                                 struct error *err);

#endif
