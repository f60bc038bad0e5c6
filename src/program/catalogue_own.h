/* Catalogues of the user's own: resources of kind Catalogue beside the editions that travel inside
 * the program. They become editions and crosswalks as the built-in ones are, so that whoever looks
 * up a criterion, an edition or a mapping finds both and need not know which is which. */
#ifndef ATTEST_PROGRAM_CATALOGUE_OWN_H
#define ATTEST_PROGRAM_CATALOGUE_OWN_H
#include "program/catalogue.h"
#include "store/store.h"

/* The type of an edition that is the user's own; the built-in ones have others (docs/catalog.md).
 */
#define EDITION_TYPE_OWN "framework"

/* The built-in part of a catalogue with these Catalogue documents added, at the end, in place of
 * those it has. A document without id is left out, and so is one whose id is a built-in edition's
 * or part's; of a faulty one stands what can be read.
 * Owner:  the arena; it lends from `catalogue` and the documents, which must live as long. Not for
 *         catalogue_free(). Without documents it is the built-in part itself.
 * Errors: ERROR_NO_MEMORY; NULL. */
MUST_USE const struct catalogue *catalogue_with_own(const struct catalogue *catalogue,
                                                    struct arena *arena,
                                                    const struct value *const *documents,
                                                    size_t count, struct error *err);

/* The same with those that a store holds at a ledger size. */
MUST_USE const struct catalogue *catalogue_of_store(const struct catalogue *catalogue,
                                                    struct store *store, struct arena *arena,
                                                    uint64_t size, struct error *err);

/* Whether a name belongs to an edition or part of the built-in catalogue (tsc-2017, kinds ...). */
bool catalogue_name_is_built_in(const struct catalogue *catalogue, struct slice name);

#endif
