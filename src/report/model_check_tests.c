/* Sections 3 and 4, and the appendices that must agree with them. */
#include <stdio.h>

#include "report/checker.h"
#include "verify/verify.h"

void check_section3(struct checker *c)
{
    static const char *const ids[] = {
        "DC1", "DC2", "DC3", "DC4", "DC5", "DC6", "DC7", "DC8", "DC9"
    };
    const struct value *section = value_member(c->model, "section3");
    const struct value *items = value_member(section, "items");
    size_t outer = check_enter(c, "section3");
    if (value_count(items) != ARRAY_LEN(ids))
        fault(c, "items", "there are nine description criteria, and %zu answers",
              value_count(items));
    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *item = value_item(items, i);
        struct slice status = value_text_of(item, "status");
        bool is_last = i == 8;
        size_t mark = check_enter_item(c, "items", i);
        if (i < ARRAY_LEN(ids) && !slice_is(value_text_of(item, "id"), ids[i]))
            fault(c, "id", "%s stands here", ids[i]);
        if (slice_is(status, "met") && value_count(value_member(item, "text")) == 0)
            fault(c, "text", "answered, but there is no answer");
        if (slice_is(status, "not-applicable") != (value_text_of(item, "reason").len > 0))
            fault(c, "reason", "a criterion that does not apply has a reason, others have none");
        check_blocks(c, item, "text");
        if (slice_is(status, "open") && !c->is_readiness && !c->is_draft)
            fault(c, "status", "the description is not finished");
        if (is_last && c->is_type_1 && slice_is(status, "met"))
            fault(c, "status", "changes during a period are no part of a type 1 description");
        if (is_last && c->is_type_2 && slice_is(status, "not-applicable"))
            fault(c, "status", "it applies to every type 2 description");
        check_leave(c, mark);
    }
    check_leave(c, outer);
}

void check_section5(struct checker *c)
{
    const struct value *items = value_path(c->model, "section5.items");
    size_t outer = check_enter(c, "section5");
    for (size_t i = 0; i < value_count(items); i++) {
        size_t mark = check_enter_item(c, "items", i);
        check_blocks(c, value_item(items, i), "text");
        check_leave(c, mark);
    }
    check_leave(c, outer);
}

static void check_counts(struct checker *c, const struct value *test, int64_t examined)
{
    const struct value *attributes = value_member(test, "attributes");
    const struct value *concluded = value_member(test, "concluded");
    int64_t marked = number_of(test, "tested_deviations");
    int64_t most = 0, sum = 0;
    for (size_t i = 0; i < value_count(attributes); i++) {
        const struct value *attribute = value_item(attributes, i);
        int64_t bad = number_of(attribute, "fails") + number_of(attribute, "undecided");
        size_t mark = check_enter_item(c, "attributes", i);
        if (number_of(attribute, "holds") + bad != examined)
            fault(c, NULL, "holds, fails and undecided are not the %lld items examined",
                  (long long)examined);
        most = bad > most ? bad : most;
        sum += bad;
        check_leave(c, mark);
    }
    if (marked < most || marked > sum || marked > examined)
        fault(c, "tested_deviations", "%lld items cannot come from these attributes",
              (long long)marked);
    if (value_count(concluded) == 0) {
        if (!c->is_readiness && !c->is_draft)
            fault(c, "concluded", "nobody has evaluated the run");
        return;
    }
    if (number_of(concluded, "deviations") + number_of(concluded, "not_deviations") +
            number_of(concluded, "void") !=
        marked)
        fault(c, "concluded", "its three counts are not the %lld items of the run",
              (long long)marked);
}

/* "4 of 41,207", as the first sentence must have it. */
static bool says_counts(struct checker *c, const struct value *test, int64_t found, int64_t n)
{
    char plain[2][24];
    struct strbuf words = strbuf_new(128);
    const int64_t numbers[2] = { found, n };
    for (size_t k = 0; k < 2; k++) {
        int length = snprintf(plain[k], sizeof(plain[k]), "%lld", (long long)numbers[k]);
        for (int i = 0; i < length; i++) {
            strbuf_add_char(&words, plain[k][i]);
            if ((length - i - 1) % 3 == 0 && i + 1 < length)
                strbuf_add_char(&words, ',');
        }
        strbuf_add_text(&words, k == 0 ? " of " : " ");
    }
    bool is_said = text_has(value_text(value_item(value_member(test, "result_text"), 0)),
                            words.at ? words.at : "");
    c->failed = c->failed || !strbuf_ok(&words, c->err);
    strbuf_free(&words);
    return is_said;
}

/* What is listed and what is only counted are all; only a full list leaves some out. */
static void check_listed(struct checker *c, const struct value *object, const char *name,
                         const char *more_name, int64_t found)
{
    size_t listed = value_count(value_member(object, name));
    int64_t more = number_of(object, more_name);
    if ((int64_t)listed + more != found)
        fault(c, name, "%zu are listed and %lld more, %lld are counted", listed, (long long)more,
              (long long)found);
    if (more > 0 ? listed != REPORT_ITEMS_LISTED_MAX : listed > REPORT_ITEMS_LISTED_MAX)
        fault(c, name, "%zu are listed and %lld more: the first %d are listed", listed,
              (long long)more, REPORT_ITEMS_LISTED_MAX);
}

/* Domain rules C.5: exactly one of three, with its numbers. */
static void check_result(struct checker *c, const struct value *test, int64_t examined)
{
    struct slice result = value_text_of(test, "result");
    struct slice sentence = value_text(value_item(value_member(test, "result_text"), 0));
    const struct value *concluded = value_member(test, "concluded");
    int64_t items = number_of(test, "population.items");
    int64_t n = examined - number_of(concluded, "void");
    int64_t found = value_count(concluded) > 0 ? number_of(concluded, "deviations")
                                               : number_of(test, "tested_deviations");
    bool is_sample = value_count(value_member(test, "sample")) > 0;
    bool did_not_operate = slice_is(result, "did-not-operate");
    if ((items == 0) != did_not_operate)
        fault(c, "result", "no item means that the control did not operate, and only that does");
    if (!did_not_operate && (found > 0) != slice_is(result, "exceptions"))
        fault(c, "result", "%lld deviations", (long long)found);
    check_listed(c, test, "exceptions", "exceptions_more", found);
    if (did_not_operate) {
        if (!slice_starts_with(sentence,
                               SLICE("Not tested: the control did not operate in the period")))
            fault(c, "result_text", "it does not begin with what the result is");
        return;
    }
    bool has_exceptions = slice_is(result, "exceptions");
    if (!slice_starts_with(sentence, has_exceptions ? SLICE("Exception noted: ")
                                                    : SLICE("No exceptions noted.")))
        fault(c, "result_text", "it does not begin with what the result is");
    int64_t whole = has_exceptions ? n : items - (is_sample ? 0 : number_of(concluded, "void"));
    if (!says_counts(c, test, has_exceptions ? found : n, whole))
        fault(c, "result_text", "its first sentence does not give the count of the items");
}

static void check_exceptions(struct checker *c, const struct value *test)
{
    const struct value *exceptions = value_member(test, "exceptions");
    const struct value *known = value_member(test, "attributes");
    for (size_t i = 0; i < value_count(exceptions); i++) {
        const struct value *attributes = value_member(value_item(exceptions, i), "attributes");
        size_t mark = check_enter_item(c, "exceptions", i);
        for (size_t k = 0; k < value_count(attributes); k++) {
            bool is_known = false;
            for (size_t a = 0; a < value_count(known); a++)
                is_known = is_known || slice_equal(value_text_of(value_item(known, a), "id"),
                                                   value_text(value_item(attributes, k)));
            if (!is_known)
                fault(c, "attributes", "\"%.*s\" is no attribute of the test",
                      SLICE_ARG(value_text(value_item(attributes, k))));
        }
        check_leave(c, mark);
    }
    if (value_count(value_member(test, "response")) > 0 && value_count(exceptions) == 0)
        fault(c, "response", "an answer, but no exception");
}

void check_test(struct checker *c, const struct value *test)
{
    const struct value *sample = value_member(test, "sample");
    bool is_sample = value_count(sample) > 0;
    int64_t items = number_of(test, "population.items");
    int64_t examined = is_sample ? number_of(sample, "size") : items;
    struct slice from = value_text(value_path(test, "period.from"));
    struct slice to = value_text(value_path(test, "period.to"));
    if (slice_is(value_text_of(test, "extent"), "sample") != is_sample)
        fault(c, "sample", "extent and sample do not agree");
    if (examined > items)
        fault(c, "sample.size", "a sample larger than its population");
    if (slice_compare(from, to) > 0 ||
        slice_compare(from, value_text(value_path(c->model, "period.from"))) < 0 ||
        slice_compare(to, value_text(value_path(c->model, "period.to"))) > 0)
        fault(c, "period", "it does not lie in the period of the report");
    check_counts(c, test, examined);
    check_result(c, test, examined);
    check_exceptions(c, test);
    size_t mark = check_enter(c, "response");
    check_blocks(c, value_member(test, "response"), "text");
    check_leave(c, mark);
    check_words(c, test, "procedure");
    check_words(c, test, "result_text");
    check_words(c, test, "cause");
    check_words(c, test, "effect");
    check_words(c, test, "other_controls");
}

/* The population and definition of a test, if those appendices are there. */
static void check_test_sources(struct checker *c, const struct value *test)
{
    const struct value *populations = value_path(c->model, "appendices.populations");
    const struct value *definitions = value_path(c->model, "appendices.tests");
    struct slice name = value_text(value_path(test, "population.name"));
    struct slice run = value_text_of(test, "run");
    const struct value *population = NULL, *definition = NULL;
    for (size_t i = 0; i < value_count(populations) && !population; i++)
        if (slice_equal(value_text_of(value_item(populations, i), "name"), name))
            population = value_item(populations, i);
    if (populations && populations->type == VALUE_ARRAY && !population)
        fault(c, "population.name", "appendix A does not have it");
    if (population && (number_of(population, "items") != number_of(test, "population.items") ||
                       !slice_equal(value_text_of(population, "digest"),
                                    value_text(value_path(test, "population.digest")))))
        fault(c, "population", "appendix A gives another count or digest");
    for (size_t i = 0; i < value_count(definitions) && !definition; i++)
        if (slice_equal(value_text_of(value_item(definitions, i), "run"), run))
            definition = value_item(definitions, i);
    if (definitions && definitions->type == VALUE_ARRAY && !definition)
        fault(c, "run", "appendix B does not have it");
    if (definition && (!slice_equal(value_text_of(definition, "id"), value_text_of(test, "id")) ||
                       number_of(definition, "version") != number_of(test, "version")))
        fault(c, "run", "appendix B gives another test or version to that run");
    if (definition)
        check_listed(c, definition, "reclassified", "reclassified_more",
                     number_of(test, "concluded.not_deviations") +
                         number_of(test, "concluded.void"));
}

void check_appendices(struct checker *c)
{
    const struct value *bands = value_path(c->model, "section4.bands");
    size_t outer = check_enter(c, "section4");
    for (size_t i = 0; i < value_count(bands); i++) {
        const struct value *rows = value_member(value_item(bands, i), "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *tests = value_member(value_item(rows, r), "tests");
            for (size_t t = 0; t < value_count(tests); t++) {
                size_t mark = check_enter_item(c, "bands", i);
                (void)check_enter_item(c, "rows", r);
                (void)check_enter_item(c, "tests", t);
                check_test_sources(c, value_item(tests, t));
                check_leave(c, mark);
            }
        }
    }
    check_leave(c, outer);
}
