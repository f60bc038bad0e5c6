#include "ledger/note.h"

#include <sodium.h>

/* libsodium checks what RFC 8032 5.1.7 asks and more: s below the group order, a canonical public
 * key, and neither it nor R of small order. */
bool ed25519_verifies(const uint8_t public_key[32], struct slice message, struct slice signature)
{
    return signature.len == crypto_sign_BYTES &&
           crypto_sign_verify_detached((const unsigned char *)signature.at,
                                       (const unsigned char *)(message.len ? message.at : ""),
                                       message.len, public_key) == 0;
}

void ed25519_sign(const uint8_t seed[32], struct slice message, uint8_t signature[64])
{
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(public_key, secret_key, seed);
    (void)crypto_sign_detached(signature, NULL,
                               (const unsigned char *)(message.len ? message.at : ""), message.len,
                               secret_key);
    sodium_memzero(secret_key, sizeof secret_key);
}

void ed25519_public_key(const uint8_t seed[32], uint8_t public_key[32])
{
    unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(public_key, secret_key, seed);
    sodium_memzero(secret_key, sizeof secret_key);
}
