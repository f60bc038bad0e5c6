/* A report whose numbers, conclusions and opinion are not those of the ledger does not hold, though
 * it is signed, committed to and whole. */
#include "verify/bundle_world.h"

enum {
    ASSERTION = 8,
    SEGMENT = 10,
    POPULATION = 16,
    OTHER_POPULATION = 17,
    RUN = 19,
    FULL_RUN = 20,
    CHAIN = 22
};

/* What a test may change before the report is issued. */
struct issue {
    const char *find, *put; /* in the model; NULL: as it should be */
    enum contents_level level;
    bool has_no_forms;
    bool leaves_evaluation_out; /* the second run is not evaluated */
    bool has_other_report;      /* management's, issued before, over the same run */
    const char *conclusion;     /* document of the conclusion; NULL: the usual one */
    const char *signer;         /* whom the opinion's document names; NULL: the one who signs */
};

static const char model_words[] =
    "{'schema':'attest-report/1','kind':'type-2','specimen':true,'id':'soc2-2026',"
    "'engagement':{'id':'soc2-2026'},'report_date':'2026-11-24',"
    "'organization':{'name':'Kestrel Cloud'},"
    "'section1':{'opinion':{'parts':[{'part':'description','variant':'unmodified'},"
    "{'part':'design','variant':'unmodified'},{'part':'operating','variant':'qualified',"
    "'cause':'deficiency','criteria':['tsc-2017/CC8.1']}]},'signature':{'date':'2026-11-24'}},"
    "'section4':{'bands':[{'criterion':{'id':'tsc-2017/CC8.1'},"
    "'conclusion':{'design':'suitable','operating':'effective'},'rows':[{'tests':["
    "{'id':'CM-02.T1','version':1,'extent':'sample','population':{'name':'POP','type':'changes',"
    "'items':40,'digest':'sha256:"
    "70a69c2f783d8af9784db28c3f99a5ac15dfd3e6c5d62fd9d4f538b8f6d61bd2'},'sample':{'size':25},"
    "'run':'RUN','attributes':[{'id':'A','holds':24,'fails':1,'undecided':0},"
    "{'id':'B','holds':24,'fails':0,'undecided':1}],'tested_deviations':1,"
    "'concluded':{'deviations':1,'not_deviations':0,'void':0},'result':'exceptions',"
    "'exceptions':[{'attributes':['A','B'],'class':null,'key':['chg-0003'],'reason':null,"
    "'why':null}]},"
    "{'id':'CM-02.T1','version':1,'extent':'full','population':{'name':'OTHER','type':'changes',"
    "'items':12,'digest':'sha256:"
    "6855c48b88e87ee1d29d26af95a26860164acb1e299a939fa84bc72c86b0cd16'},'sample':null,"
    "'run':'FULL','attributes':[{'id':'A','holds':12,'fails':0,'undecided':0},"
    "{'id':'B','holds':12,'fails':0,'undecided':0}],'tested_deviations':0,"
    "'concluded':{'deviations':0,'not_deviations':0,'void':0},'result':'no-exceptions',"
    "'exceptions':[]}"
    "]}]}]},"
    "'appendices':{'ledger':{'origin':'ledger.example/attest/sample','size':SIZE,'root':'ROOT',"
    "'vkey':'KEY'},"
    "'tests':[{'id':'CM-02.T1','run':'RUN','result_digest':'sha256:DIGEST','engine':'duckdb/1'}],"
    "'populations':[{'name':'POP','items':40,'segments':[{'leaf':'SEG','rows':52}]}]}}";

static const char *replaced(struct bundle_world *b, const char *text, const char *find,
                            const char *put)
{
    const char *at = strstr(text, find);
    if (!at)
        fail_msg("the model does not say %s", find);
    return world_text(b, "%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
}

static const char *replaced_all(struct bundle_world *b, const char *text, const char *find,
                                const char *put)
{
    while (strstr(text, find))
        text = replaced(b, text, find, put);
    return text;
}

static const char *matrix_digest(struct bundle_world *b)
{
    char hex[65];
    struct digest digest = sha256_of(value_text(value_path(b->ledger.file, "matrix.text")));
    digest_hex(&digest, hex);
    return world_text(b, "%s", hex);
}

static const char *model_of(struct bundle_world *b, const struct issue *issue)
{
    uint64_t size = b->ledger.entries.count;
    const char *text = model_words;
    if (issue->find)
        text = replaced(b, text, issue->find, issue->put);
    text = replaced_all(b, text, "POP", world_leaf_hex(b, POPULATION));
    text = replaced_all(b, text, "OTHER", world_leaf_hex(b, OTHER_POPULATION));
    text = replaced_all(b, text, "RUN", world_leaf_hex(b, RUN));
    text = replaced_all(b, text, "FULL", world_leaf_hex(b, FULL_RUN));
    text = replaced_all(b, text, "SEG", world_leaf_hex(b, SEGMENT));
    text = replaced_all(b, text, "DIGEST", matrix_digest(b));
    text = replaced_all(b, text, "SIZE", world_text(b, "%u", (unsigned)size));
    text = replaced_all(b, text, "ROOT", world_root_hex(b, size));
    return replaced_all(b, text, "KEY", world_text(b, "%.*s", SLICE_ARG(b->vkey)));
}

static uint64_t step(struct bundle_world *b, const char *type, const char *body,
                     const uint64_t *inputs, size_t count, bool is_signed)
{
    struct entry_words words = {
        .type = type, .side = "auditor", .body = body, .inputs_count = count, .is_signed = is_signed
    };
    memcpy(words.inputs, inputs, count * sizeof *inputs);
    return world_entry(b, &words);
}

static const char *document(struct bundle_world *b, const char *words)
{
    struct strbuf text = strbuf_new(1 << 20);
    for (const char *at = words; *at; at++)
        strbuf_add_char(&text, *at == '\'' ? '"' : *at);
    const char *payload = world_payload(b, strbuf_slice(&text));
    strbuf_free(&text);
    return payload;
}

static const char *named_body(struct bundle_world *b, const char *name, const char *words)
{
    return world_text(b, "{'name':'%s','payload':%s,'version':1}", world_name(b, name),
                      document(b, words));
}

static void forms_add(struct bundle_world *b)
{
    static const char *const forms[][2] = { { "application/pdf", "%PDF the report" },
                                            { "text/html", "<!doctype html>the report" } };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        step(b, "blob",
             world_text(b, "{'media':'%s','payload':%s}", forms[i][0], document(b, forms[i][1])),
             &b->report, 1, false);
}

/* Management found of its own that the first run has no deviation, and prints the second as it is.
 */
static void readiness_before(struct bundle_world *b)
{
    static const char words[] =
        "{'schema':'attest-report/1','kind':'readiness','specimen':false,'id':'ready',"
        "'section4':{'bands':[]},'appendices':{'ledger':{'origin':'ledger.example/attest/sample',"
        "'size':%u,'root':'%s','vkey':'%.*s'},'populations':[],'tests':[]}}";
    const struct entry_words evaluation = {
        .type = "evaluation",
        .side = "management",
        .actor = "person/manager",
        .body =
            world_text(b, "{'payload':%s}",
                       document(b, "{'items':[{'class':'not-a-deviation','key':['chg-0003']}]}")),
        .inputs = { RUN },
        .inputs_count = 1
    };
    uint64_t n = world_entry(b, &evaluation), size = b->ledger.entries.count;
    world_readiness(
        b, world_text(b, words, (unsigned)size, world_root_hex(b, size), SLICE_ARG(b->vkey)), &n,
        1);
}

/* Runs of the vectors, evaluated, concluded, signed and issued here. */
static struct bundle_world *issued(struct world *w, const struct issue *issue)
{
    struct bundle_world *b = bundle_world_new(w, CHAIN);
    uint64_t inputs[2] = { RUN, 0 };
    /* Before the vectors' erasures. */
    sample_put_destroyed(
        w, &b->ledger,
        value_member(value_item(value_path(b->ledger.file, "states.cases"), 0), "put"));
    world_sign_as(b, "the ledger's key"); /* for the key that the model names */
    uint64_t first =
        step(b, "evaluation",
             world_text(b, "{'payload':%s}",
                        document(b, "{'items':[{'class':'deviation','key':['chg-0003']}]}")),
             inputs, 1, false);
    inputs[0] = FULL_RUN;
    uint64_t second =
        issue->leaves_evaluation_out
            ? first
            : step(b, "evaluation", world_text(b, "{'payload':%s}", document(b, "{'items':[]}")),
                   inputs, 1, false);
    inputs[0] = first;
    inputs[1] = second;
    inputs[0] =
        step(b, "conclusion",
             named_body(b, "criterion-conclusion/soc2-2026.tsc-2017.CC8.1",
                        issue->conclusion ? issue->conclusion
                                          : "{'criterion':'tsc-2017/CC8.1','design':'suitable',"
                                            "'operating':'effective'}"),
             inputs, first == second ? 1 : 2, false);
    inputs[1] = ASSERTION;
    inputs[0] =
        step(b, "opinion",
             named_body(b, "opinion/soc2-2026",
                        replaced(b,
                                 "{'engagement':'engagement/soc2-2026','kind':'Opinion','parts':{"
                                 "'description':{'variant':'unmodified'},"
                                 "'design':{'variant':'unmodified'},"
                                 "'operating':{'criteria':['tsc-2017/CC8.1'],"
                                 "'variant':'qualified'}},'report_date':'2026-11-24',"
                                 "'signed_by':'SIGNER'}",
                                 "SIGNER", issue->signer ? issue->signer : "person/partner")),
             inputs, 2, true);
    if (issue->has_other_report)
        readiness_before(b);
    uint64_t size = b->ledger.entries.count;
    const char *payload = document(b, model_of(b, issue));
    b->report = step(
        b, "report",
        world_text(b,
                   "{'checkpoint':{'origin':'ledger.example/attest/sample','root':'%s','size':%u},"
                   "'payload':%s}",
                   world_root_hex(b, size), (unsigned)size, payload),
        inputs, 2, true);
    if (!issue->has_no_forms)
        forms_add(b);
    b->level = issue->level;
    world_sign_as(b, "the ledger's key");
    world_bundle(b);
    return b;
}

/* ---- right ---- */

static void a_true_report_holds(void **state)
{
    const struct issue issue = { .level = CONTENTS_EVIDENCE };
    struct bundle_world *b = issued(*state, &issue);
    expect_ok(b, NULL);
    struct verifier *verifier = world_verify(b, NULL);
    struct strbuf text = strbuf_new(1 << 20);
    /* The vectors' documents of tests and their record have nothing that is copied. */
    expect_state(verifier, "report.model", CHECK_HOLDS, "; 4 could not be compared");
    expect_state(verifier, "report.documents", CHECK_HOLDS, "3 of 3 forms");
    expect_state(verifier, "specimen", CHECK_NOT_MADE, "SPECIMEN");
    expect_state(verifier, "signers", CHECK_NOT_MADE, "for 2 of 2 signatures");
    verification_text(verifier_verification(verifier), &text);
    assert_non_null(strstr(text.at, "OK  Type 2 report"));
    assert_non_null(strstr(text.at, "soc2-2026: Kestrel Cloud (SPECIMEN)"));
    assert_non_null(strstr(text.at, "2 runs follow their evidence"));
    strbuf_free(&text);
    verifier_free(verifier);
}

static void without_evidence_less_of_it_can_be_compared(void **state)
{
    const struct issue issue = { .level = CONTENTS_REPORT };
    struct bundle_world *b = issued(*state, &issue);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "report.model", CHECK_HOLDS, "; 11 could not be compared");
    expect_state(verifier, "report.documents", CHECK_HOLDS, "3 of 3 forms");
    verifier_free(verifier);
}

static void an_engine_may_be_written_for_people(void **state)
{
    const struct issue issue = { .find = "'engine':'duckdb/1'",
                                 .put = "'engine':'duckdb 1'",
                                 .level = CONTENTS_EVIDENCE };
    expect_ok(issued(*state, &issue), NULL);
}

static void many_differences_are_counted_not_all_told(void **state)
{
    const struct issue issue = {
        .find = "{'id':'A','holds':24,'fails':1,'undecided':0},"
                "{'id':'B','holds':24,'fails':0,'undecided':1}],'tested_deviations':1",
        .put = "{'id':'A','holds':20,'fails':2,'undecided':3},"
               "{'id':'B','holds':22,'fails':1,'undecided':2}],'tested_deviations':8",
        .level = CONTENTS_EVIDENCE
    };
    expect_failing(issued(*state, &issue), NULL, "report.model", "; and 2 more");
}

static void a_report_without_forms_holds_and_says_so(void **state)
{
    const struct issue issue = { .level = CONTENTS_EVIDENCE, .has_no_forms = true };
    struct bundle_world *b = issued(*state, &issue);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "report.documents", CHECK_HOLDS, "1 of 3 forms");
    verifier_free(verifier);
}

/* Each report of a directory is held against what it rests on, not against another's. */
static void two_reports_over_one_run_hold(void **state)
{
    const struct issue issue = { .level = CONTENTS_EVIDENCE, .has_other_report = true };
    struct bundle_world *b = issued(*state, &issue);
    struct verifier *verifier = world_verify_directory(b);
    expect_state(verifier, "report.model", CHECK_HOLDS,
                 "facts of the report are those of the ledger");
    expect_state(verifier, "report.exceptions", CHECK_HOLDS, "for 3 runs: 1 exceptions");
    assert_true(verification_holds(verifier_verification(verifier)));
    verifier_free(verifier);
}

static void a_directory_hides_no_lie(void **state)
{
    const struct issue issue = { .find = "'variant':'qualified'",
                                 .put = "'variant':'unmodified'",
                                 .level = CONTENTS_EVIDENCE,
                                 .has_other_report = true };
    struct verifier *verifier = world_verify_directory(issued(*state, &issue));
    expect_state(verifier, "report.model", CHECK_FAILS, "the opinion of operating");
    verifier_free(verifier);
}

/* ---- forms ---- */

static void forms_are_those_that_were_issued(void **state)
{
    static const char *const names[] = { "report.json", "report.pdf", "report.html" };
    const struct issue issue = { .level = CONTENTS_REPORT };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct bundle_world *b = issued(*state, &issue);
        world_member_flip(b, names[i], 50);
        expect_failing(b, NULL, "report.documents", names[i]);
        b = issued(*state, &issue);
        world_member_drop(b, names[i]);
        expect_failing(b, NULL, "report.documents", "is not here");
        b = issued(*state, &issue);
        world_member(b, names[i])->bytes = SLICE("");
        expect_failing(b, NULL, "report.documents", "is not what was issued");
    }
}

/* ---- a model that says something else ---- */

static void every_number_of_the_model_is_compared(void **state)
{
    static const struct {
        const char *find, *put, *words;
    } lies[] = {
        { "'holds':24,'fails':1", "'holds':25,'fails':1", "items that hold of CM-02.T1" },
        { "'holds':24,'fails':1", "'holds':24,'fails':0", "items that fail of CM-02.T1" },
        { "'undecided':1}]", "'undecided':0}]", "undecided items of CM-02.T1" },
        { "'tested_deviations':1", "'tested_deviations':0", "the report says 0, the ledger 1" },
        { "'concluded':{'deviations':1", "'concluded':{'deviations':0", "concluded deviations" },
        { "'not_deviations':0", "'not_deviations':1", "concluded to be no deviations" },
        { "'void':0", "'void':2", "void items" },
        { "'items':40,'digest'", "'items':41,'digest'", "items of CM-02.T1" },
        { "'sha256:70a6", "'sha256:70a7", "the population's digest" },
        { "'size':25", "'size':24", "sample size" },
        { "'version':1,'extent':'sample'", "'version':2,'extent':'sample'", "version of" },
        { "'extent':'sample'", "'extent':'full'", "extent of" },
        { "'id':'CM-02.T1'", "'id':'CM-03.T1'", "the test of CM-03.T1" },
        { "'type':'changes'", "'type':'builds'", "the population's type" },
        { "'name':'POP','type'", "'name':'OTHER','type'", "the population of CM-02.T1" },
        { "'id':'A','holds':24", "'id':'C','holds':24", "an attribute" },
        { ",{'id':'B','holds':24,'fails':0,'undecided':1}", "", "the report names 1, the run 2" },
        { "'run':'RUN','attributes'", "'run':'SEG','attributes'", "does not rest" },
        { "'result':'exceptions'", "'result':'did-not-operate'", "with 25 items" },
        { "DIGEST", "POP", "the result's digest" },
        { "'engine':'duckdb/1'", "'engine':'duckdb/2'", "the engine" },
        { "'items':40,'segments'", "'items':39,'segments'", "items of population" },
        { "'rows':52", "'rows':53", "rows of segment" },
        { "'leaf':'SEG'", "'leaf':'RUN'", "is no segment" },
        { "'size':SIZE", "'size':1", "size of the ledger appendix" },
        { "'root':'ROOT'", "'root':'POP'", "root of the ledger appendix" },
        { "'vkey':'KEY'", "'vkey':'other'", "key of the ledger appendix" },
        { "'origin':'ledger", "'origin':'other", "origin of the ledger appendix" },
        { "'operating':'effective'", "'operating':'not-effective'", "operation of tsc-2017/CC8.1" },
        { "'design':'suitable'", "'design':'not-suitable'", "design of tsc-2017/CC8.1" },
        { "'criterion':{'id':'tsc-2017/CC8.1", "'criterion':{'id':'tsc-2017/CC8.2",
          "the conclusion on tsc-2017/CC8.1 is not in" },
        { "'variant':'qualified'", "'variant':'unmodified'", "the opinion of operating" },
        { "'cause':'deficiency'", "'cause':'scope'", "the cause of the opinion of operating" },
        { "'criteria':['tsc-2017/CC8.1']", "'criteria':[]", "\"criteria\" of operating" },
        { "'report_date':'2026-11-24'", "'report_date':'2026-10-01'", "\"report_date\" of" },
        { "'date':'2026-11-24'", "'date':'2026-10-01'", "\"signature.date\" of" },
        { "'engagement':{'id':'soc2-2026'", "'engagement':{'id':'other'", "the engagement of" },
        { "'kind':'type-2'", "'kind':'readiness'", "was issued by auditor" },
    };
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        const struct issue issue = { .find = lies[i].find,
                                     .put = lies[i].put,
                                     .level = CONTENTS_EVIDENCE };
        expect_failing(issued(*state, &issue), NULL, "report.model", lies[i].words);
    }
}

static void an_opinion_is_his_who_signs_it(void **state)
{
    const struct issue issue = { .level = CONTENTS_REPORT, .signer = "person/other" };
    expect_failing(issued(*state, &issue), NULL, "report.model", "who signs of the opinion");
}

static void a_result_that_is_left_out_is_missed(void **state)
{
    const char *at = strstr(model_words, ",{'id':'CM-02.T1','version':1,'extent':'full'");
    const char *end = strstr(at, "]}]}]},");
    char find[2000];
    snprintf(find, sizeof find, "%.*s", (int)(end - at), at);
    const struct issue issue = { .find = find, .put = "", .level = CONTENTS_REPORT };
    expect_failing(issued(*state, &issue), NULL, "report.model",
                   "run #20 was evaluated for this report, which does not print it");
}

static void a_run_that_nothing_concludes_from_cannot_be_printed(void **state)
{
    const struct issue issue = { .level = CONTENTS_EVIDENCE, .leaves_evaluation_out = true };
    expect_failing(issued(*state, &issue), NULL, "report.model",
                   "on which this report does not rest");
}

static void a_conclusion_on_another_criterion_is_seen(void **state)
{
    const struct issue issue = {
        .level = CONTENTS_REPORT,
        .conclusion = "{'criterion':'tsc-2017/CC6.1','design':'suitable','operating':'effective'}"
    };
    expect_failing(issued(*state, &issue), NULL, "report.model",
                   "the conclusion on tsc-2017/CC6.1 is not in the report");
    const struct issue none = { .level = CONTENTS_REPORT, .conclusion = "{'control':'control/X'}" };
    expect_failing(issued(*state, &none), NULL, "report.model",
                   "prints 1 conclusions, the ledger holds 0");
}

static void a_model_that_is_no_json_does_not_hold(void **state)
{
    const struct issue issue = { .find = "{'schema'",
                                 .put = "{{'schema'",
                                 .level = CONTENTS_REPORT };
    struct bundle_world *b = issued(*state, &issue);
    struct verifier *verifier = world_verify(b, NULL);
    assert_false(verification_holds(verifier_verification(verifier)));
    verifier_free(verifier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_true_report_holds),
        WORLD_TEST(without_evidence_less_of_it_can_be_compared),
        WORLD_TEST(an_engine_may_be_written_for_people),
        WORLD_TEST(many_differences_are_counted_not_all_told),
        WORLD_TEST(a_report_without_forms_holds_and_says_so),
        WORLD_TEST(two_reports_over_one_run_hold),
        WORLD_TEST(a_directory_hides_no_lie),
        WORLD_TEST(forms_are_those_that_were_issued),
        WORLD_TEST(every_number_of_the_model_is_compared),
        WORLD_TEST(a_result_that_is_left_out_is_missed),
        WORLD_TEST(an_opinion_is_his_who_signs_it),
        WORLD_TEST(a_run_that_nothing_concludes_from_cannot_be_printed),
        WORLD_TEST(a_conclusion_on_another_criterion_is_seen),
        WORLD_TEST(a_model_that_is_no_json_does_not_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
