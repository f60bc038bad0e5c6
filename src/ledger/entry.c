#include "ledger/entry.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "ledger/entry_form.h"
#include "ledger/tile.h"

#define INTEGER_MAX ((INT64_C(1) << 53) - 1) /* what every JSON reader holds exactly */

struct digest commitment(const uint8_t salt[32], struct slice payload)
{
    struct sha256 hash;
    struct digest c;
    sha256_start(&hash);
    sha256_add(&hash, slice_bytes(salt, 32));
    sha256_add(&hash, payload);
    sha256_finish(&hash, &c);
    return c;
}

bool entry_integer(const struct value *value, uint64_t *out)
{
    int64_t number;
    if (!value || value->type != VALUE_NUMBER || !value_to_i64(value, &number) || number < 0 ||
        number > INTEGER_MAX)
        return false;
    *out = (uint64_t)number;
    return true;
}

bool payload_ref(const struct value *payload, struct digest *c, uint64_t *bytes)
{
    return value_count(payload) == 2 && payload->type == VALUE_OBJECT &&
           digest_from_hex(value_text_of(payload, "c"), c) &&
           entry_integer(value_member(payload, "bytes"), bytes);
}

/* ---- names ---- */

bool entry_name_commitment(struct slice name, struct digest *c)
{
    return slice_starts_with(name, SLICE("c/")) && digest_from_hex(slice_from(name, 2), c);
}

static bool is_lower_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

bool entry_name_is_valid(struct slice name)
{
    struct slice kind, slug;
    if (!slice_split(name, '/', &kind, &slug) || kind.len == 0 || slug.len == 0 || slug.len > 128 ||
        kind.at[0] < 'a' || kind.at[0] > 'z')
        return false;
    for (size_t i = 0; i < kind.len; i++) {
        if (!is_lower_or_digit(kind.at[i]) && kind.at[i] != '-')
            return false;
    }
    for (size_t i = 0; i < slug.len; i++) {
        char byte = slug.at[i];
        if (!is_lower_or_digit(byte) && !(byte >= 'A' && byte <= 'Z') && byte != '.' &&
            byte != '_' && byte != '-')
            return false;
    }
    return true;
}

bool entry_hashes_are_valid(const struct value *hashes, size_t count_max)
{
    struct digest before, hash;
    if (!hashes || hashes->type != VALUE_ARRAY || hashes->count > count_max)
        return false;
    for (size_t i = 0; i < hashes->count; i++) {
        if (!digest_from_hex(value_text(hashes->items[i]), &hash) ||
            (i > 0 && digest_compare(&before, &hash) >= 0))
            return false;
        before = hash;
    }
    return true;
}

/* ---- envelope ---- */

static bool fault(const char **code, const char *what, struct error *err, const char *words)
{
    *code = what;
    return error_set(err, ERROR_INVALID, NULL, "%s", words);
}

static bool bad_field(const char **code, struct error *err, const char *words)
{
    return fault(code, "bad-field", err, words);
}

static bool bytes_parse(struct arena *arena, struct slice bytes, struct entry *entry,
                        const char **code, struct error *err)
{
    static const struct json_limits limits = { ENTRY_BYTES_MAX, 64, ENTRY_BYTES_MAX };
    struct slice again;
    if (bytes.len > ENTRY_BYTES_MAX)
        return fault(code, "too-large", err, "an entry of more than 4095 bytes");
    entry->whole = json_parse(arena, bytes, "entry", &limits, err);
    if (!entry->whole) {
        if (err->code == ERROR_INVALID)
            *code = "bad-json";
        return false;
    }
    if (!json_canonical_copy(arena, entry->whole, &again, err))
        return false;
    if (!slice_equal(again, bytes))
        return fault(code, "not-canonical", err,
                     "the bytes are not the canonical form (RFC 8785) of what they say");
    return true;
}

/* Exactly the fields that every entry has, and no others but `more` and `sig`. */
static bool envelope_read(struct entry *entry, const char **code, struct error *err)
{
    static const char *const names[] = {
        "actor", "at", "body", "inputs", "n", "side", "type", "v"
    };
    const struct value *whole = entry->whole;
    uint64_t version;
    if (whole->type != VALUE_OBJECT)
        return bad_field(code, err, "an entry is an object");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!value_member(whole, names[i])) {
            *code = "bad-field";
            return error_set(err, ERROR_INVALID, NULL, "`%s` is missing", names[i]);
        }
    }
    entry->more = value_member(whole, "more");
    entry->sig = value_member(whole, "sig");
    if (whole->count != ARRAY_LEN(names) + (entry->more ? 1 : 0) + (entry->sig ? 1 : 0))
        return bad_field(code, err, "a field that entries do not have");
    if (!entry_integer(value_member(whole, "v"), &version) || version != 1)
        return bad_field(code, err, "`v` is not 1");
    if (!entry_integer(value_member(whole, "n"), &entry->n))
        return bad_field(code, err, "`n` is not an index");
    entry->type = value_text_of(whole, "type");
    entry->side = value_text_of(whole, "side");
    entry->actor = value_text_of(whole, "actor");
    entry->at = value_text_of(whole, "at");
    entry->inputs = value_member(whole, "inputs");
    entry->body = value_member(whole, "body");
    return true;
}

static bool side_find(struct slice name, enum entry_side *side)
{
    static const char *const names[] = {
        [SIDE_MANAGEMENT] = "management", [SIDE_AUDITOR] = "auditor", [SIDE_SYSTEM] = "system"
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (slice_is(name, names[i])) {
            *side = (enum entry_side)i;
            return true;
        }
    }
    return false;
}

static bool who_and_when_check(struct entry *entry, const char **code, struct error *err)
{
    struct digest c;
    uint64_t bytes;
    if (!side_find(entry->side, &entry->by))
        return bad_field(code, err, "`side` is none of management, auditor, system");
    if (!entry_name_is_valid(entry->actor))
        return bad_field(code, err, "`actor` is not a name");
    if (!time_parse_canonical(entry->at, &entry->at_us))
        return bad_field(code, err, "`at` is not a time as YYYY-MM-DDThh:mm:ss.ffffffZ");
    if (entry->more && !payload_ref(entry->more, &c, &bytes))
        return bad_field(code, err, "`more` is not a payload");
    return true;
}

bool entry_read(struct arena *arena, struct slice bytes, struct entry *entry, const char **code,
                struct error *err)
{
    memset(entry, 0, sizeof *entry);
    *code = NULL;
    if (!bytes_parse(arena, bytes, entry, code, err) || !envelope_read(entry, code, err))
        return false;
    if (!entry_type_find(entry->type, &entry->kind)) {
        *code = "unknown-type";
        return error_set(err, ERROR_INVALID, NULL, "no entry type \"%.*s\"",
                         SLICE_ARG(entry->type));
    }
    if (!body_check(entry->kind, entry->body, err)) {
        *code = "bad-field";
        return false;
    }
    if (!who_and_when_check(entry, code, err))
        return false;
    entry->leaf = leaf_hash(bytes);
    return true;
}

bool entry_inputs_check(const struct entry *entry, const char **code, struct error *err)
{
    return entry_hashes_are_valid(entry->inputs, ENTRY_INPUTS_MAX) ||
           bad_field(code, err, "`inputs` is not at most 32 hashes in hex, sorted, each once");
}

bool entry_parse(struct arena *arena, struct slice bytes, struct entry *entry, const char **code,
                 struct error *err)
{
    return entry_read(arena, bytes, entry, code, err) && entry_inputs_check(entry, code, err);
}

static size_t payload_add(const char *field, const struct value *payload,
                          struct entry_payload payloads[ENTRY_PAYLOADS_MAX], size_t count)
{
    struct entry_payload *next = &payloads[count];
    assert(count < ENTRY_PAYLOADS_MAX);
    next->field = field;
    return payload_ref(payload, &next->c, &next->bytes) ? count + 1 : count;
}

size_t entry_payloads(const struct entry *entry, struct entry_payload payloads[ENTRY_PAYLOADS_MAX])
{
    const struct body_field *fields = body_forms[entry->kind].fields;
    size_t count = 0;
    for (size_t i = 0; i < ENTRY_FIELDS_MAX && fields[i].name; i++) {
        if (fields[i].form == FIELD_PAYLOAD)
            count = payload_add(fields[i].name, value_member(entry->body, fields[i].name), payloads,
                                count);
    }
    return entry->more ? payload_add("more", entry->more, payloads, count) : count;
}
