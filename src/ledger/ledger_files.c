/* Durable writing of tiles and bundles (ledger.md 5). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

/* Remembers a folder to be synced. The files of a commit lie in few folders, mostly the last ones.
 */
static bool group_add(struct file_group *group, const char *folder, struct error *err)
{
    for (size_t i = group->count; i > 0; i--) {
        if (strcmp(group->folders[i - 1], folder) == 0)
            return true;
    }
    struct stat st;
    if (stat(folder, &st) != 0 && !folder_make(folder, err))
        return false;
    if (group->count == group->capacity) {
        size_t capacity = group->capacity ? 2 * group->capacity : 8;
        char **more = realloc(group->folders, capacity * sizeof(*more));
        if (!more)
            return error_no_memory(err, capacity * sizeof(*more));
        group->folders = more;
        group->capacity = capacity;
    }
    char *copy = strdup(folder);
    if (!copy)
        return error_no_memory(err, strlen(folder));
    group->folders[group->count++] = copy;
    return true;
}

bool file_group_write(void *context, const struct tile *tile, struct slice bytes, struct error *err)
{
    struct file_group *group = context;
    char path[LEDGER_PATH_MAX], folder[LEDGER_PATH_MAX];
    ledger_tile_path(path, group->folder, tile);
    memcpy(folder, path, sizeof(folder));
    *strrchr(folder, '/') = '\0';
    return group_add(group, folder, err) &&
           file_write_unsynced_folder(group->tmp_folder, path, bytes, 0644, err);
}

bool file_group_sync(struct file_group *group, struct error *err)
{
    if (group->count == 0)
        return true;
    for (size_t i = 0; i < group->count; i++) {
        if (!folder_sync(group->folders[i], err))
            return false;
    }
    return folder_sync(group->tmp_folder, err);
}

void file_group_free(struct file_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        free(group->folders[i]);
    free(group->folders);
    group->folders = NULL;
    group->count = group->capacity = 0;
}
