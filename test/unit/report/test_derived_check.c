/* Attacks: a table that the program makes itself says something else than the resources. */
#include <stdio.h>
#include <string.h>

#include "../audit/audit_world.h"
#include "evidence/derived.h"
#include "program/population_types.h"
#include "program/version_types.h"
#include "report/derived_check.h"
#include "report/verify_store.h"

static void begin(struct world *w)
{
    world_apply(w, CONTROL("C1") CONTROL("C2"));
    world_apply(w,
                "kind: Control\nid: C1\ntitle: Other\nstatement: It is done.\nowner: person/own\n"
                "type: preventive\nmode: automated\nfrequency: per-event\n"
                "criteria: [tsc-2017/CC8.1]\n");
    world_apply(w, "kind: Test\nid: T1\ncontrol: control/C1\nnature: inspection\n"
                   "procedure: Done.\npopulation: control_versions\nattributes:\n"
                   "  - {id: A, title: A, holds: item.title = 'Title'}\n");
}

/* What the check says: "holds ..." or "fails ..."; empty if it is not made at all. */
static const char *verdict(struct world *w)
{
    static char text[512];
    static const char *const words[] = {
        [CHECK_HOLDS] = "holds", [CHECK_FAILS] = "fails", [CHECK_NOT_MADE] = "not-made"
    };
    struct verify_options options = { 0 };
    struct verifier *verifier = verify_store(w->store, &options, &w->err);
    assert_non_null(verifier);
    struct verification *verification = verifier_verification(verifier);
    assert_true(verification_holds(verification));
    assert_done(w, derived_check(verifier, w->catalogue, w->folder, &w->err));
    const struct check *check = verification_find(verification, "tables.derived");
    text[0] = '\0';
    if (check)
        snprintf(text, sizeof text, "%s %s", words[check->state], check->detail);
    verifier_free(verifier);
    return text;
}

/* What the program would write, with one text in its lines put in place of another and some inputs
 * left out. */
static void forge(struct world *w, const char *was, const char *is, size_t left_out)
{
    struct population_type type;
    struct record_type read;
    struct resource_list versions = { 0 };
    struct strbuf lines = strbuf_new(1 << 20), forged = strbuf_new(1 << 20);
    struct digest inputs[16];
    const struct ledger_appended *appended;
    size_t count;
    bool is_written = false;
    uint64_t size = store_size(w->store);
    struct engine *engine = engine_open(&(struct engine_options){ .threads = 1 }, &w->err);
    assert_done(
        w, population_type_get(w->store, w->catalogue, w->arena, SLICE("control_versions"), size,
                               &type, &w->err) &&
               record_type_read(w->arena, type.document, &read, &w->err) &&
               resource_versions(w->store, w->arena, SLICE("Control"), size, &versions, &w->err) &&
               version_rows(w->arena, type.document, &versions, &lines, &w->err));
    char *at = strstr(lines.at, was);
    assert_non_null(at);
    strbuf_add(&forged, slice_bytes(lines.at, (size_t)(at - lines.at)));
    strbuf_add_text(&forged, is);
    strbuf_add_text(&forged, at + strlen(was));
    for (size_t i = 0; i < versions.count; i++)
        inputs[i] = versions.items[i].leaf;
    struct derived_rows rows = { &read, strbuf_slice(&forged), inputs + left_out,
                                 versions.count - left_out };
    struct transaction *tx = transaction_begin(w->store, &w->err);
    assert_done(w, tx && derived_segment_write(w->store, w->catalogue, engine, tx, &rows,
                                               &is_written, &w->err));
    assert_true(is_written);
    assert_done(w, transaction_commit(tx, &appended, &count, &w->err));
    transaction_free(tx);
    engine_close(engine);
    strbuf_free(&lines);
    strbuf_free(&forged);
}

static void what_the_program_made_holds(void **state)
{
    struct world *w = *state;
    begin(w);
    assert_string_equal(verdict(w), "");
    struct run_options options = { .period = SLICE("2000-01-01..2099-12-31"),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 } };
    assert_figures(audit_run_with(w, &options), "3 2 1 0");
    assert_string_equal(verdict(w), "holds 1 made again from the versions of resources");
}

static void another_title_is_found(void **state)
{
    struct world *w = *state;
    begin(w);
    forge(w, "\"Other\"", "\"Title\"", 0);
    assert_non_null(strstr(verdict(w), "fails segment #"));
    assert_non_null(strstr(verdict(w), "2 rows that differ from the versions of Control"));
}

static void a_version_that_is_left_out_is_found(void **state)
{
    struct world *w = *state;
    begin(w);
    forge(w, "\"Other\"", "\"Other\"", 1);
    assert_non_null(strstr(verdict(w), "does not name Control #"));
}

static void another_time_is_found(void **state)
{
    struct world *w = *state;
    begin(w);
    forge(w, "\"valid_to\":null", "\"valid_to\":\"2030-01-01T00:00:00Z\"", 0);
    assert_non_null(strstr(verdict(w), "2 rows that differ"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(what_the_program_made_holds),
        TEST(another_title_is_found),
        TEST(a_version_that_is_left_out_is_found),
        TEST(another_time_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
