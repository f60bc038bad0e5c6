/* Numbers, truth values, durations and clock readings as people and programs write them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/value_read.h"

/* ---- numbers ---- */

enum { EXPONENT_MAX = 100000, SIGNIFICANT_MAX = 38 };

__extension__ typedef unsigned __int128 magnitude;

/* Digits of a number as they pass: value * 10^pending_zeros for those taken so far. */
struct mantissa {
    magnitude value;
    size_t digits;        /* significant ones, trailing zeros left out */
    size_t pending_zeros; /* seen since the last digit that is none */
};

static void mantissa_add(struct mantissa *mantissa, char digit)
{
    if (digit == '0') {
        mantissa->pending_zeros += mantissa->digits > 0;
        return;
    }
    mantissa->digits += mantissa->pending_zeros + 1;
    if (mantissa->digits <= SIGNIFICANT_MAX) {
        for (size_t i = 0; i <= mantissa->pending_zeros; i++)
            mantissa->value *= 10;
        mantissa->value += (unsigned)(digit - '0');
    }
    mantissa->pending_zeros = 0;
}

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static size_t take_digits(struct slice text, size_t at, struct mantissa *mantissa)
{
    size_t start = at;
    for (; at < text.len && is_digit(text.at[at]); at++)
        mantissa_add(mantissa, text.at[at]);
    return at - start;
}

/* After e or E. Beyond EXPONENT_MAX it stays there. */
static bool take_exponent(struct slice text, size_t *at, long *exponent)
{
    bool is_negative = *at < text.len && text.at[*at] == '-';
    if (*at < text.len && (text.at[*at] == '-' || text.at[*at] == '+'))
        *at += 1;
    size_t start = *at;
    for (; *at < text.len && is_digit(text.at[*at]); *at += 1)
        if (*exponent < EXPONENT_MAX)
            *exponent = *exponent * 10 + (text.at[*at] - '0');
    if (is_negative)
        *exponent = -*exponent;
    return *at > start;
}

static bool take_number(struct slice text, struct mantissa *mantissa, long *decimals,
                        long *exponent)
{
    size_t at = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    size_t whole = take_digits(text, at, mantissa), fraction;
    at += whole;
    *decimals = *exponent = 0;
    if (whole == 0)
        return false;
    if (at < text.len && text.at[at] == '.') {
        fraction = take_digits(text, at + 1, mantissa);
        at += 1 + fraction;
        *decimals = (long)fraction;
        if (fraction == 0)
            return false;
    }
    if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
        at++;
        if (!take_exponent(text, &at, exponent))
            return false;
    }
    return at == text.len;
}

enum number_result number_parse(struct slice text, unsigned width, unsigned scale,
                                engine_int128 *scaled)
{
    struct mantissa mantissa = { 0 };
    long decimals, exponent;
    *scaled = 0;
    if (!take_number(text, &mantissa, &decimals, &exponent))
        return NUMBER_MALFORMED;
    if (mantissa.digits == 0)
        return NUMBER_OK;
    /* Zeros to put behind the significant digits so that they stand at the scale. */
    long zeros = exponent - decimals + (long)mantissa.pending_zeros + (long)scale;
    if (zeros < 0)
        return NUMBER_TOO_FINE;
    if ((long)mantissa.digits + zeros > (long)width)
        return NUMBER_TOO_LARGE;
    for (long i = 0; i < zeros; i++)
        mantissa.value *= 10;
    *scaled = text.at[0] == '-' ? -(engine_int128)mantissa.value : (engine_int128)mantissa.value;
    return NUMBER_OK;
}

/* ---- truth values ---- */

static bool is_word(struct slice text, const char *word)
{
    size_t len = strlen(word);
    if (text.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char byte = text.at[i];
        if ((byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte) != word[i])
            return false;
    }
    return true;
}

bool truth_parse(struct slice text, bool *value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "true", true }, { "false", false }, { "yes", true }, { "no", false },
                  { "t", true },    { "f", false },     { "1", true },   { "0", false } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (is_word(text, words[i].word)) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}

/* ---- durations ---- */

struct duration {
    int64_t months, days, micros;
};

/* Up to 9 digits, and a fraction (in microseconds of one) if there is one. */
static bool take_amount(struct slice text, size_t *at, int64_t *whole, int64_t *micros)
{
    size_t start = *at;
    *whole = *micros = 0;
    for (; *at < text.len && *at - start < 9 && is_digit(text.at[*at]); *at += 1)
        *whole = *whole * 10 + (text.at[*at] - '0');
    if (*at == start)
        return false;
    if (*at == text.len || text.at[*at] != '.')
        return true;
    int64_t unit = 100000;
    start = *at += 1;
    for (; *at < text.len && is_digit(text.at[*at]); *at += 1, unit /= 10) {
        if (unit == 0 && text.at[*at] != '0')
            return false; /* finer than a microsecond */
        *micros += (text.at[*at] - '0') * unit;
    }
    return *at > start;
}

/* The units after P, then those after T; each at most once and in this order. */
static bool take_units(struct slice text, size_t *at, const char *units, const int64_t *sizes,
                       int64_t *const *sums)
{
    size_t next = 0;
    size_t start = *at;
    while (*at < text.len && text.at[*at] != 'T') {
        int64_t whole, micros;
        if (!take_amount(text, at, &whole, &micros) || *at == text.len)
            return false;
        while (units[next] != '\0' && units[next] != text.at[*at])
            next++;
        if (units[next] == '\0' || (micros != 0 && units[next] != 'S'))
            return false;
        *sums[next] += whole * sizes[next] + micros;
        next++;
        *at += 1;
    }
    return *at > start;
}

static bool take_iso_duration(struct slice text, size_t at, struct duration *duration)
{
    static const int64_t date_sizes[] = { 12, 1, 7, 1 };
    static const int64_t time_sizes[] = { 3600 * US_PER_SECOND, 60 * US_PER_SECOND, US_PER_SECOND };
    int64_t *const date_sums[] = { &duration->months, &duration->months, &duration->days,
                                   &duration->days };
    int64_t *const time_sums[] = { &duration->micros, &duration->micros, &duration->micros };
    if (at == text.len)
        return false;
    if (text.at[at] != 'T' && !take_units(text, &at, "YMWD", date_sizes, date_sums))
        return false;
    if (at == text.len)
        return true;
    at++; /* T */
    return take_units(text, &at, "HMS", time_sizes, time_sums) && at == text.len;
}

/* h:mm:ss or h:mm:ss.ffffff */
static bool take_clock_duration(struct slice text, size_t at, struct duration *duration)
{
    int64_t part[3], micros = 0;
    for (int i = 0; i < 3; i++) {
        size_t start = at;
        if (!take_amount(text, &at, &part[i], &micros) || (micros != 0 && i < 2))
            return false;
        if (i > 0 && (part[i] > 59 || at - start < 2))
            return false;
        if (i < 2 && (at == text.len || text.at[at++] != ':'))
            return false;
    }
    duration->micros = ((part[0] * 60 + part[1]) * 60 + part[2]) * US_PER_SECOND + micros;
    return at == text.len;
}

bool interval_parse(struct slice text, char out[INTERVAL_BYTES])
{
    struct duration duration = { 0 };
    size_t at = text.len > 0 && text.at[0] == '-';
    const char *sign = at ? "-" : "";
    bool is_iso = at < text.len && text.at[at] == 'P';
    if (is_iso ? !take_iso_duration(text, at + 1, &duration)
               : !take_clock_duration(text, at, &duration))
        return false;
    int64_t seconds = duration.micros / US_PER_SECOND;
    (void)snprintf(out, INTERVAL_BYTES,
                   "%s%" PRId64 " months %s%" PRId64 " days %s%02" PRId64 ":%02d:%02d.%06d",
                   duration.months ? sign : "", duration.months, duration.days ? sign : "",
                   duration.days, duration.micros ? sign : "", seconds / 3600,
                   (int)(seconds / 60 % 60), (int)(seconds % 60),
                   (int)(duration.micros % US_PER_SECOND));
    return true;
}

/* ---- clock readings ---- */

static void put_digits(char *out, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

bool local_time_write(int64_t local_us, char out[LOCAL_TIME_BYTES])
{
    struct civil civil;
    if (!instant_is_valid(local_us))
        return false;
    civil_from_instant(local_us, 0, &civil);
    memcpy(out, "0000-00-00T00:00:00.000000", LOCAL_TIME_BYTES);
    put_digits(out, civil.year, 4);
    put_digits(out + 5, civil.month, 2);
    put_digits(out + 8, civil.day, 2);
    put_digits(out + 11, civil.hour, 2);
    put_digits(out + 14, civil.minute, 2);
    put_digits(out + 17, civil.second, 2);
    put_digits(out + 20, civil.micros, 6);
    return true;
}
