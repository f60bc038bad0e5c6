/* Growing text with a maximum. A failed addition is remembered, so that writers need to check once,
 * at the end, with strbuf_ok(). */
#ifndef ATTEST_BASE_STRBUF_H
#define ATTEST_BASE_STRBUF_H
#include <stdarg.h>

#include "base/error.h"
#include "base/slice.h"

struct strbuf {
    char *at; /* followed by a NUL once anything was added */
    size_t len, capacity, bytes_max;
    bool failed; /* no memory, or the maximum reached: contents are incomplete */
};

/* Empty, allocates nothing. */
struct strbuf strbuf_new(size_t bytes_max);
void strbuf_free(struct strbuf *buf);  /* zeroed afterwards */
void strbuf_clear(struct strbuf *buf); /* len 0, memory and `failed` kept: a failure stays told */
void strbuf_add(struct strbuf *buf, struct slice text);
void strbuf_add_text(struct strbuf *buf, const char *text);
void strbuf_add_char(struct strbuf *buf, char byte);
void strbuf_add_u64(struct strbuf *buf, uint64_t value); /* decimal */
PRINTF_LIKE(2, 3) void strbuf_printf(struct strbuf *buf, const char *format, ...);
__attribute__((format(printf, 2, 0))) void strbuf_vprintf(struct strbuf *buf, const char *format,
                                                          va_list args);
/* Room for at most so many bytes at the end, for writers that would else add byte by byte; then how
 * many were written there. NULL if there is none: the failure is remembered. */
char *strbuf_room(struct strbuf *buf, size_t bytes);
void strbuf_wrote(struct strbuf *buf, size_t bytes);
struct slice strbuf_slice(const struct strbuf *buf); /* borrowed until the next change */
/* False with ERROR_NO_MEMORY if any addition failed. */
MUST_USE bool strbuf_ok(const struct strbuf *buf, struct error *err);

#endif
