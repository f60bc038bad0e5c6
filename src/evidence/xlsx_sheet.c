/* Formats, shared texts and cells of a workbook. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "evidence/xlsx_private.h"

enum { TEXTS_MAX = 4 << 20, TEXT_BYTES_MAX = 1 << 20, NUMBER_BYTES = 40, FORMATS_MAX = 65536 };

static bool grow(struct arena *arena, void **items, size_t *capacity, size_t count, size_t size,
                 struct error *err)
{
    if (count < *capacity)
        return true;
    size_t more = *capacity ? 2 * *capacity : 64;
    void *grown = arena_array(arena, more, size, err);
    if (!grown)
        return false;
    if (count > 0)
        memcpy(grown, *items, count * size);
    *items = grown;
    *capacity = more;
    return true;
}

/* ---- formats ---- */

/* Letters of days and clocks, outside of quotes, brackets and escapes. */
enum xlsx_format xlsx_format_of(struct slice code)
{
    bool has_day = false, has_clock = false, has_month = false;
    for (size_t i = 0; i < code.len; i++) {
        char byte = code.at[i];
        char end = byte == '"' ? '"' : byte == '[' ? ']' : '\0';
        if (end) {
            for (i++; i < code.len && code.at[i] != end;)
                i++;
        } else if (byte == '\\' || byte == '_' || byte == '*') {
            i++;
        } else if (byte == ';') {
            break; /* the format of numbers below zero */
        } else {
            has_day = has_day || strchr("yYdD", byte);
            has_clock = has_clock || strchr("hHsS", byte);
            has_month = has_month || byte == 'm' || byte == 'M';
        }
    }
    if (has_day || (has_month && !has_clock))
        return has_clock ? FORMAT_DAY_TIME : FORMAT_DAY;
    return FORMAT_PLAIN;
}

static enum xlsx_format format_of_id(const struct xlsx_styles *styles, unsigned id)
{
    for (size_t i = 0; i < styles->custom_count; i++)
        if (styles->custom[i].id == id)
            return styles->custom[i].format;
    if (id == 22)
        return FORMAT_DAY_TIME;
    return (id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
                   id == 57 || id == 58
               ? FORMAT_DAY
               : FORMAT_PLAIN;
}

static bool styles_start(void *context, struct slice element,
                         const struct xml_attribute *attributes, size_t count, struct error *err)
{
    struct xlsx_styles *styles = context;
    uint64_t id = 0;
    if (slice_is(element, "cellXfs"))
        styles->is_in_cells = true;
    bool has_id = slice_to_u64(xml_value(attributes, count, "numFmtId"), &id) && id < UINT32_MAX;
    if (slice_is(element, "numFmt") && has_id && styles->custom_count < FORMATS_MAX) {
        if (!grow(styles->arena, (void **)&styles->custom, &styles->custom_capacity,
                  styles->custom_count, sizeof *styles->custom, err))
            return false;
        styles->custom[styles->custom_count++] =
            (struct xlsx_custom){ (unsigned)id,
                                  xlsx_format_of(xml_value(attributes, count, "formatCode")) };
    }
    if (!slice_is(element, "xf") || !styles->is_in_cells)
        return true;
    if (styles->count == FORMATS_MAX)
        return error_set(err, ERROR_INVALID, NULL, "more than %d cell formats", FORMATS_MAX);
    if (!grow(styles->arena, (void **)&styles->formats, &styles->capacity, styles->count,
              sizeof *styles->formats, err))
        return false;
    styles->formats[styles->count++] = format_of_id(styles, (unsigned)id);
    return true;
}

static bool styles_end(void *context, struct slice element, struct error *err)
{
    struct xlsx_styles *styles = context;
    (void)err;
    if (slice_is(element, "cellXfs"))
        styles->is_in_cells = false;
    return true;
}

bool xlsx_styles_read(struct xlsx_styles *styles, struct slice xml, struct error *err)
{
    static const struct xml_handler handler = { .start = styles_start, .end = styles_end };
    return xml_walk(xml, &handler, styles, err);
}

/* ---- shared texts ---- */

static bool texts_start(void *context, struct slice element, const struct xml_attribute *attributes,
                        size_t count, struct error *err)
{
    struct xlsx_texts *texts = context;
    (void)attributes, (void)count, (void)err;
    if (slice_is(element, "si"))
        strbuf_clear(&texts->text);
    texts->in_phonetic += slice_is(element, "rPh");
    texts->in_text += slice_is(element, "t");
    return true;
}

static bool texts_end(void *context, struct slice element, struct error *err)
{
    struct xlsx_texts *texts = context;
    texts->in_phonetic -= slice_is(element, "rPh");
    texts->in_text -= slice_is(element, "t");
    if (!slice_is(element, "si"))
        return true;
    if (texts->count == TEXTS_MAX)
        return error_set(err, ERROR_INVALID, NULL, "more than %d texts", TEXTS_MAX);
    if (!strbuf_ok(&texts->text, err) ||
        !grow(texts->arena, (void **)&texts->items, &texts->capacity, texts->count,
              sizeof *texts->items, err) ||
        !arena_copy(texts->arena, strbuf_slice(&texts->text), &texts->items[texts->count], err))
        return false;
    texts->count++;
    return true;
}

static void texts_text(void *context, struct slice text)
{
    struct xlsx_texts *texts = context;
    if (texts->in_text && !texts->in_phonetic)
        strbuf_add(&texts->text, text);
}

bool xlsx_texts_read(struct xlsx_texts *texts, struct slice xml, struct error *err)
{
    static const struct xml_handler handler = { texts_start, texts_end, texts_text };
    texts->text = strbuf_new(TEXT_BYTES_MAX);
    bool ok = xml_walk(xml, &handler, texts, err);
    strbuf_free(&texts->text);
    return ok;
}

/* ---- cells ---- */

struct sheet {
    const struct xlsx_styles *styles;
    const struct xlsx_texts *texts;
    xlsx_row_fn *row_fn;
    void *context;
    struct xlsx_cell *cells;
    char (*numbers)[NUMBER_BYTES];
    struct strbuf inline_texts; /* of the row; offsets until the row ends */
    size_t *offsets;            /* of inline texts, plus one; 0: none */
    uint64_t row;
    size_t count;  /* cells of the row, up to the last that has something */
    size_t column; /* of the cell at hand */
    struct strbuf value;
    char type[16];
    enum xlsx_format format;
    bool has_formula, is_taken, is_phonetic;
};

/* "BC12": the column from 0, and the row. */
static bool place_read(struct slice place, size_t *column, uint64_t *row)
{
    size_t at = 0, number = 0;
    for (; at < place.len && place.at[at] >= 'A' && place.at[at] <= 'Z' && at < 4; at++)
        number = number * 26 + (size_t)(place.at[at] - 'A') + 1;
    *column = number - 1;
    return number > 0 && number <= XLSX_COLUMNS_MAX && slice_to_u64(slice_from(place, at), row);
}

static bool row_start(struct sheet *sheet, const struct xml_attribute *attributes, size_t count,
                      struct error *err)
{
    uint64_t row = sheet->row + 1;
    struct slice number = xml_value(attributes, count, "r");
    if (number.len > 0 && (!slice_to_u64(number, &row) || row <= sheet->row))
        return error_set(err, ERROR_INVALID, NULL, "the rows of the sheet are out of order");
    sheet->row = row;
    sheet->count = sheet->column = 0;
    strbuf_clear(&sheet->inline_texts);
    memset(sheet->cells, 0, XLSX_COLUMNS_MAX * sizeof *sheet->cells);
    memset(sheet->offsets, 0, XLSX_COLUMNS_MAX * sizeof *sheet->offsets);
    return true;
}

static bool cell_start(struct sheet *sheet, const struct xml_attribute *attributes, size_t count,
                       struct error *err)
{
    struct slice place = xml_value(attributes, count, "r");
    struct slice type = xml_value(attributes, count, "t");
    uint64_t row = sheet->row, style = 0;
    bool ok = place.len == 0 || (place_read(place, &sheet->column, &row) && row == sheet->row);
    if (!ok || sheet->row == 0 || sheet->column >= XLSX_COLUMNS_MAX)
        return error_set(err, ERROR_INVALID, NULL, "a cell out of place, or beyond column %d",
                         XLSX_COLUMNS_MAX);
    (void)snprintf(sheet->type, sizeof sheet->type, "%.*s", SLICE_ARG(type));
    sheet->format =
        slice_to_u64(xml_value(attributes, count, "s"), &style) && style < sheet->styles->count
            ? sheet->styles->formats[style]
            : FORMAT_PLAIN;
    sheet->has_formula = false;
    strbuf_clear(&sheet->value);
    return true;
}

static bool sheet_start(void *context, struct slice element, const struct xml_attribute *attributes,
                        size_t count, struct error *err)
{
    struct sheet *sheet = context;
    if (slice_is(element, "row"))
        return row_start(sheet, attributes, count, err);
    if (slice_is(element, "c"))
        return cell_start(sheet, attributes, count, err);
    sheet->is_phonetic = sheet->is_phonetic || slice_is(element, "rPh");
    sheet->has_formula = sheet->has_formula || slice_is(element, "f");
    sheet->is_taken = !sheet->is_phonetic && (slice_is(element, "v") || slice_is(element, "t"));
    return true;
}

static void sheet_text(void *context, struct slice text)
{
    struct sheet *sheet = context;
    if (sheet->is_taken)
        strbuf_add(&sheet->value, text);
}

static void fault(struct xlsx_cell *cell, const char *why)
{
    *cell = (struct xlsx_cell){ .kind = XLSX_FAULT, .text = slice_of(why) };
}

/* A number that the format shows as a day. Days before 1900-03-01 are one off in the epoch of 1900,
 * which knows a 29 February that never was. */
static void day_make(const struct sheet *sheet, double serial, struct xlsx_cell *cell)
{
    if (!(serial >= 0 && serial < 2958466.0)) { /* to the end of the year 9999 */
        fault(cell, "a day that no calendar has");
        return;
    }
    int64_t days = (int64_t)serial;
    int64_t millis = (int64_t)((serial - (double)days) * 86400000.0 + 0.5);
    if (!sheet->styles->is_1904 && days == 60) {
        fault(cell, "29 February 1900, which never was");
        return;
    }
    days -= sheet->styles->is_1904 ? 24107 : days < 60 ? 25568 : 25569;
    if (sheet->format == FORMAT_DAY && millis == 0)
        *cell = (struct xlsx_cell){ .kind = XLSX_DAY, .number = days };
    else
        *cell =
            (struct xlsx_cell){ .kind = XLSX_TIME, .number = days * US_PER_DAY + millis * 1000 };
}

static void number_make(struct sheet *sheet, struct xlsx_cell *cell)
{
    char *end = NULL;
    double number = strtod(sheet->value.at, &end);
    if (end == sheet->value.at || *end != '\0' || !isfinite(number)) {
        fault(cell, "a number that is none");
    } else if (sheet->format != FORMAT_PLAIN) {
        day_make(sheet, number, cell);
    } else {
        json_number(number, sheet->numbers[sheet->column]);
        *cell = (struct xlsx_cell){ .kind = XLSX_NUMBER,
                                    .text = slice_of(sheet->numbers[sheet->column]) };
    }
}

static bool text_make(struct sheet *sheet, struct xlsx_cell *cell, struct error *err)
{
    cell->kind = XLSX_TEXT;
    sheet->offsets[sheet->column] = sheet->inline_texts.len + 1;
    cell->text.len = sheet->value.len;
    strbuf_add(&sheet->inline_texts, strbuf_slice(&sheet->value));
    return strbuf_ok(&sheet->inline_texts, err);
}

static bool cell_make(struct sheet *sheet, struct xlsx_cell *cell, struct error *err)
{
    uint64_t index;
    struct slice value = strbuf_slice(&sheet->value), type = slice_of(sheet->type);
    if (value.len == 0 && sheet->has_formula && !slice_is(type, "str"))
        fault(cell, "a formula without its result: open and save the workbook");
    else if (value.len == 0)
        *cell = (struct xlsx_cell){ 0 };
    else if (slice_is(type, "s") && slice_to_u64(value, &index) && index < sheet->texts->count)
        *cell = (struct xlsx_cell){ .kind = sheet->texts->items[index].len ? XLSX_TEXT : XLSX_EMPTY,
                                    .text = sheet->texts->items[index] };
    else if (slice_is(type, "s"))
        fault(cell, "a text that the workbook does not hold");
    else if (slice_is(type, "str") || slice_is(type, "inlineStr") || slice_is(type, "d"))
        return text_make(sheet, cell, err);
    else if (slice_is(type, "b"))
        *cell = (struct xlsx_cell){ .kind = XLSX_TRUTH, .number = slice_is(value, "1") };
    else if (slice_is(type, "e"))
        fault(cell, "an error in place of a value, such as #N/A");
    else
        number_make(sheet, cell);
    return true;
}

static bool sheet_end(void *context, struct slice element, struct error *err)
{
    struct sheet *sheet = context;
    if (slice_is(element, "v") || slice_is(element, "t"))
        sheet->is_taken = false;
    if (slice_is(element, "rPh"))
        sheet->is_phonetic = false;
    if (slice_is(element, "c")) {
        if (sheet->row == 0 || !strbuf_ok(&sheet->value, err) ||
            !cell_make(sheet, &sheet->cells[sheet->column], err))
            return false;
        if (sheet->cells[sheet->column].kind != XLSX_EMPTY && sheet->count <= sheet->column)
            sheet->count = sheet->column + 1;
        sheet->column++;
    }
    if (!slice_is(element, "row") || sheet->count == 0)
        return true;
    for (size_t i = 0; i < sheet->count; i++)
        if (sheet->offsets[i])
            sheet->cells[i].text.at = sheet->inline_texts.at + sheet->offsets[i] - 1;
    return sheet->row_fn(sheet->context, sheet->row, sheet->cells, sheet->count, err);
}

bool xlsx_sheet_read(struct slice xml, const struct xlsx_styles *styles,
                     const struct xlsx_texts *texts, xlsx_row_fn *row, void *context,
                     struct error *err)
{
    static const struct xml_handler handler = { sheet_start, sheet_end, sheet_text };
    struct sheet sheet = { .styles = styles, .texts = texts, .row_fn = row, .context = context };
    sheet.cells = calloc(XLSX_COLUMNS_MAX, sizeof *sheet.cells);
    sheet.numbers = calloc(XLSX_COLUMNS_MAX, sizeof *sheet.numbers);
    sheet.offsets = calloc(XLSX_COLUMNS_MAX, sizeof *sheet.offsets);
    sheet.inline_texts = strbuf_new(64 << 20);
    sheet.value = strbuf_new(TEXT_BYTES_MAX);
    bool ok = sheet.cells && sheet.numbers && sheet.offsets
                  ? xml_walk(xml, &handler, &sheet, err)
                  : error_no_memory(err, XLSX_COLUMNS_MAX * sizeof *sheet.cells);
    strbuf_free(&sheet.inline_texts);
    strbuf_free(&sheet.value);
    free(sheet.cells);
    free(sheet.numbers);
    free(sheet.offsets);
    return ok;
}
