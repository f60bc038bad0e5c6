/* Shared by scope.c (layers by principle and by category) and scope_parties.c. */
#ifndef ATTEST_AUDIT_SCOPE_PRIVATE_H
#define ATTEST_AUDIT_SCOPE_PRIVATE_H
#include "audit/engagement.h"
#include "audit/scope.h"

enum { GROUPS_MAX = LETTERS_COUNT, NAMED_MAX = 12 };

/* One way to group criteria: by principle, or by category of 2014. */
struct axis {
    const char *by;
    const struct edition *edition;
    int *group; /* of each criterion; -1: not asked for */
    size_t groups_count;
    struct slice names[GROUPS_MAX], titles[GROUPS_MAX];
    bool in_scope[GROUPS_MAX];
    bool wants_each_layer; /* a layer in scope without control is a gap */
};
struct counted_control {
    struct slice name; /* control/CM-02 */
    const struct value *document;
    bool layers[LAYERS_COUNT];
    bool has_layers;
    size_t tests_count;
    bool *serves[2]; /* for each axis: the criteria that it reaches */
};
struct scope {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    uint64_t size;
    const struct value *engagement, *system;
    bool layers_in[LAYERS_COUNT];
    struct axis axes[2];
    struct counted_control *controls;
    size_t controls_count;
    struct value *tree, *parties, *rows;
    size_t gaps;
    struct error *err;
};

/* The last version of a resource; NULL if there is none, or with scope->err. */
const struct value *scope_document(struct scope *scope, struct slice name);
/* scope->parties: who has a part in the service, in how many criteria and controls. */
MUST_USE bool scope_parties_put(struct scope *scope);

#endif
