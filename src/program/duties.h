/* What was and is due, and what performed it: the calendar (calendar.h) over what the store holds.
 *
 * Two sources of duties. A Control is due by its `frequency`, `due` and `paused`, each version for
 * its own time; Performances do it. A date that a kind declares (x-due: {done: FIELD}) is due on
 * that day; the next version whose FIELD is later does it, when it is written. With once: true
 * the first version that has FIELD does it for good; with by: KIND, of: NAME a document of that
 * kind does it whose field NAME names the resource, and says in the same field when it is due next.
 */
#ifndef ATTEST_PROGRAM_DUTIES_H
#define ATTEST_PROGRAM_DUTIES_H
#include "program/calendar.h"
#include "program/kinds.h"
#include "store/store.h"

enum duty_state { DUTY_PERFORMED, DUTY_LATE, DUTY_MISSED, DUTY_NOT_DUE };
/* performed, late, missed, not-due */
const char *duty_state_name(enum duty_state state);

/* Something that was done, and what shows it. */
struct duty_deed {
    struct calendar_deed when;
    struct slice by;          /* person/ID; may be empty */
    struct slice evidence;    /* performance/ID v1, policy/access v3, or a record's key */
    struct slice recorded_at; /* when that was written */
    struct digest leaf;       /* of its entry, if has_leaf */
    bool has_leaf;
};
struct duty_deeds {
    struct duty_deed *items; /* by time */
    size_t count;
};

struct duty {
    struct slice subject; /* control/GOV-02, policy/access; with #FIELD if its kind has several */
    struct slice title, owner; /* of its last version; may be empty */
    int32_t day;               /* due, in the duty's zone */
    int64_t from_us, due_us;   /* window and last microsecond of the day */
    int64_t allowed_us;        /* last microsecond that is in time */
    struct digest named_leaf;  /* of the version that says so */
    enum duty_state state;
    bool is_done;          /* performed or late */
    struct duty_deed done; /* if so: by what */
};
struct duties {
    struct duty *items; /* by subject, then by day */
    size_t count, capacity;
};
struct duties_options {
    uint64_t size;    /* ledger size to look from */
    int64_t now_us;   /* what is missed by now */
    int64_t until_us; /* at least: windows that begin before this, and before now */
    /* Rows that perform a control, by what its due.performed_by says; NULL: nothing is found there,
     * and what they perform is missed. audit/due_records.h makes it. */
    bool (*records)(void *context, struct slice control, const struct value *performed_by,
                    struct duty_deeds *deeds, struct error *err);
    void *context;
};
/* Errors: ERROR_INVALID (a rule that gives over a million days), ERROR_NO_MEMORY, ERROR_NOT_FOUND
 * (a time zone that this system does not know). */
MUST_USE bool duties_list(struct store *store, const struct catalogue *catalogue,
                          struct arena *arena, const struct duties_options *options,
                          struct duties *duties, struct error *err);
/* Late by so much, in microseconds after it was allowed; 0 if it was not late. */
int64_t duty_late_us(const struct duty *duty);

/* Whether a Control's `due` and `paused` make sense together; what is wrong, with its field. For
 * the rules of apply. ERROR_INVALID. */
MUST_USE bool duty_rule_check(const struct value *control, const char **field, struct error *err);

#endif
