/* Which controls, criteria and other resources concern a layer, a principle, a category of 2014 or
 * a party. One rule for all lists: they ask here. */
#ifndef ATTEST_PROGRAM_SELECTION_H
#define ATTEST_PROGRAM_SELECTION_H
#include "program/catalogue.h"
#include "store/store.h"

enum { LAYERS_COUNT = 5, PRINCIPLES_COUNT = 5, LETTERS_COUNT = 7 };
extern const char *const layer_names[LAYERS_COUNT];         /* Facilities ... Organization */
extern const char *const principle_names[PRINCIPLES_COUNT]; /* security ... privacy */

/* What is asked for; empty: everything. */
struct selection {
    struct slice layer;     /* of layer_names */
    struct slice principle; /* of principle_names */
    struct slice letter;    /* a to g */
    struct slice party;     /* own, user, subservice, or vendor/ID */
};

struct selector; /* layout: selection.c */

/* Reads who has a part in what: ComplementaryControls, subservice organizations and duties of
 * engagements, vendors' duties. store NULL: only criteria are asked about.
 * Owner:  the arena; lends from store and catalogue.
 * Errors: those of the store; NULL. */
MUST_USE struct selector *selector_new(struct store *store, const struct catalogue *catalogue,
                                       struct arena *arena, uint64_t size,
                                       const struct selection *selection, struct error *err);

/* The principle that a criterion belongs to: its category; security for the common criteria, which
 * are all that security has (and which belong to each other principle too). */
struct slice criterion_principle(const struct criterion *criterion);

/* Whether a criterion is of the principle and of the category of 2014: one of its criteria, or maps
 * to one. */
bool selector_takes_criterion(const struct selector *selector, const struct criterion *criterion);

/* Whether a document is selected, of any kind:
 *   layer:     its `layers` (or `layer`) name it
 *   principle: its `categories` (or `principles`) name it, or it names a criterion of it
 *   letter:    it names a criterion of it
 *   party:     own: nobody else has a part in it; user, subservice, vendor/ID: a
 * ComplementaryControl or an engagement names it for them, or it is one of theirs itself What a
 * document that names a control (a Test) does not say itself is the control's. NULL selector: true.
 * False with *err: the store. */
MUST_USE bool selector_takes(const struct selector *selector, struct slice name,
                             const struct value *document, bool *takes, struct error *err);
/* The same of a resource by name; one that is not there is not taken. */
MUST_USE bool selector_takes_name(const struct selector *selector, struct slice name, bool *takes,
                                  struct error *err);

/* Whether the party asked for has a part in what is named so, a control or a criterion; own: nobody
 * else has. */
bool selector_has_part(const struct selector *selector, struct slice name);

/* Whether the selection asks about controls (layer, party), so that a list of criteria shows only
 * those with a control that is taken. */
bool selector_is_about_controls(const struct selector *selector);

/* The letter of a group of 2014 a criterion belongs to or maps to: calls for sets of all letters.
 * out[i] is true for 'a' + i. */
MUST_USE bool criterion_letters(const struct catalogue *catalogue, struct arena *arena,
                                const struct criterion *criterion, bool out[LETTERS_COUNT],
                                struct error *err);
/* "Organization and management" of 'a'. */
struct slice letter_title(const struct catalogue *catalogue, unsigned index);

#endif
