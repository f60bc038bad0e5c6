/* Files read into segments, without a store: an engine, a type, a source, a folder. */
#ifndef ATTEST_TEST_EVIDENCE_WORLD_H
#define ATTEST_TEST_EVIDENCE_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evidence/segment_write.h"

struct world {
    char folder[64];
    struct arena *arena;
    struct engine *engine;
    struct record_type type;
    struct source source;
    struct findings findings;
    struct segment_content content; /* of the last file read */
    struct strbuf rejects, packed;
    struct error err;
    bool keeps;
    size_t record_bytes_max;
};

int world_begin(void **state);
int world_end(void **state);

/* The type of the tests: id and actor text, at timestamp, all required; amount decimal; note text.
 */
#define TYPE_CHANGES                                                                               \
    "kind: PopulationType\nid: changes\nkey: [id]\ntime: at\ncolumns:\n"                           \
    "  id: {type: text, required: true}\n  actor: {type: text, required: true}\n"                  \
    "  at: {type: timestamp, required: true}\n  amount: {type: decimal}\n  note: {type: text}\n"

/* YAML documents. */
void world_type(struct world *w, const char *yaml);
void world_source(struct world *w, const char *yaml);
/* Writes a file into the folder; its path. */
const char *world_file(struct world *w, const char *name, struct slice bytes);
const char *world_path(struct world *w, const char *name);
/* Runs a shell script in the folder; it must succeed. Its output is borrowed until the next. */
const char *world_shell(struct world *w, const char *script);
/* Reads a file; findings and content are those of this one. */
bool world_read(struct world *w, const char *path);
/* Writes and reads a file that must be right. */
void world_reads(struct world *w, const char *name, const char *bytes);
/* Writes and reads a file that must be refused at a place ("x.ndjson:2: amount") with a text in the
 * message. */
void world_refuses(struct world *w, const char *name, const char *bytes, const char *where,
                   const char *message);
/* The rows of the segment as canonical rows, lines. */
const char *world_rows(struct world *w);
/* The row digest equals that of the rows in the Parquet file, as SQL makes them. */
void assert_digest_of_rows(struct world *w);
/* The finding of that number. */
void assert_warning(struct world *w, size_t index, const char *where, const char *message);

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

#endif
