/* What the report prints of conclusions and of the opinion against the recorded ones. */
#include <string.h>

#include "verify/report_check.h"

/* ---- conclusions on criteria ---- */

/* The band that prints a criterion; NULL: none. */
static const struct value *band_of(const struct value *model, struct slice criterion)
{
    const struct value *bands = value_path(model, "section4.bands");
    for (size_t i = 0; i < value_count(bands); i++) {
        const struct value *band = value_item(bands, i);
        if (slice_equal(value_text(value_path(band, "criterion.id")), criterion))
            return band;
    }
    return NULL;
}

static bool conclusion_compare(struct report_check *report, const struct value *document)
{
    struct slice criterion = value_text_of(document, "criterion");
    const struct value *band = band_of(report->model, criterion);
    const struct value *says = value_member(band, "conclusion");
    if (criterion.len == 0) /* a conclusion on a control: bands print those on criteria */
        return true;
    report->compared++;
    if (!band)
        return report_differs(report, "the conclusion on %.*s is not in the report",
                              SLICE_ARG(criterion));
    if (slice_is(value_text_of(report->model, "kind"), "readiness"))
        return true; /* prints none */
    return report_text(report, value_text_of(says, "design"), value_text_of(document, "design"),
                       "design", criterion) &&
           report_text(report, value_text_of(says, "operating"),
                       value_text_of(document, "operating"), "operation", criterion);
}

/* Every band that prints a conclusion must have one under it. */
static bool bands_compare(struct report_check *report, uint64_t concluded)
{
    const struct value *bands = value_path(report->model, "section4.bands");
    uint64_t printed = 0;
    for (size_t i = 0; i < value_count(bands); i++) {
        const struct value *says = value_member(value_item(bands, i), "conclusion");
        printed += says && says->type != VALUE_NULL;
    }
    report->compared++;
    return printed <= concluded ||
           report_differs(report, "the report prints %llu conclusions, the ledger holds %llu",
                          (unsigned long long)printed, (unsigned long long)concluded);
}

/* ---- opinion ---- */

static bool opinion_compare(struct report_check *report, const struct value *document)
{
    static const char *const parts[] = { "description", "design", "operating" };
    const struct value *says = value_path(report->model, "section1.opinion.parts");
    const struct value *recorded = value_member(document, "parts");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct value *printed = NULL, *part = value_member(recorded, parts[i]);
        struct slice of = slice_of(parts[i]);
        for (size_t j = 0; j < value_count(says); j++) {
            if (slice_is(value_text_of(value_item(says, j), "part"), parts[i]))
                printed = value_item(says, j);
        }
        if (!report_text(report, value_text_of(printed, "variant"), value_text_of(part, "variant"),
                         "the opinion", of) ||
            !report_opinion_copies(report, printed, part, of))
            return false;
    }
    return true;
}

/* ---- all of them ---- */

static bool document_compare(struct report_check *report, const struct links *links,
                             uint64_t *concluded)
{
    const struct value *document;
    if (!verify_json(report->v, report->step, value_member(links->entry.body, "payload"),
                     &document))
        return false;
    if (!document) {
        report->absent++;
        return true;
    }
    if (links->entry.kind == ENTRY_OPINION)
        return opinion_compare(report, document) &&
               report_opinion_facts(report, &links->entry, document);
    if (links->entry.kind == ENTRY_RESOURCE)
        return report_assertion(report, document);
    *concluded += value_text_of(document, "criterion").len > 0;
    return conclusion_compare(report, document);
}

bool report_conclusions(struct report_check *report)
{
    struct verifier *v = report->v;
    uint64_t concluded = 0, absent = report->absent;
    for (uint64_t n = 0; n < report->n; n++) {
        struct links links;
        if (!contents_rests_on(report->contents, n))
            continue;
        arena_reset(report->step);
        if (!verify_links(v, report->step, n, &links))
            return false;
        bool is_assertion = links.entry.kind == ENTRY_RESOURCE &&
                            slice_is(value_text_of(links.entry.body, "kind"), "Assertion");
        if ((links.entry.kind == ENTRY_CONCLUSION || links.entry.kind == ENTRY_OPINION ||
             is_assertion) &&
            !document_compare(report, &links, &concluded))
            return false;
    }
    return report->absent > absent || bands_compare(report, concluded);
}
