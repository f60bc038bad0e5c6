#include "base/time_pattern.h"

#include <stdio.h>
#include <string.h>

enum part {
    PART_LITERAL,
    PART_YEAR,
    PART_MONTH,
    PART_MONTH_NAME,
    PART_DAY,
    PART_HOUR,
    PART_HALF_HOUR, /* of 12 */
    PART_HALF,      /* AM or PM */
    PART_MINUTE,
    PART_SECOND,
    PART_FRACTION,
    PART_OFFSET,
    PARTS,
};
/* Longer forms before those that they begin with. */
static const struct token {
    const char *form;
    enum part part;
    unsigned least, most; /* digits, or letters of a name */
} tokens[] = {
    { "YYYY", PART_YEAR, 4, 4 },      { "MMMM", PART_MONTH_NAME, 3, 9 },
    { "MMM", PART_MONTH_NAME, 3, 3 }, { "MM", PART_MONTH, 2, 2 },
    { "M", PART_MONTH, 1, 2 },        { "DD", PART_DAY, 2, 2 },
    { "D", PART_DAY, 1, 2 },          { "HH", PART_HOUR, 2, 2 },
    { "H", PART_HOUR, 1, 2 },         { "hh", PART_HALF_HOUR, 2, 2 },
    { "h", PART_HALF_HOUR, 1, 2 },    { "mm", PART_MINUTE, 2, 2 },
    { "ss", PART_SECOND, 2, 2 },      { "SSS", PART_FRACTION, 1, 30 },
    { "A", PART_HALF, 2, 2 },         { "Z", PART_OFFSET, 1, 6 },
};
static const char *const months[] = { "january",   "february", "march",    "april",
                                      "may",       "june",     "july",     "august",
                                      "september", "october",  "november", "december" };

/* The token at the start of the pattern; NULL: its first byte stands for itself. */
static const struct token *token_at(struct slice pattern)
{
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
        if (slice_starts_with(pattern, slice_of(tokens[i].form)))
            return &tokens[i];
    return NULL;
}

bool time_pattern_check(struct slice pattern, struct error *err)
{
    unsigned seen[PARTS] = { 0 };
    if (pattern.len == 0 || pattern.len > TIME_PATTERN_BYTES_MAX)
        return error_set(err, ERROR_INVALID, NULL, "a pattern has 1 to %d bytes",
                         TIME_PATTERN_BYTES_MAX);
    for (struct slice rest = pattern; rest.len > 0;) {
        const struct token *token = token_at(rest);
        rest = slice_from(rest, token ? strlen(token->form) : 1);
        if (token && ++seen[token->part] > 1)
            return error_set(err, ERROR_INVALID, NULL, "\"%.*s\" names %s twice",
                             SLICE_ARG(pattern), token->form);
    }
    if (!seen[PART_YEAR] || seen[PART_MONTH] + seen[PART_MONTH_NAME] != 1 || !seen[PART_DAY]) {
        error_set(err, ERROR_INVALID, NULL, "\"%.*s\" does not name a day", SLICE_ARG(pattern));
        return error_hint(err, "year, month and day, such as DD/MM/YYYY or D MMMM YYYY");
    }
    bool has_hour = seen[PART_HOUR] + seen[PART_HALF_HOUR] == 1;
    bool has_part = seen[PART_HOUR] || seen[PART_HALF_HOUR] || seen[PART_HALF] ||
                    seen[PART_MINUTE] || seen[PART_SECOND] || seen[PART_FRACTION] ||
                    seen[PART_OFFSET];
    if ((!has_part || (has_hour && seen[PART_MINUTE])) && seen[PART_HALF] == seen[PART_HALF_HOUR] &&
        seen[PART_FRACTION] <= seen[PART_SECOND])
        return true;
    error_set(err, ERROR_INVALID, NULL, "\"%.*s\" has part of a clock", SLICE_ARG(pattern));
    return error_hint(err, "hour and minute, such as HH:mm, HH:mm:ss or h:mm A");
}

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
static char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte; }

/* What was read, in digits as they go into ISO 8601. */
struct written {
    unsigned year, month, day, hour, minute, second;
    bool is_half, is_afternoon, has_clock, has_second;
    struct slice fraction, offset;
};

/* Moves past the digits of a number. */
static bool take_number(struct slice *text, const struct token *token, unsigned *number)
{
    size_t count = 0;
    *number = 0;
    for (; count < text->len && count < token->most && is_digit(text->at[count]); count++)
        *number = *number * 10 + (unsigned)(text->at[count] - '0');
    *text = slice_from(*text, count);
    return count >= token->least;
}

/* The longest name counts, so that May is not the beginning of March. */
static bool take_month(struct slice *text, const struct token *token, unsigned *month)
{
    for (unsigned i = 0; i < ARRAY_LEN(months); i++) {
        size_t len = token->most == 3 ? 3 : strlen(months[i]), at = 0;
        while (at < len && at < text->len && lower(text->at[at]) == months[i][at])
            at++;
        if (at < len)
            continue;
        *text = slice_from(*text, len);
        *month = i + 1;
        return true;
    }
    return false;
}

static bool take_half(struct slice *text, bool *is_afternoon)
{
    if (text->len < 2 || lower(text->at[1]) != 'm')
        return false;
    *is_afternoon = lower(text->at[0]) == 'p';
    bool ok = *is_afternoon || lower(text->at[0]) == 'a';
    *text = slice_from(*text, 2);
    return ok;
}

static size_t digits_of(struct slice text, size_t at, size_t most)
{
    size_t count = 0;
    while (at + count < text.len && count < most && is_digit(text.at[at + count]))
        count++;
    return count;
}

/* Z, +hh:mm or +hhmm. */
static bool take_offset(struct slice *text, struct slice *offset)
{
    size_t len = 0;
    if (text->len > 0 && (text->at[0] == 'Z' || text->at[0] == 'z'))
        len = 1;
    else if (text->len > 0 && (text->at[0] == '+' || text->at[0] == '-') &&
             digits_of(*text, 1, 2) == 2) {
        size_t minutes = text->len > 3 && text->at[3] == ':' ? 4 : 3;
        len = digits_of(*text, minutes, 2) == 2 ? minutes + 2 : 0;
    }
    *offset = slice_head(*text, len);
    *text = slice_from(*text, len);
    return len > 0;
}

static bool take_part(struct slice *text, const struct token *token, struct written *written)
{
    switch (token->part) {
    case PART_YEAR:
        return take_number(text, token, &written->year);
    case PART_MONTH:
        return take_number(text, token, &written->month);
    case PART_MONTH_NAME:
        return take_month(text, token, &written->month);
    case PART_DAY:
        return take_number(text, token, &written->day);
    case PART_HOUR:
        written->has_clock = true;
        return take_number(text, token, &written->hour);
    case PART_HALF_HOUR:
        written->has_clock = written->is_half = true;
        return take_number(text, token, &written->hour) && written->hour >= 1 &&
               written->hour <= 12;
    case PART_HALF:
        return take_half(text, &written->is_afternoon);
    case PART_MINUTE:
        return take_number(text, token, &written->minute);
    case PART_SECOND:
        written->has_second = true;
        return take_number(text, token, &written->second);
    case PART_FRACTION:
        written->fraction = slice_head(*text, digits_of(*text, 0, token->most));
        *text = slice_from(*text, written->fraction.len);
        return written->fraction.len > 0;
    case PART_OFFSET:
        return take_offset(text, &written->offset);
    case PART_LITERAL:
    case PARTS:
        break;
    }
    return false;
}

static void iso_write(const struct written *written, char iso[TIME_ISO_BYTES])
{
    unsigned hour = written->hour;
    struct slice offset = written->offset;
    if (written->is_half)
        hour = hour % 12 + (written->is_afternoon ? 12 : 0);
    int at = snprintf(iso, TIME_ISO_BYTES, "%04u-%02u-%02u", written->year, written->month,
                      written->day);
    if (!written->has_clock || at < 0)
        return;
    char *rest = iso + at;
    size_t room = TIME_ISO_BYTES - (size_t)at;
    bool is_short = offset.len == 5; /* +hhmm */
    (void)snprintf(rest, room, "T%02u:%02u:%02u%s%.*s%.*s%s%.*s", hour, written->minute,
                   written->second, written->fraction.len > 0 ? "." : "",
                   SLICE_ARG(written->fraction), is_short ? 3 : slice_int(offset.len),
                   offset.len > 0 ? offset.at : "", is_short ? ":" : "", is_short ? 2 : 0,
                   is_short ? offset.at + 3 : "");
}

bool time_pattern_rewrite(struct slice text, struct slice pattern, char iso[TIME_ISO_BYTES],
                          struct error *err)
{
    struct written written = { 0 };
    struct slice left = text, rest = pattern;
    bool ok = true;
    while (ok && rest.len > 0) {
        const struct token *token = token_at(rest);
        if (token) {
            ok = take_part(&left, token, &written);
        } else {
            ok = left.len > 0 && left.at[0] == rest.at[0];
            left = slice_from(left, ok ? 1 : 0);
        }
        rest = slice_from(rest, token ? strlen(token->form) : 1);
    }
    if (!ok || left.len > 0)
        return error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is not written as %.*s",
                         text.len > 64 ? 64 : slice_int(text.len), text.len > 0 ? text.at : "",
                         SLICE_ARG(pattern));
    iso_write(&written, iso);
    return true;
}
