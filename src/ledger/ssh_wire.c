#include "ledger/ssh_wire.h"

#include <string.h>

void ssh_u32_add(struct strbuf *out, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        strbuf_add_char(out, (char)(number >> shift & 0xff));
}

void ssh_string_add(struct strbuf *out, struct slice text)
{
    ssh_u32_add(out, (uint32_t)text.len);
    strbuf_add(out, text);
}

bool ssh_u32_next(struct slice *blob, uint32_t *number)
{
    if (blob->len < 4)
        return false;
    *number = 0;
    for (size_t i = 0; i < 4; i++)
        *number = *number << 8 | (unsigned char)blob->at[i];
    *blob = slice_from(*blob, 4);
    return true;
}

bool ssh_string_next(struct slice *blob, struct slice *text)
{
    uint32_t len;
    if (!ssh_u32_next(blob, &len) || len > blob->len)
        return false;
    *text = slice_head(*blob, len);
    *blob = slice_from(*blob, len);
    return true;
}

static const char ed25519_head[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20";
_Static_assert(sizeof ed25519_head - 1 + 32 == SSH_ED25519_BLOB_BYTES, "two SSH strings");

void ssh_ed25519_blob(const uint8_t public_key[32], uint8_t blob[SSH_ED25519_BLOB_BYTES])
{
    memcpy(blob, ed25519_head, sizeof ed25519_head - 1);
    memcpy(blob + sizeof ed25519_head - 1, public_key, 32);
}

bool ssh_ed25519_key(struct slice blob, uint8_t public_key[32])
{
    if (blob.len != SSH_ED25519_BLOB_BYTES ||
        memcmp(blob.at, ed25519_head, sizeof ed25519_head - 1) != 0)
        return false;
    memcpy(public_key, blob.at + sizeof ed25519_head - 1, 32);
    return true;
}
