/* A test's own examples: items that must hold and items that must fail. A test whose examples fail
 * cannot be used. */
#ifndef ATTEST_AUDIT_EXAMPLES_H
#define ATTEST_AUDIT_EXAMPLES_H
#include "audit/test_bind.h"

/* Runs every example in an engine of its own. What differs from what the example expects becomes a
 * finding (ERROR_FINDING, names test, example, attribute, expected and found), as do example rows
 * that do not fit their types (ERROR_INVALID), and one that takes longer than anyone waits. *count:
 * examples run. stop: becomes non-zero when the work shall end; may be NULL. False with *err only
 * for what stops everything. */
MUST_USE bool examples_run(const struct test_definition *test, const struct tables *tables,
                           size_t item_table, const volatile int *stop, struct arena *arena,
                           size_t *count, struct findings *findings, struct error *err);

/* Compiles the bound expressions of a test over empty tables, in a locked engine: types that do not
 * fit are told. Errors: ERROR_INVALID; `where` names the test and, where it can, the attribute. */
MUST_USE bool test_compile(const struct test_definition *test, const struct tables *tables,
                           size_t item_table, const bool *used, struct engine *engine,
                           struct error *err);

#endif
