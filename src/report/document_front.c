/* What stands before section 1: title page, contents, index of exceptions. */
#include "report/build.h"

static struct slice category_title(struct slice id)
{
    static const struct {
        const char *id, *title;
    } categories[] = {
        { "security", "Security" },
        { "availability", "Availability" },
        { "processing-integrity", "Processing integrity" },
        { "confidentiality", "Confidentiality" },
        { "privacy", "Privacy" },
    };
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (slice_is(id, categories[i].id))
            return slice_of(categories[i].title);
    return id;
}

static void cover_categories(struct builder *b, struct runs *runs)
{
    const struct value *categories = value_member(b->model, "categories");
    for (size_t i = 0; i < value_count(categories); i++) {
        size_t mark = build_enter_item(b, "categories", i);
        if (i > 0)
            build_label(b, runs, ", ", 0);
        build_words(b, runs, category_title(value_text(value_item(categories, i))), 0);
        build_leave(b, mark);
    }
}

static void cover_time(struct builder *b, struct table *facts)
{
    const struct value *period = value_member(b->model, "period");
    const struct value *zone = value_member(b->model, "timezone");
    struct runs *runs;
    size_t mark;
    if (value_count(period) > 0) {
        runs = build_fact(b, facts, "Period");
        mark = build_enter(b, "period");
        build_words(b, runs, build_period(b, period), RUN_BOLD);
    } else {
        runs = build_fact(b, facts, "As of");
        mark = build_enter(b, "as_of");
        build_words(b, runs, build_date(b, value_text_of(b->model, "as_of")), RUN_BOLD);
    }
    build_leave(b, mark);
    build_label(b, runs, " (", RUN_QUIET);
    mark = build_enter(b, "timezone");
    build_value(b, runs, zone, RUN_QUIET);
    build_leave(b, mark);
    build_label(b, runs, ")", RUN_QUIET);
}

static void fact_of(struct builder *b, struct table *facts, const char *label, const char *object,
                    const char *name)
{
    size_t mark = build_enter(b, object);
    build_field(b, build_fact(b, facts, label), value_member(b->model, object), name, 0);
    build_leave(b, mark);
}

static void place_of(struct builder *b, struct runs *runs, const struct value *object,
                     const char *first, const char *second)
{
    if (value_text_of(object, first).len > 0) {
        build_label(b, runs, ", ", 0);
        build_field(b, runs, object, first, 0);
    }
    if (value_text_of(object, second).len > 0) {
        build_label(b, runs, ", ", 0);
        build_field(b, runs, object, second, 0);
    }
}

static void cover_parties(struct builder *b, struct table *facts)
{
    const struct value *organization = value_member(b->model, "organization");
    const struct value *auditor = value_member(b->model, "service_auditor");
    const struct value *preparer = value_member(b->model, "prepared_by");
    size_t mark = build_enter(b, "organization");
    struct runs *runs = build_fact(b, facts, "Service organization");
    build_field(b, runs, organization, "name", 0);
    place_of(b, runs, organization, "city", "country");
    build_leave(b, mark);
    if (value_count(auditor) > 0) {
        mark = build_enter(b, "service_auditor");
        runs = build_fact(b, facts, "Service auditor");
        build_field(b, runs, auditor, "firm", 0);
        place_of(b, runs, auditor, "city", "state");
        build_leave(b, mark);
    }
    if (value_count(preparer) > 0) {
        mark = build_enter(b, "prepared_by");
        runs = build_fact(b, facts, "Prepared by");
        build_field(b, runs, preparer, "name", 0);
        place_of(b, runs, preparer, "role", "");
        build_leave(b, mark);
    }
}

static void cover_facts(struct builder *b, struct blocks *into)
{
    struct table *facts = build_facts(b, into, TABLE_COVER, "About this report");
    fact_of(b, facts, "System", "system", "name");
    cover_time(b, facts);
    cover_parties(b, facts);
    cover_categories(b, build_fact(b, facts, "Categories"));
    fact_of(b, facts, "Criteria", "catalog", "title");
    fact_of(b, facts, "Engagement", "engagement", "title");
    if (b->document->date.len > 0) {
        size_t mark = build_enter(b, "report_date");
        build_words(b, build_fact(b, facts, "Report date"), build_date(b, b->document->date), 0);
        build_leave(b, mark);
    }
    struct runs *runs = build_fact(b, facts, "Report");
    build_field(b, runs, b->model, "id", 0);
    build_label(b, runs, ", ", 0);
    char hex[65];
    digest_hex(&b->document->digest, hex);
    build_words(b, runs, build_printf(b, "sha256:%.16s\xe2\x80\xa6", hex), RUN_MONO);
}

static void cover_box(struct builder *b, struct blocks *into, const char *label, struct slice words)
{
    struct block *box = build_block(b, into, BLOCK_BOX);
    struct block *title = build_text(b, box ? &box->inner : NULL, TEXT_LABEL);
    struct block *text = build_text(b, box ? &box->inner : NULL, TEXT_NOTE);
    build_label(b, title ? &title->runs : NULL, label, 0);
    if (text && words.len)
        build_words(b, &text->runs, words, 0);
}

void build_cover(struct builder *b)
{
    struct section *section = build_section(b, b->document->title, SLICE(""));
    if (!section)
        return;
    section->is_cover = true;
    struct blocks *into = &section->blocks;
    struct block *text = build_text(b, into, TEXT_COVER_FIRM);
    struct block *title;
    if (text) {
        /* The name at the head is that of who answers for the report. */
        bool has_auditor = b->document->auditor.len > 0;
        size_t mark = build_enter(b, has_auditor ? "service_auditor" : "organization");
        build_field(b, &text->runs,
                    value_member(b->model, has_auditor ? "service_auditor" : "organization"),
                    has_auditor ? "firm" : "name", 0);
        build_leave(b, mark);
    }
    if (b->document->banner.len > 0) {
        text = build_text(b, into, TEXT_COVER_KIND);
        build_words(b, text ? &text->runs : NULL, b->document->banner, 0);
    }
    title = build_text(b, into, TEXT_COVER_TITLE);
    build_field(b, title ? &title->runs : NULL, b->model, "title", 0);
    text = build_text(b, into, TEXT_COVER_SUBTITLE);
    build_field(b, text ? &text->runs : NULL, b->model, "subtitle", 0);
    cover_facts(b, into);
    if (b->document->banner.len > 0)
        cover_box(b, into, build_string(b, b->document->banner), b->document->banner_note);
    const struct value *restriction = value_member(b->model, "restriction");
    if (value_count(restriction) > 0) {
        struct block *box = build_block(b, into, BLOCK_BOX);
        struct block *label = build_text(b, box ? &box->inner : NULL, TEXT_LABEL);
        build_label(b, label ? &label->runs : NULL, "Restricted use", 0);
        size_t mark = build_enter(b, "restriction");
        build_paragraphs(b, box ? &box->inner : NULL, restriction, TEXT_NOTE);
        build_leave(b, mark);
    }
}

void build_contents(struct builder *b)
{
    struct section *section = build_section(b, SLICE("Contents"), SLICE(""));
    if (!section)
        return;
    struct block *heading = build_heading(b, &section->blocks, 1, "contents");
    if (!heading)
        return;
    heading->mark.outline_level = 1;
    heading->mark.title = SLICE("Contents");
    build_label(b, &heading->runs, "Contents", 0);
    build_block(b, &section->blocks, BLOCK_CONTENTS);
}

/* How many of the items examined: docs/report-model.md, "n". */
static struct slice count_of_n(struct builder *b, const struct value *test)
{
    int64_t items = 0, size = 0, set_aside = 0;
    (void)value_to_i64(value_path(test, "population.items"), &items);
    if (value_to_i64(value_path(test, "sample.size"), &size))
        items = size;
    (void)value_to_i64(value_path(test, "concluded.void"), &set_aside);
    int64_t more = 0;
    (void)value_to_i64(value_member(test, "exceptions_more"), &more);
    struct slice found =
        build_count(b, (int64_t)value_count(value_member(test, "exceptions")) + more);
    struct slice n = build_count(b, items - set_aside);
    return build_printf(b, "%.*s of %.*s", SLICE_ARG(found), SLICE_ARG(n));
}

static void index_row(struct builder *b, struct table *table, const struct value *band,
                      const struct value *control, const struct value *test)
{
    struct row *row = build_row(b, table);
    const char *anchor =
        build_anchor(b, "test", value_text_of(test, "id"), build_short(value_text_of(test, "run")));
    struct slice criterion = value_text_of(value_member(band, "criterion"), "id");
    struct run *run;
    build_words(b, build_cell(b, row, 0), build_local(criterion), 0);
    struct runs *cell = build_cell(b, row, 1);
    build_words(b, cell, value_text_of(control, "id"), RUN_BOLD);
    build_label(b, cell, " ", 0);
    build_words(b, cell, value_text_of(control, "title"), 0);
    run = build_words(b, build_cell(b, row, 2), value_text_of(test, "id"), 0);
    if (run)
        run->target = anchor;
    build_words(b, build_cell(b, row, 3), count_of_n(b, test), RUN_ALERT | RUN_BOLD);
    build_page(b, build_cell(b, row, 4), NULL, anchor, 0);
    if (row)
        row->is_exception = true;
}

static void index_band(struct builder *b, struct table *table, const struct value *band)
{
    const struct value *rows = value_member(band, "rows");
    for (size_t r = 0; r < value_count(rows); r++) {
        const struct value *row = value_item(rows, r);
        const struct value *tests = value_member(row, "tests");
        for (size_t t = 0; t < value_count(tests); t++) {
            const struct value *test = value_item(tests, t);
            size_t mark = build_enter_item(b, "rows", r);
            (void)build_enter_item(b, "tests", t);
            if (slice_is(value_text_of(test, "result"), "exceptions"))
                index_row(b, table, band, value_member(row, "control"), test);
            build_leave(b, mark);
        }
    }
}

void build_exceptions_index(struct builder *b)
{
    static const struct column columns[] = {
        { .title = "Criterion", .share = 14 },
        { .title = "Control", .share = 42 },
        { .title = "Test", .share = 18 },
        { .title = "Exceptions", .share = 18 },
        { .title = "Page", .share = 8, .is_number = true, .is_paged = true },
    };
    const struct value *bands = value_path(b->model, "section4.bands");
    if (!value_is_true(value_member(b->model, "exceptions_index")) || !b->document->last ||
        slice_is(value_text_of(b->model, "kind"), "type-1"))
        return;
    struct blocks *into = &b->document->last->blocks;
    struct block *heading = build_heading(b, into, 1, "exceptions");
    if (!heading)
        return;
    heading->mark.outline_level = 1;
    heading->mark.title = SLICE("Index of exceptions");
    build_label(b, &heading->runs, "Index of exceptions", 0);
    struct table *table = build_table(b, into, columns, ARRAY_LEN(columns));
    if (table) {
        table->label = SLICE("Tests with exceptions");
        table->is_kept_whole = true;
    }
    size_t outer = build_enter(b, "section4");
    for (size_t i = 0; i < value_count(bands); i++) {
        size_t mark = build_enter_item(b, "bands", i);
        index_band(b, table, value_item(bands, i));
        build_leave(b, mark);
    }
    build_leave(b, outer);
    if (table && table->rows_count == 0) {
        struct row *row = build_row(b, table);
        build_label(b, build_cell(b, row, 0), "None", 0);
    }
}
