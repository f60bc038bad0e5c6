/* Reads tiles and entry bundles from a folder, as those of a tree of one size.
 *
 * A log that grows deletes the partial files of an older size once the full one is committed; the
 * full file begins with the same hashes, so a reader that comes late takes those. */
#ifndef ATTEST_LEDGER_TILE_READER_H
#define ATTEST_LEDGER_TILE_READER_H
#include "ledger/merkle.h"
#include "ledger/tile.h"

/* Only levels below 8 hold hashes while sizes are below 2^63. */
enum { TILE_LEVELS_USED = 8 };
/* Of attest's own entries: each has at most ENTRY_BYTES_MAX. */
enum { BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX) };
enum { LEDGER_PATH_MAX = 4096 };

/* Hashes (entries) that tile `index` of a level holds in a tree of that size: 0 to 256. */
unsigned tile_width_at(int level, uint64_t index, uint64_t size);
/* Joins a folder (shorter than LEDGER_PATH_MAX - 256) and a name below it. */
void ledger_path(char out[LEDGER_PATH_MAX], const char *folder, const char *name);
void ledger_tile_path(char out[LEDGER_PATH_MAX], const char *folder, const struct tile *tile);

struct tile_reader; /* layout: tile_reader.c; may be used by several threads */

/* folder: what holds `tile/`. The size is 0 until tile_reader_resize(). */
MUST_USE struct tile_reader *tile_reader_new(const char *folder, struct error *err);
void tile_reader_free(struct tile_reader *reader); /* NULL is fine */
void tile_reader_resize(struct tile_reader *reader, uint64_t size);
uint64_t tile_reader_size(const struct tile_reader *reader);
/* Strict: a full file does not stand in for a partial one. For the writer's opening, which must
 * find exactly the files of the signed size. */
void tile_reader_set_strict(struct tile_reader *reader, bool is_strict);
/* Its hashes, for merkle_root() and proofs. Lives as long as the reader. */
const struct hash_source *tile_reader_hashes(const struct tile_reader *reader);

/* All hashes of one tile as it stands at the reader's size. ERROR_CORRUPT if the file has another
 * length; ERROR_NOT_FOUND if it is not there. */
MUST_USE bool tile_reader_tile(struct tile_reader *reader, int level, uint64_t index,
                               struct digest hashes[TILE_WIDTH], unsigned *width,
                               struct error *err);

/* A bundle in memory. Zeroed at first; one can be filled again and again. */
struct bundle {
    uint64_t index;
    unsigned width;                   /* entries; 0: nothing is held */
    struct slice entries[TILE_WIDTH]; /* borrow from bytes */
    char *bytes;
    size_t capacity;
};
void bundle_free(struct bundle *bundle); /* zeroed afterwards */
/* Reads a bundle; its form is checked, its content is not: bundle_check() does.
 * ERROR_CORRUPT, ERROR_NOT_FOUND as for a tile. */
MUST_USE bool bundle_read(struct tile_reader *reader, uint64_t index, struct bundle *bundle,
                          struct error *err);
/* Whether each entry has the hash that the tile of level 0 holds; else ERROR_CORRUPT. */
MUST_USE bool bundle_check(struct tile_reader *reader, const struct bundle *bundle,
                           struct error *err);

#endif
