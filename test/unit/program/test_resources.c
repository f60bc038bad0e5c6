/* test/unit/program/test_resources.c
 * Reading back: get, history, differences, export, coverage, starter set, population types. */
#include "program/program_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "program/coverage.h"
#include "program/population_types.h"
#include "program/resources.h"

static const char changed[] =
    "kind: Control\nid: A\ntitle: New\nstatement: It is done.\nowner: person/own\n"
    "type: preventive\nmode: automated\nfrequency: per-event\ncriteria: [tsc-2017/CC8.1]\n";

/* Two versions of control/A: the sizes before, between and after. */
static void two_versions(struct world *w, uint64_t sizes[3])
{
    sizes[0] = store_size(w->store);
    world_apply(w, CONTROL("A"));
    sizes[1] = store_size(w->store);
    world_apply(w, changed);
    sizes[2] = store_size(w->store);
}

static const struct value *get(struct world *w, const char *name, uint64_t size)
{
    return resources_get(w->store, w->catalogue, w->arena, slice_of(name), size, &w->err);
}

/* ---- get, history, compare ---- */

static void a_resource_is_what_it_was_as_of_any_position(void **state)
{
    struct world *w = *state;
    uint64_t sizes[3];
    two_versions(w, sizes);
    const struct value *now = get(w, "control/A", sizes[2]);
    const struct value *then = get(w, "control/A", sizes[1]);
    assert_done(w, now && then);
    assert_true(slice_is(value_text(value_path(now, "document.title")), "New"));
    assert_true(slice_is(value_text(value_path(then, "document.title")), "Title"));
    assert_true(slice_is(value_text_of(now, "actor"), "person/own"));
    assert_null(get(w, "control/A", sizes[0]));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    assert_non_null(strstr(w->err.message, "control/A was not there yet"));
    assert_non_null(strstr(w->err.hint, "--as-of"));
}

static void what_is_not_there_says_what_is_near(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("CM-02"));
    assert_null(get(w, "control/CM-20", store_size(w->store)));
    assert_non_null(strstr(w->err.hint, "did you mean \"control/CM-02\"?"));
}

static void what_was_removed_says_when_and_by_whom(void **state)
{
    struct world *w = *state;
    struct plan_applied applied;
    world_apply(w, CONTROL("A"));
    world_clear(w);
    assert_true(world_plan(w, true));
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    assert_null(get(w, "control/A", store_size(w->store)));
    assert_non_null(strstr(w->err.message, "control/A was removed at "));
    assert_non_null(strstr(w->err.message, " by person/own"));
}

static void a_document_comes_back_in_the_order_of_its_kind(void **state)
{
    struct world *w = *state;
    world_apply(w, "{title: T, statement: S, id: A, owner: person/own, criteria: [tsc-2017/CC8.1],"
                   " mode: manual, type: detective, frequency: daily, kind: Control,"
                   " effective_from: 2026-01-01}");
    const struct value *document =
        value_member(get(w, "control/A", store_size(w->store)), "document");
    static const char *const order[] = {
        "kind", "id",   "title",     "statement", "owner",
        "type", "mode", "frequency", "criteria",  "effective_from"
    };
    assert_int_equal(value_count(document), ARRAY_LEN(order));
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        assert_true(slice_is(document->members[i].name, order[i]));
}

static void what_names_a_resource_is_listed_with_the_other_end_of_the_reference(void **state)
{
    struct world *w = *state;
    world_apply(w, CONTROL("A") "kind: Role\nid: head\ntitle: H\nholders: [person/own]\n");
    const struct value *by =
        value_member(get(w, "person/own", store_size(w->store)), "referenced_by");
    assert_int_equal(value_count(by), 2);
    assert_true(slice_is(value_text_of(by->items[0], "name"), "control/A"));
    assert_true(slice_is(value_text_of(by->items[0], "inverse"), "owns"));
    assert_true(slice_is(value_text_of(by->items[1], "field"), "holders[0]"));
    by = resources_referring(w->store, w->catalogue, w->arena, SLICE("tsc-2017/CC8.1"),
                             store_size(w->store), &w->err);
    assert_int_equal(value_count(by), 1);
}

static void history_tells_each_version_and_what_it_changed(void **state)
{
    struct world *w = *state;
    uint64_t sizes[3];
    two_versions(w, sizes);
    const struct value *history =
        resources_history(w->store, w->catalogue, w->arena, SLICE("control/A"), sizes[2], &w->err);
    assert_int_equal(value_count(history), 2);
    const struct value *fields = value_member(history->items[1], "fields");
    assert_int_equal(value_count(fields), 1);
    assert_true(slice_is(value_text_of(fields->items[0], "field"), "title"));
    assert_true(slice_is(value_text_of(fields->items[0], "before"), "Title"));
    assert_true(slice_is(value_text_of(fields->items[0], "after"), "New"));
    assert_null(
        resources_history(w->store, w->catalogue, w->arena, SLICE("control/B"), sizes[2], &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
}

static void two_positions_differ_by_what_was_written_between(void **state)
{
    struct world *w = *state;
    uint64_t sizes[3];
    two_versions(w, sizes);
    const struct value *list =
        resources_compare(w->store, w->catalogue, w->arena, sizes[0], sizes[2], &w->err);
    assert_int_equal(value_count(list), 1);
    assert_true(slice_is(value_text_of(list->items[0], "action"), "create"));
    list = resources_compare(w->store, w->catalogue, w->arena, sizes[1], sizes[2], &w->err);
    assert_true(slice_is(value_text_of(list->items[0], "action"), "change"));
    list = resources_compare(w->store, w->catalogue, w->arena, sizes[2], sizes[0], &w->err);
    assert_true(slice_is(value_text_of(list->items[0], "action"), "remove"));
    list = resources_compare(w->store, w->catalogue, w->arena, sizes[2], sizes[2], &w->err);
    assert_int_equal(value_count(list), 0);
}

static void lists_of_another_length_differ_as_a_whole(void **state)
{
    struct world *w = *state;
    const struct value *a = json_parse(w->arena, SLICE("{\"l\":[1,2],\"m\":[1,2],\"n\":null}"), "a",
                                       &json_limits_default, &w->err);
    const struct value *b = json_parse(w->arena, SLICE("{\"l\":[1,3],\"m\":[1],\"o\":{}}"), "b",
                                       &json_limits_default, &w->err);
    const struct value *list = documents_differ(w->arena, a, b, &w->err);
    static const char *const fields[] = { "l[1]", "m", "n", "o" };
    assert_int_equal(value_count(list), ARRAY_LEN(fields));
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        assert_true(slice_is(value_text_of(list->items[i], "field"), fields[i]));
}

/* ---- export ---- */

static const char programme[] = CONTROL(
    "CM-02") "kind: Role\nid: '012'\ntitle: '012'\ndescription: |\n  Several\n\n  lines: with # "
             "signs\n---\n"
             "kind: Role\nid: .hidden\ntitle: \"null\"\n---\n"
             "kind: PopulationType\nid: things\nkey: [z]\ntime: m\ncolumns:\n  z: {type: text, "
             "meaning: M}\n"
             "  m: {type: timestamp, meaning: M}\n  a: {type: text, meaning: '\xc3\xa4'}\n---\n"
             "kind: Source\nid: log\npopulation: things\nreader: csv\nfields: {z: Z, m: M}\n---\n"
             "kind: Source\nid: log2\npopulation: changes\nreader: csv\n---\n"
             "kind: Person\nid: own\nname: Owner\nroles: [administrator]\n";

static void exported(struct world *w, const char *folder, size_t *count)
{
    assert_done(w, resources_export(w->store, w->catalogue, folder, store_size(w->store), count,
                                    &w->findings, &w->err));
}

static const char *below(struct world *w, const char *name)
{
    const char *path = arena_printf(w->arena, &w->err, "%s/%s", w->folder, name);
    assert_non_null(path);
    return path;
}

/* Both folders hold the same files with the same bytes. */
static void assert_same_files(struct world *w, const char *one, const char *other)
{
    const char *command =
        arena_printf(w->arena, &w->err, "diff -r '%s' '%s' >/dev/null", one, other);
    assert_non_null(command);
    assert_int_equal(system(command), 0);
}

static bool read_folder(struct world *w, const char *folder)
{
    world_clear(w);
    return documents_read(w->arena, w->catalogue, &folder, 1, &w->documents, &w->findings, &w->err);
}

static void what_is_exported_and_applied_changes_nothing(void **state)
{
    struct world *w = *state;
    size_t count;
    world_apply(w, programme);
    exported(w, below(w, "one"), &count);
    assert_int_equal(count, 8); /* the copied population type too */
    assert_true(file_exists(below(w, "one/control/CM-02.yaml")));
    assert_done(w, read_folder(w, below(w, "one")));
    assert_done(w, world_plan(w, false));
    assert_plan(w, "", false);
    assert_int_equal(w->plan.counts[PLAN_UNCHANGED], 8);
    exported(w, below(w, "two"), &count);
    assert_same_files(w, below(w, "one"), below(w, "two"));
}

static void an_export_applied_to_an_empty_store_exports_the_same_bytes(void **state)
{
    struct world *w = *state;
    size_t count;
    struct plan_applied applied;
    world_apply(w, programme);
    exported(w, below(w, "one"), &count);
    store_close(w->store);
    assert_done(w, store_create(below(w, "other"), SLICE("example.com/other"), &w->err));
    w->store = store_open(below(w, "other"), STORE_WRITE, &w->err);
    assert_done(w, w->store != NULL);
    assert_done(w, first_person_write(w->store, w->catalogue, SLICE("own"), SLICE("X"), &w->err));
    world_act_as(w, "own");
    assert_done(w, read_folder(w, below(w, "one")));
    assert_done(w, world_plan(w, false));
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    exported(w, below(w, "two"), &count);
    assert_same_files(w, below(w, "one"), below(w, "two"));
}

static void a_file_of_what_is_not_in_the_store_is_left_and_told(void **state)
{
    struct world *w = *state;
    size_t count;
    struct plan_applied applied;
    world_apply(w, CONTROL("A") CONTROL("B"));
    exported(w, below(w, "one"), &count);
    world_clear(w);
    assert_true(world_read(w, CONTROL("A")));
    assert_true(world_plan(w, true));
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    exported(w, below(w, "one"), &count);
    assert_true(file_exists(below(w, "one/control/B.yaml")));
    assert_finding(w, below(w, "one/control/B.yaml"), "there is no control/B in the store", NULL);
    assert_findings_count(w, 0, 1);
}

/* ---- coverage and the starter set ---- */

static void a_gap_is_a_criterion_without_control_or_a_control_without_test(void **state)
{
    struct world *w = *state;
    world_apply(
        w, CONTROL("A") CONTROL(
               "B") "kind: Test\nid: A.T1\ncontrol: control/A\nnature: inspection\nprocedure: P.\n"
                    "population: changes\nattributes: [{id: A, title: T, holds: 'true'}]\n");
    const struct value *tree =
        coverage(w->store, w->catalogue, w->arena, SLICE(""), NULL, store_size(w->store), &w->err);
    assert_done(w, tree != NULL);
    const struct value *criteria = value_member(tree, "criteria");
    assert_int_equal(value_count(criteria), 61);
    for (size_t i = 0; i < criteria->count; i++) {
        const struct value *criterion = criteria->items[i];
        const struct value *gaps = value_member(criterion, "gaps");
        bool is_covered = slice_is(value_text_of(criterion, "id"), "tsc-2017/CC8.1");
        assert_int_equal(value_count(gaps), 1);
        assert_true(slice_is(value_text(gaps->items[0]),
                             is_covered ? "control/B has no test" : "no control"));
        assert_int_equal(value_count(value_member(criterion, "controls")), is_covered ? 2 : 0);
        assert_int_equal(value_count(value_member(criterion, "tests")), is_covered ? 1 : 0);
    }
    assert_null(coverage(w->store, w->catalogue, w->arena, SLICE("tsc2017"), NULL, 1, &w->err));
    assert_non_null(strstr(w->err.hint, "tsc-2017"));
}

static void the_starter_set_applies_as_it_is_and_reaches_every_criterion(void **state)
{
    struct world *w = *state;
    struct plan_applied applied;
    static const struct {
        const char *edition;
        size_t bare;
    } editions[] = { { "tsc-2017", 0 }, { "tsp-2009", 1 } };
    assert_done(w, documents_starter(w->arena, w->catalogue, SLICE("saas"), &w->documents,
                                     &w->findings, &w->err));
    assert_done(w, world_plan(w, false));
    assert_findings_count(w, 0, 0);
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    assert_true(applied.written > w->documents.count); /* the types that tests name come along */
    for (size_t i = 0; i < ARRAY_LEN(editions); i++) {
        const struct value *tree =
            coverage(w->store, w->catalogue, w->arena, slice_of(editions[i].edition), NULL,
                     store_size(w->store), &w->err);
        const struct value *criteria = value_member(tree, "criteria");
        size_t bare = 0;
        for (size_t j = 0; j < value_count(criteria); j++)
            bare += value_count(value_member(criteria->items[j], "controls")) == 0 ||
                    value_count(value_member(criteria->items[j], "tests")) == 0;
        assert_int_equal(bare, editions[i].bare);
    }
    assert_false(documents_starter(w->arena, w->catalogue, SLICE("none"), &w->documents,
                                   &w->findings, &w->err));
    assert_non_null(strstr(w->err.hint, "saas"));
}

/* ---- population types ---- */

static void a_built_in_type_is_written_by_the_first_import_only(void **state)
{
    struct world *w = *state;
    struct population_type type;
    const struct ledger_appended *appended;
    size_t count;
    assert_done(w, population_type_get(w->store, w->catalogue, w->arena, SLICE("changes"),
                                       store_size(w->store), &type, &w->err));
    assert_int_equal(type.version, 0);
    for (int round = 0; round < 2; round++) {
        struct transaction *tx = transaction_begin(w->store, &w->err);
        assert_done(w, tx != NULL);
        assert_done(w, population_type_ensure(w->store, w->catalogue, tx, SLICE("changes"), &type,
                                              &w->err));
        assert_int_equal(type.is_in_batch, round == 0);
        assert_int_equal(type.version, 1);
        if (round == 0)
            assert_done(w, transaction_commit(tx, &appended, &count, &w->err));
        transaction_free(tx);
    }
    assert_int_equal(world_version(w, "population-type/changes"), 1);
    assert_done(w, population_type_get(w->store, w->catalogue, w->arena, SLICE("changes"),
                                       store_size(w->store), &type, &w->err));
    const struct value *columns = value_member(type.document, "columns");
    assert_true(slice_is(columns->members[0].name, "id")); /* not sorted */
    assert_true(slice_is(columns->members[1].name, "repository"));
    assert_false(population_type_get(w->store, w->catalogue, w->arena, SLICE("chages"),
                                     store_size(w->store), &type, &w->err));
    assert_non_null(strstr(w->err.hint, "changes"));
}

static void the_store_and_the_catalogue_together_give_the_ids_once(void **state)
{
    struct world *w = *state;
    struct slice *ids;
    size_t before, after;
    assert_done(w, population_type_ids(w->store, w->catalogue, w->arena, store_size(w->store), &ids,
                                       &before, &w->err));
    world_apply(w, programme);
    assert_done(w, population_type_ids(w->store, w->catalogue, w->arena, store_size(w->store), &ids,
                                       &after, &w->err));
    assert_int_equal(after, before + 1);
    for (size_t i = 1; i < after; i++)
        assert_true(slice_compare(ids[i - 1], ids[i]) < 0);
}

/* ---- the first person ---- */

static void there_is_one_first_person_and_its_id_is_an_id(void **state)
{
    struct world *w = *state;
    struct slice id;
    assert_false(
        first_person_write(w->store, w->catalogue, SLICE("person/two"), SLICE("Two"), &w->err));
    assert_non_null(strstr(w->err.message, "there are people here already"));
    assert_true(slice_is(world_document(w, "person/own"),
                         "{\"id\":\"own\",\"kind\":\"Person\",\"name\":\"Owner\","
                         "\"roles\":[\"administrator\"]}"));
    assert_done(w, person_id_of_user(w->arena, SLICE("J\xc3\xb6 O'Sei"), &id, &w->err));
    assert_true(slice_is(id, "J---O-Sei"));
    assert_done(w, person_id_of_user(w->arena, SLICE(""), &id, &w->err));
    assert_true(slice_is(id, "administrator"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        T(a_resource_is_what_it_was_as_of_any_position),
        T(what_is_not_there_says_what_is_near),
        T(what_was_removed_says_when_and_by_whom),
        T(a_document_comes_back_in_the_order_of_its_kind),
        T(what_names_a_resource_is_listed_with_the_other_end_of_the_reference),
        T(history_tells_each_version_and_what_it_changed),
        T(two_positions_differ_by_what_was_written_between),
        T(lists_of_another_length_differ_as_a_whole),
        T(what_is_exported_and_applied_changes_nothing),
        T(an_export_applied_to_an_empty_store_exports_the_same_bytes),
        T(a_file_of_what_is_not_in_the_store_is_left_and_told),
        T(a_gap_is_a_criterion_without_control_or_a_control_without_test),
        T(the_starter_set_applies_as_it_is_and_reaches_every_criterion),
        T(a_built_in_type_is_written_by_the_first_import_only),
        T(the_store_and_the_catalogue_together_give_the_ids_once),
        T(there_is_one_first_person_and_its_id_is_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
