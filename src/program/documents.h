/* Resources as people write them: files, folders or standard input, read into checked documents. */
#ifndef ATTEST_PROGRAM_DOCUMENTS_H
#define ATTEST_PROGRAM_DOCUMENTS_H
#include "program/kinds.h"

struct document {
    const struct kind *kind;
    struct slice id;   /* CM-02 */
    struct slice name; /* control/CM-02 */
    const char *file;  /* as named, for messages */
    uint32_t line, column;
    const struct value *tree;  /* as written, plain scalars settled (schema_settle_text()) */
    const struct value *sound; /* the same; of a faulty one what is left (schema_sound()) */
    struct slice canonical;    /* RFC 8785 of the tree: what is stored and compared */
    bool is_faulty; /* its errors are told; it is here so that what names it is not told as well */
};
struct documents {
    struct document *items; /* in the order read */
    size_t count;
    size_t capacity;
    bool is_incomplete; /* something could not be read as far as its name: whether a name is missing
                         * cannot be said */
};

/* Reads every PATH: a file, a folder (all *.yaml, *.yml and *.json below it, sorted by path), or
 * "-" for standard input. Each document is checked by its kind's schema and the kind's own rules; a
 * misspelt kind is told and what can be checked still is; the same name twice (without regard to
 * case) is told at the second. All errors become findings, warnings too.
 * Owner:  the arena.
 * Errors: *err for what stops everything (ERROR_NO_MEMORY). True if no error was found. */
MUST_USE bool documents_read(struct arena *arena, const struct catalogue *catalogue,
                             const char *const *paths, size_t paths_count,
                             struct documents *documents, struct findings *findings,
                             struct error *err);
/* The same for text already in memory (an API's body, a starter set): JSON if `file` ends in .json,
 * else YAML. Adds to documents, which starts zeroed. */
MUST_USE bool documents_add(struct arena *arena, const struct catalogue *catalogue,
                            struct slice text, const char *file, struct documents *documents,
                            struct findings *findings, struct error *err);
/* effective_from and effective_to: a day of a zone (NULL: UTC), or an instant. A day that ends
 * something is included, so it gives the instant after it. False: neither. */
struct zone;
MUST_USE bool effective_time(struct slice text, const struct zone *zone, bool is_end,
                             int64_t *instant_us);
/* The starter set NAME ("saas") of the catalogue. ERROR_NOT_FOUND names those there are. */
MUST_USE bool documents_starter(struct arena *arena, const struct catalogue *catalogue,
                                struct slice name, struct documents *documents,
                                struct findings *findings, struct error *err);

#endif
