/* The order of writing. A pin needs the entry it names, so pins rule; other references only make
 * the ledger read well, and may go round in circles (a role's holder, a person's organization).
 *
 * Two walks, each by stack and not by recursion, for a chain may be as long as the run: the first
 * follows all references and gives a soft order, the second follows pins only, in that order. */
#include <stdio.h>
#include <stdlib.h>

#include "program/planning.h"

enum { UNSEEN, OPEN, CLOSED };

struct edges {
    struct known **to;
    size_t count, capacity;
};
struct frame {
    struct known *known;
    struct edges edges;
    size_t next;
};
struct walk {
    struct planning *planning;
    bool pins_only;
    struct edges *into; /* where edge_add() puts what it finds */
    bool ok;
};

static bool is_written(const struct known *known)
{
    return known && known->document && !known->document->is_faulty;
}

/* That of "mine/A.1"; NULL if it is a built-in one. */
static struct known *own_catalogue(const struct planning *planning, struct slice criterion)
{
    char name[ID_BYTES_MAX + sizeof "catalogue/"];
    struct slice catalog, id;
    if (!slice_split(criterion, '/', &catalog, &id) || catalog.len > ID_BYTES_MAX)
        return NULL;
    (void)snprintf(name, sizeof name, "catalogue/%.*s", SLICE_ARG(catalog));
    return known_find(planning, slice_of(name));
}

static bool edge_add(void *context, const struct reference *reference)
{
    struct walk *walk = context;
    struct planning *planning = walk->planning;
    enum reference_target target;
    struct slice name;
    char expected[160];
    if (walk->pins_only && !reference->is_pinned)
        return true;
    walk->ok =
        reference_target(reference, planning->arena, &target, &name, expected, planning->err);
    if (!walk->ok)
        return false;
    struct known *known = target == TARGET_RESOURCE    ? known_find(planning, name)
                          : target == TARGET_CRITERION ? own_catalogue(planning, reference->text)
                                                       : NULL;
    if (!is_written(known))
        return true;
    struct edges *edges = walk->into;
    if (edges->count == edges->capacity) {
        size_t capacity = edges->capacity ? 2 * edges->capacity : 8;
        struct known **to = realloc(edges->to, capacity * sizeof(*to));
        walk->ok = to != NULL;
        if (!to)
            return error_no_memory(planning->err, capacity * sizeof(*to));
        edges->to = to;
        edges->capacity = capacity;
    }
    edges->to[edges->count++] = known;
    return true;
}

static bool frame_open(struct walk *walk, struct frame *frame, struct known *known)
{
    *frame = (struct frame){ .known = known };
    known->visit = OPEN;
    walk->into = &frame->edges;
    struct value *tree = known_tree(walk->planning, known);
    if (!tree)
        return false;
    (void)references_each(known->kind->schema, tree, edge_add, walk);
    return walk->ok;
}

/* Puts everything reachable from `start` at the end of out, what is named first. */
static bool walk_from(struct walk *walk, struct known *start, struct frame *stack,
                      struct known **out, size_t *count)
{
    size_t depth = 1;
    bool ok = frame_open(walk, &stack[0], start);
    while (ok && depth > 0) {
        struct frame *top = &stack[depth - 1];
        if (top->next == top->edges.count) {
            top->known->visit = CLOSED;
            out[(*count)++] = top->known;
            free(top->edges.to);
            depth--;
            continue;
        }
        struct known *next = top->edges.to[top->next++];
        if (next->visit == UNSEEN)
            ok = frame_open(walk, &stack[depth++], next);
    }
    while (depth-- > 0)
        free(stack[depth].edges.to);
    return ok;
}

static bool walk_all(struct planning *planning, bool pins_only, struct known **in, size_t in_count,
                     struct known **out)
{
    size_t count = 0;
    struct walk walk = { .planning = planning, .pins_only = pins_only, .ok = true };
    struct frame *stack = arena_array(planning->arena, in_count + 1, sizeof *stack, planning->err);
    for (size_t i = 0; i < in_count; i++)
        in[i]->visit = UNSEEN;
    for (size_t i = 0; stack && i < in_count; i++)
        if (in[i]->visit == UNSEEN && !walk_from(&walk, in[i], stack, out, &count))
            return false;
    return stack != NULL;
}

bool plan_order(struct planning *planning)
{
    const struct documents *documents = planning->documents;
    size_t count = 0;
    struct known **all =
        arena_array(planning->arena, planning->known_count + 1, sizeof *all, planning->err);
    struct known **soft =
        arena_array(planning->arena, planning->known_count + 1, sizeof *soft, planning->err);
    planning->order = arena_array(planning->arena, planning->known_count + 1,
                                  sizeof *planning->order, planning->err);
    if (!all || !soft || !planning->order)
        return false;
    /* Beginning with the order of the files, which is the one people expect to see again. */
    for (size_t i = 0; i < documents->count; i++) {
        struct known *known = known_find(planning, documents->items[i].name);
        if (is_written(known) && known->document == &documents->items[i])
            all[count++] = known;
    }
    for (size_t i = 0; i < planning->known_count; i++)
        if (planning->known[i].is_from_catalogue)
            all[count++] = &planning->known[i];
    planning->order_count = count;
    return walk_all(planning, false, all, count, soft) &&
           walk_all(planning, true, soft, count, planning->order);
}
