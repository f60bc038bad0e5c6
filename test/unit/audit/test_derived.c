/* Tables that the program makes itself: versions of resources. */
#include <stdio.h>
#include <string.h>

#include "audit/audit_world.h"
#include "base/json.h"
#include "evidence/import.h"
#include "program/version_types.h"

/* ---- from versions to rows ---- */

static const char type[] =
    "{\"columns\":{\"id\":{\"type\":\"text\"},\"version\":{\"type\":\"integer\"},"
    "\"valid_from\":{\"type\":\"timestamp\"},\"valid_to\":{\"type\":\"timestamp\"},"
    "\"written_at\":{\"type\":\"timestamp\"},\"written_by\":{\"type\":\"text\"},"
    "\"title\":{\"type\":\"text\"},\"own_version\":{\"type\":\"text\"},"
    "\"topics\":{\"type\":\"list<text>\"},\"share\":{\"type\":\"decimal(18,6)\"},"
    "\"kept\":{\"type\":\"boolean\"},\"parts\":{\"type\":\"text\"}}}";

struct stated {
    const char *name, *at, *document; /* NULL: a removal */
    const char *expected;             /* "from to" of its row; NULL: has none */
};

#define JAN "2026-01-01T00:00:00.000000Z"
#define FEB "2026-02-01T00:00:00.000000Z"
#define MAR "2026-03-01T00:00:00.000000Z"
#define APR "2026-04-01T00:00:00.000000Z"

static struct slice text_at(const struct value *row, const char *name)
{
    const struct value *value = value_member(row, name);
    return value->type == VALUE_NULL ? SLICE("-") : value_text(value);
}

static void check_rows(struct world *w, const struct stated *stated, size_t count)
{
    struct resource_version items[16] = { 0 };
    struct resource_list list = { items, count };
    struct strbuf lines = strbuf_new(1 << 20);
    struct slice text, line;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct resource_version){
            .name = slice_of(stated[i].name),
            .version =
                i > 0 && slice_is(items[i - 1].name, stated[i].name) ? items[i - 1].version + 1 : 1,
            .actor = SLICE("person/own"),
            .at = slice_of(stated[i].at),
            .document = slice_of(stated[i].document),
            .is_removed = !stated[i].document,
        };
    const struct value *document = json_parse(w->arena, slice_of(type), "t", NULL, &w->err);
    assert_done(w, document && version_rows(w->arena, document, &list, &lines, &w->err));
    text = strbuf_slice(&lines);
    for (size_t i = 0; i < count; i++) {
        char found[80];
        if (!stated[i].expected)
            continue;
        assert_true(slice_line(&text, &line));
        const struct value *row = json_parse(w->arena, line, "row", NULL, &w->err);
        snprintf(found, sizeof found, "%.*s %.*s", SLICE_ARG(text_at(row, "valid_from")),
                 SLICE_ARG(text_at(row, "valid_to")));
        assert_string_equal(found, stated[i].expected);
    }
    assert_int_equal(text.len, 0);
    strbuf_free(&lines);
}

static void a_version_holds_until_a_later_one_begins(void **state)
{
    static const struct stated stated[] = {
        /* By the ledger's clock; the last is in force. */
        { "policy/a", JAN, "{}", JAN " " FEB },
        { "policy/a", FEB, "{}", FEB " -" },
        /* By their own account; a day that is the last is included. */
        { "policy/b", FEB, "{\"effective_from\":\"2026-01-01\"}", JAN " " MAR },
        { "policy/b", FEB, "{\"effective_from\":\"2026-03-01\",\"effective_to\":\"2026-03-31\"}",
          MAR " " APR },
        /* The end that it says comes before the next begins. */
        { "policy/c", JAN, "{\"effective_to\":\"2026-02-01T00:00:00Z\"}", JAN " " FEB },
        { "policy/c", MAR, "{}", MAR " -" },
        /* ... or after. */
        { "policy/d", JAN, "{\"effective_to\":\"2026-12-31\"}", JAN " " FEB },
        { "policy/d", FEB, "{}", FEB " -" },
        /* Removed, and written again. */
        { "policy/e", JAN, "{}", JAN " " FEB },
        { "policy/e", FEB, NULL, NULL },
        { "policy/e", MAR, "{}", MAR " -" },
        /* Overtaken before it began: valid for no time; the one before ends where the third begins.
         */
        { "policy/f", JAN, "{}", JAN " " FEB },
        { "policy/f", JAN, "{\"effective_from\":\"2026-04-01\"}", APR " " APR },
        { "policy/f", FEB, "{}", FEB " -" },
        /* Backdated before the first. */
        { "policy/g", FEB, "{}", FEB " " FEB },
        { "policy/g", MAR, "{\"effective_from\":\"2026-01-01\"}", JAN " -" },
    };
    check_rows(*state, stated, ARRAY_LEN(stated));
}

static void fields_take_the_form_of_their_columns(void **state)
{
    struct world *w = *state;
    struct resource_version version = {
        .name = SLICE("policy/a"),
        .version = 1,
        .actor = SLICE("person/own"),
        .at = SLICE(JAN),
        .document =
            SLICE("{\"kept\":true,\"parts\":[{\"b\":1,\"a\":null}],\"share\":0.5,"
                  "\"title\":\"A \\\"B\\\"\",\"topics\":[\"x\",\"y\"],\"version\":\"3.1\"}"),
    };
    struct resource_list list = { &version, 1 };
    struct strbuf lines = strbuf_new(1 << 20);
    const struct value *document = json_parse(w->arena, slice_of(type), "t", NULL, &w->err);
    assert_done(w, document && version_rows(w->arena, document, &list, &lines, &w->err));
    assert_string_equal(
        lines.at, "{\"id\":\"a\",\"version\":1,\"valid_from\":\"" JAN "\",\"valid_to\":null,"
                  "\"written_at\":\"" JAN "\",\"written_by\":\"person/own\","
                  "\"title\":\"A \\\"B\\\"\",\"own_version\":\"3.1\",\"topics\":[\"x\",\"y\"],"
                  "\"share\":0.5,\"kept\":true,"
                  "\"parts\":\"[{\\\"a\\\":null,\\\"b\\\":1}]\"}\n");
    version.document = SLICE("{\"effective_from\":\"someday\"}");
    assert_false(version_rows(w->arena, document, &list, &lines, &w->err));
    assert_string_equal(w->err.where, "policy/a v1");
    strbuf_free(&lines);
}

/* ---- in a store ---- */

static void versions_test(struct world *w)
{
    world_apply(w, CONTROL("C1")
                       CONTROL("C2") "kind: Test\nid: T1\ncontrol: control/C1\nnature: inspection\n"
                                     "procedure: Done.\npopulation: control_versions\nattributes:\n"
                                     "  - {id: A, title: A, holds: item.title = 'Title'}\n");
}

static size_t segments_of(struct world *w, const char *key, struct stored_entries *list)
{
    assert_done(w, entry_list(w->store, w->arena, SLICE("segment"), slice_of(key),
                              store_size(w->store), list, &w->err));
    return list->count;
}

static const struct value *run_all_time(struct world *w)
{
    struct run_options options = { .period = SLICE("2000-01-01..2099-12-31"),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 } };
    return audit_run_with(w, &options);
}

static void a_segment_is_written_when_the_versions_have_changed(void **state)
{
    struct world *w = *state;
    struct stored_entries list;
    versions_test(w);
    assert_figures(run_all_time(w), "2 2 0 0");
    assert_int_equal(segments_of(w, "control_versions", &list), 1);
    assert_figures(run_all_time(w), "2 2 0 0");
    assert_int_equal(segments_of(w, "control_versions", &list), 1);
    world_apply(w,
                "kind: Control\nid: C2\ntitle: Other\nstatement: It is done.\nowner: person/own\n"
                "type: preventive\nmode: automated\nfrequency: per-event\n"
                "criteria: [tsc-2017/CC8.1]\n");
    assert_figures(run_all_time(w), "3 2 1 0");
    assert_int_equal(segments_of(w, "control_versions", &list), 2);
    /* By the program, and it names what it was made of: the type and the versions. */
    assert_true(slice_is(list.items[1].side, "system"));
    assert_true(slice_is(list.items[1].actor, "program/attest"));
    const struct value *entry = json_parse(w->arena, list.items[1].bytes, "entry", NULL, &w->err);
    const struct value *inputs = value_member(entry, "inputs");
    assert_int_equal(value_count(inputs), 4);
    size_t controls = 0;
    for (size_t i = 0; i < value_count(inputs); i++) {
        struct stored_entry input;
        assert_done(w, entry_find(w->store, w->arena, value_text(value_item(inputs, i)),
                                  store_size(w->store), &input, &w->err));
        const struct value *body =
            value_member(json_parse(w->arena, input.bytes, "entry", NULL, &w->err), "body");
        controls += slice_is(value_text_of(body, "kind"), "Control");
    }
    assert_int_equal(controls, 3);
}

static void nobody_imports_or_defines_what_the_program_makes(void **state)
{
    struct world *w = *state;
    world_refused(w, "kind: Source\nid: mine\npopulation: control_versions\nreader: ndjson\n");
    assert_finding(w, NULL, "\"control_versions\" is a table that the program makes itself", NULL);
    world_clear(w);
    world_refused(w, "kind: PopulationType\nid: control_versions\nkey: [id]\ntime: at\ncolumns:\n"
                     "  id: {type: text, meaning: k}\n  at: {type: timestamp, meaning: w}\n");
    assert_finding(w, NULL, "is that of a table that the program makes itself", NULL);
    world_clear(w);
    world_refused(w, "kind: PopulationType\nid: mine\nkey: [id]\ntime: at\nderived: Control\n"
                     "columns:\n  id: {type: text, meaning: k}\n"
                     "  at: {type: timestamp, meaning: w}\n");
    assert_finding(w, NULL, "is for tables that the program makes itself", NULL);
}

static void what_the_auditor_may_write_is_in_no_table(void **state)
{
    static const char *const hidden[] = { "Engagement",
                                          "Evaluation",
                                          "ControlConclusion",
                                          "CriterionConclusion",
                                          "Opinion",
                                          "Test",
                                          "Source",
                                          "Person",
                                          "Resolution",
                                          "Assertion",
                                          "Description",
                                          "Consent",
                                          "Response",
                                          "GapAcceptance" };
    static const char *const shown[] = { "Control", "Policy", "Risk", "Role", "System" };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        assert_false(kind_has_versions(kind_find(w->catalogue, slice_of(hidden[i]))));
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        assert_true(kind_has_versions(kind_find(w->catalogue, slice_of(shown[i]))));
    assert_null(catalogue_population_type(w->catalogue, SLICE("engagement_versions")));
    assert_non_null(catalogue_population_type(w->catalogue, SLICE("policy_versions")));
}

/* Every such type is one that the program can read. */
static void all_their_types_can_be_read(void **state)
{
    struct world *w = *state;
    const char *id;
    size_t found = 0;
    for (size_t i = 0; (id = catalogue_population_type_id(w->catalogue, i)); i++) {
        struct record_type read;
        const struct value *document = catalogue_population_type(w->catalogue, slice_of(id));
        assert_done(w, record_type_read(w->arena, document, &read, &w->err));
        found += read.derived.len > 0;
        assert_true(read.derived.len == 0 || read.is_snapshot);
    }
    assert_true(found > 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(a_version_holds_until_a_later_one_begins),
        TEST(fields_take_the_form_of_their_columns),
        TEST(a_segment_is_written_when_the_versions_have_changed),
        TEST(nobody_imports_or_defines_what_the_program_makes),
        TEST(what_the_auditor_may_write_is_in_no_table),
        TEST(all_their_types_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
