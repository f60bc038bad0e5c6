/* What people conclude against what was found: each contradiction is told, and nothing else. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit_world.h"
#include "audit/candidates.h"
#include "audit/items.h"
#include "audit/judgement.h"
#include "base/json.h"
#include "ledger/entry.h"

#define ENGAGEMENT(id, type)                                                                       \
    "kind: Engagement\nid: " id "\ntitle: E\ncategories: [security]\n"                             \
    "organization: organization/o\nsystem: system/s\npartner: person/aud\n"                        \
    "auditors: [person/aud]\n" type "\n---\n"
#define TYPE_2(from, to) "type: type-2\nperiod: {from: " from ", to: " to "}"
#define ASSERTION(id, engagement, more)                                                            \
    "kind: Assertion\nid: " id "\nengagement: engagement/" engagement "\ntext: [We assert.]\n"     \
    "signed_by: person/own\ndate: 2026-04-20\n" more "---\n"
#define BUT "qualifications: [{part: operating, criterion: tsc-2017/CC8.1, text: But this.}]\n"

static const char parties[] =
    "kind: Person\nid: aud\nname: Auditor\nside: auditor\nroles: [partner]\n"
    "licence: {number: '1', jurisdiction: XX}\n---\n"
    "kind: Person\nid: bare\nname: Another\nside: auditor\n---\n"
    "kind: Organization\nid: o\nname: O\n---\n"
    "kind: System\nid: s\ntitle: S\n";
static const char engagements[] = CONTROL("C2") ENGAGEMENT("e1", TYPE_2("2026-01-01", "2026-03-31"))
    ENGAGEMENT("e2", "type: type-1\nas_of: 2026-03-31")
        ENGAGEMENT("e3", TYPE_2("2026-04-01", "2026-04-30")) ASSERTION("as", "e1", "")
            ASSERTION("as2", "e2", "") ASSERTION("told", "e1", BUT);

#define TEST(id, control)                                                                          \
    "kind: Test\nid: " id "\ncontrol: " control "\nnature: reperformance\nprocedure: Done.\n"      \
    "population: things\nattributes: [{id: A, title: A, holds: \"who = 'ann'\"}]\n---\n"

/* Of five things in January one holds; "fails" among the keys is only a name. */
#define THINGS                                                                                     \
    "{\"id\":\"fails\",\"at\":\"2026-01-02T00:00:00Z\",\"who\":\"ann\"}\n"                         \
    "{\"id\":\"b\",\"at\":\"2026-01-03T00:00:00Z\",\"who\":\"bob\"}\n"                             \
    "{\"id\":\"c\",\"at\":\"2026-01-04T00:00:00Z\",\"who\":null}\n"                                \
    "{\"id\":\"d\",\"at\":\"2026-01-05T00:00:00Z\",\"who\":\"di\"}\n"

static void run_in(struct world *w, const char *engagement, const char *test, const char *period)
{
    struct slice name = slice_of(test);
    struct run_options options = { .engagement = slice_of(engagement),
                                   .tests = &name,
                                   .tests_count = 1,
                                   .period = slice_of(period),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 } };
    const struct value *run = audit_run_with(w, &options);
    assert_done(w, run != NULL);
}

static struct value *sign(void *context, struct arena *arena, struct slice message,
                          struct error *err)
{
    (void)context;
    (void)arena;
    (void)message;
    error_set(err, ERROR_INVALID, NULL, "a check signs nothing");
    return NULL;
}

static int judgement_begin(void **state)
{
    if (world_begin(state) != 0)
        return 1;
    struct world *w = *state;
    audit_begin(w, "");
    world_apply(w, parties);
    world_apply(w, engagements);
    world_apply(w, TEST("T1", "control/C1") TEST("T2", "control/C2"));
    audit_import(w, "things", THINGS, NULL);
    world_act_as(w, "person/aud");
    run_in(w, "engagement/e1", "test/T1", NULL);
    run_in(w, "engagement/e1", "test/T2", NULL);
    run_in(w, "engagement/e3", "test/T1", NULL);
    return 0;
}

/* Plans the documents, which must be right as such, and judges them. */
static bool judge(struct world *w, const char *text)
{
    world_clear(w);
    w->acting.actor.sign = sign;
    bool is_planned = world_read(w, text) && world_plan(w, false);
    if (!is_planned)
        assert_findings_count(w, 0, 0); /* tells what is wrong */
    assert_true(is_planned);
    bool ok = judgement_check(w->store, w->arena, &w->plan, &w->acting, &w->findings, &w->err);
    w->acting.actor.sign = NULL;
    assert_int_equal(w->err.code, ERROR_NONE);
    assert_true(ok == (w->findings.errors_count == 0));
    return ok;
}

static void assert_right(struct world *w, const char *text)
{
    if (!judge(w, text))
        assert_findings_count(w, 0, 0);
}

struct wrong {
    const char *text, *message;
};

/* Each is told, and that alone. */
static void assert_wrong(struct world *w, const struct wrong *wrong, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("  %s\n", wrong[i].message);
        assert_false(judge(w, wrong[i].text));
        assert_finding(w, NULL, wrong[i].message, NULL);
        assert_int_equal(w->findings.errors_count, 1);
    }
}

/* ---- evaluations ---- */

#define EVALUATE(test, more)                                                                       \
    "kind: Evaluation\nid: ev\nengagement: engagement/e1\ntest: test/" test "\nruns: [test/" test  \
    "]\n" more "---\n"
#define B "{key: [b], class: deviation, kind: random}"
#define C "{key: [c], class: not-a-deviation, reason: seen, evidence: [paper]}"
#define D "{key: [d], class: void, reason: a test}"
#define ALL EVALUATE("T1", "items: [" B ", " C ", " D "]\n")

static void every_candidate_is_classified_one_by_one_or_together(void **state)
{
    assert_right(*state, ALL);
    assert_right(*state, EVALUATE("T1", "items: [" D "]\nothers: {count: 2, class: deviation, "
                                        "kind: systematic}\n"));
    assert_right(*state, EVALUATE("T1", "others: {count: 3, class: void, reason: all a test}\n"));
}

static void an_evaluation_that_does_not_fit_its_runs_is_refused(void **state)
{
    static const struct wrong wrong[] = {
        { EVALUATE("T1", "items: [" C ", " D "]\n"),
          "items: 1 of 3 candidates are not classified, the first is [\"b\"]" },
        { EVALUATE("T1", ""), "items: 3 of 3 candidates are not classified" },
        { EVALUATE("T1", "items: [" B ", " C ", " D ", {key: [fails], class: void, reason: x}]\n"),
          "items: 1 are no candidates of these runs, the first is [\"fails\"]" },
        { EVALUATE("T1", "items: [" B ", " C ", " D ", " B "]\n"),
          "items: 1 are no candidates of these runs, the first is [\"b\"]" },
        { EVALUATE("T1", "items: [" D "]\nothers: {count: 1, class: deviation, kind: random}\n"),
          "others.count: 1, but 2 of 3 candidates are not named in items" },
        { EVALUATE("T1", "items: [" B ", " C ", " D
                         "]\nothers: {count: 1, class: deviation, kind: random}\n"),
          "others.count: 1, but 0 of 3 candidates are not named in items" },
        { EVALUATE("T1", "items: [" C ", " D ", {key: [b], class: deviation}]\n"),
          "items [\"b\"]: a deviation needs its kind" },
        { EVALUATE("T1", "items: [" B ", " D ", {key: [c], class: not-a-deviation, reason: x}]\n"),
          "items [\"c\"]: not a deviation needs the evidence that shows it" },
        { EVALUATE("T1", "items: [" B ", " C ", {key: [d], class: void}]\n"),
          "items [\"d\"]: void needs a reason" },
        { EVALUATE("T1", "others: {count: 3, class: deviation}\n"),
          "others: a deviation needs its kind" },
        { EVALUATE("T1", "others: {count: 3, class: not-a-deviation, reason: x}\n"),
          "others: not a deviation needs the evidence that shows it" },
        { EVALUATE("T1", "others: {count: 3, class: void}\n"), "others: void needs a reason" },
    };
    assert_wrong(*state, wrong, ARRAY_LEN(wrong));
}

/* The leaf of the last run of a test. */
static const char *last_run(struct world *w, const char *test)
{
    struct stored_entries list;
    char hex[65];
    assert_done(w, entry_list(w->store, w->arena, SLICE("test.run"), slice_of(test),
                              store_size(w->store), &list, &w->err));
    assert_true(list.count > 0);
    digest_hex(&list.items[list.count - 1].leaf, hex);
    return arena_string(w->arena, slice_of(hex), &w->err);
}

static void an_item_that_deviates_in_two_runs_counts_once(void **state)
{
    struct world *w = *state;
    char text[1024];
    const char *first = arena_printf(w->arena, &w->err, "%s", last_run(w, "test/T2"));
    world_act_as(w, "person/own");
    audit_import(w, "things",
                 "{\"id\":\"a\",\"at\":\"2026-01-07T00:00:00Z\",\"who\":\"bob\"}\n"
                 "{\"id\":\"cc\",\"at\":\"2026-01-08T00:00:00Z\",\"who\":\"bob\"}\n"
                 "{\"id\":\"e\",\"at\":\"2026-01-09T00:00:00Z\",\"who\":\"bob\"}\n",
                 NULL);
    world_act_as(w, "person/aud");
    run_in(w, "engagement/e1", "test/T2", NULL);
    snprintf(text, sizeof text,
             "kind: Evaluation\nid: ev\nengagement: engagement/e1\ntest: test/T2\n"
             "runs: [run/%s, run/%s]\nitems: [" B "]\n"
             "others: {count: %%s, class: deviation, kind: random}\n",
             first, last_run(w, "test/T2"));
    char *at = strstr(text, "%s");
    memcpy(at, "5 ", 2); /* c and d of both, a, cc and e of the second */
    assert_right(w, text);
    memcpy(at, "7 ", 2);
    assert_false(judge(w, text));
    assert_finding(w, NULL, "others.count: 7, but 5 of 6 candidates are not named in items", NULL);
}

/* Management looks at its controls outside of engagements too; what it evaluates in one was run
 * there. */
static void a_run_outside_of_the_engagement_is_refused(void **state)
{
    struct world *w = *state;
    char text[1024];
    world_act_as(w, "person/own");
    assert_non_null(audit_run(w));
    snprintf(text, sizeof text,
             "kind: Evaluation\nid: ev\nengagement: engagement/e1\ntest: test/T1\nruns: [run/%s]\n"
             "items: [" B ", " C ", " D "]\n",
             last_run(w, "test/T1"));
    assert_false(judge(w, text));
    assert_int_equal(w->findings.errors_count, 1);
    assert_finding(w, NULL, "runs: a run was not made in engagement/e1", NULL);
}

/* Without its matrix a run cannot be judged by what is kept beside it. */
static void a_matrix_that_is_gone_is_an_error(void **state)
{
    struct world *w = *state;
    struct matrix_text matrix;
    struct payload payload;
    uint8_t salt[32];
    char *path;
    assert_done(w, matrix_open(w->store, w->arena, slice_of(last_run(w, "test/T2")),
                               store_size(w->store), &matrix, &w->err));
    const struct value *entry = json_parse(w->arena, matrix.run.bytes, "entry", NULL, &w->err);
    assert_true(payload_ref(value_path(entry, "body.payload"), &payload.c, &payload.bytes));
    matrix_close(&matrix);
    assert_done(w, payload_file(w->store, w->arena, &payload.c, salt, &path, &w->err));
    assert_int_equal(unlink(path), 0);
    world_clear(w);
    assert_true(world_read(w, EVALUATE("T2", "others: {count: 3, class: void, reason: x}\n")));
    assert_true(world_plan(w, false));
    assert_false(judgement_check(w->store, w->arena, &w->plan, &w->acting, &w->findings, &w->err));
    assert_int_not_equal(w->err.code, ERROR_NONE);
}

/* ---- conclusions ---- */

#define ON_CONTROL(result)                                                                         \
    "kind: ControlConclusion\nid: e1.C1\nengagement: engagement/e1\ncontrol: control/C1\n"         \
    "evaluations: [evaluation/ev]\nresult: " result "\n---\n"

static void a_conclusion_that_contradicts_its_evaluations_is_refused(void **state)
{
    static const struct wrong wrong[] = {
        { ALL ON_CONTROL("effective"), "basis: effective with 1 deviations needs a basis" },
        { EVALUATE("T1", "items: [" B "]\nothers: {count: 2, class: deviation, kind: random}\n")
              ON_CONTROL("effective"),
          "basis: effective with 3 deviations needs a basis" },
        { ALL ON_CONTROL("did-not-operate"), "result: did-not-operate, but the runs saw 4 items" },
        { EVALUATE("T2", "others: {count: 3, class: void, reason: x}\n") ON_CONTROL("effective"),
          "evaluations: evaluation/ev is of a test of control/C2" },
        { "kind: Evaluation\nid: ev\nengagement: engagement/e3\ntest: test/T1\nruns: [test/T1]\n"
          "---\nkind: ControlConclusion\nid: e3.C1\nengagement: engagement/e3\n"
          "control: control/C1\nevaluations: [evaluation/ev]\nresult: effective\n",
          "result: effective, but the control did not operate: the runs saw no item" },
    };
    struct world *w = *state;
    assert_right(w, ALL ON_CONTROL("not-effective"));
    assert_right(w, ALL ON_CONTROL("effective\nbasis: One slip of four."));
    assert_right(w, EVALUATE("T1", "others: {count: 3, class: void, reason: x}\n")
                        ON_CONTROL("effective"));
    assert_wrong(w, wrong, ARRAY_LEN(wrong));
}

#define ON_CRITERION(engagement, operating)                                                        \
    "kind: CriterionConclusion\nid: " engagement ".tsc-2017.CC8.1\nengagement: "                   \
    "engagement/" engagement "\ncriterion: tsc-2017/CC8.1\n"                                       \
    "controls: [control-conclusion/e1.C1]\n"                                                       \
    "evaluations: [evaluation/ev]\ndesign: suitable\noperating: " operating "\n---\n"
#define NOT_EFFECTIVE ALL ON_CONTROL("not-effective")

static void a_criterion_does_not_silently_overrule_its_controls(void **state)
{
    static const struct wrong wrong[] = {
        { NOT_EFFECTIVE ON_CRITERION("e1", "effective"),
          "basis: effective although control-conclusion/e1.C1 is not-effective needs a basis" },
        { NOT_EFFECTIVE ON_CRITERION("e1", "not-examined"),
          "operating: a type 2 engagement examines operation" },
    };
    struct world *w = *state;
    assert_right(w, NOT_EFFECTIVE ON_CRITERION("e1", "not-effective"));
    assert_right(w, NOT_EFFECTIVE ON_CRITERION("e1", "effective\nbasis: Another control."));
    assert_wrong(w, wrong, ARRAY_LEN(wrong));
}

/* ---- type 1 ---- */

#define OF_TYPE_1(operating)                                                                       \
    "kind: Evaluation\nid: ev\nengagement: engagement/e2\ntest: test/T1\nruns: [test/T1]\n"        \
    "others: {count: 3, class: void, reason: x}\n---\n"                                            \
    "kind: CriterionConclusion\nid: e2.tsc-2017.CC8.1\nengagement: engagement/e2\n"                \
    "criterion: tsc-2017/CC8.1\nevaluations: [evaluation/ev]\ndesign: " operating "\n---\n"

#define OPINION_OF_TYPE_1(design, date)                                                            \
    "kind: Opinion\nid: op\nengagement: engagement/e2\n"                                           \
    "conclusions: [criterion-conclusion/e2.tsc-2017.CC8.1]\nassertion: assertion/as2\n"            \
    "parts: {description: {variant: unmodified}, design: " design                                  \
    "}\nsigned_by: person/aud\nreport_date: " date "\n---\n"

static void a_type_1_engagement_examines_no_operation(void **state)
{
    static const struct wrong wrong[] = {
        { OF_TYPE_1("suitable\noperating: effective"),
          "operating: a type 1 engagement does not examine operation: not-examined" },
        { OF_TYPE_1("suitable\noperating: not-examined") OPINION_OF_TYPE_1(
              "{variant: unmodified}, operating: {variant: unmodified}", "2026-04-30"),
          "parts.operating: a type 1 report gives no opinion on operation" },
        { OF_TYPE_1("not-suitable\noperating: not-examined")
              OPINION_OF_TYPE_1("{variant: qualified, basis: x}", "2026-04-30"),
          "parts.design.criteria: tsc-2017/CC8.1 is concluded not-suitable and not named" },
        { OF_TYPE_1("suitable\noperating: not-examined")
              OPINION_OF_TYPE_1("{variant: unmodified}", "2026-03-31"),
          "report_date: 2026-03-31 is not after the end, 2026-03-31" },
    };
    struct world *w = *state;
    run_in(w, "engagement/e2", "test/T1", "2026-01-01..2026-03-31");
    assert_right(w, OF_TYPE_1("suitable\noperating: not-examined")
                        OPINION_OF_TYPE_1("{variant: unmodified}", "2026-04-30"));
    assert_wrong(w, wrong, ARRAY_LEN(wrong));
}

/* ---- opinions ---- */

#define OPINION(assertion, parts, more)                                                            \
    "kind: Opinion\nid: op\nengagement: engagement/e1\n"                                           \
    "conclusions: [criterion-conclusion/e1.tsc-2017.CC8.1]\nassertion: assertion/" assertion       \
    "\nparts: {description: {variant: unmodified}, design: {variant: unmodified}" parts            \
    "}\nsigned_by: person/aud\n" more "---\n"
#define DATE "report_date: 2026-04-30\n"
#define FAILED NOT_EFFECTIVE ON_CRITERION("e1", "not-effective")
#define MET ALL ON_CONTROL("effective\nbasis: One slip.") ON_CRITERION("e1", "effective")
#define UNMODIFIED ", operating: {variant: unmodified}"
#define QUALIFIED ", operating: {variant: qualified, basis: It failed., criteria: [tsc-2017/CC8.1]}"

static void an_opinion_that_contradicts_what_it_rests_on_is_refused(void **state)
{
    static const struct wrong wrong[] = {
        { MET OPINION("as", "", DATE), "parts.operating: a type 2 report needs this part" },
        { MET OPINION("as", ", operating: {variant: unmodified, basis: x}", DATE),
          "parts.operating.basis: an unmodified part has no basis" },
        { FAILED OPINION("told", ", operating: {variant: qualified, criteria: [tsc-2017/CC8.1]}",
                         DATE),
          "parts.operating.basis: qualified needs a basis" },
        { FAILED OPINION("told", ", operating: {variant: qualified, basis: x}", DATE),
          "parts.operating.criteria: tsc-2017/CC8.1 is concluded not-effective and not named" },
        { FAILED OPINION("as", UNMODIFIED, DATE),
          "effect_on_commitments: say what tsc-2017/CC8.1 not met means" },
        { FAILED OPINION("as", QUALIFIED, DATE),
          "explanatory: a paragraph on the assertion that is not amended" },
        { MET OPINION("as", UNMODIFIED, "report_date: 2026-03-31\n"),
          "report_date: 2026-03-31 is not after the end, 2026-03-31" },
        { MET OPINION("as", UNMODIFIED, "report_date: 2999-01-01\n"),
          "report_date: 2999-01-01 lies in the future" },
    };
    struct world *w = *state;
    assert_right(w, MET OPINION("as", UNMODIFIED, DATE));
    assert_right(w, FAILED OPINION("told", QUALIFIED, DATE));
    assert_wrong(w, wrong, ARRAY_LEN(wrong));
}

/* The partner may do so; that he was told is all that a program can do. */
static void an_unmodified_opinion_over_a_failure_is_warned_of(void **state)
{
    struct world *w = *state;
    assert_right(w,
                 FAILED OPINION("as", UNMODIFIED, DATE "effect_on_commitments: None of weight.\n"));
    assert_finding(w, NULL,
                   "parts.operating is unmodified although tsc-2017/CC8.1 is concluded "
                   "not-effective",
                   NULL);
    assert_right(w, FAILED OPINION("as", QUALIFIED, DATE "explanatory: It is not amended.\n"));
    assert_finding(w, NULL, "management's assertion claims tsc-2017/CC8.1", NULL);
}

static void only_the_partner_signs_and_with_a_licence(void **state)
{
    struct world *w = *state;
    static const char by_another[] =
        MET "kind: Opinion\nid: op\nengagement: engagement/e1\n"
            "conclusions: [criterion-conclusion/e1.tsc-2017.CC8.1]\nassertion: assertion/as\n"
            "parts: {description: {variant: unmodified}, design: {variant: unmodified}" UNMODIFIED
            "}\nsigned_by: person/bare\n" DATE;
    assert_false(judge(w, by_another));
    assert_int_equal(w->findings.errors_count, 3);
    assert_finding(w, NULL, "signed_by: person/bare signs, but person/aud acts", NULL);
    assert_finding(w, NULL, "signed_by: only the engagement's partner signs", NULL);
    assert_finding(w, NULL, "signed_by: person/bare has no licence on record", NULL);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, judgement_begin, world_end)
    const struct CMUnitTest tests[] = {
        T(every_candidate_is_classified_one_by_one_or_together),
        T(an_evaluation_that_does_not_fit_its_runs_is_refused),
        T(an_item_that_deviates_in_two_runs_counts_once),
        T(a_run_outside_of_the_engagement_is_refused),
        T(a_matrix_that_is_gone_is_an_error),
        T(a_conclusion_that_contradicts_its_evaluations_is_refused),
        T(a_criterion_does_not_silently_overrule_its_controls),
        T(a_type_1_engagement_examines_no_operation),
        T(an_opinion_that_contradicts_what_it_rests_on_is_refused),
        T(an_unmodified_opinion_over_a_failure_is_warned_of),
        T(only_the_partner_signs_and_with_a_licence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
