#include "ledger/note.h"

#include <string.h>

/* White space as Unicode has it (White_Space), and control characters: none may be in a name. */
static bool is_space_or_control(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool key_name_is_valid(struct slice name)
{
    size_t bad;
    if (name.len == 0 || !utf8_is_valid(name, &bad))
        return false;
    for (size_t at = 0; at < name.len;) {
        uint32_t c = utf8_next(name, &at);
        if (c == '+' || is_space_or_control(c))
            return false;
    }
    return true;
}

void verifier_key_identify(struct verifier_key *key)
{
    uint8_t type = (uint8_t)key->type;
    struct sha256 hash;
    struct digest digest;
    sha256_start(&hash);
    sha256_add(&hash, key->name);
    sha256_add(&hash, SLICE("\n"));
    sha256_add(&hash, slice_bytes(&type, 1));
    sha256_add(&hash, slice_bytes(key->public_key, sizeof key->public_key));
    sha256_finish(&hash, &digest);
    memcpy(key->id, digest.bytes, sizeof key->id);
}

bool verifier_key_parse(struct slice text, struct verifier_key *key)
{
    struct slice id_text, key_text;
    uint8_t id[4], raw[33];
    size_t count;
    if (!slice_split(text, '+', &key->name, &text) ||
        !slice_split(text, '+', &id_text, &key_text) || !key_name_is_valid(key->name) ||
        !hex_parse(id_text, id, sizeof id) || !base64_parse(key_text, raw, sizeof raw, &count) ||
        count != sizeof raw)
        return false;
    if (raw[0] != KEY_LOG && raw[0] != KEY_COSIGNATURE)
        return false;
    key->type = raw[0] == KEY_LOG ? KEY_LOG : KEY_COSIGNATURE;
    memcpy(key->public_key, raw + 1, sizeof key->public_key);
    verifier_key_identify(key);
    return memcmp(key->id, id, sizeof id) == 0;
}

void verifier_key_format(const struct verifier_key *key, struct strbuf *out)
{
    uint8_t raw[33];
    raw[0] = (uint8_t)key->type;
    memcpy(raw + 1, key->public_key, sizeof key->public_key);
    strbuf_add(out, key->name);
    strbuf_add_char(out, '+');
    hex_add(out, key->id, sizeof key->id);
    strbuf_add_char(out, '+');
    base64_add(out, raw, sizeof raw);
}

void signing_key_start(struct signing_key *key, struct slice name, const uint8_t seed[32])
{
    key->name = name;
    memcpy(key->seed, seed, sizeof key->seed);
    ed25519_public_key(seed, key->public_key);
}

struct verifier_key signing_key_verifier(const struct signing_key *key, enum key_type type)
{
    struct verifier_key verifier = { .name = key->name, .type = type };
    memcpy(verifier.public_key, key->public_key, sizeof verifier.public_key);
    verifier_key_identify(&verifier);
    return verifier;
}
