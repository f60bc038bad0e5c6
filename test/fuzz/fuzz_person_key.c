/* test/fuzz/fuzz_person_key.c
 * OpenSSH's private key files. A key that is accepted signs what its public half verifies. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "ledger/signature.h"

static void check_key(const struct person_key *key)
{
    static const unsigned char message[] = "message";
    unsigned char public_key[32], secret_key[64], signature[64];
    assert(crypto_sign_seed_keypair(public_key, secret_key, key->seed) == 0);
    assert(memcmp(public_key, key->public_key, sizeof public_key) == 0);
    assert(crypto_sign_detached(signature, NULL, message, sizeof message, secret_key) == 0);
    assert(crypto_sign_verify_detached(signature, message, sizeof message, key->public_key) == 0);
}

static const char *key_path(void)
{
    static char path[] = "/tmp/attest-fuzz-key-XXXXXX";
    static bool is_made;
    int fd = is_made ? -1 : mkstemp(path);
    if (!is_made && (fd < 0 || close(fd) != 0))
        abort();
    is_made = true;
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    struct person_key key = { .seed = { 0 } };
    struct arena *arena = fuzz_arena();
    const char *path = key_path();
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
    if (person_key_read(arena, path, &key, &err))
        check_key(&key);
    else
        fuzz_assert_refused(&err);
    arena_free(arena);
    return 0;
}
