#include "store/payload_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { BUFFER_BYTES = 256 * 1024 };

struct payload_writer {
    struct sha256 plain, salted;
    uint8_t salt[32];
    uint64_t bytes;
    int fd; /* -1 once closed */
    bool is_taken;
    char *path;
    size_t buffered;
    char buffer[BUFFER_BYTES];
};

struct payload_writer *payload_writer_new(struct store *store, struct error *err)
{
    const char *folder = store_tmp(store);
    struct payload_writer *writer = malloc(sizeof *writer);
    size_t room = strlen(folder) + 64;
    uint64_t number;
    if (!writer) {
        error_no_memory(err, sizeof *writer);
        return NULL;
    }
    writer->bytes = 0;
    writer->buffered = 0;
    writer->is_taken = false;
    writer->fd = -1;
    writer->path = malloc(room);
    if (!writer->path) {
        error_no_memory(err, room);
        goto fail;
    }
    random_fill(&number, sizeof number);
    snprintf(writer->path, room, "%s/payload-%016llx", folder, (unsigned long long)number);
    random_fill(writer->salt, sizeof writer->salt);
    sha256_start(&writer->plain);
    sha256_start(&writer->salted);
    sha256_add(&writer->salted, slice_bytes(writer->salt, sizeof writer->salt));
    writer->fd = open(writer->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (writer->fd >= 0)
        return writer;
    error_errno(err, "create a file for evidence", writer->path);
    writer->is_taken = true; /* nothing to remove */
fail:
    payload_writer_free(writer);
    return NULL;
}

void payload_writer_free(struct payload_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0)
        close(writer->fd); /* an unfinished file: removed below, so its errors do not matter */
    if (writer->path && !writer->is_taken)
        unlink(writer->path);
    free(writer->path);
    free(writer);
}

static bool flush(struct payload_writer *writer, struct error *err)
{
    struct slice bytes = { writer->buffer, writer->buffered };
    sha256_add(&writer->plain, bytes);
    sha256_add(&writer->salted, bytes);
    writer->buffered = 0;
    return fd_write_all(writer->fd, bytes, writer->path, err);
}

bool payload_writer_add(struct payload_writer *writer, struct slice bytes, struct error *err)
{
    writer->bytes += bytes.len;
    while (bytes.len > 0) {
        size_t room = BUFFER_BYTES - writer->buffered;
        size_t count = bytes.len < room ? bytes.len : room;
        memcpy(writer->buffer + writer->buffered, bytes.at, count);
        writer->buffered += count;
        bytes = slice_from(bytes, count);
        if (writer->buffered == BUFFER_BYTES && !flush(writer, err))
            return false;
    }
    return true;
}

bool payload_writer_finish(struct payload_writer *writer, struct transaction *tx,
                           struct payload *payload, struct digest *plain, struct error *err)
{
    struct digest digest;
    if (!flush(writer, err))
        return false;
    if (fsync(writer->fd) != 0)
        return error_errno(err, "make durable", writer->path);
    int closed = close(writer->fd);
    writer->fd = -1;
    if (closed != 0)
        return error_errno(err, "close", writer->path);
    sha256_finish(&writer->salted, &payload->c);
    payload->bytes = writer->bytes;
    sha256_finish(&writer->plain, &digest);
    if (plain)
        *plain = digest;
    writer->is_taken = payload_take_file(tx, writer->path, writer->salt, payload, err);
    return writer->is_taken;
}
