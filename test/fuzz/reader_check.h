/* test/fuzz/reader_check.h
 * What the targets of evidence readers have in common. */
#ifndef ATTEST_FUZZ_READER_CHECK_H
#define ATTEST_FUZZ_READER_CHECK_H
#include "base/slice.h"

/* Reads the bytes as the Source document (JSON) says and asserts that
 *   the outcome does not depend on where the blocks of the input end,
 *   each row read was kept or set aside,
 *   a refusal names the file and says why,
 *   with on_bad: set-aside the same rows are kept as without, as far as that gets. */
void reader_check(const char *source_json, struct slice bytes);

#endif
