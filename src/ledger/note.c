/* A note is text, an empty line and signature lines:
 *
 *     EM DASH, space, key name, space, base64(key id(4) || signature), newline
 *
 * The text ends at the last empty line, so it may itself hold some. */
#include "ledger/note.h"

#include <string.h>

#define LINE_START "\xe2\x80\x94 " /* U+2014 */

enum { COSIGNATURE_BYTES = 8 + 64 };

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, ERROR_INVALID, NULL, "signed note: %s", what);
}

/* ---- writing ---- */

static void signature_line_add(const struct verifier_key *key, struct slice signature,
                               struct strbuf *out)
{
    uint8_t raw[4 + COSIGNATURE_BYTES];
    memcpy(raw, key->id, 4);
    memcpy(raw + 4, signature.at, signature.len);
    strbuf_add_text(out, LINE_START);
    strbuf_add(out, key->name);
    strbuf_add_char(out, ' ');
    base64_add(out, raw, 4 + signature.len);
    strbuf_add_char(out, '\n');
}

void note_sign(const struct signing_key *key, struct slice text, struct strbuf *out)
{
    struct verifier_key verifier = signing_key_verifier(key, KEY_LOG);
    uint8_t signature[64];
    ed25519_sign(key->seed, text, signature);
    strbuf_add(out, text);
    strbuf_add_char(out, '\n');
    signature_line_add(&verifier, slice_bytes(signature, sizeof signature), out);
}

/* What a cosignature signs. */
static struct strbuf cosigned_message(struct slice text, uint64_t time_s)
{
    struct strbuf message = strbuf_new(text.len + 64);
    strbuf_add_text(&message, "cosignature/v1\ntime ");
    strbuf_add_u64(&message, time_s);
    strbuf_add_char(&message, '\n');
    strbuf_add(&message, text);
    return message;
}

void note_cosign(const struct signing_key *key, struct slice text, uint64_t time_s,
                 struct strbuf *out)
{
    struct verifier_key verifier = signing_key_verifier(key, KEY_COSIGNATURE);
    struct strbuf message = cosigned_message(text, time_s);
    uint8_t raw[COSIGNATURE_BYTES];
    for (size_t i = 0; i < 8; i++)
        raw[i] = (uint8_t)(time_s >> (56 - 8 * i));
    ed25519_sign(key->seed, strbuf_slice(&message), raw + 8);
    signature_line_add(&verifier, slice_bytes(raw, sizeof raw), out);
    if (message.failed)
        out->failed = true; /* what was signed is not the message: the writer must not use it */
    strbuf_free(&message);
}

/* ---- reading ---- */

bool note_split(struct slice bytes, struct slice *text, struct slice *lines, struct error *err)
{
    size_t bad;
    if (bytes.len > NOTE_BYTES_MAX)
        return refuse(err, "larger than 64 KiB");
    if (!utf8_is_valid(bytes, &bad))
        return refuse(err, "not UTF-8");
    for (size_t i = 0; i < bytes.len; i++) {
        if ((unsigned char)bytes.at[i] < 0x20 && bytes.at[i] != '\n')
            return refuse(err, "a control character");
    }
    if (bytes.len < 2 || bytes.at[bytes.len - 1] != '\n')
        return refuse(err, "no newline at the end");
    size_t at = bytes.len - 1;
    while (at > 0 && !(bytes.at[at] == '\n' && bytes.at[at - 1] == '\n'))
        at--;
    if (at == 0)
        return refuse(err, "no empty line before the signatures");
    *text = slice_head(bytes, at);
    *lines = slice_from(bytes, at + 1);
    return lines->len > 0 || refuse(err, "no signature");
}

struct line {
    struct slice name;
    uint8_t raw[NOTE_BYTES_MAX / 4 * 3]; /* key id, then the signature */
    size_t raw_bytes;
};

static bool line_parse(struct slice text, struct line *line)
{
    struct slice encoded;
    if (!slice_starts_with(text, SLICE(LINE_START)))
        return false;
    text = slice_from(text, sizeof LINE_START - 1);
    return slice_split(text, ' ', &line->name, &encoded) && key_name_is_valid(line->name) &&
           base64_parse(encoded, line->raw, sizeof line->raw, &line->raw_bytes) &&
           line->raw_bytes >= 5;
}

static const struct verifier_key *key_of_line(const struct line *line,
                                              const struct verifier_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(keys[i].name, line->name) && memcmp(keys[i].id, line->raw, 4) == 0)
            return &keys[i];
    }
    return NULL;
}

/* The time of a cosignature and whether it verifies; false with *err if that cannot be told. */
static bool cosignature_check(const struct verifier_key *key, struct slice text, struct slice field,
                              uint64_t *time_s, bool *verifies, struct error *err)
{
    *verifies = false;
    if (field.len != COSIGNATURE_BYTES)
        return true;
    *time_s = 0;
    for (size_t i = 0; i < 8; i++)
        *time_s = *time_s << 8 | (unsigned char)field.at[i];
    if (*time_s == 0 || *time_s > INT64_MAX)
        return true;
    struct strbuf message = cosigned_message(text, *time_s);
    bool is_made = strbuf_ok(&message, err);
    if (is_made)
        *verifies = ed25519_verifies(key->public_key, strbuf_slice(&message), slice_from(field, 8));
    strbuf_free(&message);
    return is_made;
}

/* One signature line: a known key's must verify, another's is passed over. */
static bool line_open(struct slice text, struct slice line_text, const struct verifier_key *keys,
                      size_t keys_count, struct note *note, struct error *err)
{
    struct line line;
    struct note_signature signature = { 0 };
    if (!line_parse(line_text, &line))
        return refuse(err, "a line after the empty one is no signature line");
    signature.key = key_of_line(&line, keys, keys_count);
    if (!signature.key)
        return true;
    struct slice field = slice_bytes(line.raw + 4, line.raw_bytes - 4);
    bool verifies = false;
    if (signature.key->type == KEY_LOG)
        verifies = ed25519_verifies(signature.key->public_key, text, field);
    else if (!cosignature_check(signature.key, text, field, &signature.time_s, &verifies, err))
        return false;
    if (!verifies)
        return error_set(err, ERROR_INVALID, NULL,
                         "signed note: the signature of %.*s does not verify",
                         SLICE_ARG(line.name));
    note->signatures[note->count++] = signature;
    return true;
}

bool note_open(struct slice bytes, const struct verifier_key *keys, size_t keys_count,
               struct note *note, struct error *err)
{
    struct slice lines, line;
    note->count = 0;
    if (!note_split(bytes, &note->text, &lines, err))
        return false;
    for (size_t count = 0; slice_line(&lines, &line); count++) {
        if (count == NOTE_SIGNATURES_MAX)
            return refuse(err, "more than 64 signatures");
        if (!line_open(note->text, line, keys, keys_count, note, err))
            return false;
    }
    return note->count > 0 || refuse(err, "no signature of a known key");
}
