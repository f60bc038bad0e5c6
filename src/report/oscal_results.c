/* Section 4 as OSCAL has it: controls reviewed, an observation of each test, a risk where there are
 * exceptions, a finding on each criterion that was concluded on. */
#include "base/json.h"
#include "report/oscal.h"

/* A test with its place in section 4. */
struct placed {
    const struct value *control, *test;
    const char *place;
};
typedef void placed_fn(struct oscal *o, struct value *to, const struct placed *placed);

static const struct value *bands_of(const struct oscal *o)
{
    return value_path(o->b.model, "section4.bands");
}

static const char *place_of(struct oscal *o, size_t band, size_t row, size_t test)
{
    return build_string(
        &o->b, build_printf(&o->b, "section4.bands[%zu].rows[%zu].tests[%zu]", band, row, test));
}

static bool is_same_control(const struct value *a, const struct value *b)
{
    return slice_equal(value_text_of(a, "id"), value_text_of(b, "id")) &&
           value_equal(value_member(a, "version"), value_member(b, "version"));
}

/* Each test; only: of that control, wherever its tests are printed (NULL: all). */
static void for_tests(struct oscal *o, const struct value *only, placed_fn *visit, struct value *to)
{
    for (size_t b = 0; b < value_count(bands_of(o)); b++) {
        const struct value *rows = value_member(value_item(bands_of(o), b), "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *control = value_member(value_item(rows, r), "control");
            const struct value *tests = value_member(value_item(rows, r), "tests");
            if (only && !is_same_control(only, control))
                continue;
            for (size_t t = 0; t < value_count(tests) && !o->b.failed; t++) {
                struct placed placed = { control, value_item(tests, t), place_of(o, b, r, t) };
                visit(o, to, &placed);
            }
        }
    }
}

static bool has_exceptions(const struct value *test)
{
    return slice_is(value_text_of(test, "result"), "exceptions");
}

/* ---- reviewed controls ---- */

static bool is_named_before(const struct value *rows, size_t row)
{
    const struct value *control = value_member(value_item(rows, row), "control");
    for (size_t i = 0; i < row; i++)
        if (slice_equal(value_text(value_path(value_item(rows, i), "control.id")),
                        value_text_of(control, "id")))
            return true;
    return false;
}

/* A selection for each criterion, with the controls mapped to it; a criterion without controls is
 * an objective only. */
static void add_reviewed(struct oscal *o, struct value *result)
{
    struct value *reviewed = oscal_object(o, result, "reviewed-controls");
    struct value *objectives = oscal_item(o, reviewed, "control-objective-selections");
    for (size_t b = 0; b < value_count(bands_of(o)); b++) {
        const struct value *band = value_item(bands_of(o), b);
        const struct value *rows = value_member(band, "rows");
        struct slice criterion = value_text(value_path(band, "criterion.id"));
        struct value *objective = oscal_item(o, objectives, "include-objectives");
        oscal_put(o, objective, "objective-id", oscal_token(o, criterion));
        if (value_count(rows) == 0) {
            oscal_put(o, objective, "remarks", SLICE("No control is mapped to this criterion."));
            continue;
        }
        struct value *selection = oscal_item(o, reviewed, "control-selections");
        oscal_markup(o, selection, "description", value_text(value_path(band, "criterion.title")));
        oscal_prop(o, selection, "criterion", criterion);
        for (size_t r = 0; r < value_count(rows); r++) {
            if (is_named_before(rows, r)) /* two versions in one period are one control */
                continue;
            struct value *control = oscal_item(o, selection, "include-controls");
            oscal_put(o, control, "control-id",
                      oscal_token(o, value_text(value_path(value_item(rows, r), "control.id"))));
        }
    }
}

/* ---- observations ---- */

/* NIST SP 800-53A knows three methods; what is observed is examined. */
static struct slice method_of(struct slice nature)
{
    if (slice_is(nature, "inquiry"))
        return SLICE("INTERVIEW");
    return slice_is(nature, "reperformance") ? SLICE("TEST") : SLICE("EXAMINE");
}

/* Appendix B's entry of a run; NULL if the appendix is not printed. */
static const struct value *performed_of(const struct oscal *o, struct slice run)
{
    const struct value *tests = value_path(o->b.model, "appendices.tests");
    for (size_t i = 0; i < value_count(tests); i++)
        if (slice_equal(value_text_of(value_item(tests, i), "run"), run))
            return value_item(tests, i);
    return NULL;
}

static void add_attributes(struct oscal *o, struct value *observation, const struct value *test)
{
    static const char *const counts[] = { "holds", "fails", "undecided" };
    const struct value *attributes = value_member(test, "attributes");
    for (size_t i = 0; i < value_count(attributes); i++) {
        const struct value *attribute = value_item(attributes, i);
        for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
            int64_t count = 0;
            if (!value_to_i64(value_member(attribute, counts[c]), &count))
                continue;
            struct value *prop = oscal_prop(o, observation, "attribute-items",
                                            build_printf(&o->b, "%lld", (long long)count));
            oscal_put(o, prop, "class", slice_of(counts[c]));
            oscal_put(o, prop, "group", oscal_token(o, value_text_of(attribute, "id")));
            oscal_put(o, prop, "remarks", oscal_escaped(o, value_text_of(attribute, "title")));
        }
    }
}

static void add_observation_props(struct oscal *o, struct value *observation,
                                  const struct placed *placed)
{
    const struct value *test = placed->test;
    const struct value *population = value_member(test, "population");
    const struct value *concluded = value_member(test, "concluded");
    oscal_prop(o, observation, "control", value_text_of(placed->control, "id"));
    oscal_prop_count(o, observation, "control-version", value_member(placed->control, "version"));
    oscal_prop(o, observation, "test", value_text_of(test, "id"));
    oscal_prop_count(o, observation, "test-version", value_member(test, "version"));
    oscal_prop(o, observation, "nature", value_text_of(test, "nature"));
    oscal_prop(o, observation, "extent", value_text_of(test, "extent"));
    oscal_prop(o, observation, "population-type", value_text_of(population, "type"));
    oscal_prop_count(o, observation, "population-items", value_member(population, "items"));
    oscal_prop(o, observation, "population-digest", value_text_of(population, "digest"));
    oscal_prop(o, observation, "population", value_text_of(population, "name"));
    oscal_prop_count(o, observation, "sample-size", value_path(test, "sample.size"));
    oscal_prop(o, observation, "run", value_text_of(test, "run"));
    oscal_prop(o, observation, "from", value_text(value_path(test, "period.from")));
    oscal_prop(o, observation, "to", value_text(value_path(test, "period.to")));
    oscal_prop(o, observation, "result", value_text_of(test, "result"));
    oscal_prop_count(o, observation, "tested-deviations", value_member(test, "tested_deviations"));
    oscal_prop_count(o, observation, "deviations", value_member(concluded, "deviations"));
    oscal_prop_count(o, observation, "not-deviations", value_member(concluded, "not_deviations"));
    oscal_prop_count(o, observation, "void", value_member(concluded, "void"));
    add_attributes(o, observation, test);
}

static void add_origin(struct oscal *o, struct value *holder)
{
    struct value *actor = oscal_item(o, oscal_item(o, holder, "origins"), "actors");
    oscal_put(o, actor, "type", SLICE("party"));
    oscal_put(o, actor, "actor-uuid", o->assessor);
}

static void add_observation(struct oscal *o, struct value *result, const struct placed *placed)
{
    const struct value *test = placed->test;
    const struct value *performed = performed_of(o, value_text_of(test, "run"));
    struct slice collected = value_text_of(performed, "performed_at");
    struct slice procedure = oscal_escaped(o, value_text_of(test, "procedure"));
    struct slice said = oscal_paragraphs(o, value_member(test, "result_text"));
    int64_t version = 0;
    (void)value_to_i64(value_member(test, "version"), &version);
    struct value *observation = oscal_item(o, result, "observations");
    oscal_put(o, observation, "uuid", oscal_uuid(o, "observation", placed->place));
    oscal_put(o, observation, "title",
              build_printf(&o->b, "Test %.*s, version %lld",
                           SLICE_ARG(oscal_escaped(o, value_text_of(test, "id"))),
                           (long long)version));
    oscal_put(o, observation, "description",
              build_printf(&o->b, "%.*s\n\n%.*s", SLICE_ARG(procedure), SLICE_ARG(said)));
    add_observation_props(o, observation, placed);
    oscal_text(o, observation, "methods", method_of(value_text_of(test, "nature")));
    oscal_text(o, observation, "types", SLICE("control-objective"));
    add_origin(o, observation);
    oscal_put(o, observation, "collected", collected.len ? collected : o->when);
    if (collected.len == 0)
        oscal_put(o, observation, "remarks",
                  SLICE("The report does not print when the test was run: the date given is that "
                        "of this document."));
}

/* ---- risks ---- */

/* "Attributes A, B. Why: ... Reason: ...", what the report prints of an item. */
static struct slice told_of(struct oscal *o, const struct value *item)
{
    struct strbuf text = strbuf_new(16 << 20);
    const struct value *attributes = value_member(item, "attributes");
    struct slice why = oscal_escaped(o, value_text_of(item, "why"));
    struct slice reason = oscal_escaped(o, value_text_of(item, "reason"));
    struct slice copy = { 0 };
    strbuf_add_text(&text, "Attributes that do not hold:");
    for (size_t i = 0; i < value_count(attributes); i++) {
        struct slice id = oscal_escaped(o, value_text(value_item(attributes, i)));
        strbuf_printf(&text, "%s %.*s", i > 0 ? "," : "", SLICE_ARG(id));
    }
    strbuf_add_char(&text, '.');
    if (why.len > 0)
        strbuf_printf(&text, "\n\nWhy: %.*s", SLICE_ARG(why));
    if (reason.len > 0)
        strbuf_printf(&text, "\n\nReason: %.*s", SLICE_ARG(reason));
    if (!strbuf_ok(&text, o->b.err) ||
        !arena_copy(o->b.arena, strbuf_slice(&text), &copy, o->b.err))
        o->b.failed = true;
    strbuf_free(&text);
    return copy;
}

static void add_exceptions(struct oscal *o, struct value *risk, const struct value *test)
{
    const struct value *items = value_member(test, "exceptions");
    for (size_t i = 0; i < value_count(items) && !o->b.failed; i++) {
        const struct value *item = value_item(items, i);
        struct slice class = value_text_of(item, "class"), key;
        if (!json_canonical_copy(o->b.arena, value_member(item, "key"), &key, o->b.err)) {
            o->b.failed = true;
            return;
        }
        struct value *prop = oscal_prop(o, risk, "exception", key);
        if (class.len > 0)
            oscal_put(o, prop, "class", class);
        oscal_put(o, prop, "remarks", told_of(o, item));
    }
}

/* Management's words, wherever they go with the words that nobody has examined them. */
static void add_response(struct oscal *o, struct value *risk, const struct placed *placed)
{
    const struct value *response = value_member(placed->test, "response");
    if (!response || response->type != VALUE_OBJECT)
        return;
    struct value *remediation = oscal_item(o, risk, "remediations");
    oscal_put(o, remediation, "uuid", oscal_uuid(o, "response", placed->place));
    oscal_put(o, remediation, "lifecycle", SLICE("stated-by-management"));
    oscal_put(o, remediation, "title", SLICE("Management's response, not examined"));
    oscal_put(o, remediation, "description", oscal_paragraphs(o, value_member(response, "text")));
    oscal_prop(o, remediation, "examined", SLICE("false"));
    oscal_prop(o, remediation, "response-by", value_text_of(response, "by"));
    oscal_put(o, remediation, "remarks",
              o->is_readiness
                  ? SLICE("Management's own words. Nothing of this report was examined by an "
                          "independent service auditor.")
                  : SLICE("Management's own words. The service auditor has not examined them; "
                          "whether it was done, and when, is not said here."));
}

static void relate(struct oscal *o, struct value *holder, const char *list, const char *name,
                   struct slice uuid)
{
    oscal_put(o, oscal_item(o, holder, list), name, uuid);
}

static void add_risk(struct oscal *o, struct value *result, const struct placed *placed)
{
    const struct value *test = placed->test;
    struct slice effect = value_text_of(test, "effect");
    if (!has_exceptions(test))
        return;
    struct value *risk = oscal_item(o, result, "risks");
    oscal_put(o, risk, "uuid", oscal_uuid(o, "risk", placed->place));
    oscal_put(o, risk, "title",
              build_printf(&o->b, "Exceptions of test %.*s",
                           SLICE_ARG(oscal_escaped(o, value_text_of(test, "id")))));
    oscal_put(o, risk, "description", oscal_paragraphs(o, value_member(test, "result_text")));
    oscal_put(o, risk, "statement",
              effect.len > 0 ? oscal_escaped(o, effect)
                             : SLICE("The report does not say what the exceptions mean for the "
                                     "criteria and commitments."));
    oscal_put(o, risk, "status", SLICE("open"));
    struct value *basis = oscal_prop(o, risk, "status-basis", SLICE("not-assessed"));
    oscal_put(o, basis, "remarks",
              SLICE("OSCAL asks for a status; the report has none. Open says that no closing was "
                    "examined."));
    add_exceptions(o, risk, test);
    add_origin(o, risk);
    add_response(o, risk, placed);
    relate(o, risk, "related-observations", "observation-uuid",
           oscal_uuid(o, "observation", placed->place));
}

/* ---- findings ---- */

static void relate_test(struct oscal *o, struct value *finding, const struct placed *placed)
{
    relate(o, finding, "related-observations", "observation-uuid",
           oscal_uuid(o, "observation", placed->place));
    if (has_exceptions(placed->test))
        relate(o, finding, "related-risks", "risk-uuid", oscal_uuid(o, "risk", placed->place));
}

static struct value *add_finding(struct oscal *o, struct value *result, const char *place,
                                 struct slice id, struct slice title)
{
    struct value *finding = oscal_item(o, result, "findings");
    struct value *target = oscal_object(o, finding, "target");
    oscal_put(o, finding, "uuid", oscal_uuid(o, "finding", place));
    oscal_put(o, finding, "title",
              build_printf(&o->b, "%.*s: %.*s", SLICE_ARG(oscal_escaped(o, build_local(id))),
                           SLICE_ARG(oscal_escaped(o, title))));
    oscal_put(o, target, "type", SLICE("objective-id"));
    oscal_put(o, target, "target-id", oscal_token(o, id));
    return finding;
}

static void add_status(struct oscal *o, struct value *finding, const char *state,
                       const char *reason, struct slice remarks)
{
    for (size_t i = 0; finding && i < finding->count; i++) {
        if (!slice_is(finding->members[i].name, "target"))
            continue;
        struct value *status = oscal_object(o, finding->members[i].value, "status");
        oscal_put(o, status, "state", slice_of(state));
        oscal_put(o, status, "reason", slice_of(reason));
        oscal_put(o, status, "remarks", remarks);
    }
}

/* What the auditor concluded on a criterion. */
static void add_conclusion(struct oscal *o, struct value *result, const struct value *band,
                           const char *place)
{
    const struct value *conclusion = value_member(band, "conclusion");
    const struct value *rows = value_member(band, "rows");
    struct slice id = value_text(value_path(band, "criterion.id"));
    struct slice design = value_text_of(conclusion, "design");
    struct slice operating = value_text_of(conclusion, "operating");
    struct slice said = oscal_paragraphs(o, value_member(conclusion, "text"));
    bool is_met = slice_is(design, "suitable") && !slice_is(operating, "not-effective");
    bool is_design_only = slice_is(operating, "not-examined");
    struct value *finding =
        add_finding(o, result, place, id, value_text(value_path(band, "criterion.title")));
    oscal_prop(o, finding, "criterion", id);
    oscal_prop(o, finding, "design", design);
    oscal_prop(o, finding, "operating", operating);
    oscal_put(o, finding, "description",
              build_printf(&o->b, "Design: %.*s. Operating effectiveness: %.*s.%s%.*s",
                           SLICE_ARG(oscal_escaped(o, design)),
                           SLICE_ARG(oscal_escaped(o, operating)), said.len > 0 ? "\n\n" : "",
                           SLICE_ARG(said)));
    add_status(o, finding, is_met ? "satisfied" : "not-satisfied", is_met ? "pass" : "fail",
               is_design_only
                   ? SLICE("The conclusion on this criterion, on design alone: operating "
                           "effectiveness was not examined.")
                   : SLICE("The conclusion on this criterion, on design and operating "
                           "effectiveness."));
    for (size_t r = 0; r < value_count(rows); r++)
        for_tests(o, value_member(value_item(rows, r), "control"), relate_test, finding);
}

static bool row_has_exceptions(const struct value *row)
{
    const struct value *tests = value_member(row, "tests");
    for (size_t t = 0; t < value_count(tests); t++)
        if (has_exceptions(value_item(tests, t)))
            return true;
    return false;
}

/* Nobody concluded, as in a readiness report: what is there is that a control has exceptions. */
static void add_unconcluded(struct oscal *o, struct value *result, const struct value *row,
                            const char *place)
{
    const struct value *control = value_member(row, "control");
    struct slice id = value_text_of(control, "id");
    struct value *finding = add_finding(o, result, place, id, value_text_of(control, "title"));
    oscal_prop(o, finding, "control", id);
    oscal_markup(o, finding, "description", value_text_of(control, "statement"));
    add_status(
        o, finding, "not-satisfied", "other",
        SLICE("Tests of this control have exceptions. Nobody has concluded on the criterion: "
              "what they mean for it is open."));
    for_tests(o, control, relate_test, finding);
}

static void add_findings(struct oscal *o, struct value *result)
{
    for (size_t b = 0; b < value_count(bands_of(o)) && !o->b.failed; b++) {
        const struct value *band = value_item(bands_of(o), b);
        const struct value *rows = value_member(band, "rows");
        const struct value *conclusion = value_member(band, "conclusion");
        if (conclusion && conclusion->type == VALUE_OBJECT) {
            add_conclusion(o, result, band,
                           build_string(&o->b, build_printf(&o->b, "section4.bands[%zu]", b)));
            continue;
        }
        for (size_t r = 0; r < value_count(rows); r++)
            if (row_has_exceptions(value_item(rows, r)))
                add_unconcluded(
                    o, result, value_item(rows, r),
                    build_string(&o->b,
                                 build_printf(&o->b, "section4.bands[%zu].rows[%zu]", b, r)));
    }
}

void oscal_results(struct oscal *o, struct value *result)
{
    add_reviewed(o, result);
    for_tests(o, NULL, add_observation, result);
    for_tests(o, NULL, add_risk, result);
    add_findings(o, result);
}
