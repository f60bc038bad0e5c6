/* attest due: what was and is due, and what performed it. */
#include <stdio.h>

#include "audit/due_records.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/verb.h"
#include "ledger/ledger.h"
#include "program/icalendar.h"
#include "program/occurrence_rows.h"
#include "program/resources.h"

enum { DAYS_AHEAD = 31, CALENDAR_BYTES_MAX = 256 << 20 };

static const struct column_spec columns[] = {
    { "day", "due" },
    { "subject", "subject" },
    { "state", "state" },
    { "late_hours", "late" },
    { "owner", "owner" },
    { "performed_at", "performed" },
    { "evidence", "evidence" },
    { "allowed_until", "in time until" },
    { NULL, NULL },
};

/* What is asked for: due days in [from, until), and how far a window may begin. */
struct asked {
    int64_t from_us, until_us;
    bool only_open; /* no --from: what is missed or not yet due */
    struct slice owner;
};

static bool day_option(struct session *session, const char *name, bool is_end, int64_t *instant_us)
{
    struct slice text = argument_slice(session->arguments, name);
    int32_t day;
    if (text.len == 0)
        return true;
    if (!date_parse(text, &day, &session->err)) {
        snprintf(session->err.where, sizeof session->err.where, "%s", name);
        return false;
    }
    *instant_us = zone_day_start(day + is_end, NULL);
    return true;
}

static bool asked_read(struct session *session, int64_t now_us, uint64_t size, struct asked *asked)
{
    *asked = (struct asked){ .from_us = INT64_MIN,
                             .until_us = zone_day_start(zone_day(now_us, NULL) + DAYS_AHEAD, NULL),
                             .owner = argument_slice(session->arguments, "--owner") };
    asked->only_open = !argument_is_given(session->arguments, "--from");
    if (!day_option(session, "--from", false, &asked->from_us) ||
        !day_option(session, "--until", true, &asked->until_us))
        return false;
    if (asked->owner.len == 0)
        return true;
    size_t slash;
    if (!slice_find(asked->owner, '/', &slash))
        asked->owner = slice_of(
            arena_printf(session->arena, &session->err, "person/%.*s", SLICE_ARG(asked->owner)));
    return asked->owner.at && session_has(session, "person", asked->owner, size);
}

/* Whether a duty is the owner's: his own, or of a role that he holds now. */
static bool is_owned(struct session *session, const struct duty *duty, struct slice owner,
                     uint64_t size, bool *is_his)
{
    struct resource_version role;
    *is_his = owner.len == 0 || slice_equal(duty->owner, owner);
    if (*is_his || !slice_starts_with(duty->owner, SLICE("role/")))
        return true;
    if (!resource_get(session->store, session->arena, duty->owner, size, &role, &session->err))
        return false;
    const struct value *document =
        role.is_removed
            ? NULL
            : resource_document(session->catalogue, session->arena, &role, &session->err);
    const struct value *holders = value_member(document, "holders");
    for (size_t i = 0; i < value_count(holders); i++)
        *is_his = *is_his || slice_equal(value_text(holders->items[i]), owner);
    return session->err.code == ERROR_NONE;
}

static bool pick(struct session *session, const struct asked *asked, uint64_t size,
                 struct duties *duties)
{
    struct selector *selector;
    size_t kept = 0;
    if (!session_selector(session, size, &selector))
        return false;
    for (size_t i = 0; i < duties->count; i++) {
        const struct duty *duty = &duties->items[i];
        bool is_his, takes;
        if (duty->due_us < asked->from_us || duty->due_us >= asked->until_us ||
            (asked->only_open && duty->is_done))
            continue;
        if (!is_owned(session, duty, asked->owner, size, &is_his) ||
            !selector_takes_name(selector, duty->subject, &takes, &session->err))
            return false;
        if (is_his && takes)
            duties->items[kept++] = *duty;
    }
    duties->count = kept;
    return true;
}

static bool put_time(struct session *session, struct value *object, const char *name, int64_t at_us)
{
    char text[28];
    time_format(at_us, text);
    return value_put_text(session->arena, object, name, slice_of(text), &session->err);
}

static bool put_late(struct session *session, struct value *object, const struct duty *duty)
{
    char text[40];
    duty_hours(duty_late_us(duty), text);
    return output_put_decimal(session, object, "late_hours", slice_of(text));
}

static bool put_duty(struct session *session, struct value *list, const struct duty *duty)
{
    struct arena *arena = session->arena;
    struct error *err = &session->err;
    char day[11];
    struct value *object = value_add_object(arena, list, err);
    date_format(duty->day, day);
    return object && value_put_text(arena, object, "subject", duty->subject, err) &&
           value_put_text(arena, object, "title", duty->title, err) &&
           value_put_text(arena, object, "owner", duty->owner, err) &&
           value_put_text(arena, object, "day", slice_of(day), err) &&
           put_time(session, object, "due_from", duty->from_us) &&
           put_time(session, object, "due_at", duty->due_us) &&
           put_time(session, object, "allowed_until", duty->allowed_us) &&
           value_put_text(arena, object, "state", slice_of(duty_state_name(duty->state)), err) &&
           (!duty->is_done ||
            (put_time(session, object, "performed_at", duty->done.when.at_us) &&
             value_put_text(arena, object, "performed_by", duty->done.by, err) &&
             value_put_text(arena, object, "evidence", duty->done.evidence, err) &&
             value_put_text(arena, object, "recorded_at", duty->done.recorded_at, err))) &&
           (duty->state != DUTY_LATE || put_late(session, object, duty));
}

static bool show_list(struct session *session, const struct duties *duties)
{
    struct value *whole = value_new(session->arena, VALUE_OBJECT, &session->err);
    struct value *list =
        whole ? value_put_array(session->arena, whole, "due", &session->err) : NULL;
    size_t counts[4] = { 0 };
    for (size_t i = 0; list && i < duties->count; i++) {
        counts[duties->items[i].state]++;
        if (!put_duty(session, list, &duties->items[i]))
            return false;
    }
    for (int i = 0; list && i < 4; i++)
        if (!value_put_i64(session->arena, whole, duty_state_name((enum duty_state)i),
                           (int64_t)counts[i], &session->err))
            return false;
    if (!list || !output_list(session, whole, list, columns))
        return false;
    session_tell(session, "%zu performed, %zu late, %zu missed, %zu not due yet", counts[0],
                 counts[1], counts[2], counts[3]);
    return true;
}

static bool show_calendar(struct session *session, const struct duties *duties, uint64_t size)
{
    struct strbuf out = strbuf_new(CALENDAR_BYTES_MAX);
    struct icalendar_options options = { .origin = ledger_origin(store_ledger(session->store)) };
    bool ok = false;
    if (session_stamp(session, size, &options.stamp_us)) {
        icalendar_write(duties, &options, &out);
        ok = strbuf_ok(&out, &session->err) && output_text(session, strbuf_slice(&out));
    }
    strbuf_free(&out);
    return ok;
}

static bool has_missed(const struct duties *duties)
{
    for (size_t i = 0; i < duties->count; i++)
        if (duties->items[i].state == DUTY_MISSED)
            return true;
    return false;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct duties duties;
    struct asked asked;
    struct duties_options options = { .now_us = clock_now_us() };
    (void)arguments;
    if (!session_store(session, STORE_READ) || !session_size(session, &options.size) ||
        !asked_read(session, options.now_us, options.size, &asked))
        return session_fail(session);
    options.until_us = asked.until_us;
    struct due_records records = { .store = session->store,
                                   .catalogue = session->catalogue,
                                   .arena = session->arena };
    if (!due_list(&records, &options, &duties, &session->err) ||
        !pick(session, &asked, options.size, &duties) ||
        !(session->format == FORMAT_ICS ? show_calendar(session, &duties, options.size)
                                        : show_list(session, &duties)))
        return session_fail(session);
    return has_missed(&duties) ? 1 : 0;
}

static const struct option options[] = {
    { "--until", "DATE", "due days up to this one; default: a month from now" },
    { "--from", "DATE", "from this day on, also what was performed" },
    { "--owner", "person/ID", "only what this person or role owns" },
    OPTIONS_SELECTION,
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest due",
    "attest due --from 2026-01-01 --until 2026-06-30 -o csv",
    "attest due --owner person/dana --until 2026-12-31 -o ics > due.ics",
    NULL,
};
const struct verb verb_due = {
    .name = "due",
    .usage = "[--until DATE] [--from DATE] [--owner person/ID] " USAGE_SELECTION " [-o ics]",
    .summary = "what is due, what was missed, what performed it",
    .details =
        "Controls are due by their frequency, due and paused; policies and the like on the day\n"
        "of their next review. Without --from only what is open is listed: missed, or not due\n"
        "yet. -o ics gives a calendar. Exit status 1 if something was missed.",
    .examples = examples,
    .options = options,
    .run = run,
    .takes_no_words = true,
    .forms = "ics",
};
