/* A population or a run that leaves out a segment of its type, as somebody writes it who signs the
 * ledger himself: seen from the entries alone, so at both levels of a bundle. */
#include "verify/bundle_world.h"

enum { TEST = 5, SEGMENT = 10, CHAIN = 18 };

static uint64_t step(struct bundle_world *b, const char *type, const char *body,
                     const uint64_t *inputs, size_t count)
{
    struct entry_words words = { .type = type,
                                 .side = "management",
                                 .actor = "person/manager",
                                 .body = body,
                                 .inputs_count = count };
    for (size_t i = 0; i < count; i++)
        words.inputs[i] = inputs[i];
    return world_entry(b, &words);
}

static struct bundle_world *world_before(struct world *w)
{
    struct bundle_world *b = bundle_world_new(w, CHAIN);
    sample_put_destroyed(
        w, &b->ledger,
        value_member(value_item(value_path(b->ledger.file, "states.cases"), 0), "put"));
    return b;
}

static uint64_t segment_of(struct bundle_world *b, const uint64_t *types, size_t count)
{
    return step(b, "segment",
                world_text(b,
                           "{'covers':null,'from':null,'of':'changes','payload':%s,"
                           "'personal':null,'raw':%s,'rejects':null,'rows':0,"
                           "'source':'source/git','to':null}",
                           world_payload(b, SLICE("no rows")), world_payload(b, SLICE("raw"))),
                types, count);
}

static uint64_t segment_add(struct bundle_world *b) { return segment_of(b, NULL, 0); }

static void withdraw(struct bundle_world *b, uint64_t segment)
{
    step(b, "segment.withdraw",
         world_text(b, "{'reason':%s}", world_payload(b, SLICE("a wrong file"))), &segment, 1);
}

static uint64_t population_add(struct bundle_world *b, const uint64_t *segments, size_t count)
{
    return step(b, "population",
                world_text(b,
                           "{'count':1,'from':'2026-01-01T00:00:00.000000Z','items':%s,"
                           "'name':'population/one','of':'changes','payload':%s,"
                           "'to':'2026-07-01T00:00:00.000000Z'}",
                           world_payload(b, SLICE("[\"chg-1\"]\n")), world_payload(b, SLICE("{}"))),
                segments, count);
}

static uint64_t run_add(struct bundle_world *b, uint64_t population, uint64_t segment,
                        uint64_t position)
{
    const uint64_t inputs[] = { population, TEST, segment };
    char items[65];
    struct digest digest = sha256_of(SLICE("[\"chg-1\"]\n"));
    digest_hex(&digest, items);
    const char *matrix = world_text(
        b,
        "{\"attributes\":[\"A\"],\"deviations\":0,\"items\":1,\"population\":"
        "\"sha256:%s\",\"test\":\"%s\"}\n{\"item\":[\"chg-1\"],\"results\":[\"holds\"]}\n",
        items, world_leaf_hex(b, TEST));
    return step(b, "test.run",
                world_text(b,
                           "{'engagement':null,'engine':'duckdb/1','extent':'full','payload':%s,"
                           "'period':{'from':'2026-01-01T00:00:00.000000Z',"
                           "'to':'2026-07-01T00:00:00.000000Z'},'position':%u}",
                           world_payload(b, slice_of(matrix)), (unsigned)position),
                inputs, 3);
}

static void expect_complete(struct bundle_world *b, const uint64_t *inputs, size_t count,
                            enum check_state state, const char *words)
{
    static const enum contents_level levels[] = { CONTENTS_REPORT, CONTENTS_EVIDENCE };
    world_readiness(b, "{'schema':'none'}", inputs, count);
    world_sign(b);
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        b->level = levels[i];
        world_bundle(b);
        struct verifier *verifier = world_verify(b, NULL);
        expect_state(verifier, "population.complete", state, words);
        assert_int_equal(verification_holds(verifier_verification(verifier)), state != CHECK_FAILS);
        verifier_free(verifier);
    }
}

static void a_population_of_all_segments_holds(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT, segment_add(b) };
    uint64_t population = population_add(b, segments, 2);
    expect_complete(b, &population, 1, CHECK_HOLDS,
                    "1 populations and 0 runs leave out no segment");
}

static void a_population_that_leaves_one_out_is_found(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT };
    segment_add(b);
    uint64_t population = population_add(b, segments, 1);
    expect_complete(b, &population, 1, CHECK_FAILS,
                    "population #19 leaves out segment #18 of \"changes\"");
}

static void a_withdrawn_segment_is_left_out_rightly(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT };
    withdraw(b, segment_add(b));
    uint64_t population = population_add(b, segments, 1);
    expect_complete(b, &population, 1, CHECK_HOLDS, "2 were withdrawn");
}

static void one_withdrawn_only_after_the_freeze_is_missed(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT };
    uint64_t second = segment_add(b);
    uint64_t population = population_add(b, segments, 1);
    withdraw(b, second);
    expect_complete(b, &population, 1, CHECK_FAILS, "leaves out segment #18");
}

static void of_a_snapshot_the_last_segment_counts(void **state)
{
    for (int named = 0; named < 2; named++) {
        struct bundle_world *b = world_before(*state);
        const uint64_t type =
            step(b, "resource",
                 world_text(b,
                            "{'kind':'PopulationType','name':'population-type/changes',"
                            "'op':'put','payload':%s,'version':1}",
                            world_payload(b, SLICE("{\"shape\":\"snapshot\"}"))),
                 NULL, 0);
        const uint64_t segments[] = { segment_of(b, &type, 1), segment_of(b, &type, 1) };
        uint64_t population = population_add(b, &segments[named], 1);
        expect_complete(b, &population, 1, named == 1 ? CHECK_HOLDS : CHECK_FAILS,
                        named == 1 ? "leave out no segment of their types; 0 segments came later"
                                   : "population #21 leaves out segment #20");
    }
}

static void segments_that_came_later_are_told(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT };
    uint64_t population = population_add(b, segments, 1);
    segment_add(b);
    expect_complete(b, &population, 1, CHECK_HOLDS, "1 segments came later and are in none");
}

static void a_run_that_leaves_one_out_is_found(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT };
    uint64_t population = population_add(b, segments, 1);
    segment_add(b);
    uint64_t run = run_add(b, population, SEGMENT, 20);
    expect_complete(b, &run, 1, CHECK_FAILS, "test.run #20 leaves out segment #19 of \"changes\"");
}

static void a_run_that_read_before_it_need_not_name_it(void **state)
{
    struct bundle_world *b = world_before(*state);
    const uint64_t segments[] = { SEGMENT };
    uint64_t population = population_add(b, segments, 1);
    segment_add(b);
    uint64_t run = run_add(b, population, SEGMENT, 19);
    expect_complete(b, &run, 1, CHECK_HOLDS, "1 populations and 1 runs");
}

static void without_a_population_it_is_not_made(void **state)
{
    struct bundle_world *b = world_before(*state);
    uint64_t none = TEST;
    expect_complete(b, &none, 1, CHECK_NOT_MADE, "no population was frozen");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_population_of_all_segments_holds),
        WORLD_TEST(a_population_that_leaves_one_out_is_found),
        WORLD_TEST(a_withdrawn_segment_is_left_out_rightly),
        WORLD_TEST(one_withdrawn_only_after_the_freeze_is_missed),
        WORLD_TEST(of_a_snapshot_the_last_segment_counts),
        WORLD_TEST(segments_that_came_later_are_told),
        WORLD_TEST(a_run_that_leaves_one_out_is_found),
        WORLD_TEST(a_run_that_read_before_it_need_not_name_it),
        WORLD_TEST(without_a_population_it_is_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
