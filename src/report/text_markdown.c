/* Markdown into the model's blocks. Only structure is kept: a report has one look. */
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <string.h>

#include "report/text.h"
#include "report/writer.h"

/* Deeper than people write, and a bound for the walk. */
enum { QUOTES_MAX = 8 };

/* The words of an inline tree, without what only looks. */
static void say_inlines(struct writer *w, cmark_node *node)
{
    cmark_iter *iter = cmark_iter_new(node);
    if (!iter) {
        w->failed = true;
        return;
    }
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *at = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(at);
        if (event == CMARK_EVENT_EXIT) {
            const char *url = type == CMARK_NODE_LINK ? cmark_node_get_url(at) : NULL;
            cmark_node *label = url ? cmark_node_first_child(at) : NULL;
            const char *text = label ? cmark_node_get_literal(label) : NULL;
            if (url && *url && !(text && strstr(url, text))) {
                say(w, " (");
                say(w, url);
                say(w, ")");
            }
            continue;
        }
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE || type == CMARK_NODE_HTML_INLINE)
            say(w, cmark_node_get_literal(at));
        else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
            say(w, " ");
    }
    cmark_iter_free(iter);
}

static struct value *block_object(struct writer *w, struct value *blocks, const char *name,
                                  enum value_type type)
{
    struct value *object = w->failed ? NULL : value_add_object(w->arena, blocks, w->err);
    struct value *inner = object ? value_new(w->arena, type, w->err) : NULL;
    if (!inner || !value_put(w->arena, object, name, inner, w->err)) {
        w->failed = true;
        return NULL;
    }
    return inner;
}

/* Items of inner lists follow their parent in the same list. */
static void list_items(struct writer *w, struct value *list, cmark_node *node, unsigned depth)
{
    for (cmark_node *item = cmark_node_first_child(node); item; item = cmark_node_next(item)) {
        for (cmark_node *at = cmark_node_first_child(item); at; at = cmark_node_next(at)) {
            if (cmark_node_get_type(at) == CMARK_NODE_LIST) {
                if (w->text.len > 0)
                    end_text(w, list);
                if (depth < QUOTES_MAX)
                    list_items(w, list, at, depth + 1);
                continue;
            }
            if (w->text.len > 0)
                say(w, " ");
            if (cmark_node_get_type(at) == CMARK_NODE_CODE_BLOCK)
                say(w, cmark_node_get_literal(at));
            else
                say_inlines(w, at);
        }
        if (w->text.len > 0)
            end_text(w, list);
    }
}

static void table_block(struct writer *w, struct value *blocks, cmark_node *node)
{
    struct value *table = block_object(w, blocks, "table", VALUE_OBJECT);
    struct value *head = add_list(w, table, "head");
    struct value *rows = add_list(w, table, "rows");
    for (cmark_node *row = cmark_node_first_child(node); row && !w->failed;
         row = cmark_node_next(row)) {
        struct value *cells = head;
        if (row != cmark_node_first_child(node)) {
            cells = value_new(w->arena, VALUE_ARRAY, w->err);
            if (!cells || !value_add(w->arena, rows, cells, w->err))
                w->failed = true;
        }
        for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell)) {
            say_inlines(w, cell);
            end_text(w, cells);
        }
    }
}

static void code_block(struct writer *w, struct value *blocks, const char *literal)
{
    struct value *object = w->failed ? NULL : value_add_object(w->arena, blocks, w->err);
    say_slice(w, slice_trim(slice_of(literal)));
    add_value(w, object, "code", take_text(w));
}

static void block(struct writer *w, struct value *blocks, cmark_node *node, unsigned depth)
{
    cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_HEADING) {
        struct value *object = w->failed ? NULL : value_add_object(w->arena, blocks, w->err);
        say_inlines(w, node);
        add_value(w, object, "heading", take_text(w));
    } else if (type == CMARK_NODE_LIST) {
        bool is_ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
        struct value *list = block_object(w, blocks, is_ordered ? "steps" : "list", VALUE_ARRAY);
        list_items(w, list, node, 0);
    } else if (type == CMARK_NODE_CODE_BLOCK) {
        code_block(w, blocks, cmark_node_get_literal(node));
    } else if (type == CMARK_NODE_HTML_BLOCK) {
        say_slice(w, slice_trim(slice_of(cmark_node_get_literal(node))));
        end_text(w, blocks);
    } else if (type == CMARK_NODE_BLOCK_QUOTE && depth < QUOTES_MAX) {
        for (cmark_node *at = cmark_node_first_child(node); at; at = cmark_node_next(at))
            block(w, blocks, at, depth + 1);
    } else if (!strcmp(cmark_node_get_type_string(node), "table")) {
        table_block(w, blocks, node);
    } else if (type != CMARK_NODE_THEMATIC_BREAK) {
        say_inlines(w, node);
        if (w->text.len > 0)
            end_text(w, blocks);
    }
}

struct value *report_blocks_from_markdown(struct arena *arena, struct slice markdown,
                                          struct error *err)
{
    struct writer w = writer_new(arena, NULL, err);
    struct value *blocks = value_new(arena, VALUE_ARRAY, err);
    cmark_gfm_core_extensions_ensure_registered();
    cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
    cmark_node *document = NULL;
    if (parser) {
        cmark_syntax_extension *tables = cmark_find_syntax_extension("table");
        if (tables)
            cmark_parser_attach_syntax_extension(parser, tables);
        cmark_parser_feed(parser, markdown.at ? markdown.at : "", markdown.len);
        document = cmark_parser_finish(parser);
    }
    if (!blocks || !document)
        w.failed = true;
    for (cmark_node *at = document ? cmark_node_first_child(document) : NULL; at && !w.failed;
         at = cmark_node_next(at))
        block(&w, blocks, at, 0);
    if (w.failed && err->code == ERROR_NONE)
        error_no_memory(err, markdown.len);
    if (document)
        cmark_node_free(document);
    if (parser)
        cmark_parser_free(parser);
    return writer_end(&w) ? blocks : NULL;
}

/* Where only texts may stand, lists and headings become texts of their own. */
static void flatten(struct writer *w, struct value *texts, const struct value *block)
{
    if (block->type == VALUE_STRING) {
        say_slice(w, value_text(block));
        end_text(w, texts);
    }
    for (size_t i = 0; block->type == VALUE_ARRAY && i < block->count; i++)
        flatten(w, texts, block->items[i]);
    for (size_t i = 0; block->type == VALUE_OBJECT && i < block->count; i++)
        flatten(w, texts, block->members[i].value);
}

struct value *report_paragraphs_from_markdown(struct arena *arena, struct slice markdown,
                                              struct error *err)
{
    const struct value *blocks = report_blocks_from_markdown(arena, markdown, err);
    struct value *texts = blocks ? value_new(arena, VALUE_ARRAY, err) : NULL;
    if (!texts)
        return NULL;
    struct writer w = writer_new(arena, NULL, err);
    flatten(&w, texts, blocks);
    return writer_end(&w) ? texts : NULL;
}
