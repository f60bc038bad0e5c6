/* Writes ZIP files that depend on nothing but their members: no clock, no user, no order of
 * folders.
 *
 * Members are streamed. Each is deflated if that saves something, which its first 256 KiB tell;
 * ZIP64 is used where sizes need it. What verify/zip.h reads, and any other tool. */
#ifndef ATTEST_REPORT_ZIP_WRITE_H
#define ATTEST_REPORT_ZIP_WRITE_H
#include "verify/zip.h"

struct zip_writer; /* layout: zip_write.c */

/* Gives a member's bytes by calling `take`, in chunks of any size. May be called twice. */
typedef bool zip_give_fn(void *context, zip_take_fn *take, void *take_context, struct error *err);

/* The file comes into being beside `path` and takes its name in zip_writer_finish().
 * Errors: ERROR_INVALID (a folder, or no place for a file), ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE struct zip_writer *zip_writer_new(const char *path, struct error *err);
/* Without zip_writer_finish() nothing remains. NULL is fine. */
void zip_writer_free(struct zip_writer *writer);

/* bytes: exactly what `give` will give (ERROR_CORRUPT otherwise). Names are the caller's care. */
MUST_USE bool zip_writer_add(struct zip_writer *writer, struct slice name, uint64_t bytes,
                             zip_give_fn *give, void *context, struct error *err);
MUST_USE bool zip_writer_add_text(struct zip_writer *writer, struct slice name, struct slice text,
                                  struct error *err);
/* Directory, sync, rename. */
MUST_USE bool zip_writer_finish(struct zip_writer *writer, struct error *err);

#endif
