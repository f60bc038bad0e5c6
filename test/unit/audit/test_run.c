/* Populations and runs over real segments in a real store. */
#include <stdio.h>
#include <string.h>

#include "audit/audit_world.h"
#include "audit/items.h"
#include "base/json.h"
#include "evidence/import.h"

/* Three things in the period, one before it, one after, one at each edge. */
#define EDGES                                                                                      \
    "{\"id\":\"before\",\"at\":\"2025-12-31T23:59:59.999999Z\",\"who\":\"ann\"}\n"                 \
    "{\"id\":\"first\",\"at\":\"2026-01-01T00:00:00Z\",\"who\":\"ann\"}\n"                         \
    "{\"id\":\"mid\",\"at\":\"2026-06-01T00:00:00Z\",\"who\":\"bob\"}\n"                           \
    "{\"id\":\"last\",\"at\":\"2026-12-31T23:59:59.999999Z\",\"who\":null}\n"                      \
    "{\"id\":\"after\",\"at\":\"2027-01-01T00:00:00Z\",\"who\":\"ann\"}\n"

static void a_period_is_half_open_and_null_is_undecided(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_test(w, NULL, "who = 'ann'");
    const struct value *run = audit_run(w);
    assert_figures(run, "3 1 1 1");
    assert_true(slice_is(value_member(run, "deviations")->text, "2"));
    assert_true(slice_is(value_text_of(run, "result"), "exceptions"));
}

static void no_item_is_did_not_operate_and_never_a_pass(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", "", NULL);
    audit_test(w, NULL, "who = 'ann'");
    const struct value *run = audit_run(w);
    assert_figures(run, "0 0 0 0");
    assert_true(slice_is(value_text_of(run, "result"), "did-not-operate"));
}

static void without_an_import_there_is_no_population(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_test(w, NULL, "who = 'ann'");
    assert_null(audit_run(w));
    assert_finding(w, NULL, "no records of this type were imported", "import");
}

static void when_all_are_run_one_without_records_is_only_told(void **state)
{
    struct world *w = *state;
    struct run_options options = { .period = SLICE("2026-01-01..2026-12-31"),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 } };
    audit_begin(w, "");
    audit_test(w, NULL, "who = 'ann'");
    const struct value *result =
        tests_run(w->store, w->catalogue, w->arena, &options, &w->findings, &w->err);
    assert_non_null(result);
    assert_int_equal(w->findings.count, 0);
    assert_int_equal(value_count(value_member(result, "tests")), 0);
    const struct value *left_out = value_item(value_member(result, "not_run"), 0);
    assert_true(slice_is(value_text_of(left_out, "test"), "test/T1"));
    assert_true(slice_is(value_text_of(left_out, "records"), "things"));
}

static void tests_over_the_same_items_share_one_population(void **state)
{
    struct world *w = *state;
    struct stored_entries frozen;
    struct run_options options = { .period = SLICE("2026-01-01..2026-12-31"),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 } };
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_test(w, "who <> 'bob'", "true");
    world_apply(w, "kind: Test\nid: T2\ncontrol: control/C1\nnature: inspection\n"
                   "procedure: Looked.\npopulation: things\nwhere: \"who <> 'bob'\"\n"
                   "attributes:\n  - id: A\n    title: A\n    holds: \"who = 'ann'\"\n");
    for (int run = 0; run < 2; run++) {
        const struct value *result =
            tests_run(w->store, w->catalogue, w->arena, &options, &w->findings, &w->err);
        assert_int_equal(value_count(value_member(result, "tests")), 2);
        assert_done(w, entry_list(w->store, w->arena, SLICE("population"), (struct slice){ 0 },
                                  store_size(w->store), &frozen, &w->err));
        assert_int_equal(frozen.count, 1);
    }
}

static void a_null_filter_keeps_the_item_in_and_undecided(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_test(w, "who <> 'bob'", "true");
    assert_figures(audit_run(w), "2 1 0 1");
}

static void the_same_row_twice_counts_once_and_is_told(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_import(w, "things", "{\"id\":\"mid\",\"at\":\"2026-06-01T00:00:00Z\",\"who\":\"bob\"}\n",
                 NULL);
    audit_test(w, NULL, "who is not null");
    const struct value *run = audit_run(w);
    assert_figures(run, "3 2 1 0");
    assert_true(slice_is(value_path(run, "population.repeats")->text, "1"));
}

#define CONFLICT "{\"id\":\"mid\",\"at\":\"2026-06-01T00:00:00Z\",\"who\":\"eve\"}\n"

static void one_key_with_two_contents_is_refused_by_name(void **state)
{
    struct world *w = *state;
    uint64_t size = 0;
    audit_begin(w, "");
    audit_import(w, "things", EDGES CONFLICT, NULL);
    audit_test(w, NULL, "who is not null");
    size = store_size(w->store);
    assert_null(audit_run(w));
    assert_finding(w, NULL, "[\"mid\"]", "Resolution");
    assert_int_equal(store_size(w->store), size);
}

static void a_conflict_outside_the_period_does_not_matter(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things",
                 EDGES "{\"id\":\"before\",\"at\":\"2025-12-31T23:59:59Z\",\"who\":\"eve\"}\n",
                 NULL);
    audit_test(w, NULL, "who is not null");
    assert_figures(audit_run(w), "3 2 1 0");
}

static void an_undated_row_in_conflict_is_refused_too(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things",
                 "{\"id\":\"x\",\"at\":null,\"who\":\"ann\"}\n"
                 "{\"id\":\"x\",\"at\":\"2020-01-01T00:00:00Z\",\"who\":\"ann\"}\n",
                 NULL);
    audit_test(w, NULL, "true");
    assert_null(audit_run(w));
    assert_finding(w, NULL, "[\"x\"]", NULL);
}

static void a_revision_lets_the_greatest_count(void **state)
{
    struct world *w = *state;
    audit_begin(w, "revision: number\n");
    audit_import(w, "things",
                 "{\"id\":\"a\",\"at\":\"2026-01-02T00:00:00Z\",\"who\":\"old\",\"number\":1}\n"
                 "{\"id\":\"a\",\"at\":\"2026-01-02T00:00:00Z\",\"who\":\"new\",\"number\":2}\n",
                 NULL);
    audit_test(w, NULL, "who = 'new'");
    assert_figures(audit_run(w), "1 1 0 0");
}

/* The digest of the row that the refusal prints first. */
static void digest_told(const struct world *w, char out[80])
{
    const char *at = strstr(w->findings.items[0].error.message, "sha256:");
    assert_non_null(at);
    snprintf(out, 80, "%.71s", at);
}

static void a_resolution_settles_a_conflict(void **state)
{
    struct world *w = *state;
    char digest[80], text[512];
    audit_begin(w, "");
    audit_import(w, "things", EDGES CONFLICT, NULL);
    audit_test(w, NULL, "who is not null");
    assert_null(audit_run(w));
    digest_told(w, digest);
    world_clear(w);
    snprintf(text, sizeof text,
             "kind: Resolution\nid: mid\npopulation: things\nkey: [mid]\nkept: %s\n"
             "reason: The other export was a draft.\ndecided_by: person/own\n",
             digest);
    world_apply(w, text);
    assert_figures(audit_run(w), "3 2 1 0");
}

static void a_conflict_in_a_joined_table_is_refused(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_import(w, "marks",
                 "{\"id\":\"m\",\"thing\":\"mid\",\"at\":\"2020-01-01T00:00:00Z\"}\n"
                 "{\"id\":\"m\",\"thing\":\"last\",\"at\":\"2020-01-01T00:00:00Z\"}\n",
                 NULL);
    audit_test(w, NULL, "exists (select 1 from marks m where m.thing = item.id)");
    assert_null(audit_run(w));
    assert_finding(w, NULL, "[\"m\"]", NULL);
    assert_finding(w, NULL, "(thing \"last\")", NULL);
    assert_finding(w, NULL, "(thing \"mid\")", NULL);
}

static void joined_rows_count_whatever_their_period(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_import(w, "marks", "{\"id\":\"m\",\"thing\":\"mid\",\"at\":\"2020-01-01T00:00:00Z\"}\n",
                 NULL);
    audit_test(w, NULL, "exists (select 1 from marks m where m.thing = item.id)");
    assert_figures(audit_run(w), "3 1 2 0");
}

static void rows_without_their_time_are_told_and_are_no_items(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES "{\"id\":\"undated\",\"who\":\"ann\"}\n", NULL);
    audit_test(w, NULL, "true");
    const struct value *run = audit_run(w);
    assert_figures(run, "3 3 0 0");
    assert_true(slice_is(value_path(run, "population.undated")->text, "1"));
}

static void a_declared_gap_is_refused_unless_accepted(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, "2026-01-01..2026-03-31");
    audit_import(w, "things", "", "2026-04-02..2026-12-31");
    audit_test(w, NULL, "true");
    assert_null(audit_run(w));
    assert_finding(w, "test/T1: things 2026-04-01..2026-04-01", "do not cover", "GapAcceptance");
    world_clear(w);
    world_apply(w, "kind: GapAcceptance\nid: g\npopulation: things\nfrom: '2026-04-01'\n"
                   "to: '2026-04-01'\nreason: The tool was down.\ndecided_by: person/own\n");
    assert_figures(audit_run(w), "3 3 0 0");
}

static void a_withdrawn_import_is_out(void **state)
{
    struct world *w = *state;
    char hex[65];
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    const char *wrong =
        audit_import(w, "things", "{\"id\":\"z\",\"at\":\"2026-06-01T00:00:00Z\"}\n", NULL);
    assert_done(w, segment_withdraw(w->store, &w->acting.actor, slice_of(wrong),
                                    SLICE("the wrong year"), hex, &w->err));
    audit_test(w, NULL, "true");
    assert_figures(audit_run(w), "3 3 0 0");
}

static void the_same_run_gives_the_same_digest_on_any_number_of_threads(void **state)
{
    struct world *w = *state;
    struct strbuf lines = strbuf_new(1 << 20);
    struct slice digest = { 0 }, population = { 0 };
    audit_begin(w, "");
    for (unsigned i = 0; i < 600; i++) {
        strbuf_printf(&lines, "{\"id\":\"t%u\",\"at\":\"2026-02-01T00:00:%02uZ\",\"who\":%s}\n",
                      (i * 7919) % 600, i % 60, i % 3 ? "\"ann\"" : "null");
    }
    audit_import(w, "things", lines.at, NULL);
    strbuf_free(&lines);
    audit_test(w, NULL, "who = 'ann'");
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct run_options options = { .period = SLICE("2026-01-01..2026-12-31"),
                                       .acting = &w->acting,
                                       .engine = { .threads = threads } };
        const struct value *run = audit_run_with(w, &options);
        assert_figures(run, "600 400 0 200");
        struct slice now = value_text_of(run, "result_digest");
        assert_true(digest.len == 0 || slice_equal(digest, now));
        digest = now;
        struct slice name = value_text(value_path(run, "population.name"));
        assert_true(population.len == 0 || slice_equal(population, name));
        population = name;
    }
    /* One population, three runs. */
    struct stored_entries list;
    assert_done(w, entry_list(w->store, w->arena, SLICE("population"), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    assert_int_equal(list.count, 1);
    assert_done(w, entry_list(w->store, w->arena, SLICE("test.run"), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    assert_int_equal(list.count, 3);
}

static void the_matrix_can_be_read_back(void **state)
{
    struct world *w = *state;
    struct matrix_text matrix;
    const struct value *key, *results;
    static const char *const expected[] = { "first holds", "last undecided", "mid fails" };
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_test(w, NULL, "who = 'ann'");
    const struct value *run = audit_run(w);
    assert_done(w, matrix_open(w->store, w->arena, value_text_of(run, "run"), store_size(w->store),
                               &matrix, &w->err));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        char text[64];
        assert_done(w, matrix_next(&matrix, &key, &results, &w->err));
        assert_non_null(key);
        snprintf(text, sizeof text, "%.*s %.*s", SLICE_ARG(value_text(value_item(key, 0))),
                 SLICE_ARG(value_text(value_item(results, 0))));
        assert_string_equal(text, expected[i]);
    }
    assert_done(w, matrix_next(&matrix, &key, &results, &w->err));
    assert_null(key);
    matrix_close(&matrix);
}

static void an_expression_that_is_not_true_or_false_is_refused(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_test(w, NULL, "amount + 1");
    assert_null(audit_run(w));
    assert_finding(w, "test/T1, attribute A", "neither true nor false", NULL);
}

static void a_test_whose_example_fails_cannot_be_used(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    world_apply(w,
                "kind: Test\nid: T1\ncontrol: control/C1\nnature: inspection\nprocedure: Done.\n"
                "population: things\nattributes:\n  - {id: A, title: A, holds: \"who = 'ann'\"}\n"
                "examples:\n  - item: {id: x, who: bob}\n    expect: {A: holds}\n");
    assert_null(audit_run(w));
    assert_finding(w, NULL, "attribute A is \"fails\", the example expects \"holds\"", NULL);
}

static void missing_numbers_and_sums_and_differences_are_in_the_record(void **state)
{
    struct world *w = *state;
    struct stored_entries list;
    audit_begin(w, "sequence: number\ntotals: [amount]\n");
    audit_import(w, "things",
                 "{\"id\":\"a\",\"at\":\"2026-01-02T00:00:00Z\",\"amount\":1.5,\"number\":1}\n"
                 "{\"id\":\"b\",\"at\":\"2026-01-02T00:00:00Z\",\"amount\":2.25,\"number\":4}\n",
                 NULL);
    audit_import(w, "marks",
                 "{\"id\":\"m\",\"thing\":\"a\",\"at\":\"2026-01-02T00:00:00Z\"}\n"
                 "{\"id\":\"n\",\"thing\":\"c\",\"at\":\"2026-01-02T00:00:00Z\"}\n",
                 NULL);
    world_apply(w, "kind: Test\nid: T1\ncontrol: control/C1\nnature: inspection\nprocedure: Done.\n"
                   "population: things\nattributes:\n  - {id: A, title: A, holds: \"true\"}\n"
                   "reconcile:\n  - {with: marks, key: [thing]}\n");
    assert_figures(audit_run(w), "2 2 0 0");
    assert_done(w, entry_list(w->store, w->arena, SLICE("population"), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    const struct value *record = json_parse(w->arena, list.items[0].object, "r", NULL, &w->err);
    const struct value *gap = value_item(value_path(record, "sequence.gaps"), 0);
    assert_true(slice_is(value_text_of(gap, "from"), "2"));
    assert_true(slice_is(value_text_of(gap, "missing"), "2"));
    assert_true(slice_is(value_text(value_path(record, "sequence.first")), "1"));
    assert_true(slice_is(value_text(value_path(record, "sequence.last")), "4"));
    assert_true(slice_is(value_text(value_path(record, "sequence.missing")), "2"));
    assert_true(slice_is(value_text(value_path(record, "sequence.places")), "1"));
    const struct value *total = value_item(value_member(record, "control_totals"), 0);
    assert_true(slice_is(value_text_of(total, "value"), "3.750000"));
    const struct value *other = value_item(value_member(record, "reconciliation"), 0);
    assert_true(slice_is(value_path(other, "missing_here.count")->text, "1"));
    assert_true(slice_is(value_path(other, "missing_there.count")->text, "1"));
    assert_true(slice_is(value_path(record, "silent_days.count")->text, "364"));
}

static void assert_member(const struct value *object, const char *name, const char *expected)
{
    struct slice found = value_text_of(object, name);
    if (!slice_is(found, expected))
        fail_msg("%s: %.*s, not %s", name, SLICE_ARG(found), expected);
}

static void numbers_in_texts_are_missed_too_each_series_for_itself(void **state)
{
    struct world *w = *state;
    struct stored_entries list;
    static const char *const ids[] = {
        "INV-2025-0998", "INV-2025-1002", "INV-2025-10003",         "INV-2026-7",
        "INV-2026-8",    "credit note",   "12345678901234567890123"
    };
    struct strbuf lines = strbuf_new(4096);
    audit_begin(w, "sequence: id\n");
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        strbuf_printf(&lines, "{\"id\":\"%s\",\"at\":\"2026-01-02T00:00:00Z\"}\n", ids[i]);
    audit_import(w, "things", lines.at, NULL);
    strbuf_free(&lines);
    world_apply(w, "kind: Test\nid: T1\ncontrol: control/C1\nnature: inspection\nprocedure: Done.\n"
                   "population: things\nattributes:\n  - {id: A, title: A, holds: \"true\"}\n");
    assert_figures(audit_run(w), "7 7 0 0");
    assert_done(w, entry_list(w->store, w->arena, SLICE("population"), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    const struct value *record = json_parse(w->arena, list.items[0].object, "r", NULL, &w->err);
    const struct value *sequence = value_member(record, "sequence");
    const struct value *gaps = value_member(sequence, "gaps");
    assert_int_equal(value_count(gaps), 2);
    /* As wide as its neighbour is written. */
    assert_member(value_item(gaps, 0), "from", "INV-2025-0999");
    assert_member(value_item(gaps, 0), "to", "INV-2025-1001");
    assert_member(value_item(gaps, 0), "missing", "3");
    assert_member(value_item(gaps, 1), "from", "INV-2025-01003");
    assert_member(value_item(gaps, 1), "to", "INV-2025-10002");
    assert_member(value_item(gaps, 1), "missing", "9000");
    assert_member(sequence, "first", "12345678901234567890123");
    assert_member(sequence, "last", "INV-2026-8");
    assert_member(sequence, "missing", "9003");
    assert_member(sequence, "places", "2");
    assert_true(slice_is(value_member(sequence, "unnumbered")->text, "1"));
}

static void an_auditor_of_another_team_may_not_run(void **state)
{
    struct world *w = *state;
    audit_begin(w, "");
    audit_import(w, "things", EDGES, NULL);
    audit_test(w, NULL, "true");
    world_apply(w,
                "kind: Person\nid: aud\nname: A\nside: auditor\n---\nkind: Person\nid: stranger\n"
                "name: S\nside: auditor\n---\nkind: Organization\nid: o\nname: O\n---\n"
                "kind: System\nid: s\ntitle: S\n---\nkind: Engagement\nid: e\ntitle: E\n"
                "type: type-2\nperiod: {from: '2026-01-01', to: '2026-12-31'}\n"
                "categories: [security]\norganization: organization/o\nsystem: system/s\n"
                "auditors: [person/aud]\n");
    world_act_as(w, "person/stranger");
    struct run_options options = { .engagement = SLICE("e"), .acting = &w->acting };
    assert_null(audit_run_with(w, &options));
    assert_int_equal(w->err.code, ERROR_REFUSED);
    world_act_as(w, "person/aud");
    assert_figures(audit_run_with(w, &options), "3 3 0 0");
}

static void a_test_that_takes_too_long_is_stopped(void **state)
{
    struct world *w = *state;
    struct strbuf lines = strbuf_new(1 << 20);
    audit_begin(w, "");
    for (unsigned i = 0; i < 1500; i++) {
        strbuf_printf(&lines, "{\"id\":\"t%u\",\"at\":\"2026-02-01T00:00:00Z\"}\n", i);
    }
    audit_import(w, "things", lines.at, NULL);
    strbuf_free(&lines);
    /* Three free joins: 3.4 thousand million rows, bound to nothing. */
    audit_test(w, NULL,
               "(select count(*) from things a, things b, things c where length(a.id || b.id "
               "|| c.id) < 3) = 0");
    struct run_options options = { .period = SLICE("2026-01-01..2026-12-31"),
                                   .acting = &w->acting,
                                   .seconds_max = 1,
                                   .engine = { .threads = 1 } };
    uint64_t size = store_size(w->store);
    assert_null(audit_run_with(w, &options));
    assert_finding(w, "test/T1", "took longer than 1 seconds", "--seconds");
    assert_int_equal(store_size(w->store), size);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(a_period_is_half_open_and_null_is_undecided),
        TEST(no_item_is_did_not_operate_and_never_a_pass),
        TEST(without_an_import_there_is_no_population),
        TEST(tests_over_the_same_items_share_one_population),
        TEST(when_all_are_run_one_without_records_is_only_told),
        TEST(a_null_filter_keeps_the_item_in_and_undecided),
        TEST(the_same_row_twice_counts_once_and_is_told),
        TEST(one_key_with_two_contents_is_refused_by_name),
        TEST(a_conflict_outside_the_period_does_not_matter),
        TEST(an_undated_row_in_conflict_is_refused_too),
        TEST(a_revision_lets_the_greatest_count),
        TEST(a_resolution_settles_a_conflict),
        TEST(a_conflict_in_a_joined_table_is_refused),
        TEST(joined_rows_count_whatever_their_period),
        TEST(rows_without_their_time_are_told_and_are_no_items),
        TEST(a_declared_gap_is_refused_unless_accepted),
        TEST(a_withdrawn_import_is_out),
        TEST(the_same_run_gives_the_same_digest_on_any_number_of_threads),
        TEST(the_matrix_can_be_read_back),
        TEST(an_expression_that_is_not_true_or_false_is_refused),
        TEST(a_test_whose_example_fails_cannot_be_used),
        TEST(missing_numbers_and_sums_and_differences_are_in_the_record),
        TEST(numbers_in_texts_are_missed_too_each_series_for_itself),
        TEST(an_auditor_of_another_team_may_not_run),
        TEST(a_test_that_takes_too_long_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
