/* Reading a run's matrix back, row by row: memory stays flat however many items it has. */
#ifndef ATTEST_AUDIT_ITEMS_H
#define ATTEST_AUDIT_ITEMS_H
#include <stdio.h>

#include "base/value.h"
#include "store/store.h"

struct matrix_text {
    struct arena *row; /* of the present row */
    FILE *file;
    char *line;
    size_t line_capacity;
    const struct value *attributes; /* ids, array of texts; lives in the caller's arena */
    struct stored_entry run;
    const struct value *object; /* of the run */
};
/* run: a leaf hash or a unique prefix of one. ERROR_NOT_FOUND, ERROR_INVALID (another entry). */
MUST_USE bool matrix_open(struct store *store, struct arena *arena, struct slice run, uint64_t size,
                          struct matrix_text *matrix, struct error *err);
void matrix_close(struct matrix_text *matrix);
/* The next item; *key and *results (arrays) live until the next call. *key NULL: the end. */
MUST_USE bool matrix_next(struct matrix_text *matrix, const struct value **key,
                          const struct value **results, struct error *err);
/* The next item of which an attribute fails or is undecided: its key as canonical JSON. key->at
 * NULL: the end. Lives until the next call. */
MUST_USE bool matrix_next_deviating(struct matrix_text *matrix, struct slice *key,
                                    const struct value **results, struct error *err);

#endif
