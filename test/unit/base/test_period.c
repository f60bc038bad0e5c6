/* Dates, periods and lengths of time. */
#include "time_test.h"

#include "base/duration.h"

/* ---------------------------------------------------------------- dates and periods */

static void dates_have_one_form(void **state)
{
    struct world *w = *state;
    static const char *const refused[] = {
        "",           "2023-1-1",   "2023-01-01 ", "20230101",    "2023-02-29",  "01.02.2023",
        "2023-13-01", "2023-00-01", "0000-01-01",  "10000-01-01", "2023-01-01T", "2023-01-0x"
    };
    int32_t days;
    char text[11];
    assert_true(date_parse(SLICE("2024-02-29"), &days, &w->err));
    date_format(days, text);
    assert_string_equal(text, "2024-02-29");
    assert_true(date_parse(SLICE("0001-01-01"), &days, &w->err));
    date_format(days, text);
    assert_string_equal(text, "0001-01-01");
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_false(date_parse(slice_of(refused[i]), &days, &w->err));
        assert_int_equal(w->err.code, ERROR_INVALID);
        assert_non_null(strstr(w->err.message, "is not a date"));
    }
}

static void expect_period(struct world *w, const char *text, const char *zone_name_,
                          const char *start, const char *end)
{
    struct zone *zone = zone_name_ ? zone_of(w, zone_name_) : NULL;
    struct period period;
    char out[28], days[24];
    if (!period_parse(slice_of(text), zone, &period, &w->err))
        fail_msg("%s: %s", text, w->err.message);
    time_format(period.start_us, out);
    assert_string_equal(out, start);
    time_format(period.end_us, out);
    assert_string_equal(out, end);
    period_format(&period, zone, days);
    assert_string_equal(days, text);
    zone_free(zone);
}

static void a_period_runs_from_midnight_to_before_midnight_in_its_zone(void **state)
{
    struct world *w = *state;
    expect_period(w, "2023-01-01..2023-12-31", NULL, "2023-01-01T00:00:00.000000Z",
                  "2024-01-01T00:00:00.000000Z");
    expect_period(w, "2023-01-01..2023-01-01", "UTC", "2023-01-01T00:00:00.000000Z",
                  "2023-01-02T00:00:00.000000Z");
    expect_period(w, "2023-03-01..2023-03-31", "Europe/Berlin", "2023-02-28T23:00:00.000000Z",
                  "2023-03-31T22:00:00.000000Z");
    expect_period(w, "2023-03-12..2023-03-12", "America/New_York", "2023-03-12T05:00:00.000000Z",
                  "2023-03-13T04:00:00.000000Z");
    expect_period(w, "0001-01-01..9999-12-30", NULL, "0001-01-01T00:00:00.000000Z",
                  "9999-12-31T00:00:00.000000Z");
}

static void a_period_may_begin_or_end_where_midnight_was_skipped_or_came_twice(void **state)
{
    struct world *w = *state;
    /* 2017-10-15 began at 01:00 in Sao Paulo. */
    expect_period(w, "2017-10-15..2017-10-15", "America/Sao_Paulo", "2017-10-15T03:00:00.000000Z",
                  "2017-10-16T02:00:00.000000Z");
    expect_period(w, "2017-10-14..2017-10-14", "America/Sao_Paulo", "2017-10-14T03:00:00.000000Z",
                  "2017-10-15T03:00:00.000000Z");
    /* In Havana the clock goes from 01:00 back to midnight: the day begins at the first. */
    expect_period(w, "2023-11-05..2023-11-05", "America/Havana", "2023-11-05T04:00:00.000000Z",
                  "2023-11-06T05:00:00.000000Z");
    expect_period(w, "2023-11-04..2023-11-04", "America/Havana", "2023-11-04T04:00:00.000000Z",
                  "2023-11-05T04:00:00.000000Z");
    /* Around the day that Samoa left out. */
    expect_period(w, "2011-12-29..2011-12-31", "Pacific/Apia", "2011-12-29T10:00:00.000000Z",
                  "2011-12-31T10:00:00.000000Z");
}

static void what_is_no_period_is_refused(void **state)
{
    struct world *w = *state;
    static const char *const refused[] = {
        "",
        "..",
        "2023-01-01",
        "2023-01-01..",
        "..2023-01-01",
        "2023-01-01.2023-12-31",
        "2023-01-01...2023-12-31",
        "2023-01-01-2023-12-31",
        "2023-01-01 .. 2023-12-31",
        "2023-01-01..2023-02-30",
        "2023-12-31..2023-01-01",
        "2023-01-02..2023-01-01",
        "2023-01-01..9999-12-31",
        "2023-01-01..2023-12-31..2024-12-31",
        "2023..2024",
    };
    struct period period;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        w->err = (struct error){ 0 };
        if (period_parse(slice_of(refused[i]), NULL, &period, &w->err))
            fail_msg("taken: %s", refused[i]);
        assert_int_equal(w->err.code, ERROR_INVALID);
        assert_true(w->err.message[0] != '\0');
    }
    struct zone *apia = zone_of(w, "Pacific/Apia"), *berlin = zone_of(w, "Europe/Berlin");
    assert_false(period_parse(SLICE("2011-12-30..2011-12-30"), apia, &period, &w->err));
    assert_non_null(strstr(w->err.message, "that day does not exist in Pacific/Apia"));
    assert_false(period_parse(SLICE("0001-01-01..2023-12-31"), berlin, &period, &w->err));
    assert_non_null(strstr(w->err.message, "years 1 to 9999"));
    zone_free(apia);
    zone_free(berlin);
}

static void lengths_of_time_have_units_that_fall(void **state)
{
    static const struct {
        const char *text;
        int64_t months, days, seconds;
    } right[] = {
        { "24 hours", 0, 0, 86400 },
        { "1 month 3 days", 1, 3, 0 },
        { "2 years 1 week 1 hour 1 minute 1 second", 24, 7, 3661 },
        { "  14   days ", 0, 14, 0 },
        { "0 seconds", 0, 0, 0 },
        { "99999 years", 99999 * 12, 0, 0 },
    };
    static const char *const wrong[] = { "",
                                         "24",
                                         "hours",
                                         "24h",
                                         "24 Hours",
                                         "-1 day",
                                         "1.5 days",
                                         "1 day 1 month",
                                         "1 day 1 day",
                                         "100000 days",
                                         "1 fortnight",
                                         "1 day 2" };
    struct duration length;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(right); i++) {
        assert_true(duration_parse(slice_of(right[i].text), &length));
        assert_int_equal(length.months, right[i].months);
        assert_int_equal(length.days, right[i].days);
        assert_int_equal(length.micros, right[i].seconds * US_PER_SECOND);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(duration_parse(slice_of(wrong[i]), &length));
    /* A month is 30 days where lengths are put in order. */
    assert_true(duration_parse(SLICE("1 month"), &length));
    assert_int_equal(duration_micros(&length), 30 * US_PER_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(dates_have_one_form),
        WORLD_TEST(a_period_runs_from_midnight_to_before_midnight_in_its_zone),
        WORLD_TEST(a_period_may_begin_or_end_where_midnight_was_skipped_or_came_twice),
        WORLD_TEST(what_is_no_period_is_refused),
        WORLD_TEST(lengths_of_time_have_units_that_fall),
    };
    return cmocka_run_group_tests_name("periods", tests, use_own_zones, NULL);
}
