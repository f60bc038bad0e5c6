#include "verify/zip_make.h"

#include <unistd.h>
#include <zlib.h>

enum { MAKE_BYTES_MAX = 64 << 20 };

static void add_number(struct strbuf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        strbuf_add_char(out, (char)(value >> (8 * i)));
}

void zip_make_start(struct zip_make *zip)
{
    memset(zip, 0, sizeof *zip);
    zip->out = strbuf_new(MAKE_BYTES_MAX);
    zip->directory = strbuf_new(MAKE_BYTES_MAX);
}

static void deflate_into(struct strbuf *packed, struct slice bytes)
{
    z_stream z = { 0 };
    Bytef out[4096];
    int got;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    /* zlib does not write through it, but says so only in its words. */
    z.next_in = bytes.len > 0 ? (Bytef *)(uintptr_t)bytes.at : out;
    z.avail_in = (uInt)bytes.len;
    do {
        z.next_out = out;
        z.avail_out = sizeof out;
        got = deflate(&z, Z_FINISH);
        assert_true(got == Z_OK || got == Z_STREAM_END || got == Z_BUF_ERROR);
        strbuf_add(packed, slice_bytes(out, sizeof out - z.avail_out));
    } while (got != Z_STREAM_END);
    deflateEnd(&z);
}

/* Version needed to packed and unpacked size: the fields that both headers share. */
static void add_shared(struct strbuf *out, const struct zip_make *zip, struct slice bytes,
                       uint64_t packed)
{
    uint32_t crc = (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)bytes.at, (uInt)bytes.len);
    add_number(out, zip->is_zip64 ? 45 : 20, 2);
    add_number(out, 0, 2);
    add_number(out, zip->is_deflated ? 8 : 0, 2);
    add_number(out, 0, 2);
    add_number(out, 0x21, 2);
    add_number(out, crc, 4);
    add_number(out, zip->is_zip64 ? UINT32_MAX : packed, 4);
    add_number(out, zip->is_zip64 ? UINT32_MAX : bytes.len, 4);
}

static void add_zip64(struct strbuf *out, uint64_t bytes, uint64_t packed, const uint64_t *at)
{
    add_number(out, 1, 2);
    add_number(out, at ? 24 : 16, 2);
    add_number(out, bytes, 8);
    add_number(out, packed, 8);
    if (at)
        add_number(out, *at, 8);
}

void zip_make_add(struct zip_make *zip, struct slice name, struct slice bytes)
{
    struct strbuf packed = strbuf_new(MAKE_BYTES_MAX);
    uint64_t at = zip->out.len;
    if (zip->is_deflated)
        deflate_into(&packed, bytes);
    else
        strbuf_add(&packed, bytes);

    add_number(&zip->out, 0x04034b50, 4);
    add_shared(&zip->out, zip, bytes, packed.len);
    add_number(&zip->out, name.len, 2);
    add_number(&zip->out, zip->is_zip64 ? 20 : 0, 2);
    strbuf_add(&zip->out, name);
    if (zip->is_zip64)
        add_zip64(&zip->out, bytes.len, packed.len, NULL);
    strbuf_add(&zip->out, strbuf_slice(&packed));

    add_number(&zip->directory, 0x02014b50, 4);
    add_number(&zip->directory, 0x0314, 2);
    add_shared(&zip->directory, zip, bytes, packed.len);
    add_number(&zip->directory, name.len, 2);
    add_number(&zip->directory, zip->is_zip64 ? 28 : 0, 2);
    add_number(&zip->directory, 0, 2 + 2 + 2); /* comment, disk, internal attributes */
    add_number(&zip->directory, 0100644u << 16, 4);
    add_number(&zip->directory, zip->is_zip64 ? UINT32_MAX : at, 4);
    strbuf_add(&zip->directory, name);
    if (zip->is_zip64)
        add_zip64(&zip->directory, bytes.len, packed.len, &at);
    zip->count++;
    strbuf_free(&packed);
}

void zip_make_end(struct zip_make *zip)
{
    uint64_t at = zip->out.len, bytes = zip->directory.len;
    strbuf_add(&zip->out, strbuf_slice(&zip->directory));
    if (zip->is_zip64) {
        uint64_t record = zip->out.len;
        add_number(&zip->out, 0x06064b50, 4);
        add_number(&zip->out, 44, 8);
        add_number(&zip->out, 45, 2);
        add_number(&zip->out, 45, 2);
        add_number(&zip->out, 0, 8);
        add_number(&zip->out, zip->count, 8);
        add_number(&zip->out, zip->count, 8);
        add_number(&zip->out, bytes, 8);
        add_number(&zip->out, at, 8);
        add_number(&zip->out, 0x07064b50, 4);
        add_number(&zip->out, 0, 4);
        add_number(&zip->out, record, 8);
        add_number(&zip->out, 1, 4);
    }
    add_number(&zip->out, 0x06054b50, 4);
    add_number(&zip->out, 0, 4);
    add_number(&zip->out, zip->is_zip64 ? UINT16_MAX : zip->count, 2);
    add_number(&zip->out, zip->is_zip64 ? UINT16_MAX : zip->count, 2);
    add_number(&zip->out, zip->is_zip64 ? UINT32_MAX : bytes, 4);
    add_number(&zip->out, zip->is_zip64 ? UINT32_MAX : at, 4);
    add_number(&zip->out, 0, 2);
    assert_false(zip->out.failed || zip->directory.failed);
}

void zip_make_free(struct zip_make *zip)
{
    strbuf_free(&zip->out);
    strbuf_free(&zip->directory);
}

void file_open(struct test_file *file, struct slice bytes)
{
    file->file = tmpfile();
    assert_non_null(file->file);
    file->fd = fileno(file->file);
    for (size_t at = 0; at < bytes.len;) {
        ssize_t put = pwrite(file->fd, bytes.at + at, bytes.len - at, (off_t)at);
        assert_true(put > 0);
        at += (size_t)put;
    }
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

void file_change(const struct test_file *file, size_t at, char byte)
{
    assert_int_equal(pwrite(file->fd, &byte, 1, (off_t)at), 1);
}

void file_cut(const struct test_file *file, size_t size)
{
    assert_int_equal(ftruncate(file->fd, (off_t)size), 0);
}

void file_close(struct test_file *file)
{
    assert_int_equal(fclose(file->file), 0);
    file->file = NULL;
}
