/* Importing: one file becomes one immutable segment, recorded in the ledger. */
#ifndef ATTEST_EVIDENCE_IMPORT_H
#define ATTEST_EVIDENCE_IMPORT_H
#include "base/progress.h"
#include "base/value.h"
#include "engine/engine.h"
#include "store/store.h"

struct catalogue;

struct import_request {
    struct store *store;   /* open for writing */
    struct engine *engine; /* not locked */
    const struct catalogue *catalogue;
    struct slice source;       /* source/ID */
    const char *path;          /* a file, or the folder of a repository */
    struct slice covers;       /* FROM..TO; empty: what the source claims, if anything */
    struct slice imported_by;  /* person/ID, kept in the record */
    size_t record_bytes_max;   /* of one line or record; 0: 64 MiB */
    struct progress *progress; /* may be NULL; see segment_write.h */
    struct findings *findings; /* takes warnings: what was odd but taken, what was set aside */
};
struct import_result {
    char segment[65]; /* leaf hash of its entry */
    const char *file; /* as requested */
    uint64_t rows;    /* read: kept and set aside */
    uint64_t kept, set_aside, undated;
    struct slice *unknown_fields; /* names, in the order met; in the arena */
    uint64_t *unknown_records;    /* how many records have each */
    size_t unknown_count;
    char row_digest[72], raw_digest[72]; /* sha256:… */
    bool is_already_imported; /* the same bytes by the same version of the source: nothing was
                               * added, and segment names the one that is there */
};

/* Imports one file, whole or not at all. The segment's entry is by program/attest, side system; its
 * inputs are the versions of the source and of the population type (a built-in type is put into the
 * store when first used).
 * Errors: ERROR_NOT_FOUND (no such source; a near name in the hint; no such file), ERROR_INVALID
 *         ("file:line: column" in `where`), ERROR_IO, ERROR_INTERRUPTED, ERROR_NO_MEMORY.
 * Source: contract.md, import and Values; soc2.md D.3 (what a population's record must say). */
MUST_USE bool import_file(const struct import_request *request, struct arena *arena,
                          struct import_result *result, struct error *err);

/* Takes a wrong import out of every later population; it stays listed. segment: a leaf hash or a
 * unique prefix of at least 8 digits. *leaf_hex: of the withdrawn segment. Errors: ERROR_NOT_FOUND,
 * ERROR_INVALID (not a segment, withdrawn already, no reason). */
MUST_USE bool segment_withdraw(struct store *store, const struct actor *actor, struct slice segment,
                               struct slice reason, char leaf_hex[65], struct error *err);

#endif
