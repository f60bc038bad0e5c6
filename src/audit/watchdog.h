/* Stops what the engine runs when it takes too long or somebody presses ctrl-C: an expression is
 * foreign text, and some take longer than anyone waits. */
#ifndef ATTEST_AUDIT_WATCHDOG_H
#define ATTEST_AUDIT_WATCHDOG_H
#include "engine/engine.h"

struct watchdog; /* layout: watchdog.c; one thread */

/* Watches the engine until watchdog_free(). seconds_max: for what runs between two calls of
 * watchdog_reset(); 0: no limit. stop: becomes non-zero when the work shall end; may be NULL.
 * ERROR_NO_MEMORY if there can be no thread. */
MUST_USE struct watchdog *watchdog_new(struct engine *engine, unsigned seconds_max,
                                       const volatile int *stop, struct error *err);
void watchdog_free(struct watchdog *watchdog); /* NULL is fine */
/* The limit begins anew. */
void watchdog_reset(struct watchdog *watchdog);
/* After the engine failed with ERROR_INTERRUPTED: whether that was the limit; then *err becomes
 * ERROR_INVALID and says so. */
bool watchdog_explains(struct watchdog *watchdog, struct error *err);

#endif
