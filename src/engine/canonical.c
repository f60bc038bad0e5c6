#include "engine/canonical.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"

void canonical_add_null(struct strbuf *out) { strbuf_add(out, SLICE("null")); }

/* Whether RFC 8785 writes the text as it stands: most values do not need the escaping writer. */
static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            return false;
    }
    return true;
}

static void add_quoted(struct strbuf *out, struct slice plain)
{
    strbuf_add_char(out, '"');
    strbuf_add(out, plain);
    strbuf_add_char(out, '"');
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

size_t decimal_format(engine_int128 scaled, unsigned scale, char out[42])
{
    char digits[42];
    size_t at = sizeof digits;
    bool is_negative = scaled < 0;
    __extension__ unsigned __int128 left =
        is_negative ? -(unsigned __int128)scaled : (unsigned __int128)scaled;
    unsigned count = 0;
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
