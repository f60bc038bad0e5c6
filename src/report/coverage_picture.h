/* The coverage matrix as a picture (SVG): criteria down, controls across. */
#ifndef ATTEST_REPORT_COVERAGE_PICTURE_H
#define ATTEST_REPORT_COVERAGE_PICTURE_H
#include "base/arena.h"
#include "base/strbuf.h"
#include "base/value.h"

/* whole: coverage() with coverage_evidence(). A cell shows the worst state of the control's tests
 * that bear on the criterion, by a letter and a colour that also differ in lightness; a criterion
 * without a control has a mark of its own. Title, description and a title of each cell are there
 * for screen readers. */
MUST_USE bool coverage_picture(struct arena *arena, const struct value *whole, struct strbuf *out,
                               struct error *err);

#endif
