/* SHA-256, and the spellings of bytes: hex and base64. */
#ifndef ATTEST_BASE_DIGEST_H
#define ATTEST_BASE_DIGEST_H
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

struct digest {
    uint8_t bytes[32];
};
_Static_assert(sizeof(struct digest) == 32, "SHA-256, as the tile format has it");

/* Running SHA-256. The state is inside, so that it needs no allocation and cannot fail. */
struct sha256 {
    uint64_t opaque[16];
};
void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, struct slice bytes);
void sha256_finish(struct sha256 *hash, struct digest *digest);
struct digest sha256_of(struct slice bytes);
bool digest_equal(const struct digest *a, const struct digest *b);
int digest_compare(const struct digest *a, const struct digest *b);

/* 64 lower-case digits and a NUL. */
void digest_hex(const struct digest *digest, char out[65]);
/* Exactly 64 lower-case digits. */
MUST_USE bool digest_from_hex(struct slice text, struct digest *digest);
void hex_add(struct strbuf *out, const void *bytes, size_t count); /* lower case */
/* An even number of lower-case digits, count * 2 of them. */
MUST_USE bool hex_parse(struct slice text, uint8_t *bytes, size_t count);

/* RFC 4648 standard alphabet with padding, unused bits zero. */
void base64_add(struct strbuf *out, const void *bytes, size_t count);
/* Decodes into out (room for bytes_max); *count is what came. False if not exactly that form. */
MUST_USE bool base64_parse(struct slice text, uint8_t *out, size_t bytes_max, size_t *count);

/* A name-based UUID of version 5 (RFC 9562 5.5: SHA-1, for names, where nobody gains from a
 * collision): 36 characters, lower case, and a NUL. */
void uuid_of_name(const uint8_t namespace_bytes[16], struct slice name, char out[37]);

/* From the system's generator. Never fails (libsodium stops the program if it would). */
void random_fill(void *bytes, size_t count);

#endif
