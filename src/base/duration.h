/* Lengths of time as people write them in documents: "24 hours", "1 month 3 days". */
#ifndef ATTEST_BASE_DURATION_H
#define ATTEST_BASE_DURATION_H
#include "base/slice.h"

/* Months and days are no fixed number of hours, so they are kept apart. */
struct duration {
    int64_t months, days, micros;
};
/* One or more of NUMBER UNIT, units falling from years to seconds (years, months, weeks, days,
 * hours, minutes, seconds; the singular too), each at most once, numbers from 0 to 99999. */
MUST_USE bool duration_parse(struct slice text, struct duration *duration);
/* For putting lengths in order: a month as 30 days of 24 hours, as SQL does. Fits for whatever
 * duration_parse() gives. */
int64_t duration_micros(const struct duration *duration);

#endif
