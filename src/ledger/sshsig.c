/* OpenSSH's SSHSIG (PROTOCOL.sshsig), as `ssh-keygen -Y sign -n attest` and ssh-agent make it:
 * version 1, namespace attest, hash sha512, Ed25519. Nothing in it is free but the signature
 * itself, so a signature is checked by writing it again. */
#include "ledger/sshsig.h"

#include <sodium.h>
#include <string.h>

#include "ledger/signature_forms.h"
#include "ledger/ssh_wire.h"

#define MAGIC "SSHSIG"
#define NAMESPACE "attest"
#define HASH "sha512"

enum { SSHSIG_BYTES_MAX = 1024 };

/* What the key signs. */
static void signed_bytes_add(struct slice message, struct strbuf *out)
{
    unsigned char hash[crypto_hash_sha512_BYTES];
    (void)crypto_hash_sha512(hash, (const unsigned char *)(message.len ? message.at : ""),
                             message.len);
    strbuf_add_text(out, MAGIC);
    ssh_string_add(out, SLICE(NAMESPACE));
    ssh_string_add(out, SLICE("")); /* reserved */
    ssh_string_add(out, SLICE(HASH));
    ssh_string_add(out, slice_bytes(hash, sizeof hash));
}

/* The whole signature, as it stands in base64. */
static void sshsig_add(struct slice key_blob, struct slice signature, struct strbuf *out)
{
    struct strbuf inner = strbuf_new(SSHSIG_BYTES_MAX);
    ssh_string_add(&inner, SLICE("ssh-ed25519"));
    ssh_string_add(&inner, signature);
    strbuf_add_text(out, MAGIC);
    ssh_u32_add(out, 1);
    ssh_string_add(out, key_blob);
    ssh_string_add(out, SLICE(NAMESPACE));
    ssh_string_add(out, SLICE(""));
    ssh_string_add(out, SLICE(HASH));
    ssh_string_add(out, strbuf_slice(&inner));
    if (inner.failed)
        out->failed = true;
    strbuf_free(&inner);
}

const char *sshsig_fault(struct arena *arena, struct slice key, const struct value *signature,
                         struct slice message, struct error *err)
{
    const char *fault = NULL;
    uint8_t public_key[32];
    struct slice given;
    struct strbuf expected = strbuf_new(SSHSIG_BYTES_MAX), to_sign = strbuf_new(SSHSIG_BYTES_MAX);
    if (!ssh_ed25519_key(key, public_key))
        return "`key` is not an ssh-ed25519 key";
    if (!base64_value(arena, signature, &given, err))
        return "`sshsig` is not base64";
    if (given.len < 64)
        return "`sshsig` is too short";

    struct slice last = slice_from(given, given.len - 64);
    sshsig_add(key, last, &expected);
    signed_bytes_add(message, &to_sign);
    if (!strbuf_ok(&expected, err) || !strbuf_ok(&to_sign, err))
        fault = "no memory";
    else if (!slice_equal(strbuf_slice(&expected), given))
        fault = "the SSHSIG is not of namespace attest, hash sha512 and this key";
    else if (!ed25519_verifies(public_key, strbuf_slice(&to_sign), last))
        fault = "the SSHSIG does not verify";
    strbuf_free(&expected);
    strbuf_free(&to_sign);
    return fault;
}

bool sshsig_make(const struct person_signer *key, struct slice message, struct strbuf *out,
                 struct error *err)
{
    uint8_t blob[SSH_ED25519_BLOB_BYTES], signature[64];
    struct strbuf to_sign = strbuf_new(SSHSIG_BYTES_MAX);
    ssh_ed25519_blob(key->public_key, blob);
    signed_bytes_add(message, &to_sign);
    bool ok =
        strbuf_ok(&to_sign, err) && key->sign(key->context, strbuf_slice(&to_sign), signature, err);
    if (ok) {
        sshsig_add(slice_bytes(blob, sizeof blob), slice_bytes(signature, sizeof signature), out);
        ok = strbuf_ok(out, err);
    }
    strbuf_free(&to_sign);
    return ok;
}
