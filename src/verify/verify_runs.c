/* What a verified source holds of each test run, for those who perform the tests again. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "verify/verify_private.h"

struct gathering {
    struct verifier *v;
    struct arena *arena;
    struct verified_run *runs;
    size_t count, capacity;
};

static struct verified_payload payload_of(const struct verifier *v, const struct value *payload)
{
    struct verified_payload out = { .is_there = false };
    out.is_there = payload_ref(payload, &out.c, &out.bytes);
    out.is_held = out.is_there && v->payloads.base.state(&v->payloads.base, &out.c) == PAYLOAD_HELD;
    return out;
}

/* Inputs by their place in the ledger, each once. */
static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static bool inputs_number(struct gathering *to, const struct links *links, uint64_t **numbers)
{
    *numbers = arena_array(to->arena, links->count + 1, sizeof **numbers, to->v->err);
    if (!*numbers)
        return false;
    for (size_t i = 0; i < links->count; i++) {
        if (!contents_find_leaf(to->v->contents, &links->inputs[i], &(*numbers)[i]))
            return error_set(to->v->err, ERROR_FINDING, NULL, "an input is not in the ledger");
    }
    qsort(*numbers, links->count, sizeof **numbers, by_number);
    return true;
}

static void segment_fill(const struct verifier *v, const struct entry *entry,
                         struct verified_segment *segment)
{
    *segment = (struct verified_segment){ .n = entry->n, .leaf = entry->leaf };
    segment->of = value_text_of(entry->body, "of");
    segment->payload = payload_of(v, value_member(entry->body, "payload"));
    segment->personal = payload_of(v, value_member(entry->body, "personal"));
    bool is_number = entry_integer(value_member(entry->body, "rows"), &segment->rows);
    (void)is_number; /* its form was checked */
}

static bool resource_fill(const struct verifier *v, const struct entry *entry,
                          struct verified_run *run)
{
    if (!slice_is(value_text_of(entry->body, "kind"), "Test"))
        return true;
    run->test_n = entry->n;
    run->test_name = value_text_of(entry->body, "name");
    run->test = payload_of(v, value_member(entry->body, "payload"));
    return entry_integer(value_member(entry->body, "version"), &run->test_version);
}

static bool population_fill(const struct verifier *v, const struct entry *entry,
                            struct verified_run *run)
{
    run->population_n = entry->n;
    run->population_leaf = entry->leaf;
    run->population_of = value_text_of(entry->body, "of");
    run->population = payload_of(v, value_member(entry->body, "payload"));
    run->items = payload_of(v, value_member(entry->body, "items"));
    return entry_integer(value_member(entry->body, "count"), &run->population_count);
}

static bool inputs_fill(struct gathering *to, const struct links *links, struct verified_run *run)
{
    struct verifier *v = to->v;
    uint64_t *numbers;
    struct verified_segment *segments =
        arena_array(to->arena, links->count + 1, sizeof *segments, v->err);
    uint64_t *resources = arena_array(to->arena, links->count + 1, sizeof *resources, v->err);
    if (!segments || !resources || !inputs_number(to, links, &numbers))
        return false;
    for (size_t i = 0; i < links->count; i++) {
        struct links input;
        bool ok = true;
        if (!verify_links(v, to->arena, numbers[i], &input))
            return false;
        if (input.entry.kind == ENTRY_SEGMENT) {
            segment_fill(v, &input.entry, &segments[run->segments_count++]);
        } else if (input.entry.kind == ENTRY_RESOURCE) {
            resources[run->resources_count++] = numbers[i];
            ok = resource_fill(v, &input.entry, run);
        } else if (input.entry.kind == ENTRY_POPULATION) {
            ok = population_fill(v, &input.entry, run);
        }
        if (!ok)
            return error_set(v->err, ERROR_FINDING, NULL, "%s has no number",
                             verify_label_of(&input.entry).text);
    }
    run->segments = segments;
    run->resources = resources;
    return true;
}

static bool run_fill(struct gathering *to, const struct links *links, struct verified_run *run)
{
    const struct entry *entry = &links->entry;
    *run = (struct verified_run){ .n = entry->n, .leaf = entry->leaf };
    run->is_sample = slice_is(value_text_of(entry->body, "extent"), "sample");
    run->engine = value_text_of(entry->body, "engine");
    run->matrix = payload_of(to->v, value_member(entry->body, "payload"));
    bool is_read =
        entry_integer(value_member(entry->body, "position"), &run->position) &&
        time_parse_canonical(value_text(value_path(entry->body, "period.from")),
                             &run->period_from_us) &&
        time_parse_canonical(value_text(value_path(entry->body, "period.to")), &run->period_to_us);
    return (is_read || error_set(to->v->err, ERROR_FINDING, NULL, "%s has no period",
                                 verify_label_of(entry).text)) &&
           inputs_fill(to, links, run);
}

static struct verified_run *room(struct gathering *to)
{
    if (!arena_room(to->arena, &to->runs, to->count, &to->capacity, sizeof *to->runs, to->v->err))
        return NULL;
    return &to->runs[to->count];
}

static bool gather(struct gathering *to)
{
    struct verifier *v = to->v;
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct links links;
        if (!contents_rests_on(v->contents, n))
            continue;
        arena_reset(v->arena);
        if (!verify_links(v, v->arena, n, &links))
            return false;
        if (links.entry.kind != ENTRY_RUN)
            continue;
        struct verified_run *run = room(to);
        if (!run || !verify_links(v, to->arena, n, &links) || !run_fill(to, &links, run))
            return false;
        to->count++;
    }
    return true;
}

bool verifier_runs(struct verifier *v, struct arena *arena, const struct verified_run **runs,
                   size_t *count, struct error *err)
{
    struct gathering to = { .v = v, .arena = arena };
    if (!verification_holds(v->verification))
        return error_set(err, ERROR_FINDING, NULL, "what does not hold is not performed again");
    v->err = err;
    bool ok = gather(&to);
    v->err = NULL;
    *runs = to.runs;
    *count = to.count;
    return ok;
}

/* ---- keys ---- */

bool verifier_has_keys(const struct verifier *verifier) { return verifier->source->key != NULL; }

bool verifier_subject_key(const struct verifier *verifier, const struct digest *token,
                          uint8_t key[32], bool *is_found, struct error *err)
{
    *is_found = false;
    return !verifier->source->key ||
           verifier->source->key(verifier->source, token, key, is_found, err);
}

bool verifier_is_erased(const struct verifier *verifier, const struct digest *c)
{
    const struct contents_item *item =
        verifier->contents ? contents_find(verifier->contents, c) : NULL;
    return item && item->is_erased;
}
