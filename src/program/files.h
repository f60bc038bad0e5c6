/* Files that show something: kept as blobs of the ledger, named by the digest of their bytes.
 *
 * The same bytes are kept once. The name sha256:<hex> stands in resources and in the store, never
 * in the ledger, which holds a salted commitment: a plain digest would tell whoever has a likely
 * file whether it is ours. A blob's `object` is {"bytes","digest","file","media"}. */
#ifndef ATTEST_PROGRAM_FILES_H
#define ATTEST_PROGRAM_FILES_H
#include "store/store.h"

struct attached_file {
    struct slice name;  /* sha256:<hex> */
    struct slice file;  /* its name when it was attached, without folders */
    struct slice media; /* by the ending of that name */
    uint64_t bytes;
    uint64_t n; /* of its entry */
    struct digest leaf;
    struct slice at, actor; /* when and by whom it was attached */
    bool is_new;            /* attached by this call */
};
struct attached_files {
    struct attached_file *items;
    size_t count;
};

/* Puts files into the ledger, in one commit, each streamed; bytes that are there already, or come
 * twice, add nothing. Lists them in the order of the paths, in the arena.
 * Errors: ERROR_NOT_FOUND, ERROR_INVALID (a folder, or empty), ERROR_IO. */
MUST_USE bool files_attach(struct store *store, const struct actor *actor, struct arena *arena,
                           const char *const *paths, size_t count, struct attached_files *files,
                           struct error *err);
/* Whether a text has the form sha256:<64 hex digits>. */
bool file_name_is_valid(struct slice name);
/* A file by its name, below a ledger size. ERROR_NOT_FOUND, with how to attach one. */
MUST_USE bool file_find(struct store *store, struct arena *arena, struct slice name, uint64_t size,
                        struct attached_file *file, struct error *err);
/* All of them, in the order of the ledger. */
MUST_USE bool files_list(struct store *store, struct arena *arena, uint64_t size,
                         struct attached_files *files, struct error *err);
/* Those that a resource names (x-ref: file), in its order; names that are not there are left out,
 * which cannot be but for a document of a faulty store. */
struct kind;
MUST_USE bool files_named(struct store *store, struct arena *arena, const struct kind *kind,
                          const struct value *document, uint64_t size, struct attached_files *files,
                          struct error *err);
/* Streams a file's bytes into a new file beside `path`, which takes its name once commitment and
 * digest are right. ERROR_CORRUPT, ERROR_IO; then `path` is as it was. */
MUST_USE bool file_fetch(struct store *store, struct arena *arena, const struct attached_file *file,
                         const char *path, struct error *err);
/* {"name","file","media","bytes","n","at","actor"} */
MUST_USE struct value *file_value(struct arena *arena, const struct attached_file *file,
                                  struct error *err);

#endif
