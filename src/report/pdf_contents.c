/* The list of contents: titles, dots, pages; and the QR symbol. */
#include "report/pdf.h"
#include "report/qr.h"

struct entry {
    const struct mark *mark;
    double indent, height;
    struct text_style style;
};

static struct entry entry_of(const struct mark *mark)
{
    bool is_major = mark->outline_level <= 1;
    return (struct entry){
        .mark = mark,
        .indent = is_major ? 0 : 14,
        .style = is_major ? (struct text_style){ 10, 15, colour_text, 600, false, false }
                          : (struct text_style){ 9, 13, colour_text, 400, false, false },
    };
}

/* Dots from the end of the title to the page number: an artifact. */
static void draw_dots(struct pdf *pdf, double from, double to, double baseline)
{
    if (!pdf->is_drawing || to - from < 12)
        return;
    ink(pdf, colour_strong_line);
    /* On one grid for all lines, so that the dots stand in columns. */
    const double step = 4;
    double right = pdf->width - pdf->right;
    int most = (int)((right - from) / step);
    for (int i = 1; i <= most; i++) {
        double x = right - step * i;
        if (x > from + 3 && x < to)
            cairo_rectangle(pdf->cr, x, baseline - 0.8, 0.8, 0.8);
    }
    cairo_fill(pdf->cr);
}

static void draw_entry(struct pdf *pdf, const struct entry *entry, const struct shaped *title,
                       const struct shaped *number, struct node *list)
{
    double x = pdf->left + entry->indent;
    double right = pdf->width - pdf->right;
    struct node *link =
        node_new(pdf, node_new(pdf, node_new(pdf, list, "TOCI"), "Reference"), "Link");
    double y = pdf->y;
    ink(pdf, colour_text);
    shaped_draw(pdf, title, 0, title->lines_count, x, y, link);
    size_t last = title->lines_count - 1;
    double last_y = y + title->height - title->lines[last].height;
    PangoRectangle extents;
    pango_layout_line_get_extents(title->lines[last].line, NULL, &extents);
    double end = x + title->lines[last].x + pango_units_to_double(extents.width);
    ink(pdf, colour_text);
    double number_y = last_y + title->lines[last].baseline - number->lines[0].baseline;
    shaped_draw(pdf, number, 0, 1, right - 40, number_y, link);
    double number_left = right - 40 + number->lines[0].x;
    draw_dots(pdf, end, number_left - 3, last_y + title->lines[last].baseline);
    link_add(pdf, link, entry->mark->anchor, x, y, right, y + title->height);
}

static void flow_entry(struct pdf *pdf, const struct mark *mark, struct node *list)
{
    struct entry entry = entry_of(mark);
    struct shaped title, number;
    struct strbuf digits = strbuf_new(32), words = strbuf_new((size_t)1 << 20);
    struct text_style right = entry.style;
    double width = pdf->width - pdf->left - pdf->right - entry.indent - 60;
    right.is_right = true;
    strbuf_add_u64(&digits, page_of(pdf, mark->anchor));
    /* Read aloud, the number is a word of its own. */
    strbuf_add(&words, mark->title);
    strbuf_add_char(&words, ' ');
    shape_text(pdf, strbuf_slice(&words), &entry.style, width, &title);
    shape_text(pdf, strbuf_slice(&digits), &right, 40, &number);
    double gap = mark->outline_level <= 1 && !pdf->is_page_fresh ? 8 : 0;
    if (gap + title.height > page_room(pdf)) {
        page_break(pdf);
        gap = 0;
    }
    pdf->y += gap;
    if (title.lines_count > 0 && number.lines_count > 0 && pdf->is_drawing)
        draw_entry(pdf, &entry, &title, &number, list);
    pdf->y += title.height;
    pdf->is_page_fresh = false;
    shaped_free(&title);
    shaped_free(&number);
    pdf->failed = !strbuf_ok(&digits, pdf->err) || !strbuf_ok(&words, pdf->err) || pdf->failed;
    strbuf_free(&digits);
    strbuf_free(&words);
}

void flow_contents(struct pdf *pdf, struct node *parent)
{
    struct node *list = node_new(pdf, parent, "TOC");
    for (const struct section *s = pdf->document->first; s; s = s->next)
        for (const struct block *block = s->blocks.first; block && !pdf->failed;
             block = block->next) {
            const struct mark *mark = block->table ? &block->table->mark : &block->mark;
            if (mark->is_in_contents && mark->anchor)
                flow_entry(pdf, mark, list);
        }
}

static const double QR_SIZE = 128;

double qr_height(void) { return QR_SIZE; }

void flow_qr(struct pdf *pdf, const struct block *block, struct node *parent)
{
    struct qr qr;
    struct node *figure = node_new(pdf, parent, "Figure");
    if (pdf->is_drawing && !pdf->failed) {
        if (!qr_encode(pdf->arena, block->qr, &qr, pdf->err)) {
            pdf->failed = true;
            return;
        }
        double step = QR_SIZE / qr.width;
        if (figure)
            figure->alt = block->qr_alt;
        content_begin(pdf, figure);
        ink(pdf, (struct colour){ 0, 0, 0 });
        for (unsigned row = 0; row < qr.width; row++)
            for (unsigned column = 0; column < qr.width; column++)
                if (qr.dark[row * qr.width + column])
                    cairo_rectangle(pdf->cr, pdf->left + column * step, pdf->y + row * step, step,
                                    step);
        cairo_fill(pdf->cr);
        content_end(pdf);
    }
    pdf->y += QR_SIZE;
    pdf->is_page_fresh = false;
}
