/* What was due as rows of the population type `occurrences`, so that tests run over it. */
#ifndef ATTEST_PROGRAM_OCCURRENCE_ROWS_H
#define ATTEST_PROGRAM_OCCURRENCE_ROWS_H
#include "base/strbuf.h"
#include "program/duties.h"

/* One JSON object a line, by subject and day, the same bytes for the same duties: subject, control
 * (the id; null for dated resources), due_from, due_at, allowed_until, state, late_hours,
 * performed_at, performed_by, evidence, recorded_at.
 * inputs: leaves of the versions that say what is due and of those that did it, each once, sorted;
 * in the arena. */
MUST_USE bool occurrence_rows(struct arena *arena, const struct duties *duties,
                              struct strbuf *lines, struct digest **inputs, size_t *inputs_count,
                              struct error *err);
/* Microseconds as hours with at most six digits behind the point, rounded down: 12.5 */
void duty_hours(int64_t us, char out[40]);

#endif
