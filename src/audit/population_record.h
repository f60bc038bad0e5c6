/* The completeness and accuracy record of a population. */
#ifndef ATTEST_AUDIT_POPULATION_RECORD_H
#define ATTEST_AUDIT_POPULATION_RECORD_H
#include "audit/population.h"

/* population has items, digest, repeats and undated already. NULL with *err. */
MUST_USE struct value *population_record(const struct population_query *query,
                                         const struct coverage_gaps *gaps,
                                         const struct population *population, struct arena *arena,
                                         struct engine *engine, struct error *err);

#endif
