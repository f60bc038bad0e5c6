/* Tables that the program makes itself (evidence/derived.h), brought up to date before tests read
 * them. */
#ifndef ATTEST_AUDIT_DERIVED_TABLES_H
#define ATTEST_AUDIT_DERIVED_TABLES_H
#include "audit/tables.h"

/* Makes the rows of each such table that is marked is_used, as of tables->size, and commits those
 * that have changed as segments of program/attest, in one transaction. Then the tables are read at
 * the new size. Before tables_find_segments(); the engine is not locked.
 * Errors: those of the makers and of derived_segment_write(). */
MUST_USE bool derived_tables_refresh(struct tables *tables, struct store *store,
                                     const struct catalogue *catalogue, struct arena *arena,
                                     struct engine *engine, struct error *err);

/* The same for looking only: nothing is written to the store. The rows go into Parquet files in the
 * folder, which take the place of the tables' segments. After tables_find_segments(). */
MUST_USE bool derived_tables_look(struct tables *tables, struct store *store,
                                  const struct catalogue *catalogue, struct arena *arena,
                                  struct engine *engine, const char *folder, struct error *err);

#endif
