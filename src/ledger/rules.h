/* The rules that every ledger must hold (ledger.md 4 and 6): entry by entry, then payloads.
 *
 * One implementation serves the writer (which refuses before writing), `attest verify` over a data
 * directory, and the offline verifier over a bundle. The codes are those of the test vectors.
 *
 * Entries are given one by one and not kept. What is kept, about 80 bytes an entry, is what later
 * entries can ask about: leaf hashes, versions, who withdrew or revealed what, the segments of
 * populations. */
#ifndef ATTEST_LEDGER_RULES_H
#define ATTEST_LEDGER_RULES_H
#include "ledger/entry.h"
#include "ledger/note.h"

/* What is held of a commitment. */
enum payload_state {
    PAYLOAD_HELD,    /* salt and bytes are there */
    PAYLOAD_ABSENT,  /* not in this bundle by its level: a check that is not made */
    PAYLOAD_MISSING, /* should be there and is not: a fault unless erased */
};

/* Takes a chunk of a payload; false stops (then *err is set). */
typedef bool payload_take_fn(void *context, struct slice chunk, struct error *err);

/* Where payloads are found. Slices given are borrowed until the next call.
 *
 * `state` has no error to give: if it cannot tell (a disk that fails) it says PAYLOAD_HELD, and the
 * hook asked next says why. PAYLOAD_MISSING would turn the trouble into a fault of the ledger. */
struct payload_source {
    enum payload_state (*state)(const struct payload_source *source, const struct digest *c);
    /* Salt (32 bytes) and all bytes. Asked for documents, which are small. */
    bool (*open)(const struct payload_source *source, const struct digest *c, struct slice *salt,
                 struct slice *bytes, struct error *err);
    /* Whether SHA-256(salt || bytes) equals c and the length `bytes`; for payloads of any size. May
     * be NULL: then they are opened. */
    bool (*hash)(const struct payload_source *source, const struct digest *c, uint64_t bytes,
                 bool *is_equal, struct error *err);
    /* Gives the bytes, without the salt, in order and in chunks of any size; for items, matrices
     * and packets, which may be large. May be NULL: then they are opened. */
    bool (*stream)(const struct payload_source *source, const struct digest *c,
                   payload_take_fn *take, void *context, struct error *err);
};

/* Entries by number, for the rules that must look at one again: what an erasure may name, whether a
 * missing input comes later, and all payload rules. */
struct entry_source {
    /* How many it can give; may be more than were added so far. */
    uint64_t (*size)(const struct entry_source *source);
    /* Borrowed until the next call. A writer's source also gives entries added but not yet written.
     */
    bool (*entry)(const struct entry_source *source, uint64_t n, struct slice *bytes,
                  struct error *err);
};

/* A fault: which entry, which rule. */
struct fault {
    uint64_t n;
    const char *code; /* "input-later", "wrong-side" ... static */
    const char *type; /* of the entry, static; NULL if it could not be read */
    char detail[320]; /* for people; names entries and what was expected */
};

struct rules_sources {
    /* NULL: nothing is held. Inputs listed in `more` are then unknown, and roles that they could
     * fill are given the benefit of the doubt. */
    const struct payload_source *payloads;
    /* NULL: an erasure's target is not judged, and an input that comes later is called missing. A
     * writer must give it before it writes an erasure. */
    const struct entry_source *entries;
    const struct verifier_key *peers; /* keys of houses whose packets were received */
    size_t peers_count;
};

struct rules; /* layout: rules_state.h: what was seen so far */

/* *sources is copied; what it points at must live as long. NULL with ERROR_NO_MEMORY. */
MUST_USE struct rules *rules_new(const struct rules_sources *sources, struct error *err);
void rules_free(struct rules *rules); /* NULL is fine */

/* Checks entry number rules_size() and remembers what later entries need of it. True: it is right.
 * False: *fault says why (err stays clear), or *err is set and fault->code is NULL. An entry that
 * is refused changes nothing: a writer goes on with another one. */
MUST_USE bool rules_add(struct rules *rules, struct slice entry, struct fault *fault,
                        struct error *err);
/* The same for an entry just made, whose `more` is not in the payload source yet: its bytes. */
MUST_USE bool rules_add_made(struct rules *rules, struct slice entry, struct slice more,
                             struct fault *fault, struct error *err);
/* Forgets the entries from `size` on: a writer's batch that was refused or could not be written. */
void rules_forget(struct rules *rules, uint64_t size);

uint64_t rules_size(const struct rules *rules);
/* Root over the first `size` entries; size <= rules_size(). */
struct digest rules_root(const struct rules *rules, uint64_t size);
/* The index of a leaf; false if none of the entries so far has it. */
MUST_USE bool rules_find(const struct rules *rules, const struct digest *leaf, uint64_t *n);
struct digest rules_leaf(const struct rules *rules, uint64_t n); /* n < rules_size() */

/* What the payload rules could look at. */
struct payload_counts {
    uint64_t held;   /* commitments opened and equal */
    uint64_t absent; /* not in this bundle: not checked */
    uint64_t erased; /* gone, and an erasure names them */
    uint64_t sealed; /* seeds committed and never revealed: the auditor keeps them */
    uint64_t
        unpinned; /* received packets of a house whose key is not known: signature not checked */
};
/* After all entries: the rules on payloads, in order. Needs sources->entries. Result as for
 * rules_add(). */
MUST_USE bool rules_check_payloads(struct rules *rules, struct payload_counts *counts,
                                   struct fault *fault, struct error *err);

/* ---- what a verifier says ---- */
/* A check that verification reports: holds, fails or is not made. */
struct rule_check {
    const char *id;      /* "order.conclusion-after-test" */
    const char *meaning; /* what holds if it holds, in plain words */
    bool of_payloads;    /* made by rules_check_payloads(), not by rules_add() */
};
/* All of them, in the order in which a verifier lists them. */
extern const struct rule_check rule_checks[];
extern const size_t rule_checks_count;

struct rule_code {
    const char *code;
    const char *check;   /* id of the check it belongs to, whatever the entry's type */
    const char *meaning; /* what is wrong, in plain words */
};
extern const struct rule_code rule_codes[];
extern const size_t rule_codes_count;
const struct rule_code *rule_code_find(const char *code); /* NULL: no such code */
/* The check that a fault fails. Faults of order are told apart by the step that has them. */
const struct rule_check *fault_check(const struct fault *fault);

#endif
