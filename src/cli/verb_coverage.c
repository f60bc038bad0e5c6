/* attest coverage: criteria x controls x tests x evidence, as a list, a workbook or a picture. */
#include "audit/coverage_evidence.h"
#include "base/file.h"
#include "base/time.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/verb.h"
#include "program/coverage.h"
#include "report/coverage_picture.h"

enum { PICTURE_BYTES_MAX = 64 << 20 };

static const struct column_spec criteria_columns[] = {
    { "id", "criterion" },    { "covered", "covered" },
    { "through", "through" }, { "controls", "controls" },
    { "tests", "tests" },     { "gaps", "gaps" },
    { NULL, NULL },
};
static const struct column_spec row_columns[] = {
    { "criterion", "criterion" },
    { "through", "through" },
    { "control", "control" },
    { "test", "test" },
    { "evidence", "last evidence" },
    { "state", "state" },
    { "gap", "gap" },
    { NULL, NULL },
};

static struct value *matrix(struct session *session, struct slice edition, uint64_t size)
{
    struct freshness_list fresh;
    /* A test that cannot be read is told by attest fresh and by its own run. */
    struct findings ignored = { 0 };
    struct selector *selector;
    struct value *whole = session_selector(session, size, &selector)
                              ? coverage(session->store, session->catalogue, session->arena,
                                         edition, selector, size, &session->err)
                              : NULL;
    bool ok = whole &&
              freshness_read(session->store, session->catalogue, session->arena, size,
                             clock_now_us(), &fresh, &ignored, &session->err) &&
              coverage_evidence(session->arena, whole, &fresh, &session->err);
    findings_free(&ignored);
    return ok ? whole : NULL;
}

static bool draw(struct session *session, const struct value *whole)
{
    const char *path = argument_value(session->arguments, "--out");
    struct strbuf out = strbuf_new(PICTURE_BYTES_MAX);
    bool ok = session_may_write(session, path) &&
              coverage_picture(session->arena, whole, &out, &session->err) &&
              file_write_output(path, strbuf_slice(&out), &session->err);
    strbuf_free(&out);
    return ok;
}

static int run(struct session *session, const struct arguments *arguments)
{
    uint64_t size;
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    const struct value *whole = matrix(session, argument_slice(arguments, "--catalog"), size);
    if (!whole)
        return session_fail(session);
    /* The table has a line for each criterion; what other programs read has a row for each test. */
    bool is_flat = session->format == FORMAT_CSV || session->format == FORMAT_XLSX;
    if (!(session->format == FORMAT_SVG
              ? draw(session, whole)
              : output_list(session, whole, value_member(whole, is_flat ? "rows" : "criteria"),
                            is_flat ? row_columns : criteria_columns)))
        return session_fail(session);
    if (session->format == FORMAT_TABLE)
        session_tell(session,
                     "%zu criteria: %.*s mapped, %.*s only through another catalogue, %.*s tested, "
                     "%.*s with gaps (a mapping is not a design conclusion)",
                     value_count(value_member(whole, "criteria")),
                     SLICE_ARG(value_member(whole, "mapped")->text),
                     SLICE_ARG(value_member(whole, "through")->text),
                     SLICE_ARG(value_member(whole, "tested")->text),
                     SLICE_ARG(value_member(whole, "gaps")->text));
    return 0;
}

static const struct option options[] = {
    { "--catalog", "NAME",
      "tsc-2017 (default), tsp-2014, tsp-2009, ccsm, or a catalogue of your own" },
    OPTIONS_SELECTION,
    { "--out", "FILE", "where -o xlsx writes the workbook, -o svg the picture" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest coverage",
    "attest coverage --catalog tsp-2009 -o json",
    "attest coverage --catalog ccsm",
    "attest coverage --layer Facilities --principle availability",
    "attest coverage -o xlsx --out coverage.xlsx",
    "attest coverage -o svg --out coverage.svg",
    NULL,
};
const struct verb verb_coverage = {
    .name = "coverage",
    .usage = "[--catalog NAME] " USAGE_SELECTION " [--as-of WHEN] [-o svg --out FILE]",
    .summary = "criteria x controls x tests x evidence, with gaps",
    .details =
        "Where no control names a criterion, those count that name what maps to it (attest\n"
        "catalog CATALOGUE/ID shows it): covered says \"through a mapping\", and through says\n"
        "which criterion the control serves. It is not the same as directly.\n\n"
        "csv and xlsx have a row for each test of each control of each criterion: when the\n"
        "last of its evidence arrived, its state (evidence, ledger, stale, no-evidence,\n"
        "no-test, no-control; ledger: the test reads only what the program itself has\n"
        "written) and what is missing. svg is a picture: criteria by controls, a letter in "
        "each cell for the\n"
        "state.\n\n" DETAILS_SELECTION,
    .examples = examples,
    .options = options,
    .run = run,
    .forms = "svg",
    .takes_no_words = true,
};
