/* From model to PDF: measured until the page numbers settle, drawn once, made whole. */
#include <cairo-pdf.h>
#include <stdlib.h>

#include "report/pdf.h"

/* A page number that grows by a digit can move a line, which can move a page; it settles at once or
 * after one more pass. */
enum { PASSES_MAX = 8 };

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned length)
{
    struct strbuf *out = closure;
    strbuf_add(out, slice_bytes(bytes, length));
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void lay_out(struct pdf *pdf)
{
    pdf->page = 0;
    pdf->found.count = 0;
    pdf->root = node_new(pdf, NULL, "Document");
    for (const struct section *s = pdf->document->first; s && !pdf->failed; s = s->next) {
        struct node *part = node_new(pdf, pdf->root, s->is_cover ? "Part" : "Sect");
        section_begin(pdf, s);
        if (s->is_cover)
            flow_cover(pdf, s, part);
        else
            flow_blocks(pdf, &s->blocks, part);
    }
    if (pdf->page > 0)
        page_end(pdf);
    places_sort(&pdf->found);
}

static void settle(struct pdf *pdf)
{
    for (unsigned pass = 0; pass < PASSES_MAX && !pdf->failed; pass++) {
        lay_out(pdf);
        bool is_settled =
            pass > 0 && pdf->pages_known == pdf->page && places_equal(&pdf->known, &pdf->found);
        struct places swap = pdf->known;
        pdf->known = pdf->found;
        pdf->found = swap;
        pdf->pages_known = pdf->page;
        if (is_settled)
            return;
    }
    if (!pdf->failed)
        pdf->failed = !error_set(pdf->err, ERROR_CORRUPT, NULL,
                                 "the page numbers of the report do not settle");
}

static void set_metadata(const struct pdf *pdf)
{
    const struct document *document = pdf->document;
    struct strbuf text = strbuf_new(1 << 16);
    struct slice author = document->auditor.len ? document->auditor : document->organization;
    strbuf_add(&text, document->title);
    strbuf_add_text(&text, ": ");
    strbuf_add(&text, document->organization);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_TITLE, text.at);
    strbuf_clear(&text);
    strbuf_add(&text, author);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_AUTHOR, text.at);
    strbuf_clear(&text);
    strbuf_add(&text, document->subject);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_SUBJECT, text.at);
    /* Without a date cairo would take the clock's; pdf_finish() takes out the stand-in. */
    strbuf_clear(&text);
    strbuf_add(&text, document->date.len ? document->date : SLICE("1970-01-01"));
    strbuf_add_text(&text, "T00:00:00Z");
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATE_DATE, text.at);
    strbuf_free(&text);
}

static bool draw(struct pdf *pdf, struct strbuf *drawn)
{
    pdf->surface = cairo_pdf_surface_create_for_stream(write_bytes, drawn, pdf->paper_width,
                                                       pdf->paper_height);
    pdf->cr = cairo_create(pdf->surface);
    set_metadata(pdf);
    pdf->is_drawing = true;
    lay_out(pdf);
    cairo_status_t status = cairo_status(pdf->cr);
    cairo_destroy(pdf->cr);
    cairo_surface_finish(pdf->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(pdf->surface);
    cairo_surface_destroy(pdf->surface);
    pdf->cr = NULL;
    pdf->surface = NULL;
    if (!pdf->failed && !strbuf_ok(drawn, pdf->err))
        pdf->failed = true;
    if (!pdf->failed && status != CAIRO_STATUS_SUCCESS)
        pdf->failed =
            !error_set(pdf->err, ERROR_CORRUPT, NULL, "cairo: %s", cairo_status_to_string(status));
    if (!pdf->failed && !places_equal(&pdf->known, &pdf->found))
        pdf->failed =
            !error_set(pdf->err, ERROR_CORRUPT, NULL, "the pages drawn are not the pages measured");
    return !pdf->failed;
}

static void pdf_free(struct pdf *pdf)
{
    if (pdf->context)
        g_object_unref(pdf->context);
    pdf_fonts_free(pdf->fonts);
    places_free(&pdf->known);
    places_free(&pdf->found);
    free(pdf->annotations);
    free(pdf->outline);
    free(pdf->sheets);
}

static bool render(struct pdf *pdf, struct document *document, struct strbuf *out)
{
    bool ok = false;
    struct strbuf drawn = strbuf_new(out->bytes_max);
    pdf->fonts = pdf_fonts_new(document, pdf->err);
    if (!pdf->fonts)
        goto done;
    pdf->context = pdf_fonts_context(pdf->fonts);
    settle(pdf);
    if (pdf->failed || !draw(pdf, &drawn))
        goto done;
    ok = pdf_finish(pdf, strbuf_slice(&drawn), out, pdf->err);
done:
    strbuf_free(&drawn);
    return ok;
}

bool report_pdf(const struct value *model, const struct report_pdf_options *options,
                struct strbuf *out, struct error *err)
{
    static const struct colour navy = { 0.086, 0.196, 0.361 }, ochre = { 0.478, 0.302, 0 };
    bool ok = false;
    struct findings findings = { 0 };
    struct arena *arena = arena_new((size_t)1 << 31, err);
    struct document *document = NULL;
    if (!arena || !report_model_check(model, &findings, err) || !findings_ok(&findings, err))
        goto done;
    document = document_of(arena, model, err);
    if (!document)
        goto done;
    bool is_letter = options && options->paper == REPORT_LETTER;
    struct pdf pdf = {
        .document = document,
        .arena = arena,
        .err = err,
        .paper_width = is_letter ? 612 : 595.276,
        .paper_height = is_letter ? 792 : 841.89,
        .accent = document->is_readiness ? ochre : navy,
    };
    ok = render(&pdf, document, out);
    pdf_free(&pdf);
done:
    findings_free(&findings);
    arena_free(arena);
    return ok;
}
