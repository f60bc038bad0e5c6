#include "program/schema_internal.h"

static const struct value *member(const struct value *object, struct slice name)
{
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

static bool numbers_equal(struct slice a, struct slice b)
{
    struct decimal left, right;
    if (!decimal_parse(a, &left) || !decimal_parse(b, &right))
        return slice_equal(a, b);
    return decimal_compare(&left, &right) == 0;
}

static bool arrays_equal(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!schema_values_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool objects_equal(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct value *other = member(b, a->members[i].name);
        if (!other || !schema_values_equal(a->members[i].value, other))
            return false;
    }
    return true;
}

bool schema_values_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_NUMBER:
        return numbers_equal(a->text, b->text);
    case VALUE_STRING:
        return slice_equal(a->text, b->text);
    case VALUE_ARRAY:
        return a->count == b->count && arrays_equal(a, b);
    case VALUE_OBJECT:
        return a->count == b->count && objects_equal(a, b);
    }
    return false;
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash ^= more + UINT64_C(0x9E3779B97F4A7C15) + (hash << 6) + (hash >> 2);
    return hash * UINT64_C(0xBF58476D1CE4E5B9);
}

static uint64_t text_hash(struct slice text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(1099511628211);
    return hash;
}

uint64_t schema_value_hash(const struct value *value)
{
    uint64_t hash = mix((uint64_t)value->type, value->count);
    struct decimal number;
    switch (value->type) {
    case VALUE_NULL:
        return hash;
    case VALUE_BOOL:
        return mix(hash, value->boolean);
    case VALUE_NUMBER:
        return mix(hash, decimal_parse(value->text, &number) ? decimal_hash(&number)
                                                             : text_hash(value->text));
    case VALUE_STRING:
        return mix(hash, text_hash(value->text));
    case VALUE_ARRAY:
        for (size_t i = 0; i < value->count; i++)
            hash = mix(hash, schema_value_hash(value->items[i]));
        return hash;
    case VALUE_OBJECT:
        /* A sum, for the order of members does not count. */
        for (size_t i = 0; i < value->count; i++)
            hash +=
                mix(text_hash(value->members[i].name), schema_value_hash(value->members[i].value));
        return hash;
    }
    return hash;
}
