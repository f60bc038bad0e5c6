/* The printed exceptions item by item, by somebody who writes and signs the whole ledger himself:
 * whatever he leaves out, prints twice or prints otherwise is named. */
#include "verify/exceptions_world.h"

static const char items[] = "[\"chg-1\"]\n[\"chg-2\"]\n[\"chg-3\"]\n[\"chg-4\"]\n";
static const char rows[] = "{\"item\":[\"chg-1\"],\"results\":[\"fails\",\"holds\"]}\n"
                           "{\"item\":[\"chg-2\"],\"results\":[\"holds\",\"undecided\"]}\n"
                           "{\"item\":[\"chg-3\"],\"results\":[\"fails\",\"fails\"]}\n"
                           "{\"item\":[\"chg-4\"],\"results\":[\"holds\",\"holds\"]}\n";

static const char evaluation_words[] =
    "{'items':[{'class':'deviation','key':['chg-1'],'kind':'random','reason':'a slip'},"
    "{'class':'not-a-deviation','key':['chg-2'],'reason':'approved on paper'},"
    "{'class':'deviation','key':['chg-3'],'kind':'systematic'}]}";

static const char model_words[] =
    "{'schema':'attest-report/1','kind':'readiness','specimen':false,'id':'readiness',"
    "'section4':{'bands':[{'criterion':{'id':'tsc-2017/CC8.1'},'conclusion':null,'rows':["
    "{'tests':[{'id':'CM-02.T1','version':1,'extent':'full','population':{'name':'POP',"
    "'type':'changes','items':4,'digest':'sha256:ITEMS'},'sample':null,'run':'RUN','attributes':["
    "{'id':'A','holds':2,'fails':2,'undecided':0},{'id':'B','holds':2,'fails':1,'undecided':1}],"
    "'tested_deviations':3,'concluded':{'deviations':2,'not_deviations':1,'void':0},"
    "'result':'exceptions','exceptions':["
    "{'attributes':['A'],'class':'random','key':['chg-1'],'reason':'a slip','why':null},"
    "{'attributes':['A','B'],'class':'systematic','key':['chg-3'],'reason':null,'why':null}"
    "]}]}]}]},"
    "'appendices':{'ledger':{'origin':'ledger.example/attest/sample','size':SIZE,'root':'ROOT',"
    "'vkey':'KEY'},'populations':[],"
    "'tests':[{'id':'CM-02.T1','run':'RUN','result_digest':'sha256:DIGEST','engine':'duckdb/1',"
    "'reclassified':[{'attributes':['B'],'class':'not-a-deviation','key':['chg-2'],"
    "'reason':'approved on paper'}]}]}}";

static const struct told four = { .items = items,
                                  .rows = rows,
                                  .items_count = 4,
                                  .deviations = 3,
                                  .evaluation = evaluation_words,
                                  .model = model_words };

static struct bundle_world *issued(struct world *w, const struct altered *altered,
                                   enum contents_level level)
{
    return told_issue(w, &four, altered, level);
}

/* ---- right ---- */

static void each_exception_of_a_true_report_is_compared(void **state)
{
    const struct altered none = { .find = NULL };
    struct bundle_world *b = issued(*state, &none, CONTENTS_EVIDENCE);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "report.exceptions", CHECK_HOLDS,
                 "for 1 runs: 2 exceptions and 1 reclassified items are printed");
    verifier_free(verifier);
}

static void without_results_it_is_said_aloud(void **state)
{
    const struct altered none = { .find = NULL };
    struct bundle_world *b = issued(*state, &none, CONTENTS_REPORT);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "report.exceptions", CHECK_NOT_MADE,
                 "of 1 runs the results of 1 are not here");
    verifier_free(verifier);
}

static void two_evaluations_that_agree_hold(void **state)
{
    const struct altered twice = { .second = evaluation_words };
    expect_ok(issued(*state, &twice, CONTENTS_EVIDENCE), NULL);
}

static void candidates_that_nobody_evaluated_are_printed_bare(void **state)
{
    static const char find[] =
        "{'attributes':['A'],'class':'random','key':['chg-1'],'reason':'a slip','why':null},"
        "{'attributes':['A','B'],'class':'systematic','key':['chg-3'],'reason':null,'why':null}";
    static const char bare[] =
        "{'attributes':['A'],'class':null,'key':['chg-1'],'reason':null,'why':null},"
        "{'attributes':['B'],'class':null,'key':['chg-2'],'reason':null,'why':null},"
        "{'attributes':['A','B'],'class':null,'key':['chg-3'],'reason':null,'why':null}";
    struct altered altered = { .find = find, .put = bare, .is_unevaluated = true };
    struct bundle_world *b = issued(*state, &altered, CONTENTS_EVIDENCE);
    struct verifier *verifier = world_verify(b, NULL);
    /* The model still says what was concluded and reclassified: nobody did. */
    expect_state(verifier, "report.exceptions", CHECK_FAILS, "which nobody concluded");
    expect_state(verifier, "report.model", CHECK_FAILS, "a run that nobody evaluated");
    verifier_free(verifier);
}

/* ---- altered ---- */

#define FIRST "{'attributes':['A'],'class':'random','key':['chg-1'],'reason':'a slip','why':null}"
#define THIRD                                                                                      \
    "{'attributes':['A','B'],'class':'systematic','key':['chg-3'],'reason':null,'why':null}"
#define SECOND_BRIDGE                                                                              \
    "{'attributes':['B'],'class':'not-a-deviation','key':['chg-2'],'reason':'approved on paper'}"

/* What needs no results is found without them too. */
static const struct {
    const char *name;
    struct altered altered;
    bool needs_results;
    const char *words;
} attacks[] = {
    { "an exception dropped",
      { .find = "," THIRD, .put = "" },
      false,
      "item [\"chg-3\"] of CM-02.T1, deviation by evaluation #20, is not printed" },
    { "one dropped, another printed twice",
      { .find = THIRD, .put = FIRST },
      false,
      "item [\"chg-1\"] of CM-02.T1 is printed twice" },
    { "one dropped, an item that holds printed in its place",
      { .find = "'key':['chg-3']", .put = "'key':['chg-4']" },
      false,
      "item [\"chg-4\"] of CM-02.T1 is printed, evaluation #20 does not name it" },
    { "a systematic deviation printed as random",
      { .find = "'class':'systematic'", .put = "'class':'random'" },
      false,
      "is printed as an exception (\"random\"), evaluation #20 says deviation (\"systematic\")" },
    { "another reason",
      { .find = "'reason':'a slip'", .put = "'reason':'repaired'" },
      false,
      "another reason than evaluation #20 gives" },
    { "other attributes",
      { .find = "'attributes':['A','B']", .put = "'attributes':['A']" },
      true,
      "item [\"chg-3\"] of CM-02.T1 is printed with other attributes" },
    { "the bridge leaves one out",
      { .find = SECOND_BRIDGE, .put = "" },
      false,
      "item [\"chg-2\"] of CM-02.T1, not-a-deviation by evaluation #20, is not printed" },
    { "a deviation printed as reclassified",
      { .find = SECOND_BRIDGE, .put = SECOND_BRIDGE "," FIRST },
      false,
      "is printed twice" },
    { "the evaluation leaves a deviation out",
      { .find_judged = ",{'class':'deviation','key':['chg-3'],'kind':'systematic'}",
        .put_judged = "" },
      false,
      "item [\"chg-3\"] of CM-02.T1 is printed, evaluation #20 does not name it" },
    { "evaluation and report leave it out together",
      { .find = "'key':['chg-3']",
        .put = "'key':['chg-4']",
        .find_judged = "'key':['chg-3']",
        .put_judged = "'key':['chg-4']" },
      true,
      "item [\"chg-3\"] of CM-02.T1 deviates in run #19, evaluation #20 leaves it out" },
    { "an item that holds is evaluated and printed",
      { .find = "'key':['chg-3']",
        .put = "'key':['chg-4']",
        .find_judged = "'key':['chg-3']",
        .put_judged = "'key':['chg-4']" },
      true,
      "item [\"chg-4\"] of CM-02.T1 is printed, though it does not deviate in run #19" },
    { "an item of no run is evaluated",
      { .find_judged = "{'class':'deviation','key':['chg-1']",
        .put_judged = "{'class':'void','key':['chg-9'],'reason':'x'},"
                      "{'class':'deviation','key':['chg-1']" },
      true,
      "classifies item [\"chg-9\"], which deviates in none of its runs" },
    { "one item classified twice",
      { .find_judged = "'key':['chg-2']", .put_judged = "'key':['chg-1']" },
      false,
      "evaluation #20 classifies item [\"chg-1\"] twice" },
    { "two evaluations that differ",
      { .second = "{'items':[{'class':'void','key':['chg-1'],'reason':'x'},"
                  "{'class':'not-a-deviation','key':['chg-2'],'reason':'approved on paper'},"
                  "{'class':'deviation','key':['chg-3'],'kind':'systematic'}]}" },
      true,
      "item [\"chg-1\"] of CM-02.T1 is void by evaluation #21, deviation by #20" },
    { "an exception without a key",
      { .find = "'key':['chg-3'],", .put = "" },
      false,
      "CM-02.T1 prints an item without its key" },
};

static void every_alteration_is_named(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        print_message("  %s\n", attacks[i].name);
        expect_failing(issued(*state, &attacks[i].altered, CONTENTS_EVIDENCE), NULL,
                       "report.exceptions", attacks[i].words);
        if (!attacks[i].needs_results)
            expect_failing(issued(*state, &attacks[i].altered, CONTENTS_REPORT), NULL,
                           "report.exceptions", attacks[i].words);
    }
}

/* ---- in a data directory ---- */

static const char all_good[] = "{'items':[{'class':'not-a-deviation','key':['chg-1']},"
                               "{'class':'not-a-deviation','key':['chg-2']},"
                               "{'class':'not-a-deviation','key':['chg-3']}]}";

/* Somebody else judged the same run, for a report of his own. */
static void evaluations_of_others_say_nothing_of_this_report(void **state)
{
    const struct altered beside = { .beside = all_good };
    struct bundle_world *b = issued(*state, &beside, CONTENTS_EVIDENCE);
    expect_ok(b, NULL);
    struct verifier *verifier = world_verify_directory(b);
    expect_state(verifier, "report.exceptions", CHECK_HOLDS,
                 "for 1 runs: 2 exceptions and 1 reclassified items are printed");
    expect_state(verifier, "report.model", CHECK_HOLDS,
                 "facts of the report are those of the ledger");
    verifier_free(verifier);
}

static void its_own_evaluations_do(void **state)
{
    const struct altered second = { .second = all_good, .beside = evaluation_words };
    struct bundle_world *b = issued(*state, &second, CONTENTS_EVIDENCE);
    struct verifier *verifier = world_verify_directory(b);
    expect_state(verifier, "report.exceptions", CHECK_FAILS, "not-a-deviation by evaluation #");
    verifier_free(verifier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(each_exception_of_a_true_report_is_compared),
        WORLD_TEST(without_results_it_is_said_aloud),
        WORLD_TEST(two_evaluations_that_agree_hold),
        WORLD_TEST(candidates_that_nobody_evaluated_are_printed_bare),
        WORLD_TEST(every_alteration_is_named),
        WORLD_TEST(evaluations_of_others_say_nothing_of_this_report),
        WORLD_TEST(its_own_evaluations_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
