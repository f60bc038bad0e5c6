/* APPNOTE 6.3.10. A member's header is written twice: first as a place, then, when packed size and
 * CRC are known, for good; so no data descriptors are needed, which readers differ about. */
#include "report/zip_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/digest.h"
#include "base/file.h"

enum { SAMPLE_BYTES = 256 * 1024, OUT_BYTES = 64 * 1024, LEVEL = 6 };
/* Half of what readers take: a member that packs better is stored as it is. */
enum { RATIO_MAX = ZIP_RATIO_MAX / 2 };
/* Sizes from here on are written as 64 bits. Below 2^32 by more than deflate can add. */
#define LARGE_BYTES UINT64_C(0xfff00000)
/* 1980-01-01 00:00, the first that a ZIP can say. */
enum { FIRST_DATE = 0x21 };

struct member {
    struct slice name;
    uint64_t bytes, packed, header_at;
    uint32_t crc;
    bool is_deflated, is_large;
};

struct zip_writer {
    char *path, *temporary;
    int fd;
    uint64_t at; /* end of what is written */
    struct strbuf directory;
    uint64_t count;
};

/* ---- bytes ---- */

static bool write_at(const struct zip_writer *writer, uint64_t at, struct slice bytes,
                     struct error *err)
{
    while (bytes.len > 0) {
        ssize_t put = pwrite(writer->fd, bytes.at, bytes.len, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_errno(err, "write", writer->temporary);
        at += (uint64_t)put;
        bytes = slice_from(bytes, (size_t)put);
    }
    return true;
}

static bool append(struct zip_writer *writer, struct slice bytes, struct error *err)
{
    if (!write_at(writer, writer->at, bytes, err))
        return false;
    writer->at += bytes.len;
    return true;
}

static void put(struct strbuf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        strbuf_add_char(out, (char)(value >> (8 * i)));
}

/* From "version needed" to the unpacked size, as both headers have it. */
static void put_shared(struct strbuf *out, const struct member *member)
{
    put(out, member->is_large ? 45 : 20, 2);
    put(out, 0, 2);
    put(out, member->is_deflated ? Z_DEFLATED : 0, 2);
    put(out, 0, 2);
    put(out, FIRST_DATE, 2);
    put(out, member->crc, 4);
    put(out, member->is_large ? UINT32_MAX : member->packed, 4);
    put(out, member->is_large ? UINT32_MAX : member->bytes, 4);
}

static bool write_header(struct zip_writer *writer, const struct member *member, struct error *err)
{
    struct strbuf out = strbuf_new(64 * 1024);
    put(&out, 0x04034b50, 4);
    put_shared(&out, member);
    put(&out, member->name.len, 2);
    put(&out, member->is_large ? 20 : 0, 2);
    strbuf_add(&out, member->name);
    if (member->is_large) {
        put(&out, 1, 2);
        put(&out, 16, 2);
        put(&out, member->bytes, 8);
        put(&out, member->packed, 8);
    }
    bool ok = strbuf_ok(&out, err) && write_at(writer, member->header_at, strbuf_slice(&out), err);
    writer->at = member->header_at + out.len;
    strbuf_free(&out);
    return ok;
}

static bool record(struct zip_writer *writer, const struct member *member, struct error *err)
{
    struct strbuf *out = &writer->directory;
    bool is_far = member->header_at >= UINT32_MAX;
    unsigned extra = (member->is_large ? 16u : 0u) + (is_far ? 8u : 0u);
    /* Both headers name the version that the first one needs. */
    put(out, 0x02014b50, 4);
    put(out, 3 << 8 | 45, 2);
    put_shared(out, member);
    put(out, member->name.len, 2);
    put(out, extra ? extra + 4 : 0, 2);
    put(out, 0, 2 + 2 + 2);
    put(out, (uint64_t)0100644 << 16, 4);
    put(out, is_far ? UINT32_MAX : member->header_at, 4);
    strbuf_add(out, member->name);
    if (extra) {
        put(out, 1, 2);
        put(out, extra, 2);
    }
    if (member->is_large) {
        put(out, member->bytes, 8);
        put(out, member->packed, 8);
    }
    if (is_far)
        put(out, member->header_at, 8);
    writer->count++;
    return strbuf_ok(out, err);
}

/* ---- one member ---- */

struct packing {
    struct zip_writer *writer;
    struct member *member;
    struct strbuf sample; /* the first bytes, until it is decided how to pack */
    bool is_decided, may_deflate;
    z_stream z;
    bool has_z;
    uint64_t taken;
    char *out;
};

static bool deflate_some(struct packing *packing, struct slice bytes, int flush, struct error *err)
{
    z_stream *z = &packing->z;
    int got = Z_OK;
    z->next_in = (Bytef *)(uintptr_t)bytes.at; /* read only, says zlib's manual */
    z->avail_in = (uInt)bytes.len;
    do {
        z->next_out = (Bytef *)packing->out;
        z->avail_out = OUT_BYTES;
        got = deflate(z, flush);
        if (got == Z_STREAM_ERROR)
            return error_set(err, ERROR_CORRUPT, packing->writer->path, "deflate failed");
        if (!append(packing->writer, slice_bytes(packing->out, OUT_BYTES - z->avail_out), err))
            return false;
    } while (z->avail_out == 0 || (flush == Z_FINISH && got != Z_STREAM_END));
    return true;
}

/* Whether the sample gets smaller by a twentieth. */
static bool is_worth_it(struct packing *packing)
{
    uLong room = compressBound((uLong)packing->sample.len);
    Bytef *packed = malloc(room);
    bool saves = packed && packing->sample.len > 0 &&
                 compress2(packed, &room, (const Bytef *)packing->sample.at,
                           (uLong)packing->sample.len, LEVEL) == Z_OK &&
                 room < packing->sample.len - packing->sample.len / 20;
    free(packed);
    return saves;
}

static bool decide(struct packing *packing, struct error *err)
{
    packing->is_decided = true;
    packing->member->is_deflated = packing->may_deflate && is_worth_it(packing);
    if (!packing->member->is_deflated)
        return append(packing->writer, strbuf_slice(&packing->sample), err);
    if (deflateInit2(&packing->z, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return error_no_memory(err, OUT_BYTES);
    packing->has_z = true;
    return deflate_some(packing, strbuf_slice(&packing->sample), Z_NO_FLUSH, err);
}

static bool pack(void *context, struct slice chunk, struct error *err)
{
    struct packing *packing = context;
    packing->taken += chunk.len;
    packing->member->crc =
        (uint32_t)crc32(packing->member->crc, (const Bytef *)chunk.at, (uInt)chunk.len);
    if (!packing->is_decided) {
        size_t room = SAMPLE_BYTES - packing->sample.len;
        struct slice head = slice_head(chunk, chunk.len < room ? chunk.len : room);
        strbuf_add(&packing->sample, head);
        chunk = slice_from(chunk, head.len);
        if (!strbuf_ok(&packing->sample, err))
            return false;
        if (packing->sample.len < SAMPLE_BYTES)
            return true;
        if (!decide(packing, err))
            return false;
    }
    while (chunk.len > 0) {
        struct slice piece = slice_head(chunk, chunk.len < OUT_BYTES ? chunk.len : OUT_BYTES);
        chunk = slice_from(chunk, piece.len);
        if (!(packing->member->is_deflated ? deflate_some(packing, piece, Z_NO_FLUSH, err)
                                           : append(packing->writer, piece, err)))
            return false;
    }
    return true;
}

static bool pack_member(struct packing *packing, zip_give_fn *give, void *context,
                        struct error *err)
{
    struct member *member = packing->member;
    uint64_t from = packing->writer->at;
    member->crc = (uint32_t)crc32(0, NULL, 0);
    if (!give(context, pack, packing, err) || (!packing->is_decided && !decide(packing, err)))
        return false;
    if (packing->taken != member->bytes)
        return error_set(err, ERROR_CORRUPT, packing->writer->path, "%.*s has %llu bytes, not %llu",
                         SLICE_ARG(member->name), (unsigned long long)packing->taken,
                         (unsigned long long)member->bytes);
    if (member->is_deflated && !deflate_some(packing, (struct slice){ 0 }, Z_FINISH, err))
        return false;
    member->packed = packing->writer->at - from;
    return true;
}

/* One attempt: header, bytes, header again. */
static bool try_member(struct zip_writer *writer, struct member *member, bool may_deflate,
                       zip_give_fn *give, void *context, struct error *err)
{
    struct packing packing = { .writer = writer,
                               .member = member,
                               .sample = strbuf_new(SAMPLE_BYTES),
                               .may_deflate = may_deflate,
                               .out = malloc(OUT_BYTES) };
    bool ok = false;
    if (!packing.out) {
        error_no_memory(err, OUT_BYTES);
    } else if (write_header(writer, member, err) && pack_member(&packing, give, context, err)) {
        uint64_t end = writer->at;
        ok = write_header(writer, member, err);
        writer->at = end;
    }
    if (packing.has_z)
        deflateEnd(&packing.z);
    strbuf_free(&packing.sample);
    free(packing.out);
    return ok;
}

bool zip_writer_add(struct zip_writer *writer, struct slice name, uint64_t bytes, zip_give_fn *give,
                    void *context, struct error *err)
{
    struct member member = {
        .name = name, .bytes = bytes, .header_at = writer->at, .is_large = bytes >= LARGE_BYTES
    };
    if (!try_member(writer, &member, true, give, context, err))
        return false;
    if (member.is_deflated && bytes / RATIO_MAX > member.packed) {
        writer->at = member.header_at;
        if (!try_member(writer, &member, false, give, context, err))
            return false;
    }
    return record(writer, &member, err);
}

static bool give_text(void *context, zip_take_fn *take, void *take_context, struct error *err)
{
    return take(take_context, *(const struct slice *)context, err);
}

bool zip_writer_add_text(struct zip_writer *writer, struct slice name, struct slice text,
                         struct error *err)
{
    return zip_writer_add(writer, name, text.len, give_text, &text, err);
}

/* ---- beginning and end ---- */

struct zip_writer *zip_writer_new(const char *path, struct error *err)
{
    uint64_t number;
    struct stat status;
    size_t room = strlen(path) + 32;
    if (strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode))) {
        error_set(err, ERROR_INVALID, path, "a bundle is written to a file; name one");
        return NULL;
    }
    struct zip_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        error_no_memory(err, sizeof *writer);
        return NULL;
    }
    writer->fd = -1;
    writer->directory = strbuf_new(ZIP_DIRECTORY_BYTES_MAX);
    writer->path = strdup(path);
    writer->temporary = malloc(room);
    if (!writer->path || !writer->temporary) {
        error_no_memory(err, room);
        goto fail;
    }
    random_fill(&number, sizeof number);
    snprintf(writer->temporary, room, "%s.%016llx.tmp", path, (unsigned long long)number);
    writer->fd = open(writer->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (writer->fd < 0) {
        error_errno(err, "create", writer->temporary);
        goto fail;
    }
    return writer;
fail:
    zip_writer_free(writer);
    return NULL;
}

void zip_writer_free(struct zip_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0) {
        close(writer->fd);
        unlink(writer->temporary); /* it was not finished: nothing of it is wanted */
    }
    strbuf_free(&writer->directory);
    free(writer->temporary);
    free(writer->path);
    free(writer);
}

static void put_end(struct strbuf *out, const struct zip_writer *writer, uint64_t directory_at)
{
    uint64_t bytes = writer->directory.len, count = writer->count;
    bool is_large = count >= UINT16_MAX || directory_at >= UINT32_MAX;
    if (is_large) {
        put(out, 0x06064b50, 4);
        put(out, 44, 8);
        put(out, 45, 2);
        put(out, 45, 2);
        put(out, 0, 8);
        put(out, count, 8);
        put(out, count, 8);
        put(out, bytes, 8);
        put(out, directory_at, 8);
        put(out, 0x07064b50, 4);
        put(out, 0, 4);
        put(out, directory_at + bytes, 8);
        put(out, 1, 4);
    }
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, is_large ? UINT16_MAX : count, 2);
    put(out, is_large ? UINT16_MAX : count, 2);
    put(out, is_large ? UINT32_MAX : bytes, 4);
    put(out, is_large ? UINT32_MAX : directory_at, 4);
    put(out, 0, 2);
}

/* The folder of a path, so that the new name is durable. */
static bool sync_folder_of(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return folder_sync(".", err);
    char *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    bool ok = folder ? folder_sync(folder, err) : error_no_memory(err, strlen(path));
    free(folder);
    return ok;
}

bool zip_writer_finish(struct zip_writer *writer, struct error *err)
{
    struct strbuf end = strbuf_new(256);
    put_end(&end, writer, writer->at);
    bool ok = strbuf_ok(&end, err) && append(writer, strbuf_slice(&writer->directory), err) &&
              append(writer, strbuf_slice(&end), err);
    strbuf_free(&end);
    /* A second attempt at a member may have been shorter than the first. */
    if (ok && ftruncate(writer->fd, (off_t)writer->at) != 0)
        ok = error_errno(err, "write", writer->temporary);
    if (ok && fsync(writer->fd) != 0)
        ok = error_errno(err, "sync", writer->temporary);
    if (!ok)
        return false;
    int fd = writer->fd;
    writer->fd = -1;
    if (close(fd) != 0)
        ok = error_errno(err, "close", writer->temporary);
    if (ok && rename(writer->temporary, writer->path) != 0)
        ok = error_errno(err, "rename a new file to", writer->path);
    if (!ok) {
        unlink(writer->temporary);
        return false;
    }
    return sync_folder_of(writer->path, err);
}
