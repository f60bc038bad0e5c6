/* The bytes of a file on their way to a reader: unpacked (gzip, zstd), hashed and kept while they
 * pass.
 *
 * A thread of its own reads ahead, so that hashing and packing overlap with parsing. Memory is a
 * few blocks, however long the file. What bytes there are is seen from their beginning, not from
 * the file's name. */
#ifndef ATTEST_EVIDENCE_INPUT_H
#define ATTEST_EVIDENCE_INPUT_H
#include "base/digest.h"
#include "base/error.h"
#include "base/slice.h"

struct input; /* layout: input.c */
struct input_blocks;

/* Gives bytes to the input's reader, in any portions. False: stop, *err says why. */
MUST_USE bool input_give(struct input_blocks *blocks, struct slice bytes, struct error *err);

struct input_options {
    /* Takes the unpacked bytes, packed as zstd, in order; called on the input's thread. NULL: they
     * are not kept. */
    bool (*keep)(void *context, struct slice packed, struct error *err);
    void *keep_context;
    /* Of one block; 0: 1 MiB. Tests make them small, to see what happens at their ends. */
    size_t block_bytes;
};
/* A file, or a pipe. ERROR_NOT_FOUND, ERROR_INVALID (a folder), ERROR_IO. */
MUST_USE struct input *input_open_file(const char *path, const struct input_options *options,
                                       struct error *err);
/* Bytes that a function makes, on the input's thread, by calling input_give(); e.g. the records of
 * a repository. name: for messages; borrowed. */
typedef bool input_make_fn(void *context, struct input_blocks *blocks, struct error *err);
MUST_USE struct input *input_open_maker(const char *name, input_make_fn *make, void *context,
                                        const struct input_options *options, struct error *err);
/* Stops the thread if it still runs; NULL is fine. */
void input_close(struct input *input);

/* The next bytes, valid until the next call; empty at the end. Errors: ERROR_IO, ERROR_INVALID
 * (packed bytes that are damaged or cut off), whatever the maker says. After false only
 * input_close(). */
MUST_USE bool input_next(struct input *input, struct slice *block, struct error *err);

/* After the end: digest and number of the unpacked bytes. */
struct input_totals {
    struct digest sha256;
    uint64_t bytes;
};
void input_totals(const struct input *input, struct input_totals *totals);
/* How far: bytes of the file as it lies on disk, and its size (0: not known). Any time. */
void input_progress(struct input *input, uint64_t *bytes, uint64_t *bytes_total);

/* ---- whole lines and records out of blocks ---- */

/* A part of the bytes that grows at its end and is used up at its start. */
struct window {
    struct input *input;
    char *bytes;
    size_t capacity, start, end; /* [start, end) is here and not yet used */
    size_t bytes_max;            /* of one line or record */
    bool is_ended;               /* no more bytes come */
};
void window_start(struct window *window, struct input *input, size_t bytes_max);
void window_free(struct window *window);
/* Adds bytes behind the end; slices into the window are invalid afterwards. At the input's end
 * is_ended becomes true. ERROR_INVALID if more than bytes_max would be unused: the message names
 * the limit. */
MUST_USE bool window_fill(struct window *window, struct error *err);

#endif
