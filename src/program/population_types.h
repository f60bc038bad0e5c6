/* Population types as the program uses them: those of the store, and behind them the built-in ones.
 */
#ifndef ATTEST_PROGRAM_POPULATION_TYPES_H
#define ATTEST_PROGRAM_POPULATION_TYPES_H
#include "program/kinds.h"
#include "store/store.h"

/* The definition in force at `size`: the store's last version, else the catalogue's (version 0).
 * ERROR_NOT_FOUND with a near name. */
struct population_type {
    const struct value *document; /* in the arena, columns in their order */
    uint64_t version;             /* 0: not yet in the store */
    struct digest leaf;           /* of that version */
    bool is_in_batch; /* written by the transaction it was ensured in: pin by position */
    size_t batch_position;
};
MUST_USE bool population_type_get(struct store *store, const struct catalogue *catalogue,
                                  struct arena *arena, struct slice id, uint64_t size,
                                  struct population_type *type, struct error *err);
/* All of them, ids sorted: the store's and the catalogue's that the store does not have. */
MUST_USE bool population_type_ids(struct store *store, const struct catalogue *catalogue,
                                  struct arena *arena, uint64_t size, struct slice **ids,
                                  size_t *count, struct error *err);
/* For an import: the same, and a built-in type that the store does not hold yet is added to the
 * transaction as program/attest, so that the segment can pin it. Call once a type and transaction.
 * The document lives as long as the transaction.
 */
MUST_USE bool population_type_ensure(struct store *store, const struct catalogue *catalogue,
                                     struct transaction *tx, struct slice id,
                                     struct population_type *type, struct error *err);

/* Columns are a mapping, and canonical JSON sorts those: `order` keeps what was written. The first
 * puts it into a document that has none; the second gives a copy whose columns stand in it. NULL or
 * false: ERROR_NO_MEMORY. */
MUST_USE bool population_type_put_order(struct arena *arena, struct value *document,
                                        struct error *err);
MUST_USE struct value *population_type_ordered(struct arena *arena, const struct value *document,
                                               struct error *err);

#endif
