/* What a report copies word for word from recorded documents, printed otherwise by somebody who
 * writes and signs the whole ledger himself. */
#include "verify/bundle_world.h"

enum { SEGMENT = 10, CHAIN = 18 };

static const char items[] = "[\"chg-1\"]\n[\"chg-2\"]\n";

static const char control_words[] =
    "{'id':'CM-09','kind':'Control','statement':'Changes are approved.','title':'Approval'}";
static const char second_words[] =
    "{'id':'CM-09','kind':'Control','statement':'Changes are looked at.','title':'Approval'}";
static const char test_words[] =
    "{'attributes':[{'holds':'item.approved','id':'A','title':'Approved','why':'item.id'}],"
    "'control':'control/CM-09','id':'CM-09.T1','kind':'Test','nature':'reperformance',"
    "'population':'changes','procedure':'Recomputed.','title':'Approved','where':'not small'}";
static const char assertion_words[] =
    "{'date':'2026-11-24','kind':'Assertion','qualifications':[{'criterion':'tsc-2017/CC8.1',"
    "'text':'Except for changes.'}]}";
static const char record_words[] =
    "{'control_totals':[],'digest':'sha256:ITEMS','items':2,'period':{"
    "'from':'2026-01-01T00:00:00.000000Z','to':'2026-07-01T00:00:00.000000Z'},'repeats':0,"
    "'segments':[{'from':'2026-01-05T08:00:00.000000Z','leaf':'SEG','row_digest':'sha256:ab',"
    "'rows':52,'source':'source/git'}],'type':'changes','undated':1,'where':'not small'}";
static const char model_words[] =
    "{'schema':'attest-report/1','kind':'readiness','specimen':false,'timezone':'UTC',"
    "'period':{'from':'2026-01-01','to':'2026-06-30'},"
    "'section2':{'date':'2026-11-24','qualifies':['tsc-2017/CC8.1']},"
    "'section4':{'bands':[{'criterion':{'id':'tsc-2017/CC8.1'},'conclusion':null,'rows':[{"
    "'control':{'id':'CM-09','version':1,'title':'Approval','statement':'Changes are approved.'},"
    "'tests':[{'id':'CM-09.T1','version':1,'extent':'full','nature':'reperformance',"
    "'procedure':'Recomputed.','period':{'from':'2026-01-01','to':'2026-06-30'},"
    "'population':{'name':'POP','type':'changes','items':2,'digest':'sha256:ITEMS'},"
    "'sample':null,'run':'RUN','attributes':[{'id':'A','title':'Approved','holds':1,'fails':1,"
    "'undecided':0}],'tested_deviations':1,'concluded':null,'result':'exceptions','exceptions':["
    "{'attributes':['A'],'class':null,'key':['chg-1'],'reason':null,'why':null}]}]}]}]},"
    "'appendices':{'ledger':{'origin':'ledger.example/attest/sample','size':SIZE,'root':'ROOT',"
    "'vkey':'KEY'},'populations':[{'name':'POP','type':'changes','where':'not small','items':2,"
    "'digest':'sha256:ITEMS','period':{'from':'2026-01-01','to':'2026-06-30'},'repeats':0,"
    "'undated':1,'control_totals':[],'segments':[{'leaf':'SEG','source':'source/git','rows':52,"
    "'digest':'sha256:ab','from':'2026-01-05T08:00:00.000000Z'}]}],"
    "'tests':[{'id':'CM-09.T1','run':'RUN','result_digest':'sha256:DIGEST','engine':'duckdb/1',"
    "'control':'CM-09','control_version':CV,'title':'Approved','population':'changes',"
    "'where':'not small',"
    "'performed_by':'person/manager','performed_at':'2026-11-24T13:00:22.000000Z','attributes':["
    "{'id':'A','title':'Approved','holds':'item.approved','why':'item.id'}],'reclassified':[]}]}}";

struct altered {
    const char *find, *put;               /* in the model; NULL: as it should be */
    const char *find_record, *put_record; /* in the completeness record */
    enum contents_level level;
    bool has_second_version;  /* of the control, recorded after the run */
    bool rests_on_the_second; /* as the report must */
};

static uint64_t step(struct bundle_world *b, const char *type, const char *body,
                     const uint64_t *inputs, size_t count)
{
    struct entry_words words = { .type = type,
                                 .side = "management",
                                 .actor = "person/manager",
                                 .body = body,
                                 .inputs_count = count };
    if (count > 0)
        memcpy(words.inputs, inputs, count * sizeof *inputs);
    return world_entry(b, &words);
}

static uint64_t resource(struct bundle_world *b, const char *kind, const char *name,
                         const char *words, const uint64_t *inputs, size_t count)
{
    return step(b, "resource",
                world_text(b, "{'kind':'%s','name':'%s','op':'put','payload':%s,'version':1}", kind,
                           name, world_document(b, words)),
                inputs, count);
}

static uint64_t population(struct bundle_world *b, const struct altered *altered)
{
    const uint64_t inputs[] = { SEGMENT };
    const char *record = record_words;
    if (altered->find_record)
        record = world_replaced(b, record, altered->find_record, altered->put_record);
    record = world_filled(b, record, "ITEMS", world_hex(b, items));
    record = world_filled(b, record, "SEG", world_leaf_hex(b, SEGMENT));
    return step(b, "population",
                world_text(b,
                           "{'count':2,'from':'2026-01-01T00:00:00.000000Z','items':%s,"
                           "'name':'population/two','of':'changes','payload':%s,"
                           "'to':'2026-07-01T00:00:00.000000Z'}",
                           world_payload(b, slice_of(items)), world_document(b, record)),
                inputs, 1);
}

static struct bundle_world *issued(struct world *w, const struct altered *altered)
{
    struct bundle_world *b = bundle_world_new(w, CHAIN);
    const char *text = model_words;
    /* What the vectors erase later is still here. */
    sample_put_destroyed(
        w, &b->ledger,
        value_member(value_item(value_path(b->ledger.file, "states.cases"), 0), "put"));
    uint64_t control = resource(b, "Control", "control/CM-09", control_words, NULL, 0);
    uint64_t test = resource(b, "Test", "test/CM-09.T1", test_words, &control, 1);
    uint64_t assertion = resource(b, "Assertion", "assertion/2027", assertion_words, NULL, 0);
    uint64_t frozen = population(b, altered);
    const uint64_t read[] = { test, frozen, SEGMENT };
    const char *matrix = world_text(
        b,
        "{\"attributes\":[\"A\"],\"deviations\":1,\"items\":2,\"population\":\"sha256:%s\","
        "\"test\":\"%s\"}\n{\"item\":[\"chg-1\"],\"results\":[\"fails\"]}\n"
        "{\"item\":[\"chg-2\"],\"results\":[\"holds\"]}\n",
        world_hex(b, items), world_leaf_hex(b, test));
    uint64_t run = step(b, "test.run",
                        world_text(b,
                                   "{'engagement':null,'engine':'duckdb/1','extent':'full',"
                                   "'payload':%s,'period':{'from':'2026-01-01T00:00:00.000000Z',"
                                   "'to':'2026-07-01T00:00:00.000000Z'},'position':%u}",
                                   world_payload(b, slice_of(matrix)), (unsigned)frozen),
                        read, 3);
    uint64_t rests_on[] = { run, assertion, 0 };
    if (altered->has_second_version)
        rests_on[2] = step(b, "resource",
                           world_text(b,
                                      "{'kind':'Control','name':'control/CM-09','op':'put',"
                                      "'payload':%s,'version':2}",
                                      world_document(b, second_words)),
                           &control, 1);
    uint64_t size = b->ledger.entries.count;
    world_sign_as(b, "the ledger's key");
    if (altered->find)
        text = world_replaced(b, text, altered->find, altered->put);
    text = world_filled(b, text, "CV", altered->has_second_version ? "2" : "1");
    text = world_filled(b, text, "POP", world_leaf_hex(b, frozen));
    text = world_filled(b, text, "RUN", world_leaf_hex(b, run));
    text = world_filled(b, text, "SEG", world_leaf_hex(b, SEGMENT));
    text = world_filled(b, text, "ITEMS", world_hex(b, items));
    text = world_filled(b, text, "DIGEST", world_hex(b, matrix));
    text = world_filled(b, text, "SIZE", world_text(b, "%u", (unsigned)size));
    text = world_filled(b, text, "ROOT", world_root_hex(b, size));
    text = world_filled(b, text, "KEY", world_text(b, "%.*s", SLICE_ARG(b->vkey)));
    world_readiness(b, text, rests_on, altered->rests_on_the_second ? 3 : 2);
    b->level = altered->level;
    world_sign_as(b, "the ledger's key");
    world_bundle(b);
    return b;
}

static void a_true_copy_holds(void **state)
{
    const struct altered altered = { .level = CONTENTS_EVIDENCE };
    struct bundle_world *b = issued(*state, &altered);
    expect_ok(b, NULL);
    struct verifier *verifier = world_verify(b, NULL);
    expect_state(verifier, "report.model", CHECK_HOLDS, "; 0 could not be compared");
    verifier_free(verifier);
}

static void whatever_is_copied_is_compared(void **state)
{
    static const struct {
        const char *find, *put, *words;
    } lies[] = {
        { "'nature':'rep", "'nature':'insp", "\"nature\" of CM-09.T1" },
        { "'procedure':'Recomputed.'", "'procedure':'Looked.'", "\"procedure\" of CM-09.T1" },
        { "'title':'Approved','holds':1", "'title':'Fine','holds':1", "\"title\" of CM-09.T1" },
        { "'result':'exceptions'", "'result':'no-exceptions'", "the result of CM-09.T1" },
        { "'period':{'from':'2026-01-01','to':'2026-06-30'},'population'",
          "'period':{'from':'2025-01-01','to':'2026-06-30'},'population'",
          "period of CM-09.T1: the report says 2025-01-01 to 2026-06-30, the run 2026-01-01" },
        { "'period':{'from':'2026-01-01','to':'2026-06-30'},'section2'",
          "'period':{'from':'2026-01-01','to':'2026-07-31'},'section2'", "\"period\" of CM-09.T1" },
        { "'timezone':'UTC'", "'timezone':'Europe/Berlin'", "period of CM-09.T1" },
        { "'title':'Approval'", "'title':'Denial'", "\"title\" of CM-09" },
        { "'statement':'Changes are approved.'", "'statement':'Changes happen.'",
          "\"statement\" of CM-09" },
        { "'id':'CM-09','version':1", "'id':'CM-09','version':2",
          "prints controls in 1 rows, the ledger holds 0" },
        { "'control':'CM-09'", "'control':'CM-10'", "the control of CM-09.T1" },
        { "'control_version':CV", "'control_version':2",
          "appendix B, CM-09.T1: section 4 prints no such version of control CM-09" },
        { "'population':'changes','where':'not small'", "'population':'builds','where':'not small'",
          "\"population\" of CM-09.T1" },
        { "'population':'changes','where':'not small'", "'population':'changes','where':null",
          "\"where\" of CM-09.T1" },
        { "'holds':'item.approved'", "'holds':'true'", "\"holds\" of CM-09.T1" },
        { "'why':'item.id'", "'why':null", "\"why\" of CM-09.T1" },
        { "'performed_by':'person/manager'", "'performed_by':'person/other'",
          "who performed it of CM-09.T1" },
        { "T13:00:22.", "T12:00:22.", "the time of CM-09.T1" },
        { "'where':'not small','items':2", "'where':null,'items':2", "\"where\" of" },
        { "'repeats':0,'undated'", "'repeats':1,'undated'", "\"repeats\" of" },
        { "'undated':1", "'undated':0", "\"undated\" of" },
        { "'control_totals':[]", "'control_totals':['1']", "\"control_totals\" of" },
        { "'items':2,'digest':'sha256:ITEMS','period'", "'items':2,'digest':'sha256:POP','period'",
          "the items' digest of" },
        { "'source':'source/git'", "'source':'source/other'", "\"source\" of" },
        { "'digest':'sha256:ab'", "'digest':'sha256:ac'", "\"digest\" of" },
        { "'from':'2026-01-05T08", "'from':'2026-01-01T08", "\"from\" of" },
        { "'qualifies':['tsc-2017/CC8.1']", "'qualifies':[]", "a qualification of the assertion" },
        { "'qualifies':['tsc-2017/CC8.1']", "'qualifies':['tsc-2017/CC8.1','x']",
          "qualifies 1 criteria, the report prints 2" },
        { "'date':'2026-11-24'", "'date':'2026-11-23'", "\"date\" of the assertion" },
    };
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        const struct altered altered = { .find = lies[i].find,
                                         .put = lies[i].put,
                                         .level = CONTENTS_EVIDENCE };
        expect_failing(issued(*state, &altered), NULL, "report.model", lies[i].words);
    }
}

static void a_record_says_what_its_entry_says(void **state)
{
    static const struct {
        const char *find, *put, *words;
    } lies[] = {
        { "'items':2", "'items':3", "\"items\" of" },
        { "'type':'changes'", "'type':'builds'", "\"type\" of" },
        { "'from':'2026-01-01T", "'from':'2020-01-01T", "\"the record's period\" of" },
        { "'to':'2026-07-01T", "'to':'2027-07-01T", "\"the record's period\" of" },
    };
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        const struct altered altered = { .find_record = lies[i].find,
                                         .put_record = lies[i].put,
                                         .level = CONTENTS_EVIDENCE };
        expect_failing(issued(*state, &altered), NULL, "report.model", lies[i].words);
    }
}

/* Management rewords the printed control, or what the auditor did, and signs everything again. */
static void words_are_compared_without_evidence_too(void **state)
{
    static const struct {
        const char *find, *put, *words;
    } lies[] = {
        { "'statement':'Changes are approved.'", "'statement':'Every change is approved.'",
          "\"statement\" of CM-09" },
        { "'title':'Approval'", "'title':'Denial'", "\"title\" of CM-09" },
        { "'procedure':'Recomputed.'", "'procedure':'Looked.'", "\"procedure\" of CM-09.T1" },
        { "'nature':'rep", "'nature':'insp", "\"nature\" of CM-09.T1" },
        { "'holds':'item.approved'", "'holds':'true'", "\"holds\" of CM-09.T1" },
        { "'population':'changes','where':'not small'", "'population':'changes','where':null",
          "\"where\" of CM-09.T1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        const struct altered altered = { .find = lies[i].find,
                                         .put = lies[i].put,
                                         .level = CONTENTS_REPORT };
        expect_failing(issued(*state, &altered), NULL, "report.model", lies[i].words);
    }
}

/* A control that changed after the run that tested it: nothing but the report rests on its second
 * version, so the report must name it, or its words could be anything. */
static void a_control_is_printed_as_it_was_in_force(void **state)
{
    static const char first[] =
        "'version':1,'title':'Approval','statement':'Changes are approved.'";
    static const char second[] =
        "'version':2,'title':'Approval','statement':'Changes are looked at.'";
    static const char row[] = "'rows':[{";
    static const char both[] = "'rows':[{'control':{'id':'CM-09','version':2,'title':'Approval',"
                               "'statement':'Changes are looked at.'},'tests':[]},{";
    for (int level = CONTENTS_REPORT; level <= CONTENTS_EVIDENCE; level++) {
        struct altered altered = { .find = first,
                                   .put = second,
                                   .level = (enum contents_level)level,
                                   .has_second_version = true,
                                   .rests_on_the_second = true };
        expect_ok(issued(*state, &altered), NULL);
        altered.put = "'version':2,'title':'Approval','statement':'Changes are approved.'";
        expect_failing(issued(*state, &altered), NULL, "report.model", "\"statement\" of CM-09");
        altered.put = first; /* the stricter words of before */
        expect_failing(issued(*state, &altered), NULL, "report.model",
                       "prints CM-09 in version 1, version 2 followed");
        altered.find = row; /* each version in a row of its own */
        altered.put = both;
        expect_ok(issued(*state, &altered), NULL);
        altered.find = first;
        altered.put = "'version':2,'title':'Approval','statement':'Whatever.'";
        altered.rests_on_the_second = false;
        expect_failing(issued(*state, &altered), NULL, "report.model",
                       "prints a version of CM-09 on which this report does not rest");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_true_copy_holds),
        WORLD_TEST(whatever_is_copied_is_compared),
        WORLD_TEST(a_record_says_what_its_entry_says),
        WORLD_TEST(words_are_compared_without_evidence_too),
        WORLD_TEST(a_control_is_printed_as_it_was_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
