/* What an engagement reaches: controls and criteria by layer and principle, by layer and category
 * of 2014, and who else has a part. Counted, never concluded. */
#ifndef ATTEST_AUDIT_SCOPE_H
#define ATTEST_AUDIT_SCOPE_H
#include "program/catalogue.h"
#include "program/selection.h"
#include "store/store.h"

/* For an engagement's document, or NULL for the programme as it is: every layer and principle, the
 * criteria of tsc-2017, vendors with a method as parties.
 *
 * {"engagement","title","system","catalog","layers_from":"engagement"|"system"|"nowhere",
 *  "layers":[those in scope],"principles":[those in scope],
 *  "parties":[{"party":"own"|"user"|"subservice","name","function","method","layers":[...],
 *              "criteria","controls"}],
 *  "matrix":[{"by":"principle"|"category of 2014","name","title","in_scope",
 *             "layers":{"Facilities":{"controls","criteria","tests","cell","gap"},...},
 *             "controls","criteria","of","tests","gaps":["..."]}],
 *  "rows":[{"by","name","layer","in_scope","controls","criteria","of","tests","gap"}],
 *  "without_layer","gaps"}
 *
 * criteria: how many of `of` have a control there: for principles those of the engagement's edition
 * that it asks for, the common ones under security; for categories the criteria of 2014, reached
 * directly or by a mapping. cell is "controls / criteria" in short. gap: for principles "no
 * control" or "no test" in a layer in scope, or "left to NAME" where a carve-out runs the layer; a
 * whole row names the criteria without any control. rows are the same, flat; layer "" is the sum.
 * without_layer: controls that name no layer, which are in the sums alone. gaps counts rows that
 * have one. */
MUST_USE struct value *scope_matrix(struct store *store, const struct catalogue *catalogue,
                                    struct arena *arena, struct slice name,
                                    const struct value *engagement, uint64_t size,
                                    struct error *err);

#endif
