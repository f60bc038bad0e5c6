/* The report itself: that its forms are those that were issued, and that its model says what the
 * ledger holds. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "verify/report_check.h"

#define MODEL_SCHEMA "attest-report/1"

#define ARENA_BYTES_MAX ((size_t)1 << 31)

/* ---- sentences ---- */

bool report_differs(struct report_check *report, const char *format, ...)
{
    char text[512];
    va_list args;
    if (++report->differences > DIFFERENCES_TOLD_MAX)
        return true; /* counted; the first ones tell what is wrong */
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return verify_bad(report->v, report->n) &&
           verify_set(report->v, CHECK_MODEL, CHECK_FAILS, "%s", text);
}

bool report_number(struct report_check *report, const struct value *number, uint64_t expected,
                   const char *what, struct slice of)
{
    uint64_t found;
    report->compared++;
    if (!entry_integer(number, &found))
        return report_differs(report, "%s of %.*s is no number", what, SLICE_ARG(of));
    return found == expected ||
           report_differs(report, "%s of %.*s: the report says %llu, the ledger %llu", what,
                          SLICE_ARG(of), (unsigned long long)found, (unsigned long long)expected);
}

bool report_text(struct report_check *report, struct slice text, struct slice expected,
                 const char *what, struct slice of)
{
    report->compared++;
    return slice_equal(text, expected) ||
           report_differs(report, "%s of %.*s: the report says \"%.*s\", the ledger \"%.*s\"", what,
                          SLICE_ARG(of), SLICE_ARG(text), SLICE_ARG(expected));
}

/* ---- the copies beside the payloads ---- */

struct comparing {
    struct sha256 hash;
    uint64_t bytes;
};

static bool compare_take(void *context, struct slice chunk, struct error *err)
{
    struct comparing *comparing = context;
    (void)err;
    sha256_add(&comparing->hash, chunk);
    comparing->bytes += chunk.len;
    return true;
}

/* A copy has the bytes of the payload if it gives the same commitment under the payload's salt. */
static bool copy_check(struct verifier *v, const char *name, const struct digest *c, uint64_t bytes,
                       uint64_t n, uint64_t *count)
{
    const struct payload_source *payloads = &v->payloads.base;
    struct comparing comparing = { .bytes = 0 };
    struct slice salt, content;
    struct digest found;
    bool is_there;
    if (payloads->state(payloads, c) != PAYLOAD_HELD) /* erased, or said to be missing */
        return true;
    if (!payloads->open(payloads, c, &salt, &content, v->err))
        return verify_fails(v, CHECK_DOCUMENTS);
    sha256_start(&comparing.hash);
    sha256_add(&comparing.hash, salt);
    if (!v->source->document(v->source, name, &is_there, compare_take, &comparing, v->err))
        return verify_fails(v, CHECK_DOCUMENTS);
    sha256_finish(&comparing.hash, &found);
    ++*count;
    if (!is_there)
        return verify_set(v, CHECK_DOCUMENTS, CHECK_FAILS, "%s is not here", name);
    if (comparing.bytes == bytes && digest_equal(&found, c))
        return true;
    return verify_set(v, CHECK_DOCUMENTS, CHECK_FAILS, "%s is not what was issued as #%llu", name,
                      (unsigned long long)n);
}

static bool documents_check(struct verifier *v, const struct links *report)
{
    struct digest c;
    uint64_t bytes, count = 0;
    struct contents_item item;
    if (!v->source->document)
        return verify_set(v, CHECK_DOCUMENTS, CHECK_NOT_MADE, "there are no copies here");
    if (payload_ref(value_member(report->entry.body, "payload"), &c, &bytes) &&
        !copy_check(v, BUNDLE_MODEL, &c, bytes, report->entry.n, &count))
        return false;
    for (size_t form = 0; form < DOCUMENTS_COUNT; form++) {
        if (contents_document(v->contents, (enum contents_document)form, &item) &&
            !copy_check(v, document_forms[form].member, &item.c, item.bytes, item.n, &count))
            return false;
    }
    return verify_set(v, CHECK_DOCUMENTS, count > 0 ? CHECK_HOLDS : CHECK_NOT_MADE,
                      "%llu of 3 forms are here, with the bytes that were issued",
                      (unsigned long long)count);
}

/* ---- the model ---- */

/* Which checkpoint the report says it rests on, and under which key. */
static bool ledger_check(struct report_check *report, const struct links *links)
{
    const struct value *says = value_path(report->model, "appendices.ledger");
    const struct value *point = value_member(links->entry.body, "checkpoint");
    uint64_t size;
    struct slice of = SLICE("the ledger appendix");
    return entry_integer(value_member(point, "size"), &size) &&
           report_text(report, value_text_of(says, "origin"), value_text_of(point, "origin"),
                       "origin", of) &&
           report_number(report, value_member(says, "size"), size, "size", of) &&
           report_text(report, value_text_of(says, "root"), value_text_of(point, "root"), "root",
                       of) &&
           report_text(report, value_text_of(says, "vkey"), report->v->source->vkey, "key", of);
}

/* Management's readiness report must not look like an auditor's, nor the other way round. */
static bool side_check(struct report_check *report, const struct links *links)
{
    bool is_readiness = slice_is(value_text_of(report->model, "kind"), "readiness");
    report->compared++;
    return is_readiness == (links->entry.by == SIDE_MANAGEMENT) ||
           report_differs(report, "a report of kind %.*s was issued by %.*s",
                          SLICE_ARG(value_text_of(report->model, "kind")),
                          SLICE_ARG(links->entry.side));
}

static bool specimen_check(struct report_check *report)
{
    if (slice_is(value_text_of(report->model, "kind"), "readiness"))
        return verify_set(report->v, CHECK_SPECIMEN, CHECK_NOT_MADE,
                          "a readiness report: management's own, not a service auditor's");
    if (value_is_true(value_member(report->model, "specimen")))
        return verify_set(report->v, CHECK_SPECIMEN, CHECK_NOT_MADE,
                          "SPECIMEN: the licence of the firm that signs is not established");
    return verify_set(report->v, CHECK_SPECIMEN, CHECK_HOLDS, "not marked as a specimen");
}

static bool title_say(struct report_check *report, const struct links *links)
{
    static const struct {
        const char *kind, *title;
    } titles[] = {
        { "type-1", "Type 1 report" },
        { "type-2", "Type 2 report" },
        { "readiness", "Readiness report" },
    };
    const char *title = "Report";
    char hex[65];
    digest_hex(&links->entry.leaf, hex);
    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        if (slice_is(value_text_of(report->model, "kind"), titles[i].kind))
            title = titles[i].title;
    }
    struct slice id = value_text_of(report->model, "id");
    struct slice organization = value_text(value_path(report->model, "organization.name"));
    return verification_say(report->v->verification, report->v->err, "%s %.12s%s%.*s%s%.*s%s",
                            title, hex, id.len > 0 ? ", " : "", SLICE_ARG(id),
                            organization.len > 0 ? ": " : "", SLICE_ARG(organization),
                            value_is_true(value_member(report->model, "specimen")) ? " (SPECIMEN)"
                                                                                   : "");
}

static bool model_check(struct report_check *report, const struct links *links)
{
    report->is_auditors = links->entry.by == SIDE_AUDITOR;
    return specimen_check(report) && ledger_check(report, links) && side_check(report, links) &&
           report_evaluations(report) && report_tests(report) && report_populations(report) &&
           report_controls(report) && report_conclusions(report);
}

/* ---- each report ---- */

struct totals {
    uint64_t compared, absent, unknown, not_held;
    struct exception_counts exceptions;
};

static void exceptions_add(struct exception_counts *to, const struct exception_counts *of)
{
    to->runs += of->runs;
    to->unread_runs += of->unread_runs;
    to->printed += of->printed;
    to->reclassified += of->reclassified;
    to->more += of->more;
    to->unread_evaluations += of->unread_evaluations;
}

static bool report_run(struct report_check *report, struct totals *totals)
{
    struct verifier *v = report->v;
    struct links links;
    if (!verify_links(v, report->arena, report->n, &links))
        return verify_fails(v, CHECK_MODEL);
    if (!documents_check(v, &links))
        return false;
    if (!verify_json(v, report->arena, value_member(links.entry.body, "payload"), &report->model))
        return verify_fails(v, CHECK_MODEL);
    if (!title_say(report, &links))
        return false;
    if (!report->model) {
        totals->not_held++;
    } else if (!slice_is(value_text_of(report->model, "schema"), MODEL_SCHEMA)) {
        totals->unknown++;
    } else if (!model_check(report, &links)) {
        return verify_fails(v, CHECK_MODEL);
    }
    if (report->differences > DIFFERENCES_TOLD_MAX &&
        !verify_set(v, CHECK_MODEL, CHECK_FAILS, "and %llu more",
                    (unsigned long long)(report->differences - DIFFERENCES_TOLD_MAX)))
        return false;
    if (report->exceptions.differences > DIFFERENCES_TOLD_MAX &&
        !verify_set(v, CHECK_EXCEPTIONS, CHECK_FAILS, "and %llu more",
                    (unsigned long long)(report->exceptions.differences - DIFFERENCES_TOLD_MAX)))
        return false;
    exceptions_add(&totals->exceptions, &report->exceptions);
    totals->compared += report->compared;
    totals->absent += report->absent;
    return true;
}

static bool totals_tell(struct verifier *v, const struct totals *totals)
{
    if (totals->compared == 0 &&
        !verify_set(v, CHECK_SPECIMEN, CHECK_NOT_MADE, "no report could be read here"))
        return false;
    if (v->reports_count == 0)
        return verify_set(v, CHECK_MODEL, CHECK_NOT_MADE, "no report was issued");
    if (totals->unknown > 0)
        return verify_set(v, CHECK_MODEL, CHECK_NOT_MADE,
                          "%llu reports are of a form that this program does not know",
                          (unsigned long long)totals->unknown);
    if (totals->compared == 0)
        return verify_set(v, CHECK_MODEL, CHECK_NOT_MADE, "the report itself is not here");
    return verify_set(
        v, CHECK_MODEL, CHECK_HOLDS,
        "%llu facts of the report are those of the ledger; %llu could not be compared, "
        "for what they rest on is not here",
        (unsigned long long)totals->compared, (unsigned long long)totals->absent);
}

/* What was held against what. Where results or evaluations are not here, nobody can see from what
 * is left whether all that deviated is printed: then the check is not made. */
static bool exceptions_tell(struct verifier *v, const struct exception_counts *counts)
{
    if (counts->runs == 0)
        return verify_set(v, CHECK_EXCEPTIONS, CHECK_NOT_MADE, "no run is printed or evaluated");
    char more[96] = "";
    if (counts->more > 0)
        snprintf(more, sizeof more, "; of long lists the first, and %llu more are counted",
                 (unsigned long long)counts->more);
    if (counts->unread_runs == 0 && counts->unread_evaluations == 0)
        return verify_set(v, CHECK_EXCEPTIONS, CHECK_HOLDS,
                          "item by item for %llu runs: %llu exceptions and %llu reclassified items "
                          "are printed as they were classified, none is left out%s",
                          (unsigned long long)counts->runs, (unsigned long long)counts->printed,
                          (unsigned long long)counts->reclassified, more);
    return verify_set(v, CHECK_EXCEPTIONS, CHECK_NOT_MADE,
                      "%llu exceptions are printed; whether they are all that deviated cannot be "
                      "seen: of %llu runs the results of %llu are not here, and %llu evaluations",
                      (unsigned long long)counts->printed, (unsigned long long)counts->runs,
                      (unsigned long long)counts->unread_runs,
                      (unsigned long long)counts->unread_evaluations);
}

/* A bundle is of one report. A data directory may hold several, each with evaluations and
 * conclusions of its own: what another one rests on says nothing of this one. */
static bool report_open(struct verifier *v, uint64_t n, struct totals *totals)
{
    struct report_check report = { .v = v, .n = n, .contents = v->contents };
    struct contents *own = NULL;
    if (v->source->level == CONTENTS_ALL) {
        struct contents_of of = contents_wanted(v);
        of.level = CONTENTS_EVIDENCE;
        of.report = n;
        report.contents = own = contents_new(&of, v->err);
        if (!own)
            return verify_fails(v, CHECK_MODEL);
    }
    report.arena = arena_new(ARENA_BYTES_MAX, v->err);
    report.step = report.arena ? arena_new(ARENA_BYTES_MAX, v->err) : NULL;
    bool ok = report.step && report_run(&report, totals);
    arena_free(report.arena);
    arena_free(report.step);
    contents_free(own);
    return ok;
}

bool verify_reports(struct verifier *v)
{
    struct totals totals = { 0 };
    if (!v->contents)
        return true;
    for (size_t i = 0; i < v->reports_count; i++) {
        if (!report_open(v, v->reports[i], &totals))
            return false;
    }
    return exceptions_tell(v, &totals.exceptions) && totals_tell(v, &totals);
}
