/* Section 4: criteria in scope, the controls that serve them, and what was concluded. */
#include <stdlib.h>

#include "report/compose_private.h"
#include "report/text.h"

enum { CONTROLS_MAX = 2000, CONCLUSIONS_MAX = 2000 };

struct control {
    const struct resource_version *version;
    const struct value *document;
    bool is_printed; /* with its tests, in an earlier band */
};
struct section {
    struct composer *c;
    struct control *controls;
    size_t controls_count;
    struct resource_list tests;
    const struct value **test_documents;
    struct compose_found *conclusions;
    size_t conclusions_count;
};

static bool names(const struct value *list, struct slice name)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(value_item(list, i)), name))
            return true;
    return false;
}

static void read_all(struct section *s)
{
    struct composer *c = s->c;
    struct resource_list controls = compose_list(c, "Control");
    s->tests = compose_list(c, "Test");
    size_t most = controls.count + s->tests.count + CONCLUSIONS_MAX;
    s->controls = arena_array(c->arena, most, sizeof *s->controls, c->err);
    s->test_documents = arena_array(c->arena, most, sizeof *s->test_documents, c->err);
    s->conclusions = arena_array(c->arena, CONCLUSIONS_MAX, sizeof *s->conclusions, c->err);
    if (!s->controls || !s->test_documents || !s->conclusions) {
        c->failed = true;
        return;
    }
    s->controls_count = controls.count;
    for (size_t i = 0; i < controls.count; i++)
        s->controls[i] = (struct control){ &controls.items[i],
                                           compose_parse(c, controls.items[i].document), false };
    for (size_t i = 0; i < s->tests.count; i++)
        s->test_documents[i] = compose_parse(c, s->tests.items[i].document);
    s->conclusions_count =
        compose_of_engagement(c, "CriterionConclusion", s->conclusions, CONCLUSIONS_MAX);
}

static void put_control(struct section *s, struct value *rows, struct control *control)
{
    struct composer *c = s->c;
    struct value *row = compose_item(c, rows);
    struct value *item = compose_object(c, row, "control");
    compose_text(c, item, "id", compose_id(control->version->name));
    compose_number(c, item, "version", (int64_t)control->version->version);
    compose_copy(c, item, "title", control->document, "title");
    compose_copy(c, item, "statement", control->document, "statement");
    /* Its document must be in the bundle whatever rests on an earlier version. */
    compose_rests_on(c, &control->version->leaf);
    compose_bool(c, row, "first_here", !control->is_printed);
    struct value *tests = compose_array(c, row, "tests");
    bool has_tests = !control->is_printed && (c->engagement.is_type_2 || !c->opinion);
    for (size_t i = 0; has_tests && i < s->tests.count; i++)
        if (slice_equal(value_text_of(s->test_documents[i], "control"), control->version->name))
            compose_test(c, tests, &s->tests.items[i]);
    control->is_printed = true;
}

/* The conclusion the opinion rests on; none in a readiness report. */
static void put_conclusion(struct section *s, struct value *band, const struct criterion *criterion)
{
    struct composer *c = s->c;
    for (size_t i = 0; c->opinion && i < s->conclusions_count; i++) {
        const struct compose_found *found = &s->conclusions[i];
        if (!slice_equal(value_text_of(found->document, "criterion"), criterion->name) ||
            !names(value_member(c->opinion, "conclusions"), found->version->name))
            continue;
        struct value *item = compose_object(c, band, "conclusion");
        compose_copy(c, item, "design", found->document, "design");
        compose_copy(c, item, "operating", found->document, "operating");
        compose_paragraphs(c, item, "text", value_text_of(found->document, "basis"));
        return;
    }
    compose_null(c, band, "conclusion");
}

static void put_band(struct section *s, struct value *bands, const struct criterion *criterion)
{
    struct composer *c = s->c;
    struct value *band = compose_item(c, bands);
    struct value *item = compose_object(c, band, "criterion");
    compose_text(c, item, "id", criterion->name);
    compose_text(c, item, "title", criterion->title);
    compose_optional(c, item, "text", criterion->text);
    struct value *rows = compose_array(c, band, "rows");
    for (size_t i = 0; !c->failed && i < s->controls_count; i++)
        if (names(value_member(s->controls[i].document, "criteria"), criterion->name))
            put_control(s, rows, &s->controls[i]);
    put_conclusion(s, band, criterion);
}

void compose_section4(struct composer *c)
{
    struct section s = { .c = c };
    struct slice name = value_text(value_path(c->model, "catalog.id"));
    const struct edition *edition = catalogue_edition(c->catalogue, name);
    struct value *section = compose_object(c, c->model, "section4");
    compose_text(c, section, "title",
                 c->engagement.is_type_2 || !c->opinion
                     ? SLICE("Trust services criteria, controls, tests of controls and results")
                     : SLICE("Trust services criteria and controls"));
    struct value *bands = compose_array(c, section, "bands");
    read_all(&s);
    for (size_t i = 0; edition && !c->failed && i < edition->count; i++)
        if (engagement_asks(c->engagement.document, &edition->criteria[i]))
            put_band(&s, bands, &edition->criteria[i]);
    if (!c->failed && !report_text_section4(c->arena, c->model, c->err))
        c->failed = true;
}
