/* src/report/report.h
 * From the report model (docs/report-model.md) to what people read.
 *
 * The model is one JSON document; nothing else is looked at, no clock, no store, no environment, so
 * that the same model always says the same. A form that adds a fact of its own would be a second
 * report that nobody signed. */
#ifndef ATTEST_REPORT_REPORT_H
#define ATTEST_REPORT_REPORT_H
#include "base/error.h"
#include "base/strbuf.h"
#include "base/value.h"

/* Checks a model against docs/report-model.schema.json, the elements that a service auditor's
 * report must have, the rules between its numbers, and its words. Errors: what may not be issued or
 * even rendered. Warnings: what a partner has to look at (domain rules C.3), such as a criterion
 * not met beside an unmodified opinion. Each finding's `where` is the field's path
 * ("section4.bands[2].rows[0].tests[1].result"). False only with ERROR_NO_MEMORY in *err; otherwise
 * the result is in findings. */
MUST_USE bool report_model_check(const struct value *model, struct findings *findings,
                                 struct error *err);

enum report_paper { REPORT_A4, REPORT_LETTER };
struct report_pdf_options {
    enum report_paper paper;
};

/* Renders the model as a tagged PDF. options may be NULL (A4).
 * The bytes depend on the model, the paper and the fonts installed, on nothing else; the document's
 * date is the report date (a draft without one: none).
 * Errors: ERROR_INVALID (the model does not pass report_model_check(); a character that no
 * installed font has: `where` is the field), ERROR_NOT_FOUND (Inter is not installed),
 *         ERROR_NO_MEMORY (also when `out` is full). */
MUST_USE bool report_pdf(const struct value *model, const struct report_pdf_options *options,
                         struct strbuf *out, struct error *err);

/* Renders the model as one HTML file without scripts or outside requests.
 * Errors: as report_pdf(), without the fonts. */
MUST_USE bool report_html(const struct value *model, struct strbuf *out, struct error *err);

/* The model as OSCAL 1.2.1 assessment-results (docs/oscal.md says what becomes what), in the
 * canonical form of RFC 8785.
 * Errors: ERROR_INVALID (the model does not pass report_model_check(); section 4 prints no control,
 *         and OSCAL asks for one), ERROR_NO_MEMORY (also when `out` is full). */
MUST_USE bool report_oscal(const struct value *model, struct strbuf *out, struct error *err);

#endif
