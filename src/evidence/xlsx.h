/* Workbooks (Office Open XML, .xlsx): the cells of one sheet, row by row, from untrusted bytes.
 *
 * Taken as written: texts (shared, inline, of formulas), truth values, numbers in their shortest
 * form, days and times by the cell's format, in the epoch of the workbook (1900 or 1904). A formula
 * counts by the result that the file holds. Refused: a document type declaration (so no entities),
 * parts beyond the limits, archives within folders upwards. */
#ifndef ATTEST_EVIDENCE_XLSX_H
#define ATTEST_EVIDENCE_XLSX_H
#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum xlsx_kind {
    XLSX_EMPTY,
    XLSX_TEXT,
    XLSX_NUMBER, /* text: its shortest form */
    XLSX_TRUTH,  /* number: 0 or 1 */
    XLSX_DAY,    /* number: days since 1970 */
    XLSX_TIME,   /* number: microseconds of a clock, to the millisecond */
    XLSX_FAULT,  /* text: what is wrong with it, such as #N/A */
};
struct xlsx_cell {
    enum xlsx_kind kind;
    struct slice text; /* valid during the call */
    int64_t number;
};
enum {
    XLSX_FILE_BYTES_MAX = 256 << 20,
    XLSX_PART_BYTES_MAX = 512 << 20, /* of one part, unpacked */
    XLSX_PARTS_MAX = 10000,
    XLSX_COLUMNS_MAX = 4096,
};
/* Takes a row that has cells: its number in the sheet, and its cells from the first column on. */
typedef bool xlsx_row_fn(void *context, uint64_t row, const struct xlsx_cell *cells, size_t count,
                         struct error *err);
/* Gives the rows of a sheet; an empty name is the only sheet. The arena holds shared texts.
 * Errors: ERROR_INVALID (no workbook, no such sheet, several and none named, damaged parts),
 * ERROR_NO_MEMORY, what row says. `where` is empty, or "row N" if the fault is of a row. */
MUST_USE bool xlsx_read(struct arena *arena, struct slice file, struct slice sheet,
                        xlsx_row_fn *row, void *context, struct error *err);

#endif
