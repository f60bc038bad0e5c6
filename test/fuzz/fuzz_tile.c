/* test/fuzz/fuzz_tile.c
 * Tile paths and entry bundles: an accepted path is written back byte for byte, and so is a bundle
 * from its entries. */
#include "fuzz.h"
#include "ledger/tile.h"

static void check_path(struct slice text)
{
    struct tile tile;
    char path[96];
    if (!tile_parse(text, &tile))
        return;
    assert(tile.width >= 1 && tile.width <= TILE_WIDTH);
    assert(tile.level == TILE_ENTRIES || (tile.level >= 0 && tile.level < TILE_LEVELS));
    tile_path(&tile, path);
    assert(slice_is(text, path));
}

static void check_bundle(struct slice text)
{
    struct slice rest = text;
    struct slice entry;
    unsigned count = 0;
    bool whole = true;
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    while (rest.len > 0 && whole) {
        whole = bundle_next(&rest, &entry);
        if (whole) {
            bundle_add(&again, entry);
            count++;
        }
    }
    if (whole)
        assert(slice_equal(strbuf_slice(&again), text));
    else
        assert(slice_starts_with(text, strbuf_slice(&again)));
    if (count > 0 && count <= TILE_WIDTH) {
        assert(bundle_is_whole(text, count) == whole);
        assert(!bundle_is_whole(text, count + 1));
    }
    strbuf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    check_path(text);
    check_bundle(text);
    return 0;
}
