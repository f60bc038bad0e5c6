/* A data directory of its own, for tests that write. */
#ifndef ATTEST_TEST_STORE_WORLD_H
#define ATTEST_TEST_STORE_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

struct world {
    char folder[64]; /* the data directory; not made yet */
    struct arena *arena;
    struct error err;
    struct store *store; /* open for writing, or NULL */
};

/* cmocka set-up and tear-down. The first has no data directory, the second an open one. */
int world_empty(void **state);
int world_begin(void **state);
int world_end(void **state);

extern int64_t world_clock_us; /* moved on by one second at each look */
int64_t world_clock(void);

/* Each stops the test if it fails, telling what the error says. */
void world_reopen(struct world *w);
struct store *world_reader(struct world *w);
void assert_done(struct world *w, bool ok);
/* Compares code and a part of the message, and clears the error. */
void assert_error(struct world *w, bool ok, enum error_code code, const char *message);

extern const struct actor maria; /* management, a private name */
struct transaction *world_transaction(struct world *w);
void world_commit(struct world *w, struct transaction *tx);
/* A document {"id": ID, "text": TEXT}. */
struct value *world_document(struct world *w, const char *id, const char *text);
/* One version of control/ID, in a transaction of its own; version 0: the next. */
void world_put(struct world *w, const char *id, const char *text);
void world_put_in(struct world *w, struct transaction *tx, const char *id, uint64_t version,
                  const char *text);
void world_remove_control(struct world *w, const char *id);
/* Checks the whole store; the findings must be as many. */
void assert_findings(struct world *w, size_t count, const char *message);

const char *world_path(const struct world *w, const char *name);
void remove_tree(const char *folder);
void copy_tree(const char *from, const char *to); /* to does not exist */

#endif
