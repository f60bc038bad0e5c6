/* The sections that are running text: the auditor's report, management's assertion, the description
 * of the system, other information; and the statement of a readiness report. */
#include "report/build.h"

static const char by_auditor[] = "Provided by the service auditor";
static const char by_management[] = "Provided by management";
static const char not_examined[] = "Provided by management, not examined";

/* A section with its number, title and place in the contents. */
static struct blocks *numbered_section(struct builder *b, const char *number, const char *anchor,
                                       const struct value *section, const char *author)
{
    struct slice title = build_shown(b, value_text_of(section, "title"));
    struct slice running = build_printf(b, "%s  %.*s", number, SLICE_ARG(title));
    struct section *made = build_section(b, running, slice_of(author));
    struct block *heading = build_heading(b, made ? &made->blocks : NULL, 1, anchor);
    if (!heading)
        return NULL;
    heading->mark.outline_level = 1;
    heading->mark.is_in_contents = true;
    heading->mark.title = running;
    build_label(b, &heading->runs, number, RUN_KICKER);
    build_field(b, &heading->runs, section, "title", 0);
    struct block *by = build_text(b, &made->blocks, TEXT_NOTE);
    build_label(b, by ? &by->runs : NULL, author, 0);
    return &made->blocks;
}

static struct block *sub_heading(struct builder *b, struct blocks *into, struct slice title,
                                 const char *anchor)
{
    struct block *heading = build_heading(b, into, 2, anchor);
    if (!heading)
        return NULL;
    heading->mark.outline_level = 2;
    heading->mark.title = build_shown(b, title);
    return heading;
}

/* [{id, heading, text}]; a paragraph without a heading goes on under the one before. */
static void headed_paragraphs(struct builder *b, struct blocks *into, const struct value *list,
                              const char *prefix)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        size_t mark = build_enter_item(b, "paragraphs", i);
        struct slice title = value_text_of(item, "heading");
        if (title.len > 0) {
            const char *anchor = build_anchor(b, prefix, value_text_of(item, "id"), SLICE(""));
            struct block *heading = sub_heading(b, into, title, anchor);
            build_field(b, heading ? &heading->runs : NULL, item, "heading", 0);
        }
        (void)build_enter(b, "text");
        build_paragraphs(b, into, value_member(item, "text"), TEXT_BODY);
        build_leave(b, mark);
    }
}

static void signature_line(struct builder *b, struct blocks *into, const struct value *object,
                           const char *first, const char *second, bool is_date)
{
    struct slice text = value_text_of(object, first);
    if (text.len == 0)
        return;
    struct block *line = build_text(b, into, TEXT_SIGNATURE);
    struct runs *runs = line ? &line->runs : NULL;
    size_t mark = build_enter(b, first);
    build_words(b, runs, is_date ? build_date(b, text) : text, is_date ? 0 : RUN_BOLD);
    build_leave(b, mark);
    if (second && value_text_of(object, second).len > 0) {
        build_label(b, runs, ", ", 0);
        build_field(b, runs, object, second, 0);
    }
}

void build_statement(struct builder *b)
{
    const struct value *statement = value_member(b->model, "statement");
    if (value_count(statement) == 0)
        return;
    size_t mark = build_enter(b, "statement");
    struct blocks *into = numbered_section(b, "Statement", "statement", statement, not_examined);
    headed_paragraphs(b, into, value_member(statement, "paragraphs"), "statement");
    build_leave(b, mark);
}

void build_section1(struct builder *b)
{
    const struct value *section = value_member(b->model, "section1");
    const struct value *signature = value_member(section, "signature");
    if (value_count(section) == 0)
        return;
    size_t outer = build_enter(b, "section1");
    struct blocks *into = numbered_section(b, "Section 1", "section-1", section, by_auditor);
    struct block *addressee = build_text(b, into, TEXT_LEAD);
    build_field(b, addressee ? &addressee->runs : NULL, section, "addressee", 0);
    headed_paragraphs(b, into, value_member(section, "paragraphs"), "section-1");
    size_t mark = build_enter(b, "signature");
    struct block *box = build_block(b, into, BLOCK_BOX);
    struct blocks *lines = box ? &box->inner : NULL;
    signature_line(b, lines, signature, "firm", NULL, false);
    signature_line(b, lines, signature, "signer", "credential", false);
    struct block *place = build_text(b, lines, TEXT_SIGNATURE);
    struct runs *runs = place ? &place->runs : NULL;
    build_field(b, runs, signature, "city", 0);
    build_label(b, runs, ", ", 0);
    build_field(b, runs, signature, "state", 0);
    signature_line(b, lines, signature, "date", NULL, true);
    build_leave(b, mark);
    build_leave(b, outer);
}

static void signatories(struct builder *b, struct blocks *into, const struct value *assertion)
{
    const struct value *list = value_member(assertion, "signatories");
    struct block *box = build_block(b, into, BLOCK_BOX);
    struct blocks *lines = box ? &box->inner : NULL;
    for (size_t i = 0; i < value_count(list); i++) {
        size_t mark = build_enter_item(b, "signatories", i);
        signature_line(b, lines, value_item(list, i), "name", "role", false);
        build_leave(b, mark);
    }
    signature_line(b, lines, assertion, "date", NULL, true);
}

static void criteria_cell(struct builder *b, struct runs *runs, const struct value *criteria)
{
    size_t outer = b->path.len;
    for (size_t i = 0; i < value_count(criteria); i++) {
        struct slice id = value_text(value_item(criteria, i));
        strbuf_printf(&b->path, "[%zu]", i);
        if (i > 0)
            build_label(b, runs, ", ", 0);
        struct run *run = build_words(b, runs, build_local(id), 0);
        if (run)
            run->target = build_anchor(b, "criterion", id, SLICE(""));
        build_leave(b, outer);
    }
}

static void left_out(struct builder *b, struct blocks *into, const struct value *criteria)
{
    if (value_count(criteria) == 0)
        return;
    struct block *text = build_text(b, into, TEXT_NOTE);
    build_label(b, text ? &text->runs : NULL, "Criteria that this assertion leaves out: ", 0);
    size_t mark = build_enter(b, "qualifies");
    criteria_cell(b, text ? &text->runs : NULL, criteria);
    build_leave(b, mark);
}

void build_section2(struct builder *b)
{
    const struct value *section = value_member(b->model, "section2");
    const struct value *others = value_member(section, "others");
    if (value_count(section) == 0)
        return;
    size_t outer = build_enter(b, "section2");
    struct blocks *into = numbered_section(b, "Section 2", "section-2", section, by_management);
    headed_paragraphs(b, into, value_member(section, "paragraphs"), "section-2");
    left_out(b, into, value_member(section, "qualifies"));
    signatories(b, into, section);
    for (size_t i = 0; i < value_count(others); i++) {
        const struct value *other = value_item(others, i);
        size_t mark = build_enter_item(b, "others", i);
        struct slice name = value_text_of(other, "organization");
        const char *anchor =
            build_anchor(b, "section-2-other", build_printf(b, "%zu", i + 1), SLICE(""));
        struct block *heading = sub_heading(b, into, name, anchor);
        build_label(b, heading ? &heading->runs : NULL, "Assertion of ", 0);
        build_field(b, heading ? &heading->runs : NULL, other, "organization", 0);
        headed_paragraphs(b, into, value_member(other, "paragraphs"), anchor ? anchor : "");
        signatories(b, into, other);
        build_leave(b, mark);
    }
    build_leave(b, outer);
}

static void description_item(struct builder *b, struct blocks *into, const struct value *item)
{
    struct slice id = value_text_of(item, "id");
    struct slice title =
        build_printf(b, "%.*s  %.*s", SLICE_ARG(id), SLICE_ARG(value_text_of(item, "title")));
    struct block *heading =
        sub_heading(b, into, title, build_anchor(b, "description", id, SLICE("")));
    struct runs *runs = heading ? &heading->runs : NULL;
    if (heading)
        heading->mark.is_in_contents = true;
    build_field(b, runs, item, "id", RUN_QUIET);
    build_label(b, runs, "  ", 0);
    build_field(b, runs, item, "title", 0);
    if (slice_is(value_text_of(item, "status"), "not-applicable")) {
        struct block *text = build_text(b, into, TEXT_BODY);
        build_label(b, text ? &text->runs : NULL, "Not applicable. ", RUN_BOLD);
        build_field(b, text ? &text->runs : NULL, item, "reason", 0);
    } else if (slice_is(value_text_of(item, "status"), "open")) {
        struct block *text = build_text(b, into, TEXT_BODY);
        build_label(b, text ? &text->runs : NULL, "Not written yet.", RUN_BOLD | RUN_ALERT);
    }
    size_t mark = build_enter(b, "text");
    build_blocks(b, into, value_member(item, "text"), 3, false);
    build_leave(b, mark);
}

static void cuecs(struct builder *b, struct blocks *into, const struct value *list)
{
    static const struct column columns[] = { { .title = "Id", .share = 12 },
                                             { .title = "What the user entity does", .share = 64 },
                                             { .title = "Criteria", .share = 24 } };
    if (value_count(list) == 0)
        return;
    struct block *heading =
        sub_heading(b, into, SLICE("Complementary user entity controls"), "user-entity-controls");
    build_label(b, heading ? &heading->runs : NULL, "Complementary user entity controls", 0);
    struct table *table = build_table(b, into, columns, ARRAY_LEN(columns));
    if (table)
        table->label = SLICE("Complementary user entity controls");
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        size_t mark = build_enter_item(b, "cuecs", i);
        struct row *row = build_row(b, table);
        if (row)
            row->cells[0].is_head = true;
        build_field(b, build_cell(b, row, 0), item, "id", RUN_BOLD);
        build_field(b, build_cell(b, row, 1), item, "text", 0);
        (void)build_enter(b, "criteria");
        criteria_cell(b, build_cell(b, row, 2), value_member(item, "criteria"));
        build_leave(b, mark);
    }
}

static void csoc_row(struct builder *b, struct row *row, const struct value *item)
{
    build_field(b, build_cell(b, row, 0), item, "id", RUN_BOLD);
    build_field(b, build_cell(b, row, 1), item, "text", 0);
    size_t inner = build_enter(b, "criteria");
    criteria_cell(b, build_cell(b, row, 2), value_member(item, "criteria"));
    build_leave(b, inner);
    build_field(b, build_cell(b, row, 3), item, "monitored_by", 0);
}

static void csocs(struct builder *b, struct blocks *into, const struct value *list)
{
    static const struct column columns[] = { { .title = "Id", .share = 12 },
                                             { .title = "Control assumed there", .share = 50 },
                                             { .title = "Criteria", .share = 22 },
                                             { .title = "Watched by", .share = 16 } };
    static const struct listing listing = { "Complementary subservice organization controls",
                                            "csocs", columns, ARRAY_LEN(columns), csoc_row };
    build_listing(b, into, &listing, list);
}

static void subservice(struct builder *b, struct blocks *into, const struct value *list)
{
    if (value_count(list) == 0)
        return;
    struct block *heading =
        sub_heading(b, into, SLICE("Subservice organizations"), "subservice-organizations");
    build_label(b, heading ? &heading->runs : NULL, "Subservice organizations", 0);
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        size_t mark = build_enter_item(b, "subservice", i);
        struct block *name = build_heading(b, into, 3, NULL);
        build_field(b, name ? &name->runs : NULL, item, "name", 0);
        struct table *facts = build_facts(b, into, TABLE_FACTS, "Subservice organization");
        build_field(b, build_fact(b, facts, "What it does"), item, "function", 0);
        bool is_inclusive = slice_is(value_text_of(item, "method"), "inclusive");
        build_label(b, build_fact(b, facts, "Method"),
                    is_inclusive ? "Inclusive: its controls are described and examined here"
                                 : "Carve-out: its controls are left out and assumed",
                    0);
        size_t inner = build_enter(b, "criteria");
        if (value_count(value_member(item, "criteria")) > 0)
            criteria_cell(b, build_fact(b, facts, "Criteria"), value_member(item, "criteria"));
        build_leave(b, inner);
        csocs(b, into, value_member(item, "csocs"));
        build_leave(b, mark);
    }
}

void build_section3(struct builder *b)
{
    const struct value *section = value_member(b->model, "section3");
    const struct value *items = value_member(section, "items");
    if (value_count(section) == 0)
        return;
    size_t outer = build_enter(b, "section3");
    struct blocks *into =
        numbered_section(b, "Section 3", "section-3", section,
                         b->document->is_readiness ? not_examined : by_management);
    struct block *criteria = build_text(b, into, TEXT_NOTE);
    build_label(b, criteria ? &criteria->runs : NULL, "Description criteria: ", 0);
    build_field(b, criteria ? &criteria->runs : NULL, section, "criteria", 0);
    for (size_t i = 0; i < value_count(items); i++) {
        size_t mark = build_enter_item(b, "items", i);
        description_item(b, into, value_item(items, i));
        build_leave(b, mark);
    }
    cuecs(b, into, value_member(section, "cuecs"));
    subservice(b, into, value_member(section, "subservice"));
    build_leave(b, outer);
}

void build_section5(struct builder *b)
{
    const struct value *section = value_member(b->model, "section5");
    const struct value *items = value_member(section, "items");
    if (value_count(section) == 0)
        return;
    size_t outer = build_enter(b, "section5");
    struct blocks *into = numbered_section(b, "Section 5", "section-5", section, not_examined);
    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *item = value_item(items, i);
        size_t mark = build_enter_item(b, "items", i);
        const char *anchor = build_anchor(b, "section-5", build_printf(b, "%zu", i + 1), SLICE(""));
        struct block *heading = sub_heading(b, into, value_text_of(item, "title"), anchor);
        build_field(b, heading ? &heading->runs : NULL, item, "title", 0);
        (void)build_enter(b, "text");
        build_blocks(b, into, value_member(item, "text"), 3, false);
        build_leave(b, mark);
    }
    build_leave(b, outer);
}
