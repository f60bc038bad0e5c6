/* Section 4 and its appendices against runs, populations, matrices and evaluations. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "verify/report_check.h"

/* ---- one run ---- */

/* What the ledger says of a run, as far as the report prints it. */
struct run_facts {
    uint64_t n;
    struct entry entry;
    bool has_test, has_population;
    struct entry test, population;
    struct digest population_leaf;
    const struct matrix_counts *matrix; /* NULL: it is not held */
};

/* Section 4 and appendix B ask for the same matrix: it is read once, unless rows are asked for. */
static bool counted(struct report_check *report, struct run_facts *facts,
                    const struct matrix_visit *visit)
{
    const struct payload_source *payloads = &report->v->payloads.base;
    struct digest c;
    uint64_t bytes;
    if (!payload_ref(value_member(facts->entry.body, "payload"), &c, &bytes) ||
        payloads->state(payloads, &c) != PAYLOAD_HELD)
        return true;
    for (const struct counted_run *run = report->counted; run && !visit; run = run->next) {
        if (run->n == facts->n)
            facts->matrix = &run->counts;
    }
    if (facts->matrix)
        return true;
    struct counted_run *made = arena_alloc(report->arena, sizeof *made, report->v->err);
    if (!made || !matrix_count(payloads, report->arena, &c, visit, &made->counts, report->v->err))
        return false;
    made->n = facts->n;
    made->next = report->counted;
    report->counted = made;
    facts->matrix = &made->counts;
    return true;
}

static bool input_take(struct report_check *report, const struct digest *leaf,
                       struct run_facts *facts)
{
    struct links input;
    uint64_t n;
    if (!contents_find_leaf(report->v->contents, leaf, &n))
        return true;
    if (!verify_links(report->v, report->step, n, &input))
        return false;
    if (input.entry.kind == ENTRY_POPULATION) {
        facts->has_population = true;
        facts->population = input.entry;
        facts->population_leaf = *leaf;
    } else if (input.entry.kind == ENTRY_RESOURCE &&
               slice_is(value_text_of(input.entry.body, "kind"), "Test")) {
        facts->has_test = true;
        facts->test = input.entry;
    }
    return true;
}

/* The run of that leaf; *is_there false if the report rests on no such run. */
static bool facts_read(struct report_check *report, struct slice leaf_hex, bool *is_there,
                       struct run_facts *facts)
{
    struct verifier *v = report->v;
    struct links links;
    struct digest leaf;
    memset(facts, 0, sizeof *facts);
    *is_there = false;
    if (!digest_from_hex(leaf_hex, &leaf) || !contents_find_leaf(v->contents, &leaf, &facts->n) ||
        !contents_rests_on(report->contents, facts->n))
        return true;
    if (!verify_links(v, report->step, facts->n, &links))
        return false;
    if (links.entry.kind != ENTRY_RUN)
        return true;
    *is_there = true;
    facts->entry = links.entry;
    for (size_t i = 0; i < links.count; i++) {
        if (!input_take(report, &links.inputs[i], facts))
            return false;
    }
    return true;
}

/* ---- one test of section 4 ---- */

static bool attributes_compare(struct report_check *report, const struct value *test,
                               const struct matrix_counts *matrix, struct slice of)
{
    const struct value *attributes = value_member(test, "attributes");
    const struct value *ids = value_member(matrix->header, "attributes");
    report->compared++;
    if (value_count(attributes) != matrix->attributes_count)
        return report_differs(report, "attributes of %.*s: the report names %zu, the run %zu",
                              SLICE_ARG(of), value_count(attributes), matrix->attributes_count);
    for (size_t i = 0; i < matrix->attributes_count; i++) {
        const struct value *attribute = value_item(attributes, i);
        if (!report_text(report, value_text_of(attribute, "id"), value_text(value_item(ids, i)),
                         "an attribute", of) ||
            !report_number(report, value_member(attribute, "holds"), matrix->holds[i],
                           "items that hold", of) ||
            !report_number(report, value_member(attribute, "fails"), matrix->fails[i],
                           "items that fail", of) ||
            !report_number(report, value_member(attribute, "undecided"), matrix->undecided[i],
                           "undecided items", of))
            return false;
    }
    return true;
}

static bool matrix_compare(struct report_check *report, const struct value *test,
                           const struct run_facts *facts, struct slice of)
{
    const struct matrix_counts *matrix = facts->matrix;
    const struct value *sample = value_member(test, "sample");
    bool is_idle = slice_is(value_text_of(test, "result"), "did-not-operate");
    if (!matrix) {
        report->absent += 3; /* counts, digest, attributes */
        return true;
    }
    if (!attributes_compare(report, test, matrix, of) ||
        !report_number(report, value_member(test, "tested_deviations"), matrix->deviations,
                       "deviations", of) ||
        !report_text(report, value_text(value_path(test, "population.digest")),
                     value_text_of(matrix->header, "population"), "the population's digest", of))
        return false;
    if (sample && sample->type != VALUE_NULL &&
        !report_number(report, value_member(sample, "size"), matrix->items, "sample size", of))
        return false;
    report->compared++;
    return is_idle == (matrix->items == 0) ||
           report_differs(report, "result of %.*s: \"%.*s\" with %llu items", SLICE_ARG(of),
                          SLICE_ARG(value_text_of(test, "result")),
                          (unsigned long long)matrix->items);
}

/* "test/ID" of the ledger and "ID" of the model. */
static struct slice id_of(struct slice name)
{
    struct slice head, rest;
    return slice_split(name, '/', &head, &rest) ? rest : name;
}

static bool version_compare(struct report_check *report, const struct value *test,
                            const struct run_facts *facts, struct slice of)
{
    uint64_t version;
    struct slice plain;
    if (!facts->has_test ||
        !verify_name(report->v, report->step, value_text_of(facts->test.body, "name"), &plain))
        return !facts->has_test;
    return entry_integer(value_member(facts->test.body, "version"), &version) &&
           report_text(report, id_of(value_text_of(test, "id")), id_of(plain), "the test", of) &&
           report_number(report, value_member(test, "version"), version, "version", of);
}

static bool population_compare(struct report_check *report, const struct value *test,
                               const struct run_facts *facts, struct slice of)
{
    const struct value *population = value_member(test, "population");
    uint64_t count;
    char hex[65];
    if (!facts->has_population)
        return true;
    digest_hex(&facts->population_leaf, hex);
    return entry_integer(value_member(facts->population.body, "count"), &count) &&
           report_text(report, value_text_of(population, "name"), slice_of(hex), "the population",
                       of) &&
           report_text(report, value_text_of(population, "type"),
                       value_text_of(facts->population.body, "of"), "the population's type", of) &&
           report_number(report, value_member(population, "items"), count, "items", of);
}

/* The run's matrix is read while its items are held against what is printed of them. */
static bool items_compare(struct report_check *report, const struct value *test,
                          struct run_facts *facts, struct slice of)
{
    struct exam *exam = exam_start(report, test, facts->n, of);
    struct matrix_visit visit = { exam_row, exam };
    if (!exam || !counted(report, facts, &visit))
        return false;
    return (!test || matrix_compare(report, test, facts, of)) &&
           exam_end(exam, facts->matrix != NULL);
}

static bool test_compare(struct report_check *report, const struct value *test)
{
    struct run_facts facts;
    struct slice of = value_text_of(test, "id");
    struct slice run = value_text_of(test, "run");
    bool is_there;
    arena_reset(report->step);
    if (!facts_read(report, run, &is_there, &facts))
        return false;
    report->compared++;
    if (!is_there)
        return report_differs(report,
                              "test %.*s names run %.*s, on which this report does not rest",
                              SLICE_ARG(of), SLICE_ARG(run));
    return version_compare(report, test, &facts, of) &&
           population_compare(report, test, &facts, of) &&
           report_text(report, value_text_of(test, "extent"),
                       value_text_of(facts.entry.body, "extent"), "extent", of) &&
           (!facts.has_test || report_test_copies(report, test, &facts.entry, &facts.test, of)) &&
           items_compare(report, test, &facts, of);
}

/* The ledger's "duckdb/1.5.6" is "duckdb 1.5.6" to people. */
static bool engine_compare(struct report_check *report, const struct value *test,
                           const struct run_facts *facts, struct slice of)
{
    struct slice says = value_text_of(test, "engine"), name, version;
    struct slice engine = value_text_of(facts->entry.body, "engine");
    if (slice_split(engine, '/', &name, &version) && slice_starts_with(says, name) &&
        says.len == engine.len && says.at[name.len] == ' ' &&
        slice_equal(slice_from(says, name.len + 1), version)) {
        report->compared++;
        return true;
    }
    return report_text(report, says, engine, "the engine", of);
}

static bool appendix_compare(struct report_check *report, const struct value *test)
{
    struct run_facts facts;
    struct slice of = value_text_of(test, "id");
    bool is_there;
    char digest[72] = "sha256:";
    arena_reset(report->step);
    if (!facts_read(report, value_text_of(test, "run"), &is_there, &facts))
        return false;
    report->compared++;
    if (!is_there)
        return report_differs(report, "appendix B, %.*s: a run on which this report does not rest",
                              SLICE_ARG(of));
    if (facts.has_test && !report_appendix_copies(report, test, &facts.entry, &facts.test, of))
        return false;
    if (!counted(report, &facts, NULL))
        return false;
    if (!facts.matrix) {
        report->absent++;
        return true;
    }
    digest_hex(&facts.matrix->digest, digest + 7);
    return report_text(report, value_text_of(test, "result_digest"), slice_of(digest),
                       "the result's digest", of) &&
           engine_compare(report, test, &facts, of);
}

/* An auditor's report leaves out nothing that its conclusions rest on. A type 1 report prints no
 * tests at all (domain rule C.1), but what was evaluated must be whole there too. */
static bool unprinted_compare(struct report_check *report, const struct evaluated *evaluated)
{
    struct run_facts facts;
    bool is_there;
    char hex[65];
    arena_reset(report->step);
    digest_hex(&evaluated->leaf, hex);
    if (report->is_auditors && !slice_is(value_text_of(report->model, "kind"), "type-1") &&
        !report_differs(report, "run #%llu was evaluated for this report, which does not print it",
                        (unsigned long long)evaluated->run))
        return false;
    report->compared++;
    return facts_read(report, slice_of(hex), &is_there, &facts) &&
           (!is_there || items_compare(report, NULL, &facts, SLICE("a run that is not printed")));
}

static bool all_printed(struct report_check *report)
{
    for (size_t i = 0; i < report->evaluated_count; i++) {
        if (!report->evaluated[i].is_printed && !unprinted_compare(report, &report->evaluated[i]))
            return false;
    }
    return report_evaluations_end(report);
}

bool report_tests(struct report_check *report)
{
    const struct value *bands = value_path(report->model, "section4.bands");
    const struct value *appendix = value_path(report->model, "appendices.tests");
    for (size_t b = 0; b < value_count(bands); b++) {
        const struct value *rows = value_member(value_item(bands, b), "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *tests = value_member(value_item(rows, r), "tests");
            for (size_t t = 0; t < value_count(tests); t++) {
                if (!test_compare(report, value_item(tests, t)))
                    return false;
            }
        }
    }
    for (size_t i = 0; i < value_count(appendix); i++) {
        if (!appendix_compare(report, value_item(appendix, i)))
            return false;
    }
    return all_printed(report);
}

/* ---- appendix A ---- */

static bool segment_compare(struct report_check *report, const struct value *segment)
{
    struct verifier *v = report->v;
    struct links links;
    struct digest leaf;
    uint64_t n, rows;
    struct slice of = value_text_of(segment, "leaf");
    report->compared++;
    if (!digest_from_hex(of, &leaf) || !contents_find_leaf(v->contents, &leaf, &n) ||
        !contents_rests_on(report->contents, n))
        return report_differs(report, "appendix A names segment %.*s, on which nothing here rests",
                              SLICE_ARG(of));
    arena_reset(report->step);
    if (!verify_links(v, report->step, n, &links))
        return false;
    if (!entry_integer(value_member(links.entry.body, "rows"), &rows))
        return report_differs(report, "appendix A: %.*s is no segment", SLICE_ARG(of));
    return report_number(report, value_member(segment, "rows"), rows, "rows of segment", of);
}

static bool population_row_compare(struct report_check *report, const struct value *population)
{
    struct verifier *v = report->v;
    struct links links;
    struct digest leaf;
    uint64_t n, count;
    struct slice of = value_text_of(population, "name");
    const struct value *segments = value_member(population, "segments");
    report->compared++;
    if (!digest_from_hex(of, &leaf) || !contents_find_leaf(v->contents, &leaf, &n) ||
        !contents_rests_on(report->contents, n))
        return report_differs(
            report, "appendix A names population %.*s, on which nothing here rests", SLICE_ARG(of));
    arena_reset(report->step);
    if (!verify_links(v, report->step, n, &links))
        return false;
    if (links.entry.kind != ENTRY_POPULATION)
        return report_differs(report, "appendix A: %.*s is no population", SLICE_ARG(of));
    if (!entry_integer(value_member(links.entry.body, "count"), &count) ||
        !report_number(report, value_member(population, "items"), count, "items of population",
                       of) ||
        !report_population_copies(report, population, links.entry.body, of))
        return false;
    for (size_t i = 0; i < value_count(segments); i++) {
        if (!segment_compare(report, value_item(segments, i)))
            return false;
    }
    return true;
}

bool report_populations(struct report_check *report)
{
    const struct value *populations = value_path(report->model, "appendices.populations");
    for (size_t i = 0; i < value_count(populations); i++) {
        if (!population_row_compare(report, value_item(populations, i)))
            return false;
    }
    return true;
}
