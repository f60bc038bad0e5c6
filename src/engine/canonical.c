#include "engine/canonical.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"

void canonical_add_null(struct strbuf *out) { strbuf_add(out, SLICE("null")); }

static void add_quoted(struct strbuf *out, struct slice plain)
{
    char *at = strbuf_room(out, plain.len + 2);
    if (!at)
        return;
    at[0] = '"';
    if (plain.len)
        memcpy(at + 1, plain.at, plain.len);
    at[plain.len + 1] = '"';
    strbuf_wrote(out, plain.len + 2);
}

/* Whether any of eight bytes is a control character, a quote or a backslash: the zero-byte trick of
 * "Bit Twiddling Hacks" on each difference; a byte above 127 is none of them. */
static bool needs_escape(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
    uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\';
    uint64_t control = (eight - ones * 0x20) & ~eight;
    return ((control | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & high) != 0;
}

/* Whether RFC 8785 writes the text as it stands: most values do not need the escaping writer. */
static bool is_plain(struct slice text)
{
    size_t at = 0;
    for (; text.len - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, text.at + at, 8);
        if (needs_escape(eight))
            return false;
    }
    for (; at < text.len; at++) {
        unsigned char byte = (unsigned char)text.at[at];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            return false;
    }
    return true;
}

void canonical_add_text(struct strbuf *out, struct slice text)
{
    if (is_plain(text))
        add_quoted(out, text);
    else
        json_add_string(out, text);
}

void canonical_add_integer(struct strbuf *out, int64_t value)
{
    char digits[42];
    add_quoted(out, (struct slice){ digits, decimal_format(value, 0, digits) });
}

void canonical_add_decimal(struct strbuf *out, engine_int128 scaled, unsigned scale)
{
    char digits[42];
    add_quoted(out, (struct slice){ digits, decimal_format(scaled, scale, digits) });
}

void canonical_add_boolean(struct strbuf *out, bool value)
{
    add_quoted(out, value ? SLICE("true") : SLICE("false"));
}

void canonical_add_list(struct strbuf *out, const struct slice *items, size_t count)
{
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        if (items[i].at)
            canonical_add_text(out, items[i]);
        else
            canonical_add_null(out);
    }
    strbuf_add_char(out, ']');
}

bool canonical_add_date(struct strbuf *out, int32_t days)
{
    char text[11];
    if (days < days_from_civil(1, 1, 1) || days > days_from_civil(9999, 12, 31))
        return false;
    date_format(days, text);
    add_quoted(out, slice_of(text));
    return true;
}

bool canonical_add_timestamp(struct strbuf *out, int64_t instant_us)
{
    char text[28];
    if (!instant_is_valid(instant_us))
        return false;
    time_format(instant_us, text);
    add_quoted(out, (struct slice){ text, 27 });
    return true;
}

__extension__ typedef unsigned __int128 magnitude;

static size_t small_format(uint64_t left, bool is_negative, char out[42])
{
    char digits[21];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (is_negative)
        digits[--at] = '-';
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

size_t decimal_format(engine_int128 scaled, unsigned scale, char out[42])
{
    char digits[42];
    size_t at = sizeof digits;
    bool is_negative = scaled < 0;
    magnitude left = is_negative ? -(magnitude)scaled : (magnitude)scaled;
    unsigned count = 0;
    /* Dividing 128 bits is slow; few numbers need it. */
    if (left <= UINT64_MAX && scale == 0)
        return small_format((uint64_t)left, is_negative, out);
    /* At least one digit before the point: 0.50, not .50. */
    do {
        if (count == scale && scale > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + (int)(left % 10));
        left /= 10;
        count++;
    } while (left != 0 || count <= scale);
    if (is_negative)
        digits[--at] = '-';
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}
