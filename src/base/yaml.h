/* YAML 1.2 documents into value trees, with limits.
 *
 * Plain scalars follow the core schema (null, true, false, numbers; NO and on are text) and keep
 * what was written (value.is_plain). A number is what JSON takes as one: 012, +1, .5, 0x1F and .inf
 * are text. A key is the text that was written. Refused: tags, merge keys, an alias without anchor
 * or to itself, a key twice in one mapping, keys that are not scalars, tabs as indentation, bytes
 * that are not UTF-8, raw control characters and Unicode's own line ends (write them as escapes),
 * %YAML versions other than 1.2, expansion of aliases beyond the limits.
 *
 * The grammar is libyaml's; what a document may hold is decided here. */
#ifndef ATTEST_BASE_YAML_H
#define ATTEST_BASE_YAML_H
#include "base/strbuf.h"
#include "base/value.h"

enum { YAML_DEPTH_MAX = 256 };

struct yaml_limits {
    size_t bytes_max;
    unsigned depth_max;     /* <= YAML_DEPTH_MAX */
    size_t nodes_max;       /* of all documents of a stream, after expansion of aliases */
    size_t alias_nodes_max; /* of these, what may come from aliases; each is a copy of its own */
};
/* 16 MiB (also of text after expansion of aliases), 64 levels, 1 million nodes, 100,000 from
 * aliases. */
extern const struct yaml_limits yaml_limits_default;

struct yaml_documents {
    struct value **items; /* documents that are neither empty nor faulty, in order */
    size_t count;
};

/* Reads all documents of a stream. A byte order mark at the start and CRLF line ends are accepted;
 * every line end becomes LF. `where` is the file's name for messages ("where:line:column"). Owner:
 * the arena; text may go. Errors: each is added to findings (a faulty document is left out and does
 * not hide those after it: reading goes on at the next line that begins with ---); *err is set only
 * by ERROR_NO_MEMORY. Returns false if any was added or memory ran out. */
MUST_USE bool yaml_parse(struct arena *arena, struct slice text, const char *where,
                         const struct yaml_limits *limits, struct yaml_documents *documents,
                         struct findings *findings, struct error *err);

/* Writes one document in block style, byte-stable: the same tree gives the same bytes; texts are
 * quoted only where a plain scalar would be read as something else, here or by a reader of
 * YAML 1.1; texts of several lines become literal blocks where they can. The tree's texts are valid
 * UTF-8. Reading it again gives an equal tree. Ends with LF. */
void yaml_write(const struct value *value, struct strbuf *out);

#endif
