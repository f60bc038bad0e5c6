/* Files as they lie on disk: plain, gzip (RFC 1952) or zstd (RFC 8878), one or many members after
 * each other. Damaged or cut-off bytes are an error, never a shorter file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "evidence/input_private.h"

enum {
    PACKED_BYTES = 256 * 1024,
    /* Unpacking streams, so a bomb cannot fill memory; these bound the time. Real records, however
     * alike, stay far below the ratio. */
    RATIO_MAX = 10000,
    RATIO_FREE_BYTES = 1 << 30,
};

struct unpacker {
    struct packed_file *file;
    struct input_blocks *blocks;
    uint64_t out_bytes;
    size_t at, len; /* the packed bytes at hand: buffer[at, len) */
    unsigned char buffer[PACKED_BYTES];
};

bool packed_file_open(struct packed_file *file, const char *path, struct error *err)
{
    struct stat status;
    *file = (struct packed_file){ .path = path };
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0)
        return error_errno(err, "open", path);
    if (fstat(file->fd, &status) != 0)
        return error_errno(err, "look at", path);
    if (S_ISDIR(status.st_mode))
        return error_set(err, ERROR_INVALID, path, "is a folder; name its files");
    if (S_ISREG(status.st_mode))
        file->size = (uint64_t)status.st_size;
    return true;
}

void packed_file_close(struct packed_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd); /* only read from */
    file->fd = -1;
}

static bool read_some(struct packed_file *file, void *at, size_t room, size_t *len,
                      struct error *err)
{
    for (;;) {
        ssize_t got = read(file->fd, at, room);
        if (got >= 0) {
            *len = (size_t)got;
            atomic_fetch_add(&file->read_bytes, (uint64_t)got);
            return true;
        }
        if (errno != EINTR)
            return error_errno(err, "read", file->path);
    }
}

/* More packed bytes, once those at hand are used up; len == 0 at the end. */
static bool refill(struct unpacker *unpacker, struct error *err)
{
    if (unpacker->at < unpacker->len)
        return true;
    unpacker->at = 0;
    return read_some(unpacker->file, unpacker->buffer, sizeof unpacker->buffer, &unpacker->len,
                     err);
}

static bool damaged(const struct unpacker *unpacker, const char *form, const char *why,
                    struct error *err)
{
    return error_set(err, ERROR_INVALID, unpacker->file->path, "damaged %s: %s", form, why);
}

static bool count_out(struct unpacker *unpacker, size_t bytes, struct error *err)
{
    input_took(unpacker->blocks, bytes);
    unpacker->out_bytes += bytes;
    if (unpacker->out_bytes <= RATIO_FREE_BYTES ||
        unpacker->out_bytes / RATIO_MAX <= atomic_load(&unpacker->file->read_bytes))
        return true;
    return error_set(err, ERROR_INVALID, unpacker->file->path,
                     "unpacks to more than %d times its size", RATIO_MAX);
}

static bool read_plain(struct unpacker *unpacker, struct error *err)
{
    if (!input_give(unpacker->blocks, slice_bytes(unpacker->buffer, unpacker->len), err))
        return false;
    for (;;) {
        char *at;
        size_t room, len;
        if (!input_room(unpacker->blocks, &at, &room, err) ||
            !read_some(unpacker->file, at, room, &len, err))
            return false;
        if (len == 0)
            return true;
        input_took(unpacker->blocks, len);
    }
}

/* One member of a gzip file; the stream is ready for it. */
static bool inflate_member(struct unpacker *unpacker, z_stream *stream, struct error *err)
{
    for (;;) {
        char *at;
        size_t room;
        if (!refill(unpacker, err) || !input_room(unpacker->blocks, &at, &room, err))
            return false;
        if (unpacker->len == 0)
            return damaged(unpacker, "gzip", "it ends too early", err);
        stream->next_in = unpacker->buffer + unpacker->at;
        stream->avail_in = (uInt)(unpacker->len - unpacker->at);
        stream->next_out = (Bytef *)at;
        stream->avail_out = (uInt)room;
        int result = inflate(stream, Z_NO_FLUSH);
        unpacker->at = unpacker->len - stream->avail_in;
        if (!count_out(unpacker, room - stream->avail_out, err))
            return false;
        if (result == Z_STREAM_END)
            return true;
        if (result == Z_MEM_ERROR)
            return error_no_memory(err, sizeof *stream);
        if (result != Z_OK && result != Z_BUF_ERROR)
            return damaged(unpacker, "gzip", stream->msg ? stream->msg : "not readable", err);
    }
}

static bool read_gzip(struct unpacker *unpacker, struct error *err)
{
    enum { GZIP_ONLY = 16 + MAX_WBITS };
    z_stream stream = { 0 };
    bool ok = false;
    if (inflateInit2(&stream, GZIP_ONLY) != Z_OK)
        return error_no_memory(err, sizeof stream);
    do {
        if (!inflate_member(unpacker, &stream, err) || !refill(unpacker, err))
            goto done;
        if (unpacker->len > 0 && inflateReset(&stream) != Z_OK) {
            damaged(unpacker, "gzip", "not readable", err);
            goto done;
        }
    } while (unpacker->len > 0);
    ok = true;
done:
    (void)inflateEnd(&stream);
    return ok;
}

static bool read_zstd(struct unpacker *unpacker, struct error *err)
{
    bool ok = false;
    size_t left = 0; /* of the frame; 0 between frames */
    ZSTD_DCtx *stream = ZSTD_createDCtx();
    if (!stream)
        return error_no_memory(err, sizeof stream);
    for (;;) {
        char *at;
        size_t room;
        if (!refill(unpacker, err) || !input_room(unpacker->blocks, &at, &room, err))
            goto done;
        if (unpacker->len == 0 && left == 0)
            break;
        ZSTD_inBuffer in = { unpacker->buffer, unpacker->len, unpacker->at };
        ZSTD_outBuffer out = { at, room, 0 };
        left = ZSTD_decompressStream(stream, &out, &in);
        if (ZSTD_isError(left)) {
            damaged(unpacker, "zstd", ZSTD_getErrorName(left), err);
            goto done;
        }
        /* Nothing taken and nothing given although the file has ended: the frame is not whole. */
        if (unpacker->len == 0 && out.pos == 0) {
            damaged(unpacker, "zstd", "it ends too early", err);
            goto done;
        }
        unpacker->at = in.pos;
        if (!count_out(unpacker, out.pos, err))
            goto done;
    }
    ok = true;
done:
    ZSTD_freeDCtx(stream);
    return ok;
}

/* A zstd frame, or one to be skipped, which tools put in front. */
static bool is_zstd(const struct unpacker *unpacker)
{
    static const unsigned char frame[] = { 0x28, 0xB5, 0x2F, 0xFD };
    static const unsigned char skippable[] = { 0x2A, 0x4D, 0x18 };
    return unpacker->len >= 4 && (memcmp(unpacker->buffer, frame, 4) == 0 ||
                                  ((unpacker->buffer[0] & 0xF0) == 0x50 &&
                                   memcmp(unpacker->buffer + 1, skippable, 3) == 0));
}

static bool is_gzip(const struct unpacker *unpacker)
{
    return unpacker->len >= 2 && unpacker->buffer[0] == 0x1F && unpacker->buffer[1] == 0x8B;
}

bool packed_file_read(struct packed_file *file, struct input_blocks *blocks, struct error *err)
{
    bool ok = false;
    struct unpacker *unpacker = malloc(sizeof *unpacker);
    if (!unpacker)
        return error_no_memory(err, sizeof *unpacker);
    unpacker->file = file;
    unpacker->blocks = blocks;
    unpacker->out_bytes = 0;
    unpacker->at = unpacker->len = 0;
    /* A pipe may give less at first than the mark by which a form is known. */
    for (size_t len = 1; len > 0 && unpacker->len < 4; unpacker->len += len)
        if (!read_some(file, unpacker->buffer + unpacker->len, PACKED_BYTES - unpacker->len, &len,
                       err))
            goto done;
    if (is_gzip(unpacker))
        ok = read_gzip(unpacker, err);
    else if (is_zstd(unpacker))
        ok = read_zstd(unpacker, err);
    else
        ok = read_plain(unpacker, err);
done:
    free(unpacker);
    return ok;
}
