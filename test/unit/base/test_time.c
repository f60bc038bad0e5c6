/* Instants: the calendar and the traps of RFC 3339. */
#include "time_test.h"

static const struct time_options no_zone = { 0 };

static bool parse_with(struct world *w, const char *text, const struct time_options *options,
                       int64_t *instant, enum time_note *note)
{
    w->err = (struct error){ 0 };
    return time_parse(slice_of(text), options, instant, note, &w->err);
}

/* What is read, written again; empty if it is refused. */
static const char *again(struct world *w, const char *text, const struct time_options *options)
{
    static char out[28];
    int64_t instant;
    enum time_note note;
    out[0] = '\0';
    if (parse_with(w, text, options, &instant, &note))
        time_format(instant, out);
    return out;
}

/* ---------------------------------------------------------------- the calendar */

static void every_day_of_ten_thousand_years_follows_the_one_before(void **state)
{
    (void)state;
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int32_t days = days_from_civil(1, 1, 1);
    assert_int_equal(days, -719162);
    for (int year = 1; year <= 9999; year++) {
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= length; day++, days++) {
                int32_t y;
                int m, d;
                civil_from_days(days, &y, &m, &d);
                if (y != year || m != month || d != day || days_from_civil(y, m, d) != days)
                    fail_msg("%04d-%02d-%02d", year, month, day);
            }
        }
    }
    assert_int_equal(days, days_from_civil(10000, 1, 1));
    assert_int_equal(days_from_civil(1970, 1, 1), 0);
    assert_int_equal(days_from_civil(2000, 3, 1), 11017);
}

static void days_far_outside_are_no_danger(void **state)
{
    (void)state;
    static const int32_t days[] = { INT32_MIN, INT32_MAX, -106751992, 106751991, -719163, 2932897 };
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        int32_t year;
        int month, day;
        civil_from_days(days[i], &year, &month, &day);
        assert_int_equal(days_from_civil(year, month, day), days[i]);
    }
    struct civil civil;
    civil_from_instant(INT64_MIN, 0, &civil);
    assert_int_equal(civil.year, -290308);
    civil_from_instant(INT64_MAX, 0, &civil);
    assert_int_equal(civil.year, 294247);
}

static void instants_before_1970_are_cut_downwards(void **state)
{
    (void)state;
    struct civil civil;
    civil_from_instant(-1, 0, &civil);
    assert_int_equal(civil.year, 1969);
    assert_int_equal(civil.day, 31);
    assert_int_equal(civil.second, 59);
    assert_int_equal(civil.micros, 999999);
    civil_from_instant(-1, 3600, &civil);
    assert_int_equal(civil.year, 1970);
    assert_int_equal(civil.hour, 0);
    assert_int_equal(civil.minute, 59);
}

/* ---------------------------------------------------------------- what is read */

static void times_are_read_in_all_forms_of_rfc_3339(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "2023-01-31T23:59:59Z", "2023-01-31T23:59:59.000000Z" },
        { "2023-01-31t23:59:59z", "2023-01-31T23:59:59.000000Z" },
        { "2023-01-31 23:59:59Z", "2023-01-31T23:59:59.000000Z" },
        { "2023-01-31T23:59:59.1Z", "2023-01-31T23:59:59.100000Z" },
        { "2023-01-31T23:59:59.123456Z", "2023-01-31T23:59:59.123456Z" },
        { "2023-01-31T23:59:59.000001000000000000000000Z", "2023-01-31T23:59:59.000001Z" },
        { "2023-01-31T23:59:59+01:00", "2023-01-31T22:59:59.000000Z" },
        { "2023-01-31T23:59:59-01:00", "2023-02-01T00:59:59.000000Z" },
        { "2023-01-31T23:59:59-00:00", "2023-01-31T23:59:59.000000Z" },
        { "2023-01-31T23:59:59+00:00", "2023-01-31T23:59:59.000000Z" },
        { "2023-01-31T00:00:00+15:59", "2023-01-30T08:01:00.000000Z" },
        { "2023-01-31T00:00:00-15:59", "2023-01-31T15:59:00.000000Z" },
        { "2023-12-31T23:30:00-00:30", "2024-01-01T00:00:00.000000Z" },
        { "2024-02-29T12:00:00+05:45", "2024-02-29T06:15:00.000000Z" },
        { "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z" },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z" },
        { "0001-01-01T00:00:00-00:01", "0001-01-01T00:01:00.000000Z" },
        { "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
        { "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z" },
        { "1900-03-01T00:00:00Z", "1900-03-01T00:00:00.000000Z" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(again(w, cases[i][0], &no_zone), cases[i][1]);
}

static void what_is_no_time_is_refused_with_its_text_and_an_example(void **state)
{
    struct world *w = *state;
    static const char *const refused[] = {
        "",
        " ",
        "now",
        "2023",
        "2023-01",
        "2023-01-31",
        "2023-01-31T",
        "2023-01-31T23",
        "2023-01-31T23:59",
        "2023-01-31T23:59Z",
        "2023-01-31T23:59:5Z",
        "2023-01-31T23:59:599Z",
        "2023-1-31T23:59:59Z",
        "23-01-31T23:59:59Z",
        "12023-01-31T23:59:59Z",
        "+2023-01-31T23:59:59Z",
        "-2023-01-31T23:59:59Z",
        "2023/01/31T23:59:59Z",
        "20230131T235959Z",
        "2023-01-31T235959Z",
        "2023-01-31_23:59:59Z",
        "2023-01-31  23:59:59Z",
        " 2023-01-31T23:59:59Z",
        "2023-01-31T23:59:59Z ",
        "2023-01-31T23:59:59Z\n",
        "2023-01-31T23:59:59ZZ",
        "2023-01-31T23:59:59 Z",
        "2023-01-31T23:59:59.Z",
        "2023-01-31T23:59:59,5Z",
        "2023-01-31T23:59:59.5.5Z",
        "2023-01-31T23:59:59.+5Z",
        "2023-01-31T23:59:59+1:00",
        "2023-01-31T23:59:59+01",
        "2023-01-31T23:59:59+0100",
        "2023-01-31T23:59:59+01:0",
        "2023-01-31T23:59:59+01:60",
        "2023-01-31T23:59:59+16:00",
        "2023-01-31T23:59:59+24:00",
        "2023-01-31T23:59:59+99:99",
        "2023-01-31T23:59:59+01:00:00",
        "2023-01-31T23:59:59UTC",
        "2023-01-31T23:59:59[Europe/Berlin]",
        ("2023-01-31T23:59:59\xE2\x88\x92"
         "01:00"),
        "2023-01-31T24:00:00Z",
        "2023-01-31T25:00:00Z",
        "2023-01-31T23:60:00Z",
        "2023-01-31T23:59:61Z",
        "2023-01-31T-1:59:59Z",
        "2023-00-31T23:59:59Z",
        "2023-13-31T23:59:59Z",
        "2023-01-00T23:59:59Z",
        "2023-01-32T23:59:59Z",
        "2023-02-29T00:00:00Z",
        "2023-02-30T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2023-04-31T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA3-01-31T23:59:59Z",
        "01/31/2023 23:59:59",
        "Tue, 31 Jan 2023 23:59:59 GMT",
        "1675209599",
        "2023-W05-2T23:59:59Z",
        "2023-031T23:59:59Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        int64_t instant;
        enum time_note note;
        if (parse_with(w, refused[i], &no_zone, &instant, &note))
            fail_msg("taken: \"%s\"", refused[i]);
        assert_int_equal(w->err.code, ERROR_INVALID);
        assert_non_null(strstr(w->err.message, "is not a time"));
        assert_non_null(strstr(w->err.hint, "2023-01-31T23:59:59Z"));
        size_t shown = strcspn(refused[i], "\n");
        assert_memory_equal(w->err.message + 1, refused[i], shown);
    }
}

static void a_text_with_a_nul_is_no_time_and_is_shown_whole(void **state)
{
    struct world *w = *state;
    int64_t instant;
    enum time_note note;
    assert_false(time_parse(SLICE("2023-01-31T23:59:59Z\0x"), &no_zone, &instant, &note, &w->err));
    assert_non_null(strstr(w->err.message, "23:59:59Z?x\" is not a time: something follows it"));
    assert_false(time_parse(SLICE("\xFF\xFE"), &no_zone, &instant, &note, &w->err));
    assert_non_null(strstr(w->err.message, "\"??\""));
}

static void a_long_text_is_shown_cut_between_characters(void **state)
{
    struct world *w = *state;
    int64_t instant;
    enum time_note note;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[200] = "xxx";
        size_t bad;
        for (size_t at = shift; at + 4 < sizeof text; at += 3)
            memcpy(text + at, "\xE2\x82\xAC", 4);
        assert_false(parse_with(w, text, &no_zone, &instant, &note));
        assert_non_null(strstr(w->err.message, "...\" is not a time"));
        assert_true(utf8_is_valid(slice_of(w->err.message), &bad));
        assert_null(strstr(w->err.message, "\\x"));
        assert_null(strstr(w->err.message, "?"));
    }
}

static void digits_finer_than_a_microsecond_are_refused_or_cut_as_the_source_says(void **state)
{
    struct world *w = *state;
    struct time_options cut = { .fraction = TIME_FRACTION_TRUNCATE };
    int64_t instant;
    enum time_note note;
    assert_false(parse_with(w, "2023-01-31T00:00:00.1234567Z", &no_zone, &instant, &note));
    assert_non_null(strstr(w->err.message, "finer than a microsecond"));
    assert_true(parse_with(w, "2023-01-31T00:00:00.1234560000Z", &no_zone, &instant, &note));
    assert_int_equal(note, TIME_PLAIN);
    assert_true(parse_with(w, "2023-01-31T00:00:00.9999999Z", &cut, &instant, &note));
    assert_int_equal(note, TIME_TRUNCATED);
    assert_int_equal(instant % US_PER_SECOND, 999999);
    assert_true(parse_with(w, "1969-12-31T23:59:59.9999999Z", &cut, &instant, &note));
    assert_int_equal(instant, -1);
    assert_true(parse_with(w, "2023-01-31T00:00:00.5Z", &cut, &instant, &note));
    assert_int_equal(note, TIME_PLAIN);
}

static void times_whose_instant_lies_outside_the_years_are_refused(void **state)
{
    struct world *w = *state;
    int64_t instant;
    enum time_note note;
    assert_false(parse_with(w, "0001-01-01T00:00:00+00:01", &no_zone, &instant, &note));
    assert_non_null(strstr(w->err.message, "years 1 to 9999"));
    assert_false(parse_with(w, "9999-12-31T23:59:59-00:01", &no_zone, &instant, &note));
    assert_true(instant_is_valid(INSTANT_MIN_US));
    assert_true(instant_is_valid(INSTANT_MAX_US));
    assert_false(instant_is_valid(INSTANT_MIN_US - 1));
    assert_false(instant_is_valid(INSTANT_MAX_US + 1));
    assert_false(instant_is_valid(INT64_MIN));
    assert_false(instant_is_valid(INT64_MAX));
}

/* ---------------------------------------------------------------- leap seconds */

static void all_27_leap_seconds_are_taken_and_no_other(void **state)
{
    struct world *w = *state;
    size_t taken = 0;
    for (int year = 1970; year <= 2030; year++) {
        for (int month = 1; month <= 12; month++) {
            int last = month == 2                                              ? 28
                       : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                               : 31;
            char text[64];
            int64_t instant, next;
            enum time_note note;
            snprintf(text, sizeof text, "%04d-%02d-%02dT23:59:60Z", year, month, last);
            if (!parse_with(w, text, &no_zone, &instant, &note)) {
                assert_non_null(strstr(w->err.message, "leap second"));
                continue;
            }
            taken++;
            assert_int_equal(note, TIME_LEAP_SECOND);
            /* After :59.999998, before midnight. */
            next = (days_from_civil(year, month, last) + 1) * US_PER_DAY;
            assert_int_equal(instant, next - 1);
            assert_true(month == 6 || month == 12);
        }
    }
    assert_int_equal(taken, 27);
}

static void a_leap_second_is_found_behind_any_offset(void **state)
{
    struct world *w = *state;
    static const char *const taken[] = {
        "2016-12-31T23:59:60Z",      "2016-12-31T23:59:60.5z",    "2017-01-01T00:59:60+01:00",
        "2016-12-31T18:59:60-05:00", "2017-01-01T05:44:60+05:45", "2016-12-31T23:59:60.999999Z"
    };
    static const char *const refused[] = {
        "2016-12-31T23:59:60+01:00", "2016-12-31T22:59:60Z",         "2016-12-31T23:58:60Z",
        "2017-01-01T00:59:60+00:59", "2016-12-30T23:59:60Z",         "2017-12-31T23:59:60Z",
        "2016-06-30T23:59:60Z",      "2016-12-31T23:59:60.1234567Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        assert_string_equal(again(w, taken[i], &no_zone), "2016-12-31T23:59:59.999999Z");
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_string_equal(again(w, refused[i], &no_zone), "");
}

static void a_leap_second_is_found_on_a_local_clock(void **state)
{
    struct world *w = *state;
    struct zone *berlin = zone_of(w, "Europe/Berlin");
    struct time_options options = { .zone = berlin };
    assert_string_equal(again(w, "2017-01-01 00:59:60", &options), "2016-12-31T23:59:59.999999Z");
    assert_string_equal(again(w, "2016-12-31 23:59:60", &options), "");
    zone_free(berlin);
}

/* ---------------------------------------------------------------- local times */

static void a_day_is_an_instant_only_where_the_source_says_which(void **state)
{
    struct world *w = *state;
    struct zone *berlin = zone_of(w, "Europe/Berlin");
    struct time_options plain = { .zone = berlin };
    struct time_options start = { .zone = berlin, .day = TIME_DAY_START };
    struct time_options end = { .zone = berlin, .day = TIME_DAY_END };
    struct time_options nowhere = { .day = TIME_DAY_END };
    assert_string_equal(again(w, "2026-08-31", &plain), "");
    assert_string_equal(again(w, "2026-08-31", &start), "2026-08-30T22:00:00.000000Z");
    assert_string_equal(again(w, "2026-08-31", &end), "2026-08-31T21:59:59.999999Z");
    /* The day on which the clock is put on has 23 hours. */
    assert_string_equal(again(w, "2026-03-29", &start), "2026-03-28T23:00:00.000000Z");
    assert_string_equal(again(w, "2026-03-29", &end), "2026-03-29T21:59:59.999999Z");
    assert_string_equal(again(w, "2026-02-29", &end), "");
    assert_string_equal(again(w, "2026-08-31", &nowhere), "");
    assert_string_equal(w->err.hint, "set a time zone for the source");
    assert_string_equal(again(w, "9999-12-31", &end), "9999-12-31T22:59:59.999999Z");
    /* Before year 1 in UTC. */
    assert_string_equal(again(w, "0001-01-01", &start), "");
    /* What has a time of day is what it says. */
    assert_string_equal(again(w, "2026-08-31T08:00:00Z", &end), "2026-08-31T08:00:00.000000Z");
    zone_free(berlin);
}

static void a_time_without_zone_is_an_error_unless_the_source_names_one(void **state)
{
    struct world *w = *state;
    struct zone *berlin = zone_of(w, "Europe/Berlin"), *utc = zone_of(w, "UTC");
    struct time_options in_berlin = { .zone = berlin }, in_utc = { .zone = utc };
    int64_t instant;
    enum time_note note;
    assert_false(parse_with(w, "2023-07-01T12:00:00", &no_zone, &instant, &note));
    assert_non_null(strstr(w->err.message, "has no time zone"));
    assert_non_null(strstr(w->err.hint, "offset"));
    assert_string_equal(again(w, "2023-07-01T12:00:00", &in_berlin), "2023-07-01T10:00:00.000000Z");
    assert_string_equal(again(w, "2023-01-01 12:00:00.25", &in_berlin),
                        "2023-01-01T11:00:00.250000Z");
    assert_string_equal(again(w, "2023-07-01T12:00:00", &in_utc), "2023-07-01T12:00:00.000000Z");
    /* An offset that is written counts. */
    assert_string_equal(again(w, "2023-07-01T12:00:00Z", &in_berlin),
                        "2023-07-01T12:00:00.000000Z");
    zone_free(berlin);
    zone_free(utc);
}

static void a_local_time_that_happens_twice_is_refused_with_both_offsets(void **state)
{
    struct world *w = *state;
    struct zone *berlin = zone_of(w, "Europe/Berlin");
    struct time_options options = { .zone = berlin };
    int64_t instant;
    enum time_note note;
    assert_false(parse_with(w, "2023-10-29T02:30:00", &options, &instant, &note));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(
        strstr(w->err.message, "happens twice in Europe/Berlin: at +02:00 and at +01:00"));
    assert_string_equal(again(w, "2023-10-29T02:30:00+02:00", &options),
                        "2023-10-29T00:30:00.000000Z");
    assert_string_equal(again(w, "2023-10-29T02:30:00+01:00", &options),
                        "2023-10-29T01:30:00.000000Z");
    zone_free(berlin);
}

static void a_local_time_that_does_not_exist_is_refused(void **state)
{
    struct world *w = *state;
    struct zone *berlin = zone_of(w, "Europe/Berlin"), *apia = zone_of(w, "Pacific/Apia");
    struct time_options in_berlin = { .zone = berlin }, in_apia = { .zone = apia };
    int64_t instant;
    enum time_note note;
    assert_false(parse_with(w, "2023-03-26 02:30:00", &in_berlin, &instant, &note));
    assert_non_null(strstr(w->err.message, "does not exist in Europe/Berlin"));
    assert_non_null(strstr(w->err.message, "from +01:00 to +02:00"));
    assert_false(parse_with(w, "2011-12-30 12:00:00", &in_apia, &instant, &note));
    assert_non_null(strstr(w->err.message, "from -10:00 to +14:00"));
    zone_free(berlin);
    zone_free(apia);
}

/* ---------------------------------------------------------------- writing */

static void what_is_written_is_read_as_the_same_instant(void **state)
{
    struct world *w = *state;
    uint64_t random = 88172645463325252;
    for (int i = 0; i < 100000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t span = (uint64_t)(INSTANT_MAX_US - INSTANT_MIN_US) + 1;
        int64_t instant = INSTANT_MIN_US + (int64_t)(random % span), back;
        enum time_note note;
        char text[28];
        time_format(instant, text);
        assert_int_equal(strlen(text), 27);
        assert_true(time_parse_canonical(slice_of(text), &back));
        assert_true(back == instant);
        assert_true(time_parse(slice_of(text), &no_zone, &back, &note, &w->err));
        assert_true(back == instant);
    }
}

static void the_canonical_form_is_the_only_one(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "2023-01-31T23:59:59Z",          "2023-01-31T23:59:59.00000Z",
        "2023-01-31T23:59:59.0000000Z",  "2023-01-31t23:59:59.000000Z",
        "2023-01-31 23:59:59.000000Z",   "2023-01-31T23:59:59.000000z",
        "2023-01-31T23:59:59.000+00:00", "2016-12-31T23:59:60.000000Z",
        "2023-02-29T23:59:59.000000Z",   "0000-01-31T23:59:59.000000Z",
        "2023-01-31T24:00:00.000000Z",   "2023-01-31T23:59:59.00000 Z",
        "2023-01-31T23:59:59,000000Z",   "2023-01-31T23:59:59.-00000Z",
        "2023-01-31T23:59:59.+0:00Z",
    };
    int64_t instant;
    assert_true(time_parse_canonical(SLICE("2023-01-31T23:59:59.000000Z"), &instant));
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (time_parse_canonical(slice_of(refused[i]), &instant))
            fail_msg("taken: %s", refused[i]);
    assert_false(time_parse_canonical((struct slice){ 0 }, &instant));
}

static void the_clock_runs(void **state)
{
    (void)state;
    int64_t now = clock_now_us();
    assert_true(instant_is_valid(now));
    assert_true(now > days_from_civil(2024, 1, 1) * US_PER_DAY);
    assert_true(clock_now_us() >= now - US_PER_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_day_of_ten_thousand_years_follows_the_one_before),
        WORLD_TEST(days_far_outside_are_no_danger),
        WORLD_TEST(instants_before_1970_are_cut_downwards),
        WORLD_TEST(times_are_read_in_all_forms_of_rfc_3339),
        WORLD_TEST(what_is_no_time_is_refused_with_its_text_and_an_example),
        WORLD_TEST(a_text_with_a_nul_is_no_time_and_is_shown_whole),
        WORLD_TEST(a_long_text_is_shown_cut_between_characters),
        WORLD_TEST(digits_finer_than_a_microsecond_are_refused_or_cut_as_the_source_says),
        WORLD_TEST(times_whose_instant_lies_outside_the_years_are_refused),
        WORLD_TEST(all_27_leap_seconds_are_taken_and_no_other),
        WORLD_TEST(a_leap_second_is_found_behind_any_offset),
        WORLD_TEST(a_leap_second_is_found_on_a_local_clock),
        WORLD_TEST(a_day_is_an_instant_only_where_the_source_says_which),
        WORLD_TEST(a_time_without_zone_is_an_error_unless_the_source_names_one),
        WORLD_TEST(a_local_time_that_happens_twice_is_refused_with_both_offsets),
        WORLD_TEST(a_local_time_that_does_not_exist_is_refused),
        WORLD_TEST(what_is_written_is_read_as_the_same_instant),
        WORLD_TEST(the_canonical_form_is_the_only_one),
        WORLD_TEST(the_clock_runs),
    };
    return cmocka_run_group_tests_name("times", tests, use_own_zones, NULL);
}
