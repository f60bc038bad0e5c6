/* Grows a tree: takes entries, gives the bundles and tiles that change. Writes no file itself, so
 * that the writer, the check at opening and the rebuilding of a lost tile are one computation. */
#ifndef ATTEST_LEDGER_TILE_WRITER_H
#define ATTEST_LEDGER_TILE_WRITER_H
#include "ledger/tile_reader.h"

/* The right edge: what is not yet in full files. 64 KiB and up to 1 MiB of entries. */
struct tile_edge {
    uint64_t size;
    uint64_t given_size; /* up to here unfinished files have been given out */
    struct digest hashes[TILE_LEVELS_USED][TILE_WIDTH];
    struct strbuf bundle;
};
void tile_edge_start(struct tile_edge *edge); /* of the empty tree */
void tile_edge_free(struct tile_edge *edge);
/* Root of the tree, computed from the edge alone. */
struct digest tile_edge_root(const struct tile_edge *edge);

/* Gets one file: tile and its bytes, borrowed for the call. */
typedef bool tile_file_fn(void *context, const struct tile *tile, struct slice bytes,
                          struct error *err);

/* Adds entries (any bytes up to 65,535) whose leaf hashes are given. Full files are given to
 * `file`: bundles first, then tiles, level 0 upward; if is_last, also the unfinished files that
 * changed since the last call with is_last, each in its place in that order. On an error the edge
 * is not usable any more. */
MUST_USE bool tile_edge_append(struct tile_edge *edge, const struct slice *entries,
                               const struct digest *leaves, size_t count, bool is_last,
                               tile_file_fn *file, void *context, struct error *err);

#endif
