/* Instants and dates: the calendar, and reading and writing them as text.
 *
 * The calendar is the proleptic Gregorian one. Days are counted with plain 400-year arithmetic;
 * leap seconds exist only in what is read (see leap_days below). */
#include "base/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAYS_TO_1970 = 719162 }; /* from 0001-01-01 to 1970-01-01 */

/* Days on which UTC had a second 23:59:60. Source: IERS, Bulletin C 1 to 70 (1972 to 2025); none
 * since 2016. A new one is added here; until then a time that names it is refused. */
static const struct leap_day {
    int16_t year;
    int8_t month, day;
} leap_days[] = {
    { 1972, 6, 30 },  { 1972, 12, 31 }, { 1973, 12, 31 }, { 1974, 12, 31 }, { 1975, 12, 31 },
    { 1976, 12, 31 }, { 1977, 12, 31 }, { 1978, 12, 31 }, { 1979, 12, 31 }, { 1981, 6, 30 },
    { 1982, 6, 30 },  { 1983, 6, 30 },  { 1985, 6, 30 },  { 1987, 12, 31 }, { 1989, 12, 31 },
    { 1990, 12, 31 }, { 1992, 6, 30 },  { 1993, 6, 30 },  { 1994, 6, 30 },  { 1995, 12, 31 },
    { 1997, 6, 30 },  { 1998, 12, 31 }, { 2005, 12, 31 }, { 2008, 12, 31 }, { 2012, 6, 30 },
    { 2015, 6, 30 },  { 2016, 12, 31 },
};
_Static_assert(ARRAY_LEN(leap_days) == 27, "as many as there have been");

static bool is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int64_t year, int month)
{
    static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* From 0001-01-01 to the first of January of the year. */
static int64_t days_before_year(int64_t year)
{
    int64_t whole = year - 1;
    return whole * 365 + floor_div(whole, 4) - floor_div(whole, 100) + floor_div(whole, 400);
}

static int days_before_month(int64_t year, int month)
{
    static const int16_t days[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    return days[month - 1] + (month > 2 && is_leap_year(year));
}

int32_t days_from_civil(int32_t year, int month, int day)
{
    assert(month >= 1 && month <= 12);
    return (int32_t)(days_before_year(year) + days_before_month(year, month) + day - 1 -
                     DAYS_TO_1970);
}

void civil_from_days(int32_t days, int32_t *year, int *month, int *day)
{
    int64_t since = (int64_t)days + DAYS_TO_1970;
    /* 146,097 days are 400 years; the estimate is at most one year off. */
    int64_t guess = floor_div(since * 400, 146097) + 1;
    while (days_before_year(guess) > since)
        guess--;
    while (days_before_year(guess + 1) <= since)
        guess++;
    int rest = (int)(since - days_before_year(guess));
    int found = 1;
    while (found < 12 && days_before_month(guess, found + 1) <= rest)
        found++;
    *year = (int32_t)guess;
    *month = found;
    *day = rest - days_before_month(guess, found) + 1;
}

void civil_from_instant(int64_t instant_us, int32_t offset_seconds, struct civil *civil)
{
    int64_t seconds = floor_div(instant_us, US_PER_SECOND) + offset_seconds;
    int64_t days = floor_div(seconds, 86400);
    int rest = (int)(seconds - days * 86400);
    int64_t micros = instant_us % US_PER_SECOND;
    civil->micros = (int32_t)(micros < 0 ? micros + US_PER_SECOND : micros);
    civil_from_days((int32_t)days, &civil->year, &civil->month, &civil->day);
    civil->hour = rest / 3600;
    civil->minute = rest / 60 % 60;
    civil->second = rest % 60;
}

bool instant_is_valid(int64_t instant_us)
{
    return instant_us >= INSTANT_MIN_US && instant_us <= INSTANT_MAX_US;
}

/* ---------------------------------------------------------------- reading */

/* A text as an error may show it: its beginning, and no NUL, which would end the message. */
struct shown {
    char text[84];
};
static struct shown shown(struct slice text)
{
    enum { SHOWN_MAX = 80 };
    struct shown out = { { 0 } };
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX, bad;
    while (len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len--;
    bool is_utf8 = utf8_is_valid(slice_head(text, len), &bad);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        out.text[i] = byte == 0 || (byte >= 0x80 && !is_utf8) ? '?' : (char)byte;
    }
    memcpy(out.text + len, text.len > len ? "..." : "", text.len > len ? 4 : 1);
    return out;
}

/* `count` digits at *at, moved past them. */
static bool take_digits(struct slice text, size_t *at, size_t count, int *value)
{
    int sum = 0;
    if (text.len - *at < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char byte = text.at[*at + i];
        if (byte < '0' || byte > '9')
            return false;
        sum = sum * 10 + (byte - '0');
    }
    *at += count;
    *value = sum;
    return true;
}

static bool take_char(struct slice text, size_t *at, char wanted)
{
    if (*at == text.len || text.at[*at] != wanted)
        return false;
    *at += 1;
    return true;
}

static const char not_a_date[] = "a date is written YYYY-MM-DD";

/* NULL, or what is wrong. */
static const char *take_date(struct slice text, size_t *at, struct civil *civil)
{
    int year;
    if (!take_digits(text, at, 4, &year) || !take_char(text, at, '-') ||
        !take_digits(text, at, 2, &civil->month) || !take_char(text, at, '-') ||
        !take_digits(text, at, 2, &civil->day))
        return not_a_date;
    civil->year = year;
    if (year == 0)
        return "there is no year 0";
    if (civil->month < 1 || civil->month > 12)
        return "the month must be 01 to 12";
    if (civil->day < 1 || civil->day > days_in_month(year, civil->month))
        return "that month has no such day";
    return NULL;
}

struct reading {
    struct civil civil;
    bool has_offset, is_cut;
    int32_t offset_seconds;
};

static const char *take_fraction(struct slice text, size_t *at, enum time_fraction fraction,
                                 struct reading *reading)
{
    int32_t unit = 100000;
    size_t start = *at;
    for (; *at < text.len && text.at[*at] >= '0' && text.at[*at] <= '9'; *at += 1) {
        int digit = text.at[*at] - '0';
        if (unit == 0 && digit != 0)
            reading->is_cut = true;
        reading->civil.micros += digit * unit;
        unit /= 10;
    }
    if (*at == start)
        return "digits must follow the point";
    if (reading->is_cut && fraction == TIME_FRACTION_EXACT)
        return "it is finer than a microsecond";
    return NULL;
}

static const char *take_offset(struct slice text, size_t *at, struct reading *reading)
{
    if (*at == text.len)
        return NULL;
    reading->has_offset = true;
    char sign = text.at[*at];
    *at += 1;
    if (sign == 'Z' || sign == 'z')
        return NULL;
    int hours, minutes;
    if ((sign != '+' && sign != '-') || !take_digits(text, at, 2, &hours) ||
        !take_char(text, at, ':') || !take_digits(text, at, 2, &minutes))
        return "after the seconds comes Z or an offset such as +01:00";
    if (hours > 15 || minutes > 59)
        return "an offset lies between -15:59 and +15:59";
    /* -00:00 is UTC of which the writer's own zone is not known (RFC 3339 4.3). */
    reading->offset_seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return NULL;
}

/* NULL, or what is wrong. The grammar of RFC 3339 5.6, with the zone optional. */
static const char *read_time(struct slice text, enum time_fraction fraction,
                             struct reading *reading)
{
    struct civil *civil = &reading->civil;
    size_t at = 0;
    const char *fault = take_date(text, &at, civil);
    if (fault)
        return fault;
    if (at == text.len)
        return "the time of day is missing";
    if (!take_char(text, &at, 'T') && !take_char(text, &at, 't') && !take_char(text, &at, ' '))
        return "between date and time stands T";
    if (!take_digits(text, &at, 2, &civil->hour) || !take_char(text, &at, ':') ||
        !take_digits(text, &at, 2, &civil->minute) || !take_char(text, &at, ':') ||
        !take_digits(text, &at, 2, &civil->second))
        return "the time of day is written hh:mm:ss";
    if (civil->hour > 23)
        return "the hour must be 00 to 23";
    if (civil->minute > 59)
        return "the minute must be 00 to 59";
    if (civil->second > 60)
        return "the second must be 00 to 59";
    if (take_char(text, &at, '.'))
        fault = take_fraction(text, &at, fraction, reading);
    if (!fault)
        fault = take_offset(text, &at, reading);
    if (!fault && at != text.len)
        fault = "something follows it";
    return fault;
}

static bool time_fault(struct slice text, const char *fault, struct error *err)
{
    error_set(err, ERROR_INVALID, NULL, "\"%s\" is not a time: %s", shown(text).text, fault);
    return error_hint(err, "write it as 2023-01-31T23:59:59Z or 2023-01-31T23:59:59.123+01:00");
}

/* The offset as in +05:30; historic ones also have seconds. */
static void offset_format(int32_t seconds, char out[16])
{
    unsigned size = (unsigned)(seconds < 0 ? -seconds : seconds) % 360000;
    int len =
        snprintf(out, 16, "%c%02u:%02u", seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    if (size % 60 != 0 && len > 0)
        snprintf(out + len, 16 - (size_t)len, ":%02u", size % 60);
}

static bool local_instant(struct slice text, const struct zone *zone, const struct civil *civil,
                          int64_t *instant_us, struct error *err)
{
    int64_t second_us;
    char before[16], after[16];
    if (!zone) {
        error_set(err, ERROR_INVALID, NULL, "\"%s\" has no time zone", shown(text).text);
        return error_hint(err,
                          "add Z or an offset such as +01:00, or set a time zone for the source");
    }
    switch (zone_local(zone, civil, instant_us, &second_us)) {
    case ZONE_UNIQUE:
        return true;
    case ZONE_AMBIGUOUS:
        offset_format(zone_offset(zone, *instant_us), before);
        offset_format(zone_offset(zone, second_us), after);
        error_set(err, ERROR_INVALID, NULL, "\"%s\" happens twice in %s: at %s and at %s",
                  shown(text).text, zone_name(zone), before, after);
        return error_hint(err, "write the offset that is meant");
    case ZONE_GAP:
        offset_format(zone_offset(zone, *instant_us - 1), before);
        offset_format(zone_offset(zone, *instant_us), after);
        error_set(err, ERROR_INVALID, NULL,
                  "\"%s\" does not exist in %s: the clock was put on from %s to %s",
                  shown(text).text, zone_name(zone), before, after);
        return error_hint(err, "write the time with its offset");
    }
    return false;
}

static int64_t instant_from_civil(const struct civil *civil)
{
    int64_t days = days_from_civil(civil->year, civil->month, civil->day);
    int64_t seconds = days * 86400 + civil->hour * 3600 + civil->minute * 60 + civil->second;
    return seconds * US_PER_SECOND + civil->micros;
}

/* True if the second after this one, the last of a UTC day, was a leap second. */
static bool precedes_leap_second(int64_t instant_us)
{
    struct civil utc;
    civil_from_instant(instant_us, 0, &utc);
    if (utc.hour != 23 || utc.minute != 59 || utc.second != 59)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(leap_days); i++)
        if (leap_days[i].year == utc.year && leap_days[i].month == utc.month &&
            leap_days[i].day == utc.day)
            return true;
    return false;
}

/* YYYY-MM-DD as an instant of that day in the zone. */
static bool day_instant(struct slice text, const struct time_options *options, int64_t *instant_us,
                        struct error *err)
{
    int32_t day;
    if (!date_parse(text, &day, err))
        return false;
    if (!options->zone) {
        error_set(err, ERROR_INVALID, NULL, "\"%s\" is a day of no time zone", shown(text).text);
        return error_hint(err, "set a time zone for the source");
    }
    *instant_us = options->day == TIME_DAY_START ? zone_day_start(day, options->zone)
                                                 : zone_day_start(day + 1, options->zone) - 1;
    return instant_is_valid(*instant_us) ||
           time_fault(text, "in UTC it lies outside the years 1 to 9999", err);
}

bool time_parse(struct slice text, const struct time_options *options, int64_t *instant_us,
                enum time_note *note, struct error *err)
{
    static const size_t day_bytes = sizeof "2023-01-31" - 1;
    struct reading reading = { 0 };
    *note = TIME_PLAIN;
    if (options->day != TIME_DAY_REFUSED && text.len == day_bytes)
        return day_instant(text, options, instant_us, err);
    const char *fault = read_time(text, options->fraction, &reading);
    if (fault)
        return time_fault(text, fault, err);

    bool is_leap = reading.civil.second == 60;
    if (is_leap) {
        reading.civil.second = 59;
        reading.civil.micros = 999999;
    }
    int64_t instant;
    if (reading.has_offset)
        instant = instant_from_civil(&reading.civil) - reading.offset_seconds * US_PER_SECOND;
    else if (!local_instant(text, options->zone, &reading.civil, &instant, err))
        return false;
    if (is_leap && !precedes_leap_second(instant))
        return time_fault(text, "there was no leap second then", err);
    if (!instant_is_valid(instant))
        return time_fault(text, "in UTC it lies outside the years 1 to 9999", err);
    *instant_us = instant;
    *note = is_leap ? TIME_LEAP_SECOND : reading.is_cut ? TIME_TRUNCATED : TIME_PLAIN;
    return true;
}

bool time_parse_canonical(struct slice text, int64_t *instant_us)
{
    struct reading reading = { 0 };
    if (text.len != 27 || text.at[10] != 'T' || text.at[19] != '.' || text.at[26] != 'Z' ||
        read_time(text, TIME_FRACTION_EXACT, &reading) || reading.civil.second == 60)
        return false;
    *instant_us = instant_from_civil(&reading.civil);
    return true;
}

bool date_parse(struct slice text, int32_t *days, struct error *err)
{
    struct civil civil = { 0 };
    size_t at = 0;
    const char *fault = take_date(text, &at, &civil);
    if (!fault && at != text.len)
        fault = not_a_date;
    if (fault)
        return error_set(err, ERROR_INVALID, NULL, "\"%s\" is not a date: %s", shown(text).text,
                         fault);
    *days = days_from_civil(civil.year, civil.month, civil.day);
    return true;
}

/* ---------------------------------------------------------------- writing */

/* Digits by hand: this stands in the way of every row of evidence. */
static char *put_digits(char *out, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

static char *put_date(char *out, int year, int month, int day)
{
    out = put_digits(out, year, 4);
    *out++ = '-';
    out = put_digits(out, month, 2);
    *out++ = '-';
    return put_digits(out, day, 2);
}

void time_format(int64_t instant_us, char out[28])
{
    struct civil civil;
    assert(instant_is_valid(instant_us));
    civil_from_instant(instant_us, 0, &civil);
    out = put_date(out, civil.year, civil.month, civil.day);
    *out++ = 'T';
    out = put_digits(out, civil.hour, 2);
    *out++ = ':';
    out = put_digits(out, civil.minute, 2);
    *out++ = ':';
    out = put_digits(out, civil.second, 2);
    *out++ = '.';
    out = put_digits(out, civil.micros, 6);
    *out++ = 'Z';
    *out = '\0';
}

void date_format(int32_t days, char out[11])
{
    int32_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    assert(year >= 1 && year <= 9999);
    *put_date(out, year, month, day) = '\0';
}

/* ---------------------------------------------------------------- periods */

int64_t zone_day_start(int32_t days, const struct zone *zone)
{
    struct civil midnight = { 0 };
    int64_t first_us = days * US_PER_DAY, second_us;
    civil_from_days(days, &midnight.year, &midnight.month, &midnight.day);
    if (zone)
        (void)zone_local(zone, &midnight, &first_us, &second_us);
    return first_us;
}

bool period_parse(struct slice text, const struct zone *zone, struct period *period,
                  struct error *err)
{
    static const char hint[] = "write FROM..TO, both dates included: 2023-01-01..2023-12-31";
    struct slice from, to = { 0 };
    int32_t first, last;
    if (!slice_split(text, '.', &from, &to) || to.len == 0 || to.at[0] != '.') {
        error_set(err, ERROR_INVALID, NULL, "\"%s\" is not a period", shown(text).text);
        return error_hint(err, hint);
    }
    to = slice_from(to, 1);
    if (!date_parse(from, &first, err) || !date_parse(to, &last, err))
        return error_hint(err, hint);
    if (last < first) {
        error_set(err, ERROR_INVALID, NULL, "\"%s\" is not a period: it ends before it begins",
                  shown(text).text);
        return error_hint(err, hint);
    }
    int64_t start_us = zone_day_start(first, zone), end_us = zone_day_start(last + 1, zone);
    if (!instant_is_valid(start_us) || !instant_is_valid(end_us))
        return error_set(err, ERROR_INVALID, NULL,
                         "\"%s\" is not a period: it reaches beyond the years 1 to 9999",
                         shown(text).text);
    if (start_us == end_us)
        return error_set(err, ERROR_INVALID, NULL,
                         "\"%s\" is not a period: that day does not exist in %s", shown(text).text,
                         zone_name(zone));
    *period = (struct period){ start_us, end_us };
    return true;
}

int32_t zone_day(int64_t instant_us, const struct zone *zone)
{
    int64_t offset = zone ? zone_offset(zone, instant_us) : 0;
    return (int32_t)floor_div(floor_div(instant_us, US_PER_SECOND) + offset, 86400);
}

void period_format(const struct period *period, const struct zone *zone, char out[24])
{
    assert(period->start_us < period->end_us);
    date_format(zone_day(period->start_us, zone), out);
    memcpy(out + 10, "..", 2);
    date_format(zone_day(period->end_us - 1, zone), out + 12);
}

int64_t clock_now_us(void)
{
    struct timespec now;
    /* Fails only for a clock that the system does not have; every POSIX system has this one. */
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    assert(failed == 0);
    (void)failed;
    return now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}
