/* Every item of a population against every attribute of a test: a table in the engine, then a
 * matrix.
 *
 * NULL must not pass: absent evidence is a deviation, "undecided" (domain rule D.8). An item whose
 * `where` is NULL is undecided in every attribute. */
#ifndef ATTEST_AUDIT_OUTCOMES_H
#define ATTEST_AUDIT_OUTCOMES_H
#include "audit/matrix.h"
#include "audit/population.h"

struct attribute_counts {
    uint64_t counts[3]; /* by enum outcome */
};
struct outcomes {
    const struct test_definition *test;
    const char *table; /* the engine's, [a-z0-9_]+ */
    uint64_t items, deviations;
    struct attribute_counts *attributes; /* filled by outcomes_write() */
};

/* Creates the table: column `key` (sorted by bytes), then the attributes. query->items_table names
 * it. Errors: ERROR_INVALID: an expression that is not true or false, or that fails on some row. */
MUST_USE bool outcomes_build(const struct population_query *query,
                             const struct test_definition *test, struct arena *arena,
                             struct engine *engine, struct outcomes *outcomes, struct error *err);

/* Gives the matrix as text, piece by piece; counts while it goes. */
typedef bool matrix_sink(void *context, struct slice bytes, struct error *err);
MUST_USE bool outcomes_write(struct outcomes *outcomes, struct engine *engine,
                             const struct digest *population, matrix_sink *sink, void *context,
                             struct error *err);

/* For the first items that do not hold: [{"key","results",("why")}]. */
enum { OUTCOMES_LISTED_MAX = 1000 };
MUST_USE struct value *outcomes_deviating(const struct population_query *query,
                                          const struct outcomes *outcomes, struct arena *arena,
                                          struct engine *engine, struct error *err);

#endif
