/* Text in lines: shaped by Pango, placed and drawn line by line by us, so that a text can be cut
 * between lines, its baselines stand on a grid, and links know where they are. */
#include <hb.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "report/direction.h"
#include "report/pdf.h"

const struct colour colour_text = { 0.106, 0.122, 0.141 };
const struct colour colour_quiet = { 0.341, 0.376, 0.416 };
const struct colour colour_alert = { 0.659, 0.125, 0.051 };
const struct colour colour_line = { 0.82, 0.84, 0.86 };
const struct colour colour_strong_line = { 0.49, 0.522, 0.565 };
const struct colour colour_band = { 0.945, 0.953, 0.965 };

/* Bytes of the layout's text that come from one run. */
struct span {
    size_t start, end;
    const struct run *run;
};

static PangoAttribute *colour_of(struct colour colour)
{
    return pango_attr_foreground_new((guint16)(colour.red * 65535), (guint16)(colour.green * 65535),
                                     (guint16)(colour.blue * 65535));
}

static void attribute(PangoAttrList *list, PangoAttribute *attr, const struct span *span)
{
    attr->start_index = (guint)span->start;
    attr->end_index = (guint)span->end;
    pango_attr_list_insert(list, attr);
}

static void run_attributes(const struct pdf *pdf, PangoAttrList *list, const struct span *span,
                           const struct text_style *style)
{
    const struct run *run = span->run;
    double size = style->size;
    if (run->style & RUN_SMALL && style->size > 8)
        size = style->size * 0.9;
    if (run->style & RUN_KICKER)
        size = style->size * 0.5;
    if (run->style & RUN_MONO) {
        attribute(list, pango_attr_family_new(pdf_fonts_families(pdf->fonts, true, false)), span);
        size *= 0.86; /* DejaVu is drawn larger than Inter */
    }
    if (size < style->size || size > style->size)
        attribute(list, pango_attr_size_new((int)(size * PANGO_SCALE)), span);
    if (run->style & RUN_BOLD)
        attribute(list, pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD), span);
    if (run->style & RUN_ITALIC)
        attribute(list, pango_attr_style_new(PANGO_STYLE_ITALIC), span);
    if (run->style & RUN_ALERT)
        attribute(list, colour_of(colour_alert), span);
    else if (run->target)
        attribute(list, colour_of(pdf->accent), span);
    else if (run->style & (RUN_QUIET | RUN_KICKER))
        attribute(list, colour_of(colour_quiet), span);
}

static bool is_blank(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != ' ')
            return false;
    return text.len > 0;
}

/* A space that stands alone in its style would be drawn alone, and cairo drops what has no ink:
 * then two words are read as one. So it takes the style of what stands before it. */
static void style_runs(const struct pdf *pdf, PangoAttrList *list, const struct shaped *shaped,
                       const struct text_style *style)
{
    for (size_t i = 0; i < shaped->spans_count; i++) {
        struct span span = shaped->spans[i];
        while (i + 1 < shaped->spans_count && !shaped->spans[i + 1].run->is_page &&
               is_blank(shaped->spans[i + 1].run->text))
            span.end = shaped->spans[++i].end;
        run_attributes(pdf, list, &span, style);
    }
}

static void set_font(const struct pdf *pdf, PangoLayout *layout, const struct text_style *style)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family(font,
                                      pdf_fonts_families(pdf->fonts, false, style->is_display));
    pango_font_description_set_size(font, (gint)(style->size * PANGO_SCALE));
    pango_font_description_set_weight(font, (PangoWeight)style->weight);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
}

/* A second net below pdf_fonts.c: a sequence that no font can shape. */
static bool has_unknown(struct pdf *pdf, PangoLayout *layout, const struct shaped *shaped)
{
    if (pango_layout_get_unknown_glyphs_count(layout) == 0)
        return false;
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    gunichar unknown = 0xfffd;
    size_t index = 0;
    do {
        const PangoLayoutRun *item = pango_layout_iter_get_run_readonly(iter);
        for (int i = 0; item && i < item->glyphs->num_glyphs; i++)
            if (item->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) {
                unknown = item->glyphs->glyphs[i].glyph & ~PANGO_GLYPH_UNKNOWN_FLAG;
                index = (size_t)item->item->offset + (size_t)item->glyphs->log_clusters[i];
            }
    } while (pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
    const char *field = NULL;
    for (size_t i = 0; i < shaped->spans_count; i++)
        if (index >= shaped->spans[i].start && index < shaped->spans[i].end)
            field = shaped->spans[i].run->field;
    error_set(pdf->err, ERROR_INVALID, field ? field : "a fixed label",
              "no installed font can show U+%04X here", (unsigned)unknown);
    return true;
}

/* Pango takes the ink out of the space at which it breaks a line; cairo would then write a marked
 * content without any content for it. As a glyph without width it is read as what it is. */
static void keep_last_space(PangoLayoutLine *line, const char *text)
{
    for (GSList *at = line->runs; at; at = at->next) {
        PangoGlyphItem *run = at->data;
        for (int i = 0; i < run->glyphs->num_glyphs; i++) {
            PangoGlyphInfo *glyph = &run->glyphs->glyphs[i];
            hb_codepoint_t space = 0;
            if (glyph->glyph == PANGO_GLYPH_EMPTY &&
                text[run->item->offset + run->glyphs->log_clusters[i]] == ' ' &&
                hb_font_get_nominal_glyph(pango_font_get_hb_font(run->item->analysis.font), ' ',
                                          &space))
                glyph->glyph = space;
        }
    }
}

/* Baselines on the grid of the style; a line with taller letters of another script is taller. */
static void measure_lines(struct pdf *pdf, struct shaped *shaped, const struct text_style *style)
{
    PangoFontMetrics *metrics = pango_context_get_metrics(
        pdf->context, pango_layout_get_font_description(shaped->layout), NULL);
    double ascent = pango_units_to_double(pango_font_metrics_get_ascent(metrics));
    double descent = pango_units_to_double(pango_font_metrics_get_descent(metrics));
    double extra = style->leading - ascent - descent;
    pango_font_metrics_unref(metrics);
    PangoLayoutIter *iter = pango_layout_get_iter(shaped->layout);
    for (size_t i = 0; i < shaped->lines_count; i++) {
        PangoRectangle extents;
        struct shaped_line *line = &shaped->lines[i];
        line->line = pango_layout_iter_get_line(iter);
        keep_last_space(line->line, pango_layout_get_text(shaped->layout));
        pango_layout_iter_get_line_extents(iter, NULL, &extents);
        line->x = pango_units_to_double(extents.x);
        double up = pango_units_to_double(pango_layout_iter_get_baseline(iter) - extents.y);
        double down = pango_units_to_double(extents.height) - up;
        double over = (up > ascent ? up - ascent : 0) + (down > descent ? down - descent : 0);
        /* Room between lines is used up before a line grows. */
        double grow = over > extra && extra > 0 ? over - extra : extra > 0 ? 0 : over;
        line->height = style->leading + grow;
        line->baseline = (up > ascent ? up : ascent) + (extra > over ? (extra - over) / 2 : 0);
        shaped->height += line->height;
        if (!pango_layout_iter_next_line(iter))
            shaped->lines_count = i + 1;
    }
    pango_layout_iter_free(iter);
}

/* Pango's time grows by the square of a word's length, so that one of 200,000 letters took minutes:
 * a word longer than any real one is cut into lines of its own, where no mark can be parted from
 * its letter unless there is no such place. */
static void add_words(struct strbuf *text, struct slice words)
{
    enum { WORD_BYTES = 2000, WORD_BYTES_MAX = 4000 };
    size_t from = 0, word = 0;
    for (size_t i = 0; i < words.len; i++) {
        unsigned char c = (unsigned char)words.at[i];
        if (c == ' ' || c == '\n')
            word = i;
        bool is_letter = c < 0x80, is_first = (c & 0xc0) != 0x80;
        if (!(i - word > WORD_BYTES && is_letter) && !(i - word > WORD_BYTES_MAX && is_first))
            continue;
        strbuf_add(text, slice_head(slice_from(words, from), i - from));
        strbuf_add_text(text, "\xe2\x80\xa8");
        from = word = i;
    }
    strbuf_add(text, slice_from(words, from));
}

static void run_text(struct pdf *pdf, const struct run *run, bool is_alone, struct strbuf *text)
{
    if (run->is_page) {
        strbuf_add_u64(text, page_of(pdf, run->target));
        return;
    }
    bool is_isolated = !is_alone && run->field && text_has_right_to_left(run->text);
    if (is_isolated)
        strbuf_add_text(text, isolate);
    add_words(text, run->text);
    if (is_isolated)
        strbuf_add_text(text, isolate_end);
    if (run->style & RUN_KICKER)
        strbuf_add_text(text, " \n");
}

static bool collect(struct pdf *pdf, const struct runs *runs, struct strbuf *text,
                    struct shaped *shaped)
{
    size_t count = 0;
    for (const struct run *run = runs->first; run; run = run->next)
        count++;
    shaped->spans = calloc(count + 1, sizeof(*shaped->spans));
    if (!shaped->spans)
        return error_no_memory(pdf->err, (count + 1) * sizeof(*shaped->spans));
    for (const struct run *run = runs->first; run; run = run->next) {
        struct span *span = &shaped->spans[shaped->spans_count++];
        span->start = text->len;
        run_text(pdf, run, runs->first == runs->last, text);
        span->end = text->len;
        span->run = run;
        shaped->has_links = shaped->has_links || run->target;
    }
    return strbuf_ok(text, pdf->err);
}

void shape_runs(struct pdf *pdf, const struct runs *runs, const struct text_style *style,
                double width, struct shaped *shaped)
{
    struct strbuf text = strbuf_new((size_t)1 << 26);
    *shaped = (struct shaped){ 0 };
    if (pdf->failed || !collect(pdf, runs, &text, shaped))
        goto failed;
    shaped->layout = pango_layout_new(pdf->context);
    set_font(pdf, shaped->layout, style);
    pango_layout_set_text(shaped->layout, text.at ? text.at : "", (int)text.len);
    PangoAttrList *list = pango_attr_list_new();
    style_runs(pdf, list, shaped, style);
    /* Digests may be broken anywhere, but nothing may be added to them. */
    pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
    if (style->is_right)
        pango_attr_list_insert(list, pango_attr_font_features_new("tnum=1"));
    pango_layout_set_attributes(shaped->layout, list);
    pango_attr_list_unref(list);
    pango_layout_set_width(shaped->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(shaped->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(shaped->layout, TRUE);
    pango_layout_set_alignment(shaped->layout,
                               style->is_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    if (has_unknown(pdf, shaped->layout, shaped))
        goto failed;
    shaped->lines_count = (size_t)pango_layout_get_line_count(shaped->layout);
    shaped->lines = calloc(shaped->lines_count + 1, sizeof(*shaped->lines));
    if (!shaped->lines) {
        error_no_memory(pdf->err, shaped->lines_count * sizeof(*shaped->lines));
        goto failed;
    }
    measure_lines(pdf, shaped, style);
    strbuf_free(&text);
    return;
failed:
    pdf->failed = true;
    strbuf_free(&text);
    shaped_free(shaped);
}

void shape_text(struct pdf *pdf, struct slice text, const struct text_style *style, double width,
                struct shaped *shaped)
{
    /* Spans point at the run; without links nobody looks at it again. */
    struct run run = { .text = text };
    struct runs runs = { &run, &run };
    shape_runs(pdf, &runs, style, width, shaped);
    if (!pdf->failed)
        shaped->spans[0].run = NULL;
}

void shaped_free(struct shaped *shaped)
{
    if (shaped->layout)
        g_object_unref(shaped->layout);
    free(shaped->lines);
    free(shaped->spans);
    *shaped = (struct shaped){ 0 };
}

/* Drawing */

static const char *target_at(const struct shaped *shaped, int offset)
{
    for (size_t i = 0; i < shaped->spans_count; i++)
        if ((size_t)offset >= shaped->spans[i].start && (size_t)offset < shaped->spans[i].end)
            return shaped->spans[i].run->target;
    return NULL;
}

/* A piece of one line: what Pango shaped together. */
struct piece {
    PangoGlyphItem *item;
    double x, width;
    const char *target;
};

static int compare_pieces(const void *a, const void *b)
{
    const struct piece *left = a;
    const struct piece *right = b;
    return left->item->item->offset - right->item->item->offset;
}

/* The colour of one item, which pango_cairo_show_glyph_item() does not look at. */
static void item_ink(struct pdf *pdf, const PangoItem *item, struct colour colour)
{
    for (GSList *at = item->analysis.extra_attrs; at; at = at->next) {
        const PangoAttribute *attr = at->data;
        if (attr->klass->type == PANGO_ATTR_FOREGROUND) {
            const PangoColor *c = &((const PangoAttrColor *)at->data)->color;
            colour = (struct colour){ c->red / 65535.0, c->green / 65535.0, c->blue / 65535.0 };
        }
    }
    ink(pdf, colour);
}

/* A line with links, in reading order, each link an element of its own. */
static void draw_linked_line(struct pdf *pdf, const struct shaped *shaped,
                             const struct shaped_line *line, double x, double y, struct node *node)
{
    size_t count = g_slist_length(line->line->runs);
    struct piece *pieces = calloc(count + 1, sizeof(*pieces));
    const char *text = pango_layout_get_text(shaped->layout);
    struct colour base = pdf->current;
    double at = x;
    if (!pieces) {
        pdf->failed = !error_no_memory(pdf->err, count * sizeof(*pieces));
        return;
    }
    size_t n = 0;
    for (GSList *list = line->line->runs; list; list = list->next) {
        struct piece *piece = &pieces[n++];
        piece->item = list->data;
        piece->x = at;
        piece->width = pango_units_to_double(pango_glyph_string_get_width(piece->item->glyphs));
        piece->target = target_at(shaped, piece->item->item->offset);
        at += piece->width;
    }
    qsort(pieces, count, sizeof(*pieces), compare_pieces);
    for (size_t i = 0; i < count; i++) {
        const char *target = pieces[i].target;
        bool is_new = i == 0 || target != pieces[i - 1].target;
        if (is_new && i > 0)
            content_end(pdf);
        if (is_new) {
            struct node *link = target ? node_new(pdf, node, "Link") : node;
            if (target) {
                size_t last = i;
                double left = pieces[i].x, right = left + pieces[i].width;
                while (last + 1 < count && pieces[last + 1].target == target) {
                    last++;
                    left = pieces[last].x < left ? pieces[last].x : left;
                    double end = pieces[last].x + pieces[last].width;
                    right = end > right ? end : right;
                }
                content_begin(pdf, link);
                link_add(pdf, link, target, left, y, right, y + line->height);
            } else {
                content_begin(pdf, node);
            }
        }
        item_ink(pdf, pieces[i].item->item, base);
        cairo_move_to(pdf->cr, pieces[i].x, y + line->baseline);
        pango_cairo_show_glyph_item(pdf->cr, text, pieces[i].item);
    }
    if (count > 0)
        content_end(pdf);
    ink(pdf, base);
    free(pieces);
}

void shaped_draw(struct pdf *pdf, const struct shaped *shaped, size_t from, size_t to, double x,
                 double y, struct node *node)
{
    if (!pdf->is_drawing || pdf->failed)
        return;
    bool is_linked = shaped->has_links && node;
    if (node && !is_linked)
        content_begin(pdf, node);
    for (size_t i = from; i < to; i++) {
        const struct shaped_line *line = &shaped->lines[i];
        if (is_linked) {
            draw_linked_line(pdf, shaped, line, x + line->x, y, node);
        } else {
            cairo_move_to(pdf->cr, x + line->x, y + line->baseline);
            pango_cairo_show_layout_line(pdf->cr, line->line);
        }
        y += line->height;
    }
    if (node && !is_linked)
        content_end(pdf);
}
