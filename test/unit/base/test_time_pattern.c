/* Dates by a pattern: what is written becomes ISO 8601, or is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time_pattern.h"

static void texts_are_rewritten(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "DD/MM/YYYY", "03/01/2024", "2024-01-03" },
        { "MM/DD/YYYY", "03/01/2024", "2024-03-01" },
        { "D.M.YYYY", "3.11.2024", "2024-11-03" },
        { "D MMMM YYYY", "1 March 2024", "2024-03-01" },
        { "D MMMM YYYY", "1 may 2024", "2024-05-01" },
        { "MMM D YYYY", "Jun 1 2018", "2018-06-01" },
        { "MMM D, YYYY", "SEP 30, 2018", "2018-09-30" },
        { "YYYYMMDD", "20240229", "2024-02-29" },
        { "MM/DD/YYYY h:mm A", "1/2/2024 3:04 PM", NULL },
        { "M/D/YYYY h:mm A", "1/2/2024 3:04 PM", "2024-01-02T15:04:00" },
        { "M/D/YYYY hh:mm:ss A", "1/2/2024 12:00:07 AM", "2024-01-02T00:00:07" },
        { "DD.MM.YYYY HH:mm:ss.SSS", "03.01.2024 10:11:12.25", "2024-01-03T10:11:12.25" },
        { "YYYY-MM-DD HH:mm Z", "2024-01-03 10:11 +0130", "2024-01-03T10:11:00+01:30" },
        { "YYYY-MM-DDTHH:mmZ", "2024-01-03T10:11-02:00", "2024-01-03T10:11:00-02:00" },
        { "DD/MM/YYYY", "3/1/2024", NULL },
        { "DD/MM/YYYY", "03/01/24", NULL },
        { "DD/MM/YYYY", "03/01/2024 ", NULL },
        { "DD/MM/YYYY", "", NULL },
        { "D MMMM YYYY", "1 Mar 2024", NULL },
        { "D MMM YYYY", "1 March 2024", NULL },
        { "M/D/YYYY h:mm A", "1/2/2024 13:04 PM", NULL },
        { "M/D/YYYY h:mm A", "1/2/2024 0:04 PM", NULL },
        { "YYYY-MM-DD HH:mm Z", "2024-01-03 10:11 +1", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char iso[TIME_ISO_BYTES];
        struct error err = { 0 };
        struct slice pattern = slice_of(cases[i][0]);
        assert_true(time_pattern_check(pattern, &err));
        bool ok = time_pattern_rewrite(slice_of(cases[i][1]), pattern, iso, &err);
        if (ok != (cases[i][2] != NULL))
            fail_msg("%s by %s: %s", cases[i][1], cases[i][0], ok ? iso : err.message);
        if (ok)
            assert_string_equal(iso, cases[i][2]);
    }
}

static void patterns_that_name_no_day_are_refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "",
        "DD/MM",
        "YYYY",
        "MM/MM/YYYY DD",
        "DD/MM/YY",
        "DD MMM MM YYYY",
        "DD/MM/YYYY HH",
        "DD/MM/YYYY h:mm",
        "DD/MM/YYYY HH:mm A",
        "DD/MM/YYYY HH:mm.SSS",
        "DD/MM/YYYY mm:ss",
        "DD/MM/YYYY                                                            .",
    };
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct error err = { 0 };
        if (time_pattern_check(slice_of(patterns[i]), &err))
            fail_msg("%s is taken", patterns[i]);
        assert_int_equal(err.code, ERROR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_rewritten),
        cmocka_unit_test(patterns_that_name_no_day_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
