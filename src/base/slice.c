#include "base/slice.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

int slice_int(size_t len) { return len > INT_MAX ? INT_MAX : (int)len; }

struct slice slice_of(const char *text) { return (struct slice){ text, text ? strlen(text) : 0 }; }

struct slice slice_bytes(const void *at, size_t len) { return (struct slice){ at, len }; }

bool slice_equal(struct slice a, struct slice b)
{
    if (a.len != b.len || a.len == 0)
        return a.len == b.len;
    assert(a.at && b.at);
    return memcmp(a.at, b.at, a.len) == 0;
}

bool slice_is(struct slice a, const char *text) { return slice_equal(a, slice_of(text)); }

int slice_compare(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.at, b.at, len) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool slice_starts_with(struct slice text, struct slice head)
{
    return text.len >= head.len && slice_equal(slice_head(text, head.len), head);
}

bool slice_ends_with(struct slice text, struct slice tail)
{
    return text.len >= tail.len && slice_equal(slice_from(text, text.len - tail.len), tail);
}

struct slice slice_from(struct slice text, size_t offset)
{
    return (struct slice){ text.at ? text.at + offset : NULL, text.len - offset };
}

struct slice slice_head(struct slice text, size_t len) { return (struct slice){ text.at, len }; }

static bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

struct slice slice_trim(struct slice text)
{
    while (text.len > 0 && is_space(text.at[0]))
        text = slice_from(text, 1);
    while (text.len > 0 && is_space(text.at[text.len - 1]))
        text.len--;
    return text;
}

bool slice_find(struct slice text, char byte, size_t *at)
{
    assert(text.at || text.len == 0);
    const char *found = text.len ? memchr(text.at, byte, text.len) : NULL;
    if (!found)
        return false;
    *at = (size_t)(found - text.at);
    return true;
}

bool slice_contains(struct slice text, struct slice part)
{
    for (size_t at = 0; text.len - at >= part.len; at++) {
        size_t skip;
        if (part.len == 0)
            return true;
        if (!slice_find(slice_from(text, at), part.at[0], &skip))
            return false;
        at += skip;
        if (slice_starts_with(slice_from(text, at), part))
            return true;
        if (at == text.len)
            return false;
    }
    return false;
}

bool slice_split(struct slice text, char byte, struct slice *head, struct slice *rest)
{
    size_t at;
    if (!slice_find(text, byte, &at))
        return false;
    *head = slice_head(text, at);
    *rest = slice_from(text, at + 1);
    return true;
}

bool slice_line(struct slice *text, struct slice *line)
{
    if (text->len == 0)
        return false;
    if (!slice_split(*text, '\n', line, text)) {
        *line = *text;
        *text = slice_from(*text, text->len);
    }
    return true;
}

bool slice_to_u64(struct slice text, uint64_t *value)
{
    uint64_t sum = 0;
    if (text.len == 0 || (text.at[0] == '0' && text.len > 1))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        unsigned digit = (unsigned)(text.at[i] - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

/* Bytes of the sequence at text[at] if it is well-formed, else 0 (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    unsigned char lead = at[0];
    if (lead < 0x80)
        return 1;
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || left < need)
        return 0;
    unsigned char low = 0x80, high = 0xBF; /* bounds of the second byte */
    if (lead == 0xE0)
        low = 0xA0; /* overlong */
    else if (lead == 0xED)
        high = 0x9F; /* surrogates */
    else if (lead == 0xF0)
        low = 0x90; /* overlong */
    else if (lead == 0xF4)
        high = 0x8F; /* beyond U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return need;
}

bool utf8_is_valid(struct slice text, size_t *bad)
{
    const unsigned char *bytes = (const unsigned char *)text.at;
    size_t at = 0;
    while (at < text.len) {
        /* Eight ASCII bytes at a time: most evidence is ASCII. */
        while (text.len - at >= 8) {
            uint64_t eight;
            memcpy(&eight, bytes + at, 8);
            if (eight & UINT64_C(0x8080808080808080))
                break;
            at += 8;
        }
        if (at == text.len)
            break;
        size_t len = utf8_length(bytes + at, text.len - at);
        if (len == 0) {
            *bad = at;
            return false;
        }
        at += len;
    }
    return true;
}

uint32_t utf8_next(struct slice text, size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)text.at + *at;
    uint32_t lead = bytes[0];
    if (lead < 0x80) {
        *at += 1;
        return lead;
    }
    if (lead < 0xE0) {
        *at += 2;
        return (lead & 0x1F) << 6 | (bytes[1] & 0x3FU);
    }
    if (lead < 0xF0) {
        *at += 3;
        return (lead & 0x0F) << 12 | (bytes[1] & 0x3FU) << 6 | (bytes[2] & 0x3FU);
    }
    *at += 4;
    return (lead & 0x07) << 18 | (bytes[1] & 0x3FU) << 12 | (bytes[2] & 0x3FU) << 6 |
           (bytes[3] & 0x3FU);
}

size_t utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

static char fold(char byte) { return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte; }

/* Edit distance (insert, delete, replace, swap of neighbours), ASCII case ignored. */
static unsigned edit_distance(struct slice a, struct slice b)
{
    enum { LONGEST = 64 };
    unsigned rows[3][LONGEST + 1];
    if (a.len > LONGEST || b.len > LONGEST)
        return UINT_MAX;
    for (unsigned j = 0; j <= b.len; j++)
        rows[1][j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *before = rows[(i - 1 + 1) % 3], *now = rows[(i + 1) % 3];
        const unsigned *earlier = rows[(i + 2) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned change = fold(a.at[i - 1]) != fold(b.at[j - 1]);
            unsigned best = before[j - 1] + change;
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && fold(a.at[i - 1]) == fold(b.at[j - 2]) &&
                fold(a.at[i - 2]) == fold(b.at[j - 1]) && earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[(a.len + 1) % 3][b.len];
}

const char *slice_nearest(struct slice text, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    unsigned best = (unsigned)(text.len / 3) + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = edit_distance(text, slice_of(candidates[i]));
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
