/* Due days and what performs them. compare_calendar.py compares the days of all zones with another
 * computation; here are the cases that a person can check, and what must hold of all. */
#include "../base/base_test.h"

#include "program/calendar.h"

static struct calendar_version version_of(const char *every, const char *anchor, const char *from,
                                          const struct zone *zone)
{
    struct error err = { 0 };
    int32_t day;
    struct calendar_version version = {
        .to_us = INT64_MAX,
        .has_rule = true,
        .rule = { .step = calendar_step_find(slice_of(every)), .zone = zone },
    };
    assert_non_null(version.rule.step);
    version.rule.anchor = version.rule.step->anchor;
    assert_true(!anchor || date_parse(slice_of(anchor), &version.rule.anchor, &err));
    assert_true(date_parse(slice_of(from), &day, &err));
    version.from_us = zone_day_start(day, zone);
    return version;
}

static int64_t at(const char *text)
{
    int64_t instant;
    enum time_note note;
    struct time_options options = { 0 };
    struct error err = { 0 };
    if (!time_parse(slice_of(text), &options, &instant, &note, &err))
        fail_msg("%s", err.message);
    return instant;
}

/* Days due, joined by spaces. The last one listed is the first whose window ends after `until`. */
static const char *days_of(struct world *w, const struct calendar_version *versions, size_t count,
                           const char *until)
{
    struct occurrences list;
    struct strbuf text = strbuf_new(1 << 20);
    char day[11];
    if (!calendar_occurrences(w->arena, versions, count, at(until), &list, &w->err))
        fail_msg("%s", w->err.message);
    for (size_t i = 0; i < list.count; i++) {
        date_format(list.items[i].day, day);
        strbuf_printf(&text, "%s%s", i ? " " : "", day);
    }
    const char *copy = arena_string(w->arena, strbuf_slice(&text), &w->err);
    strbuf_free(&text);
    return copy;
}

static void month_ends_stay_month_ends(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *every, *anchor, *from, *until, *days;
    } cases[] = {
        { "monthly", "2024-01-31", "2024-01-15", "2024-05-01T00:00:00Z",
          "2024-01-31 2024-02-29 2024-03-31 2024-04-30" },
        { "monthly", "2023-02-28", "2024-01-01", "2024-03-02T00:00:00Z",
          "2024-01-31 2024-02-29 2024-03-31" },
        { "monthly", "2024-02-28", "2024-01-01", "2024-03-02T00:00:00Z",
          "2024-01-28 2024-02-28 2024-03-28" },
        { "monthly", "2024-01-30", "2023-01-31", "2023-04-01T00:00:00Z",
          "2023-02-28 2023-03-30 2023-04-30" },
        { "annual", "2024-02-29", "2023-01-01", "2025-01-01T00:00:00Z",
          "2023-02-28 2024-02-29 2025-02-28" },
        { "quarterly", NULL, "2024-02-10", "2024-12-31T00:00:00Z",
          "2024-03-31 2024-06-30 2024-09-30 2024-12-31" },
        { "quarterly", "2026-01-31", "2025-01-01", "2025-11-02T00:00:00Z",
          "2025-01-31 2025-04-30 2025-07-31 2025-10-31 2026-01-31" },
        { "semi-annual", NULL, "2025-01-01", "2025-07-02T00:00:00Z", "2025-06-30 2025-12-31" },
        { "weekly", NULL, "2026-01-01", "2026-01-13T00:00:00Z",
          "2026-01-04 2026-01-11 2026-01-18" },
        { "weekly", "2026-06-03", "2026-01-01", "2026-01-13T00:00:00Z", "2026-01-07 2026-01-14" },
        { "daily", NULL, "2024-02-28", "2024-03-01T12:00:00Z", "2024-02-28 2024-02-29 2024-03-01" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct calendar_version version =
            version_of(cases[i].every, cases[i].anchor, cases[i].from, NULL);
        assert_string_equal(days_of(w, &version, 1, cases[i].until), cases[i].days);
    }
    assert_null(calendar_step_find(SLICE("per-event")));
    assert_null(calendar_step_find(SLICE("many-a-day")));
}

static void a_day_that_a_zone_skipped_has_no_daily_occurrence_and_loses_no_monthly_one(void **state)
{
    struct world *w = *state;
    struct zone *apia = zone_new(SLICE("Pacific/Apia"), &w->err);
    assert_non_null(apia);
    struct calendar_version daily = version_of("daily", NULL, "2011-12-28", apia);
    assert_string_equal(days_of(w, &daily, 1, "2011-12-31T12:00:00Z"),
                        "2011-12-28 2011-12-29 2011-12-31 2012-01-01");
    struct calendar_version monthly = version_of("monthly", "2011-11-30", "2011-11-01", apia);
    monthly.rule.anchor--; /* the 29th; then the 30th, which is no month's end in December */
    assert_string_equal(days_of(w, &monthly, 1, "2011-12-31T12:00:00Z"),
                        "2011-11-29 2011-12-29 2012-01-29");
    monthly = version_of("monthly", "2011-10-30", "2011-11-01", apia);
    assert_string_equal(days_of(w, &monthly, 1, "2011-12-30T09:00:00Z"), "2011-11-30 2011-12-30");
    zone_free(apia);
}

static void the_day_of_a_clock_change_has_23_or_25_hours(void **state)
{
    struct world *w = *state;
    struct occurrences list;
    static const struct {
        const char *zone, *day, *due;
        int64_t hours;
    } cases[] = {
        { "Europe/Dublin", "2026-03-29", "2026-03-29T22:59:59.999999Z", 23 },
        { "Europe/Dublin", "2026-10-25", "2026-10-25T23:59:59.999999Z", 25 },
        { "Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999999Z", 23 },
        { "America/Sao_Paulo", "2018-11-04", "2018-11-05T01:59:59.999999Z", 23 },
        { "America/Havana", "2025-11-02", "2025-11-03T04:59:59.999999Z", 25 },
        { "Asia/Kathmandu", "2026-03-29", "2026-03-29T18:14:59.999999Z", 24 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone *zone = zone_new(slice_of(cases[i].zone), &w->err);
        struct calendar_version version = version_of("daily", NULL, cases[i].day, zone);
        assert_true(
            calendar_occurrences(w->arena, &version, 1, version.from_us + 1, &list, &w->err));
        assert_int_equal(list.count, 1);
        assert_int_equal(list.items[0].due_us, at(cases[i].due));
        assert_int_equal(list.items[0].due_us + 1 - list.items[0].from_us,
                         cases[i].hours * 3600 * US_PER_SECOND);
        zone_free(zone);
    }
}

static void versions_say_what_is_due_in_their_time(void **state)
{
    struct world *w = *state;
    struct calendar_pause pause = { 0 };
    struct calendar_version versions[3] = {
        version_of("quarterly", NULL, "2025-01-01", NULL),
        version_of("monthly", NULL, "2025-05-15", NULL),
        version_of("weekly", NULL, "2025-08-25", NULL),
    };
    assert_string_equal(days_of(w, versions, 3, "2025-09-02T00:00:00Z"),
                        "2025-03-31 2025-05-31 2025-06-30 2025-07-31 2025-08-31 2025-09-07");
    /* Ended, then begun again. */
    versions[1].to_us = at("2025-07-15T00:00:00Z");
    versions[2].from_us = at("2025-09-01T00:00:00Z");
    assert_string_equal(days_of(w, versions, 3, "2025-09-02T00:00:00Z"),
                        "2025-03-31 2025-05-31 2025-06-30 2025-09-07");
    /* A later version that begins earlier: the one between does not come to power at all. */
    versions[2] = version_of("annual", NULL, "2025-04-01", NULL);
    assert_string_equal(days_of(w, versions, 3, "2025-09-02T00:00:00Z"), "2025-03-31 2025-12-31");
    /* Removed: nothing, and the versions before do not come back. */
    versions[2].to_us = versions[2].from_us;
    versions[2].has_rule = false;
    assert_string_equal(days_of(w, versions, 3, "2025-09-02T00:00:00Z"), "2025-03-31");
    pause.from = days_from_civil(2025, 6, 30);
    pause.to = days_from_civil(2025, 7, 31);
    struct calendar_version paused = version_of("monthly", NULL, "2025-05-01", NULL);
    paused.pauses = &pause;
    paused.pauses_count = 1;
    assert_string_equal(days_of(w, &paused, 1, "2025-08-02T00:00:00Z"), "2025-05-31 2025-08-31");
    struct occurrences list;
    assert_true(
        calendar_occurrences(w->arena, &paused, 1, at("2025-08-02T00:00:00Z"), &list, &w->err));
    assert_int_equal(list.items[1].from_us, at("2025-08-01T00:00:00Z"));
}

static uint64_t random_state = 88172645463325252u;
static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

/* However a rule is cut into versions, also of different zones, the same days are due, each once,
 * and each window begins where the one before ended. (Zones a whole day apart, such as Kiritimati
 * and Niue, are not among them: who moves from one to the other skips a day as Apia did.) */
static void no_day_is_lost_or_doubled_where_versions_meet(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {
        "UTC",          "Pacific/Kiritimati", "America/New_York",
        "Pacific/Apia", "Europe/Dublin",      "America/Los_Angeles"
    };
    static const char *const every[] = { "annual", "quarterly", "monthly", "weekly", "daily" };
    struct zone *zones[ARRAY_LEN(names)];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_non_null(zones[i] = zone_new(slice_of(names[i]), &w->err));
    for (int round = 0; round < 3000; round++) {
        struct calendar_version versions[6];
        struct occurrences list;
        size_t count = 1 + random_below(6);
        bool same_zone = random_below(2) == 0;
        const char *step = every[random_below(ARRAY_LEN(every))];
        size_t zone = random_below(ARRAY_LEN(zones));
        arena_reset(w->arena);
        versions[0] = version_of(step, NULL, "2024-01-03", zones[zone]);
        versions[0].rule.anchor += same_zone ? 0 : (int32_t)random_below(28);
        for (size_t i = 1; i < count; i++) {
            versions[i] = versions[i - 1];
            if (!same_zone)
                versions[i].rule.zone = zones[random_below(ARRAY_LEN(zones))];
            versions[i].from_us += (int64_t)random_below(200 * 86400) * US_PER_SECOND +
                                   (same_zone ? 0 : 3 * US_PER_DAY);
        }
        int64_t until = versions[count - 1].from_us + 100 * US_PER_DAY;
        assert_true(calendar_occurrences(w->arena, versions, count, until, &list, &w->err));
        for (size_t i = 0; i < list.count; i++) {
            const struct occurrence *one = &list.items[i];
            struct occurrences alone;
            assert_true(one->from_us <= one->due_us && one->allowed_us >= one->due_us);
            assert_true(i == 0 || one->from_us == one[-1].due_us + 1);
            if (i == 0)
                continue;
            /* By one version alone, which the first version's rule is: the next day due. */
            struct calendar_version single = versions[0];
            single.rule.zone = NULL;
            single.from_us = (int64_t)(one[-1].day + 1) * US_PER_DAY;
            assert_true(
                calendar_occurrences(w->arena, &single, 1, single.from_us + 1, &alone, &w->err));
            assert_int_equal(alone.items[0].day, one->day);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        zone_free(zones[i]);
}

/* ---- what performs what ---- */

/* For each day due: the day of the deed, or -; ! if it was late. Deeds are separated by commas,
 * each an instant and maybe the day that it names. */
static const char *matched(struct world *w, const char *every, const char *from, const char *until,
                           const char *allowed, const char *deeds)
{
    struct calendar_version version = version_of(every, NULL, from, NULL);
    struct slice rest = slice_of(deeds), next;
    struct occurrences list;
    struct calendar_deed done[16] = { { 0 } };
    struct slice texts[16];
    int64_t *done_by;
    size_t count = 0;
    struct strbuf text = strbuf_new(1 << 16);
    assert_true(calendar_allowed_parse(slice_of(allowed), &version.rule.allowed, &w->err));
    assert_true(calendar_occurrences(w->arena, &version, 1, at(until), &list, &w->err));
    for (; slice_split(rest, ',', &next, &rest) || (next = rest, rest.len > 0); count++) {
        struct slice head = next = slice_trim(next), day;
        done[count].names_day = slice_split(next, ' ', &head, &day);
        if (done[count].names_day)
            assert_true(date_parse(day, &done[count].day, &w->err));
        texts[count] = head;
        done[count].at_us = at(arena_string(w->arena, head, &w->err));
        if (next.at + next.len == deeds + strlen(deeds))
            rest.len = 0;
    }
    assert_true(calendar_match(w->arena, &list, done, count, &done_by, &w->err));
    for (size_t i = 0; i < list.count; i++) {
        if (done_by[i] == CALENDAR_NONE)
            strbuf_printf(&text, "%s-", i ? " " : "");
        else
            strbuf_printf(&text, "%s%.5s%s", i ? " " : "", texts[done_by[i]].at + 5,
                          done[done_by[i]].at_us > list.items[i].allowed_us ? "!" : "");
    }
    const char *copy = arena_string(w->arena, strbuf_slice(&text), &w->err);
    strbuf_free(&text);
    return copy;
}

static void a_deed_performs_one_occurrence(void **state)
{
    struct world *w = *state;
#define QUARTERS(allowed, deeds)                                                                   \
    matched(w, "quarterly", "2026-01-01", "2026-07-01T00:00:00Z", allowed, deeds)
    assert_string_equal(QUARTERS("0 days", "2026-03-20T09:00:00Z, 2026-06-20T09:00:00Z"),
                        "03-20 06-20");
    /* Made up for: ten days late, and the next one in its time. */
    assert_string_equal(QUARTERS("0 days", "2026-04-10T09:00:00Z, 2026-06-20T09:00:00Z"),
                        "04-10! 06-20");
    assert_string_equal(QUARTERS("14 days", "2026-04-10T09:00:00Z, 2026-06-20T09:00:00Z"),
                        "04-10 06-20");
    /* Done once in the second quarter: the first was missed. */
    assert_string_equal(QUARTERS("0 days", "2026-05-10T09:00:00Z"), "- 05-10");
    /* Unless it says that it was for the first. */
    assert_string_equal(QUARTERS("0 days", "2026-05-10T09:00:00Z 2026-03-31"), "05-10! -");
    /* A day on which nothing is due is nobody's. */
    assert_string_equal(QUARTERS("0 days", "2026-05-10T09:00:00Z 2026-03-30"), "- -");
    /* Twice in one quarter and not in the next: the second does not count ahead. */
    assert_string_equal(QUARTERS("0 days", "2026-02-10T09:00:00Z, 2026-03-10T09:00:00Z"),
                        "02-10 -");
    assert_string_equal(QUARTERS("0 days", ""), "- -");
    /* The last instant that counts, and the first that does not. */
    assert_string_equal(QUARTERS("0 days", "2026-03-31T23:59:59.999999Z, 2026-06-30T10:00:00Z"),
                        "03-31 06-30");
    assert_string_equal(QUARTERS("0 days", "2026-04-01T00:00:00Z, 2026-06-30T10:00:00Z"),
                        "04-01! 06-30");
}

static void one_day_missed_does_not_make_the_days_after_it_late(void **state)
{
    struct world *w = *state;
#define DAYS(deeds) matched(w, "daily", "2026-03-01", "2026-03-05T00:00:00Z", "0 days", deeds)
    assert_string_equal(DAYS("2026-03-01T10:00:00Z, 2026-03-03T10:00:00Z, 2026-03-04T10:00:00Z"),
                        "03-01 - 03-03 03-04");
    assert_string_equal(DAYS("2026-03-01T10:00:00Z, 2026-03-03T09:00:00Z, 2026-03-03T10:00:00Z, "
                             "2026-03-04T10:00:00Z"),
                        "03-01 03-03! 03-03 03-04");
}

/* Against every assignment there is: none has more in time, and no occurrence stays open that a
 * deed left over could serve. */
static size_t most_in_time(const struct occurrences *list, const struct calendar_deed *deeds,
                           size_t count, unsigned used, size_t deed)
{
    if (deed == count)
        return 0;
    size_t most = most_in_time(list, deeds, count, used, deed + 1);
    for (size_t i = 0; i < list->count; i++) {
        bool fits = deeds[deed].at_us >= list->items[i].from_us &&
                    deeds[deed].at_us <= list->items[i].allowed_us;
        if (!fits || used & 1u << i)
            continue;
        size_t with = 1 + most_in_time(list, deeds, count, used | 1u << i, deed + 1);
        most = with > most ? with : most;
    }
    return most;
}

static void as_many_as_can_be_are_in_time(void **state)
{
    struct world *w = *state;
    for (int round = 0; round < 2000; round++) {
        struct calendar_version version = version_of("weekly", NULL, "2026-03-02", NULL);
        struct calendar_deed deeds[5] = { { 0 } };
        struct occurrences list;
        int64_t *done_by, when = version.from_us;
        size_t count = random_below(6), in_time = 0, used = 0;
        arena_reset(w->arena);
        version.rule.allowed.days = (int32_t)random_below(12);
        assert_true(
            calendar_occurrences(w->arena, &version, 1, when + 30 * US_PER_DAY, &list, &w->err));
        for (size_t i = 0; i < count; i++)
            deeds[i].at_us = when += (int64_t)random_below(14 * 86400) * US_PER_SECOND;
        assert_true(calendar_match(w->arena, &list, deeds, count, &done_by, &w->err));
        for (size_t i = 0; i < list.count; i++) {
            if (done_by[i] == CALENDAR_NONE)
                continue;
            assert_true(deeds[done_by[i]].at_us >= list.items[i].from_us);
            in_time += deeds[done_by[i]].at_us <= list.items[i].allowed_us;
            used |= (size_t)1 << done_by[i];
        }
        assert_int_equal(in_time, most_in_time(&list, deeds, count, 0, 0));
        for (size_t i = 0; i < list.count; i++)
            for (size_t j = 0; j < count && done_by[i] == CALENDAR_NONE; j++)
                assert_true(used & (size_t)1 << j || deeds[j].at_us < list.items[i].from_us);
    }
}

static void what_is_allowed_is_a_length_of_up_to_a_hundred_years(void **state)
{
    struct world *w = *state;
    struct duration length;
    static const char *const refused[] = { "14 days less", "36526 days", "1218 months",
                                           "100 years 526 days", "99999 weeks" };
    assert_true(calendar_allowed_parse(SLICE("2 weeks"), &length, &w->err));
    assert_int_equal(length.days, 14);
    assert_true(calendar_allowed_parse(SLICE("1 month"), &length, &w->err));
    assert_int_equal(length.months, 1);
    assert_int_equal(calendar_end(days_from_civil(2026, 1, 31), NULL, &length),
                     at("2026-02-28T23:59:59.999999Z"));
    assert_true(calendar_allowed_parse(SLICE("36 hours"), &length, &w->err));
    assert_int_equal(calendar_end(days_from_civil(2026, 1, 31), NULL, &length),
                     at("2026-02-02T11:59:59.999999Z"));
    assert_true(calendar_allowed_parse(SLICE("36525 days"), &length, &w->err));
    assert_int_equal(length.days, 36525);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        w->err = (struct error){ 0 };
        assert_false(calendar_allowed_parse(slice_of(refused[i]), &length, &w->err));
        assert_int_equal(w->err.code, ERROR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(month_ends_stay_month_ends),
        WORLD_TEST(a_day_that_a_zone_skipped_has_no_daily_occurrence_and_loses_no_monthly_one),
        WORLD_TEST(the_day_of_a_clock_change_has_23_or_25_hours),
        WORLD_TEST(versions_say_what_is_due_in_their_time),
        WORLD_TEST(no_day_is_lost_or_doubled_where_versions_meet),
        WORLD_TEST(a_deed_performs_one_occurrence),
        WORLD_TEST(one_day_missed_does_not_make_the_days_after_it_late),
        WORLD_TEST(as_many_as_can_be_are_in_time),
        WORLD_TEST(what_is_allowed_is_a_length_of_up_to_a_hundred_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
