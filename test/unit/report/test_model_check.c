/* What a model may not be: each case changes one thing in a model that is fit, and the check names
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "report/complete.h"
#include "report/report.h"

struct world {
    struct arena *arena;
    struct error err;
    struct findings findings;
};

static int world_set_up(void **state)
{
    static struct world world;
    world = (struct world){ 0 };
    world.arena = arena_new((size_t)1 << 28, &world.err);
    *state = &world;
    return world.arena ? 0 : 1;
}

static int world_tear_down(void **state)
{
    struct world *w = *state;
    findings_free(&w->findings);
    arena_free(w->arena);
    return 0;
}

static struct value *model_of(struct world *w, const char *name)
{
    struct strbuf path = strbuf_new(256);
    strbuf_printf(&path, "test/report/facts/%s.json", name);
    struct value *model = facts_complete(w->arena, path.at, &w->err);
    strbuf_free(&path);
    assert_non_null(model);
    return model;
}

static struct value *parsed(struct world *w, const char *json)
{
    struct value *value =
        json_parse(w->arena, slice_of(json), "test", &json_limits_default, &w->err);
    assert_non_null(value);
    return value;
}

static void check(struct world *w, const struct value *model)
{
    findings_free(&w->findings);
    assert_true(report_model_check(model, &w->findings, &w->err));
}

static bool has_finding(const struct world *w, bool is_warning, const char *where,
                        const char *words)
{
    for (size_t i = 0; i < w->findings.count; i++) {
        const struct finding *finding = &w->findings.items[i];
        if (finding->is_warning == is_warning && strstr(finding->error.where, where) &&
            strstr(finding->error.message, words))
            return true;
    }
    for (size_t i = 0; i < w->findings.count; i++)
        print_error("%s: %s\n", w->findings.items[i].error.where,
                    w->findings.items[i].error.message);
    print_error("wanted: %s: %s\n", where, words);
    return false;
}

static void models_of_every_kind_are_fit(void **state)
{
    static const char *const names[] = { "type-1", "type-2", "readiness", "scripts" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct world *w = *state;
        check(w, model_of(w, names[i]));
        assert_int_equal(w->findings.errors_count, 0);
    }
}

/* Puts `json` at `path` (a member of the object at `object`) and expects a fault. */
struct change {
    const char *model, *object, *member, *json;
    const char *where, *words;
};

static void change_and_expect(struct world *w, const struct change *change, bool is_warning)
{
    struct value *model = model_of(w, change->model);
    struct value *object = *change->object ? own_path(model, change->object) : model;
    assert_non_null(object);
    assert_int_equal(object->type, VALUE_OBJECT);
    assert_true(value_put(w->arena, object, change->member, parsed(w, change->json), &w->err));
    check(w, model);
    assert_true(has_finding(w, is_warning, change->where, change->words));
}

static void contradictions_of_kind_are_refused(void **state)
{
    static const struct change changes[] = {
        { "type-1", "", "as_of", "null", "as_of", "needs it" },
        { "type-1", "", "period", "{\"from\":\"2025-10-01\",\"to\":\"2026-09-30\"}", "period",
          "must not" },
        { "type-2", "", "period", "{\"from\":\"2026-10-01\",\"to\":\"2026-09-30\"}", "period",
          "ends before" },
        { "type-2", "", "report_date", "null", "report_date", "has a date" },
        { "type-2", "", "report_date", "\"2026-09-01\"", "report_date", "not after the time" },
        { "type-2", "", "section1", "null", "section1", "needs it" },
        { "type-2", "", "restriction", "null", "restriction", "who may have it" },
        { "type-2", "", "title", "\"Readiness report\"", "title", "no readiness report" },
        { "readiness", "", "title", "\"SOC 2 Type 2 report\"", "title", "titled so" },
        { "readiness", "", "specimen", "true", "specimen", "no specimen" },
        { "readiness", "", "service_auditor", "{\"firm\":\"F\",\"city\":\"C\",\"state\":\"S\"}",
          "service_auditor", "must not" },
        { "readiness", "", "statement", "null", "statement", "needs it" },
        { "readiness", "", "specified_parties", "[\"customers\"]", "specified_parties",
          "must not" },
        { "type-2", "", "categories", "[\"privacy\",\"security\"]", "categories", "order" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], false);
}

static void the_elements_of_section_1_are_all_there(void **state)
{
    static const char *const always[] = { "scope",
                                          "user-entity-controls",
                                          "subservice-organizations",
                                          "other-information",
                                          "responses",
                                          "organization-responsibilities",
                                          "auditor-responsibilities",
                                          "evidence",
                                          "inherent-limitations",
                                          "tests-of-controls",
                                          "basis",
                                          "opinion",
                                          "restricted-use" };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(always); i++) {
        struct value *model = model_of(w, "type-2");
        struct value *list = own_path(model, "section1.paragraphs");
        size_t kept = 0;
        for (size_t k = 0; k < list->count; k++)
            if (!slice_is(value_text_of(list->items[k], "id"), always[i]))
                list->items[kept++] = list->items[k];
        assert_int_equal(kept + 1, list->count);
        list->count = kept;
        check(w, model);
        assert_true(has_finding(w, false, "section1.paragraphs", always[i]));
    }
}

static void what_a_paragraph_cannot_do_without_is_in_its_text(void **state)
{
    static const struct change changes[] = {
        { "type-2", "section1", "title", "\"Report of the service auditor\"", "section1.title",
          "independent" },
        { "type-2", "section1.paragraphs.8", "text", "[\"We did our work.\"]",
          "section1.paragraphs[8].text", "" },
        { "type-1", "section1.paragraphs.9", "id", "\"tests-of-controls\"", "section1", "" },
        { "type-2", "section1.paragraphs.5", "id", "\"scope\"", "section1.paragraphs[5].id",
          "twice" },
        { "type-2", "section1.signature", "firm", "\"Someone else\"", "section1.signature.firm",
          "not the service" },
        { "type-2", "section1.signature", "date", "\"2026-11-23\"", "section1.signature.date",
          "otherwise" },
        { "type-2", "section1.signature", "signer", "null", "section1.signature.signer",
          "who signed" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], false);
}

static void an_opinion_that_contradicts_itself_is_refused(void **state)
{
    static const struct change changes[] = {
        { "type-2", "section1.opinion.parts.2", "basis", "[]", "parts[2].basis",
          "without its basis" },
        { "type-2", "section1.opinion.parts.2", "cause", "null", "parts[2].cause",
          "deficiency or" },
        { "type-2", "section1.opinion.parts.2", "criteria", "[]", "parts[2].criteria",
          "names the criteria" },
        { "type-2", "section1.opinion.parts.2", "variant", "\"adverse\"", "parts[2].variant",
          "because of" },
        { "type-2", "section1.opinion.parts.2", "variant", "\"disclaimer\"", "parts[2]",
          "no opinion" },
        { "type-2", "section1.opinion.parts.2", "variant", "\"unmodified\"", "parts[2].variant",
          "no basis" },
        { "type-2", "section1.opinion.parts.0", "variant", "\"qualified\"", "parts[0].basis",
          "without" },
        { "type-2", "section1.opinion.parts.1", "part", "\"operating\"", "parts[1].part",
          "design" },
        { "type-2", "section1.opinion.parts.2", "basis", "[\"It generally failed.\"]",
          "parts[2].basis", "reduced wording" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], false);
}

static void what_the_partner_must_look_at_is_a_warning(void **state)
{
    static const struct change changes[] = {
        /* Management asserts what the opinion qualifies. */
        { "type-2", "section2", "qualifies", "[]", "section2.qualifies", "add the paragraph" },
        { "type-2", "section2", "date", "\"2026-11-20\"", "section2.date", "assertion 2026-11-20" },
        /* A criterion not met beside an unmodified part. */
        { "type-1", "section4.bands.0", "conclusion",
          "{\"design\":\"not-suitable\",\"operating\":\"not-examined\",\"text\":[]}",
          "section4.bands[0].conclusion", "record the effect" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "nature", "\"inquiry\"",
          "section4.bands[0].rows[0].tests", "inquiry alone" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], true);
}

static void the_description_answers_all_nine_criteria(void **state)
{
    static const struct change changes[] = {
        { "type-2", "section3.items.3", "id", "\"DC5\"", "section3.items[3].id", "DC4" },
        { "type-2", "section3.items.3", "text", "[]", "section3.items[3].text", "no answer" },
        { "type-2", "section3.items.3", "status", "\"open\"", "section3.items[3].status",
          "not finished" },
        { "type-2", "section3.items.3", "reason", "\"Because.\"", "section3.items[3].reason",
          "others have none" },
        { "type-2", "section3.items.2", "text",
          "[{\"table\":{\"head\":[\"A\",\"B\"],\"rows\":[[\"1\",\"2\",\"3\"]]}}]",
          "section3.items[2].text[0]", "3 cells" },
        { "type-1", "section3.items.8", "status", "\"met\"", "section3.items[8].status", "type 1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], false);
}

static void numbers_of_a_test_agree(void **state)
{
    static const struct change changes[] = {
        { "type-2", "section4.bands.0.rows.0.tests.0", "tested_deviations", "3", "tests[0]",
          "cannot come" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "result", "\"exceptions\"",
          "tests[0].result", "" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "result", "\"did-not-operate\"",
          "tests[0].result", "no item means" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "result_text", "[\"All is well.\"]",
          "tests[0].result_text", "does not begin" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "result_text", "[\"No exceptions noted.\"]",
          "tests[0].result_text", "count of the items" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "concluded", "null", "tests[0].concluded",
          "evaluated" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "exceptions_more", "7",
          "tests[0].exceptions", "0 are listed and 7 more, 0 are counted" },
        { "type-2", "appendices.tests.0", "reclassified_more", "7", "reclassified",
          "the first 1000 are listed" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "extent", "\"sample\"", "tests[0].sample",
          "do not agree" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "period",
          "{\"from\":\"2025-09-30\",\"to\":\"2026-09-30\"}", "tests[0].period", "does not lie" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "procedure", "\"It seemed to work.\"",
          "tests[0].procedure", "reduced" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "response", "{\"text\":[\"No.\"]}",
          "tests[0].response", "no exception" },
        { "type-2", "section4.bands.0.rows.0.tests.0.population", "items", "7", "tests[0]",
          "not the 7 items" },
        { "type-2", "section4.bands.0.rows.0.tests.0.population", "digest",
          "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"",
          "tests[0].population", "another count or digest" },
        { "type-2", "section4.bands.0.rows.0.tests.0", "run",
          "\"0000000000000000000000000000000000000000000000000000000000000000\"", "tests[0].run",
          "appendix B does not have it" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], false);
}

static void section_4_sets_every_control_out_once(void **state)
{
    static const struct change changes[] = {
        { "type-2", "section4.bands.0.rows.0", "first_here", "false", "section4.bands",
          "set out nowhere" },
        { "type-2", "section4.bands.0.rows.0", "tests", "[]", "rows[0].tests", "not tested" },
        { "type-2", "section4.bands.0", "rows", "[]", "section4.bands[0].rows",
          "no control serves" },
        { "type-2", "section4.bands.0", "conclusion", "null", "bands[0].conclusion",
          "nobody has concluded" },
        { "type-2", "section4.bands.0.criterion", "id", "\"tsp-2014/CC1.1\"",
          "bands[0].criterion.id", "not of the catalogue" },
        { "type-2", "section4.bands.1.criterion", "id", "\"tsc-2017/CC1.1\"",
          "bands[1].criterion.id", "two tables" },
        { "readiness", "section4.bands.0", "conclusion",
          "{\"design\":\"suitable\",\"operating\":\"effective\",\"text\":[]}",
          "bands[0].conclusion", "concludes on nothing" },
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        change_and_expect(*state, &changes[i], false);
}

static void a_control_set_out_twice_is_refused(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "type-1");
    struct value *rows = own_path(model, "section4.bands.0.rows");
    assert_true(value_add(w->arena, rows, value_copy(w->arena, rows->items[0], &w->err), &w->err));
    check(w, model);
    assert_true(has_finding(w, false, "section4.bands", "set out twice"));
}

static void tests_in_a_type_1_report_are_refused(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "type-1");
    struct value *other = model_of(w, "type-2");
    assert_true(value_put(w->arena, own_path(model, "section4.bands.0.rows.0"), "tests",
                          own_path(other, "section4.bands.0.rows.0.tests"), &w->err));
    check(w, model);
    assert_true(has_finding(w, false, "rows[0].tests", "type 1 report has no tests"));
}

static void unknown_and_missing_fields_are_named(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "type-2");
    assert_true(value_put_text(w->arena, model, "tittle", SLICE("x"), &w->err));
    check(w, model);
    assert_true(has_finding(w, false, "model", "tittle"));
    check(w, parsed(w, "{}"));
    assert_true(w->findings.errors_count > 0);
    check(w, parsed(w, "[]"));
    assert_true(w->findings.errors_count > 0);
}

static void a_draft_may_be_unfinished(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "type-2");
    assert_true(value_put_text(w->arena, model, "status", SLICE("draft"), &w->err));
    assert_true(value_put(w->arena, own_path(model, "section4.bands.0"), "conclusion",
                          parsed(w, "null"), &w->err));
    assert_true(
        value_put(w->arena, own_path(model, "section4.bands.0"), "rows", parsed(w, "[]"), &w->err));
    assert_true(value_put_text(w->arena, own_path(model, "section3.items.3"), "status",
                               SLICE("open"), &w->err));
    check(w, model);
    for (size_t i = 0; i < w->findings.count; i++)
        assert_null(strstr(w->findings.items[i].error.where, "section3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_every_kind_are_fit),
        cmocka_unit_test(contradictions_of_kind_are_refused),
        cmocka_unit_test(the_elements_of_section_1_are_all_there),
        cmocka_unit_test(what_a_paragraph_cannot_do_without_is_in_its_text),
        cmocka_unit_test(an_opinion_that_contradicts_itself_is_refused),
        cmocka_unit_test(what_the_partner_must_look_at_is_a_warning),
        cmocka_unit_test(the_description_answers_all_nine_criteria),
        cmocka_unit_test(numbers_of_a_test_agree),
        cmocka_unit_test(section_4_sets_every_control_out_once),
        cmocka_unit_test(a_control_set_out_twice_is_refused),
        cmocka_unit_test(tests_in_a_type_1_report_are_refused),
        cmocka_unit_test(unknown_and_missing_fields_are_named),
        cmocka_unit_test(a_draft_may_be_unfinished),
    };
    return cmocka_run_group_tests_name("report_model_check", tests, world_set_up, world_tear_down);
}
