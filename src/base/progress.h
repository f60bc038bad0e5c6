/* How far long work is: drawn on a terminal, nothing in a pipe. Below cli/ nothing prints, so the
 * work gets this from its caller and only tells it numbers. */
#ifndef ATTEST_BASE_PROGRESS_H
#define ATTEST_BASE_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

struct progress {
    /* Called now and then with what is done so far; total 0: unknown. Returns false to stop the
     * work (ctrl-C): the work then fails with ERROR_INTERRUPTED and leaves nothing half done. */
    bool (*tell)(struct progress *progress, const char *what, uint64_t rows, uint64_t bytes,
                 uint64_t bytes_total);
};

/* True to go on. NULL is fine. */
bool progress_tell(struct progress *progress, const char *what, uint64_t rows, uint64_t bytes,
                   uint64_t bytes_total);

/* The line that is drawn: "logins  [====>   ]  3,184,402 rows  1.2 of 2.9 GB  412k rows/s  11 s
 * left". Numbers that are 0 are left out. */
void progress_describe(struct strbuf *out, const char *what, uint64_t rows, uint64_t bytes,
                       uint64_t bytes_total, int64_t elapsed_us);

/* A bar on standard error if it is a terminal (and TERM is not dumb); installs no signal handler.
 * Starts after 100 ms, so that short work draws nothing. For one thread. */
struct progress_terminal {
    struct progress base;
    int64_t started_us, drawn_us;
    bool is_terminal, is_drawn;
    const volatile int *stop; /* set to non-zero by a signal handler; may be NULL */
};
void progress_terminal_start(struct progress_terminal *progress, const volatile int *stop);
void progress_terminal_clear(struct progress_terminal *progress); /* wipes the line */

#endif
