/* Rows and columns as a workbook of one sheet (XLSX), by libxlsxwriter.
 *
 * The bytes depend on nothing but what is given. Text stays text: nothing that begins with = + - @
 * becomes a formula, nothing a link. */
#ifndef ATTEST_REPORT_WORKBOOK_H
#define ATTEST_REPORT_WORKBOOK_H
#include "base/strbuf.h"

struct workbook_table {
    int64_t created_us; /* what the workbook says of its making; before 1980: 1980-01-01 */
    const char *const *heads;
    size_t columns, rows;
    /* Appends the text of a cell to `text`, which is empty. */
    bool (*cell)(const void *context, size_t row, size_t column, struct strbuf *text,
                 struct error *err);
    const void *context;
};

/* Writes the file beside `path`, then renames it; "-" is standard output. The library's temporary
 * files lie in a folder of our own in temp_folder.
 * Errors: ERROR_INVALID (more rows or columns than a sheet has, a text that no cell holds: which
 * row and column), ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE bool workbook_write(const char *path, const char *temp_folder,
                             const struct workbook_table *table, struct error *err);

#endif
