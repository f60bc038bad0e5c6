/* Reading the embedded catalogue. The files are ours and tested, so that a fault in one is
 * ERROR_CORRUPT and ends the reading; what people write is read by documents.c. */
#include "program/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/yaml.h"
#include "program/catalogue_internal.h"
#include "program/population_types.h"
#include "program/version_types.h"

enum { CATALOGUE_BYTES_MAX = 64 << 20 };

/* ---- files ---- */

static struct slice file_text(const struct embedded_file *file)
{
    return slice_bytes(file->bytes, file->size);
}

/* Files of a folder lie together, for the table is sorted. */
void catalogue_folder(const char *prefix, size_t *from, size_t *to)
{
    size_t len = strlen(prefix), i = 0;
    while (i < embedded_files_count && strncmp(embedded_files[i].path, prefix, len) != 0)
        i++;
    *from = i;
    while (i < embedded_files_count && strncmp(embedded_files[i].path, prefix, len) == 0)
        i++;
    *to = i;
}

static bool text_documents(struct arena *arena, struct slice text, const char *path,
                           struct yaml_documents *documents, struct error *err)
{
    struct findings findings = { 0 };
    bool ok = yaml_parse(arena, text, path, &yaml_limits_default, documents, &findings, err);
    if (!ok && findings.count > 0) {
        *err = findings.items[0].error;
        err->code = ERROR_CORRUPT;
    }
    findings_free(&findings);
    return ok;
}

/* The one document of a file. */
static const struct value *file_document(struct arena *arena, const struct embedded_file *file,
                                         struct error *err)
{
    struct yaml_documents documents;
    if (!text_documents(arena, file_text(file), file->path, &documents, err))
        return NULL;
    if (documents.count != 1) {
        error_set(err, ERROR_CORRUPT, file->path, "one document expected, found %zu",
                  documents.count);
        return NULL;
    }
    return documents.items[0];
}

const struct value *catalogue_document_at(struct arena *arena, const char *path, struct error *err)
{
    size_t from, to;
    catalogue_folder(path, &from, &to);
    if (to != from + 1) {
        error_set(err, ERROR_CORRUPT, path, "is not in this program");
        return NULL;
    }
    return file_document(arena, &embedded_files[from], err);
}

/* ---- editions ---- */

static bool criterion_read(struct arena *arena, struct slice edition, const struct value *node,
                           struct criterion *criterion, struct error *err)
{
    criterion->edition = edition;
    criterion->id = value_text_of(node, "id");
    criterion->title = value_text_of(node, "title");
    criterion->text = value_text_of(node, "text");
    criterion->category = value_text_of(node, "category");
    criterion->group = value_text_of(node, "group");
    criterion->node = node;
    const char *name =
        arena_printf(arena, err, "%.*s/%.*s", SLICE_ARG(edition), SLICE_ARG(criterion->id));
    criterion->name = slice_of(name);
    return name != NULL;
}

bool edition_read(struct arena *arena, const struct value *document, struct edition *edition,
                  struct error *err)
{
    const struct value *nodes = value_member(document, "criteria");
    edition->document = document;
    if (!arena_copy(arena, value_text_of(document, "catalog"), &edition->name, err))
        return false;
    edition->title = value_text_of(document, "title");
    edition->type = value_text_of(document, "type");
    struct criterion *criteria = arena_array(arena, value_count(nodes) + 1, sizeof *criteria, err);
    for (size_t i = 0; criteria && i < value_count(nodes); i++)
        if (!criterion_read(arena, edition->name, nodes->items[i], &criteria[i], err))
            return false;
    edition->criteria = criteria;
    edition->count = value_count(nodes);
    return criteria != NULL;
}

static bool edition_of_file(struct catalogue *catalogue, const struct embedded_file *file,
                            struct edition *edition, struct error *err)
{
    const struct value *document = file_document(catalogue->arena, file, err);
    if (!document || !edition_read(catalogue->arena, document, edition, err))
        return false;
    return (edition->name.len > 0 && edition->type.len > 0 && edition->count > 0) ||
           error_set(err, ERROR_CORRUPT, file->path, "catalog, type and criteria are needed");
}

static struct slice in_force_from(const struct edition *edition)
{
    return value_text(value_path(edition->document, "in_force.from"));
}

/* Criteria come before what is no criterion, newer before older. */
static int by_use(const void *a, const void *b)
{
    const struct edition *left = a, *right = b;
    bool is_left = slice_is(left->type, "criteria"), is_right = slice_is(right->type, "criteria");
    if (is_left != is_right)
        return is_left ? -1 : 1;
    int order = slice_compare(in_force_from(right), in_force_from(left));
    return order ? order : slice_compare(left->name, right->name);
}

static bool editions_read(struct catalogue *catalogue, struct error *err)
{
    size_t from, to;
    catalogue_folder("catalog/criteria/", &from, &to);
    catalogue->editions =
        arena_array(catalogue->arena, to - from + 1, sizeof *catalogue->editions, err);
    if (!catalogue->editions)
        return false;
    for (size_t i = from; i < to; i++)
        if (!edition_of_file(catalogue, &embedded_files[i], &catalogue->editions[i - from], err))
            return false;
    catalogue->editions_count = to - from;
    qsort(catalogue->editions, catalogue->editions_count, sizeof *catalogue->editions, by_use);
    return true;
}

/* ---- kinds, types, starter sets ---- */

static int by_kind_name(const void *a, const void *b)
{
    const struct kind *const *left = a, *const *right = b;
    return slice_compare((*left)->name, (*right)->name);
}

static bool kinds_read(struct catalogue *catalogue, struct error *err)
{
    size_t from, to;
    catalogue_folder("catalog/kinds/", &from, &to);
    struct arena *arena = catalogue->arena;
    const struct value *table = catalogue_document_at(arena, "catalog/access.yaml", err);
    if (!table)
        return false;
    catalogue->kinds = arena_array(arena, to - from + 1, sizeof *catalogue->kinds, err);
    catalogue->schemas = arena_array(arena, to - from + 1, sizeof *catalogue->schemas, err);
    if (!catalogue->kinds || !catalogue->schemas)
        return false;
    for (size_t i = from; i < to; i++) {
        size_t index = catalogue->kinds_count;
        const struct value *file = file_document(arena, &embedded_files[i], err);
        if (!file)
            return false;
        catalogue->kinds[index] =
            kind_read(arena, file, embedded_files[i].path, table, &catalogue->schemas[index], err);
        if (!catalogue->kinds[index])
            return false;
        catalogue->kinds_count++;
    }
    /* The schemas are only for release, in any order. */
    qsort(catalogue->kinds, catalogue->kinds_count, sizeof *catalogue->kinds, by_kind_name);
    return true;
}

static int by_type_id(const void *a, const void *b)
{
    const struct catalogue_type *left = a, *right = b;
    return strcmp(left->id, right->id);
}

static bool type_add(struct catalogue *catalogue, struct value *document, struct error *err)
{
    struct catalogue_type *type = &catalogue->types[catalogue->types_count++];
    type->document = document;
    type->id = arena_string(catalogue->arena, value_text_of(document, "id"), err);
    return type->id != NULL;
}

/* Those of files, and for each kind whose versions are a table that table's. */
static bool types_read(struct catalogue *catalogue, struct error *err)
{
    size_t from, to;
    catalogue_folder("catalog/populations/", &from, &to);
    catalogue->types = arena_array(catalogue->arena, to - from + catalogue->kinds_count + 1,
                                   sizeof *catalogue->types, err);
    if (!catalogue->types)
        return false;
    for (size_t i = 0; i < catalogue->kinds_count; i++) {
        struct value *document =
            kind_has_versions(catalogue->kinds[i])
                ? version_type_document(catalogue->arena, catalogue->kinds[i], err)
                : NULL;
        if (document ? !type_add(catalogue, document, err) : err->code != ERROR_NONE)
            return false;
    }
    for (size_t i = from; i < to; i++) {
        const struct value *file = file_document(catalogue->arena, &embedded_files[i], err);
        struct value *document = file ? value_copy(catalogue->arena, file, err) : NULL;
        if (!document || !population_type_put_order(catalogue->arena, document, err) ||
            !type_add(catalogue, document, err))
            return false;
    }
    qsort(catalogue->types, catalogue->types_count, sizeof *catalogue->types, by_type_id);
    return true;
}

/* "saas" of "catalog/starter/saas/roles.yaml". */
static struct slice pack_of(const char *path)
{
    struct slice head, rest = slice_from(slice_of(path), strlen("catalog/starter/"));
    return slice_split(rest, '/', &head, &rest) ? head : (struct slice){ 0 };
}

static bool starters_read(struct catalogue *catalogue, struct error *err)
{
    size_t from, to;
    catalogue_folder("catalog/starter/", &from, &to);
    catalogue->starters =
        arena_array(catalogue->arena, to - from + 1, sizeof *catalogue->starters, err);
    if (!catalogue->starters)
        return false;
    for (size_t i = from; i < to; i++) {
        struct starter_file *starter = &catalogue->starters[catalogue->starters_count++];
        starter->path = embedded_files[i].path;
        starter->pack = pack_of(starter->path);
        starter->text = file_text(&embedded_files[i]);
    }
    return true;
}

bool starter_documents_read(const struct catalogue *catalogue, struct arena *arena,
                            struct starter_documents *list, struct error *err)
{
    struct yaml_documents *files =
        arena_array(arena, catalogue->starters_count, sizeof *files, err);
    size_t count = 0;
    *list = (struct starter_documents){ 0 };
    if (!files)
        return false;
    for (size_t i = 0; i < catalogue->starters_count; i++) {
        const struct starter_file *starter = &catalogue->starters[i];
        if (!text_documents(arena, starter->text, starter->path, &files[i], err))
            return false;
        count += files[i].count;
    }
    struct starter_document *items = arena_array(arena, count, sizeof *items, err);
    if (!items)
        return false;
    for (size_t i = 0; i < catalogue->starters_count; i++)
        for (size_t j = 0; j < files[i].count; j++)
            items[list->count++] =
                (struct starter_document){ catalogue->starters[i].pack, files[i].items[j] };
    list->items = items;
    return true;
}

bool catalogue_starter_write(const struct catalogue *catalogue, struct slice set,
                             const char *folder, struct error *err)
{
    char path[4096];
    bool is_found = false;
    for (size_t i = 0; i < catalogue->starters_count; i++) {
        const struct starter_file *starter = &catalogue->starters[i];
        if (!slice_equal(starter->pack, set))
            continue;
        if (!is_found && !folder_make(folder, err))
            return false;
        is_found = true;
        int length = snprintf(path, sizeof path, "%s%s", folder, strrchr(starter->path, '/'));
        if (length < 0 || (size_t)length >= sizeof path)
            return error_set(err, ERROR_INVALID, folder, "the path is too long");
        if (!file_exists(path) && !file_write_output(path, starter->text, err))
            return false;
    }
    return is_found || error_set(err, ERROR_NOT_FOUND, NULL, "there is no starter set \"%.*s\"",
                                 SLICE_ARG(set));
}

struct catalogue *catalogue_open(struct error *err)
{
    struct arena *arena = arena_new(CATALOGUE_BYTES_MAX, err);
    struct catalogue *catalogue = arena ? arena_alloc(arena, sizeof *catalogue, err) : NULL;
    if (!catalogue) {
        arena_free(arena);
        return NULL;
    }
    catalogue->arena = arena;
    if (!kinds_read(catalogue, err) || !editions_read(catalogue, err) ||
        !types_read(catalogue, err) || !starters_read(catalogue, err))
        goto fail;
    catalogue->crosswalks = catalogue_document_at(arena, "catalog/crosswalks.yaml", err);
    catalogue->sheet = catalogue_document_at(arena, "catalog/scheme-sheet.yaml", err);
    if (!catalogue->crosswalks || !catalogue->sheet)
        goto fail;
    return catalogue;
fail:
    catalogue_free(catalogue);
    return NULL;
}

void catalogue_free(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    for (size_t i = 0; i < catalogue->kinds_count; i++)
        schema_free(catalogue->schemas[i]);
    arena_free(catalogue->arena); /* the catalogue itself lies in it */
}

/* ---- lending ---- */

const struct edition *catalogue_editions(const struct catalogue *catalogue, size_t *count)
{
    *count = catalogue->editions_count;
    return catalogue->editions;
}

const struct edition *catalogue_edition(const struct catalogue *catalogue, struct slice name)
{
    for (size_t i = 0; i < catalogue->editions_count; i++)
        if (slice_equal(catalogue->editions[i].name, name))
            return &catalogue->editions[i];
    return NULL;
}

const struct criterion *catalogue_criterion_in(const struct edition *edition, struct slice id)
{
    for (size_t i = 0; edition && i < edition->count; i++)
        if (slice_equal(edition->criteria[i].id, id))
            return &edition->criteria[i];
    return NULL;
}

const struct criterion *catalogue_criterion(const struct catalogue *catalogue, struct slice name)
{
    struct slice edition, id;
    if (!slice_split(name, '/', &edition, &id))
        return NULL;
    return catalogue_criterion_in(catalogue_edition(catalogue, edition), id);
}

const struct value *catalogue_population_type(const struct catalogue *catalogue, struct slice id)
{
    for (size_t i = 0; i < catalogue->types_count; i++)
        if (slice_is(id, catalogue->types[i].id))
            return catalogue->types[i].document;
    return NULL;
}

const char *catalogue_population_type_id(const struct catalogue *catalogue, size_t index)
{
    return index < catalogue->types_count ? catalogue->types[index].id : NULL;
}

/* ---- criteria that are none ---- */

enum { NAMES_MAX = 512 };

/* "tsc-2017/CC6.1 or tsp-2014/CC6.1": where an id without its catalogue is found. */
static size_t candidates_of(const struct catalogue *catalogue, struct slice id, char *out,
                            size_t size)
{
    size_t count = 0, len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < catalogue->editions_count; i++) {
        const struct criterion *found = catalogue_criterion_in(&catalogue->editions[i], id);
        if (!found || len >= size)
            continue;
        int more = snprintf(out + len, size - len, "%s%.*s", count++ ? " or " : "",
                            SLICE_ARG(found->name));
        len += more < 0 ? 0 : (size_t)more;
    }
    return count;
}

/* The name of the criterion with the nearest id, of those whose id begins with `head`. */
static const char *near_with(const struct edition *edition, struct slice id, struct slice head)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    /* An id is the end of a name that is followed by a NUL. */
    for (size_t i = 0; i < edition->count && count < NAMES_MAX; i++)
        if (slice_starts_with(edition->criteria[i].id, head))
            names[count++] = edition->criteria[i].name.at + edition->name.len + 1;
    const char *near = slice_nearest(id, names, count);
    return near ? near - edition->name.len - 1 : NULL;
}

/* CC8.2 is rather a slip for CC8.1 than for CC1.2. */
static const char *near_in(const struct edition *edition, struct slice id)
{
    size_t dot = 0;
    const char *near = NULL;
    if (slice_find(id, '.', &dot))
        near = near_with(edition, id, slice_head(id, dot + 1));
    return near ? near : near_with(edition, id, (struct slice){ 0 });
}

static bool edition_unknown(const struct catalogue *catalogue, struct slice text,
                            struct slice edition, const char *where, struct error *err)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < catalogue->editions_count && count < NAMES_MAX; i++)
        names[count++] = catalogue->editions[i].name.at;
    const char *near = slice_nearest(edition, names, count);
    error_set(err, ERROR_INVALID, where, "\"%.*s\" names no catalogue we have", SLICE_ARG(text));
    return near ? error_hint(err, "did you mean \"%s\"?", near)
                : error_hint(err, "attest catalog lists the catalogues");
}

bool catalogue_criterion_unknown(const struct catalogue *catalogue, struct slice text,
                                 const char *where, struct error *err)
{
    struct slice name = { 0 }, id = text;
    char candidates[320];
    if (!slice_split(text, '/', &name, &id)) {
        error_set(err, ERROR_INVALID, where, "\"%.*s\" names no catalogue", SLICE_ARG(text));
        if (candidates_of(catalogue, text, candidates, sizeof candidates) > 0)
            return error_hint(err, "%s", candidates);
        return error_hint(err, "write it with its catalogue, such as tsc-2017/CC8.1");
    }
    const struct edition *edition = catalogue_edition(catalogue, name);
    if (!edition)
        return edition_unknown(catalogue, text, name, where, err);
    error_set(err, ERROR_INVALID, where, "\"%.*s\" is not in %.*s", SLICE_ARG(text),
              SLICE_ARG(edition->title));
    if (candidates_of(catalogue, id, candidates, sizeof candidates) > 0)
        return error_hint(err, "%s", candidates);
    const char *near = near_in(edition, id);
    return near ? error_hint(err, "did you mean \"%s\"?", near)
                : error_hint(err, "attest catalog %.*s lists them", SLICE_ARG(name));
}
