#include "program/resources.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "program/population_types.h"
#include "program/references.h"

enum { NEAR_MAX = 4096 };

/* ---- documents in the order people write them ---- */

static struct value *ordered(const struct schema *schema, struct arena *arena,
                             const struct value *value, struct error *err);

static const struct value *member(const struct value *object, struct slice name)
{
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

static bool member_put(const struct schema *schema, struct arena *arena, struct value *to,
                       struct slice name, const struct value *value, struct error *err)
{
    const struct schema *declared = schema ? schema_field(schema, name) : NULL;
    struct value *copy = ordered(declared, arena, value, err);
    struct value_member member = { .name = name, .value = copy };
    return copy && value_append(arena, to, &member, err);
}

static bool is_declared(const struct schema *schema, struct slice name)
{
    const char *declared;
    for (size_t i = 0; schema && (declared = schema_property(schema, i)); i++)
        if (slice_is(name, declared))
            return true;
    return false;
}

static struct value *object_ordered(const struct schema *schema, struct arena *arena,
                                    const struct value *object, struct error *err)
{
    struct value *copy = value_new(arena, VALUE_OBJECT, err);
    const char *declared;
    for (size_t i = 0; copy && schema && (declared = schema_property(schema, i)); i++) {
        const struct value *value = member(object, slice_of(declared));
        if (value && !member_put(schema, arena, copy, slice_of(declared), value, err))
            return NULL;
    }
    for (size_t i = 0; copy && i < object->count; i++)
        if (!is_declared(schema, object->members[i].name) &&
            !member_put(schema, arena, copy, object->members[i].name, object->members[i].value,
                        err))
            return NULL;
    return copy;
}

static struct value *ordered(const struct schema *schema, struct arena *arena,
                             const struct value *value, struct error *err)
{
    if (value->type == VALUE_OBJECT)
        return object_ordered(schema, arena, value, err);
    if (value->type != VALUE_ARRAY)
        return value_copy(arena, value, err);
    struct value *copy = value_new(arena, VALUE_ARRAY, err);
    const struct schema *items = schema ? schema_items(schema) : NULL;
    for (size_t i = 0; copy && i < value->count; i++)
        if (!value_add(arena, copy, ordered(items, arena, value->items[i], err), err))
            return NULL;
    return copy;
}

struct value *resource_document(const struct catalogue *catalogue, struct arena *arena,
                                const struct resource_version *version, struct error *err)
{
    const struct kind *kind = kind_find(catalogue, version->kind);
    const char *name = arena_string(arena, version->name, err);
    struct value *tree =
        name ? json_parse(arena, version->document, name, &json_limits_default, err) : NULL;
    if (tree && slice_is(version->kind, "PopulationType"))
        tree = population_type_ordered(arena, tree, err);
    return tree ? ordered(kind ? kind->schema : NULL, arena, tree, err) : NULL;
}

/* ---- lists ---- */

static struct slice title_of(const struct value *document)
{
    struct slice title = value_text_of(document, "title");
    return title.len ? title : value_text_of(document, "name");
}

static struct value *parsed(struct arena *arena, const struct resource_version *version,
                            struct error *err)
{
    const char *name = arena_string(arena, version->name, err);
    return name ? json_parse(arena, version->document, name, &json_limits_default, err) : NULL;
}

static bool written_put(struct arena *arena, struct value *object,
                        const struct resource_version *version, struct error *err)
{
    return value_put_text(arena, object, "at", version->at, err) &&
           value_put_text(arena, object, "actor", version->actor, err) &&
           value_put_text(arena, object, "side", version->side, err);
}

struct value *resources_list(struct store *store, const struct catalogue *catalogue,
                             struct arena *arena, const struct kind *kind, uint64_t size,
                             struct error *err)
{
    (void)catalogue;
    struct resource_list list;
    struct value *tree = value_new(arena, VALUE_ARRAY, err);
    struct slice kind_name = kind ? kind->name : (struct slice){ 0 };
    if (!tree || !resource_list(store, arena, kind_name, size, &list, err))
        return NULL;
    for (size_t i = 0; i < list.count; i++) {
        const struct resource_version *version = &list.items[i];
        struct value *object = value_add_object(arena, tree, err);
        const struct value *document = object ? parsed(arena, version, err) : NULL;
        if (!document || !value_put_text(arena, object, "name", version->name, err) ||
            !value_put_text(arena, object, "title", title_of(document), err) ||
            !value_put_i64(arena, object, "version", (int64_t)version->version, err) ||
            !written_put(arena, object, version, err))
            return NULL;
    }
    return tree;
}

/* ---- one ---- */

/* Near names of the same kind, or nothing. */
static bool near_hint(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                      struct slice name, uint64_t size, struct error *err)
{
    struct error ignored = { 0 };
    struct resource_list list;
    const struct kind *kind;
    struct slice id;
    const char *names[NEAR_MAX];
    size_t count = 0;
    if (!resource_split(catalogue, name, &kind, &id) ||
        !resource_list(store, arena, kind->name, size, &list, &ignored))
        return false;
    for (size_t i = 0; i < list.count && count < NEAR_MAX; i++) {
        names[count] = arena_string(arena, list.items[i].name, &ignored);
        if (names[count])
            count++;
    }
    const char *near = slice_nearest(name, names, count);
    return near ? error_hint(err, "did you mean \"%s\"?", near)
                : error_hint(err, "attest get %s lists what there is", kind->prefix.at);
}

/* Why a name is not there at that size, with what to do. */
static bool not_there(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                      struct slice name, uint64_t size, struct error *err)
{
    struct error ignored = { 0 };
    struct resource_version first;
    if (resource_get_version(store, arena, name, 1, store_size(store), &first, &ignored)) {
        error_set(err, ERROR_NOT_FOUND, NULL,
                  "%.*s was not there yet: it was first written at %.*s", SLICE_ARG(name),
                  SLICE_ARG(first.at));
        return error_hint(err, "look from #%" PRIu64 " on (--as-of)", first.n + 1);
    }
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no %.*s", SLICE_ARG(name));
    return near_hint(store, catalogue, arena, name, size, err);
}

struct value *resources_get(struct store *store, const struct catalogue *catalogue,
                            struct arena *arena, struct slice name, uint64_t size,
                            struct error *err)
{
    struct resource_version version;
    struct error error = { 0 };
    char leaf[65];
    if (!resource_get(store, arena, name, size, &version, &error)) {
        if (error.code == ERROR_NOT_FOUND)
            not_there(store, catalogue, arena, name, size, err);
        else
            *err = error;
        return NULL;
    }
    if (version.is_removed) {
        error_set(err, ERROR_NOT_FOUND, NULL, "%.*s was removed at %.*s by %.*s", SLICE_ARG(name),
                  SLICE_ARG(version.at), SLICE_ARG(version.actor));
        error_hint(err, "attest history %.*s shows what it was", SLICE_ARG(name));
        return NULL;
    }
    digest_hex(&version.leaf, leaf);
    struct value *tree = value_new(arena, VALUE_OBJECT, err);
    bool ok = tree && value_put_text(arena, tree, "name", name, err) &&
              value_put_text(arena, tree, "kind", version.kind, err) &&
              value_put_i64(arena, tree, "version", (int64_t)version.version, err) &&
              value_put_i64(arena, tree, "n", (int64_t)version.n, err) &&
              value_put_text(arena, tree, "leaf", slice_of(leaf), err) &&
              written_put(arena, tree, &version, err) &&
              value_put(arena, tree, "document", resource_document(catalogue, arena, &version, err),
                        err) &&
              value_put(arena, tree, "referenced_by",
                        resources_referring(store, catalogue, arena, name, size, err), err);
    return ok ? tree : NULL;
}

/* ---- what names it ---- */

struct referring {
    struct arena *arena;
    struct slice wanted, from;
    struct value *list;
    struct error *err;
    bool ok;
};

static bool referring_add(void *context, const struct reference *reference)
{
    struct referring *referring = context;
    enum reference_target target;
    struct slice name;
    char expected[160];
    referring->ok =
        reference_target(reference, referring->arena, &target, &name, expected, referring->err);
    if (!referring->ok || target == TARGET_FAULTY || !slice_equal(name, referring->wanted))
        return referring->ok;
    struct value *object = value_add_object(referring->arena, referring->list, referring->err);
    referring->ok =
        object &&
        value_put_text(referring->arena, object, "name", referring->from, referring->err) &&
        value_put_text(referring->arena, object, "field", slice_of(reference->field),
                       referring->err) &&
        value_put_text(referring->arena, object, "inverse", reference->inverse, referring->err);
    return referring->ok;
}

struct value *resources_referring(struct store *store, const struct catalogue *catalogue,
                                  struct arena *arena, struct slice name, uint64_t size,
                                  struct error *err)
{
    struct resource_list list;
    struct referring referring = { .arena = arena,
                                   .wanted = name,
                                   .list = value_new(arena, VALUE_ARRAY, err),
                                   .err = err,
                                   .ok = true };
    if (!referring.list || !resource_list(store, arena, (struct slice){ 0 }, size, &list, err))
        return NULL;
    for (size_t i = 0; i < list.count; i++) {
        const struct kind *kind = kind_find(catalogue, list.items[i].kind);
        struct value *tree = kind ? parsed(arena, &list.items[i], err) : NULL;
        referring.from = list.items[i].name;
        if (!kind)
            continue;
        if (!tree)
            return NULL;
        (void)references_each(kind->schema, tree, referring_add, &referring);
        if (!referring.ok)
            return NULL;
    }
    return referring.list;
}

/* ---- history and differences ---- */

static bool version_put(const struct catalogue *catalogue, struct arena *arena, struct value *list,
                        const struct resource_version *version, const struct value **before,
                        struct error *err)
{
    char leaf[65];
    struct value *object = value_add_object(arena, list, err);
    const struct value *document =
        version->is_removed ? NULL : resource_document(catalogue, arena, version, err);
    digest_hex(&version->leaf, leaf);
    if (!object || (!document && !version->is_removed) ||
        !value_put_i64(arena, object, "version", (int64_t)version->version, err) ||
        !value_put_i64(arena, object, "n", (int64_t)version->n, err) ||
        !value_put_text(arena, object, "leaf", slice_of(leaf), err) ||
        !written_put(arena, object, version, err) ||
        !value_put_text(arena, object, "op", version->is_removed ? SLICE("remove") : SLICE("put"),
                        err) ||
        !value_put(arena, object, "fields", documents_differ(arena, *before, document, err), err))
        return false;
    *before = document;
    return true;
}

struct value *resources_history(struct store *store, const struct catalogue *catalogue,
                                struct arena *arena, struct slice name, uint64_t size,
                                struct error *err)
{
    struct resource_list versions;
    const struct value *before = NULL;
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    if (!list || !resource_history(store, arena, name, size, &versions, err))
        return NULL;
    if (versions.count == 0) {
        not_there(store, catalogue, arena, name, size, err);
        return NULL;
    }
    for (size_t i = 0; i < versions.count; i++)
        if (!version_put(catalogue, arena, list, &versions.items[i], &before, err))
            return NULL;
    return list;
}

static bool difference_put(const struct catalogue *catalogue, struct arena *arena,
                           struct value *list, const struct resource_version *before,
                           const struct resource_version *after, struct error *err)
{
    const char *action = !before ? "create" : !after ? "remove" : "change";
    const struct resource_version *either = before ? before : after;
    assert(either);
    if (before && after && before->n == after->n)
        return true;
    struct value *object = value_add_object(arena, list, err);
    struct value *old = before ? resource_document(catalogue, arena, before, err) : NULL;
    struct value *fresh = after ? resource_document(catalogue, arena, after, err) : NULL;
    if (!object || (before && !old) || (after && !fresh))
        return false;
    return value_put_text(arena, object, "name", either->name, err) &&
           value_put_text(arena, object, "action", slice_of(action), err) &&
           (!before ||
            value_put_i64(arena, object, "version_from", (int64_t)before->version, err)) &&
           (!after || value_put_i64(arena, object, "version_to", (int64_t)after->version, err)) &&
           value_put(arena, object, "fields", documents_differ(arena, old, fresh, err), err);
}

struct value *resources_compare(struct store *store, const struct catalogue *catalogue,
                                struct arena *arena, uint64_t from_size, uint64_t to_size,
                                struct error *err)
{
    struct resource_list before, after;
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    struct slice all = { 0 };
    size_t i = 0, j = 0;
    if (!list || !resource_list(store, arena, all, from_size, &before, err) ||
        !resource_list(store, arena, all, to_size, &after, err))
        return NULL;
    while (i < before.count || j < after.count) {
        int order = i == before.count  ? 1
                    : j == after.count ? -1
                                       : slice_compare(before.items[i].name, after.items[j].name);
        const struct resource_version *old = order <= 0 ? &before.items[i++] : NULL;
        const struct resource_version *fresh = order >= 0 ? &after.items[j++] : NULL;
        if (!difference_put(catalogue, arena, list, old, fresh, err))
            return NULL;
    }
    return list;
}
