/* An engine and a folder of one test. */
#ifndef ATTEST_TEST_ENGINE_WORLD_H
#define ATTEST_TEST_ENGINE_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "engine/engine.h"

struct world {
    struct engine *engine;
    struct arena *arena;
    struct error err;
    char folder[64];
};

/* cmocka set-up and tear-down. */
int world_set_up(void **state);
int world_tear_down(void **state);
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

char *world_path(struct world *w, const char *name);
/* Runs a statement, which must be right. */
void world_runs(struct world *w, const char *sql);
/* The rows of a query as lines of canonical cells. */
const char *world_rows(struct world *w, const char *sql);

#endif
