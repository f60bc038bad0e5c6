/* Files: whole, durable, atomic.
 *
 * The durable write: a new file in a folder of the same file system is filled and fsynced, then
 * renamed over its target, then the folders are fsynced. Whatever fails, the target holds the old
 * content or the new, never a part. An fsync that failed is never tried again: the kernel may have
 * dropped the pages and call the second attempt a success. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dirent.h>

#include "base/digest.h"

enum { PATH_BYTES_MAX = 4096 };

/* ---------------------------------------------------------------- reading */

/* Reads to the end of the file; size is what it is said to be, which may be wrong (it grows; the
 * files of /proc say 0). */
static bool read_all(struct arena *arena, int fd, const char *path, size_t size, size_t bytes_max,
                     struct slice *content, struct error *err)
{
    size_t room = size + 1, len = 0; /* one more, so that the end is seen without growing */
    char *bytes = arena_alloc(arena, room + 1, err);
    while (bytes) {
        ssize_t got = read(fd, bytes + len, room - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "read", path);
        len += (size_t)got;
        if (len > bytes_max)
            return error_set(err, ERROR_INVALID, path, "the file is larger than %zu bytes",
                             bytes_max);
        if (got == 0) {
            bytes[len] = '\0';
            *content = slice_bytes(bytes, len);
            return true;
        }
        if (len == room) {
            room = room < bytes_max / 2 ? room * 2 + 4096 : bytes_max + 1;
            char *more = arena_alloc(arena, room + 1, err);
            if (more)
                memcpy(more, bytes, len);
            bytes = more;
        }
    }
    return false;
}

bool file_read(struct arena *arena, const char *path, size_t bytes_max, struct slice *content,
               struct error *err)
{
    bool ok = false;
    struct stat status;
    /* Without O_NONBLOCK opening a pipe would wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_errno(err, "open", path);
    if (fstat(fd, &status) != 0)
        error_errno(err, "read", path);
    else if (!S_ISREG(status.st_mode))
        error_set(err, ERROR_INVALID, path, "this is not a regular file");
    else if (status.st_size < 0 || (uintmax_t)status.st_size > bytes_max)
        error_set(err, ERROR_INVALID, path, "the file is larger than %zu bytes", bytes_max);
    else
        ok = read_all(arena, fd, path, (size_t)status.st_size, bytes_max, content, err);
    close(fd); /* nothing was written: nothing can be lost */
    return ok;
}

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

bool folder_list(struct arena *arena, const char *path, struct folder_names *names,
                 struct error *err)
{
    bool ok = false;
    size_t capacity = 0;
    *names = (struct folder_names){ 0 };
    DIR *folder = opendir(path);
    if (!folder)
        return error_errno(err, "open folder", path);
    while (true) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry && errno != 0) {
            error_errno(err, "read folder", path);
            goto done;
        }
        if (!entry)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (names->count == capacity) {
            capacity = capacity ? capacity * 2 : 32;
            struct slice *items = arena_array(arena, capacity, sizeof *items, err);
            if (!items)
                goto done;
            if (names->count > 0)
                memcpy(items, names->items, names->count * sizeof *items);
            names->items = items;
        }
        if (!arena_copy(arena, slice_of(entry->d_name), &names->items[names->count], err))
            goto done;
        names->count++;
    }
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    ok = true;
done:
    closedir(folder);
    return ok;
}

/* ---------------------------------------------------------------- folders */

/* The folder that holds `path`, as a C string: "a/b" gives "a", "b" gives ".", "/b" gives "/". */
static bool parent_of(const char *path, char out[PATH_BYTES_MAX], struct error *err)
{
    size_t len = strlen(path);
    if (len >= PATH_BYTES_MAX)
        return error_set(err, ERROR_INVALID, path, "the path is longer than %d bytes",
                         PATH_BYTES_MAX - 1);
    while (len > 1 && path[len - 1] == '/') /* a/b/ is a/b */
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len == 0) {
        memcpy(out, ".", 2);
    } else {
        memcpy(out, path, len);
        out[len] = '\0';
    }
    return true;
}

bool folder_sync(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "open folder", path);
    bool ok = fsync(fd) == 0 || error_errno(err, "sync folder", path);
    close(fd);
    return ok;
}

bool folder_make(const char *path, struct error *err)
{
    char parent[PATH_BYTES_MAX];
    struct stat status;
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return true;
        return error_set(err, ERROR_IO, path, "cannot make the folder: a file has this name");
    }
    if (errno != ENOENT)
        return error_errno(err, "make folder", path);
    if (!parent_of(path, parent, err))
        return false;
    /* "" and a path whose parent is itself have nothing above them to make. */
    if (path[0] != '\0' && strcmp(parent, path) != 0 && !folder_make(parent, err))
        return false;
    /* Another process may have made it meanwhile: as good, but its entry must be durable for us
     * too. */
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return error_errno(err, "make folder", path);
    return folder_sync(parent, err);
}

/* ---------------------------------------------------------------- writing */

bool fd_write_all(int fd, struct slice bytes, const char *path, struct error *err)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);
        if (put >= 0) {
            bytes = slice_from(bytes, (size_t)put);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            /* Standard output that another program made non-blocking. */
            struct pollfd wait = { .fd = fd, .events = POLLOUT };
            if (poll(&wait, 1, -1) < 0 && errno != EINTR)
                return error_errno(err, "write", path);
        } else if (errno != EINTR) {
            return error_errno(err, "write", path);
        }
    }
    return true;
}

/* A name that nobody else uses: FOLDER/PREFIX<16 random digits>.tmp */
static bool temporary_name(const char *folder, const char *prefix, char out[PATH_BYTES_MAX],
                           struct error *err)
{
    unsigned long long number;
    random_fill(&number, sizeof number);
    int len = snprintf(out, PATH_BYTES_MAX, "%s/%s%016llx.tmp", folder, prefix, number);
    if (len < 0 || len >= PATH_BYTES_MAX)
        return error_set(err, ERROR_INVALID, folder, "the path is longer than %d bytes",
                         PATH_BYTES_MAX - 1);
    return true;
}

/* Fills a new file, and renames it over `path`, by whose name it is told what went wrong. On false
 * the new file is gone. */
static bool write_and_rename(const char *temporary, const char *path, struct slice content,
                             unsigned mode, struct error *err)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (fd < 0)
        return error_errno(err, "create", path);
    bool ok = fd_write_all(fd, content, path, err);
    if (ok && fsync(fd) != 0)
        ok = error_errno(err, "sync", path);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, "close", path);
    if (ok && rename(temporary, path) != 0)
        ok = error_errno(err, "rename a new file to", path);
    if (!ok)
        unlink(temporary); /* what remains in a tmp folder is also swept on opening */
    return ok;
}

bool file_write_unsynced_folder(const char *tmp_folder, const char *path, struct slice content,
                                unsigned mode, struct error *err)
{
    char temporary[PATH_BYTES_MAX];
    return temporary_name(tmp_folder, "", temporary, err) &&
           write_and_rename(temporary, path, content, mode, err);
}

bool file_write_durable(const char *tmp_folder, const char *path, struct slice content,
                        unsigned mode, struct error *err)
{
    char parent[PATH_BYTES_MAX];
    return parent_of(path, parent, err) &&
           file_write_unsynced_folder(tmp_folder, path, content, mode, err) &&
           folder_sync(parent, err) &&
           (strcmp(parent, tmp_folder) == 0 || folder_sync(tmp_folder, err));
}

/* A device, a pipe: written as it stands, there is nothing to rename over. */
static bool write_in_place(const char *path, struct slice content, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_errno(err, "open", path);
    bool ok = fd_write_all(fd, content, path, err);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, "close", path);
    return ok;
}

bool file_write_output(const char *path, struct slice content, struct error *err)
{
    char parent[PATH_BYTES_MAX], temporary[PATH_BYTES_MAX];
    struct stat status;
    unsigned mode = 0666; /* less the umask, as for any file that a program makes */
    if (strcmp(path, "-") == 0)
        return fd_write_all(STDOUT_FILENO, content, "standard output", err);
    bool is_there = stat(path, &status) == 0;
    if (is_there && S_ISDIR(status.st_mode))
        return error_set(err, ERROR_INVALID, path, "this is a folder; name a file");
    if (is_there && !S_ISREG(status.st_mode))
        return write_in_place(path, content, err);
    if (is_there)
        mode = (unsigned)status.st_mode & 0777;

    /* Through a link to the file it names, so that the link stays one. */
    char *target = is_there ? realpath(path, NULL) : NULL;
    const char *final = target ? target : path;
    bool ok = parent_of(final, parent, err) && temporary_name(parent, ".attest-", temporary, err) &&
              write_and_rename(temporary, final, content, mode, err) && folder_sync(parent, err);
    free(target);
    return ok;
}

void folder_discard(struct arena *arena, const char *folder)
{
    struct folder_names names;
    struct error ignored = { 0 };
    if (!folder_list(arena, folder, &names, &ignored))
        return;
    for (size_t i = 0; i < names.count; i++) {
        const char *path =
            arena_printf(arena, &ignored, "%s/%.*s", folder, SLICE_ARG(names.items[i]));
        if (path)
            (void)unlink(path);
    }
    (void)rmdir(folder);
}
