/* What the parts of plan_make() share: everything that has a name, in the store or in the run. */
#ifndef ATTEST_PROGRAM_PLANNING_H
#define ATTEST_PROGRAM_PLANNING_H
#include "program/documents_internal.h"
#include "program/plan.h"
#include "program/references.h"

struct known {
    struct slice name; /* control/CM-02, followed by a NUL */
    const struct kind *kind;
    const struct resource_version *stored; /* NULL: not in the store */
    const struct document *document;       /* NULL: in no file */
    struct value *tree;                    /* as it will be; NULL until known_tree() */
    struct value *stored_tree;             /* as it is; NULL until known_stored_tree() */
    bool is_pruned;
    bool is_from_catalogue;
    unsigned char visit; /* order.c */
    size_t item;         /* of the plan; SIZE_MAX: none yet */
};
struct planning {
    struct store *store;
    const struct catalogue *catalogue; /* with the catalogues of the store and of the run */
    struct arena *arena;
    const struct documents *documents;
    const struct acting *acting;
    const struct plan_options *options;
    struct findings *findings;
    struct error *err;
    uint64_t size;
    struct resource_list stored;
    struct known *known; /* sorted by name */
    size_t known_count;
    struct known **order; /* those with a document that is right, in the order of writing */
    size_t order_count;
    struct plan *plan;
};

/* Everything the store holds and the documents bring, built-in population types that a document
 * names included. False: *err. */
MUST_USE bool planning_start(struct planning *planning);
struct known *known_find(const struct planning *planning, struct slice name);
/* The same for a document of the run: one of two with the same name is looked at as well, as if it
 * were alone. */
bool known_of_document(const struct planning *planning, const struct document *document,
                       struct known *known);
/* The document, the run's before the store's, of a faulty one what is sound; NULL if it is being
 * removed, or with *err. */
struct value *known_tree(struct planning *planning, struct known *known);
struct value *known_stored_tree(struct planning *planning, struct known *known);
/* The nearest name among those with one of the prefixes of a reference; NULL if none is near. */
const char *known_near(const struct planning *planning, const struct reference *reference,
                       struct slice name);

/* plan_check.c: references both ways, criteria, ids that differ only in case. */
MUST_USE bool plan_check(struct planning *planning);
/* plan_catalogues.c: puts the user's own catalogues, as they will be, into planning->catalogue.
 * False: *err. */
MUST_USE bool plan_catalogues(struct planning *planning);
/* A rule of plan_rules(): a Catalogue's name, its references, and who still names those it drops.
 */
MUST_USE bool catalogue_rule(struct planning *planning, struct known *known);
/* plan_rules.c: rules between documents: columns that a source fills, sides of people, engagements.
 */
MUST_USE bool plan_rules(struct planning *planning);
/* Whether the acting person may write this item; what is refused is told. */
void plan_may_write(struct planning *planning, struct known *known, const struct plan_item *item);
/* plan_order.c: fills planning->order: what is named comes before what names it. */
MUST_USE bool plan_order(struct planning *planning);
/* plan_runs.c: turns test/ID and prefixes in an Evaluation's runs into run/<hex>. */
MUST_USE bool runs_resolve(struct planning *planning, struct known *evaluation);
/* plan_pins.c: what an item rests on. The items before it in the plan are complete. */
MUST_USE bool pins_find(struct planning *planning, struct known *known, struct plan_item *item);
/* The leaves that a stored version's entry names as inputs. */
struct leaves {
    struct digest *items;
    size_t count;
};
MUST_USE bool entry_inputs(struct store *store, struct arena *arena, uint64_t n,
                           struct leaves *leaves, struct error *err);
bool leaves_hold(const struct leaves *leaves, const struct digest *leaf);

#endif
