/* Memory for one unit of work (a command, a request, a row): many allocations, one release. */
#ifndef ATTEST_BASE_ARENA_H
#define ATTEST_BASE_ARENA_H
#include <stdarg.h>

#include "base/error.h"
#include "base/slice.h"

struct arena; /* layout: arena.c */

/* An arena that refuses to hold more than bytes_max. NULL with ERROR_NO_MEMORY. */
MUST_USE struct arena *arena_new(size_t bytes_max, struct error *err);
void arena_free(struct arena *arena);  /* NULL is fine */
void arena_reset(struct arena *arena); /* everything given so far is invalid afterwards */
/* Bytes given since the start or the last reset, each piece rounded up to the alignment. */
size_t arena_used(const struct arena *arena);

/* Zeroed, aligned for any type. NULL with ERROR_NO_MEMORY if the system or the cap says no. */
MUST_USE void *arena_alloc(struct arena *arena, size_t bytes, struct error *err);
/* count * size bytes, overflow checked. */
MUST_USE void *arena_array(struct arena *arena, size_t count, size_t size, struct error *err);
/* Room for one more in an array of `count` pieces, doubled when it is full; the old copy stays in
 * the arena. `items` points to the array's pointer, of whatever type. False with ERROR_NO_MEMORY:
 * nothing is changed. */
MUST_USE bool arena_room(struct arena *arena, void *items, size_t count, size_t *capacity,
                         size_t size, struct error *err);
/* A copy that lives as long as the arena; the bytes are followed by a NUL, which len does not
 * count. False with ERROR_NO_MEMORY. */
MUST_USE bool arena_copy(struct arena *arena, struct slice text, struct slice *copy,
                         struct error *err);
/* The same as a C string; NULL with ERROR_NO_MEMORY. */
MUST_USE char *arena_string(struct arena *arena, struct slice text, struct error *err);
MUST_USE PRINTF_LIKE(3, 4) char *arena_printf(struct arena *arena, struct error *err,
                                              const char *format, ...);

#endif
