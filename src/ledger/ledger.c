/* A ledger opened: its parts, and reading. Opening for writing: ledger_open.c; commits:
 * ledger_commit.c. */
#include "ledger/ledger.h"

#include <assert.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

enum { LEDGER_ARENA_BYTES_MAX = 64 * 1024 };

bool ledger_create(const char *folder, struct slice origin, struct error *err)
{
    char path[LEDGER_PATH_MAX], tmp[LEDGER_PATH_MAX];
    static const char *const traces[] = { "key", "head", "public/checkpoint" };
    if (strlen(folder) > LEDGER_PATH_MAX - 256)
        return error_set(err, ERROR_INVALID, NULL, "the path of the ledger is too long");
    for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
        ledger_path(path, folder, traces[i]);
        if (file_exists(path))
            return error_set(err, ERROR_INVALID, path, "a ledger is there already");
    }
    ledger_path(path, folder, "public");
    ledger_path(tmp, folder, "tmp");
    return folder_make(path, err) && folder_make(tmp, err) &&
           ledger_key_create(folder, tmp, origin, err);
}

/* What both modes have. */
static bool ledger_start(struct ledger *ledger, const char *folder, struct error *err)
{
    ledger->arena = arena_new(LEDGER_ARENA_BYTES_MAX, err);
    if (!ledger->arena)
        return false;
    if (strlen(folder) > LEDGER_PATH_MAX - 256)
        return error_set(err, ERROR_INVALID, NULL, "the path of the ledger is too long");
    ledger->folder = arena_printf(ledger->arena, err, "%s", folder);
    if (!ledger->folder)
        return false;
    ledger->public_folder = arena_printf(ledger->arena, err, "%s/public", folder);
    if (!ledger->public_folder)
        return false;
    ledger->tmp_folder = arena_printf(ledger->arena, err, "%s/tmp", folder);
    if (!ledger->tmp_folder)
        return false;
    ledger->reader = tile_reader_new(ledger->public_folder, err);
    if (!ledger->reader)
        return false;
    if (!ledger_verifier_read(ledger->arena, folder, &ledger->verifier, err))
        return false;
    ledger->origin = ledger->verifier.name;
    return true;
}

bool ledger_set_state(struct ledger *ledger, uint64_t size, const struct digest *root,
                      struct slice note, struct error *err)
{
    strbuf_clear(&ledger->note);
    strbuf_add(&ledger->note, note);
    if (!strbuf_ok(&ledger->note, err))
        return false;
    ledger->root = *root;
    tile_reader_resize(ledger->reader, size);
    ledger->size = size;
    return true;
}

/* The published checkpoint, and whether the tiles give its root (at most eight of them are read).
 */
static bool open_reader(struct ledger *ledger, struct error *err)
{
    char path[LEDGER_PATH_MAX], head[LEDGER_PATH_MAX];
    bool ok = false, is_there = false;
    struct slice note = { 0 };
    struct checkpoint checkpoint = { .root = empty_root() };
    struct digest root;
    struct arena *arena = arena_new((size_t)2 * NOTE_BYTES_MAX, err);
    if (!arena)
        return false;
    ledger_path(path, ledger->public_folder, "checkpoint");
    if (!ledger_note_read(ledger, path, arena, &is_there, &note, &checkpoint, err))
        goto done;
    ledger_path(head, ledger->folder, "head");
    if (!is_there && file_exists(head)) {
        error_set(err, ERROR_CORRUPT, path, "expected the published checkpoint, found no file");
        (void)error_hint(err, "any command that writes publishes the head again");
        goto done;
    }
    if (!ledger_set_state(ledger, checkpoint.size, &checkpoint.root, note, err))
        goto done;
    if (!merkle_root(tile_reader_hashes(ledger->reader), checkpoint.size, &root, err)) {
        if (err->code == ERROR_NOT_FOUND)
            err->code = ERROR_CORRUPT;
        goto done;
    }
    if (!digest_equal(&root, &checkpoint.root)) {
        char expected[65], found[65];
        digest_hex(&checkpoint.root, expected);
        digest_hex(&root, found);
        error_set(err, ERROR_CORRUPT, path,
                  "expected tiles that give the signed root %s, found "
                  "tiles that give %s",
                  expected, found);
        (void)error_hint(err, "open for writing to learn which file is damaged");
        goto done;
    }
    ok = true;
done:
    arena_free(arena);
    return ok;
}

struct ledger *ledger_open_with(const char *folder, const struct ledger_options *options,
                                struct error *err)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger) {
        error_no_memory(err, sizeof(*ledger));
        return NULL;
    }
    ledger->lock_fd = -1;
    ledger->mode = options->mode;
    ledger->note = strbuf_new(NOTE_BYTES_MAX);
    (void)pthread_mutex_init(&ledger->bundle_mutex, NULL);
    (void)pthread_mutex_init(&ledger->queue_mutex, NULL);
    (void)pthread_cond_init(&ledger->commit_ended, NULL);
    ledger->waiting_end = &ledger->waiting;
    bool ok = ledger_start(ledger, folder, err) &&
              (options->mode == LEDGER_WRITE ? ledger_open_writer(ledger, options, err)
                                             : open_reader(ledger, err));
    if (ok)
        return ledger;
    ledger_close(ledger);
    return NULL;
}

struct ledger *ledger_open(const char *folder, enum ledger_mode mode, struct error *err)
{
    struct ledger_options options = { .mode = mode };
    return ledger_open_with(folder, &options, err);
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    rules_free(ledger->rules);
    ledger_entries_free(ledger->entries);
    if (ledger->edge)
        tile_edge_free(ledger->edge);
    free(ledger->edge);
    tile_reader_free(ledger->reader);
    bundle_free(&ledger->bundle);
    strbuf_free(&ledger->note);
    sodium_memzero(&ledger->key, sizeof(ledger->key));
    if (ledger->arena) {
        arena_free(ledger->arena); /* key names */
    }
    (void)pthread_mutex_destroy(&ledger->bundle_mutex);
    (void)pthread_mutex_destroy(&ledger->queue_mutex);
    (void)pthread_cond_destroy(&ledger->commit_ended);
    if (ledger->lock_fd >= 0)
        (void)close(ledger->lock_fd); /* releases the flock; nothing was written that matters */
    free(ledger);
}

struct slice ledger_origin(const struct ledger *ledger) { return ledger->origin; }
uint64_t ledger_size(const struct ledger *ledger) { return ledger->size; }
struct slice ledger_note(const struct ledger *ledger) { return strbuf_slice(&ledger->note); }
const struct verifier_key *ledger_verifier(const struct ledger *ledger)
{
    return &ledger->verifier;
}

const struct signing_key *ledger_key(const struct ledger *ledger)
{
    return ledger->mode == LEDGER_WRITE ? &ledger->key : NULL;
}

const struct hash_source *ledger_hashes(struct ledger *ledger)
{
    return tile_reader_hashes(ledger->reader);
}

static bool below_size(const struct ledger *ledger, uint64_t n, struct error *err)
{
    uint64_t size = ledger->size;
    return n < size || error_set(err, ERROR_INVALID, NULL,
                                 "the ledger has %llu entries, none has "
                                 "the number %llu",
                                 (unsigned long long)size, (unsigned long long)n);
}

/* A file that must be there is missing: not the caller's mistake but damage. */
static bool missing_is_corrupt(struct error *err)
{
    if (err->code == ERROR_NOT_FOUND)
        err->code = ERROR_CORRUPT;
    return false;
}

static bool bundle_checked(struct ledger *ledger, uint64_t index, struct bundle *bundle,
                           struct error *err)
{
    return (bundle_read(ledger->reader, index, bundle, err) &&
            bundle_check(ledger->reader, bundle, err)) ||
           missing_is_corrupt(err);
}

bool ledger_entry(struct ledger *ledger, struct arena *arena, uint64_t n, struct slice *bytes,
                  struct error *err)
{
    if (!below_size(ledger, n, err))
        return false;
    uint64_t index = n / TILE_WIDTH;
    unsigned at = (unsigned)(n % TILE_WIDTH);
    (void)pthread_mutex_lock(&ledger->bundle_mutex);
    struct bundle *bundle = &ledger->bundle;
    bool ok = bundle->width > at && bundle->index == index;
    if (!ok) {
        ok = bundle_checked(ledger, index, bundle, err);
        if (!ok)
            bundle->width = 0;
    }
    ok = ok && arena_copy(arena, bundle->entries[at], bytes, err);
    (void)pthread_mutex_unlock(&ledger->bundle_mutex);
    return ok;
}

bool ledger_each(struct ledger *ledger, uint64_t from, uint64_t to, ledger_entry_fn *each,
                 void *context, struct error *err)
{
    bool ok = false;
    struct bundle bundle = { 0 };
    if (to > from && !below_size(ledger, to - 1, err))
        return false;
    for (uint64_t n = from; n < to;) {
        if (!bundle_checked(ledger, n / TILE_WIDTH, &bundle, err))
            goto done;
        do {
            if (!each(context, n, bundle.entries[n % TILE_WIDTH], err))
                goto done;
            n++;
        } while (n < to && n % TILE_WIDTH != 0);
    }
    ok = true;
done:
    bundle_free(&bundle);
    return ok;
}

bool ledger_leaf(struct ledger *ledger, uint64_t n, struct digest *leaf, struct error *err)
{
    const struct hash_source *hashes = tile_reader_hashes(ledger->reader);
    if (!below_size(ledger, n, err))
        return false;
    return hashes->hash(hashes, 0, n, leaf, err) || missing_is_corrupt(err);
}

bool ledger_root(struct ledger *ledger, uint64_t size, struct digest *root, struct error *err)
{
    if (size > 0 && !below_size(ledger, size - 1, err))
        return false;
    return merkle_root(tile_reader_hashes(ledger->reader), size, root, err) ||
           missing_is_corrupt(err);
}

/* ---- entries as the rules look at them ---- */

static uint64_t entries_size(const struct entry_source *source)
{
    const struct ledger_entries *entries = (const void *)source;
    return tile_reader_size(entries->ledger->reader) + entries->ledger->formed_count;
}

static bool entries_entry(const struct entry_source *source, uint64_t n, struct slice *bytes,
                          struct error *err)
{
    /* The source lies in an object of ours, which is not const. */
    struct ledger_entries *entries = (struct ledger_entries *)(uintptr_t)source;
    struct ledger *ledger = entries->ledger;
    uint64_t written = tile_reader_size(ledger->reader);
    if (n >= written) {
        if (n - written >= ledger->formed_count)
            return error_set(err, ERROR_INVALID, NULL, "no entry has the number %llu",
                             (unsigned long long)n);
        *bytes = ledger->formed[n - written].bytes;
        return true;
    }
    struct bundle *bundle = &entries->bundle;
    uint64_t index = n / TILE_WIDTH;
    unsigned at = (unsigned)(n % TILE_WIDTH);
    if (bundle->width <= at || bundle->index != index) {
        if (!bundle_read(ledger->reader, index, bundle, err)) {
            bundle->width = 0;
            return missing_is_corrupt(err);
        }
    }
    *bytes = bundle->entries[at];
    return true;
}

struct ledger_entries *ledger_entries_new(struct ledger *ledger, struct error *err)
{
    struct ledger_entries *entries = calloc(1, sizeof(*entries));
    if (!entries) {
        error_no_memory(err, sizeof(*entries));
        return NULL;
    }
    entries->source = (struct entry_source){ entries_size, entries_entry };
    entries->ledger = ledger;
    return entries;
}

void ledger_entries_free(struct ledger_entries *entries)
{
    if (!entries)
        return;
    bundle_free(&entries->bundle);
    free(entries);
}
