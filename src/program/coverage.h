/* Criteria x controls x tests. A mapping is not a conclusion on design. */
#ifndef ATTEST_PROGRAM_COVERAGE_H
#define ATTEST_PROGRAM_COVERAGE_H
#include "program/kinds.h"
#include "program/selection.h"
#include "store/store.h"

/* {"catalog","criteria":[{"id":"tsc-2017/CC6.1","title","covered":"directly"|"through a mapping"|
 * "no","through":["tsp-2009/S3.2"],"controls":["control/LA-03"],"tests":["test/LA-03.T1"],
 * "gaps":["..."]}],"rows":[{"criterion","through","control","test","gap"}],"mapped","through",
 * "tested","gaps"} for every criterion of the edition (empty: tsc-2017), in its order. A control
 * counts for the criteria it names; a test for those of its control. Where no control names a
 * criterion, those count that name what maps to it, and "through" says what that is: it is not the
 * same as directly, and for the criteria of an examination it stays a gap. A gap says what is
 * missing, in words. The rows are the same, flat: one for each test of each control of each
 * criterion, by criterion and control; a control without a test and a criterion without a control
 * have one row each, in which what there is none of is empty. "mapped" counts the criteria covered
 * directly, "through" those through a mapping, "tested" those of either that have a test.
 * A selector (NULL: none) leaves the criteria and controls that it takes; if it is about controls,
 * also only the criteria that have one of them.
 * Errors: ERROR_NOT_FOUND (no such edition; names those there are). */
MUST_USE struct value *coverage(struct store *store, const struct catalogue *catalogue,
                                struct arena *arena, struct slice edition,
                                const struct selector *selector, uint64_t size, struct error *err);

#endif
