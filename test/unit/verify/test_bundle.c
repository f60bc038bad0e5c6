/* Bundles that are right, and what a bundle may and may not hold. */
#include "verify/bundle_world.h"

enum { OPINION = 31, READINESS = 32, REPORT = 33, SIZE = 38 };

/* The vectors' auditor's report, its ledger whole. */
static struct bundle_world *sample(void **state, enum contents_level level)
{
    struct bundle_world *b = bundle_world_new(*state, SIZE);
    b->report = REPORT;
    b->level = level;
    world_sign(b);
    world_bundle(b);
    return b;
}

static void a_bundle_with_evidence_holds(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_EVIDENCE);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "bundle.form", CHECK_HOLDS, "");
    expect_state(verifier, "checkpoint.signature", CHECK_HOLDS, "38 entries");
    expect_state(verifier, "key.pinned", CHECK_NOT_MADE, "--key");
    expect_state(verifier, "ledger.root", CHECK_HOLDS, "38 entries");
    expect_state(verifier, "ledger.consistency", CHECK_HOLDS, "33 entries");
    expect_state(verifier, "order.conclusion-after-test", CHECK_HOLDS, "");
    expect_state(verifier, "payload.digest", CHECK_HOLDS, "");
    expect_state(verifier, "test.matrix", CHECK_HOLDS, "2 of 2 runs");
    expect_state(verifier, "selection", CHECK_HOLDS, "1 of 1 sampled runs");
    expect_state(verifier, "packets", CHECK_HOLDS, "");
    expect_state(verifier, "signers", CHECK_NOT_MADE, "signer not established");
    expect_state(verifier, "report.model", CHECK_NOT_MADE, "does not know");
    expect_state(verifier, "report.documents", CHECK_HOLDS, "1 of 3 forms");
    expect_state(verifier, "witness", CHECK_NOT_MADE, "rollback not excluded");
    verifier_free(verifier);
}

static void a_bundle_without_evidence_holds_and_says_what_was_not_checked(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    struct verifier *verifier = world_verify(b, NULL);
    expect_ok(b, NULL);
    expect_state(verifier, "test.matrix", CHECK_NOT_MADE, "0 of 2 runs");
    expect_state(verifier, "population.items", CHECK_NOT_MADE, "not here");
    expect_state(verifier, "selection", CHECK_NOT_MADE, "not here");
    expect_state(verifier, "payload.present", CHECK_HOLDS, "are not part of this bundle");
    expect_state(verifier, "order.test-after-evidence", CHECK_HOLDS, "");
    verifier_free(verifier);
}

static void the_level_decides_what_travels(void **state)
{
    static const struct {
        uint64_t n;
        bool at_report, at_evidence;
    } expected[] = {
        { 1, false, false },  /* a control's version that was replaced: history */
        { 2, true, true },    /* the version that was tested */
        { 3, false, false },  /* a vendor: nothing rests on it */
        { 5, true, true },    /* the test */
        { 7, true, true },    /* the sampling plan */
        { 9, false, false },  /* the seed: in clear where it is revealed */
        { 10, false, true },  /* a segment */
        { 13, false, false }, /* a segment of the wrong year */
        { 16, false, true },  /* a population's items ("items" is its first payload) */
        { 19, false, true },  /* a matrix */
        { 21, false, false }, /* management's own run */
        { 22, false, false }, /* management's evaluation of it */
        { 25, true, true },   /* the auditor's evaluation */
        { 26, true, true },   /* the conclusion */
        { 27, false, false }, /* a packet that was sent */
        { 28, true, true },   /* packets received: proofs of what another house recorded */
        { 30, true, true },          { OPINION, true, true },
        { READINESS, false, false },                       /* another report */
        { REPORT, true, true },      { 34, false, false }, /* another reader's copy */
    };
    struct bundle_world *light = sample(state, CONTENTS_REPORT);
    struct bundle_world *full = sample(state, CONTENTS_EVIDENCE);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const char *name = world_payload_member(full, expected[i].n);
        bool in_light = false, in_full = false;
        for (size_t m = 0; m < light->members_count; m++)
            in_light = in_light || slice_is(light->members[m].name, name);
        for (size_t m = 0; m < full->members_count; m++)
            in_full = in_full || slice_is(full->members[m].name, name);
        if (in_light != expected[i].at_report || in_full != expected[i].at_evidence)
            fail_msg("payload of #%u: %d at level report, %d at level evidence",
                     (unsigned)expected[i].n, in_light, in_full);
    }
}

static void the_order_and_the_packing_of_members_do_not_matter(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_EVIDENCE);
    expect_ok(b, NULL);
    for (size_t i = 0; i < b->members_count / 2; i++) {
        struct member first = b->members[i];
        b->members[i] = b->members[b->members_count - 1 - i];
        b->members[b->members_count - 1 - i] = first;
    }
    expect_ok(b, NULL);
    b->is_deflated = true;
    expect_ok(b, NULL);
}

static void a_bundle_of_a_ledger_of_several_tiles_holds(void **state)
{
    struct bundle_world *b = bundle_world_new(*state, 9);
    const uint64_t inputs[] = { 8 };
    for (unsigned i = 0; i < 300; i++) {
        struct entry_words words = {
            .type = "resource",
            .side = "management",
            .actor = "person/manager",
            .body = world_text(b,
                               "{'kind':'Risk','name':'risk/R-%u','op':'put','payload':%s,"
                               "'version':1}",
                               i, i % 3 ? "null" : world_payload(b, SLICE("{}"))),
        };
        if (i % 3)
            words.body = world_text(b, "{'media':'text/plain','payload':{'bytes':1,'c':'%s'}}",
                                    world_leaf_hex(b, i));
        if (i % 3)
            words.type = "blob";
        if (i == 150)
            world_readiness(b, "{'schema':'attest-report/0'}", inputs, 1);
        world_entry(b, &words);
    }
    world_sign(b);
    world_bundle(b);
    world_member(b, "ledger/tile/entries/000");
    world_member(b, "ledger/tile/entries/001.p/54");
    expect_ok(b, NULL);
}

/* ---- what may not be there ---- */

static void members_that_nothing_asks_for_are_found(void **state)
{
    static const char *const names[] = {
        "readme.txt",
        "/etc/passwd",
        "../report.json",
        "payload/",
        "payload/00",
        "payload/report.json",
        "report.pdf",
        "report.html",
        "REPORT.JSON",
        "ledger/tile/0/000",
        "ledger/checkpoint",
        "ledger/tile/entries/000.p/37",
        "ledger/tile/entries/001",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct bundle_world *b = sample(state, CONTENTS_REPORT);
        world_member_add(b, names[i], SLICE("something"));
        expect_failing(b, NULL, "bundle.members", names[i]);
    }
}

static void names_are_shown_so_that_a_terminal_does_not_obey_them(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    world_member_add(b, "\xff\x1b[2J", SLICE("something"));
    expect_failing(b, NULL, "bundle.members", "\\xff<U+001B>[2J is here");
}

static void a_payload_of_another_level_or_of_no_entry_is_too_much(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_EVIDENCE);
    const char *matrix = world_payload_member(b, 19);
    struct slice bytes = world_member(b, matrix)->bytes;
    b = sample(state, CONTENTS_REPORT);
    world_member_add(b, matrix, bytes);
    expect_failing(b, NULL, "bundle.members", matrix);

    char hex[65];
    struct digest c = sha256_of(SLICE("salt and content of something that nobody committed to"));
    digest_hex(&c, hex);
    b = sample(state, CONTENTS_EVIDENCE);
    world_member_add(b, world_text(b, "payload/%s", hex),
                     SLICE("salt and content of something that nobody committed to"));
    expect_failing(b, NULL, "bundle.members", hex);
}

static void a_bundle_cannot_say_that_it_is_of_another_level(void **state)
{
    struct bundle_world *light = sample(state, CONTENTS_REPORT);
    struct bundle_world *full = sample(state, CONTENTS_EVIDENCE);
    struct slice described = world_member(light, BUNDLE_NAME)->bytes;
    world_member(light, BUNDLE_NAME)->bytes = world_member(full, BUNDLE_NAME)->bytes;
    world_member(full, BUNDLE_NAME)->bytes = described;
    expect_failing(light, NULL, "payload.present", "is not here");
    expect_failing(full, NULL, "bundle.members", "and should not be");
}

static void every_missing_member_is_found(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_EVIDENCE);
    size_t count = b->members_count;
    for (size_t i = 0; i < count; i++) {
        b = sample(state, CONTENTS_EVIDENCE);
        const char *name = world_text(b, "%.*s", SLICE_ARG(b->members[i].name));
        world_member_drop(b, name);
        struct verifier *verifier = world_verify(b, NULL);
        if (verification_holds(verifier_verification(verifier)))
            fail_msg("holds without %s", name);
        verifier_free(verifier);
    }
}

/* ---- bundle.json ---- */

/* LEAF and KEY stand for the right values, ' for ". */
static struct slice description(struct bundle_world *b, const char *words)
{
    struct strbuf text = strbuf_new(4096);
    struct slice out;
    for (const char *at = words; *at;) {
        if (strncmp(at, "LEAF", 4) == 0) {
            strbuf_add_text(&text, world_leaf_hex(b, REPORT));
            at += 4;
        } else if (strncmp(at, "KEY", 3) == 0) {
            strbuf_add(&text, b->vkey);
            at += 3;
        } else {
            strbuf_add_char(&text, *at == '\'' ? '"' : *at);
            at++;
        }
    }
    assert_true(arena_copy(b->w->arena, strbuf_slice(&text), &out, &b->w->err));
    strbuf_free(&text);
    return out;
}

static void bundle_json_has_one_form(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        { "", "not JSON" },
        { "{}", "format" },
        { "[]", "format" },
        { "{'format':'attest-bundle/2','level':'report','report':'LEAF','vkey':'KEY'}", "format" },
        { "{'format':'attest-bundle/1','level':'all','report':'LEAF','vkey':'KEY'}", "level" },
        { "{'format':'attest-bundle/1','level':'report','report':'LEAF00','vkey':'KEY'}",
          "report" },
        { "{'format':'attest-bundle/1','level':'report','report':'LEAF','vkey':'KEY','x':1}",
          "exactly the form" },
        { "{'level':'report','format':'attest-bundle/1','report':'LEAF','vkey':'KEY'}",
          "exactly the form" },
        { "{'format':'attest-bundle/1', 'level':'report','report':'LEAF','vkey':'KEY'}",
          "exactly the form" },
        { "{'format':'attest-bundle/1','level':'report','report':'LEAF','vkey':'KEY'}\n",
          "exactly the form" },
        { "{'format':'attest-bundle/1','level':'report','level':'report','report':'LEAF',"
          "'vkey':'KEY'}",
          "not JSON" },
    };
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    struct member *member = world_member(b, BUNDLE_NAME);
    member->bytes = description(
        b, "{'format':'attest-bundle/1','level':'report','report':'LEAF','vkey':'KEY'}");
    expect_ok(b, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        member->bytes = description(b, cases[i].json);
        expect_failing(b, NULL, "bundle.form", cases[i].words);
    }
    member->bytes =
        description(b, "{'format':'attest-bundle/1','level':'report','report':'LEAF','vkey':''}");
    expect_failing(b, NULL, "checkpoint.signature", "names no ledger key");
}

/* Padded with blanks, so that only the size is at fault; deflated to little, and stored. */
static struct slice padded(struct bundle_world *b, struct slice text, size_t bytes)
{
    char *at = arena_alloc(b->w->arena, bytes, &b->w->err);
    assert_non_null(at);
    memset(at, ' ', bytes);
    memcpy(at, text.at, text.len);
    return slice_bytes(at, bytes);
}

/* Somebody made the file too large: it does not hold (1), which is not the machine's failure (3).
 */
static void texts_over_their_size_do_not_hold(void **state)
{
    static const size_t sizes[] = { 64 * 1024 + 1, 1 << 20, 5 << 20 };
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    const char *names[] = { BUNDLE_NAME, BUNDLE_CHECKPOINT };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct member *member = world_member(b, names[i]);
        struct slice right = member->bytes;
        for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
            member->bytes = padded(b, right, sizes[s]);
            expect_failing(b, NULL, "bundle.form", "has more than 65536 bytes");
        }
        member->bytes = right;
    }
    struct member *member = world_member(b, BUNDLE_NAME);
    member->bytes = padded(b, member->bytes, 64 * 1024);
    expect_failing(b, NULL, "bundle.form", "exactly the form");
    /* Small, but more than its parser takes: values, levels. */
    member->bytes = description(b, "[[[[[[1]]]]]]");
    expect_failing(b, NULL, "bundle.form", "");
    struct strbuf many = strbuf_new(4096);
    strbuf_add_text(&many, "[0");
    for (int i = 0; i < 100; i++)
        strbuf_add_text(&many, ",0");
    strbuf_add_text(&many, "]");
    assert_true(arena_copy(b->w->arena, strbuf_slice(&many), &member->bytes, &b->w->err));
    strbuf_free(&many);
    expect_failing(b, NULL, "bundle.form", "");
}

static void a_bundle_of_something_that_is_no_report_does_not_hold(void **state)
{
    struct bundle_world *b = bundle_world_new(*state, SIZE);
    b->report = OPINION;
    world_sign(b);
    world_bundle(b);
    expect_failing(b, NULL, "bundle.members", "does not hold");
}

/* ---- the checkpoint ---- */

static void the_checkpoint_carries_one_signature_and_nothing_else(void **state)
{
    struct world *w = *state;
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    struct strbuf note = strbuf_new(4096);
    strbuf_add(&note, b->note);
    strbuf_add_text(&note, "\xe2\x80\x94 other.example/log AAAAAAAA\n");
    assert_true(arena_copy(w->arena, strbuf_slice(&note),
                           &world_member(b, BUNDLE_CHECKPOINT)->bytes, &w->err));
    strbuf_free(&note);
    expect_failing(b, NULL, "checkpoint.signature", "more than the ledger's own signature");
    b = sample(state, CONTENTS_REPORT);
    world_member_flip(b, BUNDLE_CHECKPOINT, 8 * 100);
    expect_failing(b, NULL, "checkpoint.signature", "");
}

static void the_pinned_key_is_told_from_another(void **state)
{
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    struct verify_options options = { .key = b->vkey };
    struct verifier *verifier = world_verify(b, &options);
    expect_state(verifier, "key.pinned", CHECK_HOLDS, "ledger.example/attest/sample");
    verifier_free(verifier);
    options.key = value_text(value_path(b->ledger.file, "packets.vkey"));
    expect_failing(b, &options, "key.pinned", "not by audit.example/ledger");
}

static void a_key_that_is_none_is_wrong_use(void **state)
{
    struct world *w = *state;
    struct verify_options options = { .key = SLICE("not a key") };
    assert_null(verify_file("test/no such file.zip", &options, &w->err));
    assert_int_equal(w->err.code, ERROR_USAGE);
}

/* ---- the result ---- */

static void the_result_is_json_with_every_check(void **state)
{
    struct world *w = *state;
    struct bundle_world *b = sample(state, CONTENTS_REPORT);
    world_member_add(b, "say \"hello\"\n", SLICE(""));
    struct verifier *verifier = world_verify(b, NULL);
    struct strbuf text = strbuf_new(1 << 20);
    verification_json(verifier_verification(verifier), &text);
    const struct value *json = json_parse(w->arena, strbuf_slice(&text), "result", NULL, &w->err);
    assert_non_null(json);
    assert_false(value_is_true(value_member(json, "ok")));
    const struct value *checks = value_member(json, "checks");
    assert_int_equal(value_count(checks), verification_count(verifier_verification(verifier)));
    assert_true(value_count(checks) > 30);
    for (size_t i = 0; i < value_count(checks); i++) {
        const struct value *check = value_item(checks, i);
        struct slice state_text = value_text_of(check, "state");
        assert_int_equal(value_count(check), 3);
        assert_true(value_text_of(check, "id").len > 0 && value_text_of(check, "detail").len > 0);
        assert_true(slice_is(state_text, "holds") || slice_is(state_text, "fails") ||
                    slice_is(state_text, "not-made"));
    }
    strbuf_free(&text);
    verifier_free(verifier);
}

static void a_damaged_file_is_a_result_and_a_missing_one_is_none(void **state)
{
    struct world *w = *state;
    struct test_file file;
    file_open(&file, SLICE("this is a file of some length, but no bundle"));
    struct verifier *verifier = verify_file(file.path, NULL, &w->err);
    assert_non_null(verifier);
    expect_state(verifier, "bundle.form", CHECK_FAILS, "not a whole bundle");
    expect_state(verifier, "ledger.root", CHECK_NOT_MADE, "could not be read");
    verifier_free(verifier);
    file_close(&file);
    assert_null(verify_file("test/no such file.zip", NULL, &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
}

/* ---- for re-performance ---- */

static void the_runs_come_with_all_that_they_read(void **state)
{
    struct world *w = *state;
    struct bundle_world *b = sample(state, CONTENTS_EVIDENCE);
    struct zip_make zip;
    struct test_file file;
    const struct verified_run *runs;
    size_t count;
    world_zip(b, &zip);
    file_open(&file, strbuf_slice(&zip.out));
    struct verifier *verifier = verify_file(file.path, NULL, &w->err);
    assert_true(verifier_runs(verifier, w->arena, &runs, &count, &w->err));
    assert_int_equal(count, 2);
    assert_int_equal(runs[0].n, 19);
    assert_true(runs[0].is_sample);
    assert_int_equal(runs[0].position, 15);
    expect_slice(runs[0].engine, "duckdb/1");
    expect_slice(runs[0].test_name, "test/CM-02.T1");
    assert_int_equal(runs[0].test_version, 1);
    assert_true(runs[0].test.is_held && runs[0].matrix.is_held && runs[0].items.is_held);
    assert_int_equal(runs[0].population_n, 16);
    assert_int_equal(runs[0].population_count, 40);
    expect_slice(runs[0].population_of, "changes");
    assert_int_equal(runs[0].segments_count, 3);
    expect_slice(runs[0].segments[0].of, "changes");
    assert_int_equal(runs[0].segments[0].rows, 52);
    assert_true(runs[0].segments[0].payload.is_held && runs[0].segments[0].personal.is_held);
    expect_slice(runs[0].segments[1].of, "approvals");
    assert_false(runs[0].segments[1].personal.is_there);
    assert_int_equal(runs[1].n, 20);
    assert_int_equal(runs[1].segments_count, 3); /* two of them stand in `more` */
    verifier_free(verifier);

    struct slice salt, bytes;
    verifier = verify_file(file.path, NULL, &w->err);
    const struct payload_source *payloads = verifier_payloads(verifier);
    assert_true(payloads->open(payloads, &runs[0].segments[0].payload.c, &salt, &bytes, &w->err));
    expect_slice(bytes, "PAR1 changes git PAR1");
    verifier_free(verifier);
    file_close(&file);
    zip_make_free(&zip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_bundle_with_evidence_holds),
        WORLD_TEST(a_bundle_without_evidence_holds_and_says_what_was_not_checked),
        WORLD_TEST(the_level_decides_what_travels),
        WORLD_TEST(the_order_and_the_packing_of_members_do_not_matter),
        WORLD_TEST(a_bundle_of_a_ledger_of_several_tiles_holds),
        WORLD_TEST(members_that_nothing_asks_for_are_found),
        WORLD_TEST(names_are_shown_so_that_a_terminal_does_not_obey_them),
        WORLD_TEST(a_payload_of_another_level_or_of_no_entry_is_too_much),
        WORLD_TEST(a_bundle_cannot_say_that_it_is_of_another_level),
        WORLD_TEST(every_missing_member_is_found),
        WORLD_TEST(bundle_json_has_one_form),
        WORLD_TEST(texts_over_their_size_do_not_hold),
        WORLD_TEST(a_bundle_of_something_that_is_no_report_does_not_hold),
        WORLD_TEST(the_checkpoint_carries_one_signature_and_nothing_else),
        WORLD_TEST(the_pinned_key_is_told_from_another),
        WORLD_TEST(a_key_that_is_none_is_wrong_use),
        WORLD_TEST(the_result_is_json_with_every_check),
        WORLD_TEST(a_damaged_file_is_a_result_and_a_missing_one_is_none),
        WORLD_TEST(the_runs_come_with_all_that_they_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
