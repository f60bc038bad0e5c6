/* Which expressions a test may use: accepted by syntax tree against an allow-list.
 *
 * An expression is foreign text that the engine will run. The engine's own parser turns it into a
 * tree; every node, every field of a node, every function, table and column must be one that this
 * file knows, so that what a newer engine learns is refused until somebody allows it. The subset is
 * portable SQL (contract.md, Expressions):
 *
 *   comparisons, and, or, not, is [not] null, is [not] distinct from, is [not] true/false, in,
 * between, like, case, coalesce, exists, in and any over sub-queries, scalar sub-queries, inner,
 * left and cross joins with on or using, where, group by, having, distinct; count min max sum avg
 * inside sub-queries; + - * / || and unary minus; lower upper trim ltrim rtrim length substring abs
 * floor ceil extract date_trunc cast; intervals; regexp_matches (RE2); for columns of type
 * list<text> list_contains, and list_extract (an element, from 1; NULL beyond the end).
 *
 * Tables are the population types; `item` is the row; constants of a scope (period.starts,
 * param.NAME) stand wherever a column may. Nothing else has a name: no clock, no random
 * numbers, no functions that read files, no windows, no common table expressions, no limits (which
 * rows a limit keeps is not said). So the same rows give the same answer, on any number of threads.
 */
#ifndef ATTEST_ENGINE_EXPRESSION_H
#define ATTEST_ENGINE_EXPRESSION_H
#include "base/value.h"

struct engine;

struct expression_table {
    struct slice name; /* population type id */
    const struct slice *columns;
    size_t columns_count;
    const struct slice *key; /* columns */
    size_t key_count;
};

/* More parts than this are not looked at. */
enum { EXPRESSION_KEY_MAX = 4 };
/* How the sub-queries that name a table are bound to the item (expression_key.c). */
struct expression_bound {
    bool is_named;
    bool keeps_null; /* rows whose column is NULL count too */
    /* The column that equals each part of the item's key wherever the table is named; empty: none.
     */
    struct slice columns[EXPRESSION_KEY_MAX];
};
/* GROUP.NAME, a value that is the same for every row. */
struct expression_constant {
    struct slice group, name;
    struct slice
        sql; /* trusted: an expression that needs no parentheses; empty: has no value here */
    const char *missing; /* for then: what to do about it */
};
struct expression_scope {
    const struct expression_table *tables; /* every population type */
    size_t count;
    size_t item; /* index of the type that `item` is a row of */
    const struct expression_constant *constants;
    size_t constants_count;
    struct expression_bound *bounds; /* one for each table, added to; NULL: not asked for */
};

enum { EXPRESSION_BYTES_MAX = 64 * 1024 };

/* Checks one expression. used[i] is set to true for each table it names (never cleared).
 * bound: the text to run, the values of constants in their places; in the arena, or `text` itself
 * if it uses none. May be NULL.
 * where: names the place for messages, such as "test/CM-02.T1, attribute A"; the column within the
 * expression is added.
 * Errors: ERROR_INVALID; the message quotes what is not allowed. */
MUST_USE bool expression_check(struct engine *engine, struct arena *arena, struct slice text,
                               const struct expression_scope *scope, const char *where, bool *used,
                               struct slice *bound, struct error *err);

/* The same over a tree that json_serialize_sql gave for "select (\nTEXT\n) from item". */
MUST_USE bool expression_check_tree(struct arena *arena, const struct value *tree,
                                    struct slice text, const struct expression_scope *scope,
                                    const char *where, bool *used, struct slice *bound,
                                    struct error *err);

#endif
