/* Tiles and bundles against the vectors, written to disk as the writer does it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "ledger/ledger_private.h"
#include "ledger/ledger_world.h"

static const char vectors[] = "test/vectors/ledger/tiles.json";

static const struct value *vectors_read(struct world *w)
{
    struct slice text;
    assert_true(file_read(w->arena, vectors, (size_t)64 << 20, &text, &w->err));
    struct value *root = json_parse(w->arena, text, vectors, &json_limits_default, &w->err);
    assert_non_null(root);
    return value_member(root, "sizes");
}

/* Entries from..to of the vectors' tree: "entry 0", "entry 1" ... */
struct texts {
    struct slice *entries;
    struct digest *leaves;
};
static struct texts texts_make(struct world *w, uint64_t from, uint64_t to)
{
    size_t count = (size_t)(to - from);
    struct texts texts = { arena_array(w->arena, count + 1, sizeof(*texts.entries), &w->err),
                           arena_array(w->arena, count + 1, sizeof(*texts.leaves), &w->err) };
    assert_non_null(texts.entries);
    assert_non_null(texts.leaves);
    for (size_t i = 0; i < count; i++) {
        char *text = arena_printf(w->arena, &w->err, "entry %llu", (unsigned long long)from + i);
        assert_non_null(text);
        texts.entries[i] = slice_of(text);
        texts.leaves[i] = leaf_hash(texts.entries[i]);
    }
    return texts;
}

static void edge_append(struct world *w, struct tile_edge *edge, uint64_t to, bool is_last)
{
    struct texts texts = texts_make(w, edge->size, to);
    struct file_group group = { .folder = world_path(w, "public"),
                                .tmp_folder = world_path(w, "tmp") };
    bool ok = tile_edge_append(edge, texts.entries, texts.leaves, (size_t)(to - edge->size),
                               is_last, file_group_write, &group, &w->err) &&
              file_group_sync(&group, &w->err);
    assert_string_equal(w->err.message, "");
    assert_true(ok);
    file_group_free(&group);
}

static void folders_make(struct world *w)
{
    assert_true(folder_make(world_path(w, "public"), &w->err));
    assert_true(folder_make(world_path(w, "tmp"), &w->err));
}

/* Paths below public/ of all files, sorted. */
static void list_files(struct world *w, const char *folder, struct slice *paths, size_t *count)
{
    struct folder_names names;
    char below[256];
    (void)snprintf(below, sizeof(below), "public/%s", folder);
    assert_true(folder_list(w->arena, world_path(w, below), &names, &w->err));
    for (size_t i = 0; i < names.count; i++) {
        struct stat st;
        char *path = arena_printf(w->arena, &w->err, "%s/%.*s", folder, SLICE_ARG(names.items[i]));
        assert_non_null(path);
        (void)snprintf(below, sizeof(below), "public/%s", path);
        assert_int_equal(stat(world_path(w, below), &st), 0);
        if (S_ISDIR(st.st_mode))
            list_files(w, path, paths, count);
        else
            paths[(*count)++] = slice_of(path);
    }
}

static int by_text(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* SHA-256 over the sorted lines "path sha256". */
static void assert_manifest(struct world *w, struct slice expected)
{
    struct slice *paths = arena_array(w->arena, 4096, sizeof(*paths), &w->err);
    size_t count = 0;
    struct sha256 hash;
    struct digest digest;
    char hex[65];
    list_files(w, "tile", paths, &count);
    for (size_t i = 0; i < count; i++) {
        char below[256];
        (void)snprintf(below, sizeof(below), "public/%.*s", SLICE_ARG(paths[i]));
        digest = sha256_of(world_read(w, below));
        digest_hex(&digest, hex);
        char *line = arena_printf(w->arena, &w->err, "%.*s %s\n", SLICE_ARG(paths[i]), hex);
        assert_non_null(line);
        paths[i] = slice_of(line);
    }
    qsort(paths, count, sizeof(*paths), by_text);
    sha256_start(&hash);
    for (size_t i = 0; i < count; i++)
        sha256_add(&hash, paths[i]);
    sha256_finish(&hash, &digest);
    digest_hex(&digest, hex);
    assert_true(slice_is(expected, hex));
}

static void assert_root(const struct tile_edge *edge, const struct value *vector)
{
    char hex[65];
    struct digest root = tile_edge_root(edge);
    digest_hex(&root, hex);
    assert_true(slice_is(value_text_of(vector, "root"), hex));
}

static void the_files_of_each_size_are_those_of_the_vectors(void **state)
{
    struct world *w = *state;
    const struct value *sizes = vectors_read(w);
    assert_int_equal(value_count(sizes), 8);
    for (size_t i = 0; i < value_count(sizes); i++) {
        const struct value *vector = value_item(sizes, i);
        struct tile_edge *edge = malloc(sizeof(*edge));
        int64_t size = 0;
        assert_non_null(edge);
        assert_true(value_to_i64(value_member(vector, "size"), &size));
        remove_tree(w->folder);
        folders_make(w);
        tile_edge_start(edge);
        edge_append(w, edge, (uint64_t)size, true);

        assert_root(edge, vector);
        assert_manifest(w, value_text_of(vector, "manifest_sha256"));
        tile_edge_free(edge);
        free(edge);
    }
}

static void steps_of_any_width_give_the_same_tree(void **state)
{
    struct world *w = *state;
    static const uint64_t steps[] = { 1, 2, 255, 256, 257, 258, 511, 1024, 1025, 65535, 65537 };
    const struct value *sizes = vectors_read(w);
    const struct value *last = value_item(sizes, value_count(sizes) - 1); /* 70,000 */
    struct tile_edge *edge = malloc(sizeof(*edge));
    assert_non_null(edge);
    folders_make(w);
    tile_edge_start(edge);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        uint64_t from = edge->size;
        edge_append(w, edge, steps[i], true);
        ledger_drop_partials(world_path(w, "public"), from, edge->size);
    }
    edge_append(w, edge, 70000, true);
    ledger_drop_partials(world_path(w, "public"), 65537, 70000);
    assert_root(edge, last);
    assert_manifest(w, value_text_of(last, "manifest_sha256"));
    tile_edge_free(edge);
    free(edge);
}

static void hashes_read_from_tiles_give_the_root_of_every_size(void **state)
{
    struct world *w = *state;
    enum { SIZE = 1300 };
    struct tile_edge *edge = malloc(sizeof(*edge));
    struct merkle_edge peaks = { .size = 0 };
    struct texts texts = texts_make(w, 0, SIZE);
    assert_non_null(edge);
    folders_make(w);
    tile_edge_start(edge);
    edge_append(w, edge, SIZE, true);
    struct tile_reader *reader = tile_reader_new(world_path(w, "public"), &w->err);
    assert_non_null(reader);
    tile_reader_resize(reader, SIZE);

    for (uint64_t size = 0; size <= SIZE; size++) {
        struct digest root, expected = merkle_edge_root(&peaks);
        assert_true(merkle_root(tile_reader_hashes(reader), size, &root, &w->err));
        assert_true(digest_equal(&root, &expected));
        if (size < SIZE)
            merkle_edge_add(&peaks, &texts.leaves[size]);
    }
    tile_reader_free(reader);
    tile_edge_free(edge);
    free(edge);
}

static void a_reader_that_comes_late_takes_the_full_tile(void **state)
{
    struct world *w = *state;
    struct tile_edge *edge = malloc(sizeof(*edge));
    struct bundle bundle = { 0 };
    struct digest before, after;
    assert_non_null(edge);
    folders_make(w);
    tile_edge_start(edge);
    edge_append(w, edge, 200, true);
    before = tile_edge_root(edge);
    edge_append(w, edge, 300, true);
    ledger_drop_partials(world_path(w, "public"), 200, 300);
    assert_false(world_has(w, "public/tile/0/000.p"));
    assert_false(world_has(w, "public/tile/entries/000.p"));

    struct tile_reader *reader = tile_reader_new(world_path(w, "public"), &w->err);
    tile_reader_resize(reader, 200);
    assert_true(merkle_root(tile_reader_hashes(reader), 200, &after, &w->err));
    assert_true(digest_equal(&before, &after));
    assert_true(bundle_read(reader, 0, &bundle, &w->err));
    assert_int_equal(bundle.width, 200);
    assert_true(slice_is(bundle.entries[199], "entry 199"));
    assert_true(bundle_check(reader, &bundle, &w->err));

    bundle_free(&bundle);
    tile_reader_free(reader);
    tile_edge_free(edge);
    free(edge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_files_of_each_size_are_those_of_the_vectors,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(steps_of_any_width_give_the_same_tree, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(hashes_read_from_tiles_give_the_root_of_every_size,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_reader_that_comes_late_takes_the_full_tile, world_begin,
                                        world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
