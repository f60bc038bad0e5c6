/* What the tests over test/vectors/ledger share. */
#ifndef ATTEST_TEST_UNIT_LEDGER_VECTORS_H
#define ATTEST_TEST_UNIT_LEDGER_VECTORS_H
#include "base/base_test.h"
#include "ledger/merkle.h"

#define VECTORS "test/vectors/ledger/"

static inline struct digest digest_text(struct slice hex)
{
    struct digest digest;
    if (!digest_from_hex(hex, &digest))
        fail_msg("\"%.*s\" is not a digest", SLICE_ARG(hex));
    return digest;
}

static inline struct digest digest_of(const struct value *object, const char *name)
{
    return digest_text(value_text_of(object, name));
}

static inline void expect_digest_at(struct digest found, struct slice expected, const char *file,
                                    int line)
{
    char hex[65];
    digest_hex(&found, hex);
    if (!slice_is(expected, hex)) {
        print_error("found    %s\nexpected %.*s\n", hex, SLICE_ARG(expected));
        _fail(file, line);
    }
}
#define expect_digest(found, expected) expect_digest_at(found, expected, __FILE__, __LINE__)

static inline uint64_t number_of(const struct value *object, const char *name)
{
    int64_t number = -1;
    if (!value_to_i64(value_member(object, name), &number) || number < 0)
        fail_msg("\"%s\" is not a number", name);
    return (uint64_t)number;
}

/* Bytes of a hex field. */
static inline struct slice bytes_of(struct world *w, const struct value *object, const char *name)
{
    struct slice hex = value_text_of(object, name);
    uint8_t *bytes = arena_alloc(w->arena, hex.len / 2 + 1, &w->err);
    if (!bytes || hex.len % 2 != 0 || !hex_parse(hex, bytes, hex.len / 2))
        fail_msg("\"%s\" is not hex", name);
    return slice_bytes(bytes, hex.len / 2);
}

/* A tree in memory, all its perfect subtrees kept. */
struct memory_tree {
    struct hash_source source;
    struct digest *levels[64];
    uint64_t size;
};

static inline bool memory_tree_hash(const struct hash_source *source, unsigned level,
                                    uint64_t index, struct digest *out, struct error *err)
{
    const struct memory_tree *tree = (const struct memory_tree *)source;
    (void)err;
    assert_true(level < 64 && index < tree->size >> level);
    *out = tree->levels[level][index];
    return true;
}

static inline void memory_tree_free(struct memory_tree *tree)
{
    for (size_t level = 0; level < ARRAY_LEN(tree->levels); level++)
        free(tree->levels[level]);
}

/* Of the leaves that `leaf` gives. */
static inline void memory_tree_make(struct memory_tree *tree, uint64_t size,
                                    struct digest (*leaf)(uint64_t index))
{
    *tree = (struct memory_tree){ .source = { memory_tree_hash }, .size = size };
    for (unsigned level = 0; size >> level > 0; level++) {
        uint64_t count = size >> level;
        struct digest *hashes = calloc(count, sizeof *hashes);
        assert_non_null(hashes);
        for (uint64_t i = 0; i < count; i++)
            hashes[i] = level == 0 ? leaf(i)
                                   : node_hash(&tree->levels[level - 1][2 * i],
                                               &tree->levels[level - 1][2 * i + 1]);
        tree->levels[level] = hashes;
    }
}

/* Entry i of the vectors is "entry <i>". */
static inline struct digest vector_leaf(uint64_t index)
{
    char text[32];
    snprintf(text, sizeof text, "entry %llu", (unsigned long long)index);
    return leaf_hash(slice_of(text));
}

enum { VECTOR_TREE_SIZE = 70000 };

#endif
