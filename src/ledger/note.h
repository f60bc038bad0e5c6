/* C2SP signed notes and checkpoints: text, signature lines, keys (ledger.md 3). */
#ifndef ATTEST_LEDGER_NOTE_H
#define ATTEST_LEDGER_NOTE_H
#include "ledger/merkle.h"

enum key_type { KEY_LOG = 1, KEY_COSIGNATURE = 4 };
enum { NOTE_SIGNATURES_MAX = 64, NOTE_BYTES_MAX = 64 * 1024 };

/* A verifier key: name+hex(key id)+base64(type || public key). The name borrows from the text it
 * was parsed from. */
struct verifier_key {
    struct slice name; /* no white space, no +, not empty */
    enum key_type type;
    uint8_t public_key[32];
    uint8_t id[4];
};
MUST_USE bool verifier_key_parse(struct slice text, struct verifier_key *key);
void verifier_key_format(const struct verifier_key *key, struct strbuf *out);
/* Fills id from the other fields. */
void verifier_key_identify(struct verifier_key *key);
bool key_name_is_valid(struct slice name);

struct note_signature {
    const struct verifier_key *key; /* of the caller's list */
    uint64_t time_s;                /* cosignature: seconds since 1970; 0 for a log signature */
};
struct note {
    struct slice text; /* with its last newline; borrows from the bytes */
    struct note_signature signatures[NOTE_SIGNATURES_MAX]; /* verified ones only */
    size_t count;
};
/* Takes a note apart at its last blank line and checks its form: UTF-8, no control bytes, ends with
 * a newline. `lines` are the signature lines. Both borrow; nothing is verified yet. */
MUST_USE bool note_split(struct slice bytes, struct slice *text, struct slice *lines,
                         struct error *err);
/* Reads a note and checks the signatures of known keys; unknown ones are ignored. Refused
 * (ERROR_INVALID, the message names the rule): known and wrong, none known, form. */
MUST_USE bool note_open(struct slice bytes, const struct verifier_key *keys, size_t keys_count,
                        struct note *note, struct error *err);

struct checkpoint {
    struct slice origin; /* borrows */
    uint64_t size;
    struct digest root;
};
void checkpoint_text(const struct checkpoint *checkpoint, struct strbuf *out);
MUST_USE bool checkpoint_parse(struct slice text, struct checkpoint *checkpoint, struct error *err);
/* note_open() and checkpoint_parse(), and the log key of that origin must be among the signers. */
MUST_USE bool checkpoint_open(struct slice note_bytes, const struct verifier_key *keys,
                              size_t keys_count, struct checkpoint *checkpoint, struct note *note,
                              struct error *err);

/* Signing. seed: 32 bytes of Ed25519. The key's public half is derived. */
struct signing_key {
    struct slice name; /* borrowed */
    uint8_t seed[32];
    uint8_t public_key[32];
};
void signing_key_start(struct signing_key *key, struct slice name, const uint8_t seed[32]);
struct verifier_key signing_key_verifier(const struct signing_key *key, enum key_type type);
/* text, empty line, one signature line. */
void note_sign(const struct signing_key *key, struct slice text, struct strbuf *out);
/* One line of cosignature/v1 over a checkpoint's text. */
void note_cosign(const struct signing_key *key, struct slice text, uint64_t time_s,
                 struct strbuf *out);

/* Ed25519 with unreduced s refused (RFC 8032 5.1.7). */
bool ed25519_verifies(const uint8_t public_key[32], struct slice message, struct slice signature);
void ed25519_sign(const uint8_t seed[32], struct slice message, uint8_t signature[64]);
void ed25519_public_key(const uint8_t seed[32], uint8_t public_key[32]);

/* ---- offline proof (C2SP tlog-proof): an entry's index, its inclusion proof and a note ---- */
void tlog_proof_format(uint64_t index, const struct digest *hashes, size_t count,
                       struct slice note_bytes, struct strbuf *out);
/* Exactly the form that tlog_proof_format() writes; the note is not opened. note_bytes borrows. */
MUST_USE bool tlog_proof_parse(struct slice bytes, uint64_t *index, struct proof *proof,
                               struct slice *note_bytes, struct error *err);

/* The middle of proof files and of requests to witnesses: hashes in base64, one a line, then an
 * empty line. Reading takes them from *text; false if a line is something else or there are
 * over 63. */
void proof_lines_add(const struct digest *hashes, size_t count, struct strbuf *out);
MUST_USE bool proof_lines_parse(struct slice *text, struct proof *proof);

/* What a report's QR code says: "sha256:<hex of the model>", then the checkpoint's text. */
void report_qr_format(const struct digest *model, const struct checkpoint *checkpoint,
                      struct strbuf *out);

#endif
