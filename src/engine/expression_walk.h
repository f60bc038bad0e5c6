/* Private to expression*.c: the walk and what is in scope. */
#ifndef ATTEST_ENGINE_EXPRESSION_WALK_H
#define ATTEST_ENGINE_EXPRESSION_WALK_H
#include "engine/expression.h"

/* Constants met in the text. */
struct binding {
    struct found_constant {
        size_t at; /* offset in the text */
        const struct expression_constant *constant;
    } * items;
    size_t count, capacity;
};

struct walk {
    struct arena *arena;
    struct binding *binding;
    struct slice text;
    const struct expression_scope *scope;
    const char *where;
    bool *used;
    struct error *err;
};

/* A table under the name it has in one FROM. */
struct source {
    struct slice alias;
    const struct expression_table *table;
    /* The column that equals each part of the item's key in every row that counts; empty: none. */
    struct slice equals[EXPRESSION_KEY_MAX];
};
/* The tables of one SELECT; `outer` is the one around it. The outermost holds `item` alone. */
struct frame {
    struct source *sources;
    size_t count;
    const struct frame *outer;
};

/* Says no, with the column of the node. Always false. */
PRINTF_LIKE(3, 4)
bool expression_refuse(const struct walk *walk, const struct value *node, const char *format, ...);
/* expression_bind.c: whether GROUP.NAME is a constant of the scope (*is_one), which is then noted.
 * False with *err: it has no value here, or is not written plainly. */
MUST_USE bool expression_constant(const struct walk *walk, const struct value *node,
                                  struct slice group, struct slice name, bool *is_one);
/* The text with the values of the constants that were noted. */
MUST_USE bool expression_bind(const struct walk *walk, struct slice *bound);
/* Where a node begins in the text; false if the engine does not say. */
bool expression_offset(const struct walk *walk, const struct value *node, size_t *at);
bool expression_is_among(struct slice name, const char *const *list); /* NULL-ended */
MUST_USE bool expression_walk(const struct walk *walk, const struct value *node,
                              const struct frame *frame);
MUST_USE bool expression_walk_list(const struct walk *walk, const struct value *list,
                                   const struct frame *frame);
/* A sub-query's SELECT. `at` places messages. */
MUST_USE bool expression_walk_select(const struct walk *walk, const struct value *select,
                                     const struct frame *outer, const struct value *at);

/* Fills in what the sources of a sub-query's SELECT equal, and the scope's bounds if it has them.
 */
void expression_bind_key(const struct walk *walk, struct frame *frame, const struct value *select,
                         const struct value *subquery);

#endif
