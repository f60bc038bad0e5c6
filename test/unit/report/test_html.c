/* HTML: nothing gets out of its place, and nothing of the model is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "report/build.h"
#include "report/complete.h"
#include "report/html.h"
#include "report/report.h"

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

static void texts_and_values_cannot_become_markup(void **state)
{
    struct strbuf out = strbuf_new(4096);
    struct html html = html_new(&out);
    (void)state;
    html_open(&html, "p");
    html_attribute(&html, "title", SLICE("\"><script>&'"));
    html_text(&html, SLICE("</p><script>alert(\"x\")</script>&amp;"));
    html_open(&html, "b");
    html_close(&html);
    html_close(&html);
    assert_string_equal(out.at,
                        "<p title=\"&quot;&gt;&lt;script&gt;&amp;&#39;\">"
                        "&lt;/p&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;"
                        "<b></b></p>");
    assert_int_equal(html.depth, 0);
    strbuf_free(&out);
}

/* The text of an HTML file without its tags and with its five references read back. */
static void text_of(struct slice html, struct strbuf *out)
{
    static const struct {
        const char *reference, *text;
    } references[] = {
        { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" }, { "&amp;", "&" }
    };
    bool in_tag = false;
    for (size_t i = 0; i < html.len; i++) {
        if (html.at[i] == '<')
            in_tag = true;
        bool is_done = false;
        for (size_t r = 0; !in_tag && html.at[i] == '&' && r < ARRAY_LEN(references); r++) {
            size_t len = strlen(references[r].reference);
            if (!is_done && html.len - i >= len &&
                memcmp(html.at + i, references[r].reference, len) == 0) {
                strbuf_add_text(out, references[r].text);
                i += len - 1;
                is_done = true;
            }
        }
        if (!in_tag && !is_done)
            strbuf_add_char(out, html.at[i]);
        if (html.at[i] == '>' && in_tag)
            in_tag = false;
    }
}

/* Members that are shown in another shape, or that say where something belongs and not what is so.
 */
static bool is_shown_as_it_stands(struct slice name)
{
    static const char *const others[] = {
        "schema",  "kind",        "status",    "language",  "categories",   "part",
        "variant", "cause",       "method",    "nature",    "extent",       "result",
        "class",   "design",      "operating", "from",      "to",           "as_of",
        "date",    "report_date", "criteria",  "qualifies", "performed_at", "committed_at",
        "name",    "digest",      "run",       "id",        "opinion",      "root",
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (slice_is(name, others[i]))
            return false;
    return true;
}

struct hunt {
    struct world *w;
    struct builder builder;
    const char *text;
    size_t found;
};

static void hunt_in(struct hunt *hunt, const struct value *value)
{
    for (size_t i = 0; value->type == VALUE_ARRAY && i < value->count; i++)
        hunt_in(hunt, value->items[i]);
    for (size_t i = 0; value->type == VALUE_OBJECT && i < value->count; i++)
        if (is_shown_as_it_stands(value->members[i].name))
            hunt_in(hunt, value->members[i].value);
    if (value->type != VALUE_STRING || value->text.len == 0)
        return;
    const char *shown = build_string(&hunt->builder, build_shown(&hunt->builder, value->text));
    if (!strstr(hunt->text, shown))
        fail_msg("the HTML has lost: %s", shown);
    hunt->found++;
}

static void every_text_of_the_model_is_in_the_html(void **state)
{
    static const char *const names[] = { "test/report/facts/type-1.json",
                                         "test/report/facts/type-2.json",
                                         "test/report/facts/readiness.json",
                                         "test/report/facts/scripts.json" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct world *w = *state;
        struct strbuf html = strbuf_new((size_t)1 << 26), text = strbuf_new((size_t)1 << 26);
        struct value *model = facts_complete(w->arena, names[i], &w->err);
        assert_non_null(model);
        assert_true(report_html(model, &html, &w->err));
        text_of(strbuf_slice(&html), &text);
        struct hunt hunt = { .w = w, .text = text.at };
        hunt.builder =
            (struct builder){ .arena = w->arena, .err = &w->err, .path = strbuf_new(4096) };
        hunt_in(&hunt, model);
        assert_true(hunt.found > 150);
        strbuf_free(&hunt.builder.path);
        strbuf_free(&html);
        strbuf_free(&text);
    }
}

static void a_model_that_is_not_fit_is_not_rendered(void **state)
{
    struct world *w = *state;
    struct strbuf html = strbuf_new((size_t)1 << 26);
    struct value *model = facts_complete(w->arena, "test/report/facts/type-2.json", &w->err);
    assert_true(value_put_text(w->arena, model, "title", SLICE("Readiness report"), &w->err));
    assert_false(report_html(model, &html, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(w->err.where, "title");
    assert_int_equal(html.len, 0);
    strbuf_free(&html);
}

static void a_full_buffer_is_an_error(void **state)
{
    struct world *w = *state;
    struct strbuf html = strbuf_new(1000);
    struct value *model = facts_complete(w->arena, "test/report/facts/type-1.json", &w->err);
    assert_false(report_html(model, &html, &w->err));
    assert_int_equal(w->err.code, ERROR_NO_MEMORY);
    strbuf_free(&html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_values_cannot_become_markup),
        cmocka_unit_test(every_text_of_the_model_is_in_the_html),
        cmocka_unit_test(a_model_that_is_not_fit_is_not_rendered),
        cmocka_unit_test(a_full_buffer_is_an_error),
    };
    return cmocka_run_group_tests_name("report_html", tests, world_set_up, world_tear_down);
}
