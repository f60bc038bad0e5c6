/* What a Source resource says: which reader reads its files, and which field of a record becomes
 * which column. */
#ifndef ATTEST_EVIDENCE_SOURCE_H
#define ATTEST_EVIDENCE_SOURCE_H
#include "base/time.h"
#include "base/value.h"

struct source_field {
    struct slice column, path;
};
struct source {
    struct slice id, population, reader;
    struct source_field *fields; /* none: columns are read from fields of the same name */
    size_t fields_count;
    struct slice each;     /* path to a list; empty: a record is a row */
    struct slice timezone; /* empty: times must carry their own */
    enum time_fraction fraction;
    const struct value *days; /* column -> start | end: what a day alone means there; or NULL */
    const struct value *constants; /* column -> what every row has there; or NULL */
    const struct value *values;    /* column -> what the export writes -> what it means; or NULL */
    struct slice date_pattern;     /* how dates and times are written; empty: ISO 8601 */
    unsigned epoch_scale;          /* numbers that are times: see value_times */
    bool sets_aside;               /* on_bad: set-aside */
    bool stops_at_unknown;         /* unknown: stop */
    char delimiter;                /* of CSV */
    bool trims;                    /* of CSV: blanks around a value do not count */
    struct slice sheet;            /* of a workbook; empty: the only one */
    bool keeps_raw;
    struct slice covers_from, covers_to; /* dates, both included; empty: not claimed */
    struct slice *refs;                  /* git */
    size_t refs_count;
    bool reads_tags, applies_mailmap; /* git */
};

/* Reads a Source document. Slices borrow from it, lists live in the arena.
 * Errors: ERROR_INVALID (source/ID: what is wrong), ERROR_NO_MEMORY. */
MUST_USE bool source_read(struct arena *arena, const struct value *document, struct source *source,
                          struct error *err);

#endif
