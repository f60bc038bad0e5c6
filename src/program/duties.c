#include "program/duties.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "program/documents.h"
#include "program/duties_private.h"

const char *duty_state_name(enum duty_state state)
{
    static const char *const names[] = { "performed", "late", "missed", "not-due" };
    return names[state];
}

int64_t duty_late_us(const struct duty *duty)
{
    return duty->state == DUTY_LATE ? duty->done.when.at_us - duty->allowed_us : 0;
}

bool duty_add(struct reading *reading, const struct duty *duty)
{
    struct duties *duties = reading->duties;
    if (!arena_room(reading->arena, &duties->items, duties->count, &duties->capacity,
                    sizeof *duties->items, reading->err))
        return false;
    duties->items[duties->count] = *duty;
    struct duty *added = &duties->items[duties->count++];
    if (added->is_done)
        added->state = added->done.when.at_us > added->allowed_us ? DUTY_LATE : DUTY_PERFORMED;
    else
        added->state = reading->options->now_us > added->allowed_us ? DUTY_MISSED : DUTY_NOT_DUE;
    return true;
}

const char *duty_evidence(struct reading *reading, const struct resource_version *version)
{
    return arena_printf(reading->arena, reading->err, "%.*s v%llu", SLICE_ARG(version->name),
                        (unsigned long long)version->version);
}

const struct value *duty_tree(struct reading *reading, const struct resource_version *version)
{
    return json_parse(reading->arena, version->document, version->name.at, &json_limits_default,
                      reading->err);
}

int64_t duty_written_us(const struct resource_version *version)
{
    int64_t at_us = 0;
    return time_parse_canonical(version->at, &at_us) ? at_us : 0;
}

/* ---- what a Control says ---- */

static bool zone_of(struct reading *reading, struct slice name, const struct zone **zone)
{
    *zone = NULL;
    if (name.len == 0 || slice_is(name, "UTC"))
        return true;
    for (size_t i = 0; i < reading->zones_count; i++)
        if (slice_is(name, zone_name(reading->zones[i])))
            return (*zone = reading->zones[i], true);
    if (reading->zones_count == ZONES_MAX)
        return error_set(reading->err, ERROR_INVALID, NULL, "more than %d time zones", ZONES_MAX);
    *zone = reading->zones[reading->zones_count] = zone_new(name, reading->err);
    reading->zones_count += *zone != NULL;
    return *zone != NULL;
}

/* The rule but for its zone; has_rule is false for what has no due days: by event, or automated
 * without a `due` of its own. */
static bool rule_read(const struct value *control, struct calendar_rule *rule, bool *has_rule,
                      const char **field, struct error *err)
{
    const struct value *due = value_member(control, "due");
    struct slice every = value_text_of(due, "every");
    struct slice anchor = value_text_of(due, "anchor"), allowed = value_text_of(due, "allowed");
    *rule = (struct calendar_rule){ .step = calendar_step_find(
                                        every.len ? every : value_text_of(control, "frequency")) };
    /* What machines do all the time is seen in its records; nobody writes each day down. */
    if (!due && slice_is(value_text_of(control, "mode"), "automated"))
        rule->step = NULL;
    *has_rule = rule->step != NULL;
    *field = "due.every";
    if (!rule->step && due) {
        error_set(err, ERROR_INVALID, NULL, "a control that is carried out %.*s has no due days",
                  SLICE_ARG(value_text_of(control, "frequency")));
        return error_hint(err, "leave out due, or say due: {every: monthly}");
    }
    if (!rule->step)
        return true;
    rule->anchor = rule->step->anchor;
    *field = "due.anchor";
    if (anchor.len && !date_parse(anchor, &rule->anchor, err))
        return false;
    *field = "due.allowed";
    return allowed.len == 0 || calendar_allowed_parse(allowed, &rule->allowed, err);
}

static bool pause_read(const struct value *pause, struct calendar_pause *out, struct error *err)
{
    if (!date_parse(value_text_of(pause, "from"), &out->from, err) ||
        !date_parse(value_text_of(pause, "to"), &out->to, err))
        return false;
    return out->from <= out->to || error_set(err, ERROR_INVALID, NULL, "ends before it begins");
}

bool duty_rule_check(const struct value *control, const char **field, struct error *err)
{
    struct calendar_rule rule;
    bool has_rule;
    const struct value *paused = value_member(control, "paused");
    if (!rule_read(control, &rule, &has_rule, field, err))
        return false;
    *field = "paused";
    for (size_t i = 0; i < value_count(paused); i++) {
        const struct value *at = paused->items[i];
        struct calendar_pause pause;
        if (value_text_of(at, "from").len == 0 || value_text_of(at, "to").len == 0)
            continue; /* told by the schema */
        if (!pause_read(at, &pause, err))
            return false;
    }
    return true;
}

/* When a version rules: by its effective times, whose days are those of the rule's zone, else from
 * when it was written. */
static void times_read(const struct resource_version *version, const struct value *tree,
                       const struct zone *zone, int64_t *from_us, int64_t *to_us)
{
    struct slice from = value_text_of(tree, "effective_from");
    struct slice to = value_text_of(tree, "effective_to");
    *from_us = duty_written_us(version);
    *to_us = INT64_MAX;
    if (version->is_removed)
        *to_us = *from_us;
    /* Both were checked when they were written; what is neither day nor instant says nothing. */
    if (from.len && !effective_time(from, zone, false, from_us))
        *from_us = duty_written_us(version);
    if (to.len && !effective_time(to, zone, true, to_us))
        *to_us = INT64_MAX;
}

static bool version_read(struct reading *reading, const struct resource_version *version,
                         struct calendar_version *out)
{
    const char *field;
    const struct value *tree = NULL;
    if (!version->is_removed && !(tree = duty_tree(reading, version)))
        return false;
    const struct value *paused = value_member(tree, "paused");
    struct calendar_pause *pauses =
        arena_array(reading->arena, value_count(paused) + 1, sizeof *pauses, reading->err);
    *out = (struct calendar_version){ 0 };
    if (!pauses || (tree && !rule_read(tree, &out->rule, &out->has_rule, &field, reading->err)) ||
        !zone_of(reading, value_text(value_path(tree, "due.timezone")), &out->rule.zone))
        return false;
    times_read(version, tree, out->rule.zone, &out->from_us, &out->to_us);
    for (size_t i = 0; i < value_count(paused); i++)
        if (!pause_read(paused->items[i], &pauses[i], reading->err))
            return false;
    out->pauses = pauses;
    out->pauses_count = value_count(paused);
    return true;
}

/* ---- performances ---- */

/* A deed and the control that it is of. */
struct performed {
    struct slice control;
    struct duty_deed deed;
};

static int by_time(const void *a, const void *b)
{
    const struct performed *left = a, *right = b;
    if (left->deed.when.at_us != right->deed.when.at_us)
        return left->deed.when.at_us < right->deed.when.at_us ? -1 : 1;
    return slice_compare(left->deed.evidence, right->deed.evidence);
}

static bool performance_read(struct reading *reading, const struct resource_version *version,
                             struct performed *performed)
{
    const struct time_options options = { 0 };
    enum time_note note;
    struct calendar_deed *when = &performed->deed.when;
    const struct value *tree = duty_tree(reading, version);
    const char *evidence = duty_evidence(reading, version);
    if (!tree || !evidence)
        return false;
    struct slice day = value_text_of(tree, "due_at");
    performed->control = value_text_of(tree, "control");
    performed->deed = (struct duty_deed){ .by = value_text_of(tree, "performed_by"),
                                          .evidence = slice_of(evidence),
                                          .recorded_at = version->at,
                                          .leaf = version->leaf,
                                          .has_leaf = true };
    when->names_day = day.len > 0;
    return time_parse(value_text_of(tree, "performed_at"), &options, &when->at_us, &note,
                      reading->err) &&
           (day.len == 0 || date_parse(day, &when->day, reading->err));
}

/* All Performances, each by its last version, by time; one that was removed does not count. */
static bool performances_read(struct reading *reading)
{
    struct resource_list all;
    if (!resource_list(reading->store, reading->arena, SLICE("Performance"), reading->options->size,
                       &all, reading->err))
        return false;
    reading->performed =
        arena_array(reading->arena, all.count + 1, sizeof *reading->performed, reading->err);
    for (size_t i = 0; reading->performed && i < all.count; i++)
        if (!performance_read(reading, &all.items[i],
                              &reading->performed[reading->performed_count++]))
            return false;
    if (reading->performed_count > 0)
        qsort(reading->performed, reading->performed_count, sizeof *reading->performed, by_time);
    return reading->performed != NULL;
}

/* What may have performed a control: the rows that its `due` names, else Performances. */
static bool deeds_of(struct reading *reading, struct slice control, const struct value *by,
                     struct duty_deeds *deeds)
{
    const struct duties_options *options = reading->options;
    if (by && options->records)
        return options->records(options->context, control, by, deeds, reading->err);
    *deeds = (struct duty_deeds){ arena_array(reading->arena, reading->performed_count + 1,
                                              sizeof *deeds->items, reading->err),
                                  0 };
    for (size_t i = 0; !by && deeds->items && i < reading->performed_count; i++)
        if (slice_equal(reading->performed[i].control, control))
            deeds->items[deeds->count++] = reading->performed[i].deed;
    return deeds->items != NULL;
}

/* The occurrences whose versions say the same of what performs them. */
static bool deeds_match(struct reading *reading, const struct duty *like,
                        const struct resource_version *versions, const struct occurrences *list,
                        const struct value *by)
{
    struct duty_deeds deeds;
    int64_t *done_by;
    if (!deeds_of(reading, like->subject, by, &deeds))
        return false;
    struct calendar_deed *when =
        arena_array(reading->arena, deeds.count + 1, sizeof *when, reading->err);
    for (size_t i = 0; when && i < deeds.count; i++)
        when[i] = deeds.items[i].when;
    if (!when || !calendar_match(reading->arena, list, when, deeds.count, &done_by, reading->err))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        struct duty duty = *like;
        duty.day = list->items[i].day;
        duty.from_us = list->items[i].from_us;
        duty.due_us = list->items[i].due_us;
        duty.allowed_us = list->items[i].allowed_us;
        duty.named_leaf = versions[list->items[i].version].leaf;
        duty.is_done = done_by[i] != CALENDAR_NONE;
        if (duty.is_done)
            duty.done = deeds.items[done_by[i]];
        if (!duty_add(reading, &duty))
            return false;
    }
    return true;
}

static bool control_list(struct reading *reading, const struct resource_version *versions,
                         size_t count)
{
    struct arena *arena = reading->arena;
    struct occurrences list, some;
    struct duty like = { .subject = versions[0].name };
    struct calendar_version *rules = arena_array(arena, count, sizeof *rules, reading->err);
    const struct value **by = arena_array(arena, count, sizeof *by, reading->err);
    for (size_t i = 0; rules && by && i < count; i++) {
        if (!version_read(reading, &versions[i], &rules[i]))
            return false;
        if (versions[i].is_removed)
            continue;
        const struct value *tree = duty_tree(reading, &versions[i]);
        if (!tree)
            return false;
        like.title = value_text_of(tree, "title");
        like.owner = value_text_of(tree, "owner");
        by[i] = value_path(tree, "due.performed_by");
    }
    if (!rules || !by ||
        !calendar_occurrences(arena, rules, count, reading->options->until_us, &list, reading->err))
        return false;
    some.items = arena_array(arena, list.count + 1, sizeof *some.items, reading->err);
    bool *is_listed = arena_array(arena, list.count + 1, sizeof *is_listed, reading->err);
    for (size_t i = 0; some.items && is_listed && i < list.count; i++) {
        const struct value *source = by[list.items[i].version];
        if (is_listed[i])
            continue;
        some.count = 0;
        for (size_t j = i; j < list.count; j++) {
            const struct value *other = by[list.items[j].version];
            if (source && other ? !value_equal(source, other) : source != other)
                continue;
            is_listed[j] = true;
            some.items[some.count++] = list.items[j];
        }
        if (!deeds_match(reading, &like, versions, &some, source))
            return false;
    }
    return some.items && is_listed;
}

/* ---- all of them ---- */

static int by_subject(const void *a, const void *b)
{
    const struct duty *left = a, *right = b;
    int order = slice_compare(left->subject, right->subject);
    if (order != 0)
        return order;
    return (left->due_us > right->due_us) - (left->due_us < right->due_us);
}

static bool kinds_list(struct reading *reading)
{
    size_t kinds_count;
    const struct kind *const *kinds = catalogue_kinds(reading->catalogue, &kinds_count);
    for (size_t k = 0; k < kinds_count; k++) {
        struct resource_list list;
        bool is_control = slice_is(kinds[k]->name, "Control");
        if (!resource_versions(reading->store, reading->arena, kinds[k]->name,
                               reading->options->size, &list, reading->err))
            return false;
        for (size_t from = 0, to; from < list.count; from = to) {
            for (to = from + 1;
                 to < list.count && slice_equal(list.items[to].name, list.items[from].name); to++)
                ;
            if (!(is_control ? control_list(reading, &list.items[from], to - from)
                             : duties_dated(reading, kinds[k], &list.items[from], to - from)))
                return false;
        }
    }
    return true;
}

bool duties_list(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                 const struct duties_options *options, struct duties *duties, struct error *err)
{
    /* What performed what is seen over all that was due by now, however little is asked for. */
    struct duties_options all = *options;
    if (all.until_us < all.now_us)
        all.until_us = all.now_us;
    struct reading reading = { .store = store,
                               .catalogue = catalogue,
                               .arena = arena,
                               .options = &all,
                               .duties = duties,
                               .err = err };
    *duties = (struct duties){ 0 };
    bool ok = performances_read(&reading) && kinds_list(&reading);
    if (ok && duties->count > 0)
        qsort(duties->items, duties->count, sizeof *duties->items, by_subject);
    for (size_t i = 0; i < reading.zones_count; i++)
        zone_free(reading.zones[i]);
    return ok;
}
