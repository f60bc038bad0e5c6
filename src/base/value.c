#include "base/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct value *value_member(const struct value *object, const char *name)
{
    if (!object || object->type != VALUE_OBJECT)
        return NULL;
    struct slice wanted = slice_of(name);
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, wanted))
            return object->members[i].value;
    return NULL;
}

static const struct value *member_slice(const struct value *object, struct slice name)
{
    if (!object || object->type != VALUE_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

const struct value *value_path(const struct value *object, const char *path)
{
    struct slice rest = slice_of(path), name;
    while (slice_split(rest, '.', &name, &rest))
        object = member_slice(object, name);
    return member_slice(object, rest);
}

const struct value *value_item(const struct value *array, size_t index)
{
    return array && array->type == VALUE_ARRAY && index < array->count ? array->items[index] : NULL;
}

size_t value_count(const struct value *array_or_object)
{
    return array_or_object && array_or_object->type >= VALUE_ARRAY ? array_or_object->count : 0;
}

struct slice value_text(const struct value *value)
{
    return value && value->type == VALUE_STRING ? value->text : (struct slice){ 0 };
}

struct slice value_text_of(const struct value *object, const char *name)
{
    return value_text(value_member(object, name));
}

bool value_is_true(const struct value *value)
{
    return value && value->type == VALUE_BOOL && value->boolean;
}

bool value_to_i64(const struct value *value, int64_t *out)
{
    uint64_t magnitude;
    if (!value || value->type != VALUE_NUMBER)
        return false;
    struct slice text = value->text;
    bool is_negative = text.len > 0 && text.at[0] == '-';
    if (!slice_to_u64(is_negative ? slice_from(text, 1) : text, &magnitude) ||
        magnitude > (uint64_t)INT64_MAX + is_negative)
        return false;
    /* One less, so that the least number of all, which has no positive twin, is formed in range. */
    *out = !is_negative ? (int64_t)magnitude : magnitude > 0 ? -(int64_t)(magnitude - 1) - 1 : 0;
    return true;
}

static int compare_members(const void *a, const void *b)
{
    const struct value_member *const *left = a, *const *right = b;
    int order = slice_compare((*left)->name, (*right)->name);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static const struct value_member **sorted_members(const struct value *object)
{
    const struct value_member **sorted = calloc(object->count, sizeof *sorted);
    for (size_t i = 0; sorted && i < object->count; i++)
        sorted[i] = &object->members[i];
    if (sorted)
        qsort(sorted, object->count, sizeof *sorted, compare_members);
    return sorted;
}

/* Both have the same number of members. */
static bool members_equal(const struct value *a, const struct value *b)
{
    enum { FEW = 16 };
    bool equal = true;
    /* Looking for each name takes n squared: right for a few, and when there is no memory to sort.
     */
    const struct value_member **left = a->count > FEW ? sorted_members(a) : NULL,
                              **right = left ? sorted_members(b) : NULL;
    for (size_t i = 0; i < a->count && equal; i++) {
        if (right)
            equal = slice_equal(left[i]->name, right[i]->name) &&
                    value_equal(left[i]->value, right[i]->value);
        else
            equal = value_equal(a->members[i].value, member_slice(b, a->members[i].name));
    }
    free(left);
    free(right);
    return equal;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (!a || !b || a->type != b->type)
        return a == b;
    switch (a->type) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_NUMBER:
    case VALUE_STRING:
        return slice_equal(a->text, b->text);
    case VALUE_ARRAY:
        if (a->count != b->count)
            return false;
        for (size_t i = 0; i < a->count; i++)
            if (!value_equal(a->items[i], b->items[i]))
                return false;
        return true;
    case VALUE_OBJECT:
        return a->count == b->count && members_equal(a, b);
    }
    return false;
}

struct value *value_new(struct arena *arena, enum value_type type, struct error *err)
{
    struct value *value = arena_alloc(arena, sizeof *value, err);
    if (value)
        value->type = type;
    return value;
}

struct value *value_new_text(struct arena *arena, struct slice text, struct error *err)
{
    struct value *value = value_new(arena, VALUE_STRING, err);
    return value && arena_copy(arena, text, &value->text, err) ? value : NULL;
}

struct value *value_new_bool(struct arena *arena, bool boolean, struct error *err)
{
    struct value *value = value_new(arena, VALUE_BOOL, err);
    if (value)
        value->boolean = boolean;
    return value;
}

struct value *value_new_i64(struct arena *arena, int64_t number, struct error *err)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, number);
    struct value *value = value_new(arena, VALUE_NUMBER, err);
    return value && arena_copy(arena, slice_bytes(digits, (size_t)len), &value->text, err) ? value
                                                                                           : NULL;
}

bool value_add(struct arena *arena, struct value *array, struct value *item, struct error *err)
{
    if (!array || !item)
        return false;
    if (!arena_room(arena, &array->items, array->count, &array->capacity, sizeof *array->items,
                    err))
        return false;
    array->items[array->count++] = item;
    return true;
}

bool value_append(struct arena *arena, struct value *object, const struct value_member *member,
                  struct error *err)
{
    if (!arena_room(arena, &object->members, object->count, &object->capacity,
                    sizeof *object->members, err))
        return false;
    object->members[object->count++] = *member;
    return true;
}

bool value_duplicate(struct arena *arena, const struct value *object, size_t *later,
                     struct error *err)
{
    *later = SIZE_MAX;
    if (object->count < 2)
        return true;
    const struct value_member **sorted = arena_array(arena, object->count, sizeof *sorted, err);
    if (!sorted)
        return false;
    for (size_t i = 0; i < object->count; i++)
        sorted[i] = &object->members[i];
    qsort(sorted, object->count, sizeof *sorted, compare_members);
    for (size_t i = 1; i < object->count; i++) {
        size_t index = (size_t)(sorted[i] - object->members);
        if (slice_equal(sorted[i - 1]->name, sorted[i]->name) && index < *later)
            *later = index;
    }
    return true;
}

bool value_put_slice(struct arena *arena, struct value *object, struct slice name,
                     struct value *item, struct error *err)
{
    if (!object || !item)
        return false;
    for (size_t i = 0; i < object->count; i++) {
        if (slice_equal(object->members[i].name, name)) {
            object->members[i].value = item;
            return true;
        }
    }
    struct value_member member = { .value = item, .line = item->line, .column = item->column };
    return arena_copy(arena, name, &member.name, err) && value_append(arena, object, &member, err);
}

bool value_put(struct arena *arena, struct value *object, const char *name, struct value *item,
               struct error *err)
{
    return value_put_slice(arena, object, slice_of(name), item, err);
}

bool value_put_text(struct arena *arena, struct value *object, const char *name, struct slice text,
                    struct error *err)
{
    return value_put(arena, object, name, value_new_text(arena, text, err), err);
}

bool value_put_i64(struct arena *arena, struct value *object, const char *name, int64_t number,
                   struct error *err)
{
    return value_put(arena, object, name, value_new_i64(arena, number, err), err);
}

bool value_put_bool(struct arena *arena, struct value *object, const char *name, bool boolean,
                    struct error *err)
{
    return value_put(arena, object, name, value_new_bool(arena, boolean, err), err);
}

struct value *value_put_object(struct arena *arena, struct value *object, const char *name,
                               struct error *err)
{
    struct value *item = value_new(arena, VALUE_OBJECT, err);
    return value_put(arena, object, name, item, err) ? item : NULL;
}

struct value *value_put_array(struct arena *arena, struct value *object, const char *name,
                              struct error *err)
{
    struct value *item = value_new(arena, VALUE_ARRAY, err);
    return value_put(arena, object, name, item, err) ? item : NULL;
}

struct value *value_add_object(struct arena *arena, struct value *array, struct error *err)
{
    struct value *item = value_new(arena, VALUE_OBJECT, err);
    return value_add(arena, array, item, err) ? item : NULL;
}

struct value *value_copy(struct arena *arena, const struct value *value, struct error *err)
{
    struct value *copy = value_new(arena, value->type, err);
    if (!copy)
        return NULL;
    copy->line = value->line;
    copy->column = value->column;
    copy->boolean = value->boolean;
    copy->is_plain = value->is_plain;
    if (value->text.at && !arena_copy(arena, value->text, &copy->text, err))
        return NULL;
    for (size_t i = 0; value->type == VALUE_ARRAY && i < value->count; i++)
        if (!value_add(arena, copy, value_copy(arena, value->items[i], err), err))
            return NULL;
    for (size_t i = 0; value->type == VALUE_OBJECT && i < value->count; i++) {
        /* Names are unique already; looking for each again would take n squared. */
        struct value_member member = value->members[i];
        member.value = value_copy(arena, member.value, err);
        if (!member.value || !arena_copy(arena, value->members[i].name, &member.name, err) ||
            !value_append(arena, copy, &member, err))
            return NULL;
    }
    return copy;
}
