/* `attest test run`: freezes the populations, runs the tests, writes what was found into the
 * ledger. */
#ifndef ATTEST_AUDIT_RUN_H
#define ATTEST_AUDIT_RUN_H
#include "audit/engagement.h"
#include "audit/outcomes.h"
#include "base/progress.h"
#include "program/acting.h"

struct run_options {
    const struct slice *tests; /* test/ID or ID; none: every test */
    size_t tests_count;
    struct slice period;     /* FROM..TO; empty: the engagement's */
    struct slice engagement; /* engagement/ID or ID; empty: none (monitoring) */
    const struct acting *acting;
    struct engine_options engine;
    uint64_t range_items;     /* of a large population evaluated at once, about; 0: the default */
    unsigned seconds_max;     /* for one test; 0: no limit */
    const volatile int *stop; /* ctrl-C; may be NULL */
    struct progress *progress;
};

/* Runs the tests at the store's present position, in one commit for all that could be run. A test
 * that cannot be run (a population that is refused, an expression that is not allowed, an example
 * that fails) becomes a finding and does not hide the others. If no test was named, those without
 * any record yet are no findings but listed in "not_run": [{"test","records": TYPE}]. With a run
 * that no one may rest on (an auditor who is not of the engagement's team) nothing is run:
 * ERROR_REFUSED. Returns contract.md's tree {"position","period","tests":[...]}; NULL with *err. */
MUST_USE struct value *tests_run(struct store *store, const struct catalogue *catalogue,
                                 struct arena *arena, const struct run_options *options,
                                 struct findings *findings, struct error *err);

/* Runs the examples of tests: {"tests":[{"test","examples","failed"}]}; failures are findings.
 * stop: ctrl-C; may be NULL. */
MUST_USE struct value *tests_check(struct store *store, const struct catalogue *catalogue,
                                   struct arena *arena, const struct slice *tests,
                                   size_t tests_count, const volatile int *stop,
                                   struct findings *findings, struct error *err);

#endif
