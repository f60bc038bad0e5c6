/* The structure tree while it grows, and the places that links lead to. */
#include <cairo-pdf.h>
#include <stdlib.h>
#include <string.h>

#include "report/pdf.h"

/* Room for one more in an array that doubles; false with `failed` set. */
static bool grow(struct pdf *pdf, void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 64;
    void *at = more > SIZE_MAX / size ? NULL : realloc(*items, more * size);
    if (!at) {
        pdf->failed = !error_no_memory(pdf->err, more * size);
        return false;
    }
    *items = at;
    *capacity = more;
    return true;
}

static struct kid *kid_new(struct pdf *pdf, struct node *parent, enum kid_kind kind)
{
    struct kid *kid = pdf->failed ? NULL : arena_alloc(pdf->arena, sizeof(*kid), pdf->err);
    if (!kid) {
        pdf->failed = true;
        return NULL;
    }
    kid->kind = kind;
    if (parent->last)
        parent->last->next = kid;
    else
        parent->first = kid;
    parent->last = kid;
    return kid;
}

struct node *node_new(struct pdf *pdf, struct node *parent, const char *type)
{
    if (!pdf->is_drawing || pdf->failed)
        return NULL;
    struct node *node = arena_alloc(pdf->arena, sizeof(*node), pdf->err);
    if (!node) {
        pdf->failed = true;
        return NULL;
    }
    node->type = type;
    node->parent = parent;
    if (pdf->nodes_last)
        pdf->nodes_last->next = node;
    else
        pdf->nodes = node;
    pdf->nodes_last = node;
    if (parent) {
        struct kid *kid = kid_new(pdf, parent, KID_NODE);
        if (kid)
            kid->node = node;
    }
    return node;
}

void content_begin(struct pdf *pdf, struct node *node)
{
    if (!pdf->is_drawing || pdf->failed || !node)
        return;
    struct sheet *sheet = &pdf->sheets[pdf->page - 1];
    struct kid *kid = kid_new(pdf, node, KID_CONTENT);
    if (!kid)
        return;
    kid->page = pdf->page - 1;
    kid->content = sheet->contents_count++;
    /* The name in the page's stream is not looked at by readers that follow the tree. */
    cairo_tag_begin(pdf->cr, "P", "");
}

void content_end(struct pdf *pdf)
{
    if (pdf->is_drawing && !pdf->failed)
        cairo_tag_end(pdf->cr, "P");
}

void link_add(struct pdf *pdf, struct node *link, const char *target, double left, double top,
              double right, double bottom)
{
    if (!pdf->is_drawing || pdf->failed || !link ||
        !grow(pdf, (void **)&pdf->annotations, pdf->annotations_count, &pdf->annotations_capacity,
              sizeof(*pdf->annotations)))
        return;
    struct kid *kid = kid_new(pdf, link, KID_ANNOTATION);
    if (!kid)
        return;
    kid->annotation = pdf->annotations_count;
    pdf->annotations[pdf->annotations_count++] = (struct annotation){
        .page = pdf->page - 1,
        .left = left,
        .top = top,
        .right = right,
        .bottom = bottom,
        .page_height = pdf->height,
        .target = target,
        .node = link,
    };
}

/* Places */

void places_add(struct pdf *pdf, struct places *places, const char *anchor, unsigned page, double y)
{
    if (pdf->failed || !grow(pdf, (void **)&places->items, places->count, &places->capacity,
                             sizeof(*places->items)))
        return;
    places->items[places->count++] = (struct place){ anchor, page, y };
    places->is_sorted = false;
}

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a;
    const struct place *right = b;
    return strcmp(left->anchor, right->anchor);
}

void places_sort(struct places *places)
{
    if (places->count > 0)
        qsort(places->items, places->count, sizeof(*places->items), compare_places);
    places->is_sorted = true;
}

const struct place *places_find(const struct places *places, const char *anchor)
{
    struct place key = { .anchor = anchor };
    if (!anchor || places->count == 0)
        return NULL;
    return bsearch(&key, places->items, places->count, sizeof(key), compare_places);
}

bool places_equal(const struct places *a, const struct places *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].page != b->items[i].page ||
            strcmp(a->items[i].anchor, b->items[i].anchor) != 0)
            return false;
    return true;
}

void places_free(struct places *places)
{
    free(places->items);
    *places = (struct places){ 0 };
}
