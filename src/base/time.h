/* Instants, dates and zones.
 *
 * An instant is a count of microseconds since 1970-01-01T00:00:00Z without leap seconds (int64_t,
 * suffix _us). A date is days since 1970-01-01 in the proleptic Gregorian calendar (int32_t). */
#ifndef ATTEST_BASE_TIME_H
#define ATTEST_BASE_TIME_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)
/* 0001-01-01T00:00:00Z and the last microsecond of 9999: what can be written as text. */
#define INSTANT_MIN_US (INT64_C(-62135596800) * US_PER_SECOND)
#define INSTANT_MAX_US (INT64_C(253402300800) * US_PER_SECOND - 1)

struct civil {                            /* a local or UTC reading of the clock */
    int32_t year;                         /* 1 to 9999 */
    int month, day, hour, minute, second; /* second may be 60 as read */
    int32_t micros;
};

/* Within INSTANT_MIN_US and INSTANT_MAX_US. Values from outside (a Parquet file, a database) are
 * checked with this before time_format() sees them. */
bool instant_is_valid(int64_t instant_us);

struct zone; /* IANA time zone, layout: zone.c */

/* "UTC" needs no file; others are read from the system's zoneinfo (TZif), whose path can be set by
 * the environment variable TZDIR. ERROR_NOT_FOUND with a near name if there is none. */
MUST_USE struct zone *zone_new(struct slice name, struct error *err);
void zone_free(struct zone *zone);              /* NULL is fine */
const char *zone_name(const struct zone *zone); /* as given; NULL gives "UTC" */
/* Seconds east of UTC at an instant. */
int32_t zone_offset(const struct zone *zone, int64_t instant_us);
enum zone_kind { ZONE_UNIQUE, ZONE_AMBIGUOUS, ZONE_GAP };
/* The instant(s) of a local reading. ZONE_AMBIGUOUS: *first < *second. ZONE_GAP: the reading does
 * not exist; both are the first instant after the gap. */
enum zone_kind zone_local(const struct zone *zone, const struct civil *local, int64_t *first_us,
                          int64_t *second_us);

/* The first instant of a day in a zone (NULL: UTC); where midnight was skipped, the first one after
 * it. A day that the zone skipped begins where the next one does. */
int64_t zone_day_start(int32_t days, const struct zone *zone);
/* The day on which an instant lies, in a zone. */
int32_t zone_day(int64_t instant_us, const struct zone *zone);

enum time_fraction { TIME_FRACTION_EXACT, TIME_FRACTION_TRUNCATE };
/* What a day alone means where an instant is asked for. */
enum time_day {
    TIME_DAY_REFUSED,
    TIME_DAY_START, /* its first instant */
    TIME_DAY_END,   /* its last microsecond */
};
struct time_options {
    const struct zone *zone;     /* for times without an offset; NULL: such a time is an error */
    enum time_fraction fraction; /* digits finer than a microsecond: refused unless zeros, or cut */
    enum time_day day;           /* of the zone, without which it is refused all the same */
};
/* What was unusual about an accepted time. */
enum time_note { TIME_PLAIN, TIME_LEAP_SECOND, TIME_TRUNCATED };

/* RFC 3339, also with a space or lower-case t and z, offsets up to +-15:59 (-00:00 is UTC),
 * fraction of any length. A real leap second (23:59:60Z on a day that had one) is the instant one
 * microsecond before the next day, so that it sorts after :59 and before midnight; others are
 * refused. A local time that is ambiguous or does not exist in the zone is refused. Errors:
 * ERROR_INVALID; the message quotes the text and says what was expected. */
MUST_USE bool time_parse(struct slice text, const struct time_options *options, int64_t *instant_us,
                         enum time_note *note, struct error *err);
/* YYYY-MM-DDThh:mm:ss.ffffffZ, 27 bytes and a NUL. The instant is valid (instant_is_valid). */
void time_format(int64_t instant_us, char out[28]);
/* Only the form that time_format() writes. */
MUST_USE bool time_parse_canonical(struct slice text, int64_t *instant_us);
/* YYYY-MM-DD. */
MUST_USE bool date_parse(struct slice text, int32_t *days, struct error *err);
void date_format(int32_t days, char out[11]); /* years 1 to 9999 */
void civil_from_instant(int64_t instant_us, int32_t offset_seconds, struct civil *civil);
int32_t days_from_civil(int32_t year, int month, int day);
void civil_from_days(int32_t days, int32_t *year, int *month, int *day);

/* FROM..TO, both dates included, in a zone: half open in instants, from 00:00 of the first day to
 * before 00:00 of the day after the last. */
struct period {
    int64_t start_us; /* included */
    int64_t end_us;   /* excluded */
};
/* zone NULL is UTC. ERROR_INVALID also for one single day that a zone skipped (Pacific/Apia,
 * 2011-12-30) and for ends beyond the years 1 to 9999 in UTC. */
MUST_USE bool period_parse(struct slice text, const struct zone *zone, struct period *period,
                           struct error *err);
/* The civil dates (start and last, both included) of a period in a zone, "FROM..TO". */
void period_format(const struct period *period, const struct zone *zone, char out[24]);

/* The system's clock. */
int64_t clock_now_us(void);

#endif
