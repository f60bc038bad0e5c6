/* A ring of blocks between the thread that reads (or makes) the bytes and the one that parses them.
 *
 * The producer fills the block at `write`; publishing it hashes it, packs it for keeping, and hands
 * it over. The consumer lends out the oldest and gives it back with its next call. Everything
 * shared is under one mutex; the bytes of a block belong to one side at a time. */
#include "evidence/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "evidence/input_private.h"

enum { BLOCKS = 4, ZSTD_LEVEL = 1 };

struct input {
    struct input_options options;
    /* What the producer works on. */
    input_make_fn *make;
    void *make_context;
    struct packed_file file;
    /* The producer's own. */
    struct sha256 hash;
    ZSTD_CCtx *packer;
    char *packed;
    size_t packed_capacity;
    struct error err;
    /* Shared, under the mutex. */
    pthread_t thread;
    bool has_thread, has_mutex;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct {
        char *bytes;
        size_t len;
    } blocks[BLOCKS];
    size_t write, read, ready; /* indices; how many are published and not given back */
    bool is_lent;              /* the one at `read` */
    bool is_done, is_failed;   /* the producer has ended */
    bool is_stopped;           /* the consumer has */
    /* Known once is_done. */
    struct input_totals totals;
};

struct input_blocks {
    struct input *input;
};

/* ---- the producer's side ---- */

static bool keep_packed(struct input *input, struct slice bytes, ZSTD_EndDirective directive,
                        struct error *err)
{
    ZSTD_inBuffer in = { bytes.at, bytes.len, 0 };
    size_t left;
    if (!input->packer)
        return true;
    do {
        ZSTD_outBuffer out = { input->packed, input->packed_capacity, 0 };
        left = ZSTD_compressStream2(input->packer, &out, &in, directive);
        if (ZSTD_isError(left))
            return error_set(err, ERROR_NO_MEMORY, NULL, "cannot pack: %s",
                             ZSTD_getErrorName(left));
        if (out.pos > 0 &&
            !input->options.keep(input->options.keep_context, slice_bytes(out.dst, out.pos), err))
            return false;
    } while (directive == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return true;
}

/* Hands the block over that is being filled, and waits for a free one. */
static bool publish(struct input *input, struct error *err)
{
    struct slice bytes = { input->blocks[input->write].bytes, input->blocks[input->write].len };
    if (bytes.len == 0)
        return true;
    sha256_add(&input->hash, bytes);
    input->totals.bytes += bytes.len;
    if (!keep_packed(input, bytes, ZSTD_e_continue, err))
        return false;
    pthread_mutex_lock(&input->mutex);
    input->ready++;
    input->write = (input->write + 1) % BLOCKS;
    pthread_cond_broadcast(&input->changed);
    while (input->ready == BLOCKS && !input->is_stopped)
        pthread_cond_wait(&input->changed, &input->mutex);
    bool is_stopped = input->is_stopped;
    pthread_mutex_unlock(&input->mutex);
    if (is_stopped)
        return error_set(err, ERROR_INTERRUPTED, NULL, "nobody reads on");
    input->blocks[input->write].len = 0;
    return true;
}

bool input_room(struct input_blocks *blocks, char **at, size_t *room, struct error *err)
{
    struct input *input = blocks->input;
    if (input->blocks[input->write].len == input->options.block_bytes && !publish(input, err))
        return false;
    *at = input->blocks[input->write].bytes + input->blocks[input->write].len;
    *room = input->options.block_bytes - input->blocks[input->write].len;
    return true;
}

void input_took(struct input_blocks *blocks, size_t bytes)
{
    struct input *input = blocks->input;
    input->blocks[input->write].len += bytes;
    assert(input->blocks[input->write].len <= input->options.block_bytes);
}

bool input_give(struct input_blocks *blocks, struct slice bytes, struct error *err)
{
    while (bytes.len > 0) {
        char *at;
        size_t room;
        if (!input_room(blocks, &at, &room, err))
            return false;
        size_t part = bytes.len < room ? bytes.len : room;
        memcpy(at, bytes.at, part);
        input_took(blocks, part);
        bytes = slice_from(bytes, part);
    }
    return true;
}

static void *produce(void *context)
{
    struct input *input = context;
    struct input_blocks blocks = { input };
    sha256_start(&input->hash);
    bool ok = input->make ? input->make(input->make_context, &blocks, &input->err)
                          : packed_file_read(&input->file, &blocks, &input->err);
    ok = ok && publish(input, &input->err) &&
         keep_packed(input, (struct slice){ 0 }, ZSTD_e_end, &input->err);
    if (ok)
        sha256_finish(&input->hash, &input->totals.sha256);
    pthread_mutex_lock(&input->mutex);
    input->is_done = true;
    input->is_failed = !ok;
    pthread_cond_broadcast(&input->changed);
    pthread_mutex_unlock(&input->mutex);
    return NULL;
}

/* ---- opening and closing ---- */

static bool packer_new(struct input *input, struct error *err)
{
    if (!input->options.keep)
        return true;
    input->packed_capacity = ZSTD_CStreamOutSize();
    input->packed = malloc(input->packed_capacity);
    input->packer = ZSTD_createCCtx();
    if (!input->packed || !input->packer)
        return error_no_memory(err, input->packed_capacity);
    /* The check sum costs little and lets any zstd tell a damaged file. */
    if (ZSTD_isError(ZSTD_CCtx_setParameter(input->packer, ZSTD_c_compressionLevel, ZSTD_LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(input->packer, ZSTD_c_checksumFlag, 1)))
        return error_set(err, ERROR_NO_MEMORY, NULL, "zstd does not take its settings");
    return true;
}

static struct input *input_new(const struct input_options *options, struct error *err)
{
    struct input *input = calloc(1, sizeof *input);
    if (!input) {
        error_no_memory(err, sizeof *input);
        return NULL;
    }
    input->options = *options;
    if (input->options.block_bytes == 0)
        input->options.block_bytes = INPUT_BLOCK_BYTES;
    input->file.fd = -1;
    for (size_t i = 0; i < BLOCKS; i++) {
        input->blocks[i].bytes = malloc(input->options.block_bytes);
        if (!input->blocks[i].bytes) {
            error_no_memory(err, input->options.block_bytes);
            input_close(input);
            return NULL;
        }
    }
    if (!packer_new(input, err)) {
        input_close(input);
        return NULL;
    }
    return input;
}

static struct input *input_begin(struct input *input, struct error *err)
{
    if (pthread_mutex_init(&input->mutex, NULL) == 0) {
        if (pthread_cond_init(&input->changed, NULL) == 0)
            input->has_mutex = true;
        else
            pthread_mutex_destroy(&input->mutex);
    }
    input->has_thread =
        input->has_mutex && pthread_create(&input->thread, NULL, produce, input) == 0;
    if (input->has_thread)
        return input;
    error_set(err, ERROR_NO_MEMORY, NULL, "no thread to read with");
    input_close(input);
    return NULL;
}

struct input *input_open_file(const char *path, const struct input_options *options,
                              struct error *err)
{
    struct input *input = input_new(options, err);
    if (!input)
        return NULL;
    if (!packed_file_open(&input->file, path, err)) {
        input_close(input);
        return NULL;
    }
    return input_begin(input, err);
}

struct input *input_open_maker(const char *name, input_make_fn *make, void *context,
                               const struct input_options *options, struct error *err)
{
    struct input *input = input_new(options, err);
    if (!input)
        return NULL;
    input->file.path = name;
    input->make = make;
    input->make_context = context;
    return input_begin(input, err);
}

void input_close(struct input *input)
{
    if (!input)
        return;
    if (input->has_thread) {
        pthread_mutex_lock(&input->mutex);
        input->is_stopped = true;
        pthread_cond_broadcast(&input->changed);
        pthread_mutex_unlock(&input->mutex);
        pthread_join(input->thread, NULL);
    }
    if (input->has_mutex) {
        pthread_mutex_destroy(&input->mutex);
        pthread_cond_destroy(&input->changed);
    }
    packed_file_close(&input->file);
    for (size_t i = 0; i < BLOCKS; i++)
        free(input->blocks[i].bytes);
    ZSTD_freeCCtx(input->packer);
    free(input->packed);
    free(input);
}

/* ---- the consumer's side ---- */

bool input_next(struct input *input, struct slice *block, struct error *err)
{
    bool ok = true;
    *block = (struct slice){ 0 };
    pthread_mutex_lock(&input->mutex);
    if (input->is_lent) {
        input->is_lent = false;
        input->read = (input->read + 1) % BLOCKS;
        input->ready--;
        pthread_cond_broadcast(&input->changed);
    }
    while (input->ready == 0 && !input->is_done)
        pthread_cond_wait(&input->changed, &input->mutex);
    if (input->ready > 0) {
        *block = (struct slice){ input->blocks[input->read].bytes, input->blocks[input->read].len };
        input->is_lent = true;
    } else if (input->is_failed) {
        *err = input->err;
        ok = false;
    }
    pthread_mutex_unlock(&input->mutex);
    return ok;
}

void input_totals(const struct input *input, struct input_totals *totals)
{
    assert(input->is_done && !input->is_failed);
    *totals = input->totals;
}

void input_progress(struct input *input, uint64_t *bytes, uint64_t *bytes_total)
{
    *bytes = atomic_load(&input->file.read_bytes);
    *bytes_total = input->file.size;
}

/* ---- windows ---- */

void window_start(struct window *window, struct input *input, size_t bytes_max)
{
    *window = (struct window){ .input = input, .bytes_max = bytes_max };
}

void window_free(struct window *window)
{
    free(window->bytes);
    *window = (struct window){ 0 };
}

static bool window_grow(struct window *window, size_t need, struct error *err)
{
    size_t capacity = window->capacity ? window->capacity : 2 * INPUT_BLOCK_BYTES;
    while (capacity < need)
        capacity *= 2;
    char *bytes = realloc(window->bytes, capacity);
    if (!bytes)
        return error_no_memory(err, capacity);
    window->bytes = bytes;
    window->capacity = capacity;
    return true;
}

bool window_fill(struct window *window, struct error *err)
{
    struct slice block;
    size_t unused = window->end - window->start;
    if (!window->bytes && !window_grow(window, INPUT_BLOCK_BYTES, err))
        return false;
    if (unused > window->bytes_max)
        return error_set(err, ERROR_INVALID, NULL, "longer than the limit of %zu MiB",
                         window->bytes_max >> 20);
    if (!input_next(window->input, &block, err))
        return false;
    if (block.len == 0) {
        window->is_ended = true;
        return true;
    }
    if (window->start > 0 && unused > 0)
        memmove(window->bytes, window->bytes + window->start, unused);
    window->start = 0;
    window->end = unused;
    if (window->capacity < unused + block.len && !window_grow(window, unused + block.len, err))
        return false;
    memcpy(window->bytes + unused, block.at, block.len);
    window->end += block.len;
    return true;
}
