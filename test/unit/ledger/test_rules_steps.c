/* Rules on entries that the vectors do not try one by one, and what a `more` that is not held
 * leaves open. */
#include "ledger/rules_builder.h"

#define FROM "2026-01-01T00:00:00.000000Z"
#define TO "2026-07-01T00:00:00.000000Z"
#define JOB "'engagement/2026'"
#define ITEMS "[\"a\"]\n[\"b\"]\n"

/* ---- versions ---- */

static void a_name_keeps_its_type(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int first = add_resource(&b, "management", "control/a", "Control");
    int segment = add_segment(&b), population = add_population(&b, segment, ITEMS, 2);
    int test = add_resource(&b, "management", "test/a", "Test");
    struct draft run = run_draft(&b, "management", test, population, segment, "null", "");
    int ran = builder_add(&b, &run);
    struct draft evaluation = {
        "evaluation", "management", filled(&b, "{'payload':%s}", payload_text(&b, "{}")),
        { ran, -1 },  NULL,         false
    };
    int evaluated = builder_add(&b, &evaluation);
    struct draft conclusion = { "conclusion",
                                "management",
                                filled(&b, "{'name':'control/a','payload':%s,'version':2}",
                                       payload_text(&b, "{}")),
                                { first, evaluated, -1 },
                                NULL,
                                false };
    builder_refused(&b, &conclusion, "version-gap");
    builder_end(&b);
}

static void the_first_version_is_1(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    struct draft draft = {
        "resource",
        "management",
        filled(&b, "{'kind':'Control','name':'control/a','op':'put','payload':%s,'version':0}",
               payload_text(&b, "{}")),
        { -1 },
        NULL,
        false
    };
    builder_refused(&b, &draft, "version-gap");
    draft.body =
        filled(&b, "{'kind':'Control','name':'control/a','op':'put','payload':%s,'version':2}",
               payload_text(&b, "{}"));
    builder_refused(&b, &draft, "version-gap");
    builder_end(&b);
}

/* ---- segments, populations, seeds ---- */

static void a_population_names_a_segment(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int control = add_resource(&b, "management", "control/a", "Control");
    struct draft draft = {
        "population",
        "management",
        "{'count':0,'from':'" FROM "','items':{'bytes':0,'c':'"
        "00000000000000000000000000000000000000000000000000000000000000aa'},'name':'population/p',"
        "'of':'changes','payload':{'bytes':0,'c':'"
        "00000000000000000000000000000000000000000000000000000000000000aa'},'to':'" TO "'}",
        { control, -1 },
        NULL,
        false
    };
    builder_refused(&b, &draft, "input-role");
    builder_end(&b);
}

static void a_withdrawal_names_one_segment_and_nothing_else(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int segment = add_segment(&b), control = add_resource(&b, "management", "control/a", "Control");
    const char *body = filled(&b, "{'reason':%s}", payload_text(&b, "wrong year"));
    struct draft draft = { "segment.withdraw",       "management", body,
                           { segment, control, -1 }, NULL,         false };
    builder_refused(&b, &draft, "input-role");
    draft.inputs[0] = -1;
    builder_refused(&b, &draft, "input-role");
    draft.inputs[0] = segment;
    draft.inputs[1] = -1;
    builder_add(&b, &draft);
    builder_end(&b);
}

static void a_seed_is_committed_to_for_one_test_under_a_plan(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int test = add_resource(&b, "auditor", "test/a", "Test");
    int other = add_resource(&b, "auditor", "test/b", "Test");
    int plan = add_resource(&b, "auditor", "plan/a", "Plan");
    const char *body = filled(&b, "{'seed':%s}", payload_text(&b, "seed"));
    struct draft draft = { "seed.commit", "auditor", body, { test, -1 }, NULL, false };
    builder_refused(&b, &draft, "input-role");
    draft = (struct draft){ "seed.commit", "auditor", body, { plan, -1 }, NULL, false };
    builder_refused(&b, &draft, "input-role");
    draft =
        (struct draft){ "seed.commit", "auditor", body, { test, other, plan, -1 }, NULL, false };
    builder_refused(&b, &draft, "input-role");
    draft = (struct draft){ "seed.commit", "auditor", body, { test, plan, -1 }, NULL, false };
    builder_add(&b, &draft);
    builder_end(&b);
}

static void a_run_is_of_one_test_over_one_population(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int segment = add_segment(&b), test = add_resource(&b, "auditor", "test/a", "Test");
    int one = add_population(&b, segment, ITEMS, 2), two = add_population(&b, segment, ITEMS, 2);
    struct draft run = run_draft(&b, "auditor", test, one, segment, JOB, "");
    run.inputs[3] = two;
    run.inputs[4] = -1;
    builder_refused(&b, &run, "input-role");
    run.inputs[0] = one;
    run.inputs[1] = segment;
    run.inputs[2] = -1;
    builder_refused(&b, &run, "input-role");
    builder_end(&b);
}

/* ---- reports, packets, erasures ---- */

static const char *report_body(struct builder *b, const char *origin, uint64_t size)
{
    char hex[65];
    struct digest root = rules_root(b->rules, size);
    digest_hex(&root, hex);
    const char *made =
        arena_printf(b->world->arena, &b->world->err,
                     "{'checkpoint':{'origin':'%s','root':'%s','size':%llu},'payload':%s}", origin,
                     hex, (unsigned long long)size, payload_text(b, "{}"));
    assert_non_null(made);
    return made;
}

static void a_report_is_of_a_side_and_names_a_point_that_covers_it(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int assertion = add_resource(&b, "management", "assertion/a", "Assertion");
    struct draft draft = { "report",          "system", report_body(&b, BUILDER_ORIGIN, 2),
                           { assertion, -1 }, NULL,     false };
    builder_refused(&b, &draft, "wrong-side");
    draft.side = "auditor";
    builder_refused(&b, &draft, "input-role");
    draft.side = "management";
    draft.body = report_body(&b, BUILDER_ORIGIN, 1);
    builder_refused(&b, &draft, "checkpoint-mismatch");
    draft.body = report_body(&b, "example.com/theirs", 2);
    builder_refused(&b, &draft, "checkpoint-mismatch");
    draft.body = "{'checkpoint':{'origin':'" BUILDER_ORIGIN
                 "','root':'00000000000000000000000000000000000000000000000000000000000000aa',"
                 "'size':99},'payload':{'bytes':0,'c':"
                 "'00000000000000000000000000000000000000000000000000000000000000aa'}}";
    builder_refused(&b, &draft, "checkpoint-mismatch");
    draft.body = report_body(&b, BUILDER_ORIGIN, 2);
    builder_add(&b, &draft);
    builder_end(&b);
}

static void an_erasure_names_what_it_may(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    const char *payload = payload_text(&b, "picture");
    struct draft blob = {
        "blob", "management", filled(&b, "{'media':'image/png','payload':%s}", payload),
        { -1 }, NULL,         false
    };
    int one = builder_add(&b, &blob);
    blob.body = filled(&b, "{'media':'image/png','payload':%s}", payload_text(&b, "other"));
    int two = builder_add(&b, &blob);
    struct slice c = slice_head(slice_from(slice_of(payload), strlen(payload) - 66), 64);
    const char *hex = arena_string(b.world->arena, c, &b.world->err);
    const char *body =
        filled(&b, "{'rule':'r','scope':'payload','subject':null,'target':['%s']}", hex);
    struct draft erasure = { "erasure", "management", body, { one, two, -1 }, NULL, false };
    builder_refused(&b, &erasure, "input-role");
    erasure.inputs[0] = two;
    erasure.inputs[1] = -1;
    builder_refused(&b, &erasure, "erasure-target");
    erasure.body = filled(&b, "{'rule':'r','scope':'name','subject':null,'target':['%s']}", hex);
    erasure.inputs[0] = one;
    builder_refused(&b, &erasure, "erasure-target");
    erasure.body = filled(&b, "{'rule':'r','scope':'subject','subject':'%s','target':[]}", hex);
    builder_refused(&b, &erasure, "input-role");
    erasure.body = body;
    builder_add(&b, &erasure);
    builder_end(&b);
}

/* ---- a `more` that is not in the bundle ---- */

/* The further inputs as a payload; ended by -1. */
static const char *more_of(struct builder *b, const int *inputs)
{
    struct digest leaves[8];
    size_t count = 0;
    struct strbuf list = strbuf_new(4096);
    for (; inputs[count] >= 0; count++)
        leaves[count] = builder_leaf(b, inputs[count]);
    for (size_t i = 0; i < count; i++) { /* few enough to be sorted by hand */
        for (size_t j = i + 1; j < count; j++) {
            if (digest_compare(&leaves[j], &leaves[i]) < 0) {
                struct digest swapped = leaves[i];
                leaves[i] = leaves[j];
                leaves[j] = swapped;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        char hex[65];
        digest_hex(&leaves[i], hex);
        strbuf_printf(&list, "%s\"%s\"", i == 0 ? "[" : ",", hex);
    }
    strbuf_add_char(&list, ']');
    const char *payload = payload_of(b, strbuf_slice(&list));
    strbuf_free(&list);
    return payload;
}

/* All that an opinion needs, every step with inputs in a `more`. With hidden lists nothing may be
 * refused; with lists that are there all must be right too. */
static void opinion_with_lists(struct world *w, bool is_hidden)
{
    struct builder b;
    builder_begin(&b, w);
    int test = add_resource(&b, "auditor", "test/a", "Test");
    int plan = add_resource(&b, "auditor", "plan/a", "Plan");
    int assertion = add_resource(&b, "management", "assertion/a", "Assertion");
    int segment = add_segment(&b);
    b.ledger.payloads.otherwise = PAYLOAD_ABSENT;

    static const char seed[32] = "seed";
    char seed_hex[65], salt_hex[65];
    struct draft draft = { "seed.commit",
                           "auditor",
                           filled(&b, "{'seed':%s}", payload_of(&b, (struct slice){ seed, 32 })),
                           { -1 },
                           more_of(&b, (int[]){ test, plan, -1 }),
                           false };
    struct held *seed_held = &b.ledger.payloads.items[b.ledger.payloads.count - 2];
    struct digest seed_digest, salt_digest;
    memcpy(seed_digest.bytes, seed, 32);
    memcpy(salt_digest.bytes, seed_held->salt.at, 32);
    digest_hex(&seed_digest, seed_hex);
    digest_hex(&salt_digest, salt_hex);
    if (is_hidden)
        b.ledger.payloads.count--;
    int commit = builder_add(&b, &draft);

    const char *items = payload_text(&b, ITEMS), *record = payload_text(&b, "{}");
    draft = (struct draft){ "population",
                            "management",
                            arena_printf(w->arena, &w->err,
                                         "{'count':2,'from':'" FROM
                                         "','items':%s,'name':'population/p','of':'changes',"
                                         "'payload':%s,'to':'" TO "'}",
                                         items, record),
                            { -1 },
                            more_of(&b, (int[]){ segment, -1 }),
                            false };
    if (is_hidden)
        b.ledger.payloads.count--;
    int population = builder_add(&b, &draft);

    draft = (struct draft){ "seed.reveal",
                            "auditor",
                            arena_printf(w->arena, &w->err, "{'salt':'%s','seed':'%s'}", salt_hex,
                                         seed_hex),
                            { -1 },
                            more_of(&b, (int[]){ commit, population, -1 }),
                            false };
    if (is_hidden)
        b.ledger.payloads.count--;
    int reveal = builder_add(&b, &draft);

    draft = run_draft(&b, "auditor", test, population, segment, JOB, "");
    draft.body =
        arena_printf(w->arena, &w->err,
                     "{'engagement':" JOB
                     ",'engine':'e/1','extent':'sample','payload':%s,'period':{'from':'" FROM
                     "','to':'" TO "'},'position':%llu}",
                     payload_text(&b, ""), (unsigned long long)rules_size(b.rules));
    draft.inputs[0] = -1;
    draft.more = more_of(&b, (int[]){ test, population, segment, reveal, -1 });
    if (is_hidden)
        b.ledger.payloads.count--;
    int run = builder_add(&b, &draft);

    draft = (struct draft){ "evaluation",
                            "auditor",
                            filled(&b, "{'payload':%s}", payload_text(&b, "{}")),
                            { -1 },
                            more_of(&b, (int[]){ run, -1 }),
                            false };
    if (is_hidden)
        b.ledger.payloads.count--;
    int evaluation = builder_add(&b, &draft);

    draft = (struct draft){ "conclusion",
                            "auditor",
                            filled(&b, "{'name':'conclusion/a','payload':%s,'version':1}",
                                   payload_text(&b, "{}")),
                            { evaluation, -1 },
                            NULL,
                            false };
    int conclusion = builder_add(&b, &draft);

    draft = (struct draft){ "opinion",
                            "auditor",
                            filled(&b, "{'name':'opinion/a','payload':%s,'version':1}",
                                   payload_text(&b, "{}")),
                            { -1 },
                            more_of(&b, (int[]){ conclusion, assertion, -1 }),
                            true };
    if (is_hidden)
        b.ledger.payloads.count--;
    builder_add(&b, &draft);
    builder_end(&b);
}

static void steps_rest_on_inputs_in_lists(void **state) { opinion_with_lists(*state, false); }

static void lists_that_are_not_there_are_given_the_benefit_of_the_doubt(void **state)
{
    opinion_with_lists(*state, true);
}

static void what_is_known_is_judged_even_if_a_list_is_not_there(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int segment = add_segment(&b), test = add_resource(&b, "auditor", "test/a", "Test");
    int population = add_population(&b, segment, ITEMS, 2);
    struct draft run = run_draft(&b, "management", test, population, segment, "null", "");
    int of_management = builder_add(&b, &run);
    b.ledger.payloads.otherwise = PAYLOAD_ABSENT;
    const char *hidden = more_of(&b, (int[]){ test, -1 });
    b.ledger.payloads.count--;

    struct draft evaluation = {
        "evaluation",          "auditor", filled(&b, "{'payload':%s}", payload_text(&b, "{}")),
        { of_management, -1 }, hidden,    false
    };
    builder_refused(&b, &evaluation, "wrong-side");

    const char *reason = filled(&b, "{'reason':%s}", payload_text(&b, "wrong"));
    struct draft withdraw = { "segment.withdraw", "management", reason,
                              { segment, -1 },    hidden,       false };
    builder_refused(&b, &withdraw, "input-role");

    run = run_draft(&b, "auditor", test, population, segment, JOB, "");
    run.more = hidden;
    run.body = arena_printf(b.world->arena, &b.world->err,
                            "{'engagement':" JOB ",'engine':'e/1','extent':'full','payload':%s,"
                            "'period':{'from':'" FROM "','to':'" TO "'},'position':1}",
                            payload_text(&b, ""));
    builder_refused(&b, &run, "bad-position");
    builder_end(&b);
}

static void an_erasure_may_not_name_a_list_of_inputs_as_such(void **state)
{
    struct builder b;
    builder_begin(&b, *state);
    int segment = add_segment(&b), control = add_resource(&b, "management", "control/a", "Control");
    const char *more = more_of(&b, (int[]){ segment, -1 });
    struct draft blob = { "blob",
                          "management",
                          filled(&b, "{'media':'a/b','payload':%s}", payload_text(&b, "x")),
                          { control, -1 },
                          more,
                          false };
    int held = builder_add(&b, &blob);
    const char *hex =
        arena_string(b.world->arena, slice_head(slice_from(slice_of(more), strlen(more) - 66), 64),
                     &b.world->err);
    struct draft erasure = {
        "erasure",
        "management",
        filled(&b, "{'rule':'r','scope':'payload','subject':null,'target':['%s']}", hex),
        { held, -1 },
        NULL,
        false
    };
    builder_refused(&b, &erasure, "erasure-target");
    builder_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_name_keeps_its_type),
        WORLD_TEST(the_first_version_is_1),
        WORLD_TEST(a_population_names_a_segment),
        WORLD_TEST(a_withdrawal_names_one_segment_and_nothing_else),
        WORLD_TEST(a_seed_is_committed_to_for_one_test_under_a_plan),
        WORLD_TEST(a_run_is_of_one_test_over_one_population),
        WORLD_TEST(a_report_is_of_a_side_and_names_a_point_that_covers_it),
        WORLD_TEST(an_erasure_names_what_it_may),
        WORLD_TEST(steps_rest_on_inputs_in_lists),
        WORLD_TEST(lists_that_are_not_there_are_given_the_benefit_of_the_doubt),
        WORLD_TEST(what_is_known_is_judged_even_if_a_list_is_not_there),
        WORLD_TEST(an_erasure_may_not_name_a_list_of_inputs_as_such),
    };
    return cmocka_run_group_tests_name("rules of each step", tests, NULL, NULL);
}
