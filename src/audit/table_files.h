/* The files of segments as one view a type: what tables.h builds on. */
#ifndef ATTEST_AUDIT_TABLE_FILES_H
#define ATTEST_AUDIT_TABLE_FILES_H
#include "audit/tables.h"

/* What personal_value() gives in these views: of all tables that are used. Sets tables->closed. */
MUST_USE bool table_files_personal(struct tables *tables, struct store *store, struct arena *arena,
                                   struct engine *engine, struct error *err);
/* "_raw_TYPE": every row of every file of the table's segments, with the columns as the type has
 * them now. */
MUST_USE bool table_files_view(const struct table *table, struct store *store, struct arena *arena,
                               struct engine *engine, struct error *err);

#endif
