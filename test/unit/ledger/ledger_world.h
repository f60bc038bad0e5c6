/* A ledger in a folder of its own, for tests that write. */
#ifndef ATTEST_TEST_LEDGER_WORLD_H
#define ATTEST_TEST_LEDGER_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/ledger.h"

struct world {
    char folder[64]; /* the ledger's */
    struct arena *arena;
    struct error err;
    uint64_t controls_count; /* resources written so far: names are control/C-1, C-2 ... */
};

/* cmocka set-up and tear-down: an empty folder; removed with all that is in it. */
int world_begin(void **state);
int world_end(void **state);

/* The clock of these tests: microseconds, moved on by one second at each look. */
extern int64_t world_clock_us;
int64_t world_clock(void);

/* "FOLDER/name"; the buffer is good until the next call but three. */
const char *world_path(const struct world *w, const char *name);
/* Each stops the test if it fails. */
void world_create(struct world *w);
struct ledger *world_open(struct world *w, enum ledger_mode mode);
/* ledger.start, then (count - 1) resources, as one commit; or `count` resources later on. */
void world_append(struct world *w, struct ledger *ledger, size_t count);
/* The same without stopping the test. */
bool world_try_append(struct world *w, struct ledger *ledger, size_t count);
/* A ledger of that size, closed again. */
void world_filled(struct world *w, size_t count);
/* Must fail with that code, and the error name all three texts (NULL: any). */
void world_refused(struct world *w, enum error_code code, const char *where, const char *message,
                   const char *hint);

/* Files. */
void world_write(const struct world *w, const char *name, const void *bytes, size_t count);
struct slice world_read(struct world *w, const char *name);
void world_flip(struct world *w, const char *name, size_t at); /* one bit of one byte */
void world_remove(const struct world *w, const char *name);
bool world_has(const struct world *w, const char *name);
void remove_tree(const char *folder);

#endif
