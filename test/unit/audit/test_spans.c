/* States over time: what a run reads of them, and that no cut changes it. */
#include <stdio.h>
#include <string.h>

#include "audit/audit_world.h"
#include "base/json.h"

enum { KEYS = 30, ROUNDS = 4 };
#define TYPES                                                                                      \
    "kind: PopulationType\nid: things\nkey: [id]\ntime: seen_at\nshape: state\n"                   \
    "observed_at: seen_at\ncolumns:\n  id: {type: text, meaning: key}\n"                           \
    "  seen_at: {type: timestamp, meaning: when}\n  who: {type: text, meaning: who}\n---\n"        \
    "kind: PopulationType\nid: marks\nkey: [id]\ntime: at\ncolumns:\n"                             \
    "  id: {type: text, meaning: key}\n  at: {type: timestamp, meaning: when}\n---\n"              \
    "kind: Source\nid: things\npopulation: things\nreader: ndjson\n---\n"                          \
    "kind: Source\nid: marks\npopulation: marks\nreader: ndjson\n---\n" CONTROL("C1")

/* Each key is seen on the first four days of May, but the third of every third key: it is 48 hours
 * from the second of that to the fourth. */
static bool is_seen(int key, int round) { return key % 3 != 0 || round != 2; }

static void import_things(struct world *w)
{
    char lines[KEYS * ROUNDS * 80] = "";
    size_t at = 0;
    for (int key = 0; key < KEYS; key++)
        for (int round = 0; round < ROUNDS; round++)
            if (is_seen(key, round))
                at += (size_t)snprintf(lines + at, sizeof lines - at,
                                       "{\"id\":\"k%02d\",\"seen_at\":\"2026-05-%02dT06:00:00Z\","
                                       "\"who\":\"w%d\"}\n",
                                       key, round + 1, round);
    audit_import(w, "things", lines, NULL);
}

static const struct value *run(struct world *w, const char *days, uint64_t range_items)
{
    struct run_options options = { .period = slice_of(days),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 },
                                   .range_items = range_items };
    return audit_run_with(w, &options);
}

static void a_span_ends_with_the_next_of_its_key_whatever_the_cut(void **state)
{
    struct world *w = *state;
    char figures[64];
    world_apply(w, TYPES);
    import_things(w);
    audit_test(w, NULL,
               "exists (select 1 from things_spans s where s.id = item.id and s.from_at = "
               "item.seen_at and s.who = item.who and (s.to_at is null or (s.gap_hours = 24 and "
               "s.to_at = s.from_at + interval '24' hour)))");
    const struct value *whole = run(w, "2026-05-01..2026-05-31", UINT64_MAX);
    int items = KEYS * ROUNDS - KEYS / 3;
    snprintf(figures, sizeof figures, "%d %d %d 0", items, items - KEYS / 3, KEYS / 3);
    assert_figures(whole, figures);
    for (uint64_t cut = 1; cut < 20; cut += 6)
        assert_true(
            value_equal(value_member(whole, "result_digest"),
                        value_member(run(w, "2026-05-01..2026-05-31", cut), "result_digest")));
}

static void who_reads_the_view_names_the_type_and_its_segments(void **state)
{
    struct world *w = *state;
    struct stored_entries list;
    world_apply(w, TYPES);
    import_things(w);
    audit_import(w, "marks", "{\"id\":\"k03\",\"at\":\"2026-05-03T12:00:00Z\"}\n", NULL);
    world_apply(w, "kind: Test\nid: T1\ncontrol: control/C1\nnature: reperformance\n"
                   "procedure: Done.\npopulation: marks\nattributes:\n  - {id: A, title: A, holds: "
                   "\"exists (select 1 from things_spans s where s.id = item.id and s.from_at <= "
                   "item.at and s.to_at > item.at and s.who = 'w1')\"}\n");
    assert_figures(run(w, "2026-05-01..2026-05-31", 0), "1 1 0 0");
    assert_done(w, entry_list(w->store, w->arena, SLICE("test.run"), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    const struct value *object = json_parse(w->arena, list.items[0].object, "r", NULL, &w->err);
    const struct value *tables = value_member(object, "tables");
    assert_int_equal(value_count(tables), 2);
    const struct value *things = value_item(tables, 1);
    assert_true(slice_is(value_text_of(things, "type"), "things"));
    assert_true(slice_is(value_member(things, "segments")->text, "1"));
}

static void a_conflict_before_the_period_matters_to_the_view(void **state)
{
    struct world *w = *state;
    world_apply(w, TYPES);
    import_things(w);
    audit_import(w, "things",
                 "{\"id\":\"k01\",\"seen_at\":\"2026-05-01T06:00:00Z\",\"who\":\"x\"}\n", NULL);
    audit_test(w, NULL, "who is not null");
    assert_non_null(run(w, "2026-05-02..2026-05-31", 0));
    audit_test(w, NULL,
               "not exists (select 1 from things_spans s where s.id = item.id and s.who = "
               "'y')");
    assert_null(run(w, "2026-05-02..2026-05-31", 0));
    assert_finding(w, NULL, "with different content", "Resolution");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(a_span_ends_with_the_next_of_its_key_whatever_the_cut),
        TEST(who_reads_the_view_names_the_type_and_its_segments),
        TEST(a_conflict_before_the_period_matters_to_the_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
