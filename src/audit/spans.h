/* States over time: what an inventory showed of a key holds until the next observation of that key,
 * and for how long nobody looked.
 *
 * Each population type with `shape: state` has a second table TYPE_spans for the expressions of
 * tests. It is a view over the type's rows: nothing of it is stored, and who reads it reads the
 * type. Columns: the key without observed_at, from_at, to_at (the next observation of the same key;
 * NULL after the last), gap_hours (between the two, cut to a millionth), then the type's others. */
#ifndef ATTEST_AUDIT_SPANS_H
#define ATTEST_AUDIT_SPANS_H
#include "audit/tables.h"

/* Adds the view of each state to tables that hold all types; there is room for one a type. */
MUST_USE bool spans_add_tables(struct tables *tables, struct arena *arena, struct error *err);
/* Marks the types of the views that are marked. */
void spans_mark_types(const struct tables *tables, bool *used);
/* Whether the view of a type is marked: then all of its rows matter, whatever the period. */
bool spans_are_used(const struct tables *tables, const bool *used, size_t type);
/* Makes "_all_TYPE_spans" and "TYPE_spans", as tables_open() does of types. After "_all_TYPE". */
MUST_USE bool spans_open(const struct table *view, const struct record_type *type,
                         struct engine *engine, struct error *err);
/* For statements: the rows of a view, over a relation with the rows of its type. */
void spans_add_select(struct strbuf *sql, const struct record_type *type, const char *relation);

/* For statements: the times without observation of a type with observe_every, as rows of text:
 * system (NULL unless the key begins with a column of that name), from, to, hours; in this order.
 *
 * An inventory is a time at which rows of the type were observed. Where the key begins with a
 * column `system`, the inventories of each system count for themselves: one export covers one
 * system. Two that are further apart than observe_every have a time without observation between
 * them, all of it: nobody knows how long the first still held. A period begins and ends like an
 * inventory where none was taken before or after. What lies outside of the period is cut off;
 * without one (NULL) only the distances between inventories count. Reads _all_TYPE. */
void unobserved_add_select(struct strbuf *sql, const struct record_type *type,
                           const struct period *period);

#endif
