#include "ledger/tile_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void tile_edge_start(struct tile_edge *edge)
{
    memset(edge, 0, sizeof(*edge));
    edge->bundle = strbuf_new((size_t)TILE_WIDTH * (2 + UINT16_MAX));
}

void tile_edge_free(struct tile_edge *edge)
{
    if (edge)
        strbuf_free(&edge->bundle);
}

/* Root of the perfect tree over count hashes, a power of two up to 256. */
static struct digest perfect_root(const struct digest *hashes, unsigned count)
{
    struct digest work[TILE_WIDTH];
    memcpy(work, hashes, count * sizeof(*hashes));
    for (; count > 1; count /= 2) {
        for (unsigned i = 0; i < count / 2; i++)
            work[i] = node_hash(&work[2 * i], &work[2 * i + 1]);
    }
    return work[0];
}

struct digest tile_edge_root(const struct tile_edge *edge)
{
    struct digest root = empty_root();
    bool is_first = true;
    /* From the right: the smallest subtree is the lowest one. */
    for (int level = 0; level < TILE_LEVELS_USED; level++) {
        unsigned width = tile_partial_width(level, edge->size);
        while (width > 0) {
            unsigned count = width & (~width + 1U); /* lowest set bit */
            width -= count;
            struct digest subtree = perfect_root(edge->hashes[level] + width, count);
            root = is_first ? subtree : node_hash(&subtree, &root);
            is_first = false;
        }
    }
    return root;
}

static bool has_changed(const struct tile_edge *edge, int level, uint64_t size)
{
    return edge->given_size >> (8 * level) != size >> (8 * level);
}

static bool bundles_append(struct tile_edge *edge, const struct slice *entries, size_t count,
                           bool is_last, tile_file_fn *file, void *context, struct error *err)
{
    uint64_t size = edge->size;
    for (size_t i = 0; i < count; i++) {
        assert(entries[i].len <= UINT16_MAX);
        bundle_add(&edge->bundle, entries[i]);
        size++;
        if (size % TILE_WIDTH != 0)
            continue;
        struct tile full = { TILE_ENTRIES, size / TILE_WIDTH - 1, TILE_WIDTH };
        if (!strbuf_ok(&edge->bundle, err))
            return false;
        if (!file(context, &full, strbuf_slice(&edge->bundle), err))
            return false;
        strbuf_clear(&edge->bundle);
    }
    unsigned width = (unsigned)(size % TILE_WIDTH);
    if (!is_last || width == 0 || !has_changed(edge, 0, size))
        return strbuf_ok(&edge->bundle, err);
    struct tile partial = { TILE_ENTRIES, size / TILE_WIDTH, width };
    if (!strbuf_ok(&edge->bundle, err))
        return false;
    return file(context, &partial, strbuf_slice(&edge->bundle), err);
}

/* Adds hashes to one level. The roots of tiles that became full are put at `up`. */
static bool level_append(struct tile_edge *edge, int level, const struct digest *hashes,
                         size_t count, struct digest *up, size_t *up_count, tile_file_fn *file,
                         void *context, struct error *err)
{
    struct digest *tile_hashes = edge->hashes[level];
    uint64_t at = edge->size >> (8 * level);
    for (size_t i = 0; i < count; i++) {
        tile_hashes[at % TILE_WIDTH] = hashes[i];
        at++;
        if (at % TILE_WIDTH != 0)
            continue;
        struct tile full = { level, at / TILE_WIDTH - 1, TILE_WIDTH };
        if (!file(context, &full, slice_bytes(tile_hashes, TILE_WIDTH * sizeof(*tile_hashes)), err))
            return false;
        up[(*up_count)++] = perfect_root(tile_hashes, TILE_WIDTH);
    }
    return true;
}

static bool tiles_append(struct tile_edge *edge, const struct digest *leaves, size_t count,
                         bool is_last, tile_file_fn *file, void *context, struct error *err)
{
    bool ok = false;
    uint64_t size = edge->size + count;
    const struct digest *hashes = leaves;
    struct digest *above = NULL;
    for (int level = 0; level < TILE_LEVELS_USED; level++) {
        size_t bytes = (count / TILE_WIDTH + 1) * sizeof(*above);
        struct digest *up = malloc(bytes);
        size_t up_count = 0;
        if (!up) {
            error_no_memory(err, bytes);
            goto done;
        }
        bool appended = level_append(edge, level, hashes, count, up, &up_count, file, context, err);
        free(above);
        above = up;
        if (!appended)
            goto done;
        unsigned width = tile_partial_width(level, size);
        struct tile partial = { level, (size >> (8 * level)) / TILE_WIDTH, width };
        if (is_last && width > 0 && has_changed(edge, level, size) &&
            !file(context, &partial, slice_bytes(edge->hashes[level], width * sizeof(*up)), err))
            goto done;
        hashes = above;
        count = up_count;
    }
    ok = true;
done:
    free(above);
    return ok;
}

bool tile_edge_append(struct tile_edge *edge, const struct slice *entries,
                      const struct digest *leaves, size_t count, bool is_last, tile_file_fn *file,
                      void *context, struct error *err)
{
    assert(edge->size + count < TREE_SIZE_MAX);
    if (!bundles_append(edge, entries, count, is_last, file, context, err))
        return false;
    if (!tiles_append(edge, leaves, count, is_last, file, context, err))
        return false;
    edge->size += count;
    if (is_last)
        edge->given_size = edge->size;
    return true;
}
