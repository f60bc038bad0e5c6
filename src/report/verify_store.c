#include "report/verify_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/entry_files.h"
#include "report/record_check.h"
#include "store/subjects.h"

struct store_as_source {
    struct verify_source base; /* must be first */
    struct store *store;
    bool owns_store;
    struct entry_files *entries;
    struct strbuf vkey;
    struct verify_options options;
    struct arena *arena; /* of the anchor's path and note */
};

/* ---- tiles ---- */

/* The hashes of one level that have no full tile yet; deeper ones rest on shallower ones. */
struct tile_level {
    struct digest hashes[TILE_WIDTH];
    unsigned width;
    uint64_t index;
};

struct tiles {
    const struct entry_files *files;
    struct tile_level *levels;
    struct verification *verification;
    struct error *err;
    uint64_t compared;
    bool fails;
};

/* The tile on disk holds the hashes that the entries give. */
static bool tile_compare(struct tiles *tiles, int level)
{
    const struct tile_level *made = &tiles->levels[level];
    struct digest found[TILE_WIDTH];
    struct tile tile = { .level = level, .index = made->index, .width = made->width };
    unsigned width;
    char path[96];
    tile_path(&tile, path);
    tiles->compared++;
    if (tile_reader_tile(tiles->files->reader, level, made->index, found, &width, tiles->err)) {
        if (width == made->width && memcmp(found, made->hashes, width * sizeof *found) == 0)
            return true;
        tiles->fails = true;
        return check_set(tiles->verification, "ledger.tiles", NULL, CHECK_FAILS, tiles->err,
                         "%s does not hold the hashes that the entries give", path);
    }
    if (tiles->err->code != ERROR_CORRUPT && tiles->err->code != ERROR_NOT_FOUND)
        return false;
    struct error said = *tiles->err;
    memset(tiles->err, 0, sizeof *tiles->err);
    tiles->fails = true;
    return check_set(tiles->verification, "ledger.tiles", NULL, CHECK_FAILS, tiles->err, "%s: %s",
                     path, said.message);
}

/* Root of a full tile: one hash of the level above. */
static struct digest tile_root(const struct tile_level *level)
{
    struct merkle_edge edge = { .size = 0 };
    for (unsigned i = 0; i < TILE_WIDTH; i++)
        merkle_edge_add(&edge, &level->hashes[i]);
    return merkle_edge_root(&edge);
}

static bool hash_take(struct tiles *tiles, int level, const struct digest *hash)
{
    struct tile_level *made = &tiles->levels[level];
    made->hashes[made->width++] = *hash;
    if (made->width < TILE_WIDTH)
        return true;
    struct digest root = tile_root(made);
    if (!tile_compare(tiles, level) || !hash_take(tiles, level + 1, &root))
        return false;
    made->width = 0;
    made->index++;
    return true;
}

static bool tiles_walk(struct tiles *tiles)
{
    const struct entry_source *entries = &tiles->files->base;
    for (uint64_t n = 0; n < entries->size(entries); n++) {
        struct slice bytes;
        if (!entries->entry(entries, n, &bytes, tiles->err)) {
            if (tiles->err->code != ERROR_CORRUPT && tiles->err->code != ERROR_NOT_FOUND)
                return false;
            struct error said = *tiles->err;
            memset(tiles->err, 0, sizeof *tiles->err);
            return check_set(tiles->verification, "ledger.tiles", NULL, CHECK_FAILS, tiles->err,
                             "entries from #%llu on cannot be read: %s", (unsigned long long)n,
                             said.message);
        }
        struct digest leaf = leaf_hash(bytes);
        if (!hash_take(tiles, 0, &leaf))
            return false;
    }
    for (int level = 0; level < TILE_LEVELS_USED; level++) {
        if (tiles->levels[level].width > 0 && !tile_compare(tiles, level))
            return false;
    }
    return tiles->fails || check_set(tiles->verification, "ledger.tiles", NULL, CHECK_HOLDS,
                                     tiles->err, "%llu tiles hold the hashes of the entries",
                                     (unsigned long long)tiles->compared);
}

static bool tiles_check(const struct entry_files *files, struct verification *verification,
                        struct error *err)
{
    struct tiles tiles = { .files = files, .verification = verification, .err = err };
    if (!check_set(verification, "ledger.tiles",
                   "the tiles that others read are those of the entries", CHECK_NOT_MADE, err, "%s",
                   ""))
        return false;
    tiles.levels = calloc(TILE_LEVELS_USED + 1, sizeof *tiles.levels);
    bool ok = tiles.levels ? tiles_walk(&tiles)
                           : error_no_memory(err, TILE_LEVELS_USED * sizeof *tiles.levels);
    free(tiles.levels);
    return ok;
}

/* ---- rows ---- */

/* The database is an index over the ledger: where they differ, the ledger is right. */
static bool rows_check(const struct store_as_source *own, struct verification *verification,
                       struct error *err)
{
    static const char id[] = "store.rows", meaning[] = "the store's rows are those of the ledger";
    struct findings findings = { 0 };
    bool ok = store_check(own->store, &findings, err);
    if (!ok && err->code == ERROR_CORRUPT) {
        struct error said = *err;
        memset(err, 0, sizeof *err);
        ok = check_set(verification, id, meaning, CHECK_FAILS, err, "%s%s%s", said.where,
                       said.where[0] ? ": " : "", said.message);
    } else if (ok) {
        struct error first = { 0 };
        ok = findings_ok(&findings, &first)
                 ? check_set(verification, id, meaning, CHECK_HOLDS, err,
                             "every row agrees with its entry")
                 : check_set(verification, id, meaning, CHECK_FAILS, err,
                             "%zu faults, the first: %s%s%s", findings.errors_count, first.where,
                             first.where[0] ? ": " : "", first.message);
    }
    findings_free(&findings);
    return ok;
}

static bool source_check(const struct verify_source *source, struct verification *verification,
                         struct error *err)
{
    const struct store_as_source *own = (const struct store_as_source *)source;
    return tiles_check(own->entries, verification, err) && rows_check(own, verification, err) &&
           record_check(own->store, &own->entries->base, verification, err);
}

static bool source_key(const struct verify_source *source, const struct digest *token,
                       uint8_t key[SEALED_KEY_BYTES], bool *is_found, struct error *err)
{
    return subject_key(((const struct store_as_source *)source)->store, token, key, is_found, err);
}

/* ---- the source ---- */

static void source_release(const struct verify_source *source)
{
    /* The source lies in an object of ours, which is not const. */
    struct store_as_source *own = (struct store_as_source *)(uintptr_t)source;
    entry_files_free(own->entries);
    strbuf_free(&own->vkey);
    arena_free(own->arena);
    if (own->owns_store)
        store_close(own->store);
    free(own);
}

/* Without an earlier checkpoint given by the caller, the directory's own anchor is compared. */
static bool anchor_use(struct store_as_source *own, struct error *err)
{
    char folder[LEDGER_PATH_MAX], *anchor;
    own->arena = arena_new(4 * (size_t)NOTE_BYTES_MAX, err);
    if (!own->arena)
        return false;
    ledger_path(folder, store_folder(own->store), "ledger");
    if (!ledger_anchor_path(folder, own->arena, &anchor, err))
        return false;
    own->options.anchor = own->options.known.len == 0 ? anchor : NULL;
    return !own->options.anchor || ledger_anchor_note(anchor, own->arena, &own->options.known, err);
}

static struct verifier *verify_opened(struct store *store, bool owns_store,
                                      const struct verify_options *options, struct error *err)
{
    struct store_as_source *own = calloc(1, sizeof *own);
    if (!own) {
        error_no_memory(err, sizeof *own);
        if (owns_store)
            store_close(store);
        return NULL;
    }
    own->store = store;
    own->owns_store = owns_store;
    own->vkey = strbuf_new(4096);
    if (options)
        own->options = *options;
    own->entries = entry_files_new(store_folder(store), store_size(store), err);
    verifier_key_format(ledger_verifier(store_ledger(store)), &own->vkey);
    if (!own->entries || !strbuf_ok(&own->vkey, err) || !anchor_use(own, err)) {
        source_release(&own->base);
        return NULL;
    }
    own->base = (struct verify_source){ .entries = &own->entries->base,
                                        .payloads = store_payloads(store),
                                        .vkey = strbuf_slice(&own->vkey),
                                        .note = ledger_note(store_ledger(store)),
                                        .level = CONTENTS_ALL,
                                        .key = source_key,
                                        .check = source_check,
                                        .release = source_release };
    return verify_run(&own->base, &own->options, err);
}

struct verifier *verify_store(struct store *store, const struct verify_options *options,
                              struct error *err)
{
    return verify_opened(store, false, options, err);
}

/* ---- a directory that does not open ---- */

/* How many entries its checkpoint says there are; 0 if it says nothing. */
static uint64_t published_size(const char *folder)
{
    char path[LEDGER_PATH_MAX];
    struct error unused = { 0 };
    struct slice note, text, lines;
    struct checkpoint checkpoint = { .size = 0 };
    struct arena *arena = arena_new(2 * (size_t)NOTE_BYTES_MAX, &unused);
    ledger_path(path, folder, "ledger/public/checkpoint");
    bool is_read = arena && file_read(arena, path, NOTE_BYTES_MAX, &note, &unused) &&
                   note_split(note, &text, &lines, &unused) &&
                   checkpoint_parse(text, &checkpoint, &unused);
    uint64_t size = is_read ? checkpoint.size : 0;
    arena_free(arena);
    return size;
}

/* Names the tile that the entries contradict, if it is one. */
static struct verifier *verify_closed(const char *folder, const struct error *said,
                                      struct error *err)
{
    struct verifier *verifier = verify_failed("store.opens", "the data directory opens", said, err);
    struct entry_files *files =
        verifier ? entry_files_new(folder, published_size(folder), err) : NULL;
    bool ok = files && tiles_check(files, verifier_verification(verifier), err);
    entry_files_free(files);
    if (ok)
        return verifier;
    verifier_free(verifier);
    return NULL;
}

struct verifier *verify_folder(const char *folder, const struct verify_options *options,
                               struct error *err)
{
    struct store *store = store_open(folder, STORE_READ, err);
    if (store)
        return verify_opened(store, true, options, err);
    struct error said = *err;
    if (said.code != ERROR_CORRUPT)
        return NULL;
    memset(err, 0, sizeof *err);
    return verify_closed(folder, &said, err);
}
