#include "base/strbuf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct strbuf strbuf_new(size_t bytes_max) { return (struct strbuf){ .bytes_max = bytes_max }; }

void strbuf_free(struct strbuf *buf)
{
    free(buf->at);
    *buf = (struct strbuf){ .bytes_max = buf->bytes_max };
}

void strbuf_clear(struct strbuf *buf)
{
    buf->len = 0;
    if (buf->at)
        buf->at[0] = '\0';
}

/* Room for so many bytes more and a NUL. */
static bool strbuf_grow(struct strbuf *buf, size_t bytes)
{
    if (buf->failed)
        return false;
    if (bytes > buf->bytes_max || buf->len > buf->bytes_max - bytes ||
        buf->len + bytes == SIZE_MAX) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + bytes + 1;
    if (need <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : 256;
    while (capacity < need)
        capacity = capacity > SIZE_MAX / 2 ? need : capacity * 2;
    char *at = realloc(buf->at, capacity);
    if (!at) {
        buf->failed = true;
        return false;
    }
    buf->at = at;
    buf->capacity = capacity;
    return true;
}

void strbuf_add(struct strbuf *buf, struct slice text)
{
    if (!strbuf_grow(buf, text.len))
        return;
    if (text.len)
        memcpy(buf->at + buf->len, text.at, text.len);
    buf->len += text.len;
    buf->at[buf->len] = '\0';
}

void strbuf_add_text(struct strbuf *buf, const char *text) { strbuf_add(buf, slice_of(text)); }

void strbuf_add_char(struct strbuf *buf, char byte)
{
    if (!strbuf_grow(buf, 1))
        return;
    buf->at[buf->len++] = byte;
    buf->at[buf->len] = '\0';
}

void strbuf_add_u64(struct strbuf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    strbuf_add(buf, (struct slice){ digits + at, sizeof digits - at });
}

void strbuf_vprintf(struct strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        buf->failed = true;
    else if (strbuf_grow(buf, (size_t)len)) {
        if (vsnprintf(buf->at + buf->len, (size_t)len + 1, format, again) == len)
            buf->len += (size_t)len;
        else
            buf->failed = true;
    }
    va_end(again);
}

void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vprintf(buf, format, args);
    va_end(args);
}

char *strbuf_room(struct strbuf *buf, size_t bytes)
{
    return strbuf_grow(buf, bytes) ? buf->at + buf->len : NULL;
}

void strbuf_wrote(struct strbuf *buf, size_t bytes)
{
    assert(bytes < buf->capacity - buf->len); /* a NUL follows */
    buf->len += bytes;
    buf->at[buf->len] = '\0';
}

struct slice strbuf_slice(const struct strbuf *buf) { return (struct slice){ buf->at, buf->len }; }

bool strbuf_ok(const struct strbuf *buf, struct error *err)
{
    if (!buf->failed)
        return true;
    return error_set(err, ERROR_NO_MEMORY, NULL, "text of more than %zu bytes, or no memory for it",
                     buf->len < buf->bytes_max ? buf->len : buf->bytes_max);
}
