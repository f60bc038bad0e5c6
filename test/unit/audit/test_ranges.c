/* Large populations range by range of the key: the same answer for any cut, any number of threads.
 */
#include <stdio.h>
#include <string.h>

#include "audit/audit_world.h"

/* In canonical keys, quotes, control characters and what sorts below a quote stand otherwise than
 * in the texts themselves. */
static const char *const systems[] = { "git", "git hub", "a\\\"b", "\\u0001", "Größe", "git!" };

static void begin(struct world *w)
{
    world_apply(w,
                "kind: PopulationType\nid: parts\nkey: [system, number]\ntime: at\ncolumns:\n"
                "  system: {type: text, meaning: where}\n"
                "  number: {type: integer, meaning: which}\n"
                "  at: {type: timestamp, meaning: when}\n  who: {type: text, meaning: who}\n---\n"
                "kind: PopulationType\nid: marks\nkey: [id]\ntime: at\ncolumns:\n"
                "  id: {type: integer, meaning: key}\n  system: {type: text, meaning: where}\n"
                "  number: {type: integer, meaning: which}\n  actor: {type: text, meaning: who}\n"
                "  at: {type: timestamp, meaning: when}\n---\n"
                "kind: Source\nid: parts\npopulation: parts\nreader: ndjson\n---\n"
                "kind: Source\nid: marks\npopulation: marks\nreader: ndjson\n---\n" CONTROL("C1"));
}

static void add_part(struct strbuf *lines, unsigned i, const char *at)
{
    strbuf_printf(lines, "{\"system\":\"%s\",\"number\":%d,\"at\":%s,\"who\":%s}\n",
                  systems[i % ARRAY_LEN(systems)], (int)((i * 7919) % 5000) - 50, at,
                  i % 6 == 0 ? "null" : "\"ann\"");
}

static void add_mark(struct strbuf *lines, unsigned i, const char *actor)
{
    static unsigned id;
    strbuf_printf(lines,
                  "{\"id\":%u,\"system\":\"%s\",\"number\":%d,\"actor\":\"%s\","
                  "\"at\":\"2020-01-01T00:00:00Z\"}\n",
                  id++, systems[i % ARRAY_LEN(systems)], (int)((i * 7919) % 5000) - 50, actor);
}

/* Parts out of order: in the period, repeated, before it, undated; marks of most of them, of
 * strangers, and of nothing. */
static void import_parts(struct world *w, unsigned count)
{
    struct strbuf parts = strbuf_new(8 << 20), marks = strbuf_new(8 << 20);
    for (unsigned i = 0; i < count; i++) {
        add_part(&parts, i, "\"2026-03-01T00:00:00Z\"");
        if (i % 11 == 0)
            add_part(&parts, i, "\"2026-03-01T00:00:00Z\"");
        if (i % 4 != 0)
            add_mark(&marks, i, "bob");
        if (i % 10 == 0)
            add_mark(&marks, i, "ann");
    }
    for (unsigned i = count; i < count + 20; i++) {
        add_part(&parts, i, i % 2 ? "null" : "\"2020-03-01T00:00:00Z\"");
        add_mark(&marks, i, "bob");
    }
    strbuf_add_text(&marks, "{\"id\":999999,\"at\":\"2020-01-01T00:00:00Z\",\"actor\":\"bob\"}\n");
    audit_import(w, "parts", parts.at, NULL);
    audit_import(w, "marks", marks.at, NULL);
    strbuf_free(&parts);
    strbuf_free(&marks);
}

static void apply_test(struct world *w)
{
    world_apply(
        w,
        "kind: Test\nid: T1\ncontrol: control/C1\nnature: reperformance\nprocedure: Done.\n"
        "population: parts\n"
        "where: \"number <> 7 or exists (select 1 from marks m where m.system = item.system)\"\n"
        "attributes:\n"
        "  - {id: A, title: Bound by both parts, holds: \"exists (select 1 from marks m where "
        "m.system = item.system and m.number = item.number and m.actor <> item.who)\", why: \"'has "
        "' || cast((select count(*) from marks m where m.number = item.number and item.system = "
        "m.system) as varchar)\"}\n"
        "  - {id: B, title: By way of a join, holds: \"(select count(*) from marks m left join "
        "marks n on n.system = m.system and n.number = m.number and n.id <> m.id where item.system "
        "= m.system and m.number = item.number and n.id is null) = 1\"}\n"
        "  - {id: C, title: Membership, holds: \"item.number not in (select number from marks x "
        "where x.system = item.system and x.actor = 'ann')\"}\n"
        "  - {id: D, title: Membership with unknown, holds: \"item.system in (select system from "
        "marks)\"}\n"
        "  - {id: E, title: Its own table, holds: \"exists (select 1 from parts p join marks m "
        "using (system, number) where p.system = item.system and p.number = item.number and "
        "exists (select 1 from marks z where z.system = m.system and z.actor = 'ann'))\"}\n");
}

static const struct value *run(struct world *w, uint64_t range_items, unsigned threads)
{
    struct run_options options = { .period = SLICE("2026-01-01..2026-12-31"),
                                   .acting = &w->acting,
                                   .range_items = range_items,
                                   .engine = { .threads = threads } };
    const struct value *result = audit_run_with(w, &options);
    if (!result)
        fail_msg("%s", w->findings.count ? w->findings.items[0].error.message : w->err.message);
    return result;
}

static void assert_same_run(const struct value *a, const struct value *b)
{
    static const char *const members[] = { "result_digest", "deviations", "attributes", "deviating",
                                           "population" };
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        assert_true(value_equal(value_member(a, members[i]), value_member(b, members[i])));
}

static void check_cuts(struct world *w, unsigned count, const uint64_t *cuts, size_t cuts_count)
{
    char figures[64];
    unsigned holds = 0;
    begin(w);
    import_parts(w, count);
    apply_test(w);
    const struct value *whole = run(w, UINT64_MAX, 1);
    for (unsigned i = 0; i < count; i++)
        holds += i % 6 != 0 && i % 4 != 0;
    snprintf(figures, sizeof figures, "%u %u %u 0", count, holds, count - holds);
    assert_figures(whole, figures);
    for (size_t i = 0; i < cuts_count; i++)
        assert_same_run(whole, run(w, cuts[i], 1 + (unsigned)i % 2));
}

static void ranges_of_one_and_of_seven_give_the_matrix_of_the_whole(void **state)
{
    check_cuts(*state, 60, (const uint64_t[]){ 7, 1, 59, 60 }, 4);
}

static void ranges_of_a_thousand_give_the_matrix_of_the_whole(void **state)
{
    check_cuts(*state, 2500, (const uint64_t[]){ 1000, 400 }, 2);
}

static void a_conflict_is_refused_whatever_the_cut(void **state)
{
    struct world *w = *state;
    begin(w);
    import_parts(w, 60);
    audit_import(
        w, "parts",
        "{\"system\":\"git\",\"number\":-50,\"at\":\"2026-03-01T00:00:00Z\",\"who\":\"x\"}\n",
        NULL);
    apply_test(w);
    struct run_options options = { .period = SLICE("2026-01-01..2026-12-31"),
                                   .acting = &w->acting,
                                   .range_items = 7 };
    assert_null(audit_run_with(w, &options));
    assert_finding(w, NULL, "with different content", "Resolution");
}

static void a_test_that_cannot_be_cut_runs_whole(void **state)
{
    struct world *w = *state;
    begin(w);
    import_parts(w, 60);
    world_apply(w, "kind: Test\nid: T1\ncontrol: control/C1\nnature: reperformance\n"
                   "procedure: Done.\npopulation: parts\nattributes:\n  - {id: A, title: A, holds: "
                   "\"(select count(*) from marks m where m.number >= item.number) > 30\"}\n");
    assert_same_run(run(w, UINT64_MAX, 1), run(w, 7, 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(ranges_of_one_and_of_seven_give_the_matrix_of_the_whole),
        TEST(ranges_of_a_thousand_give_the_matrix_of_the_whole),
        TEST(a_conflict_is_refused_whatever_the_cut),
        TEST(a_test_that_cannot_be_cut_runs_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
