/* JSON documents: reading into a tree, and the canonical form of RFC 8785. */
#ifndef ATTEST_BASE_JSON_H
#define ATTEST_BASE_JSON_H
#include "base/strbuf.h"
#include "base/value.h"

struct json_limits {
    size_t bytes_max;
    unsigned depth_max; /* <= JSON_DEPTH_MAX */
    size_t nodes_max;
};
/* 64 MiB, 64 levels, 4 million nodes. */
extern const struct json_limits json_limits_default;

/* Reads one JSON document strictly; a name twice in one object (after decoding) is refused.
 * `where` is the file's name for messages, which become "where:line:column".
 * Owner:  the arena. Strings without escapes borrow from `text`, which must live as long.
 * Errors: ERROR_INVALID, ERROR_NO_MEMORY; returns NULL. */
MUST_USE struct value *json_parse(struct arena *arena, struct slice text, const char *where,
                                  const struct json_limits *limits, struct error *err);

/* RFC 8785: names sorted by UTF-16 units, shortest number form, no white space. Numbers are read as
 * IEEE doubles, as the standard has it. A number beyond the doubles fails with ERROR_INVALID. */
MUST_USE bool json_canonical(const struct value *value, struct strbuf *out, struct error *err);
/* The same, copied into the arena. */
MUST_USE bool json_canonical_copy(struct arena *arena, const struct value *value, struct slice *out,
                                  struct error *err);
/* Two spaces a level, members in the tree's order: for people. */
void json_pretty(const struct value *value, struct strbuf *out);
/* A quoted string with RFC 8785's escapes; text is valid UTF-8. */
void json_add_string(struct strbuf *out, struct slice text);
/* RFC 8785 3.2.2.3, ECMAScript's Number::toString; value is finite. out holds 32 bytes. */
void json_number(double value, char out[32]);

#endif
