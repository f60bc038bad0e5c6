/* Time zones: against vectors from another reader of the same files, and files that are damaged. */
#include "base_test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/time.h"
#include "base/tz_rule.h"

static const char folder[] = "test/vectors/time/zoneinfo";

static int64_t number_of(const struct value *value)
{
    int64_t number;
    if (!value_to_i64(value, &number))
        fail_msg("line %u of the vectors holds no integer", value ? value->line : 0);
    return number;
}

static void check_local(const char *name, const struct zone *zone, const struct value *one)
{
    static const char *const kinds[] = { "unique", "ambiguous", "gap" };
    struct civil local = { 0 };
    int64_t first, second;
    struct slice text = value_text(value_item(one, 0));
    /* The vector's text is a local reading; read as UTC it gives its parts. */
    char utc[32];
    int64_t as_utc;
    snprintf(utc, sizeof utc, "%.*s.000000Z", SLICE_ARG(text));
    assert_true(time_parse_canonical(slice_of(utc), &as_utc));
    civil_from_instant(as_utc, 0, &local);
    enum zone_kind kind = zone_local(zone, &local, &first, &second);
    bool right = slice_is(value_text(value_item(one, 1)), kinds[kind]) &&
                 first == number_of(value_item(one, 2)) * US_PER_SECOND &&
                 second == number_of(value_item(one, 3)) * US_PER_SECOND;
    if (!right)
        fail_msg("%s %s: %s %lld %lld", name, utc, kinds[kind], (long long)(first / US_PER_SECOND),
                 (long long)(second / US_PER_SECOND));
    if (kind == ZONE_GAP)
        return;
    local.micros = 123456;
    assert_int_equal(zone_local(zone, &local, &first, &second), kind);
    assert_true(first == number_of(value_item(one, 2)) * US_PER_SECOND + 123456);
    assert_true(second == number_of(value_item(one, 3)) * US_PER_SECOND + 123456);
}

static void every_vector_has_its_offset_and_its_instants(void **state)
{
    struct world *w = *state;
    const struct value *zones = world_vectors(w, "test/vectors/time/zones.json");
    assert_int_equal(value_count(zones), 11);
    for (size_t z = 0; z < value_count(zones); z++) {
        const char *name = arena_string(w->arena, zones->members[z].name, &w->err);
        struct zone *zone = zone_new(slice_of(name), &w->err);
        if (!zone)
            fail_msg("%s: %s", name, w->err.message);
        assert_string_equal(zone_name(zone), name);
        const struct value *offsets = value_member(zones->members[z].value, "offsets");
        assert_true(value_count(offsets) > 40);
        for (size_t i = 0; i < value_count(offsets); i++) {
            int64_t instant = number_of(value_item(value_item(offsets, i), 0));
            int64_t expected = number_of(value_item(value_item(offsets, i), 1));
            int32_t found = zone_offset(zone, instant * US_PER_SECOND);
            if (found != expected)
                fail_msg("%s at %lld: %d, not %lld", name, (long long)instant, found,
                         (long long)expected);
            assert_int_equal(zone_offset(zone, instant * US_PER_SECOND + 999999), expected);
        }
        const struct value *local = value_member(zones->members[z].value, "local");
        for (size_t i = 0; i < value_count(local); i++)
            check_local(name, zone, value_item(local, i));
        zone_free(zone);
    }
}

/* Where a file says the same in a table and in its rule, both ways to read it agree. */
static void a_fat_and_a_slim_file_of_one_zone_agree(void **state)
{
    struct world *w = *state;
    struct zone *slim = zone_new(SLICE("Europe/Berlin"), &w->err);
    struct zone *fat = zone_new(SLICE("Fat/Berlin"), &w->err);
    assert_non_null(slim);
    assert_non_null(fat);
    for (int64_t instant = INSTANT_MIN_US; instant < INSTANT_MAX_US;
         instant += 1000003 * US_PER_SECOND)
        assert_int_equal(zone_offset(slim, instant), zone_offset(fat, instant));
    for (int64_t hour = days_from_civil(2030, 1, 1) * INT64_C(24); hour < 560000; hour++)
        assert_int_equal(zone_offset(slim, hour * 3600 * US_PER_SECOND),
                         zone_offset(fat, hour * 3600 * US_PER_SECOND));
    zone_free(slim);
    zone_free(fat);
}

static void the_far_future_follows_the_rule_of_the_footer(void **state)
{
    struct world *w = *state;
    struct zone *zone = zone_new(SLICE("Europe/Berlin"), &w->err);
    int64_t days = days_from_civil(9998, 7, 1);
    assert_int_equal(zone_offset(zone, days * US_PER_DAY), 7200);
    days = days_from_civil(9998, 1, 1);
    assert_int_equal(zone_offset(zone, days * US_PER_DAY), 3600);
    /* Beyond all calendars there is still an answer. */
    (void)zone_offset(zone, INT64_MAX);
    assert_int_equal(zone_offset(zone, INT64_MIN), 3208); /* local mean time */
    zone_free(zone);
}

static void utc_needs_no_file(void **state)
{
    struct world *w = *state;
    struct civil noon = { .year = 2023, .month = 7, .day = 1, .hour = 12, .micros = 5 };
    int64_t first, second;
    setenv("TZDIR", "/does/not/exist", 1);
    struct zone *utc = zone_new(SLICE("UTC"), &w->err);
    assert_non_null(utc);
    assert_int_equal(zone_offset(utc, 0), 0);
    assert_int_equal(zone_local(utc, &noon, &first, &second), ZONE_UNIQUE);
    assert_true(first == second);
    assert_true(first ==
                (days_from_civil(2023, 7, 1) * INT64_C(24) + 12) * 3600 * US_PER_SECOND + 5);
    zone_free(utc);
    zone_free(NULL);
    assert_string_equal(zone_name(NULL), "UTC");

    assert_null(zone_new(SLICE("Europe/Berlin"), &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    assert_non_null(strstr(w->err.hint, "tzdata"));
    setenv("TZDIR", folder, 1);
}

static void an_unknown_zone_is_refused_with_a_near_name(void **state)
{
    struct world *w = *state;
    static const char *const cases[][2] = {
        { "Europe/Berln", "Europe/Berlin" },          { "europe/berlin", "Europe/Berlin" },
        { "Amercia/New_York", "America/New_York" },   { "America/New-York", "America/New_York" },
        { "Africa/Casablanka", "Africa/Casablanca" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_null(zone_new(slice_of(cases[i][0]), &w->err));
        assert_int_equal(w->err.code, ERROR_NOT_FOUND);
        assert_non_null(strstr(w->err.message, cases[i][0]));
        assert_non_null(strstr(w->err.hint, cases[i][1]));
    }
}

static void a_name_is_no_way_out_of_the_folder(void **state)
{
    struct world *w = *state;
    static const struct slice names[] = {
        { "", 0 },
        { "/etc/passwd", 11 },
        { "../zoneinfo/Europe/Berlin", 25 },
        { "Europe/../Europe/Berlin", 23 },
        { "./Europe/Berlin", 15 },
        { "Europe//Berlin", 14 },
        { "Europe/Berlin/", 14 },
        { "/Europe/Berlin", 14 },
        { "Europe/Berlin\0x", 15 },
        { "Europe", 6 },
        { "Europe Berlin", 13 },
        { "\xFF", 1 },
        { "Europe/Berlin\n", 14 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aa",
          90 },
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        w->err = (struct error){ 0 };
        if (zone_new(names[i], &w->err))
            fail_msg("taken: %.*s", SLICE_ARG(names[i]));
        assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    }
}

/* ---------------------------------------------------------------- damaged files */

struct box {
    char path[64], file[96];
    int fd; /* kept open and overwritten: thousands of files take their time */
};

static void box_open(struct box *box)
{
    strcpy(box->path, "/tmp/attest-zones-XXXXXX");
    assert_non_null(mkdtemp(box->path));
    snprintf(box->file, sizeof box->file, "%s/Test", box->path);
    box->fd = open(box->file, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(box->fd >= 0);
    setenv("TZDIR", box->path, 1);
}

static void box_close(struct box *box)
{
    close(box->fd);
    unlink(box->file);
    rmdir(box->path);
    setenv("TZDIR", folder, 1);
}

static struct zone *box_zone(struct world *w, const struct box *box, struct slice bytes)
{
    assert_int_equal(pwrite(box->fd, bytes.at, bytes.len, 0), bytes.len);
    assert_int_equal(ftruncate(box->fd, (off_t)bytes.len), 0);
    w->err = (struct error){ 0 };
    return zone_new(SLICE("Test"), &w->err);
}

static void a_file_that_is_cut_short_anywhere_is_refused(void **state)
{
    struct world *w = *state;
    struct slice whole;
    struct box box;
    assert_true(file_read(w->arena, "test/vectors/time/zoneinfo/Australia/Lord_Howe", 100000,
                          &whole, &w->err));
    box_open(&box);
    for (size_t len = 0; len < whole.len; len++) {
        struct zone *zone = box_zone(w, &box, slice_head(whole, len));
        if (zone)
            fail_msg("taken: the first %zu of %zu bytes", len, whole.len);
        assert_int_equal(w->err.code, ERROR_INVALID);
    }
    struct zone *zone = box_zone(w, &box, whole);
    assert_non_null(zone);
    zone_free(zone);
    box_close(&box);
}

/* Whatever a byte is changed to, nothing is read outside the file, and what is taken gives answers.
 */
static void a_file_with_any_byte_changed_is_refused_or_usable(void **state)
{
    struct world *w = *state;
    static const unsigned char changes[] = { 0x01, 0x80, 0xFF, 0x7F };
    struct slice whole;
    struct box box;
    assert_true(file_read(w->arena, "test/vectors/time/zoneinfo/Australia/Lord_Howe", 100000,
                          &whole, &w->err));
    char *bytes = arena_string(w->arena, whole, &w->err);
    assert_non_null(bytes);
    box_open(&box);
    for (size_t i = 0; i < whole.len; i++) {
        for (size_t k = 0; k < ARRAY_LEN(changes); k++) {
            bytes[i] = (char)(whole.at[i] ^ changes[k]);
            struct zone *zone = box_zone(w, &box, slice_bytes(bytes, whole.len));
            if (zone) {
                struct civil local = { .year = 2011, .month = 12, .day = 30, .hour = 2 };
                int64_t first, second;
                (void)zone_local(zone, &local, &first, &second);
                assert_true(zone_offset(zone, first) <= 93599);
                local.year = 9999;
                (void)zone_local(zone, &local, &first, &second);
                assert_true(first <= second);
            } else {
                assert_int_equal(w->err.code, ERROR_INVALID);
            }
            zone_free(zone);
        }
        bytes[i] = whole.at[i];
    }
    box_close(&box);
}

/* A version 1 file, as old systems had them: 32 bits, no footer. */
static void a_file_of_version_1_is_read(void **state)
{
    struct world *w = *state;
    static const char bytes[] = "TZif\0"
                                "000000000000000"
                                "\0\0\0\0"
                                "\0\0\0\0"
                                "\0\0\0\0" /* isutc, isstd, leap */
                                "\0\0\0\2"
                                "\0\0\0\2"
                                "\0\0\0\10" /* transitions, types, letters */
                                "\xFF\xFF\xFF\xFF"
                                "\0\0\0\100" /* -1, 64 */
                                "\1\0"
                                "\0\0\16\20"
                                "\0\0"
                                "\0\0\34\40"
                                "\1\4" /* 3600, 7200 */
                                "ONE\0TWO";
    struct box box;
    box_open(&box);
    struct zone *zone = box_zone(w, &box, slice_bytes(bytes, sizeof bytes));
    if (!zone)
        fail_msg("%s", w->err.message);
    assert_int_equal(zone_offset(zone, -2 * US_PER_SECOND), 3600);
    assert_int_equal(zone_offset(zone, -1 * US_PER_SECOND), 7200);
    assert_int_equal(zone_offset(zone, 63 * US_PER_SECOND), 7200);
    assert_int_equal(zone_offset(zone, 64 * US_PER_SECOND), 3600);
    assert_int_equal(zone_offset(zone, INT64_MAX), 3600);
    zone_free(zone);
    box_close(&box);
}

/* ---------------------------------------------------------------- rules */

static void rules_are_read_as_posix_and_tzif_have_them(void **state)
{
    (void)state;
    static const char *const taken[] = {
        "UTC0",
        "CET-1",
        "<+0545>-5:45",
        "EST5EDT,M3.2.0,M11.1.0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "XXX3EDT4,0/0,J365/23",
        "AAA-24BBB-24:59:59,J1/167,J365/-167",
        "AAA0BBB,59,300/2:30:15",
        "<A1>+5<B2>+4,0,365",
    };
    static const char *const refused[] = {
        "",
        "U",
        "UT0",
        "UTC",
        "0",
        "UTC0 ",
        "UTC25",
        "UTC0:60",
        "UTC0:00:60",
        "<>0",
        "<UTC0",
        "<UTC>",
        "CET-1CEST",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5,M10.5.0",
        "CET-1CEST,J0,J300",
        "CET-1CEST,J366,J300",
        "CET-1CEST,366,300",
        "CET-1CEST,M3.5.0/168,J1",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,M3.5.0,M10.5.0,J5",
        "CET-1CEST-,M3.5.0,M10.5.0",
        "CET-99999999999",
        "CET-1CEST,J99999999999,J1",
        "CET--1",
        "CET-1CE2,M3.5.0,M10.5.0",
    };
    struct tz_rule rule;
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        if (!tz_rule_parse(slice_of(taken[i]), &rule))
            fail_msg("refused: %s", taken[i]);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (tz_rule_parse(slice_of(refused[i]), &rule))
            fail_msg("taken: %s", refused[i]);
}

static int32_t offset_by(const struct tz_rule *rule, int year, int month, int day, int hour)
{
    int64_t instant = (int64_t)days_from_civil(year, month, day) * 86400 + hour * 3600, start, end;
    int32_t offset = tz_rule_span(rule, instant, &start, &end), again;
    assert_true(start <= instant && instant < end);
    int64_t s, e;
    if (start != INT64_MIN) { /* the stretch holds from its start to its end */
        again = tz_rule_span(rule, start, &s, &e);
        assert_int_equal(again, offset);
        again = tz_rule_span(rule, end - 1, &s, &e);
        assert_int_equal(again, offset);
    }
    return offset;
}

/* RFC 9636 gives this string for eastern time with summer time all the year. */
static void summer_time_may_last_all_the_year(void **state)
{
    (void)state;
    struct tz_rule rule;
    assert_true(tz_rule_parse(SLICE("XXX3EDT4,0/0,J365/23"), &rule));
    for (int year = 1999; year <= 2005; year++)
        for (int month = 1; month <= 12; month++)
            for (int hour = 0; hour < 24; hour++)
                assert_int_equal(offset_by(&rule, year, month, 1, hour), -4 * 3600);
}

static void julian_days_leave_out_29_february_and_plain_ones_count_it(void **state)
{
    (void)state;
    struct tz_rule julian, plain;
    assert_true(tz_rule_parse(SLICE("AAA0BBB,J60/0,J300/0"), &julian));
    assert_true(tz_rule_parse(SLICE("AAA0BBB,59/0,300/0"), &plain));
    /* Day J60 is 1 March always; day 59 is 29 February in a leap year, else 1 March. */
    assert_int_equal(offset_by(&julian, 2024, 2, 29, 12), 0);
    assert_int_equal(offset_by(&julian, 2024, 3, 1, 0), 3600);
    assert_int_equal(offset_by(&julian, 2023, 2, 28, 23), 0);
    assert_int_equal(offset_by(&julian, 2023, 3, 1, 0), 3600);
    assert_int_equal(offset_by(&plain, 2024, 2, 29, 0), 3600);
    assert_int_equal(offset_by(&plain, 2024, 2, 28, 23), 0);
    assert_int_equal(offset_by(&plain, 2023, 2, 28, 23), 0);
    assert_int_equal(offset_by(&plain, 2023, 3, 1, 0), 3600);
}

static int use_own_zones(void **state)
{
    (void)state;
    return setenv("TZDIR", folder, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_vector_has_its_offset_and_its_instants),
        WORLD_TEST(a_fat_and_a_slim_file_of_one_zone_agree),
        WORLD_TEST(the_far_future_follows_the_rule_of_the_footer),
        WORLD_TEST(utc_needs_no_file),
        WORLD_TEST(an_unknown_zone_is_refused_with_a_near_name),
        WORLD_TEST(a_name_is_no_way_out_of_the_folder),
        WORLD_TEST(a_file_that_is_cut_short_anywhere_is_refused),
        WORLD_TEST(a_file_with_any_byte_changed_is_refused_or_usable),
        WORLD_TEST(a_file_of_version_1_is_read),
        WORLD_TEST(rules_are_read_as_posix_and_tzif_have_them),
        WORLD_TEST(summer_time_may_last_all_the_year),
        WORLD_TEST(julian_days_leave_out_29_february_and_plain_ones_count_it),
    };
    return cmocka_run_group_tests_name("zones", tests, use_own_zones, NULL);
}
