/* attest fresh: whether the evidence of every control is there, and since when it is stale. */
#include "audit/freshness.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/verb.h"

static const struct column_spec columns[] = {
    { "control", "control" },
    { "population", "records" },
    { "source", "source" },
    { "state", "state" },
    { "arrived_at", "arrived" },
    { "covered_to", "covered to" },
    { "must_arrive_by", "must arrive by" },
    { NULL, NULL },
};

static bool put_time(struct session *session, struct value *object, const char *name, int64_t at_us)
{
    char text[28];
    time_format(at_us, text);
    return value_put_text(session->arena, object, name, slice_of(text), &session->err);
}

static bool put_fresh(struct session *session, struct value *list, const struct freshness *fresh)
{
    struct arena *arena = session->arena;
    struct error *err = &session->err;
    struct value *object = value_add_object(arena, list, err);
    return object && value_put_text(arena, object, "control", fresh->control, err) &&
           value_put_text(arena, object, "population", fresh->type, err) &&
           value_put_text(arena, object, "source", fresh->source, err) &&
           value_put_text(arena, object, "state", slice_of(freshness_state_name(fresh->state)),
                          err) &&
           value_put_text(arena, object, "arrived_at", fresh->arrived_at, err) &&
           (fresh->arrived_at.len == 0 ||
            put_time(session, object, "covered_to", fresh->covered_us)) &&
           (!fresh->is_expected ||
            (value_put_text(arena, object, "every", slice_of(fresh->every), err) &&
             put_time(session, object, "must_arrive_by", fresh->must_arrive_us)));
}

/* Leaves what belongs to the controls that are asked for. */
static bool pick(struct session *session, uint64_t size, struct freshness_list *list)
{
    struct selector *selector;
    size_t kept = 0;
    if (!session_selector(session, size, &selector))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        bool takes;
        if (!selector_takes_name(selector, list->items[i].control, &takes, &session->err))
            return false;
        if (takes)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
    return true;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct freshness_list list;
    size_t counts[NOT_EXPECTED + 1] = { 0 };
    uint64_t size;
    bool only_gaps = argument_is_given(arguments, "--gaps");
    if (!session_store(session, STORE_READ) || !session_size(session, &size) ||
        !freshness_read(session->store, session->catalogue, session->arena, size, clock_now_us(),
                        &list, &session->findings, &session->err) ||
        !pick(session, size, &list))
        return session_fail(session);
    session_findings(session); /* warnings */
    struct value *rows = value_new(session->arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; rows && i < list.count; i++) {
        bool is_gap = list.items[i].state != FRESH && list.items[i].state != NOT_EXPECTED;
        counts[list.items[i].state]++;
        if ((is_gap || !only_gaps) && !put_fresh(session, rows, &list.items[i]))
            return session_fail(session);
    }
    if (!rows || !output_list(session, rows, rows, columns))
        return session_fail(session);
    session_tell(
        session, "%zu fresh, %zu stale, %zu never arrived, %zu without source, %zu not expected",
        counts[FRESH], counts[STALE], counts[NEVER], counts[NO_SOURCE], counts[NOT_EXPECTED]);
    return counts[STALE] + counts[NEVER] + counts[NO_SOURCE] > 0 ? 1 : 0;
}

static const struct option options[] = {
    { "--gaps", NULL, "only what is stale, never arrived or has no source" },
    OPTIONS_SELECTION,
    { NULL, NULL, NULL },
};
static const char *const examples[] = { "attest fresh", "attest fresh --gaps -o csv", NULL };
const struct verb verb_fresh = {
    .name = "fresh",
    .usage = "[--gaps] " USAGE_SELECTION " [--as-of WHEN]",
    .summary = "when each control's evidence last arrived, when it must, what is stale",
    .details =
        "A Source says when its records must arrive: expect: {every: daily, allowed: 24 hours}.\n"
        "Otherwise it follows from the frequency of the control: the records of one period must\n"
        "be there before the next is over. Exit status 1 if something is missing.",
    .examples = examples,
    .options = options,
    .run = run,
    .takes_no_words = true,
};
