/* Freshness: for every control with a test what its evidence comes from, when that last arrived,
 * when it must arrive, and what is stale.
 *
 * Records of a day are expected once the day (week, month ...) is over. A Source says so itself
 * (expect: {every, allowed}); otherwise it follows from the control's frequency, and the records of
 * one period must be there before the next is over. What the last import covers counts; without
 * declared coverage the moment at which it arrived. */
#ifndef ATTEST_AUDIT_FRESHNESS_H
#define ATTEST_AUDIT_FRESHNESS_H
#include "program/calendar.h"
#include "program/kinds.h"
#include "store/store.h"

enum freshness_state {
    FRESH,
    STALE,        /* what must be there is not */
    NEVER,        /* nothing has arrived, or it was withdrawn */
    NO_SOURCE,    /* no Source fills the type */
    NOT_EXPECTED, /* nothing says when it must arrive */
};
/* fresh, stale, never, no-source, not-expected */
const char *freshness_state_name(enum freshness_state state);

struct freshness {
    struct slice control; /* control/CM-02 */
    struct slice type;    /* population type that a test of the control reads */
    struct slice source;  /* source/ID; empty for NO_SOURCE */
    enum freshness_state state;
    struct slice arrived_at; /* ledger time of the last import; empty: none */
    int64_t covered_us;      /* records are there up to here; 0: none */
    bool is_expected;        /* the following holds */
    int64_t must_arrive_us;  /* the next records: the last microsecond that is in time */
    const char *every;       /* daily ... */
};
struct test_reads {
    struct slice test; /* test/CM-02.T1 */
    struct slice type; /* population type that it reads: its population or another table */
    bool is_derived;   /* the program makes the table itself, out of the ledger */
};
struct freshness_list {
    struct freshness *items; /* by control, type, source */
    size_t count, capacity;
    struct test_reads *reads; /* by test */
    size_t reads_count, reads_capacity;
};
/* A test whose expressions cannot be read is told as a warning, and counted with its population
 * alone. Errors: ERROR_NO_MEMORY, ERROR_IO, ERROR_INVALID (a Source's zone or expectation). */
MUST_USE bool freshness_read(struct store *store, const struct catalogue *catalogue,
                             struct arena *arena, uint64_t size, int64_t now_us,
                             struct freshness_list *list, struct findings *findings,
                             struct error *err);

#endif
