/* A member's bytes: inflated piece by piece, never more than its header promised. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "verify/zip_private.h"

enum { PIECE_BYTES = 64 * 1024 };

/* One reading of one member. */
struct stream {
    const struct zip *zip;
    const struct zip_member *member;
    uint64_t skip; /* bytes not yet passed over */
    uint64_t given;
    uLong crc;
    zip_take_fn *take;
    void *context;
    struct error *err;
};

static bool damaged(const struct stream *stream)
{
    return zip_refuse(stream->zip, stream->err, "%.*s is damaged", SLICE_ARG(stream->member->name));
}

/* Counts and checks unpacked bytes, and gives on what is not skipped. */
static bool give(struct stream *stream, struct slice bytes)
{
    if (bytes.len == 0)
        return true;
    if (bytes.len > stream->member->bytes - stream->given)
        return damaged(stream);
    stream->given += bytes.len;
    stream->crc = crc32(stream->crc, (const Bytef *)bytes.at, (uInt)bytes.len);
    if (stream->skip >= bytes.len) {
        stream->skip -= bytes.len;
        return true;
    }
    bytes = slice_from(bytes, (size_t)stream->skip);
    stream->skip = 0;
    return stream->take(stream->context, bytes, stream->err);
}

/* Unpacks what one piece of the file holds. *is_end: the packed stream said that it is over. */
static bool inflate_piece(struct stream *stream, z_stream *z, char *out, bool *is_end)
{
    do {
        z->next_out = (Bytef *)out;
        z->avail_out = PIECE_BYTES;
        int got = inflate(z, Z_NO_FLUSH);
        if (got == Z_MEM_ERROR)
            return error_no_memory(stream->err, PIECE_BYTES);
        /* Z_BUF_ERROR: no more can be done with this piece. */
        if (got != Z_OK && got != Z_STREAM_END && got != Z_BUF_ERROR)
            return damaged(stream);
        if (!give(stream, slice_bytes(out, PIECE_BYTES - z->avail_out)))
            return false;
        *is_end = got == Z_STREAM_END;
    } while (!*is_end && z->avail_out == 0);
    return !*is_end || z->avail_in == 0 || damaged(stream);
}

/* All packed bytes, each piece given on or unpacked. buffer: two pieces. */
static bool run(struct stream *stream, z_stream *z, char *buffer)
{
    const struct zip_member *member = stream->member;
    bool is_end = !member->is_deflated;
    for (uint64_t at = 0; at < member->packed;) {
        uint64_t left = member->packed - at;
        size_t piece = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        if (!zip_read_at(stream->zip, member->data_at + at, buffer, piece, stream->err))
            return false;
        at += piece;
        if (!member->is_deflated) {
            if (!give(stream, slice_bytes(buffer, piece)))
                return false;
            continue;
        }
        if (is_end) /* bytes behind the end of the packed stream */
            return damaged(stream);
        z->next_in = (Bytef *)buffer;
        z->avail_in = (uInt)piece;
        if (!inflate_piece(stream, z, buffer + PIECE_BYTES, &is_end))
            return false;
    }
    return (is_end && stream->given == member->bytes && stream->crc == member->crc) ||
           damaged(stream);
}

bool zip_stream(const struct zip *zip, const struct zip_member *member, uint64_t skip,
                zip_take_fn *take, void *context, struct error *err)
{
    struct stream stream = { .zip = zip,
                             .member = member,
                             .skip = skip,
                             .crc = crc32(0, NULL, 0),
                             .take = take,
                             .context = context,
                             .err = err };
    z_stream z = { 0 };
    char *buffer = malloc(2 * (size_t)PIECE_BYTES);
    if (!buffer)
        return error_no_memory(err, 2 * (size_t)PIECE_BYTES);
    bool ok = false;
    if (member->is_deflated && inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        error_no_memory(err, sizeof z);
    } else {
        ok = run(&stream, &z, buffer);
        if (member->is_deflated)
            inflateEnd(&z);
    }
    free(buffer);
    return ok;
}

struct reading {
    const struct zip *zip;
    const struct zip_member *member;
    struct strbuf *out;
};

static bool keep(void *context, struct slice chunk, struct error *err)
{
    struct reading *reading = context;
    if (chunk.len > reading->out->bytes_max - reading->out->len)
        return zip_refuse(reading->zip, err, "%.*s has more than %zu bytes",
                          SLICE_ARG(reading->member->name), reading->out->bytes_max);
    strbuf_add(reading->out, chunk);
    return strbuf_ok(reading->out, err);
}

bool zip_read(const struct zip *zip, const struct zip_member *member, struct strbuf *out,
              struct error *err)
{
    struct reading reading = { .zip = zip, .member = member, .out = out };
    return zip_stream(zip, member, 0, keep, &reading, err);
}
