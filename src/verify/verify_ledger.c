/* First the checkpoint, then every entry: its hash into the tree, its place under the rules. */
#include <stdlib.h>
#include <string.h>

#include "ledger/tile.h"
#include "verify/verify_private.h"

/* Entries are counted in 32 bits where memory counts. */
#define ENTRIES_MAX ((uint64_t)UINT32_MAX - 1)

/* ---- checkpoint ---- */

/* A bundle's note has one line. Others would be bytes that no key here covers. */
static bool has_one_line(struct slice note)
{
    struct slice text, lines, line;
    struct error unused = { 0 };
    return note_split(note, &text, &lines, &unused) && slice_line(&lines, &line) && lines.len == 0;
}

static bool signature_check(struct verifier *v, bool *is_right)
{
    struct note note;
    const struct verify_source *source = v->source;
    *is_right = false;
    if (!verifier_key_parse(source->vkey, &v->key) || v->key.type != KEY_LOG)
        return verify_set(v, CHECK_SIGNATURE, CHECK_FAILS, "the bundle names no ledger key");
    if (!checkpoint_open(source->note, &v->key, 1, &v->checkpoint, &note, v->err))
        return verify_fails(v, CHECK_SIGNATURE);
    if (!has_one_line(source->note))
        return verify_set(v, CHECK_SIGNATURE, CHECK_FAILS,
                          "the checkpoint carries more than the ledger's own signature");
    if (v->checkpoint.size == 0 || v->checkpoint.size > ENTRIES_MAX)
        return verify_set(v, CHECK_SIGNATURE, CHECK_FAILS, "the checkpoint is over %llu entries",
                          (unsigned long long)v->checkpoint.size);
    *is_right = true;
    return verify_set(v, CHECK_SIGNATURE, CHECK_HOLDS,
                      "checkpoint of %llu entries, signed by %.*s, key %02x%02x%02x%02x",
                      (unsigned long long)v->checkpoint.size, SLICE_ARG(v->key.name), v->key.id[0],
                      v->key.id[1], v->key.id[2], v->key.id[3]);
}

static bool pinned_check(struct verifier *v)
{
    struct verifier_key pinned;
    struct slice text = slice_trim(v->options->key);
    if (text.len == 0)
        return verify_set(v, CHECK_KEY, CHECK_NOT_MADE,
                          "no key given: anyone can sign a ledger of his own (--key)");
    if (verifier_key_parse(text, &pinned) && slice_equal(pinned.name, v->key.name) &&
        memcmp(pinned.public_key, v->key.public_key, sizeof pinned.public_key) == 0)
        return verify_set(v, CHECK_KEY, CHECK_HOLDS, "%.*s", SLICE_ARG(text));
    return verify_set(v, CHECK_KEY, CHECK_FAILS, "signed by %.*s, not by %.*s",
                      SLICE_ARG(v->source->vkey), SLICE_ARG(text));
}

bool verify_checkpoint(struct verifier *v, bool *go_on)
{
    return signature_check(v, go_on) && (!*go_on || pinned_check(v));
}

/* ---- entries ---- */

struct reading {
    struct verifier *v;
    struct merkle_edge edge;
    struct fault fault;         /* code NULL: none */
    struct slice origin;        /* as the first entry has it; empty if that is no start */
    char copy[ENTRY_BYTES_MAX]; /* the rules may read other entries meanwhile */
};

static bool leaf_keep(struct verifier *v, const struct digest *leaf)
{
    if (v->leaves_count == v->leaves_capacity) {
        size_t capacity = v->leaves_capacity ? v->leaves_capacity * 2 : 1024;
        struct digest *grown = realloc(v->leaves, capacity * sizeof *grown);
        if (!grown)
            return error_no_memory(v->err, capacity * sizeof *grown);
        v->leaves = grown;
        v->leaves_capacity = capacity;
    }
    v->leaves[v->leaves_count++] = *leaf;
    return true;
}

/* A ledger that continues another says so. What that one held is verified by itself. */
static bool say_previous(struct verifier *v, const struct value *prev)
{
    uint64_t size = 0;
    if (!prev || prev->type != VALUE_OBJECT || !entry_integer(value_member(prev, "size"), &size))
        return true;
    return check_set(v->verification, "ledger.previous", "the ledger that this one continues holds",
                     CHECK_NOT_MADE, v->err,
                     "continues %.*s from #%llu (%.*s): verify that ledger by itself",
                     SLICE_ARG(value_text_of(prev, "origin")), (unsigned long long)size,
                     SLICE_ARG(value_text_of(prev, "reason")));
}

static bool origin_read(struct reading *reading)
{
    struct verifier *v = reading->v;
    struct links first;
    if (!verify_links(v, v->kept, 0, &first))
        return verify_forgives(v); /* the rules say what is wrong with it */
    if (first.entry.kind != ENTRY_START)
        return true;
    reading->origin = value_text_of(first.entry.body, "origin");
    return say_previous(v, value_member(first.entry.body, "prev"));
}

static bool entry_take(struct reading *reading, struct slice bytes)
{
    struct verifier *v = reading->v;
    struct digest leaf = leaf_hash(bytes);
    merkle_edge_add(&reading->edge, &leaf);
    if (!leaf_keep(v, &leaf))
        return false;
    if (reading->fault.code)
        return true;
    /* Longer ones are faults of form, which the rules see by their length. */
    if (bytes.len <= sizeof reading->copy) {
        memcpy(reading->copy, bytes.at, bytes.len);
        bytes.at = reading->copy;
    }
    return rules_add(v->rules, bytes, &reading->fault, v->err) || reading->fault.code != NULL;
}

/* True also when the entries end early or cannot be read: then fewer leaves are kept. */
static bool entries_take(struct reading *reading)
{
    struct verifier *v = reading->v;
    const struct entry_source *entries = v->source->entries;
    uint64_t there = entries->size(entries);
    if (there < v->checkpoint.size)
        return verify_set(v, CHECK_ROOT, CHECK_FAILS,
                          "the checkpoint is over %llu entries, %llu are here",
                          (unsigned long long)v->checkpoint.size, (unsigned long long)there);
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct slice bytes;
        if (!entries->entry(entries, n, &bytes, v->err))
            return verify_fails(v, CHECK_ROOT);
        if (!entry_take(reading, bytes))
            return false;
    }
    return origin_read(reading);
}

static bool root_check(struct reading *reading, bool *is_right)
{
    struct verifier *v = reading->v;
    struct digest root = merkle_edge_root(&reading->edge);
    char found[65], expected[65];
    *is_right = false;
    if (v->leaves_count < v->checkpoint.size) /* said already */
        return true;
    digest_hex(&root, found);
    digest_hex(&v->checkpoint.root, expected);
    if (!digest_equal(&root, &v->checkpoint.root))
        return verify_set(v, CHECK_ROOT, CHECK_FAILS,
                          "the entries give the root %.16s..., the checkpoint was signed for "
                          "%.16s...",
                          found, expected);
    if (!slice_equal(reading->origin, v->checkpoint.origin))
        return verify_set(v, CHECK_ROOT, CHECK_FAILS,
                          "the ledger began as %.*s, the checkpoint is of %.*s",
                          SLICE_ARG(reading->origin), SLICE_ARG(v->checkpoint.origin));
    *is_right = true;
    return verify_set(v, CHECK_ROOT, CHECK_HOLDS, "%llu entries give the root %.16s...",
                      (unsigned long long)v->checkpoint.size, expected);
}

/* Root of the first `size` entries. */
static struct digest root_at(const struct verifier *v, uint64_t size)
{
    struct merkle_edge edge = { .size = 0 };
    for (uint64_t i = 0; i < size; i++)
        merkle_edge_add(&edge, &v->leaves[i]);
    return merkle_edge_root(&edge);
}

/* A checkpoint from before: two that the same key signed and that do not continue each other are
 * proof of a fork; one beyond this ledger's end, of a rollback. Whoever finds that keeps both
 * notes. */
static bool known_check(struct verifier *v)
{
    struct checkpoint known;
    struct note note;
    if (v->options->known.len == 0)
        return verify_set(v, CHECK_KNOWN, CHECK_NOT_MADE,
                          "rollback not excluded: no earlier checkpoint or bundle given to compare "
                          "with (--since)");
    if (!checkpoint_open(v->options->known, &v->key, 1, &known, &note, v->err))
        return verify_fails(v, CHECK_KNOWN);
    if (known.size > v->checkpoint.size)
        return verify_set(v, CHECK_KNOWN, CHECK_FAILS,
                          "rolled back: you saw a checkpoint of %llu entries, this is one of %llu",
                          (unsigned long long)known.size, (unsigned long long)v->checkpoint.size);
    struct digest root = root_at(v, known.size);
    if (!digest_equal(&root, &known.root))
        return verify_set(v, CHECK_KNOWN, CHECK_FAILS,
                          "forked: at %llu entries this ledger has another root than the one you "
                          "saw, signed by the same key: keep both",
                          (unsigned long long)known.size);
    v->known_size = known.size;
    if (v->options->anchor)
        return verify_set(v, CHECK_KNOWN, CHECK_HOLDS,
                          "rollback excluded up to #%llu by the anchor %s",
                          (unsigned long long)known.size, v->options->anchor);
    return verify_set(v, CHECK_KNOWN, CHECK_HOLDS, "it continues the state of %llu entries",
                      (unsigned long long)known.size);
}

/* What the rules say of each check that entries alone decide. */
static bool rules_tell(struct reading *reading)
{
    struct verifier *v = reading->v;
    const struct fault *fault = &reading->fault;
    const struct rule_check *failed = fault->code ? fault_check(fault) : NULL;
    bool is_whole = !fault->code && rules_size(v->rules) == v->checkpoint.size;
    if (failed && !verify_set(v, failed->id, CHECK_FAILS, "%s", fault->detail))
        return false;
    if (failed && !verify_bad(v, fault->n))
        return false;
    for (size_t i = 0; i < rule_checks_count; i++) {
        const struct rule_check *check = &rule_checks[i];
        bool ok = true;
        if (check->of_payloads || check == failed)
            continue;
        if (is_whole)
            ok = verify_set(v, check->id, CHECK_HOLDS, "%s", check->meaning);
        else
            ok = verify_set(v, check->id, CHECK_NOT_MADE,
                            "it holds for the first %llu entries; those from there on were not "
                            "judged",
                            (unsigned long long)rules_size(v->rules));
        if (!ok)
            return false;
    }
    return true;
}

static bool report_keep(struct verifier *v, uint64_t n)
{
    uint64_t *grown = realloc(v->reports, (v->reports_count + 1) * sizeof *grown);
    if (!grown)
        return error_no_memory(v->err, (v->reports_count + 1) * sizeof *grown);
    v->reports = grown;
    v->reports[v->reports_count++] = n;
    return true;
}

/* The report's own checkpoint: the root that the ledger had at that size, from its leaves. */
static bool point_check(struct verifier *v, uint64_t n)
{
    struct links links;
    uint64_t size;
    char hex[65];
    arena_reset(v->arena);
    if (!verify_links(v, v->arena, n, &links))
        return verify_fails(v, CHECK_CONSISTENCY);
    const struct value *point = value_member(links.entry.body, "checkpoint");
    if (!entry_integer(value_member(point, "size"), &size) || size > v->leaves_count)
        return verify_set(v, CHECK_CONSISTENCY, CHECK_FAILS,
                          "report #%llu names a checkpoint that this ledger does not cover",
                          (unsigned long long)n);
    struct digest root = root_at(v, size);
    digest_hex(&root, hex);
    if (!slice_is(value_text_of(point, "root"), hex) ||
        !slice_equal(value_text_of(point, "origin"), v->checkpoint.origin))
        return verify_set(v, CHECK_CONSISTENCY, CHECK_FAILS,
                          "report #%llu names a root that this ledger did not have at %llu entries",
                          (unsigned long long)n, (unsigned long long)size);
    return verify_set(v, CHECK_CONSISTENCY, CHECK_HOLDS,
                      "report #%llu names the state of %llu entries, which the signed %llu hold",
                      (unsigned long long)n, (unsigned long long)size,
                      (unsigned long long)v->leaves_count);
}

static bool is_report(struct verifier *v, uint64_t n, bool *is_one)
{
    struct links links;
    *is_one = false;
    arena_reset(v->arena);
    if (!verify_links(v, v->arena, n, &links))
        return verify_forgives(v); /* the rules say what is wrong with it */
    *is_one = links.entry.kind == ENTRY_REPORT;
    return true;
}

/* The one that the bundle is of; all of a directory. */
static bool reports_find(struct verifier *v, bool *is_found)
{
    bool is_all = v->source->level == CONTENTS_ALL;
    *is_found = true;
    for (uint64_t n = 0; n < v->leaves_count; n++) {
        bool is_one = is_all || digest_equal(&v->leaves[n], &v->source->report);
        if (is_one && (!is_report(v, n, &is_one) || (is_one && !report_keep(v, n))))
            return false;
    }
    for (size_t i = 0; i < v->reports_count; i++) {
        if (!point_check(v, v->reports[i]))
            return false;
    }
    if (v->reports_count > 0)
        return true;
    *is_found = is_all;
    if (is_all)
        return verify_set(v, CHECK_CONSISTENCY, CHECK_NOT_MADE, "no report was issued");
    return verify_set(v, CHECK_MEMBERS, CHECK_FAILS,
                      "the bundle names a report that its ledger does not hold");
}

bool verify_entries(struct verifier *v, bool *go_on)
{
    struct reading reading = { .v = v };
    const struct rules_sources sources = { .payloads = &v->payloads.base,
                                           .entries = v->source->entries,
                                           .peers = v->options->peers,
                                           .peers_count = v->options->peers_count };
    *go_on = false;
    v->rules = rules_new(&sources, v->err);
    if (!v->rules || !entries_take(&reading) || !root_check(&reading, go_on) ||
        !rules_tell(&reading))
        return false;
    v->is_signed = *go_on;
    bool is_found = false;
    if (v->is_signed && (!known_check(v) || !reports_find(v, &is_found)))
        return false;
    *go_on = is_found && !reading.fault.code;
    return true;
}
