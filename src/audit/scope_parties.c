/* The parties of a scope: the organization itself, user entities, subservice organizations. */
#include "audit/scope_private.h"
#include "base/json.h"

static bool party_put(struct scope *scope, const char *party, struct slice name,
                      const struct value *document, size_t criteria, size_t controls)
{
    struct arena *arena = scope->arena;
    struct error *err = scope->err;
    const struct value *layers = value_member(document, "layers");
    struct value *object = value_add_object(arena, scope->parties, err);
    struct value *copy =
        layers ? value_copy(arena, layers, err) : value_new(arena, VALUE_ARRAY, err);
    struct slice function = value_text_of(document, "function");
    if (function.len == 0)
        function = value_text_of(document, "service");
    return object && value_put_text(arena, object, "party", slice_of(party), err) &&
           value_put_text(arena, object, "name", name, err) &&
           value_put_text(arena, object, "function", function, err) &&
           value_put_text(arena, object, "method", value_text_of(document, "method"), err) &&
           value_put(arena, object, "layers", copy, err) &&
           value_put_i64(arena, object, "criteria", (int64_t)criteria, err) &&
           value_put_i64(arena, object, "controls", (int64_t)controls, err);
}

/* Criteria and controls in which a party has a part. */
static bool party_count(struct scope *scope, const struct selection *selection, size_t *criteria,
                        size_t *controls)
{
    struct selector *selector = selector_new(scope->store, scope->catalogue, scope->arena,
                                             scope->size, selection, scope->err);
    const struct edition *edition = scope->axes[0].edition;
    *criteria = *controls = 0;
    if (!selector)
        return false;
    for (size_t i = 0; i < scope->controls_count; i++) {
        const struct counted_control *control = &scope->controls[i];
        bool takes;
        if (!selector_takes(selector, control->name, control->document, &takes, scope->err))
            return false;
        *controls += takes;
    }
    for (size_t i = 0; i < edition->count; i++)
        *criteria +=
            scope->axes[0].group[i] >= 0 && selector_has_part(selector, edition->criteria[i].name);
    return true;
}

static bool side_put(struct scope *scope, const char *party, struct slice name,
                     struct slice selected, const struct value *document)
{
    const struct selection selection = { .party = selected };
    size_t criteria, controls;
    return party_count(scope, &selection, &criteria, &controls) &&
           party_put(scope, party, name, document, criteria, controls);
}

/* The engagement's, else vendors with a method. One without a vendor is all subservice
 * organizations together. */
static bool subservice_put(struct scope *scope)
{
    const struct value *others = value_member(scope->engagement, "subservice");
    struct resource_list vendors = { 0 };
    for (size_t i = 0; i < value_count(others); i++) {
        struct slice vendor = value_text_of(others->items[i], "vendor");
        if (!side_put(scope, "subservice", value_text_of(others->items[i], "name"),
                      vendor.len ? vendor : SLICE("subservice"), others->items[i]))
            return false;
    }
    if (scope->engagement)
        return true;
    if (!resource_list(scope->store, scope->arena, SLICE("Vendor"), scope->size, &vendors,
                       scope->err))
        return false;
    for (size_t i = 0; i < vendors.count; i++) {
        const struct value *document = json_parse(scope->arena, vendors.items[i].document,
                                                  vendors.items[i].name.at, NULL, scope->err);
        if (!document)
            return false;
        if (value_text_of(document, "method").len > 0 &&
            !side_put(scope, "subservice", value_text_of(document, "title"), vendors.items[i].name,
                      document))
            return false;
    }
    return true;
}

bool scope_parties_put(struct scope *scope)
{
    const struct value *organization =
        scope_document(scope, value_text_of(scope->engagement ? scope->engagement : scope->system,
                                            "organization"));
    struct slice own = value_text_of(organization, "name");
    scope->parties = value_put_array(scope->arena, scope->tree, "parties", scope->err);
    return scope->parties && scope->err->code == ERROR_NONE &&
           side_put(scope, "own", own.len ? own : SLICE("the service organization"), SLICE("own"),
                    NULL) &&
           subservice_put(scope) &&
           side_put(scope, "user", SLICE("user entities"), SLICE("user"), NULL);
}
