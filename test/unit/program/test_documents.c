/* test/unit/program/test_documents.c
 * Reading what people write: files, folders, standard input, and every error in them. */
#include "program/program_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

/* A file below the world's folder, and the folders on the way. */
static const char *file_put(struct world *w, const char *name, const char *text)
{
    const char *path = arena_printf(w->arena, &w->err, "%s/%s", w->folder, name);
    char *folder = arena_string(w->arena, slice_of(path), &w->err);
    assert_non_null(folder);
    *strrchr(folder, '/') = '\0';
    assert_done(w, folder_make(folder, &w->err));
    assert_done(w, file_write_output(path, slice_of(text), &w->err));
    return path;
}

static bool read_path(struct world *w, const char *path)
{
    world_clear(w);
    bool ok =
        documents_read(w->arena, w->catalogue, &path, 1, &w->documents, &w->findings, &w->err);
    assert_int_equal(w->err.code, ERROR_NONE);
    return ok;
}

static void assert_canonical(struct world *w, size_t index, const char *json)
{
    assert_true(index < w->documents.count);
    if (!slice_is(w->documents.items[index].canonical, json))
        fail_msg("%.*s is not %s", SLICE_ARG(w->documents.items[index].canonical), json);
}

/* ---- where documents come from ---- */

static void a_folder_is_read_in_the_order_of_its_paths(void **state)
{
    struct world *w = *state;
    (void)file_put(w, "in/b/2.yaml", "kind: Role\nid: three\ntitle: T\n");
    (void)file_put(w, "in/a.yml",
                   "kind: Role\nid: one\ntitle: T\n---\nkind: Role\nid: two\ntitle: T\n");
    (void)file_put(w, "in/c.json",
                   "[{\"kind\":\"Role\",\"id\":\"four\",\"title\":\"T\"},"
                   "{\"kind\":\"Role\",\"id\":\"five\",\"title\":\"T\"}]");
    (void)file_put(w, "in/notes.txt", "no resource");
    (void)file_put(w, "in/.#a.yaml", "an editor's lock");
    assert_done(w, read_path(w, arena_printf(w->arena, &w->err, "%s/in", w->folder)));
    static const char *const names[] = { "role/one", "role/two", "role/three", "role/four",
                                         "role/five" };
    assert_int_equal(w->documents.count, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_true(slice_is(w->documents.items[i].name, names[i]));
}

static void a_link_to_a_folder_is_not_followed(void **state)
{
    struct world *w = *state;
    (void)file_put(w, "in/a.yaml", "kind: Role\nid: one\ntitle: T\n");
    const char *link = arena_printf(w->arena, &w->err, "%s/in/loop", w->folder);
    assert_int_equal(symlink(".", link), 0);
    assert_done(w, read_path(w, arena_printf(w->arena, &w->err, "%s/in/", w->folder)));
    assert_int_equal(w->documents.count, 1);
}

static void a_path_that_is_not_there_or_holds_nothing_is_told(void **state)
{
    struct world *w = *state;
    assert_false(read_path(w, arena_printf(w->arena, &w->err, "%s/none.yaml", w->folder)));
    assert_findings_count(w, 1, 0);
    assert_false(read_path(w, w->folder));
    assert_finding(w, w->folder, "holds no *.yaml, *.yml or *.json", NULL);
}

static void standard_input_is_read_as_a_path_of_one_dash(void **state)
{
    struct world *w = *state;
    const char *path = file_put(w, "in.yaml", "kind: Role\nid: one\ntitle: 1\n---\nkind: Rloe\n");
    int saved = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
    assert_true(saved >= 0 && fd >= 0 && dup2(fd, STDIN_FILENO) >= 0);
    assert_false(read_path(w, "-"));
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
    close(fd);
    assert_finding(w, "standard input:5:7", "\"Rloe\" is not a kind", "did you mean \"Role\"?");
    assert_canonical(w, 0, "{\"id\":\"one\",\"kind\":\"Role\",\"title\":\"1\"}");
}

static void json_is_read_with_places_too(void **state)
{
    struct world *w = *state;
    const char *path =
        file_put(w, "a.json", "{\"kind\": \"Role\",\n \"id\": \"one\",\n \"titel\": 1}");
    assert_false(read_path(w, path));
    assert_findings_count(w, 1, 0);
    assert_finding(w, arena_printf(w->arena, &w->err, "%s:3:2", path), "unknown field \"titel\"",
                   "did you mean \"title\"?");
    path = file_put(w, "b.json", "{\"kind\": \"Role\",");
    assert_false(read_path(w, path));
    assert_findings_count(w, 1, 0);
}

/* ---- what documents are ---- */

static void text_fields_keep_what_was_written(void **state)
{
    struct world *w = *state;
    assert_true(
        world_read(w, "kind: Role\nid: a\ntitle: NO\n---\nkind: Role\nid: b\ntitle: 1.10\n---\n"
                      "kind: Role\nid: c\ntitle: on\n---\nkind: Role\nid: 012\ntitle: 012\n"));
    assert_canonical(w, 0, "{\"id\":\"a\",\"kind\":\"Role\",\"title\":\"NO\"}");
    assert_canonical(w, 1, "{\"id\":\"b\",\"kind\":\"Role\",\"title\":\"1.10\"}");
    assert_canonical(w, 2, "{\"id\":\"c\",\"kind\":\"Role\",\"title\":\"on\"}");
    assert_canonical(w, 3, "{\"id\":\"012\",\"kind\":\"Role\",\"title\":\"012\"}");
}

static void a_misspelt_kind_and_a_misspelt_field_are_both_told(void **state)
{
    struct world *w = *state;
    assert_false(world_read(w, "kind: Contol\nid: CM-02\ntitel: T\n---\n" CONTROL("CM-03")));
    assert_finding(w, "test.yaml:1:7", "\"Contol\" is not a kind", "did you mean \"Control\"?");
    assert_finding(w, "test.yaml:3:1", "Control CM-02: unknown field \"titel\"",
                   "did you mean \"title\"?");
    assert_finding(w, "test.yaml:1:1", "Control CM-02: \"statement\" is missing", NULL);
}

static void an_id_that_is_a_path_is_refused(void **state)
{
    struct world *w = *state;
    assert_false(world_read(w, CONTROL("../../etc/passwd")));
    assert_finding(w, "test.yaml:2:5", "id: \"../../etc/passwd\" is not a path", NULL);
    assert_findings_count(w, 1, 0);
}

static void a_name_that_comes_twice_is_told_at_the_second(void **state)
{
    struct world *w = *state;
    assert_false(world_read(w, CONTROL("CM-02") CONTROL("CM-03") CONTROL("cm-02")));
    assert_finding(w, "test.yaml:22:5", "control/CM-02 stands at test.yaml:1 already",
                   "ids are unique without regard to case");
    assert_findings_count(w, 1, 0);
    assert_false(world_read(w, CONTROL("CM-03")));
    assert_finding(w, "test.yaml:2:5", "control/CM-03 stands at test.yaml:11 already", NULL);
}

static void what_is_no_mapping_is_no_resource(void **state)
{
    struct world *w = *state;
    assert_false(world_read(w, "- kind: Role\n---\ntext\n---\ntitle: no kind\n---\nkind: 3\n"));
    assert_finding(w, "test.yaml:1:1", "a resource is a mapping of fields", NULL);
    assert_finding(w, "test.yaml:3:1", "a resource is a mapping of fields", NULL);
    assert_finding(w, "test.yaml:5:1", "kind: is missing", NULL);
    assert_finding(w, "test.yaml:7:7", "kind: must be the name of a kind", NULL);
    assert_findings_count(w, 4, 0);
}

static void effective_times_are_days_or_instants_in_order(void **state)
{
    struct world *w = *state;
    assert_true(world_read(w, "kind: Role\nid: a\ntitle: T\neffective_from: 2026-01-01\n"
                              "effective_to: 2026-01-01\n---\nkind: Role\nid: b\ntitle: T\n"
                              "effective_from: 2026-01-01T12:00:00+02:00\n"));
    assert_false(world_read(w,
                            "kind: Role\nid: c\ntitle: T\neffective_from: soon\n---\n"
                            "kind: Role\nid: d\ntitle: T\neffective_from: 2026-01-02\n"
                            "effective_to: 2026-01-01\n---\n"
                            "kind: Role\nid: e\ntitle: T\neffective_from: 2026-01-02T00:00:00\n"));
    assert_finding(w, "test.yaml:4:17", "effective_from: \"soon\" is neither a day nor an instant",
                   "write YYYY-MM-DD");
    assert_finding(w, "test.yaml:10:15", "does not lie after effective_from", NULL);
    assert_finding(w, "test.yaml:15:17", "is neither a day nor an instant", NULL);
    assert_findings_count(w, 3, 0);
}

/* ---- rules of single kinds ---- */

#define TYPE(rest)                                                                                 \
    "kind: PopulationType\nid: things\n" rest "columns:\n"                                         \
    "  id: {type: text, meaning: M}\n  at: {type: timestamp, meaning: M}\n"                        \
    "  who: {type: text, personal: true, meaning: M}\n  n: {type: integer, meaning: M}\n"

static void refused_type(struct world *w, const char *text, const char *message, const char *hint)
{
    world_clear(w);
    assert_false(world_read(w, text));
    assert_finding(w, NULL, message, hint);
    assert_findings_count(w, 1, 0);
}

static void a_population_type_names_columns_that_it_has(void **state)
{
    struct world *w = *state;
    assert_true(
        world_read(w, TYPE("key: [id]\ntime: at\nsequence: n\ntotals: [n]\nrevision: at\n")));
    refused_type(w, TYPE("key: [ids]\ntime: at\n"), "\"ids\" is not one of the columns",
                 "did you mean \"id\"?");
    refused_type(w, TYPE("key: [who]\ntime: at\n"), "is personal and cannot be part of the key",
                 NULL);
    refused_type(w, TYPE("key: [id]\ntime: id\n"), "must be of type timestamp, it is text", NULL);
    refused_type(w, TYPE("key: [id]\ntime: at\nsequence: at\n"),
                 "must be of type integer or text, it is timestamp", NULL);
    refused_type(w, TYPE("key: [id]\ntime: at\ntotals: [id]\n"), "neither an integer nor a decimal",
                 NULL);
    refused_type(w, TYPE("key: [id]\ntime: at\nshape: state\n"), "a state needs observed_at", NULL);
    refused_type(w, TYPE("key: [id]\ntime: at\nobserved_at: at\n"), "belongs to a state only",
                 NULL);
    refused_type(w, TYPE("key: [at]\ntime: at\nshape: state\nobserved_at: at\n"),
                 "belongs to the key by itself", NULL);
    refused_type(w, TYPE("key: [id]\ntime: at\norder: [id, at, who]\n"),
                 "the column \"n\" is missing", "a new column goes to the end");
}

static void a_decimal_has_as_many_digits_as_there_can_be(void **state)
{
    struct world *w = *state;
    static const char format[] =
        "kind: PopulationType\nid: %s\nkey: [id]\ntime: at\ncolumns:\n"
        "  id: {type: text, meaning: M}\n  at: {type: timestamp, meaning: M}\n"
        "  d: {type: '%s', meaning: M}\n";
    static const struct {
        const char *id, *type, *message;
    } cases[] = {
        { "things", "decimal", NULL },
        { "things", "decimal(38,38)", NULL },
        { "things", "decimal(18, 6)", NULL },
        { "things", "decimal(39,1)", "\"decimal(39,1)\" is no decimal there can be" },
        { "things", "decimal(4,5)", "\"decimal(4,5)\" is no decimal there can be" },
        { "things", "decimal(0,0)", "\"decimal(0,0)\" is no decimal there can be" },
        { "item", "text", "id: is taken: tests call their row so" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[512];
        world_clear(w);
        snprintf(text, sizeof text, format, cases[i].id, cases[i].type);
        assert_int_equal(world_read(w, text), cases[i].message == NULL);
        if (cases[i].message)
            assert_finding(w, NULL, cases[i].message, NULL);
    }
}

static void every_built_in_type_passes_the_rules_for_users_types(void **state)
{
    struct world *w = *state;
    const char *id;
    size_t count = 0;
    for (size_t i = 0; (id = catalogue_population_type_id(w->catalogue, i)); i++, count++) {
        struct strbuf text = strbuf_new(1 << 20);
        json_pretty(catalogue_population_type(w->catalogue, slice_of(id)), &text);
        if (!documents_add(w->arena, w->catalogue, strbuf_slice(&text), "type.json", &w->documents,
                           &w->findings, &w->err))
            fail_msg("%s: %s", id, w->findings.items[0].error.message);
        strbuf_free(&text);
    }
    assert_true(count >= 70);
}

static void two_attributes_of_one_name_and_an_example_of_none_are_told(void **state)
{
    struct world *w = *state;
    assert_false(world_read(w, "kind: Test\nid: t\ncontrol: control/A\nnature: inspection\n"
                               "procedure: P.\npopulation: changes\nattributes:\n"
                               "  - {id: A, title: T, holds: 'true'}\n"
                               "  - {id: A, title: T, holds: 'true'}\n"
                               "examples: [{item: {id: x}, expect: {A: holds, B: fails}}]\n"));
    assert_finding(w, "test.yaml:9:10", "the id \"A\" comes twice", NULL);
    assert_finding(w, NULL, "there is no attribute \"B\"", NULL);
}

static void who_writes_does_not_approve(void **state)
{
    struct world *w = *state;
    assert_false(
        world_read(w, "kind: Policy\nid: p\ntitle: P\nauthor: person/a\napprover: person/a\n"));
    assert_finding(w, "test.yaml:5:11", "approver: person/a cannot be author too", NULL);
}

static void spans_run_forwards(void **state)
{
    struct world *w = *state;
    assert_false(world_read(w, "kind: Engagement\nid: e\ntitle: E\ntype: type-2\n"
                               "categories: [security]\norganization: organization/o\n"
                               "system: system/s\nperiod: {from: 2026-02-01, to: 2026-01-01}\n---\n"
                               "kind: GapAcceptance\nid: g\npopulation: changes\nfrom: 2026-02-01\n"
                               "to: 2026-01-01\nreason: R\ndecided_by: person/a\n"));
    assert_finding(w, "test.yaml:8:32", "lies before period.from", NULL);
    assert_finding(w, "test.yaml:14:5", "lies before from", NULL);
}

static void a_key_that_is_no_line_of_openssh_is_refused(void **state)
{
    struct world *w = *state;
    assert_true(
        world_read(w, "kind: Person\nid: a\nname: A\nkeys: [{key: ssh-ed25519 AAAAC3+/= a b}]\n"));
    assert_false(
        world_read(w, "kind: Person\nid: b\nname: B\nkeys: [{key: \"ssh-ed25519 AAAA a\\nb\"},"
                      " {key: ssh-rsa AAAA}]\n"));
    assert_findings_count(w, 2, 0);
}

static void a_file_of_errors_keeps_two_hundred_and_counts_the_rest(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(8 << 20);
    for (int i = 0; i < 5000; i++)
        strbuf_printf(&text, "kind: Role\nid: r%d\n---\n", i);
    assert_false(world_read(w, text.at));
    assert_int_equal(w->findings.errors_count, 5000);
    assert_int_equal(w->findings.count, 200);
    strbuf_free(&text);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, world_bare, world_end)
    const struct CMUnitTest tests[] = {
        T(a_folder_is_read_in_the_order_of_its_paths),
        T(a_link_to_a_folder_is_not_followed),
        T(a_path_that_is_not_there_or_holds_nothing_is_told),
        T(standard_input_is_read_as_a_path_of_one_dash),
        T(json_is_read_with_places_too),
        T(text_fields_keep_what_was_written),
        T(a_misspelt_kind_and_a_misspelt_field_are_both_told),
        T(an_id_that_is_a_path_is_refused),
        T(a_name_that_comes_twice_is_told_at_the_second),
        T(what_is_no_mapping_is_no_resource),
        T(effective_times_are_days_or_instants_in_order),
        T(a_population_type_names_columns_that_it_has),
        T(a_decimal_has_as_many_digits_as_there_can_be),
        T(every_built_in_type_passes_the_rules_for_users_types),
        T(two_attributes_of_one_name_and_an_example_of_none_are_told),
        T(who_writes_does_not_approve),
        T(spans_run_forwards),
        T(a_key_that_is_no_line_of_openssh_is_refused),
        T(a_file_of_errors_keeps_two_hundred_and_counts_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
