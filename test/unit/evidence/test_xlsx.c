/* Workbooks as evidence, written by libxlsxwriter. */
#include "evidence/evidence_world.h"

#include <string.h>
#include <xlsxwriter.h>

#define TYPE_PEOPLE                                                                                \
    "kind: PopulationType\nid: p\nkey: [id]\ntime: seen\ncolumns:\n"                               \
    "  id: {type: text, required: true}\n  name: {type: text}\n  since: {type: date}\n"            \
    "  seen: {type: timestamp}\n  score: {type: 'decimal(18,6)'}\n  active: {type: boolean}\n"

static void source(struct world *w, const char *more)
{
    char yaml[512];
    world_type(w, TYPE_PEOPLE);
    (void)snprintf(yaml, sizeof yaml,
                   "kind: Source\nid: s\npopulation: p\nreader: xlsx\ntimezone: Europe/Berlin\n%s",
                   more);
    world_source(w, yaml);
}

/* A sheet of people; formula: one more row, whose name is a formula with that result. */
static const char *workbook(struct world *w, const char *second, const char *formula)
{
    const char *path = world_path(w, "x.xlsx");
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "A & B");
    lxw_format *day = workbook_add_format(book), *time = workbook_add_format(book);
    lxw_datetime leap = { 2024, 2, 29, 0, 0, 0 }, noon = { 2026, 3, 1, 12, 29, 59.25 };
    static const char *const names[] = { "id", "name", "since", "seen", "score", "active" };
    format_set_num_format(day, "dd/mm/yyyy");
    format_set_num_format(time, "yyyy-mm-dd hh:mm:ss");
    for (lxw_col_t i = 0; i < 6; i++)
        worksheet_write_string(sheet, 2, i, names[i], NULL);
    worksheet_write_number(sheet, 3, 0, 1042, NULL);
    worksheet_write_string(sheet, 3, 1, "Ana <\"x\"> & B\xC3\xA9", NULL);
    worksheet_write_datetime(sheet, 3, 2, &leap, day);
    worksheet_write_datetime(sheet, 3, 3, &noon, time);
    worksheet_write_number(sheet, 3, 4, 1.1, NULL);
    worksheet_write_boolean(sheet, 3, 5, 1, NULL);
    worksheet_write_number(sheet, 5, 0, 7, NULL);
    if (formula)
        worksheet_write_formula_str(sheet, 5, 1, "=A1", NULL, formula);
    if (second)
        workbook_add_worksheet(book, second);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    return path;
}

static void cells_keep_their_types(void **state)
{
    struct world *w = *state;
    source(w, "");
    assert_true(world_read(w, workbook(w, NULL, "made")));
    assert_string_equal(world_rows(w), "[\"1042\",\"Ana <\\\"x\\\"> & B\xC3\xA9\",\"2024-02-29\","
                                       "\"2026-03-01T11:29:59.250000Z\",\"1.100000\",\"true\"]\n"
                                       "[\"7\",\"made\",null,null,null,null]\n");
}

static void a_sheet_is_named_where_there_are_several(void **state)
{
    struct world *w = *state;
    source(w, "");
    assert_false(world_read(w, workbook(w, "Two", NULL)));
    assert_non_null(strstr(w->err.message, "2 sheets"));
    assert_non_null(strstr(w->err.hint, "\"A & B\", \"Two\""));
    source(w, "sheet: A & B\n");
    assert_true(world_read(w, workbook(w, "Two", NULL)));
    assert_int_equal(w->content.counts.rows, 2);
    source(w, "sheet: A\n");
    assert_false(world_read(w, workbook(w, "Two", NULL)));
    assert_non_null(strstr(w->err.message, "no sheet \"A\""));
}

static void faults_name_the_row(void **state)
{
    struct world *w = *state;
    world_type(w, TYPE_PEOPLE);
    world_source(w, "kind: Source\nid: s\npopulation: p\nreader: xlsx\n"
                    "fields: {id: id, score: name}\n");
    assert_false(world_read(w, workbook(w, NULL, NULL)));
    assert_non_null(strstr(w->err.where, "x.xlsx:4: score"));
    world_source(w, "kind: Source\nid: s\npopulation: p\nreader: xlsx\nfields: {id: nr}\n");
    assert_false(world_read(w, workbook(w, NULL, NULL)));
    assert_non_null(strstr(w->err.where, "x.xlsx:3: nr"));
    world_refuses(w, "x.xlsx", "PK\x03\x04 no", "x.xlsx", "no workbook");
    world_refuses(w, "x.xlsx", "id,name\n1,2\n", "x.xlsx", "no workbook");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(cells_keep_their_types),
        WORLD_TEST(a_sheet_is_named_where_there_are_several),
        WORLD_TEST(faults_name_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
