/* PDF: the wrapping of a page's operators, and files of unusual reports. What other people's tools
 * say of the files is in test/report/check-files.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "report/complete.h"
#include "report/pdf.h"
#include "report/text.h"

struct world {
    struct arena *arena;
    struct error err;
};

static int world_set_up(void **state)
{
    static struct world world;
    world = (struct world){ 0 };
    world.arena = arena_new((size_t)1 << 30, &world.err);
    *state = &world;
    return world.arena ? 0 : 1;
}

static int world_tear_down(void **state)
{
    struct world *w = *state;
    arena_free(w->arena);
    return 0;
}

/* Operators */

static void assert_wrapped(const char *content, unsigned count, const char *wanted)
{
    struct error err = { 0 };
    struct strbuf out = strbuf_new(1 << 16);
    assert_true(content_wrap(slice_of(content), count, &out, &err));
    /* Line feeds part operators; how many there are says nothing. */
    size_t kept = 0;
    for (size_t i = 0; i < out.len; i++)
        if (out.at[i] != '\n' || (kept > 0 && out.at[kept - 1] != '\n'))
            out.at[kept++] = out.at[i];
    out.at[kept] = '\0';
    assert_string_equal(out.at, wanted);
    strbuf_free(&out);
}

static void ink_outside_marked_content_becomes_an_artifact(void **state)
{
    (void)state;
    assert_wrapped(
        "q\nBT (head) Tj ET\n/P <</MCID 0>> BDC\nBT (body) Tj ET\nEMC\n0 0 1 1 re f\nQ\n", 1,
        "q\n/Artifact BMC\nBT (head) Tj ET\nEMC\n/P <</MCID 0>> BDC\nBT (body) Tj ET\nEMC\n"
        "/Artifact BMC\n0 0 1 1 re f\nEMC\nQ\n");
}

static void content_within_content_stays_where_it_is(void **state)
{
    (void)state;
    assert_wrapped(
        "/P <</MCID 0>> BDC BT /Span <</ActualText <feff0041>>> BDC (a) Tj EMC ET EMC\n", 1,
        "/P <</MCID 0>> BDC BT /Span <</ActualText <feff0041>>> BDC (a) Tj EMC ET EMC\n");
}

static void empty_content_within_content_is_dropped(void **state)
{
    (void)state;
    assert_wrapped(
        "/P <</MCID 0>> BDC BT (a) Tj /Span <</ActualText <feff0020>>> BDC EMC (b) Tj ET EMC\n", 1,
        "/P <</MCID 0>> BDC BT (a) Tj (b) Tj ET EMC\n");
}

static void operators_in_strings_are_not_operators(void **state)
{
    (void)state;
    assert_wrapped("BT (EMC \\) (re) BT) Tj <454d43> Tj ET % Q EMC\n", 0,
                   "/Artifact BMC\nBT (EMC \\) (re) BT) Tj <454d43> Tj ET\nEMC\n % Q EMC\n");
}

static void a_page_that_is_not_as_drawn_is_refused(void **state)
{
    static const struct {
        const char *content;
        unsigned count;
    } cases[] = {
        { "/P <</MCID 0>> BDC BT ET EMC", 2 },
        { "/P <</MCID 0>> BDC BT ET", 1 },
        { "EMC", 0 },
        { "BT (open", 0 },
        { "BI ID x EI", 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = { 0 };
        struct strbuf out = strbuf_new(1 << 16);
        assert_false(content_wrap(slice_of(cases[i].content), cases[i].count, &out, &err));
        assert_int_equal(err.code, ERROR_CORRUPT);
        strbuf_free(&out);
    }
}

/* Files */

static struct value *model_of(struct world *w, const char *name)
{
    struct value *model = facts_complete(w->arena, name, &w->err);
    if (!model)
        print_error("%s: %s\n", w->err.where, w->err.message);
    assert_non_null(model);
    return model;
}

static void assert_pdf(struct world *w, const struct value *model)
{
    struct strbuf pdf = strbuf_new((size_t)1 << 28);
    bool ok = report_pdf(model, NULL, &pdf, &w->err);
    if (!ok)
        print_error("%s: %s\n", w->err.where, w->err.message);
    assert_true(ok);
    assert_true(slice_starts_with(strbuf_slice(&pdf), SLICE("%PDF-1.7")));
    strbuf_free(&pdf);
}

static struct value *repeated(struct world *w, const char *word, size_t times)
{
    struct strbuf text = strbuf_new((size_t)1 << 24);
    for (size_t i = 0; i < times; i++)
        strbuf_add_text(&text, word);
    struct value *value = value_new_text(w->arena, strbuf_slice(&text), &w->err);
    strbuf_free(&text);
    assert_non_null(value);
    return value;
}

/* Cells that no page can hold: the row is cut, the cell beside it goes on. */
static void texts_longer_than_a_page_are_cut(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "test/report/facts/type-2.json");
    struct value *row = own_path(model, "section4.bands.1.rows.1");
    assert_true(value_put(w->arena, own_member(row, "control"), "statement",
                          repeated(w, "Every change is approved by someone else. ", 400), &w->err));
    assert_true(value_put(w->arena, own_path(row, "tests.0"), "procedure",
                          repeated(w, "Recomputed for every change. ", 900), &w->err));
    assert_true(value_put(w->arena, own_path(model, "section4.bands.0.criterion"), "text",
                          repeated(w, "A criterion of many words. ", 60), &w->err));
    assert_pdf(w, model);
}

static void words_without_a_place_to_break_are_broken(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "test/report/facts/type-1.json");
    assert_true(value_put(w->arena, own_path(model, "section4.bands.0.rows.0.control"), "title",
                          repeated(w, "abcdefghij", 300), &w->err));
    assert_true(value_put(w->arena, own_member(model, "organization"), "name",
                          repeated(w, "Wide", 60), &w->err));
    /* Pages of one word: seconds, not minutes. */
    assert_true(value_put(w->arena, own_path(model, "section4.bands.0.rows.0.control"), "statement",
                          repeated(w, "abcdefghij", 20000), &w->err));
    assert_pdf(w, model);
}

static void a_report_with_little_in_it_is_a_report(void **state)
{
    struct world *w = *state;
    struct value *model = model_of(w, "test/report/facts/readiness.json");
    struct value *bands = own_path(model, "section4.bands");
    bands->count = 1;
    own_path(model, "section4.bands.0.rows")->count = 0;
    own_path(model, "section3.cuecs")->count = 0;
    own_path(model, "section3.subservice")->count = 0;
    assert_true(
        value_put(w->arena, model, "section5", value_new(w->arena, VALUE_NULL, &w->err), &w->err));
    assert_true(value_put(w->arena, own_member(model, "appendices"), "populations",
                          value_new(w->arena, VALUE_NULL, &w->err), &w->err));
    assert_true(value_put(w->arena, own_member(model, "appendices"), "tests",
                          value_new(w->arena, VALUE_NULL, &w->err), &w->err));
    assert_pdf(w, model);
}

static void a_full_buffer_is_an_error(void **state)
{
    struct world *w = *state;
    struct strbuf pdf = strbuf_new(20000);
    struct value *model = model_of(w, "test/report/facts/type-1.json");
    assert_false(report_pdf(model, NULL, &pdf, &w->err));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    strbuf_free(&pdf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ink_outside_marked_content_becomes_an_artifact),
        cmocka_unit_test(content_within_content_stays_where_it_is),
        cmocka_unit_test(empty_content_within_content_is_dropped),
        cmocka_unit_test(operators_in_strings_are_not_operators),
        cmocka_unit_test(a_page_that_is_not_as_drawn_is_refused),
        cmocka_unit_test(texts_longer_than_a_page_are_cut),
        cmocka_unit_test(words_without_a_place_to_break_are_broken),
        cmocka_unit_test(a_report_with_little_in_it_is_a_report),
        cmocka_unit_test(a_full_buffer_is_an_error),
    };
    return cmocka_run_group_tests_name("report_pdf", tests, world_set_up, world_tear_down);
}
