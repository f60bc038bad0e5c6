/* src/report/doctor_private.h
 * What the parts of doctor_read() share. */
#ifndef ATTEST_REPORT_DOCTOR_PRIVATE_H
#define ATTEST_REPORT_DOCTOR_PRIVATE_H
#include "audit/freshness.h"
#include "report/doctor.h"

/* In the order of urgency: what makes results wrong, what was missed, what the next step needs,
 * what follows from it, what comes. */
enum doctor_rule {
    TODO_EXAMPLE_FAILS,
    TODO_RECORDS_CONFLICT,
    TODO_DUTY_MISSED,
    TODO_ROLE_EMPTY,
    TODO_ENGAGEMENT_NONE,
    TODO_CRITERION_BARE,
    TODO_CONTROL_UNTESTED,
    TODO_TYPE_UNFED,
    TODO_SOURCE_SILENT,
    TODO_SOURCE_STALE,
    TODO_TEST_UNRUN,
    TODO_DEVIATION_OPEN,
    TODO_REPORT_LACKS,
    TODO_REPORT_READY,
    TODO_POLICY_UNAPPROVED,
    TODO_KEY_NONE,
    TODO_ADMINISTRATOR_ALONE,
    TODO_ANCHOR_NONE,
    TODO_DUTY_COMING,
    TODO_RULES
};

struct doctor_note {
    struct slice subject; /* role/security-lead */
    const char *detail;   /* after what the rule says; may be NULL */
    const char *todo;     /* a command, or the fields to edit */
    bool is_edit;         /* the latter, in the subject's document */
    size_t weight;        /* of one rule the heaviest first */
};
struct doctor {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    const struct doctor_options *options;
    struct freshness_list fresh;
    struct doctor_notes {
        struct doctor_note *items;
        size_t count, capacity;
    } notes[TODO_RULES];
    struct error *err;
};

/* Adds a note; todo NULL (what arena_printf() gives without memory) is false. */
MUST_USE bool doctor_note(struct doctor *doctor, enum doctor_rule rule,
                          const struct doctor_note *note);

/* The documents of a kind as they are, sorted by name. */
struct doctor_documents {
    struct slice *names;
    const struct value **items;
    size_t count;
};
MUST_USE bool doctor_documents(struct doctor *doctor, struct slice kind,
                               struct doctor_documents *documents);

/* Each finds what its rules say. False with *err. */
MUST_USE bool doctor_house(struct doctor *doctor);       /* keys, administrators, anchor */
MUST_USE bool doctor_programme(struct doctor *doctor);   /* roles, criteria, tests, policies */
MUST_USE bool doctor_evidence(struct doctor *doctor);    /* sources, records, due days */
MUST_USE bool doctor_examination(struct doctor *doctor); /* engagements, runs, reports */

#endif
