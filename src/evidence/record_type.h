/* What one row of a population type is: columns with their types, key, time. Read from the
 * PopulationType document; readers, segments and populations all work from this. */
#ifndef ATTEST_EVIDENCE_RECORD_TYPE_H
#define ATTEST_EVIDENCE_RECORD_TYPE_H
#include "base/value.h"
#include "engine/engine.h"

struct record_column {
    struct slice name;     /* followed by a NUL */
    enum engine_type type; /* TEXT, INTEGER, DECIMAL, BOOLEAN, DATE, TIMESTAMP, TEXT_LIST */
    bool is_interval; /* of type TEXT: a duration, as interval_parse() writes it; SQL casts it */
    uint8_t width, scale; /* of a decimal; decimal alone is decimal(18,6) */
    bool is_required;     /* also every key column: a row without its key is no item */
    bool is_personal;     /* text; stored as tokens, the values sealed (sealing.h) */
};
enum { NO_COLUMN = -1 };
/* Of the view over a state, TYPE_spans (audit/spans.h): no type and no state's column is called so.
 */
#define SPANS_SUFFIX "_spans"
#define SPANS_FROM "from_at"
#define SPANS_TO "to_at"
#define SPANS_GAP "gap_hours"

struct record_type {
    struct slice id; /* changes; followed by a NUL */
    const struct record_column *columns;
    size_t columns_count;
    const size_t *key; /* column indexes; for a state with observed_at as the last part */
    size_t key_count;
    size_t time;  /* the timestamp that puts a row into a period */
    int until;    /* timestamp column or NO_COLUMN: a row is an interval [time, until) */
    int revision; /* column or NO_COLUMN */
    int sequence; /* integer or text column, or NO_COLUMN */
    bool is_state;
    bool is_snapshot;     /* only the last segment counts */
    struct slice derived; /* not empty: the program makes the rows, of what it says (derived.h) */
    int observed_at;      /* column or NO_COLUMN */
    int64_t observe_every_us;   /* two inventories may be so far apart; 0: not said */
    struct slice observe_every; /* as it is written */
    const size_t *totals;
    size_t totals_count;
};

/* Reads a PopulationType document. Everything lives in the arena.
 * Errors: ERROR_INVALID: a key, time, revision ... that is no column or of the wrong type, a
 * personal key, a personal column that is no text, a decimal wider than 38 digits, a type named
 * item or ..._spans, a state with a column of such a view, observe_every without a state; `where`
 * is population-type/ID.
 */
MUST_USE bool record_type_read(struct arena *arena, const struct value *document,
                               struct record_type *type, struct error *err);
/* NO_COLUMN if there is none. */
int record_type_column(const struct record_type *type, struct slice name);
/* The SQL type of a column: VARCHAR, BIGINT, DECIMAL(p,s), BOOLEAN, DATE, TIMESTAMP, VARCHAR[]. */
void record_column_add_sql_type(struct strbuf *sql, const struct record_column *column);

#endif
