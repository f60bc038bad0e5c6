#include "ledger/rules.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ledger/entry_form.h"
#include "ledger/rules_state.h"
#include "ledger/signature.h"

enum { TILE_LEVEL = 8, TILE_LEAVES = 1 << TILE_LEVEL };

/* One entry and the indices of its inputs; one line of a payload. */
#define ARENA_BYTES_MAX ((size_t)1 << 30)

/* ---- beginning and end ---- */

struct rules *rules_new(const struct rules_sources *sources, struct error *err)
{
    struct rules *rules = calloc(1, sizeof *rules);
    if (!rules) {
        error_no_memory(err, sizeof *rules);
        return NULL;
    }
    rules->sources = *sources;
    rules->origin = strbuf_new(SIZE_MAX / 2);
    rules->arena = arena_new(ARENA_BYTES_MAX, err);
    rules->scratch = rules->arena ? arena_new(ARENA_BYTES_MAX, err) : NULL;
    if (!rules->scratch) {
        rules_free(rules);
        return NULL;
    }
    return rules;
}

void rules_free(struct rules *rules)
{
    if (!rules)
        return;
    arena_free(rules->arena);
    arena_free(rules->scratch);
    strbuf_free(&rules->origin);
    digest_list_free(&rules->leaves);
    digest_list_free(&rules->version_names);
    digest_list_free(&rules->engagements);
    free(rules->seen);
    free(rules->tiles);
    free(rules->versions);
    free(rules->details);
    free(rules->inputs);
    free(rules);
}

uint64_t rules_size(const struct rules *rules) { return rules->leaves.count; }

bool rules_find(const struct rules *rules, const struct digest *leaf, uint64_t *n)
{
    size_t at;
    if (!digest_list_find(&rules->leaves, leaf, &at))
        return false;
    *n = at;
    return true;
}

struct digest rules_leaf(const struct rules *rules, uint64_t n)
{
    assert(n < rules->leaves.count);
    return rules->leaves.items[n];
}

/* ---- roots ---- */

struct remembered_hashes {
    struct hash_source base;
    const struct rules *rules;
};

static struct digest subtree(const struct rules *rules, unsigned level, uint64_t index)
{
    if (level == 0)
        return rules->leaves.items[index];
    if (level == TILE_LEVEL)
        return rules->tiles[index];
    struct digest left = subtree(rules, level - 1, 2 * index);
    struct digest right = subtree(rules, level - 1, 2 * index + 1);
    return node_hash(&left, &right);
}

static bool remembered_hash(const struct hash_source *source, unsigned level, uint64_t index,
                            struct digest *out, struct error *err)
{
    (void)err;
    *out = subtree(((const struct remembered_hashes *)source)->rules, level, index);
    return true;
}

struct digest rules_root(const struct rules *rules, uint64_t size)
{
    struct remembered_hashes hashes = { { remembered_hash }, rules };
    struct digest root;
    struct error err = { 0 };
    assert(size <= rules->leaves.count);
    bool is_made = merkle_root(&hashes.base, size, &root, &err);
    assert(is_made); /* nothing is read */
    (void)is_made;
    return root;
}

/* ---- words ---- */

bool fault_set(struct judge *judge, const char *code, const char *format, ...)
{
    char detail[sizeof judge->fault->detail];
    struct error shown = { 0 };
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    /* Origins are foreign text: error_set() escapes and cuts what a terminal must not see. */
    error_set(&shown, ERROR_FINDING, NULL, "%s", detail);
    snprintf(judge->fault->detail, sizeof judge->fault->detail, "%.*s",
             (int)sizeof judge->fault->detail - 1, shown.message);
    judge->fault->n = judge->n;
    judge->fault->code = code;
    judge->fault->type = slice_is(judge->entry.type, entry_type_name(judge->entry.kind))
                             ? entry_type_name(judge->entry.kind)
                             : NULL;
    return false;
}

struct label label_of(const struct rules *rules, uint64_t n)
{
    struct label label;
    snprintf(label.text, sizeof label.text, "%s #%llu",
             entry_type_name((enum entry_type)rules->seen[n].type), (unsigned long long)n);
    return label;
}

/* ---- one entry ---- */

/* A fault of form, told by entry.c through an error object, becomes a fault. */
static bool form_fault(struct judge *judge, const char *code)
{
    if (!code)
        return false;
    char words[sizeof judge->fault->detail];
    snprintf(words, sizeof words, "%.*s", (int)sizeof words - 1, judge->err->message);
    memset(judge->err, 0, sizeof *judge->err);
    return fault_set(judge, code, "%s", words);
}

static bool place_check(struct judge *judge)
{
    const struct rules *rules = judge->rules;
    const struct entry *entry = &judge->entry;
    size_t at;
    if (digest_list_find(&rules->leaves, &entry->leaf, &at))
        return fault_set(judge, "duplicate-leaf", "entry #%llu is entry #%zu again",
                         (unsigned long long)judge->n, at);
    if (entry->n != judge->n)
        return fault_set(judge, "wrong-index", "the entry at #%llu says it is #%llu",
                         (unsigned long long)judge->n, (unsigned long long)entry->n);
    if ((entry->kind == ENTRY_START) != (judge->n == 0))
        return fault_set(judge, "bad-start",
                         judge->n == 0 ? "entry #0 is not ledger.start" : "a second ledger.start");
    if (judge->n > 0 && entry->at_us < rules->seen[judge->n - 1].at_us)
        return fault_set(judge, "time-backwards", "entry #%llu is dated %.*s, before #%llu",
                         (unsigned long long)judge->n, SLICE_ARG(entry->at),
                         (unsigned long long)(judge->n - 1));
    return true;
}

static bool signature_check(struct judge *judge)
{
    const struct entry *entry = &judge->entry;
    bool is_required =
        entry->kind == ENTRY_OPINION || (entry->kind == ENTRY_REPORT && entry->by == SIDE_AUDITOR);
    if (!entry->sig)
        return !is_required ||
               fault_set(judge, "bad-signature", "%s #%llu is not signed",
                         entry_type_name(entry->kind), (unsigned long long)judge->n);
    if (signature_holds(judge->rules->arena, entry->whole, judge->err))
        return true;
    if (judge->err->code != ERROR_INVALID)
        return false;
    return form_fault(judge, "bad-signature");
}

/* ---- remembering ---- */

static enum resource_kind resource_kind_of(const struct entry *entry)
{
    struct slice kind = value_text_of(entry->body, "kind");
    if (entry->kind != ENTRY_RESOURCE)
        return RESOURCE_OTHER;
    if (slice_is(kind, "Test"))
        return RESOURCE_TEST;
    return slice_is(kind, "Assertion") ? RESOURCE_ASSERTION : RESOURCE_OTHER;
}

static bool has_version(enum entry_type type)
{
    return type == ENTRY_RESOURCE || type == ENTRY_CONCLUSION || type == ENTRY_OPINION;
}

static bool has_detail(enum entry_type type)
{
    return type == ENTRY_POPULATION || type == ENTRY_SEED_COMMIT || type == ENTRY_SEED_REVEAL;
}

/* Everything that can fail, so that what follows cannot stop half way. */
static bool room_make(struct judge *judge)
{
    struct rules *rules = judge->rules;
    struct error *err = judge->err;
    size_t count = rules->leaves.count;
    void *grown;
    if (!digest_list_reserve(&rules->leaves, 1, err) ||
        !digest_list_reserve(&rules->version_names, 1, err) ||
        !digest_list_reserve(&rules->engagements, 1, err))
        return false;
    if (!(grown =
              array_grow(rules->seen, &rules->seen_capacity, count, 1, sizeof *rules->seen, err)))
        return false;
    rules->seen = grown;
    if (!(grown = array_grow(rules->tiles, &rules->tiles_capacity, count / TILE_LEAVES, 1,
                             sizeof *rules->tiles, err)))
        return false;
    rules->tiles = grown;
    if (!(grown = array_grow(rules->versions, &rules->versions_capacity, rules->version_names.count,
                             1, sizeof *rules->versions, err)))
        return false;
    rules->versions = grown;
    if (!(grown = array_grow(rules->details, &rules->details_capacity, rules->details_count, 1,
                             sizeof *rules->details, err)))
        return false;
    rules->details = grown;
    if (!(grown = array_grow(rules->inputs, &rules->inputs_capacity, rules->inputs_count,
                             judge->inputs.count + 1, sizeof *rules->inputs, err)))
        return false;
    rules->inputs = grown;
    if (judge->n == 0) {
        strbuf_clear(&rules->origin);
        strbuf_add(&rules->origin, value_text_of(judge->entry.body, "origin"));
        return strbuf_ok(&rules->origin, err);
    }
    return true;
}

static uint32_t remember_version(struct judge *judge)
{
    struct rules *rules = judge->rules;
    uint32_t at = (uint32_t)rules->version_names.count;
    struct version *version = &rules->versions[at];
    version->n = (uint32_t)judge->n;
    bool is_number = entry_integer(value_member(judge->entry.body, "version"), &version->number);
    assert(is_number);
    (void)is_number;
    digest_list_add(&rules->version_names, &judge->name);
    return at;
}

static uint32_t remember_detail(struct judge *judge)
{
    struct rules *rules = judge->rules;
    uint32_t at = (uint32_t)rules->details_count++;
    const struct value *body = judge->entry.body;
    struct detail *detail = &rules->details[at];
    uint64_t bytes;
    *detail = (struct detail){ .inputs_at = rules->inputs_count,
                               .inputs_count = judge->inputs.count,
                               .is_partial = judge->inputs.is_partial };
    bool is_read = true;
    if (judge->entry.kind == ENTRY_POPULATION)
        is_read = time_parse_canonical(value_text_of(body, "from"), &detail->from_us) &&
                  time_parse_canonical(value_text_of(body, "to"), &detail->to_us) &&
                  payload_ref(value_member(body, "items"), &detail->c, &bytes);
    else if (judge->entry.kind == ENTRY_SEED_COMMIT)
        is_read = payload_ref(value_member(body, "seed"), &detail->c, &bytes);
    else
        is_read = digest_from_hex(value_text_of(body, "seed"), &detail->c);
    assert(is_read); /* its form was checked */
    (void)is_read;
    if (judge->inputs.count > 0)
        memcpy(&rules->inputs[rules->inputs_count], judge->inputs.items,
               judge->inputs.count * sizeof *rules->inputs);
    rules->inputs_count += judge->inputs.count;
    return at;
}

static uint32_t remember_engagement(struct judge *judge)
{
    struct digest_list *engagements = &judge->rules->engagements;
    struct slice name = value_text_of(judge->entry.body, "engagement");
    size_t at;
    if (name.len == 0)
        return ENGAGEMENT_NONE;
    struct digest hash = sha256_of(name);
    if (!digest_list_find(engagements, &hash, &at)) {
        at = engagements->count;
        digest_list_add(engagements, &hash);
    }
    return (uint32_t)(at + 1);
}

/* Spends or restores what this entry withdraws or reveals. */
static void spend(struct rules *rules, const struct seen *seen, bool is_spent)
{
    if (seen->type == ENTRY_WITHDRAW) {
        rules->seen[seen->part].is_spent = is_spent;
    } else if (seen->type == ENTRY_SEED_REVEAL) {
        const struct detail *detail = &rules->details[seen->part];
        for (size_t i = 0; i < detail->inputs_count; i++) {
            struct seen *input = &rules->seen[rules->inputs[detail->inputs_at + i]];
            if (input->type == ENTRY_SEED_COMMIT)
                input->is_spent = is_spent;
        }
    }
}

static void remember(struct judge *judge)
{
    struct rules *rules = judge->rules;
    const struct entry *entry = &judge->entry;
    struct seen *seen = &rules->seen[judge->n];
    *seen = (struct seen){ .at_us = entry->at_us,
                           .engagement = judge->engagement,
                           .type = (uint8_t)entry->kind,
                           .side = (uint8_t)entry->by,
                           .kind = (uint8_t)resource_kind_of(entry) };
    if (has_version(entry->kind))
        seen->part = remember_version(judge);
    else if (has_detail(entry->kind))
        seen->part = remember_detail(judge);
    else if (entry->kind == ENTRY_WITHDRAW)
        seen->part = judge->inputs.firsts[ENTRY_SEGMENT];
    else if (entry->kind == ENTRY_RUN)
        seen->engagement = remember_engagement(judge);
    spend(rules, seen, true);
    digest_list_add(&rules->leaves, &entry->leaf);
    if (rules->leaves.count % TILE_LEAVES == 0) {
        uint64_t tile = rules->leaves.count / TILE_LEAVES - 1;
        struct digest left = subtree(rules, TILE_LEVEL - 1, 2 * tile);
        struct digest right = subtree(rules, TILE_LEVEL - 1, 2 * tile + 1);
        rules->tiles[tile] = node_hash(&left, &right);
    }
}

static bool entry_judge(struct judge *judge, struct slice bytes)
{
    const char *code = NULL;
    arena_reset(judge->rules->arena);
    if (!entry_read(judge->rules->arena, bytes, &judge->entry, &code, judge->err))
        return form_fault(judge, code);
    if (!place_check(judge))
        return false;
    if (!entry_inputs_check(&judge->entry, &code, judge->err))
        return form_fault(judge, code);
    if (!inputs_find(judge) || !roles_check(judge) || !signature_check(judge) || !room_make(judge))
        return false;
    remember(judge);
    return true;
}

bool rules_add(struct rules *rules, struct slice entry, struct fault *fault, struct error *err)
{
    return rules_add_made(rules, entry, (struct slice){ 0 }, fault, err);
}

bool rules_add_made(struct rules *rules, struct slice entry, struct slice more, struct fault *fault,
                    struct error *err)
{
    struct judge judge = {
        .rules = rules, .fault = fault, .err = err, .n = rules_size(rules), .more = more
    };
    memset(fault, 0, sizeof *fault);
    return entry_judge(&judge, entry);
}

void rules_forget(struct rules *rules, uint64_t size)
{
    assert(size <= rules->leaves.count);
    while (rules->leaves.count > size) {
        const struct seen *seen = &rules->seen[rules->leaves.count - 1];
        enum entry_type type = (enum entry_type)seen->type;
        spend(rules, seen, false);
        if (has_version(type))
            digest_list_cut(&rules->version_names, seen->part);
        if (has_detail(type)) {
            rules->inputs_count = rules->details[seen->part].inputs_at;
            rules->details_count = seen->part;
        }
        digest_list_cut(&rules->leaves, rules->leaves.count - 1);
    }
}
