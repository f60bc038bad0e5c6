/* What an entry rests on: the versions its document pins, and for a conclusion on a criterion also
 * the evaluations below the conclusions on controls (a conclusion needs an evaluation among its
 * inputs). */
#include <string.h>

#include "base/json.h"
#include "ledger/entry.h"
#include "program/files.h"
#include "program/planning.h"

bool leaves_hold(const struct leaves *leaves, const struct digest *leaf)
{
    for (size_t i = 0; i < leaves->count; i++)
        if (digest_equal(&leaves->items[i], leaf))
            return true;
    return false;
}

static bool leaves_add(const struct value *hashes, struct leaves *leaves)
{
    for (size_t i = 0; i < value_count(hashes); i++)
        if (!digest_from_hex(value_text(value_item(hashes, i)), &leaves->items[leaves->count++]))
            return false;
    return true;
}

/* Inputs beyond 32 are a payload of the entry. */
static bool more_inputs(struct store *store, struct arena *arena, const struct entry *entry,
                        const struct value **hashes, struct error *err)
{
    struct digest c;
    uint64_t bytes;
    uint8_t salt[32];
    struct slice text;
    *hashes = NULL;
    if (!entry->more)
        return true;
    if (!payload_ref(entry->more, &c, &bytes) || !payload_get(store, arena, &c, salt, &text, err))
        return false;
    *hashes = json_parse(arena, text, "inputs", &json_limits_default, err);
    return *hashes != NULL;
}

bool entry_inputs(struct store *store, struct arena *arena, uint64_t n, struct leaves *leaves,
                  struct error *err)
{
    struct stored_entry stored;
    struct entry entry;
    const char *code;
    const struct value *more;
    *leaves = (struct leaves){ 0 };
    if (!entry_get(store, arena, n, &stored, err) ||
        !entry_parse(arena, stored.bytes, &entry, &code, err) ||
        !more_inputs(store, arena, &entry, &more, err))
        return false;
    leaves->items = arena_array(arena, value_count(entry.inputs) + value_count(more) + 1,
                                sizeof *leaves->items, err);
    if (!leaves->items)
        return false;
    if (!leaves_add(entry.inputs, leaves) || !leaves_add(more, leaves))
        return error_set(err, ERROR_CORRUPT, NULL, "entry #%llu has inputs that are no hashes",
                         (unsigned long long)n);
    return true;
}

/* ---- gathering ---- */

struct gathering {
    struct planning *planning;
    struct plan_pin *pins;
    size_t count, capacity;
    bool ok;
};

static bool pin_add(struct gathering *gathering, const struct plan_pin *pin)
{
    struct planning *planning = gathering->planning;
    for (size_t i = 0; i < gathering->count; i++) {
        const struct plan_pin *there = &gathering->pins[i];
        if (there->is_in_batch == pin->is_in_batch &&
            (pin->is_in_batch ? there->item == pin->item : digest_equal(&there->leaf, &pin->leaf)))
            return true;
    }
    if (!arena_room(planning->arena, &gathering->pins, gathering->count, &gathering->capacity,
                    sizeof *gathering->pins, planning->err))
        return false;
    gathering->pins[gathering->count++] = *pin;
    return true;
}

/* The version of a resource as it will be: of the store, or of this run. */
static bool pin_resource(struct gathering *gathering, const struct known *known)
{
    const struct plan *plan = gathering->planning->plan;
    struct plan_pin pin = { .name = known->name };
    const struct plan_item *item = known->item == SIZE_MAX ? NULL : &plan->items[known->item];
    if (item && item->action != PLAN_UNCHANGED) {
        pin.is_in_batch = true;
        pin.item = known->item;
        pin.version = item->version;
    } else if (known->stored) {
        pin.leaf = known->stored->leaf;
        pin.version = known->stored->version;
    } else {
        return true; /* faulty, and told */
    }
    return pin_add(gathering, &pin);
}

static bool pin_run(struct gathering *gathering, struct slice name)
{
    struct plan_pin pin = { .name = name };
    /* Not resolved: told already. */
    if (!digest_from_hex(slice_from(name, strlen("run/")), &pin.leaf))
        return true;
    return pin_add(gathering, &pin);
}

static bool pin_file(struct gathering *gathering, struct slice name)
{
    const struct planning *planning = gathering->planning;
    struct attached_file file;
    struct error error = { 0 };
    if (file_find(planning->store, planning->arena, name, planning->size, &file, &error)) {
        const struct plan_pin pin = { .name = name, .leaf = file.leaf };
        return pin_add(gathering, &pin);
    }
    if (error.code == ERROR_NOT_FOUND)
        return true; /* told by plan_check() */
    *planning->err = error;
    return false;
}

static bool pin_of(void *context, const struct reference *reference)
{
    struct gathering *gathering = context;
    struct planning *planning = gathering->planning;
    enum reference_target target;
    struct slice name;
    char expected[160];
    if (!reference->is_pinned)
        return true;
    gathering->ok =
        reference_target(reference, planning->arena, &target, &name, expected, planning->err);
    if (!gathering->ok)
        return false;
    const struct known *known = target == TARGET_RESOURCE ? known_find(planning, name) : NULL;
    if (known)
        gathering->ok = pin_resource(gathering, known);
    else if (target == TARGET_RUN && slice_starts_with(name, SLICE("run/")))
        gathering->ok = pin_run(gathering, name);
    else if (target == TARGET_FILE)
        gathering->ok = pin_file(gathering, name);
    return gathering->ok;
}

/* Of what a stored conclusion rests on, the evaluations. */
static bool pins_of_stored(struct gathering *gathering, uint64_t n)
{
    struct planning *planning = gathering->planning;
    struct leaves leaves;
    if (!entry_inputs(planning->store, planning->arena, n, &leaves, planning->err))
        return false;
    for (size_t i = 0; i < leaves.count; i++) {
        uint64_t index;
        struct stored_entry entry;
        if (!leaf_index(planning->store, &leaves.items[i], &index, planning->err) ||
            !entry_get(planning->store, planning->arena, index, &entry, planning->err))
            return false;
        struct plan_pin pin = { .name = entry.key, .leaf = entry.leaf };
        const struct known *known = known_find(planning, entry.key);
        if (!slice_is(entry.type, "evaluation"))
            continue;
        if (known && known->stored && digest_equal(&known->stored->leaf, &entry.leaf))
            pin.version = known->stored->version;
        if (!pin_add(gathering, &pin))
            return false;
    }
    return true;
}

/* A conclusion that rests on conclusions rests on their evaluations too (ledger.md 4: the inputs of
 * a conclusion must hold evaluations). */
static bool pins_below(struct gathering *gathering)
{
    size_t direct = gathering->count;
    const struct plan *plan = gathering->planning->plan;
    for (size_t i = 0; i < direct; i++) {
        const struct plan_pin pin = gathering->pins[i];
        if (!slice_starts_with(pin.name, SLICE("control-conclusion/")))
            continue;
        if (pin.is_in_batch) {
            const struct plan_item *item = &plan->items[pin.item];
            for (size_t j = 0; j < item->pins_count; j++)
                if (slice_starts_with(item->pins[j].name, SLICE("evaluation/")) &&
                    !pin_add(gathering, &item->pins[j]))
                    return false;
        } else {
            const struct known *known = known_find(gathering->planning, pin.name);
            if (known && known->stored && !pins_of_stored(gathering, known->stored->n))
                return false;
        }
    }
    return true;
}

/* Which version of each the last version of this document rested on. */
static bool versions_were(struct planning *planning, const struct known *known,
                          struct gathering *gathering, bool *is_moved)
{
    struct leaves before;
    *is_moved = false;
    if (!known->stored)
        return true;
    if (!entry_inputs(planning->store, planning->arena, known->stored->n, &before, planning->err))
        return false;
    for (size_t i = 0; i < gathering->count; i++) {
        struct plan_pin *pin = &gathering->pins[i];
        struct resource_list versions;
        if (!pin->is_in_batch && leaves_hold(&before, &pin->leaf))
            continue;
        *is_moved = true;
        if (!resource_history(planning->store, planning->arena, pin->name, planning->size,
                              &versions, planning->err))
            return false;
        for (size_t j = 0; j < versions.count; j++)
            if (leaves_hold(&before, &versions.items[j].leaf))
                pin->version_was = versions.items[j].version;
    }
    return true;
}

bool pins_find(struct planning *planning, struct known *known, struct plan_item *item)
{
    struct gathering gathering = { .planning = planning, .ok = true };
    struct value *tree = known_tree(planning, known);
    if (!tree)
        return false;
    (void)references_each(known->kind->schema, tree, pin_of, &gathering);
    if (!gathering.ok)
        return false;
    if (strcmp(known->kind->entry_type, "conclusion") == 0 && !pins_below(&gathering))
        return false;
    if (!versions_were(planning, known, &gathering, &item->is_moved))
        return false;
    item->pins = gathering.pins;
    item->pins_count = gathering.count;
    return true;
}
