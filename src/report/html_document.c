/* The document as one HTML file. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "report/document.h"
#include "report/html.h"
#include "report/qr.h"
#include "report/report.h"

struct page {
    struct html html;
    const struct document *document;
    struct arena *arena;
    struct error *err;
    bool failed;
};

static void write_blocks(struct page *page, const struct blocks *blocks, bool in_cell);

/* Runs */

/* A paragraph with more than one piece keeps each foreign piece's writing direction to itself. */
static void write_run(struct page *page, const struct run *run, bool is_alone)
{
    static const struct {
        unsigned style;
        const char *element, *class;
    } styles[] = {
        { RUN_BOLD, "strong", NULL },     { RUN_ITALIC, "em", NULL },
        { RUN_MONO, "code", NULL },       { RUN_QUIET, "span", "quiet" },
        { RUN_ALERT, "span", "alert" },   { RUN_SMALL, "small", NULL },
        { RUN_KICKER, "span", "kicker" },
    };
    struct html *html = &page->html;
    unsigned depth = html->depth;
    if (run->style & RUN_PAGED)
        return;
    if (run->target) {
        html_open(html, "a");
        struct strbuf href = strbuf_new(1024);
        strbuf_add_char(&href, '#');
        strbuf_add_text(&href, run->target);
        html_attribute(html, "href", strbuf_slice(&href));
        page->failed = !strbuf_ok(&href, page->err) || page->failed;
        strbuf_free(&href);
    }
    for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
        if (!(run->style & styles[i].style))
            continue;
        html_open(html, styles[i].element);
        if (styles[i].class)
            html_attribute_text(html, "class", styles[i].class);
    }
    if (run->field && !is_alone)
        html_open(html, "bdi");
    html_text(html, run->text);
    while (html->depth > depth)
        html_close(html);
    if (run->style & RUN_KICKER)
        html_literal(html, " "); /* it is a line of its own only to the eye */
}

static void write_runs(struct page *page, const struct runs *runs)
{
    bool is_alone = runs->first == runs->last;
    for (const struct run *run = runs->first; run; run = run->next)
        write_run(page, run, is_alone);
}

static void write_anchor(struct page *page, const struct mark *mark)
{
    if (mark->anchor)
        html_attribute_text(&page->html, "id", mark->anchor);
}

/* Blocks */

static void write_text(struct page *page, const struct block *block)
{
    static const char *const classes[] = {
        [TEXT_BODY] = NULL,
        [TEXT_LEAD] = "lead",
        [TEXT_NOTE] = "note",
        [TEXT_LABEL] = "label",
        [TEXT_COVER_KIND] = "cover-kind",
        [TEXT_COVER_TITLE] = NULL,
        [TEXT_COVER_SUBTITLE] = "cover-subtitle",
        [TEXT_COVER_FIRM] = "cover-firm",
        [TEXT_SIGNATURE] = "signature",
        [TEXT_CONCLUSION] = "conclusion",
    };
    html_open(&page->html, block->role == TEXT_COVER_TITLE ? "h1" : "p");
    if (classes[block->role])
        html_attribute_text(&page->html, "class", classes[block->role]);
    write_anchor(page, &block->mark);
    html_attribute_text(&page->html, "dir", "auto");
    write_runs(page, &block->runs);
    html_close(&page->html);
    html_newline(&page->html);
}

static void write_heading(struct page *page, const struct block *block)
{
    /* The title on the cover is the page's h1. */
    static const char *const elements[] = { "h2", "h2", "h3", "h4", "h5" };
    assert(block->level < ARRAY_LEN(elements));
    html_open(&page->html, elements[block->level]);
    write_anchor(page, &block->mark);
    html_attribute_text(&page->html, "dir", "auto");
    write_runs(page, &block->runs);
    html_close(&page->html);
    html_newline(&page->html);
}

static void write_list(struct page *page, const struct block *block)
{
    html_open(&page->html, block->is_ordered ? "ol" : "ul");
    if (block->items && block->items->label.len > 0)
        html_attribute_text(&page->html, "class", "labelled");
    for (const struct list_item *item = block->items; item; item = item->next) {
        html_open(&page->html, "li");
        if (item->label.len > 0) {
            html_open(&page->html, "strong");
            html_text(&page->html, item->label);
            html_close(&page->html);
            html_literal(&page->html, " ");
        }
        write_blocks(page, &item->blocks, true);
        html_close(&page->html);
        html_newline(&page->html);
    }
    html_close(&page->html);
    html_newline(&page->html);
}

static void write_cell(struct page *page, const struct table *table, const struct row *row,
                       size_t i)
{
    const struct cell *cell = &row->cells[i];
    struct html *html = &page->html;
    if (cell->rows_spanned == 0 || table->columns[i].is_paged)
        return;
    html_open(html, cell->is_head ? "th" : "td");
    if (cell->is_head)
        html_attribute_text(html, "scope", cell->rows_spanned > 1 ? "rowgroup" : "row");
    if (cell->rows_spanned > 1)
        html_attribute_u64(html, "rowspan", cell->rows_spanned);
    if (table->columns[i].is_number)
        html_attribute_text(html, "class", "number");
    else if (row->is_exception && i + 1 == table->columns_count)
        html_attribute_text(html, "class", "exception");
    write_blocks(page, &cell->blocks, true);
    html_close(html);
}

static void write_table_head(struct page *page, const struct table *table)
{
    html_open(&page->html, "thead");
    html_open(&page->html, "tr");
    for (size_t i = 0; i < table->columns_count; i++) {
        if (table->columns[i].is_paged)
            continue;
        html_open(&page->html, "th");
        html_attribute_text(&page->html, "scope", "col");
        if (table->columns[i].is_number)
            html_attribute_text(&page->html, "class", "number");
        html_literal(&page->html, table->columns[i].title);
        html_close(&page->html);
    }
    html_close(&page->html);
    html_close(&page->html);
    html_newline(&page->html);
}

static void write_table(struct page *page, const struct table *table)
{
    struct html *html = &page->html;
    bool has_head = table->look == TABLE_PLAIN;
    html_open(html, "div");
    html_attribute_text(html, "class", "scroll");
    if (has_head) {
        /* On a narrow screen it scrolls, also by keyboard. */
        html_attribute_text(html, "role", "group");
        html_attribute(html, "aria-label", table->band.first ? table->mark.title : table->label);
        html_attribute_text(html, "tabindex", "0");
    }
    html_open(html, "table");
    write_anchor(page, &table->mark);
    html_attribute_text(html, "class", !has_head ? "facts" : table->band.first ? "band" : "plain");
    if (!table->band.first && table->label.len)
        html_attribute(html, "aria-label", table->label);
    if (table->band.first) {
        html_open(html, "caption");
        html_attribute_text(html, "dir", "auto");
        write_runs(page, &table->band);
        html_close(html);
    }
    if (has_head)
        write_table_head(page, table);
    html_open(html, "tbody");
    for (const struct row *row = table->rows; row; row = row->next) {
        html_open(html, "tr");
        write_anchor(page, &row->mark);
        if (row->starts_group)
            html_attribute_text(html, "class", "group");
        for (size_t i = 0; i < table->columns_count; i++)
            write_cell(page, table, row, i);
        html_close(html);
        html_newline(html);
    }
    html_close(html);
    html_close(html);
    html_close(html);
    html_newline(html);
}

static void write_qr(struct page *page, const struct block *block)
{
    struct html *html = &page->html;
    struct qr qr;
    if (!qr_encode(page->arena, block->qr, &qr, page->err)) {
        page->failed = true;
        return;
    }
    struct strbuf path = strbuf_new(1 << 20), box = strbuf_new(64);
    for (unsigned y = 0; y < qr.width; y++)
        for (unsigned x = 0; x < qr.width; x++)
            if (qr.dark[y * qr.width + x])
                strbuf_printf(&path, "M%u %uh1v1h-1z", x + 4, y + 4);
    strbuf_printf(&box, "0 0 %u %u", qr.width + 8, qr.width + 8); /* with the quiet zone */
    html_open(html, "svg");
    html_attribute_text(html, "class", "qr");
    html_attribute_text(html, "role", "img");
    html_attribute(html, "aria-label", block->qr_alt);
    html_attribute(html, "viewBox", strbuf_slice(&box));
    html_open(html, "path");
    html_attribute(html, "d", strbuf_slice(&path));
    html_close(html);
    html_close(html);
    html_newline(html);
    if (!strbuf_ok(&path, page->err) || !strbuf_ok(&box, page->err))
        page->failed = true;
    strbuf_free(&path);
    strbuf_free(&box);
}

/* Contents: every mark that asks for it, in the document's order. */

static void contents_entry(struct page *page, const struct mark *mark)
{
    struct html *html = &page->html;
    if (!mark->is_in_contents || !mark->anchor)
        return;
    html_open(html, "li");
    html_attribute_text(html, "class", mark->outline_level > 1 ? "minor" : "major");
    struct run run = { .text = mark->title, .target = mark->anchor };
    write_run(page, &run, true);
    html_close(html);
    html_newline(html);
}

static void write_contents(struct page *page)
{
    html_open(&page->html, "nav");
    html_attribute_text(&page->html, "aria-labelledby", "contents");
    html_open(&page->html, "ul");
    for (const struct section *s = page->document->first; s; s = s->next)
        for (const struct block *block = s->blocks.first; block; block = block->next)
            contents_entry(page, block->table ? &block->table->mark : &block->mark);
    html_close(&page->html);
    html_close(&page->html);
    html_newline(&page->html);
}

static void write_block(struct page *page, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_TEXT:
        write_text(page, block);
        break;
    case BLOCK_HEADING:
        write_heading(page, block);
        break;
    case BLOCK_LIST:
        write_list(page, block);
        break;
    case BLOCK_CODE:
        html_open(&page->html, "p");
        html_attribute_text(&page->html, "class", "listing");
        write_runs(page, &block->runs);
        html_close(&page->html);
        html_newline(&page->html);
        break;
    case BLOCK_TABLE:
        write_table(page, block->table);
        break;
    case BLOCK_BOX:
        html_open(&page->html, "div");
        html_attribute_text(&page->html, "class", "box");
        write_blocks(page, &block->inner, false);
        html_close(&page->html);
        html_newline(&page->html);
        break;
    case BLOCK_CONTENTS:
        write_contents(page);
        break;
    case BLOCK_QR:
        write_qr(page, block);
        break;
    }
}

/* A cell or list item of one plain paragraph needs no element for it. */
static void write_blocks(struct page *page, const struct blocks *blocks, bool in_cell)
{
    const struct block *only = blocks->first;
    if (in_cell && only && !only->next && only->kind == BLOCK_TEXT && only->role == TEXT_BODY &&
        !only->mark.anchor) {
        html_open(&page->html, "span");
        html_attribute_text(&page->html, "dir", "auto");
        write_runs(page, &only->runs);
        html_close(&page->html);
        return;
    }
    for (const struct block *block = blocks->first; block; block = block->next)
        write_block(page, block);
}

/* The file */

static int compare_paths(const void *key, const void *file)
{
    return strcmp(key, ((const struct embedded_file *)file)->path);
}

static struct slice style_sheet(void)
{
    const struct embedded_file *file = bsearch("report/report.css", embedded_files,
                                               embedded_files_count, sizeof(*file), compare_paths);
    assert(file); /* part of the program */
    return slice_bytes(file->bytes, file->size);
}

static void meta(struct page *page, const char *name, struct slice content)
{
    if (content.len == 0)
        return;
    html_void(&page->html, "meta");
    html_attribute_text(&page->html, "name", name);
    html_attribute(&page->html, "content", content);
    html_newline(&page->html);
}

static void write_head(struct page *page)
{
    struct html *html = &page->html;
    const struct document *document = page->document;
    html_open(html, "head");
    html_newline(html);
    html_void(html, "meta");
    html_attribute_text(html, "charset", "utf-8");
    html_newline(html);
    /* Nothing may run and nothing may be fetched, whatever a text of the model says. */
    html_void(html, "meta");
    html_attribute_text(html, "http-equiv", "Content-Security-Policy");
    html_attribute_text(html, "content",
                        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                        "form-action 'none'");
    html_newline(html);
    meta(page, "viewport", SLICE("width=device-width, initial-scale=1"));
    meta(page, "color-scheme", SLICE("light dark"));
    meta(page, "author", document->auditor.len ? document->auditor : document->organization);
    meta(page, "description", document->subject);
    meta(page, "date", document->date);
    html_open(html, "title");
    html_text(html, document->title);
    html_literal(html, ": ");
    html_text(html, document->organization);
    html_close(html);
    html_newline(html);
    html_style(html, style_sheet());
    html_close(html);
    html_newline(html);
}

static void write_banner(struct page *page)
{
    struct html *html = &page->html;
    if (page->document->banner.len == 0)
        return;
    html_open(html, "p");
    html_attribute_text(html, "class", "banner");
    html_open(html, "strong");
    html_text(html, page->document->banner);
    html_close(html);
    html_literal(html, " ");
    html_text(html, page->document->banner_note);
    html_close(html);
    html_newline(html);
}

static void write_section(struct page *page, const struct section *section)
{
    struct html *html = &page->html;
    const struct block *first = section->blocks.first;
    html_open(html, "section");
    html_attribute_text(html, "class",
                        section->is_cover       ? "cover"
                        : section->is_landscape ? "wide"
                                                : "plain");
    if (first && first->kind == BLOCK_HEADING && first->mark.anchor)
        html_attribute_text(html, "aria-labelledby", first->mark.anchor);
    html_newline(html);
    write_blocks(page, &section->blocks, false);
    html_close(html);
    html_newline(html);
}

static void write_document(struct page *page)
{
    struct html *html = &page->html;
    html_doctype(html);
    html_open(html, "html");
    html_attribute_text(html, "lang", page->document->language);
    html_newline(html);
    write_head(page);
    html_open(html, "body");
    if (page->document->is_readiness)
        html_attribute_text(html, "class", "readiness");
    html_newline(html);
    html_open(html, "a");
    html_attribute_text(html, "class", "skip");
    html_attribute_text(html, "href", "#report");
    html_literal(html, "Skip to the report");
    html_close(html);
    html_newline(html);
    html_open(html, "header");
    write_banner(page);
    html_close(html);
    html_open(html, "main");
    html_attribute_text(html, "id", "report");
    html_attribute_text(html, "tabindex", "-1");
    html_newline(html);
    for (const struct section *s = page->document->first; s; s = s->next)
        write_section(page, s);
    html_close(html);
    html_newline(html);
    html_close(html);
    html_close(html);
    html_newline(html);
}

bool report_html(const struct value *model, struct strbuf *out, struct error *err)
{
    bool ok = false;
    struct findings findings = { 0 };
    struct arena *arena = arena_new((size_t)1 << 30, err);
    if (!arena || !report_model_check(model, &findings, err) || !findings_ok(&findings, err))
        goto done;
    struct page page = { .html = html_new(out), .arena = arena, .err = err };
    page.document = document_of(arena, model, err);
    if (!page.document)
        goto done;
    write_document(&page);
    ok = !page.failed && strbuf_ok(out, err);
done:
    findings_free(&findings);
    arena_free(arena);
    return ok;
}
