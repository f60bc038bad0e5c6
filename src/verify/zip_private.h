/* Private to the ZIP reader. */
#ifndef ATTEST_VERIFY_ZIP_PRIVATE_H
#define ATTEST_VERIFY_ZIP_PRIVATE_H
#include "verify/zip.h"

struct zip {
    char *path;
    int fd;
    uint64_t size;   /* of the file */
    char *directory; /* names borrow from it */
    struct zip_member *members;
    size_t count;
};

/* ERROR_FINDING: "this is not a whole bundle: ...". Always returns false. */
PRINTF_LIKE(3, 4)
bool zip_refuse(const struct zip *zip, struct error *err, const char *format, ...);
#ifdef __clang_analyzer__ /* as in base/error.h */
#define zip_refuse(...) ((void)zip_refuse(__VA_ARGS__), false)
#endif
/* Exactly `bytes` bytes at an offset; the file's end before that is ERROR_FINDING. */
MUST_USE bool zip_read_at(const struct zip *zip, uint64_t at, void *out, size_t bytes,
                          struct error *err);

#endif
