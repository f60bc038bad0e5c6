/* A folder for each test of files, and a system that fails when it is told to.
 *
 * The linker puts the functions __wrap_... of file_box.c between the program and the system (see
 * CMakeLists.txt), so that any one call can be made to fail. */
#ifndef ATTEST_TEST_FILE_BOX_H
#define ATTEST_TEST_FILE_BOX_H
#include "base_test.h"

enum call { CALL_NONE, CALL_WRITE, CALL_FSYNC, CALL_RENAME, CALL_CLOSE };
extern struct faults {
    enum call fails;
    int after; /* so many calls of that kind go well before */
    int number;
    int fsyncs, renames;
    size_t write_most; /* 0: no limit; otherwise writes are short */
    int interruptions; /* so many writes end with EINTR first */
} faults;

struct box {
    struct world world;
    char path[64], target[96], tmp[96];
};

int __real_close(int fd); /* the system's own */

int box_open(void **state);
int box_close(void **state);
#define BOX_TEST(function) cmocka_unit_test_setup_teardown(function, box_open, box_close)

const char *path_in(struct box *box, const char *name);
void put(const char *path, struct slice content);
struct slice get(struct box *box, const char *path);
size_t names_in(struct box *box, const char *path);
unsigned mode_of(const char *path);

#endif
