/* The house and the programme: who holds what, what covers what, which policies count. */
#include "audit/engagement.h"
#include "base/strbuf.h"
#include "ledger/ledger.h"
#include "program/acting.h"
#include "program/coverage.h"
#include "report/doctor_private.h"

static bool has_text(const struct value *list, struct slice text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(value_item(list, i)), text))
            return true;
    return false;
}

/* ---- the house ---- */

/* Whether a person can sign now. Who was removed since the size that is looked at cannot. */
static bool key_find(struct doctor *doctor, struct slice person, bool *has_key)
{
    struct acting acting = { 0 };
    struct error fault = { 0 };
    *has_key = false;
    if (!acting_find(doctor->store, doctor->catalogue, doctor->arena, person,
                     doctor->options->now_us, &acting, &fault))
        return fault.code == ERROR_NOT_FOUND || (*doctor->err = fault, false);
    for (size_t i = 0; i < acting.keys_count; i++)
        *has_key = *has_key || acting.keys[i].is_valid;
    return true;
}

static bool anchor_look(struct doctor *doctor)
{
    char *anchor;
    const struct doctor_note note = { .subject = SLICE("the ledger"),
                                      .todo = "attest ledger anchor FILE, on another disk" };
    return ledger_anchor_path(doctor->options->ledger, doctor->arena, &anchor, doctor->err) &&
           (anchor || doctor_note(doctor, TODO_ANCHOR_NONE, &note));
}

bool doctor_house(struct doctor *doctor)
{
    struct doctor_documents people;
    size_t with_key = 0, without_key = 0;
    if (!doctor_documents(doctor, SLICE("Person"), &people))
        return false;
    for (size_t i = 0; i < people.count; i++) {
        const struct doctor_note note = {
            .subject = people.names[i],
            .todo = "keys: [{key: LINE}] of attest key new FILE, and apply",
            .is_edit = true
        };
        bool has_key;
        if (!key_find(doctor, note.subject, &has_key))
            return false;
        if (has_text(value_member(people.items[i], "roles"), SLICE("administrator"))) {
            with_key += has_key;
            without_key += !has_key;
        }
        if (!has_key && slice_equal(note.subject, doctor->options->person) &&
            !doctor_note(doctor, TODO_KEY_NONE, &note))
            return false;
    }
    /* Who has no key cannot lose it. */
    const struct doctor_note alone = {
        .subject = SLICE("the house"),
        .todo = "a second Person with roles: [administrator] and keys, and apply"
    };
    return ((with_key != 1 || without_key > 0) ||
            doctor_note(doctor, TODO_ADMINISTRATOR_ALONE, &alone)) &&
           anchor_look(doctor);
}

/* ---- roles ---- */

static bool roles_look(struct doctor *doctor)
{
    struct doctor_documents roles, controls;
    if (!doctor_documents(doctor, SLICE("Role"), &roles) ||
        !doctor_documents(doctor, SLICE("Control"), &controls))
        return false;
    for (size_t i = 0; i < roles.count; i++) {
        struct doctor_note note = { .subject = roles.names[i],
                                    .todo = "holders: [person/ID], and apply",
                                    .is_edit = true };
        for (size_t j = 0; j < controls.count; j++)
            note.weight += slice_equal(value_text_of(controls.items[j], "owner"), note.subject);
        note.detail = arena_printf(doctor->arena, doctor->err, "it owns %zu control%s", note.weight,
                                   note.weight == 1 ? "" : "s");
        if (!note.detail || (value_count(value_member(roles.items[i], "holders")) == 0 &&
                             !doctor_note(doctor, TODO_ROLE_EMPTY, &note)))
            return false;
    }
    return true;
}

/* ---- coverage ---- */

static bool is_told(const struct doctor_notes *notes, struct slice subject)
{
    for (size_t i = 0; i < notes->count; i++)
        if (slice_equal(notes->items[i].subject, subject))
            return true;
    return false;
}

/* coverage()'s gaps: "no control", "no control of its own", or "control/X has no test", which is:
 * none for the criterion. */
static bool gap_look(struct doctor *doctor, const struct criterion *criterion, struct slice gap)
{
    static const char untested[] = " has no test";
    struct doctor_note note = { .subject = criterion->name };
    enum doctor_rule rule = TODO_CRITERION_BARE;
    if (slice_starts_with(gap, SLICE("no control"))) {
        note.todo = arena_printf(doctor->arena, doctor->err,
                                 "a Control with criteria: [%s] (attest catalog %s)",
                                 criterion->name.at, criterion->name.at);
    } else if (slice_ends_with(gap, slice_of(untested))) {
        rule = TODO_CONTROL_UNTESTED;
        note.subject = slice_head(gap, gap.len - (sizeof untested - 1));
        note.detail = arena_printf(doctor->arena, doctor->err, "%s", criterion->name.at);
        note.todo =
            arena_printf(doctor->arena, doctor->err, "a Test with control: %.*s, criteria: [%s]",
                         SLICE_ARG(note.subject), criterion->name.at);
        if (!note.detail)
            return false;
    } else {
        return true;
    }
    return is_told(&doctor->notes[rule], note.subject) || doctor_note(doctor, rule, &note);
}

static bool edition_look(struct doctor *doctor, const struct value *engagement)
{
    const struct value *tree =
        coverage(doctor->store, doctor->catalogue, doctor->arena,
                 value_text_of(engagement, "catalog"), NULL, doctor->options->size, doctor->err);
    const struct value *criteria = value_member(tree, "criteria");
    for (size_t i = 0; i < value_count(criteria); i++) {
        const struct value *row = value_item(criteria, i);
        const struct value *gaps = value_member(row, "gaps");
        const struct criterion *criterion =
            catalogue_criterion(doctor->catalogue, value_text_of(row, "id"));
        if (!criterion || !engagement_asks(engagement, criterion))
            continue;
        for (size_t j = 0; j < value_count(gaps); j++)
            if (!gap_look(doctor, criterion, value_text(value_item(gaps, j))))
                return false;
    }
    return tree != NULL;
}

/* Of the categories that were chosen; while there is no engagement, what belongs to each. */
static bool coverage_look(struct doctor *doctor)
{
    struct doctor_documents engagements;
    if (!doctor_documents(doctor, SLICE("Engagement"), &engagements))
        return false;
    for (size_t i = 0; i < engagements.count; i++)
        if (!edition_look(doctor, engagements.items[i]))
            return false;
    return engagements.count > 0 || edition_look(doctor, NULL);
}

/* ---- policies ---- */

static bool policies_look(struct doctor *doctor)
{
    static const char *const fields[] = { "author", "approver", "approved_on", "review_by" };
    struct doctor_documents policies;
    struct strbuf lacks = strbuf_new(256);
    bool ok = doctor_documents(doctor, SLICE("Policy"), &policies);
    for (size_t i = 0; ok && i < policies.count; i++) {
        strbuf_clear(&lacks);
        for (size_t j = 0; j < ARRAY_LEN(fields); j++)
            if (value_text_of(policies.items[i], fields[j]).len == 0)
                strbuf_printf(&lacks, "%s%s", lacks.len ? ", " : "", fields[j]);
        if (lacks.len == 0)
            continue;
        const struct doctor_note note = {
            .subject = policies.names[i],
            .detail = arena_printf(doctor->arena, doctor->err, "it lacks %s", lacks.at),
            .todo = "read it, then author, approver (another person), approved_on, review_by",
            .is_edit = true,
            .weight = lacks.len
        };
        ok = strbuf_ok(&lacks, doctor->err) && note.detail &&
             doctor_note(doctor, TODO_POLICY_UNAPPROVED, &note);
    }
    strbuf_free(&lacks);
    return ok;
}

bool doctor_programme(struct doctor *doctor)
{
    return roles_look(doctor) && coverage_look(doctor) && policies_look(doctor);
}
