/* src/report/text.h
 * From facts to the sentences of a report, in our own words.
 *
 * Facts come in as value trees in the shape of docs/report-model.md; what a function makes is added
 * to the model, so that the model holds every sentence and the forms none. No function decides
 * anything: which opinion is given stands in what a named CPA recorded, and the sentence follows.
 *
 * All trees live in the arena. Errors are ERROR_NO_MEMORY, and ERROR_INVALID where a fact that a
 * sentence needs is missing (where: its path). */
#ifndef ATTEST_REPORT_TEXT_H
#define ATTEST_REPORT_TEXT_H
#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

/* Adds title and subtitle. Needs kind, organization, system, categories, period or as_of. */
MUST_USE bool report_text_titles(struct arena *arena, struct value *model, struct error *err);

/* Adds restriction: who may have the report (type 1 and 2). Needs organization, specified_parties.
 */
MUST_USE bool report_text_restriction(struct arena *arena, struct value *model, struct error *err);

/* Adds section1. Needs section3, section5 (may be null) and the top of the model.
 * recorded: {addressee (text or null), opinion, signature}, as the auditor recorded them, in the
 * shape of the model's section1. Source: domain rules C.2 (the twelve elements), C.3 (variants). */
MUST_USE bool report_text_section1(struct arena *arena, struct value *model,
                                   const struct value *recorded, struct error *err);

/* Paragraphs of an assertion for management to sign, as [{id, heading, text}]; a draft that
 * management edits, or its own text instead. qualifications: [{part, criterion (or null), text}]:
 * what is not asserted; may be NULL. NULL on error. */
MUST_USE struct value *report_text_assertion(struct arena *arena, const struct value *model,
                                             const struct value *qualifications, struct error *err);

/* Adds statement: what a readiness report is and is not. */
MUST_USE bool report_text_readiness(struct arena *arena, struct value *model, struct error *err);

/* Adds section4.paragraphs: how its tables are to be read. */
MUST_USE bool report_text_section4(struct arena *arena, struct value *model, struct error *err);

/* Adds result_text to one test of section 4, from result, population, sample, concluded,
 * tested_deviations, period, cause, effect and other_controls. Source: domain rules C.5. */
MUST_USE bool report_text_result(struct arena *arena, struct value *test, struct error *err);

/* Wording that takes back half of what it says ("appeared", "generally"). True if text has some;
 * *found is the part of it. */
bool report_text_is_reduced(struct slice text, struct slice *found);

/* Markdown into the model's blocks: paragraphs, headings, lists, code, tables; emphasis and links
 * become plain text, raw HTML stays as text. NULL on error. */
MUST_USE struct value *report_blocks_from_markdown(struct arena *arena, struct slice markdown,
                                                   struct error *err);
/* The same where only paragraphs are allowed: a list of texts. */
MUST_USE struct value *report_paragraphs_from_markdown(struct arena *arena, struct slice markdown,
                                                       struct error *err);

#endif
