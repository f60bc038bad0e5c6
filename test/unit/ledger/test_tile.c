#include "ledger/ledger_vectors.h"
#include "ledger/tile.h"

/* ---- paths ---- */

static int level_of(const struct value *c)
{
    const struct value *level = value_member(c, "level");
    int64_t number = 0;
    if (slice_is(value_text(level), "entries"))
        return TILE_ENTRIES;
    assert_true(value_to_i64(level, &number));
    return (int)number;
}

static void paths_are_written_and_read_back(void **state)
{
    struct world *w = *state;
    const struct value *cases = value_member(world_vectors(w, VECTORS "tiles.json"), "paths");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        struct tile tile = { level_of(c), number_of(c, "index"), (unsigned)number_of(c, "width") };
        struct tile again;
        char path[96];
        tile_path(&tile, path);
        assert_true(slice_is(value_text_of(c, "path"), path));
        assert_true(tile_parse(slice_of(path), &again));
        assert_int_equal(again.level, tile.level);
        assert_int_equal(again.index, tile.index);
        assert_int_equal(again.width, tile.width);
    }
}

static void other_spellings_of_paths_are_refused(void **state)
{
    struct world *w = *state;
    const struct value *paths = value_member(world_vectors(w, VECTORS "tiles.json"), "bad_paths");
    struct tile tile;
    assert_true(value_count(paths) > 0);
    for (size_t i = 0; i < value_count(paths); i++) {
        struct slice path = value_text(value_item(paths, i));
        if (tile_parse(path, &tile))
            fail_msg("accepted: %.*s", SLICE_ARG(path));
    }
    assert_false(tile_parse(SLICE(""), &tile));
    assert_false(tile_parse(SLICE("tile/0/x072/x057/x594/x037/x927/936"), &tile)); /* 2^56 */
    assert_true(tile_parse(SLICE("tile/0/x072/x057/x594/x037/x927/935"), &tile));
    /* A number that wraps around 2^64 to a small one. */
    assert_false(tile_parse(SLICE("tile/0/x018/x446/x744/x073/x709/x551/617"), &tile));
}

/* ---- bundles ---- */

static void bundles_that_are_not_whole_are_refused(void **state)
{
    struct world *w = *state;
    const struct value *bundles = value_member(world_vectors(w, VECTORS "tiles.json"), "bundles");
    const struct value *cases = value_member(bundles, "reject");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        struct slice bytes = bytes_of(w, c, "hex");
        if (bundle_is_whole(bytes, (unsigned)number_of(c, "width")))
            fail_msg("accepted: %.*s", SLICE_ARG(value_text_of(c, "why")));
    }
}

static void a_bundle_may_hold_an_empty_entry_and_one_of_65535_bytes(void **state)
{
    struct world *w = *state;
    const struct value *bundles = value_member(world_vectors(w, VECTORS "tiles.json"), "bundles");
    const struct value *c = value_item(value_member(bundles, "accept"), 0);
    struct strbuf bundle = strbuf_new(1 << 20);
    struct slice entry;
    char *big = calloc(1, 65535);
    assert_non_null(big);
    memset(big, 'a', 65535);
    bundle_add(&bundle, SLICE(""));
    bundle_add(&bundle, (struct slice){ big, 65535 });
    assert_int_equal(bundle.len, number_of(c, "bytes"));
    expect_digest(sha256_of(strbuf_slice(&bundle)), value_text_of(c, "sha256"));
    assert_true(bundle_is_whole(strbuf_slice(&bundle), 2));
    struct slice rest = strbuf_slice(&bundle);
    assert_true(bundle_next(&rest, &entry));
    assert_int_equal(entry.len, 0);
    assert_true(bundle_next(&rest, &entry));
    assert_int_equal(entry.len, 65535);
    assert_int_equal(rest.len, 0);
    strbuf_free(&bundle);
    free(big);
}

/* ---- all files of a size ---- */

struct tile_file {
    char line[256]; /* "path sha256" */
    size_t bytes;
};

static int by_line(const void *a, const void *b)
{
    return strcmp(((const struct tile_file *)a)->line, ((const struct tile_file *)b)->line);
}

struct tile_files {
    struct tile_file items[1024];
    size_t count;
};

static void file_add(struct tile_files *files, const struct tile *tile, struct slice bytes)
{
    struct tile_file *file = &files->items[files->count++];
    struct digest digest = sha256_of(bytes);
    char hex[65], path[96];
    assert_true(files->count <= ARRAY_LEN(files->items));
    tile_path(tile, path);
    digest_hex(&digest, hex);
    snprintf(file->line, sizeof file->line, "%s %s", path, hex);
    file->bytes = bytes.len;
}

static void hash_tiles_add(struct tile_files *files, const struct memory_tree *tree, uint64_t size)
{
    for (int level = 0; level < 7; level++) {
        unsigned partial = tile_partial_width(level, size);
        uint64_t full = size >> (8 * (level + 1));
        const struct digest *hashes = tree->levels[8 * level];
        for (uint64_t index = 0; index < full; index++)
            file_add(files, &(struct tile){ level, index, TILE_WIDTH },
                     slice_bytes(&hashes[index * TILE_WIDTH], TILE_WIDTH * sizeof *hashes));
        if (partial > 0)
            file_add(files, &(struct tile){ level, full, partial },
                     slice_bytes(&hashes[full * TILE_WIDTH], partial * sizeof *hashes));
    }
}

static void bundles_add(struct tile_files *files, uint64_t size)
{
    struct strbuf bundle = strbuf_new(1 << 20);
    for (uint64_t first = 0; first < size; first += TILE_WIDTH) {
        unsigned width = size - first < TILE_WIDTH ? (unsigned)(size - first) : TILE_WIDTH;
        strbuf_clear(&bundle);
        for (unsigned i = 0; i < width; i++) {
            char text[32];
            snprintf(text, sizeof text, "entry %llu", (unsigned long long)first + i);
            bundle_add(&bundle, slice_of(text));
        }
        assert_true(bundle_is_whole(strbuf_slice(&bundle), width));
        file_add(files, &(struct tile){ TILE_ENTRIES, first / TILE_WIDTH, width },
                 strbuf_slice(&bundle));
    }
    strbuf_free(&bundle);
}

static void expect_listed(const struct tile_files *files, const struct value *row)
{
    char line[256];
    snprintf(line, sizeof line, "%.*s %.*s", SLICE_ARG(value_text_of(row, "path")),
             SLICE_ARG(value_text_of(row, "sha256")));
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].line, line) == 0) {
            assert_int_equal(files->items[i].bytes, number_of(row, "bytes"));
            return;
        }
    }
    fail_msg("no file %s", line);
}

static void the_tiles_and_bundles_of_every_size_come_out(void **state)
{
    struct world *w = *state;
    const struct value *sizes = value_member(world_vectors(w, VECTORS "tiles.json"), "sizes");
    struct tile_files *files = calloc(1, sizeof *files);
    struct memory_tree tree;
    assert_non_null(files);
    memory_tree_make(&tree, VECTOR_TREE_SIZE, vector_leaf);
    assert_true(value_count(sizes) > 0);
    for (size_t i = 0; i < value_count(sizes); i++) {
        const struct value *set = value_item(sizes, i);
        const struct value *rows = value_member(set, "tiles");
        uint64_t size = number_of(set, "size");
        struct sha256 manifest;
        struct digest digest;
        files->count = 0;
        hash_tiles_add(files, &tree, size);
        assert_int_equal(files->count, number_of(set, "tile_count"));
        bundles_add(files, size);
        for (size_t j = 0; j < value_count(rows); j++)
            expect_listed(files, value_item(rows, j));
        qsort(files->items, files->count, sizeof *files->items, by_line);
        sha256_start(&manifest);
        for (size_t j = 0; j < files->count; j++) {
            sha256_add(&manifest, slice_of(files->items[j].line));
            sha256_add(&manifest, SLICE("\n"));
        }
        sha256_finish(&manifest, &digest);
        expect_digest(digest, value_text_of(set, "manifest_sha256"));
    }
    memory_tree_free(&tree);
    free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(paths_are_written_and_read_back),
        WORLD_TEST(other_spellings_of_paths_are_refused),
        WORLD_TEST(bundles_that_are_not_whole_are_refused),
        WORLD_TEST(a_bundle_may_hold_an_empty_entry_and_one_of_65535_bytes),
        WORLD_TEST(the_tiles_and_bundles_of_every_size_come_out),
    };
    return cmocka_run_group_tests_name("tile", tests, NULL, NULL);
}
