/* `attest catalog`: what there is, one list, or one entry with everything that maps to it. */
#include <stdio.h>
#include <string.h>

#include "program/catalogue_internal.h"
#include "program/catalogue_own.h"
#include "program/presets.h"

struct showing {
    const struct catalogue *catalogue;
    struct arena *arena;
    struct error *err;
};

/* ---- small parts ---- */

static struct value *object_in(const struct showing *showing, struct value *list)
{
    return list ? value_add_object(showing->arena, list, showing->err) : NULL;
}

static bool put(const struct showing *showing, struct value *object, const char *name,
                struct slice text)
{
    return value_put_text(showing->arena, object, name, text, showing->err);
}

static bool put_count(const struct showing *showing, struct value *object, const char *name,
                      size_t count)
{
    return value_put_i64(showing->arena, object, name, (int64_t)count, showing->err);
}

static bool put_copy(const struct showing *showing, struct value *object, const char *name,
                     const struct value *value)
{
    return !value || value_put(showing->arena, object, name,
                               value_copy(showing->arena, value, showing->err), showing->err);
}

static struct value *new_list(const struct showing *showing)
{
    return value_new(showing->arena, VALUE_ARRAY, showing->err);
}

/* ---- criteria ---- */

static struct value *edition_list(const struct showing *showing, const struct edition *edition)
{
    struct value *list = new_list(showing);
    for (size_t i = 0; list && i < edition->count; i++) {
        const struct criterion *criterion = &edition->criteria[i];
        struct value *object = object_in(showing, list);
        if (!object || !put(showing, object, "id", criterion->name) ||
            !put(showing, object, "title", criterion->title) ||
            !put(showing, object, "category", criterion->category) ||
            !put(showing, object, "group", criterion->group) ||
            !put_count(showing, object, "points",
                       value_count(value_member(criterion->node, "points"))))
            return NULL;
    }
    return list;
}

static bool text_in(struct slice text, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(list->items[i]), text))
            return true;
    return false;
}

/* One line of what maps: an entry of another catalogue, with its title if we have it. */
static bool map_add(const struct showing *showing, struct value *maps, struct slice catalog,
                    struct slice id, const struct value *row, const char *direction)
{
    char name[200];
    struct value *object = object_in(showing, maps);
    (void)snprintf(name, sizeof name, "%.*s/%.*s", SLICE_ARG(catalog), SLICE_ARG(id));
    const struct criterion *criterion = catalogue_criterion(showing->catalogue, slice_of(name));
    bool agrees = text_in(id, value_member(row, "agrees"));
    return object && put(showing, object, "catalog", catalog) && put(showing, object, "id", id) &&
           put(showing, object, "title", criterion ? criterion->title : SLICE("")) &&
           put(showing, object, "relation", value_text_of(row, "relation")) &&
           put(showing, object, "direction", slice_of(direction)) &&
           (!agrees || value_put_bool(showing->arena, object, "agrees", true, showing->err));
}

static bool row_maps(const struct showing *showing, struct value *maps,
                     const struct value *crosswalk, const struct value *row, struct slice catalog,
                     struct slice id)
{
    const struct value *to = value_member(row, "to");
    struct slice from_catalog = value_text_of(crosswalk, "from");
    struct slice to_catalog = value_text_of(crosswalk, "to");
    if (slice_equal(from_catalog, catalog) && slice_equal(value_text_of(row, "from"), id))
        for (size_t i = 0; i < value_count(to); i++)
            if (!map_add(showing, maps, to_catalog, value_text(to->items[i]), row, "to"))
                return false;
    if (slice_equal(to_catalog, catalog) && text_in(id, to))
        return map_add(showing, maps, from_catalog, value_text_of(row, "from"), row, "from");
    return true;
}

/* Both ways through every crosswalk. */
static bool maps_put(const struct showing *showing, struct value *object, struct slice catalog,
                     struct slice id)
{
    const struct value *crosswalks = value_member(showing->catalogue->crosswalks, "crosswalks");
    struct value *maps = value_put_array(showing->arena, object, "maps", showing->err);
    for (size_t i = 0; maps && i < value_count(crosswalks); i++) {
        const struct value *rows = value_member(crosswalks->items[i], "rows");
        for (size_t j = 0; j < value_count(rows); j++)
            if (!row_maps(showing, maps, crosswalks->items[i], rows->items[j], catalog, id))
                return false;
    }
    return maps != NULL;
}

static bool starters_of(const struct showing *showing, struct starter_documents *starters)
{
    return starter_documents_read(showing->catalogue, showing->arena, starters, showing->err);
}

static bool starter_add(const struct showing *showing, struct value *list,
                        const struct starter_document *starter)
{
    char name[200];
    const struct value *document = starter->document;
    const struct kind *kind = kind_find(showing->catalogue, value_text_of(document, "kind"));
    struct value *object = object_in(showing, list);
    (void)snprintf(name, sizeof name, "%s/%.*s", kind ? kind->prefix.at : "?",
                   SLICE_ARG(value_text_of(document, "id")));
    return object && put(showing, object, "pack", starter->pack) &&
           put(showing, object, "name", slice_of(name)) &&
           put(showing, object, "title", value_text_of(document, "title"));
}

/* Starter controls that name the criterion. */
static bool controls_put(const struct showing *showing, struct value *object, struct slice name)
{
    struct value *controls = value_put_array(showing->arena, object, "controls", showing->err);
    struct starter_documents starters;
    if (!controls || !starters_of(showing, &starters))
        return false;
    for (size_t i = 0; i < starters.count; i++)
        if (slice_is(value_text_of(starters.items[i].document, "kind"), "Control") &&
            text_in(name, value_member(starters.items[i].document, "criteria")) &&
            !starter_add(showing, controls, &starters.items[i]))
            return false;
    return true;
}

static const struct value *group_of(const struct edition *edition, struct slice id)
{
    const struct value *groups = value_member(edition->document, "groups");
    for (size_t i = 0; i < value_count(groups); i++)
        if (slice_equal(value_text_of(groups->items[i], "id"), id))
            return groups->items[i];
    return NULL;
}

static struct value *criterion_show(const struct showing *showing, const struct edition *edition,
                                    const struct criterion *criterion)
{
    const struct value *node = criterion->node;
    struct value *object = value_new(showing->arena, VALUE_OBJECT, showing->err);
    bool ok = object && put(showing, object, "id", criterion->name) &&
              put(showing, object, "catalog", edition->title) &&
              put(showing, object, "title", criterion->title) &&
              put(showing, object, "text", criterion->text) &&
              put(showing, object, "category", criterion->category) &&
              put(showing, object, "group",
                  value_text_of(group_of(edition, criterion->group), "title")) &&
              put_copy(showing, object, "basis", value_member(node, "basis")) &&
              put_copy(showing, object, "note", value_member(node, "note")) &&
              put_copy(showing, object, "points", value_member(node, "points")) &&
              maps_put(showing, object, criterion->edition, criterion->id) &&
              controls_put(showing, object, criterion->name);
    return ok ? object : NULL;
}

/* An entry of a framework of which we have identifiers only: what maps to it, or NULL if nothing.
 */
static struct value *framework_show(const struct showing *showing, struct slice catalog,
                                    struct slice id)
{
    char name[200];
    const struct value *frameworks = value_member(showing->catalogue->crosswalks, "frameworks");
    for (size_t i = 0; i < value_count(frameworks); i++) {
        if (!slice_equal(value_text_of(frameworks->items[i], "id"), catalog))
            continue;
        struct value *object = value_new(showing->arena, VALUE_OBJECT, showing->err);
        (void)snprintf(name, sizeof name, "%.*s/%.*s", SLICE_ARG(catalog), SLICE_ARG(id));
        if (!object || !put(showing, object, "id", slice_of(name)) ||
            !put(showing, object, "catalog", value_text_of(frameworks->items[i], "title")) ||
            !maps_put(showing, object, catalog, id))
            return NULL;
        if (value_count(value_member(object, "maps")) > 0)
            return object;
    }
    return NULL;
}

/* ---- crosswalks ---- */

static struct value *crosswalks_list(const struct showing *showing)
{
    const struct value *crosswalks = value_member(showing->catalogue->crosswalks, "crosswalks");
    struct value *list = new_list(showing);
    for (size_t i = 0; list && i < value_count(crosswalks); i++) {
        const struct value *crosswalk = crosswalks->items[i];
        struct value *object = object_in(showing, list);
        if (!object || !put(showing, object, "id", value_text_of(crosswalk, "id")) ||
            !put(showing, object, "from", value_text_of(crosswalk, "from")) ||
            !put(showing, object, "to", value_text_of(crosswalk, "to")) ||
            !put(showing, object, "title", value_text_of(crosswalk, "title")) ||
            !put_count(showing, object, "rows", value_count(value_member(crosswalk, "rows"))))
            return NULL;
    }
    return list;
}

/* The rows; NULL without *err if there is no such crosswalk. */
static struct value *crosswalk_show(const struct showing *showing, struct slice id)
{
    const struct value *crosswalks = value_member(showing->catalogue->crosswalks, "crosswalks");
    for (size_t i = 0; i < value_count(crosswalks); i++)
        if (slice_equal(value_text_of(crosswalks->items[i], "id"), id))
            return value_copy(showing->arena, value_member(crosswalks->items[i], "rows"),
                              showing->err);
    return NULL;
}

/* ---- starter sets ---- */

/* Resources of one pack, or of all if it is empty. */
static struct value *starter_list(const struct showing *showing, struct slice pack)
{
    struct value *list = new_list(showing);
    struct starter_documents starters;
    if (!list || !starters_of(showing, &starters))
        return NULL;
    for (size_t i = 0; i < starters.count; i++)
        if ((pack.len == 0 || slice_equal(starters.items[i].pack, pack)) &&
            !starter_add(showing, list, &starters.items[i]))
            return NULL;
    return list;
}

/* A pack by its name, or a resource by GOV-01 or control/GOV-01. */
static struct value *starter_show(const struct showing *showing, struct slice id)
{
    const struct kind *kind = NULL;
    struct slice bare = id;
    struct starter_documents starters;
    if ((slice_find(id, '/', &(size_t){ 0 }) &&
         !resource_split(showing->catalogue, id, &kind, &bare)) ||
        !starters_of(showing, &starters))
        return NULL;
    for (size_t i = 0; i < starters.count; i++) {
        const struct value *document = starters.items[i].document;
        if (slice_equal(starters.items[i].pack, id))
            return starter_list(showing, id);
        if (slice_equal(value_text_of(document, "id"), bare) &&
            (!kind || slice_equal(value_text_of(document, "kind"), kind->name)))
            return value_copy(showing->arena, document, showing->err);
    }
    return NULL;
}

/* ---- population types ---- */

static struct value *populations_list(const struct showing *showing)
{
    struct value *list = new_list(showing);
    for (size_t i = 0; list && i < showing->catalogue->types_count; i++) {
        const struct value *document = showing->catalogue->types[i].document;
        struct value *object = object_in(showing, list);
        if (!object || !put(showing, object, "id", value_text_of(document, "id")) ||
            !put(showing, object, "title", value_text_of(document, "title")) ||
            !put_copy(showing, object, "key", value_member(document, "key")) ||
            !put(showing, object, "time", value_text_of(document, "time")) ||
            !put_count(showing, object, "columns", value_count(value_member(document, "columns"))))
            return NULL;
    }
    return list;
}

/* ---- kinds ---- */

static struct value *kinds_list(const struct showing *showing)
{
    char name[80];
    struct value *list = new_list(showing);
    for (size_t i = 0; list && i < showing->catalogue->kinds_count; i++) {
        const struct kind *kind = showing->catalogue->kinds[i];
        struct value *object = object_in(showing, list);
        (void)snprintf(name, sizeof name, "%s/ID", kind->prefix.at);
        if (!object || !put(showing, object, "kind", kind->name) ||
            !put(showing, object, "name", slice_of(name)) ||
            !put(showing, object, "area", kind->area) ||
            !put(showing, object, "summary", kind->summary))
            return NULL;
    }
    return list;
}

/* ---- everything ---- */

static bool content_add(const struct showing *showing, struct value *list, const char *name,
                        struct slice title, size_t entries, struct slice shows)
{
    struct value *object = object_in(showing, list);
    return object && put(showing, object, "name", slice_of(name)) &&
           put(showing, object, "title", title) && put_count(showing, object, "entries", entries) &&
           put(showing, object, "shows", shows);
}

struct value *catalogue_contents(const struct catalogue *catalogue, struct arena *arena,
                                 struct error *err)
{
    struct showing showing = { catalogue, arena, err };
    struct value *list = new_list(&showing);
    struct starter_documents starters;
    if (!list || !starters_of(&showing, &starters))
        return NULL;
    for (size_t i = 0; i < catalogue->editions_count; i++) {
        const struct edition *edition = &catalogue->editions[i];
        if (!content_add(&showing, list, edition->name.at, edition->title, edition->count,
                         edition->type))
            return NULL;
    }
    bool ok =
        content_add(&showing, list, "crosswalks", value_text_of(catalogue->crosswalks, "title"),
                    value_count(value_member(catalogue->crosswalks, "crosswalks")),
                    SLICE("crosswalks")) &&
        content_add(&showing, list, "starter",
                    SLICE("Starter programme: controls, policies, the offices that own them"),
                    starters.count, SLICE("resources")) &&
        content_add(&showing, list, "populations", SLICE("Built-in population types"),
                    catalogue->types_count, SLICE("population types")) &&
        content_add(&showing, list, "kinds", SLICE("Kinds of resources"), catalogue->kinds_count,
                    SLICE("kinds")) &&
        content_add(&showing, list, "presets",
                    SLICE("How files of other tools are read (attest convert)"), presets_count(),
                    SLICE("presets")) &&
        content_add(&showing, list, "scheme-sheet", value_text_of(catalogue->sheet, "title"),
                    value_count(value_member(catalogue->sheet, "parts")), SLICE("parts"));
    return ok ? list : NULL;
}

/* NULL with *err: what the name may have been meant for. */
static struct value *unknown_name(const struct showing *showing, struct slice path,
                                  struct slice name)
{
    static const char *const others[] = { "crosswalks", "starter", "populations",
                                          "kinds",      "presets", "scheme-sheet" };
    const char *names[64];
    size_t count = 0;
    struct error candidates = { 0 };
    for (size_t i = 0; i < showing->catalogue->editions_count && count < 32; i++)
        names[count++] = showing->catalogue->editions[i].name.at;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        names[count++] = others[i];
    catalogue_criterion_unknown(showing->catalogue, path, NULL, &candidates);
    const char *near = slice_nearest(name, names, count);
    /* An id that some edition has is more likely meant than a name that is near. */
    if (strstr(candidates.hint, "/") && !strstr(candidates.hint, "such as") &&
        path.len == name.len) {
        *showing->err = candidates;
        return NULL;
    }
    error_set(showing->err, ERROR_NOT_FOUND, NULL, "the catalogue has no \"%.*s\"",
              SLICE_ARG(name));
    if (near)
        error_hint(showing->err, "did you mean \"%s\"?", near);
    else
        error_hint(showing->err, "attest catalog lists what there is");
    return NULL;
}

static struct value *show_criteria(const struct showing *showing, const struct edition *edition,
                                   struct slice path, struct slice id)
{
    const struct criterion *criterion =
        id.len ? catalogue_criterion(showing->catalogue, path) : NULL;
    if (id.len == 0)
        return edition_list(showing, edition);
    if (criterion)
        return criterion_show(showing, edition, criterion);
    catalogue_criterion_unknown(showing->catalogue, path, NULL, showing->err);
    showing->err->code = ERROR_NOT_FOUND;
    return NULL;
}

static struct value *show_populations(const struct showing *showing, struct slice id)
{
    const struct value *type = catalogue_population_type(showing->catalogue, id);
    if (id.len == 0)
        return populations_list(showing);
    return type ? value_copy(showing->arena, type, showing->err) : NULL;
}

static struct value *show_presets(const struct showing *showing, struct slice id)
{
    return id.len ? preset_built_in(showing->arena, id, showing->err)
                  : presets_list(showing->arena, showing->err);
}

static struct value *show_sheet(const struct showing *showing, struct slice id)
{
    return id.len ? NULL : scheme_sheet(showing->catalogue, showing->arena, showing->err);
}

static struct value *show_kinds(const struct showing *showing, struct slice id)
{
    return id.len ? kind_explained(showing->catalogue, showing->arena, id, showing->err)
                  : kinds_list(showing);
}

static struct value *show_starter(const struct showing *showing, struct slice id)
{
    return id.len ? starter_show(showing, id) : starter_list(showing, id);
}

static struct value *show_crosswalks(const struct showing *showing, struct slice id)
{
    return id.len ? crosswalk_show(showing, id) : crosswalks_list(showing);
}

/* To add a part of the catalogue: a function above, a line here, a line in catalogue_contents(). */
static const struct {
    const char *name;
    struct value *(*show)(const struct showing *showing, struct slice id);
} parts[] = {
    { "crosswalks", show_crosswalks },   { "starter", show_starter },
    { "populations", show_populations }, { "kinds", show_kinds },
    { "presets", show_presets },         { "scheme-sheet", show_sheet },
};

bool catalogue_name_is_built_in(const struct catalogue *catalogue, struct slice name)
{
    const struct edition *edition = catalogue_edition(catalogue, name);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (slice_is(name, parts[i].name))
            return true;
    return edition && !slice_is(edition->type, EDITION_TYPE_OWN);
}

static struct value *show(const struct showing *showing, struct slice path)
{
    struct slice name = path, id = { 0 };
    struct value *shown = NULL;
    struct error *err = showing->err;
    (void)slice_split(path, '/', &name, &id);
    const struct edition *edition = catalogue_edition(showing->catalogue, name);
    if (edition)
        return show_criteria(showing, edition, path, id);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!slice_is(name, parts[i].name))
            continue;
        shown = parts[i].show(showing, id);
        if (!shown && err->code == ERROR_NONE) {
            error_set(err, ERROR_NOT_FOUND, NULL, "%s has no \"%.*s\"", parts[i].name,
                      SLICE_ARG(id));
            error_hint(err, "attest catalog %s lists them", parts[i].name);
        }
        return shown;
    }
    if (id.len > 0)
        shown = framework_show(showing, name, id);
    return shown || err->code != ERROR_NONE ? shown : unknown_name(showing, path, name);
}

struct value *catalogue_show(const struct catalogue *catalogue, struct arena *arena,
                             struct slice path, struct error *err)
{
    struct showing showing = { catalogue, arena, err };
    return show(&showing, path);
}
