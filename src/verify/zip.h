/* A ZIP file read strictly: one way to read it, so that two tools cannot see two contents.
 *
 * Members lie one after the other from byte 0 without gaps, then the directory, then its end, then
 * nothing. Each member's own header says what the directory says. Stored or deflated, not
 * encrypted, no comment; ZIP64 where sizes need it. What ZIP says beside that (time, attributes,
 * the tool's version) is not looked at: it is nobody's evidence. Source: PKWARE's APPNOTE 6.3.10.
 */
#ifndef ATTEST_VERIFY_ZIP_H
#define ATTEST_VERIFY_ZIP_H
#include "base/slice.h"
#include "base/strbuf.h"

/* Beyond these a file is refused as no bundle of ours: a small file must not cost hours or
 * gigabytes of memory. The ratio holds for members above 1 MiB. */
enum { ZIP_MEMBERS_MAX = 1 << 20, ZIP_DIRECTORY_BYTES_MAX = 256 << 20, ZIP_NAME_BYTES_MAX = 512 };
enum { ZIP_RATIO_MAX = 200 };
#define ZIP_MEMBER_BYTES_MAX (UINT64_C(1) << 42)

struct zip_member {
    struct slice name; /* borrows from the zip */
    uint64_t bytes;    /* unpacked */
    uint64_t packed;
    uint64_t header_at, data_at; /* offsets in the file */
    uint32_t crc;
    bool is_deflated;
};

struct zip; /* layout: zip.c */

/* Opens and reads the directory and every member's header.
 * Errors: ERROR_FINDING (this is not exactly one whole ZIP file of that form: verification does not
 *         hold), ERROR_NOT_FOUND, ERROR_INVALID (not a regular file), ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE struct zip *zip_open(const char *path, struct error *err);
void zip_close(struct zip *zip); /* NULL is fine */

size_t zip_members_count(const struct zip *zip);
/* By name in the order of bytes; names are unique. */
const struct zip_member *zip_member_at(const struct zip *zip, size_t index);
const struct zip_member *zip_find(const struct zip *zip, struct slice name); /* NULL: none */

/* Takes a chunk; false stops (then *err is set). */
typedef bool zip_take_fn(void *context, struct slice chunk, struct error *err);
/* Gives a member's bytes in order, without the first `skip`. Calls may be nested.
 * Errors: ERROR_FINDING if the packed bytes are damaged or do not have the length and the CRC that
 *         the directory says; chunks may have been given before that is seen. */
MUST_USE bool zip_stream(const struct zip *zip, const struct zip_member *member, uint64_t skip,
                         zip_take_fn *take, void *context, struct error *err);
/* The same into memory; out's maximum holds (ERROR_FINDING beyond it). */
MUST_USE bool zip_read(const struct zip *zip, const struct zip_member *member, struct strbuf *out,
                       struct error *err);

#endif
