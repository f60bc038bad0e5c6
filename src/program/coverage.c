#include "program/coverage.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"

/* A control or a test with the document that says what it serves. */
struct mapped {
    struct slice name;
    const struct value *document;
    bool is_taken; /* by the selector */
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

/* What is told of one criterion. */
struct covering {
    struct arena *arena;
    const struct mapping *controls, *tests;
    const struct criterion *criterion;
    struct value *of_controls, *of_tests, *through, *gaps, *rows;
    struct error *err;
};

/* A line of the matrix; what there is none of is empty. `by`: the criterion that the control
 * serves; another one than that of the line if it is reached through a mapping. */
static bool row_add(const struct covering *covering, const struct criterion *by,
                    struct slice control, struct slice test, const char *gap)
{
    struct arena *arena = covering->arena;
    struct value *row = value_add_object(arena, covering->rows, covering->err);
    bool is_mapped = by != covering->criterion;
    return row &&
           value_put_text(arena, row, "criterion", covering->criterion->name, covering->err) &&
           value_put_text(arena, row, "through", is_mapped ? by->name : SLICE(""), covering->err) &&
           value_put_text(arena, row, "control", control, covering->err) &&
           value_put_text(arena, row, "test", test, covering->err) &&
           value_put_text(arena, row, "gap", slice_of(gap), covering->err);
}

static bool text_add(const struct covering *covering, struct value *list, struct slice text)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(value_text(list->items[i]), text))
            return true;
    return value_add(covering->arena, list, value_new_text(covering->arena, text, covering->err),
                     covering->err);
}

PRINTF_LIKE(2, 3) static bool gap_add(const struct covering *covering, const char *format, ...)
{
    char gap[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(gap, sizeof gap, format, args);
    va_end(args);
    return text_add(covering, covering->gaps, slice_of(gap));
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

/* The tests of a control that bear on `by`. False with *err: memory. */
static bool tests_add(const struct covering *covering, const struct mapped *control,
                      const struct criterion *by, size_t *count)
{
    for (size_t i = 0; i < covering->tests->count; i++) {
        const struct mapped *test = &covering->tests->items[i];
        if (!slice_equal(value_text_of(test->document, "control"), control->name) ||
            !bears_on(test->document, control, by) ||
            (by != covering->criterion && has_own_of(test->document, covering->criterion->edition)))
            continue; /* the last: it says itself which of these it bears on */
        ++*count;
        if (!text_add(covering, covering->of_tests, test->name) ||
            !row_add(covering, by, control->name, test->name, ""))
            return false;
    }
    return true;
}

/* A control, if it serves one of `by`. */
static bool control_add(const struct covering *covering, const struct mapped *control,
                        const struct criterion *const *by, size_t by_count)
{
    const struct criterion *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < by_count; i++) {
        if (!covers(control, covering->tests, by[i]->name))
            continue;
        first = first ? first : by[i];
        if ((by[i] != covering->criterion && !text_add(covering, covering->through, by[i]->name)) ||
            !tests_add(covering, control, by[i], &count))
            return false;
    }
    if (!first)
        return true;
    return text_add(covering, covering->of_controls, control->name) &&
           (count > 0 || (gap_add(covering, "%.*s has no test", SLICE_ARG(control->name)) &&
                          row_add(covering, first, control->name, (struct slice){ 0 }, "no test")));
}

static bool controls_add(const struct covering *covering, const struct criterion *const *by,
                         size_t by_count)
{
    for (size_t i = 0; i < covering->controls->count; i++)
        if (covering->controls->items[i].is_taken &&
            !control_add(covering, &covering->controls->items[i], by, by_count))
            return false;
    return true;
}

/* By any control, taken or not. */
static bool is_covered_directly(const struct covering *covering)
{
    for (size_t i = 0; i < covering->controls->count; i++)
        if (covers(&covering->controls->items[i], covering->tests, covering->criterion->name))
            return true;
    return false;
}

/* Where no control serves the criterion itself, those that serve what maps to it. */
static bool mapped_controls_add(const struct covering *covering, const struct catalogue *catalogue)
{
    size_t count = 0;
    const struct criterion **mapped = catalogue_mapped(
        catalogue, covering->arena, covering->criterion->name, &count, covering->err);
    return mapped && controls_add(covering, mapped, count);
}

struct sums {
    size_t mapped, through, tested, gaps;
};

/* What is examined needs controls that say they serve it (soc2.md B, state 5); other lists are
 * answered well enough by what maps to them. */
static bool missing_add(const struct covering *covering, const struct edition *edition)
{
    static const struct slice none = { 0 };
    if (covering->of_controls->count == 0)
        return gap_add(covering, "no control") &&
               row_add(covering, covering->criterion, none, none, "no control");
    return covering->through->count == 0 || !slice_is(edition->type, "criteria") ||
           gap_add(covering, "no control of its own");
}

static struct value *array_in(const struct covering *covering, struct value *object,
                              const char *name)
{
    return object ? value_put_array(covering->arena, object, name, covering->err) : NULL;
}

/* only_with_control: nothing is told of a criterion without one that is taken. */
static bool criterion_cover(struct covering *covering, const struct catalogue *catalogue,
                            const struct edition *edition, bool only_with_control,
                            struct value *list, struct sums *sums)
{
    struct arena *arena = covering->arena;
    struct error *err = covering->err;
    struct value *object = value_new(arena, VALUE_OBJECT, err);
    if (!object || !value_put_text(arena, object, "id", covering->criterion->name, err) ||
        !value_put_text(arena, object, "title", covering->criterion->title, err) ||
        !(covering->through = array_in(covering, object, "through")) ||
        !(covering->of_controls = array_in(covering, object, "controls")) ||
        !(covering->of_tests = array_in(covering, object, "tests")) ||
        !(covering->gaps = array_in(covering, object, "gaps")) ||
        !(is_covered_directly(covering) ? controls_add(covering, &covering->criterion, 1)
                                        : mapped_controls_add(covering, catalogue)))
        return false;
    if (covering->of_controls->count == 0 && only_with_control)
        return true;
    if (!missing_add(covering, edition))
        return false;
    bool is_through = covering->through->count > 0;
    sums->mapped += covering->of_controls->count > 0 && !is_through;
    sums->through += is_through;
    sums->tested += covering->of_tests->count > 0;
    sums->gaps += covering->gaps->count > 0;
    return value_put_text(arena, object, "covered",
                          is_through                          ? SLICE("through a mapping")
                          : covering->of_controls->count == 0 ? SLICE("no")
                                                              : SLICE("directly"),
                          err) &&
           value_add(arena, list, object, err);
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

static bool controls_select(const struct selector *selector, struct mapping *controls,
                            struct error *err)
{
    for (size_t i = 0; i < controls->count; i++)
        if (!selector_takes(selector, controls->items[i].name, controls->items[i].document,
                            &controls->items[i].is_taken, err))
            return false;
    return true;
}

struct value *coverage(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                       struct slice edition_name, const struct selector *selector, uint64_t size,
                       struct error *err)
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
        !mapping_read(store, arena, SLICE("Test"), size, &tests, err) ||
        !controls_select(selector, &controls, err))
        return NULL;
    struct value *tree = value_new(arena, VALUE_OBJECT, err);
    if (!tree || !value_put_text(arena, tree, "catalog", name, err))
        return NULL;
    struct value *list = value_put_array(arena, tree, "criteria", err);
    struct value *rows = list ? value_put_array(arena, tree, "rows", err) : NULL;
    for (size_t i = 0; rows && i < edition->count; i++) {
        struct covering covering = { .arena = arena,
                                     .controls = &controls,
                                     .tests = &tests,
                                     .criterion = &edition->criteria[i],
                                     .rows = rows,
                                     .err = err };
        if (!selector_takes_criterion(selector, covering.criterion))
            continue;
        if (!criterion_cover(&covering, catalogue, edition, selector_is_about_controls(selector),
                             list, &sums))
            return NULL;
    }
    bool ok = rows && value_put_i64(arena, tree, "mapped", (int64_t)sums.mapped, err) &&
              value_put_i64(arena, tree, "through", (int64_t)sums.through, err) &&
              value_put_i64(arena, tree, "tested", (int64_t)sums.tested, err) &&
              value_put_i64(arena, tree, "gaps", (int64_t)sums.gaps, err);
    return ok ? tree : NULL;
}
