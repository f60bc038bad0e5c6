/* The ledger's key pair on disk. */
#include <sodium.h>
#include <string.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

static const char key_prefix[] = "PRIVATE+KEY+";
enum { KEY_FILE_BYTES_MAX = 4096, ORIGIN_BYTES_MAX = 512 };

/* The private form is that of Go's sumdb/note: PRIVATE+KEY+name+hex(id)+base64(type || seed). */
static void private_key_format(const struct signing_key *key, struct strbuf *out)
{
    struct verifier_key verifier = signing_key_verifier(key, KEY_LOG);
    uint8_t secret[33];
    secret[0] = KEY_LOG;
    memcpy(secret + 1, key->seed, 32);
    strbuf_add_text(out, key_prefix);
    strbuf_add(out, key->name);
    strbuf_add_char(out, '+');
    hex_add(out, verifier.id, sizeof(verifier.id));
    strbuf_add_char(out, '+');
    base64_add(out, secret, sizeof(secret));
    strbuf_add_char(out, '\n');
    sodium_memzero(secret, sizeof(secret));
}

/* Without its line end. */
static struct slice first_line(struct slice text)
{
    struct slice line, rest;
    return slice_split(text, '\n', &line, &rest) && rest.len == 0 ? line : text;
}

static bool private_key_parse(struct slice text, struct signing_key *key)
{
    struct slice prefix = SLICE("PRIVATE+KEY+");
    struct slice name, id, encoded;
    uint8_t secret[33], id_bytes[4];
    size_t count = 0;
    if (!slice_starts_with(text, prefix))
        return false;
    text = slice_from(text, prefix.len);
    if (!slice_split(text, '+', &name, &text) || !slice_split(text, '+', &id, &encoded))
        return false;
    bool ok = key_name_is_valid(name) && hex_parse(id, id_bytes, sizeof(id_bytes)) &&
              base64_parse(encoded, secret, sizeof(secret), &count) && count == sizeof(secret) &&
              secret[0] == KEY_LOG;
    if (ok) {
        signing_key_start(key, name, secret + 1);
        struct verifier_key verifier = signing_key_verifier(key, KEY_LOG);
        ok = memcmp(verifier.id, id_bytes, sizeof(id_bytes)) == 0;
    }
    sodium_memzero(secret, sizeof(secret));
    return ok;
}

bool ledger_key_create(const char *folder, const char *tmp_folder, struct slice origin,
                       struct error *err)
{
    bool ok = false;
    char path[LEDGER_PATH_MAX];
    uint8_t seed[32];
    struct signing_key key;
    struct strbuf text = strbuf_new(KEY_FILE_BYTES_MAX);
    if (!key_name_is_valid(origin) || origin.len > ORIGIN_BYTES_MAX) {
        error_set(err, ERROR_INVALID, NULL, "\"%.*s\" cannot be a ledger's origin",
                  SLICE_ARG(origin));
        return error_hint(err,
                          "an origin is a URL without scheme, such as example.com/attest: "
                          "no white space, no +, at most %d bytes",
                          ORIGIN_BYTES_MAX);
    }
    random_fill(seed, sizeof(seed));
    signing_key_start(&key, origin, seed);
    struct verifier_key verifier = signing_key_verifier(&key, KEY_LOG);

    verifier_key_format(&verifier, &text);
    strbuf_add_char(&text, '\n');
    ledger_path(path, folder, "verifier");
    if (!strbuf_ok(&text, err) ||
        !file_write_durable(tmp_folder, path, strbuf_slice(&text), 0644, err))
        goto done;

    /* The private half comes last: with it the ledger exists. */
    strbuf_clear(&text);
    private_key_format(&key, &text);
    ledger_path(path, folder, "key");
    ok = strbuf_ok(&text, err) &&
         file_write_durable(tmp_folder, path, strbuf_slice(&text), 0600, err);
done:
    if (text.at)
        sodium_memzero(text.at, text.capacity);
    strbuf_free(&text);
    sodium_memzero(seed, sizeof(seed));
    sodium_memzero(&key, sizeof(key));
    return ok;
}

/* A key file that is missing from a ledger is damage; without any trace of one there is no ledger.
 */
static bool key_missing(struct error *err, const char *folder, const char *path, const char *what)
{
    static const char *const traces[] = { "key", "verifier", "head", "public/checkpoint" };
    char trace[LEDGER_PATH_MAX];
    if (err->code != ERROR_NOT_FOUND)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
        ledger_path(trace, folder, traces[i]);
        if (!file_exists(trace))
            continue;
        error_set(err, ERROR_CORRUPT, path, "expected the ledger's %s, found no file", what);
        return error_hint(err, "restore it from a backup");
    }
    return error_set(err, ERROR_NOT_FOUND, folder, "there is no ledger");
}

bool ledger_verifier_read(struct arena *arena, const char *folder, struct verifier_key *key,
                          struct error *err)
{
    char path[LEDGER_PATH_MAX];
    struct slice text;
    ledger_path(path, folder, "verifier");
    if (!file_read(arena, path, KEY_FILE_BYTES_MAX, &text, err))
        return key_missing(err, folder, path, "verifier key");
    if (verifier_key_parse(first_line(text), key) && key->type == KEY_LOG)
        return true;
    error_set(err, ERROR_CORRUPT, path, "expected the verifier key of a log, found \"%.*s\"",
              SLICE_ARG(first_line(text)));
    return error_hint(err, "write the ledger's published verifier key there");
}

static bool same_key(const struct verifier_key *a, const struct verifier_key *b)
{
    return slice_equal(a->name, b->name) && memcmp(a->id, b->id, sizeof(a->id)) == 0 &&
           memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0;
}

bool ledger_key_read(const char *folder, const struct verifier_key *verifier,
                     struct signing_key *key, struct error *err)
{
    bool ok = false;
    char path[LEDGER_PATH_MAX];
    struct slice text = { 0 };
    struct verifier_key own;
    struct arena *arena = arena_new((size_t)4 * KEY_FILE_BYTES_MAX, err);
    if (!arena)
        return false;
    ledger_path(path, folder, "key");
    if (!file_read(arena, path, KEY_FILE_BYTES_MAX, &text, err)) {
        (void)key_missing(err, folder, path, "private key");
        goto done;
    }
    if (!private_key_parse(first_line(text), key)) {
        error_set(err, ERROR_CORRUPT, path,
                  "expected a signer key (PRIVATE+KEY+...), found another form");
        (void)error_hint(err, "restore the ledger's key from a backup");
        goto done;
    }
    own = signing_key_verifier(key, KEY_LOG);
    if (!same_key(&own, verifier)) {
        error_set(err, ERROR_CORRUPT, path,
                  "expected the key %.*s+%02x%02x%02x%02x of %s/verifier, "
                  "found %.*s+%02x%02x%02x%02x",
                  SLICE_ARG(verifier->name), verifier->id[0], verifier->id[1], verifier->id[2],
                  verifier->id[3], folder, SLICE_ARG(own.name), own.id[0], own.id[1], own.id[2],
                  own.id[3]);
        (void)error_hint(err, "restore the ledger's own key: another one would fork the ledger");
        goto done;
    }
    key->name = verifier->name; /* lives longer than the text read here */
    ok = true;
done:
    /* The bytes lie in our arena, so they may be written. */
    if (text.len > 0)
        sodium_memzero((void *)(uintptr_t)text.at, text.len);
    if (!ok)
        sodium_memzero(key, sizeof(*key));
    arena_free(arena);
    return ok;
}
