/* The rules on payloads: after all entries are right, each payload in the order of the ledger. */
#include "ledger/rules_payloads.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/entry_form.h"

/* ---- erasures ---- */

/* Reads entry n again into the judge. */
static bool entry_again(struct judge *judge, uint64_t n)
{
    struct rules *rules = judge->rules;
    const struct entry_source *source = rules->sources.entries;
    struct slice bytes, copy;
    const char *code = NULL;
    judge->n = n;
    arena_reset(rules->arena);
    if (!source->entry(source, n, &bytes, judge->err) ||
        !arena_copy(rules->arena, bytes, &copy, judge->err) ||
        !entry_parse(rules->arena, copy, &judge->entry, &code, judge->err))
        return false;
    return digest_equal(&judge->entry.leaf, &rules->leaves.items[n]) ||
           error_set(judge->err, ERROR_CORRUPT, NULL, "entry #%llu changed while it was verified",
                     (unsigned long long)n);
}

static bool target_add(struct walk *walk, const struct digest *c, uint32_t by, struct error *err)
{
    size_t at;
    if (digest_list_find(&walk->erased, c, &at)) {
        assert(walk->erased_by); /* has as many items as `erased` */
        walk->erased_by[at] = by;
        return true;
    }
    uint32_t *grown = array_grow(walk->erased_by, &walk->erased_capacity, walk->erased.count, 1,
                                 sizeof *grown, err);
    if (!grown)
        return false;
    walk->erased_by = grown;
    if (!digest_list_reserve(&walk->erased, 1, err))
        return false;
    walk->erased_by[walk->erased.count] = by;
    digest_list_add(&walk->erased, c);
    return true;
}

/* What erasures name anywhere in the ledger: their targets may be gone from the beginning. */
static bool erasures_gather(struct walk *walk, struct judge *judge)
{
    struct digest c;
    for (uint64_t n = 0; n < rules_size(walk->rules); n++) {
        if (walk->rules->seen[n].type != ENTRY_ERASURE)
            continue;
        if (!entry_again(judge, n))
            return false;
        const struct value *target = value_member(judge->entry.body, "target");
        for (size_t i = 0; i < value_count(target); i++) {
            if (digest_from_hex(value_text(value_item(target, i)), &c) &&
                !target_add(walk, &c, (uint32_t)n, judge->err))
                return false;
        }
    }
    return true;
}

/* The last erasure that names it; there is one. */
static uint32_t erased_last_by(const struct walk *walk, const struct digest *c)
{
    size_t at = 0;
    bool is_found = digest_list_find(&walk->erased, c, &at);
    assert(is_found && walk->erased_by);
    (void)is_found;
    return walk->erased_by[at];
}

/* An erasure is complete when what it names is gone. */
static bool erasures_check(struct walk *walk, struct judge *judge)
{
    struct digest c;
    for (uint64_t n = 0; n < rules_size(walk->rules); n++) {
        if (walk->rules->seen[n].type != ENTRY_ERASURE)
            continue;
        if (!entry_again(judge, n))
            return false;
        const struct value *target = value_member(judge->entry.body, "target");
        for (size_t i = 0; i < value_count(target); i++) {
            struct slice hex = value_text(value_item(target, i));
            if (digest_from_hex(hex, &c) && erased_last_by(walk, &c) == n &&
                payload_state_of(walk->rules, &c) == PAYLOAD_HELD)
                return fault_set(judge, "erasure-unfinished",
                                 "%.16s..., which erasure #%llu names, is still held", hex.at,
                                 (unsigned long long)n);
        }
    }
    return true;
}

/* ---- one payload ---- */

/* Payloads that are our own statements, and so may name facts of another house. Evidence (segments,
 * files), items, matrices and seeds are not. */
static bool is_document(enum entry_type type, const char *field)
{
    static const struct {
        enum entry_type type;
        const char *field;
    } documents[] = {
        { ENTRY_RESOURCE, "payload" },   { ENTRY_WITHDRAW, "reason" },
        { ENTRY_POPULATION, "payload" }, { ENTRY_EVALUATION, "payload" },
        { ENTRY_CONCLUSION, "payload" }, { ENTRY_OPINION, "payload" },
        { ENTRY_REPORT, "payload" },     { ENTRY_COPY, "terms" },
    };
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        if (documents[i].type == type && strcmp(documents[i].field, field) == 0)
            return true;
    }
    return false;
}

/* Not held: right or wrong, depending on why. */
static bool gone_check(struct walk *walk, struct judge *judge, const struct entry_payload *payload,
                       enum payload_state state)
{
    size_t at;
    bool is_unrevealed =
        judge->entry.kind == ENTRY_SEED_COMMIT && !walk->rules->seen[judge->n].is_spent;
    if (is_unrevealed) {
        walk->counts->sealed++;
    } else if (digest_list_find(&walk->erased, &payload->c, &at)) {
        walk->counts->erased++;
    } else if (state == PAYLOAD_ABSENT) {
        walk->counts->absent++;
    } else {
        return fault_set(judge, "payload-missing",
                         "`%s` of %s #%llu is not held, and no erasure names it", payload->field,
                         entry_type_name(judge->entry.kind), (unsigned long long)judge->n);
    }
    return true;
}

/* First all payloads of an entry against their commitments; is_held tells which can be read. */
static bool commitments_check(struct walk *walk, struct judge *judge,
                              const struct entry_payload *payloads, size_t count, bool is_held[])
{
    for (size_t i = 0; i < count; i++) {
        enum payload_state state = payload_state_of(walk->rules, &payloads[i].c);
        bool is_equal;
        is_held[i] = state == PAYLOAD_HELD;
        if (!is_held[i]) {
            if (!gone_check(walk, judge, &payloads[i], state))
                return false;
            continue;
        }
        if (!payload_matches(walk->rules, &payloads[i].c, payloads[i].bytes, &is_equal, judge->err))
            return false;
        if (!is_equal)
            return fault_set(judge, "commitment-mismatch",
                             "`%s` of %s #%llu is not what was committed to", payloads[i].field,
                             entry_type_name(judge->entry.kind), (unsigned long long)judge->n);
        walk->counts->held++;
    }
    return true;
}

/* Then what each says. */
static bool content_check(struct walk *walk, struct judge *judge,
                          const struct entry_payload *payload, bool is_held)
{
    enum entry_type type = judge->entry.kind;
    bool is_received =
        type == ENTRY_PACKET && slice_is(value_text_of(judge->entry.body, "dir"), "received");
    if (!is_held)
        return !is_received || payload_state_of(walk->rules, &payload->c) != PAYLOAD_ABSENT ||
               packet_absent(walk, judge);
    if (type == ENTRY_POPULATION && strcmp(payload->field, "items") == 0)
        return items_check(judge, payload);
    if (type == ENTRY_RUN && strcmp(payload->field, "payload") == 0)
        return inputs_find(judge) && matrix_check(judge, payload);
    if (is_received && strcmp(payload->field, "payload") == 0)
        return packet_payload_check(walk, judge, payload);
    return !is_document(type, payload->field) || foreign_check(walk, judge, payload);
}

static bool entry_walk(struct walk *walk, struct judge *judge, uint64_t n)
{
    struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
    bool is_held[ENTRY_PAYLOADS_MAX] = { false };
    if (!entry_again(judge, n))
        return false;
    size_t count = entry_payloads(&judge->entry, payloads);
    if (!commitments_check(walk, judge, payloads, count, is_held))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!content_check(walk, judge, &payloads[i], is_held[i]))
            return false;
    }
    return true;
}

static bool walk_all(struct walk *walk, struct judge *judge)
{
    if (!erasures_gather(walk, judge))
        return false;
    for (uint64_t n = 0; n < rules_size(walk->rules); n++) {
        if (!entry_walk(walk, judge, n))
            return false;
    }
    return erasures_check(walk, judge);
}

bool rules_check_payloads(struct rules *rules, struct payload_counts *counts, struct fault *fault,
                          struct error *err)
{
    struct walk walk = { .rules = rules, .counts = counts };
    struct judge judge = { .rules = rules, .fault = fault, .err = err };
    assert(rules->sources.entries);
    memset(counts, 0, sizeof *counts);
    memset(fault, 0, sizeof *fault);
    bool ok = walk_all(&walk, &judge);
    digest_list_free(&walk.erased);
    digest_list_free(&walk.foreign);
    free(walk.erased_by);
    free(walk.houses);
    return ok;
}
