#include "report/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "report/build.h"

/* Every mark and every run of a document, wherever it lies. */
struct walk {
    void (*on_mark)(struct walk *walk, struct mark *mark);
    void (*on_run)(struct walk *walk, struct run *run);
    struct known_anchor *anchors; /* sorted by name once all are there */
    size_t count;
};
struct known_anchor {
    const char *name;
    bool is_taken;
};

static void walk_blocks(struct walk *walk, struct blocks *blocks);

static void walk_mark(struct walk *walk, struct mark *mark)
{
    if (walk->on_mark && mark->anchor)
        walk->on_mark(walk, mark);
}

static void walk_runs(struct walk *walk, struct runs *runs)
{
    if (walk->on_run)
        for (struct run *run = runs->first; run; run = run->next)
            walk->on_run(walk, run);
}

static void walk_table(struct walk *walk, struct table *table)
{
    walk_mark(walk, &table->mark);
    walk_runs(walk, &table->band);
    for (struct row *row = table->rows; row; row = row->next) {
        walk_mark(walk, &row->mark);
        for (size_t i = 0; i < table->columns_count; i++)
            walk_blocks(walk, &row->cells[i].blocks);
    }
}

/* Blocks nest three deep at most (box, list, text), so this does not recurse far. */
static void walk_blocks(struct walk *walk, struct blocks *blocks)
{
    for (struct block *block = blocks->first; block; block = block->next) {
        walk_mark(walk, &block->mark);
        walk_runs(walk, &block->runs);
        if (block->table)
            walk_table(walk, block->table);
        for (struct list_item *item = block->items; item; item = item->next)
            walk_blocks(walk, &item->blocks);
        walk_blocks(walk, &block->inner);
    }
}

static void walk_document(struct walk *walk, struct document *document)
{
    for (struct section *section = document->first; section; section = section->next)
        walk_blocks(walk, &section->blocks);
}

static void count_mark(struct walk *walk, struct mark *mark)
{
    (void)mark;
    walk->count++;
}

static void keep_anchor(struct walk *walk, struct mark *mark)
{
    walk->anchors[walk->count++].name = mark->anchor;
}

static int compare_names(const void *a, const void *b)
{
    const struct known_anchor *left = a;
    const struct known_anchor *right = b;
    return strcmp(left->name, right->name);
}

/* The first of that name; NULL if there is none. */
static struct known_anchor *find_anchor(const struct walk *walk, const char *name)
{
    size_t low = 0, high = walk->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(walk->anchors[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < walk->count && !strcmp(walk->anchors[low].name, name) ? &walk->anchors[low] : NULL;
}

/* An anchor stands for one place: the first that took it. */
static void drop_repeat(struct walk *walk, struct mark *mark)
{
    struct known_anchor *known = find_anchor(walk, mark->anchor);
    if (known->is_taken)
        mark->anchor = NULL;
    known->is_taken = true;
}

/* A part of the report may be switched off; what led there becomes plain text. */
static void drop_loose_end(struct walk *walk, struct run *run)
{
    if (run->target && !find_anchor(walk, run->target))
        run->target = NULL;
}

static bool document_resolve(struct arena *arena, struct document *document, struct error *err)
{
    struct walk walk = { .on_mark = count_mark };
    walk_document(&walk, document);
    document->marks_count = walk.count;
    if (walk.count == 0)
        return true;
    walk.anchors = arena_array(arena, walk.count, sizeof(*walk.anchors), err);
    if (!walk.anchors)
        return false;
    walk.count = 0;
    walk.on_mark = keep_anchor;
    walk_document(&walk, document);
    qsort(walk.anchors, walk.count, sizeof(*walk.anchors), compare_names);
    walk.on_mark = drop_repeat;
    walk.on_run = drop_loose_end;
    walk_document(&walk, document);
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
    struct builder b = { .arena = arena,
                         .document = document,
                         .model = model,
                         .err = err,
                         .path = strbuf_new(4096) };
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
