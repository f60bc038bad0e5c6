#include "ledger/sealed.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SEALED_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   SEALED_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES &&
                   SEALED_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
               "the sizes that the format has");

struct digest subject_token(const uint8_t key[SEALED_KEY_BYTES])
{
    static const char text[] = "attest token";
    struct digest token;
    (void)crypto_auth_hmacsha256(token.bytes, (const unsigned char *)text, sizeof text - 1, key);
    return token;
}

/* Additional data: token || column, so that a value cannot be moved to another subject or column.
 */
static struct strbuf binding(const uint8_t key[SEALED_KEY_BYTES], struct slice column)
{
    struct digest token = subject_token(key);
    struct strbuf data = strbuf_new(sizeof token.bytes + column.len);
    strbuf_add(&data, slice_bytes(token.bytes, sizeof token.bytes));
    strbuf_add(&data, column);
    return data;
}

void sealed_add(struct strbuf *out, const uint8_t key[SEALED_KEY_BYTES],
                const uint8_t nonce[SEALED_NONCE_BYTES], struct slice column, struct slice value)
{
    struct strbuf data = binding(key, column);
    size_t at = out->len + SEALED_NONCE_BYTES;
    strbuf_add(out, slice_bytes(nonce, SEALED_NONCE_BYTES));
    strbuf_add(out, value);
    strbuf_add(out, SLICE("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    if (data.failed)
        out->failed = true;
    if (!out->failed) {
        /* In place: the text becomes the sealed text, the zeros the tag. */
        unsigned char *text = (unsigned char *)out->at + at;
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(text, NULL, text, value.len,
                                                         (const unsigned char *)data.at, data.len,
                                                         NULL, nonce, key);
    }
    strbuf_free(&data);
}

bool sealed_open(struct slice sealed, const uint8_t key[SEALED_KEY_BYTES], struct slice column,
                 uint8_t *out)
{
    bool opens = false;
    struct strbuf data = binding(key, column);
    const unsigned char *bytes = (const unsigned char *)sealed.at;
    if (sealed.len >= SEALED_NONCE_BYTES + SEALED_TAG_BYTES && !data.failed)
        opens = crypto_aead_xchacha20poly1305_ietf_decrypt(
                    out, NULL, NULL, bytes + SEALED_NONCE_BYTES, sealed.len - SEALED_NONCE_BYTES,
                    (const unsigned char *)data.at, data.len, bytes, key) == 0;
    strbuf_free(&data);
    return opens;
}
