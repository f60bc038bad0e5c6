/* The compiled form of a schema, shared by its reader (schema.c) and its checker (schema_check.c).
 */
#ifndef ATTEST_PROGRAM_SCHEMA_INTERNAL_H
#define ATTEST_PROGRAM_SCHEMA_INTERNAL_H
#include <regex.h>

#include "program/decimal.h"
#include "program/schema.h"

/* One bit a type; "integer" is a number that has no fraction. */
enum schema_type {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_NUMBER = 4,
    TYPE_INTEGER = 8,
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64,
};
enum schema_format { FORMAT_NONE, FORMAT_DATE, FORMAT_DATE_TIME, FORMAT_TIMEZONE };

struct schema_regex {
    regex_t compiled;
    const char *written;
    struct schema_regex *next; /* all of a schema, for their release */
};
struct schema_limit {
    bool is_set;
    struct decimal number;
    struct slice written;
};
struct schema_count { /* of characters, items or members */
    size_t min, max;  /* 0 and SIZE_MAX: no limit */
};
struct schema_member {
    struct slice name; /* followed by a NUL */
    const struct schema *schema;
};
struct schema_pattern_member {
    const struct schema_regex *regex;
    const struct schema *schema;
};
struct schema {
    const struct value *node;
    bool is_never;  /* the schema `false` */
    unsigned types; /* enum schema_type; 0: any */
    const struct value *enumeration, *constant;
    struct schema_limit minimum, maximum, above, below; /* above, below: exclusive */
    struct schema_count length, items_count, members_count;
    bool are_items_unique;
    const struct schema_regex *pattern;
    enum schema_format format;
    const struct schema *items, *additional, *names;
    struct schema_member *members;
    size_t members_len;
    struct schema_pattern_member *patterns;
    size_t patterns_len;
    const struct value *required;
    /* Of the root only. */
    struct arena *arena;
    struct schema_regex *regexes;
};

/* schema_found.c: the state of one check, and how it says what is wrong. */
enum { CHECK_PATH_BYTES = 256, CHECK_SHOWN_BYTES = 120 };
struct check {
    const struct schema_subject *subject;
    struct findings *findings;
    char path[CHECK_PATH_BYTES]; /* "period.from", "items[2].class" */
    size_t path_len;
    size_t errors_before;
    bool is_out_of_memory;
    struct error *err;
};
void check_path_add_name(struct check *check, struct slice name);
void check_path_add_index(struct check *check, size_t index);
void check_path_cut(struct check *check, size_t len);
/* Adds an error at a place of the document; `hint` may be empty. */
void check_found(struct check *check, uint32_t line, uint32_t column, const char *hint,
                 const char *message);
/* The instance in few words: text in quotes, numbers as written, the rest by its type. */
void check_shown(const struct value *value, char out[CHECK_SHOWN_BYTES]);

/* schema_check.c: whether a value is right by itself, whatever stands in it; and the declared name
 * that a name in the document is probably meant for, or NULL. */
bool schema_fits_alone(const struct schema *schema, const struct value *value);
const char *schema_near_member(const struct schema *schema, const struct value *object,
                               struct slice name);

/* schema_pattern.c */
/* NULL if the expression means the same to ECMA-262 and to us, otherwise why it does not. */
const char *schema_pattern_fault(struct slice pattern);
/* Compiles what schema_pattern_fault() accepts. */
MUST_USE struct schema_regex *schema_regex_new(struct arena *arena, struct slice pattern,
                                               struct error *err);
bool schema_regex_matches(const struct schema_regex *regex, struct slice text);

/* schema_equal.c: equality as JSON Schema has it: 1 and 1.0 are the same number. */
bool schema_values_equal(const struct value *a, const struct value *b);
uint64_t schema_value_hash(const struct value *value); /* equal values have equal hashes */

/* Type words, for messages and explain: TYPE_STRING -> "text". */
const char *schema_type_word(enum schema_type type);
enum schema_type schema_type_of(const struct value *value);

#endif
