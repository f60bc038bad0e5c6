/* Workbooks: what no cell can hold is refused, and then there is no file; what no sheet can hold
 * goes on in another. What cells hold is read back by other means in test/cli/workbooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "report/workbook.h"

static const char *const heads[] = { "name" };
static char folder[] = "/tmp/attest-test-XXXXXX", path[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/attest-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.xlsx", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); /* nothing else is left in it */
}

/* True if the file is there afterwards. */
static bool written(struct slice text, size_t rows, struct error *err)
{
    const struct book_options options = { .path = path, .temp_folder = folder };
    *err = (struct error){ 0 };
    struct book *book = book_new(&options, err);
    assert_non_null(book);
    bool ok = book_sheet(book, "list", heads, 1, err);
    for (size_t i = 0; ok && i < rows; i++)
        ok = book_put(book, BOOK_TEXT, text, err) && book_end_row(book, err);
    assert_false(file_exists(path));
    ok = ok && book_finish(book, err);
    book_free(book);
    assert_int_equal(ok, file_exists(path));
    assert_int_equal(ok, err->code == ERROR_NONE);
    return ok;
}

static void the_longest_text_is_written_and_a_longer_one_refused(void **state)
{
    static char text[32769];
    struct error err;
    (void)state;
    memset(text, 'a', sizeof text - 1);
    assert_true(written(slice_bytes(text, 32767), 1, &err));
    (void)unlink(path);
    assert_false(written(slice_bytes(text, 32768), 1, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    assert_string_equal(err.message, "row 1, name: no cell of a workbook holds this text");
}

static void a_list_without_rows_is_a_workbook(void **state)
{
    struct error err;
    (void)state;
    assert_true(written(SLICE(""), 0, &err));
}

static void empty_cells_are_a_workbook(void **state)
{
    struct error err;
    (void)state;
    assert_true(written(SLICE(""), 3, &err));
}

static void control_characters_are_escaped_and_a_nul_is_refused(void **state)
{
    struct error err;
    (void)state;
    assert_true(written(SLICE("\x01\x01\x01"), 2, &err));
    (void)unlink(path);
    assert_false(written(SLICE("\0"), 1, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

static void more_rows_than_a_sheet_has_go_on_in_another(void **state)
{
    struct error err;
    char command[256], line[64] = "";
    (void)state;
    assert_true(written(SLICE("7"), 1048577, &err));
    /* 1,048,576 rows with the heads in the first; heads and two rows in the second. */
    snprintf(command, sizeof command,
             "python3 -c 'import zipfile; z = zipfile.ZipFile(\"%s\"); print(*(z.read("
             "f\"xl/worksheets/sheet{i}.xml\").count(b\"<row \") for i in (1, 2)))'",
             path);
    FILE *told = popen(command, "r");
    assert_non_null(told);
    assert_non_null(fgets(line, sizeof line, told));
    assert_int_equal(pclose(told), 0);
    assert_string_equal(line, "1048576 3\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(the_longest_text_is_written_and_a_longer_one_refused),
        TEST(a_list_without_rows_is_a_workbook),
        TEST(empty_cells_are_a_workbook),
        TEST(control_characters_are_escaped_and_a_nul_is_refused),
        TEST(more_rows_than_a_sheet_has_go_on_in_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
