#include "audit/coverage_evidence.h"

#include "base/time.h"

/* NULL: nothing is missing, or no memory, which *err says. */
static const char *missing(struct arena *arena, const struct freshness *item, struct error *err)
{
    char since[28];
    switch (item->state) {
    case STALE:
        time_format(item->must_arrive_us, since);
        return arena_printf(arena, err, "%.*s is stale since %.10s", SLICE_ARG(item->source),
                            since);
    case NEVER:
        return arena_printf(arena, err, "%.*s has brought no record", SLICE_ARG(item->source));
    case NO_SOURCE:
        return arena_printf(arena, err, "no source of %.*s", SLICE_ARG(item->type));
    case FRESH:
    case NOT_EXPECTED:
        break;
    }
    return NULL;
}

/* What is known of the records that one test reads. */
struct reads {
    size_t count;
    bool is_stale, is_missing;
    struct slice last; /* ledger time of the last arrival */
    const char *gap;   /* in words, "" if nothing is missing */
};

/* A type counts as there as soon as one of its sources has brought something. */
static bool type_look(struct arena *arena, const struct freshness_list *fresh, struct slice control,
                      struct slice type, struct reads *reads, struct error *err)
{
    bool has_arrived = false;
    for (size_t i = 0; i < fresh->count; i++) {
        const struct freshness *item = &fresh->items[i];
        if (!slice_equal(item->control, control) || !slice_equal(item->type, type))
            continue;
        has_arrived = has_arrived || item->arrived_at.len > 0;
        reads->is_stale = reads->is_stale || item->state == STALE;
        if (slice_compare(item->arrived_at, reads->last) > 0) /* one length, so in order of time */
            reads->last = item->arrived_at;
        const char *gap = missing(arena, item, err);
        if (gap)
            reads->gap = reads->gap[0] ? arena_printf(arena, err, "%s; %s", reads->gap, gap) : gap;
        if (!reads->gap || err->code != ERROR_NONE)
            return false;
    }
    reads->is_missing = reads->is_missing || !has_arrived;
    return true;
}

static bool row_put(struct arena *arena, struct value *row, const struct freshness_list *fresh,
                    struct error *err)
{
    struct slice test = value_text_of(row, "test"), control = value_text_of(row, "control");
    struct reads reads = { .gap = "" };
    if (test.len == 0)
        return value_put_text(arena, row, "evidence", test, err) &&
               value_put_text(arena, row, "state",
                              control.len ? SLICE("no-test") : SLICE("no-control"), err);
    for (size_t i = 0; i < fresh->reads_count; i++) {
        const struct test_reads *read = &fresh->reads[i];
        if (!slice_equal(read->test, test))
            continue;
        reads.count++;
        if (!read->is_derived && !type_look(arena, fresh, control, read->type, &reads, err))
            return false;
    }
    if (reads.count == 0) /* attest fresh says why */
        reads.gap = "what the test reads is not known";
    struct slice state = reads.count == 0 || reads.is_missing ? SLICE("no-evidence")
                         : reads.is_stale                     ? SLICE("stale")
                         : reads.last.len == 0                ? SLICE("ledger")
                                                              : SLICE("evidence");
    return value_put_text(arena, row, "evidence", reads.last, err) &&
           value_put_text(arena, row, "state", state, err) &&
           value_put_text(arena, row, "gap", slice_of(reads.gap), err);
}

static bool gaps_add(struct arena *arena, const struct freshness_list *fresh, struct slice control,
                     struct value *gaps, struct error *err)
{
    for (size_t i = 0; i < fresh->count; i++) {
        if (!slice_equal(fresh->items[i].control, control))
            continue;
        const char *gap = missing(arena, &fresh->items[i], err);
        const char *text =
            gap ? arena_printf(arena, err, "%.*s: %s", SLICE_ARG(control), gap) : NULL;
        if (err->code != ERROR_NONE ||
            (text && !value_add(arena, gaps, value_new_text(arena, slice_of(text), err), err)))
            return false;
    }
    return true;
}

/* The arrays and objects of a tree of our own may be added to. */
static struct value *member(struct value *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++)
        if (slice_is(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

bool coverage_evidence(struct arena *arena, struct value *whole, const struct freshness_list *fresh,
                       struct error *err)
{
    struct value *criteria = member(whole, "criteria"), *rows = member(whole, "rows");
    int64_t count = 0;
    for (size_t i = 0; i < value_count(rows); i++)
        if (!row_put(arena, rows->items[i], fresh, err))
            return false;
    for (size_t i = 0; i < value_count(criteria); i++) {
        const struct value *controls = value_member(criteria->items[i], "controls");
        struct value *gaps = member(criteria->items[i], "gaps");
        for (size_t j = 0; gaps && j < value_count(controls); j++)
            if (!gaps_add(arena, fresh, value_text(controls->items[j]), gaps, err))
                return false;
        count += value_count(gaps) > 0;
    }
    return value_put_i64(arena, whole, "gaps", count, err);
}
