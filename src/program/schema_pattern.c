/* Patterns. JSON Schema means expressions of ECMA-262; what we have are POSIX extended ones.
 * Accepted is only what means the same in both, so that a schema never has two readings: no escapes
 * but of punctuation, no look-around, no back references, no classes by name, sets of ASCII only.
 *
 * ECMA-262 counts code points. Where the program's locale counts bytes, what may stand for a
 * character beyond ASCII is written out as one: a first byte and what continues it. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "program/schema_internal.h"

enum { PATTERN_BYTES_MAX = 512 };

static bool is_word(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z');
}

/* The byte at an offset, or NUL beyond the end. */
static char byte_at(struct slice text, size_t at) { return at < text.len ? text.at[at] : '\0'; }

static bool is_quantifier(char byte)
{
    return byte == '*' || byte == '+' || byte == '?' || byte == '{';
}

static bool is_beyond_ascii(char byte) { return (unsigned char)byte > 0x7f; }

/* Checks a set that begins at *at and moves to its end. */
static const char *set_fault(struct slice pattern, size_t *at)
{
    size_t i = *at + 1;
    if (byte_at(pattern, i) == '^')
        i++;
    if (byte_at(pattern, i) == ']')
        return "a set that is empty or begins with ]";
    for (; byte_at(pattern, i) != ']'; i++) {
        if (i >= pattern.len)
            return "a set without its end";
        if (pattern.at[i] == '\\' || pattern.at[i] == '[' || is_beyond_ascii(pattern.at[i]))
            return "\\, [ or a character beyond ASCII inside a set";
    }
    *at = i;
    return NULL;
}

const char *schema_pattern_fault(struct slice pattern)
{
    if (pattern.len > PATTERN_BYTES_MAX)
        return "more than 512 bytes";
    for (size_t i = 0; i < pattern.len; i++) {
        char byte = pattern.at[i];
        if ((unsigned char)byte < ' ' || byte == 0x7f)
            return "a control character";
        if (byte == '\\') {
            char escaped = byte_at(pattern, ++i);
            if (escaped == '\0' || is_word(escaped))
                return "an escape that is not of punctuation";
        } else if (byte == '(' && byte_at(pattern, i + 1) == '?') {
            return "a group that begins with ?";
        } else if (byte == '[') {
            const char *fault = set_fault(pattern, &i);
            if (fault)
                return fault;
        } else if ((is_quantifier(byte) && byte != '{' && is_quantifier(byte_at(pattern, i + 1))) ||
                   (byte == '}' && is_quantifier(byte_at(pattern, i + 1)))) {
            return "a repetition of a repetition";
        }
    }
    return NULL;
}

/* A set from `from` to its end at `to`, which is one character whatever its bytes are. ECMA-262's
 * dot is
 * [^\n\r] here: POSIX's would not stop at line ends. */
static void add_set(struct strbuf *out, const char *from, size_t len)
{
    bool is_negated = len > 1 && from[1] == '^';
    if (!is_negated || MB_CUR_MAX > 1) {
        strbuf_add(out, slice_bytes(from, len));
        return;
    }
    strbuf_add_char(out, '(');
    strbuf_add(out, slice_bytes(from, len - 1));
    strbuf_add_text(out, "\x80-\xff]|[\xc0-\xff][\x80-\xbf]*)");
}

static size_t set_len(struct slice pattern, size_t at)
{
    size_t end = at;
    while (pattern.at[end] != ']')
        end++;
    return end + 1 - at;
}

/* A character that is more than one byte becomes a group, so that a quantifier means all of it. */
static size_t add_literal(struct strbuf *out, struct slice pattern, size_t at)
{
    size_t next = at + 1;
    while (is_beyond_ascii(pattern.at[at]) && next < pattern.len &&
           ((unsigned char)pattern.at[next] & 0xC0) == 0x80)
        next++;
    strbuf_add_text(out, next > at + 1 ? "(" : "");
    strbuf_add(out, slice_bytes(pattern.at + at, next - at));
    strbuf_add_text(out, next > at + 1 ? ")" : "");
    return next;
}

static void translate(struct slice pattern, struct strbuf *out)
{
    static const char dot[] = "[^\n\r]";
    for (size_t i = 0; i < pattern.len;) {
        char byte = pattern.at[i];
        if (byte == '\\') {
            strbuf_add(out, slice_bytes(pattern.at + i, 2));
            i += 2;
        } else if (byte == '.') {
            add_set(out, dot, sizeof dot - 1);
            i++;
        } else if (byte == '[') {
            size_t len = set_len(pattern, i);
            add_set(out, pattern.at + i, len);
            i += len;
        } else {
            i = add_literal(out, pattern, i);
        }
    }
}

struct schema_regex *schema_regex_new(struct arena *arena, struct slice pattern, struct error *err)
{
    char words[96];
    struct strbuf translated = strbuf_new(64 * PATTERN_BYTES_MAX);
    struct schema_regex *regex = arena_alloc(arena, sizeof *regex, err);
    if (!regex)
        goto fail;
    regex->written = arena_string(arena, pattern, err);
    translate(pattern, &translated);
    strbuf_add_text(&translated, "");
    if (!regex->written || !strbuf_ok(&translated, err))
        goto fail;
    int status =
        regcomp(&regex->compiled, translated.len ? translated.at : "()", REG_EXTENDED | REG_NOSUB);
    if (status != 0) {
        (void)regerror(status, &regex->compiled, words, sizeof words);
        error_set(err, status == REG_ESPACE ? ERROR_NO_MEMORY : ERROR_INVALID, NULL,
                  "the pattern %s: %s", regex->written, words);
        goto fail;
    }
    strbuf_free(&translated);
    return regex;
fail:
    strbuf_free(&translated);
    return NULL;
}

bool schema_regex_matches(const struct schema_regex *regex, struct slice text)
{
    /* REG_STARTEND: the text has a length and may hold NULs. */
    regmatch_t range = { .rm_so = 0, .rm_eo = (regoff_t)text.len };
    return text.len <= INT32_MAX &&
           regexec(&regex->compiled, text.at ? text.at : "", 1, &range, REG_STARTEND) == 0;
}
