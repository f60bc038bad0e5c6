/* JSON Schemas of kinds for editors. They say no more than what apply checks, and less only where
 * JSON Schema cannot: whether a reference leads somewhere. */
#include "program/kinds.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"
#define ID_PATTERN "^[A-Za-z0-9._-]+$"
#define TIME_PATTERN "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt].+)?$"

/* What the program checks in C stands here as a pattern. */
static bool common_fields_put(struct arena *arena, struct value *schema, struct error *err)
{
    static const char *const times[] = { "effective_from", "effective_to" };
    const struct value *properties = value_member(schema, "properties");
    for (size_t i = 0; i < value_count(properties); i++) {
        struct value *field = properties->members[i].value;
        if (slice_is(properties->members[i].name, "id")) {
            if (!value_put_i64(arena, field, "minLength", 1, err) ||
                !value_put_i64(arena, field, "maxLength", ID_BYTES_MAX, err))
                return false;
            if (!value_member(field, "pattern") &&
                !value_put_text(arena, field, "pattern", SLICE(ID_PATTERN), err))
                return false;
        }
        for (size_t j = 0; j < ARRAY_LEN(times); j++)
            if (slice_is(properties->members[i].name, times[j]) &&
                !value_put_text(arena, field, "pattern", SLICE(TIME_PATTERN), err))
                return false;
    }
    return true;
}

static struct value *schema_of(const struct kind *kind, struct arena *arena, struct error *err)
{
    struct value *schema = value_new(arena, VALUE_OBJECT, err);
    const char *id = arena_printf(arena, err, "urn:attest:kind:%s", kind->name.at);
    const struct value *node = schema_node(kind->schema);
    if (!schema || !id || !value_put_text(arena, schema, "$schema", SLICE(DRAFT), err) ||
        !value_put_text(arena, schema, "$id", slice_of(id), err) ||
        !value_put_text(arena, schema, "title", kind->title, err) ||
        !value_put_text(arena, schema, "description", kind->summary, err))
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        struct value *copy = value_copy(arena, node->members[i].value, err);
        if (!value_put_slice(arena, schema, node->members[i].name, copy, err))
            return NULL;
    }
    return common_fields_put(arena, schema, err) ? schema : NULL;
}

/* {"if": {"properties": {"kind": {"const": K}}}, "then": {"$ref": "#/$defs/K"}} */
static bool choice_add(struct arena *arena, struct value *choices, const struct kind *kind,
                       struct error *err)
{
    struct value *choice = value_add_object(arena, choices, err);
    struct value *condition = choice ? value_put_object(arena, choice, "if", err) : NULL;
    struct value *properties =
        condition ? value_put_object(arena, condition, "properties", err) : NULL;
    struct value *of_kind = properties ? value_put_object(arena, properties, "kind", err) : NULL;
    struct value *then = of_kind ? value_put_object(arena, choice, "then", err) : NULL;
    const char *ref = arena_printf(arena, err, "urn:attest:kind:%s", kind->name.at);
    return then && ref && value_put_text(arena, of_kind, "const", kind->name, err) &&
           value_put_text(arena, then, "$ref", slice_of(ref), err);
}

static struct value *schema_of_all(const struct catalogue *catalogue, struct arena *arena,
                                   struct error *err)
{
    size_t count;
    const struct kind *const *kinds = catalogue_kinds(catalogue, &count);
    struct value *schema = value_new(arena, VALUE_OBJECT, err);
    if (!schema || !value_put_text(arena, schema, "$schema", SLICE(DRAFT), err) ||
        !value_put_text(arena, schema, "$id", SLICE("urn:attest:resources"), err) ||
        !value_put_text(arena, schema, "title", SLICE("A resource of attest"), err) ||
        !value_put_text(arena, schema, "type", SLICE("object"), err))
        return NULL;
    struct value *required = value_put_array(arena, schema, "required", err);
    struct value *properties = required ? value_put_object(arena, schema, "properties", err) : NULL;
    struct value *kind = properties ? value_put_object(arena, properties, "kind", err) : NULL;
    struct value *names = kind ? value_put_array(arena, kind, "enum", err) : NULL;
    struct value *choices = names ? value_put_array(arena, schema, "allOf", err) : NULL;
    struct value *defs = choices ? value_put_object(arena, schema, "$defs", err) : NULL;
    if (!defs || !value_add(arena, required, value_new_text(arena, SLICE("kind"), err), err))
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (!value_add(arena, names, value_new_text(arena, kinds[i]->name, err), err) ||
            !choice_add(arena, choices, kinds[i], err) ||
            !value_put_slice(arena, defs, kinds[i]->name, schema_of(kinds[i], arena, err), err))
            return NULL;
    return schema;
}

struct value *kind_schema(const struct catalogue *catalogue, const struct kind *kind,
                          struct arena *arena, struct error *err)
{
    return kind ? schema_of(kind, arena, err) : schema_of_all(catalogue, arena, err);
}
