#include "ledger/merkle.h"

#include <assert.h>

struct digest leaf_hash(struct slice entry)
{
    struct sha256 hash;
    struct digest digest;
    sha256_start(&hash);
    sha256_add(&hash, SLICE("\0"));
    sha256_add(&hash, entry);
    sha256_finish(&hash, &digest);
    return digest;
}

struct digest node_hash(const struct digest *left, const struct digest *right)
{
    struct sha256 hash;
    struct digest digest;
    sha256_start(&hash);
    sha256_add(&hash, SLICE("\1"));
    sha256_add(&hash, slice_bytes(left->bytes, sizeof left->bytes));
    sha256_add(&hash, slice_bytes(right->bytes, sizeof right->bytes));
    sha256_finish(&hash, &digest);
    return digest;
}

struct digest empty_root(void) { return sha256_of(SLICE("")); }

static unsigned lowest_bit(uint64_t number) { return (unsigned)__builtin_ctzll(number); }

/* The largest power of two smaller than count; count > 1. */
static uint64_t left_part(uint64_t count)
{
    return UINT64_C(1) << (63 - (unsigned)__builtin_clzll(count - 1));
}

/* Root of the leaves begin to end (excluded), a node of an RFC 6962 tree: begin is a multiple of
 * the largest power of two in the count, so the range falls into perfect subtrees, the largest
 * first. They are joined from the right, each as the left part of what is there. */
static bool range_root(const struct hash_source *source, uint64_t begin, uint64_t end,
                       struct digest *root, struct error *err)
{
    bool is_first = true;
    while (end > begin) {
        unsigned level = lowest_bit(end - begin);
        struct digest hash;
        end -= UINT64_C(1) << level;
        if (!source->hash(source, level, end >> level, &hash, err))
            return false;
        *root = is_first ? hash : node_hash(&hash, root);
        is_first = false;
    }
    return true;
}

static bool size_is_valid(uint64_t size, struct error *err)
{
    return size < TREE_SIZE_MAX ||
           error_set(err, ERROR_INVALID, NULL, "a tree of 2^63 or more leaves");
}

bool merkle_root(const struct hash_source *source, uint64_t size, struct digest *root,
                 struct error *err)
{
    *root = empty_root();
    return size_is_valid(size, err) && range_root(source, 0, size, root, err);
}

static bool proof_push(struct proof *proof, const struct hash_source *source, uint64_t begin,
                       uint64_t end, struct error *err)
{
    if (proof->count == PROOF_HASHES_MAX)
        return error_set(err, ERROR_INVALID, NULL, "a proof of more than 63 hashes");
    return range_root(source, begin, end, &proof->hashes[proof->count++], err);
}

/* Built from the root down; a proof is written from the leaf up. */
static void proof_reverse(struct proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct digest swapped = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = swapped;
    }
}

bool inclusion_make(const struct hash_source *source, uint64_t index, uint64_t size,
                    struct proof *proof, struct error *err)
{
    uint64_t begin = 0, end = size;
    assert(index < size);
    proof->count = 0;
    if (!size_is_valid(size, err))
        return false;
    while (end - begin > 1) {
        uint64_t middle = begin + left_part(end - begin);
        bool is_left = index < middle;
        if (!proof_push(proof, source, is_left ? middle : begin, is_left ? end : middle, err))
            return false;
        if (is_left)
            end = middle;
        else
            begin = middle;
    }
    proof_reverse(proof);
    return true;
}

bool consistency_make(const struct hash_source *source, uint64_t from, uint64_t to,
                      struct proof *proof, struct error *err)
{
    uint64_t begin = 0, end = to;
    assert(from <= to);
    proof->count = 0;
    if (!size_is_valid(to, err))
        return false;
    if (from == 0)
        return true;
    /* Down to the node whose last leaf is the old tree's last. */
    while (from != end) {
        uint64_t middle = begin + left_part(end - begin);
        bool is_left = from <= middle;
        if (!proof_push(proof, source, is_left ? middle : begin, is_left ? end : middle, err))
            return false;
        if (is_left)
            end = middle;
        else
            begin = middle;
    }
    /* If that node is the whole old tree, its hash is the old root, which the checker knows. */
    if (begin > 0 && !proof_push(proof, source, begin, end, err))
        return false;
    proof_reverse(proof);
    return true;
}

/* The way from a leaf up to the root: at each level the node's index and the index of the last node
 * there (fn and sn of RFC 9162). */
struct climb {
    uint64_t node, last;
};

/* Whether the next hash of a proof stands on the left of the node. A last node without a sibling
 * moves up unchanged until it has one on its left. */
static bool climb_step(struct climb *climb)
{
    bool on_left = (climb->node & 1) != 0 || climb->node == climb->last;
    if (on_left) {
        while ((climb->node & 1) == 0 && climb->node != 0) {
            climb->node >>= 1;
            climb->last >>= 1;
        }
    }
    climb->node >>= 1;
    climb->last >>= 1;
    return on_left;
}

bool inclusion_holds(uint64_t index, uint64_t size, const struct digest *leaf,
                     const struct digest *proof, size_t proof_count, const struct digest *root)
{
    if (size >= TREE_SIZE_MAX || index >= size || proof_count > PROOF_HASHES_MAX)
        return false;
    struct climb climb = { index, size - 1 };
    struct digest hash = *leaf;
    for (size_t i = 0; i < proof_count; i++) {
        if (climb.last == 0)
            return false;
        hash = climb_step(&climb) ? node_hash(&proof[i], &hash) : node_hash(&hash, &proof[i]);
    }
    return climb.last == 0 && digest_equal(&hash, root);
}

bool consistency_holds(uint64_t from, uint64_t to, const struct digest *proof, size_t proof_count,
                       const struct digest *root_from, const struct digest *root_to)
{
    struct digest empty = empty_root();
    if (from > to || to >= TREE_SIZE_MAX || proof_count > PROOF_HASHES_MAX)
        return false;
    if (from == to && !digest_equal(root_from, root_to))
        return false;
    if (from == 0)
        return proof_count == 0 && digest_equal(root_from, &empty);
    if (from == to)
        return proof_count == 0;

    /* Begin at the largest subtree that ends with the old tree's last leaf. */
    struct climb climb = { from - 1, to - 1 };
    while (climb.node & 1) {
        climb.node >>= 1;
        climb.last >>= 1;
    }
    /* A whole old tree is such a subtree itself; its root is not in the proof. */
    size_t next = 0;
    struct digest old_hash = *root_from;
    if (proof_count == 0)
        return false;
    if ((from & (from - 1)) != 0)
        old_hash = proof[next++];
    struct digest new_hash = old_hash;
    for (; next < proof_count; next++) {
        if (climb.last == 0)
            return false;
        if (climb_step(&climb)) {
            old_hash = node_hash(&proof[next], &old_hash);
            new_hash = node_hash(&proof[next], &new_hash);
        } else {
            new_hash = node_hash(&new_hash, &proof[next]);
        }
    }
    return climb.last == 0 && digest_equal(&old_hash, root_from) &&
           digest_equal(&new_hash, root_to);
}

bool merkle_edge_load(struct merkle_edge *edge, const struct hash_source *source, uint64_t size,
                      struct error *err)
{
    edge->size = size;
    for (uint64_t rest = size; rest != 0; rest &= rest - 1) {
        unsigned level = lowest_bit(rest);
        if (!source->hash(source, level, (size >> level) - 1, &edge->hashes[level], err))
            return false;
    }
    return true;
}

void merkle_edge_add(struct merkle_edge *edge, const struct digest *leaf)
{
    struct digest hash = *leaf;
    unsigned level = 0;
    assert(edge->size < TREE_SIZE_MAX - 1);
    for (; (edge->size >> level) & 1; level++)
        hash = node_hash(&edge->hashes[level], &hash);
    edge->hashes[level] = hash;
    edge->size++;
}

struct digest merkle_edge_root(const struct merkle_edge *edge)
{
    struct digest root = empty_root();
    bool is_first = true;
    for (uint64_t rest = edge->size; rest != 0; rest &= rest - 1) {
        const struct digest *left = &edge->hashes[lowest_bit(rest)];
        root = is_first ? *left : node_hash(left, &root);
        is_first = false;
    }
    return root;
}
