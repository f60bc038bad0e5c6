/* Runs that an Evaluation names: run/<hex or its beginning>, or test/ID for the last run that the
 * acting person's side made of that test in that engagement. What is stored is always run/<64 hex>,
 * so that an evaluation means the same run for ever. */
#include <stdio.h>
#include <string.h>

#include "ledger/entry.h"
#include "program/planning.h"

/* An evaluation being resolved. */
struct resolving {
    struct planning *planning;
    struct known *evaluation;
    struct slice engagement;       /* engagement/ID */
    struct slice test;             /* test/ID */
    struct resource_list versions; /* of the test */
};

/* Whether the run's entry names a version of the test, and in which engagement it was made. */
static bool run_read(struct resolving *resolving, const struct stored_entry *run, bool *is_of_test,
                     struct slice *engagement)
{
    struct planning *planning = resolving->planning;
    struct leaves inputs;
    *engagement = (struct slice){ 0 };
    *is_of_test = false;
    struct entry entry;
    const char *code;
    if (!entry_inputs(planning->store, planning->arena, run->n, &inputs, planning->err) ||
        !entry_parse(planning->arena, run->bytes, &entry, &code, planning->err))
        return false;
    for (size_t i = 0; i < resolving->versions.count; i++)
        *is_of_test |= leaves_hold(&inputs, &resolving->versions.items[i].leaf);
    struct slice shown = value_text_of(entry.body, "engagement");
    return shown.len == 0 ||
           name_plain(planning->store, planning->arena, shown, engagement, planning->err);
}

static void told(struct resolving *resolving, const struct value *at, size_t index,
                 const char *hint, const char *message)
{
    char field[40];
    (void)snprintf(field, sizeof field, "runs[%zu]", index);
    document_error(resolving->planning->findings, resolving->evaluation->document,
                   (struct place){ at, field }, ERROR_INVALID, hint, "%s", message);
}

/* Why a run cannot be rested on; NULL if it can. The ledger holds the auditor to it; here it is
 * said in words before anything is written. */
static const char *run_refusal(const struct resolving *resolving, const struct stored_entry *run,
                               bool is_of_test, struct slice engagement)
{
    const char *side = resolving->planning->acting->actor.side;
    if (!is_of_test)
        return "is not a run of the test that is evaluated";
    if (strcmp(side, "auditor") != 0)
        return engagement.len == 0 || slice_equal(engagement, resolving->engagement)
                   ? NULL
                   : "was made in another engagement";
    if (!slice_is(run->side, "auditor"))
        return "was not made by the auditor's side: adopt the test and run it again";
    return slice_equal(engagement, resolving->engagement) ? NULL
                                                          : "was not made in this engagement";
}

/* The last run of the test by this side in this engagement; NULL with or without *err. */
static const struct stored_entry *last_run(struct resolving *resolving)
{
    struct planning *planning = resolving->planning;
    struct stored_entries runs;
    /* Runs are kept under the name of their test. */
    if (!entry_list(planning->store, planning->arena, SLICE("test.run"), resolving->test,
                    planning->size, &runs, planning->err))
        return NULL;
    const struct stored_entry *items = runs.items; /* in the arena */
    for (size_t i = runs.count; i-- > 0;) {
        bool is_of_test;
        struct slice engagement;
        if (!slice_is(items[i].side, planning->acting->actor.side))
            continue;
        if (!run_read(resolving, &items[i], &is_of_test, &engagement))
            return NULL;
        if (is_of_test && slice_equal(engagement, resolving->engagement))
            return &items[i];
    }
    return NULL;
}

static bool run_named(struct resolving *resolving, struct value *at, size_t index)
{
    struct planning *planning = resolving->planning;
    struct error error = { 0 };
    struct stored_entry *run = arena_alloc(planning->arena, sizeof *run, planning->err);
    bool is_of_test;
    struct slice engagement, prefix = slice_from(at->text, strlen("run/"));
    char hex[65];
    if (!run)
        return false;
    if (!entry_find(planning->store, planning->arena, prefix, planning->size, run, &error)) {
        if (error.code != ERROR_NOT_FOUND && error.code != ERROR_INVALID)
            return (*planning->err = error, false);
        told(resolving, at, index, "attest test runs lists them", error.message);
        return true;
    }
    if (!slice_is(run->type, "test.run")) {
        told(resolving, at, index, "", "is an entry of the ledger, but not a test run");
        return true;
    }
    if (!run_read(resolving, run, &is_of_test, &engagement))
        return false;
    const char *refusal = run_refusal(resolving, run, is_of_test, engagement);
    if (refusal)
        told(resolving, at, index, "", refusal);
    digest_hex(&run->leaf, hex);
    at->text = slice_of(arena_printf(planning->arena, planning->err, "run/%s", hex));
    return at->text.at != NULL;
}

static bool test_named(struct resolving *resolving, struct value *at, size_t index)
{
    struct planning *planning = resolving->planning;
    char hex[65], hint[320], message[320];
    if (!slice_equal(at->text, resolving->test)) {
        told(resolving, at, index, "", "is not the test that is evaluated");
        return true;
    }
    const struct stored_entry *run = last_run(resolving);
    if (!run && planning->err->code != ERROR_NONE)
        return false;
    if (!run) {
        struct slice engagement_id = resolving->engagement, prefix;
        (void)slice_split(resolving->engagement, '/', &prefix, &engagement_id);
        (void)snprintf(hint, sizeof hint,
                       "attest test run %.*s --period FROM..TO --engagement %.*s",
                       SLICE_ARG(resolving->test), SLICE_ARG(engagement_id));
        (void)snprintf(message, sizeof message, "%.*s has no run by %s side in %.*s",
                       SLICE_ARG(resolving->test),
                       strcmp(planning->acting->actor.side, "auditor") == 0 ? "the auditor's"
                                                                            : "management's",
                       SLICE_ARG(resolving->engagement));
        told(resolving, at, index, hint, message);
        return true;
    }
    digest_hex(&run->leaf, hex);
    at->text = slice_of(arena_printf(planning->arena, planning->err, "run/%s", hex));
    return at->text.at != NULL;
}

bool runs_resolve(struct planning *planning, struct known *evaluation)
{
    struct value *tree = known_tree(planning, evaluation);
    const struct value *runs = value_member(tree, "runs");
    struct resolving resolving = { .planning = planning,
                                   .evaluation = evaluation,
                                   .engagement = value_text_of(tree, "engagement"),
                                   .test = value_text_of(tree, "test") };
    if (!tree || !resource_history(planning->store, planning->arena, resolving.test, planning->size,
                                   &resolving.versions, planning->err))
        return false;
    for (size_t i = 0; i < value_count(runs); i++) {
        struct value *at = runs->items[i];
        bool ok = slice_starts_with(at->text, SLICE("run/")) ? run_named(&resolving, at, i)
                                                             : test_named(&resolving, at, i);
        if (!ok)
            return false;
    }
    return true;
}
