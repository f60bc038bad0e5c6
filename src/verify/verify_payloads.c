/* Payloads against their commitments, and against what must be here at all. */
#include <stdlib.h>
#include <string.h>

#include "verify/verify_private.h"

enum { NAMED_MAX = 5 }; /* of many faults, so many are told one by one */

/* ---- the source, with what the ledger says ---- */

/* Once damage was told, the rest is judged without it. */
static bool is_hidden(const struct checked_payloads *payloads, const struct digest *c)
{
    if (!payloads->hides_damage)
        return false;
    const struct contents_item *item = contents_find(payloads->contents, c);
    return item && payloads->results[item - contents_at(payloads->contents, 0)] == HASHED_OTHER;
}

static enum payload_state checked_state(const struct payload_source *base, const struct digest *c)
{
    const struct checked_payloads *payloads = (const struct checked_payloads *)base;
    if (payloads->source->state(payloads->source, c) == PAYLOAD_HELD)
        return is_hidden(payloads, c) ? PAYLOAD_ABSENT : PAYLOAD_HELD;
    if (payloads->hides_damage)
        return PAYLOAD_ABSENT;
    /* Before the entries are read only the lists of `more` are asked for, and these are always part
     * of a bundle. */
    if (payloads->level == CONTENTS_ALL || !payloads->contents ||
        contents_find(payloads->contents, c))
        return PAYLOAD_MISSING;
    return PAYLOAD_ABSENT;
}

static bool checked_open(const struct payload_source *base, const struct digest *c,
                         struct slice *salt, struct slice *bytes, struct error *err)
{
    const struct payload_source *source = ((const struct checked_payloads *)base)->source;
    return source->open(source, c, salt, bytes, err);
}

static bool checked_stream(const struct payload_source *base, const struct digest *c,
                           payload_take_fn *take, void *context, struct error *err)
{
    const struct payload_source *source = ((const struct checked_payloads *)base)->source;
    struct slice salt, bytes;
    if (source->stream)
        return source->stream(source, c, take, context, err);
    return source->open(source, c, &salt, &bytes, err) && take(context, bytes, err);
}

/* UINT64_MAX: of whatever length. */
static bool opened_equals(const struct payload_source *source, const struct digest *c,
                          uint64_t bytes, bool *is_equal, struct error *err)
{
    struct slice salt, content;
    *is_equal = false;
    if (!source->open(source, c, &salt, &content, err))
        return false;
    if (salt.len == 32 && (bytes == UINT64_MAX || bytes == content.len)) {
        struct digest found = commitment((const uint8_t *)salt.at, content);
        *is_equal = digest_equal(&found, c);
    }
    return true;
}

static bool hash_now(const struct payload_source *source, const struct digest *c, uint64_t bytes,
                     bool *is_equal, struct error *err)
{
    bool is_read = source->hash && bytes != UINT64_MAX
                       ? source->hash(source, c, bytes, is_equal, err)
                       : opened_equals(source, c, bytes, is_equal, err);
    if (is_read)
        return true;
    /* What cannot be unpacked is not what was committed to. */
    if (err->code != ERROR_FINDING && err->code != ERROR_CORRUPT && err->code != ERROR_NOT_FOUND)
        return false;
    memset(err, 0, sizeof *err);
    *is_equal = false;
    return true;
}

static bool checked_hash(const struct payload_source *base, const struct digest *c, uint64_t bytes,
                         bool *is_equal, struct error *err)
{
    const struct checked_payloads *payloads = (const struct checked_payloads *)base;
    const struct contents_item *item =
        payloads->contents ? contents_find(payloads->contents, c) : NULL;
    if (!item || item->bytes != bytes)
        return hash_now(payloads->source, c, bytes, is_equal, err);
    uint8_t *result = &payloads->results[item - contents_at(payloads->contents, 0)];
    if (*result == HASHED_NOT_YET) {
        if (!hash_now(payloads->source, c, bytes, is_equal, err))
            return false;
        *result = *is_equal ? HASHED_EQUAL : HASHED_OTHER;
    }
    *is_equal = *result == HASHED_EQUAL;
    return true;
}

void checked_payloads_start(struct checked_payloads *payloads, const struct verify_source *source)
{
    *payloads = (struct checked_payloads){
        .base = { .state = checked_state,
                  .open = checked_open,
                  .hash = checked_hash,
                  .stream = checked_stream },
        .source = source->payloads,
        .level = source->level,
    };
}

/* ---- what must be here ---- */

struct contents_of contents_wanted(const struct verifier *v)
{
    return (struct contents_of){ .entries = v->source->entries,
                                 .payloads = &v->payloads.base,
                                 .size = v->checkpoint.size,
                                 .leaves = v->leaves,
                                 .level = v->source->level,
                                 .report = v->reports_count > 0 ? v->reports[0] : 0 };
}

static bool contents_find_out(struct verifier *v)
{
    struct contents_of of = contents_wanted(v);
    v->contents = contents_new(&of, v->err);
    if (!v->contents)
        return verify_fails(v, CHECK_MEMBERS);
    size_t count = contents_count(v->contents);
    v->payloads.results = calloc(count ? count : 1, 1);
    if (!v->payloads.results)
        return error_no_memory(v->err, count);
    v->payloads.contents = v->contents;
    return true;
}

static bool members_check(struct verifier *v)
{
    struct strbuf faults = strbuf_new(1 << 20);
    bool ok = true;
    if (!v->source->compare) {
        ok = verify_set(v, CHECK_MEMBERS, CHECK_NOT_MADE, "this is no bundle");
    } else if (!v->source->compare(v->source, v->checkpoint.size, v->contents, &faults, v->err) ||
               !strbuf_ok(&faults, v->err)) {
        ok = verify_fails(v, CHECK_MEMBERS);
    } else if (faults.len > 0) {
        ok = check_set(v->verification, CHECK_MEMBERS, NULL, CHECK_FAILS, v->err, "%.*s",
                       SLICE_ARG(strbuf_slice(&faults)));
    } else {
        ok = verify_set(v, CHECK_MEMBERS, CHECK_HOLDS, "nothing but what level %s asks for",
                        contents_level_name(v->source->level));
    }
    strbuf_free(&faults);
    return ok;
}

/* ---- digests ---- */

struct damage {
    uint64_t missing, other;
};

static bool damage_tell(struct verifier *v, const struct contents_item *item, const char *check,
                        uint64_t count, const char *what)
{
    struct links links;
    char hex[65];
    digest_hex(&item->c, hex);
    if (!verify_bad(v, item->n))
        return false;
    if (count > NAMED_MAX)
        return true;
    arena_reset(v->arena);
    if (!verify_links(v, v->arena, item->n, &links))
        return verify_fails(v, check);
    return verify_set(v, check, CHECK_FAILS, "%s %.12s... of %s %s",
                      item->is_name ? "the name" : "the payload", hex,
                      verify_label_of(&links.entry).text, what);
}

static bool item_check(struct verifier *v, const struct contents_item *item, struct damage *damage)
{
    const struct payload_source *payloads = &v->payloads.base;
    bool is_equal;
    if (payloads->state(payloads, &item->c) != PAYLOAD_HELD) {
        if (item->is_erased)
            return true;
        return damage_tell(v, item, "payload.present", ++damage->missing, "is not here");
    }
    if (!payloads->hash(payloads, &item->c, item->bytes, &is_equal, v->err))
        return false;
    return is_equal ||
           damage_tell(v, item, CHECK_PAYLOADS, ++damage->other, "is not what was committed to");
}

static bool damage_check(struct verifier *v, struct damage *damage)
{
    for (size_t i = 0; i < contents_count(v->contents); i++) {
        if (!item_check(v, contents_at(v->contents, i), damage))
            return false;
    }
    if (damage->missing > NAMED_MAX &&
        !verify_set(v, "payload.present", CHECK_FAILS, "and %llu more",
                    (unsigned long long)(damage->missing - NAMED_MAX)))
        return false;
    return damage->other <= NAMED_MAX ||
           verify_set(v, CHECK_PAYLOADS, CHECK_FAILS, "and %llu more",
                      (unsigned long long)(damage->other - NAMED_MAX));
}

/* ---- the rules on payloads ---- */

/* What of the evidence is here, for a rule that looked at nothing has not been made. */
struct evidence {
    uint64_t items, matrices, samples; /* held */
    uint64_t populations, runs, sampled_runs;
};

static bool is_held(struct verifier *v, const struct value *payload)
{
    struct digest c;
    uint64_t bytes;
    return payload_ref(payload, &c, &bytes) &&
           v->payloads.base.state(&v->payloads.base, &c) == PAYLOAD_HELD;
}

static bool evidence_count(struct verifier *v, struct evidence *evidence)
{
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct links links;
        if (!contents_rests_on(v->contents, n))
            continue;
        arena_reset(v->arena);
        if (!verify_links(v, v->arena, n, &links))
            return false;
        const struct value *body = links.entry.body;
        if (links.entry.kind == ENTRY_POPULATION) {
            evidence->populations++;
            evidence->items += is_held(v, value_member(body, "items"));
        } else if (links.entry.kind == ENTRY_RUN) {
            bool is_sample = slice_is(value_text_of(body, "extent"), "sample");
            bool has_matrix = is_held(v, value_member(body, "payload"));
            evidence->runs++;
            evidence->sampled_runs += is_sample;
            evidence->matrices += has_matrix;
            evidence->samples += is_sample && has_matrix;
        }
    }
    return true;
}

/* The words of a check on payloads that found nothing wrong. */
static bool payload_check_tell(struct verifier *v, const struct rule_check *check,
                               const struct payload_counts *counts, const struct evidence *evidence)
{
    bool is_told = v->payloads.hides_damage && (strcmp(check->id, "payload.present") == 0 ||
                                                strcmp(check->id, CHECK_PAYLOADS) == 0);
    if (is_told)
        return true;
    const struct {
        const char *id;
        uint64_t there, looked_at;
        const char *what;
    } rows[] = {
        { "population.items", evidence->populations, evidence->items, "populations" },
        { "test.matrix", evidence->runs, evidence->matrices, "runs" },
        { "test.population", evidence->runs, evidence->matrices, "runs" },
        { "selection", evidence->sampled_runs, evidence->samples, "sampled runs" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].id, check->id) != 0)
            continue;
        enum check_state state =
            rows[i].looked_at == 0 && rows[i].there > 0 ? CHECK_NOT_MADE : CHECK_HOLDS;
        return verify_set(v, check->id, state, "%s: %llu of %llu %s looked at%s", check->meaning,
                          (unsigned long long)rows[i].looked_at, (unsigned long long)rows[i].there,
                          rows[i].what,
                          state == CHECK_NOT_MADE ? "; the evidence is not here" : "");
    }
    if (strcmp(check->id, "payload.present") == 0)
        return verify_set(v, check->id, CHECK_HOLDS,
                          "%llu payloads are here, %llu are not part of this bundle and were not "
                          "looked at, %llu are erased, %llu seeds were never revealed",
                          (unsigned long long)counts->held, (unsigned long long)counts->absent,
                          (unsigned long long)counts->erased, (unsigned long long)counts->sealed);
    if (strcmp(check->id, "packets") == 0 && counts->unpinned > 0)
        return verify_set(v, check->id, CHECK_NOT_MADE,
                          "%llu packets are of houses whose key is not known: their signatures "
                          "were not checked",
                          (unsigned long long)counts->unpinned);
    return verify_set(v, check->id, CHECK_HOLDS, "%s", check->meaning);
}

static bool rules_check(struct verifier *v)
{
    struct payload_counts counts;
    struct fault fault;
    struct evidence evidence = { 0 };
    if (rules_check_payloads(v->rules, &counts, &fault, v->err)) {
        if (!evidence_count(v, &evidence))
            return false;
        for (size_t i = 0; i < rule_checks_count; i++) {
            if (rule_checks[i].of_payloads &&
                !payload_check_tell(v, &rule_checks[i], &counts, &evidence))
                return false;
        }
        return true;
    }
    if (!fault.code)
        return verify_fails(v, CHECK_PAYLOADS);
    if (!verify_set(v, fault_check(&fault)->id, CHECK_FAILS, "%s", fault.detail) ||
        !verify_bad(v, fault.n))
        return false;
    for (size_t i = 0; i < rule_checks_count; i++) {
        if (rule_checks[i].of_payloads && &rule_checks[i] != fault_check(&fault) &&
            !verify_set(v, rule_checks[i].id, CHECK_NOT_MADE, "stopped at #%llu, which fails %s",
                        (unsigned long long)fault.n, fault_check(&fault)->id))
            return false;
    }
    return true;
}

/* What was found of the two checks on damage itself; the other one of the two holds. */
static bool damage_close(struct verifier *v, const struct damage *damage)
{
    if (damage->missing == 0 && damage->other == 0)
        return true;
    v->payloads.hides_damage = true;
    if (damage->missing == 0)
        return verify_set(v, "payload.present", CHECK_HOLDS, "nothing is missing");
    return damage->other > 0 ||
           verify_set(v, CHECK_PAYLOADS, CHECK_HOLDS, "what is here is what was committed to");
}

bool verify_payloads(struct verifier *v)
{
    struct damage damage = { 0 };
    if (!contents_find_out(v))
        return false;
    if (!v->contents)
        return true;
    return members_check(v) && damage_check(v, &damage) && damage_close(v, &damage) &&
           rules_check(v);
}
