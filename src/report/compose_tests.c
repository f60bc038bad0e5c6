/* A test with its run: a row's third column, and appendix B. */
#include "base/json.h"
#include "report/compose_private.h"
#include "report/text.h"

enum { EVALUATIONS_MAX = 2000 };

/* A run with what was decided of it. */
struct performed {
    struct composer *c;
    struct stored_entry entry;
    const struct value *run;        /* the run's record */
    const struct value *test;       /* the test's document, in the version that ran */
    const struct value *evaluation; /* or NULL */
    int64_t test_version;
    struct run_items items;
};

static int64_t number_of(const struct value *object, const char *path)
{
    int64_t number = 0;
    return value_to_i64(value_path(object, path), &number) ? number : 0;
}

/* What is said of all items that the evaluation does not name. */
static void put_others(const struct performed *p, struct value *test)
{
    const struct value *others = value_member(p->evaluation, "others");
    if (p->items.others == 0)
        return;
    struct value *item = compose_object(p->c, test, "others");
    compose_number(p->c, item, "count", p->items.others);
    compose_copy(p->c, item, "class", others, "class");
    compose_copy(p->c, item, "kind", others, "kind");
    compose_copy(p->c, item, "reason", others, "reason");
}

/* A number that is left out where there is nothing to say. */
static void put_more(const struct performed *p, struct value *object, const char *name,
                     int64_t more)
{
    if (more > 0)
        compose_number(p->c, object, name, more);
}

/* ---- words of people ---- */

/* A cause unless it was said before. Many items have one cause: what was said is short. */
static void add_cause(const struct performed *p, struct strbuf *text, struct value *said,
                      struct slice cause)
{
    if (cause.len == 0)
        return;
    for (size_t i = 0; i < value_count(said); i++)
        if (slice_equal(value_text(value_item(said, i)), cause))
            return;
    compose_add(p->c, said, cause);
    strbuf_add_text(text, text->len ? " " : "");
    strbuf_add(text, cause);
}

/* The causes that the evaluation names, each once. */
static void put_cause(const struct performed *p, struct value *test)
{
    struct strbuf text = strbuf_new(64 << 10);
    const struct value *items = value_member(p->evaluation, "items");
    struct value *said = value_new(p->c->arena, VALUE_ARRAY, p->c->err);
    p->c->failed = p->c->failed || !said;
    for (size_t i = 0; i < value_count(items); i++)
        add_cause(p, &text, said, value_text_of(value_item(items, i), "cause"));
    add_cause(p, &text, said, value_text_of(value_member(p->evaluation, "others"), "cause"));
    compose_optional(p->c, test, "cause", strbuf_slice(&text));
    p->c->failed = p->c->failed || !strbuf_ok(&text, p->c->err);
    strbuf_free(&text);
}

/* What the deviations mean, as one text: the result's cell says it in a paragraph. */
static void put_effect(const struct performed *p, struct value *test)
{
    struct slice effect = value_text_of(p->evaluation, "effect");
    struct strbuf text = strbuf_new(1 << 20);
    const struct value *paragraphs =
        effect.len > 0 && !p->c->failed
            ? report_paragraphs_from_markdown(p->c->arena, effect, p->c->err)
            : NULL;
    p->c->failed = p->c->failed || (effect.len > 0 && !paragraphs);
    for (size_t i = 0; i < value_count(paragraphs); i++) {
        strbuf_add_text(&text, i > 0 ? " " : "");
        strbuf_add(&text, value_text(value_item(paragraphs, i)));
    }
    compose_optional(p->c, test, "effect", strbuf_slice(&text));
    p->c->failed = p->c->failed || !strbuf_ok(&text, p->c->err);
    strbuf_free(&text);
}

static void put_other_controls(const struct performed *p, struct value *test)
{
    struct strbuf text = strbuf_new(64 << 10);
    const struct value *list = value_member(p->evaluation, "other_controls");
    for (size_t i = 0; i < value_count(list); i++) {
        struct slice words = value_text_of(value_item(list, i), "text");
        struct slice id = compose_id(value_text_of(value_item(list, i), "control"));
        strbuf_printf(&text, "%s%.*s", text.len ? " " : "", SLICE_ARG(id));
        if (words.len)
            strbuf_printf(&text, ": %.*s", SLICE_ARG(words));
        else
            strbuf_add_char(&text, '.');
    }
    compose_optional(p->c, test, "other_controls", strbuf_slice(&text));
    p->c->failed = p->c->failed || !strbuf_ok(&text, p->c->err);
    strbuf_free(&text);
}

/* The answer's text and, as a list, what is or was done about it. */
static void put_answer(struct composer *c, struct value *item, const struct value *response)
{
    struct strbuf text = strbuf_new(1 << 20);
    const struct value *measures = value_member(response, "measures");
    strbuf_add(&text, value_text_of(response, "text"));
    for (size_t i = 0; i < value_count(measures); i++) {
        const struct value *measure = value_item(measures, i);
        struct slice due = value_text_of(measure, "due"), done = value_text_of(measure, "done");
        strbuf_printf(&text, "%s- %.*s", i == 0 ? "\n\n" : "\n",
                      SLICE_ARG(value_text_of(measure, "text")));
        if (done.len > 0)
            strbuf_printf(&text, " (done %.*s)", SLICE_ARG(done));
        else if (due.len > 0)
            strbuf_printf(&text, " (due %.*s)", SLICE_ARG(due));
    }
    compose_blocks(c, item, "text", strbuf_slice(&text));
    c->failed = c->failed || !strbuf_ok(&text, c->err);
    strbuf_free(&text);
}

static void put_response(const struct performed *p, struct value *test)
{
    struct compose_found found[256];
    struct composer *c = p->c;
    struct slice control = value_text_of(p->run, "control"), name = value_text_of(p->run, "test");
    size_t count = compose_of_engagement(c, "Response", found, ARRAY_LEN(found));
    for (size_t i = 0; i < count; i++) {
        struct slice of = value_text_of(found[i].document, "test");
        if (!slice_equal(value_text_of(found[i].document, "control"), control) ||
            (of.len && !slice_equal(of, name)))
            continue;
        struct value *item = compose_object(c, test, "response");
        const struct value *person =
            compose_document(c, value_text_of(found[i].document, "given_by"));
        put_answer(c, item, found[i].document);
        if (person)
            compose_copy(c, item, "by", person, "name");
        return;
    }
    compose_null(c, test, "response");
}

/* ---- figures ---- */

static void put_attributes(const struct performed *p, struct value *test)
{
    const struct value *counted = value_member(p->run, "attributes");
    const struct value *defined = value_member(p->test, "attributes");
    struct value *list = compose_array(p->c, test, "attributes");
    for (size_t i = 0; i < value_count(counted); i++) {
        struct value *item = compose_item(p->c, list);
        compose_copy(p->c, item, "id", value_item(counted, i), "id");
        compose_copy(p->c, item, "title", value_item(defined, i), "title");
        compose_copy(p->c, item, "holds", value_item(counted, i), "holds");
        compose_copy(p->c, item, "fails", value_item(counted, i), "fails");
        compose_copy(p->c, item, "undecided", value_item(counted, i), "undecided");
    }
}

static void put_population(const struct performed *p, struct value *test)
{
    struct composer *c = p->c;
    struct slice leaf = compose_population(c, value_text(value_path(p->run, "population.name")),
                                           number_of(p->run, "position"));
    struct value *item = compose_object(c, test, "population");
    compose_text(c, item, "name", leaf);
    compose_copy(c, item, "type", value_member(p->run, "population"), "type");
    compose_copy(c, item, "items", value_member(p->run, "population"), "items");
    compose_copy(c, item, "digest", value_member(p->run, "population"), "digest");
}

static void put_period(struct composer *c, struct value *object)
{
    char days[24];
    struct slice from, to;
    period_format(&c->engagement.period, c->engagement.zone, days);
    struct slice text = slice_of(days);
    from = slice_head(text, 10);
    to = slice_from(text, 12);
    struct value *period = compose_object(c, object, "period");
    compose_text(c, period, "from", from);
    compose_text(c, period, "to", to);
}

static struct slice run_hex(const struct performed *p)
{
    char hex[65];
    digest_hex(&p->entry.leaf, hex);
    return compose_printf(p->c, "%s", hex);
}

static void put_concluded(const struct performed *p, struct value *test)
{
    int64_t tested = number_of(p->run, "deviations"), items = number_of(p->run, "population.items");
    int64_t told = p->evaluation ? p->items.deviations : tested;
    compose_number(p->c, test, "tested_deviations", tested);
    if (p->evaluation) {
        struct value *concluded = compose_object(p->c, test, "concluded");
        compose_number(p->c, concluded, "deviations", p->items.deviations);
        compose_number(p->c, concluded, "not_deviations", p->items.not_deviations);
        compose_number(p->c, concluded, "void", p->items.voids);
    } else {
        compose_null(p->c, test, "concluded");
    }
    compose_text(p->c, test, "result",
                 items == 0  ? SLICE("did-not-operate")
                 : told == 0 ? SLICE("no-exceptions")
                             : SLICE("exceptions"));
}

static void put_row(const struct performed *p, struct value *list)
{
    struct composer *c = p->c;
    struct value *test = compose_item(c, list);
    compose_text(c, test, "id", compose_id(value_text_of(p->run, "test")));
    compose_number(c, test, "version", p->test_version);
    compose_copy(c, test, "nature", p->test, "nature");
    compose_copy(c, test, "procedure", p->test, "procedure");
    compose_text(c, test, "extent", SLICE("full"));
    compose_null(c, test, "sample");
    put_population(p, test);
    put_period(c, test);
    compose_text(c, test, "run", run_hex(p));
    put_attributes(p, test);
    compose_put(c, test, "exceptions", p->items.exceptions);
    put_more(p, test, "exceptions_more", p->items.exceptions_more);
    put_others(p, test);
    put_concluded(p, test);
    put_cause(p, test);
    put_effect(p, test);
    put_other_controls(p, test);
    put_response(p, test);
    if (!c->failed && !report_text_result(c->arena, test, c->err))
        c->failed = true;
}

/* ---- appendix B ---- */

static void put_appendix(const struct performed *p)
{
    struct composer *c = p->c;
    struct value *item = compose_item(c, c->tests);
    const struct value *defined = value_member(p->test, "attributes");
    struct resource_version control;
    struct slice control_name = value_text_of(p->run, "control");
    if (!c->failed && !resource_get(c->store, c->arena, control_name, c->size, &control, c->err))
        c->failed = true;
    if (c->failed)
        return;
    compose_text(c, item, "id", compose_id(value_text_of(p->run, "test")));
    compose_number(c, item, "version", p->test_version);
    compose_text(c, item, "control", compose_id(control_name));
    compose_number(c, item, "control_version", (int64_t)control.version);
    compose_copy(c, item, "title", p->test, "title");
    compose_copy(c, item, "population", p->test, "population");
    compose_copy(c, item, "where", p->test, "where");
    struct value *attributes = compose_array(c, item, "attributes");
    for (size_t i = 0; i < value_count(defined); i++) {
        struct value *attribute = compose_item(c, attributes);
        compose_copy(c, attribute, "id", value_item(defined, i), "id");
        compose_copy(c, attribute, "title", value_item(defined, i), "title");
        compose_copy(c, attribute, "holds", value_item(defined, i), "holds");
        compose_copy(c, attribute, "why", value_item(defined, i), "why");
    }
    compose_copy(c, item, "examples", p->run, "examples");
    compose_text(c, item, "run", run_hex(p));
    compose_copy(c, item, "result_digest", p->run, "result_digest");
    compose_copy(c, item, "engine", p->run, "engine");
    compose_text(c, item, "performed_at", p->entry.at);
    compose_copy(c, item, "performed_by", p->run, "by");
    compose_put(c, item, "reclassified", p->items.reclassified);
    put_more(p, item, "reclassified_more", p->items.reclassified_more);
}

/* ---- which runs ---- */

static bool read_run(struct performed *p, struct slice name, struct slice run)
{
    struct composer *c = p->c;
    struct resource_version version;
    if (slice_starts_with(run, SLICE("run/")))
        run = slice_from(run, 4);
    if (c->failed || !entry_find(c->store, c->arena, run, c->size, &p->entry, c->err)) {
        c->failed = true;
        return false;
    }
    p->run = compose_parse(c, p->entry.object);
    p->test_version = number_of(p->run, "version");
    if (c->failed || !resource_get_version(c->store, c->arena, name, (uint64_t)p->test_version,
                                           c->size, &version, c->err)) {
        c->failed = true;
        return false;
    }
    p->test = compose_parse(c, version.document);
    return p->test != NULL;
}

/* The evaluation of a test in this engagement; a service auditor's report takes the auditor's. */
static const struct value *find_evaluation(struct composer *c, struct slice test)
{
    struct compose_found *found = arena_array(c->arena, EVALUATIONS_MAX, sizeof *found, c->err);
    const struct compose_found *best = NULL;
    size_t count = found ? compose_of_engagement(c, "Evaluation", found, EVALUATIONS_MAX) : 0;
    c->failed = c->failed || !found;
    for (size_t i = 0; i < count; i++) {
        bool is_auditors = slice_is(found[i].version->side, "auditor");
        if (slice_equal(value_text_of(found[i].document, "test"), test) &&
            is_auditors == (c->opinion != NULL))
            best = &found[i];
    }
    /* An opinion rests on the auditor's evaluations already. */
    if (best && !c->opinion)
        compose_rests_on(c, &best->version->leaf);
    return best ? best->document : NULL;
}

/* Without an evaluation: the last run made in this engagement, or over its period. */
static bool find_last_run(struct performed *p, struct slice test)
{
    struct composer *c = p->c;
    struct stored_entries list;
    char from[28], hex[65];
    time_format(c->engagement.period.start_us, from);
    if (!entry_list(c->store, c->arena, SLICE("test.run"), test, c->size, &list, c->err)) {
        c->failed = true;
        return false;
    }
    for (size_t i = list.count; i > 0; i--) {
        const struct value *run = compose_parse(c, list.items[i - 1].object);
        bool is_ours = slice_equal(value_text_of(run, "engagement"), c->engagement.name) ||
                       (!c->opinion && slice_is(value_text(value_path(run, "period.from")), from));
        if (!is_ours)
            continue;
        digest_hex(&list.items[i - 1].leaf, hex);
        return read_run(p, test, slice_of(hex));
    }
    return false;
}

static void put_performed(struct performed *p, struct value *list)
{
    const struct compose_run run = {
        .hex = run_hex(p), .record = p->run, .test = p->test, .evaluation = p->evaluation
    };
    compose_items(p->c, &run, &p->items);
    put_row(p, list);
    put_appendix(p);
    if (!p->c->opinion)
        compose_rests_on(p->c, &p->entry.leaf);
}

void compose_test(struct composer *c, struct value *list, const struct resource_version *test)
{
    struct performed p = { .c = c };
    if (c->failed)
        return;
    p.evaluation = find_evaluation(c, test->name);
    const struct value *runs = value_member(p.evaluation, "runs");
    for (size_t i = 0; i < value_count(runs); i++) {
        if (!read_run(&p, test->name, value_text(value_item(runs, i))))
            return;
        put_performed(&p, list);
    }
    if (!p.evaluation && find_last_run(&p, test->name))
        put_performed(&p, list);
}
