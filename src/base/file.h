/* Files: whole, durable, atomic. */
#ifndef ATTEST_BASE_FILE_H
#define ATTEST_BASE_FILE_H
#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

/* Reads a regular file of at most bytes_max. The text is followed by a NUL. ERROR_NOT_FOUND if
 * there is none, ERROR_INVALID if it is larger, ERROR_IO. */
MUST_USE bool file_read(struct arena *arena, const char *path, size_t bytes_max,
                        struct slice *content, struct error *err);
bool file_exists(const char *path);
/* Creates the folder and its parents, mode 0700, durably. One that exists is fine. */
MUST_USE bool folder_make(const char *path, struct error *err);
MUST_USE bool folder_sync(const char *path, struct error *err);

/* Durable write (ledger.md 5): creates a file in tmp_folder, writes, fsyncs, renames over `path`;
 * does NOT sync the folders: folder_sync() does, once for a group. mode as for open(2). A failure
 * leaves `path` as it was. fsync is never tried twice. */
MUST_USE bool file_write_unsynced_folder(const char *tmp_folder, const char *path,
                                         struct slice content, unsigned mode, struct error *err);
/* The same and both folders synced. */
MUST_USE bool file_write_durable(const char *tmp_folder, const char *path, struct slice content,
                                 unsigned mode, struct error *err);
/* For what a user asked to be written (--out): beside the target, then renamed; "-" is stdout. */
MUST_USE bool file_write_output(const char *path, struct slice content, struct error *err);

/* Names in a folder, sorted by bytes, without . and .. */
struct folder_names {
    struct slice *items;
    size_t count;
};
MUST_USE bool folder_list(struct arena *arena, const char *path, struct folder_names *names,
                          struct error *err);
/* Writes all bytes to a descriptor, going on after EINTR and short writes. */
MUST_USE bool fd_write_all(int fd, struct slice bytes, const char *path, struct error *err);

/* Removes a folder of our own and the files in it, as far as that goes: what stays lies in a
 * temporary folder. */
void folder_discard(struct arena *arena, const char *folder);

#endif
