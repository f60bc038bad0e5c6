/* test/unit/program/test_catalogue.c
 * What travels in the program: criteria, what maps to them, kinds, the scheme sheet. */
#include "program/program_world.h"

#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "program/catalogue_internal.h"
#include "program/catalogue_own.h"

/* ---- criteria ---- */

static void the_editions_have_as_many_criteria_as_they_should(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *name;
        size_t count;
    } editions[] = { { "tsc-2017", 61 },
                     { "tsp-2014", 116 },
                     { "tsp-2009", 136 },
                     { "ccsm", 27 },
                     { "dc-2018", 9 } };
    size_t count;
    const struct edition *first = catalogue_editions(w->catalogue, &count);
    assert_int_equal(count, ARRAY_LEN(editions));
    for (size_t i = 0; i < ARRAY_LEN(editions); i++) {
        const struct edition *edition = catalogue_edition(w->catalogue, slice_of(editions[i].name));
        assert_non_null(edition);
        assert_int_equal(edition->count, editions[i].count);
    }
    assert_true(slice_is(first[0].name, "tsc-2017")); /* newest first */
    assert_true(slice_is(first[1].name, "tsp-2014"));
    assert_true(slice_is(first[2].name, "tsp-2009"));
}

static void a_criterion_is_found_by_its_qualified_name_only(void **state)
{
    struct world *w = *state;
    const struct criterion *criterion = catalogue_criterion(w->catalogue, SLICE("tsc-2017/CC6.1"));
    assert_non_null(criterion);
    assert_true(slice_is(criterion->name, "tsc-2017/CC6.1"));
    assert_true(criterion->title.len > 0 && criterion->text.len > 0);
    assert_null(catalogue_criterion(w->catalogue, SLICE("CC6.1")));
    assert_null(catalogue_criterion(w->catalogue, SLICE("tsc-2017/cc6.1")));
    assert_null(catalogue_criterion(w->catalogue, SLICE("tsc-2017/CC6.1 ")));
    assert_null(catalogue_criterion(w->catalogue, SLICE("/CC6.1")));
    assert_null(catalogue_criterion(w->catalogue, SLICE("")));
}

static void assert_unknown(struct world *w, const char *text, const char *message, const char *hint)
{
    assert_false(catalogue_criterion_unknown(w->catalogue, slice_of(text), "f:1:2", &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(w->err.where, "f:1:2");
    if (!strstr(w->err.message, message) || !strstr(w->err.hint, hint))
        fail_msg("%s (%s) is not %s (%s)", w->err.message, w->err.hint, message, hint);
    w->err = (struct error){ 0 };
}

static void an_id_that_is_none_names_its_candidates(void **state)
{
    struct world *w = *state;
    assert_unknown(w, "CC8.1", "\"CC8.1\" names no catalogue", "tsc-2017/CC8.1");
    assert_unknown(w, "A1.1", "names no catalogue",
                   "tsc-2017/A1.1 or tsp-2014/A1.1 or tsp-2009/A1.1");
    assert_unknown(w, "XX9.9", "names no catalogue", "write it with its catalogue");
    assert_unknown(w, "tsc-2016/CC8.1", "names no catalogue we have", "did you mean \"tsc-2017\"?");
    assert_unknown(w, "tsc-2017/S1.1", "is not in Trust Services Criteria 2017", "tsp-2009/S1.1");
    assert_unknown(w, "tsc-2017/CC81", "is not in", "did you mean \"tsc-2017/CC8.1\"?");
    assert_unknown(w, "tsc-2017/CC8.2", "is not in", "did you mean \"tsc-2017/CC8.1\"?");
    assert_unknown(w, "tsc-2017/", "is not in", "attest catalog tsc-2017 lists them");
    assert_unknown(w, "", "names no catalogue", "write it with its catalogue");
}

/* ---- showing ---- */

static const struct value *find(const struct value *list, const char *field, const char *text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_is(value_text_of(list->items[i], field), text))
            return list->items[i];
    return NULL;
}

static const struct value *show(struct world *w, const char *path)
{
    const struct value *shown = catalogue_show(w->catalogue, w->arena, slice_of(path), &w->err);
    assert_done(w, shown != NULL);
    return shown;
}

static const struct value *map_of(const struct value *shown, const char *catalog, const char *id)
{
    const struct value *maps = value_member(shown, "maps");
    for (size_t i = 0; i < value_count(maps); i++)
        if (slice_is(value_text_of(maps->items[i], "catalog"), catalog) &&
            slice_is(value_text_of(maps->items[i], "id"), id))
            return maps->items[i];
    return NULL;
}

static void a_criterion_shows_all_that_maps_to_it_both_ways(void **state)
{
    struct world *w = *state;
    const struct value *shown = show(w, "tsc-2017/CC8.1");
    const struct value *iso = map_of(shown, "iso-27001-2022", "A.8.32");
    const struct value *older = map_of(shown, "tsp-2009", "S3.13");
    assert_non_null(iso);
    assert_true(slice_is(value_text_of(iso, "direction"), "to"));
    assert_true(value_is_true(value_member(iso, "agrees")));
    assert_non_null(older);
    assert_true(slice_is(value_text_of(older, "direction"), "from"));
    assert_true(value_text_of(older, "title").len > 0);
    assert_true(value_count(value_member(shown, "points")) >= 15);
    assert_true(value_count(value_member(shown, "controls")) > 0);
}

static void every_criterion_shows_and_every_map_has_its_counterpart(void **state)
{
    struct world *w = *state;
    size_t editions_count, maps_count = 0;
    const struct edition *editions = catalogue_editions(w->catalogue, &editions_count);
    for (size_t i = 0; i < editions_count; i++) {
        for (size_t j = 0; j < editions[i].count; j++) {
            const struct value *shown = show(w, editions[i].criteria[j].name.at);
            const struct value *maps = value_member(shown, "maps");
            for (size_t k = 0; k < value_count(maps); k++) {
                struct slice catalog = value_text_of(maps->items[k], "catalog");
                if (catalogue_edition(w->catalogue, catalog))
                    assert_true(value_text_of(maps->items[k], "title").len > 0);
                maps_count++;
            }
            arena_reset(w->arena);
        }
    }
    assert_true(maps_count > 2000);
}

static void an_entry_of_a_framework_shows_what_maps_to_it(void **state)
{
    struct world *w = *state;
    assert_non_null(map_of(show(w, "iso-27001-2022/A.8.32"), "tsc-2017", "CC8.1"));
    assert_null(catalogue_show(w->catalogue, w->arena, SLICE("iso-27001-2022/A.99"), &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
}

static void every_part_of_the_contents_shows(void **state)
{
    struct world *w = *state;
    const struct value *contents = catalogue_contents(w->catalogue, w->arena, &w->err);
    assert_done(w, contents != NULL);
    assert_int_equal(value_count(contents), 11);
    for (size_t i = 0; i < contents->count; i++) {
        struct slice name = value_text_of(contents->items[i], "name");
        const struct value *shown = catalogue_show(w->catalogue, w->arena, name, &w->err);
        assert_done(w, shown != NULL);
        assert_true(value_count(shown) > 0);
    }
    assert_int_equal(value_count(show(w, "populations/changes")) > 5, 1);
    assert_non_null(value_member(show(w, "kinds/Control"), "fields"));
    assert_non_null(value_member(show(w, "kinds/controls"), "fields"));
    assert_int_equal(value_count(show(w, "starter/saas")), value_count(show(w, "starter")));
    assert_non_null(value_member(show(w, "starter/GOV-01"), "statement"));
    assert_non_null(value_member(show(w, "starter/role/security-lead"), "title"));
    assert_int_equal(value_count(show(w, "crosswalks/tsp-2009-to-tsc-2017")), 136);
}

static void assert_not_shown(struct world *w, const char *path, const char *message,
                             const char *hint)
{
    assert_null(catalogue_show(w->catalogue, w->arena, slice_of(path), &w->err));
    if (!strstr(w->err.message, message) || !strstr(w->err.hint, hint))
        fail_msg("%s: %s (%s) is not %s (%s)", path, w->err.message, w->err.hint, message, hint);
    w->err = (struct error){ 0 };
}

static void what_is_not_in_the_catalogue_says_what_is_near(void **state)
{
    struct world *w = *state;
    assert_not_shown(w, "CC6.1", "\"CC6.1\" names no catalogue",
                     "tsc-2017/CC6.1 or tsp-2014/CC6.1");
    assert_not_shown(w, "tsc-2017/CC9.9", "is not in", "did you mean");
    assert_not_shown(w, "tsc2017", "has no \"tsc2017\"", "did you mean \"tsc-2017\"?");
    assert_not_shown(w, "populations/change", "populations has no \"change\"", "lists them");
    assert_not_shown(w, "kinds/Contol", "there is no kind \"Contol\"", "did you mean \"Control\"?");
    assert_not_shown(w, "starter/none", "starter has no \"none\"", "lists them");
    assert_not_shown(w, "crosswalks/none", "crosswalks has no \"none\"", "lists them");
    assert_not_shown(w, "nothing-like-it", "the catalogue has no", "lists what there is");
}

static void a_search_finds_every_word_and_titles_come_first(void **state)
{
    struct world *w = *state;
    const struct value *found =
        catalogue_search(w->catalogue, w->arena, SLICE("change  MANAGEMENT"), &w->err);
    assert_done(w, found != NULL);
    assert_non_null(find(found, "name", "tsc-2017/CC8.1"));
    assert_true(slice_is(value_text_of(found->items[0], "title"), "Change management"));
    found = catalogue_search(w->catalogue, w->arena, SLICE("nowhereatall"), &w->err);
    assert_int_equal(value_count(found), 0);
}

/* ---- the scheme sheet ---- */

static void the_scheme_sheet_has_26_objectives_and_136_references(void **state)
{
    struct world *w = *state;
    int64_t objectives, references;
    size_t expanded = 0;
    const struct value *sheet = scheme_sheet(w->catalogue, w->arena, &w->err);
    assert_done(w, sheet != NULL);
    assert_true(value_to_i64(value_member(sheet, "objectives"), &objectives));
    assert_true(value_to_i64(value_member(sheet, "references"), &references));
    assert_int_equal(objectives, 26);
    assert_int_equal(references, 136);
    assert_int_equal(value_count(value_member(sheet, "parts")), 5);
    const struct value *last =
        value_member(value_item(value_member(sheet, "parts"), 4), "objectives");
    for (size_t i = 0; i < value_count(last); i++) {
        const struct value *list = value_member(last->items[i], "references");
        for (size_t j = 0; j < value_count(list); j++, expanded++) {
            char name[64];
            snprintf(name, sizeof name, "tsp-2009/%.*s", SLICE_ARG(value_text(list->items[j])));
            assert_non_null(catalogue_criterion(w->catalogue, slice_of(name)));
        }
    }
    assert_int_equal(expanded, 136);
}

static void the_scheme_sheet_prints_parts_ranges_and_anomalies(void **state)
{
    struct world *w = *state;
    struct strbuf out = strbuf_new(1 << 20);
    assert_done(w, scheme_sheet_write(w->catalogue, &out, &w->err));
    static const char *const lines[] = {
        "Part 1 - General information",
        "Part 5 - Security objectives",
        "I3.1 - I3.21",
        "(21: I3.1, I3.2,",
        "I3.21)",
        "C3.1 - C3.20",
        "(20: C3.1, C3.2,",
        "26 objectives, 136 references",
        "Security Policies",
        "S4.4:",
        "C3.21, on confidential information in development and test",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (!strstr(out.at, lines[i]))
            fail_msg("%s is not printed", lines[i]);
    strbuf_free(&out);
}

/* ---- kinds ---- */

static void there_are_the_kinds_that_the_main_path_needs(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {
        "Organization",
        "System",
        "Person",
        "Role",
        "Commitment",
        "Control",
        "Policy",
        "Risk",
        "Source",
        "PopulationType",
        "Test",
        "Engagement",
        "Evaluation",
        "ControlConclusion",
        "CriterionConclusion",
        "Opinion",
        "Assertion",
        "Response",
        "Description",
        "Resolution",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_non_null(kind_find(w->catalogue, slice_of(names[i])));
}

static void a_kind_is_found_as_people_type_it(void **state)
{
    struct world *w = *state;
    static const char *const words[] = { "Control", "control", "controls", "CONTROLS" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_non_null(kind_typed(w->catalogue, slice_of(words[i]), &w->err));
    assert_null(kind_typed(w->catalogue, SLICE("contrl"), &w->err));
    assert_non_null(strstr(w->err.hint, "did you mean \"Control\"?"));
}

static void ids_are_judged_by_the_contract(void **state)
{
    (void)state;
    char long_id[ID_BYTES_MAX + 2];
    memset(long_id, 'a', sizeof long_id);
    assert_null(id_fault(SLICE("CM-02")));
    assert_null(id_fault(SLICE("e1.tsc-2017.CC8.1_x")));
    assert_null(id_fault(SLICE(".x")));
    assert_null(id_fault(slice_bytes(long_id, ID_BYTES_MAX)));
    assert_non_null(id_fault(slice_bytes(long_id, ID_BYTES_MAX + 1)));
    assert_non_null(id_fault(SLICE("")));
    assert_non_null(id_fault(SLICE(".")));
    assert_non_null(id_fault(SLICE("..")));
    assert_non_null(id_fault(SLICE("a b")));
    assert_non_null(id_fault(SLICE("\xc3\xa4")));
    assert_non_null(id_fault(SLICE("a\0b")));
    assert_non_null(strstr(id_fault(SLICE("../../etc/passwd")), "not a path"));
}

static void every_kind_and_field_is_explained(void **state)
{
    struct world *w = *state;
    size_t count;
    const struct kind *const *kinds = catalogue_kinds(w->catalogue, &count);
    for (size_t i = 0; i < count; i++) {
        struct strbuf out = strbuf_new(1 << 20);
        const char *field;
        assert_done(w, kind_explain(w->catalogue, kinds[i]->name, &out, &w->err));
        assert_true(out.len > 100);
        for (size_t j = 0; (field = schema_property(kinds[i]->schema, j)); j++) {
            char path[128];
            strbuf_clear(&out);
            snprintf(path, sizeof path, "%s.%s", kinds[i]->name.at, field);
            assert_done(w, kind_explain(w->catalogue, slice_of(path), &out, &w->err));
            assert_non_null(strstr(out.at, "Type: "));
        }
        strbuf_free(&out);
    }
}

static void a_field_is_explained_in_words(void **state)
{
    struct world *w = *state;
    struct strbuf out = strbuf_new(1 << 16);
    assert_done(w, kind_explain(w->catalogue, SLICE("Control.frequency"), &out, &w->err));
    assert_string_equal(out.at,
                        "Control.frequency: How often it operates.\n\n"
                        "Type: one of annual, semi-annual, quarterly, monthly, weekly, daily, "
                        "many-a-day, per-event. It must be there.\n");
    strbuf_clear(&out);
    assert_done(w, kind_explain(w->catalogue, SLICE("controls.owner"), &out, &w->err));
    assert_non_null(strstr(out.at, "Type: person/ID or role/ID."));
    strbuf_clear(&out);
    assert_done(w, kind_explain(w->catalogue, SLICE("Test.attributes.holds"), &out, &w->err));
    assert_false(kind_explain(w->catalogue, SLICE("Test.attributes.hold"), &out, &w->err));
    assert_non_null(strstr(w->err.hint, "did you mean \"attributes.holds\"?"));
    w->err = (struct error){ 0 };
    assert_false(kind_explain(w->catalogue, SLICE("Test.x.y.z"), &out, &w->err));
    strbuf_free(&out);
}

static void schemas_for_editors_say_what_apply_checks(void **state)
{
    struct world *w = *state;
    const struct kind *kind = kind_find(w->catalogue, SLICE("Control"));
    const struct value *schema = kind_schema(w->catalogue, kind, w->arena, &w->err);
    assert_done(w, schema != NULL);
    assert_true(
        slice_is(value_text_of(schema, "$schema"), "https://json-schema.org/draft/2020-12/schema"));
    assert_true(slice_is(value_text(value_path(schema, "properties.kind.const")), "Control"));
    assert_non_null(value_path(schema, "properties.id.pattern"));
    assert_non_null(value_path(schema, "properties.effective_from"));
    const struct value *all = kind_schema(w->catalogue, NULL, w->arena, &w->err);
    assert_done(w, all != NULL);
    assert_int_equal(value_count(value_member(all, "allOf")),
                     value_count(value_member(all, "$defs")));
}

static void the_starter_controls_reach_every_criterion(void **state)
{
    struct world *w = *state;
    size_t bare = 0;
    static const char *const editions[] = { "tsc-2017", "tsp-2009" };
    for (size_t i = 0; i < ARRAY_LEN(editions); i++) {
        const struct edition *edition = catalogue_edition(w->catalogue, slice_of(editions[i]));
        for (size_t j = 0; j < edition->count; j++) {
            const struct value *shown = show(w, edition->criteria[j].name.at);
            if (value_count(value_member(shown, "controls")) == 0) {
                assert_true(slice_is(edition->criteria[j].name, "tsp-2009/S4.4"));
                bare++;
            }
        }
    }
    assert_int_equal(bare, 1);
}

/* ---- what maps, and the user's own catalogues ---- */

static bool is_among(const struct criterion *const *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(list[i]->name, name))
            return true;
    return false;
}

static void what_maps_is_the_same_one_by_one_and_as_a_list(void **state)
{
    struct world *w = *state;
    const struct edition *old = catalogue_edition(w->catalogue, SLICE("tsp-2009"));
    const struct edition *new = catalogue_edition(w->catalogue, SLICE("tsc-2017"));
    size_t pairs = 0;
    for (size_t i = 0; i < new->count; i++) {
        size_t count;
        const struct criterion **mapped =
            catalogue_mapped(w->catalogue, w->arena, new->criteria[i].name, &count, &w->err);
        assert_non_null(mapped);
        for (size_t j = 0; j < old->count; j += 7) {
            bool maps =
                catalogue_criteria_map(w->catalogue, new->criteria[i].name, old->criteria[j].name);
            assert_int_equal(maps, is_among(mapped, count, old->criteria[j].name));
            assert_int_equal(maps, catalogue_criteria_map(w->catalogue, old->criteria[j].name,
                                                          new->criteria[i].name));
            pairs += maps;
        }
    }
    assert_true(pairs > 0);
}

static const struct catalogue *with_own(struct world *w, const char *text)
{
    const struct value *documents[8];
    struct yaml_documents read;
    assert_true(yaml_parse(w->arena, slice_of(text), "own.yaml", &yaml_limits_default, &read,
                           &w->findings, &w->err));
    assert_true(read.count <= ARRAY_LEN(documents));
    for (size_t i = 0; i < read.count; i++)
        documents[i] = read.items[i];
    const struct catalogue *whole =
        catalogue_with_own(w->catalogue, w->arena, documents, read.count, &w->err);
    assert_non_null(whole);
    return whole;
}

static void own_catalogues_map_both_ways_and_to_one_another(void **state)
{
    struct world *w = *state;
    size_t before, after;
    (void)catalogue_editions(w->catalogue, &before);
    const struct catalogue *whole =
        with_own(w, "id: one\ntitle: One\nreferences:\n"
                    "  - {id: A, title: First, maps_to: [tsc-2017/CC8.1, two/B]}\n"
                    "---\nid: two\ntitle: Two\nreferences:\n"
                    "  - {id: B, title: Second, category: privacy, maps_to: [tsp-2009/P1.1]}\n");
    (void)catalogue_editions(whole, &after);
    assert_int_equal(after, before + 2);
    assert_true(slice_is(catalogue_criterion(whole, SLICE("one/A"))->category, "common"));
    assert_true(slice_is(catalogue_criterion(whole, SLICE("two/B"))->category, "privacy"));
    assert_true(catalogue_criteria_map(whole, SLICE("one/A"), SLICE("tsc-2017/CC8.1")));
    assert_true(catalogue_criteria_map(whole, SLICE("tsc-2017/CC8.1"), SLICE("one/A")));
    assert_true(catalogue_criteria_map(whole, SLICE("two/B"), SLICE("one/A")));
    assert_false(catalogue_criteria_map(whole, SLICE("two/B"), SLICE("tsc-2017/CC8.1")));
    /* The built-in one is as it was, and others take the place of these. */
    assert_null(catalogue_criterion(w->catalogue, SLICE("one/A")));
    const struct catalogue *none = catalogue_with_own(whole, w->arena, NULL, 0, &w->err);
    assert_ptr_equal(none, w->catalogue);
}

static void a_faulty_catalogue_lends_what_can_be_read(void **state)
{
    struct world *w = *state;
    const struct catalogue *whole =
        with_own(w, "title: Nameless\nreferences: [{id: A, title: One}]\n---\n"
                    "id: tsc-2017\nreferences: [{id: ZZ1, title: One}]\n---\n"
                    "id: kinds\nreferences: [{id: ZZ2, title: One}]\n---\n"
                    "id: mine\nreferences: [{title: One}, {id: B, maps_to: [C, 7, mine/B]}, 3]\n"
                    "---\nid: bare\n");
    assert_null(catalogue_criterion(whole, SLICE("tsc-2017/ZZ1")));
    assert_null(catalogue_edition(whole, SLICE("kinds")));
    assert_int_equal(catalogue_edition(whole, SLICE("mine"))->count, 1);
    assert_int_equal(catalogue_edition(whole, SLICE("bare"))->count, 0);
    assert_true(catalogue_criteria_map(whole, SLICE("mine/B"), SLICE("mine/B")));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, world_bare, world_end)
    const struct CMUnitTest tests[] = {
        T(the_editions_have_as_many_criteria_as_they_should),
        T(a_criterion_is_found_by_its_qualified_name_only),
        T(an_id_that_is_none_names_its_candidates),
        T(a_criterion_shows_all_that_maps_to_it_both_ways),
        T(every_criterion_shows_and_every_map_has_its_counterpart),
        T(an_entry_of_a_framework_shows_what_maps_to_it),
        T(every_part_of_the_contents_shows),
        T(what_is_not_in_the_catalogue_says_what_is_near),
        T(a_search_finds_every_word_and_titles_come_first),
        T(the_scheme_sheet_has_26_objectives_and_136_references),
        T(the_scheme_sheet_prints_parts_ranges_and_anomalies),
        T(there_are_the_kinds_that_the_main_path_needs),
        T(a_kind_is_found_as_people_type_it),
        T(ids_are_judged_by_the_contract),
        T(every_kind_and_field_is_explained),
        T(a_field_is_explained_in_words),
        T(schemas_for_editors_say_what_apply_checks),
        T(the_starter_controls_reach_every_criterion),
        T(what_maps_is_the_same_one_by_one_and_as_a_list),
        T(own_catalogues_map_both_ways_and_to_one_another),
        T(a_faulty_catalogue_lends_what_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
