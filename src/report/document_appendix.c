/* Appendices: populations, tests in full, sampling, the ledger. They belong to the auditor. */
#include "base/digest.h"
#include "report/build.h"

static struct blocks *appendix(struct builder *b, const char *letter, const char *anchor,
                               const char *title)
{
    struct slice running = build_printf(b, "%s  %s", letter, title);
    struct section *made =
        build_section(b, running,
                      b->document->is_readiness ? SLICE("Provided by management, not examined")
                                                : SLICE("Provided by the service auditor"));
    struct block *heading = build_heading(b, made ? &made->blocks : NULL, 1, anchor);
    if (!heading)
        return NULL;
    heading->mark.outline_level = 1;
    heading->mark.is_in_contents = true;
    heading->mark.title = running;
    build_label(b, &heading->runs, letter, RUN_KICKER);
    build_label(b, &heading->runs, title, 0);
    return &made->blocks;
}

static struct block *entry_heading(struct builder *b, struct blocks *into, const char *anchor,
                                   struct slice title)
{
    struct block *heading = build_heading(b, into, 2, anchor);
    if (!heading)
        return NULL;
    heading->mark.outline_level = 2;
    heading->mark.title = build_shown(b, title);
    return heading;
}

/* Nothing is printed for a field that is absent or null. */
static void text_fact(struct builder *b, struct table *facts, const char *label,
                      const struct value *object, const char *name, unsigned style)
{
    if (value_text_of(object, name).len > 0)
        build_field(b, build_fact(b, facts, label), object, name, style);
}

static void instant_fact(struct builder *b, struct table *facts, const char *label,
                         const struct value *object, const char *name)
{
    struct slice instant = value_text_of(object, name);
    size_t mark = build_enter(b, name);
    if (instant.len > 0)
        build_words(b, build_fact(b, facts, label), build_date(b, instant), 0);
    build_leave(b, mark);
}

static void count_fact(struct builder *b, struct table *facts, const char *label,
                       const struct value *object, const char *name)
{
    struct slice count = build_count_of(b, object, name);
    size_t mark = build_enter(b, name);
    if (count.len > 0)
        build_words(b, build_fact(b, facts, label), count, 0);
    build_leave(b, mark);
}

static void span(struct builder *b, struct runs *runs, const struct value *object)
{
    if (value_text_of(object, "from").len == 0)
        return;
    build_words(b, runs, build_date(b, value_text_of(object, "from")), 0);
    build_label(b, runs, " to ", 0);
    build_words(b, runs, build_date(b, value_text_of(object, "to")), 0);
}

static void population_gaps(struct builder *b, struct table *facts, const struct value *gaps)
{
    for (size_t i = 0; i < value_count(gaps); i++) {
        const struct value *gap = value_item(gaps, i);
        size_t mark = build_enter_item(b, "gaps", i);
        struct runs *runs = build_fact(b, facts, "Gap");
        span(b, runs, gap);
        if (value_text_of(gap, "accepted").len > 0) {
            build_label(b, runs, "; accepted: ", 0);
            build_field(b, runs, gap, "accepted", 0);
        } else {
            build_label(b, runs, "; not accepted", RUN_BOLD | RUN_ALERT);
        }
        build_leave(b, mark);
    }
}

static void population_proofs(struct builder *b, struct table *facts, const struct value *item)
{
    const struct value *reconciliation = value_member(item, "reconciliation");
    const struct value *totals = value_member(item, "control_totals");
    text_fact(b, facts, "Coverage", item, "coverage", 0);
    population_gaps(b, facts, value_member(item, "gaps"));
    for (size_t i = 0; i < value_count(reconciliation); i++) {
        size_t mark = build_enter_item(b, "reconciliation", i);
        struct runs *runs = build_fact(b, facts, "Reconciliation");
        build_field(b, runs, value_item(reconciliation, i), "with", RUN_BOLD);
        build_label(b, runs, ": ", 0);
        build_field(b, runs, value_item(reconciliation, i), "text", 0);
        build_leave(b, mark);
    }
    for (size_t i = 0; i < value_count(totals); i++) {
        size_t mark = build_enter_item(b, "control_totals", i);
        struct runs *runs = build_fact(b, facts, "Control total");
        build_field(b, runs, value_item(totals, i), "name", 0);
        build_label(b, runs, ": ", 0);
        build_field(b, runs, value_item(totals, i), "value", 0);
        build_leave(b, mark);
    }
}

static void segment_row(struct builder *b, struct row *row, const struct value *segment)
{
    build_field(b, build_cell(b, row, 0), segment, "leaf", RUN_MONO);
    build_field(b, build_cell(b, row, 1), segment, "source", 0);
    build_words(b, build_cell(b, row, 2), build_count_of(b, segment, "rows"), 0);
    const struct value *covers = value_member(segment, "covers");
    if (value_count(covers) > 0)
        span(b, build_cell(b, row, 3), covers);
    else
        build_label(b, build_cell(b, row, 3), "not declared", RUN_QUIET);
    if (value_text_of(segment, "from").len > 0) {
        struct runs *runs = build_cell(b, row, 3);
        build_label(b, runs, "rows: ", RUN_QUIET);
        span(b, runs, segment);
    }
    build_field(b, build_cell(b, row, 4), segment, "digest", RUN_MONO);
}

static void population_segments(struct builder *b, struct blocks *into,
                                const struct value *segments)
{
    static const struct column columns[] = {
        { .title = "Segment", .share = 24 },
        { .title = "Source", .share = 19 },
        { .title = "Rows", .share = 9, .is_number = true },
        { .title = "Covers", .share = 24 },
        { .title = "Digest of the rows", .share = 24 },
    };
    static const struct listing listing = { "Segments read", "segments", columns,
                                            ARRAY_LEN(columns), segment_row };
    build_listing(b, into, &listing, segments);
}

static void appendix_populations(struct builder *b, const struct value *populations)
{
    if (value_count(populations) == 0)
        return;
    struct blocks *into = appendix(b, "Appendix A", "appendix-A", "Populations");
    for (size_t i = 0; i < value_count(populations); i++) {
        const struct value *item = value_item(populations, i);
        size_t outer = build_enter_item(b, "populations", i);
        struct slice short_name = build_short(value_text_of(item, "name"));
        struct slice title = value_text_of(item, "title");
        struct block *heading =
            entry_heading(b, into, build_anchor(b, "population", short_name, SLICE("")),
                          build_printf(b, "%.*s  %.*s", SLICE_ARG(title), SLICE_ARG(short_name)));
        build_field(b, heading ? &heading->runs : NULL, item, "title", 0);
        struct table *facts = build_facts(b, into, TABLE_FACTS, "Population");
        text_fact(b, facts, "Population", item, "name", RUN_MONO);
        text_fact(b, facts, "Type", item, "type", 0);
        text_fact(b, facts, "Filter", item, "where", RUN_MONO);
        size_t mark = build_enter(b, "period");
        build_words(b, build_fact(b, facts, "Period"),
                    build_period(b, value_member(item, "period")), 0);
        build_leave(b, mark);
        count_fact(b, facts, "Items", item, "items");
        text_fact(b, facts, "Digest of the items", item, "digest", RUN_MONO);
        count_fact(b, facts, "Ledger position", item, "position");
        count_fact(b, facts, "Repeats", item, "repeats");
        count_fact(b, facts, "Undated rows", item, "undated");
        population_proofs(b, facts, item);
        population_segments(b, into, value_member(item, "segments"));
        build_leave(b, outer);
    }
}

/* The test with its results in section 4 that a definition belongs to: the same run. */
static const struct value *tested_as(const struct value *model, struct slice run)
{
    const struct value *bands = value_path(model, "section4.bands");
    for (size_t i = 0; i < value_count(bands); i++) {
        const struct value *rows = value_member(value_item(bands, i), "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *tests = value_member(value_item(rows, r), "tests");
            for (size_t t = 0; t < value_count(tests); t++)
                if (slice_equal(value_text_of(value_item(tests, t), "run"), run))
                    return value_item(tests, t);
        }
    }
    return NULL;
}

static void joined(struct builder *b, struct runs *runs, const struct value *texts,
                   const char *between)
{
    for (size_t i = 0; i < value_count(texts); i++) {
        if (i > 0)
            build_label(b, runs, between, 0);
        if (value_item(texts, i)->type == VALUE_STRING)
            build_words(b, runs, value_text(value_item(texts, i)), 0);
        else
            build_label(b, runs, "(none)", 0);
    }
}

/* Items one by one: the concluded deviations, or those that were reclassified. */
static void item_row(struct builder *b, struct row *row, const struct value *item)
{
    joined(b, build_cell(b, row, 0), value_member(item, "key"), " / ");
    joined(b, build_cell(b, row, 1), value_member(item, "attributes"), ", ");
    build_field(b, build_cell(b, row, 2), item, "why", 0);
    size_t inner = build_enter(b, "class");
    build_words(b, build_cell(b, row, 3), build_class(value_text_of(item, "class")), 0);
    build_leave(b, inner);
    build_field(b, build_cell(b, row, 4), item, "reason", 0);
}

static void item_table(struct builder *b, struct blocks *into, const struct value *items,
                       const char *name, const char *label, const struct value *more,
                       struct slice run)
{
    int64_t count;
    static const struct column columns[] = { { .title = "Item", .share = 24 },
                                             { .title = "Attributes", .share = 12 },
                                             { .title = "Found", .share = 26 },
                                             { .title = "Classified as", .share = 16 },
                                             { .title = "Why so", .share = 22 } };
    const struct listing listing = { label, name, columns, ARRAY_LEN(columns), item_row };
    if (value_count(items) == 0)
        return;
    struct block *title = build_text(b, into, TEXT_LABEL);
    build_label(b, title ? &title->runs : NULL, label, 0);
    build_listing(b, into, &listing, items);
    if (!value_to_i64(more, &count))
        return;
    struct block *note = build_text(b, into, TEXT_NOTE);
    struct runs *runs = note ? &note->runs : NULL;
    build_label(b, runs, "and ", 0);
    build_words(b, runs, build_count(b, count), RUN_BOLD);
    build_label(b, runs, " more, in the matrix of run ", 0);
    build_words(b, runs, run, RUN_MONO);
}

static void attribute_row(struct builder *b, struct row *row, const struct value *attribute)
{
    build_field(b, build_cell(b, row, 0), attribute, "id", RUN_BOLD);
    build_field(b, build_cell(b, row, 1), attribute, "title", 0);
    build_field(b, build_cell(b, row, 2), attribute, "holds", RUN_MONO);
    if (value_text_of(attribute, "why").len > 0) {
        struct runs *runs = build_cell(b, row, 2);
        build_label(b, runs, "Told of items that do not hold: ", RUN_QUIET);
        build_field(b, runs, attribute, "why", RUN_MONO);
    }
}

static void attribute_rules(struct builder *b, struct blocks *into, const struct value *attributes)
{
    static const struct column columns[] = { { .title = "Id", .share = 8 },
                                             { .title = "Attribute", .share = 30 },
                                             { .title = "Holds if", .share = 62 } };
    static const struct listing listing = { "Attributes", "attributes", columns, ARRAY_LEN(columns),
                                            attribute_row };
    build_listing(b, into, &listing, attributes);
}

static void test_in_full(struct builder *b, struct blocks *into, const struct value *item)
{
    struct slice id = value_text_of(item, "id");
    struct slice run = value_text_of(item, "run");
    struct slice version = build_count_of(b, item, "version");
    struct slice title = build_printf(b, "%.*s, version %.*s", SLICE_ARG(id), SLICE_ARG(version));
    struct block *heading =
        entry_heading(b, into, build_anchor(b, "definition", id, build_short(run)), title);
    build_words(b, heading ? &heading->runs : NULL, title, 0);
    struct table *facts = build_facts(b, into, TABLE_FACTS, "Test");
    text_fact(b, facts, "Title", item, "title", 0);
    struct runs *runs = build_fact(b, facts, "Control");
    struct slice control_version =
        build_printf(b, "v%.*s", SLICE_ARG(build_count_of(b, item, "control_version")));
    struct run *control = build_field(b, runs, item, "control", 0);
    if (control)
        control->target =
            build_anchor(b, "control", value_text_of(item, "control"), control_version);
    build_label(b, runs, " ", 0);
    build_words(b, runs, control_version, 0);
    text_fact(b, facts, "Population", item, "population", 0);
    text_fact(b, facts, "Filter", item, "where", RUN_MONO);
    text_fact(b, facts, "Run", item, "run", RUN_MONO);
    text_fact(b, facts, "Result digest", item, "result_digest", RUN_MONO);
    text_fact(b, facts, "Engine", item, "engine", 0);
    instant_fact(b, facts, "Performed", item, "performed_at");
    text_fact(b, facts, "Performed by", item, "performed_by", 0);
    count_fact(b, facts, "Examples that hold", item, "examples");
    attribute_rules(b, into, value_member(item, "attributes"));
    const struct value *tested = tested_as(b->model, run);
    item_table(b, into, value_member(tested, "exceptions"), "exceptions",
               "Exceptions, item by item", value_member(tested, "exceptions_more"), run);
    item_table(b, into, value_member(item, "reclassified"), "reclassified",
               "Items of the run that were concluded not to be deviations",
               value_member(item, "reclassified_more"), run);
}

static void appendix_tests(struct builder *b, const struct value *tests)
{
    if (value_count(tests) == 0)
        return;
    struct blocks *into = appendix(b, "Appendix B", "appendix-B", "Tests in full");
    for (size_t i = 0; i < value_count(tests); i++) {
        size_t mark = build_enter_item(b, "tests", i);
        test_in_full(b, into, value_item(tests, i));
        build_leave(b, mark);
    }
}

static void appendix_sampling(struct builder *b, const struct value *sampling)
{
    const struct value *samples = value_member(sampling, "samples");
    const struct value *unrevealed = value_member(sampling, "unrevealed");
    if (value_count(samples) == 0 && value_count(unrevealed) == 0)
        return;
    struct blocks *into = appendix(b, "Appendix C", "appendix-C", "Sampling");
    size_t outer = build_enter(b, "sampling");
    for (size_t i = 0; i < value_count(samples); i++) {
        const struct value *item = value_item(samples, i);
        size_t mark = build_enter_item(b, "samples", i);
        struct slice test = value_text_of(item, "test");
        struct block *heading = entry_heading(
            b, into, build_anchor(b, "sample", test, build_short(value_text_of(item, "run"))),
            test);
        build_field(b, heading ? &heading->runs : NULL, item, "test", 0);
        struct table *facts = build_facts(b, into, TABLE_FACTS, "Sample");
        text_fact(b, facts, "Plan", item, "plan", 0);
        text_fact(b, facts, "Rule for the size", item, "rule", 0);
        count_fact(b, facts, "Items in the population", item, "items");
        count_fact(b, facts, "Size", item, "size");
        text_fact(b, facts, "Achieved limit", item, "limit", 0);
        text_fact(b, facts, "Algorithm", item, "algorithm", 0);
        text_fact(b, facts, "Seed", item, "seed", RUN_MONO);
        text_fact(b, facts, "Commitment", item, "commitment", RUN_MONO);
        instant_fact(b, facts, "Committed", item, "committed_at");
        text_fact(b, facts, "Selected by", item, "selected_by", 0);
        text_fact(b, facts, "Population", item, "population", RUN_MONO);
        text_fact(b, facts, "Run", item, "run", RUN_MONO);
        build_leave(b, mark);
    }
    if (value_count(unrevealed) > 0) {
        struct block *heading =
            entry_heading(b, into, "unrevealed", SLICE("Commitments that were not revealed"));
        build_label(b, heading ? &heading->runs : NULL, "Commitments that were not revealed", 0);
    }
    for (size_t i = 0; i < value_count(unrevealed); i++) {
        const struct value *item = value_item(unrevealed, i);
        size_t mark = build_enter_item(b, "unrevealed", i);
        struct table *facts = build_facts(b, into, TABLE_FACTS, "Commitment");
        text_fact(b, facts, "Test", item, "test", 0);
        text_fact(b, facts, "Commitment", item, "commitment", RUN_MONO);
        text_fact(b, facts, "Why", item, "reason", 0);
        build_leave(b, mark);
    }
    build_leave(b, outer);
}

/* The checkpoint's three lines, as the ledger signs them (C2SP tlog-checkpoint). */
static struct slice checkpoint_text(struct builder *b, const struct value *ledger)
{
    struct digest root;
    struct strbuf base64 = strbuf_new(64);
    struct slice text = { 0 };
    int64_t size = 0;
    if (digest_from_hex(value_text_of(ledger, "root"), &root) &&
        value_to_i64(value_member(ledger, "size"), &size)) {
        base64_add(&base64, root.bytes, sizeof(root.bytes));
        if (strbuf_ok(&base64, b->err))
            text = build_printf(b, "%.*s\n%lld\n%.*s\n", SLICE_ARG(value_text_of(ledger, "origin")),
                                (long long)size, SLICE_ARG(strbuf_slice(&base64)));
        else
            b->failed = true;
    }
    strbuf_free(&base64);
    return text;
}

static void appendix_ledger(struct builder *b, const struct value *ledger)
{
    if (value_count(ledger) == 0)
        return;
    struct blocks *into = appendix(b, "Appendix D", "appendix-D", "Ledger");
    size_t outer = build_enter(b, "ledger");
    char hex[65];
    digest_hex(&b->document->digest, hex);
    struct slice digest = build_printf(b, "sha256:%s", hex);
    struct slice checkpoint = checkpoint_text(b, ledger);
    struct table *facts = build_facts(b, into, TABLE_FACTS, "Ledger");
    build_words(b, build_fact(b, facts, "This report"), digest, RUN_MONO);
    text_fact(b, facts, "Ledger", ledger, "origin", RUN_MONO);
    count_fact(b, facts, "Size", ledger, "size");
    text_fact(b, facts, "Root", ledger, "root", RUN_MONO);
    text_fact(b, facts, "Verifier key", ledger, "vkey", RUN_MONO);
    text_fact(b, facts, "Verify at", ledger, "verify_at", 0);
    struct block *label = build_text(b, into, TEXT_LABEL);
    build_label(b, label ? &label->runs : NULL, "Checkpoint", 0);
    struct block *code = build_block(b, into, BLOCK_CODE);
    struct slice rest = checkpoint, line;
    size_t mark = build_enter(b, "checkpoint");
    while (code && slice_line(&rest, &line) && line.len > 0) {
        build_words(b, &code->runs, line, RUN_MONO);
        if (rest.len > 0 && (code = build_block(b, into, BLOCK_CODE)) == NULL)
            break;
    }
    build_leave(b, mark);
    struct block *qr = build_block(b, into, BLOCK_QR);
    if (qr) {
        qr->qr = build_printf(b, "%.*s\n%.*s", SLICE_ARG(digest), SLICE_ARG(checkpoint));
        qr->qr_alt = SLICE("QR code of this report's digest and the checkpoint, the texts above");
    }
    build_leave(b, outer);
}

void build_appendices(struct builder *b)
{
    const struct value *appendices = value_member(b->model, "appendices");
    size_t mark = build_enter(b, "appendices");
    appendix_populations(b, value_member(appendices, "populations"));
    appendix_tests(b, value_member(appendices, "tests"));
    appendix_sampling(b, value_member(appendices, "sampling"));
    appendix_ledger(b, value_member(appendices, "ledger"));
    build_leave(b, mark);
}
