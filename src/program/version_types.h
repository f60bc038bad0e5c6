/* Versions of resources as a table: for a kind Policy the population type policy_versions, one row
 * a version. The type's document is made from the kind file, the rows from what people wrote.
 *
 * A row: id, version, valid_from, valid_to, written_at, written_by, then each field of the kind's
 * schema (one of these names becomes own_NAME). A version is valid from its effective_from, else
 * from when it was written, until its effective_to or until a later version or a removal begins,
 * whichever is first; one that a later version overtook before it began is valid for no time
 * (valid_to = valid_from).
 *
 * Which kinds have one (docs/decisions/derived-tables.md): those that only management writes and
 * that are no part of an examination. What the auditor's side may write is in no table that
 * management's runs could read. */
#ifndef ATTEST_PROGRAM_VERSION_TYPES_H
#define ATTEST_PROGRAM_VERSION_TYPES_H
#include "base/strbuf.h"
#include "program/kinds.h"
#include "store/store.h"

bool kind_has_versions(const struct kind *kind);
/* The PopulationType document, columns in their order. In the arena; NULL with *err. */
MUST_USE struct value *version_type_document(struct arena *arena, const struct kind *kind,
                                             struct error *err);
/* The rows as evidence/derived.h wants them. type: the document, as it is or as a bundle has it.
 * versions: all of the kind, removals too, sorted by name and version.
 * Errors: ERROR_INVALID: an effective_from or effective_to that is no time; names the version. */
MUST_USE bool version_rows(struct arena *arena, const struct value *type,
                           const struct resource_list *versions, struct strbuf *lines,
                           struct error *err);

#endif
