/* Blocks down the pages: what may be cut, what must stay together, how much air stands between. */
#include "report/pdf.h"

/* Lines of a paragraph that may stand alone at a page's edge. */
enum { LINES_LEAST = 3 };

static double gap_above(const struct block *block)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        return block->level == 1 ? 40 : block->level == 2 ? 20 : 14;
    case BLOCK_TABLE:
        return block->table->look == TABLE_PLAIN ? 14 : 8;
    case BLOCK_BOX:
        return 14;
    case BLOCK_CODE:
        return 0;
    case BLOCK_QR:
        return 16;
    case BLOCK_TEXT:
        return block->role == TEXT_LABEL ? 14 : block->role == TEXT_SIGNATURE ? 0 : 7;
    default:
        return 7;
    }
}

/* Less air between a heading and what it names. */
static double gap_between(const struct block *above, const struct block *below)
{
    if (!above)
        return 0;
    if (above->kind == BLOCK_HEADING && below->kind != BLOCK_HEADING)
        return above->level == 1 ? 10 : below->kind == BLOCK_TABLE ? 7 : 4;
    if (above->kind == BLOCK_TEXT && above->role == TEXT_LABEL)
        return 3;
    /* What stands below a table belongs to it, or begins something new: it needs air. */
    if (above->kind == BLOCK_TABLE && below->kind == BLOCK_TEXT)
        return below->role == TEXT_LABEL ? 14 : 6;
    if (below->kind == BLOCK_TABLE && above->kind == BLOCK_TEXT && above->role == TEXT_CONCLUSION)
        return 22;
    if (below->kind == BLOCK_TEXT && below->role == TEXT_CONCLUSION)
        return 3;
    return gap_above(below);
}

static const struct text_style *heading_style(const struct pdf *pdf, unsigned level)
{
    static struct text_style styles[] = {
        { 20, 26, { 0, 0, 0 }, 600, true, false },
        { 20, 26, { 0, 0, 0 }, 600, true, false },
        { 12.5, 17, { 0.106, 0.122, 0.141 }, 600, false, false },
        { 10.5, 15, { 0.106, 0.122, 0.141 }, 600, false, false },
        { 10, 14, { 0.106, 0.122, 0.141 }, 600, false, false },
    };
    (void)pdf;
    return &styles[level < ARRAY_LEN(styles) ? level : ARRAY_LEN(styles) - 1];
}

struct strip_options flow_options(const struct pdf *pdf, const struct block *block)
{
    struct strip_options options = { .size = STRIP_BODY };
    if (block->kind == BLOCK_HEADING)
        options.style = heading_style(pdf, block->level);
    return options;
}

static double body_width(const struct pdf *pdf)
{
    double width = pdf->width - pdf->left - pdf->right;
    return pdf->section->is_landscape && width > 560 ? 560 : width; /* lines stay readable */
}

static void make(struct pdf *pdf, const struct block *block, struct strip *strip)
{
    struct strip_options options = flow_options(pdf, block);
    strip_make_one(pdf, block, body_width(pdf), &options, strip);
}

static bool is_conclusion(const struct block *block)
{
    return block && block->kind == BLOCK_TEXT && block->role == TEXT_CONCLUSION;
}

/* A heading names what follows; a conclusion is what its remarks are on. */
static bool holds_on_to_next(const struct block *block)
{
    if (is_conclusion(block))
        return is_conclusion(block->next);
    return block->kind == BLOCK_HEADING || (block->kind == BLOCK_TEXT && block->role == TEXT_LABEL);
}

/* The room that must be left under a table, so that what closes it does not stand alone. Remarks of
 * more than half a page are left to the next one: the table would be torn for them. */
static double tail_of(struct pdf *pdf, const struct block *block)
{
    const struct block *next = block->next;
    if (!is_conclusion(next))
        return 0;
    double tail = gap_between(block, next) + flow_least(pdf, next);
    return tail < page_capacity(pdf) / 2 ? tail : 60;
}

double flow_least(struct pdf *pdf, const struct block *block)
{
    struct strip strip;
    double least = 0;
    if (!block || pdf->failed)
        return 0;
    if (block->kind == BLOCK_TABLE)
        return table_least(pdf, block->table) +
               (block->table->rows_count == 1 ? tail_of(pdf, block) : 0);
    if (block->kind == BLOCK_BOX)
        return box_height(pdf, block);
    if (block->kind == BLOCK_QR)
        return qr_height();
    if (block->kind == BLOCK_CONTENTS)
        return 14;
    make(pdf, block, &strip);
    if (holds_on_to_next(block)) {
        least = strip_height(&strip, 0, strip.lines_count);
        if (block->next)
            least += gap_between(block, block->next) + flow_least(pdf, block->next);
    } else {
        size_t lines = strip.lines_count < LINES_LEAST ? strip.lines_count : LINES_LEAST;
        /* A remainder that would stand alone comes along. */
        if (strip.lines_count < 2 * LINES_LEAST)
            lines = strip.lines_count;
        least = strip_height(&strip, 0, lines);
    }
    strip_free(&strip);
    return least;
}

static void flow_strip(struct pdf *pdf, const struct block *block, struct node *parent)
{
    struct strip strip;
    size_t from = 0;
    make(pdf, block, &strip);
    while (from < strip.lines_count && !pdf->failed) {
        size_t fit = strip_fit(&strip, from, page_room(pdf), LINES_LEAST);
        if (fit == 0 && !pdf->is_page_fresh) {
            page_break(pdf);
            continue;
        }
        if (fit == 0)
            fit = 1; /* a line taller than the page: drawn all the same */
        strip_draw(pdf, &strip, from, from + fit, pdf->left, pdf->y, parent);
        pdf->y += strip_height(&strip, from, from + fit);
        pdf->is_page_fresh = false;
        from += fit;
    }
    strip_free(&strip);
}

static void flow_heading(struct pdf *pdf, const struct block *block, struct node *parent)
{
    static const char *const elements[] = { "H1", "H1", "H2", "H3", "H4" };
    struct strip strip;
    make(pdf, block, &strip);
    for (size_t i = 0; i < strip.parts_count; i++) {
        strip.parts[i].element = elements[block->level < 5 ? block->level : 4];
        if (block->level <= 1)
            strip.parts[i].colour = pdf->accent;
    }
    strip_draw(pdf, &strip, 0, strip.lines_count, pdf->left, pdf->y, parent);
    pdf->y += strip_height(&strip, 0, strip.lines_count);
    pdf->is_page_fresh = false;
    strip_free(&strip);
}

static void flow_block(struct pdf *pdf, const struct block *block, struct node *parent)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        flow_heading(pdf, block, parent);
        break;
    case BLOCK_TEXT:
    case BLOCK_LIST:
    case BLOCK_CODE:
        flow_strip(pdf, block, parent);
        break;
    case BLOCK_TABLE:
        flow_table(pdf, block->table, tail_of(pdf, block), parent);
        break;
    case BLOCK_BOX:
        flow_box(pdf, block, parent);
        break;
    case BLOCK_CONTENTS:
        flow_contents(pdf, parent);
        break;
    case BLOCK_QR:
        flow_qr(pdf, block, parent);
        break;
    }
}

/* A paragraph begins in far less than this; it need not be measured twice. */
static bool has_room_anyway(const struct pdf *pdf, const struct block *block)
{
    bool is_text =
        block->kind == BLOCK_TEXT || block->kind == BLOCK_LIST || block->kind == BLOCK_CODE;
    return is_text && !holds_on_to_next(block) && page_room(pdf) > 160;
}

void flow_blocks(struct pdf *pdf, const struct blocks *blocks, struct node *parent)
{
    const struct block *above = NULL;
    for (const struct block *block = blocks->first; block && !pdf->failed; block = block->next) {
        double gap = pdf->is_page_fresh ? 0 : above ? gap_between(above, block) : gap_above(block);
        bool is_seen_to = above && holds_on_to_next(above); /* measured with its heading */
        if (!pdf->is_page_fresh && !is_seen_to && !has_room_anyway(pdf, block)) {
            /* What cannot fit on any page must not break for ever. */
            double least = flow_least(pdf, block);
            bool is_hopeless = least > page_capacity(pdf);
            if (gap + (is_hopeless ? 60 : least) > page_room(pdf)) {
                page_break(pdf);
                gap = 0;
            }
        }
        pdf->y += gap;
        flow_block(pdf, block, parent);
        above = block;
    }
}

/* Boxes stay whole. */

static const double BOX_PADDING = 10;

static struct strip_options box_options(void)
{
    return (struct strip_options){ .size = STRIP_BODY };
}

double box_height(struct pdf *pdf, const struct block *block)
{
    struct strip strip;
    struct strip_options options = box_options();
    strip_make(pdf, &block->inner, body_width(pdf) - 2 * BOX_PADDING - 3, &options, &strip);
    double height = strip_height(&strip, 0, strip.lines_count) + 2 * BOX_PADDING;
    strip_free(&strip);
    return height;
}

static void draw_frame(struct pdf *pdf, double height)
{
    double width = body_width(pdf);
    draw_rule(pdf, pdf->left, pdf->y, width, 0.5, colour_strong_line);
    draw_rule(pdf, pdf->left, pdf->y + height, width, 0.5, colour_strong_line);
    fill_box(pdf, pdf->left + width - 0.25, pdf->y, 0.5, height, colour_strong_line);
    fill_box(pdf, pdf->left, pdf->y - 0.25, 3, height + 0.5, pdf->accent);
}

void flow_box(struct pdf *pdf, const struct block *block, struct node *parent)
{
    struct strip strip;
    struct strip_options options = box_options();
    double x = pdf->left + BOX_PADDING + 3;
    size_t from = 0;
    strip_make(pdf, &block->inner, body_width(pdf) - 2 * BOX_PADDING - 3, &options, &strip);
    struct node *node = node_new(pdf, parent, "Div");
    while (from < strip.lines_count && !pdf->failed) {
        size_t fit = strip_fit(&strip, from, page_room(pdf) - 2 * BOX_PADDING, 1);
        if (fit == 0)
            fit = 1;
        double height = strip_height(&strip, from, from + fit);
        draw_frame(pdf, height + 2 * BOX_PADDING);
        strip_draw(pdf, &strip, from, from + fit, x, pdf->y + BOX_PADDING, node);
        pdf->y += height + 2 * BOX_PADDING;
        pdf->is_page_fresh = false;
        from += fit;
        if (from < strip.lines_count)
            page_break(pdf);
    }
    strip_free(&strip);
}
