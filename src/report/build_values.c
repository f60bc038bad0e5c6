/* How the model's values are shown: texts, counts, dates, short names, anchors. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/build.h"
#include "report/direction.h"

struct slice build_printf(struct builder *b, const char *format, ...)
{
    struct strbuf text = strbuf_new(1 << 20);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    struct slice copy = { 0 };
    if (b->failed || !strbuf_ok(&text, b->err) ||
        !arena_copy(b->arena, strbuf_slice(&text), &copy, b->err))
        b->failed = true;
    strbuf_free(&text);
    return copy;
}

/* What would act on the reader's screen instead of being read: controls, overrides and isolates of
 * writing direction, tags, annotation anchors. Marks that scripts need (joiners, LRM, RLM) stay. */
static bool is_acting(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) || c == 0x2066 ||
           c == 0x2067 || (c >= 0x206a && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

static bool is_space(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85;
}

/* The one isolate that only protects its surroundings stays, if it is closed again. */
static bool is_shown_as_number(uint32_t c, bool isolates_stay)
{
    return is_acting(c) || (!isolates_stay && (c == 0x2068 || c == 0x2069));
}

static bool needs_showing(struct slice text, bool isolates_stay)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (is_space(c) || is_shown_as_number(c, isolates_stay))
            return true;
    }
    return false;
}

struct slice build_shown(struct builder *b, struct slice text)
{
    bool isolates_stay = text_isolates_are_balanced(text);
    if (b->failed || !needs_showing(text, isolates_stay))
        return text;
    struct strbuf shown = strbuf_new(text.len * 9 + 16);
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (is_space(c))
            strbuf_add_char(&shown, ' ');
        else if (is_shown_as_number(c, isolates_stay))
            strbuf_printf(&shown, "<U+%04X>", (unsigned)c);
        else
            strbuf_add(&shown, slice_head(slice_from(text, start), at - start));
    }
    struct slice copy = { 0 };
    if (!strbuf_ok(&shown, b->err) || !arena_copy(b->arena, strbuf_slice(&shown), &copy, b->err))
        b->failed = true;
    strbuf_free(&shown);
    return copy;
}

struct slice build_count(struct builder *b, int64_t number)
{
    char digits[24];
    char out[32];
    size_t length = 0;
    int written = snprintf(digits, sizeof(digits), "%lld", (long long)number);
    size_t count = written > 0 ? (size_t)written : 0;
    for (size_t i = 0; i < count; i++) {
        out[length++] = digits[i];
        size_t left = count - i - 1;
        if (left > 0 && left % 3 == 0 && digits[i] != '-')
            out[length++] = ',';
    }
    return build_printf(b, "%.*s", (int)length, out);
}

struct slice build_count_of(struct builder *b, const struct value *object, const char *name)
{
    int64_t number = 0;
    if (!value_to_i64(value_member(object, name), &number))
        return SLICE("");
    return build_count(b, number);
}

static const char *const months[] = { "January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December" };

/* hh:mm:ss without a fraction of zeros. */
static struct slice clock_of(struct slice instant)
{
    struct slice clock = slice_head(slice_from(instant, 11), 15);
    while (clock.at[clock.len - 1] == '0' && clock.len > 8)
        clock.len--;
    return clock.at[clock.len - 1] == '.' ? slice_head(clock, clock.len - 1) : clock;
}

struct slice build_date(struct builder *b, struct slice date)
{
    uint64_t month = 0, day = 0;
    bool is_instant = date.len == 27 && date.at[10] == 'T' && date.at[26] == 'Z';
    if ((date.len != 10 && !is_instant) || date.at[4] != '-' || date.at[7] != '-')
        return date;
    /* slice_to_u64() takes no leading zero. */
    size_t month_at = date.at[5] == '0' ? 6 : 5;
    size_t day_at = date.at[8] == '0' ? 9 : 8;
    if (!slice_to_u64(slice_head(slice_from(date, month_at), 7 - month_at), &month) ||
        !slice_to_u64(slice_head(slice_from(date, day_at), 10 - day_at), &day) || month < 1 ||
        month > 12)
        return date;
    if (!is_instant)
        return build_printf(b, "%u %s %.4s", (unsigned)day, months[month - 1], date.at);
    return build_printf(b, "%u %s %.4s %.*s UTC", (unsigned)day, months[month - 1], date.at,
                        SLICE_ARG(clock_of(date)));
}

struct slice build_period(struct builder *b, const struct value *period)
{
    struct slice from = build_date(b, value_text_of(period, "from"));
    struct slice to = build_date(b, value_text_of(period, "to"));
    return build_printf(b, "%.*s to %.*s", SLICE_ARG(from), SLICE_ARG(to));
}

struct slice build_class(struct slice id)
{
    static const struct {
        const char *id, *title;
    } classes[] = {
        { "random", "Random slip" },
        { "systematic", "Systematic" },
        { "intentional", "Intentional" },
        { "missing-evidence", "Missing evidence" },
        { "not-a-deviation", "Not a deviation" },
        { "void", "Void" },
    };
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (slice_is(id, classes[i].id))
            return slice_of(classes[i].title);
    return id;
}

struct slice build_local(struct slice criterion)
{
    struct slice catalog, local;
    return slice_split(criterion, '/', &catalog, &local) ? local : criterion;
}

struct slice build_short(struct slice hex)
{
    if (slice_starts_with(hex, SLICE("sha256:")))
        hex = slice_from(hex, 7);
    return hex.len > 12 ? slice_head(hex, 12) : hex;
}

const char *build_anchor(struct builder *b, const char *prefix, struct slice name,
                         struct slice more)
{
    struct slice text =
        more.len ? build_printf(b, "%s-%.*s-%.*s", prefix, SLICE_ARG(name), SLICE_ARG(more))
                 : build_printf(b, "%s-%.*s", prefix, SLICE_ARG(name));
    if (b->failed)
        return NULL;
    char *anchor = arena_string(b->arena, text, b->err);
    if (!anchor) {
        b->failed = true;
        return NULL;
    }
    for (char *at = anchor; *at; at++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *at))
            *at = '-';
    return anchor;
}
