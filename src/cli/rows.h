/* Rows of a list as they come, in every form: what may be longer than memory holds. */
#ifndef ATTEST_CLI_ROWS_H
#define ATTEST_CLI_ROWS_H
#include "base/strbuf.h"
#include "cli/session.h"

struct rows_cell {
    const char *name, *head;
    struct slice text;
    int width;      /* of the column in a table, at least */
    bool is_json;   /* the text is JSON already; else a string, or null at NULL */
    bool is_number; /* the text is one, where there is any */
};
struct rows {
    struct session *session;
    struct strbuf out;
    struct book *workbook;
    uint64_t count;
};

/* What stands before the rows: the names of the cells. rows_end() in any case. */
MUST_USE bool rows_begin(struct rows *rows, struct session *session, const struct rows_cell *cells,
                         size_t count);
MUST_USE bool rows_add(struct rows *rows, const struct rows_cell *cells, size_t count);
/* Writes what is left if the rows are whole, and releases. */
MUST_USE bool rows_end(struct rows *rows, bool are_whole);

/* The workbook that --out asks for, of the ledger as it was looked at; NULL with session->err. */
MUST_USE struct book *session_workbook(struct session *session);

#endif
