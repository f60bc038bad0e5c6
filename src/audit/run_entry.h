/* A run's result for people and its entry for the ledger. */
#ifndef ATTEST_AUDIT_RUN_ENTRY_H
#define ATTEST_AUDIT_RUN_ENTRY_H
#include "audit/engagement.h"
#include "audit/outcomes.h"
#include "program/acting.h"

struct run_record {
    const struct test_definition *test;
    const struct tables *tables;
    const bool *used; /* of tables */
    const struct population *population;
    const struct outcomes *outcomes;
    const struct period *period;
    struct slice zone_name;
    const struct engagement *engagement; /* NULL: none */
    const struct acting *acting;
    const struct engine *engine;
    uint64_t position;
    struct payload matrix;
    struct digest result_digest;
    struct value *deviating;
    size_t examples;
};

/* Contract's object of one test, without "run", which is known when it is committed:
 * {"test","version","control","population":{...},"attributes":[...],"deviations","result",
 *  "result_digest"}. */
MUST_USE struct value *run_result(const struct run_record *record, struct arena *arena,
                                  struct error *err);

/* Adds the test.run entry. Its `object` in the store is the result and besides
 * {"by","deviating","engagement","engine","examples","period","position","side","tables","timezone"}.
 */
MUST_USE bool run_add_entry(const struct run_record *record, const struct value *result,
                            struct transaction *tx, struct error *err);

#endif
