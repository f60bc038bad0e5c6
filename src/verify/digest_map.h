/* From digests to positions: which entry has a leaf, which item a commitment. Open addressing;
 * digests are spread evenly already, so their first bytes are the hash. */
#ifndef ATTEST_VERIFY_DIGEST_MAP_H
#define ATTEST_VERIFY_DIGEST_MAP_H
#include "base/digest.h"

struct digest_map {
    struct digest *items; /* in the order added */
    size_t count, capacity;
    uint32_t *slots; /* position + 1, 0: free; a power of two of them, at most half used */
    size_t slots_count;
};

void digest_map_free(struct digest_map *map); /* zeroed afterwards */
/* Adds one, or finds it if it is there already; *at is its position. ERROR_NO_MEMORY. */
MUST_USE bool digest_map_add(struct digest_map *map, const struct digest *digest, size_t *at,
                             struct error *err);
MUST_USE bool digest_map_find(const struct digest_map *map, const struct digest *digest,
                              size_t *at);

#endif
