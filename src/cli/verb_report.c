/* attest report, issue, bundle. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "report/bundle.h"
#include "report/consent.h"
#include "report/issue.h"
#include "report/report.h"

enum { FORM_BYTES_MAX = 512 << 20 };

static bool one_engagement(struct session *session, const char *verb, struct slice *name)
{
    if (session->arguments->words_count != 1)
        return error_set(&session->err, ERROR_USAGE, NULL,
                         "name one engagement: attest %s engagement/ID", verb);
    *name = slice_of(session->arguments->words[0]);
    return true;
}

/* ---- report ---- */

static const struct option report_options[] = {
    { "--format", "F", "pdf, html, json or oscal" },
    { "--out", "FILE", "where to write it; - is standard output" },
    { "--paper", "P", "a4 (default) or letter" },
    { NULL, NULL, NULL },
};

/* The issued report if there is one, else a draft as things stand. */
static const struct value *find_model(struct session *session, struct slice engagement,
                                      uint64_t size)
{
    struct stored_entry entry;
    struct composed composed;
    struct slice text;
    if (report_issued(session->store, session->arena, engagement, size, &entry, &text,
                      &session->err)) {
        session_tell(session, "the report issued at ledger %llu", (unsigned long long)entry.n);
        return json_parse(session->arena, text, "report.json", NULL, &session->err);
    }
    if (session->err.code != ERROR_NOT_FOUND)
        return NULL;
    session->err = (struct error){ 0 };
    if (!report_compose(session->store, session->catalogue, session->arena, engagement, size, 0,
                        &composed, &session->err))
        return NULL;
    session_tell(session, "a draft: nothing was issued yet");
    return composed.model;
}

enum form { FORM_PDF, FORM_HTML, FORM_JSON, FORM_OSCAL };
struct rendering {
    enum form form;
    struct report_pdf_options pdf;
    const char *path; /* "-": standard output */
};

/* Before anything is composed. */
static bool read_rendering(struct session *session, struct rendering *rendering)
{
    static const char *const forms[] = { "pdf", "html", "json", "oscal" };
    const char *format = argument_value(session->arguments, "--format");
    const char *paper = argument_value(session->arguments, "--paper");
    const char *path = argument_value(session->arguments, "--out");
    size_t form = 0;
    *rendering = (struct rendering){ .pdf.paper = REPORT_A4, .path = path ? path : "-" };
    while (format && form < ARRAY_LEN(forms) && strcmp(format, forms[form]) != 0)
        form++;
    if (form == ARRAY_LEN(forms)) {
        error_set(&session->err, ERROR_USAGE, "--format", "\"%s\" is no form of a report", format);
        return error_hint(&session->err, "pdf, html, json or oscal");
    }
    rendering->form = (enum form)form;
    if (paper && strcmp(paper, "letter") == 0)
        rendering->pdf.paper = REPORT_LETTER;
    else if (paper && strcmp(paper, "a4") != 0)
        return error_set(&session->err, ERROR_USAGE, "--paper", "a4 or letter");
    if (strcmp(rendering->path, "-") != 0 && !session_may_write(session, rendering->path))
        return false;
    if (form == FORM_PDF && strcmp(rendering->path, "-") == 0 && isatty(STDOUT_FILENO)) {
        error_set(&session->err, ERROR_USAGE, "--out", "a PDF cannot be shown on a terminal");
        return error_hint(&session->err, "--out report.pdf");
    }
    return true;
}

static bool render(struct session *session, const struct value *model,
                   const struct rendering *rendering, struct strbuf *out)
{
    switch (rendering->form) {
    case FORM_PDF:
        return report_pdf(model, &rendering->pdf, out, &session->err);
    case FORM_HTML:
        return report_html(model, out, &session->err);
    case FORM_OSCAL:
        return report_oscal(model, out, &session->err);
    case FORM_JSON:
        break;
    }
    return json_canonical(model, out, &session->err);
}

static int run_report(struct session *session, const struct arguments *arguments)
{
    struct strbuf out = strbuf_new(FORM_BYTES_MAX);
    struct rendering rendering;
    struct slice engagement;
    uint64_t size;
    int status = 0;
    (void)arguments;
    if (!one_engagement(session, "report", &engagement) || !read_rendering(session, &rendering) ||
        !session_store(session, STORE_READ) || !session_size(session, &size) ||
        !session_has(session, "engagement", engagement, size)) {
        status = session_fail(session);
        goto done;
    }
    const struct value *model = find_model(session, engagement, size);
    if (!model || !report_model_check(model, &session->findings, &session->err) ||
        session->findings.errors_count > 0 || !render(session, model, &rendering, &out) ||
        !file_write_output(rendering.path, strbuf_slice(&out), &session->err)) {
        status = session_fail(session);
        goto done;
    }
    session_findings(session);
done:
    strbuf_free(&out);
    return status;
}

static const char *const report_examples[] = {
    "attest report engagement/soc2-2026 --format pdf --out report.pdf",
    "attest report engagement/soc2-2026 --format json --out -",
    "attest report engagement/soc2-2026 --format oscal --out report.oscal.json",
    NULL,
};
const struct verb verb_report = {
    .name = "report",
    .usage = "engagement/ID --format F --out FILE",
    .summary = "render a report: a draft until it is issued",
    .details =
        "Appends nothing to the ledger. Without an auditor's opinion it is a readiness report,\n"
        "which is not a service auditor's report and does not look like one. oscal: OSCAL 1.2.1\n"
        "assessment-results, made of section 4 for programs; the report's other sections are not "
        "in it.",
    .examples = report_examples,
    .options = report_options,
    .run = run_report,
    .gives_no_data = true,
};

/* ---- issue ---- */

static int run_issue(struct session *session, const struct arguments *arguments)
{
    struct issued issued;
    struct slice engagement;
    char hex[65];
    (void)arguments;
    if (!one_engagement(session, "issue", &engagement) || !session_store(session, STORE_WRITE) ||
        !session_has(session, "engagement", engagement, store_size(session->store)) ||
        !session_acting(session))
        return session_fail(session);
    if (!report_issue(session->store, session->catalogue, session->arena, engagement,
                      &session->acting, &issued, &session->findings, &session->err))
        return session_fail(session);
    session_findings(session);
    struct value *result = value_new(session->arena, VALUE_OBJECT, &session->err);
    digest_hex(&issued.report, hex);
    if (!result ||
        !value_put_text(session->arena, result, "report", slice_of(hex), &session->err) ||
        !value_put_i64(session->arena, result, "ledger", (int64_t)issued.n, &session->err))
        return session_fail(session);
    digest_hex(&issued.model, hex);
    if (!value_put_text(session->arena, result, "model",
                        slice_of(arena_printf(session->arena, &session->err, "sha256:%s", hex)),
                        &session->err) ||
        !value_put_bool(session->arena, result, "readiness", issued.is_readiness, &session->err) ||
        !output_document(session, result))
        return session_fail(session);
    session_tell(session, "next: attest bundle %.*s --level report --out report.zip",
                 SLICE_ARG(engagement));
    return 0;
}

static const char *const issue_examples[] = {
    "attest issue engagement/soc2-2026 --as person/partner --sign-key partner_key",
    NULL,
};
const struct verb verb_issue = {
    .name = "issue",
    .usage = "engagement/ID",
    .summary = "check a report, fix it, append its entry",
    .details =
        "Only the engagement's partner issues a service auditor's report, and signs it. What\n"
        "stands in the way is listed, and then nothing is issued (exit status 1).",
    .examples = issue_examples,
    .run = run_issue,
};

/* ---- bundle ---- */

static const struct option bundle_options[] = {
    { "--level", "L", "report (no evidence) or evidence (all that it rests on)" },
    { "--without-personal", NULL,
      "evidence with personal values sealed: no keys, no files as they came" },
    { "--out", "FILE.zip", "where to write it" },
    { NULL, NULL, NULL },
};

static int run_bundle(struct session *session, const struct arguments *arguments)
{
    enum contents_level level;
    const char *out = argument_value(arguments, "--out");
    const char *wanted = argument_value(arguments, "--level");
    struct slice engagement, text;
    struct stored_entry entry;
    if (!one_engagement(session, "bundle", &engagement))
        return session_fail(session);
    if (!out || !wanted || !contents_level_parse(slice_of(wanted), &level) ||
        (level != CONTENTS_REPORT && level != CONTENTS_EVIDENCE)) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "--level report or evidence, and --out FILE.zip are needed");
        return session_fail(session);
    }
    if (argument_is_given(session->arguments, "--without-personal") && level == CONTENTS_EVIDENCE)
        level = CONTENTS_SEALED;
    if (!session_may_write(session, out) || !session_store(session, STORE_READ) ||
        !report_issued(session->store, session->arena, engagement, store_size(session->store),
                       &entry, &text, &session->err) ||
        (level != CONTENTS_REPORT &&
         !evidence_consented(session->store, session->arena, entry.key,
                             slice_is(entry.side, "management"), &session->err)) ||
        !bundle_write(session->store, &entry.leaf, level, out, &session->err))
        return session_fail(session);
    session_tell(session, "%s: level %s, report at ledger %llu\nnext: attest verify %s", out,
                 contents_level_name(level), (unsigned long long)entry.n, out);
    return 0;
}

static const char *const bundle_examples[] = {
    "attest bundle engagement/soc2-2026 --level report --out report.zip",
    "attest bundle engagement/soc2-2026 --level evidence --out evidence.zip",
    NULL,
};
const struct verb verb_bundle = {
    .name = "bundle",
    .usage = "engagement/ID --level L --out FILE.zip",
    .summary = "pack an issued report so that anyone can check it offline",
    .details = "Level evidence needs a Consent of each side: attest explain Consent.",
    .examples = bundle_examples,
    .options = bundle_options,
    .run = run_bundle,
    .gives_no_data = true,
};
