#include "audit/test_definition.h"

#include "base/json.h"

static bool read_attributes(struct arena *arena, const struct value *list,
                            struct test_definition *test, struct error *err)
{
    size_t count = value_count(list);
    struct test_attribute *attributes = arena_array(arena, count, sizeof *attributes, err);
    if (!attributes)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = value_item(list, i);
        attributes[i] = (struct test_attribute){ .id = value_text_of(item, "id"),
                                                 .title = value_text_of(item, "title"),
                                                 .holds = value_text_of(item, "holds"),
                                                 .why = value_text_of(item, "why") };
        for (size_t j = 0; j < i; j++)
            if (slice_equal(attributes[j].id, attributes[i].id))
                return error_set(err, ERROR_INVALID, test->name.at,
                                 "two attributes have the id %.*s", SLICE_ARG(attributes[i].id));
    }
    test->attributes = attributes;
    test->attributes_count = count;
    return true;
}

bool test_definition_from(struct arena *arena, struct slice name, const struct value *document,
                          struct test_definition *test, struct error *err)
{
    *test = (struct test_definition){ .document = document };
    if (!arena_copy(arena, name, &test->name, err))
        return false;
    test->control = value_text_of(document, "control");
    test->population = value_text_of(document, "population");
    test->where = value_text_of(document, "where");
    test->is_sample = slice_is(value_text_of(document, "extent"), "sample");
    test->parameters = value_member(document, "parameters");
    test->examples = value_member(document, "examples");
    test->reconcile = value_member(document, "reconcile");
    return read_attributes(arena, value_member(document, "attributes"), test, err);
}

bool test_definition_read(struct arena *arena, const struct resource_version *version,
                          struct test_definition *test, struct error *err)
{
    char *name = arena_string(arena, version->name, err);
    const struct value *document =
        name ? json_parse(arena, version->document, name, NULL, err) : NULL;
    *test = (struct test_definition){ .document = NULL };
    if (!document || !test_definition_from(arena, version->name, document, test, err))
        return false;
    test->version = version->version;
    test->leaf = version->leaf;
    return true;
}
