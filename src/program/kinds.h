/* Kinds of resources, each one file of catalog/kinds/: its schema and its references. */
#ifndef ATTEST_PROGRAM_KINDS_H
#define ATTEST_PROGRAM_KINDS_H
#include "program/catalogue.h"
#include "program/schema.h"

struct access; /* access.h */
struct kind {
    struct slice name;   /* Control */
    struct slice prefix; /* control: names are control/ID */
    struct slice plural, title, summary, area;
    bool is_private;             /* the ledger shows c/<hex> in place of the name */
    const char *entry_type;      /* resource | evaluation | conclusion | opinion */
    const struct access *access; /* who may write and read it */
    const struct schema *schema; /* with kind, id, effective_from, effective_to */
    const struct value *node;    /* the kind file */
};
/* Sorted by name. */
const struct kind *const *catalogue_kinds(const struct catalogue *catalogue, size_t *count);
/* By the word in `kind:` (Control). NULL if there is none. */
const struct kind *kind_find(const struct catalogue *catalogue, struct slice name);
/* By prefix (control). */
const struct kind *kind_of_prefix(const struct catalogue *catalogue, struct slice prefix);
/* As people type it: Control, control or controls. ERROR_NOT_FOUND with a near name; NULL. */
MUST_USE const struct kind *kind_typed(const struct catalogue *catalogue, struct slice word,
                                       struct error *err);
/* Splits KIND[/ID] as people type it; id is empty without one. name is prefix/ID, in the arena. */
MUST_USE bool resource_typed(const struct catalogue *catalogue, struct arena *arena,
                             struct slice text, const struct kind **kind, struct slice *id,
                             struct slice *name, struct error *err);
/* Splits a stored name, control/CM-02. False if the prefix is no kind's. */
MUST_USE bool resource_split(const struct catalogue *catalogue, struct slice name,
                             const struct kind **kind, struct slice *id);

enum { ID_BYTES_MAX = 128 };
/* NULL if the id is right (1 to 128 bytes of A-Z a-z 0-9 . _ -, and not . or ..), otherwise what is
 * wrong with it, as the rest of a sentence. */
const char *id_fault(struct slice id);

/* `attest explain KIND[.FIELD]`: what it is for, its fields, their types, defaults and references.
 */
MUST_USE bool kind_explain(const struct catalogue *catalogue, struct slice path, struct strbuf *out,
                           struct error *err);
/* The same as a tree, for -o json: {"kind","field","type","required","default","description",
 * "references","fields":[...]}. */
MUST_USE struct value *kind_explained(const struct catalogue *catalogue, struct arena *arena,
                                      struct slice path, struct error *err);
/* A whole JSON Schema (draft 2020-12) of a kind for editors, with $id and $schema; kind NULL: one
 * for any document, chosen by `kind`. */
MUST_USE struct value *kind_schema(const struct catalogue *catalogue, const struct kind *kind,
                                   struct arena *arena, struct error *err);

#endif
