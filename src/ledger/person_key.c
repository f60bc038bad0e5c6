/* A person's Ed25519 key in OpenSSH's private key file (PROTOCOL.key), so that ssh-keygen and
 * ssh-agent can use it too. */
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/signature.h"
#include "ledger/ssh_wire.h"

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END "-----END OPENSSH PRIVATE KEY-----"
#define MAGIC "openssh-key-v1\0" /* the NUL belongs to it */
#define KEY_TYPE "ssh-ed25519"

enum { KEY_FILE_BYTES_MAX = 64 * 1024, LINE_CHARACTERS = 70, CIPHER_BLOCK = 8 };

/* ---- reading ---- */

static bool refuse(struct error *err, const char *path, const char *why)
{
    error_set(err, ERROR_INVALID, path, "not a key that attest can sign with: %s", why);
    return error_hint(err, "make one with: attest key new, or ssh-keygen -t ed25519 -N '' -f FILE");
}

/* The base64 between the armour lines, without line ends. */
static bool armour_open(struct arena *arena, struct slice text, const char *path,
                        struct slice *blob, struct error *err)
{
    struct slice line;
    bool is_inside = false, has_ended = false;
    size_t len = 0, count, room = text.len + 1; /* of base64, hence more than its bytes need */
    char *joined = arena_alloc(arena, room, err);
    uint8_t *bytes = arena_alloc(arena, room, err);
    if (!joined || !bytes)
        return false;
    while (!has_ended && slice_line(&text, &line)) {
        line = slice_trim(line);
        if (slice_is(line, BEGIN)) {
            is_inside = true;
        } else if (slice_is(line, END)) {
            has_ended = is_inside;
        } else if (is_inside && line.len > 0) {
            memcpy(joined + len, line.at, line.len);
            len += line.len;
        }
    }
    if (!has_ended)
        return refuse(err, path, "it has no lines " BEGIN " and END");
    if (!base64_parse((struct slice){ joined, len }, bytes, room, &count))
        return refuse(err, path, "what is between the lines is not base64");
    *blob = slice_bytes(bytes, count);
    return true;
}

/* The part that a passphrase would encrypt. */
static bool private_part_read(struct slice part, struct person_key *key)
{
    uint32_t check, check_again;
    struct slice type, public_key, secret_key, comment;
    if (!ssh_u32_next(&part, &check) || !ssh_u32_next(&part, &check_again) ||
        check != check_again || !ssh_string_next(&part, &type) || !slice_is(type, KEY_TYPE) ||
        !ssh_string_next(&part, &public_key) || public_key.len != 32 ||
        !ssh_string_next(&part, &secret_key) || secret_key.len != 64 ||
        !ssh_string_next(&part, &comment))
        return false;
    for (size_t i = 0; i < part.len; i++) { /* padding: 1, 2, 3 ... */
        if (part.at[i] != (char)(i + 1) || part.len >= CIPHER_BLOCK)
            return false;
    }
    memcpy(key->seed, secret_key.at, sizeof key->seed);
    ed25519_public_key(key->seed, key->public_key);
    return memcmp(key->public_key, public_key.at, sizeof key->public_key) == 0 &&
           memcmp(secret_key.at + 32, public_key.at, 32) == 0;
}

static bool blob_read(struct slice blob, const char *path, struct person_key *key,
                      struct error *err)
{
    const struct slice magic = { MAGIC, sizeof MAGIC - 1 };
    struct slice cipher, kdf, kdf_options, public_key, part;
    uint32_t keys_count;
    uint8_t raw[32];
    if (!slice_starts_with(blob, magic))
        return refuse(err, path, "it is not in OpenSSH's format");
    blob = slice_from(blob, magic.len);
    if (!ssh_string_next(&blob, &cipher) || !ssh_string_next(&blob, &kdf) ||
        !ssh_string_next(&blob, &kdf_options) || !ssh_u32_next(&blob, &keys_count) ||
        keys_count != 1 || !ssh_string_next(&blob, &public_key) || !ssh_string_next(&blob, &part))
        return refuse(err, path, "it is cut short, or holds several keys");
    if (!slice_is(cipher, "none")) {
        error_set(err, ERROR_INVALID, path, "this key has a passphrase, and attest asks for none");
        return error_hint(err, "add it to an ssh-agent, and leave --sign-key out: ssh-add %s",
                          path);
    }
    if (!slice_is(kdf, "none") || kdf_options.len > 0 || blob.len > 0)
        return refuse(err, path, "it is not in OpenSSH's format");
    if (!ssh_ed25519_key(public_key, raw))
        return refuse(err, path, "it is not an Ed25519 key");
    if (!private_part_read(part, key) || memcmp(raw, key->public_key, sizeof raw) != 0)
        return refuse(err, path, "its parts do not belong together");
    return true;
}

bool person_key_read(struct arena *arena, const char *path, struct person_key *key,
                     struct error *err)
{
    struct slice text, blob;
    return file_read(arena, path, KEY_FILE_BYTES_MAX, &text, err) &&
           armour_open(arena, text, path, &blob, err) && blob_read(blob, path, key, err);
}

/* ---- writing ---- */

static void private_part_add(const struct person_key *key, struct slice comment, struct strbuf *out)
{
    uint8_t secret_key[64];
    uint32_t check;
    size_t start = out->len;
    random_fill(&check, sizeof check);
    memcpy(secret_key, key->seed, 32);
    memcpy(secret_key + 32, key->public_key, 32);
    ssh_u32_add(out, check);
    ssh_u32_add(out, check);
    ssh_string_add(out, SLICE(KEY_TYPE));
    ssh_string_add(out, slice_bytes(key->public_key, sizeof key->public_key));
    ssh_string_add(out, slice_bytes(secret_key, sizeof secret_key));
    ssh_string_add(out, comment);
    for (char pad = 1; (out->len - start) % CIPHER_BLOCK != 0 && !out->failed; pad++)
        strbuf_add_char(out, pad);
    sodium_memzero(secret_key, sizeof secret_key);
}

static void key_file_add(const struct person_key *key, struct slice comment, struct strbuf *out)
{
    uint8_t public_blob[SSH_ED25519_BLOB_BYTES];
    struct strbuf blob = strbuf_new(KEY_FILE_BYTES_MAX), part = strbuf_new(KEY_FILE_BYTES_MAX);
    struct strbuf text = strbuf_new(KEY_FILE_BYTES_MAX);
    ssh_ed25519_blob(key->public_key, public_blob);
    private_part_add(key, comment, &part);
    strbuf_add(&blob, (struct slice){ MAGIC, sizeof MAGIC - 1 });
    ssh_string_add(&blob, SLICE("none")); /* cipher */
    ssh_string_add(&blob, SLICE("none")); /* key derivation */
    ssh_string_add(&blob, SLICE(""));
    ssh_u32_add(&blob, 1);
    ssh_string_add(&blob, slice_bytes(public_blob, sizeof public_blob));
    ssh_string_add(&blob, strbuf_slice(&part));
    base64_add(&text, blob.at, blob.len);
    strbuf_add_text(out, BEGIN "\n");
    for (size_t at = 0; at < text.len; at += LINE_CHARACTERS) {
        size_t rest = text.len - at;
        strbuf_add(out, slice_head(slice_from(strbuf_slice(&text), at),
                                   rest < LINE_CHARACTERS ? rest : LINE_CHARACTERS));
        strbuf_add_char(out, '\n');
    }
    strbuf_add_text(out, END "\n");
    if (blob.failed || part.failed || text.failed)
        out->failed = true;
    if (blob.at)
        sodium_memzero(blob.at, blob.len);
    if (part.at)
        sodium_memzero(part.at, part.len);
    if (text.at)
        sodium_memzero(text.at, text.len);
    strbuf_free(&blob);
    strbuf_free(&part);
    strbuf_free(&text);
}

/* A key is never overwritten: without it nobody can act as its person again. */
static bool file_create(const char *path, mode_t mode, struct slice content, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return error_errno(err, "create", path);
    bool is_written = fd_write_all(fd, content, path, err);
    if (is_written && fsync(fd) != 0)
        is_written = error_errno(err, "sync", path);
    if (close(fd) != 0 && is_written)
        is_written = error_errno(err, "close", path);
    if (!is_written)
        (void)unlink(path);
    return is_written;
}

static bool public_line_make(struct arena *arena, const struct person_key *key,
                             struct slice comment, struct slice *line, struct error *err)
{
    uint8_t blob[SSH_ED25519_BLOB_BYTES];
    struct strbuf text = strbuf_new(KEY_FILE_BYTES_MAX);
    ssh_ed25519_blob(key->public_key, blob);
    strbuf_add_text(&text, KEY_TYPE " ");
    base64_add(&text, blob, sizeof blob);
    if (comment.len > 0) {
        strbuf_add_char(&text, ' ');
        strbuf_add(&text, comment);
    }
    bool is_made = strbuf_ok(&text, err) && arena_copy(arena, strbuf_slice(&text), line, err);
    strbuf_free(&text);
    return is_made;
}

static bool comment_is_valid(struct slice comment, struct error *err)
{
    for (size_t i = 0; i < comment.len; i++) {
        if ((unsigned char)comment.at[i] < 0x20)
            return error_set(err, ERROR_INVALID, NULL, "a key's comment holds a control character");
    }
    return comment.len <= 1024 ||
           error_set(err, ERROR_INVALID, NULL, "a key's comment has more than 1024 bytes");
}

bool person_key_create(struct arena *arena, const char *path, struct slice comment,
                       struct slice *public_line, struct error *err)
{
    bool ok = false;
    struct person_key key;
    struct strbuf file = strbuf_new(KEY_FILE_BYTES_MAX);
    char *line = NULL, *public_path = arena_printf(arena, err, "%s.pub", path);
    if (!public_path || !comment_is_valid(comment, err))
        goto done;
    random_fill(key.seed, sizeof key.seed);
    ed25519_public_key(key.seed, key.public_key);
    key_file_add(&key, comment, &file);
    if (!strbuf_ok(&file, err) || !public_line_make(arena, &key, comment, public_line, err))
        goto done;
    line = arena_printf(arena, err, "%.*s\n", SLICE_ARG(*public_line));
    if (!line || !file_create(path, 0600, strbuf_slice(&file), err))
        goto done;
    if (!file_create(public_path, 0644, slice_of(line), err)) {
        (void)unlink(path);
        goto done;
    }
    ok = true;
done:
    sodium_memzero(&key, sizeof key);
    if (file.at)
        sodium_memzero(file.at, file.len);
    strbuf_free(&file);
    return ok;
}

static bool sign_with_seed(void *context, struct slice bytes, uint8_t signature[64],
                           struct error *err)
{
    const struct person_key *key = context;
    (void)err;
    ed25519_sign(key->seed, bytes, signature);
    return true;
}

struct person_signer person_key_signer(struct person_key *key)
{
    struct person_signer signing = { .sign = sign_with_seed, .context = key };
    memcpy(signing.public_key, key->public_key, sizeof signing.public_key);
    return signing;
}

/* ---- public keys ---- */

bool ssh_public_parse(struct arena *arena, struct slice line, struct slice *blob, struct error *err)
{
    struct slice type, rest, encoded, named, inner;
    size_t count;
    line = slice_trim(line);
    if (!slice_split(line, ' ', &type, &rest))
        return error_set(err, ERROR_INVALID, NULL,
                         "a public key is a type and base64, as in a .pub file");
    encoded = rest;
    (void)slice_split(rest, ' ', &encoded, &rest); /* a comment may follow */
    uint8_t *bytes = arena_alloc(arena, encoded.len + 1, err);
    if (!bytes)
        return false;
    if (!base64_parse(encoded, bytes, encoded.len, &count))
        return error_set(err, ERROR_INVALID, NULL, "the public key is not base64");
    *blob = inner = slice_bytes(bytes, count);
    if (!ssh_string_next(&inner, &named) || !slice_equal(named, type))
        return error_set(err, ERROR_INVALID, NULL, "the public key is not a %.*s key",
                         SLICE_ARG(type));
    return true;
}

bool ssh_public_ed25519(struct arena *arena, struct slice line, uint8_t public_key[32])
{
    struct error ignored = { 0 };
    struct slice blob;
    return ssh_public_parse(arena, line, &blob, &ignored) && ssh_ed25519_key(blob, public_key);
}

void ssh_fingerprint_add(struct strbuf *out, const uint8_t public_key[32])
{
    uint8_t blob[SSH_ED25519_BLOB_BYTES];
    char text[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    ssh_ed25519_blob(public_key, blob);
    struct digest digest = sha256_of(slice_bytes(blob, sizeof blob));
    sodium_bin2base64(text, sizeof text, digest.bytes, sizeof digest.bytes,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    strbuf_printf(out, "SHA256:%s", text);
}
