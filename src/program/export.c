/* Export: FOLDER/<prefix>/<id>.yaml, one file a resource, so that a change touches one file and
 * ids, which are unique without regard to case, cannot meet on a file system that folds it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/yaml.h"
#include "program/resources.h"

enum { FILE_BYTES_MAX = 16 << 20 };

struct exporting {
    struct arena *arena;
    const struct catalogue *catalogue;
    const char *folder;
    const struct resource_list *list;
    struct findings *findings;
    struct error *err;
};

static bool is_there_already(struct arena *arena, const char *path, struct slice text)
{
    struct error ignored = { 0 };
    struct slice content;
    return file_read(arena, path, FILE_BYTES_MAX, &content, &ignored) && slice_equal(content, text);
}

/* Whole or not at all, but without waiting for the disk: an export can be made again, and waiting
 * for each of thousands of small files would take minutes. */
static bool file_put(struct arena *arena, const char *path, struct slice text, struct error *err)
{
    const char *beside = arena_printf(arena, err, "%s.new", path);
    if (!beside)
        return false;
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return error_errno(err, "write", path);
    bool ok = fd_write_all(fd, text, path, err);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, "write", path);
    if (ok && rename(beside, path) != 0)
        ok = error_errno(err, "write", path);
    if (!ok)
        (void)unlink(beside);
    return ok;
}

static bool resource_write(const struct exporting *exporting,
                           const struct resource_version *version)
{
    struct arena *arena = exporting->arena;
    struct error *err = exporting->err;
    struct strbuf text = strbuf_new(FILE_BYTES_MAX);
    const struct value *document = resource_document(exporting->catalogue, arena, version, err);
    struct slice prefix, id;
    (void)slice_split(version->name, '/', &prefix, &id);
    const char *folder = arena_printf(arena, err, "%s/%.*s", exporting->folder, SLICE_ARG(prefix));
    const char *path =
        folder ? arena_printf(arena, err, "%s/%.*s.yaml", folder, SLICE_ARG(id)) : NULL;
    bool ok = document && path && (file_exists(folder) || folder_make(folder, err));
    if (ok) {
        yaml_write(document, &text);
        ok = strbuf_ok(&text, err) && (is_there_already(arena, path, strbuf_slice(&text)) ||
                                       file_put(arena, path, strbuf_slice(&text), err));
    }
    strbuf_free(&text);
    return ok;
}

static int by_name(const void *name, const void *version)
{
    return slice_compare(*(const struct slice *)name,
                         ((const struct resource_version *)version)->name);
}

/* The list is sorted by name. */
static bool is_in_list(const struct resource_list *list, struct slice prefix, struct slice id)
{
    char text[2 * ID_BYTES_MAX + 2];
    if (list->count == 0 || prefix.len + id.len + 1 > sizeof text)
        return false;
    int len = snprintf(text, sizeof text, "%.*s/%.*s", SLICE_ARG(prefix), SLICE_ARG(id));
    struct slice name = slice_bytes(text, (size_t)len);
    return bsearch(&name, list->items, list->count, sizeof *list->items, by_name) != NULL;
}

/* Files of resources that are not in the store would come back with the next apply: told, not
 * deleted, for they are someone's files. */
static bool strangers_tell(const struct exporting *exporting, const struct kind *kind)
{
    struct error error = { 0 };
    struct folder_names names;
    const char *folder =
        arena_printf(exporting->arena, exporting->err, "%s/%s", exporting->folder, kind->prefix.at);
    if (!folder)
        return false;
    if (!folder_list(exporting->arena, folder, &names, &error))
        return true;
    for (size_t i = 0; i < names.count; i++) {
        struct slice file = names.items[i];
        if (!slice_ends_with(file, SLICE(".yaml")))
            continue;
        struct slice id = slice_head(file, file.len - strlen(".yaml"));
        if (is_in_list(exporting->list, kind->prefix, id))
            continue;
        const char *path =
            arena_printf(exporting->arena, exporting->err, "%s/%.*s", folder, SLICE_ARG(file));
        if (!path)
            return false;
        error_set(&error, ERROR_INVALID, path, "there is no %s/%.*s in the store", kind->prefix.at,
                  SLICE_ARG(id));
        error_hint(&error, "the file was left as it is; apply would bring it back");
        findings_add_warning(exporting->findings, &error);
    }
    return true;
}

bool resources_export(struct store *store, const struct catalogue *catalogue, const char *folder,
                      uint64_t size, size_t *files_count, struct findings *findings,
                      struct error *err)
{
    struct resource_list list;
    size_t kinds_count;
    const struct kind *const *kinds = catalogue_kinds(catalogue, &kinds_count);
    struct arena *arena = arena_new((size_t)1 << 30, err);
    struct arena *scratch = arena_new(64 << 20, err);
    bool ok = arena && scratch &&
              resource_list(store, arena, (struct slice){ 0 }, size, &list, err) &&
              folder_make(folder, err);
    struct exporting exporting = { scratch, catalogue, folder, &list, findings, err };
    *files_count = 0;
    for (size_t i = 0; ok && i < list.count; i++) {
        ok = resource_write(&exporting, &list.items[i]);
        *files_count += ok;
        arena_reset(scratch);
    }
    for (size_t i = 0; ok && i < kinds_count; i++)
        ok = strangers_tell(&exporting, kinds[i]);
    arena_free(scratch);
    arena_free(arena);
    return ok;
}
