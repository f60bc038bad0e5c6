/* Catalogues of the user's own in a run: known to every check, whether they are in the store
 * already or come with the run. */
#include "program/catalogue_own.h"
#include "program/planning.h"

static bool is_catalogue(const struct known *known)
{
    return known->kind && slice_is(known->kind->name, "Catalogue") && !known->is_pruned;
}

bool plan_catalogues(struct planning *planning)
{
    const struct value **documents =
        arena_array(planning->arena, planning->known_count + 1, sizeof(*documents), planning->err);
    size_t count = 0;
    for (size_t i = 0; documents && i < planning->known_count; i++) {
        if (!is_catalogue(&planning->known[i]))
            continue;
        documents[count] = known_tree(planning, &planning->known[i]);
        if (!documents[count++])
            return false;
    }
    const struct catalogue *whole = documents
                                        ? catalogue_with_own(planning->catalogue, planning->arena,
                                                             documents, count, planning->err)
                                        : NULL;
    if (whole)
        planning->catalogue = whole;
    return whole != NULL;
}

/* ---- the rule ---- */

static bool has_group(const struct value *tree, struct slice id)
{
    const struct value *groups = value_member(tree, "groups");
    for (size_t i = 0; i < value_count(groups); i++)
        if (slice_equal(value_text_of(groups->items[i], "id"), id))
            return true;
    return false;
}

/* Its place in the list is not the first of that id. */
static bool is_repeated(const struct value *references, size_t index)
{
    struct slice id = value_text_of(references->items[index], "id");
    for (size_t i = 0; i < index; i++)
        if (slice_equal(value_text_of(references->items[i], "id"), id))
            return true;
    return false;
}

static void references_look(struct planning *planning, const struct known *known,
                            const struct value *tree)
{
    const struct value *references = value_member(tree, "references");
    for (size_t i = 0; i < value_count(references); i++) {
        const struct value *reference = references->items[i];
        struct slice id = value_text_of(reference, "id"), group = value_text_of(reference, "group");
        if (id.len > 0 && is_repeated(references, i))
            document_error(planning->findings, known->document,
                           (struct place){ value_member(reference, "id"), "references.id" },
                           ERROR_INVALID, "one of the two needs another id",
                           "\"%.*s\" stands in this catalogue already", SLICE_ARG(id));
        if (group.len > 0 && !has_group(tree, group))
            document_error(planning->findings, known->document,
                           (struct place){ value_member(reference, "group"), "references.group" },
                           ERROR_INVALID, "add it to groups, with a title",
                           "\"%.*s\" is none of this catalogue's groups", SLICE_ARG(group));
    }
}

struct dropping {
    struct planning *planning;
    const struct known *catalogue, *from;
    struct slice id; /* of the catalogue */
    bool ok;
};

/* What the run brings itself is told at its own place, by plan_check(). */
static bool reference_look(void *context, const struct reference *reference)
{
    struct dropping *dropping = context;
    struct planning *planning = dropping->planning;
    enum reference_target target;
    struct slice name, catalog, id;
    char expected[160];
    dropping->ok =
        reference_target(reference, planning->arena, &target, &name, expected, planning->err);
    if (dropping->ok && target == TARGET_CRITERION &&
        slice_split(reference->text, '/', &catalog, &id) && slice_equal(catalog, dropping->id) &&
        !catalogue_criterion(planning->catalogue, reference->text))
        document_error(
            planning->findings, dropping->catalogue->document,
            (struct place){ value_member(dropping->catalogue->document->tree, "references"),
                            "references" },
            ERROR_INVALID, "keep it, or change what names it first",
            "no longer has \"%.*s\", which %.*s names (%s)", SLICE_ARG(id),
            SLICE_ARG(dropping->from->name), reference->field);
    return dropping->ok;
}

static bool dropped_look(struct planning *planning, struct known *known, struct slice id)
{
    struct dropping dropping = { .planning = planning, .catalogue = known, .id = id, .ok = true };
    for (size_t i = 0; i < planning->known_count; i++) {
        struct known *other = &planning->known[i];
        if (!other->kind || other->document || other->is_pruned)
            continue;
        struct value *tree = known_tree(planning, other);
        if (!tree)
            return false;
        dropping.from = other;
        (void)references_each(other->kind->schema, tree, reference_look, &dropping);
        if (!dropping.ok)
            return false;
    }
    return true;
}

bool catalogue_rule(struct planning *planning, struct known *known)
{
    const struct value *tree = known_tree(planning, known);
    struct slice id = value_text_of(tree, "id");
    if (!tree)
        return false;
    if (catalogue_name_is_built_in(planning->catalogue, id))
        document_error(planning->findings, known->document,
                       (struct place){ value_member(tree, "id"), "id" }, ERROR_INVALID,
                       "choose another id", "\"%.*s\" is a part of the built-in catalogue",
                       SLICE_ARG(id));
    references_look(planning, known, tree);
    return !known->stored || known->document->is_faulty || dropped_look(planning, known, id);
}
