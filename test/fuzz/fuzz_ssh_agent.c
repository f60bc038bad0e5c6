/* test/fuzz/fuzz_ssh_agent.c
 * Answers of an ssh-agent. A key is held only if its blob stands in the list; a signature that is
 * taken is the whole of its answer. */
#include <string.h>

#include "fuzz.h"
#include "ledger/ssh_agent.h"
#include "ledger/ssh_wire.h"

static void check_identities(struct slice answer)
{
    static const uint8_t public_key[32] = "the key of the corpus, 32 bytes";
    uint8_t blob[SSH_ED25519_BLOB_BYTES];
    struct error err = { 0 };
    bool is_held, is_there = false;
    ssh_ed25519_blob(public_key, blob);
    for (size_t at = 0; at + sizeof blob <= answer.len; at++)
        is_there |= memcmp(answer.at + at, blob, sizeof blob) == 0;
    if (!ssh_agent_identities_read(answer, public_key, &is_held, &err))
        fuzz_assert_refused(&err);
    else if (is_held)
        assert(is_there);
}

static void check_signature(struct slice answer)
{
    uint8_t signature[64];
    struct error err = { 0 };
    struct strbuf inner = strbuf_new(FUZZ_TEXT_BYTES_MAX), again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (ssh_agent_signature_read(answer, signature, &err)) {
        ssh_string_add(&inner, SLICE("ssh-ed25519"));
        ssh_string_add(&inner, slice_bytes(signature, sizeof signature));
        strbuf_add_char(&again, answer.at[0]);
        ssh_string_add(&again, strbuf_slice(&inner));
        assert(slice_equal(strbuf_slice(&again), answer));
    } else {
        assert(err.code == ERROR_INVALID || err.code == ERROR_REFUSED);
        assert(err.message[0] != '\0');
    }
    strbuf_free(&inner);
    strbuf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    check_identities(slice_bytes(bytes, size));
    check_signature(slice_bytes(bytes, size));
    return 0;
}
