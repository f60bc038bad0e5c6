/* How far long work is: drawn on a terminal, nothing in a pipe. Below cli/ nothing prints, so the
 * work gets this from its caller and only tells it numbers. */
#ifndef ATTEST_BASE_PROGRESS_H
#define ATTEST_BASE_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>

struct progress {
    /* Called now and then with what is done so far; total 0: unknown. Returns false to stop the work
     * (ctrl-C): the work then fails with ERROR_INTERRUPTED and leaves nothing half done. */
    bool (*tell)(struct progress *progress, const char *what, uint64_t rows, uint64_t bytes,
                 uint64_t bytes_total);
};

/* True to go on. NULL is fine. */
bool progress_tell(struct progress *progress, const char *what, uint64_t rows, uint64_t bytes,
                   uint64_t bytes_total);

/* A bar on standard error if it is a terminal; installs no signal handler. Starts after 100 ms. */
struct progress_terminal {
    struct progress base;
    int64_t started_us, drawn_us;
    bool is_terminal, is_drawn;
    const volatile int *stop; /* set to non-zero by a signal handler; may be NULL */
};
void progress_terminal_start(struct progress_terminal *progress, const volatile int *stop);
void progress_terminal_clear(struct progress_terminal *progress); /* wipes the line */

#endif
