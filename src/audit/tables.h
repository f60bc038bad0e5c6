/* The tables that tests see: one for each population type, all known rows at one ledger position,
 * repeats merged and conflicts found.
 *
 * The same key with the same content counts once. With other content it is a conflict, unless the
 * type has a revision (the greatest counts) or a Resolution settles it (contract.md, Values). */
#ifndef ATTEST_AUDIT_TABLES_H
#define ATTEST_AUDIT_TABLES_H
#include "engine/engine.h"
#include "engine/expression.h"
#include "evidence/personal_values.h"
#include "evidence/record_type.h"
#include "evidence/segments.h"

struct catalogue;

struct table {
    struct record_type type;
    uint64_t version;   /* of the PopulationType; 0: built in, never used */
    struct digest leaf; /* of that version, if it is not 0 */
    struct segment_list segments;
    size_t spans_of; /* of a view TYPE_spans: the type's index (spans.h) */
    bool is_used;
    bool has_repeats; /* some key comes more than once */
};
struct tables {
    struct table *items; /* one for each population type, sorted by id, then the views over them */
    size_t count;
    size_t types; /* how many of them are population types; the others have no segments */
    struct expression_table *scope_tables; /* the same, as expressions see them */
    struct expression_scope scope;         /* of them; .item is set by the caller */
    uint64_t size;                         /* ledger size they are read at */
    struct resource_list resolutions;
    const struct personal_keys *keys; /* of personal values; NULL: those of the store */
    uint64_t closed; /* by tables_open(): values whose key is not there, so their tokens stand */
};

/* Reads the definitions of all population types at a size; nothing is opened yet. more: room for so
 * many besides. */
MUST_USE bool tables_read(struct store *store, const struct catalogue *catalogue,
                          struct arena *arena, uint64_t size, size_t more, struct tables *tables,
                          struct error *err);
/* A type as expressions see it. */
MUST_USE bool table_scope(const struct record_type *type, struct arena *arena,
                          struct expression_table *scope, struct error *err);
/* Index of a population type by id; ERROR_NOT_FOUND with a near name, ERROR_INVALID for a view. */
MUST_USE bool tables_find(const struct tables *tables, struct slice id, size_t *index,
                          struct error *err);

/* Fills the segments of the types that are marked is_used, and the resolutions, from a store. A
 * bundle's are filled by who unpacks it. */
MUST_USE bool tables_find_segments(struct tables *tables, struct store *store, struct arena *arena,
                                   struct error *err);
/* Makes the tables that are marked is_used: views over the segments' files, with repeats merged.
 * Personal columns show the value where its key is there, else the token (personal_values.h).
 * Before engine_lock(). Conflicts are not refused here: tables_conflicts() tells those that matter.
 * The store may be NULL if every segment says where its file lies. */
MUST_USE bool tables_open(struct tables *tables, struct store *store, struct arena *arena,
                          struct engine *engine, struct error *err);

/* Refuses rows of one key with different content. With a period only keys of which a row lies in it
 * or is undated matter; NULL: all. ERROR_INVALID names type and keys, and of the first key each
 * row's digest with what tells it from the others: what a Resolution needs. In conflicts.c. */
MUST_USE bool tables_conflicts(const struct table *table, struct engine *engine,
                               const struct period *period, struct error *err);

/* The keys that come more than once, sorted, as an array of {"key", "rows", "contents", "state"}:
 * how many rows in all, how many different ones, and `repeat` (all the same), `settled` (by the
 * type's revision or a Resolution) or `conflict`. With a period only keys of which a row lies in it
 * or is undated. In repeats.c; after tables_open(). */
MUST_USE struct value *table_repeated_keys(const struct table *table, struct engine *engine,
                                           const struct period *period, struct arena *arena,
                                           struct error *err);

/* Rows in the period that repeat another row in full. */
MUST_USE bool table_repeats(const struct table *table, struct engine *engine,
                            const struct period *period, uint64_t *repeats, struct error *err);

/* For statements: canonical_key("a"."k1", "a"."k2"); "a"."c1", "a"."c2"; whether a row lies in a
 * period: its time does, or the interval from its time to `until` overlaps it. */
void table_add_columns(struct strbuf *sql, const struct record_type *type, const char *alias);
void table_add_key(struct strbuf *sql, const struct record_type *type, const char *alias);
void table_add_period(struct strbuf *sql, const struct record_type *type, const char *alias,
                      const struct period *period);

#endif
