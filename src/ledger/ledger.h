/* The ledger on disk: an append-only log of entries in tiles, one writer, readers that never wait.
 *
 * Files and the order of a commit: ledger.md 2 and 5. The ledger knows nothing of SOC 2. Payloads are
 * the caller's: they are durable before the entries that commit to them (hook `stage`). */
#ifndef ATTEST_LEDGER_LEDGER_H
#define ATTEST_LEDGER_LEDGER_H
#include "base/value.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "ledger/rules.h"

struct ledger; /* layout: ledger.c */

enum ledger_mode { LEDGER_READ, LEDGER_WRITE };

/* Makes the folder, its key and an empty log (size 0, no checkpoint yet); the first commit must begin
 * with ledger.start. ERROR_INVALID if a ledger is there already. */
MUST_USE bool ledger_create(const char *folder, struct slice origin, struct error *err);

/* Opens. LEDGER_WRITE takes the lock (ERROR_LOCKED names the holder if known), then repairs what a
 * crash left and refuses what ledger.md 5 says; ERROR_CORRUPT names file, expected, found, next step.
 * LEDGER_READ reads public/checkpoint. */
MUST_USE struct ledger *ledger_open(const char *folder, enum ledger_mode mode, struct error *err);
void ledger_close(struct ledger *ledger); /* NULL is fine; releases the lock */

struct slice ledger_origin(const struct ledger *ledger);
uint64_t ledger_size(const struct ledger *ledger); /* entries of the head (reader: at opening) */
struct slice ledger_note(const struct ledger *ledger); /* the signed head; empty if size is 0 */
const struct verifier_key *ledger_verifier(const struct ledger *ledger);
const struct signing_key *ledger_key(const struct ledger *ledger); /* writers only, else NULL */

/* Bytes of entry n < size, copied into the arena. ERROR_CORRUPT if the bundle is not whole. */
MUST_USE bool ledger_entry(struct ledger *ledger, struct arena *arena, uint64_t n,
                           struct slice *bytes, struct error *err);
/* All entries from..to (excluded) in order, bundle by bundle. The callback's slice is borrowed. */
typedef bool ledger_entry_fn(void *context, uint64_t n, struct slice entry, struct error *err);
MUST_USE bool ledger_each(struct ledger *ledger, uint64_t from, uint64_t to, ledger_entry_fn *each,
                          void *context, struct error *err);
MUST_USE bool ledger_leaf(struct ledger *ledger, uint64_t n, struct digest *leaf,
                          struct error *err);
MUST_USE bool ledger_root(struct ledger *ledger, uint64_t size, struct digest *root,
                          struct error *err);
const struct hash_source *ledger_hashes(struct ledger *ledger);

/* An entry to be. The ledger adds v, n and at, sorts inputs, and computes the leaf. */
struct ledger_draft {
    const char *type;
    const char *side; /* management, auditor or system */
    struct slice actor; /* as the ledger shows it: kind/slug or c/<hex> */
    const struct digest *inputs;
    size_t inputs_count;
    /* Inputs that are earlier drafts of the same batch, by position. */
    const size_t *inputs_of_batch;
    size_t inputs_of_batch_count;
    struct value *body;
    /* Signs the message (signature.h) and returns `sig`; NULL for no signature. */
    struct value *(*sign)(void *context, struct arena *arena, struct slice message,
                          struct error *err);
    void *sign_context;
};
struct ledger_appended {
    uint64_t n;
    struct digest leaf;
    struct slice bytes; /* of the entry; in the commit's arena */
};
struct ledger_batch {
    const struct ledger_draft *drafts;
    size_t count;
    /* More than 32 inputs: the list beyond becomes a payload, which this stores. May be NULL: then
     * such a draft is refused. Returns {"bytes","c"}. */
    struct value *(*put_payload)(void *context, struct arena *arena, struct slice bytes,
                                 struct error *err);
    /* Called when the entries are formed and before any of them is written: must make durable all
     * that belongs to them. False stops the commit; nothing was written. May be NULL. */
    bool (*stage)(void *context, const struct ledger_appended *entries, size_t count,
                  struct error *err);
    void *context;
};
/* One commit, whole or not at all. appended: as many as drafts. A failed write stops this writer for
 * good (further commits fail with ERROR_IO). Each entry is checked against the rules (rules.h) that
 * can be checked without payloads, before anything is written: ERROR_ORDER with the code. */
MUST_USE bool ledger_commit(struct ledger *ledger, struct arena *arena,
                            const struct ledger_batch *batch, struct ledger_appended *appended,
                            struct error *err);

#endif
