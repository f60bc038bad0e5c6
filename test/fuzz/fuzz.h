/* test/fuzz/fuzz.h
 * What every fuzz target begins with. A target states a property of its parser: what an accepted
 * input must satisfy, and that a refused one is refused with a reason. */
#ifndef ATTEST_FUZZ_H
#define ATTEST_FUZZ_H
#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum { FUZZ_ARENA_BYTES_MAX = 64 << 20, FUZZ_TEXT_BYTES_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static inline struct arena *fuzz_arena(void)
{
    struct error err = { 0 };
    struct arena *arena = arena_new(FUZZ_ARENA_BYTES_MAX, &err);
    if (!arena)
        abort();
    return arena;
}

/* A refusal is the input's fault and says why. Running into the arena's cap is one as well. */
static inline void fuzz_assert_refused(const struct error *err)
{
    assert(err->code == ERROR_INVALID || err->code == ERROR_NO_MEMORY);
    assert(err->message[0] != '\0');
}

#endif
