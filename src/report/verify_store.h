/* A data directory as a source for verification: the same checks as on a bundle, and those of its
 * own files (tiles, the store's rows). */
#ifndef ATTEST_REPORT_VERIFY_STORE_H
#define ATTEST_REPORT_VERIFY_STORE_H
#include "store/store.h"
#include "verify/verify.h"

/* Opens a data directory and verifies it. One that does not open because its files are damaged does
 * not hold, and the verification says which; one that is not there or locked is an error. */
MUST_USE struct verifier *verify_folder(const char *folder, const struct verify_options *options,
                                        struct error *err);

/* As verify_run(). The store must live as long as the verifier. */
MUST_USE struct verifier *verify_store(struct store *store, const struct verify_options *options,
                                       struct error *err);

#endif
