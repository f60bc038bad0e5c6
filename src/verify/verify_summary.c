/* What people want to know at the end: what was proved; or, if something fails, what rests on it
 * and is not proved any more, and what still is. */
#include <stdlib.h>
#include <string.h>

#include "verify/verify_private.h"

enum { NAMES_MAX = 8 };

struct counts {
    uint64_t runs, evaluations, conclusions, opinions;
};

static bool counts_make(struct verifier *v, struct counts *counts)
{
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct links links;
        if (!contents_rests_on(v->contents, n))
            continue;
        arena_reset(v->arena);
        if (!verify_links(v, v->arena, n, &links))
            return false;
        counts->runs += links.entry.kind == ENTRY_RUN;
        counts->evaluations += links.entry.kind == ENTRY_EVALUATION;
        counts->conclusions += links.entry.kind == ENTRY_CONCLUSION;
        counts->opinions += links.entry.kind == ENTRY_OPINION;
    }
    return true;
}

static bool proved_say(struct verifier *v)
{
    struct counts counts = { 0 };
    struct verification *to = v->verification;
    if (!counts_make(v, &counts))
        return false;
    if (!verification_say(to, v->err, "checkpoint %llu signed by %.*s (key %02x%02x%02x%02x)",
                          (unsigned long long)v->checkpoint.size, SLICE_ARG(v->key.name),
                          v->key.id[0], v->key.id[1], v->key.id[2], v->key.id[3]))
        return false;
    if (v->options->anchor &&
        !verification_say(to, v->err, "rollback excluded up to #%llu by the anchor %s",
                          (unsigned long long)v->known_size, v->options->anchor))
        return false;
    if (counts.runs > 0 &&
        !verification_say(to, v->err,
                          "%llu runs follow their evidence, %llu evaluations their runs, %llu "
                          "conclusions their evaluations%s",
                          (unsigned long long)counts.runs, (unsigned long long)counts.evaluations,
                          (unsigned long long)counts.conclusions,
                          counts.opinions > 0 ? ", the opinion comes last" : ""))
        return false;
    uint64_t erasures = contents_erasures_count(v->contents);
    return erasures == 0 || verification_say(to, v->err, "%llu erasures are in the ledger",
                                             (unsigned long long)erasures);
}

/* ---- what is lost ---- */

struct loss {
    struct verifier *v;
    bool *is_lost;       /* per entry */
    uint64_t lost, kept; /* conclusions that the report rests on */
    struct strbuf names;
    uint64_t named;
};

static bool inputs_are_lost(struct loss *loss, const struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        uint64_t n;
        if (contents_find_leaf(loss->v->contents, &links->inputs[i], &n) && loss->is_lost[n])
            return true;
    }
    return false;
}

static bool name_keep(struct loss *loss, const struct entry *entry)
{
    struct slice shown = value_text_of(entry->body, "name"), plain;
    if (loss->named++ >= NAMES_MAX)
        return true;
    if (!verify_name(loss->v, loss->v->arena, shown, &plain))
        return false;
    strbuf_add_text(&loss->names, loss->names.len > 0 ? ", " : "");
    if (plain.len > 0)
        strbuf_add(&loss->names, plain);
    else
        strbuf_add_text(&loss->names, verify_label_of(entry).text);
    return true;
}

static bool entry_judge(struct loss *loss, uint64_t n)
{
    struct verifier *v = loss->v;
    struct links links;
    arena_reset(v->arena);
    if (!verify_links(v, v->arena, n, &links))
        return false;
    loss->is_lost[n] = loss->is_lost[n] || inputs_are_lost(loss, &links);
    bool counts = links.entry.kind == ENTRY_CONCLUSION || links.entry.kind == ENTRY_OPINION ||
                  links.entry.kind == ENTRY_REPORT;
    if (!counts || !contents_rests_on(v->contents, n))
        return true;
    if (!loss->is_lost[n]) {
        loss->kept++;
        return true;
    }
    loss->lost++;
    return name_keep(loss, &links.entry);
}

static bool loss_say(struct loss *loss)
{
    struct verifier *v = loss->v;
    for (size_t i = 0; i < v->bad_count; i++)
        loss->is_lost[v->bad[i]] = true;
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        if (!entry_judge(loss, n))
            return false;
    }
    if (!strbuf_ok(&loss->names, v->err))
        return false;
    if (loss->lost == 0)
        return verification_say(v->verification, v->err,
                                "still proved: %llu conclusions, opinions and reports; none rests "
                                "on what fails",
                                (unsigned long long)loss->kept);
    return verification_say(
        v->verification, v->err, "no longer proved: %.*s%s; still proved: %llu others",
        SLICE_ARG(strbuf_slice(&loss->names)), loss->named > NAMES_MAX ? " and more" : "",
        (unsigned long long)loss->kept);
}

static bool lost_say(struct verifier *v)
{
    struct loss loss = { .v = v, .names = strbuf_new(1 << 16) };
    loss.is_lost = calloc((size_t)v->checkpoint.size, sizeof *loss.is_lost);
    bool ok = loss.is_lost ? loss_say(&loss) : error_no_memory(v->err, (size_t)v->checkpoint.size);
    free(loss.is_lost);
    strbuf_free(&loss.names);
    return ok;
}

static bool nothing_say(struct verifier *v, const char *why)
{
    return verification_say(v->verification, v->err, "nothing of this is proved: %s", why);
}

/* The entries are those that were signed, but break a rule: what rests on what can still be told.
 */
static bool contents_try(struct verifier *v)
{
    if (v->contents || !v->is_signed || (v->source->level != CONTENTS_ALL && v->reports_count == 0))
        return true;
    struct contents_of of = contents_wanted(v);
    v->contents = contents_new(&of, v->err);
    return v->contents || verify_forgives(v);
}

bool verify_summary(struct verifier *v)
{
    const struct verification *verification = v->verification;
    if (verification_holds(verification))
        return proved_say(v);
    if (verification_find(verification, CHECK_KEY)->state == CHECK_FAILS)
        return nothing_say(v, "the ledger is not the one you named");
    if (verification_find(verification, CHECK_KNOWN)->state == CHECK_FAILS)
        return nothing_say(v, "the ledger contradicts what you saw of it before");
    if (!contents_try(v))
        return false;
    if (!v->contents)
        return nothing_say(v, "its ledger does not hold");
    return lost_say(v) || verify_forgives(v);
}
