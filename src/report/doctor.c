#include "report/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "program/documents.h"
#include "report/doctor_private.h"

/* "role/x has no holder"; "10 roles have no holder: role/x, role/y, role/z and 7 more". */
static const struct {
    const char *area, *name, *one, *many;
    bool is_coming;
} rules[TODO_RULES] = {
    [TODO_EXAMPLE_FAILS] = { "tests", "example-fails", "has an example that fails",
                             "tests have examples that fail", false },
    [TODO_RECORDS_CONFLICT] = { "evidence", "records-conflict",
                                "has records that contradict each other",
                                "types have records that contradict each other", false },
    [TODO_DUTY_MISSED] = { "due", "missed", "was missed", "duties were missed", false },
    [TODO_ROLE_EMPTY] = { "programme", "role-empty", "has no holder", "roles have no holder",
                          false },
    [TODO_ENGAGEMENT_NONE] = { "examination", "no-engagement",
                               "is missing: it says what is assessed and for which period", "",
                               false },
    [TODO_CRITERION_BARE] = { "programme", "criterion-bare", "has no control",
                              "criteria have no control", false },
    [TODO_CONTROL_UNTESTED] = { "programme", "control-untested",
                                "has no test for a criterion it serves",
                                "controls have no test for a criterion they serve", false },
    [TODO_TYPE_UNFED] = { "evidence", "no-source", "is read by tests and has no source",
                          "types are read by tests and have no source", false },
    [TODO_SOURCE_SILENT] = { "evidence", "never-imported", "has brought no records yet",
                             "sources have brought no records yet", false },
    [TODO_SOURCE_STALE] = { "evidence", "stale", "is stale", "sources are stale", false },
    [TODO_TEST_UNRUN] = { "tests", "never-run", "has records and was not run",
                          "tests have records and were not run", false },
    [TODO_DEVIATION_OPEN] = { "tests", "not-evaluated", "deviates and is not evaluated",
                              "tests deviate and are not evaluated", false },
    [TODO_REPORT_LACKS] = { "report", "report-lacks", "cannot be issued yet",
                            "things stand in the way of a report", false },
    [TODO_REPORT_READY] = { "report", "report-ready", "can be issued", "reports can be issued",
                            false },
    [TODO_POLICY_UNAPPROVED] = { "programme", "policy-unapproved", "is not in force",
                                 "policies are not in force", false },
    [TODO_KEY_NONE] = { "house", "no-key", "acts without a key: anybody at this machine can act so",
                        "", false },
    [TODO_ADMINISTRATOR_ALONE] = { "house", "one-administrator",
                                   "has one administrator: a lost key would lock everybody out", "",
                                   false },
    [TODO_ANCHOR_NONE] = { "house", "no-anchor",
                           "has no anchor: that an old copy was put back would not be noticed", "",
                           false },
    [TODO_DUTY_COMING] = { "due", "coming", "is due within 14 days",
                           "duties are due within 14 days", true },
};

bool doctor_note(struct doctor *doctor, enum doctor_rule rule, const struct doctor_note *note)
{
    struct doctor_notes *notes = &doctor->notes[rule];
    if (!note->todo)
        return false;
    if (!arena_room(doctor->arena, &notes->items, notes->count, &notes->capacity,
                    sizeof *notes->items, doctor->err))
        return false;
    notes->items[notes->count++] = *note;
    return true;
}

bool doctor_documents(struct doctor *doctor, struct slice kind, struct doctor_documents *documents)
{
    struct resource_list list;
    struct arena *arena = doctor->arena;
    *documents = (struct doctor_documents){ 0 };
    if (!resource_list(doctor->store, arena, kind, doctor->options->size, &list, doctor->err))
        return false;
    documents->names = arena_array(arena, list.count + 1, sizeof *documents->names, doctor->err);
    documents->items = arena_array(arena, list.count + 1, sizeof *documents->items, doctor->err);
    for (size_t i = 0; documents->names && documents->items && i < list.count; i++) {
        documents->names[i] = list.items[i].name;
        documents->items[i] = json_parse(arena, list.items[i].document, list.items[i].name.at,
                                         &json_limits_default, doctor->err);
        if (!documents->items[i])
            return false;
        documents->count++;
    }
    return documents->names && documents->items;
}

/* The heaviest first; of one weight by name. */
static int by_weight(const void *a, const void *b)
{
    const struct doctor_note *left = a, *right = b;
    if (left->weight != right->weight)
        return left->weight < right->weight ? 1 : -1;
    return slice_compare(left->subject, right->subject);
}

/* ---- what to do ---- */

static const struct document *document_of(const struct documents *documents, struct slice name)
{
    for (size_t i = 0; i < documents->count; i++)
        if (slice_equal(documents->items[i].name, name))
            return &documents->items[i];
    return NULL;
}

static const char *todo_of(struct doctor *doctor, const struct documents *documents,
                           const struct doctor_note *note)
{
    if (!note->is_edit)
        return note->todo;
    const struct document *document = document_of(documents, note->subject);
    return document ? arena_printf(doctor->arena, doctor->err, "edit %s:%u: %s", document->file,
                                   document->line, note->todo)
                    : arena_printf(doctor->arena, doctor->err, "edit %.*s: %s",
                                   SLICE_ARG(note->subject), note->todo);
}

/* ---- rows ---- */

static bool say_one(enum doctor_rule rule, const struct doctor_note *note, struct strbuf *text)
{
    strbuf_printf(text, "%.*s %s", SLICE_ARG(note->subject), rules[rule].one);
    if (note->detail)
        strbuf_printf(text, ": %s", note->detail);
    return !text->failed;
}

static bool say_many(enum doctor_rule rule, const struct doctor_note *notes, size_t count,
                     struct strbuf *text)
{
    enum { NAMED = 3 };
    strbuf_printf(text, "%zu %s: ", count, rules[rule].many);
    for (size_t i = 0; i < count && i < NAMED; i++)
        strbuf_printf(text, "%s%.*s", i ? ", " : "", SLICE_ARG(notes[i].subject));
    if (count > NAMED)
        strbuf_printf(text, " and %zu more", count - NAMED);
    return !text->failed;
}

/* A row for the `count` notes that begin with `first`. */
static bool row_add(struct doctor *doctor, enum doctor_rule rule, const struct documents *documents,
                    const struct doctor_note *first, size_t count, struct value *list)
{
    struct arena *arena = doctor->arena;
    struct error *err = doctor->err;
    struct strbuf text = strbuf_new(64 << 10);
    const char *todo = todo_of(doctor, documents, first);
    struct value *row = todo ? value_add_object(arena, list, err) : NULL;
    bool is_said = count == 1 ? say_one(rule, first, &text) : say_many(rule, first, count, &text);
    bool ok = row && (is_said || strbuf_ok(&text, err)) &&
              value_put_text(arena, row, "area", slice_of(rules[rule].area), err) &&
              value_put_text(arena, row, "rule", slice_of(rules[rule].name), err) &&
              value_put_i64(arena, row, "count", (int64_t)count, err) &&
              value_put_text(arena, row, "what", strbuf_slice(&text), err) &&
              value_put_text(arena, row, "do", slice_of(todo), err) &&
              value_put_bool(arena, row, "coming", rules[rule].is_coming, err);
    struct value *subjects = ok ? value_put_array(arena, row, "subjects", err) : NULL;
    for (size_t i = 0; subjects && i < count; i++)
        if (!value_add(arena, subjects, value_new_text(arena, first[i].subject, err), err))
            subjects = NULL;
    strbuf_free(&text);
    return subjects != NULL;
}

static struct value *rows(struct doctor *doctor, size_t *pressing)
{
    struct documents documents = { 0 };
    struct findings ignored = { 0 }; /* what is wrong with the files, apply tells */
    const char *folder = doctor->options->programme;
    struct value *list = value_new(doctor->arena, VALUE_ARRAY, doctor->err);
    bool is_read = !folder || documents_read(doctor->arena, doctor->catalogue, &folder, 1,
                                             &documents, &ignored, doctor->err);
    findings_free(&ignored);
    if (!list || (!is_read && doctor->err->code != ERROR_NONE))
        return NULL;
    *pressing = 0;
    for (int rule = 0; rule < TODO_RULES; rule++) {
        struct doctor_notes *notes = &doctor->notes[rule];
        size_t step = doctor->options->wants_each ? 1 : notes->count;
        if (notes->count > 1)
            qsort(notes->items, notes->count, sizeof *notes->items, by_weight);
        for (size_t i = 0; i < notes->count; i += step)
            if (!row_add(doctor, (enum doctor_rule)rule, &documents, &notes->items[i], step, list))
                return NULL;
        *pressing += rules[rule].is_coming ? 0 : notes->count;
    }
    return list;
}

struct value *doctor_read(struct store *store, const struct catalogue *catalogue,
                          struct arena *arena, const struct doctor_options *options,
                          size_t *pressing, struct error *err)
{
    struct doctor doctor = {
        .store = store, .catalogue = catalogue, .arena = arena, .options = options, .err = err
    };
    struct findings ignored = { 0 }; /* tests that cannot be read: attest fresh tells them */
    bool ok = freshness_read(store, catalogue, arena, options->size, options->now_us, &doctor.fresh,
                             &ignored, err) &&
              doctor_house(&doctor) && doctor_programme(&doctor) && doctor_evidence(&doctor) &&
              doctor_examination(&doctor);
    findings_free(&ignored);
    return ok ? rows(&doctor, pressing) : NULL;
}
