/* Private to the verifier: one report against the ledger under it. */
#ifndef ATTEST_VERIFY_REPORT_CHECK_H
#define ATTEST_VERIFY_REPORT_CHECK_H
#include "verify/verify_private.h"

/* What an evaluation made of the items of one run. */
struct evaluated {
    uint64_t run; /* entry of the run */
    uint64_t deviations, not_deviations, void_items;
    bool is_clear;   /* this run alone, evaluated once: the report's counts must be these */
    bool is_printed; /* section 4 has a row of it */
};

struct counted_run {
    uint64_t n;
    struct matrix_counts counts;
    const struct counted_run *next;
};

struct report_check {
    struct verifier *v;
    struct arena *arena; /* for this report */
    struct arena *step;  /* for one entry or document in hand */
    uint64_t n;          /* of its entry */
    const struct value *model;
    bool is_auditors;
    struct evaluated *evaluated;
    size_t evaluated_count, evaluated_capacity;
    const struct counted_run *counted;
    uint64_t compared; /* facts of the model held against the ledger */
    uint64_t differences;
    uint64_t absent; /* those that could not be, for what they rest on is not here */
};

/* A fact of the model that is not what the ledger holds: the check fails. False only for an error
 * of the machine. */
PRINTF_LIKE(2, 3)
MUST_USE bool report_differs(struct report_check *report, const char *format, ...);
/* A number of the model: counted as compared, told if it differs. `what` begins the sentence. */
MUST_USE bool report_number(struct report_check *report, const struct value *number,
                            uint64_t expected, const char *what, struct slice of);
MUST_USE bool report_text(struct report_check *report, struct slice text, struct slice expected,
                          const char *what, struct slice of);

/* In this order: evaluations are what tests' conclusions are held against. */
MUST_USE bool report_evaluations(struct report_check *report);
MUST_USE bool report_tests(struct report_check *report);
MUST_USE bool report_populations(struct report_check *report);
MUST_USE bool report_conclusions(struct report_check *report);

#endif
