/* Each attack of ledger.md 6, made on a bundle as its attacker would make it: outsiders cannot
 * sign, the ledger's own house can, and does so wherever that helps. Verification must name what is
 * wrong. */
#include "verify/bundle_world.h"

enum { SIZE = 38, REPORT = 33 };

static struct bundle_world *sample(void **state)
{
    struct bundle_world *b = bundle_world_new(*state, SIZE);
    b->report = REPORT;
    world_sign(b);
    world_bundle(b);
    return b;
}

/* ---- by outsiders, on the bundle as it is ---- */

static const char entries_member[] = "ledger/tile/entries/000.p/38";

static void bit_flip_in_an_entry(void **state)
{
    struct bundle_world *b = sample(state);
    world_member_flip(b, entries_member, 8 * 1000);
    expect_failing(b, NULL, "ledger.root", "");
}

static void bit_flip_in_a_segment(void **state)
{
    struct bundle_world *b = sample(state);
    world_member_flip(b, world_payload_member(b, 10), 8 * 40);
    struct verifier *verifier = world_verify(b, NULL);
    expect_state(verifier, "payload.digest", CHECK_FAILS, "of segment #10 is not what");
    /* All the rest is judged without it. */
    expect_state(verifier, "ledger.root", CHECK_HOLDS, "");
    expect_state(verifier, "payload.present", CHECK_HOLDS, "nothing is missing");
    expect_state(verifier, "test.matrix", CHECK_HOLDS, "2 of 2 runs");
    expect_state(verifier, "selection", CHECK_HOLDS, "1 of 1");
    verifier_free(verifier);
}

static void bit_flip_in_a_salt(void **state)
{
    struct bundle_world *b = sample(state);
    world_member_flip(b, world_payload_member(b, 26), 0);
    expect_failing(b, NULL, "payload.digest", "of conclusion #26");
}

static void bit_flip_in_a_copy_of_the_report(void **state)
{
    struct bundle_world *b = sample(state);
    world_member_flip(b, "report.json", 77);
    expect_failing(b, NULL, "report.documents", "report.json is not what was issued as #33");
}

static void truncation(void **state)
{
    struct bundle_world *b = sample(state);
    struct member *entries = world_member(b, entries_member);
    entries->bytes.len -= 10;
    expect_failing(b, NULL, "ledger.root", "does not hold 38 entries");
}

static void entries_taken_off_the_end(void **state)
{
    struct bundle_world *b = sample(state);
    struct slice note = b->note;
    b->ledger.entries.count = 36;
    world_bundle(b);
    world_member(b, BUNDLE_CHECKPOINT)->bytes = note;
    expect_failing(b, NULL, "ledger.root", "over 38 entries, 36 are here");
}

static void missing_payload(void **state)
{
    struct bundle_world *b = sample(state);
    world_member_drop(b, world_payload_member(b, 19));
    struct verifier *verifier = world_verify(b, NULL);
    expect_state(verifier, "payload.present", CHECK_FAILS, "of test.run #19 is not here");
    expect_state(verifier, "payload.digest", CHECK_HOLDS, "");
    expect_state(verifier, "test.matrix", CHECK_HOLDS, "1 of 2 runs");
    expect_state(verifier, "selection", CHECK_NOT_MADE, "0 of 1");
    verifier_free(verifier);
}

static void another_key_signs(void **state)
{
    struct bundle_world *b = sample(state);
    struct verify_options options = { .key = b->vkey };
    struct slice vkey = b->vkey;
    world_sign_as(b, "the attacker's key");
    world_member(b, BUNDLE_CHECKPOINT)->bytes = b->note;
    expect_failing(b, NULL, "checkpoint.signature", "");
    /* With his key in the bundle too, only the reader can tell. */
    world_bundle(b);
    expect_ok(b, NULL);
    expect_failing(b, &options, "key.pinned", "not by ledger.example");
    options.key = vkey;
    expect_failing(b, &options, "key.pinned", "");
}

/* ---- by the house that keeps the ledger ---- */

/* A ledger that went another way from entry 20 on. */
static struct bundle_world *forked(void **state)
{
    const uint64_t inputs[] = { 8 };
    struct bundle_world *b = bundle_world_new(*state, 20);
    struct entry_words other = { .type = "blob",
                                 .side = "management",
                                 .actor = "person/manager",
                                 .body = world_text(b, "{'media':'text/plain','payload':%s}",
                                                    world_payload(b, SLICE("another past"))) };
    world_entry(b, &other);
    world_readiness(b, "{'schema':'attest-report/0'}", inputs, 1);
    return b;
}

static void fork_of_the_ledger(void **state)
{
    struct bundle_world *b = sample(state);
    struct verify_options options = { .known = { 0 } };
    world_sign_as(b, "the ledger's key");
    options.known = b->note; /* of 38 entries */
    b = forked(state);
    while (b->ledger.entries.count < 40) {
        struct entry_words more = { .type = "blob",
                                    .side = "management",
                                    .actor = "person/manager",
                                    .body = world_text(b, "{'media':'text/plain','payload':%s}",
                                                       world_payload(b, SLICE("more"))) };
        world_entry(b, &more);
    }
    world_sign_as(b, "the ledger's key");
    world_bundle(b);
    expect_ok(b, NULL);
    expect_failing(b, &options, "ledger.known-checkpoint", "forked: at 38 entries");
}

static void fork_between_the_report_and_the_bundle(void **state)
{
    struct bundle_world *b = bundle_world_new(*state, 20);
    struct entry_words report = {
        .type = "report",
        .side = "management",
        .actor = "person/manager",
        .inputs = { 8 },
        .inputs_count = 1,
        .body = world_text(b,
                           "{'checkpoint':{'origin':'ledger.example/attest/sample','root':'%s',"
                           "'size':20},'payload':%s}",
                           world_root_hex(b, 19), world_payload(b, SLICE("{}"))),
    };
    b->report = world_entry(b, &report);
    world_sign(b);
    world_bundle(b);
    expect_failing(b, NULL, "ledger.consistency", "a root that this ledger did not have");
    expect_failing(b, NULL, "ledger.named-checkpoints", "did not have at size 20");
}

static void rollback(void **state)
{
    struct bundle_world *b = sample(state);
    struct verify_options options = { .known = { 0 } };
    world_sign_as(b, "the ledger's key");
    options.known = b->note;
    struct bundle_world *older = bundle_world_new(*state, 35);
    older->report = REPORT;
    /* Of a time before the erasures. */
    sample_put_destroyed(
        *state, &older->ledger,
        value_member(value_item(value_path(older->ledger.file, "states.cases"), 0), "put"));
    world_sign_as(older, "the ledger's key");
    world_bundle(older);
    /* Alone it cannot be seen, and verification says so. */
    struct verifier *verifier = world_verify(older, NULL);
    assert_true(verification_holds(verifier_verification(verifier)));
    expect_state(verifier, "witness", CHECK_NOT_MADE, "rollback not excluded");
    verifier_free(verifier);
    expect_failing(older, &options, "ledger.known-checkpoint", "rolled back");
    /* The later one continues the older. */
    options.known = older->note;
    world_bundle(b);
    verifier = world_verify(b, &options);
    expect_state(verifier, "ledger.known-checkpoint", CHECK_HOLDS, "35 entries");
    verifier_free(verifier);
}

/* ---- every faulty ledger of the vectors, signed by its house and sent as a bundle ---- */

/* The readiness report rests on the entry that is wrong, so that the bundle holds what is needed to
 * see it. */
static struct bundle_world *faulty_bundle(struct world *w, const struct value *fault)
{
    struct bundle_world *b = arena_alloc(w->arena, sizeof *b, &w->err);
    assert_non_null(b);
    b->w = w;
    b->level = CONTENTS_EVIDENCE;
    sample_read(w, &b->ledger, 64);
    sample_faulty(w, &b->ledger, fault);
    uint64_t at = number_of(fault, "at_index");
    world_readiness(b, "{'schema':'attest-report/0'}", &at, at < b->ledger.entries.count ? 1 : 0);
    world_sign_as(b, "the ledger's key");
    world_bundle(b);
    return b;
}

static void expect_fault_named(struct world *w, const struct value *fault)
{
    const struct rule_code *code;
    struct fault expected = { .n = number_of(fault, "at_index") };
    struct bundle_world *b = faulty_bundle(w, fault);
    char name[64];
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(value_text_of(fault, "code")));
    code = rule_code_find(name);
    assert_non_null(code);
    expected.code = code->code;
    const struct value *entry =
        expected.n < b->ledger.entries.count
            ? json_parse(w->arena, b->ledger.entries.items[expected.n], "", NULL, &w->err)
            : NULL;
    for (int type = 0; entry && type < ENTRY_TYPES_COUNT; type++) {
        if (slice_is(value_text_of(entry, "type"), entry_type_name((enum entry_type)type)))
            expected.type = entry_type_name((enum entry_type)type);
    }
    struct verifier *verifier = world_verify(b, NULL);
    const struct check *check =
        verification_find(verifier_verification(verifier), fault_check(&expected)->id);
    if (!check || check->state != CHECK_FAILS) {
        struct strbuf text = strbuf_new(1 << 20);
        verification_text(verifier_verification(verifier), &text);
        print_error("%.*s (%s): %s does not fail\n%.*s\n", SLICE_ARG(value_text_of(fault, "why")),
                    name, fault_check(&expected)->id, SLICE_ARG(strbuf_slice(&text)));
        strbuf_free(&text);
        fail();
    }
    verifier_free(verifier);
}

/* Faults of the vectors whose code is one of these (NULL ends). */
static void expect_codes_named(struct world *w, const char *const codes[], size_t at_least)
{
    struct sample_ledger ledger;
    size_t found = 0;
    sample_read(w, &ledger, 0);
    const struct value *faulty = value_member(ledger.file, "faulty");
    for (size_t i = 0; i < value_count(faulty); i++) {
        const struct value *fault = value_item(faulty, i);
        for (size_t c = 0; codes[c]; c++) {
            if (!slice_is(value_text_of(fault, "code"), codes[c]))
                continue;
            expect_fault_named(w, fault);
            found++;
        }
    }
    assert_true(found >= at_least);
}

#define NAMED(at_least, ...)                                                                       \
    static const char *const codes[] = { __VA_ARGS__, NULL };                                      \
    expect_codes_named(*state, codes, at_least)

static void entries_not_of_their_form(void **state)
{
    NAMED(20, "too-large", "bad-json", "not-canonical", "bad-field", "unknown-type", "bad-start");
}
static void reordering(void **state) { NAMED(3, "wrong-index", "time-backwards"); }
static void duplicate_leaf(void **state) { NAMED(1, "duplicate-leaf"); }
static void backdated_entry(void **state) { NAMED(2, "time-backwards"); }
static void swapped_population(void **state)
{
    NAMED(5, "population-swapped", "population-items", "test-swapped");
}
static void altered_results(void **state) { NAMED(3, "bad-matrix"); }
static void chosen_sample(void **state)
{
    NAMED(3, "selection-differs", "seed-order", "seed-reused", "seed-other-test");
}
static void conclusion_before_evidence(void **state)
{
    NAMED(10, "input-later", "input-missing", "input-role", "bad-more");
}
static void run_that_read_before_its_evidence(void **state)
{
    NAMED(3, "bad-position", "bad-period");
}
static void withdrawn_segment_used(void **state) { NAMED(2, "segment-withdrawn"); }
static void managements_run_as_audit_evidence(void **state)
{
    NAMED(4, "wrong-side", "wrong-engagement");
}
static void forged_opinion(void **state) { NAMED(8, "bad-signature"); }
static void foreign_fact_not_yet_received(void **state) { NAMED(4, "foreign-unproved"); }
static void packets_that_lie(void **state)
{
    NAMED(6, "packet-checkpoint", "packet-fork", "packet-proof");
}
static void report_names_another_checkpoint(void **state) { NAMED(4, "checkpoint-mismatch"); }
static void version_left_out(void **state) { NAMED(3, "version-gap"); }
static void payload_altered(void **state) { NAMED(3, "commitment-mismatch"); }
static void payload_gone(void **state) { NAMED(4, "payload-missing"); }
static void erasure_that_is_none(void **state) { NAMED(5, "erasure-unfinished", "erasure-target"); }

static void no_fault_of_the_vectors_passes(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    sample_read(w, &ledger, 0);
    const struct value *faulty = value_member(ledger.file, "faulty");
    assert_int_equal(value_count(faulty), 117);
    for (size_t i = 0; i < value_count(faulty); i++)
        expect_fault_named(w, value_item(faulty, i));
}

/* ---- signers ---- */

static void signers_are_told_as_the_vectors_say(void **state)
{
    struct bundle_world *b = sample(state);
    const struct value *cases = value_path(b->ledger.file, "signers.cases");
    assert_true(value_count(cases) >= 3);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *expect = value_member(value_item(cases, i), "expect");
        struct verify_options options = { .signers =
                                              value_text_of(value_item(cases, i), "signers") };
        size_t wrong = 0, unknown = 0;
        for (size_t e = 0; e < value_count(expect); e++) {
            struct slice says = value_text(expect->members[e].value);
            unknown += slice_is(says, "not established");
            wrong += !slice_is(says, "established") && !slice_is(says, "not established");
        }
        struct verifier *verifier = world_verify(b, &options);
        if (wrong > 0)
            expect_state(verifier, "signers", CHECK_FAILS, "pinned to another");
        else if (unknown > 0)
            expect_state(verifier, "signers", CHECK_NOT_MADE, "signer not established");
        else
            expect_state(verifier, "signers", CHECK_HOLDS, "3 signatures");
        assert_int_equal(verification_holds(verifier_verification(verifier)), wrong == 0);
        verifier_free(verifier);
    }
}

/* ---- what is still proved ---- */

static void what_is_lost_and_what_is_not_is_said(void **state)
{
    struct bundle_world *b = sample(state);
    struct strbuf text = strbuf_new(1 << 20);
    world_member_flip(b, world_payload_member(b, 19), 8 * 40);
    struct verifier *verifier = world_verify(b, NULL);
    verification_text(verifier_verification(verifier), &text);
    assert_non_null(strstr(text.at, "FAILED at payload.digest: the payload"));
    assert_non_null(strstr(text.at, "no longer proved: conclusion/CC8.1"));
    assert_non_null(strstr(text.at, "opinion/2026"));
    verifier_free(verifier);

    strbuf_clear(&text);
    b = sample(state);
    world_member_flip(b, "report.json", 77);
    verifier = world_verify(b, NULL);
    verification_text(verifier_verification(verifier), &text);
    assert_non_null(strstr(text.at, "still proved: 3 conclusions"));
    verifier_free(verifier);

    strbuf_clear(&text);
    b = sample(state);
    world_member_flip(b, entries_member, 8 * 1000);
    verifier = world_verify(b, NULL);
    verification_text(verifier_verification(verifier), &text);
    assert_non_null(strstr(text.at, "nothing of this is proved"));
    verifier_free(verifier);
    strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(bit_flip_in_an_entry),
        WORLD_TEST(bit_flip_in_a_segment),
        WORLD_TEST(bit_flip_in_a_salt),
        WORLD_TEST(bit_flip_in_a_copy_of_the_report),
        WORLD_TEST(truncation),
        WORLD_TEST(entries_taken_off_the_end),
        WORLD_TEST(missing_payload),
        WORLD_TEST(another_key_signs),
        WORLD_TEST(fork_of_the_ledger),
        WORLD_TEST(fork_between_the_report_and_the_bundle),
        WORLD_TEST(rollback),
        WORLD_TEST(entries_not_of_their_form),
        WORLD_TEST(reordering),
        WORLD_TEST(duplicate_leaf),
        WORLD_TEST(backdated_entry),
        WORLD_TEST(swapped_population),
        WORLD_TEST(altered_results),
        WORLD_TEST(chosen_sample),
        WORLD_TEST(conclusion_before_evidence),
        WORLD_TEST(run_that_read_before_its_evidence),
        WORLD_TEST(withdrawn_segment_used),
        WORLD_TEST(managements_run_as_audit_evidence),
        WORLD_TEST(forged_opinion),
        WORLD_TEST(foreign_fact_not_yet_received),
        WORLD_TEST(packets_that_lie),
        WORLD_TEST(report_names_another_checkpoint),
        WORLD_TEST(version_left_out),
        WORLD_TEST(payload_altered),
        WORLD_TEST(payload_gone),
        WORLD_TEST(erasure_that_is_none),
        WORLD_TEST(no_fault_of_the_vectors_passes),
        WORLD_TEST(signers_are_told_as_the_vectors_say),
        WORLD_TEST(what_is_lost_and_what_is_not_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
