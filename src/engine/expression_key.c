/* Which columns of a sub-query's tables equal the item's key.
 *
 * A population is evaluated range by range of its key if the rows that a sub-query reads can be cut
 * by the same range without changing its answer. They can where a conjunct of its `where`, or of a
 * join's `on`, says that a column of the table equals a part of the key, directly or by way of
 * another column: a row with another value takes no part for any item of the range. What `or`,
 * `not` or `case` stands above says nothing. The condition of a left join binds its right side
 * alone, for rows of the left side stay whatever it says. */
#include "engine/expression_walk.h"

enum { EQUALITIES_MAX = 64 };

struct term {
    struct source *source;
    struct slice column;
};
struct equality {
    struct term terms[2];
    size_t from, to; /* the sources of this select that it may bind */
};
struct equalities {
    struct frame *frame;
    struct equality items[EQUALITIES_MAX];
    size_t count;
    bool has_left_join;
};
struct span {
    size_t from, to;
};

static bool has_column(const struct source *source, struct slice column)
{
    for (size_t i = 0; i < source->table->columns_count; i++)
        if (slice_equal(source->table->columns[i], column))
            return true;
    return false;
}

/* The source that a column belongs to; none if it is not a column or could be of several. */
static struct term resolve(const struct frame *frame, const struct value *node)
{
    struct term term = { 0 };
    const struct value *names = value_member(node, "column_names");
    size_t count = value_count(names);
    if (!slice_is(value_text_of(node, "class"), "COLUMN_REF") || count < 1 || count > 2)
        return term;
    term.column = value_text(value_item(names, count - 1));
    for (; frame; frame = frame->outer) {
        size_t found = 0;
        for (size_t i = 0; i < frame->count; i++) {
            struct source *source = &frame->sources[i];
            bool is_it = count == 1 ? has_column(source, term.column)
                                    : slice_equal(source->alias, value_text(value_item(names, 0)));
            term.source = is_it ? source : term.source;
            found += is_it;
        }
        if (found > 1)
            term.source = NULL;
        if (found > 0)
            break;
    }
    return term;
}

/* What finds no room binds nothing: the test then runs whole. */
static void add(struct equalities *all, struct term a, struct term b, struct span targets)
{
    if (a.source && b.source && all->count < EQUALITIES_MAX)
        all->items[all->count++] = (struct equality){ { a, b }, targets.from, targets.to };
}

static void add_conjuncts(struct equalities *all, const struct value *node, struct span targets)
{
    struct slice type = value_text_of(node, "type");
    if (slice_is(type, "CONJUNCTION_AND")) {
        const struct value *children = value_member(node, "children");
        for (size_t i = 0; i < value_count(children); i++)
            add_conjuncts(all, value_item(children, i), targets);
    } else if (slice_is(type, "COMPARE_EQUAL")) {
        add(all, resolve(all->frame, value_member(node, "left")),
            resolve(all->frame, value_member(node, "right")), targets);
    }
}

/* The one source of a span that has the column; none if several have it. */
static struct term only_in(const struct frame *frame, struct span span, struct slice column)
{
    struct term term = { .column = column };
    size_t found = 0;
    for (size_t i = span.from; i < span.to; i++) {
        if (!has_column(&frame->sources[i], column))
            continue;
        term.source = &frame->sources[i];
        found++;
    }
    if (found != 1)
        term.source = NULL;
    return term;
}

/* The conditions of joins; gives the sources below `table`, which were gathered in this order. */
static struct span add_joins(struct equalities *all, const struct value *table, size_t from)
{
    if (!slice_is(value_text_of(table, "type"), "JOIN"))
        return (struct span){ from, from + 1 };
    struct span left = add_joins(all, value_member(table, "left"), from);
    struct span right = add_joins(all, value_member(table, "right"), left.to);
    struct span both = { left.from, right.to };
    bool is_left_join = slice_is(value_text_of(table, "join_type"), "LEFT");
    struct span targets = is_left_join ? right : both;
    const struct value *columns = value_member(table, "using_columns");
    all->has_left_join = all->has_left_join || is_left_join;
    add_conjuncts(all, value_member(table, "condition"), targets);
    for (size_t i = 0; i < value_count(columns); i++) {
        struct slice column = value_text(value_item(columns, i));
        add(all, only_in(all->frame, left, column), only_in(all->frame, right, column), targets);
    }
    return both;
}

/* item.id in (select p.change_id ...): true only of rows that equal; whoever cuts keeps the rows
 * whose column is NULL, for they make "not found" undecided. */
static void add_membership(struct equalities *all, const struct value *subquery,
                           const struct value *select)
{
    const struct value *list = value_member(select, "select_list");
    if (!slice_is(value_text_of(subquery, "subquery_type"), "ANY") ||
        !slice_is(value_text_of(subquery, "comparison_type"), "COMPARE_EQUAL") ||
        value_count(list) != 1 || all->has_left_join)
        return;
    add(all, resolve(all->frame->outer, value_member(subquery, "child")),
        resolve(all->frame, value_item(list, 0)), (struct span){ 0, all->frame->count });
}

/* Carries what is known of one side to the other. */
static bool carry(const struct frame *frame, const struct equality *equality, struct term known,
                  struct term other)
{
    bool is_target = other.source >= frame->sources &&
                     other.source < frame->sources + frame->count &&
                     (size_t)(other.source - frame->sources) >= equality->from &&
                     (size_t)(other.source - frame->sources) < equality->to;
    bool is_new = false;
    for (size_t part = 0; is_target && part < EXPRESSION_KEY_MAX; part++) {
        if (other.source->equals[part].len || !known.source->equals[part].len ||
            !slice_equal(known.source->equals[part], known.column))
            continue;
        other.source->equals[part] = other.column;
        is_new = true;
    }
    return is_new;
}

/* A table that is named twice is cut only by what binds it both times. */
static void record(struct expression_bound *bound, const struct source *source, bool keeps_null)
{
    for (size_t part = 0; part < EXPRESSION_KEY_MAX; part++) {
        if (!bound->is_named)
            bound->columns[part] = source->equals[part];
        else if (!slice_equal(bound->columns[part], source->equals[part]))
            bound->columns[part] = (struct slice){ 0 };
    }
    bound->is_named = true;
    bound->keeps_null = bound->keeps_null || keeps_null;
}

void expression_bind_key(const struct walk *walk, struct frame *frame, const struct value *select,
                         const struct value *subquery)
{
    struct equalities all = { .frame = frame };
    bool is_new = true;
    (void)add_joins(&all, value_member(select, "from_table"), 0);
    add_conjuncts(&all, value_member(select, "where_clause"), (struct span){ 0, frame->count });
    add_membership(&all, subquery, select);
    while (is_new) {
        is_new = false;
        for (size_t i = 0; i < all.count; i++) {
            const struct equality *equality = &all.items[i];
            is_new = carry(frame, equality, equality->terms[0], equality->terms[1]) || is_new;
            is_new = carry(frame, equality, equality->terms[1], equality->terms[0]) || is_new;
        }
    }
    bool keeps_null = slice_is(value_text_of(subquery, "subquery_type"), "ANY");
    for (size_t i = 0; walk->scope->bounds && i < frame->count; i++)
        record(&walk->scope->bounds[frame->sources[i].table - walk->scope->tables],
               &frame->sources[i], keeps_null);
}
