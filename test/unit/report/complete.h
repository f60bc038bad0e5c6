/* Facts into models, as the program does it from its store: for the tests of src/report/. */
#ifndef ATTEST_TEST_REPORT_COMPLETE_H
#define ATTEST_TEST_REPORT_COMPLETE_H
#include "base/value.h"

/* Reads test/report/facts/NAME.json: {"model", "recorded" (what the auditor recorded, or null),
 * "qualifications" (management's)}; adds every sentence. NULL on error. */
struct value *facts_complete(struct arena *arena, const char *path, struct error *err);
/* A member, to be changed; NULL if there is none. */
struct value *own_member(struct value *object, const char *name);
/* The same by a path with dots, "section4.bands.0.rows": numbers are items of lists. */
struct value *own_path(struct value *object, const char *path);

#endif
