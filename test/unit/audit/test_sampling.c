/* Sample sizes and limits against published values (their source stands in the file). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "audit/sampling.h"
#include "base/file.h"
#include "base/yaml.h"

struct world {
    struct arena *arena;
    const struct value *document;
    struct error err;
};

static int world_start(void **state)
{
    static struct world world;
    struct slice text;
    struct yaml_documents documents;
    struct findings findings = { 0 };
    memset(&world, 0, sizeof world);
    world.arena = arena_new(64 << 20, &world.err);
    if (!world.arena ||
        !file_read(world.arena, "test/vectors/sampling-check-values.yaml", 1 << 20, &text,
                   &world.err) ||
        !yaml_parse(world.arena, text, "sampling", &yaml_limits_default, &documents, &findings,
                    &world.err) ||
        documents.count != 1)
        return -1;
    world.document = documents.items[0];
    *state = &world;
    return 0;
}

static int world_end(void **state)
{
    arena_free(((struct world *)*state)->arena);
    return 0;
}

/* "0.05" of the file is 5 per cent of the command line. */
static struct share share_of_risk(struct slice text)
{
    assert_true(slice_is(text, "0.05") || slice_is(text, "0.1"));
    return (struct share){ slice_is(text, "0.05") ? 5 : 10, 100 };
}

static struct share per_cent(struct world *world, const struct value *row, const char *name)
{
    struct share share;
    const struct value *member = value_member(row, name);
    assert_non_null(member);
    assert_true(share_parse(member->text, name, &share, &world->err));
    return share;
}

static uint64_t number_of(const struct value *row, const char *name)
{
    uint64_t number;
    const struct value *member = value_member(row, name);
    assert_non_null(member);
    assert_true(slice_to_u64(member->text, &number));
    return number;
}

static void every_published_size_and_limit_comes_out(void **state)
{
    struct world *world = *state;
    const struct value *rows = value_member(world->document, "values");
    size_t sizes = 0, limits = 0;
    for (size_t i = 0; i < value_count(rows); i++) {
        const struct value *row = value_item(rows, i);
        struct share risk = share_of_risk(value_member(row, "risk")->text);
        if (value_member(row, "tolerable_pct")) {
            struct sample_size size;
            struct sample_size_query query = { .risk = risk,
                                               .tolerable = per_cent(world, row, "tolerable_pct"),
                                               .expected = per_cent(world, row, "expected_pct") };
            assert_true(sample_size(&query, &size, &world->err));
            /* One printed value is wrong in print; the file gives the exact one beside it. */
            assert_int_equal(size.size, number_of(row, value_member(row, "exact") ? "exact" : "n"));
            sizes++;
        } else {
            char text[32];
            struct sample_limit limit;
            struct sample_limit_query query = { .risk = risk,
                                                .size = number_of(row, "n"),
                                                .deviations = number_of(row, "deviations") };
            assert_true(sample_limit(&query, &limit, &world->err));
            snprintf(text, sizeof text, "%u.%u", (unsigned)limit.tenths / 10,
                     (unsigned)limit.tenths % 10);
            assert_true(slice_is(value_member(row, "upper_limit_pct")->text, text));
            limits++;
        }
    }
    assert_true(sizes > 20 && limits > 20);
}

static void finite_populations_give_whole_numbers_of_items(void **state)
{
    struct world *world = *state;
    const struct value *rows = value_path(world->document, "hypergeometric_upper_counts.rows");
    assert_true(value_count(rows) > 3);
    for (size_t i = 0; i < value_count(rows); i++) {
        const struct value *row = value_item(rows, i);
        struct sample_limit limit;
        struct sample_limit_query query = { .risk = { 5, 100 },
                                            .size = number_of(row, "n"),
                                            .deviations = number_of(row, "k"),
                                            .population = number_of(row, "N") };
        assert_true(sample_limit(&query, &limit, &world->err));
        assert_int_equal(limit.items, number_of(row, "risk05"));
        query.risk = (struct share){ 10, 100 };
        assert_true(sample_limit(&query, &limit, &world->err));
        assert_int_equal(limit.items, number_of(row, "risk10"));
    }
}

static void sizes_for_finite_populations_are_those_of_the_file(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *path;
        uint64_t per_cent;
    } sets[] = { { "hypergeometric_zero_deviation_sizes.tol05_risk05", 5 },
                 { "hypergeometric_zero_deviation_sizes.tol10_risk10", 10 } };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        const struct value *set = value_path(world->document, sets[i].path);
        assert_true(value_count(set) > 3);
        for (size_t j = 0; j < value_count(set); j++) {
            struct sample_size size;
            struct share share = { sets[i].per_cent, 100 };
            struct sample_size_query query = { .risk = share,
                                               .tolerable = share,
                                               .expected = { 0, 100 },
                                               .method = SAMPLING_HYPERGEOMETRIC };
            uint64_t wanted;
            assert_true(slice_to_u64(set->members[j].name, &query.population));
            assert_true(slice_to_u64(set->members[j].value->text, &wanted));
            assert_true(sample_size(&query, &size, &world->err));
            assert_int_equal(size.size, wanted);
        }
    }
}

static void a_rate_that_floats_round_wrongly_is_counted_exactly(void **state)
{
    struct world *world = *state;
    struct sample_size size;
    struct sample_size_query query = { .risk = { 10, 100 },
                                       .tolerable = { 5, 100 },
                                       .expected = { 35, 1000 } };
    assert_true(sample_size(&query, &size, &world->err));
    assert_int_equal(size.size, 400);
    assert_int_equal(size.allowed, 14);
}

static void questions_without_an_answer_are_refused(void **state)
{
    struct world *world = *state;
    struct sample_size size;
    struct sample_limit limit;
    struct share share;
    struct sample_size_query no_room = { .risk = { 5, 100 },
                                         .tolerable = { 2, 100 },
                                         .expected = { 2, 100 } };
    struct sample_limit_query empty = { .risk = { 5, 100 } };
    assert_false(sample_size(&no_room, &size, &world->err));
    assert_int_equal(world->err.code, ERROR_USAGE);
    assert_false(sample_limit(&empty, &limit, &world->err));
    assert_int_equal(world->err.code, ERROR_USAGE);
    static const char *const bad[] = { "", "x", "-1", "101", "1e1", "1.", ".5", "1.2345678", "05" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(share_parse(slice_of(bad[i]), "--risk", &share, &world->err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_size_and_limit_comes_out),
        cmocka_unit_test(finite_populations_give_whole_numbers_of_items),
        cmocka_unit_test(sizes_for_finite_populations_are_those_of_the_file),
        cmocka_unit_test(a_rate_that_floats_round_wrongly_is_counted_exactly),
        cmocka_unit_test(questions_without_an_answer_are_refused),
    };
    return cmocka_run_group_tests(tests, world_start, world_end);
}
