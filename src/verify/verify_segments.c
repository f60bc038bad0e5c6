/* Whether a population leaves out a segment of its type.
 *
 * A bundle carries every entry of the ledger, and an entry of a segment says its type: so from the
 * entries alone, without any evidence, it can be seen which segments were there when a population
 * was frozen or a test run. docs/decisions/segments-left-out.md says what that shows and what it
 * does not. */
#include <stdlib.h>
#include <string.h>

#include "ledger/digest_list.h"
#include "verify/verify_private.h"

enum { NAMED_MAX = 5 };

struct segment_seen {
    uint64_t n, withdrawn_at; /* UINT64_MAX: never */
    size_t type;              /* position in types */
    uint64_t named_by;        /* the last step that names it, as its number + 1; 0: none */
    bool is_snapshot;         /* by the definition of its type, which it rests on */
};

struct type_seen {
    struct slice id;
    uint64_t read_by;   /* the last step that reads it, as above */
    uint64_t frozen_at; /* the last population of it that was looked at, as above */
    bool is_snapshot;   /* each import replaces those before: to that step, the last one counts */
    uint64_t last;      /* and that is segment last */
};

struct completeness {
    struct verifier *v;
    struct segment_seen *segments; /* in the ledger's order */
    size_t count, capacity;
    struct type_seen *types;
    size_t types_count, types_capacity;
    uint64_t withdrawn, populations, runs, partial, faults;
};

/* ---- what segments there are ---- */

static struct type_seen *type_find(const struct completeness *c, struct slice id)
{
    for (size_t i = 0; i < c->types_count; i++) {
        if (slice_equal(c->types[i].id, id))
            return &c->types[i];
    }
    return NULL;
}

static struct type_seen *type_add(struct completeness *c, struct slice id)
{
    struct error *err = c->v->err;
    struct type_seen *grown =
        array_grow(c->types, &c->types_capacity, c->types_count, 1, sizeof *grown, err);
    if (!grown)
        return NULL;
    c->types = grown;
    struct type_seen *type = &grown[c->types_count];
    *type = (struct type_seen){ .read_by = 0 };
    if (!arena_copy(c->v->kept, id, &type->id, err))
        return NULL;
    c->types_count++;
    return type;
}

/* A segment names the definition of its type, as it was when the rows were read. */
static bool snapshot_find(struct completeness *c, const struct links *links, bool *is_snapshot)
{
    struct verifier *v = c->v;
    *is_snapshot = false;
    for (size_t i = 0; i < links->count; i++) {
        struct links input;
        const struct value *document;
        uint64_t n;
        if (!contents_find_leaf(v->contents, &links->inputs[i], &n))
            continue;
        if (!verify_links(v, v->arena, n, &input))
            return false;
        if (input.entry.kind != ENTRY_RESOURCE ||
            !slice_is(value_text_of(input.entry.body, "kind"), "PopulationType"))
            continue;
        if (!verify_json(v, v->arena, value_member(input.entry.body, "payload"), &document))
            return verify_forgives(v); /* what it says cannot be read, so it excuses nothing */
        *is_snapshot = slice_is(value_text_of(document, "shape"), "snapshot");
    }
    return true;
}

static bool segment_add(struct completeness *c, const struct links *links)
{
    const struct entry *entry = &links->entry;
    bool is_snapshot;
    struct slice of = value_text_of(entry->body, "of");
    struct type_seen *type = type_find(c, of);
    if ((!type && !(type = type_add(c, of))) || !snapshot_find(c, links, &is_snapshot))
        return false;
    struct segment_seen *grown =
        array_grow(c->segments, &c->capacity, c->count, 1, sizeof *grown, c->v->err);
    if (!grown)
        return false;
    c->segments = grown;
    grown[c->count++] = (struct segment_seen){ .n = entry->n,
                                               .withdrawn_at = UINT64_MAX,
                                               .type = (size_t)(type - c->types),
                                               .is_snapshot = is_snapshot };
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct segment_seen *x = a, *y = b;
    return x->n < y->n ? -1 : x->n > y->n;
}

/* Entries come in their order, so the list is sorted. */
static struct segment_seen *segment_find(const struct completeness *c, const struct digest *leaf)
{
    struct segment_seen wanted = { .n = 0 };
    if (c->count == 0 || !contents_find_leaf(c->v->contents, leaf, &wanted.n))
        return NULL;
    return bsearch(&wanted, c->segments, c->count, sizeof wanted, by_number);
}

static void withdraw(struct completeness *c, const struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        struct segment_seen *segment = segment_find(c, &links->inputs[i]);
        if (segment && segment->withdrawn_at == UINT64_MAX) {
            segment->withdrawn_at = links->entry.n;
            c->withdrawn++;
        }
    }
}

static bool segments_read(struct completeness *c)
{
    struct verifier *v = c->v;
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct links links;
        arena_reset(v->arena);
        if (!verify_links(v, v->arena, n, &links))
            return false;
        if (links.entry.kind == ENTRY_SEGMENT && !segment_add(c, &links))
            return false;
        if (links.entry.kind == ENTRY_WITHDRAW)
            withdraw(c, &links);
    }
    return true;
}

/* ---- what a step names of them ---- */

/* What a step names, and which types it reads. */
static void named_mark(struct completeness *c, const struct links *links)
{
    uint64_t step = links->entry.n + 1;
    for (size_t i = 0; i < links->count; i++) {
        struct segment_seen *segment = segment_find(c, &links->inputs[i]);
        if (!segment)
            continue;
        struct type_seen *type = &c->types[segment->type];
        segment->named_by = step;
        type->is_snapshot = (type->read_by == step && type->is_snapshot) || segment->is_snapshot;
        type->read_by = step;
    }
}

/* Whether a segment was there below `position`, and not withdrawn before the step. */
static bool was_there(const struct segment_seen *segment, const struct links *links,
                      uint64_t position)
{
    return segment->n < position && segment->withdrawn_at >= links->entry.n;
}

/* Of every type that the step reads: all segments that count. */
static bool named_check(struct completeness *c, const struct links *links, uint64_t position)
{
    struct verifier *v = c->v;
    uint64_t step = links->entry.n + 1;
    for (size_t i = 0; i < c->count; i++) {
        if (was_there(&c->segments[i], links, position))
            c->types[c->segments[i].type].last = c->segments[i].n;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct segment_seen *segment = &c->segments[i];
        const struct type_seen *type = &c->types[segment->type];
        if (type->read_by != step || segment->named_by == step ||
            !was_there(segment, links, position) || (type->is_snapshot && segment->n < type->last))
            continue;
        if (!verify_bad(v, links->entry.n))
            return false;
        if (++c->faults <= NAMED_MAX &&
            !verify_set(v, CHECK_COMPLETE, CHECK_FAILS,
                        "%s leaves out segment #%llu of \"%.*s\", imported before it and not "
                        "withdrawn",
                        verify_label_of(&links->entry).text, (unsigned long long)segment->n,
                        SLICE_ARG(type->id)))
            return false;
    }
    return true;
}

static bool population_check(struct completeness *c, const struct links *links)
{
    struct type_seen *type = type_find(c, value_text_of(links->entry.body, "of"));
    uint64_t step = links->entry.n + 1;
    c->populations++;
    named_mark(c, links);
    if (type) {
        type->is_snapshot = type->is_snapshot && type->read_by == step;
        type->read_by = step;
        type->frozen_at = step;
    }
    return named_check(c, links, links->entry.n);
}

/* Each type of which a run names a segment is a table that it read. */
static bool run_check(struct completeness *c, const struct links *links)
{
    uint64_t position;
    c->runs++;
    named_mark(c, links);
    if (!entry_integer(value_member(links->entry.body, "position"), &position))
        return error_set(c->v->err, ERROR_FINDING, NULL, "%s has no position",
                         verify_label_of(&links->entry).text);
    return named_check(c, links, position);
}

static bool steps_check(struct completeness *c)
{
    struct verifier *v = c->v;
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct links links;
        bool ok = true;
        if (!contents_rests_on(v->contents, n))
            continue;
        arena_reset(v->arena);
        if (!verify_links(v, v->arena, n, &links))
            return false;
        if (links.entry.kind != ENTRY_POPULATION && links.entry.kind != ENTRY_RUN)
            continue;
        if (links.is_partial)
            c->partial++;
        else if (links.entry.kind == ENTRY_POPULATION)
            ok = population_check(c, &links);
        else
            ok = run_check(c, &links);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- the words ---- */

static bool tell(struct completeness *c)
{
    struct verifier *v = c->v;
    uint64_t later = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct segment_seen *segment = &c->segments[i];
        const struct type_seen *type = &c->types[segment->type];
        later += type->frozen_at > 0 && segment->n >= type->frozen_at &&
                 segment->withdrawn_at == UINT64_MAX;
    }
    if (c->faults > NAMED_MAX)
        return verify_set(v, CHECK_COMPLETE, CHECK_FAILS, "and %llu more",
                          (unsigned long long)(c->faults - NAMED_MAX));
    if (c->populations + c->runs == 0)
        return verify_set(v, CHECK_COMPLETE, CHECK_NOT_MADE,
                          c->partial > 0 ? "the lists of what populations rest on are not here"
                                         : "no population was frozen");
    return verify_set(v, CHECK_COMPLETE, c->partial > 0 ? CHECK_NOT_MADE : CHECK_HOLDS,
                      "%llu populations and %llu runs leave out no segment of their types; %llu "
                      "segments came later and are in none of them, %llu were withdrawn%s",
                      (unsigned long long)c->populations, (unsigned long long)c->runs,
                      (unsigned long long)later, (unsigned long long)c->withdrawn,
                      c->partial > 0 ? "; of others the lists are not here" : "");
}

bool verify_segments(struct verifier *v)
{
    struct completeness c = { .v = v };
    if (!v->contents)
        return true;
    bool ok = segments_read(&c) && steps_check(&c);
    ok = ok ? tell(&c) : verify_fails(v, CHECK_COMPLETE);
    free(c.segments);
    free(c.types);
    return ok;
}
