/* What the report copies word for word from recorded documents: tests, controls, completeness
 * records, opinion, assertion. A member that the model does not have prints nothing, and is not
 * compared; that a report has all it must have is report_model_check()'s. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "verify/report_check.h"

/* A member of the model, and the member of the document that it is a copy of. */
struct copied {
    const char *says, *recorded;
};

static bool is_absent(const struct value *value) { return !value || value->type == VALUE_NULL; }

static bool copy_compare(struct report_check *report, const struct value *says,
                         const struct value *recorded, const char *what, struct slice of)
{
    if (!says)
        return true;
    report->compared++;
    return (is_absent(says) && is_absent(recorded)) || (recorded && value_equal(says, recorded)) ||
           report_differs(report, "\"%s\" of %.*s is not what was recorded", what, SLICE_ARG(of));
}

static bool copies_compare(struct report_check *report, const struct value *says,
                           const struct value *recorded, const struct copied *fields, size_t count,
                           struct slice of)
{
    for (size_t i = 0; i < count; i++) {
        if (!copy_compare(report, value_member(says, fields[i].says),
                          value_member(recorded, fields[i].recorded), fields[i].says, of))
            return false;
    }
    return true;
}

/* A document of the kind's own form; of any other nothing can be said, and that is counted. */
static bool is_of(struct report_check *report, const struct value *document, const char *kind)
{
    bool is_known = document && slice_is(value_text_of(document, "kind"), kind);
    report->absent += !is_known;
    return is_known;
}

/* The same of each item of two lists, which must be as long. */
static bool lists_compare(struct report_check *report, const struct value *says,
                          const struct value *recorded, const struct copied *fields, size_t count,
                          const char *what, struct slice of)
{
    if (!says)
        return true;
    report->compared++;
    if (value_count(says) != value_count(recorded))
        return report_differs(report, "%s of %.*s: the report names %zu, the record %zu", what,
                              SLICE_ARG(of), value_count(says), value_count(recorded));
    for (size_t i = 0; i < value_count(says); i++) {
        if (!copies_compare(report, value_item(says, i), value_item(recorded, i), fields, count,
                            of))
            return false;
    }
    return true;
}

/* ---- tests ---- */

/* Dates are days of the report's time zone, both included; the run's period is half open. */
static bool period_compare(struct report_check *report, const struct value *says,
                           const struct value *run, struct slice of)
{
    struct error *err = report->v->err;
    struct slice from = value_text_of(says, "from"), to = value_text_of(says, "to");
    struct period printed;
    char text[32];
    int64_t from_us, to_us;
    if (is_absent(says))
        return true;
    struct slice name = value_text_of(report->model, "timezone");
    struct zone *zone = zone_new(name.len ? name : SLICE("UTC"), err);
    if (!zone) { /* not on this machine */
        report->absent++;
        return verify_forgives(report->v);
    }
    report->compared++;
    snprintf(text, sizeof text, "%.*s..%.*s", SLICE_ARG(from), SLICE_ARG(to));
    bool is_same = from.len == 10 && to.len == 10 &&
                   period_parse(slice_of(text), zone, &printed, err) &&
                   time_parse_canonical(value_text_of(run, "from"), &from_us) &&
                   time_parse_canonical(value_text_of(run, "to"), &to_us) &&
                   printed.start_us == from_us && printed.end_us == to_us;
    zone_free(zone);
    return (err->code == ERROR_NONE || verify_forgives(report->v)) &&
           (is_same ||
            report_differs(report,
                           "period of %.*s: the report says %.*s to %.*s, the run %.*s to "
                           "%.*s, not included",
                           SLICE_ARG(of), SLICE_ARG(from), SLICE_ARG(to),
                           SLICE_ARG(value_text_of(run, "from")),
                           SLICE_ARG(value_text_of(run, "to"))));
}

/* What is printed as the result follows from the numbers beside it. */
static bool result_compare(struct report_check *report, const struct value *test, struct slice of)
{
    struct slice result = value_text_of(test, "result");
    const struct value *concluded = value_member(test, "concluded");
    uint64_t told;
    if (!entry_integer(is_absent(concluded) ? value_member(test, "tested_deviations")
                                            : value_member(concluded, "deviations"),
                       &told) ||
        slice_is(result, "did-not-operate")) /* compared with the matrix */
        return true;
    return report_text(report, result, told ? SLICE("exceptions") : SLICE("no-exceptions"),
                       "the result", of);
}

bool report_test_copies(struct report_check *report, const struct value *test,
                        const struct entry *run, const struct entry *definition, struct slice of)
{
    static const struct copied fields[] = { { "nature", "nature" }, { "procedure", "procedure" } };
    static const struct copied attributes[] = { { "id", "id" }, { "title", "title" } };
    const struct value *document;
    const struct value *period = value_member(report->model, "period");
    if (!result_compare(report, test, of) ||
        !period_compare(report, value_member(test, "period"), value_member(run->body, "period"),
                        of) ||
        (!is_absent(period) &&
         !copy_compare(report, value_member(test, "period"), period, "period", of)) ||
        !verify_json(report->v, report->step, value_member(definition->body, "payload"), &document))
        return false;
    if (!is_of(report, document, "Test"))
        return true;
    return copies_compare(report, test, document, fields, ARRAY_LEN(fields), of) &&
           lists_compare(report, value_member(test, "attributes"),
                         value_member(document, "attributes"), attributes, ARRAY_LEN(attributes),
                         "attributes", of);
}

/* Appendix B names the version of a control that section 4 sets out. */
static bool control_version_compare(struct report_check *report, const struct value *test,
                                    struct slice of)
{
    const struct value *bands = value_path(report->model, "section4.bands");
    const struct value *version = value_member(test, "control_version");
    struct slice id = value_text_of(test, "control");
    if (is_absent(version))
        return true;
    report->compared++;
    for (size_t b = 0; b < value_count(bands); b++) {
        const struct value *rows = value_member(value_item(bands, b), "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *control = value_member(value_item(rows, r), "control");
            if (slice_equal(value_text_of(control, "id"), id) &&
                value_equal(value_member(control, "version"), version))
                return true;
        }
    }
    return report_differs(report,
                          "appendix B, %.*s: section 4 prints no such version of control %.*s",
                          SLICE_ARG(of), SLICE_ARG(id));
}

bool report_appendix_copies(struct report_check *report, const struct value *test,
                            const struct entry *run, const struct entry *definition,
                            struct slice of)
{
    static const struct copied fields[] = { { "title", "title" },
                                            { "population", "population" },
                                            { "where", "where" } };
    static const struct copied attributes[] = {
        { "id", "id" }, { "title", "title" }, { "holds", "holds" }, { "why", "why" }
    };
    struct slice by = value_text_of(test, "performed_by"), at = value_text_of(test, "performed_at");
    struct slice plain, control = value_text_of(test, "control"), kind, id;
    const struct value *document;
    if (!verify_name(report->v, report->step, run->actor, &plain) ||
        (at.len && !report_text(report, at, run->at, "the time", of)) ||
        (by.len && plain.len && !report_text(report, by, plain, "who performed it", of)) ||
        !verify_json(report->v, report->step, value_member(definition->body, "payload"), &document))
        return false;
    if (!is_of(report, document, "Test"))
        return true;
    if (control.len && slice_split(value_text_of(document, "control"), '/', &kind, &id) &&
        !report_text(report, control, id, "the control", of))
        return false;
    return control_version_compare(report, test, of) &&
           copies_compare(report, test, document, fields, ARRAY_LEN(fields), of) &&
           lists_compare(report, value_member(test, "attributes"),
                         value_member(document, "attributes"), attributes, ARRAY_LEN(attributes),
                         "attributes", of);
}

/* ---- populations ---- */

static bool take_hash(void *context, struct slice bytes, struct error *err)
{
    (void)err;
    sha256_add(context, bytes);
    return true;
}

/* The digest that is printed is that of the items, where they are here. */
static bool items_compare(struct report_check *report, const struct value *population,
                          const struct value *body, struct slice of)
{
    const struct payload_source *payloads = &report->v->payloads.base;
    struct digest c, digest;
    struct sha256 hash;
    uint64_t bytes;
    struct slice salt, content, says = value_text_of(population, "digest");
    char text[72] = "sha256:";
    if (!says.len)
        return true;
    if (!payload_ref(value_member(body, "items"), &c, &bytes) ||
        payloads->state(payloads, &c) != PAYLOAD_HELD) {
        report->absent++;
        return true;
    }
    sha256_start(&hash);
    bool ok = payloads->stream ? payloads->stream(payloads, &c, take_hash, &hash, report->v->err)
                               : payloads->open(payloads, &c, &salt, &content, report->v->err) &&
                                     take_hash(&hash, content, report->v->err);
    sha256_finish(&hash, &digest);
    digest_hex(&digest, text + 7);
    return ok && report_text(report, says, slice_of(text), "the items' digest", of);
}

/* The record says of type, count and period what its entry says. */
static bool record_compare(struct report_check *report, const struct value *record,
                           const struct value *body, struct slice of)
{
    static const struct copied fields[] = { { "type", "of" }, { "items", "count" } };
    const struct value *period = value_member(record, "period");
    return copies_compare(report, record, body, fields, ARRAY_LEN(fields), of) &&
           copy_compare(report, value_member(period, "from"), value_member(body, "from"),
                        "the record's period", of) &&
           copy_compare(report, value_member(period, "to"), value_member(body, "to"),
                        "the record's period", of);
}

bool report_population_copies(struct report_check *report, const struct value *population,
                              const struct value *body, struct slice of)
{
    static const struct copied fields[] = {
        { "type", "type" },
        { "where", "where" },
        { "items", "items" },
        { "digest", "digest" },
        { "repeats", "repeats" },
        { "undated", "undated" },
        { "control_totals", "control_totals" },
    };
    static const struct copied segments[] = { { "leaf", "leaf" },
                                              { "source", "source" },
                                              { "rows", "rows" },
                                              { "digest", "row_digest" },
                                              { "from", "from" } };
    const struct value *record;
    const struct value *period = value_member(report->model, "period");
    if (!items_compare(report, population, body, of) ||
        (!is_absent(period) &&
         !copy_compare(report, value_member(population, "period"), period, "period", of)) ||
        !verify_json(report->v, report->step, value_member(body, "payload"), &record))
        return false;
    if (!value_member(record, "segments")) { /* not here, or no record of this program */
        report->absent++;
        return true;
    }
    if (!record_compare(report, record, body, of))
        return false;
    return copies_compare(report, population, record, fields, ARRAY_LEN(fields), of) &&
           lists_compare(report, value_member(population, "segments"),
                         value_member(record, "segments"), segments, ARRAY_LEN(segments),
                         "segments", of);
}

/* ---- controls ---- */

/* A row of section 4 that prints this version of a control. */
static bool control_compare(struct report_check *report, const struct value *control, uint64_t n,
                            const struct value *document)
{
    static const struct copied fields[] = { { "title", "title" }, { "statement", "statement" } };
    struct slice id = value_text_of(control, "id");
    if (!contents_rests_on(report->contents, n))
        return report_differs(report,
                              "section 4 prints a version of %.*s on which this report does not "
                              "rest: entry #%llu",
                              SLICE_ARG(id), (unsigned long long)n);
    return !is_of(report, document, "Control") ||
           copies_compare(report, control, document, fields, ARRAY_LEN(fields), id);
}

/* A control that changed may have a row for each version, but not without the last one: the words
 * of before may say more than those in force. */
static bool control_last(struct report_check *report, const struct entry *entry, struct slice id,
                         uint64_t version, uint64_t printed)
{
    uint64_t size;
    if (printed == 0 || printed >= version || !slice_is(value_text_of(entry->body, "op"), "put") ||
        !entry_integer(value_path(report->model, "appendices.ledger.size"), &size) ||
        entry->n >= size)
        return true;
    return report_differs(report, "section 4 prints %.*s in version %llu, version %llu followed",
                          SLICE_ARG(id), (unsigned long long)printed, (unsigned long long)version);
}

/* *printed: rows that print this version. */
static bool control_take(struct report_check *report, const struct entry *entry, size_t *printed)
{
    const struct value *bands = value_path(report->model, "section4.bands");
    const struct value *document = NULL;
    struct slice plain, kind, id;
    uint64_t version, says, last = 0;
    if (!verify_name(report->v, report->step, value_text_of(entry->body, "name"), &plain) ||
        (contents_rests_on(report->contents, entry->n) &&
         !verify_json(report->v, report->step, value_member(entry->body, "payload"), &document)))
        return false;
    if (!slice_split(plain, '/', &kind, &id) ||
        !entry_integer(value_member(entry->body, "version"), &version))
        return true;
    for (size_t b = 0; b < value_count(bands); b++) {
        const struct value *rows = value_member(value_item(bands, b), "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            const struct value *control = value_member(value_item(rows, r), "control");
            if (!control || !slice_equal(value_text_of(control, "id"), id) ||
                !entry_integer(value_member(control, "version"), &says))
                continue;
            last = says > last ? says : last;
            if (says != version)
                continue;
            ++*printed;
            if (!control_compare(report, control, entry->n, document))
                return false;
        }
    }
    return control_last(report, entry, id, version, last);
}

static size_t controls_count(const struct value *model)
{
    const struct value *bands = value_path(model, "section4.bands");
    size_t count = 0;
    for (size_t b = 0; b < value_count(bands); b++) {
        const struct value *rows = value_member(value_item(bands, b), "rows");
        for (size_t r = 0; r < value_count(rows); r++)
            count += value_member(value_item(rows, r), "control") != NULL;
    }
    return count;
}

bool report_controls(struct report_check *report)
{
    struct verifier *v = report->v;
    size_t printed = 0, expected = controls_count(report->model);
    for (uint64_t n = 0; n < report->n; n++) {
        struct links links;
        arena_reset(report->step);
        if (!verify_links(v, report->step, n, &links))
            return false;
        if (links.entry.kind == ENTRY_RESOURCE &&
            slice_is(value_text_of(links.entry.body, "kind"), "Control") &&
            !control_take(report, &links.entry, &printed))
            return false;
    }
    report->compared++;
    return printed == expected ||
           report_differs(report,
                          "section 4 prints controls in %zu rows, the ledger holds %zu of "
                          "them in that version",
                          expected, printed);
}

/* ---- opinion and assertion ---- */

/* A part that is not modified has neither criteria nor a cause. */
bool report_opinion_copies(struct report_check *report, const struct value *says,
                           const struct value *recorded, struct slice of)
{
    bool is_modified = !slice_is(value_text_of(recorded, "variant"), "unmodified");
    const struct value *criteria = is_modified ? value_member(recorded, "criteria") : NULL;
    const struct value *printed = value_member(says, "criteria");
    struct slice cause = value_text_of(recorded, "cause");
    if (is_modified && !cause.len)
        cause = SLICE("deficiency");
    if (value_member(says, "cause") &&
        !report_text(report, value_text_of(says, "cause"), is_modified ? cause : SLICE(""),
                     "the cause of the opinion", of))
        return false;
    if (!printed || (value_count(printed) == 0 && value_count(criteria) == 0))
        return true;
    return copy_compare(report, printed, criteria, "criteria", of);
}

/* Whose opinion it is, of which day and examination. */
bool report_opinion_facts(struct report_check *report, const struct entry *entry,
                          const struct value *document)
{
    struct slice of = SLICE("the opinion"), plain, kind, id;
    struct slice by = value_text_of(document, "signed_by");
    struct slice engagement = value_text(value_path(report->model, "engagement.id"));
    if (!is_of(report, document, "Opinion"))
        return true;
    if (!verify_name(report->v, report->step, entry->actor, &plain) ||
        (plain.len && !report_text(report, by, plain, "who signs", of)) ||
        !copy_compare(report, value_member(report->model, "report_date"),
                      value_member(document, "report_date"), "report_date", of) ||
        !copy_compare(report, value_path(report->model, "section1.signature.date"),
                      value_member(document, "report_date"), "signature.date", of))
        return false;
    return engagement.len == 0 ||
           !slice_split(value_text_of(document, "engagement"), '/', &kind, &id) ||
           report_text(report, engagement, id, "the engagement", of);
}

/* What management's assertion takes out. */
bool report_assertion(struct report_check *report, const struct value *document)
{
    const struct value *says = value_path(report->model, "section2.qualifies");
    const struct value *limits = value_member(document, "qualifications");
    struct slice of = SLICE("the assertion");
    size_t at = 0;
    if (!says || !is_of(report, document, "Assertion"))
        return true;
    for (size_t i = 0; i < value_count(limits); i++) {
        struct slice criterion = value_text_of(value_item(limits, i), "criterion");
        if (criterion.len && !report_text(report, value_text(value_item(says, at++)), criterion,
                                          "a qualification", of))
            return false;
    }
    report->compared++;
    if (at != value_count(says))
        return report_differs(report, "the assertion qualifies %zu criteria, the report prints %zu",
                              at, value_count(says));
    return copy_compare(report, value_path(report->model, "section2.date"),
                        value_member(document, "date"), "date", of);
}
