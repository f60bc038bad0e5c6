/* test/fuzz/fuzz_time.c
 * Instants, dates and periods: what is accepted has a canonical form that means the same. */
#include "base/time.h"
#include "fuzz.h"

static void check_instant(struct slice text, enum time_fraction fraction)
{
    struct error err = { 0 };
    struct time_options options = { .fraction = fraction };
    int64_t instant_us = 0;
    int64_t again_us = 0;
    enum time_note note = TIME_PLAIN;
    char canonical[28];
    if (!time_parse(text, &options, &instant_us, &note, &err)) {
        fuzz_assert_refused(&err);
        return;
    }
    assert(note != TIME_TRUNCATED || fraction == TIME_FRACTION_TRUNCATE);
    time_format(instant_us, canonical);
    if (!time_parse_canonical(slice_of(canonical), &again_us))
        abort();
    assert(again_us == instant_us);
    if (!time_parse(slice_of(canonical), &options, &again_us, &note, &err))
        abort();
    assert(again_us == instant_us && note == TIME_PLAIN);
}

static void check_date(struct slice text)
{
    struct error err = { 0 };
    int32_t days = 0;
    char canonical[11];
    if (!date_parse(text, &days, &err)) {
        fuzz_assert_refused(&err);
        return;
    }
    date_format(days, canonical);
    assert(slice_is(text, canonical));
}

static void check_period(struct slice text)
{
    struct error err = { 0 };
    struct period period;
    char canonical[24];
    struct zone *utc = zone_new(slice_of("UTC"), &err);
    if (!utc)
        abort();
    if (period_parse(text, utc, &period, &err)) {
        assert(period.start_us < period.end_us);
        assert((period.end_us - period.start_us) % US_PER_DAY == 0);
        period_format(&period, utc, canonical);
        assert(slice_is(text, canonical));
    } else {
        fuzz_assert_refused(&err);
    }
    zone_free(utc);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    check_instant(text, TIME_FRACTION_EXACT);
    check_instant(text, TIME_FRACTION_TRUNCATE);
    check_date(text);
    check_period(text);
    return 0;
}
