#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINDINGS_KEPT_MAX = 400 };

/* Length to keep of a text that was cut at `room` bytes: no half code point at its end. */
static size_t utf8_cut(const char *text, size_t len)
{
    size_t back = 0;
    while (back < len && back < 4 && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back == len)
        return len;
    unsigned char lead = (unsigned char)text[len - 1 - back];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return back + 1 < need ? len - 1 - back : len;
}

/* Copies what a terminal may show: control characters become \xNN. */
static void copy_visible(char *out, size_t room, const char *text)
{
    size_t len = 0;
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        bool is_control = byte < 0x20 || byte == 0x7F;
        size_t need = is_control ? 4 : 1;
        if (len + need >= room)
            break;
        if (is_control) {
            static const char digits[] = "0123456789abcdef";
            out[len] = '\\';
            out[len + 1] = 'x';
            out[len + 2] = digits[byte >> 4];
            out[len + 3] = digits[byte & 15];
        } else {
            out[len] = (char)byte;
        }
        len += need;
    }
    out[utf8_cut(out, len)] = '\0';
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

bool error_set(struct error *err, enum error_code code, const char *where, const char *format, ...)
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

bool error_hint(struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_visible(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return false;
}

bool error_errno(struct error *err, const char *what, const char *path)
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

bool error_no_memory(struct error *err, size_t bytes)
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
    if (is_warning)
        findings->warnings_count++;
    else
        findings->errors_count++;
    if (findings->count == FINDINGS_KEPT_MAX)
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
