/* Passkeys: a WebAuthn assertion (Web Authentication 7.2) by an ES256 key. What the authenticator
 * signs is its own data and the hash of the client's; the client's data holds the challenge, which
 * is the hash of our message. The key is an SSH key blob, so that allowed_signers can pin it:
 * sk-ecdsa-sha2-nistp256@openssh.com, nistp256, the point, and as application the relying party's
 * id. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/json.h"
#include "ledger/signature_forms.h"
#include "ledger/ssh_wire.h"

enum {
    POINT_BYTES = 65,             /* 04, x, y */
    AUTHENTICATOR_BYTES_MIN = 37, /* hash of the relying party's id, flags, counter */
    FLAG_USER_PRESENT = 1,
    FLAG_USER_VERIFIED = 4,
    CLIENT_BYTES_MAX = 4096,
};

struct passkey {
    struct slice point, relying_party;
};

static bool passkey_parse(struct slice blob, struct passkey *passkey)
{
    struct slice type, curve;
    return ssh_string_next(&blob, &type) && ssh_string_next(&blob, &curve) &&
           ssh_string_next(&blob, &passkey->point) &&
           ssh_string_next(&blob, &passkey->relying_party) && blob.len == 0 &&
           slice_is(type, "sk-ecdsa-sha2-nistp256@openssh.com") && slice_is(curve, "nistp256") &&
           passkey->point.len == POINT_BYTES && passkey->point.at[0] == 4;
}

static EVP_PKEY *p256_key(struct slice point)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!context || !builder ||
        !OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ||
        !OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.at, point.len))
        goto done;
    params = OSSL_PARAM_BLD_to_param(builder);
    /* A point that is not on the curve gives no key. */
    if (!params || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
done:
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* ECDSA over P-256 with SHA-256; OpenSSL refuses signatures that are not minimal DER. */
static bool es256_verifies(struct slice point, struct slice message, struct slice signature)
{
    EVP_PKEY *key = p256_key(point);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool verifies = key && context &&
                    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) > 0 &&
                    EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len,
                                     (const unsigned char *)message.at, message.len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return verifies;
}

/* Base64 for URLs, without padding (RFC 4648 5), of a hash. */
static void base64url(const struct digest *digest, struct strbuf *out)
{
    size_t start = out->len;
    base64_add(out, digest->bytes, sizeof digest->bytes);
    for (size_t i = start; i < out->len; i++) {
        if (out->at[i] == '+')
            out->at[i] = '-';
        else if (out->at[i] == '/')
            out->at[i] = '_';
        else if (out->at[i] == '=')
            out->len = i;
    }
}

static const char *client_fault(struct arena *arena, struct slice client, struct slice message,
                                struct error *err)
{
    static const struct json_limits limits = { CLIENT_BYTES_MAX, 16, CLIENT_BYTES_MAX };
    struct error ignored = { 0 };
    struct digest challenge = sha256_of(message);
    struct strbuf expected = strbuf_new(64);
    const char *fault = NULL;
    const struct value *client_data = json_parse(arena, client, "client", &limits, &ignored);
    if (!client_data) {
        if (ignored.code != ERROR_INVALID)
            *err = ignored;
        return "`client` is not JSON";
    }
    base64url(&challenge, &expected);
    if (!strbuf_ok(&expected, err))
        fault = "no memory";
    else if (!slice_is(value_text_of(client_data, "type"), "webauthn.get"))
        fault = "the passkey's data is not of an assertion (webauthn.get)";
    else if (!slice_equal(value_text_of(client_data, "challenge"), strbuf_slice(&expected)))
        fault = "the passkey signed another message";
    strbuf_free(&expected);
    return fault;
}

static const char *authenticator_fault(struct slice authenticator, struct slice relying_party)
{
    const unsigned wanted = FLAG_USER_PRESENT | FLAG_USER_VERIFIED;
    if (authenticator.len < AUTHENTICATOR_BYTES_MIN)
        return "`authenticator` is too short";
    struct digest expected = sha256_of(relying_party);
    if (!slice_equal(slice_head(authenticator, 32), slice_bytes(expected.bytes, 32)))
        return "the passkey was used for another relying party";
    if (((unsigned char)authenticator.at[32] & wanted) != wanted)
        return "the passkey's user was not present and verified";
    return NULL;
}

const char *webauthn_fault(struct arena *arena, struct slice key, const struct value *signature,
                           struct slice message, struct error *err)
{
    struct passkey passkey;
    struct slice authenticator, client, der;
    if (!passkey_parse(key, &passkey))
        return "`key` is not an sk-ecdsa-sha2-nistp256 key";
    if (value_count(signature) != 3 ||
        !base64_value(arena, value_member(signature, "authenticator"), &authenticator, err) ||
        !base64_value(arena, value_member(signature, "client"), &client, err) ||
        !base64_value(arena, value_member(signature, "signature"), &der, err))
        return "`webauthn` is not authenticator, client and signature in base64";
    const char *fault = client_fault(arena, client, message, err);
    if (!fault)
        fault = authenticator_fault(authenticator, passkey.relying_party);
    if (fault)
        return fault;

    struct digest client_hash = sha256_of(client);
    struct strbuf to_sign = strbuf_new(authenticator.len + sizeof client_hash.bytes);
    strbuf_add(&to_sign, authenticator);
    strbuf_add(&to_sign, slice_bytes(client_hash.bytes, sizeof client_hash.bytes));
    if (!strbuf_ok(&to_sign, err))
        fault = "no memory";
    else if (!es256_verifies(passkey.point, strbuf_slice(&to_sign), der))
        fault = "the passkey's signature does not verify";
    strbuf_free(&to_sign);
    return fault;
}
