/* The rules that every ledger must hold (ledger.md 4 and 6): entry by entry, then payloads.
 *
 * One implementation serves the writer (which refuses before writing), `attest verify` over a data
 * directory, and the offline verifier over a bundle. The codes are those of the test vectors. */
#ifndef ATTEST_LEDGER_RULES_H
#define ATTEST_LEDGER_RULES_H
#include "base/value.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

/* What is held of a commitment. */
enum payload_state {
    PAYLOAD_HELD,    /* salt and bytes are there */
    PAYLOAD_ABSENT,  /* not in this bundle by its level: a check that is not made */
    PAYLOAD_MISSING, /* should be there and is not: a fault unless erased */
};
/* Where payloads are found. `open` gives the salt and the bytes (borrowed until the next call);
 * large ones may be given to `hash` instead, which streams: it tells whether SHA-256(salt || bytes)
 * equals c and the length. */
struct payload_source {
    enum payload_state (*state)(const struct payload_source *source, const struct digest *c);
    bool (*open)(const struct payload_source *source, const struct digest *c,
                 struct slice *salt, struct slice *bytes, struct error *err);
    bool (*hash)(const struct payload_source *source, const struct digest *c, uint64_t bytes,
                 bool *is_equal, struct error *err);
};

/* A fault: which entry, which rule. */
struct fault {
    uint64_t n;
    const char *code; /* "input-later", "wrong-side" ... static */
    char detail[256]; /* for people; names entries and what was expected */
};

struct rules; /* layout: rules.c: what was seen so far */

MUST_USE struct rules *rules_new(const struct payload_source *payloads,
                                 const struct verifier_key *peers, size_t peers_count,
                                 struct error *err);
void rules_free(struct rules *rules);
/* Checks entry number rules_size() and remembers what later entries need of it. True: it is right.
 * False: *fault says why (err stays clear), or *err is set and fault->code is NULL. After a fault the
 * rules must not be fed further. */
MUST_USE bool rules_add(struct rules *rules, struct slice entry, struct fault *fault,
                        struct error *err);
uint64_t rules_size(const struct rules *rules);
/* After all entries: the rules on payloads, in order. `absent_count` counts commitments not checked
 * because the bundle does not hold them. */
MUST_USE bool rules_check_payloads(struct rules *rules, struct fault *fault, uint64_t *absent_count,
                                   struct error *err);

/* One entry read for use: fields borrow from the arena. */
struct entry {
    uint64_t n;
    struct slice type, side, actor, at;
    const struct value *inputs; /* array of hex strings */
    const struct value *body;
    const struct value *more;      /* payload, or NULL */
    const struct value *sig;       /* or NULL */
    const struct value *whole;
    struct digest leaf;
};
/* Parses and checks form (canonical, fields, body by type), not the rules among entries. *code gets
 * the vectors' code on a fault. */
MUST_USE bool entry_parse(struct arena *arena, struct slice bytes, struct entry *entry,
                          const char **code, struct error *err);
/* {"bytes":N,"c":hex} of a body. */
MUST_USE bool payload_ref(const struct value *payload, struct digest *c, uint64_t *bytes);

/* c = SHA-256(salt || payload). */
struct digest commitment(const uint8_t salt[32], struct slice payload);

#endif
