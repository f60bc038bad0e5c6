#include "program/calendar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { OCCURRENCES_MAX = 1000000, ALLOWED_DAYS_MAX = 36525 };

/* Month ends: any day of the calendar that ends a year will do. 1970-01-04 was a Sunday. */
static const struct calendar_step steps[] = {
    { "annual", 12, 0, -1 }, { "semi-annual", 6, 0, -1 }, { "quarterly", 3, 0, -1 },
    { "monthly", 1, 0, -1 }, { "weekly", 0, 7, 3 },       { "daily", 0, 1, 0 },
};

const struct calendar_step *calendar_step_find(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (slice_is(name, steps[i].name))
            return &steps[i];
    return NULL;
}

/* ---- lengths ---- */

bool calendar_allowed_parse(struct slice text, struct duration *allowed, struct error *err)
{
    if (duration_parse(text, allowed) && duration_micros(allowed) <= ALLOWED_DAYS_MAX * US_PER_DAY)
        return true;
    error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is no length of time of up to a hundred years",
              SLICE_ARG(text));
    return error_hint(err, "a number and minutes, hours, days, weeks or months: 14 days");
}

/* ---- days ---- */

static int month_length(int32_t year, int month)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && is_leap);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* A day so many months on; keeps_end: the last day of its month stays the last day. */
static int32_t months_on(int32_t from, int64_t months, bool keeps_end)
{
    int32_t year;
    int month, day;
    civil_from_days(from, &year, &month, &day);
    bool is_end = keeps_end && day == month_length(year, month);
    int64_t count = (int64_t)year * 12 + month - 1 + months;
    year = (int32_t)floor_div(count, 12);
    month = (int)(count - (int64_t)year * 12) + 1;
    int length = month_length(year, month);
    return days_from_civil(year, month, is_end || day > length ? length : day);
}

/* The due day that is so many steps from the anchor. */
static int32_t due_day(const struct calendar_rule *rule, int64_t steps_on)
{
    if (rule->step->months == 0)
        return (int32_t)(rule->anchor + steps_on * rule->step->days);
    return months_on(rule->anchor, steps_on * rule->step->months, true);
}

/* Steps to the first due day not before `day`. */
static int64_t steps_to(const struct calendar_rule *rule, int32_t day)
{
    int64_t count;
    if (rule->step->months == 0) {
        count = -floor_div((int64_t)rule->anchor - day, rule->step->days);
    } else {
        int32_t year, from_year;
        int month, from_month, ignored;
        civil_from_days(day, &year, &month, &ignored);
        civil_from_days(rule->anchor, &from_year, &from_month, &ignored);
        count =
            floor_div((int64_t)(year - from_year) * 12 + month - from_month, rule->step->months);
        if (due_day(rule, count) < day)
            count++;
    }
    assert(due_day(rule, count) >= day && due_day(rule, count - 1) < day);
    return count;
}

int64_t calendar_end(int32_t day, const struct zone *zone, const struct duration *length)
{
    if (length->months > 0)
        day = months_on(day, length->months, false);
    return zone_day_start(day + (int32_t)length->days + 1, zone) - 1 + length->micros;
}

/* ---- versions ---- */

static int by_time(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The version that rules at an instant; false: none. */
static bool version_at(const struct calendar_version *versions, size_t count, int64_t at_us,
                       size_t *version)
{
    for (size_t i = count; i > 0; i--) {
        if (versions[i - 1].from_us > at_us)
            continue;
        *version = i - 1;
        return versions[i - 1].to_us > at_us;
    }
    return false;
}

bool calendar_spans(struct arena *arena, const struct calendar_version *versions, size_t count,
                    struct calendar_spans *spans, struct error *err)
{
    int64_t *edges = arena_array(arena, 2 * count + 1, sizeof *edges, err);
    size_t edges_count = 0;
    *spans =
        (struct calendar_spans){ arena_array(arena, 2 * count + 1, sizeof *spans->items, err), 0 };
    if (!edges || !spans->items)
        return false;
    for (size_t i = 0; i < count; i++) {
        edges[edges_count++] = versions[i].from_us;
        edges[edges_count++] = versions[i].to_us;
    }
    qsort(edges, edges_count, sizeof *edges, by_time);
    for (size_t i = 0; i < edges_count && edges[i] < INT64_MAX; i++) {
        struct calendar_span *last = spans->count ? &spans->items[spans->count - 1] : NULL;
        int64_t to_us = i + 1 < edges_count ? edges[i + 1] : INT64_MAX;
        size_t version;
        if (to_us == edges[i] || !version_at(versions, count, edges[i], &version))
            continue;
        if (last && last->to_us == edges[i] && last->version == version)
            last->to_us = to_us;
        else
            spans->items[spans->count++] = (struct calendar_span){ edges[i], to_us, version };
    }
    return true;
}

/* ---- occurrences ---- */

/* Where a version moves to a zone whose day ended before it took over, that day is still its own:
 * no two zones are further apart. */
#define ZONES_APART_US (26 * 3600 * US_PER_SECOND)

static bool is_paused(const struct calendar_version *version, int32_t day)
{
    for (size_t i = 0; i < version->pauses_count; i++)
        if (day >= version->pauses[i].from && day <= version->pauses[i].to)
            return true;
    return false;
}

struct listing {
    struct arena *arena;
    struct occurrences *list;
    size_t capacity;
    int64_t until_us;
    int64_t window_us; /* where the next window begins */
    int32_t last_day;  /* that was due, or the one before windows began anew */
};

static bool occurrence_add(struct listing *listing, const struct occurrence *occurrence,
                           struct error *err)
{
    struct occurrences *list = listing->list;
    if (list->count == OCCURRENCES_MAX)
        return error_set(err, ERROR_INVALID, NULL, "more than %d times due", OCCURRENCES_MAX);
    if (!arena_room(listing->arena, &list->items, list->count, &listing->capacity,
                    sizeof *list->items, err))
        return false;
    list->items[list->count++] = *occurrence;
    return true;
}

static bool span_list(struct listing *listing, const struct calendar_span *span, int64_t from_us,
                      const struct calendar_version *version, struct error *err)
{
    static const struct duration none = { 0 };
    const struct calendar_rule *rule = &version->rule;
    for (int64_t i = steps_to(rule, zone_day(from_us, rule->zone));; i++) {
        struct occurrence next = { .day = due_day(rule, i),
                                   .from_us = listing->window_us,
                                   .version = span->version };
        next.due_us = calendar_end(next.day, rule->zone, &none);
        if (next.due_us < from_us || next.day <= listing->last_day)
            continue;
        if (next.due_us >= span->to_us || next.from_us >= listing->until_us ||
            next.due_us > INSTANT_MAX_US)
            return true;
        if (next.due_us < next.from_us)
            continue; /* a day that the zone skipped ends when the one before does */
        next.allowed_us = calendar_end(next.day, rule->zone, &rule->allowed);
        listing->window_us = next.due_us + 1;
        listing->last_day = next.day;
        if (!is_paused(version, next.day) && !occurrence_add(listing, &next, err))
            return false;
    }
}

bool calendar_occurrences(struct arena *arena, const struct calendar_version *versions,
                          size_t count, int64_t until_us, struct occurrences *list,
                          struct error *err)
{
    struct calendar_spans spans;
    struct listing listing = { .arena = arena, .list = list, .until_us = until_us };
    *list = (struct occurrences){ 0 };
    if (!calendar_spans(arena, versions, count, &spans, err))
        return false;
    for (size_t i = 0; i < spans.count; i++) {
        const struct calendar_span *span = &spans.items[i];
        const struct calendar_version *version = &versions[span->version];
        const struct calendar_version *before = i > 0 ? &versions[span[-1].version] : NULL;
        int64_t from_us = span->from_us > INSTANT_MIN_US ? span->from_us : INSTANT_MIN_US;
        if (!before || span[-1].to_us != span->from_us || !before->has_rule) {
            /* After a break, and after a time in which nothing was due, windows begin anew. */
            listing.window_us = from_us;
            listing.last_day = zone_day(from_us, version->rule.zone) - 1;
        } else if (strcmp(zone_name(before->rule.zone), zone_name(version->rule.zone)) != 0) {
            from_us -= ZONES_APART_US;
        }
        if (version->has_rule && !span_list(&listing, span, from_us, version, err))
            return false;
    }
    return true;
}

/* ---- matching ---- */

/* The occurrence of a due day; CALENDAR_NONE. */
static int64_t find_day(const struct occurrences *list, int32_t day)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->items[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->count && list->items[low].day == day ? (int64_t)low : CALENDAR_NONE;
}

/* One pass in order of time: each deed that is free goes to the earliest occurrence that is open
 * for it. `first` only moves on, for whatever lies before it is done or can take no later deed. */
static void assign(const struct occurrences *list, const struct calendar_deed *deeds, size_t count,
                   bool is_in_time, bool *used, int64_t *done_by)
{
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        if (used[i])
            continue;
        while (first < list->count &&
               (done_by[first] != CALENDAR_NONE ||
                (is_in_time && list->items[first].allowed_us < deeds[i].at_us)))
            first++;
        if (first == list->count)
            return;
        if (list->items[first].from_us > deeds[i].at_us)
            continue;
        used[i] = true;
        done_by[first] = (int64_t)i;
    }
}

/* Two deeds that crossed change places where both are the better for it: what made up for something
 * overdue was the earlier of the two, and the later one was still in time for the other. */
static void uncross(const struct occurrences *list, const struct calendar_deed *deeds,
                    int64_t *done_by)
{
    for (size_t i = 0; i < list->count; i++) {
        if (done_by[i] == CALENDAR_NONE || deeds[done_by[i]].names_day ||
            deeds[done_by[i]].at_us <= list->items[i].allowed_us)
            continue;
        for (size_t j = i + 1; j < list->count && list->items[j].from_us <= deeds[done_by[i]].at_us;
             j++) {
            int64_t late = done_by[i], other = done_by[j];
            if (other == CALENDAR_NONE || deeds[other].names_day || other > late ||
                deeds[other].at_us < list->items[i].from_us ||
                deeds[late].at_us > list->items[j].allowed_us)
                continue;
            done_by[i] = other;
            done_by[j] = late;
        }
    }
}

bool calendar_match(struct arena *arena, const struct occurrences *list,
                    const struct calendar_deed *deeds, size_t deeds_count, int64_t **done_by,
                    struct error *err)
{
    bool *used = arena_array(arena, deeds_count + 1, sizeof *used, err);
    *done_by = arena_array(arena, list->count + 1, sizeof **done_by, err);
    if (!used || !*done_by)
        return false;
    for (size_t i = 0; i < list->count; i++)
        (*done_by)[i] = CALENDAR_NONE;
    for (size_t i = 0; i < deeds_count; i++) {
        int64_t named = deeds[i].names_day ? find_day(list, deeds[i].day) : CALENDAR_NONE;
        assert(i == 0 || deeds[i - 1].at_us <= deeds[i].at_us);
        used[i] = deeds[i].names_day;
        if (named != CALENDAR_NONE && (*done_by)[named] == CALENDAR_NONE)
            (*done_by)[named] = (int64_t)i;
    }
    assign(list, deeds, deeds_count, true, used, *done_by);
    assign(list, deeds, deeds_count, false, used, *done_by);
    uncross(list, deeds, *done_by);
    return true;
}
