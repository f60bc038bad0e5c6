#include "report/build.h"

#include <string.h>

#include "report/field_path.h"

size_t build_enter(struct builder *b, const char *name) { return field_path_enter(&b->path, name); }

size_t build_enter_item(struct builder *b, const char *name, size_t index)
{
    return field_path_enter_item(&b->path, name, index);
}

void build_leave(struct builder *b, size_t mark) { field_path_leave(&b->path, mark); }

void *build_alloc(struct builder *b, size_t bytes)
{
    if (b->failed)
        return NULL;
    void *at = arena_alloc(b->arena, bytes, b->err);
    if (!at)
        b->failed = true;
    return at;
}

const char *build_string(struct builder *b, struct slice text)
{
    if (b->failed)
        return NULL;
    const char *copy = arena_string(b->arena, text, b->err);
    if (!copy)
        b->failed = true;
    return copy;
}

struct section *build_section(struct builder *b, struct slice title, struct slice author)
{
    struct section *section = build_alloc(b, sizeof(*section));
    if (!section)
        return NULL;
    section->title = title;
    section->author = author;
    if (b->document->last)
        b->document->last->next = section;
    else
        b->document->first = section;
    b->document->last = section;
    return section;
}

struct block *build_block(struct builder *b, struct blocks *into, enum block_kind kind)
{
    struct block *block = into ? build_alloc(b, sizeof(*block)) : NULL;
    if (!block)
        return NULL;
    block->kind = kind;
    if (into->last)
        into->last->next = block;
    else
        into->first = block;
    into->last = block;
    return block;
}

struct block *build_text(struct builder *b, struct blocks *into, enum text_role role)
{
    struct block *block = build_block(b, into, BLOCK_TEXT);
    if (block)
        block->role = role;
    return block;
}

struct block *build_heading(struct builder *b, struct blocks *into, unsigned level,
                            const char *anchor)
{
    struct block *block = build_block(b, into, BLOCK_HEADING);
    if (!block)
        return NULL;
    block->level = level;
    block->mark.anchor = anchor;
    return block;
}

struct list_item *build_item(struct builder *b, struct block *list)
{
    struct list_item *item = list ? build_alloc(b, sizeof(*item)) : NULL;
    if (!item)
        return NULL;
    if (list->items_last)
        list->items_last->next = item;
    else
        list->items = item;
    list->items_last = item;
    return item;
}

static struct run *add_run(struct builder *b, struct runs *runs, struct slice text, unsigned style)
{
    struct run *run = runs ? build_alloc(b, sizeof(*run)) : NULL;
    if (!run)
        return NULL;
    run->text = text;
    run->style = style;
    if (runs->last)
        runs->last->next = run;
    else
        runs->first = run;
    runs->last = run;
    return run;
}

struct run *build_label(struct builder *b, struct runs *runs, const char *text, unsigned style)
{
    return add_run(b, runs, slice_of(text), style);
}

struct run *build_words(struct builder *b, struct runs *runs, struct slice text, unsigned style)
{
    struct run *run = add_run(b, runs, build_shown(b, text), style);
    if (run)
        run->field = build_string(b, strbuf_slice(&b->path));
    return run;
}

struct run *build_value(struct builder *b, struct runs *runs, const struct value *text,
                        unsigned style)
{
    if (!text || text->type != VALUE_STRING)
        return NULL;
    return build_words(b, runs, value_text(text), style);
}

struct run *build_field(struct builder *b, struct runs *runs, const struct value *object,
                        const char *name, unsigned style)
{
    size_t mark = build_enter(b, name);
    struct run *run = build_value(b, runs, value_member(object, name), style);
    build_leave(b, mark);
    return run;
}

void build_page(struct builder *b, struct runs *runs, const char *before, const char *anchor,
                unsigned style)
{
    if (before)
        build_label(b, runs, before, style | RUN_PAGED);
    struct run *run = add_run(b, runs, SLICE(""), style | RUN_PAGED);
    if (!run)
        return;
    run->is_page = true;
    run->target = anchor;
}

void build_paragraphs(struct builder *b, struct blocks *into, const struct value *texts,
                      enum text_role role)
{
    size_t outer = b->path.len;
    for (size_t i = 0; i < value_count(texts); i++) {
        strbuf_printf(&b->path, "[%zu]", i);
        struct block *block = build_text(b, into, role);
        if (block)
            build_value(b, &block->runs, value_item(texts, i), 0);
        build_leave(b, outer);
    }
}

static void build_list(struct builder *b, struct blocks *into, const struct value *items,
                       bool is_ordered)
{
    struct block *list = build_block(b, into, BLOCK_LIST);
    size_t outer = b->path.len;
    if (list)
        list->is_ordered = is_ordered;
    for (size_t i = 0; i < value_count(items); i++) {
        strbuf_printf(&b->path, "[%zu]", i);
        struct list_item *item = build_item(b, list);
        struct block *text = build_text(b, item ? &item->blocks : NULL, TEXT_BODY);
        if (text)
            build_value(b, &text->runs, value_item(items, i), 0);
        build_leave(b, outer);
    }
}

static void build_listed_row(struct builder *b, struct block *list, const struct value *cells,
                             unsigned style)
{
    struct list_item *item = build_item(b, list);
    struct block *text = build_text(b, item ? &item->blocks : NULL, TEXT_BODY);
    struct runs *runs = text ? &text->runs : NULL;
    size_t outer = b->path.len;
    for (size_t i = 0; i < value_count(cells); i++) {
        strbuf_printf(&b->path, "[%zu]", i);
        if (i > 0)
            build_label(b, runs, " \xc2\xb7 ", RUN_QUIET);
        build_value(b, runs, value_item(cells, i), style);
        build_leave(b, outer);
    }
}

static void build_listed_table(struct builder *b, struct blocks *into, const struct value *table)
{
    const struct value *rows = value_member(table, "rows");
    struct block *list = build_block(b, into, BLOCK_LIST);
    size_t mark = build_enter(b, "head");
    build_listed_row(b, list, value_member(table, "head"), RUN_BOLD);
    build_leave(b, mark);
    for (size_t r = 0; r < value_count(rows); r++) {
        mark = build_enter_item(b, "rows", r);
        build_listed_row(b, list, value_item(rows, r), 0);
        build_leave(b, mark);
    }
}

/* A column's share of the width: its longest text, but not so little that words break nor so much
 * that others do. */
static unsigned share_of(const struct value *table, size_t column)
{
    enum { LEAST = 10, MOST = 60 };
    const struct value *rows = value_member(table, "rows");
    size_t longest = value_text(value_item(value_member(table, "head"), column)).len;
    for (size_t i = 0; i < value_count(rows); i++) {
        size_t len = value_text(value_item(value_item(rows, i), column)).len;
        longest = len > longest ? len : longest;
    }
    return longest < LEAST ? LEAST : longest > MOST ? MOST : (unsigned)longest;
}

static void build_inner_table(struct builder *b, struct blocks *into, const struct value *table)
{
    const struct value *head = value_member(table, "head");
    const struct value *rows = value_member(table, "rows");
    size_t count = value_count(head);
    if (count == 0)
        return;
    struct column *columns = build_alloc(b, count * sizeof(*columns));
    if (!columns)
        return;
    for (size_t i = 0; i < count; i++) {
        struct slice title = build_shown(b, value_text(value_item(head, i)));
        size_t mark = build_enter_item(b, "head", i);
        columns[i] = (struct column){ .title = build_string(b, title),
                                      .field = build_string(b, strbuf_slice(&b->path)),
                                      .share = share_of(table, i) };
        build_leave(b, mark);
    }
    struct table *made = build_table(b, into, columns, count);
    if (made)
        made->label = SLICE("Table");
    for (size_t r = 0; r < value_count(rows); r++) {
        struct row *row = build_row(b, made);
        size_t mark = build_enter_item(b, "rows", r);
        for (size_t c = 0; c < count; c++) {
            size_t outer = b->path.len;
            strbuf_printf(&b->path, "[%zu]", c);
            build_value(b, build_cell(b, row, c), value_item(value_item(rows, r), c), 0);
            build_leave(b, outer);
        }
        build_leave(b, mark);
    }
}

void build_blocks(struct builder *b, struct blocks *into, const struct value *blocks,
                  unsigned heading_level, bool in_cell)
{
    size_t outer = b->path.len;
    for (size_t i = 0; i < value_count(blocks); i++) {
        const struct value *item = value_item(blocks, i);
        struct block *block;
        strbuf_printf(&b->path, "[%zu]", i);
        if (item->type == VALUE_STRING) {
            block = build_text(b, into, TEXT_BODY);
            build_value(b, block ? &block->runs : NULL, item, 0);
        } else if (value_member(item, "heading")) {
            block = build_heading(b, into, heading_level, NULL);
            build_field(b, block ? &block->runs : NULL, item, "heading", 0);
        } else if (value_member(item, "list")) {
            (void)build_enter(b, "list");
            build_list(b, into, value_member(item, "list"), false);
        } else if (value_member(item, "steps")) {
            (void)build_enter(b, "steps");
            build_list(b, into, value_member(item, "steps"), true);
        } else if (value_member(item, "code")) {
            block = build_block(b, into, BLOCK_CODE);
            build_field(b, block ? &block->runs : NULL, item, "code", RUN_MONO);
        } else if (value_member(item, "table")) {
            (void)build_enter(b, "table");
            if (in_cell)
                build_listed_table(b, into, value_member(item, "table"));
            else
                build_inner_table(b, into, value_member(item, "table"));
        }
        build_leave(b, outer);
    }
}

struct table *build_table(struct builder *b, struct blocks *into, const struct column *columns,
                          size_t count)
{
    struct block *block = build_block(b, into, BLOCK_TABLE);
    struct table *table = block ? build_alloc(b, sizeof(*table)) : NULL;
    if (!table)
        return NULL;
    block->table = table;
    table->columns = build_alloc(b, count * sizeof(*columns));
    if (!table->columns)
        return NULL;
    memcpy(table->columns, columns, count * sizeof(*columns));
    table->columns_count = count;
    return table;
}

struct row *build_row(struct builder *b, struct table *table)
{
    struct row *row = table && table->columns ? build_alloc(b, sizeof(*row)) : NULL;
    if (!row)
        return NULL;
    row->cells = build_alloc(b, table->columns_count * sizeof(*row->cells));
    if (!row->cells)
        return NULL;
    for (size_t i = 0; i < table->columns_count; i++)
        row->cells[i].rows_spanned = 1;
    if (table->rows_last)
        table->rows_last->next = row;
    else
        table->rows = row;
    table->rows_last = row;
    table->rows_count++;
    return row;
}

struct runs *build_cell(struct builder *b, struct row *row, size_t column)
{
    if (!row || !row->cells)
        return NULL;
    struct block *block = build_text(b, &row->cells[column].blocks, TEXT_BODY);
    return block ? &block->runs : NULL;
}

struct table *build_facts(struct builder *b, struct blocks *into, enum table_look look,
                          const char *label)
{
    static const struct column columns[] = { { .title = "Name", .share = 26 },
                                             { .title = "Value", .share = 74 } };
    struct table *table = build_table(b, into, columns, ARRAY_LEN(columns));
    if (!table)
        return NULL;
    table->look = look;
    table->label = slice_of(label);
    return table;
}

struct runs *build_fact(struct builder *b, struct table *table, const char *name)
{
    struct row *row = build_row(b, table);
    if (!row)
        return NULL;
    row->cells[0].is_head = true;
    build_label(b, build_cell(b, row, 0), name, 0);
    return build_cell(b, row, 1);
}

void build_listing(struct builder *b, struct blocks *into, const struct listing *listing,
                   const struct value *items)
{
    if (value_count(items) == 0)
        return;
    struct table *table = build_table(b, into, listing->columns, listing->columns_count);
    if (table)
        table->label = slice_of(listing->label);
    for (size_t i = 0; i < value_count(items); i++) {
        size_t mark = build_enter_item(b, listing->name, i);
        struct row *row = build_row(b, table);
        if (row)
            row->cells[0].is_head = true;
        listing->row(b, row, value_item(items, i));
        build_leave(b, mark);
    }
}
