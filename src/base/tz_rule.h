/* The rule at the end of a TZif file: a POSIX TZ string, which says when summer time begins and
 * ends in every year after the file's last transition. Instants in seconds. */
#ifndef ATTEST_BASE_TZ_RULE_H
#define ATTEST_BASE_TZ_RULE_H
#include "base/slice.h"

struct tz_rule_day {
    enum { TZ_MONTH_WEEK_DAY, TZ_JULIAN_NO_LEAP, TZ_DAY_OF_YEAR } form;
    int month, week, weekday; /* Mm.w.d: week 5 is the last, weekday 0 is Sunday */
    int day;                  /* Jn: 1 to 365; n: 0 to 365 */
    int32_t time;             /* seconds after local midnight, also negative or beyond a day */
};

struct tz_rule {
    int32_t standard, summer; /* seconds east */
    bool has_summer;
    struct tz_rule_day begin, end; /* of summer time; each in the local time before it */
};

/* Source: POSIX.1 (TZ), extended as RFC 9636 3.3.1 has it: hours of a rule from -167 to 167. False
 * if it is not such a string, or names a summer time without its rules. */
MUST_USE bool tz_rule_parse(struct slice text, struct tz_rule *rule);
/* The offset at an instant, and the stretch of time around it in which it holds: *start included
 * (INT64_MIN: always), *end excluded (INT64_MAX: for ever). */
int32_t tz_rule_span(const struct tz_rule *rule, int64_t instant, int64_t *start, int64_t *end);

#endif
