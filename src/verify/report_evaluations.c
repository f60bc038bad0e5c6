/* What the evaluations under a report made of each item, found by the item's key. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "verify/report_check.h"

/* ---- found by key ---- */

static int by_key(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;
    return slice_compare(x->key, y->key);
}

struct judged *judged_find(const struct evaluation *evaluation, struct slice key)
{
    struct judged wanted = { .key = key };
    struct judged *found = NULL;
    if (evaluation->count > 0)
        found = bsearch(&wanted, evaluation->judged, evaluation->count, sizeof wanted, by_key);
    return found ? found : evaluation->others;
}

struct evaluated *evaluated_find(struct report_check *report, uint64_t run)
{
    for (size_t i = 0; i < report->evaluated_count; i++) {
        if (report->evaluated[i].run == run)
            return &report->evaluated[i];
    }
    return NULL;
}

/* ---- reading ---- */

static struct judged judged_of(const struct value *item)
{
    return (struct judged){ .class = value_text_of(item, "class"),
                            .kind = value_text_of(item, "kind"),
                            .reason = value_text_of(item, "reason") };
}

static bool others_read(struct report_check *report, const struct value *document,
                        struct evaluation *evaluation)
{
    const struct value *others = value_member(document, "others");
    if (value_count(others) == 0)
        return true;
    evaluation->others = arena_alloc(report->arena, sizeof *evaluation->others, report->v->err);
    if (!evaluation->others)
        return false;
    *evaluation->others = judged_of(others);
    return entry_integer(value_member(others, "count"), &evaluation->others_count) ||
           exception_differs(report, "evaluation #%llu classifies all others and not how many",
                             (unsigned long long)evaluation->n);
}

static bool judged_read(struct report_check *report, const struct value *document,
                        struct evaluation *evaluation)
{
    const struct value *items = value_member(document, "items");
    size_t count = value_count(items);
    evaluation->judged =
        arena_array(report->arena, count + 1, sizeof *evaluation->judged, report->v->err);
    if (!evaluation->judged)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = value_item(items, i), *key = value_member(item, "key");
        struct judged *judged = &evaluation->judged[evaluation->count];
        *judged = judged_of(item);
        if (!key)
            continue; /* classifies nothing: what it should have is then missing */
        if (!json_canonical_copy(report->arena, key, &judged->key, report->v->err))
            return false;
        evaluation->count++;
    }
    qsort(evaluation->judged, evaluation->count, sizeof *evaluation->judged, by_key);
    for (size_t i = 1; i < evaluation->count; i++) {
        if (slice_equal(evaluation->judged[i - 1].key, evaluation->judged[i].key) &&
            !exception_differs(report, "evaluation #%llu classifies item %.*s twice",
                               (unsigned long long)evaluation->n,
                               SLICE_ARG(evaluation->judged[i].key)))
            return false;
    }
    return true;
}

static struct evaluated *evaluated_add(struct report_check *report, uint64_t run)
{
    struct evaluated *found = evaluated_find(report, run);
    if (found)
        return found;
    if (!arena_room(report->arena, &report->evaluated, report->evaluated_count,
                    &report->evaluated_capacity, sizeof *report->evaluated, report->v->err))
        return NULL;
    found = &report->evaluated[report->evaluated_count++];
    *found = (struct evaluated){ .run = run };
    return found;
}

static bool run_take(struct report_check *report, struct evaluation *evaluation,
                     const struct digest *leaf)
{
    struct links input;
    uint64_t n;
    if (!contents_find_leaf(report->v->contents, leaf, &n))
        return true;
    if (!verify_links(report->v, report->step, n, &input))
        return false;
    if (input.entry.kind != ENTRY_RUN)
        return true;
    struct evaluated *evaluated = evaluated_add(report, n);
    struct evaluation **by =
        evaluated ? arena_array(report->arena, evaluated->by_count + 1, sizeof *by, report->v->err)
                  : NULL;
    if (!by)
        return false;
    by[0] = evaluation;
    if (evaluated->by_count > 0)
        memcpy(by + 1, evaluated->by, evaluated->by_count * sizeof *by);
    evaluated->leaf = *leaf;
    evaluated->by = by;
    evaluated->by_count++;
    evaluation->runs_count++;
    return true;
}

static bool evaluation_take(struct report_check *report, const struct links *links)
{
    const struct value *document;
    struct evaluation *made = arena_alloc(report->arena, sizeof *made, report->v->err);
    if (!made || !verify_json(report->v, report->arena, value_member(links->entry.body, "payload"),
                              &document))
        return false;
    made->n = links->entry.n;
    made->is_held = document != NULL;
    made->next = report->evaluations;
    report->evaluations = made;
    report->exceptions.unread_evaluations += !made->is_held;
    if (!judged_read(report, document, made) || !others_read(report, document, made))
        return false;
    for (size_t i = 0; i < links->count; i++) {
        if (!run_take(report, made, &links->inputs[i]))
            return false;
    }
    return true;
}

bool report_evaluations(struct report_check *report)
{
    struct verifier *v = report->v;
    for (uint64_t n = 0; n < report->n; n++) {
        struct links links;
        if (!contents_rests_on(report->contents, n))
            continue;
        arena_reset(report->step);
        if (!verify_links(v, report->step, n, &links) ||
            (links.entry.kind == ENTRY_EVALUATION && !evaluation_take(report, &links)))
            return false;
    }
    return true;
}

/* ---- after all runs ---- */

/* Of several runs an item may deviate in more than one, and is counted in each: then the number is
 * a bound. */
static bool others_compare(struct report_check *report, const struct evaluation *e)
{
    if (e->runs_read != e->runs_count || e->others_count == e->others_seen ||
        (e->runs_count > 1 && e->others_count < e->others_seen))
        return true;
    return exception_differs(report,
                             "evaluation #%llu classifies %llu items together, but its runs have "
                             "%llu that it does not name",
                             (unsigned long long)e->n, (unsigned long long)e->others_count,
                             (unsigned long long)e->others_seen);
}

bool report_evaluations_end(struct report_check *report)
{
    for (const struct evaluation *e = report->evaluations; e; e = e->next) {
        if (e->others && !others_compare(report, e))
            return false;
        for (size_t i = 0; i < e->count && e->runs_read == e->runs_count; i++) {
            if (!e->judged[i].has_deviated &&
                !exception_differs(report,
                                   "evaluation #%llu classifies item %.*s, which deviates in none "
                                   "of its runs",
                                   (unsigned long long)e->n, SLICE_ARG(e->judged[i].key)))
                return false;
        }
    }
    return true;
}
