/* What is left of a faulty document for rules that look at several fields: every value that is
 * wrong by itself is told already, and gives way to null. So one fault is not told as three. */
#include "program/schema_internal.h"

static struct value *sound_of(struct arena *arena, const struct schema *schema,
                              const struct value *value, struct error *err);

static bool put_null(struct arena *arena, struct value *object, struct slice name,
                     struct error *err)
{
    return value_put_slice(arena, object, name, value_new(arena, VALUE_NULL, err), err);
}

/* The one schema of a member; NULL if it has none or several, which then says nothing here. */
static const struct schema *member_schema(const struct schema *schema, struct slice name)
{
    for (size_t i = 0; i < schema->members_len; i++)
        if (slice_equal(schema->members[i].name, name))
            return schema->members[i].schema;
    for (size_t i = 0; i < schema->patterns_len; i++)
        if (schema_regex_matches(schema->patterns[i].regex, name))
            return schema->patterns[i].schema;
    return schema->additional;
}

static bool name_fits(const struct schema *schema, struct slice name)
{
    const struct value text = { .type = VALUE_STRING, .text = name };
    return !schema->names || schema_fits_alone(schema->names, &text);
}

static bool object_fill(struct arena *arena, const struct schema *schema,
                        const struct value *object, struct value *sound, struct error *err)
{
    for (size_t i = 0; i < object->count; i++) {
        const struct value_member *member = &object->members[i];
        const struct schema *own = member_schema(schema, member->name);
        struct value_member copy = *member;
        if (own && own->is_never) {
            /* Misspelt: the field that is meant is there, and not known. */
            const char *near = schema_near_member(schema, object, member->name);
            if (near && !value_member(sound, near) && !put_null(arena, sound, slice_of(near), err))
                return false;
            continue;
        }
        copy.value =
            own ? sound_of(arena, own, member->value, err) : value_copy(arena, member->value, err);
        if (!copy.value || !value_append(arena, sound, &copy, err))
            return false;
    }
    return true;
}

static struct value *sound_of(struct arena *arena, const struct schema *schema,
                              const struct value *value, struct error *err)
{
    bool fits = schema_fits_alone(schema, value);
    for (size_t i = 0; fits && value->type == VALUE_OBJECT && i < value->count; i++)
        fits = name_fits(schema, value->members[i].name);
    struct value *sound = value_new(arena, fits ? value->type : VALUE_NULL, err);
    if (!sound)
        return NULL;
    sound->line = value->line;
    sound->column = value->column;
    if (!fits)
        return sound;
    if (value->type == VALUE_OBJECT)
        return object_fill(arena, schema, value, sound, err) ? sound : NULL;
    if (value->type != VALUE_ARRAY || !schema->items)
        return value_copy(arena, value, err);
    for (size_t i = 0; i < value->count; i++)
        if (!value_add(arena, sound, sound_of(arena, schema->items, value->items[i], err), err))
            return NULL;
    return sound;
}

struct value *schema_sound(struct arena *arena, const struct schema *schema,
                           const struct value *instance, struct error *err)
{
    return sound_of(arena, schema, instance, err);
}
