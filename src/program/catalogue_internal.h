/* Layout of the catalogue, for the files that read and show it. */
#ifndef ATTEST_PROGRAM_CATALOGUE_INTERNAL_H
#define ATTEST_PROGRAM_CATALOGUE_INTERNAL_H
#include "program/kinds.h"

struct access;
struct catalogue_type {
    const char *id; /* changes */
    const struct value *document;
};
/* Files of catalog/starter/<name>/, as resources. */
struct starter_file {
    struct slice pack; /* saas */
    const char *path;  /* as embedded */
    struct slice text; /* the file's bytes */
};
struct starter_document {
    struct slice pack;
    const struct value *document;
};
struct starter_documents {
    const struct starter_document *items;
    size_t count;
};
struct catalogue {
    struct arena *arena;
    const struct catalogue *built_in; /* what own catalogues were added to; NULL: none were */
    struct edition *editions;
    size_t editions_count;
    struct kind **kinds;
    size_t kinds_count;
    struct schema **schemas; /* to be released, as many as kinds */
    struct catalogue_type *types;
    size_t types_count;
    struct starter_file *starters;
    size_t starters_count;
    const struct value *crosswalks;
    const struct value *sheet;
};

/* The embedded files of a folder ("catalog/kinds/"): [from, to) of embedded_files. */
void catalogue_folder(const char *prefix, size_t *from, size_t *to);
/* The one document of an embedded file. ERROR_CORRUPT. */
MUST_USE const struct value *catalogue_document_at(struct arena *arena, const char *path,
                                                   struct error *err);

/* Parses the starter files, which are large, into the arena: only for who looks into them. */
MUST_USE bool starter_documents_read(const struct catalogue *catalogue, struct arena *arena,
                                     struct starter_documents *list, struct error *err);

/* An edition of its document, in the form of catalog/criteria; lends from it. Errors:
 * ERROR_NO_MEMORY. */
MUST_USE bool edition_read(struct arena *arena, const struct value *document,
                           struct edition *edition, struct error *err);

/* NULL if the edition is NULL or has none of that id. */
const struct criterion *catalogue_criterion_in(const struct edition *edition, struct slice id);

/* kinds.c: a kind file becomes a kind; *schema gets what the catalogue must release. `table` is
 * access.yaml. */
MUST_USE struct kind *kind_read(struct arena *arena, const struct value *file, const char *path,
                                const struct value *table, struct schema **schema,
                                struct error *err);
/* access_table.c: what the table says of a kind. ERROR_CORRUPT if it says nothing: deny by default.
 */
MUST_USE bool access_read(struct arena *arena, const struct value *table, struct slice kind,
                          struct access *access, struct error *err);

#endif
