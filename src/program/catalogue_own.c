#include "program/catalogue_own.h"

#include <string.h>

#include "base/json.h"
#include "program/catalogue_internal.h"

struct adding {
    struct arena *arena;
    struct value *crosswalks; /* the array of them, built-in ones first */
    struct error *err;
};

static bool copy_member(const struct adding *adding, struct value *object, const char *name,
                        const struct value *from, const char *member)
{
    const struct value *value = value_member(from, member);
    return !value || value_put(adding->arena, object, name,
                               value_copy(adding->arena, value, adding->err), adding->err);
}

/* ---- the edition ---- */

/* A reference in the form of a criterion of catalog/criteria. */
static bool criterion_add(const struct adding *adding, struct value *criteria,
                          const struct value *reference)
{
    struct value *node = value_add_object(adding->arena, criteria, adding->err);
    bool has_category = value_member(reference, "category") != NULL;
    return node && copy_member(adding, node, "id", reference, "id") &&
           copy_member(adding, node, "group", reference, "group") &&
           value_put_text(adding->arena, node, "category",
                          has_category ? value_text_of(reference, "category") : SLICE("common"),
                          adding->err) &&
           copy_member(adding, node, "title", reference, "title") &&
           copy_member(adding, node, "text", reference, "text");
}

static struct value *edition_document(const struct adding *adding, const struct value *own)
{
    const struct value *references = value_member(own, "references");
    struct value *document = value_new(adding->arena, VALUE_OBJECT, adding->err);
    bool ok =
        document && copy_member(adding, document, "catalog", own, "id") &&
        value_put_text(adding->arena, document, "type", SLICE(EDITION_TYPE_OWN), adding->err) &&
        copy_member(adding, document, "title", own, "title") &&
        copy_member(adding, document, "edition", own, "version") &&
        copy_member(adding, document, "groups", own, "groups");
    struct value *criteria =
        ok ? value_put_array(adding->arena, document, "criteria", adding->err) : NULL;
    for (size_t i = 0; criteria && i < value_count(references); i++)
        if (value_text_of(references->items[i], "id").len > 0 &&
            !criterion_add(adding, criteria, references->items[i]))
            return NULL;
    return criteria ? document : NULL;
}

/* ---- its crosswalks: one to each catalogue that it maps to ---- */

static struct value *crosswalk_begin(const struct adding *adding, struct slice from,
                                     struct slice to)
{
    struct value *crosswalk = value_add_object(adding->arena, adding->crosswalks, adding->err);
    const char *id =
        arena_printf(adding->arena, adding->err, "%.*s-to-%.*s", SLICE_ARG(from), SLICE_ARG(to));
    const char *title = arena_printf(adding->arena, adding->err, "%.*s to %.*s, your own mapping",
                                     SLICE_ARG(from), SLICE_ARG(to));
    bool ok = crosswalk && id && title &&
              value_put_text(adding->arena, crosswalk, "id", slice_of(id), adding->err) &&
              value_put_text(adding->arena, crosswalk, "from", from, adding->err) &&
              value_put_text(adding->arena, crosswalk, "to", to, adding->err) &&
              value_put_text(adding->arena, crosswalk, "title", slice_of(title), adding->err);
    return ok ? value_put_array(adding->arena, crosswalk, "rows", adding->err) : NULL;
}

static struct value *row_begin(const struct adding *adding, struct value *rows, struct slice from)
{
    struct value *row = value_add_object(adding->arena, rows, adding->err);
    bool ok = row && value_put_text(adding->arena, row, "from", from, adding->err) &&
              value_put_text(adding->arena, row, "relation", SLICE("overlaps"), adding->err);
    return ok ? value_put_array(adding->arena, row, "to", adding->err) : NULL;
}

/* The targets of one reference in one catalogue; *rows is made with the first of them. */
static bool row_put(const struct adding *adding, struct slice from, struct slice to,
                    const struct value *reference, struct value **rows)
{
    const struct value *maps = value_member(reference, "maps_to");
    struct value *targets = NULL;
    struct slice catalog, id;
    for (size_t i = 0; i < value_count(maps); i++) {
        if (!slice_split(value_text(maps->items[i]), '/', &catalog, &id) ||
            !slice_equal(catalog, to))
            continue;
        if (!*rows && !(*rows = crosswalk_begin(adding, from, to)))
            return false;
        if (!targets && !(targets = row_begin(adding, *rows, value_text_of(reference, "id"))))
            return false;
        if (!value_add(adding->arena, targets, value_new_text(adding->arena, id, adding->err),
                       adding->err))
            return false;
    }
    return true;
}

static bool crosswalks_add(const struct adding *adding, const struct catalogue *whole,
                           const struct value *own)
{
    const struct value *references = value_member(own, "references");
    for (size_t i = 0; i < whole->editions_count; i++) {
        struct value *rows = NULL;
        for (size_t j = 0; j < value_count(references); j++)
            if (!row_put(adding, value_text_of(own, "id"), whole->editions[i].name,
                         references->items[j], &rows))
                return false;
    }
    return true;
}

/* ---- both ---- */

/* The built-in crosswalks in an object that may be added to; the array in it goes to *list. */
static struct value *crosswalks_open(const struct catalogue *built_in, struct arena *arena,
                                     struct value **list, struct error *err)
{
    struct value *copy = value_copy(arena, built_in->crosswalks, err);
    *list = NULL;
    for (size_t i = 0; copy && i < copy->count; i++)
        if (slice_is(copy->members[i].name, "crosswalks"))
            *list = copy->members[i].value;
    return copy;
}

const struct catalogue *catalogue_with_own(const struct catalogue *catalogue, struct arena *arena,
                                           const struct value *const *documents, size_t count,
                                           struct error *err)
{
    struct adding adding = { .arena = arena, .err = err };
    const struct catalogue *built_in = catalogue->built_in ? catalogue->built_in : catalogue;
    if (count == 0)
        return built_in;
    struct catalogue *whole = arena_alloc(arena, sizeof *whole, err);
    if (!whole)
        return NULL;
    *whole = *built_in;
    whole->built_in = built_in;
    whole->crosswalks = crosswalks_open(built_in, arena, &adding.crosswalks, err);
    whole->editions =
        arena_array(arena, built_in->editions_count + count, sizeof *whole->editions, err);
    if (!whole->crosswalks || !whole->editions)
        return NULL;
    memcpy(whole->editions, built_in->editions, built_in->editions_count * sizeof *whole->editions);
    for (size_t i = 0; i < count; i++) {
        struct slice id = value_text_of(documents[i], "id");
        if (id.len == 0 || catalogue_name_is_built_in(built_in, id))
            continue;
        const struct value *document = edition_document(&adding, documents[i]);
        if (!document ||
            !edition_read(arena, document, &whole->editions[whole->editions_count], err))
            return NULL;
        whole->editions_count++;
    }
    /* Only now: one may map to another of one's own. */
    for (size_t i = 0; i < count; i++)
        if (catalogue_edition(whole, value_text_of(documents[i], "id")) &&
            !crosswalks_add(&adding, whole, documents[i]))
            return NULL;
    return whole;
}

const struct catalogue *catalogue_of_store(const struct catalogue *catalogue, struct store *store,
                                           struct arena *arena, uint64_t size, struct error *err)
{
    struct resource_list list;
    if (!resource_list(store, arena, SLICE("Catalogue"), size, &list, err))
        return NULL;
    const struct value **documents = arena_array(arena, list.count + 1, sizeof(*documents), err);
    for (size_t i = 0; documents && i < list.count; i++) {
        documents[i] = json_parse(arena, list.items[i].document, list.items[i].name.at,
                                  &json_limits_default, err);
        if (!documents[i])
            return NULL;
    }
    return documents ? catalogue_with_own(catalogue, arena, documents, list.count, err) : NULL;
}
