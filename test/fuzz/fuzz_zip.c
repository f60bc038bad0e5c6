/* test/fuzz/fuzz_zip.c
 * ZIP files: the members of an accepted one lie inside it, have unique names in order, and each
 * gives the bytes that the directory says or is refused. */
#define _GNU_SOURCE /* memfd_create() */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "verify/zip.h"

enum { MEMBER_BYTES_MAX = 1 << 20 };

static void check_members(const struct zip *zip, size_t size)
{
    for (size_t i = 0; i < zip_members_count(zip); i++) {
        struct error err = { 0 };
        const struct zip_member *member = zip_member_at(zip, i);
        struct strbuf content = strbuf_new(MEMBER_BYTES_MAX);
        assert(zip_find(zip, member->name) == member);
        if (i > 0)
            assert(slice_compare(zip_member_at(zip, i - 1)->name, member->name) < 0);
        assert(member->data_at <= size && member->packed <= size - member->data_at);
        if (zip_read(zip, member, &content, &err))
            assert(content.len == member->bytes);
        else
            assert(err.code == ERROR_FINDING && err.message[0] != '\0');
        strbuf_free(&content);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    char path[64];
    int fd = memfd_create("zip", MFD_CLOEXEC);
    if (fd < 0 || (size > 0 && write(fd, bytes, size) != (ssize_t)size))
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct zip *zip = zip_open(path, &err);
    if (zip)
        check_members(zip, size);
    else
        assert(err.code == ERROR_FINDING && err.message[0] != '\0');
    zip_close(zip);
    (void)close(fd);
    return 0;
}
