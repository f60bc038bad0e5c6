/* Where readers put records: judged column by column, counted, digested, passed on in batches; or
 * set aside with the reason, if the source says so. */
#ifndef ATTEST_EVIDENCE_ROW_SINK_H
#define ATTEST_EVIDENCE_ROW_SINK_H
#include "base/digest.h"
#include "base/progress.h"
#include "base/time.h"
#include "evidence/input.h"
#include "evidence/mapping.h"
#include "evidence/row_queue.h"
#include "evidence/value_read.h"

struct row_sink_options {
    const char *file; /* for messages and progress, as the user named it */
    const struct source *source;
    const struct record_type *type;
    const struct mapping *mapping;
    const struct zone *zone; /* of times without one; NULL: they are refused */
    struct input *input;     /* for progress; may be NULL */
    struct progress *progress;
    struct findings *findings;
    /* Takes lines about what was set aside. */
    bool (*reject)(void *context, struct slice line, struct error *err);
    void *reject_context;
};
struct row_counts {
    uint64_t rows, kept, set_aside, undated;
    bool has_span;
    int64_t first_us, last_us; /* of the time column */
    struct digest row_digest;  /* SHA-256 over the canonical rows, each with its LF */
};

struct row_sink; /* layout: row_sink.c */
MUST_USE struct row_sink *row_sink_new(const struct row_sink_options *options,
                                       struct row_queue *queue, struct error *err);
void row_sink_free(struct row_sink *sink); /* NULL is fine */

/* The values of the next row, one a column of the type; all RAW_ABSENT after each row_sink_add().
 */
struct raw_value *row_sink_values(struct row_sink *sink);
/* Takes the values as a row. line: where its record begins, from 1; record: its bytes, for what is
 * set aside. False stops the import: *err names file, line, column. A row that was set aside is
 * true. */
MUST_USE bool row_sink_add(struct row_sink *sink, uint64_t line, struct slice record,
                           struct error *err);
/* A record that cannot be taken apart. *err has message and hint; field (may be empty) is what it
 * is about. Sets it aside (true) or fills in `where` (false). */
MUST_USE bool row_sink_refuse(struct row_sink *sink, uint64_t line, struct slice field,
                              struct slice record, struct error *err);
/* A fault of the file as a whole: as row_sink_refuse(), but never set aside. Always false. */
bool row_sink_fail(struct row_sink *sink, uint64_t line, struct slice field, struct error *err);
/* Something the user should know; `where` is filled in. line 0: none. */
void row_sink_warn(struct row_sink *sink, uint64_t line, struct error *warning);
/* The rest of the rows, and the digest. */
MUST_USE bool row_sink_finish(struct row_sink *sink, struct row_counts *counts, struct error *err);

#endif
