/* src/report/pdf.h
 * How a document becomes pages. Internal to pdf_*.c.
 *
 * Lengths are points, y grows downwards from the page's top, as cairo has it here.
 *
 * The document is laid out several times: page numbers in the text (contents, index, "page 41")
 * come from the pass before, until two passes agree; then it is drawn. Passes that only measure
 * have no surface.
 *
 * Tags. cairo 1.16 writes marked content but drops attributes, knows no artifacts and cannot leave
 * an element and come back to it. So each stretch of ink gets one flat cairo tag, numbered by cairo
 * in the order of drawing (MCID); the tree of elements is ours (struct node) and is written by
 * pdf_finish.c with qpdf, which also wraps all other ink as artifacts. */
#ifndef ATTEST_REPORT_PDF_H
#define ATTEST_REPORT_PDF_H
#include <cairo.h>
#include <pango/pango.h>

#include "base/strbuf.h"
#include "report/document.h"
#include "report/report.h"

/* An element of the structure tree (ISO 32000-1, 14.7). */
struct node;
enum kid_kind { KID_NODE, KID_CONTENT, KID_ANNOTATION };
struct kid {
    struct kid *next;
    enum kid_kind kind;
    struct node *node;      /* KID_NODE */
    unsigned page, content; /* KID_CONTENT: page index and MCID */
    size_t annotation;      /* KID_ANNOTATION: index into the annotations */
};
struct node {
    const char *type; /* standard structure type: "P", "TH" ... */
    struct node *parent;
    struct kid *first, *last;
    const char *scope; /* TH: "Row" or "Column" */
    unsigned rows_spanned, columns_spanned;
    struct slice alt;     /* Figure */
    struct slice summary; /* Table */
    unsigned object;      /* its number in the file, given at the end */
    struct node *next;    /* all nodes, in the order made */
};

/* Where an anchor lies. */
struct place {
    const char *anchor;
    unsigned page; /* from 1 */
    double y;
};
struct places {
    struct place *items;
    size_t count, capacity;
    bool is_sorted;
};

struct annotation {
    unsigned page; /* index, from 0 */
    double left, top, right, bottom;
    double page_height;
    const char *target;
    struct node *node;
    unsigned object;
};
struct outline_entry {
    struct slice title;
    unsigned level;
    unsigned page; /* from 1 */
    double y;
};
struct sheet {
    double height;
    unsigned contents_count; /* marked contents, MCID 0 to one less */
};

struct colour {
    double red, green, blue;
};
struct text_style {
    double size, leading;
    struct colour colour;
    int weight;      /* as Pango has it: 400, 600 */
    bool is_display; /* the cut for large sizes */
    bool is_right;   /* aligned to the right */
};

struct pdf {
    const struct document *document;
    struct arena *arena; /* for what lives until the file is written */
    struct error *err;
    bool failed;

    struct pdf_fonts *fonts;
    PangoContext *context;

    /* The pass */
    bool is_drawing;
    cairo_surface_t *surface;
    cairo_t *cr;
    struct places known, found; /* of the last pass, of this one */
    unsigned pages_known;       /* pages of the last pass */

    /* The page */
    double paper_width, paper_height; /* portrait */
    double width, height, left, right, top, bottom;
    double y;
    unsigned page;      /* from 1; 0: none yet */
    bool is_page_fresh; /* nothing in the body yet */
    const struct section *section;
    struct colour accent;
    struct colour current; /* what ink() set last */

    /* What only drawing makes */
    struct node *root, *nodes, *nodes_last;
    struct annotation *annotations;
    size_t annotations_count, annotations_capacity;
    struct outline_entry *outline;
    size_t outline_count, outline_capacity;
    struct sheet *sheets;
    size_t sheets_count, sheets_capacity;
};

/* pdf_fonts.c: the fonts that cover the document, found once.
 * Errors: ERROR_NOT_FOUND (Inter is not there), ERROR_INVALID (a character no font has; where: the
 *         field), ERROR_NO_MEMORY. */
MUST_USE struct pdf_fonts *pdf_fonts_new(struct document *document, struct error *err);
void pdf_fonts_free(struct pdf_fonts *fonts); /* NULL is fine */
MUST_USE PangoContext *pdf_fonts_context(const struct pdf_fonts *fonts);
/* A Pango list of families, the first for running text. */
const char *pdf_fonts_families(const struct pdf_fonts *fonts, bool is_mono, bool is_display);

/* pdf_text.c: text in lines. */
struct shaped_line {
    double height, baseline; /* baseline from the line's top */
    double x;                /* from the left edge of the width given */
    PangoLayoutLine *line;   /* of the layout */
};
struct shaped {
    PangoLayout *layout;
    struct shaped_line *lines;
    size_t lines_count;
    double height;
    struct span *spans; /* where runs lie in the text */
    size_t spans_count;
    bool has_links;
};
extern const struct colour colour_text, colour_quiet, colour_alert, colour_line, colour_strong_line,
    colour_band;
/* Only measures if the pass does. A shaped text that failed has no lines and may be freed. */
void shape_runs(struct pdf *pdf, const struct runs *runs, const struct text_style *style,
                double width, struct shaped *shaped);
void shape_text(struct pdf *pdf, struct slice text, const struct text_style *style, double width,
                struct shaped *shaped);
void shaped_free(struct shaped *shaped);
/* Draws lines [from, to) with the first one's top at y. node NULL: an artifact. */
void shaped_draw(struct pdf *pdf, const struct shaped *shaped, size_t from, size_t to, double x,
                 double y, struct node *node);

/* pdf_strip.c: blocks one below the other in a column, which can be cut between lines. */
struct strip_part {
    struct shaped shaped;
    double indent, gap;  /* to the left; above, unless it is the first line drawn */
    struct slice bullet; /* before its first line */
    bool is_label;       /* the bullet is a word of the text */
    const struct block *block;
    const char *element;
    struct list_nodes *list; /* of the list it belongs to; NULL: none */
    size_t item;             /* index of its list item */
    struct colour colour;
    struct node *node; /* made when first drawn */
    bool has_band;     /* on a tinted ground */
};
struct strip {
    struct strip_part *parts;
    size_t parts_count, parts_capacity;
    size_t lines_count;
    double width;
};
enum strip_size { STRIP_BODY, STRIP_TABLE };
struct strip_options {
    enum strip_size size;
    bool is_right;
    bool is_quiet;
    const struct text_style *style; /* for plain texts; NULL: that of the size */
};
void strip_make(struct pdf *pdf, const struct blocks *blocks, double width,
                const struct strip_options *options, struct strip *strip);
/* One block only. */
void strip_make_one(struct pdf *pdf, const struct block *block, double width,
                    const struct strip_options *options, struct strip *strip);
void strip_free(struct strip *strip);
double strip_height(const struct strip *strip, size_t from, size_t to);
/* How many lines from `from` on fit, at least `least` on either side of the cut, or 0. */
size_t strip_fit(const struct strip *strip, size_t from, double room, size_t least);
void strip_draw(struct pdf *pdf, struct strip *strip, size_t from, size_t to, double x, double y,
                struct node *parent);

/* pdf_page.c: pages, and what is on each. */
void page_begin(struct pdf *pdf);
void page_end(struct pdf *pdf);
void page_break(struct pdf *pdf);            /* ends this one and begins the next */
double page_room(const struct pdf *pdf);     /* what is left of the body */
double page_capacity(const struct pdf *pdf); /* of an empty body */
void section_begin(struct pdf *pdf, const struct section *section);
void place_mark(struct pdf *pdf, const struct mark *mark, double y);
/* 0 if it is not known yet. */
unsigned page_of(const struct pdf *pdf, const char *anchor);
void ink(struct pdf *pdf, struct colour colour);
void fill_box(struct pdf *pdf, double x, double y, double width, double height,
              struct colour colour);
void draw_rule(struct pdf *pdf, double x, double y, double width, double thickness,
               struct colour colour);

/* pdf_tags.c: the structure tree. All of them do nothing while measuring. */
struct node *node_new(struct pdf *pdf, struct node *parent, const char *type);
void content_begin(struct pdf *pdf, struct node *node); /* what follows is the node's */
void content_end(struct pdf *pdf);
void link_add(struct pdf *pdf, struct node *link, const char *target, double left, double top,
              double right, double bottom);
void places_add(struct pdf *pdf, struct places *places, const char *anchor, unsigned page,
                double y);
const struct place *places_find(const struct places *places, const char *anchor);
void places_sort(struct places *places);
bool places_equal(const struct places *a, const struct places *b); /* both sorted */
void places_free(struct places *places);

/* pdf_flow.c: blocks down the pages. */
void flow_blocks(struct pdf *pdf, const struct blocks *blocks, struct node *parent);
/* The least room in which a block can begin, with what must not be parted from it. */
double flow_least(struct pdf *pdf, const struct block *block);
struct strip_options flow_options(const struct pdf *pdf, const struct block *block);

/* pdf_table.c */
/* tail: room to be left below the last row on its page. */
void flow_table(struct pdf *pdf, const struct table *table, double tail, struct node *parent);
double table_least(struct pdf *pdf, const struct table *table);
double table_height(struct pdf *pdf, const struct table *table); /* on one page */

/* pdf_contents.c, pdf_cover.c, pdf_qr.c */
void flow_contents(struct pdf *pdf, struct node *parent);
void flow_cover(struct pdf *pdf, const struct section *section, struct node *parent);
void flow_qr(struct pdf *pdf, const struct block *block, struct node *parent);
double qr_height(void);
void flow_box(struct pdf *pdf, const struct block *block, struct node *parent);
double box_height(struct pdf *pdf, const struct block *block);

/* pdf_content.c: one page's operators. Wraps all ink outside marked content as artifacts.
 * Errors: ERROR_CORRUPT (not what cairo writes, or another number of contents), ERROR_NO_MEMORY. */
MUST_USE bool content_wrap(struct slice content, unsigned contents_count, struct strbuf *out,
                           struct error *err);

/* pdf_finish.c: cairo's file, made whole by qpdf. */
MUST_USE bool pdf_finish(struct pdf *pdf, struct slice drawn, struct strbuf *out,
                         struct error *err);
/* pdf_objects.c: structure, annotations, outline and names as qpdf's JSON. first: a free object
 * number; *roots get those the catalog needs. pages: object numbers of the pages. */
struct pdf_roots {
    unsigned structure, outline, names, metadata;
    unsigned *annotations; /* for each page, the array's object number; 0: none */
};
MUST_USE bool pdf_objects(struct pdf *pdf, unsigned first, const int *pages,
                          struct pdf_roots *roots, struct strbuf *json, struct error *err);
void pdf_metadata(const struct pdf *pdf, struct strbuf *xmp);

#endif
