#include "verify/digest_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void digest_map_free(struct digest_map *map)
{
    free(map->items);
    free(map->slots);
    *map = (struct digest_map){ 0 };
}

/* The slot that holds the digest, or the free one where it belongs. */
static size_t slot_of(const struct digest_map *map, const struct digest *digest)
{
    uint64_t hash;
    memcpy(&hash, digest->bytes, sizeof hash);
    size_t mask = map->slots_count - 1, slot = (size_t)hash & mask;
    while (map->slots[slot] != 0 && !digest_equal(&map->items[map->slots[slot] - 1], digest))
        slot = (slot + 1) & mask;
    return slot;
}

static bool grow_slots(struct digest_map *map, struct error *err)
{
    size_t count = map->slots_count ? map->slots_count * 2 : 64;
    uint32_t *old = map->slots;
    map->slots = calloc(count, sizeof *map->slots);
    if (!map->slots) {
        map->slots = old;
        return error_no_memory(err, count * sizeof *map->slots);
    }
    free(old);
    map->slots_count = count;
    for (size_t i = 0; i < map->count; i++)
        map->slots[slot_of(map, &map->items[i])] = (uint32_t)i + 1;
    return true;
}

static bool grow_items(struct digest_map *map, struct error *err)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 32;
    struct digest *items = realloc(map->items, capacity * sizeof *items);
    if (!items)
        return error_no_memory(err, capacity * sizeof *items);
    map->items = items;
    map->capacity = capacity;
    return true;
}

bool digest_map_add(struct digest_map *map, const struct digest *digest, size_t *at,
                    struct error *err)
{
    if ((map->count + 1) * 2 > map->slots_count && !grow_slots(map, err))
        return false;
    size_t slot = slot_of(map, digest);
    if (map->slots[slot] != 0) {
        *at = map->slots[slot] - 1;
        return true;
    }
    if (map->count == map->capacity && !grow_items(map, err))
        return false;
    assert(map->count < UINT32_MAX - 1);
    *at = map->count;
    map->items[map->count++] = *digest;
    map->slots[slot] = (uint32_t)map->count;
    return true;
}

bool digest_map_find(const struct digest_map *map, const struct digest *digest, size_t *at)
{
    if (map->count == 0)
        return false;
    size_t slot = slot_of(map, digest);
    if (map->slots[slot] == 0)
        return false;
    *at = map->slots[slot] - 1;
    return true;
}
