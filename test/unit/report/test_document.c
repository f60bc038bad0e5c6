/* What stands between the model and its forms: how values are shown, and where links lead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "report/build.h"
#include "report/complete.h"
#include "report/direction.h"
#include "report/document_walk.h"
#include "report/qr.h"

struct world {
    struct arena *arena;
    struct error err;
    struct builder builder;
};

static int world_set_up(void **state)
{
    static struct world world;
    world = (struct world){ 0 };
    world.arena = arena_new((size_t)1 << 28, &world.err);
    world.builder =
        (struct builder){ .arena = world.arena, .err = &world.err, .path = strbuf_new(4096) };
    *state = &world;
    return world.arena ? 0 : 1;
}

static int world_tear_down(void **state)
{
    struct world *w = *state;
    strbuf_free(&w->builder.path);
    arena_free(w->arena);
    return 0;
}

static void what_acts_on_a_screen_is_shown_as_a_number(void **state)
{
    struct world *w = *state;
    /* NOLINTBEGIN(misc-misleading-bidirectional): that is what is tested */
    static const struct {
        const char *text, *shown;
    } cases[] = {
        { "plain", "plain" },
        { "a\tb\r\nc", "a b  c" },
        { "\x1b[31m", "<U+001B>[31m" },
        { "\xe2\x80\xae"
          "evil",
          "<U+202E>evil" },
        { "\xe2\x81\xa6x\xe2\x81\xa9", "<U+2066>x<U+2069>" },
        /* A closed isolate protects its surroundings; an open one does not. */
        { "\xe2\x81\xa8x\xe2\x81\xa9", "\xe2\x81\xa8x\xe2\x81\xa9" },
        { "\xe2\x81\xa8x", "<U+2068>x" },
        { "\xe2\x81\xa9x\xe2\x81\xa8", "<U+2069>x<U+2068>" },
        { "\xef\xbb\xbfx", "<U+FEFF>x" },
        { "caf\xc3\xa9", "caf\xc3\xa9" },
    };
    /* NOLINTEND(misc-misleading-bidirectional) */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_true(slice_is(build_shown(&w->builder, slice_of(cases[i].text)), cases[i].shown));
}

static void numbers_and_dates_read_as_people_write_them(void **state)
{
    struct world *w = *state;
    struct builder *b = &w->builder;
    assert_true(slice_is(build_count(b, 0), "0"));
    assert_true(slice_is(build_count(b, 999), "999"));
    assert_true(slice_is(build_count(b, 1000), "1,000"));
    assert_true(slice_is(build_count(b, 41207123), "41,207,123"));
    assert_true(slice_is(build_date(b, SLICE("2026-09-30")), "30 September 2026"));
    assert_true(slice_is(build_date(b, SLICE("2026-01-05")), "5 January 2026"));
    assert_true(slice_is(build_date(b, SLICE("2026-01-05T09:02:10.000000Z")),
                         "5 January 2026 09:02:10 UTC"));
    assert_true(slice_is(build_date(b, SLICE("2026-12-31T23:59:59.120000Z")),
                         "31 December 2026 23:59:59.12 UTC"));
    assert_true(slice_is(build_date(b, SLICE("2026-13-05")), "2026-13-05"));
    assert_true(slice_is(build_date(b, SLICE("soon")), "soon"));
    assert_true(slice_is(build_local(SLICE("tsc-2017/CC6.1")), "CC6.1"));
    assert_true(slice_is(build_short(SLICE("sha256:0123456789abcdef")), "0123456789ab"));
}

static void an_anchor_holds_only_what_every_form_allows(void **state)
{
    struct world *w = *state;
    assert_string_equal(build_anchor(&w->builder, "criterion", SLICE("tsc-2017/CC6.1"), SLICE("")),
                        "criterion-tsc-2017-CC6.1");
    assert_string_equal(build_anchor(&w->builder, "x", SLICE("a b\"<\xc3\xa9>"), SLICE("v1")),
                        "x-a-b------v1");
}

struct seen {
    const char *names[4096];
    size_t count;
};

static void see_mark(struct document_walk *walk, struct mark *mark)
{
    struct seen *seen = walk->context;
    for (size_t i = 0; i < seen->count; i++)
        assert_string_not_equal(seen->names[i], mark->anchor);
    assert_true(seen->count < ARRAY_LEN(seen->names));
    seen->names[seen->count++] = mark->anchor;
}

static void see_target(struct document_walk *walk, struct run *run)
{
    struct seen *seen = walk->context;
    if (!run->target)
        return;
    for (size_t i = 0; i < seen->count; i++)
        if (!strcmp(seen->names[i], run->target))
            return;
    fail_msg("a link leads to %s, which is nowhere", run->target);
}

static void every_anchor_is_unique_and_every_link_leads_somewhere(void **state)
{
    static const char *const names[] = { "test/report/facts/type-1.json",
                                         "test/report/facts/type-2.json",
                                         "test/report/facts/readiness.json" };
    static struct seen seen;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct world *w = *state;
        struct value *model = facts_complete(w->arena, names[i], &w->err);
        struct document *document = document_of(w->arena, model, &w->err);
        assert_non_null(document);
        seen.count = 0;
        struct document_walk marks = { .on_mark = see_mark, .context = &seen };
        struct document_walk links = { .on_run = see_target, .context = &seen };
        document_walk(&marks, document);
        document_walk(&links, document);
        assert_true(seen.count > 40);
    }
}

static void links_into_an_appendix_that_is_off_become_text(void **state)
{
    struct world *w = *state;
    static struct seen seen;
    struct value *model = facts_complete(w->arena, "test/report/facts/type-2.json", &w->err);
    assert_non_null(model);
    assert_true(value_put(w->arena, own_member(model, "appendices"), "tests",
                          value_new(w->arena, VALUE_NULL, &w->err), &w->err));
    struct document *document = document_of(w->arena, model, &w->err);
    assert_non_null(document);
    struct document_walk marks = { .on_mark = see_mark, .context = &seen };
    struct document_walk links = { .on_run = see_target, .context = &seen };
    seen.count = 0;
    document_walk(&marks, document);
    document_walk(&links, document);
}

static void a_section_names_who_wrote_it(void **state)
{
    struct world *w = *state;
    struct value *model = facts_complete(w->arena, "test/report/facts/type-2.json", &w->err);
    const struct document *document = document_of(w->arena, model, &w->err);
    size_t found = 0;
    for (const struct section *s = document->first; s; s = s->next) {
        if (slice_starts_with(s->title, SLICE("Section 1")))
            found += slice_is(s->author, "Provided by the service auditor");
        if (slice_starts_with(s->title, SLICE("Section 2")))
            found += slice_is(s->author, "Provided by management");
        if (slice_starts_with(s->title, SLICE("Section 5")))
            found += slice_is(s->author, "Provided by management, not examined");
        if (slice_starts_with(s->title, SLICE("Section 4")))
            found += s->is_landscape;
    }
    assert_int_equal(found, 4);
    assert_true(slice_is(document->banner, "SPECIMEN"));
}

static void a_qr_symbol_has_its_three_corners(void **state)
{
    struct world *w = *state;
    struct qr qr;
    assert_true(qr_encode(w->arena, SLICE("sha256:00\nledger.example\n1\nAA==\n"), &qr, &w->err));
    assert_true(qr.width >= 21);
    /* Finder patterns: dark corners with a light ring inside. */
    size_t far = qr.width - 1;
    assert_int_equal(qr.dark[0], 1);
    assert_int_equal(qr.dark[far], 1);
    assert_int_equal(qr.dark[far * qr.width], 1);
    assert_int_equal(qr.dark[qr.width + 1], 0);
    assert_int_equal(qr.dark[3 * qr.width + 3], 1);

    assert_false(qr_encode(w->arena, SLICE(""), &qr, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
}

static void isolates_are_told_from_overrides(void **state)
{
    (void)state;
    assert_true(text_has_right_to_left(SLICE("abc \xd7\x90")));
    assert_false(text_has_right_to_left(SLICE("abc \xce\xb1\xd0\xb0")));
    assert_true(text_isolates_are_balanced(SLICE("none")));
    /* NOLINTNEXTLINE(misc-misleading-bidirectional) */
    assert_false(text_isolates_are_balanced(SLICE("\xe2\x81\xa9\xe2\x81\xa8")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_acts_on_a_screen_is_shown_as_a_number),
        cmocka_unit_test(numbers_and_dates_read_as_people_write_them),
        cmocka_unit_test(an_anchor_holds_only_what_every_form_allows),
        cmocka_unit_test(every_anchor_is_unique_and_every_link_leads_somewhere),
        cmocka_unit_test(links_into_an_appendix_that_is_off_become_text),
        cmocka_unit_test(a_section_names_who_wrote_it),
        cmocka_unit_test(a_qr_symbol_has_its_three_corners),
        cmocka_unit_test(isolates_are_told_from_overrides),
    };
    return cmocka_run_group_tests_name("report_document", tests, world_set_up, world_tear_down);
}
