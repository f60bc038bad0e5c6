#include "ledger/ledger_vectors.h"

static struct digest root_of(const struct memory_tree *tree, uint64_t size)
{
    struct digest root;
    struct error err = { 0 };
    assert_true(merkle_root(&tree->source, size, &root, &err));
    return root;
}

static void the_published_roots_and_proofs_come_out(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "merkle-roots.json");
    const struct value *check = value_member(file, "cross_check");
    const struct value *entries = value_member(check, "entries_hex");
    const struct value *roots = value_member(check, "roots_hex");
    struct merkle_edge edge = { .size = 0 };
    expect_digest(merkle_edge_root(&edge), value_text(value_item(roots, 0)));
    for (size_t i = 0; i < value_count(entries); i++) {
        uint8_t bytes[64];
        struct slice hex = value_text(value_item(entries, i));
        assert_true(hex_parse(hex, bytes, hex.len / 2));
        struct digest leaf = leaf_hash(slice_bytes(bytes, hex.len / 2));
        merkle_edge_add(&edge, &leaf);
        expect_digest(merkle_edge_root(&edge), value_text(value_item(roots, i + 1)));
    }
    const struct value *single = value_member(check, "single_hashes");
    expect_digest(leaf_hash(SLICE("L123456")), value_text_of(single, "leaf of L123456"));
    expect_digest(vector_leaf(0), value_text_of(file, "entry_0_leaf_hash"));
}

static void every_root_from_0_to_300_and_the_large_ones_come_out(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "merkle-roots.json");
    const struct value *roots = value_member(file, "roots_hex");
    const struct value *large = value_member(file, "large_roots_hex");
    struct memory_tree tree;
    struct merkle_edge edge = { .size = 0 }, loaded;
    memory_tree_make(&tree, VECTOR_TREE_SIZE, vector_leaf);
    assert_int_equal(value_count(roots), 301);
    for (uint64_t size = 0; size <= 300; size++) {
        expect_digest(root_of(&tree, size), value_text(value_item(roots, size)));
        expect_digest(merkle_edge_root(&edge), value_text(value_item(roots, size)));
        assert_true(merkle_edge_load(&loaded, &tree.source, size, &w->err));
        expect_digest(merkle_edge_root(&loaded), value_text(value_item(roots, size)));
        merkle_edge_add(&edge, &tree.levels[0][size]);
    }
    for (size_t i = 0; i < value_count(large); i++) {
        uint64_t size;
        assert_true(slice_to_u64(large->members[i].name, &size));
        expect_digest(root_of(&tree, size), value_text(large->members[i].value));
    }
    memory_tree_free(&tree);
}

/* Hashes of a vector; false if one is not 32 bytes or there are more than a proof may hold. */
static bool proof_of(const struct value *hashes, struct proof *proof)
{
    proof->count = 0;
    for (size_t i = 0; i < value_count(hashes); i++) {
        if (proof->count == PROOF_HASHES_MAX ||
            !digest_from_hex(value_text(value_item(hashes, i)), &proof->hashes[proof->count]))
            return false;
        proof->count++;
    }
    return true;
}

static void expect_proof(const struct proof *found, const struct value *expected)
{
    assert_int_equal(found->count, value_count(expected));
    for (size_t i = 0; i < found->count; i++)
        expect_digest(found->hashes[i], value_text(value_item(expected, i)));
}

static void good_proofs_are_made_and_accepted(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "merkle-proofs.json");
    const struct value *cases = value_member(file, "inclusion");
    struct memory_tree tree;
    struct proof made;
    memory_tree_make(&tree, VECTOR_TREE_SIZE, vector_leaf);
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        uint64_t index = number_of(c, "index"), size = number_of(c, "size");
        struct digest leaf = digest_of(c, "leaf_hash"), root = digest_of(c, "root");
        assert_true(inclusion_make(&tree.source, index, size, &made, &w->err));
        expect_proof(&made, value_member(c, "proof"));
        assert_true(inclusion_holds(index, size, &leaf, made.hashes, made.count, &root));
    }
    cases = value_member(file, "consistency");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        uint64_t from = number_of(c, "size1"), to = number_of(c, "size2");
        struct digest root_from = digest_of(c, "root1"), root_to = digest_of(c, "root2");
        assert_true(consistency_make(&tree.source, from, to, &made, &w->err));
        expect_proof(&made, value_member(c, "proof"));
        assert_true(consistency_holds(from, to, made.hashes, made.count, &root_from, &root_to));
    }
    memory_tree_free(&tree);
}

static void malformed_proofs_are_refused(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "merkle-bad.json");
    const struct value *cases = value_member(file, "inclusion");
    struct proof proof;
    assert_true(value_count(cases) >= 30);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        int64_t index = 0;
        struct digest leaf = digest_of(c, "leaf_hash"), root = digest_of(c, "root");
        assert_true(value_to_i64(value_member(c, "index"), &index));
        bool holds = index >= 0 && proof_of(value_member(c, "proof"), &proof) &&
                     inclusion_holds((uint64_t)index, number_of(c, "size"), &leaf, proof.hashes,
                                     proof.count, &root);
        if (holds)
            fail_msg("accepted: %.*s", SLICE_ARG(value_text_of(c, "why")));
    }
    cases = value_member(file, "consistency");
    assert_true(value_count(cases) >= 30);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        struct digest root_from = digest_of(c, "root1"), root_to = digest_of(c, "root2");
        bool holds = proof_of(value_member(c, "proof"), &proof) &&
                     consistency_holds(number_of(c, "size1"), number_of(c, "size2"), proof.hashes,
                                       proof.count, &root_from, &root_to);
        if (holds)
            fail_msg("accepted: %.*s", SLICE_ARG(value_text_of(c, "why")));
    }
}

static void sizes_of_2_to_the_63_are_refused(void **state)
{
    (void)state;
    struct digest root = empty_root(), leaf = vector_leaf(0);
    assert_false(inclusion_holds(0, TREE_SIZE_MAX, &leaf, NULL, 0, &leaf));
    assert_false(consistency_holds(0, TREE_SIZE_MAX, NULL, 0, &root, &leaf));
    assert_false(inclusion_holds(0, UINT64_MAX, &leaf, NULL, 0, &leaf));
}

/* ---- properties ---- */

static uint64_t salt_of_leaves;

static struct digest random_leaf(uint64_t index)
{
    uint64_t bytes[2] = { salt_of_leaves, index };
    return leaf_hash(slice_bytes(bytes, sizeof bytes));
}

static void flip_a_bit(struct digest *digest, uint64_t which)
{
    digest->bytes[which / 8 % 32] ^= (uint8_t)(1U << which % 8);
}

/* No hash of a proof may be changed, left out or added, nor leaf or root changed. */
static void every_change_fails_inclusion(uint64_t index, uint64_t size, struct digest leaf,
                                         struct proof *proof, struct digest root)
{
    for (size_t i = 0; i < proof->count; i++) {
        flip_a_bit(&proof->hashes[i], index * 7 + i * 31);
        assert_false(inclusion_holds(index, size, &leaf, proof->hashes, proof->count, &root));
        flip_a_bit(&proof->hashes[i], index * 7 + i * 31);
    }
    if (proof->count > 0)
        assert_false(inclusion_holds(index, size, &leaf, proof->hashes, proof->count - 1, &root));
    proof->hashes[proof->count] = root;
    assert_false(inclusion_holds(index, size, &leaf, proof->hashes, proof->count + 1, &root));
    flip_a_bit(&root, index);
    assert_false(inclusion_holds(index, size, &leaf, proof->hashes, proof->count, &root));
    flip_a_bit(&root, index);
    flip_a_bit(&leaf, size);
    assert_false(inclusion_holds(index, size, &leaf, proof->hashes, proof->count, &root));
}

static void every_change_fails_consistency(uint64_t from, uint64_t to, struct digest root_from,
                                           struct proof *proof, struct digest root_to)
{
    for (size_t i = 0; i < proof->count; i++) {
        flip_a_bit(&proof->hashes[i], from * 7 + i * 31);
        assert_false(
            consistency_holds(from, to, proof->hashes, proof->count, &root_from, &root_to));
        flip_a_bit(&proof->hashes[i], from * 7 + i * 31);
    }
    if (proof->count > 0)
        assert_false(
            consistency_holds(from, to, proof->hashes, proof->count - 1, &root_from, &root_to));
    proof->hashes[proof->count] = root_to;
    assert_false(
        consistency_holds(from, to, proof->hashes, proof->count + 1, &root_from, &root_to));
    flip_a_bit(&root_from, to);
    assert_false(consistency_holds(from, to, proof->hashes, proof->count, &root_from, &root_to));
    flip_a_bit(&root_from, to);
    flip_a_bit(&root_to, from);
    /* An empty tree says nothing of what came after it. */
    assert_true(from == 0 ||
                !consistency_holds(from, to, proof->hashes, proof->count, &root_from, &root_to));
}

static void proofs_of_size(struct world *w, const struct memory_tree *tree, uint64_t size,
                           bool with_changes)
{
    struct digest root = root_of(tree, size);
    struct proof proof;
    for (uint64_t index = 0; index < size; index++) {
        const struct digest *leaf = &tree->levels[0][index];
        assert_true(inclusion_make(&tree->source, index, size, &proof, &w->err));
        assert_true(inclusion_holds(index, size, leaf, proof.hashes, proof.count, &root));
        if (with_changes)
            every_change_fails_inclusion(index, size, *leaf, &proof, root);
    }
    for (uint64_t from = 0; from <= size; from++) {
        struct digest root_from = root_of(tree, from);
        assert_true(consistency_make(&tree->source, from, size, &proof, &w->err));
        assert_true(consistency_holds(from, size, proof.hashes, proof.count, &root_from, &root));
        if (with_changes)
            every_change_fails_consistency(from, size, root_from, &proof, root);
    }
}

static void every_proof_made_holds_and_every_changed_one_fails(void **state)
{
    struct world *w = *state;
    struct memory_tree tree;
    random_fill(&salt_of_leaves, sizeof salt_of_leaves);
    print_message("leaves of seed %llu\n", (unsigned long long)salt_of_leaves);
    memory_tree_make(&tree, 600, random_leaf);
    /* Changes are tried at every small size, and at some of the others. */
    for (uint64_t size = 1; size <= 600; size++)
        proofs_of_size(w, &tree, size, size <= 70 || (size + salt_of_leaves) % 8 == 0);
    memory_tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_published_roots_and_proofs_come_out),
        WORLD_TEST(every_root_from_0_to_300_and_the_large_ones_come_out),
        WORLD_TEST(good_proofs_are_made_and_accepted),
        WORLD_TEST(malformed_proofs_are_refused),
        WORLD_TEST(sizes_of_2_to_the_63_are_refused),
        WORLD_TEST(every_proof_made_holds_and_every_changed_one_fails),
    };
    return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
