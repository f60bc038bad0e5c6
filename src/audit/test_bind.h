/* From a test as it is written to expressions that can be run: checked against the tables there
 * are, with the period and the values of the parameters in their places. */
#ifndef ATTEST_AUDIT_TEST_BIND_H
#define ATTEST_AUDIT_TEST_BIND_H
#include "audit/tables.h"
#include "audit/test_definition.h"

/* What period.starts, period.ends and param.NAME stand for. */
struct test_values {
    const struct period *period; /* NULL: none; an expression that uses it is refused */
    const struct value *set;     /* object: id of a parameter to a value that stands in place of the
                                  * one in force; NULL: none. Checked here. */
};
/* Checks all expressions of a test. used[] gets the tables they name, bounds[] (NULL: not asked
 * for) how sub-queries are bound to the item (see expression_check()). *bound is the test with the
 * texts to run; it borrows from the test, and its new texts live in the arena. Errors:
 * ERROR_INVALID: an expression that is not allowed; a value that is no parameter of the test or
 * does not fit it. ERROR_NOT_FOUND: a list to reconcile with that is no type. */
MUST_USE bool test_bind(const struct test_definition *test, const struct test_values *values,
                        const struct tables *tables, size_t item_table, struct arena *arena,
                        struct engine *engine, bool *used, struct expression_bound *bounds,
                        struct test_definition *bound, struct error *err);

#endif
