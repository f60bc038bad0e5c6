/* A population cut into ranges of its items' key, so that memory follows the range and not the
 * population (contract.md, Expressions).
 *
 * A range holds the items whose canonical keys lie in it, in the order of the matrix. Tables that
 * sub-queries name are cut by the least and the greatest value of the key's parts among those
 * items: some rows too many, never one too few. So any cut gives the same matrix. */
#ifndef ATTEST_AUDIT_RANGES_H
#define ATTEST_AUDIT_RANGES_H
#include "audit/population.h"

/* Why a test runs whole. */
enum cut_hindrance {
    CUT_NONE,    /* it can be cut */
    CUT_UNBOUND, /* a sub-query reads a table that is not bound to the key by equality */
    CUT_KEY,     /* the key has parts without a value, or with a NUL byte */
};
struct cut {
    struct expression_bound *bounds; /* one for each table; NULL: runs whole */
    uint64_t items_max;              /* of a range, about; 0: RANGE_ITEMS_DEFAULT */
    enum cut_hindrance hindrance;
    struct slice unbound; /* the table of CUT_UNBOUND */
};
enum { RANGE_ITEMS_DEFAULT = 250000 };

struct key_range {
    struct slice from, to; /* canonical keys, `to` excluded; at NULL: open */
    /* Of each part of the key, as text that SQL casts. */
    struct slice least[EXPRESSION_KEY_MAX], greatest[EXPRESSION_KEY_MAX];
};
struct ranges {
    struct key_range *items; /* at least one; in the order of keys */
    size_t count;
};

/* Settles whether a test may be cut, from what expression_check() has found of its sub-queries. */
void cut_settle(struct cut *cut, const struct tables *tables, size_t item_table);

/* The ranges of a query's rows. One range without limits where the population is small or cannot be
 * cut. Everything lives in the arena. */
MUST_USE bool ranges_find(const struct population_query *query, struct cut *cut,
                          struct arena *arena, struct engine *engine, struct ranges *ranges,
                          struct error *err);

/* Makes sub-queries see the rows of a range only; NULL: all rows again. */
MUST_USE bool ranges_narrow(const struct population_query *query, const struct cut *cut,
                            const struct key_range *range, struct engine *engine,
                            struct error *err);

/* For statements: " and ..." for the items of a range. */
void range_add_condition(struct strbuf *sql, const struct record_type *type,
                         const struct key_range *range);

/* Says of an engine that ran out of memory why the test could not be cut. */
void cut_explain(const struct cut *cut, const struct test_definition *test, struct error *err);

#endif
