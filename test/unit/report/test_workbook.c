/* Workbooks: what no sheet can hold is refused, and then there is no file. What a sheet holds is
 * read back by other means in test/cli/coverage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "report/workbook.h"

static const char *const heads[] = { "name" };

struct given {
    size_t bytes;
    char letter;
};

static bool cell(const void *context, size_t row, size_t column, struct strbuf *text,
                 struct error *err)
{
    const struct given *given = context;
    (void)row;
    (void)column;
    for (size_t i = 0; i < given->bytes; i++)
        strbuf_add_char(text, given->letter);
    return strbuf_ok(text, err);
}

/* True if the file is there afterwards. */
static bool written(const struct given *given, size_t rows, size_t columns, struct error *err)
{
    char folder[] = "/tmp/attest-test-XXXXXX", path[64];
    const struct workbook_table table = {
        .heads = heads, .columns = columns, .rows = rows, .cell = cell, .context = given
    };
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.xlsx", folder);
    *err = (struct error){ 0 };
    bool ok = workbook_write(path, folder, &table, err);
    bool is_there = file_exists(path);
    assert_int_equal(ok, is_there);
    assert_int_equal(ok, err->code == ERROR_NONE);
    if (is_there)
        assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else is left in it */
    return is_there;
}

static void the_longest_text_is_written_and_a_longer_one_refused(void **state)
{
    struct error err;
    (void)state;
    assert_true(written(&(struct given){ 32767, 'a' }, 1, 1, &err));
    assert_false(written(&(struct given){ 32768, 'a' }, 1, 1, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    assert_string_equal(err.message, "row 1, name: no cell of a workbook holds this text");
}

static void a_list_without_rows_is_a_workbook(void **state)
{
    struct error err;
    (void)state;
    assert_true(written(&(struct given){ 0 }, 0, 1, &err));
    assert_true(written(&(struct given){ 0 }, 3, 1, &err)); /* empty cells */
}

static void control_characters_are_escaped_and_a_nul_is_refused(void **state)
{
    struct error err;
    (void)state;
    assert_true(written(&(struct given){ 3, '\x01' }, 2, 1, &err));
    assert_false(written(&(struct given){ 1, '\0' }, 1, 1, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

static void more_rows_than_a_sheet_has_are_refused(void **state)
{
    struct error err;
    (void)state;
    assert_false(written(&(struct given){ 1, 'a' }, 1048576, 1, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_text_is_written_and_a_longer_one_refused),
        cmocka_unit_test(a_list_without_rows_is_a_workbook),
        cmocka_unit_test(control_characters_are_escaped_and_a_nul_is_refused),
        cmocka_unit_test(more_rows_than_a_sheet_has_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
