#include "audit/scope_private.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

const struct value *scope_document(struct scope *scope, struct slice name)
{
    struct resource_version version;
    struct error missing = { 0 };
    if (name.len == 0)
        return NULL;
    if (!resource_get(scope->store, scope->arena, name, scope->size, &version, &missing)) {
        if (missing.code != ERROR_NOT_FOUND)
            *scope->err = missing;
        return NULL;
    }
    return version.is_removed
               ? NULL
               : json_parse(scope->arena, version.document, name.at, NULL, scope->err);
}

static bool has_text(const struct value *list, struct slice text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(list->items[i]), text))
            return true;
    return false;
}

/* ---- what is in scope ---- */

static bool layers_put(struct scope *scope)
{
    const struct value *layers = value_member(scope->engagement, "layers");
    const char *from = layers ? "engagement" : "system";
    if (!layers)
        layers = value_member(scope->system, "layers");
    struct value *list = value_put_array(scope->arena, scope->tree, "layers", scope->err);
    for (size_t i = 0; list && i < LAYERS_COUNT; i++) {
        struct slice layer = slice_of(layer_names[i]);
        scope->layers_in[i] = !layers || has_text(layers, layer);
        if (scope->layers_in[i] &&
            !value_add(scope->arena, list, value_new_text(scope->arena, layer, scope->err),
                       scope->err))
            return false;
    }
    return list && value_put_text(scope->arena, scope->tree, "layers_from",
                                  slice_of(layers ? from : "nowhere"), scope->err);
}

/* Security is always in scope: the common criteria belong to each principle. */
static bool principles_axis(struct scope *scope, struct axis *axis)
{
    const struct value *chosen = value_member(scope->engagement, "categories");
    struct value *list = value_put_array(scope->arena, scope->tree, "principles", scope->err);
    axis->by = "principle";
    axis->wants_each_layer = true;
    axis->groups_count = PRINCIPLES_COUNT;
    axis->group = arena_array(scope->arena, axis->edition->count + 1, sizeof(int), scope->err);
    for (size_t i = 0; list && i < PRINCIPLES_COUNT; i++) {
        axis->names[i] = axis->titles[i] = slice_of(principle_names[i]);
        axis->in_scope[i] = !scope->engagement || i == 0 || has_text(chosen, axis->names[i]);
        if (axis->in_scope[i] &&
            !value_add(scope->arena, list, value_new_text(scope->arena, axis->names[i], scope->err),
                       scope->err))
            return false;
    }
    for (size_t i = 0; axis->group && i < axis->edition->count; i++) {
        const struct criterion *criterion = &axis->edition->criteria[i];
        axis->group[i] = -1;
        if (scope->engagement && !engagement_asks(scope->engagement, criterion))
            continue;
        for (int j = 0; j < PRINCIPLES_COUNT; j++)
            if (slice_equal(criterion_principle(criterion), axis->names[j]))
                axis->group[i] = j;
    }
    return list && axis->group;
}

static bool letters_axis(struct scope *scope, struct axis *axis)
{
    axis->by = "category of 2014";
    axis->groups_count = LETTERS_COUNT;
    axis->group = arena_array(scope->arena, axis->edition->count + 1, sizeof(int), scope->err);
    for (unsigned i = 0; i < LETTERS_COUNT; i++) {
        const char *letter = arena_printf(scope->arena, scope->err, "%c", (char)('a' + (char)i));
        if (!letter)
            return false;
        axis->names[i] = slice_of(letter);
        axis->titles[i] = letter_title(scope->catalogue, i);
        axis->in_scope[i] = true;
    }
    for (size_t i = 0; axis->group && i < axis->edition->count; i++) {
        bool letters[LETTERS_COUNT];
        if (!criterion_letters(scope->catalogue, scope->arena, &axis->edition->criteria[i], letters,
                               scope->err))
            return false;
        axis->group[i] = -1;
        for (int j = 0; j < LETTERS_COUNT; j++)
            if (letters[j])
                axis->group[i] = j;
    }
    return axis->group != NULL;
}

/* ---- controls ---- */

static void mark(const struct axis *axis, bool *serves, const struct criterion *criterion)
{
    for (size_t i = 0; i < axis->edition->count; i++)
        if (&axis->edition->criteria[i] == criterion)
            serves[i] = true;
}

/* Criteria of the engagement's edition count if the control names them; those of 2014 also if they
 * map to one that it names. */
static bool serves_read(struct scope *scope, struct counted_control *control)
{
    const struct value *criteria = value_member(control->document, "criteria");
    for (size_t i = 0; i < ARRAY_LEN(scope->axes); i++) {
        control->serves[i] =
            arena_array(scope->arena, scope->axes[i].edition->count + 1, sizeof(bool), scope->err);
        if (!control->serves[i])
            return false;
    }
    for (size_t i = 0; i < value_count(criteria); i++) {
        size_t count = 0;
        const struct criterion *named =
            catalogue_criterion(scope->catalogue, value_text(criteria->items[i]));
        if (!named)
            continue;
        mark(&scope->axes[0], control->serves[0], named);
        mark(&scope->axes[1], control->serves[1], named);
        const struct criterion **mapped =
            catalogue_mapped(scope->catalogue, scope->arena, named->name, &count, scope->err);
        for (size_t j = 0; mapped && j < count; j++)
            mark(&scope->axes[1], control->serves[1], mapped[j]);
        if (!mapped)
            return false;
    }
    return true;
}

static bool controls_read(struct scope *scope)
{
    struct resource_list controls, tests;
    if (!resource_list(scope->store, scope->arena, SLICE("Control"), scope->size, &controls,
                       scope->err) ||
        !resource_list(scope->store, scope->arena, SLICE("Test"), scope->size, &tests, scope->err))
        return false;
    scope->controls =
        arena_array(scope->arena, controls.count + 1, sizeof *scope->controls, scope->err);
    scope->controls_count = scope->controls ? controls.count : 0;
    for (size_t i = 0; i < scope->controls_count; i++) {
        struct counted_control *control = &scope->controls[i];
        control->name = controls.items[i].name;
        control->document = json_parse(scope->arena, controls.items[i].document,
                                       controls.items[i].name.at, NULL, scope->err);
        if (!control->document || !serves_read(scope, control))
            return false;
        for (size_t j = 0; j < LAYERS_COUNT; j++) {
            control->layers[j] =
                has_text(value_member(control->document, "layers"), slice_of(layer_names[j]));
            control->has_layers |= control->layers[j];
        }
    }
    for (size_t i = 0; scope->controls && i < tests.count; i++) {
        const struct value *test = json_parse(scope->arena, tests.items[i].document,
                                              tests.items[i].name.at, NULL, scope->err);
        if (!test)
            return false;
        for (size_t j = 0; j < controls.count; j++)
            scope->controls[j].tests_count +=
                slice_equal(value_text_of(test, "control"), controls.items[j].name);
    }
    return scope->controls != NULL;
}

/* ---- parties ---- */

/* Who runs a layer in our place; empty: nobody. */
static struct slice carved_out_to(const struct scope *scope, size_t layer)
{
    for (size_t i = 0; i < value_count(scope->parties); i++)
        if (slice_is(value_text_of(scope->parties->items[i], "method"), "carve-out") &&
            has_text(value_member(scope->parties->items[i], "layers"),
                     slice_of(layer_names[layer])))
            return value_text_of(scope->parties->items[i], "name");
    return (struct slice){ 0 };
}

/* ---- counting ---- */

enum { ALL_LAYERS = LAYERS_COUNT };

struct count {
    size_t controls, criteria, of, tests;
};

static bool is_in(const struct counted_control *control, size_t layer)
{
    return layer == ALL_LAYERS || control->layers[layer];
}

static void count_cell(const struct scope *scope, size_t axis_index, int group, size_t layer,
                       struct count *count)
{
    const struct axis *axis = &scope->axes[axis_index];
    *count = (struct count){ 0 };
    for (size_t i = 0; i < scope->controls_count; i++) {
        const struct counted_control *control = &scope->controls[i];
        bool serves = false;
        for (size_t j = 0; j < axis->edition->count; j++)
            serves |= axis->group[j] == group && control->serves[axis_index][j];
        count->controls += serves && is_in(control, layer);
        count->tests += serves && is_in(control, layer) ? control->tests_count : 0;
    }
    for (size_t j = 0; j < axis->edition->count; j++) {
        bool is_served = false;
        if (axis->group[j] != group)
            continue;
        count->of++;
        for (size_t i = 0; i < scope->controls_count; i++)
            is_served |=
                scope->controls[i].serves[axis_index][j] && is_in(&scope->controls[i], layer);
        count->criteria += is_served;
    }
}

/* "no control: CC1.2, CC3.3 and 4 more"; NULL: none is missing, or no memory. */
static const char *unserved(struct scope *scope, size_t axis_index, int group)
{
    const struct axis *axis = &scope->axes[axis_index];
    const char *text = NULL;
    size_t count = 0;
    for (size_t j = 0; j < axis->edition->count; j++) {
        bool is_served = axis->group[j] != group;
        for (size_t i = 0; i < scope->controls_count; i++)
            is_served |= scope->controls[i].serves[axis_index][j];
        if (is_served)
            continue;
        if (count++ >= NAMED_MAX)
            continue;
        text = arena_printf(scope->arena, scope->err, "%s%s%.*s",
                            text ? text : "no control: ", text ? ", " : "",
                            SLICE_ARG(axis->edition->criteria[j].id));
        if (!text)
            return NULL;
    }
    return count > NAMED_MAX
               ? arena_printf(scope->arena, scope->err, "%s and %zu more", text, count - NAMED_MAX)
               : text;
}

static const char *gap_of(struct scope *scope, size_t layer, bool in_scope,
                          const struct count *count)
{
    struct slice carved = carved_out_to(scope, layer);
    if (!in_scope || count->of == 0)
        return "";
    if (count->controls == 0 && carved.len > 0)
        return arena_printf(scope->arena, scope->err, "left to %.*s", SLICE_ARG(carved));
    return count->controls == 0 ? "no control" : count->tests == 0 ? "no test" : "";
}

static bool counts_put(struct scope *scope, struct value *object, const struct count *count)
{
    return value_put_i64(scope->arena, object, "controls", (int64_t)count->controls, scope->err) &&
           value_put_i64(scope->arena, object, "criteria", (int64_t)count->criteria, scope->err) &&
           value_put_i64(scope->arena, object, "of", (int64_t)count->of, scope->err) &&
           value_put_i64(scope->arena, object, "tests", (int64_t)count->tests, scope->err);
}

static bool row_put(struct scope *scope, const struct axis *axis, int group, const char *layer,
                    bool in_scope, const struct count *count, const char *gap)
{
    struct arena *arena = scope->arena;
    struct value *row = value_add_object(arena, scope->rows, scope->err);
    scope->gaps += *gap != '\0';
    return row && value_put_text(arena, row, "by", slice_of(axis->by), scope->err) &&
           value_put_text(arena, row, "name", axis->names[group], scope->err) &&
           value_put_text(arena, row, "layer", slice_of(layer), scope->err) &&
           value_put_bool(arena, row, "in_scope", in_scope, scope->err) &&
           counts_put(scope, row, count) &&
           value_put_text(arena, row, "gap", slice_of(gap), scope->err);
}

static bool cell_put(struct scope *scope, size_t axis_index, int group, size_t layer,
                     struct value *layers, struct value *gaps)
{
    const struct axis *axis = &scope->axes[axis_index];
    bool in_scope = axis->in_scope[group] && scope->layers_in[layer];
    struct count count;
    count_cell(scope, axis_index, group, layer, &count);
    const char *gap = gap_of(scope, layer, in_scope && axis->wants_each_layer, &count);
    const char *cell = !in_scope ? "-"
                                 : arena_printf(scope->arena, scope->err, "%zu / %zu",
                                                count.controls, count.criteria);
    struct value *object =
        gap && cell ? value_put_object(scope->arena, layers, layer_names[layer], scope->err) : NULL;
    const char *told =
        object && *gap ? arena_printf(scope->arena, scope->err, "%s: %s", layer_names[layer], gap)
                       : NULL;
    if (!object || (*gap && !told) || !counts_put(scope, object, &count) ||
        !value_put_text(scope->arena, object, "cell", slice_of(cell), scope->err) ||
        !value_put_text(scope->arena, object, "gap", slice_of(gap), scope->err))
        return false;
    return (!told ||
            value_add(scope->arena, gaps, value_new_text(scope->arena, slice_of(told), scope->err),
                      scope->err)) &&
           row_put(scope, axis, group, layer_names[layer], in_scope, &count, gap);
}

static bool line_put(struct scope *scope, struct value *matrix, size_t axis_index, int group)
{
    const struct axis *axis = &scope->axes[axis_index];
    struct arena *arena = scope->arena;
    struct count count;
    struct value *line = value_add_object(arena, matrix, scope->err);
    count_cell(scope, axis_index, group, ALL_LAYERS, &count);
    if (!line || !value_put_text(arena, line, "by", slice_of(axis->by), scope->err) ||
        !value_put_text(arena, line, "name", axis->names[group], scope->err) ||
        !value_put_text(arena, line, "title", axis->titles[group], scope->err) ||
        !value_put_bool(arena, line, "in_scope", axis->in_scope[group], scope->err) ||
        !counts_put(scope, line, &count))
        return false;
    struct value *layers = value_put_object(arena, line, "layers", scope->err);
    struct value *gaps = layers ? value_put_array(arena, line, "gaps", scope->err) : NULL;
    for (size_t i = 0; gaps && i < LAYERS_COUNT; i++)
        if (!cell_put(scope, axis_index, group, i, layers, gaps))
            return false;
    const char *missing = axis->in_scope[group] ? unserved(scope, axis_index, group) : NULL;
    if (!gaps || scope->err->code != ERROR_NONE ||
        (missing &&
         !value_add(arena, gaps, value_new_text(arena, slice_of(missing), scope->err), scope->err)))
        return false;
    return row_put(scope, axis, group, "", axis->in_scope[group], &count, missing ? missing : "");
}

static bool matrix_put(struct scope *scope)
{
    struct value *matrix = value_put_array(scope->arena, scope->tree, "matrix", scope->err);
    size_t without = 0;
    scope->rows = matrix ? value_put_array(scope->arena, scope->tree, "rows", scope->err) : NULL;
    for (size_t i = 0; scope->rows && i < ARRAY_LEN(scope->axes); i++)
        for (size_t j = 0; j < scope->axes[i].groups_count; j++)
            if (!line_put(scope, matrix, i, (int)j))
                return false;
    for (size_t i = 0; i < scope->controls_count; i++)
        without += !scope->controls[i].has_layers;
    return scope->rows &&
           value_put_i64(scope->arena, scope->tree, "without_layer", (int64_t)without,
                         scope->err) &&
           value_put_i64(scope->arena, scope->tree, "gaps", (int64_t)scope->gaps, scope->err);
}

struct value *scope_matrix(struct store *store, const struct catalogue *catalogue,
                           struct arena *arena, struct slice name, const struct value *engagement,
                           uint64_t size, struct error *err)
{
    struct slice catalog = value_text_of(engagement, "catalog");
    struct scope scope = { .store = store,
                           .catalogue = catalogue,
                           .arena = arena,
                           .size = size,
                           .engagement = engagement,
                           .err = err };
    if (catalog.len == 0)
        catalog = SLICE("tsc-2017");
    scope.axes[0].edition = catalogue_edition(catalogue, catalog);
    scope.axes[1].edition = catalogue_edition(catalogue, SLICE("tsp-2014"));
    if (!scope.axes[0].edition || !scope.axes[1].edition) {
        error_set(err, ERROR_NOT_FOUND, name.at, "there is no catalogue \"%.*s\"",
                  SLICE_ARG(catalog));
        return NULL;
    }
    scope.system = scope_document(&scope, value_text_of(engagement, "system"));
    scope.tree = err->code == ERROR_NONE ? value_new(arena, VALUE_OBJECT, err) : NULL;
    bool ok =
        scope.tree && value_put_text(arena, scope.tree, "engagement", name, err) &&
        value_put_text(arena, scope.tree, "title", value_text_of(engagement, "title"), err) &&
        value_put_text(arena, scope.tree, "system", value_text_of(scope.system, "title"), err) &&
        value_put_text(arena, scope.tree, "catalog", catalog, err) && layers_put(&scope) &&
        principles_axis(&scope, &scope.axes[0]) && letters_axis(&scope, &scope.axes[1]) &&
        controls_read(&scope) && scope_parties_put(&scope) && matrix_put(&scope);
    return ok ? scope.tree : NULL;
}
