#include "report/workbook.h"

#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "base/file.h"
#include "base/time.h"

/* A cell holds 32,767 UTF-16 units; a text of so many bytes has no more. Fifteen digits are what a
 * double holds for certain. */
enum { CELL_BYTES_MAX = 32767, DIGITS_MAX = 15, WIDTH_MIN = 8, WIDTH_MAX = 60 };
/* Columns that count for widths; those beyond have the last one's. */
enum { WIDTHS_MAX = 256 };
static const size_t workbook_bytes_max = (size_t)1 << 30;
static const int64_t year_1980 = 315532800;
/* Day 25569 of a spreadsheet is 1970-01-01. Before 1 March 1900, day 61, spreadsheets differ. */
enum { DAY_1970 = 25569, DAY_FIRST = 61, MILLIS_PER_DAY = 86400000 };

struct book {
    struct book_options options;
    struct arena *arena;
    char *folder, *file;
    lxw_workbook *book;
    lxw_format *bold, *day, *instant;
    lxw_worksheet *sheet;
    const char *name; /* of the sheet */
    const char *const *heads;
    size_t columns, parts; /* sheets of that name */
    size_t row, column;    /* of the next cell; row 0 is the line of heads */
    size_t widths[WIDTHS_MAX];
    struct strbuf text;
};

static bool refused(const struct book *workbook, lxw_error code, struct error *err)
{
    if (code == LXW_NO_ERROR)
        return true;
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return error_set(err, ERROR_NO_MEMORY, workbook->options.path, "out of memory");
    return error_set(err, ERROR_IO, workbook->options.path, "the workbook could not be written: %s",
                     lxw_strerror(code));
}

static bool out_of_memory(const struct book *workbook, struct error *err)
{
    return refused(workbook, LXW_ERROR_MEMORY_MALLOC_FAILED, err);
}

/* ---- cells ---- */

/* What a spreadsheet would not read as it is: "_x0041_" means A in this format, and two code points
 * are in no XML. Control characters are the library's care. */
static void add_cell_text(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct slice rest = slice_from(text, i);
        if (slice_starts_with(rest, SLICE("_x")))
            strbuf_add_text(out, "_x005F");
        if (slice_starts_with(rest, SLICE("\xEF\xBF\xBE")) ||
            slice_starts_with(rest, SLICE("\xEF\xBF\xBF"))) {
            strbuf_add_text(out, "\xEF\xBF\xBD"); /* the replacement character */
            i += 2;
        } else {
            strbuf_add_char(out, text.at[i]);
        }
    }
}

static void widen(struct book *workbook, size_t characters)
{
    if (workbook->column < WIDTHS_MAX && characters > workbook->widths[workbook->column])
        workbook->widths[workbook->column] = characters;
}

static bool put_text(struct book *workbook, struct slice text, lxw_format *format,
                     struct error *err)
{
    size_t characters = 0;
    for (size_t at = 0; at < text.len && characters < WIDTH_MAX; characters++)
        (void)utf8_next(text, &at);
    widen(workbook, characters);
    strbuf_clear(&workbook->text);
    add_cell_text(&workbook->text, text);
    if (!strbuf_ok(&workbook->text, err))
        return false;
    if (workbook->text.len > CELL_BYTES_MAX ||
        memchr(workbook->text.at, '\0', workbook->text.len)) {
        error_set(err, ERROR_INVALID, workbook->options.path,
                  "row %zu, %s: no cell of a workbook holds this text", workbook->row,
                  workbook->heads[workbook->column]);
        return error_hint(err, "-o csv or -o json writes it");
    }
    return refused(workbook,
                   worksheet_write_string(workbook->sheet, (lxw_row_t)workbook->row,
                                          (lxw_col_t)workbook->column, workbook->text.at, format),
                   err);
}

static bool put_number(struct book *workbook, double number, lxw_format *format, size_t characters,
                       struct error *err)
{
    widen(workbook, characters);
    return refused(workbook,
                   worksheet_write_number(workbook->sheet, (lxw_row_t)workbook->row,
                                          (lxw_col_t)workbook->column, number, format),
                   err);
}

/* Plain digits that a double holds. */
static bool is_number(struct slice text, double *number)
{
    char copy[DIGITS_MAX + 3];
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (!is_digit && !(text.at[i] == '-' && i == 0) && text.at[i] != '.')
            return false;
        digits += is_digit;
        points += text.at[i] == '.';
    }
    if (digits == 0 || digits > DIGITS_MAX || points > 1)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *number = strtod(copy, NULL);
    return true;
}

/* The whole milliseconds of an instant as a day of a spreadsheet. */
static double serial_of(int64_t instant_us)
{
    int64_t millis = instant_us / 1000 - (instant_us % 1000 < 0);
    return (double)millis / (double)MILLIS_PER_DAY + DAY_1970;
}

static bool is_day(struct slice text, double *serial)
{
    struct error ignored = { 0 };
    int32_t days;
    if (text.len != 10 || !date_parse(text, &days, &ignored))
        return false;
    *serial = days + DAY_1970;
    return *serial >= DAY_FIRST;
}

bool book_put(struct book *workbook, enum book_cell type, struct slice text, struct error *err)
{
    double number;
    int64_t instant_us;
    bool ok;
    if (text.len == 0)
        ok = true;
    else if (type == BOOK_BOOLEAN)
        ok = refused(workbook,
                     worksheet_write_boolean(workbook->sheet, (lxw_row_t)workbook->row,
                                             (lxw_col_t)workbook->column, slice_is(text, "true"),
                                             NULL),
                     err);
    else if (type == BOOK_NUMBER && is_number(text, &number))
        ok = put_number(workbook, number, NULL, text.len, err);
    else if (type == BOOK_TEXT && is_day(text, &number))
        ok = put_number(workbook, number, workbook->day, text.len, err);
    else if (type == BOOK_TEXT && text.len == 27 && time_parse_canonical(text, &instant_us) &&
             serial_of(instant_us) >= DAY_FIRST)
        ok = put_number(workbook, serial_of(instant_us), workbook->instant, 23, err);
    else
        ok = put_text(workbook, text, NULL, err);
    workbook->column++;
    return ok;
}

/* ---- sheets ---- */

/* Widths are known once the rows are there. */
static bool set_widths(struct book *workbook, struct error *err)
{
    for (size_t i = 0; workbook->sheet && i < workbook->columns && i < WIDTHS_MAX; i++) {
        size_t width = workbook->widths[i];
        width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
        lxw_error code = worksheet_set_column(workbook->sheet, (lxw_col_t)i, (lxw_col_t)i,
                                              (double)width + 1, NULL);
        if (!refused(workbook, code, err))
            return false;
    }
    return true;
}

static bool begin_sheet(struct book *workbook, struct error *err)
{
    const char *name = workbook->name;
    if (!set_widths(workbook, err))
        return false;
    memset(workbook->widths, 0, sizeof workbook->widths);
    if (++workbook->parts > 1)
        name = arena_printf(workbook->arena, err, "%s %zu", name, workbook->parts);
    workbook->sheet = name ? workbook_add_worksheet(workbook->book, name) : NULL;
    if (!workbook->sheet)
        return out_of_memory(workbook, err);
    worksheet_freeze_panes(workbook->sheet, 1, 0);
    workbook->row = workbook->column = 0;
    for (; workbook->column < workbook->columns; workbook->column++)
        if (!put_text(workbook, slice_of(workbook->heads[workbook->column]), workbook->bold, err))
            return false;
    workbook->row = 1;
    workbook->column = 0;
    return true;
}

bool book_sheet(struct book *workbook, const char *name, const char *const *heads, size_t columns,
                struct error *err)
{
    const char **copy = arena_array(workbook->arena, columns, sizeof *copy, err);
    if (!copy || !set_widths(workbook, err))
        return false;
    if (columns > LXW_COL_MAX)
        return error_set(err, ERROR_INVALID, workbook->options.path,
                         "%zu columns; a sheet holds %d", columns, LXW_COL_MAX);
    for (size_t i = 0; i < columns; i++)
        if (!(copy[i] = arena_string(workbook->arena, slice_of(heads[i]), err)))
            return false;
    workbook->sheet = NULL;
    workbook->name = name;
    workbook->heads = copy;
    workbook->columns = columns;
    workbook->parts = 0;
    return begin_sheet(workbook, err);
}

bool book_end_row(struct book *workbook, struct error *err)
{
    workbook->column = 0;
    return ++workbook->row < LXW_ROW_MAX || begin_sheet(workbook, err);
}

/* ---- the file ---- */

static bool open_book(struct book *workbook, struct error *err)
{
    lxw_doc_properties properties = { .created =
                                          (time_t)(workbook->options.created_us / US_PER_SECOND) };
    if (properties.created < year_1980)
        properties.created = (time_t)year_1980; /* 0 would be the clock of now */
    /* A row at a time is kept in memory, the others in the folder. */
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = workbook->folder };
    workbook->file = arena_printf(workbook->arena, err, "%s/book.xlsx", workbook->folder);
    workbook->book = workbook->file ? workbook_new_opt(workbook->file, &options) : NULL;
    if (!workbook->book)
        return out_of_memory(workbook, err);
    workbook->bold = workbook_add_format(workbook->book);
    workbook->day = workbook_add_format(workbook->book);
    workbook->instant = workbook_add_format(workbook->book);
    if (!workbook->bold || !workbook->day || !workbook->instant)
        return out_of_memory(workbook, err);
    format_set_bold(workbook->bold);
    format_set_num_format(workbook->day, "yyyy\\-mm\\-dd");
    format_set_num_format(workbook->instant, "yyyy\\-mm\\-dd\\ hh:mm:ss.000");
    return refused(workbook, workbook_set_properties(workbook->book, &properties), err);
}

struct book *book_new(const struct book_options *options, struct error *err)
{
    struct book *workbook = calloc(1, sizeof *workbook);
    if (!workbook) {
        error_no_memory(err, sizeof *workbook);
        return NULL;
    }
    *workbook = (struct book){ .options = *options, .text = strbuf_new(workbook_bytes_max) };
    workbook->arena = arena_new(2 * workbook_bytes_max, err);
    char *folder = workbook->arena ? arena_printf(workbook->arena, err, "%s/attest-xlsx-XXXXXX",
                                                  options->temp_folder)
                                   : NULL;
    if (folder && !mkdtemp(folder)) {
        error_errno(err, "make a temporary folder", folder);
        folder = NULL;
    }
    workbook->folder = folder;
    if (folder && open_book(workbook, err))
        return workbook;
    book_free(workbook);
    return NULL;
}

bool book_finish(struct book *workbook, struct error *err)
{
    struct slice content;
    if (!set_widths(workbook, err))
        return false;
    lxw_error code = workbook_close(workbook->book); /* frees it in any case */
    workbook->book = NULL;
    return refused(workbook, code, err) &&
           file_read(workbook->arena, workbook->file, workbook_bytes_max, &content, err) &&
           file_write_output(workbook->options.path, content, err);
}

void book_free(struct book *workbook)
{
    if (!workbook)
        return;
    lxw_workbook_free(workbook->book);
    if (workbook->folder)
        folder_discard(workbook->arena, workbook->folder);
    strbuf_free(&workbook->text);
    arena_free(workbook->arena);
    free(workbook);
}

const char *book_temp_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}
