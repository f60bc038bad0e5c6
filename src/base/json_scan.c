/* The grammar as a small machine: `expect` says what may come next; `levels` has one bit a level,
 * set for an object. UTF-8 is checked once, over the whole input, at the first token. */
#include "base/json_scan.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum expect {
    EXPECT_START,        /* the value; UTF-8 not yet checked */
    EXPECT_VALUE,        /* a value */
    EXPECT_ITEM_OR_END,  /* just after [ */
    EXPECT_NAME_OR_END,  /* just after { */
    EXPECT_COMMA_OR_END, /* after a value inside an array or object */
    EXPECT_NOTHING,      /* the one value is complete */
};

void json_scan_start(struct json_scan *scan, struct slice input, unsigned depth_max)
{
    assert(depth_max <= JSON_DEPTH_MAX);
    memset(scan, 0, sizeof *scan);
    scan->input = input;
    scan->depth_max = depth_max;
    scan->expect = EXPECT_START;
}

static enum json_token fail(struct json_scan *scan, size_t at, struct error *err, const char *why)
{
    scan->at = at;
    error_set(err, ERROR_INVALID, NULL, "not JSON: %s", why);
    return JSON_ERROR;
}

static bool in_object(const struct json_scan *scan)
{
    unsigned level = scan->depth - 1;
    return scan->depth > 0 && (scan->levels[level / 8] >> level % 8 & 1);
}

static void after_value(struct json_scan *scan)
{
    scan->expect = scan->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits after \u, or -1. */
static int32_t unicode_escape(struct slice input, size_t at)
{
    int32_t unit = 0;
    if (input.len - at < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(input.at[at + i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* One escape whose backslash is at *at; moves *at past it. */
static bool scan_escape(struct json_scan *scan, size_t *at)
{
    struct slice input = scan->input;
    if (input.len - *at < 2) {
        scan->fault = "the text ends within a string";
        return false;
    }
    char kind = input.at[*at + 1];
    if (kind != 'u') {
        scan->fault = "an escape that JSON does not have";
        *at += 2;
        return kind != '\0' && strchr("\"\\/bfnrt", kind) != NULL;
    }
    int32_t unit = unicode_escape(input, *at + 2);
    if (unit < 0) {
        scan->fault = "\\u without four hexadecimal digits";
        return false;
    }
    *at += 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    scan->fault = "an escape that is half of a surrogate pair is no character";
    if (unit > 0xDBFF || input.len - *at < 6 || input.at[*at] != '\\' || input.at[*at + 1] != 'u')
        return false;
    int32_t low = unicode_escape(input, *at + 2);
    *at += 6;
    return low >= 0xDC00 && low <= 0xDFFF;
}

/* Past bytes that mean nothing in a string, eight at a time, to a quote, a backslash, a control
 * character or the last few bytes. (x - 01…) & ~x & 80… marks a zero byte, and maybe some after the
 * first one, which alone counts; a byte above 127 is none of these. */
static size_t skip_plain(struct slice input, size_t at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
    for (; input.len - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, input.at + at, 8);
        eight = le64toh(eight); /* the first byte is the lowest */
        uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\';
        uint64_t control = (eight - ones * 0x20) & ~eight;
        uint64_t marks =
            (control | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & high;
        if (marks)
            return at + (size_t)__builtin_ctzll(marks) / 8;
    }
    return at;
}

/* A string whose opening quote is at scan->next. */
static bool scan_string(struct json_scan *scan)
{
    struct slice input = scan->input;
    size_t start = scan->next + 1, at = start;
    scan->has_escapes = false;
    at = skip_plain(input, at);
    while (at < input.len) {
        unsigned char byte = (unsigned char)input.at[at];
        if (byte == '"') {
            scan->text = (struct slice){ input.at + start, at - start };
            scan->at = scan->next; /* not that of an escape within */
            scan->next = at + 1;
            return true;
        }
        if (byte == '\\') {
            scan->has_escapes = true;
            scan->at = at;
            if (!scan_escape(scan, &at))
                return false;
        } else if (byte < 0x20) {
            scan->at = at;
            scan->fault = "a control character inside a string must be escaped";
            return false;
        } else {
            at = skip_plain(input, at + 1);
        }
    }
    scan->fault = "a string is not closed";
    return false;
}

static size_t digits_end(struct slice input, size_t at)
{
    while (at < input.len && input.at[at] >= '0' && input.at[at] <= '9')
        at++;
    return at;
}

/* Whether a double holds it: overflow to infinity is refused, underflow is not. */
static bool is_finite_number(struct slice text)
{
    char copy[512];
    size_t at;
    /* Without an exponent 300 digits cannot overflow; strtod is needed for the others only. */
    if (text.len < 300 && !slice_find(text, 'e', &at) && !slice_find(text, 'E', &at))
        return true;
    if (text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return isfinite(strtod(copy, NULL));
}

static bool scan_number(struct json_scan *scan)
{
    struct slice input = scan->input;
    size_t at = scan->next, start = at, digits;
    if (input.at[at] == '-')
        at++;
    digits = at;
    at = digits_end(input, at);
    if (at == digits || (input.at[digits] == '0' && at > digits + 1)) {
        scan->fault =
            at == digits ? "a minus sign without a number" : "a number with a leading zero";
        return false;
    }
    if (at < input.len && input.at[at] == '.') {
        digits = ++at;
        at = digits_end(input, at);
        if (at == digits) {
            scan->fault = "no digit after the decimal point";
            return false;
        }
    }
    if (at < input.len && (input.at[at] | 0x20) == 'e') {
        at++;
        if (at < input.len && (input.at[at] == '+' || input.at[at] == '-'))
            at++;
        digits = at;
        at = digits_end(input, at);
        if (at == digits) {
            scan->fault = "an exponent without digits";
            return false;
        }
    }
    scan->text = (struct slice){ input.at + start, at - start };
    scan->next = at;
    scan->fault = "a number that is too large (a double cannot hold it)";
    return is_finite_number(scan->text);
}

static enum json_token scan_word(struct json_scan *scan, struct error *err)
{
    static const struct {
        struct slice word;
        enum json_token token;
    } words[] = { { { "true", 4 }, JSON_TRUE },
                  { { "false", 5 }, JSON_FALSE },
                  { { "null", 4 }, JSON_NULL } };
    struct slice rest = slice_from(scan->input, scan->next);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (slice_starts_with(rest, words[i].word)) {
            scan->text = words[i].word;
            scan->next += words[i].word.len;
            after_value(scan);
            return words[i].token;
        }
    }
    if (slice_starts_with(rest, SLICE("NaN")) || slice_starts_with(rest, SLICE("Infinity")))
        return fail(scan, scan->next, err, "NaN and Infinity are not numbers");
    if (rest.at[0] == '/' || rest.at[0] == '#')
        return fail(scan, scan->next, err, "comments are not allowed");
    return fail(scan, scan->next, err, "a value was expected");
}

static enum json_token open_level(struct json_scan *scan, bool is_object, struct error *err)
{
    if (scan->depth == scan->depth_max)
        return fail(scan, scan->next, err, "nested too deeply");
    unsigned level = scan->depth++;
    unsigned char bit = (unsigned char)(1U << level % 8);
    if (is_object)
        scan->levels[level / 8] |= bit;
    else
        scan->levels[level / 8] &= (unsigned char)~bit;
    scan->expect = is_object ? EXPECT_NAME_OR_END : EXPECT_ITEM_OR_END;
    scan->next++;
    return is_object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN;
}

static enum json_token close_level(struct json_scan *scan)
{
    bool was_object = in_object(scan);
    scan->depth--;
    scan->next++;
    after_value(scan);
    return was_object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_token scan_value(struct json_scan *scan, struct error *err)
{
    char byte = scan->input.at[scan->next];
    if (byte == '{' || byte == '[')
        return open_level(scan, byte == '{', err);
    if (byte == '"') {
        if (!scan_string(scan))
            return fail(scan, scan->at, err, scan->fault);
        after_value(scan);
        return JSON_STRING;
    }
    if (byte == '-' || (byte >= '0' && byte <= '9')) {
        if (!scan_number(scan))
            return fail(scan, scan->at, err, scan->fault);
        after_value(scan);
        return JSON_NUMBER;
    }
    return scan_word(scan, err);
}

static void skip_space(struct json_scan *scan)
{
    const char *bytes = scan->input.at;
    while (scan->next < scan->input.len) {
        char byte = bytes[scan->next];
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t')
            return;
        scan->next++;
    }
}

static enum json_token scan_name(struct json_scan *scan, struct error *err)
{
    if (scan->input.at[scan->next] != '"')
        return fail(scan, scan->next, err, "a member's name in double quotes was expected");
    if (!scan_string(scan))
        return fail(scan, scan->at, err, scan->fault);
    skip_space(scan);
    if (scan->next == scan->input.len || scan->input.at[scan->next] != ':')
        return fail(scan, scan->next, err, "a colon was expected after the member's name");
    scan->next++;
    scan->expect = EXPECT_VALUE;
    return JSON_NAME;
}

static bool start_is_right(struct json_scan *scan, struct error *err)
{
    struct slice input = scan->input;
    size_t bad;
    const char *why = NULL;
    if (slice_starts_with(input, SLICE("\xEF\xBB\xBF")))
        why = "a byte order mark";
    else if (slice_starts_with(input, SLICE("\xFF\xFE")) ||
             slice_starts_with(input, SLICE("\xFE\xFF")))
        why = "UTF-16 with a byte order mark; UTF-8 was expected";
    if (why) {
        fail(scan, 0, err, why);
        return false;
    }
    if (!utf8_is_valid(input, &bad)) {
        scan->at = bad;
        return error_set(err, ERROR_INVALID, NULL, "byte 0x%02x is not UTF-8",
                         (unsigned)(unsigned char)input.at[bad]);
    }
    scan->expect = EXPECT_VALUE;
    return true;
}

static enum json_token after_item(struct json_scan *scan, struct error *err)
{
    char byte = scan->input.at[scan->next];
    if (byte == (in_object(scan) ? '}' : ']'))
        return close_level(scan);
    if (byte != ',')
        return fail(scan, scan->next, err,
                    in_object(scan) ? "a comma or } was expected" : "a comma or ] was expected");
    scan->next++;
    skip_space(scan);
    if (scan->next == scan->input.len)
        return fail(scan, scan->next, err, "the text ends too early");
    scan->at = scan->next;
    if (!in_object(scan))
        return scan_value(scan, err);
    return scan_name(scan, err);
}

enum json_token json_scan_next(struct json_scan *scan, struct error *err)
{
    if (scan->expect == EXPECT_START && !start_is_right(scan, err))
        return JSON_ERROR;
    skip_space(scan);
    scan->at = scan->next;
    bool is_end = scan->next == scan->input.len;
    if (scan->expect == EXPECT_NOTHING)
        return is_end ? JSON_END : fail(scan, scan->next, err, "something follows the value");
    if (is_end)
        return fail(scan, scan->next, err,
                    scan->depth == 0 ? "there is no value" : "the text ends too early");
    char byte = scan->input.at[scan->next];
    switch ((enum expect)scan->expect) {
    case EXPECT_ITEM_OR_END:
        return byte == ']' ? close_level(scan) : scan_value(scan, err);
    case EXPECT_NAME_OR_END:
        return byte == '}' ? close_level(scan) : scan_name(scan, err);
    case EXPECT_COMMA_OR_END:
        return after_item(scan, err);
    case EXPECT_START:
    case EXPECT_VALUE:
    case EXPECT_NOTHING:
        break;
    }
    return scan_value(scan, err);
}

bool json_scan_skip(struct json_scan *scan, enum json_token token, struct error *err)
{
    if (token != JSON_OBJECT_BEGIN && token != JSON_ARRAY_BEGIN)
        return token != JSON_ERROR;
    unsigned outside = scan->depth - 1;
    while (scan->depth > outside)
        if (json_scan_next(scan, err) == JSON_ERROR)
            return false;
    return true;
}

static size_t unescape_one(struct slice text, size_t *at, char *out)
{
    static const char kinds[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    char kind = text.at[*at + 1];
    if (kind != 'u') {
        const char *found = strchr(kinds, kind);
        assert(found && kind); /* the scanner has seen it */
        out[0] = bytes[found - kinds];
        *at += 2;
        return 1;
    }
    uint32_t unit = (uint32_t)unicode_escape(text, *at + 2);
    *at += 6;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        uint32_t low = (uint32_t)unicode_escape(text, *at + 2);
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        *at += 6;
    }
    return utf8_encode(unit, out);
}

size_t json_unescape(struct slice text, char *out)
{
    size_t len = 0, at = 0;
    while (at < text.len) {
        if (text.at[at] == '\\')
            len += unescape_one(text, &at, out + len);
        else
            out[len++] = text.at[at++];
    }
    return len;
}
