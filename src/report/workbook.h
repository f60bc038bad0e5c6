/* Rows and columns as a workbook (XLSX), by libxlsxwriter, written as they come: memory does not
 * grow with the rows.
 *
 * The bytes depend on nothing but what is given. Text stays text: nothing that begins with = + - @
 * becomes a formula, nothing a link. Numbers, booleans, days and times are cells of their type. */
#ifndef ATTEST_REPORT_WORKBOOK_H
#define ATTEST_REPORT_WORKBOOK_H
#include "base/arena.h"
#include "base/strbuf.h"

struct book; /* layout: workbook.c */

struct book_options {
    const char *path;        /* "-" is standard output */
    const char *temp_folder; /* the library's files lie in a folder of our own in it */
    int64_t created_us;      /* what the workbook says of its making; before 1980: 1980-01-01 */
};
enum book_cell {
    BOOK_TEXT,    /* a day (YYYY-MM-DD) or an instant (as time_format() has it) becomes one;
                   * what is finer than a millisecond is cut off, as no cell holds it */
    BOOK_NUMBER,  /* in plain digits; stays text if it has more than 15 of them */
    BOOK_BOOLEAN, /* true, false */
};

/* Owner:  the caller; book_free(). Nothing is at `path` before book_finish().
 * Errors: ERROR_IO, ERROR_NO_MEMORY; NULL. */
MUST_USE struct book *book_new(const struct book_options *options, struct error *err);
void book_free(struct book *workbook); /* NULL is fine */

/* A sheet with a line of heads, which stays in sight. name: at most 28 characters without
 * []:*?/\, of which no two of a workbook are equal. Rows beyond those that a sheet holds go on in
 * another one, "NAME 2".
 * Errors: ERROR_INVALID (more columns than a sheet has), ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE bool book_sheet(struct book *workbook, const char *name, const char *const *heads,
                         size_t columns, struct error *err);
/* The next cell of the row in hand; an empty text leaves it empty. Errors: ERROR_INVALID for a text
 * that no cell holds: which row and column. */
MUST_USE bool book_put(struct book *workbook, enum book_cell type, struct slice text,
                       struct error *err);
MUST_USE bool book_end_row(struct book *workbook, struct error *err);
/* Writes the file beside `path`, then renames it. */
MUST_USE bool book_finish(struct book *workbook, struct error *err);

/* Where temporary files go if nothing else is said: TMPDIR, else /tmp. */
const char *book_temp_folder(void);

#endif
