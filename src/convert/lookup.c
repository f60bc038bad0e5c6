/* Paths into records. A whole name comes before a step: headings of tables may hold dots. */
#include <string.h>

#include "base/json.h"
#include "convert/convert_private.h"

struct slice leaf_text(const struct value *leaf)
{
    if (!leaf)
        return (struct slice){ 0 };
    switch (leaf->type) {
    case VALUE_STRING:
    case VALUE_NUMBER:
        return leaf->text;
    case VALUE_BOOL:
        return leaf->boolean ? SLICE("true") : SLICE("false");
    case VALUE_NULL:
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        break;
    }
    return (struct slice){ 0 };
}

bool leaf_use(struct converting *converting, const struct value *leaf)
{
    return node_set_add(converting->arena, &converting->used, leaf, converting->err);
}

static bool leaves_add(struct converting *converting, struct leaves *leaves,
                       const struct value *leaf)
{
    if (!arena_room(converting->arena, &leaves->items, leaves->count, &leaves->capacity,
                    sizeof *leaves->items, converting->err))
        return false;
    leaves->items[leaves->count++] = leaf;
    return true;
}

static const struct value *member_of(const struct value *object, struct slice name)
{
    for (size_t i = 0; object->type == VALUE_OBJECT && i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

/* wants_objects: objects at the end of the path, else scalars. */
static bool follow(struct converting *converting, const struct value *node, struct slice path,
                   bool wants_objects, struct leaves *leaves)
{
    struct slice step, rest;
    if (node->type == VALUE_ARRAY) {
        for (size_t i = 0; i < node->count; i++)
            if (!follow(converting, node->items[i], path, wants_objects, leaves))
                return false;
        return true;
    }
    if (path.len == 0) {
        bool is_wanted = wants_objects ? node->type == VALUE_OBJECT : leaf_text(node).len > 0;
        return !is_wanted || leaves_add(converting, leaves, node);
    }
    const struct value *whole = member_of(node, path);
    if (whole)
        return follow(converting, whole, (struct slice){ 0 }, wants_objects, leaves);
    if (!slice_split(path, '.', &step, &rest) || rest.len == 0)
        return true;
    const struct value *member = member_of(node, step);
    return !member || follow(converting, member, rest, wants_objects, leaves);
}

/* The node at which a path begins, and the rest of it. */
static const struct value *start_of(const struct converting *converting, const struct scope *scope,
                                    struct slice *path)
{
    struct slice each = converting->each;
    if (scope->element)
        return scope->element;
    if (!scope->record->whole || slice_starts_with(*path, SLICE("$")))
        return scope->record->element;
    if (slice_starts_with(*path, each) && path->len > each.len && path->at[each.len] == '.') {
        *path = slice_from(*path, each.len + 1);
        return scope->record->element;
    }
    return scope->record->whole;
}

bool leaves_find(struct converting *converting, const struct scope *scope, struct slice path,
                 struct leaves *leaves)
{
    const struct value *start = start_of(converting, scope, &path);
    return follow(converting, start, path, false, leaves);
}

bool objects_find(struct converting *converting, const struct scope *scope, struct slice path,
                  struct leaves *objects)
{
    const struct value *start = start_of(converting, scope, &path);
    return follow(converting, start, path, true, objects);
}
