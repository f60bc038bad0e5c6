/* Bundles of a real data directory: they hold, they are the same each time, and nothing damaged is
 * packed. */
#include "report/issued_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "report/bundle.h"
#include "report/zip_write.h"
#include "verify/bundle.h"

static const char *bundle(struct world *w, enum contents_level level, const char *name)
{
    struct digest report = issued_leaf(w, ISSUED_REPORT);
    const char *path = world_path(w, name);
    assert_done(w, bundle_write(w->store, &report, level, path, &w->err));
    return path;
}

static void expect_state(struct verifier *verifier, const char *id, enum check_state state,
                         const char *words)
{
    const struct check *check = verification_find(verifier_verification(verifier), id);
    assert_non_null(check);
    if (check->state != state || !strstr(check->detail, words))
        fail_msg("%s: %s: %s", id, check_state_name(check->state), check->detail);
}

static void expect_holds(struct world *w, const char *path, const char *matrices)
{
    struct verifier *verifier = verify_file(path, NULL, &w->err);
    assert_done(w, verifier != NULL);
    struct strbuf text = strbuf_new(1 << 20);
    verification_text(verifier_verification(verifier), &text);
    if (!verification_holds(verifier_verification(verifier)))
        fail_msg("%.900s", text.at);
    expect_state(verifier, "test.matrix", matrices[0] == '0' ? CHECK_NOT_MADE : CHECK_HOLDS,
                 matrices);
    expect_state(verifier, "report.documents", CHECK_HOLDS, "3 of 3 forms");
    strbuf_free(&text);
    verifier_free(verifier);
}

static void bundles_of_both_levels_hold(void **state)
{
    struct world *w = *state;
    issued_make(w);
    expect_holds(w, bundle(w, CONTENTS_REPORT, "report.zip"), "0 of 1 runs");
    expect_holds(w, bundle(w, CONTENTS_EVIDENCE, "evidence.zip"), "1 of 1 runs");
}

static bool has_member(struct world *w, const char *path, const char *name)
{
    struct zip *zip = zip_open(path, &w->err);
    assert_done(w, zip != NULL);
    bool has = zip_find(zip, slice_of(name)) != NULL;
    zip_close(zip);
    return has;
}

static void evidence_travels_only_with_the_level_that_says_so(void **state)
{
    struct world *w = *state;
    static const struct {
        uint64_t n;
        const char *field;
    } evidence[] = { { 2, "payload" }, { 2, "raw" }, { 5, "items" }, { ISSUED_RUN, "payload" } };
    issued_make(w);
    const char *light = bundle(w, CONTENTS_REPORT, "report.zip");
    const char *full = bundle(w, CONTENTS_EVIDENCE, "evidence.zip");
    for (size_t i = 0; i < ARRAY_LEN(evidence); i++) {
        char name[100];
        const char *path = issued_payload_path(w, evidence[i].n, evidence[i].field);
        snprintf(name, sizeof name, "payload/%s", path + strlen("payload/ab/"));
        assert_false(has_member(w, light, name));
        assert_true(has_member(w, full, name));
    }
}

static void the_same_ledger_gives_the_same_bytes(void **state)
{
    struct world *w = *state;
    struct slice first, second;
    issued_make(w);
    assert_done(
        w, file_read(w->arena, bundle(w, CONTENTS_EVIDENCE, "one.zip"), 1 << 26, &first, &w->err));
    world_reopen(w);
    assert_done(
        w, file_read(w->arena, bundle(w, CONTENTS_EVIDENCE, "two.zip"), 1 << 26, &second, &w->err));
    assert_true(slice_equal(first, second));
}

static void members_are_packed_where_that_helps_and_never_like_a_bomb(void **state)
{
    struct world *w = *state;
    issued_make(w);
    struct zip *zip = zip_open(bundle(w, CONTENTS_EVIDENCE, "evidence.zip"), &w->err);
    assert_done(w, zip != NULL);
    const struct {
        const char *path;
        bool is_deflated;
    } expected[] = {
        { issued_payload_path(w, 2, "payload"), false }, /* noise */
        { issued_payload_path(w, 5, "items"), true },
        { issued_payload_path(w, 9, "payload"), false }, /* two million blanks */
    };
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        char name[100];
        snprintf(name, sizeof name, "payload/%s", expected[i].path + strlen("payload/ab/"));
        const struct zip_member *member = zip_find(zip, slice_of(name));
        assert_non_null(member);
        assert_int_equal(member->is_deflated, expected[i].is_deflated);
        assert_true(!member->is_deflated || member->packed * 4 < member->bytes);
    }
    zip_close(zip);
}

static void a_later_bundle_of_the_same_report_continues_the_earlier(void **state)
{
    struct world *w = *state;
    struct slice note;
    issued_make(w);
    const char *early = bundle(w, CONTENTS_REPORT, "early.zip");
    world_put(w, "CM-09", "written after the report");
    const char *late = bundle(w, CONTENTS_REPORT, "late.zip");
    assert_done(w, bundle_checkpoint(w->arena, early, &note, &w->err));
    struct verify_options options = { .known = note };
    struct verifier *verifier = verify_file(late, &options, &w->err);
    expect_state(verifier, "ledger.known-checkpoint", CHECK_HOLDS, "10 entries");
    verifier_free(verifier);
    assert_done(w, bundle_checkpoint(w->arena, late, &note, &w->err));
    options.known = note;
    verifier = verify_file(early, &options, &w->err);
    expect_state(verifier, "ledger.known-checkpoint", CHECK_FAILS, "rolled back");
    verifier_free(verifier);
}

static void what_is_damaged_is_not_packed(void **state)
{
    struct world *w = *state;
    issued_make(w);
    struct digest report = issued_leaf(w, ISSUED_REPORT);
    const char *segment = issued_payload_path(w, 2, "payload");
    issued_flip(w, segment, 1000);
    assert_error(
        w, bundle_write(w->store, &report, CONTENTS_EVIDENCE, world_path(w, "bad.zip"), &w->err),
        ERROR_CORRUPT, "found other bytes");
    assert_false(file_exists(world_path(w, "bad.zip")));
    expect_holds(w, bundle(w, CONTENTS_REPORT, "report.zip"), "0 of 1 runs");
    assert_int_equal(unlink(world_path(w, segment)), 0);
    assert_error(
        w, bundle_write(w->store, &report, CONTENTS_EVIDENCE, world_path(w, "bad.zip"), &w->err),
        ERROR_CORRUPT, "of entry #2 is missing");
    assert_false(file_exists(world_path(w, "bad.zip")));
}

static void only_a_report_is_packed_and_only_into_a_file(void **state)
{
    struct world *w = *state;
    issued_make(w);
    struct digest leaf = issued_leaf(w, ISSUED_RUN);
    assert_error(w, bundle_write(w->store, &leaf, CONTENTS_REPORT, world_path(w, "x.zip"), &w->err),
                 ERROR_NOT_FOUND, "is a test.run, no report");
    leaf.bytes[0] ^= 1;
    assert_error(w, bundle_write(w->store, &leaf, CONTENTS_REPORT, world_path(w, "x.zip"), &w->err),
                 ERROR_NOT_FOUND, "no such report");
    leaf = issued_leaf(w, ISSUED_REPORT);
    assert_error(w, bundle_write(w->store, &leaf, CONTENTS_REPORT, w->folder, &w->err),
                 ERROR_INVALID, "written to a file");
    assert_error(w, bundle_write(w->store, &leaf, CONTENTS_REPORT, "-", &w->err), ERROR_INVALID,
                 "written to a file");
    assert_false(
        bundle_write(w->store, &leaf, CONTENTS_REPORT, world_path(w, "no/such/folder"), &w->err));
    assert_false(file_exists(world_path(w, "x.zip")));
}

/* ---- the ZIP writer by itself ---- */

static bool give_less(void *context, zip_take_fn *take, void *take_context, struct error *err)
{
    (void)context;
    return take(take_context, SLICE("four"), err);
}

static void a_member_of_another_length_than_said_is_refused(void **state)
{
    struct world *w = *state;
    struct zip_writer *zip = zip_writer_new(world_path(w, "a.zip"), &w->err);
    assert_done(w, zip != NULL);
    assert_error(w, zip_writer_add(zip, SLICE("a"), 5, give_less, NULL, &w->err), ERROR_CORRUPT,
                 "a has 4 bytes, not 5");
    zip_writer_free(zip);
    assert_false(file_exists(world_path(w, "a.zip")));
}

static void more_members_than_sixteen_bits_count_are_read_back(void **state)
{
    struct world *w = *state;
    const char *path = world_path(w, "many.zip");
    struct zip_writer *zip = zip_writer_new(path, &w->err);
    assert_done(w, zip != NULL);
    for (int i = 0; i < 70000; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        assert_done(w, zip_writer_add_text(zip, slice_of(name), slice_of(name), &w->err));
    }
    assert_done(w, zip_writer_finish(zip, &w->err));
    zip_writer_free(zip);
    struct zip *read = zip_open(path, &w->err);
    assert_done(w, read != NULL);
    assert_int_equal(zip_members_count(read), 70000);
    struct strbuf content = strbuf_new(100);
    assert_done(w, zip_read(read, zip_find(read, SLICE("m69999")), &content, &w->err));
    assert_true(slice_is(strbuf_slice(&content), "m69999"));
    strbuf_free(&content);
    zip_close(read);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(bundles_of_both_levels_hold),
        STORE_TEST(evidence_travels_only_with_the_level_that_says_so),
        STORE_TEST(the_same_ledger_gives_the_same_bytes),
        STORE_TEST(members_are_packed_where_that_helps_and_never_like_a_bomb),
        STORE_TEST(a_later_bundle_of_the_same_report_continues_the_earlier),
        STORE_TEST(what_is_damaged_is_not_packed),
        STORE_TEST(only_a_report_is_packed_and_only_into_a_file),
        STORE_TEST(a_member_of_another_length_than_said_is_refused),
        STORE_TEST(more_members_than_sixteen_bits_count_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
