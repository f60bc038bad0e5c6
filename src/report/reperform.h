/* src/report/reperform.h
 * `attest verify --reperform`: every test of a verified bundle run again from its evidence, the
 * matrices compared, and the reasons that reports print for exceptions. */
#ifndef ATTEST_REPORT_REPERFORM_H
#define ATTEST_REPORT_REPERFORM_H
#include "base/progress.h"
#include "program/catalogue.h"
#include "verify/verify.h"

/* Adds the check "reperform" to the verification: holds if every run gives its matrix again, byte
 * for byte, and every printed exception its `why`; not-made if the evidence is not in the bundle.
 * tmp_folder: where segments are unpacked; they are removed again. Errors: the machine's (ERROR_IO,
 * ERROR_NO_MEMORY, ERROR_INTERRUPTED). What does not come out the same is in the check. */
MUST_USE bool reperform(struct verifier *verifier, const struct catalogue *catalogue,
                        const char *tmp_folder, struct progress *progress, struct error *err);

#endif
