/* Which segments and rows a table is made of: registers that are exported whole, and items that
 * last. */
#include <stdio.h>
#include <string.h>

#include "audit/audit_world.h"
#include "base/json.h"
#include "evidence/import.h"

#define TYPE_OF(shape)                                                                             \
    "kind: PopulationType\nid: things\nkey: [id]\ntime: begun_at\nuntil: ended_at\n" shape         \
    "columns:\n  id: {type: text, meaning: key}\n  begun_at: {type: timestamp, meaning: from}\n"   \
    "  ended_at: {type: timestamp, meaning: to}\n  who: {type: text, meaning: who}\n---\n"         \
    "kind: Source\nid: things\npopulation: things\nreader: ndjson\n---\n" CONTROL("C1")

#define ROW(id, from, to, who)                                                                     \
    "{\"id\":\"" id "\",\"begun_at\":" from ",\"ended_at\":" to ",\"who\":\"" who "\"}\n"
#define AT(time) "\"2026-" time "T00:00:00Z\""

static void an_item_that_lasts_is_in_every_period_that_it_overlaps(void **state)
{
    struct world *w = *state;
    const struct run_options march = { .period = SLICE("2026-03-01..2026-03-31"),
                                       .acting = &w->acting,
                                       .engine = { .threads = 1 } };
    world_apply(w, TYPE_OF(""));
    audit_import(
        w, "things",
        /* Out: over when the month begins, or begun when it is over. */
        ROW("before", AT("01-01"), AT("03-01"), "out") ROW("after", AT("04-01"), "null", "out")
            ROW("empty-before", AT("02-01"), AT("02-01"), "out")
        /* In. */
        ROW("open", AT("01-01"), "null", "in") ROW("within", AT("03-05"), AT("03-06"), "in")
            ROW("over-the-start", AT("02-01"), "\"2026-03-01T00:00:00.000001Z\"", "in")
                ROW("over-the-end", "\"2026-03-31T23:59:59.999999Z\"", AT("05-01"), "in")
                    ROW("around", AT("01-01"), AT("12-01"), "in")
                        ROW("no-length", AT("03-10"), AT("03-10"), "in")
                            ROW("no-length-first", AT("03-01"), AT("03-01"), "in")
                                ROW("backwards", AT("03-10"), AT("03-01"), "in")
        /* Undated. */
        ROW("undated", "null", AT("03-10"), "out"),
        NULL);
    audit_test(w, NULL, "who = 'in'");
    const struct value *run = audit_run_with(w, &march);
    assert_figures(run, "8 8 0 0");
    assert_true(slice_is(value_path(run, "population.undated")->text, "1"));
}

static size_t count_of(struct world *w, const char *type)
{
    struct stored_entries list;
    assert_done(w, entry_list(w->store, w->arena, slice_of(type), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    return list.count;
}

static void of_a_snapshot_the_last_import_counts(void **state)
{
    struct world *w = *state;
    struct stored_entries list;
    char leaf[65];
    world_apply(w, TYPE_OF("shape: snapshot\n"));
    audit_import(w, "things", ROW("a", AT("01-01"), "null", "x") ROW("b", AT("01-01"), "null", "x"),
                 NULL);
    /* The same key with other content is no conflict, and what is gone is gone. */
    const char *second = audit_import(w, "things", ROW("a", AT("02-01"), "null", "y"), NULL);
    audit_test(w, NULL, "who = 'y'");
    assert_figures(audit_run(w), "1 1 0 0");
    /* The population names the last only, and so does the run. */
    assert_done(w, entry_list(w->store, w->arena, SLICE("population"), (struct slice){ 0 },
                              store_size(w->store), &list, &w->err));
    const struct value *record = json_parse(w->arena, list.items[0].object, "r", NULL, &w->err);
    assert_int_equal(value_count(value_member(record, "segments")), 1);
    assert_true(
        slice_is(value_text_of(value_item(value_member(record, "segments"), 0), "leaf"), second));
    /* Withdrawn, the one before counts again. */
    assert_done(w, segment_withdraw(w->store, &w->acting.actor, slice_of(second), SLICE("wrong"),
                                    leaf, &w->err));
    assert_figures(audit_run(w), "2 0 2 0");
}

static void a_snapshot_may_come_back_to_what_it_was(void **state)
{
    struct world *w = *state;
    static const char first[] = ROW("a", AT("01-01"), "null", "x");
    world_apply(w, TYPE_OF("shape: snapshot\n"));
    audit_import(w, "things", first, NULL);
    audit_import(w, "things", first, NULL); /* nothing new */
    assert_int_equal(count_of(w, "segment"), 1);
    audit_import(w, "things", ROW("a", AT("01-01"), "null", "y"), NULL);
    audit_import(w, "things", first, NULL); /* news again */
    assert_int_equal(count_of(w, "segment"), 3);
    audit_test(w, NULL, "who = 'x'");
    assert_figures(audit_run(w), "1 1 0 0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(an_item_that_lasts_is_in_every_period_that_it_overlaps),
        TEST(of_a_snapshot_the_last_import_counts),
        TEST(a_snapshot_may_come_back_to_what_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
