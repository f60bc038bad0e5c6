#include "report/verify_store.h"

#include <stdlib.h>
#include <string.h>

#include "report/ledger_entries.h"

struct store_as_source {
    struct verify_source base; /* must be first */
    struct store *store;
    struct ledger_entries *entries;
    struct strbuf vkey;
};

/* ---- tiles ---- */

/* The hashes of one level that have no full tile yet; deeper ones rest on shallower ones. */
struct tile_level {
    struct digest hashes[TILE_WIDTH];
    unsigned width;
    uint64_t index;
};

struct tiles {
    const struct store_as_source *own;
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
    if (tile_reader_tile(tiles->own->entries->reader, level, made->index, found, &width,
                         tiles->err)) {
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
    const struct entry_source *entries = &tiles->own->entries->base;
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

static bool tiles_check(const struct store_as_source *own, struct verification *verification,
                        struct error *err)
{
    struct tiles tiles = { .own = own, .verification = verification, .err = err };
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
    struct findings findings = { 0 };
    bool ok = store_check(own->store, &findings, err);
    if (ok && findings.errors_count == 0) {
        ok = check_set(verification, "store.rows", "the store's rows are those of the ledger",
                       CHECK_HOLDS, err, "every row agrees with its entry");
    } else if (ok) {
        const struct error *first = &findings.items[0].error;
        ok = check_set(verification, "store.rows", "the store's rows are those of the ledger",
                       CHECK_FAILS, err, "%zu faults, the first: %s%s%s", findings.errors_count,
                       first->where, first->where[0] ? ": " : "", first->message);
    }
    findings_free(&findings);
    return ok;
}

static bool source_check(const struct verify_source *source, struct verification *verification,
                         struct error *err)
{
    const struct store_as_source *own = (const struct store_as_source *)source;
    return tiles_check(own, verification, err) && rows_check(own, verification, err);
}

/* ---- the source ---- */

static void source_release(const struct verify_source *source)
{
    /* The source lies in an object of ours, which is not const. */
    struct store_as_source *own = (struct store_as_source *)(uintptr_t)source;
    ledger_entries_free(own->entries);
    strbuf_free(&own->vkey);
    free(own);
}

struct verifier *verify_store(struct store *store, const struct verify_options *options,
                              struct error *err)
{
    struct store_as_source *own = calloc(1, sizeof *own);
    if (!own) {
        error_no_memory(err, sizeof *own);
        return NULL;
    }
    own->store = store;
    own->vkey = strbuf_new(4096);
    own->entries = ledger_entries_new(store_folder(store), store_size(store), err);
    verifier_key_format(ledger_verifier(store_ledger(store)), &own->vkey);
    if (!own->entries || !strbuf_ok(&own->vkey, err)) {
        source_release(&own->base);
        return NULL;
    }
    own->base = (struct verify_source){ .entries = &own->entries->base,
                                        .payloads = store_payloads(store),
                                        .vkey = strbuf_slice(&own->vkey),
                                        .note = ledger_note(store_ledger(store)),
                                        .level = CONTENTS_ALL,
                                        .check = source_check,
                                        .release = source_release };
    return verify_run(&own->base, options, err);
}
