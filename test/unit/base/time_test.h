/* What the tests of times share: zones of known rules. */
#ifndef ATTEST_TEST_TIME_TEST_H
#define ATTEST_TEST_TIME_TEST_H
#include "base_test.h"

#include "base/time.h"

static inline struct zone *zone_of(struct world *w, const char *name)
{
    struct zone *zone = zone_new(slice_of(name), &w->err);
    if (!zone)
        fail_msg("%s: %s", name, w->err.message);
    return zone;
}

static inline int use_own_zones(void **state)
{
    (void)state;
    return setenv("TZDIR", "test/vectors/time/zoneinfo", 1);
}

#endif
