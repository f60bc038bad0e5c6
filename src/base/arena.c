/* Chunks in a list, the newest first; each allocation is cut from the newest. A request larger than
 * a chunk gets a chunk of its own. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024 };

struct chunk {
    struct chunk *next;
    size_t used, room;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct chunk *newest;
    size_t used, bytes_max;
};

struct arena *arena_new(size_t bytes_max, struct error *err)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena) {
        error_no_memory(err, sizeof *arena);
        return NULL;
    }
    arena->bytes_max = bytes_max;
    return arena;
}

static void free_chunks(struct chunk *chunk)
{
    while (chunk) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    free_chunks(arena->newest);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    struct chunk *kept = arena->newest;
    arena->used = 0;
    if (!kept)
        return;
    /* One ordinary chunk is kept, so that a row a reset does not call malloc each time. */
    free_chunks(kept->next);
    kept->next = NULL;
    if (kept->room > CHUNK_BYTES) {
        free(kept);
        arena->newest = NULL;
        return;
    }
    kept->used = 0;
}

size_t arena_used(const struct arena *arena) { return arena->used; }

static struct chunk *chunk_new(size_t bytes)
{
    size_t room = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    if (room > SIZE_MAX - sizeof(struct chunk))
        return NULL;
    struct chunk *chunk = malloc(sizeof *chunk + room);
    if (chunk) {
        chunk->used = 0;
        chunk->room = room;
        chunk->next = NULL;
    }
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t bytes, struct error *err)
{
    const size_t step = alignof(max_align_t);
    size_t rounded = bytes == 0 ? step : (bytes + step - 1) / step * step;
    /* What it costs counts, not what was asked for: hostile input asks for little very often. */
    if (rounded < bytes || rounded > arena->bytes_max || arena->used > arena->bytes_max - rounded) {
        error_set(err, ERROR_NO_MEMORY, NULL, "more than %zu bytes are needed for one unit of work",
                  arena->bytes_max);
        return NULL;
    }
    struct chunk *chunk = arena->newest;
    if (!chunk || chunk->room - chunk->used < rounded) {
        struct chunk *fresh = chunk_new(rounded);
        if (!fresh) {
            error_no_memory(err, bytes);
            return NULL;
        }
        fresh->next = chunk;
        arena->newest = chunk = fresh;
    }
    void *at = chunk->bytes + chunk->used;
    chunk->used += rounded;
    arena->used += rounded;
    memset(at, 0, rounded);
    return at;
}

void *arena_array(struct arena *arena, size_t count, size_t size, struct error *err)
{
    if (size != 0 && count > SIZE_MAX / size) {
        error_no_memory(err, SIZE_MAX);
        return NULL;
    }
    return arena_alloc(arena, count * size, err);
}

char *arena_string(struct arena *arena, struct slice text, struct error *err)
{
    char *copy = text.len == SIZE_MAX ? NULL : arena_alloc(arena, text.len + 1, err);
    if (!copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.at, text.len);
    return copy;
}

bool arena_room(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size,
                struct error *err)
{
    void *old;
    if (count < *capacity)
        return true;
    size_t more = *capacity ? 2 * *capacity : 4;
    void *grown = arena_array(arena, more, size, err);
    if (!grown)
        return false;
    memcpy(&old, items, sizeof old); /* a pointer of another type may not be read through void ** */
    if (count > 0)
        memcpy(grown, old, count * size);
    memcpy(items, &grown, sizeof grown);
    *capacity = more;
    return true;
}

bool arena_copy(struct arena *arena, struct slice text, struct slice *copy, struct error *err)
{
    const char *at = arena_string(arena, text, err);
    if (!at)
        return false;
    *copy = (struct slice){ at, text.len };
    return true;
}

char *arena_printf(struct arena *arena, struct error *err, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1, err);
    if (len < 0)
        error_set(err, ERROR_NO_MEMORY, NULL, "text cannot be formed");
    if (text) {
        int written = vsnprintf(text, (size_t)len + 1, format, again);
        assert(written == len);
    }
    va_end(again);
    return text;
}
