#include "base/digest.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

/* OpenSSL's low-level SHA-256 is deprecated in favour of EVP, but EVP allocates and fetches per
 * hash, which costs more than a leaf's hash; the state is plain data and the block function the
 * same (SHA-NI). */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256), "the state fits");

void sha256_start(struct sha256 *hash)
{
    SHA256_CTX state;
    SHA256_Init(&state);
    memcpy(hash, &state, sizeof state);
}

void sha256_add(struct sha256 *hash, struct slice bytes)
{
    SHA256_CTX state;
    if (bytes.len == 0)
        return;
    memcpy(&state, hash, sizeof state);
    SHA256_Update(&state, bytes.at, bytes.len);
    memcpy(hash, &state, sizeof state);
}

void sha256_finish(struct sha256 *hash, struct digest *digest)
{
    SHA256_CTX state;
    memcpy(&state, hash, sizeof state);
    SHA256_Final(digest->bytes, &state);
}

/* Not the library's one-shot function: that one allocates. */
struct digest sha256_of(struct slice bytes)
{
    struct digest digest;
    struct sha256 hash;
    sha256_start(&hash);
    sha256_add(&hash, bytes);
    sha256_finish(&hash, &digest);
    return digest;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

int digest_compare(const struct digest *a, const struct digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static const char hex_digits[] = "0123456789abcdef";

void digest_hex(const struct digest *digest, char out[65])
{
    for (size_t i = 0; i < sizeof digest->bytes; i++) {
        out[2 * i] = hex_digits[digest->bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[digest->bytes[i] & 15];
    }
    out[64] = '\0';
}

void hex_add(struct strbuf *out, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) {
        strbuf_add_char(out, hex_digits[at[i] >> 4]);
        strbuf_add_char(out, hex_digits[at[i] & 15]);
    }
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool hex_parse(struct slice text, uint8_t *bytes, size_t count)
{
    if (text.len / 2 != count || text.len % 2 != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = hex_value(text.at[2 * i]), low = hex_value(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool digest_from_hex(struct slice text, struct digest *digest)
{
    return hex_parse(text, digest->bytes, sizeof digest->bytes);
}

void base64_add(struct strbuf *out, const void *bytes, size_t count)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i;
        uint32_t group = (uint32_t)at[i] << 16 | (left > 1 ? (uint32_t)at[i + 1] << 8 : 0) |
                         (left > 2 ? at[i + 2] : 0);
        strbuf_add_char(out, letters[group >> 18]);
        strbuf_add_char(out, letters[group >> 12 & 63]);
        strbuf_add_char(out, left > 1 ? letters[group >> 6 & 63] : '=');
        strbuf_add_char(out, left > 2 ? letters[group & 63] : '=');
    }
}

bool base64_parse(struct slice text, uint8_t *out, size_t bytes_max, size_t *count)
{
    const char *end = NULL;
    if (text.len == 0) {
        *count = 0;
        return true;
    }
    /* libsodium refuses white space, bits left over and missing padding; but it takes some bytes
     * above 127 for letters where char is signed, which would give one value two spellings. */
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] > 127)
            return false;
    }
    return text.len % 4 == 0 &&
           sodium_base642bin(out, bytes_max, text.at, text.len, NULL, count, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           end == text.at + text.len;
}

void uuid_of_name(const uint8_t namespace_bytes[16], struct slice name, char out[37])
{
    static const size_t groups[] = { 4, 2, 2, 2, 6 };
    uint8_t hash[SHA_DIGEST_LENGTH];
    const uint8_t *at = hash;
    SHA_CTX state;
    SHA1_Init(&state);
    SHA1_Update(&state, namespace_bytes, 16);
    if (name.len > 0)
        SHA1_Update(&state, name.at, name.len);
    SHA1_Final(hash, &state);
    hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x50);
    hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
    for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
        if (group > 0)
            *out++ = '-';
        for (size_t i = 0; i < groups[group]; i++, at++) {
            *out++ = hex_digits[*at >> 4];
            *out++ = hex_digits[*at & 15];
        }
    }
    *out = '\0';
}

void random_fill(void *bytes, size_t count) { randombytes_buf(bytes, count); }
