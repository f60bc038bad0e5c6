#include "audit/scope.h"
#include "report/compose_private.h"

static struct value *list_in(struct composer *c, struct value *list)
{
    struct value *inner = c->failed ? NULL : value_new(c->arena, VALUE_ARRAY, c->err);
    c->failed = c->failed || !inner || !value_add(c->arena, list, inner, c->err);
    return inner;
}

/* {"table": {"head", "rows"}}; gives rows. */
static struct value *table_in(struct composer *c, struct value *blocks, const char *first)
{
    struct value *table = compose_object(c, compose_item(c, blocks), "table");
    struct value *head = compose_array(c, table, "head");
    compose_add(c, head, slice_of(first));
    for (size_t i = 0; i < LAYERS_COUNT; i++)
        compose_add(c, head, slice_of(layer_names[i]));
    compose_add(c, head, SLICE("All"));
    return compose_array(c, table, "rows");
}

static struct slice number_of(const struct value *object, const char *name)
{
    return value_member(object, name)->text;
}

static void row_add(struct composer *c, struct value *rows, const struct value *line,
                    bool is_letter)
{
    struct value *cells = list_in(c, rows);
    const struct value *layers = value_member(line, "layers");
    struct slice name = value_text_of(line, "name"), title = value_text_of(line, "title");
    compose_add(c, cells,
                is_letter ? compose_printf(c, "%.*s. %.*s", SLICE_ARG(name), SLICE_ARG(title))
                          : title);
    for (size_t i = 0; i < LAYERS_COUNT; i++)
        compose_add(c, cells, value_text_of(value_member(layers, layer_names[i]), "cell"));
    compose_add(c, cells,
                compose_printf(c, "%.*s / %.*s of %.*s", SLICE_ARG(number_of(line, "controls")),
                               SLICE_ARG(number_of(line, "criteria")),
                               SLICE_ARG(number_of(line, "of"))));
}

static bool is_of(const struct value *line, bool is_letter)
{
    return slice_is(value_text_of(line, "by"), "principle") != is_letter;
}

/* The table, and below it what is missing. */
static void matrix_put(struct composer *c, struct value *blocks, const struct value *tree,
                       bool is_letter)
{
    const struct value *matrix = value_member(tree, "matrix");
    struct value *rows = table_in(c, blocks, is_letter ? "Category of 2014" : "Category");
    struct value *list = NULL;
    for (size_t i = 0; i < value_count(matrix); i++)
        if (is_of(matrix->items[i], is_letter) &&
            value_is_true(value_member(matrix->items[i], "in_scope")))
            row_add(c, rows, matrix->items[i], is_letter);
    for (size_t i = 0; i < value_count(matrix); i++) {
        const struct value *gaps = value_member(matrix->items[i], "gaps");
        for (size_t j = 0; is_of(matrix->items[i], is_letter) && j < value_count(gaps); j++) {
            if (!list)
                list = compose_array(c, compose_item(c, blocks), "list");
            compose_add(c, list,
                        compose_printf(c, "%.*s, %.*s",
                                       SLICE_ARG(value_text_of(matrix->items[i],
                                                               is_letter ? "name" : "title")),
                                       SLICE_ARG(value_text(gaps->items[j]))));
        }
    }
}

static void parties_put(struct composer *c, struct value *blocks, const struct value *tree)
{
    const struct value *parties = value_member(tree, "parties");
    struct value *table = compose_object(c, compose_item(c, blocks), "table");
    struct value *head = compose_array(c, table, "head"), *rows = compose_array(c, table, "rows");
    static const char *const heads[] = { "Party", "What it does", "Method", "Controls concerned",
                                         "Criteria concerned" };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        compose_add(c, head, slice_of(heads[i]));
    for (size_t i = 0; i < value_count(parties); i++) {
        struct value *cells = list_in(c, rows);
        const struct value *party = parties->items[i];
        bool is_own = slice_is(value_text_of(party, "party"), "own");
        struct slice function = value_text_of(party, "function");
        struct slice method = value_text_of(party, "method");
        compose_add(c, cells, value_text_of(party, "name"));
        compose_add(c, cells,
                    function.len ? function
                    : is_own     ? SLICE("what nobody else has a part in")
                                 : SLICE("complementary controls"));
        compose_add(c, cells, method.len ? method : SLICE("-"));
        compose_add(c, cells, number_of(party, "controls"));
        compose_add(c, cells, number_of(party, "criteria"));
    }
}

void compose_scope(struct composer *c, struct value *items)
{
    const struct value *tree =
        c->failed ? NULL
                  : scope_matrix(c->store, c->catalogue, c->arena, c->engagement.name,
                                 c->engagement.document, c->size, c->err);
    c->failed = c->failed || !tree;
    if (!tree)
        return;
    struct value *item = compose_item(c, items);
    compose_text(c, item, "title", SLICE("Scope by layer, category and party"));
    struct value *blocks = compose_array(c, item, "text");
    compose_add(
        c, blocks,
        SLICE("Each cell: the controls that operate in the layer for criteria of the category, "
              "and how many criteria these serve. The common criteria stand under security "
              "and belong to every category. A dash: the layer is not in scope. A control "
              "counts in each layer that it names."));
    matrix_put(c, blocks, tree, false);
    parties_put(c, blocks, tree);
    item = compose_item(c, items);
    compose_text(c, item, "title", SLICE("Scope by the categories of the criteria of 2014"));
    blocks = compose_array(c, item, "text");
    compose_add(
        c, blocks,
        SLICE("The criteria of 2014 are not those in force. They are shown as a mapping of our "
              "own, for readers who know the categories a to g: a criterion counts as served "
              "if a control names it or one that touches the same ground."));
    matrix_put(c, blocks, tree, true);
}
