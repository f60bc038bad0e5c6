/* Private to the ledger: the encodings that OpenSSH's keys and signatures are made of (RFC 4251 5).
 */
#ifndef ATTEST_LEDGER_SSH_WIRE_H
#define ATTEST_LEDGER_SSH_WIRE_H
#include "base/digest.h"

void ssh_u32_add(struct strbuf *out, uint32_t number);
/* uint32 length, then the bytes. */
void ssh_string_add(struct strbuf *out, struct slice text);
/* Take the next from *blob; false if it is not there whole. */
MUST_USE bool ssh_u32_next(struct slice *blob, uint32_t *number);
MUST_USE bool ssh_string_next(struct slice *blob, struct slice *text);

enum { SSH_ED25519_BLOB_BYTES = 4 + 11 + 4 + 32 };
/* The public key blob of an Ed25519 key. */
void ssh_ed25519_blob(const uint8_t public_key[32], uint8_t blob[SSH_ED25519_BLOB_BYTES]);
/* The key in such a blob; false for any other. */
MUST_USE bool ssh_ed25519_key(struct slice blob, uint8_t public_key[32]);

#endif
