/* `attest test try`: what a test would say with other values of its parameters. Nothing is written.
 */
#ifndef ATTEST_AUDIT_TRY_H
#define ATTEST_AUDIT_TRY_H
#include "audit/test_bind.h"

struct try_options {
    struct slice test;       /* test/ID or ID */
    struct slice period;     /* FROM..TO; empty: the engagement's */
    struct slice engagement; /* engagement/ID or ID; empty: none */
    const char *const *set;  /* NAME=VALUE */
    size_t set_count;
    const char *temp_folder; /* for what the engine spills, and tables that the program makes */
    unsigned seconds_max;
    const volatile int *stop; /* ctrl-C; may be NULL */
};

/* Runs the test twice over all rows of the period, with the values in force and with those that are
 * set, and gives what differs:
 *
 *   {"test","version","period":{"from","to"},"parameters":[{"id","in_force","tried"}],
 *    "items":{"in_force","tried"},"attributes":[{"id","in_force":{holds,fails,undecided},"tried"}],
 *    "moved":[{"key","attribute","in_force","tried"}]}
 *
 * An item that only one of the two has in its population is "absent" from the other. Gaps in
 * coverage and the test's examples are for runs to judge. Errors: ERROR_USAGE (no period, no
 * NAME=VALUE), ERROR_INVALID (a value that is not allowed, an expression, rows in conflict),
 * ERROR_NOT_FOUND; NULL. */
MUST_USE struct value *test_try(struct store *store, const struct catalogue *catalogue,
                                struct arena *arena, const struct try_options *options,
                                struct error *err);

#endif
