/* The items of a run that did not hold, as its evaluation classifies them. They are read from the
 * matrix as a stream: the counts are of all of them, the lists hold the first. */
#include "audit/candidates.h"
#include "audit/items.h"
#include "base/json.h"
#include "report/compose_private.h"
#include "verify/verify.h"

/* Items with their place in a list: those that the evaluation names come first, for their author
 * had something to say of each; then the others. Both by key. */
struct ranked {
    struct value *named[REPORT_ITEMS_LISTED_MAX], *others[REPORT_ITEMS_LISTED_MAX];
    size_t named_count, others_count;
    int64_t count; /* of all */
};

struct reading {
    struct composer *c;
    const struct compose_run *run;
    struct classification classification;
    struct matrix_text matrix;
    struct ranked exceptions, reclassified;
};

static struct value *ranked_add(struct reading *reading, struct ranked *ranked, bool is_named)
{
    struct composer *c = reading->c;
    size_t *count = is_named ? &ranked->named_count : &ranked->others_count;
    ranked->count++;
    if (*count == REPORT_ITEMS_LISTED_MAX)
        return NULL;
    struct value *item = value_new(c->arena, VALUE_OBJECT, c->err);
    c->failed = c->failed || !item;
    (is_named ? ranked->named : ranked->others)[(*count)++] = item;
    return item;
}

static void put_failing(const struct reading *reading, struct value *item,
                        const struct value *results)
{
    const struct value *attributes = value_member(reading->run->test, "attributes");
    struct value *list = compose_array(reading->c, item, "attributes");
    for (size_t i = 0; i < value_count(results); i++)
        if (!slice_is(value_text(value_item(results, i)), "holds"))
            compose_add(reading->c, list, value_text_of(value_item(attributes, i), "id"));
}

/* The record of a run keeps the first of its deviating items with what was told of them, in the
 * order of the matrix. Behind those nothing is told. */
static const struct value *told_of(struct reading *reading, struct slice key, size_t index)
{
    struct composer *c = reading->c;
    struct slice told;
    const struct value *one = value_item(value_member(reading->run->record, "deviating"), index);
    if (!one || c->failed)
        return NULL;
    if (!json_canonical_copy(reading->matrix.row, value_member(one, "key"), &told, c->err))
        c->failed = true;
    else if (!slice_equal(told, key))
        c->failed = !error_set(c->err, ERROR_CORRUPT, NULL,
                               "the record of a run lists other items than its matrix");
    return c->failed ? NULL : one;
}

static void take(struct reading *reading, struct slice key, const struct value *results,
                 size_t index, struct run_items *items)
{
    struct composer *c = reading->c;
    const struct classified *named = classification_find(&reading->classification, key);
    const struct value *judged = named ? named->item : reading->classification.others;
    struct slice class = value_text_of(judged, "class"), kept;
    bool is_exception = !judged || slice_is(class, "deviation");
    struct ranked *ranked = is_exception ? &reading->exceptions : &reading->reclassified;
    items->voids += slice_is(class, "void");
    items->others += judged && !named;
    struct value *item = ranked_add(reading, ranked, named != NULL);
    if (!item || c->failed)
        return;
    if (!arena_copy(c->arena, key, &kept, c->err)) {
        c->failed = true;
        return;
    }
    compose_put(c, item, "key", json_parse(c->arena, kept, "key", NULL, c->err));
    put_failing(reading, item, results);
    if (is_exception)
        compose_copy(c, item, "why", told_of(reading, key, index), "why");
    compose_copy(c, item, "class", judged, is_exception ? "kind" : "class");
    compose_copy(c, item, "reason", judged, "reason");
}

/* The first of them as a list; *more are not in it. */
static struct value *list_of(struct composer *c, const struct ranked *ranked, int64_t *more)
{
    struct value *list = value_new(c->arena, VALUE_ARRAY, c->err);
    size_t most = REPORT_ITEMS_LISTED_MAX - ranked->named_count;
    size_t others = ranked->others_count < most ? ranked->others_count : most;
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < ranked->named_count; i++)
        ok = value_add(c->arena, list, ranked->named[i], c->err);
    for (size_t i = 0; ok && i < others; i++)
        ok = value_add(c->arena, list, ranked->others[i], c->err);
    *more = ranked->count - (int64_t)value_count(list);
    c->failed = c->failed || !ok;
    return list;
}

void compose_items(struct composer *c, const struct compose_run *run, struct run_items *items)
{
    struct reading *reading = arena_alloc(c->arena, sizeof *reading, c->err);
    const struct value *results;
    struct slice key;
    *items = (struct run_items){ 0 };
    if (!reading || c->failed) {
        c->failed = true;
        return;
    }
    *reading = (struct reading){ .c = c, .run = run };
    if (!classification_read(c->arena, run->evaluation, &reading->classification, c->err) ||
        !matrix_open(c->store, c->arena, run->hex, c->size, &reading->matrix, c->err)) {
        c->failed = true;
        return;
    }
    for (size_t index = 0; !c->failed; index++) {
        if (!matrix_next_deviating(&reading->matrix, &key, &results, c->err))
            c->failed = true;
        if (c->failed || !key.at)
            break;
        take(reading, key, results, index, items);
    }
    matrix_close(&reading->matrix);
    items->deviations = run->evaluation ? reading->exceptions.count : 0;
    items->not_deviations = reading->reclassified.count - items->voids;
    items->exceptions = list_of(c, &reading->exceptions, &items->exceptions_more);
    items->reclassified = list_of(c, &reading->reclassified, &items->reclassified_more);
}
