/* OpenSSH's allowed_signers (ssh-keygen(1), ALLOWED SIGNERS): one line a key,
 *
 *     principals [options] keytype base64-key [comment]
 *
 * principals is a list of patterns separated by commas (* and ? match, ! excludes), perhaps quoted.
 * Options are namespaces="...", valid-after="...", valid-before="..."; lines with cert-authority
 * pin certificates, which no form of `sig` has, and pin nothing here. */
#include <string.h>

#include "base/time.h"
#include "ledger/signature.h"
#include "ledger/ssh_wire.h"

#define NAMESPACE "attest"

enum { KEY_BLOB_BYTES_MAX = 4096 };

/* ---- patterns ---- */

static bool pattern_matches(struct slice pattern, struct slice text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.len && (pattern.at[p] == '?' || pattern.at[p] == text.at[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1; /* the last * takes one byte more */
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

/* A list of patterns: some must match, and none with ! before it. */
static bool list_matches(struct slice list, struct slice text)
{
    bool matches = false;
    while (list.len > 0) {
        struct slice pattern = list;
        if (!slice_split(list, ',', &pattern, &list))
            list.len = 0;
        if (slice_starts_with(pattern, SLICE("!"))) {
            if (pattern_matches(slice_from(pattern, 1), text))
                return false;
        } else if (pattern_matches(pattern, text)) {
            matches = true;
        }
    }
    return matches;
}

/* ---- lines ---- */

static bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

/* The next word of a line; blanks inside double quotes belong to it. */
static bool word_next(struct slice *line, struct slice *word)
{
    size_t at = 0;
    bool in_quotes = false;
    while (line->len > 0 && is_blank(line->at[0]))
        *line = slice_from(*line, 1);
    while (at < line->len && (in_quotes || !is_blank(line->at[at]))) {
        if (line->at[at] == '"')
            in_quotes = !in_quotes;
        at++;
    }
    *word = slice_head(*line, at);
    *line = slice_from(*line, at);
    return at > 0 && !in_quotes;
}

static struct slice unquoted(struct slice text)
{
    if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
        return slice_head(slice_from(text, 1), text.len - 2);
    return text;
}

struct signer_line {
    struct slice principals, namespaces;
    int64_t valid_after_us, valid_before_us;
    uint8_t blob[KEY_BLOB_BYTES_MAX];
    size_t blob_bytes;
};

static bool digits_take(struct slice *text, size_t count, int *number)
{
    *number = 0;
    if (text->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        *number = *number * 10 + (text->at[i] - '0');
    }
    *text = slice_from(*text, count);
    return true;
}

/* YYYYMMDD[HHMM[SS]][Z]. Always read as UTC, where ssh-keygen without the Z takes the zone of the
 * machine: a verification must not depend on where it is made. */
static bool instant_parse(struct slice text, int64_t *instant_us)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (slice_ends_with(text, SLICE("Z")))
        text.len--;
    if (!digits_take(&text, 4, &year) || !digits_take(&text, 2, &month) ||
        !digits_take(&text, 2, &day))
        return false;
    if (text.len > 0 && (!digits_take(&text, 2, &hour) || !digits_take(&text, 2, &minute)))
        return false;
    if (text.len > 0 && !digits_take(&text, 2, &second))
        return false;
    if (text.len > 0 || year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    *instant_us = days_from_civil(year, month, day) * US_PER_DAY +
                  ((hour * 60 + minute) * 60 + second) * US_PER_SECOND;
    return true;
}

static bool option_read(struct slice option, struct signer_line *line)
{
    struct slice name, value;
    if (!slice_split(option, '=', &name, &value))
        return false; /* cert-authority, or something unknown: the line pins nothing */
    value = unquoted(value);
    if (slice_is(name, "namespaces")) {
        line->namespaces = value;
        return true;
    }
    if (slice_is(name, "valid-after"))
        return instant_parse(value, &line->valid_after_us);
    if (slice_is(name, "valid-before"))
        return instant_parse(value, &line->valid_before_us);
    return false;
}

/* Options are separated by commas outside quotes. */
static bool options_read(struct slice options, struct signer_line *line)
{
    while (options.len > 0) {
        size_t at = 0;
        bool in_quotes = false;
        while (at < options.len && (in_quotes || options.at[at] != ',')) {
            if (options.at[at] == '"')
                in_quotes = !in_quotes;
            at++;
        }
        if (!option_read(slice_head(options, at), line))
            return false;
        options = slice_from(options, at < options.len ? at + 1 : at);
    }
    return true;
}

/* The word is a key type if the word after it is a key of that type. */
static bool key_read(struct slice type, struct slice encoded, struct signer_line *line)
{
    struct slice named;
    if (!base64_parse(encoded, line->blob, sizeof line->blob, &line->blob_bytes))
        return false;
    struct slice blob = slice_bytes(line->blob, line->blob_bytes);
    return ssh_string_next(&blob, &named) && slice_equal(named, type);
}

static bool line_parse(struct slice text, struct signer_line *line)
{
    struct slice second, third, fourth;
    line->namespaces = SLICE(NAMESPACE);
    line->valid_after_us = INT64_MIN;
    line->valid_before_us = INT64_MAX;
    text = slice_trim(text);
    if (slice_starts_with(text, SLICE("#")) || !word_next(&text, &line->principals) ||
        !word_next(&text, &second) || !word_next(&text, &third))
        return false;
    line->principals = unquoted(line->principals);
    if (key_read(second, third, line))
        return true;
    return options_read(second, line) && word_next(&text, &fourth) && key_read(third, fourth, line);
}

/* ---- the question ---- */

/* The SSH key blob that the signature's `key` stands for. */
static bool blob_of(const struct value *sig, uint8_t blob[KEY_BLOB_BYTES_MAX], size_t *bytes)
{
    struct slice hex = value_text_of(sig, "key");
    uint8_t raw[32];
    if (value_member(sig, "ed25519")) {
        if (!hex_parse(hex, raw, sizeof raw))
            return false;
        ssh_ed25519_blob(raw, blob);
        *bytes = SSH_ED25519_BLOB_BYTES;
        return true;
    }
    *bytes = hex.len / 2;
    return hex.len > 0 && hex.len % 2 == 0 && *bytes <= KEY_BLOB_BYTES_MAX &&
           hex_parse(hex, blob, *bytes);
}

enum signer_state signer_established(const struct value *entry, struct slice principal,
                                     struct slice allowed_signers)
{
    uint8_t blob[KEY_BLOB_BYTES_MAX];
    size_t bytes;
    struct slice text;
    struct signer_line line;
    int64_t at_us;
    enum signer_state state = SIGNER_NOT_ESTABLISHED;
    if (!blob_of(value_member(entry, "sig"), blob, &bytes) ||
        !time_parse_canonical(value_text_of(entry, "at"), &at_us))
        return SIGNER_NOT_ESTABLISHED;
    while (slice_line(&allowed_signers, &text)) {
        if (!line_parse(text, &line) || line.blob_bytes != bytes ||
            memcmp(line.blob, blob, bytes) != 0 ||
            !list_matches(line.namespaces, SLICE(NAMESPACE)) || at_us < line.valid_after_us ||
            at_us >= line.valid_before_us)
            continue;
        if (list_matches(line.principals, principal))
            return SIGNER_ESTABLISHED;
        state = SIGNER_WRONG;
    }
    return state;
}
