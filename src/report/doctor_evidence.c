/* Sources and what they brought, records that contradict each other, and what is due. */
#include <string.h>

#include "audit/due_records.h"
#include "audit/tables.h"
#include "report/doctor_private.h"

/* ---- sources ---- */

static struct doctor_note *told(struct doctor_notes *notes, struct slice subject)
{
    for (size_t i = 0; i < notes->count; i++)
        if (slice_equal(notes->items[i].subject, subject))
            return &notes->items[i];
    return NULL;
}

/* A source is told once, with the number of controls whose tests read it. */
static bool freshness_look(struct doctor *doctor, const struct freshness *fresh)
{
    struct arena *arena = doctor->arena;
    char day[28];
    enum doctor_rule rule = fresh->state == NO_SOURCE ? TODO_TYPE_UNFED
                            : fresh->state == NEVER   ? TODO_SOURCE_SILENT
                                                      : TODO_SOURCE_STALE;
    struct doctor_note note = { .subject = fresh->state == NO_SOURCE ? fresh->type : fresh->source,
                                .weight = 1 };
    struct doctor_note *before = told(&doctor->notes[rule], note.subject);
    if (before)
        return before->weight++, true;
    time_format(fresh->must_arrive_us, day);
    note.todo = fresh->state == NO_SOURCE
                    ? arena_printf(arena, doctor->err,
                                   "a Source with population: %.*s (attest explain Source)",
                                   SLICE_ARG(fresh->type))
                    : arena_printf(arena, doctor->err, "attest import %.*s FILE --covers FROM..TO",
                                   SLICE_ARG(fresh->source));
    if (fresh->state == STALE)
        note.detail = arena_printf(arena, doctor->err, "expected by %.10s", day);
    return doctor_note(doctor, rule, &note);
}

/* ---- records ---- */

/* Rows are compared with all others of their type: of very many only by who asks for it. */
enum { ROWS_MAX = 2000000 };

static bool conflicts_look(struct doctor *doctor, struct tables *tables, struct engine *engine)
{
    if (!tables_find_segments(tables, doctor->store, doctor->arena, doctor->err))
        return false;
    for (size_t i = 0; i < tables->count; i++) {
        struct table *table = &tables->items[i];
        uint64_t rows = 0;
        for (size_t j = 0; j < table->segments.count; j++)
            rows += table->segments.items[j].rows;
        table->is_used = rows > 0 && rows <= ROWS_MAX;
    }
    if (!tables_open(tables, doctor->store, doctor->arena, engine, doctor->err))
        return false;
    for (size_t i = 0; i < tables->count; i++) {
        struct error fault = { 0 };
        struct slice type = tables->items[i].type.id;
        if (!tables->items[i].is_used || tables_conflicts(&tables->items[i], engine, NULL, &fault))
            continue;
        if (fault.code != ERROR_INVALID)
            return (*doctor->err = fault, false);
        const struct doctor_note note = {
            .subject = type,
            .todo =
                arena_printf(doctor->arena, doctor->err,
                             "attest population %.*s --repeats, then withdraw a file or write a "
                             "Resolution",
                             SLICE_ARG(type))
        };
        if (!doctor_note(doctor, TODO_RECORDS_CONFLICT, &note))
            return false;
    }
    return true;
}

static bool records_look(struct doctor *doctor)
{
    struct tables tables;
    const struct engine_options options = { .threads = 1 };
    struct engine *engine = engine_open(&options, doctor->err);
    bool ok = engine && tables_read(doctor->store, doctor->catalogue, doctor->arena,
                                    doctor->options->size, 0, &tables, doctor->err);
    for (size_t i = 0; ok && i < tables.count; i++)
        tables.items[i].is_used = tables.items[i].type.derived.len == 0;
    ok = ok && conflicts_look(doctor, &tables, engine);
    engine_close(engine);
    return ok;
}

/* ---- what is due ---- */

enum { DAYS_AHEAD = 14 };

static bool duty_look(struct doctor *doctor, const struct duty *duty, enum doctor_rule rule)
{
    struct arena *arena = doctor->arena;
    bool is_control = slice_starts_with(duty->subject, SLICE("control/"));
    char day[11];
    struct doctor_note note = { .subject = duty->subject, .weight = 1, .is_edit = !is_control };
    struct doctor_note *before = told(&doctor->notes[rule], note.subject);
    date_format(duty->day, day);
    if (before)
        note = *before;
    /* The last that was missed, but the first that comes. */
    if (before && rule == TODO_DUTY_COMING)
        return true;
    note.weight += before != NULL;
    note.detail =
        note.weight == 1
            ? arena_printf(arena, doctor->err, "due on %s", day)
            : arena_printf(arena, doctor->err, "%zu times, the last due on %s", note.weight, day);
    note.todo = is_control ? arena_printf(arena, doctor->err,
                                          "attest perform %.*s --what TEXT --due %s --file FILE",
                                          SLICE_ARG(duty->subject), day)
                           : "review it, set the days anew, and apply";
    if (!note.detail || !note.todo)
        return false;
    if (before)
        return (*before = note, true);
    return doctor_note(doctor, rule, &note);
}

static bool duties_look(struct doctor *doctor)
{
    int64_t now_us = doctor->options->now_us;
    struct duties duties;
    struct due_records records = { .store = doctor->store,
                                   .catalogue = doctor->catalogue,
                                   .arena = doctor->arena };
    const struct duties_options options = { .size = doctor->options->size,
                                            .now_us = now_us,
                                            .until_us = zone_day_start(
                                                zone_day(now_us, NULL) + DAYS_AHEAD + 1, NULL) };
    if (!due_list(&records, &options, &duties, doctor->err))
        return false;
    for (size_t i = 0; i < duties.count; i++) {
        const struct duty *duty = &duties.items[i];
        bool is_missed = duty->state == DUTY_MISSED;
        bool is_coming = duty->state == DUTY_NOT_DUE && duty->due_us < options.until_us;
        if ((is_missed || is_coming) &&
            !duty_look(doctor, duty, is_missed ? TODO_DUTY_MISSED : TODO_DUTY_COMING))
            return false;
    }
    return true;
}

bool doctor_evidence(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->fresh.count; i++) {
        const struct freshness *fresh = &doctor->fresh.items[i];
        if (fresh->state != FRESH && fresh->state != NOT_EXPECTED && !freshness_look(doctor, fresh))
            return false;
    }
    return records_look(doctor) && duties_look(doctor);
}
