/* Deleting what a crash left, and partial files whose full one is committed. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

/* Folders below tile/ are at most: level, three groups an index digit triple, .p */
enum { DEPTH_MAX = 16, LIST_BYTES_MAX = 256 * 1024 * 1024 };

static bool is_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool remove_file(const char *path, struct error *err)
{
    return unlink(path) == 0 || errno == ENOENT || error_errno(err, "delete", path);
}

/* Deletes everything in a folder, and folders in it; symbolic links are not followed. */
static bool folder_empty(struct arena *arena, const char *folder, unsigned depth, bool *is_changed,
                         struct error *err)
{
    struct folder_names names;
    if (!folder_list(arena, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        char *path = arena_printf(arena, err, "%s/%.*s", folder, SLICE_ARG(names.items[i]));
        if (!path)
            return false;
        *is_changed = true;
        if (!is_folder(path)) {
            if (!remove_file(path, err))
                return false;
            continue;
        }
        if (depth >= DEPTH_MAX)
            return error_set(err, ERROR_CORRUPT, path,
                             "expected temporary files, found folders "
                             "nested too deeply");
        if (!folder_empty(arena, path, depth + 1, is_changed, err))
            return false;
        if (rmdir(path) != 0)
            return error_errno(err, "delete", path);
    }
    return true;
}

/* Whether a tile file has its place in a ledger of that size: it is a full tile, or one that a
 * signed size may have named and whose full file is not there yet. */
static bool is_of_size(const struct tile *tile, uint64_t size)
{
    unsigned width = tile_width_at(tile->level, tile->index, size);
    return tile->width == TILE_WIDTH ? width == TILE_WIDTH
                                     : width < TILE_WIDTH && tile->width <= width;
}

struct walk {
    struct arena *arena;
    const char *root; /* public/ */
    uint64_t size;
    size_t tiles_count; /* files that are tiles */
    bool is_deleting;
};

static bool walk_file(struct walk *walk, const char *name, bool *is_deleted, struct error *err)
{
    struct tile tile;
    char path[LEDGER_PATH_MAX];
    *is_deleted = false;
    /* What is not ours is left alone; nobody reads it. */
    if (!tile_parse(slice_of(name), &tile))
        return true;
    walk->tiles_count++;
    if (!walk->is_deleting || is_of_size(&tile, walk->size))
        return true;
    ledger_path(path, walk->root, name);
    *is_deleted = true;
    return remove_file(path, err);
}

/* name: path below public/. */
static bool walk_folder(struct walk *walk, const char *name, unsigned depth, struct error *err)
{
    char path[LEDGER_PATH_MAX];
    struct folder_names names;
    bool is_changed = false;
    ledger_path(path, walk->root, name);
    if (!folder_list(walk->arena, path, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        char *below = arena_printf(walk->arena, err, "%s/%.*s", name, SLICE_ARG(names.items[i]));
        if (!below)
            return false;
        char below_path[LEDGER_PATH_MAX];
        if (strlen(below) > 128) /* longer than any tile's path */
            continue;
        ledger_path(below_path, walk->root, below);
        bool is_deleted = false;
        if (is_folder(below_path)) {
            if (depth < DEPTH_MAX && !walk_folder(walk, below, depth + 1, err))
                return false;
            is_deleted = walk->is_deleting && rmdir(below_path) == 0; /* only if it is empty */
        } else if (!walk_file(walk, below, &is_deleted, err)) {
            return false;
        }
        is_changed = is_changed || is_deleted;
    }
    return !is_changed || folder_sync(path, err);
}

static bool walk_tiles(const struct ledger *ledger, struct walk *walk, struct error *err)
{
    char path[LEDGER_PATH_MAX];
    ledger_path(path, ledger->public_folder, "tile");
    if (!file_exists(path))
        return true;
    walk->root = ledger->public_folder;
    return walk_folder(walk, "tile", 0, err);
}

bool ledger_has_tiles(const struct ledger *ledger, bool *has_tiles, struct error *err)
{
    struct walk walk = { .arena = arena_new(LIST_BYTES_MAX, err) };
    if (!walk.arena)
        return false;
    bool ok = walk_tiles(ledger, &walk, err);
    *has_tiles = walk.tiles_count > 0;
    arena_free(walk.arena);
    return ok;
}

bool ledger_clean(struct ledger *ledger, uint64_t size, struct error *err)
{
    bool ok = false, is_changed = false;
    struct walk walk = { .size = size, .is_deleting = true };
    walk.arena = arena_new(LIST_BYTES_MAX, err);
    if (!walk.arena)
        return false;
    if (!folder_empty(walk.arena, ledger->tmp_folder, 0, &is_changed, err))
        goto done;
    if (is_changed && !folder_sync(ledger->tmp_folder, err))
        goto done;
    ok = walk_tiles(ledger, &walk, err);
done:
    arena_free(walk.arena);
    return ok;
}

/* Deletes the folder <tile>.p/ and what is in it. */
static void drop_partial(const char *public_folder, int level, uint64_t index)
{
    char folder[LEDGER_PATH_MAX], path[LEDGER_PATH_MAX];
    struct tile tile = { level, index, 1 };
    ledger_tile_path(folder, public_folder, &tile);
    *strrchr(folder, '/') = '\0'; /* .../000.p */
    for (tile.width = 1; tile.width < TILE_WIDTH; tile.width++) {
        ledger_tile_path(path, public_folder, &tile);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

void ledger_drop_partials(const char *public_folder, uint64_t from, uint64_t to)
{
    for (int level = 0; level < TILE_LEVELS_USED; level++) {
        uint64_t index = (from >> (8 * level)) / TILE_WIDTH;
        if (tile_partial_width(level, from) == 0 || tile_width_at(level, index, to) != TILE_WIDTH)
            continue;
        drop_partial(public_folder, level, index);
        if (level == 0)
            drop_partial(public_folder, TILE_ENTRIES, index);
    }
}
