/* The whole ledger against its signed root. The writer reads every entry when it opens, because the
 * rules need to know them all; so every bundle and tile is checked on the way.
 *
 * Entries are the truth and tiles follow from them. Which of two files that disagree is damaged,
 * the signed root decides: if the entries give it, the tile is wrong; if not, the entries are. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

struct check {
    struct ledger *ledger;
    size_t lost;
    /* The first tile that is not what the entries give. */
    bool has_damage;
    struct tile tile;
    unsigned at; /* the hash that differs */
    struct digest computed, found;
    struct error length_error; /* instead: the file has another length */
    /* The first entry against the rules. */
    struct fault fault;
};

/* A tile_file_fn: compares a computed file with the one on disk. */
static bool check_tile(void *context, const struct tile *tile, struct slice bytes,
                       struct error *err)
{
    struct check *check = context;
    struct digest hashes[TILE_WIDTH];
    unsigned width = 0;
    struct error reason = { 0 };
    if (tile->level == TILE_ENTRIES)
        return true; /* it was read from there */
    bool is_read =
        tile_reader_tile(check->ledger->reader, tile->level, tile->index, hashes, &width, &reason);
    if (!is_read && reason.code == ERROR_NOT_FOUND) {
        check->lost++;
        return true;
    }
    if (!is_read && reason.code != ERROR_CORRUPT) {
        *err = reason;
        return false;
    }
    if (check->has_damage)
        return true;
    if (!is_read) {
        check->has_damage = true;
        check->tile = *tile;
        check->length_error = reason;
        return true;
    }
    assert(width == tile->width);
    for (unsigned i = 0; i < width; i++) {
        if (memcmp(&hashes[i], bytes.at + i * sizeof(*hashes), sizeof(*hashes)) == 0)
            continue;
        check->has_damage = true;
        check->tile = *tile;
        check->at = i;
        check->found = hashes[i];
        memcpy(&check->computed, bytes.at + i * sizeof(*hashes), sizeof(*hashes));
        break;
    }
    return true;
}

/* Streams all bundles into an edge, giving each file to `file`. */
static bool stream(struct ledger *ledger, struct tile_edge *edge, uint64_t size,
                   ledger_entry_fn *each, tile_file_fn *file, void *context, struct error *err)
{
    bool ok = false;
    struct bundle bundle = { 0 };
    struct digest leaves[TILE_WIDTH];
    for (uint64_t n = 0; n < size; n += TILE_WIDTH) {
        if (!bundle_read(ledger->reader, n / TILE_WIDTH, &bundle, err))
            goto done;
        for (unsigned i = 0; i < bundle.width; i++) {
            leaves[i] = leaf_hash(bundle.entries[i]);
            if (each && !each(context, n + i, bundle.entries[i], err))
                goto done;
        }
        bool is_last = n + bundle.width == size;
        if (!tile_edge_append(edge, bundle.entries, leaves, bundle.width, is_last, file, context,
                              err))
            goto done;
    }
    ok = true;
done:
    if (!ok && err->code == ERROR_NOT_FOUND)
        err->code = ERROR_CORRUPT; /* a lost bundle */
    bundle_free(&bundle);
    return ok;
}

static bool check_entry(void *context, uint64_t n, struct slice entry, struct error *err)
{
    struct check *check = context;
    struct digest leaf = leaf_hash(entry);
    merkle_edge_add(&check->ledger->peaks, &leaf);
    (void)n;
    /* After a fault the rest is still read: damage is told before what follows from it. */
    if (check->fault.code)
        return true;
    struct fault fault = { 0 };
    if (rules_add(check->ledger->rules, entry, &fault, err))
        return true;
    check->fault = fault;
    return fault.code != NULL;
}

static bool refuse_entries(const struct check *check, const struct checkpoint *head,
                           const struct digest *root, struct error *err)
{
    char path[LEDGER_PATH_MAX], expected[65], found[65];
    const struct ledger *ledger = check->ledger;
    uint64_t n = check->tile.index * TILE_WIDTH + check->at;
    if (check->has_damage && check->tile.level == 0 && check->length_error.code == ERROR_NONE) {
        struct tile bundle = { TILE_ENTRIES, check->tile.index, check->tile.width };
        ledger_tile_path(path, ledger->public_folder, &bundle);
        digest_hex(&check->found, expected);
        digest_hex(&check->computed, found);
        error_set(err, ERROR_CORRUPT, path,
                  "entry %" PRIu64 ": expected the leaf hash %s of its tile, found %s", n, expected,
                  found);
    } else {
        ledger_path(path, ledger->public_folder, "tile/entries");
        digest_hex(&head->root, expected);
        digest_hex(root, found);
        error_set(err, ERROR_CORRUPT, path,
                  "expected entries that give the signed root %s, found entries that give %s",
                  expected, found);
    }
    return error_hint(err, "restore it from a backup or from a copy of the ledger: entries cannot "
                           "be rebuilt from hashes");
}

static bool refuse_tile(const struct check *check, struct error *err)
{
    char path[LEDGER_PATH_MAX], expected[65], found[65];
    if (check->length_error.code != ERROR_NONE) {
        *err = check->length_error;
        return false;
    }
    ledger_tile_path(path, check->ledger->public_folder, &check->tile);
    digest_hex(&check->computed, expected);
    digest_hex(&check->found, found);
    error_set(err, ERROR_CORRUPT, path, "hash %u: expected %s, found %s", check->at, expected,
              found);
    return error_hint(err, "the entries give the signed root, so this file is damaged: move it "
                           "away and open again, then it is rebuilt from the entries");
}

bool ledger_check_entries(struct ledger *ledger, const struct checkpoint *head, size_t *lost,
                          struct error *err)
{
    struct check check = { .ledger = ledger };
    tile_reader_set_strict(ledger->reader, true);
    bool ok = stream(ledger, ledger->edge, head->size, check_entry, check_tile, &check, err);
    tile_reader_set_strict(ledger->reader, false);
    if (!ok)
        return false;
    struct digest root = tile_edge_root(ledger->edge);
    struct digest second = merkle_edge_root(&ledger->peaks);
    assert(digest_equal(&root, &second));
    if (!digest_equal(&root, &head->root))
        return refuse_entries(&check, head, &root, err);
    if (check.has_damage)
        return refuse_tile(&check, err);
    if (check.fault.code) {
        error_set(err, ERROR_CORRUPT, ledger->folder,
                  "entry %" PRIu64 " is against the rules: %s: %s", check.fault.n, check.fault.code,
                  check.fault.detail);
        return error_hint(err, "the ledger can be read and verified, but nothing can be added");
    }
    *lost = check.lost;
    return true;
}

struct rebuild {
    struct file_group group;
};

/* A tile_file_fn: writes what is not there. */
static bool rebuild_tile(void *context, const struct tile *tile, struct slice bytes,
                         struct error *err)
{
    struct rebuild *rebuild = context;
    char path[LEDGER_PATH_MAX];
    ledger_tile_path(path, rebuild->group.folder, tile);
    if (tile->level == TILE_ENTRIES || file_exists(path))
        return true;
    return file_group_write(&rebuild->group, tile, bytes, err);
}

bool ledger_rebuild_tiles(struct ledger *ledger, struct error *err)
{
    bool ok = false;
    struct rebuild rebuild = { .group = { .folder = ledger->public_folder,
                                          .tmp_folder = ledger->tmp_folder } };
    struct tile_edge edge;
    tile_edge_start(&edge);
    ok = stream(ledger, &edge, tile_reader_size(ledger->reader), NULL, rebuild_tile, &rebuild,
                err) &&
         file_group_sync(&rebuild.group, err);
    file_group_free(&rebuild.group);
    tile_edge_free(&edge);
    return ok;
}
