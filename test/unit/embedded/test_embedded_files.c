/* test/unit/embedded/test_embedded_files.c
 * What travels in the program is what lies in the project's folders. Runs in the project's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/embedded.h"

/* Where a path of the table lies, if it is not where it says. */
static const struct {
    const char *prefix;
    const char *folder;
} moved[] = { { "report/", "src/report/assets/" }, { "migrations/", "src/store/migrations/" } };

static FILE *open_original(const struct embedded_file *file)
{
    char path[512];
    const char *folder = "";
    const char *rest = file->path;
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        if (strncmp(file->path, moved[i].prefix, strlen(moved[i].prefix)) == 0) {
            folder = moved[i].folder;
            rest = file->path + strlen(moved[i].prefix);
        }
    }
    int length = snprintf(path, sizeof(path), "%s%s", folder, rest);
    assert_true(length > 0 && (size_t)length < sizeof(path));
    return fopen(path, "rb");
}

static void every_file_has_the_bytes_of_its_original(void **state)
{
    (void)state;
    for (size_t i = 0; i < embedded_files_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        FILE *original = open_original(file);
        if (!original)
            fail_msg("%s is not in the project", file->path);
        for (size_t at = 0; at < file->size; at++)
            assert_int_equal(getc(original), file->bytes[at]);
        assert_int_equal(getc(original), EOF);
        assert_int_equal(file->bytes[file->size], 0);
        assert_int_equal(fclose(original), 0);
    }
}

static void paths_are_unique_and_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; i < embedded_files_count; i++)
        assert_true(strcmp(embedded_files[i - 1].path, embedded_files[i].path) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_has_the_bytes_of_its_original),
        cmocka_unit_test(paths_are_unique_and_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
