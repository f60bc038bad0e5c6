/* Reading resources back: as of any position, with history, differences and export.
 *
 * `size` is the ledger size to look from: store_size() for now, or what store_as_of() gives. Trees
 * live in the arena; lists are arrays of flat objects. NULL or false with *err. */
#ifndef ATTEST_PROGRAM_RESOURCES_H
#define ATTEST_PROGRAM_RESOURCES_H
#include "program/kinds.h"
#include "store/store.h"

/* Resources of a kind (NULL: all), sorted by name:
 * [{"name","title","version","at","actor","side"}]. */
MUST_USE struct value *resources_list(struct store *store, const struct catalogue *catalogue,
                                      struct arena *arena, const struct kind *kind, uint64_t size,
                                      struct error *err);
/* One: {"name","kind","version","n","leaf","at","actor","side","document","referenced_by":[...]}.
 * ERROR_NOT_FOUND: never there (with a near name), not yet at that size, or removed (says when). */
MUST_USE struct value *resources_get(struct store *store, const struct catalogue *catalogue,
                                     struct arena *arena, struct slice name, uint64_t size,
                                     struct error *err);
/* The document alone, in the order people write it (kind, id, then as the kind lists its fields).
 */
MUST_USE struct value *resource_document(const struct catalogue *catalogue, struct arena *arena,
                                         const struct resource_version *version, struct error *err);
/* Every version, first to last: [{"version","n","leaf","at","actor","side","op","fields":[{"field",
 * "before","after"}]}]. */
MUST_USE struct value *resources_history(struct store *store, const struct catalogue *catalogue,
                                         struct arena *arena, struct slice name, uint64_t size,
                                         struct error *err);
/* What differs between two positions: [{"name","action","version_from","version_to","fields"}],
 * name sorted. */
MUST_USE struct value *resources_compare(struct store *store, const struct catalogue *catalogue,
                                         struct arena *arena, uint64_t from_size, uint64_t to_size,
                                         struct error *err);
/* What names it: [{"name","field","inverse"}], for a resource or a criterion. */
MUST_USE struct value *resources_referring(struct store *store, const struct catalogue *catalogue,
                                           struct arena *arena, struct slice name, uint64_t size,
                                           struct error *err);

/* Writes every resource as FOLDER/<prefix>/<id>.yaml, byte-stable: the same state gives the same
 * files. A file that lies there for a resource that is not in the store is left alone and told as a
 * warning. */
MUST_USE bool resources_export(struct store *store, const struct catalogue *catalogue,
                               const char *folder, uint64_t size, size_t *files_count,
                               struct findings *findings, struct error *err);

/* Differing leaves of two documents, [{"field","before","after"}]; either may be NULL. */
MUST_USE struct value *documents_differ(struct arena *arena, const struct value *before,
                                        const struct value *after, struct error *err);

#endif
