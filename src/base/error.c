#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

enum { FINDINGS_KEPT_MAX = 200 }; /* of errors, and again of warnings */

/* Bytes of the well-formed character at `text`, which ends with a NUL; 0 if there is none. */
static size_t character_at(const char *text, uint32_t *code_point)
{
    for (size_t len = 1, bad, at = 0; len <= 4 && text[len - 1]; len++) {
        struct slice one = slice_bytes(text, len);
        if (utf8_is_valid(one, &bad)) {
            *code_point = utf8_next(one, &at);
            return len;
        }
    }
    return 0;
}

/* Control characters, which a terminal obeys, and those that turn the direction of text, with which
 * one name reads as another. */
static bool is_treacherous(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
           (code_point >= 0x202A && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

/* Copies what a terminal may show; the rest becomes \xNN or \uNNNN. Cut where it no longer fits,
 * between characters. */
static void copy_visible(char *out, size_t room, const char *text)
{
    size_t len = 0;
    while (*text) {
        char escape[8];
        uint32_t code_point = 0;
        size_t taken = character_at(text, &code_point), added = taken;
        const char *shown = text;
        if (taken == 0 || is_treacherous(code_point)) {
            bool is_byte = taken <= 1;
            unsigned number = is_byte ? (unsigned char)*text : (unsigned)code_point;
            int written = snprintf(escape, sizeof escape, is_byte ? "\\x%02x" : "\\u%04x", number);
            shown = escape;
            added = written > 0 ? (size_t)written : 0;
            taken = taken == 0 ? 1 : taken;
        }
        if (len + added >= room)
            break;
        /* Not memcpy: an error that is wrapped into itself is its own source. */
        memmove(out + len, shown, added);
        len += added;
        text += taken;
    }
    out[len] = '\0';
}

static void format_visible(char *out, size_t room, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void format_visible(char *out, size_t room, const char *format, va_list args)
{
    char text[2048];
    int len = vsnprintf(text, sizeof text, format, args);
    if (len < 0)
        text[0] = '\0';
    copy_visible(out, room, text);
}

/* The names are in brackets because error.h has macros of them for the analyzer. */
bool(error_set)(struct error *err, enum error_code code, const char *where, const char *format, ...)
{
    va_list args;
    err->code = code;
    err->hint[0] = '\0';
    copy_visible(err->where, sizeof err->where, where ? where : "");
    va_start(args, format);
    format_visible(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool(error_hint)(struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_visible(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return false;
}

bool(error_errno)(struct error *err, const char *what, const char *path)
{
    int number = errno;
    char words[128];
    if (strerror_r(number, words, sizeof words) != 0)
        snprintf(words, sizeof words, "error %d", number);
    enum error_code code = number == ENOENT   ? ERROR_NOT_FOUND
                           : number == ENOMEM ? ERROR_NO_MEMORY
                                              : ERROR_IO;
    return error_set(err, code, path, "cannot %s: %s", what, words);
}

bool(error_no_memory)(struct error *err, size_t bytes)
{
    return error_set(err, ERROR_NO_MEMORY, NULL, "no memory for %zu bytes", bytes);
}

int error_exit_status(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return 0;
    case ERROR_FINDING:
        return 1;
    case ERROR_USAGE:
    case ERROR_INVALID:
    case ERROR_NOT_FOUND:
    case ERROR_ORDER:
    case ERROR_REFUSED:
        return 2;
    case ERROR_IO:
    case ERROR_LOCKED:
    case ERROR_CORRUPT:
    case ERROR_NO_MEMORY:
        return 3;
    case ERROR_INTERRUPTED:
        return 130;
    }
    return 3;
}

void findings_free(struct findings *findings)
{
    if (!findings)
        return;
    free(findings->items);
    *findings = (struct findings){ 0 };
}

static void findings_add(struct findings *findings, const struct error *err, bool is_warning)
{
    size_t *count = is_warning ? &findings->warnings_count : &findings->errors_count;
    if (++*count > FINDINGS_KEPT_MAX) /* a flood of one kind does not push out the other */
        return;
    if (findings->count == findings->capacity) {
        size_t capacity = findings->capacity ? findings->capacity * 2 : 16;
        struct finding *items = realloc(findings->items, capacity * sizeof *items);
        if (!items)
            return; /* counted above: the run still fails */
        findings->items = items;
        findings->capacity = capacity;
    }
    findings->items[findings->count++] = (struct finding){ *err, is_warning };
}

void findings_add_error(struct findings *findings, const struct error *err)
{
    findings_add(findings, err, false);
}

void findings_add_warning(struct findings *findings, const struct error *err)
{
    findings_add(findings, err, true);
}

bool findings_ok(const struct findings *findings, struct error *err)
{
    if (findings->errors_count == 0)
        return true;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].is_warning)
            continue;
        *err = findings->items[i].error;
        if (findings->errors_count > 1 && err->hint[0] == '\0')
            error_hint(err, "and %zu more", findings->errors_count - 1);
        return false;
    }
    return error_set(err, ERROR_INVALID, NULL, "%zu errors", findings->errors_count);
}
