/* Private to expression.c and expression_select.c: the walk and what is in scope. */
#ifndef ATTEST_ENGINE_EXPRESSION_WALK_H
#define ATTEST_ENGINE_EXPRESSION_WALK_H
#include "engine/expression.h"

struct walk {
    struct arena *arena;
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
};
/* The tables of one SELECT; `outer` is the one around it. The outermost holds `item` alone. */
struct frame {
    const struct source *sources;
    size_t count;
    const struct frame *outer;
};

/* Says no, with the column of the node. Always false. */
PRINTF_LIKE(3, 4)
bool expression_refuse(const struct walk *walk, const struct value *node, const char *format, ...);
bool expression_is_among(struct slice name, const char *const *list); /* NULL-ended */
MUST_USE bool expression_walk(const struct walk *walk, const struct value *node,
                              const struct frame *frame);
MUST_USE bool expression_walk_list(const struct walk *walk, const struct value *list,
                                   const struct frame *frame);
/* A sub-query's SELECT. `at` places messages. */
MUST_USE bool expression_walk_select(const struct walk *walk, const struct value *select,
                                     const struct frame *outer, const struct value *at);

#endif
