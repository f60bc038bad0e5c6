/* Programmes of other tools: their files become documents of ours, as a preset says
 * (catalog/presets/, docs/switching.md). Nothing is written here and no store is touched: the
 * documents are for reading through and applying. What has no place in them is listed, never
 * dropped. */
#ifndef ATTEST_CONVERT_CONVERT_H
#define ATTEST_CONVERT_CONVERT_H
#include "base/value.h"
#include "program/kinds.h"

/* FIELD=VALUE for documents whose kind has the field and whose record does not fill it. */
struct convert_default {
    struct slice field, value;
};
struct convert_request {
    const struct catalogue *catalogue;
    const struct value *preset; /* with `documents` */
    const char *const *paths;
    size_t paths_count;
    const struct convert_default *defaults;
    size_t defaults_count;
    struct slice exported_on; /* a day, or empty */
    struct findings *findings;
};
struct converted {
    struct slice name; /* policy/access */
    const struct kind *kind;
    struct slice id;
    const struct value *document;
    const char *file; /* that it was made of */
    uint32_t line;
};
/* A part of a record that no document holds. Of a field that has no place at all the first value is
 * told, and how many there are; of values that do not fit each. */
struct left_out {
    const char *file;
    uint32_t line;
    struct slice path;   /* satisfies.TSC[] */
    struct slice value;  /* the first of them, cut */
    struct slice reason; /* why it has no place */
    uint64_t count;
};
struct conversion {
    struct converted *documents;
    size_t documents_count;
    struct left_out *left;
    size_t left_count;
    uint64_t records; /* read */
};

/* Reads the files and makes the documents. Owner: the arena.
 * Errors: those of records_read(); ERROR_INVALID (a preset that names no kind, or a field that its
 * kind does not have). */
MUST_USE bool convert(const struct convert_request *request, struct arena *arena,
                      struct conversion *conversion, struct error *err);

/* What a conversion's documents still lack: each is checked as `attest apply` would, by the name of
 * the file that it goes to ("policy/access.yaml"). The findings of `lacking` are these, and
 * {{placeholders}} that another tool would have filled. */
MUST_USE bool conversion_check(const struct conversion *conversion,
                               const struct catalogue *catalogue, struct arena *arena,
                               struct findings *lacking, struct error *err);

#endif
