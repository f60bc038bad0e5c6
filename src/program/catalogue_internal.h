/* Layout of the catalogue, for the files that read and show it. */
#ifndef ATTEST_PROGRAM_CATALOGUE_INTERNAL_H
#define ATTEST_PROGRAM_CATALOGUE_INTERNAL_H
#include "program/kinds.h"

struct catalogue_type {
    const char *id; /* changes */
    const struct value *document;
};
/* Files of catalog/starter/<name>/, as resources. */
struct starter_file {
    struct slice pack; /* saas */
    const char *path;  /* as embedded */
    struct slice text; /* the file's bytes */
    const struct value *const *documents;
    size_t documents_count;
};
struct catalogue {
    struct arena *arena;
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

/* kinds.c: a kind file becomes a kind; *schema gets what the catalogue must release. */
MUST_USE struct kind *kind_read(struct arena *arena, const struct value *file, const char *path,
                                struct schema **schema, struct error *err);

#endif
