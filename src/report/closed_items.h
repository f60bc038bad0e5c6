/* What a run can no longer show because personal values that it read are erased, or because their
 * keys are not in the bundle.
 *
 * A test sees the token where the key is gone. Equality, joins, `in`, distinct and counts answer
 * the same; what looks into the text may not. So a run is performed again with the tokens, and
 * where its matrix differs from the recorded one, each item that differs must be one that can rest
 * on such a value: then it can no longer be checked. Any other is a fault, as before. */
#ifndef ATTEST_REPORT_CLOSED_ITEMS_H
#define ATTEST_REPORT_CLOSED_ITEMS_H
#include <stdio.h>

#include "audit/ranges.h"
#include "audit/test_definition.h"
#include "report/erasures.h"
#include "verify/digest_map.h"

struct closed_items {
    bool is_any;            /* every item may rest on one */
    bool without_keys;      /* some have no key here, though nothing says they were erased */
    struct digest_map keys; /* else: SHA-256 of the key of each that may */
    const struct erasure_told **erasures; /* that took values away; in the arena */
    size_t erasures_count;
    /* Filled by closed_items_compare(). */
    uint64_t items;     /* that can no longer be checked */
    struct strbuf told; /* ["106"] in A, C; ... of the first */
    uint64_t others;    /* that differ though they cannot rest on such a value */
};

/* Which tokens stand for nothing, and why: before engine_lock(). ERROR_FINDING if keys should be
 * there and one is not, though no erasure names it. */
MUST_USE bool closed_items_why(struct closed_items *closed, struct verifier *verifier,
                               const struct erasures *erasures, const struct tables *tables,
                               struct arena *arena, struct engine *engine, struct error *err);
/* Which items may rest on them: those whose own row holds one in a column that the test names, or
 * whose key is in such a row of a table that the test binds to the key; every item if the table is
 * not bound. After tables_open(). */
MUST_USE bool closed_items_find(struct closed_items *closed, const struct test_definition *test,
                                const struct tables *tables, size_t item_table,
                                const struct cut *cut, struct engine *engine, struct error *err);
bool closed_items_has(const struct closed_items *closed, struct slice key);
/* Compares a recorded matrix with the rows (without header) that came out now. */
MUST_USE bool closed_items_compare(struct closed_items *closed, const struct test_definition *test,
                                   const struct payload_source *payloads,
                                   const struct digest *matrix, FILE *rows, struct error *err);
/* "erased under ... ; ..." */
void closed_items_say_why(const struct closed_items *closed, struct strbuf *out);
void closed_items_free(struct closed_items *closed);

#endif
