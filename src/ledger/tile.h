/* C2SP tlog-tiles: paths and entry bundles. */
#ifndef ATTEST_LEDGER_TILE_H
#define ATTEST_LEDGER_TILE_H
#include "base/digest.h"

enum { TILE_WIDTH = 256, TILE_LEVELS = 64, ENTRY_BYTES_MIN = 2, ENTRY_BYTES_MAX = 4095 };
enum { TILE_ENTRIES = -1 }; /* as level: an entry bundle */

struct tile {
    int level;      /* 0 to 63, or TILE_ENTRIES */
    uint64_t index; /* N */
    unsigned width; /* 256: full; 1 to 255: partial */
};
/* "tile/0/x001/234.p/5". out holds 96 bytes. */
void tile_path(const struct tile *tile, char out[96]);
/* Only what tile_path() writes. */
MUST_USE bool tile_parse(struct slice path, struct tile *tile);
/* Hashes in the last tile of a level at a size, 0: no partial file. size >> 8*level mod 256. */
unsigned tile_partial_width(int level, uint64_t size);

/* Takes the next entry (uint16 big-endian length, then bytes) from *bundle. False at a fault:
 * length past the end. At the end of the bundle call no more. */
MUST_USE bool bundle_next(struct slice *bundle, struct slice *entry);
/* Whether a bundle holds exactly `width` entries and no byte more (of any length, as C2SP allows).
 */
bool bundle_is_whole(struct slice bundle, unsigned width);
void bundle_add(struct strbuf *out, struct slice entry); /* entry.len <= 65535 */

#endif
