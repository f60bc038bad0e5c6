/* test/unit/program/test_judgements.c
 * Evaluations, conclusions and opinions: what they rest on, and which side may write them. */
#include "program/program_world.h"

#include <stdio.h>
#include <string.h>

#include "ledger/signature.h"

static const char programme[] =
    "kind: Person\nid: aud\nname: Auditor\nside: auditor\nroles: [partner]\n---\n" CONTROL("A")
        CONTROL(
            "B") "kind: Test\nid: A.T1\ncontrol: control/A\nnature: inspection\nprocedure: Seen.\n"
                 "population: changes\nattributes: [{id: A, title: T, holds: 'true'}]\n---\n"
                 "kind: Organization\nid: o\nname: O\n---\nkind: System\nid: s\ntitle: S\n---\n"
                 "kind: Engagement\nid: e1\ntitle: E\ntype: type-2\ncategories: [security]\n"
                 "organization: organization/o\nsystem: system/s\n---\n"
                 "kind: Engagement\nid: e2\ntitle: E\ntype: type-2\ncategories: [security]\n"
                 "organization: organization/o\nsystem: system/s\n---\n"
                 "kind: Assertion\nid: as\nengagement: engagement/e1\ntext: [We assert.]\n"
                 "signed_by: person/own\ndate: 2026-01-31\n";

#define EVALUATION(runs)                                                                           \
    "kind: Evaluation\nid: ev\nengagement: engagement/e1\ntest: test/A.T1\nruns: [" runs "]\n---"  \
    "\n"
#define ON_CONTROL                                                                                 \
    "kind: ControlConclusion\nid: e1.A\nengagement: engagement/e1\ncontrol: control/A\n"           \
    "evaluations: [evaluation/ev]\nresult: effective\n---\n"
#define ON_CRITERION                                                                               \
    "kind: CriterionConclusion\nid: e1.tsc-2017.CC8.1\nengagement: engagement/e1\n"                \
    "criterion: tsc-2017/CC8.1\ncontrols: [control-conclusion/e1.A]\n"                             \
    "evaluations: [evaluation/ev]\ndesign: suitable\noperating: effective\n---\n"
#define OPINION                                                                                    \
    "kind: Opinion\nid: op\nengagement: engagement/e1\n"                                           \
    "conclusions: [criterion-conclusion/e1.tsc-2017.CC8.1]\nassertion: assertion/as\n"             \
    "parts: {description: {variant: unmodified}, design: {variant: unmodified}}\n"                 \
    "signed_by: person/aud\nreport_date: 2026-02-15\n---\n"

static int programme_begin(void **state)
{
    if (world_begin(state) != 0)
        return 1;
    world_apply(*state, programme);
    world_act_as(*state, "person/own");
    return 0;
}

/* ---- runs, written by hand: what the layers above would write ---- */

static struct value *payload_new(struct world *w, struct transaction *tx, const char *text)
{
    struct payload payload;
    assert_done(w, payload_put(tx, slice_of(text), &payload, &w->err));
    return payload_value(transaction_arena(tx), &payload, &w->err);
}

static struct value *period_new(struct world *w, struct arena *arena)
{
    struct value *period = value_new(arena, VALUE_OBJECT, &w->err);
    assert_done(
        w, value_put_text(arena, period, "from", SLICE("2025-01-01T00:00:00.000000Z"), &w->err));
    assert_done(w,
                value_put_text(arena, period, "to", SLICE("2026-01-01T00:00:00.000000Z"), &w->err));
    return period;
}

/* A segment and a population over it, in the transaction: positions 0 and 1. */
static void population_draft(struct world *w, struct transaction *tx)
{
    static const char *const nulls[] = { "covers", "from", "to", "personal", "raw", "rejects" };
    static const size_t segment_at[] = { 0 };
    struct arena *arena = transaction_arena(tx);
    struct actor program = actor_program();
    struct value *segment = value_new(arena, VALUE_OBJECT, &w->err);
    struct value *population = period_new(w, arena);
    bool ok = value_put_text(arena, segment, "of", SLICE("population-type/changes"), &w->err) &&
              value_put_text(arena, segment, "source", SLICE("source/x"), &w->err) &&
              value_put_i64(arena, segment, "rows", 0, &w->err) &&
              value_put(arena, segment, "payload", payload_new(w, tx, ""), &w->err) &&
              value_put_text(arena, population, "name", SLICE("population/changes"), &w->err) &&
              value_put_text(arena, population, "of", SLICE("population-type/changes"), &w->err) &&
              value_put_i64(arena, population, "count", 0, &w->err) &&
              value_put(arena, population, "items", payload_new(w, tx, ""), &w->err) &&
              value_put(arena, population, "payload", payload_new(w, tx, "{}"), &w->err);
    for (size_t i = 0; ok && i < ARRAY_LEN(nulls); i++)
        ok = value_put(arena, segment, nulls[i], value_new(arena, VALUE_NULL, &w->err), &w->err);
    struct entry_draft drafts[] = {
        { .type = "segment", .body = segment },
        { .type = "population",
          .body = population,
          .inputs_of_batch = segment_at,
          .inputs_of_batch_count = 1 },
    };
    for (size_t i = 0; ok && i < ARRAY_LEN(drafts); i++)
        ok = transaction_entry(tx, &program, &drafts[i], &w->err);
    assert_done(w, ok);
}

/* A run of test/A.T1 by the acting person; engagement may be NULL. */
static void run_write(struct world *w, const char *engagement, char hex[65])
{
    static const size_t inputs_at[] = { 0, 1 };
    const struct ledger_appended *appended = NULL;
    struct resource_version test;
    struct slice shown;
    size_t count;
    struct transaction *tx = transaction_begin(w->store, &w->err);
    assert_done(w, tx != NULL);
    struct arena *arena = transaction_arena(tx);
    population_draft(w, tx);
    assert_done(
        w, resource_get(w->store, arena, SLICE("test/A.T1"), store_size(w->store), &test, &w->err));
    struct value *body = value_new(arena, VALUE_OBJECT, &w->err);
    struct value *in = value_new(arena, VALUE_NULL, &w->err);
    if (engagement) {
        assert_done(w, name_shown(tx, arena, slice_of(engagement), true, &shown, &w->err));
        in = value_new_text(arena, shown, &w->err);
    }
    bool ok = value_put(arena, body, "engagement", in, &w->err) &&
              value_put_text(arena, body, "engine", SLICE("duckdb/1"), &w->err) &&
              value_put_text(arena, body, "extent", SLICE("full"), &w->err) &&
              value_put_i64(arena, body, "position", (int64_t)store_size(w->store) + 2, &w->err) &&
              value_put(arena, body, "period", period_new(w, arena), &w->err) &&
              value_put(arena, body, "payload", payload_new(w, tx, "{}\n"), &w->err);
    struct entry_draft run = { .type = "test.run",
                               .key = SLICE("test/A.T1"),
                               .body = body,
                               .inputs = &test.leaf,
                               .inputs_count = 1,
                               .inputs_of_batch = inputs_at,
                               .inputs_of_batch_count = 2 };
    ok = ok && transaction_entry(tx, &w->acting.actor, &run, &w->err) &&
         transaction_commit(tx, &appended, &count, &w->err);
    assert_done(w, ok);
    digest_hex(&appended[2].leaf, hex);
    transaction_free(tx);
}

static bool document_holds(struct world *w, const char *name, const char *text)
{
    return strstr(world_document(w, name).at, text) != NULL;
}

/* Whether the entry of a resource names the entry of another (or a run's leaf) as input. */
static bool rests_on(struct world *w, const char *name, const char *hex)
{
    struct resource_version version;
    struct stored_entry entry;
    assert_done(w, resource_get(w->store, w->arena, slice_of(name), store_size(w->store), &version,
                                &w->err));
    assert_done(w, entry_get(w->store, w->arena, version.n, &entry, &w->err));
    return strstr(entry.bytes.at, hex) != NULL;
}

static void leaf_of(struct world *w, const char *name, char hex[65])
{
    struct resource_version version;
    assert_done(w, resource_get(w->store, w->arena, slice_of(name), store_size(w->store), &version,
                                &w->err));
    digest_hex(&version.leaf, hex);
}

/* ---- runs ---- */

static void a_test_stands_for_its_last_run_by_ones_own_side_in_the_engagement(void **state)
{
    struct world *w = *state;
    char first[65], last[65], elsewhere[65], none[65], wanted[80];
    run_write(w, "engagement/e1", first);
    run_write(w, "engagement/e1", last);
    run_write(w, "engagement/e2", elsewhere);
    run_write(w, NULL, none);
    world_apply(w, EVALUATION("test/A.T1"));
    snprintf(wanted, sizeof wanted, "\"runs\":[\"run/%s\"]", last);
    assert_true(document_holds(w, "evaluation/ev", wanted));
    assert_true(rests_on(w, "evaluation/ev", last));
    assert_false(rests_on(w, "evaluation/ev", first));
}

static void the_beginning_of_a_run_is_enough_and_is_written_out(void **state)
{
    struct world *w = *state;
    char run[65], text[512], wanted[80];
    run_write(w, "engagement/e1", run);
    snprintf(text, sizeof text, EVALUATION("run/%.8s"), run);
    world_apply(w, text);
    snprintf(wanted, sizeof wanted, "\"runs\":[\"run/%s\"]", run);
    assert_true(document_holds(w, "evaluation/ev", wanted));
}

static void a_test_without_a_run_says_how_to_make_one(void **state)
{
    struct world *w = *state;
    world_refused(w, EVALUATION("test/A.T1"));
    assert_finding(w, "test.yaml:5:8", "test/A.T1 has no run by management's side in engagement/e1",
                   "attest test run test/A.T1 --period FROM..TO --engagement e1");
}

static void an_entry_that_is_no_run_or_nothing_is_refused(void **state)
{
    struct world *w = *state;
    char control[65], text[512];
    leaf_of(w, "control/A", control);
    snprintf(text, sizeof text, EVALUATION("run/%.16s"), control);
    world_refused(w, text);
    assert_finding(w, NULL, "runs[0]: is an entry of the ledger, but not a test run", NULL);
    world_refused(w, EVALUATION("run/0123456789abcdef"));
    assert_findings_count(w, 1, 0);
}

static void an_auditors_evaluation_takes_no_run_of_management(void **state)
{
    struct world *w = *state;
    char run[65], text[512];
    run_write(w, "engagement/e1", run);
    world_act_as(w, "person/aud");
    world_refused(w, EVALUATION("test/A.T1"));
    assert_finding(w, NULL, "test/A.T1 has no run by the auditor's side in engagement/e1", NULL);
    snprintf(text, sizeof text, EVALUATION("run/%s"), run);
    world_refused(w, text);
    assert_finding(w, NULL, "was not made by the auditor's side", NULL);
}

static void an_auditors_evaluation_takes_no_run_of_another_engagement(void **state)
{
    struct world *w = *state;
    char run[65], text[512];
    world_act_as(w, "person/aud");
    run_write(w, "engagement/e2", run);
    snprintf(text, sizeof text, EVALUATION("run/%s"), run);
    world_refused(w, text);
    assert_finding(w, NULL, "was not made in this engagement", NULL);
}

/* ---- conclusions ---- */

static void a_conclusion_on_a_criterion_rests_on_the_evaluations_below_too(void **state)
{
    struct world *w = *state;
    char run[65], evaluation[65], conclusion[65];
    run_write(w, "engagement/e1", run);
    world_apply(w, ON_CRITERION ON_CONTROL EVALUATION("test/A.T1"));
    assert_plan(w,
                "+evaluation/ev +control-conclusion/e1.A +criterion-conclusion/e1.tsc-2017.CC8.1",
                false);
    leaf_of(w, "evaluation/ev", evaluation);
    leaf_of(w, "control-conclusion/e1.A", conclusion);
    assert_true(rests_on(w, "control-conclusion/e1.A", evaluation));
    assert_true(rests_on(w, "criterion-conclusion/e1.tsc-2017.CC8.1", evaluation));
    assert_true(rests_on(w, "criterion-conclusion/e1.tsc-2017.CC8.1", conclusion));
}

static void a_conclusion_applied_again_rests_on_the_new_evaluation(void **state)
{
    struct world *w = *state;
    char run[65], evaluation[65];
    run_write(w, "engagement/e1", run);
    world_apply(w, EVALUATION("test/A.T1") ON_CONTROL ON_CRITERION);
    run_write(w, "engagement/e1", run);

    world_apply(w, EVALUATION("test/A.T1") ON_CONTROL ON_CRITERION);
    assert_plan(w,
                "~evaluation/ev ~control-conclusion/e1.A ~criterion-conclusion/e1.tsc-2017.CC8.1",
                false);
    struct strbuf text = strbuf_new(1 << 16);
    plan_write(&w->plan, &text);
    assert_non_null(strstr(text.at, "rests on evaluation/ev v1->v2"));
    strbuf_free(&text);
    leaf_of(w, "evaluation/ev", evaluation);
    assert_true(rests_on(w, "control-conclusion/e1.A", evaluation));

    world_apply(w, EVALUATION("test/A.T1") ON_CONTROL ON_CRITERION);
    assert_plan(w, "", false);
}

static void the_other_side_does_not_take_over_a_conclusion_by_applying_it(void **state)
{
    struct world *w = *state;
    char run[65];
    world_act_as(w, "person/aud");
    run_write(w, "engagement/e1", run);
    world_apply(w, EVALUATION("test/A.T1") ON_CONTROL);
    run_write(w, "engagement/e1", run);
    world_apply(w, EVALUATION("test/A.T1"));

    world_act_as(w, "person/own");
    world_clear(w);
    assert_true(world_read(w, ON_CONTROL));
    assert_true(world_plan(w, false));
    assert_plan(w, "=control-conclusion/e1.A", true);

    world_refused(w, "kind: ControlConclusion\nid: e1.A\nengagement: engagement/e1\n"
                     "control: control/A\nevaluations: [evaluation/ev]\nresult: not-effective\n");
    assert_finding(
        w, "test.yaml:1:1",
        "was written by the auditor side; person/own of the management side may not change it",
        NULL);
}

static void a_conclusion_has_the_id_of_what_it_concludes_on(void **state)
{
    struct world *w = *state;
    char run[65];
    run_write(w, "engagement/e1", run);
    world_refused(
        w,
        EVALUATION(
            "test/A.T1") "kind: ControlConclusion\nid: mine\nengagement: engagement/e1\n"
                         "control: control/A\nevaluations: [evaluation/ev]\nresult: effective\n");
    assert_finding(w, "test.yaml:8:5", "is not that of what it concludes on", "write id: e1.A");
}

static void a_conclusion_stays_within_its_engagement(void **state)
{
    struct world *w = *state;
    char run[65];
    run_write(w, "engagement/e1", run);
    world_refused(
        w,
        EVALUATION(
            "test/A.T1") "kind: ControlConclusion\nid: e2.A\nengagement: engagement/e2\n"
                         "control: control/A\nevaluations: [evaluation/ev]\nresult: effective\n");
    assert_finding(w, NULL, "evaluation/ev belongs to engagement/e1", NULL);
}

static void prune_leaves_judgements_where_they_are(void **state)
{
    struct world *w = *state;
    char run[65];
    run_write(w, "engagement/e1", run);
    world_apply(w, EVALUATION("test/A.T1"));
    world_clear(w);
    assert_true(world_read(w, programme));
    assert_true(world_plan(w, true));
    assert_plan(w, "", false);
}

/* ---- opinion ---- */

static void an_opinion_is_the_auditors_and_is_signed(void **state)
{
    struct world *w = *state;
    char run[65];
    world_act_as(w, "person/aud");
    run_write(w, "engagement/e1", run);
    world_apply(w, EVALUATION("test/A.T1") ON_CONTROL ON_CRITERION);
    world_refused(w, OPINION);
    assert_finding(w, "test.yaml:1:1", "must be signed by who writes it", "--sign-key");
    world_act_as(w, "person/own");
    world_refused(w, OPINION);
    assert_finding(w, NULL, "rule 8 (opinions are a partner's): is written by auditor", NULL);
}

static struct value *sign(void *context, struct arena *arena, struct slice message,
                          struct error *err)
{
    return signature_make(arena, context, message, err);
}

static void a_signed_opinion_rests_on_its_conclusions_and_the_assertion(void **state)
{
    struct world *w = *state;
    char run[65], conclusion[65], assertion[65];
    struct person_key key;
    struct slice line;
    const char *path = arena_printf(w->arena, &w->err, "%s/key", w->folder);
    assert_done(w, person_key_create(w->arena, path, SLICE("aud"), &line, &w->err));
    assert_done(w, person_key_read(w->arena, path, &key, &w->err));
    struct person_signer signing = person_key_signer(&key);
    world_act_as(w, "person/aud");
    w->acting.actor.sign = sign;
    w->acting.actor.sign_context = &signing;
    run_write(w, "engagement/e1", run);
    world_apply(w, OPINION ON_CRITERION ON_CONTROL EVALUATION("test/A.T1"));
    leaf_of(w, "criterion-conclusion/e1.tsc-2017.CC8.1", conclusion);
    leaf_of(w, "assertion/as", assertion);
    assert_true(rests_on(w, "opinion/op", conclusion));
    assert_true(rests_on(w, "opinion/op", assertion));
    world_apply(w, OPINION);
    assert_plan(w, "=opinion/op", true);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, programme_begin, world_end)
    const struct CMUnitTest tests[] = {
        T(a_test_stands_for_its_last_run_by_ones_own_side_in_the_engagement),
        T(the_beginning_of_a_run_is_enough_and_is_written_out),
        T(a_test_without_a_run_says_how_to_make_one),
        T(an_entry_that_is_no_run_or_nothing_is_refused),
        T(an_auditors_evaluation_takes_no_run_of_management),
        T(an_auditors_evaluation_takes_no_run_of_another_engagement),
        T(a_conclusion_on_a_criterion_rests_on_the_evaluations_below_too),
        T(a_conclusion_applied_again_rests_on_the_new_evaluation),
        T(the_other_side_does_not_take_over_a_conclusion_by_applying_it),
        T(a_conclusion_has_the_id_of_what_it_concludes_on),
        T(a_conclusion_stays_within_its_engagement),
        T(prune_leaves_judgements_where_they_are),
        T(an_opinion_is_the_auditors_and_is_signed),
        T(a_signed_opinion_rests_on_its_conclusions_and_the_assertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
