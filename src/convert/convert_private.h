/* What the parts of a conversion share. Not for others. */
#ifndef ATTEST_CONVERT_CONVERT_PRIVATE_H
#define ATTEST_CONVERT_CONVERT_PRIVATE_H
#include "convert/convert.h"
#include "convert/records.h"

/* Nodes of a record that some rule has looked at: a set of pointers. */
struct node_set {
    const struct value **slots;
    size_t capacity, count;
};
MUST_USE bool node_set_add(struct arena *arena, struct node_set *set, const struct value *node,
                           struct error *err);
bool node_set_has(const struct node_set *set, const struct value *node);

struct converting {
    const struct convert_request *request;
    struct arena *arena;
    struct conversion *conversion;
    size_t documents_capacity, left_capacity;
    struct error *err;
    struct slice date_format; /* of the preset */
    const char *file;         /* being read */
    struct slice each;
    const struct value *reasons; /* preset.left */
    struct node_set used;        /* of the file */
};

/* ---- left_out.c ---- */
/* A value that a rule cannot use: each other value is listed, with how often it came. path is as
 * in a preset. */
MUST_USE bool left_add(struct converting *converting, struct slice path, const struct value *node,
                       const char *reason);
/* All leaves of a record that no rule has looked at: for each path the first, and how many. */
MUST_USE bool left_rest(struct converting *converting, const struct record *record);
/* The same of what stands around a file's records. */
MUST_USE bool left_around(struct converting *converting, const struct value *whole);

/* ---- lookup.c ---- */
/* The leaves that a path leads to, lists gone through, in order. */
struct leaves {
    const struct value **items;
    size_t count, capacity;
};
/* Where paths begin: a record; within a rule for a list, an element of it. */
struct scope {
    const struct record *record;
    const struct value *element; /* NULL: the record */
};
MUST_USE bool leaves_find(struct converting *converting, const struct scope *scope,
                          struct slice path, struct leaves *leaves);
/* The objects that a path leads to, lists gone through. */
MUST_USE bool objects_find(struct converting *converting, const struct scope *scope,
                           struct slice path, struct leaves *objects);
/* A scalar as text; empty for null and for what is no scalar. */
struct slice leaf_text(const struct value *leaf);
MUST_USE bool leaf_use(struct converting *converting, const struct value *leaf);

/* ---- rules.c ---- */
/* Puts the fields that the rules give into a document. schemas: the kind's properties. */
MUST_USE bool fields_fill(struct converting *converting, const struct scope *scope,
                          const struct value *rules, const struct value *schemas,
                          struct value *document);
/* Whether a record is one of `when` (NULL: all are). */
MUST_USE bool when_holds(struct converting *converting, const struct scope *scope,
                         const struct value *when, bool *holds);
/* Puts a text where the kind's schema has a text, number, truth value or list. False only with
 * *err; a text that does not fit is listed with the path and node that it came from. */
MUST_USE bool text_put(struct converting *converting, struct value *document, struct slice field,
                       const struct value *schema, struct slice text, struct slice path,
                       const struct value *node);

#endif
