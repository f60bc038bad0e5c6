/* Pages: margins, running heads and feet, places of marks. */
#include <cairo-pdf.h>
#include <stdlib.h>

#include "report/pdf.h"

void ink(struct pdf *pdf, struct colour colour)
{
    pdf->current = colour;
    if (pdf->is_drawing)
        cairo_set_source_rgb(pdf->cr, colour.red, colour.green, colour.blue);
}

void fill_box(struct pdf *pdf, double x, double y, double width, double height,
              struct colour colour)
{
    if (!pdf->is_drawing || pdf->failed)
        return;
    ink(pdf, colour);
    cairo_rectangle(pdf->cr, x, y, width, height);
    cairo_fill(pdf->cr);
}

void draw_rule(struct pdf *pdf, double x, double y, double width, double thickness,
               struct colour colour)
{
    fill_box(pdf, x, y - thickness / 2, width, thickness, colour);
}

double page_room(const struct pdf *pdf) { return pdf->bottom - pdf->y; }

double page_capacity(const struct pdf *pdf) { return pdf->bottom - pdf->top; }

unsigned page_of(const struct pdf *pdf, const char *anchor)
{
    const struct place *place = places_find(&pdf->known, anchor);
    return place ? place->page : 0;
}

void place_mark(struct pdf *pdf, const struct mark *mark, double y)
{
    if (mark->anchor)
        places_add(pdf, &pdf->found, mark->anchor, pdf->page, y);
    if (!pdf->is_drawing || pdf->failed || mark->outline_level == 0)
        return;
    if (pdf->outline_count == pdf->outline_capacity) {
        size_t capacity = pdf->outline_capacity ? pdf->outline_capacity * 2 : 64;
        struct outline_entry *more = realloc(pdf->outline, capacity * sizeof(*more));
        if (!more) {
            pdf->failed = !error_no_memory(pdf->err, capacity * sizeof(*more));
            return;
        }
        pdf->outline = more;
        pdf->outline_capacity = capacity;
    }
    pdf->outline[pdf->outline_count++] = (struct outline_entry){
        .title = mark->title, .level = mark->outline_level, .page = pdf->page, .y = y
    };
}

/* One line of a head or foot; longer texts end with an ellipsis. An artifact. */
static void running_text(struct pdf *pdf, struct slice text, const struct text_style *style,
                         double x, double y, double width)
{
    struct shaped shaped;
    shape_text(pdf, text, style, width, &shaped);
    if (shaped.layout && shaped.lines_count > 1) {
        /* One line only: what follows cannot be seen, so it is cut off with a sign. */
        pango_layout_set_ellipsize(shaped.layout, PANGO_ELLIPSIZE_END);
        pango_layout_set_height(shaped.layout, -1);
        shaped.lines[0].line = pango_layout_get_line_readonly(shaped.layout, 0);
        shaped.lines_count = 1;
    }
    ink(pdf, style->colour);
    if (shaped.lines_count > 0)
        shaped_draw(pdf, &shaped, 0, 1, x, y, NULL);
    shaped_free(&shaped);
}

static void draw_head(struct pdf *pdf)
{
    struct text_style left = { 7.5, 10, colour_text, 600, false, false };
    struct text_style right = { 7.5, 10, colour_quiet, 400, false, true };
    struct text_style banner = { 7.5, 10, pdf->accent, 600, false, true };
    double width = pdf->width - pdf->left - pdf->right;
    double y = 30;
    const struct document *document = pdf->document;
    running_text(pdf, pdf->section->title, &left, pdf->left, y, width * 0.7);
    running_text(pdf, document->banner, &banner, pdf->left + width * 0.7, y, width * 0.3);
    running_text(pdf, pdf->section->author,
                 &(struct text_style){ 7.5, 10, colour_quiet, 400, false, false }, pdf->left,
                 y + 10, width * 0.55);
    running_text(pdf, document->banner_note, &right, pdf->left + width * 0.4, y + 10, width * 0.6);
    draw_rule(pdf, pdf->left, y + 24, width, 0.5, colour_strong_line);
}

static void draw_foot(struct pdf *pdf)
{
    struct text_style left = { 7.5, 10, colour_quiet, 400, false, false };
    struct text_style right = { 7.5, 10, colour_quiet, 400, false, true };
    double width = pdf->width - pdf->left - pdf->right;
    double y = pdf->height - 38;
    char hex[65];
    struct strbuf text = strbuf_new(512);
    draw_rule(pdf, pdf->left, y - 5, width, 0.5, colour_line);
    digest_hex(&pdf->document->digest, hex);
    if (pdf->document->banner.len > 0) {
        strbuf_add(&text, pdf->document->banner);
        strbuf_add_text(&text, "  \xc2\xb7  ");
    }
    strbuf_add(&text, pdf->document->running);
    strbuf_add_text(&text, "  \xc2\xb7  sha256:");
    strbuf_add(&text, slice_head(slice_of(hex), 16));
    strbuf_add_text(&text, "\xe2\x80\xa6");
    running_text(pdf, strbuf_slice(&text), &left, pdf->left, y, width * 0.8);
    strbuf_clear(&text);
    strbuf_printf(&text, "Page %u of %u", pdf->page, pdf->pages_known);
    running_text(pdf, strbuf_slice(&text), &right, pdf->left + width * 0.7, y, width * 0.3);
    pdf->failed = !strbuf_ok(&text, pdf->err) || pdf->failed;
    strbuf_free(&text);
}

static void sheet_add(struct pdf *pdf)
{
    if (pdf->sheets_count == pdf->sheets_capacity) {
        size_t capacity = pdf->sheets_capacity ? pdf->sheets_capacity * 2 : 64;
        struct sheet *more = realloc(pdf->sheets, capacity * sizeof(*more));
        if (!more) {
            pdf->failed = !error_no_memory(pdf->err, capacity * sizeof(*more));
            return;
        }
        pdf->sheets = more;
        pdf->sheets_capacity = capacity;
    }
    pdf->sheets[pdf->sheets_count++] = (struct sheet){ .height = pdf->height };
}

void page_begin(struct pdf *pdf)
{
    bool is_wide = pdf->section->is_landscape;
    pdf->width = is_wide ? pdf->paper_height : pdf->paper_width;
    pdf->height = is_wide ? pdf->paper_width : pdf->paper_height;
    pdf->left = is_wide ? 44 : 70;
    pdf->right = is_wide ? 44 : 70;
    pdf->top = 72;
    pdf->bottom = pdf->height - 54;
    pdf->y = pdf->top;
    pdf->page++;
    pdf->is_page_fresh = true;
    if (!pdf->is_drawing || pdf->failed)
        return;
    sheet_add(pdf);
    cairo_pdf_surface_set_size(pdf->surface, pdf->width, pdf->height);
    draw_head(pdf);
    draw_foot(pdf);
}

void page_end(struct pdf *pdf)
{
    if (pdf->is_drawing && !pdf->failed)
        cairo_show_page(pdf->cr);
}

void page_break(struct pdf *pdf)
{
    page_end(pdf);
    page_begin(pdf);
}

void section_begin(struct pdf *pdf, const struct section *section)
{
    if (pdf->page > 0)
        page_end(pdf);
    pdf->section = section;
    page_begin(pdf);
}
