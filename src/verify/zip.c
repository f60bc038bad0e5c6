/* The directory of a ZIP file: read from the end, then held against every member's own header.
 *
 * Many tools scan for signatures, prefer one of two headers or pass over what they do not know; a
 * file can then show one content here and another there. So each byte outside the members has its
 * one place here: the headers follow each other without gaps, and both copies of a field agree. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify/zip_private.h"

enum {
    LOCAL_BYTES = 30,
    CENTRAL_BYTES = 46,
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR64_BYTES = 20,
    ZIP64_EXTRA = 1,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    /* Compression hints (bits 1, 2) and UTF-8 names (bit 11). Others change how bytes are read. */
    FLAGS_KNOWN = 0x0806,
};
#define LOCAL_SIGNATURE 0x04034b50u
#define CENTRAL_SIGNATURE 0x02014b50u
#define END_SIGNATURE 0x06054b50u
#define END64_SIGNATURE 0x06064b50u
#define LOCATOR64_SIGNATURE 0x07064b50u

static uint64_t little(const char *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)at[i];
    return value;
}
static uint16_t u16(const char *at) { return (uint16_t)little(at, 2); }
static uint32_t u32(const char *at) { return (uint32_t)little(at, 4); }
static uint64_t u64(const char *at) { return little(at, 8); }

bool(zip_refuse)(const struct zip *zip, struct error *err, const char *format, ...)
{
    char text[320];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(err, ERROR_FINDING, zip->path, "this is not a whole bundle: %s", text);
}

bool zip_read_at(const struct zip *zip, uint64_t at, void *out, size_t bytes, struct error *err)
{
    char *to = out;
    if (at > zip->size || bytes > zip->size - at)
        return zip_refuse(zip, err, "the file ends early");
    while (bytes > 0) {
        ssize_t got = pread(zip->fd, to, bytes, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "read", zip->path);
        if (got == 0)
            return zip_refuse(zip, err, "the file ends early");
        to += got;
        at += (uint64_t)got;
        bytes -= (size_t)got;
    }
    return true;
}

/* Where the directory lies. */
struct directory {
    uint64_t at, bytes, count;
};

/* The ZIP64 end record and its locator, which stand before the end record at `end_at`. */
static bool read_end64(const struct zip *zip, uint64_t end_at, struct directory *directory,
                       uint64_t *directory_end, struct error *err)
{
    char record[END64_BYTES + LOCATOR64_BYTES];
    if (end_at < sizeof record)
        return zip_refuse(zip, err, "the ZIP64 end record is missing");
    uint64_t at = end_at - sizeof record;
    if (!zip_read_at(zip, at, record, sizeof record, err))
        return false;
    const char *locator = record + END64_BYTES;
    if (u32(locator) != LOCATOR64_SIGNATURE || u32(locator + 4) != 0 || u64(locator + 8) != at ||
        u32(locator + 16) != 1 || u32(record) != END64_SIGNATURE ||
        u64(record + 4) != END64_BYTES - 12 || u32(record + 16) != 0 || u32(record + 20) != 0)
        return zip_refuse(zip, err, "the ZIP64 end record is not whole");
    if (u64(record + 24) != u64(record + 32))
        return zip_refuse(zip, err, "it is spread over several files");
    *directory = (struct directory){ .at = u64(record + 48),
                                     .bytes = u64(record + 40),
                                     .count = u64(record + 32) };
    *directory_end = at;
    return true;
}

/* The end record: the last bytes of the file. A comment behind it would be bytes that nothing
 * covers, so there may be none. */
static bool read_end(const struct zip *zip, struct directory *directory, struct error *err)
{
    char end[END_BYTES];
    if (zip->size < END_BYTES)
        return zip_refuse(zip, err, "%llu bytes are too few for a ZIP file",
                          (unsigned long long)zip->size);
    uint64_t end_at = zip->size - END_BYTES, directory_end = end_at;
    if (!zip_read_at(zip, end_at, end, sizeof end, err))
        return false;
    if (u32(end) != END_SIGNATURE || u16(end + 20) != 0)
        return zip_refuse(zip, err,
                          "it does not end as a ZIP file does: cut short, or more behind");
    if (u16(end + 4) != 0 || u16(end + 6) != 0 || u16(end + 8) != u16(end + 10))
        return zip_refuse(zip, err, "it is spread over several files");
    *directory =
        (struct directory){ .at = u32(end + 16), .bytes = u32(end + 12), .count = u16(end + 10) };
    if (directory->count == UINT16_MAX || directory->bytes == UINT32_MAX ||
        directory->at == UINT32_MAX) {
        struct directory small = *directory;
        if (!read_end64(zip, end_at, directory, &directory_end, err))
            return false;
        if ((small.count != UINT16_MAX && small.count != directory->count) ||
            (small.bytes != UINT32_MAX && small.bytes != directory->bytes) ||
            (small.at != UINT32_MAX && small.at != directory->at))
            return zip_refuse(zip, err, "its two end records differ");
    }
    if (directory->count > ZIP_MEMBERS_MAX || directory->bytes > ZIP_DIRECTORY_BYTES_MAX)
        return zip_refuse(zip, err, "more than %d members", ZIP_MEMBERS_MAX);
    if (directory->at > directory_end || directory_end - directory->at != directory->bytes)
        return zip_refuse(zip, err, "its directory is not where it should be");
    return true;
}

/* Sizes and offset that did not fit: from the ZIP64 part of the extra fields, in this order. NULL
 * for what this kind of header does not have. */
static bool read_extra(const struct zip *zip, struct slice extra, uint64_t *bytes, uint64_t *packed,
                       uint64_t *at, struct error *err)
{
    uint64_t *wanted[] = { bytes, packed, at };
    bool is_wanted = *bytes == UINT32_MAX || *packed == UINT32_MAX || (at && *at == UINT32_MAX);
    while (extra.len > 0) {
        if (extra.len < 4 || u16(extra.at + 2) > extra.len - 4)
            return zip_refuse(zip, err, "an extra field is not whole");
        uint16_t id = u16(extra.at);
        struct slice field = { extra.at + 4, u16(extra.at + 2) };
        extra = slice_from(extra, 4 + field.len);
        if (id != ZIP64_EXTRA || !is_wanted)
            continue;
        is_wanted = false;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
            if (!wanted[i] || *wanted[i] != UINT32_MAX)
                continue;
            if (field.len < 8)
                return zip_refuse(zip, err, "a ZIP64 field is not whole");
            *wanted[i] = u64(field.at);
            field = slice_from(field, 8);
        }
    }
    return !is_wanted || zip_refuse(zip, err, "a ZIP64 field is missing");
}

/* One record of the directory; takes it from *rest. *head is its fixed part. */
static bool read_central(const struct zip *zip, struct slice *rest, struct zip_member *member,
                         const char **head, struct error *err)
{
    if (rest->len < CENTRAL_BYTES || u32(rest->at) != CENTRAL_SIGNATURE)
        return zip_refuse(zip, err, "its directory is damaged");
    const char *at = rest->at;
    size_t name_len = u16(at + 28), extra_len = u16(at + 30);
    *rest = slice_from(*rest, CENTRAL_BYTES);
    if (name_len + extra_len > rest->len || u16(at + 32) != 0 || u16(at + 34) != 0)
        return zip_refuse(zip, err, "its directory is damaged");
    *head = at;
    *member = (struct zip_member){
        .name = slice_head(*rest, name_len),
        .bytes = u32(at + 24),
        .packed = u32(at + 20),
        .header_at = u32(at + 42),
        .crc = u32(at + 16),
        .is_deflated = u16(at + 10) == METHOD_DEFLATED,
    };
    struct slice extra = slice_head(slice_from(*rest, name_len), extra_len);
    *rest = slice_from(*rest, name_len + extra_len);
    if (name_len == 0 || name_len > ZIP_NAME_BYTES_MAX)
        return zip_refuse(zip, err, "a member's name has %zu bytes", name_len);
    if (!read_extra(zip, extra, &member->bytes, &member->packed, &member->header_at, err))
        return false;
    if ((u16(at + 8) & ~FLAGS_KNOWN) != 0 ||
        (!member->is_deflated && u16(at + 10) != METHOD_STORED))
        return zip_refuse(zip, err, "%.*s is encrypted, or packed in a way not read here",
                          SLICE_ARG(member->name));
    if (!member->is_deflated && member->bytes != member->packed)
        return zip_refuse(zip, err, "%.*s has two sizes", SLICE_ARG(member->name));
    if (member->bytes > ZIP_MEMBER_BYTES_MAX || member->packed > zip->size ||
        (member->bytes > 1 << 20 && member->bytes / ZIP_RATIO_MAX > member->packed))
        return zip_refuse(zip, err, "%.*s would unpack to %llu bytes", SLICE_ARG(member->name),
                          (unsigned long long)member->bytes);
    return true;
}

/* The member's own header must say what the directory says; `central` is the latter's fixed part.
 */
static bool read_local(const struct zip *zip, struct zip_member *member, const char *central,
                       struct error *err)
{
    char local[LOCAL_BYTES + ZIP_NAME_BYTES_MAX];
    char extra[UINT16_MAX];
    if (!zip_read_at(zip, member->header_at, local, LOCAL_BYTES, err))
        return false;
    size_t extra_len = u16(local + 28);
    uint64_t packed = u32(local + 18), bytes = u32(local + 22);
    /* Version needed, flags, method, time, date, CRC: the same 14 bytes in both. */
    if (u32(local) != LOCAL_SIGNATURE || memcmp(local + 4, central + 6, 14) != 0 ||
        u16(local + 26) != member->name.len)
        return zip_refuse(zip, err, "%.*s is described in two ways", SLICE_ARG(member->name));
    uint64_t at = member->header_at + LOCAL_BYTES;
    if (!zip_read_at(zip, at, local + LOCAL_BYTES, member->name.len, err) ||
        !zip_read_at(zip, at + member->name.len, extra, extra_len, err) ||
        !read_extra(zip, slice_bytes(extra, extra_len), &bytes, &packed, NULL, err))
        return false;
    if (memcmp(local + LOCAL_BYTES, member->name.at, member->name.len) != 0 ||
        bytes != member->bytes || packed != member->packed)
        return zip_refuse(zip, err, "%.*s is described in two ways", SLICE_ARG(member->name));
    member->data_at = at + member->name.len + extra_len;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct zip_member *x = a, *y = b;
    return x->header_at < y->header_at ? -1 : x->header_at > y->header_at;
}

static int by_name(const void *a, const void *b)
{
    const struct zip_member *x = a, *y = b;
    return slice_compare(x->name, y->name);
}

/* Each member begins where the one before ends, the first at 0, the directory behind the last. */
static bool check_places(const struct zip *zip, uint64_t directory_at, struct error *err)
{
    uint64_t at = 0;
    for (size_t i = 0; i < zip->count; i++) {
        const struct zip_member *member = &zip->members[i];
        if (member->header_at != at)
            return zip_refuse(zip, err, "there are bytes between its members, or two overlap");
        at = member->data_at + member->packed;
    }
    return at == directory_at ||
           zip_refuse(zip, err, "there are bytes between its members and its directory");
}

static bool read_members(struct zip *zip, const struct directory *directory, struct error *err)
{
    struct slice rest = { zip->directory, (size_t)directory->bytes };
    zip->members = calloc(directory->count ? (size_t)directory->count : 1, sizeof *zip->members);
    if (!zip->members)
        return error_no_memory(err, (size_t)directory->count * sizeof *zip->members);
    for (; zip->count < directory->count; zip->count++) {
        const char *central = NULL;
        if (!read_central(zip, &rest, &zip->members[zip->count], &central, err) ||
            !read_local(zip, &zip->members[zip->count], central, err))
            return false;
    }
    if (rest.len > 0)
        return zip_refuse(zip, err, "its directory has bytes left over");
    qsort(zip->members, zip->count, sizeof *zip->members, by_place);
    if (!check_places(zip, directory->at, err))
        return false;
    qsort(zip->members, zip->count, sizeof *zip->members, by_name);
    for (size_t i = 1; i < zip->count; i++) {
        if (slice_equal(zip->members[i - 1].name, zip->members[i].name))
            return zip_refuse(zip, err, "two members are called %.*s",
                              SLICE_ARG(zip->members[i].name));
    }
    return true;
}

static bool read_file(struct zip *zip, struct error *err)
{
    struct stat status;
    struct directory directory = { 0 };
    /* Without O_NONBLOCK opening a pipe would wait for its writer. */
    zip->fd = open(zip->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (zip->fd < 0)
        return error_errno(err, "open", zip->path);
    if (fstat(zip->fd, &status) != 0)
        return error_errno(err, "read", zip->path);
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_INVALID, zip->path, "this is not a regular file");
    zip->size = (uint64_t)status.st_size;
    if (!read_end(zip, &directory, err))
        return false;
    zip->directory = malloc(directory.bytes ? (size_t)directory.bytes : 1);
    if (!zip->directory)
        return error_no_memory(err, (size_t)directory.bytes);
    return zip_read_at(zip, directory.at, zip->directory, (size_t)directory.bytes, err) &&
           read_members(zip, &directory, err);
}

struct zip *zip_open(const char *path, struct error *err)
{
    struct zip *zip = calloc(1, sizeof *zip);
    if (!zip) {
        error_no_memory(err, sizeof *zip);
        return NULL;
    }
    zip->fd = -1;
    zip->path = strdup(path);
    if (!zip->path)
        error_no_memory(err, strlen(path) + 1);
    else if (read_file(zip, err))
        return zip;
    zip_close(zip);
    return NULL;
}

void zip_close(struct zip *zip)
{
    if (!zip)
        return;
    if (zip->fd >= 0)
        close(zip->fd); /* nothing was written: nothing can be lost */
    free(zip->members);
    free(zip->directory);
    free(zip->path);
    free(zip);
}

size_t zip_members_count(const struct zip *zip) { return zip->count; }

const struct zip_member *zip_member_at(const struct zip *zip, size_t index)
{
    return &zip->members[index];
}

const struct zip_member *zip_find(const struct zip *zip, struct slice name)
{
    const struct zip_member key = { .name = name };
    return zip->count > 0 ? bsearch(&key, zip->members, zip->count, sizeof *zip->members, by_name)
                          : NULL;
}
