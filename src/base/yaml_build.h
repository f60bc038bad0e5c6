/* The tree of one document after the other, from libyaml's events. Private to yaml.c.
 *
 * The events of a document build its tree on a stack of open containers, without recursion. Faults
 * of meaning (a key twice, a tag) are told and the document is read on, so that all of them are
 * told. A document with a fault is never given out.
 *
 * Aliases are copied, so that nobody who changes a tree changes two places. What a copy costs is
 * known from its anchor before it is made; that is how an alias bomb is refused in no time. */
#ifndef ATTEST_BASE_YAML_BUILD_H
#define ATTEST_BASE_YAML_BUILD_H
#include <yaml.h>

#include "base/yaml.h"
#include "base/yaml_text.h"

struct yaml_anchor {
    struct slice name;
    struct value *node;
    /* Of its subtree, once that is closed; before, the reader's counts at its start. */
    size_t nodes, bytes;
    bool is_open; /* its node is still being read: an alias to it would be without end */
};

struct yaml_frame {
    struct value *node;
    size_t anchor;              /* its index plus one; 0: none */
    struct value_member member; /* of an object: the key that waits for its value */
    bool has_key;
    bool is_flow; /* in brackets or braces */
};

struct yaml_reader {
    struct arena *arena;
    const char *where;
    const struct yaml_limits *limits;
    struct yaml_documents *documents;
    size_t documents_capacity;
    struct findings *findings;
    struct error *err;
    size_t nodes, alias_nodes, bytes; /* so far, in all documents */
    unsigned stream_faults;
    bool is_stopped; /* no document after this one is read */

    struct slice text;         /* what the present parser was given */
    uint32_t line_base;        /* lines before it */
    struct yaml_cursor cursor; /* in it */

    /* The document that is being read. */
    struct yaml_frame *frames; /* one more than the depth that is allowed */
    unsigned depth;            /* open containers */
    struct value *root;
    struct yaml_anchor *anchors;
    size_t anchors_count;
    unsigned faults;
    uint32_t document_line; /* where it began */
    bool may_go_on;         /* the last document was given out, and ends without a mark */
    bool is_skipped;        /* the rest is not read */
    uint32_t line, column;  /* of the latest event, from 1 */
};

/* Adds a finding at a place; the hint may be NULL. Always returns true, as yaml_take() does. */
PRINTF_LIKE(5, 6)
bool yaml_fault(struct yaml_reader *reader, uint32_t line, uint32_t column, const char *hint,
                const char *format, ...);
/* Takes one event. Faults are added to the findings and are no reason to stop; false is only "no
 * memory", with *err set. */
MUST_USE bool yaml_take(struct yaml_reader *reader, const yaml_event_t *event);

#endif
