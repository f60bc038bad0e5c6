/* When something is due, and what performed it: rules of the calendar alone, without a store.
 *
 * A rule gives due days, step by step from an anchor. A day is due at its end: the last microsecond
 * before the next day begins in the rule's zone. So a year has exactly the days that its calendar
 * shows, whatever clocks do, and what is due on the last day of a period lies in the period. */
#ifndef ATTEST_PROGRAM_CALENDAR_H
#define ATTEST_PROGRAM_CALENDAR_H
#include "base/duration.h"
#include "base/time.h"

/* How far one due day is from the next. */
struct calendar_step {
    const char *name; /* annual, semi-annual, quarterly, monthly, weekly, daily */
    int months, days; /* one of them is 0 */
    int32_t anchor; /* where the rule has none: the end of each calendar period, weeks on Sunday */
};
/* NULL for what has no due days: many-a-day, per-event. */
const struct calendar_step *calendar_step_find(struct slice name);

/* How long after the due day something is still in time: "14 days", "1 month", as base/duration.h
 * reads it, at most a hundred years; months and days are those of the calendar, in the rule's zone.
 * ERROR_INVALID. */
MUST_USE bool calendar_allowed_parse(struct slice text, struct duration *allowed,
                                     struct error *err);
/* The end of a day, moved on by a length: its last microsecond that still counts. */
int64_t calendar_end(int32_t day, const struct zone *zone, const struct duration *length);

struct calendar_rule {
    const struct calendar_step *step;
    /* A day on which one is due. Steps of months keep its day of the month, in shorter months their
     * last day; the last day of a month stays the last day of each month. */
    int32_t anchor;
    const struct zone *zone; /* NULL: UTC */
    struct duration allowed; /* after the due day it is still in time */
};
struct calendar_pause {
    int32_t from, to; /* days, both included */
};
/* What one version of a control says. */
struct calendar_version {
    int64_t from_us, to_us; /* what it claims: from included, to excluded; INT64_MAX: open. Equal:
                             * from here on there is nothing (a removal) */
    bool has_rule;          /* false: nothing is due under this version */
    struct calendar_rule rule;
    const struct calendar_pause *pauses;
    size_t pauses_count;
};
/* A stretch of time and the version that rules it. */
struct calendar_span {
    int64_t from_us, to_us;
    size_t version; /* index */
};
struct calendar_spans {
    struct calendar_span *items;
    size_t count;
};
/* Which version rules when: at any time the last one that has begun, until it ends; an earlier one
 * does not come back. Spans are in order of time and do not overlap. */
MUST_USE bool calendar_spans(struct arena *arena, const struct calendar_version *versions,
                             size_t count, struct calendar_spans *spans, struct error *err);

struct occurrence {
    int32_t day;        /* on which it is due, in the zone of its version */
    int64_t from_us;    /* its window begins: the end of the one before, or of what came before */
    int64_t due_us;     /* the last microsecond of its day */
    int64_t allowed_us; /* the last microsecond that is in time */
    size_t version;
};
struct occurrences {
    struct occurrence *items;
    size_t count;
};
/* Every occurrence whose window begins before until_us, first to last: what each version says for
 * its time, each day once. An occurrence whose day a pause holds is left out, yet ends the window
 * before it. A day that the zone skipped has none of its own.
 * Errors: ERROR_INVALID (over a million), ERROR_NO_MEMORY. */
MUST_USE bool calendar_occurrences(struct arena *arena, const struct calendar_version *versions,
                                   size_t count, int64_t until_us, struct occurrences *list,
                                   struct error *err);

enum { CALENDAR_NONE = -1 };
/* Something that was done. */
struct calendar_deed {
    int64_t at_us;
    bool names_day; /* it says itself which due day it is for */
    int32_t day;
};
/* Which deed performed which occurrence: done_by[i] is the index of the deed of occurrence i, or
 * CALENDAR_NONE. A deed serves one occurrence, an occurrence takes one deed; deeds are in order of
 * time. A deed that names a day serves only that. Of the others as many as can be are in time, and
 * what is left over makes up for what is overdue, the earliest first
 * (docs/decisions/what-performs-what.md). */
MUST_USE bool calendar_match(struct arena *arena, const struct occurrences *list,
                             const struct calendar_deed *deeds, size_t deeds_count,
                             int64_t **done_by, struct error *err);

#endif
