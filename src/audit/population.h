/* A population: the items a test runs over, fixed when it is used, with its completeness and
 * accuracy record (domain rule D.3).
 *
 * The record is one canonical JSON document, the payload of the ledger's `population` entry. It
 * holds nothing that changes from run to run, so that the same items of the same segments are one
 * population and not frozen twice: its name is population/<type>-<12 hex of the record's SHA-256>.
 *
 *   {"control_totals":[{"name","value"}],
 * "coverage":{"declared","gaps":[{"accepted","from","to"}]}, "digest", "items",
 * "period":{"from","to"}, "reconciliation":[...], "repeats", "segments":[...],
 * "sequence":{"column","first","gaps":[{"from","missing","to"}],"last","missing","places","unnumbered"
 * (of texts)}|null, "silent_days":{"count","spans":[{"from","to"}]}, "timezone", "type",
 * "type_version", "undated",
 * "unobserved":{"count","every","spans":[{"from","hours","system","to"}]} (of a state with
 * observe_every), "where":text|null} */
#ifndef ATTEST_AUDIT_POPULATION_H
#define ATTEST_AUDIT_POPULATION_H
#include "audit/coverage_gaps.h"
#include "audit/tables.h"
#include "audit/test_definition.h"
#include "store/payload_writer.h"

struct population_query {
    const struct tables *tables;
    const struct table *table;
    struct slice where;            /* expression, checked; may be empty */
    const struct value *reconcile; /* of the test; array or NULL */
    struct period period;
    const struct zone *zone;
    struct slice zone_name;
    struct slice engagement; /* engagement/ID or empty */
};
struct population {
    struct slice name;
    uint64_t items, repeats, undated;
    struct digest digest; /* plain SHA-256 of the keys, each followed by LF */
    struct value *record;
    /* Where it stands: in the ledger already, or at a position of this transaction. */
    bool is_in_batch;
    struct digest leaf;
    size_t batch_position;
};

/* Refuses what cannot be a population: no import at all, rows in conflict, a declared gap that
 * nobody accepted. ERROR_INVALID; `where` names the type and the days. */
MUST_USE bool population_allowed(const struct population_query *query, struct store *store,
                                 struct arena *arena, struct engine *engine,
                                 struct coverage_gaps *gaps, struct error *err);

/* Makes the record; finds the population in the ledger or adds it to tx, with the list of items:
 * their keys in order, each followed by LF, which the writer holds. population->items and ->digest
 * are theirs and are set before. */
MUST_USE bool population_freeze(const struct population_query *query,
                                const struct coverage_gaps *gaps,
                                struct payload_writer *items_writer, struct store *store,
                                struct arena *arena, struct engine *engine, struct transaction *tx,
                                const struct actor *actor, struct population *population,
                                struct error *err);

/* For statements: the rows of the period that are in scope, as "... from T item where ...". */
void population_add_from(struct strbuf *sql, const struct population_query *query);

#endif
