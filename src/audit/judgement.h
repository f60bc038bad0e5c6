/* What people conclude, checked against what was found: evaluations, conclusions, opinions.
 *
 * Nothing here computes a conclusion or an opinion. It refuses contradictions (domain rule C.3 and
 * D.8): an evaluation that leaves a candidate out, a modified opinion without basis, "effective"
 * for a control that did not operate; and warns where the partner must have thought: a criterion
 * concluded not met under an unmodified opinion. */
#ifndef ATTEST_AUDIT_JUDGEMENT_H
#define ATTEST_AUDIT_JUDGEMENT_H
#include "program/plan.h"

/* Checks the items of a plan before it is applied. Faults become findings with the place of the
 * document. True if none is an error; false with *err only for what stops everything. */
MUST_USE bool judgement_check(struct store *store, struct arena *arena, const struct plan *plan,
                              const struct acting *acting, struct findings *findings,
                              struct error *err);

#endif
