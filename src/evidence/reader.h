/* Readers: from the bytes of a file to the rows of a population type. */
#ifndef ATTEST_EVIDENCE_READER_H
#define ATTEST_EVIDENCE_READER_H
#include "evidence/row_sink.h"

/* One file being read. */
struct reading {
    const char *path; /* as the user named it */
    const struct source *source;
    const struct record_type *type;
    struct mapping *mapping;
    struct input *input; /* its bytes */
    struct row_sink *sink;
    struct unknown_fields *unknown;
    size_t record_bytes_max; /* of one line or record */
    struct engine *engine;   /* for formats that the engine reads */
    const char *tmp_folder;
};

struct reader {
    const char *name; /* Source.reader */
    /* Makes the bytes, for what is not a file of bytes: called on the input's thread with the
     * reading. NULL: the file's own bytes. */
    input_make_fn *make;
    /* Gives every record to the sink.
     * Errors: those of the sink; ERROR_INVALID with file and line. */
    bool (*read)(struct reading *reading, struct error *err);
};
/* NULL: there is no reader of that name. */
const struct reader *reader_find(struct slice name);

/* A byte order mark at the start of a text: skipped, and told if `warns`. The window is filled. */
void reader_skip_bom(struct reading *reading, struct window *window, bool warns);
/* Tells of a member that the source does not name: counted, or a fault if the source says so. An
 * entry that this record has given already is a duplicate. */
MUST_USE bool reader_unknown(struct reading *reading, const struct field *parent, struct slice name,
                             uint64_t visit, struct error *err);
/* After the last record (mapping->top.records counts them): columns whose field none had. */
void reader_warn_unseen(struct reading *reading);

/* To add a reader: one file, its function here, one line in reader.c. */
bool ndjson_read(struct reading *reading, struct error *err);
bool json_read(struct reading *reading, struct error *err);
bool xlsx_rows_read(struct reading *reading, struct error *err);
bool csv_read(struct reading *reading, struct error *err);
bool parquet_read(struct reading *reading, struct error *err);
bool git_make(void *reading, struct input_blocks *blocks, struct error *err);

#endif
