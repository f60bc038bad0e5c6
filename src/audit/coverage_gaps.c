#include "audit/coverage_gaps.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static int compare_periods(const void *a, const void *b)
{
    const struct period *left = a, *right = b;
    return (left->start_us > right->start_us) - (left->start_us < right->start_us);
}

static bool declared(struct arena *arena, const struct segment_list *segments,
                     struct period **periods, size_t *count, struct error *err)
{
    *periods = arena_array(arena, segments->count ? segments->count : 1, sizeof **periods, err);
    *count = 0;
    for (size_t i = 0; *periods && i < segments->count; i++)
        if (segments->items[i].has_covers)
            (*periods)[(*count)++] = segments->items[i].covers;
    if (*periods)
        qsort(*periods, *count, sizeof **periods, compare_periods);
    return *periods != NULL;
}

/* An acceptance that holds the whole gap. */
static bool accept(struct store *store, struct arena *arena, struct slice type,
                   const struct zone *zone, struct slice engagement, uint64_t size,
                   struct coverage_gaps *gaps, struct error *err)
{
    struct resource_list list;
    if (!resource_list(store, arena, SLICE("GapAcceptance"), size, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        struct period span;
        const struct value *document =
            json_parse(arena, list.items[i].document, list.items[i].name.at, NULL, err);
        if (!document)
            return false;
        struct slice of = value_text_of(document, "engagement");
        if (!slice_equal(value_text_of(document, "population"), type) ||
            (of.len > 0 && !slice_equal(of, engagement)))
            continue;
        const char *text =
            arena_printf(arena, err, "%.*s..%.*s", SLICE_ARG(value_text_of(document, "from")),
                         SLICE_ARG(value_text_of(document, "to")));
        if (!text || !period_parse(slice_of(text), zone, &span, err))
            return false;
        for (size_t j = 0; j < gaps->count; j++) {
            struct gap *gap = &gaps->items[j];
            if (span.start_us <= gap->span.start_us && gap->span.end_us <= span.end_us)
                gap->accepted = value_text_of(document, "reason");
        }
    }
    return true;
}

bool coverage_gaps_find(struct store *store, struct arena *arena, struct slice type,
                        const struct segment_list *segments, const struct period *period,
                        const struct zone *zone, struct slice engagement, uint64_t size,
                        struct coverage_gaps *gaps, struct error *err)
{
    struct period *periods;
    size_t count;
    int64_t covered = period->start_us; /* up to here */
    *gaps = (struct coverage_gaps){ 0 };
    if (!declared(arena, segments, &periods, &count, err))
        return false;
    gaps->is_declared = count > 0;
    if (count == 0)
        return true;
    gaps->items = arena_array(arena, count + 1, sizeof *gaps->items, err);
    if (!gaps->items)
        return false;
    for (size_t i = 0; i < count && covered < period->end_us; i++) {
        int64_t start = periods[i].start_us < period->end_us ? periods[i].start_us : period->end_us;
        if (start > covered)
            gaps->items[gaps->count++].span = (struct period){ covered, start };
        if (periods[i].end_us > covered)
            covered = periods[i].end_us;
    }
    if (covered < period->end_us)
        gaps->items[gaps->count++].span = (struct period){ covered, period->end_us };
    return accept(store, arena, type, zone, engagement, size, gaps, err);
}
