/* Entries that name a point of a ledger (report, packet), and erasures. */
#include "ledger/rules_state.h"

/* ---- report and packet ---- */

/* Whether the ledger had this root at this size; size <= judge->n. */
static bool had_root(const struct judge *judge, uint64_t size, struct slice root_hex)
{
    char hex[65];
    struct digest root = rules_root(judge->rules, size);
    digest_hex(&root, hex);
    return slice_is(root_hex, hex);
}

static bool report_side_check(struct judge *judge)
{
    uint32_t opinion;
    switch (judge->entry.by) {
    case SIDE_SYSTEM:
        return fault_set(judge, "wrong-side", "a report that is of neither side");
    case SIDE_MANAGEMENT:
        return judge->inputs.counts[ENTRY_OPINION] == 0 ||
               fault_set(judge, "wrong-side", "management's report rests on an auditor's opinion");
    case SIDE_AUDITOR:
        return one_input(judge, ENTRY_OPINION, &opinion);
    }
    return true;
}

bool report_check(struct judge *judge)
{
    const struct value *point = value_member(judge->entry.body, "checkpoint");
    uint64_t size = 0;
    if (!report_side_check(judge))
        return false;
    if (!entry_integer(value_member(point, "size"), &size) || size > judge->n)
        return fault_set(judge, "checkpoint-mismatch",
                         "report #%llu names a checkpoint of size %llu, after itself",
                         (unsigned long long)judge->n, (unsigned long long)size);
    for (size_t i = 0; i < judge->inputs.count; i++) {
        if (judge->inputs.items[i] >= size)
            return fault_set(judge, "checkpoint-mismatch",
                             "the report's checkpoint (size %llu) does not cover its input %s",
                             (unsigned long long)size,
                             label_of(judge->rules, judge->inputs.items[i]).text);
    }
    if (!slice_equal(value_text_of(point, "origin"), strbuf_slice(&judge->rules->origin)))
        return fault_set(judge, "checkpoint-mismatch", "the report names a checkpoint of %.*s",
                         SLICE_ARG(value_text_of(point, "origin")));
    if (!had_root(judge, size, value_text_of(point, "root")))
        return fault_set(judge, "checkpoint-mismatch",
                         "the report names a root that this ledger did not have at size %llu",
                         (unsigned long long)size);
    return true;
}

bool packet_check(struct judge *judge)
{
    const struct value *body = judge->entry.body;
    bool is_sent = slice_is(value_text_of(body, "dir"), "sent");
    bool is_ours = slice_equal(value_text_of(body, "origin"), strbuf_slice(&judge->rules->origin));
    uint64_t size = 0;
    if (is_sent != is_ours)
        return fault_set(judge, "checkpoint-mismatch",
                         "what was sent is a checkpoint of ours, what was received another's");
    if (!is_sent)
        return true;
    if (!entry_integer(value_member(body, "size"), &size) || size > judge->n ||
        !had_root(judge, size, value_text_of(body, "root")))
        return fault_set(judge, "checkpoint-mismatch",
                         "the packet sent names a root that this ledger did not have at size %llu",
                         (unsigned long long)size);
    return true;
}

/* ---- erasure ---- */

enum scope { SCOPE_PAYLOAD, SCOPE_NAME, SCOPE_SUBJECT };

static enum scope scope_of(const struct value *body)
{
    struct slice scope = value_text_of(body, "scope");
    if (slice_is(scope, "name"))
        return SCOPE_NAME;
    return slice_is(scope, "subject") ? SCOPE_SUBJECT : SCOPE_PAYLOAD;
}

/* What a commitment is to an entry, as far as an erasure asks. */
enum holding { HOLDS_NOT, HOLDS_ERASABLE, HOLDS_PROTECTED };

static enum holding payload_holding(const struct entry *entry, const struct digest *c,
                                    enum scope scope)
{
    enum holding holding = HOLDS_NOT;
    struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
    size_t count = entry_payloads(entry, payloads);
    for (size_t i = 0; i < count; i++) {
        struct slice field = slice_of(payloads[i].field);
        if (!digest_equal(&payloads[i].c, c))
            continue;
        /* Without its list of inputs an entry could not be checked. A data subject's erasure
         * destroys the key; the tested columns and the sealed values of all others stay. */
        bool is_kept =
            slice_is(field, "more") ||
            (scope == SCOPE_SUBJECT && !slice_is(field, "raw") && !slice_is(field, "rejects"));
        if (is_kept)
            return HOLDS_PROTECTED;
        holding = HOLDS_ERASABLE;
    }
    return holding;
}

static bool is_name_of(struct slice text, const struct digest *c)
{
    struct digest found;
    return entry_name_commitment(text, &found) && digest_equal(&found, c);
}

static enum holding name_holding(const struct entry *entry, const struct digest *c)
{
    if (is_name_of(entry->actor, c))
        return HOLDS_ERASABLE;
    for (size_t i = 0; i < value_count(entry->body); i++) {
        if (is_name_of(value_text(entry->body->members[i].value), c))
            return HOLDS_ERASABLE;
    }
    return HOLDS_NOT;
}

/* Marks the targets that one input holds. */
static bool mark_held(struct judge *judge, uint32_t input, enum scope scope,
                      enum holding holdings[], const struct value *target)
{
    const struct entry_source *source = judge->rules->sources.entries;
    struct slice bytes;
    struct entry entry;
    const char *code;
    struct digest c;
    arena_reset(judge->rules->scratch);
    if (!source->entry(source, input, &bytes, judge->err) ||
        !entry_parse(judge->rules->scratch, bytes, &entry, &code, judge->err))
        return false;
    for (size_t i = 0; i < value_count(target); i++) {
        if (!digest_from_hex(value_text(value_item(target, i)), &c))
            continue;
        enum holding found =
            scope == SCOPE_NAME ? name_holding(&entry, &c) : payload_holding(&entry, &c, scope);
        if (found > holdings[i])
            holdings[i] = found;
    }
    return true;
}

static bool target_check(struct judge *judge, enum scope scope)
{
    const struct value *target = value_member(judge->entry.body, "target");
    enum holding *holdings =
        arena_array(judge->rules->arena, value_count(target) + 1, sizeof *holdings, judge->err);
    if (!holdings)
        return false;
    for (size_t i = 0; i < judge->inputs.count; i++) {
        if (!mark_held(judge, judge->inputs.items[i], scope, holdings, target))
            return false;
    }
    for (size_t i = 0; i < value_count(target); i++) {
        struct slice hex = value_text(value_item(target, i));
        if (holdings[i] == HOLDS_PROTECTED)
            return fault_set(judge, "erasure-target",
                             "%.16s... must stay: an erasure of this scope may not name it",
                             hex.at);
        if (holdings[i] == HOLDS_NOT && !judge->inputs.is_partial)
            return fault_set(judge, "erasure-target", "%.16s... is not in what the erasure names",
                             hex.at);
    }
    return true;
}

bool erasure_check(struct judge *judge)
{
    enum scope scope = scope_of(judge->entry.body);
    const struct inputs *inputs = &judge->inputs;
    if (inputs->count == 0 && !inputs->is_partial)
        return fault_set(judge, "input-role", "an erasure names no entry");
    if (scope == SCOPE_SUBJECT && inputs->counts[ENTRY_SEGMENT] != inputs->count)
        return fault_set(judge, "input-role", "the erasure of a subject names segments only");
    if (scope != SCOPE_SUBJECT && (inputs->count != 1 || inputs->is_partial))
        return fault_set(judge, "input-role", "an erasure of this scope names exactly one entry");
    return !judge->rules->sources.entries || target_check(judge, scope);
}
