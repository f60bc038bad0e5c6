/* The bodies of all entry types, as a table (ledger.md 4). A body shows structure only: what was
 * found, planned or concluded is in payloads, so no field of a result may ever appear here. */
#include "ledger/entry_form.h"

#include <string.h>

#include "base/time.h"

/* ---- what holds among fields ---- */

static bool is_null(const struct value *value) { return value && value->type == VALUE_NULL; }

static int64_t time_of(const struct value *value)
{
    int64_t at_us = INT64_MIN;
    if (!time_parse_canonical(value_text(value), &at_us))
        return INT64_MIN;
    return at_us;
}

static bool is_one_of(struct slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(text, words[i]))
            return true;
    }
    return false;
}

static const char *start_among(const struct value *body)
{
    return slice_is(value_text_of(body, "spec"), "attest-ledger/1")
               ? NULL
               : "`spec` is not attest-ledger/1";
}

static const char *resource_among(const struct value *body)
{
    static const char *const ops[] = { "put", "remove" };
    struct slice op = value_text_of(body, "op");
    if (!is_one_of(op, ops, ARRAY_LEN(ops)))
        return "`op` is neither put nor remove";
    if (is_null(value_member(body, "payload")) != slice_is(op, "remove"))
        return "`payload` is null for remove, and only then";
    return NULL;
}

static const char *segment_among(const struct value *body)
{
    const struct value *from = value_member(body, "from"), *to = value_member(body, "to");
    uint64_t rows;
    if (is_null(from) != is_null(to))
        return "`from` and `to` are both times or both null";
    if (is_null(from))
        return NULL;
    if (time_of(from) >= time_of(to))
        return "`from` is not before `to`";
    return entry_integer(value_member(body, "rows"), &rows) && rows > 0
               ? NULL
               : "no rows, yet `from` and `to`";
}

static const char *population_among(const struct value *body)
{
    return time_of(value_member(body, "from")) < time_of(value_member(body, "to"))
               ? NULL
               : "`from` is not before `to`";
}

static const char *run_among(const struct value *body)
{
    static const char *const extents[] = { "full", "sample" };
    return is_one_of(value_text_of(body, "extent"), extents, ARRAY_LEN(extents))
               ? NULL
               : "`extent` is neither full nor sample";
}

static const char *packet_among(const struct value *body)
{
    static const char *const directions[] = { "sent", "received" };
    return is_one_of(value_text_of(body, "dir"), directions, ARRAY_LEN(directions))
               ? NULL
               : "`dir` is neither sent nor received";
}

static const char *erasure_among(const struct value *body)
{
    static const char *const scopes[] = { "payload", "name", "subject" };
    struct slice scope = value_text_of(body, "scope");
    bool of_subject = slice_is(scope, "subject");
    if (!is_one_of(scope, scopes, ARRAY_LEN(scopes)))
        return "`scope` is none of payload, name, subject";
    if (is_null(value_member(body, "subject")) == of_subject)
        return "`subject` is given for the scope subject, and only then";
    if (value_count(value_member(body, "target")) == 0 && !of_subject)
        return "`target` is empty";
    return NULL;
}

/* To add a type: a value of enum entry_type, a line here, and its rules in rules_inputs.c. */
const struct body_form body_forms[ENTRY_TYPES_COUNT] = {
    [ENTRY_START] = { "ledger.start",
                      { { "origin", FIELD_TEXT, false },
                        { "prev", FIELD_ORIGIN_BEFORE, true },
                        { "spec", FIELD_TEXT, false } },
                      start_among },
    [ENTRY_RESOURCE] = { "resource",
                         { { "kind", FIELD_TEXT, false },
                           { "name", FIELD_NAME, false },
                           { "op", FIELD_TEXT, false },
                           { "payload", FIELD_PAYLOAD, true },
                           { "version", FIELD_INTEGER, false } },
                         resource_among },
    [ENTRY_SEGMENT] = { "segment",
                        { { "covers", FIELD_SPAN, true },
                          { "from", FIELD_TIME, true },
                          { "of", FIELD_TEXT, false },
                          { "payload", FIELD_PAYLOAD, false },
                          { "personal", FIELD_PAYLOAD, true },
                          { "raw", FIELD_PAYLOAD, true },
                          { "rejects", FIELD_PAYLOAD, true },
                          { "rows", FIELD_INTEGER, false },
                          { "source", FIELD_NAME, false },
                          { "to", FIELD_TIME, true } },
                        segment_among },
    [ENTRY_WITHDRAW] = { "segment.withdraw", { { "reason", FIELD_PAYLOAD, false } }, NULL },
    [ENTRY_BLOB] = { "blob",
                     { { "media", FIELD_TEXT, false }, { "payload", FIELD_PAYLOAD, false } },
                     NULL },
    [ENTRY_POPULATION] = { "population",
                           { { "count", FIELD_INTEGER, false },
                             { "from", FIELD_TIME, false },
                             { "items", FIELD_PAYLOAD, false },
                             { "name", FIELD_NAME, false },
                             { "of", FIELD_TEXT, false },
                             { "payload", FIELD_PAYLOAD, false },
                             { "to", FIELD_TIME, false } },
                           population_among },
    [ENTRY_SEED_COMMIT] = { "seed.commit", { { "seed", FIELD_PAYLOAD, false } }, NULL },
    [ENTRY_SEED_REVEAL] = { "seed.reveal",
                            { { "salt", FIELD_HASH, false }, { "seed", FIELD_HASH, false } },
                            NULL },
    [ENTRY_RUN] = { "test.run",
                    { { "engagement", FIELD_NAME, true },
                      { "engine", FIELD_TEXT, false },
                      { "extent", FIELD_TEXT, false },
                      { "payload", FIELD_PAYLOAD, false },
                      { "period", FIELD_SPAN, false },
                      { "position", FIELD_INTEGER, false } },
                    run_among },
    [ENTRY_EVALUATION] = { "evaluation", { { "payload", FIELD_PAYLOAD, false } }, NULL },
    [ENTRY_CONCLUSION] = { "conclusion",
                           { { "name", FIELD_NAME, false },
                             { "payload", FIELD_PAYLOAD, false },
                             { "version", FIELD_INTEGER, false } },
                           NULL },
    [ENTRY_OPINION] = { "opinion",
                        { { "name", FIELD_NAME, false },
                          { "payload", FIELD_PAYLOAD, false },
                          { "version", FIELD_INTEGER, false } },
                        NULL },
    [ENTRY_REPORT] = { "report",
                       { { "checkpoint", FIELD_POINT, false },
                         { "payload", FIELD_PAYLOAD, false } },
                       NULL },
    [ENTRY_COPY] = { "report.copy",
                     { { "accepted", FIELD_TIME, false },
                       { "payload", FIELD_PAYLOAD, false },
                       { "terms", FIELD_PAYLOAD, false },
                       { "to", FIELD_NAME, false } },
                     NULL },
    [ENTRY_PACKET] = { "packet",
                       { { "dir", FIELD_TEXT, false },
                         { "origin", FIELD_TEXT, false },
                         { "payload", FIELD_PAYLOAD, false },
                         { "root", FIELD_HASH, false },
                         { "size", FIELD_INTEGER, false } },
                       packet_among },
    [ENTRY_ERASURE] = { "erasure",
                        { { "rule", FIELD_TEXT, false },
                          { "scope", FIELD_TEXT, false },
                          { "subject", FIELD_HASH, true },
                          { "target", FIELD_TARGETS, false } },
                        erasure_among },
};

const char *entry_type_name(enum entry_type type) { return body_forms[type].type; }

bool entry_type_find(struct slice name, enum entry_type *type)
{
    for (size_t i = 0; i < ENTRY_TYPES_COUNT; i++) {
        if (slice_is(name, body_forms[i].type)) {
            *type = (enum entry_type)i;
            return true;
        }
    }
    return false;
}

/* ---- fields ---- */

static bool is_payload(const struct value *value)
{
    struct digest c;
    uint64_t bytes;
    return payload_ref(value, &c, &bytes);
}

static bool is_name(const struct value *value) { return entry_name_is_valid(value_text(value)); }

static bool is_text(const struct value *value) { return value->type == VALUE_STRING; }

static bool is_integer(const struct value *value)
{
    uint64_t number;
    return entry_integer(value, &number);
}

static bool is_hash(const struct value *value)
{
    struct digest hash;
    return digest_from_hex(value_text(value), &hash);
}

static bool is_target(const struct value *value) { return entry_hashes_are_valid(value, 16); }

static bool is_time(const struct value *value)
{
    int64_t at_us;
    return time_parse_canonical(value_text(value), &at_us);
}

static bool is_span(const struct value *value)
{
    const struct value *from = value_member(value, "from"), *to = value_member(value, "to");
    return from && to && value_count(value) == 2 && is_time(from) && is_time(to) &&
           time_of(from) < time_of(to);
}

static bool has_point(const struct value *value)
{
    const struct value *origin = value_member(value, "origin");
    const struct value *size = value_member(value, "size");
    const struct value *root = value_member(value, "root");
    return origin && size && root && is_text(origin) && is_integer(size) && is_hash(root);
}

static bool is_point(const struct value *value)
{
    return value_count(value) == 3 && has_point(value);
}

static bool is_origin_before(const struct value *value)
{
    const struct value *reason = value_member(value, "reason");
    return value_count(value) == 4 && has_point(value) && reason && is_text(reason);
}

static const struct {
    bool (*holds)(const struct value *value);
    const char *meaning;
} field_forms[] = {
    [FIELD_PAYLOAD] = { is_payload, "a payload, {\"bytes\":N,\"c\":hex}" },
    [FIELD_NAME] = { is_name, "a name, kind/slug or c/<hex>" },
    [FIELD_TEXT] = { is_text, "text" },
    [FIELD_INTEGER] = { is_integer, "an integer from 0 to 2^53-1" },
    [FIELD_HASH] = { is_hash, "32 bytes in lower-case hex" },
    [FIELD_TARGETS] = { is_target, "at most 16 hashes in hex, sorted, each once" },
    [FIELD_TIME] = { is_time, "a time as YYYY-MM-DDThh:mm:ss.ffffffZ" },
    [FIELD_SPAN] = { is_span, "an interval {from, to} that is not empty" },
    [FIELD_POINT] = { is_point, "a checkpoint, {origin, root, size}" },
    [FIELD_ORIGIN_BEFORE] = { is_origin_before, "an origin before, {origin, reason, root, size}" },
};

static bool field_check(const char *type, const struct body_field *field, const struct value *value,
                        struct error *err)
{
    if (value->type == VALUE_NULL && field->may_be_null)
        return true;
    if (field_forms[field->form].holds(value))
        return true;
    return error_set(err, ERROR_INVALID, NULL, "%s: `%s` is not %s", type, field->name,
                     field_forms[field->form].meaning);
}

bool body_check(enum entry_type type, const struct value *body, struct error *err)
{
    const struct body_form *form = &body_forms[type];
    size_t count = 0;
    if (!body || body->type != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, NULL, "%s: `body` is not an object", form->type);
    for (; count < ENTRY_FIELDS_MAX && form->fields[count].name; count++) {
        const struct body_field *field = &form->fields[count];
        const struct value *value = value_member(body, field->name);
        if (!value)
            return error_set(err, ERROR_INVALID, NULL, "%s: `%s` is missing", form->type,
                             field->name);
        if (!field_check(form->type, field, value, err))
            return false;
    }
    if (body->count > count)
        return error_set(err, ERROR_INVALID, NULL,
                         "%s: a field too many; it has %zu fields, not %zu", form->type, count,
                         body->count);
    const char *why = form->among ? form->among(body) : NULL;
    return !why || error_set(err, ERROR_INVALID, NULL, "%s: %s", form->type, why);
}
