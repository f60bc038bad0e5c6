#include "report/document_walk.h"

static void walk_blocks(struct document_walk *walk, struct blocks *blocks);

static void walk_mark(struct document_walk *walk, struct mark *mark)
{
    if (walk->on_mark && mark->anchor)
        walk->on_mark(walk, mark);
}

static void walk_runs(struct document_walk *walk, struct runs *runs)
{
    for (struct run *run = runs->first; walk->on_run && run; run = run->next)
        walk->on_run(walk, run);
}

static void walk_table(struct document_walk *walk, struct table *table)
{
    walk_mark(walk, &table->mark);
    walk_runs(walk, &table->band);
    for (size_t i = 0; walk->on_column && i < table->columns_count; i++)
        walk->on_column(walk, &table->columns[i]);
    for (struct row *row = table->rows; row; row = row->next) {
        walk_mark(walk, &row->mark);
        for (size_t i = 0; i < table->columns_count; i++)
            walk_blocks(walk, &row->cells[i].blocks);
    }
}

/* Blocks nest three deep at most (box, list, text), so this does not recurse far. */
static void walk_blocks(struct document_walk *walk, struct blocks *blocks)
{
    for (struct block *block = blocks->first; block; block = block->next) {
        walk_mark(walk, &block->mark);
        walk_runs(walk, &block->runs);
        if (block->table)
            walk_table(walk, block->table);
        for (struct list_item *item = block->items; item; item = item->next)
            walk_blocks(walk, &item->blocks);
        walk_blocks(walk, &block->inner);
    }
}

void document_walk(struct document_walk *walk, struct document *document)
{
    for (struct section *section = document->first; section; section = section->next)
        walk_blocks(walk, &section->blocks);
}
