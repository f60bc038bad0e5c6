/* Personal values sealed under a key per data subject (ledger.md 4, Personal data). */
#ifndef ATTEST_LEDGER_SEALED_H
#define ATTEST_LEDGER_SEALED_H
#include "base/digest.h"

enum { SEALED_KEY_BYTES = 32, SEALED_NONCE_BYTES = 24, SEALED_TAG_BYTES = 16 };

/* What stands for the subject in tested columns: HMAC-SHA-256(key, "attest token"). */
struct digest subject_token(const uint8_t key[SEALED_KEY_BYTES]);
/* nonce || XChaCha20-Poly1305(value), additional data token || column. The nonce is fresh for every
 * value: 24 random bytes. */
void sealed_add(struct strbuf *out, const uint8_t key[SEALED_KEY_BYTES],
                const uint8_t nonce[SEALED_NONCE_BYTES], struct slice column, struct slice value);
/* The value; false if key, column or a byte is another. out gets sealed.len - 40 bytes. */
MUST_USE bool sealed_open(struct slice sealed, const uint8_t key[SEALED_KEY_BYTES],
                          struct slice column, uint8_t *out);

#endif
