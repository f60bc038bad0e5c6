/* A small table of names, found by hash: open addressing, never removed from, never more than half
 * full. */
#include <stdlib.h>
#include <string.h>

#include "evidence/mapping.h"

enum { SLOTS = 32768, NAME_BYTES_MAX = 16 * 1024 * 1024 };
_Static_assert(SLOTS > 2 * UNKNOWN_FIELDS_MAX, "at most half full");

struct unknown_fields {
    struct arena *names;
    size_t count;
    uint16_t slots[SLOTS]; /* index + 1 */
    struct unknown_field items[UNKNOWN_FIELDS_MAX];
};
_Static_assert(UNKNOWN_FIELDS_MAX < UINT16_MAX, "an index fits a slot");

struct unknown_fields *unknown_fields_new(struct error *err)
{
    struct unknown_fields *unknown = calloc(1, sizeof *unknown);
    if (!unknown) {
        error_no_memory(err, sizeof *unknown);
        return NULL;
    }
    unknown->names = arena_new(NAME_BYTES_MAX, err);
    if (!unknown->names) {
        unknown_fields_free(unknown);
        return NULL;
    }
    return unknown;
}

void unknown_fields_free(struct unknown_fields *unknown)
{
    if (!unknown)
        return;
    arena_free(unknown->names);
    free(unknown);
}

/* FNV-1a; names of one file are few and not chosen against us to any effect but the maximum. */
static size_t slot_of(struct slice name)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * UINT32_C(16777619);
    return (hash ^ hash >> 15) % SLOTS;
}

static struct unknown_field *unknown_add(struct unknown_fields *unknown, const struct field *parent,
                                         struct slice name, struct error *err)
{
    struct unknown_field *field = &unknown->items[unknown->count];
    if (unknown->count == UNKNOWN_FIELDS_MAX) {
        error_set(err, ERROR_INVALID, NULL, "more than %d different field names",
                  UNKNOWN_FIELDS_MAX);
        return NULL;
    }
    /* "user.email": the parent's path, a point, the name. */
    size_t before = parent->path.len > 0 ? parent->path.len + 1 : 0;
    char *path = arena_alloc(unknown->names, before + name.len + 1, err);
    if (!path)
        return NULL;
    if (before > 0) {
        memcpy(path, parent->path.at, parent->path.len);
        path[before - 1] = '.';
    }
    if (name.len > 0)
        memcpy(path + before, name.at, name.len);
    *field = (struct unknown_field){ .path = { path, before + name.len },
                                     .parent = parent,
                                     .name = { path + before, name.len } };
    unknown->count++;
    return field;
}

struct unknown_field *unknown_fields_at(struct unknown_fields *unknown, const struct field *parent,
                                        struct slice name, struct error *err)
{
    size_t slot = slot_of(name);
    for (; unknown->slots[slot]; slot = (slot + 1) % SLOTS) {
        struct unknown_field *field = &unknown->items[unknown->slots[slot] - 1];
        if (field->parent == parent && slice_equal(field->name, name))
            return field;
    }
    struct unknown_field *added = unknown_add(unknown, parent, name, err);
    if (added)
        unknown->slots[slot] = (uint16_t)unknown->count;
    return added;
}

size_t unknown_fields_count(const struct unknown_fields *unknown) { return unknown->count; }

const struct unknown_field *unknown_fields_get(const struct unknown_fields *unknown, size_t index)
{
    return &unknown->items[index];
}
