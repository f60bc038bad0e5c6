/* ZIP files made by hand, right or wrong, for tests. */
#ifndef ATTEST_TEST_UNIT_VERIFY_ZIP_MAKE_H
#define ATTEST_TEST_UNIT_VERIFY_ZIP_MAKE_H
#include "base/base_test.h"

struct zip_make {
    struct strbuf out, directory;
    uint64_t count;
    bool is_deflated; /* of members added from now on */
    bool is_zip64;    /* sizes, offsets and the end in ZIP64 form though they need it not */
};
void zip_make_start(struct zip_make *zip);
void zip_make_add(struct zip_make *zip, struct slice name, struct slice bytes);
void zip_make_end(struct zip_make *zip);
void zip_make_free(struct zip_make *zip);

/* A file without a name that holds the bytes; *path lives as long as the buffer. Close with
 * file_close(). */
struct test_file {
    FILE *file;
    int fd;
    char path[64];
};
void file_open(struct test_file *file, struct slice bytes);
void file_change(const struct test_file *file, size_t at, char byte);
void file_cut(const struct test_file *file, size_t size);
void file_close(struct test_file *file);

#endif
