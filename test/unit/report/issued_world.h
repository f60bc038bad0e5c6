/* A data directory with a small ledger up to an issued readiness report: every kind of entry a
 * bundle has to do with, large payloads among them. */
#ifndef ATTEST_TEST_UNIT_REPORT_ISSUED_WORLD_H
#define ATTEST_TEST_UNIT_REPORT_ISSUED_WORLD_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_world.h"

enum { ISSUED_ITEMS = 20000, ISSUED_RUN = 6, ISSUED_REPORT = 7, ISSUED_SIZE = 10 };

/* Needs world_begin(). */
void issued_make(struct world *w);
/* One more segment of the population's type, #10, and a population behind it, #11, that leaves it
 * out: as a program writes it whose owner wants the segment gone. */
void issued_withhold(struct world *w);
/* Leaf of entry n. */
struct digest issued_leaf(struct world *w, uint64_t n);
/* One bit of one byte of a file below the data directory. */
void issued_flip(const struct world *w, const char *name, long at);
/* The path below the data directory of the payload of a file, by its entry and field. */
const char *issued_payload_path(struct world *w, uint64_t n, const char *field);

#endif
