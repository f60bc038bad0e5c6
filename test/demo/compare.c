/* Holds what the demo found against what its generator planted.
 *
 *     compare runs RUNS.json                    prints "TEST RUN" for each test
 *     compare truth TRUTH.json RUNS.json ITEMS  ITEMS/TEST.json: the deviating items of each test
 *
 * Exit status 0 if all is as planted and nothing else is there, 1 if not, 2 if it cannot tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

enum { FILE_BYTES_MAX = 64 << 20, PATH_MAX_BYTES = 4096 };

static struct arena *arena;
static struct error err;
static int differences;

static void stop(void)
{
    fprintf(stderr, "compare: %s: %s\n", err.where, err.message);
    exit(2);
}

static const struct value *read_json(const char *path)
{
    struct slice text;
    const struct value *value = file_read(arena, path, FILE_BYTES_MAX, &text, &err)
                                    ? json_parse(arena, text, path, NULL, &err)
                                    : NULL;
    if (!value)
        stop();
    return value;
}

static void differ(struct slice test, const char *what)
{
    printf("%.*s: %s\n", SLICE_ARG(test), what);
    differences++;
}

/* "GOV-01.T1" of "test/GOV-01.T1" */
static struct slice test_id(const struct value *run)
{
    return slice_from(value_text_of(run, "test"), strlen("test/"));
}

static void print_runs(const struct value *runs)
{
    const struct value *tests = value_member(runs, "tests");
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *run = value_item(tests, i);
        printf("%.*s %.*s\n", SLICE_ARG(test_id(run)), SLICE_ARG(value_text_of(run, "run")));
    }
}

static int64_t number(const struct value *value)
{
    int64_t number;
    return value && value_to_i64(value, &number) ? number : -1;
}

/* The key's parts joined as the truth has them: ep-04/2026-04-29T03:00:00.000000Z */
static bool is_key(const struct value *key, struct slice joined)
{
    char text[512] = "";
    size_t len = 0;
    for (size_t i = 0; i < value_count(key); i++) {
        struct slice part = value_text(value_item(key, i));
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s", i ? "/" : "",
                                SLICE_ARG(part));
        if (len >= sizeof text)
            return false;
    }
    return slice_is(joined, text);
}

/* The attributes of a row that do not hold, as "AB". The first member is the key. */
static bool are_attributes(const struct value *row, struct slice planted)
{
    char text[80] = "";
    size_t len = 0;
    for (size_t i = 0; i < value_count(row); i++) {
        struct slice name = row->members[i].name;
        if (slice_is(name, "key") || slice_is(value_text(row->members[i].value), "holds"))
            continue;
        len += (size_t)snprintf(text + len, sizeof text - len, "%.*s", SLICE_ARG(name));
        if (len >= sizeof text)
            return false;
    }
    return slice_is(planted, text);
}

static void compare_items(struct slice test, const struct value *planted, const char *folder)
{
    char path[PATH_MAX_BYTES];
    const struct value *list = value_member(planted, "deviations");
    (void)snprintf(path, sizeof path, "%s/%.*s.json", folder, SLICE_ARG(test));
    const struct value *rows = read_json(path);
    if (value_count(rows) != value_count(list))
        differ(test, "not as many deviating items as planted");
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *found = NULL, *wanted = value_item(list, i);
        for (size_t j = 0; j < value_count(rows); j++)
            if (is_key(value_member(value_item(rows, j), "key"), value_text_of(wanted, "key")))
                found = value_item(rows, j);
        if (!found)
            differ(test, "an item that was planted is not there");
        else if (!are_attributes(found, value_text_of(wanted, "attributes")))
            differ(test, "an item deviates in other attributes than planted");
    }
}

static void compare_truth(const struct value *truth, const struct value *runs, const char *folder)
{
    const struct value *planted = value_member(truth, "tests"),
                       *tests = value_member(runs, "tests");
    if (value_count(planted) != value_count(tests))
        differ(SLICE("all"), "not as many tests as the truth has");
    for (size_t i = 0; i < value_count(planted); i++) {
        struct slice test = planted->members[i].name;
        const struct value *wanted = planted->members[i].value, *found = NULL;
        for (size_t j = 0; j < value_count(tests); j++)
            if (slice_equal(test_id(value_item(tests, j)), test))
                found = value_item(tests, j);
        if (!found) {
            differ(test, "was not run");
            continue;
        }
        if (number(value_path(found, "population.items")) != number(value_member(wanted, "items")))
            differ(test, "has not as many items as were made");
        if (number(value_member(found, "deviations")) !=
            (int64_t)value_count(value_member(wanted, "deviations")))
            differ(test, "counts not as many deviations as planted");
        compare_items(test, wanted, folder);
    }
}

int main(int argc, char **argv)
{
    arena = arena_new((size_t)1 << 30, &err);
    if (!arena)
        stop();
    if (argc == 3 && strcmp(argv[1], "runs") == 0) {
        print_runs(read_json(argv[2]));
    } else if (argc == 5 && strcmp(argv[1], "truth") == 0) {
        compare_truth(read_json(argv[2]), read_json(argv[3]), argv[4]);
    } else {
        fprintf(stderr, "usage: compare runs RUNS, or compare truth TRUTH RUNS ITEMS\n");
        arena_free(arena);
        return 2;
    }
    arena_free(arena);
    return differences > 0;
}
