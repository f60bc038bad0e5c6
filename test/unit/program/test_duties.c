/* What is due by what the store holds: dates that kinds declare, controls across versions. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "program/occurrence_rows.h"
#include "program_world.h"

/* "day state evidence", one a duty, joined by "; ". */
static const char *duties_of(struct world *w, const char *subject, const char *until)
{
    struct duties duties;
    struct strbuf text = strbuf_new(1 << 16);
    int32_t day;
    assert_true(date_parse(slice_of(until), &day, &w->err));
    const struct duties_options options = { .size = store_size(w->store),
                                            .now_us = clock_now_us(),
                                            .until_us = zone_day_start(day + 1, NULL) };
    assert_done(w, duties_list(w->store, w->catalogue, w->arena, &options, &duties, &w->err));
    for (size_t i = 0; i < duties.count; i++) {
        const struct duty *duty = &duties.items[i];
        char written[11];
        if (!slice_is(duty->subject, subject))
            continue;
        date_format(duty->day, written);
        strbuf_printf(&text, "%s%s %s%s%.*s", text.len ? "; " : "", written,
                      duty_state_name(duty->state), duty->done.evidence.len ? " " : "",
                      SLICE_ARG(duty->done.evidence));
    }
    strbuf_add_text(&text, "");
    const char *copy = arena_string(w->arena, strbuf_slice(&text), &w->err);
    strbuf_free(&text);
    return copy;
}

#define POLICY(approved, review)                                                                   \
    "kind: Policy\nid: access\ntitle: Access\napproved_on: " approved "\nreview_by: " review "\n"

static void a_review_is_done_by_the_next_version_that_is_approved_later(void **state)
{
    struct world *w = *state;
    world_apply(w, POLICY("2026-01-01", "2998-01-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"), "2998-01-01 not-due");
    /* A correction before the day moves it. */
    world_apply(w, POLICY("2026-01-01", "2998-02-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"), "2998-02-01 not-due");
    world_apply(w, POLICY("2026-02-01", "2999-02-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"),
                        "2998-02-01 performed policy/access v3; 2999-02-01 not-due");
    /* Approved earlier is no new approval. */
    world_apply(w, POLICY("2026-01-15", "2999-03-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"),
                        "2998-02-01 performed policy/access v3; 2999-03-01 not-due");
}

static void a_day_that_is_over_cannot_be_moved_any_more(void **state)
{
    struct world *w = *state;
    world_apply(w, POLICY("2024-01-01", "2025-01-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"), "2025-01-01 missed");
    world_apply(w, POLICY("2024-01-01", "2998-01-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"),
                        "2025-01-01 missed; 2998-01-01 not-due");
}

static void what_is_over_is_done_late_even_if_other_versions_lie_between(void **state)
{
    struct world *w = *state;
    world_apply(w, POLICY("2024-01-01", "2025-01-01"));
    world_apply(w, POLICY("2024-01-01", "2025-01-01") "edition: '2'\n");
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"), "2025-01-01 missed");
    world_apply(w, POLICY("2026-01-01", "2998-01-01"));
    assert_string_equal(duties_of(w, "policy/access", "2999-12-31"),
                        "2025-01-01 late policy/access v3; 2998-01-01 not-due");
}

#define VENDOR(next, more)                                                                         \
    "kind: Vendor\nid: acme\ntitle: Acme\nrating: high\nnext_review_on: " next "\n" more
#define REVIEW(id, on, next)                                                                       \
    "kind: VendorReview\nid: " id "\nvendor: vendor/acme\nreviewed_on: " on                        \
    "\nreviewed_by: person/own\ndecision: keep\nnext_review_on: " next "\n"

static void a_vendor_is_reviewed_by_another_document_which_says_when_the_next_is_due(void **state)
{
    struct world *w = *state;
    world_apply(w, VENDOR("2998-01-01", ""));
    world_apply(w, REVIEW("first", "2026-01-01", "2998-06-01"));
    /* A change of the vendor that leaves its day alone does not bring the old day back. */
    world_apply(w, VENDOR("2998-01-01", "service: Hosting\n"));
    assert_string_equal(duties_of(w, "vendor/acme", "2999-12-31"),
                        "2998-01-01 performed vendor-review/first v1; 2998-06-01 not-due");
    world_apply(w, REVIEW("second", "2026-02-01", "2998-09-01"));
    assert_string_equal(duties_of(w, "vendor/acme", "2999-12-31"),
                        "2998-01-01 performed vendor-review/first v1; "
                        "2998-06-01 performed vendor-review/second v1; 2998-09-01 not-due");
}

static void a_control_that_is_due_no_more_owes_nothing_after(void **state)
{
    struct world *w = *state;
#define MONTHLY(more)                                                                              \
    "kind: Control\nid: A\ntitle: Title\nstatement: It is done.\nowner: person/own\n"              \
    "type: preventive\nmode: manual\nfrequency: monthly\ncriteria: [tsc-2017/CC8.1]\n"             \
    "effective_from: 2025-01-01\n" more
    world_apply(w, MONTHLY("effective_to: 2025-03-15\n"));
    assert_string_equal(duties_of(w, "control/A", "2999-12-31"),
                        "2025-01-31 missed; 2025-02-28 missed");
    /* Its days are those of its zone: the year there ends five hours later. */
    world_apply(w, MONTHLY("effective_to: 2025-01-31\ndue: {timezone: America/New_York}\n"));
    assert_string_equal(duties_of(w, "control/A", "2999-12-31"), "2025-01-31 missed");
    world_apply(w, "kind: Performance\nid: P\ncontrol: control/A\nperformed_by: person/own\n"
                   "performed_at: 2025-02-01T04:59:59Z\nwhat: Done.\n");
    assert_string_equal(duties_of(w, "control/A", "2999-12-31"),
                        "2025-01-31 performed performance/P v1");
    /* A correction is the last version. */
    world_apply(w, "kind: Performance\nid: P\ncontrol: control/A\nperformed_by: person/own\n"
                   "performed_at: 2025-02-01T05:00:00Z\nwhat: Done.\n");
    assert_string_equal(duties_of(w, "control/A", "2999-12-31"),
                        "2025-01-31 late performance/P v2");
}

static void an_automated_control_is_due_only_if_it_says_so(void **state)
{
    struct world *w = *state;
#define AUTOMATED(more)                                                                            \
    "kind: Control\nid: A\ntitle: Title\nstatement: It is done.\nowner: person/own\n"              \
    "type: preventive\nmode: automated\nfrequency: monthly\ncriteria: [tsc-2017/CC8.1]\n"          \
    "effective_from: 2025-01-01\neffective_to: 2025-02-15\n" more
    world_apply(w, AUTOMATED(""));
    assert_string_equal(duties_of(w, "control/A", "2999-12-31"), "");
    world_apply(w, AUTOMATED("due: {every: monthly}\n"));
    assert_string_equal(duties_of(w, "control/A", "2999-12-31"), "2025-01-31 missed");
}

static void rows_are_lines_of_json_and_their_inputs_come_once(void **state)
{
    struct world *w = *state;
    struct duties duties;
    struct strbuf lines = strbuf_new(1 << 16);
    struct digest *inputs;
    size_t inputs_count, count = 0;
    world_apply(w, MONTHLY("effective_to: 2025-03-31\n"));
    world_apply(w, "kind: Performance\nid: P\ncontrol: control/A\nperformed_by: person/own\n"
                   "performed_at: 2025-01-31T12:00:00Z\nwhat: Done.\n");
    const struct duties_options options = { .size = store_size(w->store),
                                            .now_us = clock_now_us(),
                                            .until_us = clock_now_us() };
    assert_done(w, duties_list(w->store, w->catalogue, w->arena, &options, &duties, &w->err));
    assert_done(w, occurrence_rows(w->arena, &duties, &lines, &inputs, &inputs_count, &w->err));
    assert_int_equal(duties.count, 3);
    assert_int_equal(inputs_count, 2); /* the control once, the performance */
    struct slice rest = strbuf_slice(&lines), line;
    for (; slice_line(&rest, &line); count++) {
        const struct value *row = json_parse(w->arena, line, "row", NULL, &w->err);
        assert_non_null(row);
        assert_true(slice_is(value_text_of(row, "control"), "A"));
        assert_true(slice_is(value_text_of(row, "state"), count == 0 ? "performed" : "missed"));
        assert_true(count > 0 || slice_is(value_text_of(row, "evidence"), "performance/P v1"));
    }
    assert_int_equal(count, 3);
    strbuf_free(&lines);
}

static void hours_are_exact_to_a_millionth(void **state)
{
    (void)state;
    char text[40];
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = { { 0, "0" },
                  { 3600 * US_PER_SECOND, "1" },
                  { 86400 * US_PER_SECOND, "24" },
                  { 5400 * US_PER_SECOND, "1.5" },
                  { 3600, "0.000001" },
                  { 3599, "0" },
                  { 36000 * US_PER_SECOND, "10" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        duty_hours(cases[i].us, text);
        assert_string_equal(text, cases[i].text);
    }
}

#define WORLD(function) cmocka_unit_test_setup_teardown(function, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD(a_review_is_done_by_the_next_version_that_is_approved_later),
        WORLD(a_day_that_is_over_cannot_be_moved_any_more),
        WORLD(what_is_over_is_done_late_even_if_other_versions_lie_between),
        WORLD(a_vendor_is_reviewed_by_another_document_which_says_when_the_next_is_due),
        WORLD(a_control_that_is_due_no_more_owes_nothing_after),
        WORLD(an_automated_control_is_due_only_if_it_says_so),
        WORLD(rows_are_lines_of_json_and_their_inputs_come_once),
        cmocka_unit_test(hours_are_exact_to_a_millionth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
