/* What fits a column exactly, and what is refused. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <string.h>

#include "engine/canonical.h"
#include "evidence/value_read.h"

/* A number at a scale as text, or the reason. */
static const char *number(const char *text, unsigned width, unsigned scale)
{
    static char out[48];
    engine_int128 scaled;
    switch (number_parse(slice_of(text), width, scale, &scaled)) {
    case NUMBER_OK:
        out[decimal_format(scaled, scale, out)] = '\0';
        return out;
    case NUMBER_MALFORMED:
        return "malformed";
    case NUMBER_TOO_FINE:
        return "too fine";
    case NUMBER_TOO_LARGE:
        return "too large";
    }
    return NULL;
}

static void numbers_are_exact_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned width, scale;
        const char *expected;
    } cases[] = {
        { "0", 18, 6, "0.000000" },
        { "-0", 18, 0, "0" },
        { "10.50", 18, 6, "10.500000" },
        { "-0.05", 4, 2, "-0.05" },
        { "+7", 18, 0, "7" },
        { "00123", 18, 0, "123" },
        { "1e2", 18, 0, "100" },
        { "1.5E+3", 18, 0, "1500" },
        { "1500e-2", 18, 0, "15" },
        { "1e-7", 18, 6, "too fine" },
        { "0.0000001", 18, 6, "too fine" },
        { "0.1000000000000000000000000000000000000000000", 18, 1, "0.1" },
        { "1.5", 18, 0, "too fine" },
        { "123456789012.123456", 18, 6, "123456789012.123456" },
        { "1234567890123.123456", 18, 6, "too large" },
        { "99999999999999999999999999999999999999", 38, 0,
          "99999999999999999999999999999999999999" },
        { "100000000000000000000000000000000000000", 38, 0, "too large" },
        { "123456789012345678901234567890123456789012345", 38, 0, "too large" },
        { "1e400", 38, 0, "too large" },
        { "0e999999999999", 18, 2, "0.00" },
        { "1e-999999999999", 18, 2, "too fine" },
        { "", 18, 0, "malformed" },
        { "-", 18, 0, "malformed" },
        { ".5", 18, 1, "malformed" },
        { "5.", 18, 1, "malformed" },
        { "1,234.50", 18, 2, "malformed" },
        { "1e", 18, 2, "malformed" },
        { " 1", 18, 2, "malformed" },
        { "0x10", 18, 2, "malformed" },
        { "NaN", 18, 2, "malformed" },
        { "--1", 18, 2, "malformed" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (strcmp(number(cases[i].text, cases[i].width, cases[i].scale), cases[i].expected) != 0)
            fail_msg("%s: %s", cases[i].text,
                     number(cases[i].text, cases[i].width, cases[i].scale));
}

static void durations_have_one_text_each(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        { "P1Y2M3W4DT5H6M7.8S", "14 months 25 days 05:06:07.800000" },
        { "PT90M", "0 months 0 days 01:30:00.000000" },
        { "1:30:00", "0 months 0 days 01:30:00.000000" },
        { "100:00:00.000001", "0 months 0 days 100:00:00.000001" },
        { "P2W", "0 months 14 days 00:00:00.000000" },
        { "-P1M", "-1 months 0 days 00:00:00.000000" },
        { "-PT0.5S", "0 months 0 days -00:00:00.500000" },
        { "PT0S", "0 months 0 days 00:00:00.000000" },
    };
    static const char *const bad[] = { "",      "P",       "PT",          "P1",           "1D",
                                       "P1H",   "PT1D",    "P1D2M",       "PT1M1M",       "P1.5D",
                                       "1:2:3", "1:60:00", "1:00",        "PT1.0000001S", "P1DT",
                                       "p1d",   "P-1D",    "P9999999999D" };
    char out[INTERVAL_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(interval_parse(slice_of(good[i][0]), out));
        assert_string_equal(out, good[i][1]);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (interval_parse(slice_of(bad[i]), out))
            fail_msg("%s became %s", bad[i], out);
}

#define TYPE_ALL                                                                                   \
    "kind: PopulationType\nid: all\nkey: [id]\ntime: at\ncolumns:\n"                               \
    "  id: {type: text}\n  at: {type: timestamp}\n  n: {type: integer}\n"                          \
    "  d: {type: 'decimal(5,2)'}\n  b: {type: boolean}\n  day: {type: date}\n"                     \
    "  took: {type: interval}\n  tags: {type: 'list<text>'}\n"

static void set_up(struct world *w, const char *reader)
{
    char yaml[128];
    world_type(w, TYPE_ALL);
    (void)snprintf(yaml, sizeof yaml, "kind: Source\nid: s\npopulation: all\nreader: %s\n", reader);
    world_source(w, yaml);
}

static void every_type_is_read_from_json(void **state)
{
    struct world *w = *state;
    set_up(w, "ndjson");
    world_reads(w, "x.ndjson",
                "{\"id\":\"a\",\"at\":\"2023-01-01T00:00:00Z\",\"n\":9223372036854775807,"
                "\"d\":-999.99,\"b\":true,\"day\":\"2024-02-29\",\"took\":\"PT1H\","
                "\"tags\":[\"x\",null,\"\\u00e9\"]}\n"
                "{\"id\":\"b\",\"n\":\"-12\",\"d\":\"1.5\",\"b\":\"no\",\"tags\":[]}\n"
                "{\"id\":\"\",\"n\":1e3,\"d\":null}\n");
    assert_string_equal(world_rows(w),
                        "[\"a\",\"2023-01-01T00:00:00.000000Z\",\"9223372036854775807\","
                        "\"-999.99\",\"true\",\"2024-02-29\",\"0 months 0 days 01:00:00.000000\","
                        "[\"x\",null,\"é\"]]\n"
                        "[\"b\",null,\"-12\",\"1.50\",\"false\",null,null,[]]\n"
                        "[\"\",null,\"1000\",null,null,null,null,null]\n");
    assert_int_equal(w->content.counts.undated, 2);
}

static void every_type_is_read_from_csv(void **state)
{
    struct world *w = *state;
    set_up(w, "csv");
    world_reads(w, "x.csv",
                "id,at,n,d,b,day,took,tags\n"
                "a,2023-01-01 00:00:00+01:00,-1,1.50,TRUE,2024-02-29,0:00:01,\"[\"\"x\"\",null]\"\n"
                "b,,,,,,,\n");
    assert_string_equal(world_rows(w),
                        "[\"a\",\"2022-12-31T23:00:00.000000Z\",\"-1\",\"1.50\",\"true\","
                        "\"2024-02-29\",\"0 months 0 days 00:00:01.000000\",[\"x\",null]]\n"
                        "[\"b\",null,null,null,null,null,null,null]\n");
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *field, *value, *message;
    } cases[] = {
        { "n", "9223372036854775808", "too large" },
        { "n", "1.5", "nothing is rounded" },
        { "n", "\"1 000\"", "not grouped" },
        { "n", "true", "integer was expected, not true" },
        { "d", "1000", "too large" },
        { "d", "0.001", "nothing is rounded" },
        { "b", "1", "boolean was expected, not the number 1" },
        { "b", "\"maybe\"", "true or false" },
        { "day", "\"2023-02-29\"", "2023-02-29" },
        { "at", "1672531200", "timestamp was expected, not the number" },
        { "at", "\"2023-01-01T00:00:00\"", "no time zone" },
        { "at", "\"2023-01-01T00:00:00.1234567Z\"", "finer than a microsecond" },
        { "took", "\"an hour\"", "PT1H30M" },
        { "tags", "\"x\"", "list<text> was expected, not a text" },
        { "tags", "[1]", "each element must be a text" },
        { "tags", "[[\"x\"]]", "each element must be a text" },
        { "tags", "[\"\\u0000\"]", "NUL" },
        { "tags", "{}", "list<text> was expected, not an object" },
        { "id", "7", "text was expected, not the number 7" },
        { "id", "[]", "text was expected, not a list" },
        { "id", "null", "it is empty" },
    };
    set_up(w, "ndjson");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char bytes[256], where[64];
        bool is_id = strcmp(cases[i].field, "id") == 0;
        (void)snprintf(bytes, sizeof bytes, "{\"id\":\"a\"}\n{%s\"%s\":%s}\n",
                       is_id ? "" : "\"id\":\"b\",", cases[i].field, cases[i].value);
        (void)snprintf(where, sizeof where, "x.ndjson:2: %s", cases[i].field);
        world_refuses(w, "x.ndjson", bytes, where, cases[i].message);
    }
}

static void times_follow_the_sources_zone_and_fraction_rule(void **state)
{
    struct world *w = *state;
    world_type(w, TYPE_ALL);
    world_source(w, "kind: Source\nid: s\npopulation: all\nreader: ndjson\n"
                    "timezone: Europe/Berlin\nfraction: truncate\n");
    world_reads(w, "x.ndjson",
                "{\"id\":\"a\",\"at\":\"2023-07-01T12:00:00.1234567\"}\n"
                "{\"id\":\"b\",\"at\":\"2023-01-01T12:00:00\"}\n"
                "{\"id\":\"c\",\"at\":\"2023-01-01T12:00:00Z\"}\n");
    assert_non_null(strstr(world_rows(w), "[\"a\",\"2023-07-01T10:00:00.123456Z\""));
    assert_non_null(strstr(world_rows(w), "[\"b\",\"2023-01-01T11:00:00.000000Z\""));
    assert_non_null(strstr(world_rows(w), "[\"c\",\"2023-01-01T12:00:00.000000Z\""));
    assert_int_equal(w->content.counts.first_us, INT64_C(1672570800000000));
    assert_int_equal(w->content.counts.last_us, INT64_C(1688205600123456));
    assert_warning(w, w->findings.count - 1, "x.ndjson", "which were cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_exact_or_refused),
        cmocka_unit_test(durations_have_one_text_each),
        WORLD_TEST(every_type_is_read_from_json),
        WORLD_TEST(every_type_is_read_from_csv),
        WORLD_TEST(what_does_not_fit_is_refused_by_name),
        WORLD_TEST(times_follow_the_sources_zone_and_fraction_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
