/* `attest bundle`: an issued report, packed so that anyone can check it offline (docs/bundle.md).
 */
#ifndef ATTEST_REPORT_BUNDLE_H
#define ATTEST_REPORT_BUNDLE_H
#include "store/store.h"
#include "verify/contents.h"

/* Writes the bundle of the report with that leaf. level: CONTENTS_REPORT, CONTENTS_SEALED or
 * CONTENTS_EVIDENCE. The same ledger gives the same bytes.
 *
 * Everything is checked against its commitment on the way: a bundle that would not hold is not
 * written. Errors: ERROR_NOT_FOUND (no such report), ERROR_CORRUPT (a payload is missing or was
 * altered), ERROR_INVALID (path), ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE bool bundle_write(struct store *store, const struct digest *report,
                           enum contents_level level, const char *path, struct error *err);

#endif
