#include "base/tz_rule.h"

#include "base/time.h"

/* ---------------------------------------------------------------- reading */

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static bool take(struct slice *text, char wanted)
{
    if (text->len == 0 || text->at[0] != wanted)
        return false;
    *text = slice_from(*text, 1);
    return true;
}

static bool take_number(struct slice *text, int max, int *value)
{
    int sum = 0;
    size_t count = 0;
    while (count < text->len && count < 4 && is_digit(text->at[count])) {
        sum = sum * 10 + (text->at[count] - '0');
        count++;
    }
    *text = slice_from(*text, count);
    *value = sum;
    return count > 0 && sum <= max;
}

/* [+-]h[:m[:s]] */
static bool take_hours(struct slice *text, int hours_max, int32_t *seconds)
{
    int hours, minutes = 0, rest = 0;
    bool is_negative = take(text, '-');
    if (!is_negative)
        (void)take(text, '+');
    if (!take_number(text, hours_max, &hours))
        return false;
    if (take(text, ':') && !take_number(text, 59, &minutes))
        return false;
    if (take(text, ':') && !take_number(text, 59, &rest))
        return false;
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (is_negative)
        *seconds = -*seconds;
    return true;
}

/* An abbreviation: three or more letters, or anything but > in angle brackets. It is not kept. */
static bool take_abbreviation(struct slice *text)
{
    size_t len = 0;
    if (take(text, '<')) {
        if (!slice_find(*text, '>', &len))
            return false;
        *text = slice_from(*text, len + 1);
        return len > 0;
    }
    while (len < text->len && ((text->at[len] >= 'A' && text->at[len] <= 'Z') ||
                               (text->at[len] >= 'a' && text->at[len] <= 'z')))
        len++;
    *text = slice_from(*text, len);
    return len >= 3;
}

static bool take_day(struct slice *text, struct tz_rule_day *day)
{
    *day = (struct tz_rule_day){ .time = 2 * 3600 };
    bool ok;
    if (take(text, 'M')) {
        day->form = TZ_MONTH_WEEK_DAY;
        ok = take_number(text, 12, &day->month) && day->month >= 1 && take(text, '.') &&
             take_number(text, 5, &day->week) && day->week >= 1 && take(text, '.') &&
             take_number(text, 6, &day->weekday);
    } else if (take(text, 'J')) {
        day->form = TZ_JULIAN_NO_LEAP;
        ok = take_number(text, 365, &day->day) && day->day >= 1;
    } else {
        day->form = TZ_DAY_OF_YEAR;
        ok = take_number(text, 365, &day->day);
    }
    return ok && (!take(text, '/') || take_hours(text, 167, &day->time));
}

bool tz_rule_parse(struct slice text, struct tz_rule *rule)
{
    int32_t west;
    *rule = (struct tz_rule){ 0 };
    if (!take_abbreviation(&text) || !take_hours(&text, 24, &west))
        return false;
    rule->standard = -west; /* POSIX counts to the west */
    if (text.len == 0)
        return true;
    rule->has_summer = true;
    rule->summer = rule->standard + 3600;
    if (!take_abbreviation(&text))
        return false;
    if (text.len > 0 && text.at[0] != ',') {
        if (!take_hours(&text, 24, &west))
            return false;
        rule->summer = -west;
    }
    return take(&text, ',') && take_day(&text, &rule->begin) && take(&text, ',') &&
           take_day(&text, &rule->end) && text.len == 0;
}

/* ---------------------------------------------------------------- use */

/* Local seconds since 1970 at which the day's rule strikes in a year. */
static int64_t rule_local(const struct tz_rule_day *day, int32_t year)
{
    int32_t first = days_from_civil(year, 1, 1), days;
    bool is_leap = days_from_civil(year + 1, 1, 1) - first == 366;
    switch (day->form) {
    case TZ_JULIAN_NO_LEAP: /* 29 February is never counted: 60 is always 1 March */
        days = first + day->day - 1 + (is_leap && day->day >= 60);
        break;
    case TZ_DAY_OF_YEAR:
        days = first + day->day;
        break;
    case TZ_MONTH_WEEK_DAY:
    default: {
        int32_t month_start = days_from_civil(year, day->month, 1);
        int32_t next_month = day->month == 12 ? days_from_civil(year + 1, 1, 1)
                                              : days_from_civil(year, day->month + 1, 1);
        /* 1970-01-01 was a Thursday, which is 4. */
        int weekday = (int)(((int64_t)month_start + 4) % 7 + 7) % 7;
        days = month_start + (day->weekday - weekday + 7) % 7 + (day->week - 1) * 7;
        if (days >= next_month)
            days -= 7;
        break;
    }
    }
    return (int64_t)days * 86400 + day->time;
}

int32_t tz_rule_span(const struct tz_rule *rule, int64_t instant, int64_t *start, int64_t *end)
{
    *start = INT64_MIN;
    *end = INT64_MAX;
    if (!rule->has_summer)
        return rule->standard;

    int32_t year;
    int month, day_of_month;
    int64_t local = instant + rule->standard;
    int64_t days = local / 86400 - (local % 86400 < 0);
    civil_from_days((int32_t)days, &year, &month, &day_of_month);

    /* The transitions of the years around, in order; a rule's time may reach into its neighbours. A
     * summer time that never ends has its end and its next begin at one instant: the later entry of
     * that instant holds. */
    struct {
        int64_t at;
        int32_t offset;
    } turns[10];
    size_t count = 0;
    for (int32_t y = year - 2; y <= year + 2; y++) {
        int64_t begin = rule_local(&rule->begin, y) - rule->standard;
        int64_t finish = rule_local(&rule->end, y) - rule->summer;
        bool begins_first = begin <= finish;
        turns[count].at = begins_first ? begin : finish;
        turns[count++].offset = begins_first ? rule->summer : rule->standard;
        turns[count].at = begins_first ? finish : begin;
        turns[count++].offset = begins_first ? rule->standard : rule->summer;
    }
    int32_t offset = rule->standard;
    for (size_t i = 0; i < count; i++) {
        if (turns[i].at <= instant) {
            *start = turns[i].at;
            offset = turns[i].offset;
        } else if (turns[i].at < *end) {
            *end = turns[i].at;
        }
    }
    return offset;
}
