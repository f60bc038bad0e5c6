/* What has no place in our documents: counted by path and reason, the first of each shown. */
#include <stdio.h>
#include <string.h>

#include "convert/convert_private.h"

enum { LEFT_MAX = 20000, SHOWN_BYTES = 80, PATH_BYTES = 512, DEPTH_MAX = 64 };

/* ---- nodes looked at ---- */

static size_t slot_of(const struct node_set *set, const struct value *node)
{
    uint64_t hash = (uint64_t)(uintptr_t)node * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 20) & (set->capacity - 1);
    while (set->slots[at] && set->slots[at] != node)
        at = (at + 1) & (set->capacity - 1);
    return at;
}

static bool node_set_grow(struct arena *arena, struct node_set *set, struct error *err)
{
    struct node_set grown = { .capacity = set->capacity ? 2 * set->capacity : 256 };
    grown.slots = arena_array(arena, grown.capacity, sizeof *grown.slots, err);
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i])
            grown.slots[slot_of(&grown, set->slots[i])] = set->slots[i];
    grown.count = set->count;
    *set = grown;
    return true;
}

bool node_set_add(struct arena *arena, struct node_set *set, const struct value *node,
                  struct error *err)
{
    if (2 * set->count >= set->capacity && !node_set_grow(arena, set, err))
        return false;
    size_t at = slot_of(set, node);
    set->count += set->slots[at] == NULL;
    set->slots[at] = node;
    return true;
}

bool node_set_has(const struct node_set *set, const struct value *node)
{
    return set->capacity > 0 && set->slots[slot_of(set, node)] == node;
}

/* ---- the list ---- */

/* The beginning of a value on one line. */
static bool value_shown(struct converting *converting, const struct value *node, struct slice *out)
{
    char text[SHOWN_BYTES + 4];
    struct slice whole = leaf_text(node);
    size_t len = whole.len < SHOWN_BYTES ? whole.len : SHOWN_BYTES;
    while (len > 0 && len < whole.len && ((unsigned char)whole.at[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        text[i] = (unsigned char)whole.at[i] < ' ' ? ' ' : whole.at[i];
    if (len < whole.len)
        memcpy(text + len, "...", 3);
    return arena_copy(converting->arena, slice_bytes(text, len < whole.len ? len + 3 : len), out,
                      converting->err);
}

static struct left_out *left_find(const struct converting *converting, struct slice path,
                                  struct slice reason, const struct slice *value)
{
    struct conversion *conversion = converting->conversion;
    for (size_t i = conversion->left_count; i > 0; i--) {
        struct left_out *left = &conversion->left[i - 1];
        if (left->file != converting->file)
            break; /* lists go file by file */
        if (slice_equal(left->path, path) && slice_equal(left->reason, reason) &&
            (!value || slice_equal(left->value, *value)))
            return left;
    }
    return NULL;
}

static struct left_out *left_new(struct converting *converting)
{
    struct conversion *conversion = converting->conversion;
    if (conversion->left_count == LEFT_MAX) {
        error_set(converting->err, ERROR_INVALID, converting->file,
                  "more than %d different things have no place: this is not what the preset reads",
                  LEFT_MAX);
        return NULL;
    }
    if (!arena_room(converting->arena, &conversion->left, conversion->left_count,
                    &converting->left_capacity, sizeof *conversion->left, converting->err))
        return NULL;
    return &conversion->left[conversion->left_count];
}

static bool add(struct converting *converting, struct slice path, const struct value *node,
                const char *reason, bool tells_each)
{
    struct slice why = slice_of(reason), value;
    if (!value_shown(converting, node, &value))
        return false;
    struct left_out *left = left_find(converting, path, why, tells_each ? &value : NULL);
    if (left) {
        left->count++;
        return true;
    }
    left = left_new(converting);
    if (!left)
        return false;
    *left = (struct left_out){ .file = converting->file, .line = node->line, .count = 1 };
    left->value = value;
    if (!arena_copy(converting->arena, path, &left->path, converting->err) ||
        !arena_copy(converting->arena, why, &left->reason, converting->err))
        return false;
    converting->conversion->left_count++;
    return true;
}

bool left_add(struct converting *converting, struct slice path, const struct value *node,
              const char *reason)
{
    return add(converting, path, node, reason, true);
}

/* ---- what no rule has looked at ---- */

static const char *reason_for(const struct converting *converting, const char *path)
{
    const struct value *reason = NULL;
    for (size_t i = 0; i < value_count(converting->reasons) && !reason; i++)
        if (slice_is(converting->reasons->members[i].name, path))
            reason = converting->reasons->members[i].value;
    return reason ? value_text(reason).at : "no field of ours holds it";
}

/* path has room for PATH_BYTES and holds len bytes. Members with $ are ours, not the file's, but
 * for the body. */
static bool walk(struct converting *converting, const struct value *node, char *path, size_t len,
                 const struct value *beside, unsigned depth)
{
    if (node == beside || depth > DEPTH_MAX)
        return true;
    if (node->type == VALUE_ARRAY) {
        int more = snprintf(path + len, PATH_BYTES - len, "[]");
        size_t end = len + (more > 0 ? (size_t)more : 0);
        for (size_t i = 0; i < node->count && end < PATH_BYTES; i++)
            if (!walk(converting, node->items[i], path, end, beside, depth + 1))
                return false;
        path[len] = '\0';
        return true;
    }
    if (node->type == VALUE_OBJECT) {
        for (size_t i = 0; i < node->count; i++) {
            const struct value_member *member = &node->members[i];
            if (slice_is(member->name, "$file") || slice_is(member->name, "$row"))
                continue;
            int more = snprintf(path + len, PATH_BYTES - len, "%s%.*s", len > 0 ? "." : "",
                                SLICE_ARG(member->name));
            size_t end = len + (more > 0 ? (size_t)more : 0);
            if (end < PATH_BYTES && !walk(converting, member->value, path, end, beside, depth + 1))
                return false;
            path[len] = '\0';
        }
        return true;
    }
    if (leaf_text(node).len == 0 || node_set_has(&converting->used, node))
        return true;
    return add(converting, slice_of(path), node, reason_for(converting, path), false);
}

bool left_rest(struct converting *converting, const struct record *record)
{
    char path[PATH_BYTES] = "";
    int len =
        record->whole ? snprintf(path, sizeof path, "%.*s[]", SLICE_ARG(converting->each)) : 0;
    return walk(converting, record->element, path, len > 0 ? (size_t)len : 0, NULL, 0);
}

bool left_around(struct converting *converting, const struct value *whole)
{
    char path[PATH_BYTES] = "";
    const char *each = arena_string(converting->arena, converting->each, converting->err);
    return each && walk(converting, whole, path, 0, value_path(whole, each), 0);
}
