/* The headings of a table (CSV, workbook), and which of them the source names. */
#ifndef ATTEST_EVIDENCE_TABLE_HEADER_H
#define ATTEST_EVIDENCE_TABLE_HEADER_H
#include "evidence/reader.h"

struct table_header {
    struct reading *reading;
    struct field **columns; /* for each heading: the field, or NULL if unknown */
    size_t count;
    char **names; /* copies of the headings */
    /* Private: while it is taken. */
    const struct slice *fields;
    size_t fields_count;
    uint64_t line;
};
/* Takes the headings, which stand on a line. ERROR_INVALID, with file and line: one twice, a
 * required one missing, one that the source does not name if it stops at those. */
MUST_USE bool table_header_take(struct table_header *header, const struct slice *fields,
                                size_t count, uint64_t line, struct error *err);
void table_header_free(struct table_header *header);
/* *err as a fault of the headings. Always false. */
bool table_header_fail(struct table_header *header, struct slice name, struct error *err);

#endif
