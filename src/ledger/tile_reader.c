/* Tiles and bundles from files. A few tiles are kept in memory: a proof of one entry touches at
 * most eight, and the next proof mostly the same. What a signed size covers never changes, so a
 * kept tile is never stale; it may only be too narrow after the log has grown. */
#include "ledger/tile_reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 64 };

struct slot {
    int level;
    uint64_t index;
    unsigned width;
    struct digest hashes[TILE_WIDTH];
};

struct tile_reader {
    struct hash_source source; /* first: a pointer to it is a pointer to the reader */
    char *folder;
    _Atomic uint64_t size;
    bool is_strict;
    pthread_mutex_t mutex; /* of the slots */
    struct slot *slots[SLOTS];
};

unsigned tile_width_at(int level, uint64_t index, uint64_t size)
{
    unsigned shift = level == TILE_ENTRIES ? 8 : 8 * ((unsigned)level + 1);
    uint64_t full = shift < 64 ? size >> shift : 0;
    if (index < full)
        return TILE_WIDTH;
    return index == full ? tile_partial_width(level == TILE_ENTRIES ? 0 : level, size) : 0;
}

void ledger_path(char out[LEDGER_PATH_MAX], const char *folder, const char *name)
{
    int written = snprintf(out, LEDGER_PATH_MAX, "%s/%s", folder, name);
    assert(written > 0 && written < LEDGER_PATH_MAX);
}

void ledger_tile_path(char out[LEDGER_PATH_MAX], const char *folder, const struct tile *tile)
{
    char name[96];
    tile_path(tile, name);
    ledger_path(out, folder, name);
}

static bool reader_hash(const struct hash_source *source, unsigned level, uint64_t index,
                        struct digest *out, struct error *err);

struct tile_reader *tile_reader_new(const char *folder, struct error *err)
{
    struct tile_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        error_no_memory(err, sizeof(*reader));
        return NULL;
    }
    reader->source.hash = reader_hash;
    reader->folder = strdup(folder);
    if (!reader->folder) {
        error_no_memory(err, strlen(folder));
        free(reader);
        return NULL;
    }
    int failed = pthread_mutex_init(&reader->mutex, NULL);
    assert(failed == 0); /* Linux and the BSDs have no way to fail here */
    (void)failed;
    return reader;
}

void tile_reader_free(struct tile_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(reader->slots[i]);
    (void)pthread_mutex_destroy(&reader->mutex);
    free(reader->folder);
    free(reader);
}

void tile_reader_resize(struct tile_reader *reader, uint64_t size)
{
    assert(size < TREE_SIZE_MAX);
    reader->size = size;
}

uint64_t tile_reader_size(const struct tile_reader *reader) { return reader->size; }

void tile_reader_set_strict(struct tile_reader *reader, bool is_strict)
{
    reader->is_strict = is_strict;
}

const struct hash_source *tile_reader_hashes(const struct tile_reader *reader)
{
    return &reader->source;
}

/* Opens the file of a tile (or bundle) at the present size. *width is what was opened: that of the
 * size, or full. */
static int tile_open(struct tile_reader *reader, int level, uint64_t index, unsigned *width,
                     char path[LEDGER_PATH_MAX], struct error *err)
{
    struct tile tile = { .level = level, .index = index };
    tile.width = tile_width_at(level, index, reader->size);
    if (tile.width == 0) {
        error_set(err, ERROR_INVALID, NULL, "the ledger of %llu entries has no tile %llu there",
                  (unsigned long long)reader->size, (unsigned long long)index);
        return -1;
    }
    ledger_tile_path(path, reader->folder, &tile);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int reason = errno;
    if (fd < 0 && reason == ENOENT && tile.width < TILE_WIDTH && !reader->is_strict) {
        char full[LEDGER_PATH_MAX];
        tile.width = TILE_WIDTH;
        ledger_tile_path(full, reader->folder, &tile);
        fd = open(full, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            memcpy(path, full, sizeof(full));
    }
    *width = tile.width;
    if (fd >= 0)
        return fd;
    if (reason == ENOENT) {
        error_set(err, ERROR_NOT_FOUND, path, "expected %u %s, found no file", tile.width,
                  level == TILE_ENTRIES ? "entries" : "hashes");
    } else {
        errno = reason;
        error_errno(err, "open", path);
    }
    return -1;
}

/* Reads to the end of the file, at most `max` bytes; *len is max + 1 if there is more. */
static bool read_all(int fd, const char *path, char *out, size_t max, size_t *len,
                     struct error *err)
{
    size_t have = 0;
    for (;;) {
        char extra;
        bool is_full = have == max;
        ssize_t got = read(fd, is_full ? &extra : out + have, is_full ? 1 : max - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "read", path);
        have += (size_t)got;
        if (got == 0 || is_full)
            break;
    }
    *len = have;
    return true;
}

static bool tile_load(struct tile_reader *reader, int level, uint64_t index,
                      struct digest hashes[TILE_WIDTH], unsigned *width, struct error *err)
{
    char path[LEDGER_PATH_MAX];
    unsigned opened = 0;
    size_t len = 0;
    int fd = tile_open(reader, level, index, &opened, path, err);
    if (fd < 0)
        return false;
    bool ok = read_all(fd, path, (char *)hashes, TILE_WIDTH * sizeof(*hashes), &len, err);
    (void)close(fd); /* only read: nothing can be lost */
    if (!ok)
        return false;
    if (len != opened * sizeof(*hashes)) {
        error_set(err, ERROR_CORRUPT, path, "expected %u hashes (%zu bytes), found %s%zu bytes",
                  opened, opened * sizeof(*hashes),
                  len > TILE_WIDTH * sizeof(*hashes) ? "over " : "",
                  len > TILE_WIDTH * sizeof(*hashes) ? len - 1 : len);
        return error_hint(err, "move the file away and open for writing: the tile is rebuilt "
                               "from the entries");
    }
    *width = opened; /* more than asked for if the full file stood in */
    return true;
}

/* The slot that holds the tile at its present width, loading it if need be. Mutex held. */
static struct slot *slot_of(struct tile_reader *reader, int level, uint64_t index,
                            struct error *err)
{
    size_t at = (size_t)((index * 8 + (uint64_t)level) % SLOTS);
    struct slot *slot = reader->slots[at];
    if (!slot) {
        slot = reader->slots[at] = calloc(1, sizeof(*slot));
        if (!slot) {
            error_no_memory(err, sizeof(*slot));
            return NULL;
        }
    }
    unsigned wanted = tile_width_at(level, index, reader->size);
    if (slot->width > 0 && slot->level == level && slot->index == index && slot->width >= wanted)
        return slot;
    slot->width = 0;
    if (!tile_load(reader, level, index, slot->hashes, &slot->width, err)) {
        slot->width = 0;
        return NULL;
    }
    slot->level = level;
    slot->index = index;
    return slot;
}

bool tile_reader_tile(struct tile_reader *reader, int level, uint64_t index,
                      struct digest hashes[TILE_WIDTH], unsigned *width, struct error *err)
{
    (void)pthread_mutex_lock(&reader->mutex);
    struct slot *slot = slot_of(reader, level, index, err);
    if (slot) {
        *width = tile_width_at(level, index, reader->size);
        if (*width > slot->width) /* the log grew since: as wide as what was read */
            *width = slot->width;
        memcpy(hashes, slot->hashes, *width * sizeof(*hashes));
    }
    (void)pthread_mutex_unlock(&reader->mutex);
    return slot != NULL;
}

/* Level l of the tree lies in tiles of level l / 8; within a tile it takes folding. */
static bool reader_hash(const struct hash_source *source, unsigned level, uint64_t index,
                        struct digest *out, struct error *err)
{
    /* The source lies in a reader of ours, which is not const. */
    struct tile_reader *reader = (struct tile_reader *)(uintptr_t)source;
    if (level >= 64 || index >= reader->size >> level)
        return error_set(err, ERROR_INVALID, NULL, "the ledger of %llu entries has no such hash",
                         (unsigned long long)reader->size);
    unsigned fold = level % 8;
    uint64_t first = index << fold;
    unsigned offset = (unsigned)(first % TILE_WIDTH);
    struct digest hashes[TILE_WIDTH / 2];
    unsigned count = 1U << fold;

    (void)pthread_mutex_lock(&reader->mutex);
    struct slot *slot = slot_of(reader, (int)(level / 8), first / TILE_WIDTH, err);
    if (slot)
        memcpy(hashes, slot->hashes + offset, count * sizeof(*hashes));
    (void)pthread_mutex_unlock(&reader->mutex);
    if (!slot)
        return false;
    for (; count > 1; count /= 2) {
        for (unsigned i = 0; i < count / 2; i++)
            hashes[i] = node_hash(&hashes[2 * i], &hashes[2 * i + 1]);
    }
    *out = hashes[0];
    return true;
}

void bundle_free(struct bundle *bundle)
{
    free(bundle->bytes);
    memset(bundle, 0, sizeof(*bundle));
}

static bool bundle_corrupt(struct error *err, const char *path)
{
    return error_hint(err,
                      "restore %s from a backup or from a copy of the ledger: entries "
                      "cannot be rebuilt from hashes",
                      path);
}

/* Takes the entries apart; all `opened` must be there and nothing after them. */
static bool bundle_split(struct bundle *bundle, size_t len, unsigned opened, const char *path,
                         struct error *err)
{
    struct slice rest = { bundle->bytes, len };
    for (unsigned i = 0; i < opened; i++) {
        struct slice entry;
        if (rest.len == 0 || !bundle_next(&rest, &entry)) {
            error_set(err, ERROR_CORRUPT, path, "expected %u entries, found %u whole ones", opened,
                      i);
            return bundle_corrupt(err, path);
        }
        bundle->entries[i] = entry;
    }
    if (rest.len > 0) {
        error_set(err, ERROR_CORRUPT, path, "expected the end after %u entries, found %zu bytes",
                  opened, rest.len);
        return bundle_corrupt(err, path);
    }
    return true;
}

bool bundle_read(struct tile_reader *reader, uint64_t index, struct bundle *bundle,
                 struct error *err)
{
    char path[LEDGER_PATH_MAX];
    bool ok = false;
    unsigned opened = 0;
    size_t len = 0;
    struct stat st;
    bundle->width = 0;
    int fd = tile_open(reader, TILE_ENTRIES, index, &opened, path, err);
    if (fd < 0) {
        if (err->code == ERROR_NOT_FOUND)
            (void)bundle_corrupt(err, path);
        return false;
    }
    if (fstat(fd, &st) != 0) {
        error_errno(err, "read", path);
        goto done;
    }
    if (st.st_size < 0 || st.st_size > BUNDLE_BYTES_MAX) {
        error_set(err, ERROR_CORRUPT, path, "expected at most %d bytes, found %lld",
                  BUNDLE_BYTES_MAX, (long long)st.st_size);
        (void)bundle_corrupt(err, path);
        goto done;
    }
    if (bundle->capacity < (size_t)st.st_size) {
        char *more = realloc(bundle->bytes, (size_t)st.st_size);
        if (!more) {
            error_no_memory(err, (size_t)st.st_size);
            goto done;
        }
        bundle->bytes = more;
        bundle->capacity = (size_t)st.st_size;
    }
    if (!read_all(fd, path, bundle->bytes, (size_t)st.st_size, &len, err))
        goto done;
    if (!bundle_split(bundle, len, opened, path, err))
        goto done;
    bundle->index = index;
    bundle->width = tile_width_at(TILE_ENTRIES, index, reader->size);
    if (bundle->width > opened) /* the log grew since */
        bundle->width = opened;
    ok = true;
done:
    (void)close(fd); /* only read */
    return ok;
}

bool bundle_check(struct tile_reader *reader, const struct bundle *bundle, struct error *err)
{
    struct digest hashes[TILE_WIDTH];
    unsigned width = 0;
    if (!tile_reader_tile(reader, 0, bundle->index, hashes, &width, err))
        return false;
    for (unsigned i = 0; i < bundle->width && i < width; i++) {
        struct digest leaf = leaf_hash(bundle->entries[i]);
        if (digest_equal(&leaf, &hashes[i]))
            continue;
        char path[LEDGER_PATH_MAX], found[65], expected[65];
        struct tile tile = { TILE_ENTRIES, bundle->index, bundle->width };
        ledger_tile_path(path, reader->folder, &tile);
        digest_hex(&leaf, found);
        digest_hex(&hashes[i], expected);
        error_set(err, ERROR_CORRUPT, path,
                  "entry %llu: expected the leaf hash %s of its tile, found %s",
                  (unsigned long long)(bundle->index * TILE_WIDTH + i), expected, found);
        return error_hint(err, "open for writing to learn which of the two files is damaged, "
                               "then restore it");
    }
    return true;
}
