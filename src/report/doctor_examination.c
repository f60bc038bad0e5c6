/* Tests and their examples; for each engagement whose report is open: runs, evaluations, report. */
#include "audit/run.h"
#include "base/json.h"
#include "program/documents.h"
#include "report/compose.h"
#include "report/doctor_private.h"
#include "report/report.h"

/* ---- examples ---- */

/* The starter sets' own tests are tried where this program is built; what was changed here is not.
 */
static bool is_of_starter(const struct documents *starter, const struct resource_version *test)
{
    for (size_t i = 0; i < starter->count; i++)
        if (slice_equal(starter->items[i].name, test->name))
            return slice_equal(starter->items[i].canonical, test->document);
    return false;
}

static bool examples_look(struct doctor *doctor)
{
    struct resource_list tests;
    struct documents starter = { 0 };
    struct findings findings = { 0 };
    struct arena *arena = doctor->arena;
    size_t count = 0;
    if (!resource_list(doctor->store, arena, SLICE("Test"), doctor->options->size, &tests,
                       doctor->err))
        return false;
    struct slice *own = arena_array(arena, tests.count + 1, sizeof *own, doctor->err);
    bool ok = own && documents_starter(arena, doctor->catalogue, SLICE("saas"), &starter, &findings,
                                       doctor->err);
    for (size_t i = 0; ok && i < tests.count; i++)
        if (!is_of_starter(&starter, &tests.items[i]))
            own[count++] = tests.items[i].name;
    const struct value *told = ok && count > 0
                                   ? tests_check(doctor->store, doctor->catalogue, arena, own,
                                                 count, NULL, &findings, doctor->err)
                                   : NULL;
    const struct value *list = value_member(told, "tests");
    for (size_t i = 0; ok && i < value_count(list); i++) {
        int64_t failed = 0;
        const struct value *row = value_item(list, i);
        struct doctor_note note = { .subject = value_text_of(row, "test") };
        note.todo =
            arena_printf(arena, doctor->err, "attest test check %.*s", SLICE_ARG(note.subject));
        ok = value_to_i64(value_member(row, "failed"), &failed) &&
             (failed == 0 || doctor_note(doctor, TODO_EXAMPLE_FAILS, &note));
    }
    ok = ok && (count == 0 || told);
    findings_free(&findings);
    return ok;
}

/* ---- runs ---- */

/* The last run of a test by management in an engagement; NULL: none. */
struct runs {
    struct stored_entries entries;
    const struct value **objects;
};

static bool runs_read(struct doctor *doctor, struct runs *runs)
{
    struct arena *arena = doctor->arena;
    if (!entry_list(doctor->store, arena, SLICE("test.run"), (struct slice){ 0 },
                    doctor->options->size, &runs->entries, doctor->err))
        return false;
    runs->objects = arena_array(arena, runs->entries.count + 1, sizeof *runs->objects, doctor->err);
    for (size_t i = 0; runs->objects && i < runs->entries.count; i++) {
        runs->objects[i] = json_parse(arena, runs->entries.items[i].object, "run",
                                      &json_limits_default, doctor->err);
        if (!runs->objects[i])
            return false;
    }
    return runs->objects != NULL;
}

static bool last_run(const struct runs *runs, struct slice test, struct slice engagement,
                     size_t *at)
{
    bool is_found = false;
    for (size_t i = 0; i < runs->entries.count; i++)
        if (slice_equal(value_text_of(runs->objects[i], "test"), test) &&
            slice_equal(value_text_of(runs->objects[i], "engagement"), engagement) &&
            slice_is(runs->entries.items[i].side, "management")) {
            is_found = true;
            *at = i;
        }
    return is_found;
}

/* Whether the test's population has records: imported ones, or what the program makes itself. */
static bool has_records(const struct doctor *doctor, const struct value *test)
{
    struct slice type = value_text_of(test, "population"), control = value_text_of(test, "control");
    bool is_imported_type = false;
    for (size_t i = 0; i < doctor->fresh.count; i++) {
        const struct freshness *fresh = &doctor->fresh.items[i];
        if (!slice_equal(fresh->type, type) || !slice_equal(fresh->control, control))
            continue;
        is_imported_type = true;
        if (fresh->arrived_at.len > 0)
            return true;
    }
    return !is_imported_type;
}

/* Some Evaluation of the engagement rests on the run. */
static bool is_evaluated(const struct doctor_documents *evaluations, const struct stored_entry *run,
                         struct slice engagement)
{
    char hex[65];
    digest_hex(&run->leaf, hex);
    for (size_t i = 0; i < evaluations->count; i++) {
        const struct value *runs = value_member(evaluations->items[i], "runs");
        if (!slice_equal(value_text_of(evaluations->items[i], "engagement"), engagement))
            continue;
        for (size_t j = 0; j < value_count(runs); j++)
            if (slice_ends_with(value_text(value_item(runs, j)), slice_of(hex)))
                return true;
    }
    return false;
}

/* One test of an engagement. *is_open: something is to be done; *last: the greatest run. */
static bool test_look(struct doctor *doctor, const struct runs *runs, struct slice name,
                      const struct value *test, const struct doctor_documents *evaluations,
                      struct slice engagement, bool *is_open, uint64_t *last)
{
    struct doctor_note note = { .subject = name };
    size_t at;
    int64_t deviations = 0;
    if (!last_run(runs, name, engagement, &at)) {
        if (!has_records(doctor, test))
            return true;
        note.todo = arena_printf(doctor->arena, doctor->err,
                                 "attest test run --engagement %.*s (or %.*s alone)",
                                 SLICE_ARG(engagement), SLICE_ARG(name));
        return doctor_note(doctor, TODO_TEST_UNRUN, &note);
    }
    const struct stored_entry *run = &runs->entries.items[at];
    *last = run->n > *last ? run->n : *last;
    if (!value_to_i64(value_member(runs->objects[at], "deviations"), &deviations) ||
        deviations == 0 || is_evaluated(evaluations, run, engagement))
        return true;
    *is_open = true;
    note.weight = (size_t)deviations;
    note.detail = arena_printf(doctor->arena, doctor->err, "%lld items", (long long)deviations);
    note.todo = arena_printf(doctor->arena, doctor->err,
                             "an Evaluation of %.*s in %.*s (attest explain Evaluation)",
                             SLICE_ARG(name), SLICE_ARG(engagement));
    return note.detail && doctor_note(doctor, TODO_DEVIATION_OPEN, &note);
}

/* ---- reports ---- */

/* What attest issue would refuse. */
static bool report_look(struct doctor *doctor, struct slice engagement, bool *is_open)
{
    struct composed composed;
    struct findings findings = { 0 };
    struct error fault = { 0 };
    struct doctor_note note = { .subject = engagement };
    bool ok = true;
    if (report_compose(doctor->store, doctor->catalogue, doctor->arena, engagement,
                       doctor->options->size, 0, &composed, &fault)) {
        if (!report_model_check(composed.model, &findings, doctor->err))
            ok = false;
    } else if (fault.code >= ERROR_IO) {
        *doctor->err = fault;
        ok = false;
    } else {
        findings_add_error(&findings, &fault);
    }
    for (size_t i = 0; ok && i < findings.count; i++) {
        const struct error *found = &findings.items[i].error;
        if (findings.items[i].is_warning)
            continue;
        *is_open = true;
        note.detail =
            arena_printf(doctor->arena, doctor->err, "%s: %s", found->where, found->message);
        note.todo = found->hint[0] ? arena_printf(doctor->arena, doctor->err, "%s", found->hint)
                                   : arena_printf(doctor->arena, doctor->err,
                                                  "attest report %.*s --format pdf --out draft.pdf",
                                                  SLICE_ARG(engagement));
        ok = note.detail && doctor_note(doctor, TODO_REPORT_LACKS, &note);
    }
    findings_free(&findings);
    return ok;
}

/* The entry of the last report; false: none. *is_auditors: nothing more is to be done then. */
static bool report_of(struct doctor *doctor, struct slice engagement, bool *is_auditors,
                      uint64_t *n, bool *is_there)
{
    struct stored_entries reports;
    *is_auditors = *is_there = false;
    if (!entry_list(doctor->store, doctor->arena, SLICE("report"), engagement,
                    doctor->options->size, &reports, doctor->err))
        return false;
    for (size_t i = 0; i < reports.count; i++) {
        *is_there = true;
        *is_auditors = *is_auditors || slice_is(reports.items[i].side, "auditor");
        *n = reports.items[i].n;
    }
    return true;
}

static bool engagement_look(struct doctor *doctor, const struct runs *runs,
                            const struct doctor_documents *tests,
                            const struct doctor_documents *evaluations, struct slice engagement)
{
    bool is_open = false, is_auditors, is_issued;
    uint64_t last = 0, report = 0;
    if (!report_of(doctor, engagement, &is_auditors, &report, &is_issued))
        return false;
    if (is_auditors)
        return true;
    for (size_t i = 0; i < tests->count; i++)
        if (!test_look(doctor, runs, tests->names[i], tests->items[i], evaluations, engagement,
                       &is_open, &last))
            return false;
    if (!report_look(doctor, engagement, &is_open))
        return false;
    const struct doctor_note note = {
        .subject = engagement,
        .detail = is_issued ? "what was run since the last one is in no report"
                            : "nothing stands in its way",
        .todo = arena_printf(doctor->arena, doctor->err, "attest issue %.*s", SLICE_ARG(engagement))
    };
    return is_open || last == 0 || (is_issued && report > last) ||
           doctor_note(doctor, TODO_REPORT_READY, &note);
}

bool doctor_examination(struct doctor *doctor)
{
    struct doctor_documents engagements, tests, evaluations;
    struct runs runs;
    const struct doctor_note none = {
        .subject = SLICE("an Engagement"),
        .todo = "an Organization, a System and an Engagement (attest explain Engagement), and apply"
    };
    if (!examples_look(doctor) || !runs_read(doctor, &runs) ||
        !doctor_documents(doctor, SLICE("Engagement"), &engagements) ||
        !doctor_documents(doctor, SLICE("Test"), &tests) ||
        !doctor_documents(doctor, SLICE("Evaluation"), &evaluations))
        return false;
    for (size_t i = 0; i < engagements.count; i++)
        if (!engagement_look(doctor, &runs, &tests, &evaluations, engagements.names[i]))
            return false;
    return engagements.count > 0 || doctor_note(doctor, TODO_ENGAGEMENT_NONE, &none);
}
