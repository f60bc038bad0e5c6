#include "ledger/signature.h"

#include <string.h>

#include "base/json.h"
#include "ledger/signature_forms.h"
#include "ledger/ssh_wire.h"
#include "ledger/sshsig.h"

bool signature_message(struct arena *arena, const struct value *entry, struct slice *message,
                       struct error *err)
{
    /* Not n and at, which the ledger gives when it appends; not sig itself. */
    static const char *const left_out[] = { "n", "at", "sig" };
    struct value *signed_part = value_new(arena, VALUE_OBJECT, err);
    if (!signed_part)
        return false;
    for (size_t i = 0; i < value_count(entry); i++) {
        const struct value_member *member = &entry->members[i];
        bool is_left_out = false;
        for (size_t j = 0; j < ARRAY_LEN(left_out); j++)
            is_left_out = is_left_out || slice_is(member->name, left_out[j]);
        if (!is_left_out && !value_put_slice(arena, signed_part, member->name, member->value, err))
            return false;
    }
    return json_canonical_copy(arena, signed_part, message, err);
}

bool base64_value(struct arena *arena, const struct value *value, struct slice *bytes,
                  struct error *err)
{
    struct slice text = value_text(value);
    size_t room = text.len / 4 * 3 + 3, count;
    uint8_t *out = arena_alloc(arena, room, err);
    if (!out || text.len == 0 || !base64_parse(text, out, room, &count))
        return false;
    *bytes = slice_bytes(out, count);
    return true;
}

static const char *ed25519_fault(struct arena *arena, struct slice key,
                                 const struct value *signature, struct slice message,
                                 struct error *err)
{
    struct slice bytes;
    if (key.len != 32)
        return "`key` is not an Ed25519 key of 32 bytes";
    if (!base64_value(arena, signature, &bytes, err))
        return "`ed25519` is not base64";
    return ed25519_verifies((const uint8_t *)key.at, message, bytes)
               ? NULL
               : "the Ed25519 signature does not verify";
}

/* To add a form: a line here. */
static const struct {
    const char *name; /* of the field beside `key` */
    const char *(*fault)(struct arena *arena, struct slice key, const struct value *signature,
                         struct slice message, struct error *err);
} forms[] = {
    { "ed25519", ed25519_fault },
    { "sshsig", sshsig_fault },
    { "webauthn", webauthn_fault },
};

/* `key` of a signature, decoded. */
static bool key_read(struct arena *arena, const struct value *sig, struct slice *key,
                     struct error *err)
{
    struct slice text = value_text_of(sig, "key");
    uint8_t *bytes = arena_alloc(arena, text.len / 2 + 1, err);
    if (!bytes || text.len == 0 || text.len % 2 != 0 || !hex_parse(text, bytes, text.len / 2))
        return false;
    *key = slice_bytes(bytes, text.len / 2);
    return true;
}

static const char *signature_fault(struct arena *arena, const struct value *entry,
                                   struct error *err)
{
    const struct value *sig = value_member(entry, "sig");
    struct slice key, message;
    if (!signature_message(arena, entry, &message, err))
        return "no memory";
    if (!key_read(arena, sig, &key, err))
        return "`key` is not hex";
    for (size_t i = 0; i < ARRAY_LEN(forms) && value_count(sig) == 2; i++) {
        const struct value *signature = value_member(sig, forms[i].name);
        if (signature)
            return forms[i].fault(arena, key, signature, message, err);
    }
    return "a signature is a key and exactly one of ed25519, sshsig, webauthn";
}

bool signature_holds(struct arena *arena, const struct value *entry, struct error *err)
{
    struct error untold = { 0 }; /* why it could not be told, if so */
    const char *fault = signature_fault(arena, entry, &untold);
    if (untold.code != ERROR_NONE) {
        *err = untold;
        return false;
    }
    return !fault || error_set(err, ERROR_INVALID, "sig", "%s", fault);
}

struct value *signature_make(struct arena *arena, const struct person_signer *key,
                             struct slice message, struct error *err)
{
    uint8_t blob[SSH_ED25519_BLOB_BYTES];
    struct strbuf bytes = strbuf_new(1024), hex = strbuf_new(1024), text = strbuf_new(2048);
    struct value *sig = value_new(arena, VALUE_OBJECT, err), *made = NULL;
    ssh_ed25519_blob(key->public_key, blob);
    hex_add(&hex, blob, sizeof blob);
    bool is_signed = sshsig_make(key, message, &bytes, err);
    base64_add(&text, bytes.at, bytes.len);
    if (sig && is_signed && strbuf_ok(&hex, err) && strbuf_ok(&text, err) &&
        value_put_text(arena, sig, "key", strbuf_slice(&hex), err) &&
        value_put_text(arena, sig, "sshsig", strbuf_slice(&text), err))
        made = sig;
    strbuf_free(&bytes);
    strbuf_free(&hex);
    strbuf_free(&text);
    return made;
}
