#include "program/population_types.h"

#include <stdlib.h>

#include "base/json.h"
#include "program/acting.h"

/* ---- the order of columns ---- */

bool population_type_put_order(struct arena *arena, struct value *document, struct error *err)
{
    const struct value *columns = value_member(document, "columns");
    if (value_member(document, "order") || !columns || columns->type != VALUE_OBJECT)
        return true;
    struct value *order = value_put_array(arena, document, "order", err);
    for (size_t i = 0; order && i < columns->count; i++)
        if (!value_add(arena, order, value_new_text(arena, columns->members[i].name, err), err))
            return false;
    return order != NULL;
}

struct value *population_type_ordered(struct arena *arena, const struct value *document,
                                      struct error *err)
{
    struct value *copy = value_copy(arena, document, err);
    const struct value *order = value_member(document, "order");
    const struct value *columns = value_member(copy, "columns");
    struct value *sorted = value_new(arena, VALUE_OBJECT, err);
    if (!copy || !sorted || !columns || !order)
        return sorted ? copy : NULL;
    sorted->line = columns->line;
    sorted->column = columns->column;
    for (size_t i = 0; i < value_count(order); i++)
        for (size_t j = 0; j < value_count(columns); j++)
            if (slice_equal(columns->members[j].name, value_text(order->items[i])) &&
                !value_append(arena, sorted, &columns->members[j], err))
                return NULL;
    /* A document that names only some of them was never accepted; lose nothing all the same. */
    if (sorted->count != columns->count)
        return copy;
    return value_put(arena, copy, "columns", sorted, err) ? copy : NULL;
}

/* ---- definitions ---- */

static struct slice name_of(struct arena *arena, struct slice id, struct error *err)
{
    return slice_of(arena_printf(arena, err, "population-type/%.*s", SLICE_ARG(id)));
}

static bool unknown(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                    struct slice id, uint64_t size, struct error *err)
{
    struct slice *ids;
    size_t count;
    if (!population_type_ids(store, catalogue, arena, size, &ids, &count, err))
        return false;
    const char **names = arena_array(arena, count + 1, sizeof *names, err);
    if (!names)
        return false;
    for (size_t i = 0; i < count; i++)
        names[i] = ids[i].at; /* followed by a NUL */
    const char *near = slice_nearest(id, names, count);
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no population type \"%.*s\"", SLICE_ARG(id));
    return near ? error_hint(err, "did you mean \"%s\"?", near)
                : error_hint(err, "attest catalog populations lists the built-in ones");
}

/* The store's version; false with ERROR_NOT_FOUND if there is none, or it was removed (*last tells
 * its version, for one that follows). */
static bool stored_type(struct store *store, struct arena *arena, struct slice id, uint64_t size,
                        struct population_type *type, uint64_t *last, struct error *err)
{
    struct resource_version version;
    struct slice name = name_of(arena, id, err);
    *last = 0;
    if (!name.at || !resource_get(store, arena, name, size, &version, err))
        return false;
    *last = version.version;
    if (version.is_removed)
        return error_set(err, ERROR_NOT_FOUND, NULL, "%.*s was removed", SLICE_ARG(name));
    const struct value *document =
        json_parse(arena, version.document, name.at, &json_limits_default, err);
    type->document = document ? population_type_ordered(arena, document, err) : NULL;
    type->version = version.version;
    type->leaf = version.leaf;
    return type->document != NULL;
}

/* A table that the program makes has the columns that this program gives it, whatever an earlier
 * version of it has left in the store. */
static bool is_outdated(struct arena *arena, const struct population_type *stored,
                        const struct value *built_in, bool *is, struct error *err)
{
    *is = false;
    if (!built_in || !value_member(built_in, "derived"))
        return true;
    struct value *now = population_type_ordered(arena, built_in, err);
    *is = now && !value_equal(now, stored->document);
    return now != NULL;
}

bool population_type_get(struct store *store, const struct catalogue *catalogue,
                         struct arena *arena, struct slice id, uint64_t size,
                         struct population_type *type, struct error *err)
{
    uint64_t last;
    const struct value *built_in = catalogue_population_type(catalogue, id);
    struct error error = { 0 };
    *type = (struct population_type){ 0 };
    if (stored_type(store, arena, id, size, type, &last, &error)) {
        bool is;
        if (!is_outdated(arena, type, built_in, &is, err))
            return false;
        if (!is)
            return true;
        *type = (struct population_type){ 0 };
        error.code = ERROR_NOT_FOUND;
    }
    if (error.code != ERROR_NOT_FOUND) {
        *err = error;
        return false;
    }
    if (!built_in)
        return unknown(store, catalogue, arena, id, size, err);
    type->document = population_type_ordered(arena, built_in, err);
    return type->document != NULL;
}

static int by_text(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    return slice_compare(*left, *right);
}

bool population_type_ids(struct store *store, const struct catalogue *catalogue,
                         struct arena *arena, uint64_t size, struct slice **ids, size_t *count,
                         struct error *err)
{
    struct resource_list stored;
    const char *built_in;
    size_t built_in_count = 0, all = 0;
    while (catalogue_population_type_id(catalogue, built_in_count))
        built_in_count++;
    if (!resource_list(store, arena, SLICE("PopulationType"), size, &stored, err))
        return false;
    *ids = arena_array(arena, stored.count + built_in_count + 1, sizeof **ids, err);
    if (!*ids)
        return false;
    for (size_t i = 0; i < stored.count; i++) {
        struct slice prefix, id;
        if (!slice_split(stored.items[i].name, '/', &prefix, &id) ||
            !arena_copy(arena, id, &(*ids)[all++], err))
            return false;
    }
    for (size_t i = 0; (built_in = catalogue_population_type_id(catalogue, i)); i++)
        (*ids)[all++] = slice_of(built_in);
    qsort(*ids, all, sizeof **ids, by_text);
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (*count == 0 || !slice_equal((*ids)[*count - 1], (*ids)[i]))
            (*ids)[(*count)++] = (*ids)[i];
    return true;
}

bool population_type_ensure(struct store *store, const struct catalogue *catalogue,
                            struct transaction *tx, struct slice id, struct population_type *type,
                            struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    struct actor program = actor_program();
    const struct kind *kind = kind_find(catalogue, SLICE("PopulationType"));
    struct population_type in_store;
    uint64_t last;
    struct error error = { 0 };
    if (!kind)
        return error_set(err, ERROR_CORRUPT, NULL, "the catalogue has no kind PopulationType");
    if (!population_type_get(store, catalogue, arena, id, store_size(store), type, err))
        return false;
    if (type->version > 0)
        return true;
    /* One that was removed goes on counting. */
    if (!stored_type(store, arena, id, store_size(store), &in_store, &last, &error) &&
        error.code != ERROR_NOT_FOUND) {
        *err = error;
        return false;
    }
    struct resource_draft draft = { .name = name_of(arena, id, err),
                                    .kind = kind->name,
                                    .entry_type = kind->entry_type,
                                    .is_private = kind->is_private,
                                    .version = last + 1,
                                    .document = type->document };
    type->is_in_batch = true;
    type->batch_position = transaction_count(tx);
    type->version = draft.version;
    return draft.name.at && transaction_resource(tx, &program, &draft, err);
}
