/* The title page: the firm at the head, the title in the upper third, the facts below it, boxes at
 * the foot. */
#include "report/pdf.h"

static void cover_text(struct pdf *pdf, const struct block *block, struct node *parent)
{
    struct text_style style = { 10, 14, colour_text, 400, false, false };
    const char *element = "P";
    double width = pdf->width - pdf->left - pdf->right;
    double gap = 0;
    struct shaped shaped;
    switch (block->role) {
    case TEXT_COVER_FIRM:
        style = (struct text_style){ 12, 16, pdf->accent, 600, false, false };
        gap = 0;
        break;
    case TEXT_COVER_KIND:
        style = (struct text_style){ 10, 14, colour_alert, 600, false, false };
        if (pdf->document->is_readiness)
            style.colour = pdf->accent;
        gap = 96;
        break;
    case TEXT_COVER_TITLE:
        style = (struct text_style){ 34, 40, pdf->accent, 600, true, false };
        element = "H1";
        gap = pdf->document->banner.len > 0 ? 4 : 114;
        break;
    case TEXT_COVER_SUBTITLE:
        style = (struct text_style){ 13, 19, colour_quiet, 400, false, false };
        gap = 10;
        width -= 40;
        break;
    default:
        break;
    }
    shape_runs(pdf, &block->runs, &style, width, &shaped);
    pdf->y += gap;
    struct node *node = node_new(pdf, parent, element);
    ink(pdf, style.colour);
    shaped_draw(pdf, &shaped, 0, shaped.lines_count, pdf->left, pdf->y, node);
    pdf->y += shaped.height;
    if (block->role == TEXT_COVER_FIRM) {
        pdf->y += 8;
        draw_rule(pdf, pdf->left, pdf->y, pdf->width - pdf->left - pdf->right, 1.5, pdf->accent);
    }
    pdf->is_page_fresh = false;
    shaped_free(&shaped);
}

void flow_cover(struct pdf *pdf, const struct section *section, struct node *parent)
{
    const double between = 10;
    double boxes = 0;
    for (const struct block *block = section->blocks.first; block; block = block->next)
        if (block->kind == BLOCK_BOX)
            boxes += box_height(pdf, block) + between;
    for (const struct block *block = section->blocks.first; block && !pdf->failed;
         block = block->next) {
        if (block->kind == BLOCK_TEXT) {
            cover_text(pdf, block, parent);
        } else if (block->kind == BLOCK_TABLE) {
            pdf->y += 26;
            flow_table(pdf, block->table, 0, parent);
        } else if (block->kind == BLOCK_BOX) {
            /* At the foot, unless the page is fuller than that. */
            if (pdf->y < pdf->bottom - boxes)
                pdf->y = pdf->bottom - boxes;
            pdf->y += between;
            if (page_room(pdf) < box_height(pdf, block) && !pdf->is_page_fresh)
                page_break(pdf);
            boxes -= box_height(pdf, block) + between;
            flow_box(pdf, block, parent);
        }
    }
}
