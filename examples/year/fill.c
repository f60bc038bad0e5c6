/* Placeholders, instants and loops. */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "series.h"

static bool all_digits(struct slice text, const char *form)
{
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? text.at[i] < '0' || text.at[i] > '9' : text.at[i] != form[i])
            return false;
    return true;
}

static bool is_day(struct slice text) { return text.len == 10 && all_digits(text, "dddd-dd-dd"); }

static bool is_clock(struct slice text)
{
    return text.len >= 16 && all_digits(text, "dddd-dd-dd dd:dd") &&
           (text.len == 16 || text.at[16] == ':');
}

bool instant_read(struct slice text, int64_t *instant_us)
{
    struct error err;
    enum time_note note;
    char whole[48];
    if (is_day(text))
        (void)snprintf(whole, sizeof whole, "%.*sT00:00:00Z", SLICE_ARG(text));
    else if (is_clock(text) && text.len < 32)
        (void)snprintf(whole, sizeof whole, "%.*s%sZ", SLICE_ARG(text),
                       text.len == 16 ? ":00" : "");
    else if (text.len < sizeof whole)
        (void)snprintf(whole, sizeof whole, "%.*s", SLICE_ARG(text));
    else
        return false;
    return time_parse(slice_of(whole), &(struct time_options){ 0 }, instant_us, &note, &err);
}

static struct value *text_value(struct slice text)
{
    struct error err;
    struct value *value = value_new_text(memory, text, &err);
    if (!value)
        stop_with(&err);
    return value;
}

static struct slice instant_text(int64_t instant_us, char out[28])
{
    time_format(instant_us, out);
    if (instant_us % US_PER_SECOND == 0)
        memcpy(out + 19, "Z", 2);
    return slice_of(out);
}

struct value *instant_value(int64_t instant_us)
{
    char out[28];
    return text_value(instant_text(instant_us, out));
}

static struct value *day_value(int64_t instant_us)
{
    char out[11];
    date_format((int32_t)(instant_us / US_PER_DAY), out);
    return text_value(slice_of(out));
}

/* "+1d2h30m" or "-90m"; takes it from *text. */
static int64_t offset_read(struct slice *text, const struct value *at)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    int64_t sign = text->at[0] == '-' ? -1 : 1, total = 0;
    size_t i = 1;
    while (i < text->len && text->at[i] >= '0' && text->at[i] <= '9') {
        int64_t number = 0, seconds = 0;
        while (i < text->len && text->at[i] >= '0' && text->at[i] <= '9')
            number = number * 10 + (text->at[i++] - '0');
        for (size_t u = 0; u < sizeof units / sizeof *units; u++)
            if (i < text->len && units[u].unit == text->at[i])
                seconds = units[u].seconds;
        if (!seconds)
            stop(at, "expected a number with s, m, h or d in \"%.*s\"", SLICE_ARG(*text));
        total += number * seconds;
        i++;
    }
    *text = slice_from(*text, i);
    return sign * total * US_PER_SECOND;
}

static const struct scope *scope_find(const struct scope *scope, struct slice name,
                                      const struct value *at)
{
    for (; scope; scope = scope->outer)
        if (slice_equal(scope->name, name))
            return scope;
    stop(at, "there is no loop over \"%.*s\"", SLICE_ARG(name));
}

static size_t name_len(struct slice text)
{
    size_t len = 0;
    while (len < text.len && (text.at[len] == '_' || (text.at[len] >= 'a' && text.at[len] <= 'z') ||
                              (text.at[len] >= '0' && text.at[len] <= '9')))
        len++;
    return len;
}

/* Y, m, d, H and M stand for their numbers, all else for itself. */
static struct value *formatted(int64_t instant_us, struct slice format)
{
    struct civil civil;
    struct strbuf out = strbuf_new(256);
    civil_from_instant(instant_us, 0, &civil);
    for (size_t i = 0; i < format.len; i++) {
        switch (format.at[i]) {
        case 'Y':
            strbuf_printf(&out, "%04d", civil.year);
            break;
        case 'm':
            strbuf_printf(&out, "%02d", civil.month);
            break;
        case 'd':
            strbuf_printf(&out, "%02d", civil.day);
            break;
        case 'H':
            strbuf_printf(&out, "%02d", civil.hour);
            break;
        case 'M':
            strbuf_printf(&out, "%02d", civil.minute);
            break;
        default:
            strbuf_add_char(&out, format.at[i]);
        }
    }
    struct value *value = text_value(strbuf_slice(&out));
    strbuf_free(&out);
    return value;
}

/* What stands between { and }. A member that is not there is null. */
static const struct value *placeholder(const struct scope *scope, struct slice inner,
                                       const struct value *at)
{
    struct error err;
    size_t len = name_len(inner);
    const struct scope *found = scope_find(scope, slice_head(inner, len), at);
    const struct value *value = found->value;
    inner = slice_from(inner, len);
    while (inner.len && inner.at[0] == '.') {
        inner = slice_from(inner, 1);
        len = name_len(inner);
        const char *name = arena_string(memory, slice_head(inner, len), &err);
        value = name ? value_member(value, name) : NULL;
        inner = slice_from(inner, len);
    }
    if (inner.len && inner.at[0] == '#') {
        char number[24];
        (void)snprintf(number, sizeof number, "%zu", found->number);
        return text_value(slice_of(number));
    }
    if (!inner.len || !value)
        return value;
    int64_t instant;
    if (!instant_read(value_text(value), &instant))
        stop(at, "\"%.*s\" is no instant", SLICE_ARG(value->text));
    bool stays_day = is_day(value_text(value));
    while (inner.len && (inner.at[0] == '+' || inner.at[0] == '-'))
        instant += offset_read(&inner, at);
    if (inner.len && inner.at[0] == '|')
        return formatted(instant, slice_from(inner, 1));
    return stays_day && instant % US_PER_DAY == 0 ? day_value(instant) : instant_value(instant);
}

static struct value *fill_string(const struct scope *scope, const struct value *value)
{
    struct slice text = value->text;
    struct strbuf out = strbuf_new(1 << 20);
    while (text.len) {
        size_t open, close;
        if (!slice_find(text, '{', &open) || !slice_find(slice_from(text, open), '}', &close)) {
            strbuf_add(&out, text);
            break;
        }
        struct slice inner = slice_head(slice_from(text, open + 1), close - 1);
        const struct value *found = placeholder(scope, inner, value);
        if (open == 0 && close + 1 == text.len && text.len == value->text.len) {
            struct error err;
            struct value *copy =
                found ? value_copy(memory, found, &err) : value_new(memory, VALUE_NULL, &err);
            if (!copy)
                stop_with(&err);
            return copy;
        }
        strbuf_add(&out, slice_head(text, open));
        if (found)
            strbuf_add(&out, found->text);
        text = slice_from(text, open + close + 1);
    }
    struct value *filled = text_value(strbuf_slice(&out));
    strbuf_free(&out);
    int64_t instant;
    if (is_clock(filled->text) && instant_read(filled->text, &instant))
        filled = instant_value(instant);
    return filled;
}

struct value *fill(const struct scope *scope, const struct value *value)
{
    struct error err;
    if (value->type == VALUE_STRING)
        return fill_string(scope, value);
    if (value->type != VALUE_ARRAY && value->type != VALUE_OBJECT) {
        struct value *copy = value_copy(memory, value, &err);
        if (!copy)
            stop_with(&err);
        return copy;
    }
    struct value *out = value_new(memory, value->type, &err);
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < value->count; i++)
        ok = value->type == VALUE_ARRAY
                 ? value_add(memory, out, fill(scope, value->items[i]), &err)
                 : value_put_slice(memory, out, value->members[i].name,
                                   fill(scope, value->members[i].value), &err);
    if (!ok)
        stop_with(&err);
    return out;
}

struct slice fill_text(const struct scope *scope, const struct value *value)
{
    return value ? value_text(fill(scope, value)) : SLICE("");
}

/* ---- loops ---- */

struct range {
    int64_t from, to;
    struct duration step;
    struct zone *zone;
    const struct value *but;
};

/* The number-th time: whole months and days by the calendar of the zone, so that a job at 02:30
 * stays at 02:30 when the clock is moved, and the 31st becomes the month's last day. */
static int64_t range_time(const struct range *range, int64_t number)
{
    struct civil civil;
    int64_t first, second;
    if (!range->step.months && !range->step.days)
        return range->from + number * range->step.micros;
    civil_from_instant(range->from, 0, &civil); /* the wall clock, as written */
    int64_t month = civil.month - 1 + number * range->step.months;
    int32_t year = civil.year + (int32_t)(month / 12);
    int in_year = (int)(month % 12) + 1;
    int32_t days = days_from_civil(year, in_year, 1) + civil.day - 1;
    int32_t next =
        in_year == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, in_year + 1, 1);
    if (range->step.months && days >= next)
        days = next - 1;
    days += (int32_t)(number * range->step.days);
    civil_from_days(days, &civil.year, &civil.month, &civil.day);
    if (range->zone && zone_local(range->zone, &civil, &first, &second) != ZONE_UNIQUE)
        return first;
    return range->zone
               ? first
               : (int64_t)days * US_PER_DAY + range->from - range->from / US_PER_DAY * US_PER_DAY;
}

static bool is_left_out(const struct range *range, int64_t instant)
{
    char text[28];
    time_format(instant, text);
    for (size_t i = 0; i < value_count(range->but); i++) {
        const struct value *one = value_item(range->but, i);
        const struct value *last = one->type == VALUE_ARRAY ? value_item(one, 1) : one;
        struct slice day = slice_bytes(text, 10);
        struct slice begin = value_text(one->type == VALUE_ARRAY ? value_item(one, 0) : one);
        if (slice_compare(begin, day) <= 0 && slice_compare(day, value_text(last)) <= 0)
            return true;
    }
    return false;
}

static struct value *range_elements(const struct value *loop)
{
    struct error err;
    struct range range = { .but = value_member(loop, "but") };
    struct slice zone = value_text_of(loop, "zone");
    if (!instant_read(value_text_of(loop, "from"), &range.from) ||
        !instant_read(value_text_of(loop, "to"), &range.to) ||
        !duration_parse(value_text_of(loop, "every"), &range.step))
        stop(loop, "a range has from, to (not included) and every, such as 7 days");
    if (zone.len && !(range.zone = zone_new(zone, &err)))
        stop_with(&err);
    bool are_days = is_day(value_text_of(loop, "from")) && !range.step.micros;
    struct value *out = value_new(memory, VALUE_ARRAY, &err);
    bool ok = out != NULL;
    for (int64_t number = 0; ok; number++) {
        int64_t instant = range_time(&range, number);
        if (instant >= range.to)
            break;
        if (!is_left_out(&range, instant))
            ok = value_add(memory, out, are_days ? day_value(instant) : instant_value(instant),
                           &err);
    }
    if (!ok)
        stop_with(&err);
    zone_free(range.zone);
    return out;
}

struct value *loop_elements(const struct value *loop, const struct value *defined)
{
    if (loop->type == VALUE_OBJECT)
        return range_elements(loop);
    if (loop->type == VALUE_ARRAY)
        return fill(NULL, loop);
    struct error err;
    const char *name = arena_string(memory, loop->text, &err);
    const struct value *list = name ? value_member(defined, name) : NULL;
    if (list)
        return fill(NULL, list);
    stop(loop, "no list \"%.*s\" is defined", SLICE_ARG(loop->text));
}
