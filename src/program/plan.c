#include "program/plan.h"

#include <string.h>

#include "base/json.h"
#include "program/planning.h"
#include "program/resources.h"

/* ---- comparing ---- */

static bool fields_of(struct planning *planning, const struct value *before,
                      const struct value *after, struct plan_item *item)
{
    struct arena *arena = planning->arena;
    const struct value *list = documents_differ(arena, before, after, planning->err);
    struct plan_field *fields =
        list ? arena_array(arena, list->count + 1, sizeof *fields, planning->err) : NULL;
    for (size_t i = 0; fields && i < list->count; i++) {
        const struct value *was = value_member(list->items[i], "before");
        const struct value *is = value_member(list->items[i], "after");
        fields[i].path = value_text_of(list->items[i], "field");
        if (was->type != VALUE_NULL &&
            !json_canonical_copy(arena, was, &fields[i].before, planning->err))
            return false;
        if (is->type != VALUE_NULL &&
            !json_canonical_copy(arena, is, &fields[i].after, planning->err))
            return false;
    }
    item->fields = fields;
    item->fields_count = list ? list->count : 0;
    return fields != NULL;
}

/* A pinned version has moved on while the document stayed. A judgement is made again by applying it
 * again; a resource stays on the version it was written for, and that is told
 * (docs/decisions/unchanged-with-newer-pins.md). */
static bool is_written_again(struct planning *planning, const struct known *known,
                             const struct plan_item *item)
{
    if (!item->is_moved)
        return false;
    if (strcmp(known->kind->entry_type, "resource") != 0)
        return slice_is(known->stored->side, planning->acting->actor.side);
    for (size_t i = 0; i < item->pins_count; i++)
        if (item->pins[i].version_was > 0)
            document_warning(planning->findings, known->document, (struct place){ NULL, "" },
                             "look whether it still fits; any change to it names the new version",
                             "was written for version %llu of %.*s, which is now at version %llu",
                             (unsigned long long)item->pins[i].version_was,
                             SLICE_ARG(item->pins[i].name),
                             (unsigned long long)item->pins[i].version);
    return false;
}

static bool compare(struct planning *planning, struct known *known, struct plan_item *item)
{
    struct slice canonical;
    const struct value *tree = item->document = known_tree(planning, known);
    if (!tree || !json_canonical_copy(planning->arena, tree, &canonical, planning->err))
        return false;
    if (!known->stored) {
        /* One that was removed goes on counting. */
        struct resource_list history;
        if (!resource_history(planning->store, planning->arena, known->name, planning->size,
                              &history, planning->err))
            return false;
        item->action = PLAN_CREATE;
        item->version = history.count ? history.items[history.count - 1].version + 1 : 1;
        return true;
    }
    item->version = known->stored->version;
    item->action = PLAN_UNCHANGED;
    bool is_same = slice_equal(canonical, known->stored->document);
    if (is_same && !is_written_again(planning, known, item))
        return true;
    item->action = PLAN_CHANGE;
    item->version++;
    const struct value *before = known_stored_tree(planning, known);
    return before && fields_of(planning, before, tree, item);
}

static bool item_add(struct planning *planning, struct known *known)
{
    struct plan *plan = planning->plan;
    struct plan_item *item = &plan->items[plan->count];
    *item = (struct plan_item){ .kind = known->kind,
                                .name = known->name,
                                .file = known->document->file,
                                .line = known->document->line,
                                .column = known->document->column,
                                .is_from_catalogue = known->is_from_catalogue };
    if (slice_is(known->kind->name, "Evaluation") && !runs_resolve(planning, known))
        return false;
    if (!pins_find(planning, known, item) || !compare(planning, known, item))
        return false;
    plan_may_write(planning, known, item);
    known->item = plan->count++;
    plan->counts[item->action]++;
    return true;
}

static void removal_add(struct planning *planning, struct known *known)
{
    struct plan *plan = planning->plan;
    struct plan_item *item = &plan->items[plan->count];
    *item = (struct plan_item){ .action = PLAN_REMOVE,
                                .kind = known->kind,
                                .name = known->name,
                                .version = known->stored->version + 1 };
    plan_may_write(planning, known, item);
    known->item = plan->count++;
    plan->counts[PLAN_REMOVE]++;
}

/* It is not planned, but that it may not be written is told as well. */
static void faulty_may_write(struct planning *planning, struct known *known)
{
    struct plan_item item = { .action = known->stored ? PLAN_CHANGE : PLAN_CREATE };
    plan_may_write(planning, known, &item);
}

bool plan_make(struct store *store, const struct catalogue *catalogue, struct arena *arena,
               const struct documents *documents, const struct acting *acting,
               const struct plan_options *options, struct plan *plan, struct findings *findings,
               struct error *err)
{
    static const struct plan_options plain = { .prune = false };
    size_t errors = findings->errors_count;
    struct planning planning = { .store = store,
                                 .catalogue = catalogue,
                                 .arena = arena,
                                 .documents = documents,
                                 .acting = acting,
                                 .options = options ? options : &plain,
                                 .findings = findings,
                                 .err = err,
                                 .plan = plan };
    *plan = (struct plan){ 0 };
    if (!planning_start(&planning))
        return false;
    plan->size = planning.size;
    plan->items = arena_array(arena, planning.known_count + 1, sizeof *plan->items, err);
    if (!plan->items || !plan_check(&planning) || !plan_rules(&planning) || !plan_order(&planning))
        return false;
    for (size_t i = 0; i < planning.order_count; i++)
        if (!item_add(&planning, planning.order[i]))
            return false;
    for (size_t i = 0; i < planning.known_count; i++)
        if (planning.known[i].document && planning.known[i].document->is_faulty)
            faulty_may_write(&planning, &planning.known[i]);
    for (size_t i = 0; i < planning.known_count; i++)
        if (planning.known[i].is_pruned)
            removal_add(&planning, &planning.known[i]);
    return findings->errors_count == errors;
}
