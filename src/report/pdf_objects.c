/* What the file gets beside its pages, as objects in qpdf's JSON (version 2): structure tree, link
 * annotations, outline, named destinations. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "report/pdf.h"

struct writer {
    struct pdf *pdf;
    const int *pages;
    struct strbuf *out;
    unsigned next; /* free object number */
    bool has_objects;
};

static void begin_object(struct writer *w, unsigned number)
{
    strbuf_printf(w->out, "%s\"obj:%u 0 R\":{\"value\":", w->has_objects ? "," : "", number);
    w->has_objects = true;
}

static void end_object(struct writer *w) { strbuf_add_char(w->out, '}'); }

/* A text as PDF has it: qpdf picks the encoding. */
static void add_string(struct writer *w, struct slice text)
{
    struct strbuf prefixed = strbuf_new(text.len + 8);
    strbuf_add_text(&prefixed, "u:");
    strbuf_add(&prefixed, text);
    if (prefixed.failed)
        w->out->failed = true;
    else
        json_add_string(w->out, strbuf_slice(&prefixed));
    strbuf_free(&prefixed);
}

static void add_name(struct writer *w, const char *key, const char *name)
{
    strbuf_printf(w->out, "\"%s\":\"/%s\"", key, name);
}

static void add_number(struct writer *w, double number)
{
    /* Hundredths of a point are finer than any press. */
    long long hundredths = (long long)(number * 100 + (number < 0 ? -0.5 : 0.5));
    long long whole = hundredths / 100, part = hundredths % 100;
    if (hundredths < 0)
        strbuf_printf(w->out, "-%lld.%02lld", -whole, -part);
    else
        strbuf_printf(w->out, "%lld.%02lld", whole, part);
}

static double sheet_height(const struct writer *w, unsigned page)
{
    return w->pdf->sheets[page].height;
}

/* Structure */

static void add_attributes(struct writer *w, const struct node *node)
{
    bool is_first = true;
    bool is_cell = node->scope || node->rows_spanned > 1;
    if (!is_cell && node->summary.len == 0)
        return;
    strbuf_add_text(w->out, ",\"/A\":{\"/O\":\"/Table\"");
    if (node->scope) {
        strbuf_add_char(w->out, ',');
        add_name(w, "/Scope", node->scope);
    }
    if (node->rows_spanned > 1)
        strbuf_printf(w->out, ",\"/RowSpan\":%u", node->rows_spanned);
    if (node->summary.len > 0) {
        strbuf_add_text(w->out, ",\"/Summary\":");
        add_string(w, node->summary);
    }
    strbuf_add_char(w->out, '}');
    (void)is_first;
}

static void add_kid(struct writer *w, const struct kid *kid)
{
    const struct pdf *pdf = w->pdf;
    if (kid->kind == KID_NODE) {
        strbuf_printf(w->out, "\"%u 0 R\"", kid->node->object);
    } else if (kid->kind == KID_CONTENT) {
        strbuf_printf(w->out, "{\"/Type\":\"/MCR\",\"/Pg\":\"%d 0 R\",\"/MCID\":%u}",
                      w->pages[kid->page], kid->content);
    } else {
        const struct annotation *annotation = &pdf->annotations[kid->annotation];
        strbuf_printf(w->out, "{\"/Type\":\"/OBJR\",\"/Pg\":\"%d 0 R\",\"/Obj\":\"%u 0 R\"}",
                      w->pages[annotation->page], annotation->object);
    }
}

static void add_node(struct writer *w, const struct node *node, unsigned root)
{
    begin_object(w, node->object);
    strbuf_add_text(w->out, "{\"/Type\":\"/StructElem\",");
    add_name(w, "/S", node->type);
    strbuf_printf(w->out, ",\"/P\":\"%u 0 R\"", node->parent ? node->parent->object : root);
    add_attributes(w, node);
    if (node->alt.len > 0) {
        strbuf_add_text(w->out, ",\"/Alt\":");
        add_string(w, node->alt);
    }
    strbuf_add_text(w->out, ",\"/K\":[");
    for (const struct kid *kid = node->first; kid; kid = kid->next) {
        add_kid(w, kid);
        if (kid->next)
            strbuf_add_char(w->out, ',');
    }
    strbuf_add_text(w->out, "]}");
    end_object(w);
}

/* Which element each marked content of each page belongs to, and each annotation. The keys are the
 * pages' indexes, then one for each annotation. */
static bool add_parents(struct writer *w, unsigned tree)
{
    struct pdf *pdf = w->pdf;
    const struct node ***owners =
        arena_array(pdf->arena, pdf->sheets_count + 1, sizeof(*owners), pdf->err);
    if (!owners)
        return false;
    for (size_t i = 0; i < pdf->sheets_count; i++) {
        owners[i] =
            arena_array(pdf->arena, pdf->sheets[i].contents_count + 1, sizeof(**owners), pdf->err);
        if (!owners[i])
            return false;
    }
    for (const struct node *node = pdf->nodes; node; node = node->next)
        for (const struct kid *kid = node->first; kid; kid = kid->next)
            if (kid->kind == KID_CONTENT)
                owners[kid->page][kid->content] = node;
    begin_object(w, tree);
    strbuf_add_text(w->out, "{\"/Nums\":[");
    for (size_t i = 0; i < pdf->sheets_count; i++) {
        strbuf_printf(w->out, "%s%zu,[", i > 0 ? "," : "", i);
        for (unsigned k = 0; k < pdf->sheets[i].contents_count; k++)
            strbuf_printf(w->out, "%s\"%u 0 R\"", k > 0 ? "," : "", owners[i][k]->object);
        strbuf_add_char(w->out, ']');
    }
    for (size_t i = 0; i < pdf->annotations_count; i++)
        strbuf_printf(w->out, "%s%zu,\"%u 0 R\"", i + pdf->sheets_count > 0 ? "," : "",
                      pdf->sheets_count + i, pdf->annotations[i].node->object);
    strbuf_add_text(w->out, "]}");
    end_object(w);
    return true;
}

static bool add_structure(struct writer *w, struct pdf_roots *roots)
{
    struct pdf *pdf = w->pdf;
    unsigned tree = w->next++;
    roots->structure = w->next++;
    for (struct node *node = pdf->nodes; node; node = node->next)
        node->object = w->next++;
    for (size_t i = 0; i < pdf->annotations_count; i++)
        pdf->annotations[i].object = w->next++;
    begin_object(w, roots->structure);
    strbuf_printf(w->out,
                  "{\"/Type\":\"/StructTreeRoot\",\"/K\":[\"%u 0 R\"],\"/ParentTree\":\"%u 0 R\","
                  "\"/ParentTreeNextKey\":%zu}",
                  pdf->root->object, tree, pdf->sheets_count + pdf->annotations_count);
    end_object(w);
    for (const struct node *node = pdf->nodes; node; node = node->next)
        add_node(w, node, roots->structure);
    return add_parents(w, tree);
}

/* Links */

static void add_destination(struct writer *w, unsigned page, double y)
{
    double top = sheet_height(w, page) - y + 6; /* a little air above what one came for */
    strbuf_printf(w->out, "[\"%d 0 R\",\"/XYZ\",null,", w->pages[page]);
    add_number(w, top);
    strbuf_add_text(w->out, ",null]");
}

static void add_annotation(struct writer *w, size_t index)
{
    const struct pdf *pdf = w->pdf;
    const struct annotation *annotation = &pdf->annotations[index];
    const struct place *place = places_find(&pdf->found, annotation->target);
    begin_object(w, annotation->object);
    strbuf_add_text(w->out, "{\"/Type\":\"/Annot\",\"/Subtype\":\"/Link\",\"/F\":4,"
                            "\"/Border\":[0,0,0],\"/Rect\":[");
    add_number(w, annotation->left);
    strbuf_add_char(w->out, ',');
    add_number(w, annotation->page_height - annotation->bottom);
    strbuf_add_char(w->out, ',');
    add_number(w, annotation->right);
    strbuf_add_char(w->out, ',');
    add_number(w, annotation->page_height - annotation->top);
    strbuf_printf(w->out, "],\"/StructParent\":%zu,\"/Contents\":", pdf->sheets_count + index);
    if (place) {
        struct strbuf words = strbuf_new(64);
        strbuf_printf(&words, "Go to page %u", place->page);
        add_string(w, strbuf_slice(&words));
        strbuf_free(&words);
        strbuf_add_text(w->out, ",\"/Dest\":");
        add_destination(w, place->page - 1, place->y);
    } else {
        add_string(w, SLICE("Link"));
    }
    strbuf_add_char(w->out, '}');
    end_object(w);
}

static bool add_annotations(struct writer *w, struct pdf_roots *roots)
{
    struct pdf *pdf = w->pdf;
    roots->annotations =
        arena_array(pdf->arena, pdf->sheets_count + 1, sizeof(*roots->annotations), pdf->err);
    if (!roots->annotations)
        return false;
    for (size_t i = 0; i < pdf->annotations_count; i++)
        add_annotation(w, i);
    /* They were made page by page. */
    for (size_t i = 0; i < pdf->annotations_count;) {
        unsigned page = pdf->annotations[i].page;
        roots->annotations[page] = w->next++;
        begin_object(w, roots->annotations[page]);
        strbuf_add_char(w->out, '[');
        for (bool is_first = true; i < pdf->annotations_count && pdf->annotations[i].page == page;
             i++, is_first = false)
            strbuf_printf(w->out, "%s\"%u 0 R\"", is_first ? "" : ",", pdf->annotations[i].object);
        strbuf_add_char(w->out, ']');
        end_object(w);
    }
    return true;
}

/* Names: so that "report.pdf#control-CM-02-v3" leads there. */
static void add_destinations(struct writer *w, struct pdf_roots *roots)
{
    const struct pdf *pdf = w->pdf;
    unsigned tree = w->next++;
    roots->names = w->next++;
    begin_object(w, tree);
    strbuf_add_text(w->out, "{\"/Names\":[");
    for (size_t i = 0; i < pdf->found.count; i++) {
        const struct place *place = &pdf->found.items[i];
        if (i > 0)
            strbuf_add_char(w->out, ',');
        add_string(w, slice_of(place->anchor));
        strbuf_add_char(w->out, ',');
        add_destination(w, place->page - 1, place->y);
    }
    strbuf_add_char(w->out, ']');
    if (pdf->found.count > 0) {
        strbuf_add_text(w->out, ",\"/Limits\":[");
        add_string(w, slice_of(pdf->found.items[0].anchor));
        strbuf_add_char(w->out, ',');
        add_string(w, slice_of(pdf->found.items[pdf->found.count - 1].anchor));
        strbuf_add_char(w->out, ']');
    }
    strbuf_add_char(w->out, '}');
    end_object(w);
    begin_object(w, roots->names);
    strbuf_printf(w->out, "{\"/Dests\":{\"/Kids\":[\"%u 0 R\"]}}", tree);
    end_object(w);
}

/* Outline: entries in order with levels; an entry's parent is the last one of a lower level. */

static size_t next_sibling(const struct pdf *pdf, size_t index)
{
    for (size_t i = index + 1; i < pdf->outline_count; i++) {
        if (pdf->outline[i].level < pdf->outline[index].level)
            break;
        if (pdf->outline[i].level == pdf->outline[index].level)
            return i;
    }
    return SIZE_MAX;
}

static bool has_children(const struct pdf *pdf, size_t index)
{
    return index + 1 < pdf->outline_count &&
           pdf->outline[index + 1].level > pdf->outline[index].level;
}

/* Levels may not jump (a heading may be missing between two): then they are drawn together. */
static void settle_levels(struct pdf *pdf)
{
    unsigned allowed = 1;
    for (size_t i = 0; i < pdf->outline_count; i++) {
        if (pdf->outline[i].level > allowed)
            pdf->outline[i].level = allowed;
        allowed = pdf->outline[i].level + 1;
    }
}

static bool add_outline(struct writer *w, struct pdf_roots *roots)
{
    enum { LEVELS = 8 };
    struct pdf *pdf = w->pdf;
    unsigned first = w->next + 1;
    if (pdf->outline_count == 0)
        return true;
    settle_levels(pdf);
    size_t *previous = arena_array(pdf->arena, pdf->outline_count, sizeof(*previous), pdf->err);
    size_t *last_child = arena_array(pdf->arena, pdf->outline_count, sizeof(*last_child), pdf->err);
    if (!previous || !last_child)
        return false;
    size_t open[LEVELS] = { 0 }; /* the last entry of each level, plus one */
    size_t last_top = 0, top_count = 0;
    unsigned *parents = arena_array(pdf->arena, pdf->outline_count, sizeof(*parents), pdf->err);
    if (!parents)
        return false;
    roots->outline = w->next;
    w->next += 1 + (unsigned)pdf->outline_count;
    for (size_t i = 0; i < pdf->outline_count; i++) {
        unsigned level = pdf->outline[i].level < LEVELS ? pdf->outline[i].level : LEVELS - 1;
        previous[i] = open[level];
        open[level] = i + 1;
        for (unsigned deeper = level + 1; deeper < LEVELS; deeper++)
            open[deeper] = 0;
        parents[i] = level > 1 && open[level - 1] > 0 ? first + (unsigned)open[level - 1] - 1
                                                      : roots->outline;
        if (level > 1 && open[level - 1] > 0) {
            last_child[open[level - 1] - 1] = i;
        } else {
            last_top = i;
            top_count++;
        }
    }
    begin_object(w, roots->outline);
    strbuf_printf(w->out,
                  "{\"/Type\":\"/Outlines\",\"/First\":\"%u 0 R\",\"/Last\":\"%zu 0 R\","
                  "\"/Count\":%zu}",
                  first, first + last_top, top_count);
    end_object(w);
    for (size_t i = 0; i < pdf->outline_count; i++) {
        const struct outline_entry *entry = &pdf->outline[i];
        size_t next = next_sibling(pdf, i);
        begin_object(w, first + (unsigned)i);
        strbuf_add_text(w->out, "{\"/Title\":");
        add_string(w, entry->title);
        strbuf_printf(w->out, ",\"/Parent\":\"%u 0 R\"", parents[i]);
        if (previous[i] > 0)
            strbuf_printf(w->out, ",\"/Prev\":\"%zu 0 R\"", first + previous[i] - 1);
        if (next != SIZE_MAX)
            strbuf_printf(w->out, ",\"/Next\":\"%zu 0 R\"", first + next);
        if (has_children(pdf, i)) {
            size_t children = 0;
            for (size_t k = i + 1; k < pdf->outline_count && pdf->outline[k].level > entry->level;
                 k++)
                children += pdf->outline[k].level == entry->level + 1;
            /* Closed: the reader opens what he wants. */
            strbuf_printf(w->out, ",\"/First\":\"%zu 0 R\",\"/Last\":\"%zu 0 R\",\"/Count\":-%zu",
                          first + i + 1, first + last_child[i], children);
        }
        strbuf_add_text(w->out, ",\"/Dest\":");
        add_destination(w, entry->page - 1, entry->y);
        strbuf_add_char(w->out, '}');
        end_object(w);
    }
    return true;
}

bool pdf_objects(struct pdf *pdf, unsigned first, const int *pages, struct pdf_roots *roots,
                 struct strbuf *json, struct error *err)
{
    struct writer w = { .pdf = pdf, .pages = pages, .out = json, .next = first };
    *roots = (struct pdf_roots){ 0 };
    size_t header = json->len;
    (void)header;
    strbuf_add_text(json, "{\"qpdf\":[{\"jsonversion\":2,\"pdfversion\":\"1.7\","
                          "\"pushedinheritedpageresources\":false,\"calledgetallpages\":false,"
                          "\"maxobjectid\":0},{");
    if (!add_structure(&w, roots) || !add_annotations(&w, roots) || !add_outline(&w, roots))
        return false;
    add_destinations(&w, roots);
    strbuf_add_text(json, "}]}");
    return strbuf_ok(json, err);
}
