/* Every item of a population against every attribute of a test, range by range of the key: rows of
 * the matrix, the list of items, and what is told of those that do not hold.
 *
 * NULL must not pass: absent evidence is a deviation, "undecided" (domain rule D.8). An item whose
 * `where` is NULL is undecided in every attribute. */
#ifndef ATTEST_AUDIT_OUTCOMES_H
#define ATTEST_AUDIT_OUTCOMES_H
#include <stdio.h>

#include "audit/matrix.h"
#include "audit/population.h"
#include "audit/ranges.h"

struct attribute_counts {
    uint64_t counts[3]; /* by enum outcome */
};
struct outcomes {
    const struct test_definition *test;
    uint64_t items, deviations;
    struct attribute_counts *attributes;
    struct digest keys; /* plain SHA-256 of the keys, each followed by LF, sorted by bytes */
    /* The first items that do not hold: [{"key","results",("why")}]; empty if not asked for. */
    struct value *deviating;
    FILE *rows; /* of the matrix, without its header */
};
struct outcomes_options {
    const char *folder; /* for a file without a name, which holds the rows */
    struct cut *cut;
    struct payload_writer *items; /* gets the keys, each followed by LF; NULL: none */
    bool wants_deviating;
};
enum { OUTCOMES_LISTED_MAX = 1000 };

/* Evaluates the test. Memory follows the greatest range.
 * Owner:  the caller; release with outcomes_free() whatever is returned.
 * Errors: ERROR_INVALID: an expression that is not true or false, or that fails on some row;
 *         ERROR_NO_MEMORY: the hint says why the test could not be cut. */
MUST_USE bool outcomes_build(const struct population_query *query,
                             const struct test_definition *test,
                             const struct outcomes_options *options, struct arena *arena,
                             struct engine *engine, struct outcomes *outcomes, struct error *err);
void outcomes_free(struct outcomes *outcomes);

/* Gives the matrix as text, piece by piece. */
typedef bool matrix_sink(void *context, struct slice bytes, struct error *err);
MUST_USE bool outcomes_write(struct outcomes *outcomes, matrix_sink *sink, void *context,
                             struct error *err);

#endif
