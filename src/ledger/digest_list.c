#include "ledger/digest_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void *array_grow(void *items, size_t *capacity, size_t count, size_t more, size_t size,
                 struct error *err)
{
    assert(more > 0 && count <= *capacity);
    if (more <= *capacity - count)
        return items;
    if (count > SIZE_MAX / 4 / size || more > SIZE_MAX / 4 / size) {
        error_no_memory(err, SIZE_MAX);
        return NULL;
    }
    size_t room = *capacity < 8 ? 8 : *capacity;
    while (room < count + more)
        room *= 2;
    void *grown = realloc(items, room * size);
    if (!grown) {
        error_no_memory(err, room * size);
        return NULL;
    }
    *capacity = room;
    return grown;
}

void digest_list_free(struct digest_list *list)
{
    free(list->items);
    free(list->heads);
    free(list->nexts);
    memset(list, 0, sizeof *list);
}

static size_t bucket_of(const struct digest_list *list, const struct digest *digest)
{
    uint64_t number;
    memcpy(&number, digest->bytes, sizeof number);
    return (size_t)(number & (list->buckets_count - 1));
}

static void link_item(struct digest_list *list, size_t at)
{
    size_t bucket = bucket_of(list, &list->items[at]);
    list->nexts[at] = list->heads[bucket];
    list->heads[bucket] = (uint32_t)(at + 1);
}

bool digest_list_reserve(struct digest_list *list, size_t more, struct error *err)
{
    if (more <= list->capacity - list->count)
        return true;
    size_t items_capacity = list->capacity, nexts_capacity = list->capacity;
    if (more > UINT32_MAX - 1 - list->count)
        return error_no_memory(err, SIZE_MAX);

    /* Both grow by the same steps; what has grown stays so if something else cannot. */
    void *items =
        array_grow(list->items, &items_capacity, list->count, more, sizeof *list->items, err);
    if (!items)
        return false;
    list->items = items;
    void *nexts =
        array_grow(list->nexts, &nexts_capacity, list->count, more, sizeof *list->nexts, err);
    if (!nexts)
        return false;
    list->nexts = nexts;
    assert(items_capacity == nexts_capacity);

    size_t buckets = list->buckets_count ? list->buckets_count : 8;
    while (buckets < items_capacity)
        buckets *= 2;
    uint32_t *heads = calloc(buckets, sizeof *heads);
    if (!heads)
        return error_no_memory(err, buckets * sizeof *heads);
    free(list->heads);
    list->heads = heads;
    list->buckets_count = buckets;
    list->capacity = items_capacity;
    for (size_t i = 0; i < list->count; i++)
        link_item(list, i);
    return true;
}

void digest_list_add(struct digest_list *list, const struct digest *digest)
{
    assert(list->count < list->capacity);
    list->items[list->count] = *digest;
    link_item(list, list->count);
    list->count++;
}

bool digest_list_find(const struct digest_list *list, const struct digest *digest, size_t *at)
{
    if (list->count == 0)
        return false;
    uint32_t next = list->heads[bucket_of(list, digest)];
    for (; next != 0; next = list->nexts[next - 1]) {
        if (digest_equal(&list->items[next - 1], digest)) {
            *at = next - 1;
            return true;
        }
    }
    return false;
}

void digest_list_cut(struct digest_list *list, size_t count)
{
    while (list->count > count) {
        list->count--;
        size_t bucket = bucket_of(list, &list->items[list->count]);
        assert(list->heads[bucket] == list->count + 1);
        list->heads[bucket] = list->nexts[list->count];
    }
}
