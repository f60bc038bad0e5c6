/* A document as a tree, from YAML or JSON: one form, so that a rule is written once.
 *
 * Every node knows the line and column (from 1, column in code points) where it began, so that an
 * error can point there; built nodes have line 0. Nodes live in the arena they were made in. */
#ifndef ATTEST_BASE_VALUE_H
#define ATTEST_BASE_VALUE_H
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum value_type { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_STRING, VALUE_ARRAY, VALUE_OBJECT };

struct value;
struct value_member {
    struct slice name;
    uint32_t line, column; /* of the name */
    struct value *value;
};
struct value {
    enum value_type type;
    uint32_t line, column;
    bool boolean;
    bool is_plain; /* a YAML scalar without quotes: `text` is as written, so that a field that
                    * must be text can take 1.10, NO or 012 as it stands */
    struct slice
        text; /* string: decoded UTF-8; number: as written; YAML plain scalar: as written */
    struct value **items;         /* array */
    struct value_member *members; /* object, in the document's order; names are unique */
    size_t count, capacity;       /* of items or members */
};

/* Reading. Each accepts NULL and the wrong type, and then finds nothing. */
const struct value *value_member(const struct value *object, const char *name); /* NULL: none */
/* "a.b.c" through objects. */
const struct value *value_path(const struct value *object, const char *path);
const struct value *value_item(const struct value *array, size_t index); /* NULL beyond the end */
size_t value_count(const struct value *array_or_object);                 /* 0 for others */
struct slice value_text(const struct value *value); /* of a string; empty otherwise */
struct slice value_text_of(const struct value *object, const char *name); /* value_text(member) */
bool value_is_true(const struct value *value);
/* An integer written without point or exponent that fits. */
bool value_to_i64(const struct value *value, int64_t *out);
bool value_equal(const struct value *a, const struct value *b); /* objects regardless of order */

/* Building. Each returns NULL with ERROR_NO_MEMORY; text is copied into the arena. */
MUST_USE struct value *value_new(struct arena *arena, enum value_type type, struct error *err);
MUST_USE struct value *value_new_text(struct arena *arena, struct slice text, struct error *err);
MUST_USE struct value *value_new_bool(struct arena *arena, bool boolean, struct error *err);
MUST_USE struct value *value_new_i64(struct arena *arena, int64_t number, struct error *err);
/* Deep copy, positions kept. */
MUST_USE struct value *value_copy(struct arena *arena, const struct value *value,
                                  struct error *err);
/* Adds or replaces. `item` may be NULL: then false is returned and *err left as it is, so that
 * value_put(a, o, "x", value_new_text(...), err) needs one check. */
MUST_USE bool value_put(struct arena *arena, struct value *object, const char *name,
                        struct value *item, struct error *err);
MUST_USE bool value_put_slice(struct arena *arena, struct value *object, struct slice name,
                              struct value *item, struct error *err);
MUST_USE bool value_add(struct arena *arena, struct value *array, struct value *item,
                        struct error *err);
/* For parsers: adds a member without looking whether the name is there; after the last one,
 * value_duplicate() finds a name that came twice, in n log n: the index of the later member, or
 * SIZE_MAX. */
MUST_USE bool value_append(struct arena *arena, struct value *object,
                           const struct value_member *member, struct error *err);
MUST_USE bool value_duplicate(struct arena *arena, const struct value *object, size_t *later,
                              struct error *err);
/* Short forms of the commonest. */
MUST_USE bool value_put_text(struct arena *arena, struct value *object, const char *name,
                             struct slice text, struct error *err);
MUST_USE bool value_put_i64(struct arena *arena, struct value *object, const char *name,
                            int64_t number, struct error *err);
MUST_USE bool value_put_bool(struct arena *arena, struct value *object, const char *name,
                             bool boolean, struct error *err);
/* A new empty object or array under that name; NULL with ERROR_NO_MEMORY. */
MUST_USE struct value *value_put_object(struct arena *arena, struct value *object, const char *name,
                                        struct error *err);
MUST_USE struct value *value_put_array(struct arena *arena, struct value *object, const char *name,
                                       struct error *err);
MUST_USE struct value *value_add_object(struct arena *arena, struct value *array,
                                        struct error *err);

#endif
