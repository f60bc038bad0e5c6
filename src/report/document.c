#include "report/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "report/build.h"
#include "report/document_walk.h"

struct known_anchor {
    const char *name;
    bool is_taken;
};
/* Every anchor of the document, sorted by name once all are there. */
struct anchors {
    struct known_anchor *items;
    size_t count;
};

static void count_mark(struct document_walk *walk, struct mark *mark)
{
    struct anchors *anchors = walk->context;
    (void)mark;
    anchors->count++;
}

static void keep_anchor(struct document_walk *walk, struct mark *mark)
{
    struct anchors *anchors = walk->context;
    anchors->items[anchors->count++].name = mark->anchor;
}

static int compare_names(const void *a, const void *b)
{
    const struct known_anchor *left = a;
    const struct known_anchor *right = b;
    return strcmp(left->name, right->name);
}

/* The first of that name; NULL if there is none. */
static struct known_anchor *find_anchor(const struct anchors *anchors, const char *name)
{
    size_t low = 0, high = anchors->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(anchors->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < anchors->count && !strcmp(anchors->items[low].name, name);
    return is_there ? &anchors->items[low] : NULL;
}

/* An anchor stands for one place: the first that took it. */
static void drop_repeat(struct document_walk *walk, struct mark *mark)
{
    struct known_anchor *known = find_anchor(walk->context, mark->anchor);
    if (known->is_taken)
        mark->anchor = NULL;
    known->is_taken = true;
}

/* A part of the report may be switched off; what led there becomes plain text. */
static void drop_loose_end(struct document_walk *walk, struct run *run)
{
    if (run->target && !find_anchor(walk->context, run->target))
        run->target = NULL;
}

static bool document_resolve(struct arena *arena, struct document *document, struct error *err)
{
    struct anchors anchors = { 0 };
    struct document_walk count = { .on_mark = count_mark, .context = &anchors };
    struct document_walk keep = { .on_mark = keep_anchor, .context = &anchors };
    struct document_walk settle = { .on_mark = drop_repeat,
                                    .on_run = drop_loose_end,
                                    .context = &anchors };
    document_walk(&count, document);
    anchors.items = arena_array(arena, anchors.count + 1, sizeof(*anchors.items), err);
    if (!anchors.items)
        return false;
    anchors.count = 0;
    document_walk(&keep, document);
    qsort(anchors.items, anchors.count, sizeof(*anchors.items), compare_names);
    document_walk(&settle, document);
    return true;
}

static bool digest_of(const struct value *model, struct digest *digest, struct error *err)
{
    struct strbuf canonical = strbuf_new((size_t)1 << 30);
    bool ok = json_canonical(model, &canonical, err) && strbuf_ok(&canonical, err);
    if (ok)
        *digest = sha256_of(strbuf_slice(&canonical));
    strbuf_free(&canonical);
    return ok;
}

static void describe(struct builder *b)
{
    struct document *document = b->document;
    const struct value *model = b->model;
    bool is_draft = slice_is(value_text_of(model, "status"), "draft");
    document->language = build_string(b, value_text_of(model, "language"));
    document->title = build_shown(b, value_text_of(model, "title"));
    document->subject = build_shown(b, value_text_of(model, "subtitle"));
    document->organization =
        build_shown(b, value_text_of(value_member(model, "organization"), "name"));
    document->auditor =
        build_shown(b, value_text_of(value_member(model, "service_auditor"), "firm"));
    document->is_readiness = slice_is(value_text_of(model, "kind"), "readiness");
    document->date = value_text_of(model, "report_date");
    document->running = build_printf(b, "Report %.*s", SLICE_ARG(value_text_of(model, "id")));
    if (document->is_readiness) {
        document->banner = is_draft ? SLICE("DRAFT READINESS REPORT") : SLICE("READINESS REPORT");
        document->banner_note =
            SLICE("Prepared by management, not examined by an independent service auditor");
    } else if (value_is_true(value_member(model, "specimen"))) {
        document->banner = is_draft ? SLICE("SPECIMEN DRAFT") : SLICE("SPECIMEN");
        document->banner_note = SLICE("No licence of the signing firm has been established");
    } else if (is_draft) {
        document->banner = SLICE("DRAFT");
        document->banner_note = SLICE("Not issued; may change");
    }
}

struct document *document_of(struct arena *arena, const struct value *model, struct error *err)
{
    struct document *document = arena_alloc(arena, sizeof(*document), err);
    if (!document)
        return NULL;
    struct builder b = {
        .arena = arena, .document = document, .model = model, .err = err, .path = strbuf_new(4096)
    };
    if (!digest_of(model, &document->digest, err))
        return NULL;
    describe(&b);
    build_cover(&b);
    build_contents(&b);
    build_exceptions_index(&b);
    build_statement(&b);
    build_section1(&b);
    build_section2(&b);
    build_section3(&b);
    build_section4(&b);
    build_section5(&b);
    build_appendices(&b);
    bool ok = !b.failed && strbuf_ok(&b.path, err) && document_resolve(arena, document, err);
    strbuf_free(&b.path);
    return ok ? document : NULL;
}
