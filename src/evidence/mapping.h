/* Which field of a record feeds which column: the paths of a source, as a tree of names that
 * readers walk along with the record. */
#ifndef ATTEST_EVIDENCE_MAPPING_H
#define ATTEST_EVIDENCE_MAPPING_H
#include "evidence/record_type.h"
#include "evidence/source.h"

struct field {
    struct slice name;    /* one step of a path */
    struct slice path;    /* from the record's top: user.login */
    struct field *parent; /* NULL for the top */
    struct field **members;
    size_t members_count;
    size_t *columns; /* fed by this very field */
    size_t columns_count;
    bool is_listed;      /* on the path of `each`: a list here is taken apart, element by element */
    struct field *index; /* PATH.$index of such a list: the element's number; or NULL */
    /* A reader's marks. */
    uint64_t visit;   /* the object in which it was seen last: twice in one is a fault */
    uint64_t records; /* how many have it */
};
struct mapping {
    const struct record_type *type;
    struct field top;
    struct field *each;          /* the list whose elements are rows, or NULL */
    size_t each_depth;           /* steps of its path */
    struct slice *paths;         /* of each column; empty: fed by nothing */
    enum time_day *days;         /* of each column: what a day alone means there */
    struct slice *constants;     /* of each column: what every row has there; empty: none */
    const struct value **values; /* of each column: what the export writes -> what it means; NULL */
    size_t *constant_columns;    /* those that have one */
    size_t constant_columns_count;
    size_t *row_columns; /* fed by $row: the number of the row in the file, from 1 */
    size_t row_columns_count;
};

/* Paths that begin with the path of `each` are looked up in the element ("trailers.key"); the path
 * of `each` itself is the element, for lists of texts; that path and ".$index" is the element's
 * number, from 0; all others in the record. Where a step on the way to `each` is a list too
 * ("profiles.controls.results"), each element of each of them is gone through. Owner: the arena;
 * borrows from source and type. Errors: ERROR_INVALID: a column that the type does not have (with a
 * near name), a required column that nothing feeds, an empty step. */
MUST_USE bool mapping_build(struct arena *arena, const struct source *source,
                            const struct record_type *type, struct mapping *mapping,
                            struct error *err);
/* The member of that name, or NULL. *hint is where the last one was found: records mostly keep an
 * order. */
struct field *field_member(const struct field *field, struct slice name, size_t *hint);

/* Names that records have and the source does not, counted. */
struct unknown_field {
    struct slice path;
    const struct field *parent;
    struct slice name;
    uint64_t records, visit;
};
struct unknown_fields; /* layout: unknown.c */
enum { UNKNOWN_FIELDS_MAX = 10000 };

MUST_USE struct unknown_fields *unknown_fields_new(struct error *err);
void unknown_fields_free(struct unknown_fields *unknown); /* NULL is fine */
/* The entry of a member of an object; a new one at first. ERROR_INVALID beyond the maximum: data
 * has been taken for names. */
MUST_USE struct unknown_field *unknown_fields_at(struct unknown_fields *unknown,
                                                 const struct field *parent, struct slice name,
                                                 struct error *err);
size_t unknown_fields_count(const struct unknown_fields *unknown);
const struct unknown_field *unknown_fields_get(const struct unknown_fields *unknown, size_t index);

#endif
