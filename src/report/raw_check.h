/* The rows of segments, read again from the raw files that they came from. */
#ifndef ATTEST_REPORT_RAW_CHECK_H
#define ATTEST_REPORT_RAW_CHECK_H
#include "verify/verify.h"

/* Adds the check "segments.raw" to the verification: the raw file of each segment, read by the
 * version of the source that the segment names, gives its rows, their number and their span again.
 * Not made where no raw file is here. tmp_folder: for the files of both; removed again.
 * Errors: the machine's. Needs a verification that holds. */
MUST_USE bool raw_check(struct verifier *verifier, const char *tmp_folder, struct error *err);

#endif
