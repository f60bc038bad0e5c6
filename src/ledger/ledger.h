/* The ledger on disk: an append-only log of entries in tiles, one writer, readers that never wait.
 *
 * Files and the order of a commit: ledger.md 2 and 5. The ledger knows nothing of SOC 2. Payloads
 * are the caller's: they are durable before the entries that commit to them (hook `stage`). */
#ifndef ATTEST_LEDGER_LEDGER_H
#define ATTEST_LEDGER_LEDGER_H
#include "base/value.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "ledger/rules.h"

struct ledger; /* layout: ledger.c */

enum ledger_mode { LEDGER_READ, LEDGER_WRITE };

/* Makes the folder, its key and an empty log (size 0, no checkpoint yet); the first commit must
 * begin with ledger.start. ERROR_INVALID if a ledger is there already, or the origin is not a key
 * name. */
MUST_USE bool ledger_create(const char *folder, struct slice origin, struct error *err);

struct ledger_options {
    enum ledger_mode mode;
    /* Writer: where the lists of `more` are, which the rules need. NULL: none is held. Must live as
     * long as the ledger. */
    const struct payload_source *payloads;
    const struct verifier_key *peers; /* of houses whose packets were received; the same */
    size_t peers_count;
    int64_t (*clock_us)(void); /* NULL: the system's, clock_now_us() */
    /* Ends what the hooks `stage` of a commit put aside: makes it durable (is_kept), or drops it
     * (then nothing can go wrong). Called once a commit. NULL: `stage` makes durable itself. */
    bool (*settle)(void *context, bool is_kept, struct error *err);
    void *settle_context;
};
/* Opens. LEDGER_READ reads public/checkpoint and never waits: what it covers is never changed.
 *
 * LEDGER_WRITE takes the lock (ERROR_LOCKED names the holder if known), reads every entry (which
 * the rules need), then repairs what a crash left. It refuses what ledger.md 5 lists, before it
 * changes anything: head missing though tiles exist, another key, a bad signature, entries or tiles
 * that do not give the signed root, public/checkpoint ahead of head or another root at its size, an
 * unknown spec, entries against the rules (all ERROR_CORRUPT, naming file, expected, found and next
 * step), and a clock over five minutes behind the last entry (ERROR_IO). */
MUST_USE struct ledger *ledger_open_with(const char *folder, const struct ledger_options *options,
                                         struct error *err);
/* The same with no options but the mode. */
MUST_USE struct ledger *ledger_open(const char *folder, enum ledger_mode mode, struct error *err);
void ledger_close(struct ledger *ledger); /* NULL is fine; releases the lock */

struct slice ledger_origin(const struct ledger *ledger);
uint64_t ledger_size(const struct ledger *ledger); /* entries of the head (reader: at opening) */
/* The signed head; empty if size is 0. Borrowed until the next commit. */
struct slice ledger_note(const struct ledger *ledger);
const struct verifier_key *ledger_verifier(const struct ledger *ledger);
const struct signing_key *ledger_key(const struct ledger *ledger); /* writers only, else NULL */

/* ---- the anchor: a copy of the last note outside of the directory ---- */
/* From now on each commit is copied to `anchor` before it is acknowledged, and opening for writing
 * compares: it refuses (ERROR_CORRUPT) if the copy has a size above ours or another root at its
 * size, and (ERROR_IO) if it is missing or cannot be written. Writes the first copy; a file that is
 * there must be an anchor of this ledger. Not while another thread commits. */
MUST_USE bool ledger_anchor_set(struct ledger *ledger, const char *anchor, struct error *err);
/* From the next opening on there is none. Needs no open ledger: for when the anchor is lost. */
MUST_USE bool ledger_anchor_clear(const char *folder, struct error *err);
/* The path configured in a ledger's folder, copied into the arena; NULL if there is none. */
MUST_USE bool ledger_anchor_path(const char *folder, struct arena *arena, char **anchor,
                                 struct error *err);
/* The note that an anchor holds, not checked; ERROR_IO if it is missing. */
MUST_USE bool ledger_anchor_note(const char *anchor, struct arena *arena, struct slice *note,
                                 struct error *err);

/* ---- a ledger that another one continues; docs/decisions/continue.md ---- */
/* The greatest checkpoint known of a ledger open for reading: its own, its anchor's, or that of
 * `note` (may be empty; `where` says where it was found). Origin and root are copied into the
 * arena or the result. ERROR_CORRUPT if one of them is not signed by this ledger's key or has
 * another root at a size that we have (two histories); ERROR_IO if a configured anchor is missing.
 */
MUST_USE bool ledger_highest(struct ledger *ledger, struct arena *arena, struct slice note,
                             const char *where, struct checkpoint *highest, struct error *err);
/* From now on opening for writing refuses (ERROR_REFUSED) and names the origin that continues this
 * ledger. `place` says where that is to be made: the same origin at the same place again is no
 * error (what was interrupted can be gone on with), another one is (ERROR_REFUSED). Takes the
 * writer's lock: ERROR_LOCKED. */
MUST_USE bool ledger_end(const char *folder, struct slice continued_by, const char *place,
                         struct error *err);

/* Reading may be done by several threads, also while one commits.
 *
 * Bytes of entry n < size, copied into the arena; they have the leaf hash that the tiles hold.
 * ERROR_CORRUPT if the bundle is not whole or the hash is another, ERROR_INVALID if n is not below
 * the size. */
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

/* An entry to be. The ledger adds v, n and at, sorts inputs, and computes the leaf.
 * More than 32 inputs: those of the batch, then `inputs` in the order given, fill the 32 of the
 * entry itself; the rest goes into the list `more`. So name first what must be seen without
 * payloads. */
struct ledger_draft {
    const char *type;
    const char *side;   /* management, auditor or system */
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
    /* Called when this batch's turn has come, to look again at what it was made from: `size` is the
     * ledger's with the batches before it in the same commit. False refuses the batch. May be NULL.
     */
    bool (*check)(void *context, uint64_t size, struct error *err);
    /* More than 32 inputs: the list beyond becomes a payload, which this stores, the draft's
     * position being told. May be NULL: then such a draft is refused. Returns {"bytes","c"}. */
    struct value *(*put_payload)(void *context, struct arena *arena, size_t position,
                                 struct slice bytes, struct error *err);
    /* Called when the entries are formed and before any of them is written: must put aside all that
     * belongs to them, for `settle`. False stops the commit; nothing was written. May be NULL. */
    bool (*stage)(void *context, const struct ledger_appended *entries, size_t count,
                  struct error *err);
    void *context;
};
/* One batch, whole or not at all. appended: as many as drafts.
 *
 * Each entry is checked against the rules (rules.h) that need no payloads but the lists of `more`,
 * before anything is written: ERROR_ORDER, the message begins with the rule's code; the writer can
 * go on with another batch. Any failure from then on (and staging that fails with ERROR_IO) stops
 * this writer for good: further commits fail with ERROR_IO, and what was not acknowledged is judged
 * by the next opening, which either has it whole or drops it.
 *
 * Threads: while one commit syncs, callers queue. The next commit takes waiting batches, first come
 * first served, up to COMMIT_ENTRIES_MAX entries or a larger one alone, and pays one set of syncs
 * for all. A batch is never split. One that is refused leaves the others; if staging or writing
 * fails, all of the commit are told so. The hooks run in one of the callers' threads, while the
 * batch's own caller waits. */
enum { COMMIT_ENTRIES_MAX = 4096 };
MUST_USE bool ledger_commit(struct ledger *ledger, struct arena *arena,
                            const struct ledger_batch *batch, struct ledger_appended *appended,
                            struct error *err);

#endif
