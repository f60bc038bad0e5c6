/* Private to the verifier: one report against the ledger under it. */
#ifndef ATTEST_VERIFY_REPORT_CHECK_H
#define ATTEST_VERIFY_REPORT_CHECK_H
#include "verify/verify_private.h"

enum { DIFFERENCES_TOLD_MAX = 5 }; /* of many, so many are told one by one */

/* An item as an evaluation classifies it. Texts borrow from the evaluation's document. */
struct judged {
    struct slice key;   /* canonical JSON, as a matrix has it */
    struct slice class; /* deviation, not-a-deviation, void */
    struct slice kind, reason;
    bool has_deviated; /* in one of the runs */
};

struct evaluation {
    uint64_t n;
    bool is_held;          /* its document is here */
    struct judged *judged; /* sorted by key */
    size_t count;
    struct judged *others;        /* what holds for all that are not named; NULL: nothing */
    uint64_t others_count;        /* how many those are, as it says */
    uint64_t others_seen;         /* in the runs whose results were here */
    size_t runs_count, runs_read; /* runs it rests on; those whose results were here */
    struct evaluation *next;
};

/* A run with the evaluations of it: mostly one. */
struct evaluated {
    uint64_t run; /* its entry */
    struct digest leaf;
    struct evaluation **by; /* the last one first */
    size_t by_count;
    bool is_printed; /* section 4 has a row of it */
    bool is_read;    /* its results were here */
};

struct counted_run {
    uint64_t n;
    struct matrix_counts counts;
    const struct counted_run *next;
};

/* What was held against what, item by item. */
struct exception_counts {
    uint64_t runs, unread_runs;     /* with a row or an evaluation; those without results here */
    uint64_t printed, reclassified; /* items */
    uint64_t more;                  /* of both, those that are only counted */
    uint64_t unread_evaluations;    /* whose document is not here */
    uint64_t differences;
};

struct report_check {
    struct verifier *v;
    struct arena *arena;             /* for this report */
    struct arena *step;              /* for one entry or document in hand */
    const struct contents *contents; /* what this report rests on, and no other */
    uint64_t n;                      /* of its entry */
    const struct value *model;
    bool is_auditors;
    struct evaluation *evaluations;
    struct evaluated *evaluated;
    size_t evaluated_count, evaluated_capacity;
    const struct counted_run *counted;
    uint64_t compared; /* facts of the model held against the ledger */
    uint64_t differences;
    uint64_t absent; /* those that could not be, for what they rest on is not here */
    struct exception_counts exceptions;
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

/* ---- items, one by one ---- */
struct exam; /* layout: report_exceptions.c */

/* What an item of a run, an evaluation and the report say of each other. False only for an error of
 * the machine. */
PRINTF_LIKE(2, 3)
MUST_USE bool exception_differs(struct report_check *report, const char *format, ...);
/* Begins with run n and what is printed of it; test NULL: nothing is. In the step's arena. */
MUST_USE struct exam *exam_start(struct report_check *report, const struct value *test, uint64_t n,
                                 struct slice of);
/* A row of the matrix that deviates: struct matrix_visit. */
MUST_USE bool exam_row(void *exam, const struct matrix_counts *counts, struct slice key,
                       uint64_t deviating, struct error *err);
/* After all rows, if the matrix was here. */
MUST_USE bool exam_end(struct exam *exam, bool has_matrix);

struct evaluated *evaluated_find(struct report_check *report, uint64_t run);
/* The item if it is named, else what holds for the others; NULL: it is not classified. */
struct judged *judged_find(const struct evaluation *evaluation, struct slice key);

/* In this order: evaluations are what tests' conclusions are held against. */
MUST_USE bool report_evaluations(struct report_check *report);
MUST_USE bool report_tests(struct report_check *report);
/* After all runs: what evaluations classify must have deviated in one of theirs. */
MUST_USE bool report_evaluations_end(struct report_check *report);
MUST_USE bool report_populations(struct report_check *report);
MUST_USE bool report_conclusions(struct report_check *report);

/* ---- what is copied from recorded documents, word for word ---- */

/* A test of section 4 against the entries of its run and of its definition. */
MUST_USE bool report_test_copies(struct report_check *report, const struct value *test,
                                 const struct entry *run, const struct entry *definition,
                                 struct slice of);
/* The same test in appendix B. */
MUST_USE bool report_appendix_copies(struct report_check *report, const struct value *test,
                                     const struct entry *run, const struct entry *definition,
                                     struct slice of);
/* A population of appendix A and the body of its entry. */
MUST_USE bool report_population_copies(struct report_check *report, const struct value *population,
                                       const struct value *body, struct slice of);
/* Titles and statements of the controls, in the version that is printed. */
MUST_USE bool report_controls(struct report_check *report);
/* One part of the opinion. */
MUST_USE bool report_opinion_copies(struct report_check *report, const struct value *says,
                                    const struct value *recorded, struct slice of);
/* Its signer, date and engagement; the entry and its document. */
MUST_USE bool report_opinion_facts(struct report_check *report, const struct entry *entry,
                                   const struct value *document);
MUST_USE bool report_assertion(struct report_check *report, const struct value *document);

#endif
