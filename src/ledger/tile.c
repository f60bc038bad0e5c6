#include "ledger/tile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Tile numbers are below 2^56 (a size below 2^63 needs fewer); tlog-tiles' groups then number at
 * most six. */
#define TILE_INDEX_MAX (UINT64_C(1) << 56)

void tile_path(const struct tile *tile, char out[96])
{
    char groups[6][8];
    size_t count = 0;
    uint64_t rest = tile->index;
    assert(tile->index < TILE_INDEX_MAX && tile->level >= TILE_ENTRIES &&
           tile->level < TILE_LEVELS && tile->width >= 1 && tile->width <= TILE_WIDTH);
    do {
        snprintf(groups[count], sizeof groups[count], "%s%03u", count > 0 ? "x" : "",
                 (unsigned)(rest % 1000));
        count++;
        rest /= 1000;
    } while (rest > 0);

    size_t used;
    if (tile->level == TILE_ENTRIES)
        used = (size_t)snprintf(out, 96, "tile/entries");
    else
        used = (size_t)snprintf(out, 96, "tile/%d", tile->level);
    while (count > 0)
        used += (size_t)snprintf(out + used, 96 - used, "/%s", groups[--count]);
    if (tile->width < TILE_WIDTH)
        used += (size_t)snprintf(out + used, 96 - used, ".p/%u", tile->width);
    assert(used < 96);
}

/* Digits of one group; the caller compares with tile_path()'s form afterwards. */
static bool group_add(struct slice group, uint64_t *index)
{
    uint64_t value = 0;
    if (group.len != 3 || *index > TILE_INDEX_MAX / 1000)
        return false;
    for (size_t i = 0; i < group.len; i++) {
        if (group.at[i] < '0' || group.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(group.at[i] - '0');
    }
    *index = *index * 1000 + value;
    return *index < TILE_INDEX_MAX;
}

static bool number_parse(struct slice text, uint64_t max, uint64_t *number)
{
    return slice_to_u64(text, number) && *number <= max;
}

bool tile_parse(struct slice path, struct tile *tile)
{
    struct slice rest, part;
    uint64_t number;
    if (!slice_starts_with(path, SLICE("tile/")) ||
        !slice_split(slice_from(path, 5), '/', &part, &rest))
        return false;
    if (slice_is(part, "entries"))
        tile->level = TILE_ENTRIES;
    else if (number_parse(part, TILE_LEVELS - 1, &number))
        tile->level = (int)number;
    else
        return false;

    tile->index = 0;
    while (rest.len > 0 && rest.at[0] == 'x') {
        if (!slice_split(slice_from(rest, 1), '/', &part, &rest) || !group_add(part, &tile->index))
            return false;
    }
    tile->width = TILE_WIDTH;
    if (slice_split(rest, '/', &part, &rest)) {
        if (!slice_ends_with(part, SLICE(".p")) || !number_parse(rest, TILE_WIDTH - 1, &number) ||
            number == 0)
            return false;
        tile->width = (unsigned)number;
        rest = slice_head(part, part.len - 2);
    }
    if (!group_add(rest, &tile->index))
        return false;

    /* Whatever was read laxly above (leading groups of zeros) does not survive this. */
    char again[96];
    tile_path(tile, again);
    return slice_is(path, again);
}

unsigned tile_partial_width(int level, uint64_t size)
{
    unsigned shift = level == TILE_ENTRIES ? 0 : 8 * (unsigned)level;
    return shift > 63 ? 0 : (unsigned)((size >> shift) % TILE_WIDTH);
}

bool bundle_next(struct slice *bundle, struct slice *entry)
{
    if (bundle->len < 2)
        return false;
    size_t len = (size_t)(unsigned char)bundle->at[0] << 8 | (unsigned char)bundle->at[1];
    if (bundle->len - 2 < len)
        return false;
    *entry = slice_head(slice_from(*bundle, 2), len);
    *bundle = slice_from(*bundle, 2 + len);
    return true;
}

bool bundle_is_whole(struct slice bundle, unsigned width)
{
    unsigned count = 0;
    struct slice entry;
    for (; bundle.len > 0; count++) {
        if (count == width || !bundle_next(&bundle, &entry))
            return false;
    }
    return count == width;
}

void bundle_add(struct strbuf *out, struct slice entry)
{
    assert(entry.len <= UINT16_MAX);
    strbuf_add_char(out, (char)(entry.len >> 8));
    strbuf_add_char(out, (char)(entry.len & 0xff));
    strbuf_add(out, entry);
}
