#include "audit/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ledger/entry.h"

enum { MATRIX_BYTES_MAX = 1 << 30 };

static bool add_key(struct candidates *candidates, struct arena *arena, const struct value *key,
                    struct error *err)
{
    if (candidates->count == candidates->capacity) {
        size_t capacity = candidates->capacity ? candidates->capacity * 2 : 64;
        struct slice *keys = arena_array(arena, capacity, sizeof *keys, err);
        if (!keys)
            return false;
        if (candidates->count)
            memcpy(keys, candidates->keys, candidates->count * sizeof *keys);
        candidates->keys = keys;
        candidates->capacity = capacity;
    }
    return json_canonical_copy(arena, key, &candidates->keys[candidates->count++], err);
}

/* The matrix, line by line; its first line is the header. */
static bool add_matrix(struct candidates *candidates, struct store *store, struct arena *arena,
                       const struct stored_entry *run, struct error *err)
{
    struct payload payload;
    struct slice text, line;
    uint8_t salt[32];
    bool ok = false;
    struct arena *scratch = arena_new(MATRIX_BYTES_MAX, err);
    struct arena *row = arena_new(64 << 20, err);
    const struct value *entry =
        scratch && row ? json_parse(scratch, run->bytes, "ledger entry", NULL, err) : NULL;
    if (!entry)
        goto done;
    if (!payload_ref(value_path(entry, "body.payload"), &payload.c, &payload.bytes) ||
        !payload_get(store, scratch, &payload.c, salt, &text, err))
        goto done;
    if (!slice_line(&text, &line)) {
        error_set(err, ERROR_CORRUPT, NULL, "the matrix of a run is empty");
        goto done;
    }
    while (slice_line(&text, &line)) {
        if (!slice_contains(line, SLICE("\"fails\"")) &&
            !slice_contains(line, SLICE("\"undecided\"")))
            continue;
        const struct value *item = json_parse(row, line, "matrix", NULL, err);
        const struct value *results = value_member(item, "results");
        bool holds = true;
        for (size_t i = 0; i < value_count(results); i++)
            holds = holds && slice_is(value_text(value_item(results, i)), "holds");
        if (!item || (!holds && !add_key(candidates, arena, value_member(item, "item"), err)))
            goto done;
        arena_reset(row);
    }
    ok = true;
done:
    arena_free(row);
    arena_free(scratch);
    return ok;
}

bool candidates_add_run(struct candidates *candidates, struct store *store, struct arena *arena,
                        const struct stored_entry *run, const struct value *object,
                        struct error *err)
{
    const struct value *listed = value_member(object, "deviating");
    int64_t count = 0;
    if (!value_to_i64(value_member(object, "deviations"), &count))
        return error_set(err, ERROR_CORRUPT, NULL, "a run's record cannot be read");
    if ((uint64_t)count != value_count(listed))
        return add_matrix(candidates, store, arena, run, err);
    for (size_t i = 0; i < value_count(listed); i++)
        if (!add_key(candidates, arena, value_member(value_item(listed, i), "key"), err))
            return false;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    return slice_compare(*left, *right);
}

static void sort_unique(struct candidates *keys)
{
    size_t kept = 0;
    if (keys->count == 0)
        return;
    qsort(keys->keys, keys->count, sizeof *keys->keys, compare_keys);
    for (size_t i = 0; i < keys->count; i++)
        if (i == 0 || !slice_equal(keys->keys[i], keys->keys[kept - 1]))
            keys->keys[kept++] = keys->keys[i];
    keys->count = kept;
}

bool candidates_compare(struct candidates *candidates, const struct value *items,
                        struct arena *arena, struct candidates_difference *difference,
                        struct error *err)
{
    struct candidates given = { 0 };
    size_t i = 0, j = 0;
    *difference = (struct candidates_difference){ 0 };
    for (size_t k = 0; k < value_count(items); k++)
        if (!add_key(&given, arena, value_member(value_item(items, k), "key"), err))
            return false;
    size_t written = given.count;
    sort_unique(&given);
    sort_unique(candidates);
    difference->foreign_count = written - given.count;
    while (i < candidates->count || j < given.count) {
        int order = i == candidates->count ? 1
                    : j == given.count     ? -1
                                           : slice_compare(candidates->keys[i], given.keys[j]);
        if (order < 0 && difference->missing_count++ == 0)
            difference->missing = candidates->keys[i];
        if (order > 0 && difference->foreign_count++ == 0)
            difference->foreign = given.keys[j];
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}
