/* Dates and times as exports write them, by a pattern that says how: 03/01/2024 by DD/MM/YYYY,
 * 1 March 2024 by D MMMM YYYY. Nothing is guessed: without a pattern only ISO 8601 is read.
 *
 * In a pattern stand for what is written: YYYY the year; MM, M the month in digits (M also
 * without a leading zero), MMM and MMMM its English name, short or full, in any case; DD, D the
 * day; HH, H the hour of 24, hh, h of 12 with A for AM or PM; mm the minute; ss the second; SSS a
 * fraction of any number of digits; Z an offset (+02:00, +0200 or Z). Every other character stands
 * for itself. The longest form is taken: MMMM is a name, not twice MM. */
#ifndef ATTEST_BASE_TIME_PATTERN_H
#define ATTEST_BASE_TIME_PATTERN_H
#include "base/error.h"
#include "base/slice.h"

enum { TIME_ISO_BYTES = 80, TIME_PATTERN_BYTES_MAX = 64 };

/* Whether a pattern names a day (year, month and day, each once), and a clock only in whole.
 * ERROR_INVALID says what it lacks. */
MUST_USE bool time_pattern_check(struct slice pattern, struct error *err);
/* Rewrites a text as ISO 8601: "2024-01-03", or with a clock if the pattern has one,
 * "2024-01-03T10:30:00.5+02:00". Whether there is such a day is for date_parse() and time_parse()
 * to say. The pattern was checked. ERROR_INVALID quotes the text and the pattern. */
MUST_USE bool time_pattern_rewrite(struct slice text, struct slice pattern,
                                   char iso[TIME_ISO_BYTES], struct error *err);

#endif
