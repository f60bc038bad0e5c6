/* A programme with one population type and evidence, for tests of populations and runs. */
#ifndef ATTEST_TEST_AUDIT_WORLD_H
#define ATTEST_TEST_AUDIT_WORLD_H
#include "program/program_world.h"

#include "audit/run.h"

/* Types things (id, at, who, amount, number) and marks (id, thing, at), a source and a control for
 * each; `more` is added to the type things, such as "revision: amount\n". */
void audit_begin(struct world *w, const char *more);
/* Imports NDJSON lines of a type; covers may be NULL. Returns the segment's name. */
const char *audit_import(struct world *w, const char *type, const char *lines, const char *covers);
/* The test T1 over things: attribute A, and a where (NULL: none). */
void audit_test(struct world *w, const char *where, const char *holds);
/* Runs test/T1 over 2026; NULL if it could not be run: the finding is in w->findings. */
const struct value *audit_run(struct world *w);
const struct value *audit_run_with(struct world *w, const struct run_options *options);
/* "items holds fails undecided" of the run's attribute A. */
void assert_figures(const struct value *run, const char *expected);

#endif
