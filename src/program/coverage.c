#include "program/coverage.h"

#include "base/json.h"

/* A control or a test with the document that says what it serves. */
struct mapped {
    struct slice name;
    const struct value *document;
};
struct mapping {
    struct mapped *items;
    size_t count;
};

static bool mapping_read(struct store *store, struct arena *arena, struct slice kind, uint64_t size,
                         struct mapping *mapping, struct error *err)
{
    struct resource_list list;
    if (!resource_list(store, arena, kind, size, &list, err))
        return false;
    mapping->items = arena_array(arena, list.count + 1, sizeof *mapping->items, err);
    mapping->count = mapping->items ? list.count : 0;
    for (size_t i = 0; i < mapping->count; i++) {
        mapping->items[i].name = list.items[i].name;
        mapping->items[i].document =
            json_parse(arena, list.items[i].document, "store", &json_limits_default, err);
        if (!mapping->items[i].document)
            return false;
    }
    return mapping->items != NULL;
}

/* A control or a test. */
static bool names_criterion(const struct value *document, struct slice criterion)
{
    const struct value *criteria = value_member(document, "criteria");
    for (size_t i = 0; i < value_count(criteria); i++)
        if (slice_equal(value_text(criteria->items[i]), criterion))
            return true;
    return false;
}

/* Whether a test says itself which criteria of an edition it bears on. */
static bool has_own_of(const struct value *test, struct slice edition)
{
    const struct value *criteria = value_member(test, "criteria");
    struct slice catalog, id;
    for (size_t i = 0; i < value_count(criteria); i++)
        if (slice_split(value_text(criteria->items[i]), '/', &catalog, &id) &&
            slice_equal(catalog, edition))
            return true;
    return false;
}

/* A test bears on the criteria that it names, and if it names none of an edition, on those that its
 * control serves. */
static bool bears_on(const struct value *test, const struct mapped *control,
                     const struct criterion *criterion)
{
    return has_own_of(test, criterion->edition)
               ? names_criterion(test, criterion->name)
               : names_criterion(control->document, criterion->name);
}

/* A line of the matrix; what there is none of is empty. */
static bool row_add(struct arena *arena, struct value *rows, const struct criterion *criterion,
                    struct slice control, struct slice test, const char *gap, struct error *err)
{
    struct value *row = value_add_object(arena, rows, err);
    return row && value_put_text(arena, row, "criterion", criterion->name, err) &&
           value_put_text(arena, row, "control", control, err) &&
           value_put_text(arena, row, "test", test, err) &&
           value_put_text(arena, row, "gap", slice_of(gap), err);
}

/* Adds the tests of a control that bear on the criterion. False with *err: memory. */
static bool tests_add(struct arena *arena, const struct mapping *tests,
                      const struct mapped *control, const struct criterion *criterion,
                      struct value *list, struct value *rows, size_t *count, struct error *err)
{
    *count = 0;
    for (size_t i = 0; i < tests->count; i++) {
        if (!slice_equal(value_text_of(tests->items[i].document, "control"), control->name) ||
            !bears_on(tests->items[i].document, control, criterion))
            continue;
        (*count)++;
        if (!value_add(arena, list, value_new_text(arena, tests->items[i].name, err), err) ||
            !row_add(arena, rows, criterion, control->name, tests->items[i].name, "", err))
            return false;
    }
    return *count > 0 ||
           row_add(arena, rows, criterion, control->name, (struct slice){ 0 }, "no test", err);
}

/* The control serves the criterion itself, or one of its tests names it: one that maps to a
 * criterion which the control serves (plan_rules.c). */
static bool covers(const struct mapped *control, const struct mapping *tests,
                   struct slice criterion)
{
    if (names_criterion(control->document, criterion))
        return true;
    for (size_t i = 0; i < tests->count; i++)
        if (slice_equal(value_text_of(tests->items[i].document, "control"), control->name) &&
            names_criterion(tests->items[i].document, criterion))
            return true;
    return false;
}

static bool gap_add(struct arena *arena, struct value *gaps, struct error *err, const char *gap)
{
    return gap && value_add(arena, gaps, value_new_text(arena, slice_of(gap), err), err);
}

struct sums {
    size_t mapped, tested, gaps;
};

static bool criterion_cover(struct arena *arena, const struct criterion *criterion,
                            const struct mapping *controls, const struct mapping *tests,
                            struct value *list, struct value *rows, struct sums *sums,
                            struct error *err)
{
    static const struct slice none = { 0 };
    size_t found = 0;
    struct value *object = value_add_object(arena, list, err);
    if (!object || !value_put_text(arena, object, "id", criterion->name, err) ||
        !value_put_text(arena, object, "title", criterion->title, err))
        return false;
    struct value *of_controls = value_put_array(arena, object, "controls", err);
    struct value *of_tests = of_controls ? value_put_array(arena, object, "tests", err) : NULL;
    struct value *gaps = of_tests ? value_put_array(arena, object, "gaps", err) : NULL;
    for (size_t i = 0; gaps && i < controls->count; i++) {
        struct slice name = controls->items[i].name;
        if (!covers(&controls->items[i], tests, criterion->name))
            continue;
        if (!value_add(arena, of_controls, value_new_text(arena, name, err), err) ||
            !tests_add(arena, tests, &controls->items[i], criterion, of_tests, rows, &found, err))
            return false;
        if (found == 0 && !gap_add(arena, gaps, err,
                                   arena_printf(arena, err, "%.*s has no test", SLICE_ARG(name))))
            return false;
    }
    if (!gaps)
        return false;
    if (of_controls->count == 0 &&
        (!gap_add(arena, gaps, err, "no control") ||
         !row_add(arena, rows, criterion, none, none, "no control", err)))
        return false;
    sums->mapped += of_controls->count > 0;
    sums->tested += of_tests->count > 0;
    sums->gaps += gaps->count > 0;
    return true;
}

static bool edition_unknown(const struct catalogue *catalogue, struct slice name, struct error *err)
{
    enum { EDITIONS_MAX = 32 };
    const char *names[EDITIONS_MAX];
    size_t count, used = 0;
    const struct edition *editions = catalogue_editions(catalogue, &count);
    while (used < count && used < EDITIONS_MAX) {
        names[used] = editions[used].name.at;
        used++;
    }
    const char *near = slice_nearest(name, names, used);
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no catalogue \"%.*s\"", SLICE_ARG(name));
    return near ? error_hint(err, "did you mean \"%s\"?", near)
                : error_hint(err, "attest catalog lists them");
}

struct value *coverage(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                       struct slice edition_name, uint64_t size, struct error *err)
{
    struct mapping controls = { 0 }, tests = { 0 };
    struct sums sums = { 0 };
    struct slice name = edition_name.len ? edition_name : SLICE("tsc-2017");
    const struct edition *edition = catalogue_edition(catalogue, name);
    if (!edition) {
        edition_unknown(catalogue, name, err);
        return NULL;
    }
    if (!mapping_read(store, arena, SLICE("Control"), size, &controls, err) ||
        !mapping_read(store, arena, SLICE("Test"), size, &tests, err))
        return NULL;
    struct value *tree = value_new(arena, VALUE_OBJECT, err);
    if (!tree || !value_put_text(arena, tree, "catalog", name, err))
        return NULL;
    struct value *list = value_put_array(arena, tree, "criteria", err);
    struct value *rows = list ? value_put_array(arena, tree, "rows", err) : NULL;
    for (size_t i = 0; rows && i < edition->count; i++)
        if (!criterion_cover(arena, &edition->criteria[i], &controls, &tests, list, rows, &sums,
                             err))
            return NULL;
    bool ok = rows && value_put_i64(arena, tree, "mapped", (int64_t)sums.mapped, err) &&
              value_put_i64(arena, tree, "tested", (int64_t)sums.tested, err) &&
              value_put_i64(arena, tree, "gaps", (int64_t)sums.gaps, err);
    return ok ? tree : NULL;
}
