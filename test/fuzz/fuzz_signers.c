/* test/fuzz/fuzz_signers.c
 * OpenSSH's texts: public key lines and allowed_signers. A line's blob is what its base64 says; a
 * signer is established only by a text that has the signer's key. */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "fuzz.h"
#include "ledger/signature.h"

/* An entry's signature, as far as signers are concerned: its key, and when. */
static const char entry_json[] = "{\"at\":\"2026-11-24T12:26:00.000000Z\",\"sig\":{\"key\":"
                                 "\"0000000b7373682d6564323535313900000020b69a0d22337518de2870e380a"
                                 "320e4b6e1e1ac79f83c54208ba5706"
                                 "6d45c23ef\",\"sshsig\":\"\"}}";
static const char key_base64[] =
    "AAAAC3NzaC1lZDI1NTE5AAAAILaaDSIzdRjeKHDjgKMg5Lbh4ax5+DxUIIulcGbUXCPv";

static bool contains(struct slice text, const char *wanted)
{
    size_t length = strlen(wanted);
    for (size_t at = 0; at + length <= text.len; at++) {
        if (memcmp(text.at + at, wanted, length) == 0)
            return true;
    }
    return false;
}

static void check_public_line(struct arena *arena, struct slice line)
{
    struct error err = { 0 };
    struct slice blob;
    if (!ssh_public_parse(arena, line, &blob, &err)) {
        fuzz_assert_refused(&err);
        return;
    }
    struct strbuf spelled = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    base64_add(&spelled, blob.at, blob.len);
    assert(contains(line, spelled.at));
    strbuf_free(&spelled);
}

static void check_allowed_signers(struct arena *arena, struct slice text)
{
    struct error err = { 0 };
    const struct value *entry =
        json_parse(arena, slice_of(entry_json), "entry", &json_limits_default, &err);
    if (!entry)
        abort();
    enum signer_state state = signer_established(entry, SLICE("person/partner"), text);
    if (state == SIGNER_ESTABLISHED)
        assert(contains(text, key_base64));
    assert(signer_established(entry, SLICE("person/partner"), text) == state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    struct arena *arena = fuzz_arena();
    check_public_line(arena, text);
    check_allowed_signers(arena, text);
    arena_free(arena);
    return 0;
}
