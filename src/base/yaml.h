/* YAML 1.2 documents into value trees, with limits.
 *
 * Plain scalars follow the core schema (null, true, false, integers, floats; NO and on are text) and
 * keep what was written (value.is_plain). Refused: tags, merge keys, an alias without anchor or to
 * itself, a key twice in one mapping, keys that are not scalars, tabs as indentation, bytes that are
 * not UTF-8, expansion of aliases beyond the limits. */
#ifndef ATTEST_BASE_YAML_H
#define ATTEST_BASE_YAML_H
#include "base/value.h"

struct yaml_limits {
    size_t bytes_max;
    unsigned depth_max;
    size_t nodes_max; /* after expansion of aliases */
};
/* 16 MiB, 64 levels, 1 million nodes. */
extern const struct yaml_limits yaml_limits_default;

struct yaml_documents {
    struct value **items; /* documents that are not empty, in order */
    size_t count;
};

/* Reads all documents of a stream. A byte order mark at the start and CRLF line ends are accepted.
 * `where` is the file's name for messages ("where:line:column").
 * Owner:  the arena.
 * Errors: each is added to findings (a faulty document does not hide those after it where the
 *         parser can go on); *err is set only by ERROR_NO_MEMORY. Returns false if any was added. */
MUST_USE bool yaml_parse(struct arena *arena, struct slice text, const char *where,
                         const struct yaml_limits *limits, struct yaml_documents *documents,
                         struct findings *findings, struct error *err);

/* Writes one document in block style, byte-stable: the same tree gives the same bytes; texts are
 * quoted only where a plain scalar would be read as something else; texts of several lines become
 * literal blocks where they can. Reading it again gives an equal tree. Ends with LF. */
#include "base/strbuf.h"
void yaml_write(const struct value *value, struct strbuf *out);

#endif
