/* Tables: band and heads on every page they reach, rows cut only where no page can hold them.
 *
 * Only the first column may span rows (a control beside its tests). Such a group is cut between its
 * rows; the spanning cell is drawn at the group's top, goes on where a page was not enough, and is
 * named again ("CM-02, continued") where nothing of it is left. */
#include <stdlib.h>

#include "report/pdf.h"

static const double PAD_X = 5, PAD_Y = 5;
/* What stands above a table that is kept whole; the word at the right of a band that goes on. */
static const double HEADING_ROOM = 60, CONTINUED_ROOM = 56;
enum { LINES_LEAST = 3, COLUMNS_MAX = 16 };

struct grid {
    struct pdf *pdf;
    const struct table *table;
    size_t count;
    double x[COLUMNS_MAX], width[COLUMNS_MAX]; /* of the columns, padding included */
    double left, total;
    struct node *node, *body;
    bool is_continued;
    double heads; /* height of band and heads */
    double tail;  /* room to be left below the last row */
};

static struct grid grid_of(struct pdf *pdf, const struct table *table)
{
    struct grid grid = { .pdf = pdf, .table = table, .left = pdf->left };
    double shares = 0;
    grid.total = pdf->width - pdf->left - pdf->right;
    grid.count = table->columns_count < COLUMNS_MAX ? table->columns_count : COLUMNS_MAX;
    for (size_t i = 0; i < grid.count; i++)
        shares += table->columns[i].share;
    double x = grid.left;
    for (size_t i = 0; i < grid.count; i++) {
        grid.x[i] = x;
        grid.width[i] = grid.total * table->columns[i].share / shares;
        x += grid.width[i];
    }
    return grid;
}

/* The bar of an exception needs its own room. */
static double inset_of(const struct grid *grid, const struct row *row, size_t column)
{
    bool has_bar =
        row->is_exception && column + 1 == grid->count && !grid->table->columns[column].is_paged;
    return has_bar ? PAD_X + 3 : PAD_X;
}

/* Bands and heads */

static const struct text_style head_style = { 7.5, 10, { 0.341, 0.376, 0.416 }, 600, false, false };

static void shape_band(const struct grid *grid, struct shaped *shaped)
{
    static const struct text_style style = { 9, 12.5, { 0.106, 0.122, 0.141 }, 400, false, false };
    shape_runs(grid->pdf, &grid->table->band, &style, grid->total - 2 * PAD_X - 3 - CONTINUED_ROOM,
               shaped);
}

static void shape_head(const struct grid *grid, size_t column, struct shaped *shaped)
{
    struct text_style style = head_style;
    style.is_right = grid->table->columns[column].is_number;
    shape_text(grid->pdf, slice_of(grid->table->columns[column].title), &style,
               grid->width[column] - 2 * PAD_X, shaped);
}

static double heads_height(const struct grid *grid)
{
    double height = 0, most = 0;
    if (grid->table->look != TABLE_PLAIN)
        return 0;
    for (size_t i = 0; i < grid->count; i++) {
        struct shaped shaped;
        shape_head(grid, i, &shaped);
        most = shaped.height > most ? shaped.height : most;
        shaped_free(&shaped);
    }
    height = most + 6;
    if (grid->table->band.first) {
        struct shaped shaped;
        shape_band(grid, &shaped);
        height += shaped.height + 9;
        shaped_free(&shaped);
    }
    return height;
}

static void draw_continued(const struct grid *grid, double right, double y)
{
    struct text_style style = { 7.5, 10, colour_quiet, 400, false, true };
    struct shaped shaped;
    shape_text(grid->pdf, SLICE("continued"), &style, 80, &shaped);
    ink(grid->pdf, colour_quiet);
    shaped_draw(grid->pdf, &shaped, 0, shaped.lines_count, right - 80, y, NULL);
    shaped_free(&shaped);
}

static void draw_band(struct grid *grid)
{
    struct pdf *pdf = grid->pdf;
    struct shaped shaped;
    shape_band(grid, &shaped);
    /* On later pages its first line says where one is. */
    size_t lines = grid->is_continued && shaped.lines_count > 1 ? 1 : shaped.lines_count;
    double height = 0;
    for (size_t i = 0; i < lines; i++)
        height += shaped.lines[i].height;
    fill_box(pdf, grid->left, pdf->y, grid->total, height + 9, colour_band);
    fill_box(pdf, grid->left, pdf->y, 3, height + 9, pdf->accent);
    struct node *caption =
        grid->is_continued ? NULL : node_new(pdf, node_new(pdf, grid->node, "Caption"), "P");
    ink(pdf, colour_text);
    shaped_draw(pdf, &shaped, 0, lines, grid->left + PAD_X + 3, pdf->y + 4.5, caption);
    if (grid->is_continued)
        draw_continued(grid, grid->left + grid->total - PAD_X, pdf->y + 5.5);
    pdf->y += height + 9;
    shaped_free(&shaped);
}

static void draw_heads(struct grid *grid)
{
    struct pdf *pdf = grid->pdf;
    double most = 0;
    if (grid->table->look != TABLE_PLAIN)
        return;
    if (grid->table->band.first)
        draw_band(grid);
    struct node *row = NULL;
    if (!grid->is_continued)
        row = node_new(pdf, node_new(pdf, grid->node, "THead"), "TR");
    for (size_t i = 0; i < grid->count; i++) {
        struct shaped shaped;
        struct node *cell = row ? node_new(pdf, row, "TH") : NULL;
        if (cell)
            cell->scope = "Column";
        shape_head(grid, i, &shaped);
        ink(pdf, colour_quiet);
        shaped_draw(pdf, &shaped, 0, shaped.lines_count, grid->x[i] + PAD_X, pdf->y + 3, cell);
        most = shaped.height > most ? shaped.height : most;
        shaped_free(&shaped);
    }
    if (grid->is_continued && !grid->table->band.first)
        draw_continued(grid, grid->left + grid->total - PAD_X, pdf->y - 8);
    pdf->y += most + 6;
    draw_rule(pdf, grid->left, pdf->y, grid->total, 0.7, colour_strong_line);
    pdf->is_page_fresh = false;
}

static void next_page(struct grid *grid)
{
    struct pdf *pdf = grid->pdf;
    draw_rule(pdf, grid->left, pdf->y, grid->total, 0.5, colour_strong_line);
    page_break(pdf);
    grid->is_continued = true;
    if (grid->table->look != TABLE_PLAIN || !grid->table->band.first)
        pdf->y += grid->table->look == TABLE_PLAIN ? 4 : 0;
    draw_heads(grid);
}

/* Rows */

static void make_cell(const struct grid *grid, const struct row *row, size_t column,
                      struct strip *strip)
{
    static const struct text_style cover = { 9.5, 14, { 0.106, 0.122, 0.141 }, 400, false, false };
    struct strip_options options = { .size = STRIP_TABLE };
    options.is_right = grid->table->columns[column].is_number;
    if (grid->table->look == TABLE_COVER)
        options.style = &cover;
    options.is_quiet = grid->table->look != TABLE_PLAIN && column == 0;
    strip_make(grid->pdf, &row->cells[column].blocks,
               grid->width[column] - inset_of(grid, row, column) - PAD_X, &options, strip);
}

static double pad_of(const struct grid *grid)
{
    return grid->table->look == TABLE_COVER ? 3.5 : grid->table->look == TABLE_FACTS ? 3 : PAD_Y;
}

/* What one row needs, without a cell that reaches into the rows below. */
static double row_height(const struct grid *grid, const struct strip *strips, const struct row *row)
{
    double most = 0;
    for (size_t i = 0; i < grid->count; i++) {
        if (row->cells[i].rows_spanned != 1)
            continue;
        double height = strip_height(&strips[i], 0, strips[i].lines_count);
        most = height > most ? height : most;
    }
    return most + 2 * pad_of(grid);
}

static void make_row(const struct grid *grid, const struct row *row, struct strip *strips)
{
    for (size_t i = 0; i < grid->count; i++) {
        strips[i] = (struct strip){ 0 };
        if (row->cells[i].rows_spanned > 0)
            make_cell(grid, row, i, &strips[i]);
    }
}

static void free_row(const struct grid *grid, struct strip *strips)
{
    for (size_t i = 0; i < grid->count; i++)
        strip_free(&strips[i]);
}

/* The cell beside several rows. */
struct side {
    struct strip strip;
    size_t from;   /* lines drawn */
    double bottom; /* of what is drawn on this page, padding included */
    struct node *node;
    struct slice name;
    bool is_active;
};

static void side_draw(struct grid *grid, struct side *side)
{
    struct pdf *pdf = grid->pdf;
    double room = page_room(pdf) - 2 * pad_of(grid);
    size_t left = side->strip.lines_count - side->from;
    if (left == 0) {
        struct text_style style = { 7.5, 10, colour_quiet, 400, false, false };
        struct strbuf text = strbuf_new(1024);
        struct shaped shaped;
        strbuf_add(&text, side->name);
        strbuf_add_text(&text, ", continued");
        shape_text(pdf, strbuf_slice(&text), &style, grid->width[0] - 2 * PAD_X, &shaped);
        ink(pdf, colour_quiet);
        shaped_draw(pdf, &shaped, 0, shaped.lines_count, grid->x[0] + PAD_X, pdf->y + PAD_Y, NULL);
        side->bottom = pdf->y + shaped.height + 2 * PAD_Y;
        shaped_free(&shaped);
        pdf->failed = !strbuf_ok(&text, pdf->err) || pdf->failed;
        strbuf_free(&text);
        return;
    }
    size_t fit = strip_fit(&side->strip, side->from, room, LINES_LEAST);
    if (fit == 0)
        fit = left;
    strip_draw(pdf, &side->strip, side->from, side->from + fit, grid->x[0] + PAD_X,
               pdf->y + pad_of(grid), side->node);
    side->bottom =
        pdf->y + strip_height(&side->strip, side->from, side->from + fit) + 2 * pad_of(grid);
    side->from += fit;
}

/* Ends the group: its last row reaches down to the end of the side cell, on later pages if need be.
 */
static void side_end(struct grid *grid, struct side *side)
{
    struct pdf *pdf = grid->pdf;
    if (!side->is_active)
        return;
    while (side->from < side->strip.lines_count && !pdf->failed) {
        pdf->y = side->bottom > pdf->y ? side->bottom : pdf->y;
        next_page(grid);
        side_draw(grid, side);
    }
    pdf->y = side->bottom > pdf->y ? side->bottom : pdf->y;
    strip_free(&side->strip);
    side->is_active = false;
}

static struct node *cell_node(struct grid *grid, struct node *row_node, const struct row *row,
                              size_t column, struct strip *strip)
{
    const struct cell *cell = &row->cells[column];
    struct node *node =
        row_node ? node_new(grid->pdf, row_node, cell->is_head ? "TH" : "TD") : NULL;
    if (!node)
        return NULL;
    node->scope = cell->is_head ? "Row" : NULL;
    node->rows_spanned = cell->rows_spanned;
    /* One plain paragraph is the cell itself: half as many elements in long tables. */
    if (strip->parts_count == 1 && !strip->parts[0].list)
        strip->parts[0].node = node;
    return node;
}

/* Lines [from[i], from[i] + count[i]) of each cell, at the present y; gives the height. */
static double draw_cells(struct grid *grid, const struct row *row, struct strip *strips,
                         struct node **nodes, size_t *from, const size_t *count)
{
    struct pdf *pdf = grid->pdf;
    double most = 0;
    for (size_t i = 0; i < grid->count; i++) {
        if (row->cells[i].rows_spanned != 1)
            continue;
        double height = strip_height(&strips[i], from[i], from[i] + count[i]);
        strip_draw(pdf, &strips[i], from[i], from[i] + count[i],
                   grid->x[i] + inset_of(grid, row, i), pdf->y + pad_of(grid), nodes[i]);
        from[i] += count[i];
        most = height > most ? height : most;
    }
    return most + 2 * pad_of(grid);
}

static void draw_bar(struct grid *grid, const struct row *row, double top, double height)
{
    size_t last = grid->count - 1;
    if (row->is_exception && !grid->table->columns[last].is_paged)
        fill_box(grid->pdf, grid->x[last] + 1, top + 2, 2.5, height - 4, colour_alert);
}

static bool draw_some(struct grid *grid, const struct row *row, struct strip *strips,
                      struct node **nodes, size_t *from)
{
    size_t count[COLUMNS_MAX] = { 0 };
    bool is_done = true, is_some = false;
    double room = page_room(grid->pdf) - 2 * pad_of(grid);
    for (size_t i = 0; i < grid->count; i++) {
        if (row->cells[i].rows_spanned != 1 || from[i] >= strips[i].lines_count)
            continue;
        count[i] = strip_fit(&strips[i], from[i], room, LINES_LEAST);
        is_some = is_some || count[i] > 0;
        is_done = is_done && from[i] + count[i] == strips[i].lines_count;
    }
    for (size_t i = 0; i < grid->count && !is_some && !is_done; i++)
        if (row->cells[i].rows_spanned == 1 && from[i] < strips[i].lines_count)
            count[i] = 1; /* lines taller than a page: drawn all the same */
    double top = grid->pdf->y;
    double height = draw_cells(grid, row, strips, nodes, from, count);
    draw_bar(grid, row, top, height);
    grid->pdf->y += height;
    grid->pdf->is_page_fresh = false;
    return is_done;
}

static void draw_row(struct grid *grid, const struct row *row, struct strip *strips,
                     struct side *side)
{
    struct pdf *pdf = grid->pdf;
    struct node *nodes[COLUMNS_MAX] = { 0 };
    size_t from[COLUMNS_MAX] = { 0 };
    struct node *row_node = node_new(pdf, grid->body, "TR");
    place_mark(pdf, &row->mark, pdf->y);
    for (size_t i = 0; i < grid->count; i++) {
        if (row->cells[i].rows_spanned == 0)
            continue;
        nodes[i] = cell_node(grid, row_node, row, i, &strips[i]);
        if (row->cells[i].rows_spanned > 1) {
            *side = (struct side){
                .strip = strips[i], .node = nodes[i], .name = row->continued, .is_active = true
            };
            strips[i] = (struct strip){ 0 }; /* the side has it now */
            side_draw(grid, side);
        }
    }
    while (!draw_some(grid, row, strips, nodes, from) && !pdf->failed) {
        next_page(grid);
        if (side->is_active)
            side_draw(grid, side);
    }
}

/* Before a row: breaks the page if it does not fit, and draws the rule above it. */
static void make_room(struct grid *grid, const struct row *row, const struct strip *strips,
                      struct side *side, bool is_first)
{
    struct pdf *pdf = grid->pdf;
    double need = row_height(grid, strips, row);
    double capacity = page_capacity(pdf) - grid->heads;
    bool is_inner = row->cells[0].rows_spanned == 0;
    for (size_t i = 0; i < grid->count; i++)
        if (row->cells[i].rows_spanned > 1) {
            double beside = strip_height(&strips[i], 0, strips[i].lines_count) + 2 * PAD_Y;
            need = beside > need && beside <= capacity ? beside : need;
        }
    if (need > capacity)
        need = 2 * PAD_Y + LINES_LEAST * 13.0;
    else if (!row->next && need + grid->tail <= capacity)
        need += grid->tail;
    if (need > page_room(pdf) && !is_first) {
        if (is_inner && side->is_active && side->bottom > pdf->y)
            pdf->y = side->bottom;
        next_page(grid);
        if (is_inner && side->is_active)
            side_draw(grid, side);
        return;
    }
    if (is_first)
        return;
    if (is_inner)
        draw_rule(pdf, grid->x[1], pdf->y, grid->total - grid->width[0], 0.4, colour_line);
    else
        draw_rule(pdf, grid->left, pdf->y, grid->total, row->starts_group ? 0.6 : 0.4,
                  row->starts_group ? colour_strong_line : colour_line);
}

void flow_table(struct pdf *pdf, const struct table *table, double tail, struct node *parent)
{
    struct grid grid = grid_of(pdf, table);
    grid.tail = tail;
    grid.heads = heads_height(&grid);
    struct strip strips[COLUMNS_MAX];
    struct side side = { 0 };
    bool is_first = true;
    grid.node = node_new(pdf, parent, "Table");
    if (grid.node)
        grid.node->summary = table->band.first ? SLICE("") : table->label;
    place_mark(pdf, &table->mark, pdf->y);
    draw_heads(&grid);
    grid.body = node_new(pdf, grid.node, "TBody");
    for (const struct row *row = table->rows; row && !pdf->failed; row = row->next) {
        if (row->cells[0].rows_spanned > 0)
            side_end(&grid, &side);
        make_row(&grid, row, strips);
        make_room(&grid, row, strips, &side, is_first);
        draw_row(&grid, row, strips, &side);
        free_row(&grid, strips);
        is_first = false;
    }
    side_end(&grid, &side);
    draw_rule(pdf, grid.left, pdf->y, grid.total, table->look == TABLE_PLAIN ? 0.6 : 0.4,
              table->look == TABLE_PLAIN ? colour_strong_line : colour_line);
    pdf->is_page_fresh = false;
}

double table_least(struct pdf *pdf, const struct table *table)
{
    struct grid grid = grid_of(pdf, table);
    struct strip strips[COLUMNS_MAX];
    double heads = heads_height(&grid);
    double need = 0;
    if (!table->rows || pdf->failed)
        return heads;
    /* Facts about one thing are read together; so is an index, if a page can hold it. */
    bool are_facts = table->look != TABLE_PLAIN;
    if (table->rows_count <= 40 && (are_facts || table->is_kept_whole)) {
        double whole = table_height(pdf, table);
        if (whole <= (are_facts ? page_capacity(pdf) / 2 : page_capacity(pdf) - HEADING_ROOM))
            return whole;
    }
    make_row(&grid, table->rows, strips);
    for (size_t i = 0; i < grid.count; i++) {
        double height = strip_height(&strips[i], 0, strips[i].lines_count) + 2 * pad_of(&grid);
        need = height > need ? height : need;
    }
    free_row(&grid, strips);
    if (heads + need > page_capacity(pdf))
        need = 2 * PAD_Y + LINES_LEAST * 13.0;
    return heads + need;
}

double table_height(struct pdf *pdf, const struct table *table)
{
    struct grid grid = grid_of(pdf, table);
    struct strip strips[COLUMNS_MAX];
    double height = heads_height(&grid);
    for (const struct row *row = table->rows; row && !pdf->failed; row = row->next) {
        make_row(&grid, row, strips);
        height += row_height(&grid, strips, row);
        free_row(&grid, strips);
    }
    return height;
}
