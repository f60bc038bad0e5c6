/* What the tests of base share: an arena and an error for each test, and expected texts. */
#ifndef ATTEST_TEST_UNIT_BASE_TEST_H
#define ATTEST_TEST_UNIT_BASE_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/value.h"

struct world {
    struct arena *arena;
    struct error err;
};

static inline int world_open(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world->arena = arena_new((size_t)512 << 20, &world->err);
    *state = world;
    return world->arena ? 0 : -1;
}

static inline int world_close(void **state)
{
    struct world *world = *state;
    arena_free(world->arena);
    free(world);
    return 0;
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, world_open, world_close)

/* Fails with both texts shown. */
static inline void expect_slice_at(struct slice found, const char *expected, const char *file,
                                   int line)
{
    struct slice wanted = slice_of(expected);
    if (!slice_equal(found, wanted)) {
        print_error("found    \"%.*s\"\nexpected \"%s\"\n", SLICE_ARG(found), expected);
        _fail(file, line);
    }
}
#define expect_slice(found, expected) expect_slice_at(found, expected, __FILE__, __LINE__)

/* A vector file as a tree. */
static inline const struct value *world_vectors(struct world *world, const char *path)
{
    struct slice text;
    if (!file_read(world->arena, path, 16 << 20, &text, &world->err)) {
        print_error("%s: %s\n", path, world->err.message);
        fail();
    }
    const struct value *tree = json_parse(world->arena, text, path, NULL, &world->err);
    if (!tree) {
        print_error("%s: %s\n", world->err.where, world->err.message);
        fail();
    }
    return tree;
}

#endif
