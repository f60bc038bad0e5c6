/* Sentences: results exactly as section 4 must have them, opinions in every variant, words that are
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "report/checker.h"
#include "report/complete.h"
#include "report/text.h"

struct world {
    struct arena *arena;
    struct error err;
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
    arena_free(w->arena);
    return 0;
}

static struct value *parsed(struct world *w, const char *json)
{
    struct value *value =
        json_parse(w->arena, slice_of(json), "test", &json_limits_default, &w->err);
    assert_non_null(value);
    return value;
}

static void assert_text(const struct value *list, size_t index, const char *wanted)
{
    const struct slice text = value_text(value_item(list, index));
    if (!slice_is(text, wanted))
        print_error("is: %.*s\nnot: %s\n", SLICE_ARG(text), wanted);
    assert_true(slice_is(text, wanted));
}

/* Results */

static const struct value *result_of(struct world *w, const char *facts)
{
    struct value *test = parsed(w, facts);
    assert_true(report_text_result(w->arena, test, &w->err));
    return value_member(test, "result_text");
}

static void no_exceptions_still_gives_the_count(void **state)
{
    const struct value *texts = result_of(
        *state,
        "{\"result\":\"no-exceptions\",\"population\":{\"items\":41207,\"type\":\"changes\"},"
        "\"tested_deviations\":0,\"concluded\":{\"deviations\":0,\"not_deviations\":0,\"void\":0}"
        "}");
    assert_int_equal(value_count(texts), 1);
    assert_text(texts, 0, "No exceptions noted. 41,207 of 41,207 items tested.");
}

static void a_sample_without_exceptions_names_sample_and_population(void **state)
{
    const struct value *texts = result_of(
        *state,
        "{\"result\":\"no-exceptions\",\"population\":{\"items\":1264},\"sample\":{\"size\":60},"
        "\"tested_deviations\":0,\"concluded\":{\"deviations\":0,\"not_deviations\":0,\"void\":0}"
        "}");
    assert_text(texts, 0, "No exceptions noted. 60 of 1,264 items tested.");
}

static void an_exception_gives_x_of_n_what_the_run_marked_cause_effect_other_controls(void **state)
{
    const struct value *texts = result_of(
        *state, "{\"result\":\"exceptions\",\"population\":{\"items\":812},\"tested_deviations\":5,"
                "\"concluded\":{\"deviations\":3,\"not_deviations\":1,\"void\":1},"
                "\"cause\":\"A rule was off.\",\"effect\":\"No customer saw it.\","
                "\"other_controls\":\"CM-04 found two.\"}");
    assert_int_equal(value_count(texts), 5);
    /* The void item was no item of the population. */
    assert_text(texts, 0, "Exception noted: 3 of 811 items.");
    assert_text(
        texts, 1,
        "When tested, 5 items failed or could not be decided; evaluated: 3 deviations, 1 not a "
        "deviation, 1 void.");
    assert_text(texts, 2, "Cause: A rule was off.");
    assert_text(texts, 3, "Effect: No customer saw it.");
    assert_text(texts, 4, "Other controls: CM-04 found two.");
}

static void an_exception_in_a_sample_says_so(void **state)
{
    const struct value *texts = result_of(
        *state,
        "{\"result\":\"exceptions\",\"population\":{\"items\":1264},\"sample\":{\"size\":60},"
        "\"tested_deviations\":1,\"concluded\":{\"deviations\":1,\"not_deviations\":0,\"void\":0}"
        "}");
    assert_text(texts, 0, "Exception noted: 1 of 60 items in the sample.");
    assert_text(texts, 1,
                "When tested, 1 item failed or could not be decided; evaluated: 1 deviation, 0 not "
                "deviations, 0 void.");
}

static void candidates_nobody_evaluated_are_called_so(void **state)
{
    const struct value *texts =
        result_of(*state, "{\"result\":\"exceptions\",\"population\":{\"items\":10},"
                          "\"tested_deviations\":2,\"concluded\":null}");
    assert_text(texts, 0, "Exception noted: 2 of 10 items.");
    assert_text(texts, 1,
                "When tested, 2 items failed or could not be decided; nobody has evaluated them.");
}

static void an_empty_population_is_never_a_pass(void **state)
{
    const struct value *texts = result_of(
        *state,
        "{\"result\":\"did-not-operate\",\"population\":{\"items\":0,\"type\":\"incidents\"},"
        "\"tested_deviations\":0,\"period\":{\"from\":\"2025-10-01\",\"to\":\"2026-09-30\"}}");
    assert_text(texts, 0, "Not tested: the control did not operate in the period.");
    assert_text(texts, 1,
                "No item of incidents falls into 1 October 2025 to 30 September 2026; the "
                "population was frozen and holds nothing.");
}

/* Section 1 */

static struct value *model_of(struct world *w, const char *name)
{
    struct value *model = facts_complete(w->arena, name, &w->err);
    if (!model)
        print_error("%s: %s\n", w->err.where, w->err.message);
    assert_non_null(model);
    return model;
}

static const struct value *paragraph(const struct value *model, const char *id)
{
    const struct value *list = value_path(model, "section1.paragraphs");
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_is(value_text_of(value_item(list, i), "id"), id))
            return value_item(list, i);
    return NULL;
}

/* Section 1 again, with the recorded opinion's third part replaced. */
static struct value *with_operating(struct world *w, const char *part)
{
    struct value *model = model_of(w, "test/report/facts/type-2.json");
    struct value *recorded = value_new(w->arena, VALUE_OBJECT, &w->err);
    struct value *section = own_member(model, "section1");
    struct value *parts = own_path(section, "opinion.parts");
    parts->items[2] = parsed(w, part);
    assert_true(value_put(w->arena, recorded, "opinion", own_member(section, "opinion"), &w->err));
    assert_true(
        value_put(w->arena, recorded, "signature", own_member(section, "signature"), &w->err));
    assert_true(report_text_section1(w->arena, model, recorded, &w->err));
    return model;
}

static void the_opinion_is_what_was_recorded_in_every_variant(void **state)
{
    static const struct {
        const char *part, *heading, *basis, *words, *never;
    } cases[] = {
        { "{\"part\":\"operating\",\"variant\":\"unmodified\",\"cause\":null,\"criteria\":[],"
          "\"basis\":[]}",
          "Opinion", NULL,
          "(c) In our opinion, the controls stated in the description operated effectively, "
          "in all material respects, throughout the period from 1 October 2025",
          "except for" },
        { "{\"part\":\"operating\",\"variant\":\"qualified\",\"cause\":\"deficiency\","
          "\"criteria\":[\"tsc-2017/CC6.2\"],\"basis\":[\"Why.\"]}",
          "Qualified opinion", "Basis for the qualified opinion",
          "(c) In our opinion, except for the matter set out above that concerns criterion CC6.2, "
          "the "
          "controls stated in the description operated effectively, in all material respects,",
          "did not operate" },
        { "{\"part\":\"operating\",\"variant\":\"adverse\",\"cause\":\"deficiency\","
          "\"criteria\":[\"tsc-2017/CC6.2\",\"tsc-2017/CC6.3\"],\"basis\":[\"Why.\"]}",
          "Adverse opinion", "Basis for the adverse opinion",
          "(c) In our opinion, because of the matter set out above that concerns criteria CC6.2 "
          "and CC6.3, "
          "the controls stated in the description did not operate effectively, in all material "
          "respects,",
          "except for" },
        { "{\"part\":\"operating\",\"variant\":\"disclaimer\",\"cause\":\"scope-limitation\","
          "\"criteria\":[\"tsc-2017/CC6.2\"],\"basis\":[\"Why.\"]}",
          "Disclaimer of opinion", "Basis for the disclaimer of opinion",
          "we could not obtain sufficient appropriate evidence as a basis for an opinion on the "
          "operating "
          "effectiveness of the controls. We therefore express no opinion on it.",
          "In our opinion" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct value *model = with_operating(*state, cases[i].part);
        const struct value *opinion = paragraph(model, "opinion");
        const struct value *basis = paragraph(model, "basis");
        struct slice sentence = value_text(value_item(value_member(opinion, "text"), 2));
        assert_true(slice_is(value_text_of(opinion, "heading"), cases[i].heading));
        assert_true(text_has(sentence, cases[i].words));
        assert_false(text_has(sentence, cases[i].never));
        assert_int_equal(basis != NULL, cases[i].basis != NULL);
        if (basis)
            assert_true(slice_is(value_text_of(basis, "heading"), cases[i].basis));
        /* The complementary controls are a condition of it. */
        if (i != 3)
            assert_true(text_has(sentence,
                                 "if the complementary user entity controls and subservice "
                                 "organization controls assumed in the design operated"));
    }
}

static void a_full_disclaimer_cuts_back_responsibilities_and_tests(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "test/report/facts/type-2.json");
    struct value *parts = own_path(model, "section1.opinion.parts");
    struct value *recorded = value_new(w->arena, VALUE_OBJECT, &w->err);
    for (size_t i = 0; i < parts->count; i++) {
        struct value *part = parts->items[i];
        assert_true(value_put_text(w->arena, part, "variant", SLICE("disclaimer"), &w->err));
        assert_true(value_put_text(w->arena, part, "cause", SLICE("scope-limitation"), &w->err));
    }
    assert_true(
        value_put(w->arena, recorded, "opinion", own_path(model, "section1.opinion"), &w->err));
    assert_true(
        value_put(w->arena, recorded, "signature", own_path(model, "section1.signature"), &w->err));

    assert_true(report_text_section1(w->arena, model, recorded, &w->err));

    assert_null(paragraph(model, "evidence"));
    assert_null(paragraph(model, "tests-of-controls"));
    assert_non_null(paragraph(model, "inherent-limitations"));
    assert_true(
        slice_is(value_text_of(paragraph(model, "opinion"), "heading"), "Disclaimer of opinion"));
}

static void a_type_1_report_says_that_operation_was_not_examined(void **state)
{
    struct value *model = model_of(*state, "test/report/facts/type-1.json");
    const struct value *opinion = value_member(paragraph(model, "opinion"), "text");

    assert_null(paragraph(model, "tests-of-controls"));
    assert_text(
        value_member(paragraph(model, "other-matter"), "text"), 0,
        "We did not examine whether the controls operated effectively, and we express no opinion "
        "on that.");
    assert_int_equal(value_count(opinion), 2);
    assert_true(text_has(value_text(value_item(opinion, 1)), "as of 30 September 2026"));
}

static void an_opinion_that_is_not_recorded_is_not_made_up(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "test/report/facts/type-2.json");
    struct value *recorded = parsed(w, "{\"addressee\":null,\"opinion\":null,\"signature\":{}}");
    assert_true(value_put(w->arena, recorded, "opinion", NULL, &w->err) == false);

    struct value *none = parsed(w, "{\"signature\":{}}");
    assert_false(report_text_section1(w->arena, model, none, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
}

static void the_assertion_leaves_out_what_management_knows(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "test/report/facts/type-2.json");
    const struct value *list = value_path(model, "section2.paragraphs");
    const struct value *last = value_item(list, value_count(list) - 1);

    assert_true(slice_is(value_text_of(last, "heading"), "What we do not assert"));
    assert_true(text_has(value_text(value_item(value_member(last, "text"), 0)),
                         "for the operation of the controls under criterion CC2.2"));
}

static void a_readiness_report_says_that_nobody_examined_it(void **state)
{
    struct value *model = model_of(*state, "test/report/facts/readiness.json");
    assert_true(slice_is(value_text_of(model, "title"), "Readiness report"));
    assert_null(value_member(value_member(model, "section1"), "title"));
    assert_text(value_path(value_item(value_path(model, "statement.paragraphs"), 0), "text"), 0,
                "Prepared by management, not examined by an independent service auditor.");
}

/* Words */

static void reduced_wording_is_found_as_whole_words_only(void **state)
{
    static const char *const bad[] = { "The control appeared to operate.", "Generally, yes.",
                                       "It held for substantially all items.", "(mostly)" };
    static const char *const good[] = { "The disappeared key was found.", "No exceptions noted.",
                                        "The generals agreed.", "It is seemly." };
    struct slice found;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(report_text_is_reduced(slice_of(bad[i]), &found));
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_false(report_text_is_reduced(slice_of(good[i]), &found));
}

static void none_of_our_own_sentences_is_reduced(void **state)
{
    static const char *const names[] = { "test/report/facts/type-1.json",
                                         "test/report/facts/type-2.json" };
    for (size_t n = 0; n < ARRAY_LEN(names); n++) {
        const struct value *list = value_path(model_of(*state, names[n]), "section1.paragraphs");
        for (size_t i = 0; i < value_count(list); i++) {
            const struct value *text = value_member(value_item(list, i), "text");
            struct slice found;
            for (size_t t = 0; t < value_count(text); t++)
                assert_false(report_text_is_reduced(value_text(value_item(text, t)), &found));
        }
    }
}

static void a_name_from_right_to_left_does_not_turn_the_sentence(void **state)
{
    struct value *model = model_of(*state, "test/report/facts/scripts.json");
    struct slice subtitle = value_text_of(model, "subtitle");
    /* NOLINTNEXTLINE(misc-misleading-bidirectional) */
    assert_true(slice_starts_with(subtitle, SLICE("\xe2\x81\xa8\xd7\x9e"))); /* isolate, then mem */
}

/* Markdown */

static void markdown_becomes_blocks_without_markup(void **state)
{
    struct world *w = *state;
    struct value *blocks =
        report_blocks_from_markdown(w->arena,
                                    SLICE("# Head *line*\n\nOne\ntwo **three** `code` <b>raw</b> "
                                          "[link](https://example.org/x).\n\n"
                                          "- a\n- b\n  - inner\n\n1. first\n2. second\n\n```\nx = "
                                          "1\n```\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"),
                                    &w->err);
    assert_non_null(blocks);
    assert_int_equal(value_count(blocks), 6);
    assert_true(slice_is(value_text_of(value_item(blocks, 0), "heading"), "Head line"));
    assert_text(blocks, 1, "One two three code <b>raw</b> link (https://example.org/x).");
    assert_int_equal(value_count(value_member(value_item(blocks, 2), "list")), 3);
    assert_text(value_member(value_item(blocks, 3), "steps"), 1, "second");
    assert_true(slice_is(value_text_of(value_item(blocks, 4), "code"), "x = 1"));
    const struct value *table = value_member(value_item(blocks, 5), "table");
    assert_text(value_member(table, "head"), 1, "B");
    assert_text(value_item(value_member(table, "rows"), 0), 0, "1");
}

static void markdown_of_many_levels_ends(void **state)
{
    struct world *w = *state;
    struct strbuf deep = strbuf_new(1 << 20);
    for (int i = 0; i < 400; i++)
        strbuf_add_text(&deep, "> ");
    strbuf_add_text(&deep, "end\n");
    for (int i = 0; i < 200; i++) {
        for (int k = 0; k < i; k++)
            strbuf_add_text(&deep, "  ");
        strbuf_add_text(&deep, "- item\n");
    }
    assert_non_null(report_blocks_from_markdown(w->arena, strbuf_slice(&deep), &w->err));
    strbuf_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_exceptions_still_gives_the_count),
        cmocka_unit_test(a_sample_without_exceptions_names_sample_and_population),
        cmocka_unit_test(an_exception_gives_x_of_n_what_the_run_marked_cause_effect_other_controls),
        cmocka_unit_test(an_exception_in_a_sample_says_so),
        cmocka_unit_test(candidates_nobody_evaluated_are_called_so),
        cmocka_unit_test(an_empty_population_is_never_a_pass),
        cmocka_unit_test(the_opinion_is_what_was_recorded_in_every_variant),
        cmocka_unit_test(a_full_disclaimer_cuts_back_responsibilities_and_tests),
        cmocka_unit_test(a_type_1_report_says_that_operation_was_not_examined),
        cmocka_unit_test(an_opinion_that_is_not_recorded_is_not_made_up),
        cmocka_unit_test(the_assertion_leaves_out_what_management_knows),
        cmocka_unit_test(a_readiness_report_says_that_nobody_examined_it),
        cmocka_unit_test(reduced_wording_is_found_as_whole_words_only),
        cmocka_unit_test(none_of_our_own_sentences_is_reduced),
        cmocka_unit_test(a_name_from_right_to_left_does_not_turn_the_sentence),
        cmocka_unit_test(markdown_becomes_blocks_without_markup),
        cmocka_unit_test(markdown_of_many_levels_ends),
    };
    return cmocka_run_group_tests_name("report_text", tests, world_set_up, world_tear_down);
}
