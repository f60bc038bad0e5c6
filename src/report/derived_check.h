/* Tables that the program makes itself, made again from what they were made of. */
#ifndef ATTEST_REPORT_DERIVED_CHECK_H
#define ATTEST_REPORT_DERIVED_CHECK_H
#include "program/catalogue.h"
#include "verify/verify.h"

/* Adds the check "tables.derived" if the ledger has a segment of such a table: every one of them
 * names all versions of its kind that lie before it, and says what they say. Not made where a
 * bundle does not hold the rows or the resources. tmp_folder: for the rows of both; removed again.
 * Errors: the machine's. Needs a verification that holds. */
MUST_USE bool derived_check(struct verifier *verifier, const struct catalogue *catalogue,
                            const char *tmp_folder, struct error *err);

#endif
