/* Everything an organisation writes, as versions: resources, segments, populations, runs, payloads.
 *
 * One model: every row carries n, the index of the ledger entry it belongs to, and is visible to a
 * reader of ledger size s if n < s. The present is s = the published size, `as of` is a smaller s,
 * and what a crash left half done has n >= s and is dropped when the store is opened for writing.
 * So staging, publishing and looking back are one mechanism.
 *
 * The store knows entries and payloads, not what SOC 2 makes of them. SQLite behind this header. */
#ifndef ATTEST_STORE_STORE_H
#define ATTEST_STORE_STORE_H
#include "ledger/ledger.h"

struct store; /* layout: sqlite.c */

enum store_mode { STORE_READ, STORE_WRITE };

/* A ledger that a new one continues: the highest checkpoint known of it, and why (ledger.md 4). */
struct ledger_before {
    struct checkpoint known;
    struct slice reason; /* stands in the ledger in clear, for good */
};

struct store_options {
    enum store_mode mode;
    const struct ledger_before
        *before;               /* store_create_with() only; NULL: the ledger is the first */
    int64_t (*clock_us)(void); /* NULL: the system's, clock_now_us() */
};
/* Makes DIR with ledger and database; the first entry (ledger.start) is written. ERROR_INVALID if
 * something is there already; what an interrupted attempt left does not count and is removed. */
MUST_USE bool store_create(const char *folder, struct slice origin, struct error *err);
/* The same; options may be NULL, their mode is not looked at. */
MUST_USE bool store_create_with(const char *folder, struct slice origin,
                                const struct store_options *options, struct error *err);
/* Whether store_create() would find the folder free: it is not there, is empty, or holds what an
 * interrupted attempt left. Changes nothing. ERROR_INVALID. */
MUST_USE bool store_may_create(const char *folder, struct error *err);
/* ERROR_NOT_FOUND (no data directory there), ERROR_LOCKED, ERROR_CORRUPT.
 *
 * STORE_READ never waits for a writer. STORE_WRITE is the only writer (ledger.h), and deletes what
 * an interrupted commit left: rows with n >= size, and payload files that no row names; before that
 * it makes sure that no row of an entry is missing.
 *
 * One store may be used by several threads, each with its own transaction, except store_payloads().
 */
MUST_USE struct store *store_open(const char *folder, enum store_mode mode, struct error *err);
MUST_USE struct store *store_open_with(const char *folder, const struct store_options *options,
                                       struct error *err);
void store_close(struct store *store); /* NULL is fine */
struct ledger *store_ledger(struct store *store);
const char *store_folder(const struct store *store);
uint64_t store_size(const struct store *store); /* entries visible now */

/* WHEN of the command line: an RFC 3339 instant, a date (the end of that day, UTC) or #N. Gives the
 * ledger size that was the present then: entries with `at` <= the instant. */
MUST_USE bool store_as_of(struct store *store, struct slice when, uint64_t *size,
                          struct error *err);

/* ---- payloads ---- */
struct payload {
    struct digest c;
    uint64_t bytes;
};
/* Stores bytes under a fresh salt, for a draft that is added later to the same transaction and has
 * it at the top level of its body. Up to 64 KiB go into the database, larger ones into a file;
 * either is durable with the commit. What no draft names is dropped. */
struct transaction;
MUST_USE bool payload_put(struct transaction *tx, struct slice bytes, struct payload *payload,
                          struct error *err);
/* Takes over a file that was written in store_tmp() and synced: renamed into the payload folder.
 * The salt was drawn before (so that the commitment could be computed while writing). */
MUST_USE bool payload_take_file(struct transaction *tx, const char *tmp_path,
                                const uint8_t salt[32], const struct payload *payload,
                                struct error *err);
const char *store_tmp(const struct store *store);
/* Bytes and salt of a payload, copied into the arena. ERROR_NOT_FOUND, ERROR_CORRUPT (c does not
 * match). */
MUST_USE bool payload_get(struct store *store, struct arena *arena, const struct digest *c,
                          uint8_t salt[32], struct slice *bytes, struct error *err);
/* Path of a payload that lives in a file; ERROR_NOT_FOUND if it is held in the database. A payload
 * put with payload_take_file() always lives in a file. */
MUST_USE bool payload_file(struct store *store, struct arena *arena, const struct digest *c,
                           uint8_t salt[32], char **path, struct error *err);
/* For rules.h: everything this store holds, salts of private names included. One thread at a time.
 */
const struct payload_source *store_payloads(struct store *store);
/* {"bytes":N,"c":hex} */
MUST_USE struct value *payload_value(struct arena *arena, const struct payload *payload,
                                     struct error *err);

/* ---- names ---- */
/* How the ledger shows a name: itself if public, c/<hex> if private (one salt a name). */
MUST_USE bool name_shown(struct transaction *tx, struct arena *arena, struct slice name,
                         bool is_private, struct slice *shown, struct error *err);
/* The plain name of c/<hex>; ERROR_NOT_FOUND. A name that is not c/... is itself. */
MUST_USE bool name_plain(struct store *store, struct arena *arena, struct slice shown,
                         struct slice *plain, struct error *err);

/* ---- writing: a transaction gathers drafts and rows, and commits them as one batch ---- */
MUST_USE struct transaction *transaction_begin(struct store *store, struct error *err);
void transaction_free(struct transaction *tx); /* drops what was not committed; NULL is fine */
struct arena *transaction_arena(struct transaction *tx);
/* The position of the next draft in this transaction. */
size_t transaction_count(const struct transaction *tx);
/* The position of the first draft of that type and key; false: there is none. */
MUST_USE bool transaction_find(const struct transaction *tx, const char *type, struct slice key,
                               size_t *position);

/* A resource version (ledger types resource, evaluation, conclusion, opinion). */
struct resource_draft {
    struct slice name;      /* control/CM-02 */
    struct slice kind;      /* Control */
    const char *entry_type; /* resource | evaluation | conclusion | opinion */
    bool is_private;
    uint64_t version;             /* one more than the last */
    const struct value *document; /* NULL: removed */
    const struct digest *inputs;  /* leaves it pins; the version before is added by the store */
    size_t inputs_count;
    const size_t *inputs_of_batch;
    size_t inputs_of_batch_count;
};
struct actor {
    struct slice name; /* person/ID or program/attest */
    bool is_private;
    const char *side;
    bool needs_key; /* had a key once: without `sign` nothing is written in that name */
    struct value *(*sign)(void *context, struct arena *arena, struct slice message,
                          struct error *err); /* NULL: no key */
    void *sign_context;
};
/* ERROR_REFUSED if the actor needs a key and does not sign; so does transaction_entry(). */
MUST_USE bool transaction_resource(struct transaction *tx, const struct actor *actor,
                                   const struct resource_draft *draft, struct error *err);
/* Any other entry: body as the ledger has it (payloads already put). `object` is a canonical JSON
 * document kept with the row, for queries by the layers above (type segment, population, test.run,
 * report, blob ...): what the ledger's body does not say in clear, such as row digests, the
 * source's file names, the run's test. May be NULL. */
struct entry_draft {
    const char *type;
    struct slice key; /* a plain name or id this entry is found by, may be empty */
    struct value *body;
    const struct digest *inputs;
    size_t inputs_count;
    const size_t *inputs_of_batch;
    size_t inputs_of_batch_count;
    const struct value *object;
};
MUST_USE bool transaction_entry(struct transaction *tx, const struct actor *actor,
                                const struct entry_draft *draft, struct error *err);
/* All or nothing; ERROR_ORDER if an input is not in the ledger. appended borrows from the
 * transaction's arena: one a draft, in order. If writing fails (ERROR_IO) this store writes no more
 * until it is opened again; a payload that could not be put fails only its transaction. */
MUST_USE bool transaction_commit(struct transaction *tx, const struct ledger_appended **appended,
                                 size_t *count, struct error *err);

/* ---- reading; size is the ledger size to look from ---- */
struct resource_version {
    uint64_t n;
    struct digest leaf;
    struct slice name, kind;
    uint64_t version;
    struct slice actor; /* plain name */
    struct slice side;
    struct slice at;       /* canonical time */
    struct slice document; /* canonical JSON; empty if removed */
    bool is_removed;
};
/* The last version below size (removed ones are found too, is_removed). ERROR_NOT_FOUND. */
MUST_USE bool resource_get(struct store *store, struct arena *arena, struct slice name,
                           uint64_t size, struct resource_version *out, struct error *err);
/* A given version; 0 is the last. */
MUST_USE bool resource_get_version(struct store *store, struct arena *arena, struct slice name,
                                   uint64_t version, uint64_t size, struct resource_version *out,
                                   struct error *err);
struct resource_list {
    struct resource_version *items;
    size_t count;
};
/* Last versions that are not removed, of a kind (empty: all), sorted by name. */
MUST_USE bool resource_list(struct store *store, struct arena *arena, struct slice kind,
                            uint64_t size, struct resource_list *list, struct error *err);
/* All versions of a name, first to last. */
MUST_USE bool resource_history(struct store *store, struct arena *arena, struct slice name,
                               uint64_t size, struct resource_list *list, struct error *err);
/* All versions of all resources of a kind, removals included, by name, then first to last. */
MUST_USE bool resource_versions(struct store *store, struct arena *arena, struct slice kind,
                                uint64_t size, struct resource_list *list, struct error *err);
/* A name that differs only in case (empty if none): ids are unique without regard to case. */
MUST_USE bool resource_same_but_case(struct store *store, struct arena *arena, struct slice name,
                                     uint64_t size, struct slice *other, struct error *err);

struct stored_entry {
    uint64_t n;
    struct digest leaf;
    struct slice type, side, actor, at, key; /* actor plain */
    struct slice object;                     /* canonical JSON or empty */
    struct slice bytes;                      /* the ledger's entry */
};
MUST_USE bool entry_get(struct store *store, struct arena *arena, uint64_t n,
                        struct stored_entry *out, struct error *err);
/* By leaf hash or a unique prefix of at least 8 hex digits; below size. */
MUST_USE bool entry_find(struct store *store, struct arena *arena, struct slice leaf_prefix,
                         uint64_t size, struct stored_entry *out, struct error *err);
struct stored_entries {
    struct stored_entry *items;
    size_t count;
};
/* Entries of a type (and key, if not empty) below size, by n. */
MUST_USE bool entry_list(struct store *store, struct arena *arena, struct slice type,
                         struct slice key, uint64_t size, struct stored_entries *list,
                         struct error *err);
/* Index of a leaf; ERROR_NOT_FOUND. */
MUST_USE bool leaf_index(struct store *store, const struct digest *leaf, uint64_t *n,
                         struct error *err);
/* Whether the database is whole (integrity_check), every row agrees with its ledger entry, none is
 * missing, and every payload and salt gives its commitment (erased ones excepted). Reads
 * everything. What is wrong goes to findings; *err is for a check that could not be made. Returns
 * false only for the latter. */
MUST_USE bool store_check(struct store *store, struct findings *findings, struct error *err);

#endif
