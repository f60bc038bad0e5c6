/* Signatures by people on entries: raw Ed25519, OpenSSH's SSHSIG, passkeys (ledger.md 4). */
#ifndef ATTEST_LEDGER_SIGNATURE_H
#define ATTEST_LEDGER_SIGNATURE_H
#include "base/value.h"
#include "ledger/note.h"

/* The canonical entry without n, at and sig: what is signed. */
MUST_USE bool signature_message(struct arena *arena, const struct value *entry,
                                struct slice *message, struct error *err);
/* Whether entry's `sig` has exactly one known form and verifies. */
bool signature_holds(struct arena *arena, const struct value *entry, struct error *err);

enum signer_state { SIGNER_ESTABLISHED, SIGNER_NOT_ESTABLISHED, SIGNER_WRONG };
/* Whether an OpenSSH allowed_signers text pins the key of `sig` to `principal` (plain name) for the
 * namespace attest at the entry's time. */
enum signer_state signer_established(const struct value *entry, struct slice principal,
                                     struct slice allowed_signers);

/* A person's key on disk: OpenSSH private key file, Ed25519 without passphrase.
 * ERROR_INVALID says what is wrong and how to make one. */
struct person_key {
    uint8_t seed[32];
    uint8_t public_key[32];
};
MUST_USE bool person_key_read(struct arena *arena, const char *path, struct person_key *key,
                              struct error *err);
/* Writes such a file (mode 0600, refuses to overwrite) and PATH.pub; gives the public line. */
MUST_USE bool person_key_create(struct arena *arena, const char *path, struct slice comment,
                                struct slice *public_line, struct error *err);
/* An Ed25519 key to sign with, wherever its secret is: in a file or an ssh-agent. */
struct person_signer {
    uint8_t public_key[32];
    bool (*sign)(void *context, struct slice bytes, uint8_t signature[64], struct error *err);
    void *context;
};
/* A key that was read; borrowed. */
struct person_signer person_key_signer(struct person_key *key);
/* "ssh-ed25519 AAAA... comment" to its key blob. */
MUST_USE bool ssh_public_parse(struct arena *arena, struct slice line, struct slice *blob,
                               struct error *err);
/* The Ed25519 key of such a line; false if it is another or none. */
MUST_USE bool ssh_public_ed25519(struct arena *arena, struct slice line, uint8_t public_key[32]);
/* "SHA256:..." as ssh-keygen -l prints it. */
void ssh_fingerprint_add(struct strbuf *out, const uint8_t public_key[32]);
/* `sig` in the form {"key","sshsig"}. */
MUST_USE struct value *signature_make(struct arena *arena, const struct person_signer *key,
                                      struct slice message, struct error *err);

#endif
