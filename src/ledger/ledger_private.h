/* The layout of a ledger and what its files share. Not for other folders. */
#ifndef ATTEST_LEDGER_LEDGER_PRIVATE_H
#define ATTEST_LEDGER_LEDGER_PRIVATE_H
#include <pthread.h>

#include "ledger/ledger.h"
#include "ledger/tile_writer.h"

#define LEDGER_SPEC "attest-ledger/1"
/* A clock this far behind the last entry is not believed. */
#define CLOCK_BACK_MAX_US (5 * 60 * US_PER_SECOND)

/* A caller's batch; lies on his stack while he waits. */
struct commit_request {
    struct commit_request *next;
    struct arena *arena;
    const struct ledger_batch *batch;
    struct ledger_appended *appended;
    struct error *err;
    bool is_refused, is_done, ok;
};

struct ledger {
    char *folder;        /* the ledger's */
    char *public_folder; /* what readers see */
    char *tmp_folder;
    enum ledger_mode mode;
    char *anchor;        /* writer: path of the note's copy elsewhere, or NULL */
    int lock_fd;         /* writer: holds the flock; else -1 */
    struct arena *arena; /* origin and key names: as long as the ledger */
    struct slice origin;
    struct signing_key key; /* writer */
    struct verifier_key verifier;

    /* The published state. `size` may be read by any thread; the note by the one that commits. */
    _Atomic uint64_t size;
    struct strbuf note;
    struct digest root;
    struct tile_reader *reader;
    pthread_mutex_t bundle_mutex; /* of `bundle`, the one last read */
    struct bundle bundle;

    /* Writer only. */
    pthread_mutex_t queue_mutex; /* of the four below */
    pthread_cond_t commit_ended;
    struct commit_request *waiting, **waiting_end; /* first come, first served */
    bool is_committing; /* some caller leads a commit: what follows is his */
    int64_t (*clock_us)(void);
    int64_t last_at_us;
    const struct payload_source *payloads; /* may be NULL */
    struct rules *rules;                   /* in step with the entries written */
    struct tile_edge *edge;                /* the same */
    struct merkle_edge peaks;              /* the same: a second opinion on the root */
    bool (*settle)(void *context, bool is_kept, struct error *err);
    void *settle_context;
    const struct ledger_appended *formed; /* entries not written yet, for entry_source */
    size_t formed_count;
    struct ledger_entries *entries; /* what the rules read entries from */
    bool is_stopped;                /* a write failed: nothing is written any more */
    struct error stopped_by;
};

/* The entries of a ledger as the rules want them: those on disk, then those of the commit at hand.
 */
struct ledger_entries {
    struct entry_source source; /* first */
    struct ledger *ledger;
    struct bundle bundle;
};

/* ---- ledger_key.c ---- */
/* Makes the key pair: `key` (a signer key as Go's sumdb/note has it: PRIVATE+KEY+name+id+...; mode
 * 0600) and `verifier` (the verifier key, for readers and for people). */
MUST_USE bool ledger_key_create(const char *folder, const char *tmp_folder, struct slice origin,
                                struct error *err);
/* Reads `verifier`; names borrow from the arena. */
MUST_USE bool ledger_verifier_read(struct arena *arena, const char *folder,
                                   struct verifier_key *key, struct error *err);
/* Reads `key` and refuses one that does not belong to the verifier key, whose name it borrows. */
MUST_USE bool ledger_key_read(const char *folder, const struct verifier_key *verifier,
                              struct signing_key *key, struct error *err);

/* ---- ledger_open.c ---- */
/* Reads a signed note of ours: `head` or `public/checkpoint`. *is_there is false if there is none.
 */
MUST_USE bool ledger_note_read(struct ledger *ledger, const char *path, struct arena *arena,
                               bool *is_there, struct slice *note, struct checkpoint *checkpoint,
                               struct error *err);
/* Takes the writer's lock on a ledger's folder; *fd holds it until it is closed. ERROR_LOCKED. */
MUST_USE bool ledger_lock(const char *folder, int *fd, struct error *err);
/* ERROR_REFUSED if another ledger continues this one. */
MUST_USE bool ledger_check_end(const char *folder, struct error *err);
/* All that opening for writing does: lock, checks, repairs. Changes nothing before every check has
 * passed. */
MUST_USE bool ledger_open_writer(struct ledger *ledger, const struct ledger_options *options,
                                 struct error *err);
/* Takes a new state over: what is published from now on. */
MUST_USE bool ledger_set_state(struct ledger *ledger, uint64_t size, const struct digest *root,
                               struct slice note, struct error *err);

/* A note seen elsewhere that has no place in our history is refused: its size is above `size`, or
 * its root another than ours. hint: what to do about the former. */
MUST_USE bool ledger_note_follows(struct ledger *ledger, const char *path,
                                  const struct checkpoint *seen, uint64_t size, const char *hint,
                                  struct error *err);

/* ---- ledger_anchor.c ---- */
/* The anchor, which is configured, against our entries, of which there are `size`. */
MUST_USE bool ledger_anchor_check(struct ledger *ledger, uint64_t size, struct error *err);
/* Copies the note there, durably; if none is configured, nothing. */
MUST_USE bool ledger_anchor_write(struct ledger *ledger, struct slice note, struct error *err);

/* ---- ledger_check.c ---- */
/* Reads every entry: builds edge and rules, compares each tile with what the entries give, and the
 * root with the signed one. Tiles that are not there are counted in *lost. */
MUST_USE bool ledger_check_entries(struct ledger *ledger, const struct checkpoint *head,
                                   size_t *lost, struct error *err);
/* Writes again the tiles that are not there, from the entries just checked. */
MUST_USE bool ledger_rebuild_tiles(struct ledger *ledger, struct error *err);

/* ---- ledger_clean.c ---- */
/* Deletes what lies in tmp/, tile files beyond `size`, and partial files of tiles that are full at
 * `size`; syncs the folders it changed. */
MUST_USE bool ledger_clean(struct ledger *ledger, uint64_t size, struct error *err);
/* Deletes the partial files of tiles that became full between two sizes. What cannot be deleted is
 * left: opening for writing does it again. */
void ledger_drop_partials(const char *public_folder, uint64_t from, uint64_t to);
/* Whether any file lies below tile/. */
MUST_USE bool ledger_has_tiles(const struct ledger *ledger, bool *has_tiles, struct error *err);

/* ---- ledger_files.c ---- */
/* Files of one commit: written and synced one by one, their folders once at the end. */
struct file_group {
    const char *folder; /* public/ */
    const char *tmp_folder;
    char **folders; /* that hold new names */
    size_t count, capacity;
};
/* A tile_file_fn; context is a struct file_group. */
MUST_USE bool file_group_write(void *context, const struct tile *tile, struct slice bytes,
                               struct error *err);
MUST_USE bool file_group_sync(struct file_group *group, struct error *err);
void file_group_free(struct file_group *group);

/* ---- ledger_form.c ---- */
/* Makes the entry of a draft, number ledger->size + ledger->formed_count, and checks it against the
 * rules. appended: of the batch; those before `position` are made. */
MUST_USE bool ledger_form(struct ledger *ledger, struct arena *arena,
                          const struct ledger_batch *batch, size_t position, int64_t at_us,
                          struct ledger_appended *appended, struct error *err);

/* ---- ledger.c ---- */
struct ledger_entries *ledger_entries_new(struct ledger *ledger, struct error *err);
void ledger_entries_free(struct ledger_entries *entries);

#endif
