/* write_bundles REPORT.zip EVIDENCE.zip: the vectors' report at both levels, for tests of the
 * program. */
#include "verify/bundle_world.h"

static const char *paths[2];

static void write_bundles(void **state)
{
    static const enum contents_level levels[] = { CONTENTS_REPORT, CONTENTS_EVIDENCE };
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        struct bundle_world *b = bundle_world_new(*state, 38);
        struct zip_make zip;
        b->report = 33;
        b->level = levels[i];
        world_sign(b);
        world_bundle(b);
        world_zip(b, &zip);
        FILE *file = fopen(paths[i], "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(zip.out.at, 1, zip.out.len, file), zip.out.len);
        assert_int_equal(fclose(file), 0);
        zip_make_free(&zip);
    }
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = { WORLD_TEST(write_bundles) };
    if (count != 3)
        return 2;
    paths[0] = words[1];
    paths[1] = words[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
