/* Parameters of a test: named values that its expressions may use as param.NAME, with the bounds
 * within which whoever runs a programme may set them. A parameter is an object of the Test's
 * `parameters`: {id, type, value, minimum, maximum, enum, unit, meaning}. */
#ifndef ATTEST_PROGRAM_PARAMETERS_H
#define ATTEST_PROGRAM_PARAMETERS_H
#include "base/value.h"

/* The parameter with an id; NULL if there is none. */
const struct value *parameter_find(const struct value *parameters, struct slice id);

/* Whether a value is of the parameter's type and within its bounds. Numbers may also stand as text.
 * The interval's form is that of base/duration.h. Errors: ERROR_INVALID, `where` empty; the message
 * is the rest of a sentence about the value ("is above the maximum, 720"). */
MUST_USE bool parameter_fits(const struct value *parameter, const struct value *value,
                             struct error *err);
/* The parameter's own bounds, and its value. *at: what is wrong, if something is. */
MUST_USE bool parameter_check(const struct value *parameter, const struct value **at,
                              struct error *err);
/* A value as typed on a command line: text, or for a list its entries with commas between them.
 * Not yet checked. NULL: ERROR_NO_MEMORY. */
MUST_USE struct value *parameter_typed(const struct value *parameter, struct slice text,
                                       struct arena *arena, struct error *err);

#endif
