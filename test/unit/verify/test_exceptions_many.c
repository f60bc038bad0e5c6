/* More exceptions than a report lists: which are listed is nobody's choice, how many are not must
 * be exact, and what is classified together is printed as that. */
#include "verify/exceptions_world.h"

enum { MANY = 1010, LISTED = 1000 };

/* Items i-0000 and so on, all of which fail A; and one that holds. */
static const char *lines(struct world *w, unsigned count, const char *first, const char *before,
                         const char *after)
{
    struct strbuf text = strbuf_new(1 << 20);
    struct slice copy;
    strbuf_add_text(&text, first);
    for (unsigned i = 0; i < count; i++)
        strbuf_printf(&text, "%si-%04u%s", before, i, after);
    assert_true(strbuf_ok(&text, &w->err));
    assert_true(arena_copy(w->arena, strbuf_slice(&text), &copy, &w->err));
    strbuf_free(&text);
    return copy.at;
}

static void add_exception(struct strbuf *text, unsigned i, const char *class, const char *reason)
{
    strbuf_printf(text, "%s{'attributes':['A'],'class':%s,'key':['i-%04u'],'reason':%s,'why':null}",
                  text->len ? "," : "", class, i, reason);
}

/* Item 1005 is named and so comes first; of the others from `first` on as many as there is room. */
static const char *exceptions(struct world *w, unsigned count, bool is_evaluated)
{
    struct strbuf text = strbuf_new(1 << 20);
    struct slice copy;
    if (is_evaluated)
        add_exception(&text, 1005, "'intentional'", "'asked to'");
    for (unsigned i = is_evaluated; i < count && i < LISTED; i++)
        add_exception(&text, i, is_evaluated ? "'systematic'" : "null",
                      is_evaluated ? "'one cause'" : "null");
    assert_true(strbuf_ok(&text, &w->err));
    assert_true(arena_copy(w->arena, strbuf_slice(&text), &copy, &w->err));
    strbuf_free(&text);
    return copy.at;
}

static const char evaluation[] =
    "{'items':[{'class':'void','key':['i-0000'],'reason':'a test'},"
    "{'class':'deviation','key':['i-1005'],'kind':'intentional','reason':'asked to'}],"
    "'others':{'class':'deviation','count':1008,'kind':'systematic','reason':'one cause'}}";

#define OTHERS                                                                                     \
    "'others':{'class':'deviation','count':1008,'kind':'systematic','reason':'one cause'},"

static const char *model(struct world *w, unsigned count, bool is_evaluated)
{
    char more[40] = "";
    const char *listed = exceptions(w, count, is_evaluated);
    unsigned found = is_evaluated ? count - 1 : count;
    if (found > LISTED)
        snprintf(more, sizeof more, "'exceptions_more':%u,", found - LISTED);
    return arena_printf(
        w->arena, &w->err,
        "{'schema':'attest-report/1','kind':'readiness','specimen':false,'id':'readiness',"
        "'section4':{'bands':[{'criterion':{'id':'tsc-2017/CC8.1'},'conclusion':null,'rows':["
        "{'tests':[{'id':'CM-02.T1','version':1,'extent':'full','population':{'name':'POP',"
        "'type':'changes','items':%u,'digest':'sha256:ITEMS'},'sample':null,'run':'RUN',"
        "'attributes':[{'id':'A','holds':1,'fails':%u,'undecided':0},"
        "{'id':'B','holds':%u,'fails':0,'undecided':0}],'tested_deviations':%u,"
        "'concluded':%s,%s%s'result':'exceptions','exceptions':[%s]}]}]}]},"
        "'appendices':{'ledger':{'origin':'ledger.example/attest/sample','size':SIZE,'root':'ROOT',"
        "'vkey':'KEY'},'populations':[],'tests':[{'id':'CM-02.T1','run':'RUN',"
        "'result_digest':'sha256:DIGEST','engine':'duckdb/1','reclassified':[%s]}]}}",
        count + 1, count, count + 1, count,
        is_evaluated ? "{'deviations':1009,'not_deviations':0,'void':1}" : "null",
        is_evaluated ? OTHERS : "", more, listed,
        is_evaluated ? "{'attributes':['A'],'class':'void','key':['i-0000'],'reason':'a test'}"
                     : "");
}

static struct bundle_world *issued(struct world *w, unsigned count, const struct altered *altered,
                                   enum contents_level level)
{
    const struct told told = {
        .items = lines(w, count, "[\"a\"]\n", "[\"", "\"]\n"),
        .rows = lines(w, count, "{\"item\":[\"a\"],\"results\":[\"holds\",\"holds\"]}\n",
                      "{\"item\":[\"", "\"],\"results\":[\"fails\",\"holds\"]}\n"),
        .items_count = count + 1,
        .deviations = count,
        .evaluation = evaluation,
        .model = model(w, count, !altered->is_unevaluated),
    };
    return told_issue(w, &told, altered, level);
}

/* ---- right ---- */

static void a_long_list_has_an_end_and_the_rest_is_counted(void **state)
{
    const struct altered none = { .find = NULL };
    struct bundle_world *b = issued(*state, MANY, &none, CONTENTS_EVIDENCE);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "report.exceptions", CHECK_HOLDS,
                 "for 1 runs: 1000 exceptions and 1 reclassified items are printed");
    expect_state(verifier, "report.exceptions", CHECK_HOLDS, "and 9 more are counted");
    verifier_free(verifier);
    expect_ok(issued(*state, MANY, &none, CONTENTS_REPORT), NULL);
}

static void at_the_edge_nothing_is_left_over(void **state)
{
    const struct altered bare = { .is_unevaluated = true };
    for (unsigned count = LISTED - 1; count <= LISTED + 1; count++)
        expect_ok(issued(*state, count, &bare, CONTENTS_EVIDENCE), NULL);
}

/* ---- altered ---- */

#define LATER "{'attributes':['A'],'class':'systematic','key':['i-1000'],'reason':'one cause'"

static const struct {
    const char *name;
    struct altered altered;
    bool needs_results;
    const char *words;
} attacks[] = {
    { "a smaller number of more",
      { .find = "'exceptions_more':9", .put = "'exceptions_more':8" },
      false,
      "CM-02.T1 says that 8 exceptions more are not listed, there are 9" },
    { "no number of more",
      { .find = "'exceptions_more':9,", .put = "" },
      true,
      "item [\"i-1000\"] of CM-02.T1, deviation by evaluation #20, is not printed" },
    { "a list that ends early",
      { .find = ",{'attributes':['A'],'class':'systematic','key':['i-0999'],"
                "'reason':'one cause','why':null}",
        .put = "" },
      false,
      "CM-02.T1 lists 999 exceptions and leaves out 9: the first 1000 are listed" },
    { "a list from which one was chosen away",
      { .find = "'key':['i-0500']", .put = "'key':['i-1000']" },
      true,
      "item [\"i-0500\"] of CM-02.T1, deviation by evaluation #20, is not printed, though it comes "
      "before others that are" },
    { "the one that was done on purpose is hidden among the rest",
      { .find = "{'attributes':['A'],'class':'intentional','key':['i-1005'],'reason':'asked to'",
        .put = LATER },
      false,
      "item [\"i-1005\"] of CM-02.T1, deviation by evaluation #20, is not printed, though it comes "
      "before others that are" },
    { "the same item twice, for one that is not there",
      { .find = "'key':['i-0500']", .put = "'key':['i-0501']" },
      false,
      "item [\"i-0501\"] of CM-02.T1 is printed twice" },
    { "an item that holds among the others",
      { .find = "'key':['i-0999']", .put = "'key':['a']" },
      true,
      "item [\"a\"] of CM-02.T1 is printed, though it does not deviate" },
    { "a classification of the others that is not told",
      { .find = OTHERS, .put = "" },
      false,
      "CM-02.T1 prints something else of the 1008 items classified together" },
    { "another kind for all of them",
      { .find = "'count':1008,'kind':'systematic'", .put = "'count':1008,'kind':'random'" },
      false,
      "CM-02.T1 prints something else of the 1008 items classified together" },
    { "fewer of them",
      { .find = "'count':1008", .put = "'count':8" },
      false,
      "CM-02.T1 prints something else of the 1008 items classified together" },
    { "another reason for one of them",
      { .find = "'key':['i-0007'],'reason':'one cause'", .put = "'key':['i-0007'],'reason':null" },
      false,
      "item [\"i-0007\"] of CM-02.T1 is printed with another reason than evaluation #20 gives" },
    { "an evaluation of fewer items than the run has",
      { .find_judged = "'count':1008", .put_judged = "'count':1000" },
      true,
      "evaluation #20 classifies 1000 items together, but its runs have 1008 that it does not "
      "name" },
    { "an evaluation of others that does not say how many",
      { .find_judged = "'count':1008,", .put_judged = "" },
      false,
      "evaluation #20 classifies all others and not how many" },
    { "an evaluation without others",
      { .find_judged =
            ",'others':{'class':'deviation','count':1008,'kind':'systematic','reason':'one cause'}",
        .put_judged = "" },
      true,
      "item [\"i-0001\"] of CM-02.T1 deviates in run #19, evaluation #20 leaves it out" },
    { "reclassified items that are only counted",
      { .find = "'reclassified':[", .put = "'reclassified_more':2,'reclassified':[" },
      false,
      "CM-02.T1 lists 1 reclassified items and leaves out 2" },
    { "chosen among those that nobody evaluated",
      { .find = "'key':['i-0003']", .put = "'key':['i-1003']", .is_unevaluated = true },
      true,
      "item [\"i-0003\"] of CM-02.T1, not evaluated, is not printed, though it comes before" },
    { "a wrong number of those that nobody evaluated",
      { .find = "'exceptions_more':10", .put = "'exceptions_more':1", .is_unevaluated = true },
      true,
      "CM-02.T1 says that 1 exceptions more are not listed, there are 10" },
    { "a classification that nobody made",
      { .find = "'concluded':null,", .put = "'concluded':null," OTHERS, .is_unevaluated = true },
      true,
      "CM-02.T1 prints something else of the 0 items classified together" },
};

static void every_alteration_is_named(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        print_message("  %s\n", attacks[i].name);
        expect_failing(issued(*state, MANY, &attacks[i].altered, CONTENTS_EVIDENCE), NULL,
                       "report.exceptions", attacks[i].words);
        if (!attacks[i].needs_results)
            expect_failing(issued(*state, MANY, &attacks[i].altered, CONTENTS_REPORT), NULL,
                           "report.exceptions", attacks[i].words);
    }
}

/* Without results the items are not known, but how many there are is. */
static void without_results_a_list_without_its_number_is_found(void **state)
{
    const struct altered altered = { .find = "'exceptions_more':9,", .put = "" };
    expect_failing(issued(*state, MANY, &altered, CONTENTS_REPORT), NULL, "report.exceptions",
                   "CM-02.T1 lists 999 items that evaluation #20 does not name, which are 1008");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_long_list_has_an_end_and_the_rest_is_counted),
        WORLD_TEST(at_the_edge_nothing_is_left_over),
        WORLD_TEST(every_alteration_is_named),
        WORLD_TEST(without_results_a_list_without_its_number_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
