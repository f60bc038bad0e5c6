#include "program/planning.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static int by_name(const void *a, const void *b)
{
    const struct known *left = a, *right = b;
    return slice_compare(left->name, right->name);
}

struct known *known_find(const struct planning *planning, struct slice name)
{
    struct known wanted = { .name = name };
    return planning->known_count
               ? bsearch(&wanted, planning->known, planning->known_count, sizeof wanted, by_name)
               : NULL;
}

bool known_of_document(const struct planning *planning, const struct document *document,
                       struct known *known)
{
    const struct known *found = known_find(planning, document->name);
    if (!found)
        return false;
    *known = *found;
    if (known->document != document) {
        known->document = document;
        known->tree = NULL;
    }
    return true;
}

/* Joins neighbours of one name: the store's and the run's. Of two documents (told already) the
 * first that is right counts. */
static void merge(struct planning *planning)
{
    size_t kept = 0;
    for (size_t i = 0; i < planning->known_count; i++) {
        struct known *last = kept ? &planning->known[kept - 1] : NULL;
        struct known *next = &planning->known[i];
        if (!last || !slice_equal(last->name, next->name)) {
            planning->known[kept++] = *next;
            continue;
        }
        if (next->stored)
            last->stored = next->stored;
        if (next->document && (!last->document || last->document->is_faulty))
            last->document = next->document;
    }
    planning->known_count = kept;
}

static bool known_add(struct planning *planning, struct slice name,
                      const struct resource_version *stored, const struct document *document)
{
    struct known *known = &planning->known[planning->known_count];
    struct slice id;
    *known = (struct known){ .stored = stored, .document = document, .item = SIZE_MAX };
    if (!arena_copy(planning->arena, name, &known->name, planning->err))
        return false;
    /* A kind that this version of the program does not know stays as it is and can still be named.
     */
    if (!resource_split(planning->catalogue, name, &known->kind, &id))
        known->kind = NULL;
    planning->known_count++;
    return true;
}

/* ---- built-in population types that a document names ---- */

struct naming {
    struct planning *planning;
    struct document *types; /* one for each named, in the order found */
    size_t count;
    bool ok;
};

static bool type_document(struct planning *planning, struct slice name, const struct value *type,
                          struct document *document)
{
    struct slice id;
    *document = (struct document){ .name = name, .file = NULL };
    if (!resource_split(planning->catalogue, name, &document->kind, &id))
        return error_set(planning->err, ERROR_CORRUPT, NULL, "the catalogue has no PopulationType");
    document->id = id;
    document->tree = document->sound = value_copy(planning->arena, type, planning->err);
    return document->tree && json_canonical_copy(planning->arena, document->tree,
                                                 &document->canonical, planning->err);
}

static bool type_named(void *context, const struct reference *reference)
{
    struct naming *naming = context;
    struct planning *planning = naming->planning;
    enum reference_target target;
    char expected[160];
    struct slice name, id;
    const struct kind *kind;
    naming->ok =
        reference_target(reference, planning->arena, &target, &name, expected, planning->err);
    if (!naming->ok)
        return false;
    if (target != TARGET_RESOURCE || !resource_split(planning->catalogue, name, &kind, &id) ||
        !slice_is(kind->name, "PopulationType") || known_find(planning, name))
        return true;
    const struct value *type = catalogue_population_type(planning->catalogue, id);
    for (size_t i = 0; i < naming->count; i++)
        if (slice_equal(naming->types[i].name, name))
            return true;
    if (!type)
        return true;
    naming->ok = type_document(planning, name, type, &naming->types[naming->count++]);
    return naming->ok;
}

static size_t types_count(const struct catalogue *catalogue)
{
    size_t count = 0;
    while (catalogue_population_type_id(catalogue, count))
        count++;
    return count;
}

/* Adds the types to what is known, and sorts again. */
static bool types_add(struct planning *planning)
{
    struct naming naming = { .planning = planning, .ok = true };
    size_t errors = types_count(planning->catalogue);
    naming.types = arena_array(planning->arena, errors + 1, sizeof *naming.types, planning->err);
    if (!naming.types)
        return false;
    for (size_t i = 0; i < planning->documents->count; i++) {
        struct known *known = known_find(planning, planning->documents->items[i].name);
        if (!known)
            continue;
        struct value *tree = known_tree(planning, known);
        if (!tree)
            return false;
        (void)references_each(known->kind->schema, tree, type_named, &naming);
        if (!naming.ok)
            return false;
    }
    for (size_t i = 0; i < naming.count; i++) {
        if (!known_add(planning, naming.types[i].name, NULL, &naming.types[i]))
            return false;
        planning->known[planning->known_count - 1].is_from_catalogue = true;
    }
    qsort(planning->known, planning->known_count, sizeof *planning->known, by_name);
    return true;
}

/* ---- what is removed ---- */

static bool is_prunable(const struct planning *planning, const struct known *known)
{
    return known->stored && !known->document && known->kind &&
           strcmp(known->kind->entry_type, "resource") == 0 &&
           slice_is(known->stored->side, planning->acting->actor.side) &&
           !slice_equal(known->name, planning->acting->person);
}

bool planning_start(struct planning *planning)
{
    const struct documents *documents = planning->documents;
    planning->size = store_size(planning->store);
    if (!resource_list(planning->store, planning->arena, (struct slice){ 0 }, planning->size,
                       &planning->stored, planning->err))
        return false;
    size_t most = planning->stored.count + documents->count + types_count(planning->catalogue);
    planning->known =
        arena_array(planning->arena, most + 1, sizeof *planning->known, planning->err);
    if (!planning->known)
        return false;
    for (size_t i = 0; i < planning->stored.count; i++)
        if (!known_add(planning, planning->stored.items[i].name, &planning->stored.items[i], NULL))
            return false;
    for (size_t i = 0; i < documents->count; i++)
        if (!known_add(planning, documents->items[i].name, NULL, &documents->items[i]))
            return false;
    qsort(planning->known, planning->known_count, sizeof *planning->known, by_name);
    merge(planning);
    if (!types_add(planning))
        return false;
    for (size_t i = 0; planning->options->prune && i < planning->known_count; i++)
        planning->known[i].is_pruned = is_prunable(planning, &planning->known[i]);
    return plan_catalogues(planning);
}

/* ---- documents ---- */

struct value *known_stored_tree(struct planning *planning, struct known *known)
{
    if (!known->stored_tree && known->stored)
        known->stored_tree = json_parse(planning->arena, known->stored->document, known->name.at,
                                        &json_limits_default, planning->err);
    return known->stored_tree;
}

struct value *known_tree(struct planning *planning, struct known *known)
{
    if (known->is_pruned)
        return NULL;
    if (!known->document)
        return known_stored_tree(planning, known);
    /* A copy: runs are resolved in it, and the caller keeps his documents as they were. */
    if (!known->tree)
        known->tree = value_copy(planning->arena, known->document->sound, planning->err);
    return known->tree;
}

/* ---- near names ---- */

static bool is_accepted(const struct reference *reference, struct slice prefix)
{
    for (size_t i = 0; i < value_count(reference->refs); i++)
        if (slice_equal(value_text(reference->refs->items[i]), prefix))
            return true;
    return false;
}

const char *known_near(const struct planning *planning, const struct reference *reference,
                       struct slice name)
{
    enum { NEAR_MAX = 4096 };
    const char *names[NEAR_MAX];
    size_t count = 0;
    for (size_t i = 0; i < planning->known_count && count < NEAR_MAX; i++) {
        const struct known *known = &planning->known[i];
        if (known->kind && !known->is_pruned && is_accepted(reference, known->kind->prefix))
            names[count++] = known->name.at;
    }
    return slice_nearest(name, names, count);
}
