/* src/report/text_opinion.h
 * The paragraphs that carry the opinion: explanatory, basis, opinion. For text_section1.c. */
#ifndef ATTEST_REPORT_TEXT_OPINION_H
#define ATTEST_REPORT_TEXT_OPINION_H
#include "report/writer.h"

/* Every part is disclaimed: then responsibilities and tests are cut back. */
bool opinion_is_disclaimed(const struct value *opinion);
bool opinion_is_modified(const struct value *opinion);
void opinion_paragraphs(struct writer *w, struct value *paragraphs, const struct value *opinion);

#endif
