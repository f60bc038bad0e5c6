/* src/report/doctor.h
 * `attest doctor`: what is to be done next, most urgent first. Reads, and writes nothing.
 *
 * It knows no rule of its own where another part has one: coverage() tells which criteria lack
 * controls and tests, freshness_read() which evidence is missing, duties_list() what was missed,
 * tables_conflicts() which records contradict each other, report_model_check() what a report lacks.
 * What this adds is their order, and what to do about each. */
#ifndef ATTEST_REPORT_DOCTOR_H
#define ATTEST_REPORT_DOCTOR_H
#include "program/kinds.h"
#include "store/store.h"

struct doctor_options {
    uint64_t size;
    int64_t now_us;
    struct slice person;   /* who acts; empty: nobody in particular */
    const char *programme; /* folder of the documents, to name file and line; NULL: there is none */
    const char *ledger;    /* its folder */
    bool wants_each;       /* a row for each thing, not one for all of a rule */
};
/* [{"area","rule","count","what","do","coming","subjects":[...]}], most urgent first. *pressing:
 * things (not rows) that are to be done now; what is only due soon is not among them.
 * Owner:  the arena.
 * Errors: those of what it asks. What another part refuses because of the programme itself (a
 *         report that cannot be composed) is a row. NULL with *err. */
MUST_USE struct value *doctor_read(struct store *store, const struct catalogue *catalogue,
                                   struct arena *arena, const struct doctor_options *options,
                                   size_t *pressing, struct error *err);

#endif
