/* test/fuzz/fuzz_values.c
 * How values of evidence are written: numbers keep every digit, durations have one spelling. */
#include "evidence/value_read.h"
#include "fuzz.h"

/* As number_parse() reads it back: digits, with a point before the last `scale` of them. */
static void write_scaled(engine_int128 scaled, unsigned scale, struct strbuf *out)
{
    char digits[48];
    size_t count = 0;
    bool is_negative = scaled < 0;
    while (scaled != 0 || count <= scale) {
        int digit = (int)(scaled % 10);
        digits[count++] = (char)('0' + (digit < 0 ? -digit : digit));
        scaled /= 10;
    }
    if (is_negative)
        strbuf_add_char(out, '-');
    while (count > 0) {
        strbuf_add_char(out, digits[--count]);
        if (count == scale && scale > 0)
            strbuf_add_char(out, '.');
    }
}

static void check_number(struct slice text, unsigned width, unsigned scale)
{
    engine_int128 scaled = 0;
    engine_int128 again = 0;
    engine_int128 limit = 1;
    if (number_parse(text, width, scale, &scaled) != NUMBER_OK)
        return;
    for (unsigned i = 0; i < width; i++)
        limit *= 10;
    assert(scaled < limit && scaled > -limit);
    struct strbuf plain = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    write_scaled(scaled, scale, &plain);
    if (number_parse(strbuf_slice(&plain), width, scale, &again) != NUMBER_OK)
        abort();
    assert(again == scaled);
    strbuf_free(&plain);
}

static void check_local_time(struct slice text)
{
    char written[LOCAL_TIME_BYTES];
    int64_t local_us = 0;
    for (size_t i = 0; i < text.len && i < sizeof(local_us); i++)
        local_us = (int64_t)((uint64_t)local_us << 8 | (unsigned char)text.at[i]);
    if (!local_time_write(local_us, written))
        return;
    struct error err = { 0 };
    enum time_note note = TIME_PLAIN;
    int64_t again_us = 0;
    struct zone *utc = zone_new(SLICE("UTC"), &err);
    const struct time_options options = { .zone = utc };
    if (!utc || !time_parse(slice_of(written), &options, &again_us, &note, &err))
        abort();
    assert(again_us == local_us);
    zone_free(utc);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    bool truth = false;
    char interval[INTERVAL_BYTES];
    check_number(text, 18, 0);
    check_number(text, 18, 6);
    check_number(text, 38, 38);
    check_number(text, 3, 2);
    check_local_time(text);
    if (interval_parse(text, interval))
        assert(slice_of(interval).len < INTERVAL_BYTES);
    if (truth_parse(text, &truth))
        assert(text.len <= 5);
    return 0;
}
