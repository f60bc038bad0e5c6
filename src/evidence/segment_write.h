/* A file read into a Parquet file, with the digests of both: what an import does before it is
 * recorded. */
#ifndef ATTEST_EVIDENCE_SEGMENT_WRITE_H
#define ATTEST_EVIDENCE_SEGMENT_WRITE_H
#include "base/progress.h"
#include "base/time.h"
#include "evidence/input.h"
#include "evidence/record_type.h"
#include "evidence/row_sink.h"
#include "evidence/source.h"

struct segment_request {
    struct engine *engine; /* not locked */
    const struct source *source;
    const struct record_type *type;
    const char *path;         /* a file, or the folder of a repository */
    const char *parquet_path; /* to be written */
    /* Personal values are sealed with keys of this transaction into a second file. NULL: they stay
     * in clear, for who looks at the rows and throws the file away. */
    struct transaction *seals;
    const char
        *personal_path;      /* to be written if the type has personal columns and `seals` is set */
    const char *tmp_folder;  /* for copies of what the engine reads */
    size_t record_bytes_max; /* of one line or record; 0: 64 MiB */
    struct input_options keep;
    bool (*reject)(void *context, struct slice line, struct error *err);
    void *reject_context;
    struct progress *progress; /* may be NULL; told from other threads, never from two at once */
    struct findings *findings; /* warnings */
};
struct segment_content {
    struct row_counts counts;
    struct input_totals raw;
    struct slice *unknown; /* names of fields that the source does not name, in the arena */
    uint64_t *unknown_records;
    size_t unknown_count;
};

/* Reads on two threads beside the caller's, which writes. Nothing is kept of a failure but maybe a
 * part of the Parquet file.
 * Errors: ERROR_INVALID ("file:line: column" in `where`), ERROR_NOT_FOUND, ERROR_IO,
 *         ERROR_NO_MEMORY, ERROR_INTERRUPTED. */
MUST_USE bool segment_write(const struct segment_request *request, struct arena *arena,
                            struct segment_content *content, struct error *err);

#endif
