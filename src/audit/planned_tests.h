/* Tests of a plan, compiled before it is applied: a column that is not there is told when the test
 * is written, not when it is run. */
#ifndef ATTEST_AUDIT_PLANNED_TESTS_H
#define ATTEST_AUDIT_PLANNED_TESTS_H
#include "program/plan.h"

/* Compiles `where`, `holds`, `why` and `reconcile` of every test that the plan creates or changes,
 * and `due.performed_by` of every control, against the population types that there will be. What is
 * wrong becomes a finding with file, line and column. Of a test in the store that the plan leaves
 * alone, but whose population types it changes, it becomes a warning: it may be the other side's.
 * True if there is no error; false with *err->code ERROR_NONE if there are only findings. */
MUST_USE bool planned_tests_check(struct store *store, const struct catalogue *catalogue,
                                  struct arena *arena, const struct plan *plan,
                                  struct findings *findings, struct error *err);

#endif
