/* Blocks one below the other in a column: a paragraph on the page, or what a table's cell holds. A
 * strip is a sequence of lines, so that both are cut the same way. */
#include <stdlib.h>

#include "report/pdf.h"

/* A list and its items in the structure tree, shared by the lines that belong to them. */
struct list_nodes {
    struct node *list;
    struct node *item, *body; /* of the item drawn last */
    size_t item_index;
    bool has_item;
};

static const double LIST_INDENT = 12;

static struct text_style style_of(const struct block *block, const struct strip_options *options)
{
    bool is_table = options->size == STRIP_TABLE;
    struct text_style style = is_table
                                  ? (struct text_style){ 8.5, 12, colour_text, 400, false, false }
                                  : (struct text_style){ 10, 14, colour_text, 400, false, false };
    if (options->style)
        style = *options->style;
    if (block->kind == BLOCK_HEADING) {
        style.weight = 600;
        return style;
    }
    if (options->is_quiet)
        style.colour = colour_quiet;
    style.is_right = options->is_right;
    switch (block->role) {
    case TEXT_LEAD:
        style.size = 11;
        style.leading = 16;
        style.weight = 600;
        break;
    case TEXT_NOTE:
        style.size = is_table ? 7.5 : 8.5;
        style.leading = is_table ? 10.5 : 12;
        style.colour = colour_quiet;
        break;
    case TEXT_LABEL:
        style.size = 8.5;
        style.leading = 12;
        style.weight = 600;
        break;
    case TEXT_CONCLUSION:
        style.size = 9;
        style.leading = 12.5;
        break;
    default:
        break;
    }
    return style;
}

static struct strip_part *part_new(struct pdf *pdf, struct strip *strip)
{
    if (strip->parts_count == strip->parts_capacity) {
        size_t capacity = strip->parts_capacity ? strip->parts_capacity * 2 : 4;
        struct strip_part *parts = realloc(strip->parts, capacity * sizeof(*parts));
        if (!parts) {
            pdf->failed = !error_no_memory(pdf->err, capacity * sizeof(*parts));
            return NULL;
        }
        strip->parts = parts;
        strip->parts_capacity = capacity;
    }
    struct strip_part *part = &strip->parts[strip->parts_count++];
    *part = (struct strip_part){ 0 };
    return part;
}

static struct strip_part *add_runs(struct pdf *pdf, struct strip *strip, const struct block *block,
                                   double indent, const struct strip_options *options)
{
    struct text_style style = style_of(block, options);
    struct strip_part *part = part_new(pdf, strip);
    if (!part)
        return NULL;
    part->block = block;
    part->colour = style.colour;
    part->indent = indent;
    part->gap = options->size == STRIP_TABLE ? 3 : 7;
    part->element = block->kind == BLOCK_CODE ? "Code" : "P";
    if (block->role == TEXT_SIGNATURE)
        part->gap = 0;
    if (block->kind == BLOCK_CODE) {
        part->has_band = true;
        part->gap = 0;
        style.size = 8.5;
        style.leading = 12;
    }
    double inset = part->has_band ? 6 : 0;
    shape_runs(pdf, &block->runs, &style, strip->width - indent - 2 * inset, &part->shaped);
    part->indent += inset;
    strip->lines_count += part->shaped.lines_count;
    return part;
}

static void add_list(struct pdf *pdf, struct strip *strip, const struct block *block,
                     const struct strip_options *options)
{
    struct list_nodes *nodes = arena_alloc(pdf->arena, sizeof(*nodes), pdf->err);
    size_t index = 0;
    if (!nodes) {
        pdf->failed = true;
        return;
    }
    for (const struct list_item *item = block->items; item; item = item->next, index++)
        for (const struct block *inner = item->blocks.first; inner; inner = inner->next) {
            struct strip_part *part = add_runs(pdf, strip, inner, LIST_INDENT, options);
            if (!part)
                return;
            part->list = nodes;
            part->item = index;
            part->gap = options->size == STRIP_TABLE ? 2 : 4;
            if (inner != item->blocks.first)
                continue;
            part->bullet = SLICE("\xe2\x80\xa2");
            part->is_label = item->label.len > 0;
            if (part->is_label) {
                part->bullet = item->label;
            } else if (block->is_ordered) {
                char *number = arena_printf(pdf->arena, pdf->err, "%zu.", index + 1);
                pdf->failed = pdf->failed || !number;
                part->bullet = slice_of(number);
            }
        }
}

static void add_block(struct pdf *pdf, struct strip *strip, const struct block *block,
                      const struct strip_options *options)
{
    if (block->kind == BLOCK_LIST)
        add_list(pdf, strip, block, options);
    else if (block->kind == BLOCK_TEXT || block->kind == BLOCK_CODE || block->kind == BLOCK_HEADING)
        add_runs(pdf, strip, block, 0, options);
}

void strip_make(struct pdf *pdf, const struct blocks *blocks, double width,
                const struct strip_options *options, struct strip *strip)
{
    *strip = (struct strip){ .width = width };
    for (const struct block *block = blocks->first; block && !pdf->failed; block = block->next)
        add_block(pdf, strip, block, options);
}

void strip_make_one(struct pdf *pdf, const struct block *block, double width,
                    const struct strip_options *options, struct strip *strip)
{
    *strip = (struct strip){ .width = width };
    add_block(pdf, strip, block, options);
}

void strip_free(struct strip *strip)
{
    for (size_t i = 0; i < strip->parts_count; i++)
        shaped_free(&strip->parts[i].shaped);
    free(strip->parts);
    *strip = (struct strip){ 0 };
}

/* Walks the lines [from, to): sums heights, or stops where room ends. */
static size_t measure(const struct strip *strip, size_t from, size_t to, double room,
                      double *height)
{
    size_t index = 0;
    *height = 0;
    for (size_t p = 0; p < strip->parts_count; p++) {
        const struct strip_part *part = &strip->parts[p];
        for (size_t i = 0; i < part->shaped.lines_count; i++, index++) {
            if (index < from)
                continue;
            if (index >= to)
                return index - from;
            double add = part->shaped.lines[i].height + (i == 0 && index > from ? part->gap : 0);
            if (*height + add > room)
                return index - from;
            *height += add;
        }
    }
    return index > from ? index - from : 0;
}

double strip_height(const struct strip *strip, size_t from, size_t to)
{
    double height;
    (void)measure(strip, from, to, 1e9, &height);
    return height;
}

size_t strip_fit(const struct strip *strip, size_t from, double room, size_t least)
{
    double height;
    size_t left = strip->lines_count - from;
    size_t fit = measure(strip, from, strip->lines_count, room, &height);
    if (fit >= left)
        return left;
    if (left - fit < least)
        fit = left > least ? left - least : 0;
    return fit < least ? 0 : fit;
}

/* The list and the item that a part belongs to, begun when its first line is drawn. */
static void open_list(struct pdf *pdf, struct strip_part *part, struct node *parent)
{
    struct list_nodes *list = part->list;
    if (!list)
        return;
    if (!list->list)
        list->list = node_new(pdf, parent, "L");
    if (!list->list || (list->has_item && list->item_index == part->item))
        return;
    list->item = node_new(pdf, list->list, "LI");
    list->body = NULL;
    list->item_index = part->item;
    list->has_item = true;
}

static void draw_bullet(struct pdf *pdf, struct strip_part *part, double x, double y)
{
    struct text_style style = {
        8.5, part->shaped.lines[0].height, colour_quiet, 400, false, false
    };
    if (part->is_label) {
        style.weight = 600;
        style.colour = colour_text;
    }
    struct shaped bullet;
    struct node *label = node_new(pdf, part->list->item, "Lbl");
    shape_text(pdf, part->bullet, &style, LIST_INDENT, &bullet);
    if (bullet.lines_count > 0 && pdf->is_drawing) {
        ink(pdf, style.colour);
        /* On the baseline of the line it belongs to. */
        double dy = part->shaped.lines[0].baseline - bullet.lines[0].baseline;
        shaped_draw(pdf, &bullet, 0, 1, x, y + dy, label);
    }
    shaped_free(&bullet);
}

static void draw_part(struct pdf *pdf, struct strip *strip, struct strip_part *part, size_t from,
                      size_t to, double x, double y, struct node *parent)
{
    if (from == 0 && part->block)
        place_mark(pdf, &part->block->mark, y);
    if (!pdf->is_drawing || !parent)
        return;
    open_list(pdf, part, parent);
    if (part->list) {
        if (from == 0 && part->bullet.len > 0)
            draw_bullet(pdf, part, x, y);
        if (!part->list->body)
            part->list->body = node_new(pdf, part->list->item, "LBody");
        parent = part->list->body;
    }
    if (part->has_band) {
        double height = 0;
        for (size_t i = from; i < to; i++)
            height += part->shaped.lines[i].height;
        fill_box(pdf, x, y - 1, strip->width, height + 2, colour_band);
    }
    if (!part->node)
        part->node = node_new(pdf, parent, part->element);
    ink(pdf, part->colour);
    shaped_draw(pdf, &part->shaped, from, to, x + part->indent, y, part->node);
}

void strip_draw(struct pdf *pdf, struct strip *strip, size_t from, size_t to, double x, double y,
                struct node *parent)
{
    size_t index = 0;
    for (size_t p = 0; p < strip->parts_count && !pdf->failed; p++) {
        struct strip_part *part = &strip->parts[p];
        size_t count = part->shaped.lines_count;
        size_t first = index < from ? from - index : 0;
        size_t last = index + count > to ? (to > index ? to - index : 0) : count;
        if (first < last) {
            if (first == 0 && index > from)
                y += part->gap;
            draw_part(pdf, strip, part, first, last, x, y, parent);
            for (size_t i = first; i < last; i++)
                y += part->shaped.lines[i].height;
        }
        index += count;
    }
}
