/* The Merkle tree of RFC 6962: hashes, proofs made and checked. Nothing here reads a file.
 *
 * Leaf: SHA-256(00 || entry). Node: SHA-256(01 || left || right). With n > 1 leaves the left part
 * holds the largest power of two smaller than n. Empty tree: SHA-256(""). */
#ifndef ATTEST_LEDGER_MERKLE_H
#define ATTEST_LEDGER_MERKLE_H
#include "base/digest.h"

enum { PROOF_HASHES_MAX = 63 };
#define TREE_SIZE_MAX (UINT64_C(1) << 63) /* sizes are below this */

struct digest leaf_hash(struct slice entry);
struct digest node_hash(const struct digest *left, const struct digest *right);
struct digest empty_root(void);

/* Where hashes of a tree come from: tiles on disk, entries in memory, a bundle. Gives the hash of
 * the perfect subtree of 2^level leaves that begins at leaf index << level. */
struct hash_source {
    bool (*hash)(const struct hash_source *source, unsigned level, uint64_t index,
                 struct digest *out, struct error *err);
};

/* Root of the first `size` leaves. */
MUST_USE bool merkle_root(const struct hash_source *source, uint64_t size, struct digest *root,
                          struct error *err);

struct proof {
    struct digest hashes[PROOF_HASHES_MAX]; /* leaf side first */
    size_t count;
};
/* PATH of RFC 6962 2.1.1. index < size. */
MUST_USE bool inclusion_make(const struct hash_source *source, uint64_t index, uint64_t size,
                             struct proof *proof, struct error *err);
/* PROOF of RFC 6962 2.1.2. from <= to; empty if from is 0 or equals to. */
MUST_USE bool consistency_make(const struct hash_source *source, uint64_t from, uint64_t to,
                               struct proof *proof, struct error *err);
/* RFC 9162 2.1.3.2 and 2.1.4.2, with ledger.md's edges: index >= size fails; equal sizes need an
 * empty proof and equal roots; from size 0 an empty proof and the empty root. */
bool inclusion_holds(uint64_t index, uint64_t size, const struct digest *leaf,
                     const struct digest *proof, size_t proof_count, const struct digest *root);
bool consistency_holds(uint64_t from, uint64_t to, const struct digest *proof, size_t proof_count,
                       const struct digest *root_from, const struct digest *root_to);

/* A root that grows: the perfect subtrees on the right edge, one a set bit of the size. */
struct merkle_edge {
    struct digest hashes[64];
    uint64_t size;
};
/* The edge of the first `size` leaves, from their tree. */
MUST_USE bool merkle_edge_load(struct merkle_edge *edge, const struct hash_source *source,
                               uint64_t size, struct error *err);
void merkle_edge_add(struct merkle_edge *edge, const struct digest *leaf);
struct digest merkle_edge_root(const struct merkle_edge *edge);

#endif
