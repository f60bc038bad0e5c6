/* test/unit/program/test_plan.c
 * Plan and apply, with a real store. */
#include "program/program_world.h"

#include <stdio.h>
#include <string.h>

#define AUDITOR "kind: Person\nid: aud\nname: Auditor\nside: auditor\n---\n"

/* ---- create, change, unchanged, remove ---- */

static void what_is_new_is_created_and_a_second_apply_writes_nothing(void **state)
{
    struct world *w = *state;
    struct plan_applied applied;
    world_apply(w, CONTROL("CM-02"));
    assert_plan(w, "+control/CM-02", false);
    uint64_t size = store_size(w->store);

    world_clear(w);
    assert_true(world_read(w, CONTROL("CM-02")));
    assert_true(world_plan(w, false));
    assert_plan(w, "=control/CM-02", true);
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    assert_int_equal(applied.written, 0);
    assert_int_equal(store_size(w->store), size);
}

static void the_same_content_in_other_words_of_yaml_is_unchanged(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("CM-02"));
    world_clear(w);
    assert_true(world_read(w,
                           "{criteria: ['tsc-2017/CC8.1'], frequency: per-event, mode: automated,"
                           " type: preventive, owner: person/own, statement: \"It is done.\","
                           " title: Title, id: CM-02, kind: Control}"));
    assert_true(world_plan(w, false));
    assert_plan(w, "=control/CM-02", true);
}

static void a_change_tells_its_fields_before_and_after(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("CM-02"));
    world_clear(w);
    assert_true(world_read(w, "kind: Control\nid: CM-02\ntitle: Title\nstatement: It is done.\n"
                              "owner: person/own\ntype: detective\nmode: automated\n"
                              "frequency: per-event\ncriteria: [tsc-2017/CC8.1, tsc-2017/CC6.1]\n"
                              "notes: New.\n"));
    assert_true(world_plan(w, false));
    assert_plan(w, "~control/CM-02", true);
    const struct plan_item *item = &w->plan.items[0];
    assert_int_equal(item->version, 2);
    assert_int_equal(item->fields_count, 3);
    assert_true(slice_is(item->fields[0].path, "criteria"));
    assert_true(slice_is(item->fields[1].path, "type"));
    assert_true(slice_is(item->fields[1].before, "\"preventive\""));
    assert_true(slice_is(item->fields[1].after, "\"detective\""));
    assert_true(slice_is(item->fields[2].path, "notes"));
    assert_int_equal(item->fields[2].before.len, 0);

    struct strbuf text = strbuf_new(1 << 16);
    plan_write(&w->plan, &text);
    assert_non_null(strstr(text.at, "~ control/CM-02  v1->v2"));
    assert_non_null(strstr(text.at, "test.yaml:1"));
    assert_non_null(strstr(text.at, "type: preventive -> detective"));
    assert_non_null(strstr(text.at, "0 add, 1 change, 0 remove, 0 unchanged"));
    strbuf_free(&text);
}

static void only_prune_removes_and_never_who_acts(void **state)
{
    struct world *w = *state;
    struct plan_applied applied;
    world_apply(w, CONTROL("A") CONTROL("B"));
    world_clear(w);
    assert_true(world_read(w, CONTROL("A")));
    assert_true(world_plan(w, false));
    assert_plan(w, "", false);

    world_clear(w);
    assert_true(world_read(w, CONTROL("A")));
    assert_true(world_plan(w, true));
    assert_plan(w, "-control/B", false);
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));

    /* One that was removed goes on counting when it comes back. */
    world_apply(w, CONTROL("B"));
    assert_plan(w, "+control/B", false);
    assert_int_equal(world_version(w, "control/B"), 3);
}

static void what_something_still_names_cannot_be_removed(void **state)
{
    struct world *w = *state;
    world_apply(w, AUDITOR CONTROL("A"));
    world_act_as(w, "person/aud");
    world_apply(w,
                "kind: Test\nid: A.T1\ncontrol: control/A\nnature: inspection\nprocedure: Seen.\n"
                "population: changes\nattributes: [{id: A, title: T, holds: 'true'}]\n");
    world_act_as(w, "person/own");
    world_clear(w);
    assert_true(world_read(w, "kind: Role\nid: head\ntitle: Head\n"));
    assert_false(world_plan(w, true));
    assert_finding(w, NULL, "control/A cannot be removed (--prune): test/A.T1 (control) names it",
                   "keep it in a file");
}

static void a_document_that_names_what_prune_removes_is_told_at_its_place(void **state)
{
    struct world *w = *state;
    world_apply(w, "kind: Person\nid: ada\nname: Ada\n");
    world_clear(w);
    assert_true(world_read(w, "kind: Role\nid: head\ntitle: Head\nholders: [person/ada]\n"));
    assert_false(world_plan(w, true));
    assert_finding(w, "test.yaml:4:11", "\"person/ada\" is being removed (--prune)", NULL);
}

/* ---- references ---- */

static void a_reference_to_nothing_is_told_with_a_near_name(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: Role\nid: head\ntitle: Head\nholders: [person/owm]\n");
    assert_finding(w, "test.yaml:4:11",
                   "Role head: holders[0]: \"person/owm\" is neither in the files nor in the store",
                   "did you mean \"person/own\"?");
}

static void a_reference_without_its_prefix_is_told_what_it_must_be(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: Organization\nid: o\nname: O\ncontact: own\n");
    assert_finding(w, "test.yaml:4:10", "contact: \"own\" must be person/ID or role/ID",
                   "did you mean \"person/own\"?");
}

static void a_reference_to_another_kind_is_told_what_it_must_be(void **state)
{
    struct world *w = *state;
    world_refused(w, CONTROL("A") "kind: Organization\nid: o\nname: O\ncontact: control/A\n");
    assert_finding(w, NULL, "contact: \"control/A\" must be person/ID or role/ID", NULL);
}

static void what_the_run_brings_may_be_named_in_any_order_and_in_circles(void **state)
{
    struct world *w = *state;
    world_apply(w, "kind: Organization\nid: o\nname: O\ncontact: person/ada\n---\n"
                   "kind: Person\nid: ada\nname: Ada\norganization: organization/o\n");
    assert_int_equal(w->plan.counts[PLAN_CREATE], 2);
}

static void criteria_are_looked_up_with_their_catalogue(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: Policy\nid: p\ntitle: P\ncriteria: [CC8.1, tsc-2017/CC8.2, A1.1]\n");
    assert_finding(w, "test.yaml:4:12", "\"CC8.1\" names no catalogue", "tsc-2017/CC8.1");
    assert_finding(w, "test.yaml:4:19", "\"tsc-2017/CC8.2\" is not in", NULL);
    assert_finding(w, "test.yaml:4:35", "\"A1.1\" names no catalogue",
                   "tsc-2017/A1.1 or tsp-2014/A1.1 or tsp-2009/A1.1");
    assert_findings_count(w, 3, 0);
}

static void a_faulty_document_does_not_make_those_that_name_it_faulty_too(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: Person\nid: ada\nnaem: Ada\n---\n"
                     "kind: Role\nid: head\ntitle: Head\nholders: [person/ada]\n");
    assert_findings_count(w, 1, 0);
    assert_finding(w, "test.yaml:3:1", "unknown field \"naem\"", "did you mean \"name\"?");
}

static void an_id_that_differs_only_in_case_is_refused(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("CM-02"));
    world_refused(w, CONTROL("cm-02"));
    assert_finding(w, "test.yaml:2:5", "differs only in case from control/CM-02", "without regard");
}

/* ---- pins and order ---- */

#define TEST_OF(control)                                                                           \
    "kind: Test\nid: " control ".T1\ncontrol: control/" control                                    \
    "\nnature: inspection\nprocedure: Seen.\npopulation: changes\n"                                \
    "attributes: [{id: A, title: T, holds: 'true'}]\n---\n"

static void what_is_pinned_is_written_first_and_becomes_an_input(void **state)
{
    struct world *w = *state;
    world_apply(w, TEST_OF("A") CONTROL("A"));
    assert_plan(w, "+control/A +population-type/changes +test/A.T1", false);
    const struct plan_item *test = &w->plan.items[2];
    assert_int_equal(test->pins_count, 1);
    assert_true(test->pins[0].is_in_batch);
    assert_int_equal(test->pins[0].item, 0);

    struct resource_version control, version;
    struct stored_entry entry;
    char leaf[65];
    uint64_t size = store_size(w->store);
    assert_done(w, resource_get(w->store, w->arena, SLICE("control/A"), size, &control, &w->err));
    assert_done(w, resource_get(w->store, w->arena, SLICE("test/A.T1"), size, &version, &w->err));
    assert_done(w, entry_get(w->store, w->arena, version.n, &entry, &w->err));
    digest_hex(&control.leaf, leaf);
    assert_non_null(strstr(entry.bytes.at, leaf));
}

static void a_built_in_type_that_a_document_names_is_copied_by_the_program(void **state)
{
    struct world *w = *state;
    struct resource_version version;
    world_apply(w, "kind: Source\nid: log\npopulation: changes\nreader: ndjson\n");
    assert_plan(w, "+population-type/changes +source/log", false);
    assert_done(w, resource_get(w->store, w->arena, SLICE("population-type/changes"),
                                store_size(w->store), &version, &w->err));
    assert_true(slice_is(version.side, "system"));
    assert_true(slice_is(version.actor, "program/attest"));

    /* Written by the program, so that prune leaves it. */
    world_clear(w);
    assert_true(world_read(w, "kind: Role\nid: head\ntitle: Head\n"));
    assert_true(world_plan(w, true));
    assert_plan(w, "+role/head -source/log", false);
}

static void a_test_keeps_the_control_it_was_written_for_and_that_is_told(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("A") TEST_OF("A"));
    world_apply(w, "kind: Control\nid: A\ntitle: New\nstatement: It is done.\nowner: person/own\n"
                   "type: preventive\nmode: automated\nfrequency: per-event\n"
                   "criteria: [tsc-2017/CC8.1]\n");
    world_clear(w);
    assert_true(world_read(w, TEST_OF("A")));
    assert_true(world_plan(w, false));
    assert_plan(w, "=test/A.T1", true);
    assert_finding(w, NULL, "was written for version 1 of control/A, which is now at version 2",
                   NULL);
    assert_findings_count(w, 0, 1);
}

static void a_plan_that_the_store_has_left_behind_is_not_applied(void **state)
{
    struct world *w = *state;
    struct plan_applied applied;
    assert_true(world_read(w, CONTROL("A")));
    assert_true(world_plan(w, false));
    struct plan old = w->plan;
    world_apply(w, CONTROL("B"));
    assert_false(plan_apply(w->store, &old, &w->acting, &applied, &w->err));
    assert_int_equal(w->err.code, ERROR_ORDER);
}

static void a_thousand_documents_that_name_each_other_in_a_chain_are_ordered(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(1 << 20);
    for (int i = 0; i < 1000; i++)
        strbuf_printf(&text, "kind: Commitment\nid: c%d\ntitle: T\nstatement: S.\n%s%.*d%s---\n", i,
                      i < 999 ? "derived_from: [commitment/c" : "", i < 999 ? 1 : 0,
                      i < 999 ? i + 1 : 0, i < 999 ? "]\n" : "");
    assert_true(world_read(w, text.at));
    assert_done(w, world_plan(w, false));
    assert_int_equal(w->plan.counts[PLAN_CREATE], 1000);
    assert_true(slice_is(w->plan.items[0].name, "commitment/c999"));
    strbuf_free(&text);
}

/* ---- sides ---- */

static void a_kind_is_written_by_its_sides_only(void **state)
{
    struct world *w = *state;
    world_apply(w, AUDITOR);
    world_act_as(w, "person/aud");
    world_refused(w, CONTROL("A"));
    assert_finding(w, "test.yaml:1:1",
                   "Control A: rule 6 (sections have owners): is written by management; "
                   "person/aud stands on the auditor side",
                   NULL);
    assert_int_equal(w->findings.items[0].error.code, ERROR_REFUSED);
}

static void what_is_unchanged_may_stand_in_a_run_of_the_other_side(void **state)
{
    struct world *w = *state;
    world_apply(w, AUDITOR CONTROL("A"));
    world_act_as(w, "person/aud");
    world_apply(w, CONTROL("A") "kind: Organization\nid: o\nname: O\n");
    assert_plan(w, "+organization/o", false);
}

static void a_person_never_changes_sides(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: Person\nid: own\nname: Owner\nside: auditor\n");
    assert_finding(w, "test.yaml:4:7", "stands on the management side and never changes it", NULL);
}

static void the_last_administrator_is_told_about(void **state)
{
    struct world *w = *state;
    world_apply(w, "kind: Person\nid: own\nname: Owner\n");
    assert_findings_count(w, 0, 1);
    assert_finding(w, NULL, "nobody is left as administrator", "keep roles: [administrator]");
}

/* ---- rules between documents ---- */

static void a_source_fills_columns_of_its_type_and_all_required_ones(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: PopulationType\nid: things\nkey: [id]\ntime: at\ncolumns:\n"
                     "  id: {type: text, required: true, meaning: M}\n"
                     "  at: {type: timestamp, required: true, meaning: M}\n---\n"
                     "kind: Source\nid: s\npopulation: things\nreader: csv\nfields: {idd: id}\n");
    assert_finding(w, "test.yaml:13:15", "the type has no column \"idd\"", "did you mean \"id\"?");
    assert_finding(w, NULL, "the column \"id\" is required and not filled", NULL);
    assert_finding(w, NULL, "the column \"at\" is required and not filled", NULL);
}

static void columns_keep_their_order_through_the_store(void **state)
{
    struct world *w = *state;
    world_apply(w, "kind: PopulationType\nid: things\nkey: [z]\ntime: m\ncolumns:\n"
                   "  z: {type: text, meaning: M}\n  m: {type: timestamp, meaning: M}\n"
                   "  a: {type: text, meaning: M}\n");
    assert_non_null(
        strstr(world_document(w, "population-type/things").at, "\"order\":[\"z\",\"m\",\"a\"]"));
    /* Another order is another type. */
    world_clear(w);
    assert_true(world_read(w, "kind: PopulationType\nid: things\nkey: [z]\ntime: m\ncolumns:\n"
                              "  m: {type: timestamp, meaning: M}\n  z: {type: text, meaning: M}\n"
                              "  a: {type: text, meaning: M}\n"));
    assert_true(world_plan(w, false));
    assert_plan(w, "~population-type/things", true);
}

static void a_repin_does_not_come_with_a_run_that_leaves_the_resource_as_it_is(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("A") TEST_OF("A"));
    world_clear(w);
    assert_true(world_read(w, CONTROL("A") TEST_OF("A")));
    assert_true(world_plan(w, false));
    assert_plan(w, "=control/A =test/A.T1", true);
    assert_findings_count(w, 0, 0);
}

/* ---- memory ---- */

static void a_run_that_is_out_of_memory_at_any_point_says_so_and_writes_nothing(void **state)
{
    struct world *w = *state;
    static const char text[] = CONTROL("A") TEST_OF("A") "kind: Role\nid: r\ntitel: T\n";
    uint64_t size = store_size(w->store);
    bool is_enough = false;
    size_t failures = 0;
    for (size_t bytes = 1024; !is_enough; bytes += 997) {
        struct error err = { 0 };
        struct documents documents = { 0 };
        struct findings findings = { 0 };
        struct plan plan;
        struct arena *arena = arena_new(bytes, &err);
        assert_non_null(arena);
        bool is_read = documents_add(arena, w->catalogue, slice_of(text), "test.yaml", &documents,
                                     &findings, &err);
        bool is_planned =
            err.code == ERROR_NONE && plan_make(w->store, w->catalogue, arena, &documents,
                                                &w->acting, NULL, &plan, &findings, &err);
        assert_false(is_read);
        assert_true(is_planned == (err.code == ERROR_NONE));
        assert_true(err.code == ERROR_NONE || err.code == ERROR_NO_MEMORY);
        is_enough = err.code == ERROR_NONE;
        failures += !is_enough;
        if (is_enough)
            assert_int_equal(findings.errors_count, 1);
        findings_free(&findings);
        arena_free(arena);
    }
    assert_true(failures > 5);
    assert_int_equal(store_size(w->store), size);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        T(what_is_new_is_created_and_a_second_apply_writes_nothing),
        T(the_same_content_in_other_words_of_yaml_is_unchanged),
        T(a_change_tells_its_fields_before_and_after),
        T(only_prune_removes_and_never_who_acts),
        T(what_something_still_names_cannot_be_removed),
        T(a_document_that_names_what_prune_removes_is_told_at_its_place),
        T(a_reference_to_nothing_is_told_with_a_near_name),
        T(a_reference_without_its_prefix_is_told_what_it_must_be),
        T(a_reference_to_another_kind_is_told_what_it_must_be),
        T(what_the_run_brings_may_be_named_in_any_order_and_in_circles),
        T(criteria_are_looked_up_with_their_catalogue),
        T(a_faulty_document_does_not_make_those_that_name_it_faulty_too),
        T(an_id_that_differs_only_in_case_is_refused),
        T(what_is_pinned_is_written_first_and_becomes_an_input),
        T(a_built_in_type_that_a_document_names_is_copied_by_the_program),
        T(a_test_keeps_the_control_it_was_written_for_and_that_is_told),
        T(a_plan_that_the_store_has_left_behind_is_not_applied),
        T(a_thousand_documents_that_name_each_other_in_a_chain_are_ordered),
        T(a_kind_is_written_by_its_sides_only),
        T(what_is_unchanged_may_stand_in_a_run_of_the_other_side),
        T(a_person_never_changes_sides),
        T(the_last_administrator_is_told_about),
        T(a_source_fills_columns_of_its_type_and_all_required_ones),
        T(columns_keep_their_order_through_the_store),
        T(a_repin_does_not_come_with_a_run_that_leaves_the_resource_as_it_is),
        T(a_run_that_is_out_of_memory_at_any_point_says_so_and_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
