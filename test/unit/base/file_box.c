#include "file_box.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the system, failing when told to
 */

struct faults faults;

static bool must_fail(enum call call)
{
    if (faults.fails != call || faults.after-- > 0)
        return false;
    errno = faults.number;
    return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    if (faults.interruptions > 0) {
        faults.interruptions--;
        errno = EINTR;
        return -1;
    }
    if (must_fail(CALL_WRITE))
        return -1;
    if (faults.write_most > 0 && len > faults.write_most)
        len = faults.write_most;
    return __real_write(fd, bytes, len);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    faults.fsyncs++;
    return must_fail(CALL_FSYNC) ? -1 : __real_fsync(fd);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    faults.renames++;
    return must_fail(CALL_RENAME) ? -1 : __real_rename(from, to);
}

int __wrap_close(int fd);
int __wrap_close(int fd)
{
    if (must_fail(CALL_CLOSE)) {
        __real_close(fd);
        errno = faults.number;
        return -1;
    }
    return __real_close(fd);
}

/* ---------------------------------------------------------------- a folder for each test */

int box_open(void **state)
{
    struct box *box = calloc(1, sizeof *box);
    if (!box)
        return -1;
    memset(&faults, 0, sizeof faults);
    strcpy(box->path, "/tmp/attest-files-XXXXXX");
    box->world.arena = arena_new(64 << 20, &box->world.err);
    if (!mkdtemp(box->path) || !box->world.arena)
        return -1;
    snprintf(box->target, sizeof box->target, "%s/target", box->path);
    snprintf(box->tmp, sizeof box->tmp, "%s/tmp", box->path);
    *state = box;
    return mkdir(box->tmp, 0700);
}

static void remove_all(const char *path)
{
    struct error err;
    struct folder_names names;
    struct arena *arena = arena_new(1 << 20, &err);
    assert_non_null(arena);
    if (folder_list(arena, path, &names, &err)) {
        for (size_t i = 0; i < names.count; i++) {
            char *inner = arena_printf(arena, &err, "%s/%.*s", path, SLICE_ARG(names.items[i]));
            assert_non_null(inner);
            if (unlink(inner) != 0)
                remove_all(inner);
        }
    }
    rmdir(path);
    arena_free(arena);
}

int box_close(void **state)
{
    struct box *box = *state;
    memset(&faults, 0, sizeof faults);
    remove_all(box->path);
    arena_free(box->world.arena);
    free(box);
    return 0;
}

const char *path_in(struct box *box, const char *name)
{
    char *path = arena_printf(box->world.arena, &box->world.err, "%s/%s", box->path, name);
    assert_non_null(path);
    return path;
}

void put(const char *path, struct slice content)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.at, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

struct slice get(struct box *box, const char *path)
{
    struct slice content = { 0 };
    struct error err;
    if (!file_read(box->world.arena, path, 1 << 20, &content, &err))
        fail_msg("%s: %s", err.where, err.message);
    return content;
}

size_t names_in(struct box *box, const char *path)
{
    struct folder_names names;
    struct error err;
    assert_true(folder_list(box->world.arena, path, &names, &err));
    return names.count;
}

unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}
