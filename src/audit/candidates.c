#include "audit/candidates.h"

#include <stdlib.h>

#include "audit/items.h"
#include "base/json.h"

/* ---- what an evaluation names ---- */

static int by_key(const void *a, const void *b)
{
    const struct classified *left = a, *right = b;
    return slice_compare(left->key, right->key);
}

bool classification_read(struct arena *arena, const struct value *evaluation,
                         struct classification *classification, struct error *err)
{
    const struct value *items = value_member(evaluation, "items");
    const struct value *others = value_member(evaluation, "others");
    size_t count = value_count(items);
    struct classified *named = arena_array(arena, count + 1, sizeof *named, err);
    *classification = (struct classification){ .named = named, .count = count };
    if (value_count(others) > 0) /* not null */
        classification->others = others;
    for (size_t i = 0; named && i < count; i++) {
        named[i].item = value_item(items, i);
        if (!json_canonical_copy(arena, value_member(named[i].item, "key"), &named[i].key, err))
            return false;
    }
    if (named)
        qsort(named, count, sizeof *named, by_key);
    return named != NULL;
}

struct classified *classification_find(const struct classification *classification,
                                       struct slice key)
{
    struct classified wanted = { .key = key };
    if (classification->count == 0)
        return NULL;
    return bsearch(&wanted, classification->named, classification->count, sizeof wanted, by_key);
}

/* ---- the candidates of several runs ---- */

/* One run's matrix, at one of its candidates. */
struct cursor {
    struct matrix_text matrix;
    struct slice key; /* at NULL: no more */
};

static bool advance(struct cursor *cursor, struct error *err)
{
    const struct value *results;
    return matrix_next_deviating(&cursor->matrix, &cursor->key, &results, err);
}

/* Every matrix is in the order of the keys: the smallest of their present keys is the next. */
static struct cursor *smallest(struct cursor *cursors, size_t count)
{
    struct cursor *least = NULL;
    for (size_t i = 0; i < count; i++)
        if (cursors[i].key.at && (!least || slice_compare(cursors[i].key, least->key) < 0))
            least = &cursors[i];
    return least;
}

/* All that stand at the same key as `least`, that one last: the key is its own. */
static bool advance_past(struct cursor *cursors, size_t count, struct cursor *least,
                         struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (&cursors[i] != least && cursors[i].key.at && slice_equal(cursors[i].key, least->key) &&
            !advance(&cursors[i], err))
            return false;
    return advance(least, err);
}

static bool take(struct arena *arena, struct slice key, struct classification *classification,
                 struct candidates_difference *difference, struct error *err)
{
    struct classified *named = classification_find(classification, key);
    difference->candidates++;
    if (named)
        named->is_candidate = true;
    else if (difference->unnamed++ == 0)
        return arena_copy(arena, key, &difference->first_unnamed, err);
    return true;
}

/* Of a key that is named more than once, one is marked. */
static void find_foreign(const struct classification *classification,
                         struct candidates_difference *difference)
{
    for (size_t i = 0; i < classification->count; i++)
        if (!classification->named[i].is_candidate && difference->foreign++ == 0)
            difference->first_foreign = classification->named[i].key;
}

bool candidates_compare(struct store *store, struct arena *arena, const struct slice *runs,
                        size_t runs_count, struct classification *classification,
                        struct candidates_difference *difference, struct error *err)
{
    struct cursor *cursors = arena_array(arena, runs_count + 1, sizeof *cursors, err), *least;
    size_t opened = 0;
    bool ok = cursors != NULL;
    *difference = (struct candidates_difference){ 0 };
    for (; ok && opened < runs_count; opened += ok)
        ok = matrix_open(store, arena, runs[opened], store_size(store), &cursors[opened].matrix,
                         err) &&
             advance(&cursors[opened], err);
    while (ok && (least = smallest(cursors, runs_count)))
        ok = take(arena, least->key, classification, difference, err) &&
             advance_past(cursors, runs_count, least, err);
    if (ok)
        find_foreign(classification, difference);
    for (size_t i = 0; cursors && i < runs_count; i++)
        matrix_close(&cursors[i].matrix);
    return ok;
}
