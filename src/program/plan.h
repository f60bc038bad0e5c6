/* From documents to the store: a plan that can be shown, then one transaction.
 *
 * What a document pins (x-pin) is found here and becomes the inputs of its entry. Rules that the
 * ledger enforces are told here first, in words that name the field. */
#ifndef ATTEST_PROGRAM_PLAN_H
#define ATTEST_PROGRAM_PLAN_H
#include "program/acting.h"
#include "program/documents.h"

enum plan_action { PLAN_CREATE, PLAN_CHANGE, PLAN_REMOVE, PLAN_UNCHANGED };
enum { PLAN_ACTIONS_COUNT = PLAN_UNCHANGED + 1 };

/* One field that differs: values as canonical JSON, empty where there is none. */
struct plan_field {
    struct slice path; /* attributes[0].holds */
    struct slice before, after;
};
/* Something an entry rests on. */
struct plan_pin {
    struct slice name;    /* control/CM-02, run/<hex> */
    uint64_t version;     /* 0 for a run */
    uint64_t version_was; /* version the last one rested on, if another; else 0 */
    struct digest leaf;   /* of the stored version, unless in_batch */
    bool is_in_batch;     /* the version that this very plan writes */
    size_t item;          /* which item of the plan, if is_in_batch */
};
struct plan_item {
    enum plan_action action;
    const struct kind *kind;
    struct slice name; /* control/CM-02 */
    uint64_t version;  /* that will be (or, unchanged, is) */
    const char *file;  /* NULL: none (removed, or from the catalogue) */
    uint32_t line, column;
    const struct value *document;    /* as it will be stored; NULL for a removal */
    const struct plan_field *fields; /* of a change */
    size_t fields_count;
    const struct plan_pin *pins;
    size_t pins_count;
    bool is_moved;          /* something it pins has another version than its last entry names */
    bool is_from_catalogue; /* a built-in population type, copied because something names it */
};
struct plan {
    struct plan_item *items; /* in the order of writing: what is named comes before what names it */
    size_t count;
    size_t counts[PLAN_ACTIONS_COUNT];
    uint64_t size; /* ledger size the plan was made against */
};
struct plan_options {
    /* Remove what no document names: resources (not evaluations, conclusions, opinions), last
     * written by the acting person's side, not the acting person, not copied from the catalogue. */
    bool prune;
};
/* Compares documents with the store as it is now and checks everything that can be checked:
 * references both ways, criteria, writers of kinds, ids that differ only in case, runs.
 * Owner:  the arena; the plan borrows from documents.
 * Errors: findings (with places); a side that may not write a kind is ERROR_REFUSED there. *err
 * only for what stops everything. True if there is no error. */
MUST_USE bool plan_make(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                        const struct documents *documents, const struct acting *acting,
                        const struct plan_options *options, struct plan *plan,
                        struct findings *findings, struct error *err);

struct plan_applied {
    size_t written;           /* entries; 0: nothing was to be done */
    uint64_t first_n, last_n; /* their indexes in the ledger */
};
/* One transaction, all or nothing. The store must be open for writing and as the plan found it
 * (ERROR_ORDER if it has moved on). */
MUST_USE bool plan_apply(struct store *store, const struct plan *plan, const struct acting *acting,
                         struct plan_applied *applied, struct error *err);

/* For people: "+ control/LA-03  controls.yaml:41  Access is reviewed ...", then the count line. */
void plan_write(const struct plan *plan, struct strbuf *out);
/* {"items":[{"action","name","version","file","line","fields":[{"field","before","after"}],
 * "pins":[...]}],"create","change","remove","unchanged"} */
MUST_USE struct value *plan_value(const struct plan *plan, struct arena *arena, struct error *err);

#endif
