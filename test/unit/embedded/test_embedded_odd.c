/* test/unit/embedded/test_embedded_odd.c
 * Files that a careless writer of C literals would get wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/embedded.h"

static void files_are_sorted_by_path(void **state)
{
    (void)state;
    assert_int_equal(embedded_files_count, 2);
    assert_string_equal(embedded_files[0].path, "a/none");
    assert_string_equal(embedded_files[1].path, "z/every-byte");
}

static void an_empty_file_has_no_bytes_and_an_end(void **state)
{
    (void)state;
    assert_int_equal(embedded_files[0].size, 0);
    assert_int_equal(embedded_files[0].bytes[0], 0);
}

static void each_byte_survives_before_each_other(void **state)
{
    (void)state;
    const unsigned char *bytes = embedded_files[1].bytes;
    assert_int_equal(embedded_files[1].size, 256 * 256 * 2);
    for (size_t i = 0; i < 256 * 256; i++) {
        assert_int_equal(bytes[2 * i], i / 256);
        assert_int_equal(bytes[2 * i + 1], i % 256);
    }
    assert_int_equal(bytes[embedded_files[1].size], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_sorted_by_path),
        cmocka_unit_test(an_empty_file_has_no_bytes_and_an_end),
        cmocka_unit_test(each_byte_survives_before_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
