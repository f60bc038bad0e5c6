/* Section 4: one table for each criterion, the criterion as a band across it. */
#include "report/build.h"

/* More exceptions than these stand in appendix B; section 4 then gives the count and the way there.
 */
enum { EXCEPTIONS_IN_PLACE = 8 };

static struct slice nature_title(struct slice nature)
{
    static const struct {
        const char *id, *title;
    } natures[] = { { "inquiry", "Inquired. " },
                    { "observation", "Observed. " },
                    { "inspection", "Inspected. " },
                    { "reperformance", "Reperformed. " } };
    for (size_t i = 0; i < ARRAY_LEN(natures); i++)
        if (slice_is(nature, natures[i].id))
            return slice_of(natures[i].title);
    return nature;
}

static struct slice result_title(struct slice result)
{
    if (slice_is(result, "no-exceptions"))
        return SLICE("No exceptions noted");
    if (slice_is(result, "exceptions"))
        return SLICE("Exception noted");
    return SLICE("Not tested: the control did not operate");
}

static bool has_exceptions(const struct value *test)
{
    return slice_is(value_text_of(test, "result"), "exceptions");
}

static const char *test_anchor(struct builder *b, const char *prefix, const struct value *test)
{
    return build_anchor(b, prefix, value_text_of(test, "id"),
                        build_short(value_text_of(test, "run")));
}

static const char *control_anchor(struct builder *b, const struct value *control)
{
    return build_anchor(b, "control", value_text_of(control, "id"),
                        build_printf(b, "v%.*s", SLICE_ARG(build_count_of(b, control, "version"))));
}

static void attribute_item(struct builder *b, struct block *list, const struct value *attribute)
{
    static const struct {
        const char *name, *label;
    } counts[] = { { "holds", " held" }, { "fails", " failed" }, { "undecided", " undecided" } };
    struct list_item *item = build_item(b, list);
    struct block *text = build_text(b, item ? &item->blocks : NULL, TEXT_BODY);
    struct runs *runs = text ? &text->runs : NULL;
    if (item)
        item->label = value_text_of(attribute, "id"); /* letters and digits: the schema */
    build_field(b, runs, attribute, "title", 0);
    bool is_first = true;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        int64_t number = 0;
        if (!value_to_i64(value_member(attribute, counts[i].name), &number) ||
            (number == 0 && i > 0))
            continue;
        build_label(b, runs, is_first ? ": " : ", ", RUN_QUIET);
        size_t mark = build_enter(b, counts[i].name);
        build_words(b, runs, build_count(b, number), i > 0 ? RUN_BOLD : RUN_QUIET);
        build_leave(b, mark);
        build_label(b, runs, counts[i].label, i > 0 ? RUN_BOLD : RUN_QUIET);
        is_first = false;
    }
}

/* What the row stands on: test version, population count and digest. */
static void test_sources(struct builder *b, struct runs *runs, const struct value *test)
{
    const struct value *population = value_member(test, "population");
    const struct value *sample = value_member(test, "sample");
    struct slice name = value_text_of(population, "name");
    struct run *run = build_field(b, runs, test, "id", RUN_MONO | RUN_SMALL);
    if (run)
        run->target = test_anchor(b, "definition", test);
    build_words(b, runs, build_printf(b, " v%.*s", SLICE_ARG(build_count_of(b, test, "version"))),
                RUN_MONO | RUN_SMALL);
    size_t mark = build_enter(b, "population");
    build_label(b, runs, " \xc2\xb7 population ", RUN_QUIET | RUN_SMALL);
    run = build_words(b, runs, build_short(name), RUN_MONO | RUN_SMALL);
    if (run)
        run->target = build_anchor(b, "population", build_short(name), SLICE(""));
    build_label(b, runs, ", ", RUN_QUIET | RUN_SMALL);
    build_words(b, runs, build_count_of(b, population, "items"), RUN_SMALL);
    build_label(b, runs, " ", RUN_SMALL);
    build_field(b, runs, population, "type", RUN_SMALL);
    build_leave(b, mark);
    if (value_count(sample) > 0) {
        mark = build_enter(b, "sample");
        build_label(b, runs, " \xc2\xb7 sample of ", RUN_QUIET | RUN_SMALL);
        build_words(b, runs, build_count_of(b, sample, "size"), RUN_SMALL);
        build_leave(b, mark);
    }
    mark = build_enter(b, "period");
    build_label(b, runs, " \xc2\xb7 ", RUN_QUIET | RUN_SMALL);
    build_words(b, runs, build_period(b, value_member(test, "period")), RUN_SMALL);
    build_leave(b, mark);
    mark = build_enter(b, "population.digest");
    build_label(b, runs, " \xc2\xb7 digest ", RUN_QUIET | RUN_SMALL);
    build_words(b, runs, build_short(value_text_of(population, "digest")), RUN_MONO | RUN_SMALL);
    build_leave(b, mark);
}

static void test_cell(struct builder *b, struct cell *cell, const struct value *test)
{
    const struct value *attributes = value_member(test, "attributes");
    struct block *text = build_text(b, &cell->blocks, TEXT_BODY);
    struct runs *runs = text ? &text->runs : NULL;
    if (text)
        text->mark.anchor = test_anchor(b, "test", test);
    size_t mark = build_enter(b, "nature");
    build_words(b, runs, nature_title(value_text_of(test, "nature")), RUN_BOLD);
    build_leave(b, mark);
    build_field(b, runs, test, "procedure", 0);
    struct block *list = build_block(b, &cell->blocks, BLOCK_LIST);
    for (size_t i = 0; i < value_count(attributes); i++) {
        mark = build_enter_item(b, "attributes", i);
        attribute_item(b, list, value_item(attributes, i));
        build_leave(b, mark);
    }
    text = build_text(b, &cell->blocks, TEXT_NOTE);
    test_sources(b, text ? &text->runs : NULL, test);
}

static void exception_item(struct builder *b, struct block *list, const struct value *exception)
{
    const struct value *key = value_member(exception, "key");
    const struct value *attributes = value_member(exception, "attributes");
    struct list_item *item = build_item(b, list);
    struct block *text = build_text(b, item ? &item->blocks : NULL, TEXT_BODY);
    struct runs *runs = text ? &text->runs : NULL;
    for (size_t i = 0; i < value_count(key); i++) {
        size_t mark = build_enter_item(b, "key", i);
        const struct value *part = value_item(key, i);
        if (i > 0)
            build_label(b, runs, " / ", 0);
        if (part->type == VALUE_STRING)
            build_value(b, runs, part, RUN_BOLD);
        else
            build_label(b, runs, "(none)", RUN_BOLD);
        build_leave(b, mark);
    }
    build_label(b, runs, " ", 0);
    for (size_t i = 0; i < value_count(attributes); i++) {
        size_t mark = build_enter_item(b, "attributes", i);
        build_label(b, runs, i > 0 ? ", " : "(", RUN_QUIET);
        build_value(b, runs, value_item(attributes, i), RUN_QUIET);
        build_leave(b, mark);
    }
    build_label(b, runs, value_count(attributes) > 0 ? ")" : "", RUN_QUIET);
    struct slice class = value_text_of(exception, "class");
    if (value_text_of(exception, "why").len > 0) {
        build_label(b, runs, ": ", 0);
        build_field(b, runs, exception, "why", 0);
    }
    if (class.len > 0) {
        build_label(b, runs, ". ", 0);
        build_words(b, runs, build_class(class), RUN_ITALIC);
    }
    if (value_text_of(exception, "reason").len > 0) {
        build_label(b, runs, class.len > 0 ? ": " : ". ", 0);
        build_field(b, runs, exception, "reason", 0);
    }
}

static void exceptions_in_place(struct builder *b, struct cell *cell, const struct value *test)
{
    const struct value *exceptions = value_member(test, "exceptions");
    size_t count = value_count(exceptions);
    bool is_elsewhere =
        count > EXCEPTIONS_IN_PLACE && value_count(value_path(b->model, "appendices.tests")) > 0;
    if (count == 0)
        return;
    if (is_elsewhere) {
        const char *anchor = test_anchor(b, "definition", test);
        struct block *text = build_text(b, &cell->blocks, TEXT_BODY);
        struct runs *runs = text ? &text->runs : NULL;
        struct run *run = build_label(b, runs, "Listed item by item in appendix B", 0);
        if (run)
            run->target = anchor;
        build_page(b, runs, ", page ", anchor, 0);
        return;
    }
    struct block *list = build_block(b, &cell->blocks, BLOCK_LIST);
    for (size_t i = 0; i < count; i++) {
        size_t mark = build_enter_item(b, "exceptions", i);
        exception_item(b, list, value_item(exceptions, i));
        build_leave(b, mark);
    }
}

static void result_cell(struct builder *b, struct cell *cell, const struct value *test)
{
    const struct value *texts = value_member(test, "result_text");
    const struct value *response = value_member(test, "response");
    struct slice limit = value_text_of(value_member(test, "sample"), "limit");
    struct block *text;
    for (size_t i = 0; i < value_count(texts); i++) {
        size_t mark = build_enter_item(b, "result_text", i);
        unsigned style = i > 0 ? 0 : has_exceptions(test) ? RUN_BOLD | RUN_ALERT : RUN_BOLD;
        text = build_text(b, &cell->blocks, TEXT_BODY);
        build_value(b, text ? &text->runs : NULL, value_item(texts, i), style);
        build_leave(b, mark);
    }
    exceptions_in_place(b, cell, test);
    if (limit.len > 0) {
        size_t mark = build_enter(b, "sample");
        text = build_text(b, &cell->blocks, TEXT_BODY);
        build_field(b, text ? &text->runs : NULL, value_member(test, "sample"), "limit", 0);
        build_leave(b, mark);
    }
    text = build_text(b, &cell->blocks, TEXT_NOTE);
    struct runs *runs = text ? &text->runs : NULL;
    build_label(b, runs, "run ", RUN_QUIET | RUN_SMALL);
    size_t mark = build_enter(b, "run");
    struct run *run =
        build_words(b, runs, build_short(value_text_of(test, "run")), RUN_MONO | RUN_SMALL);
    if (run)
        run->target = test_anchor(b, "definition", test);
    build_leave(b, mark);
    if (value_count(response) == 0)
        return;
    text = build_text(b, &cell->blocks, TEXT_BODY);
    runs = text ? &text->runs : NULL;
    build_label(b, runs, "Management\xe2\x80\x99s response (not examined)", RUN_BOLD | RUN_ITALIC);
    mark = build_enter(b, "response");
    if (value_text_of(response, "by").len > 0) {
        build_label(b, runs, ", ", RUN_ITALIC);
        build_field(b, runs, response, "by", RUN_ITALIC);
    }
    (void)build_enter(b, "text");
    build_blocks(b, &cell->blocks, value_member(response, "text"), 4, true);
    build_leave(b, mark);
}

static void control_cell(struct builder *b, struct cell *cell, const struct value *control,
                         bool is_whole)
{
    size_t mark = build_enter(b, "control");
    struct block *text = build_text(b, &cell->blocks, TEXT_BODY);
    struct runs *runs = text ? &text->runs : NULL;
    cell->is_head = true;
    build_field(b, runs, control, "id", RUN_BOLD);
    build_label(b, runs, "  ", 0);
    build_field(b, runs, control, "title", RUN_BOLD);
    if (is_whole) {
        text = build_text(b, &cell->blocks, TEXT_BODY);
        build_field(b, text ? &text->runs : NULL, control, "statement", 0);
    }
    text = build_text(b, &cell->blocks, TEXT_NOTE);
    build_words(b, text ? &text->runs : NULL,
                build_printf(b, "version %.*s", SLICE_ARG(build_count_of(b, control, "version"))),
                RUN_QUIET | RUN_SMALL);
    build_leave(b, mark);
}

/* A control that another band has tested: where, and how each test came out. */
static void pointer_cells(struct builder *b, struct row *row, const struct value *control)
{
    const char *anchor = control_anchor(b, control);
    const struct value *bands = value_path(b->model, "section4.bands");
    struct slice id = value_text_of(control, "id");
    int64_t version = 0, other_version = 0;
    (void)value_to_i64(value_member(control, "version"), &version);
    for (size_t i = 0; i < value_count(bands); i++) {
        const struct value *band = value_item(bands, i);
        const struct value *rows = value_member(band, "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *other = value_item(rows, r);
            const struct value *other_control = value_member(other, "control");
            if (!value_is_true(value_member(other, "first_here")) ||
                !slice_equal(value_text_of(other_control, "id"), id) ||
                !value_to_i64(value_member(other_control, "version"), &other_version) ||
                version != other_version)
                continue;
            struct runs *runs = build_cell(b, row, 1);
            struct slice criterion = value_text_of(value_member(band, "criterion"), "id");
            struct run *run = build_words(
                b, runs, build_printf(b, "Set out under %.*s", SLICE_ARG(build_local(criterion))),
                0);
            if (run)
                run->target = anchor;
            build_page(b, runs, ", page ", anchor, 0);
            const struct value *tests = value_member(other, "tests");
            for (size_t t = 0; row && t < value_count(tests); t++) {
                const struct value *test = value_item(tests, t);
                runs = build_cell(b, row, 2);
                build_words(b, runs, value_text_of(test, "id"), 0);
                build_label(b, runs, ": ", 0);
                build_words(b, runs, result_title(value_text_of(test, "result")),
                            has_exceptions(test) ? RUN_BOLD | RUN_ALERT : 0);
            }
            return;
        }
    }
}

static void band_row(struct builder *b, struct table *table, const struct value *item)
{
    const struct value *control = value_member(item, "control");
    const struct value *tests = value_member(item, "tests");
    bool is_first_here = value_is_true(value_member(item, "first_here"));
    struct row *row = build_row(b, table);
    if (!row)
        return;
    row->starts_group = true;
    row->continued = value_text_of(control, "id");
    row->cells[0].rows_spanned = value_count(tests) > 1 ? (unsigned)value_count(tests) : 1;
    control_cell(b, &row->cells[0], control, is_first_here);
    if (!is_first_here) {
        pointer_cells(b, row, control);
        return;
    }
    row->mark.anchor = control_anchor(b, control);
    row->mark.outline_level = 3;
    row->mark.title =
        build_shown(b, build_printf(b, "%.*s  %.*s", SLICE_ARG(value_text_of(control, "id")),
                                    SLICE_ARG(value_text_of(control, "title"))));
    if (value_count(tests) == 0)
        build_label(b, build_cell(b, row, 1), "No test", RUN_QUIET);
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        size_t mark = build_enter_item(b, "tests", i);
        if (i > 0) {
            row = build_row(b, table);
            if (!row)
                return;
            row->cells[0].rows_spanned = 0;
            row->continued = value_text_of(control, "id");
        }
        row->is_exception = has_exceptions(test);
        test_cell(b, &row->cells[1], test);
        result_cell(b, &row->cells[2], test);
        build_leave(b, mark);
    }
}

/* Type 1: criteria and controls, no tests. */
static void design_row(struct builder *b, struct table *table, const struct value *item)
{
    const struct value *control = value_member(item, "control");
    struct row *row = build_row(b, table);
    if (!row)
        return;
    row->starts_group = true;
    row->continued = value_text_of(control, "id");
    control_cell(b, &row->cells[0], control, false);
    size_t mark = build_enter(b, "control");
    build_field(b, build_cell(b, row, 1), control, "statement", 0);
    build_leave(b, mark);
    if (value_is_true(value_member(item, "first_here"))) {
        row->mark.anchor = control_anchor(b, control);
        row->mark.outline_level = 3;
        row->mark.title =
            build_shown(b, build_printf(b, "%.*s  %.*s", SLICE_ARG(value_text_of(control, "id")),
                                        SLICE_ARG(value_text_of(control, "title"))));
    }
}

static void conclusion_of(struct builder *b, struct blocks *into, const struct value *band)
{
    const struct value *conclusion = value_member(band, "conclusion");
    struct slice id = build_local(value_text_of(value_member(band, "criterion"), "id"));
    if (value_count(conclusion) == 0)
        return;
    size_t mark = build_enter(b, "conclusion");
    struct block *text = build_text(b, into, TEXT_CONCLUSION);
    struct runs *runs = text ? &text->runs : NULL;
    bool is_suitable = slice_is(value_text_of(conclusion, "design"), "suitable");
    struct slice operating = value_text_of(conclusion, "operating");
    build_words(b, runs, build_printf(b, "Conclusion on %.*s: ", SLICE_ARG(id)), RUN_BOLD);
    build_label(b, runs, is_suitable ? "design suitable" : "design not suitable",
                is_suitable ? 0 : RUN_BOLD | RUN_ALERT);
    if (slice_is(operating, "effective"))
        build_label(b, runs, "; operation effective.", 0);
    else if (slice_is(operating, "not-effective"))
        build_label(b, runs, "; operation not effective.", RUN_BOLD | RUN_ALERT);
    else
        build_label(b, runs, "; operation not examined.", 0);
    (void)build_enter(b, "text");
    build_paragraphs(b, into, value_member(conclusion, "text"), TEXT_CONCLUSION);
    build_leave(b, mark);
}

static void band_table(struct builder *b, struct blocks *into, const struct value *band)
{
    static const struct column tested[] = { { .title = "Control", .share = 25 },
                                            { .title = "Test performed", .share = 40 },
                                            { .title = "Result", .share = 35 } };
    static const struct column designed[] = { { .title = "Control", .share = 35 },
                                              { .title = "As designed", .share = 65 } };
    const struct value *criterion = value_member(band, "criterion");
    const struct value *rows = value_member(band, "rows");
    struct slice id = value_text_of(criterion, "id");
    bool is_type_1 = slice_is(value_text_of(b->model, "kind"), "type-1");
    struct table *table = is_type_1 ? build_table(b, into, designed, ARRAY_LEN(designed))
                                    : build_table(b, into, tested, ARRAY_LEN(tested));
    if (!table)
        return;
    table->mark.anchor = build_anchor(b, "criterion", id, SLICE(""));
    table->mark.outline_level = 2;
    table->mark.is_in_contents = true;
    table->mark.title = build_shown(b, build_printf(b, "%.*s  %.*s", SLICE_ARG(build_local(id)),
                                                    SLICE_ARG(value_text_of(criterion, "title"))));
    size_t mark = build_enter(b, "criterion");
    build_words(b, &table->band, id, RUN_BOLD);
    build_label(b, &table->band, "  ", 0);
    build_field(b, &table->band, criterion, "title", RUN_BOLD);
    if (value_text_of(criterion, "text").len > 0) {
        build_label(b, &table->band, "  ", 0);
        build_field(b, &table->band, criterion, "text", 0);
    }
    build_leave(b, mark);
    for (size_t i = 0; i < value_count(rows); i++) {
        mark = build_enter_item(b, "rows", i);
        if (is_type_1)
            design_row(b, table, value_item(rows, i));
        else
            band_row(b, table, value_item(rows, i));
        build_leave(b, mark);
    }
    if (value_count(rows) == 0) {
        struct row *row = build_row(b, table);
        build_label(b, build_cell(b, row, 0), "No control is mapped to this criterion",
                    RUN_BOLD | RUN_ALERT);
    }
    conclusion_of(b, into, band);
}

void build_section4(struct builder *b)
{
    const struct value *section = value_member(b->model, "section4");
    const struct value *bands = value_member(section, "bands");
    if (value_count(section) == 0)
        return;
    struct slice title = build_shown(b, value_text_of(section, "title"));
    struct slice running = build_printf(b, "Section 4  %.*s", SLICE_ARG(title));
    struct slice author =
        b->document->is_readiness
            ? SLICE("Provided by management, not examined")
            : SLICE("Controls by management; tests and results by the service auditor");
    if (slice_is(value_text_of(b->model, "kind"), "type-1"))
        author = SLICE("Criteria and controls, provided by management");
    struct section *made = build_section(b, running, author);
    struct block *heading = build_heading(b, made ? &made->blocks : NULL, 1, "section-4");
    if (!made || !heading)
        return;
    made->is_landscape = true;
    heading->mark.outline_level = 1;
    heading->mark.is_in_contents = true;
    heading->mark.title = running;
    size_t outer = build_enter(b, "section4");
    build_label(b, &heading->runs, "Section 4", RUN_KICKER);
    build_field(b, &heading->runs, section, "title", 0);
    struct block *by = build_text(b, &made->blocks, TEXT_NOTE);
    if (by)
        build_words(b, &by->runs, author, 0);
    size_t mark = build_enter(b, "paragraphs");
    build_paragraphs(b, &made->blocks, value_member(section, "paragraphs"), TEXT_BODY);
    build_leave(b, mark);
    for (size_t i = 0; i < value_count(bands); i++) {
        mark = build_enter_item(b, "bands", i);
        band_table(b, &made->blocks, value_item(bands, i));
        build_leave(b, mark);
    }
    build_leave(b, outer);
}
