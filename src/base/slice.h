/* Text and bytes as pointer and length: borrowed, not ended by a NUL, maybe holding some. */
#ifndef ATTEST_BASE_SLICE_H
#define ATTEST_BASE_SLICE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct slice {
    const char *at; /* may be NULL if len is 0 */
    size_t len;     /* bytes */
};

#define SLICE(literal) ((struct slice){ "" literal, sizeof(literal) - 1 })
/* For printf: "%.*s". Longer than INT_MAX is cut. */
#define SLICE_ARG(s) slice_int((s).len), ((s).at ? (s).at : "")

int slice_int(size_t len);
struct slice slice_of(const char *text); /* of a C string; NULL gives the empty slice */
struct slice slice_bytes(const void *at, size_t len);
bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text);   /* equal to a C string */
int slice_compare(struct slice a, struct slice b); /* by bytes, shorter first: <0, 0, >0 */
bool slice_starts_with(struct slice text, struct slice head);
bool slice_ends_with(struct slice text, struct slice tail);
struct slice slice_from(struct slice text, size_t offset); /* the rest; offset <= len */
struct slice slice_head(struct slice text, size_t len); /* the first len bytes; len <= text.len */
struct slice slice_trim(struct slice text);             /* without ASCII white space at both ends */
bool slice_find(struct slice text, char byte, size_t *at); /* the first such byte */
bool slice_contains(struct slice text, struct slice part);
/* Splits at the first `byte`: head is before it, rest after it. False if there is none. */
bool slice_split(struct slice text, char byte, struct slice *head, struct slice *rest);
/* The next line without its LF (a CR before it stays); takes it from *text. False at the end. */
bool slice_line(struct slice *text, struct slice *line);
/* Plain decimal digits, no sign, no leading zero but "0" itself. False beyond 2^64-1. */
bool slice_to_u64(struct slice text, uint64_t *value);

/* Strict UTF-8 (no overlong form, no surrogate, up to U+10FFFF). On false *bad is the offset. */
bool utf8_is_valid(struct slice text, size_t *bad);
/* Decodes one code point of valid UTF-8 and moves *at past it. *at < text.len. */
uint32_t utf8_next(struct slice text, size_t *at);
size_t utf8_encode(uint32_t code_point, char out[4]); /* bytes written; a valid scalar value */

/* The candidate nearest to text by edit distance, for "did you mean": at most a third of the
 * length away. NULL if none is near. */
const char *slice_nearest(struct slice text, const char *const *candidates, size_t count);

#endif
