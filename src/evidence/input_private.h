/* What input.c and unpack.c share. Not for others. */
#ifndef ATTEST_EVIDENCE_INPUT_PRIVATE_H
#define ATTEST_EVIDENCE_INPUT_PRIVATE_H
#include <stdatomic.h>

#include "evidence/input.h"

enum { INPUT_BLOCK_BYTES = 1024 * 1024 };

/* A place for the next bytes, and how many fit; then how many were put there. */
MUST_USE bool input_room(struct input_blocks *blocks, char **at, size_t *room, struct error *err);
void input_took(struct input_blocks *blocks, size_t bytes);

/* ---- unpack.c ---- */

struct packed_file {
    int fd;
    const char *path; /* borrowed */
    uint64_t size;    /* on disk; 0 for a pipe */
    atomic_uint_least64_t read_bytes;
};
MUST_USE bool packed_file_open(struct packed_file *file, const char *path, struct error *err);
void packed_file_close(struct packed_file *file);
/* All of it, unpacked. */
MUST_USE bool packed_file_read(struct packed_file *file, struct input_blocks *blocks,
                               struct error *err);

#endif
