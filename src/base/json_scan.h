/* A strict JSON tokenizer (RFC 8259) over bytes in memory: one token a call, nothing allocated but
 * decoded strings. The documents' parser (json.h) and the NDJSON reader of evidence both stand on
 * it, so that there is one opinion on what JSON is.
 *
 * Refused: bytes that are not UTF-8, a byte order mark, raw control characters in strings, lone
 * surrogates, leading zeros, comments, NaN, a number no double holds, a second value, depth beyond
 * the limit. White space is that of the RFC. */
#ifndef ATTEST_BASE_JSON_SCAN_H
#define ATTEST_BASE_JSON_SCAN_H
#include "base/error.h"
#include "base/slice.h"

enum json_token {
    JSON_ERROR, /* *err says why, `at` where */
    JSON_END,   /* the one value is complete and only white space followed */
    JSON_OBJECT_BEGIN,
    JSON_OBJECT_END,
    JSON_ARRAY_BEGIN,
    JSON_ARRAY_END,
    JSON_NAME, /* of a member; text as for JSON_STRING */
    JSON_STRING,
    JSON_NUMBER, /* text as written */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

enum { JSON_DEPTH_MAX = 256 };

struct json_scan {
    struct slice input;
    size_t at; /* of the token just given, for messages; the cursor is `next` */
    size_t next;
    unsigned depth, depth_max;
    /* The token's text. A string without escapes is borrowed from the input; one with escapes still
     * holds them: `has_escapes`, decode with json_unescape(). */
    struct slice text;
    bool has_escapes;
    /* Private: what may come next, and whether each level is an object. */
    unsigned char expect;
    unsigned char levels[JSON_DEPTH_MAX / 8];
    const char *fault; /* why the last number or string was refused */
};

/* depth_max <= JSON_DEPTH_MAX. */
void json_scan_start(struct json_scan *scan, struct slice input, unsigned depth_max);
/* After JSON_ERROR or JSON_END it must not be called again. On JSON_ERROR *err has code
 * ERROR_INVALID and a message; `where` is empty: the caller knows the file, scan->at the offset. */
MUST_USE enum json_token json_scan_next(struct json_scan *scan, struct error *err);
/* Skips the rest of the object or array that was just begun, or nothing after a scalar. False with
 * *err on a fault. */
MUST_USE bool json_scan_skip(struct json_scan *scan, enum json_token token, struct error *err);
/* Decodes escapes of a scanned text into out, which has room for text.len bytes; returns the
 * length. The scanner has already checked the text, so this cannot fail. */
size_t json_unescape(struct slice text, char *out);

#endif
