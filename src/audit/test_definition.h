/* A test of a control as the Test resource defines it. */
#ifndef ATTEST_AUDIT_TEST_DEFINITION_H
#define ATTEST_AUDIT_TEST_DEFINITION_H
#include "base/value.h"
#include "store/store.h"

struct test_attribute {
    struct slice id, title;
    struct slice holds; /* expression: true holds, false fails, NULL cannot be decided */
    struct slice why;   /* text expression for items that do not hold; may be empty */
};
struct test_definition {
    struct slice name; /* test/CM-02.T1 */
    uint64_t version;
    struct digest leaf;
    struct slice control;    /* control/CM-02 */
    struct slice population; /* type id */
    struct slice where;      /* may be empty: every row */
    const struct test_attribute *attributes;
    size_t attributes_count;
    bool is_sample;                 /* extent: sample */
    const struct value *parameters; /* array or NULL: program/parameters.h */
    const struct value *examples;   /* array or NULL */
    const struct value *reconcile;  /* array or NULL */
    const struct value *document;
};

/* Reads a version; everything lives in the arena.
 * Errors: ERROR_INVALID (two attributes of one id, an attribute named as a column of the matrix).
 */
MUST_USE bool test_definition_read(struct arena *arena, const struct resource_version *version,
                                   struct test_definition *test, struct error *err);

/* The same from a document that is in the arena: its places stay. */
MUST_USE bool test_definition_from(struct arena *arena, struct slice name,
                                   const struct value *document, struct test_definition *test,
                                   struct error *err);

#endif
