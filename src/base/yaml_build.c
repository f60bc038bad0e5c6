#include "base/yaml_build.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/yaml_scalar.h"

enum {
    ANCHORS_MAX = 1000, /* of one document; they are searched one by one */
    FAULTS_MAX = 100,   /* told of one document; then the rest of it is left alone */
    STREAM_FAULTS_MAX = 1000,
};

static void add_finding(struct yaml_reader *reader, uint32_t line, uint32_t column,
                        const char *message, const char *hint)
{
    struct error told;
    char where[sizeof told.where];
    snprintf(where, sizeof where, "%s:%u:%u", reader->where, line, column);
    error_set(&told, ERROR_INVALID, where, "%s", message);
    if (hint)
        error_hint(&told, "%s", hint);
    findings_add_error(reader->findings, &told);
}

bool yaml_fault(struct yaml_reader *reader, uint32_t line, uint32_t column, const char *hint,
                const char *format, ...)
{
    char message[sizeof((struct error *)NULL)->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    add_finding(reader, line, column, message, hint);
    reader->stream_faults++;
    if (reader->stream_faults == STREAM_FAULTS_MAX) {
        reader->is_skipped = reader->is_stopped = true;
        add_finding(reader, line, column, "the rest of the file is not read: too many faults",
                    NULL);
    } else if (++reader->faults == FAULTS_MAX) {
        reader->is_skipped = true;
        add_finding(reader, line, column, "the rest of the document is not read: too many faults",
                    NULL);
    }
    return true;
}

static bool fault_here(struct yaml_reader *reader, const char *hint, const char *message)
{
    return yaml_fault(reader, reader->line, reader->column, hint, "%s", message);
}

/* The rest of the document would only lead to faults that are none, or cost too much. */
static bool skip_rest(struct yaml_reader *reader)
{
    reader->is_skipped = true;
    return true;
}

static void set_place(struct yaml_reader *reader, const yaml_event_t *event)
{
    reader->line = reader->line_base + (uint32_t)event->start_mark.line + 1;
    reader->column = (uint32_t)event->start_mark.column + 1;
}

/* Counts values and bytes of text. False, after a fault, if they are too many. */
static bool within_limits(struct yaml_reader *reader, size_t nodes, size_t bytes)
{
    reader->nodes += nodes;
    reader->bytes += bytes;
    if (reader->nodes > reader->limits->nodes_max || reader->bytes > reader->limits->bytes_max) {
        (void)yaml_fault(reader, reader->line, reader->column, NULL,
                         "the documents hold more than %zu values or %zu bytes of text",
                         reader->limits->nodes_max, reader->limits->bytes_max);
        reader->is_skipped = reader->is_stopped = true;
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- placing nodes */

static bool node_new(struct yaml_reader *reader, enum value_type type, struct value **node)
{
    *node = value_new(reader->arena, type, reader->err);
    if (!*node)
        return false;
    (*node)->line = reader->line;
    (*node)->column = reader->column;
    return true;
}

/* Puts a node where the document is: its root, an item, a member's value. */
static bool place_node(struct yaml_reader *reader, struct value *node)
{
    if (reader->depth == 0) {
        reader->root = node;
        return true;
    }
    struct yaml_frame *frame = &reader->frames[reader->depth - 1];
    if (frame->node->type == VALUE_ARRAY)
        return value_add(reader->arena, frame->node, node, reader->err);
    frame->member.value = node;
    frame->has_key = false;
    return value_append(reader->arena, frame->node, &frame->member, reader->err);
}

static bool expects_key(const struct yaml_reader *reader)
{
    if (reader->depth == 0)
        return false;
    const struct yaml_frame *frame = &reader->frames[reader->depth - 1];
    return frame->node->type == VALUE_OBJECT && !frame->has_key;
}

static bool take_key(struct yaml_reader *reader, struct slice name, bool is_plain)
{
    struct yaml_frame *frame = &reader->frames[reader->depth - 1];
    if (is_plain && slice_is(name, "<<"))
        (void)fault_here(reader, "write the fields out, or use an alias for a whole value",
                         "merge keys (<<) are not part of YAML 1.2");
    frame->member = (struct value_member){
        .name = name,
        .line = reader->line,
        .column = reader->column,
    };
    frame->has_key = true;
    return true;
}

/* Records the anchor of a node that begins; *index is its place plus one, or 0. */
static bool take_anchor(struct yaml_reader *reader, const yaml_char_t *name, struct value *node,
                        size_t *index)
{
    *index = 0;
    if (!name)
        return true;
    if (reader->anchors_count == ANCHORS_MAX) {
        (void)yaml_fault(reader, reader->line, reader->column, NULL,
                         "a document may have %d anchors", ANCHORS_MAX);
        return skip_rest(reader);
    }
    if (!reader->anchors) {
        reader->anchors =
            arena_array(reader->arena, ANCHORS_MAX, sizeof *reader->anchors, reader->err);
        if (!reader->anchors)
            return false;
    }
    struct yaml_anchor *anchor = &reader->anchors[reader->anchors_count];
    *anchor = (struct yaml_anchor){
        .node = node, .nodes = reader->nodes, .bytes = reader->bytes, .is_open = true
    };
    if (!arena_copy(reader->arena, slice_of((const char *)name), &anchor->name, reader->err))
        return false;
    *index = ++reader->anchors_count;
    return true;
}

static void close_anchor(struct yaml_reader *reader, size_t index)
{
    if (index == 0)
        return;
    struct yaml_anchor *anchor = &reader->anchors[index - 1];
    /* The node itself was counted just before its anchor was taken. */
    anchor->nodes = reader->nodes - anchor->nodes + 1;
    anchor->bytes = reader->bytes - anchor->bytes + anchor->node->text.len;
    anchor->is_open = false;
}

/* ---------------------------------------------------------------- aliases */

/* A copy that shares the texts, which nobody changes. False also when it would be too deep: then
 * *copy is NULL and *err is as it was. */
static bool copy_node(struct yaml_reader *reader, const struct value *node, unsigned depth_left,
                      struct value **copy)
{
    bool is_container = node->type == VALUE_ARRAY || node->type == VALUE_OBJECT;
    *copy = NULL;
    if (is_container && depth_left == 0) {
        (void)fault_here(reader, NULL, "with this alias the document is nested too deeply");
        return skip_rest(reader);
    }
    struct value *fresh = value_new(reader->arena, node->type, reader->err);
    if (!fresh)
        return false;
    *fresh = *node;
    fresh->items = NULL;
    fresh->members = NULL;
    fresh->count = fresh->capacity = 0;
    for (size_t i = 0; i < node->count; i++) {
        struct value_member member = { 0 };
        if (node->type == VALUE_OBJECT)
            member = node->members[i];
        const struct value *inner = node->type == VALUE_OBJECT ? member.value : node->items[i];
        if (!copy_node(reader, inner, depth_left - 1, &member.value))
            return false;
        if (reader->is_skipped)
            return true;
        if (node->type == VALUE_OBJECT
                ? !value_append(reader->arena, fresh, &member, reader->err)
                : !value_add(reader->arena, fresh, member.value, reader->err))
            return false;
    }
    *copy = fresh;
    return true;
}

static bool take_alias(struct yaml_reader *reader, const yaml_char_t *anchor_name)
{
    struct slice name = slice_of((const char *)anchor_name);
    struct value *copy;
    const struct yaml_anchor *anchor = NULL;
    for (size_t i = reader->anchors_count; i > 0 && !anchor; i--) /* the latest of that name */
        if (slice_equal(reader->anchors[i - 1].name, name))
            anchor = &reader->anchors[i - 1];
    if (!anchor)
        (void)yaml_fault(
            reader, reader->line, reader->column, "an anchor holds for its own document only",
            "the alias *%.*s has no anchor &%.*s before it", SLICE_ARG(name), SLICE_ARG(name));
    else if (anchor->is_open)
        (void)yaml_fault(reader, reader->line, reader->column, NULL,
                         "the alias *%.*s stands inside the value of its own anchor",
                         SLICE_ARG(name));
    if (expects_key(reader)) {
        (void)fault_here(reader, NULL, "a key must be a text, not an alias");
        return skip_rest(reader);
    }
    if (!anchor || anchor->is_open)
        return node_new(reader, VALUE_NULL, &copy) && place_node(reader, copy);

    reader->alias_nodes += anchor->nodes;
    if (reader->alias_nodes > reader->limits->alias_nodes_max) {
        (void)yaml_fault(reader, reader->line, reader->column, NULL,
                         "with the alias *%.*s, aliases stand for more than %zu values",
                         SLICE_ARG(name), reader->limits->alias_nodes_max);
        return skip_rest(reader);
    }
    if (!within_limits(reader, anchor->nodes, anchor->bytes))
        return true;
    if (!copy_node(reader, anchor->node, reader->limits->depth_max - reader->depth, &copy))
        return false;
    return reader->is_skipped || place_node(reader, copy);
}

/* ---------------------------------------------------------------- scalars and containers */

static bool refuse_tag(struct yaml_reader *reader, const yaml_char_t *tag)
{
    static const struct slice standard = { "tag:yaml.org,2002:", 18 };
    struct slice name = slice_of((const char *)tag);
    if (!tag)
        return true;
    bool is_standard = slice_starts_with(name, standard);
    if (is_standard)
        name = slice_from(name, standard.len);
    return yaml_fault(reader, reader->line, reader->column,
                      "leave it out; quotes make a text of anything", "tags are not read: %s%.*s",
                      is_standard ? "!!" : "", SLICE_ARG(name));
}

/* YAML wants the further lines of a quoted text indented, which libyaml does not see. Without this
 * a forgotten quote swallows what follows up to the next quote, far below. */
static bool check_indentation(struct yaml_reader *reader, const yaml_event_t *event)
{
    if (reader->depth == 0 || event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return true;
    const struct yaml_frame *frame = &reader->frames[reader->depth - 1];
    if (frame->is_flow)
        return true;
    for (size_t line = event->start_mark.line + 1; line <= event->end_mark.line; line++) {
        struct slice text = yaml_text_from(reader->text, &reader->cursor, (uint32_t)line + 1, 1);
        if (yaml_indent(text) < frame->node->column)
            return yaml_fault(reader, reader->line, reader->column,
                              "close the quotes; further lines of a quoted text must be indented",
                              "the quoted text that begins here has no end");
    }
    return true;
}

static bool take_scalar(struct yaml_reader *reader, const yaml_event_t *event)
{
    struct slice text;
    struct value *node;
    size_t anchor, bad;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool is_block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                    event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    struct slice found = slice_bytes(event->data.scalar.value, event->data.scalar.length);
    if (!utf8_is_valid(found, &bad)) { /* libyaml has checked; nobody after this does */
        found = SLICE("");
        (void)fault_here(reader, NULL, "this text is not UTF-8");
    }
    if (!refuse_tag(reader, event->data.scalar.tag) ||
        (!is_block && !check_indentation(reader, event)) ||
        !arena_copy(reader->arena, found, &text, reader->err))
        return false;
    if (!within_limits(reader, 1, text.len))
        return true;
    if (expects_key(reader) && !event->data.scalar.anchor)
        return take_key(reader, text, is_plain);
    if (!node_new(reader, VALUE_STRING, &node))
        return false;
    node->text = text;
    node->is_plain = is_plain;
    if (is_plain)
        node->type = yaml_plain_type(text, &node->boolean);
    if (!take_anchor(reader, event->data.scalar.anchor, node, &anchor))
        return false;
    close_anchor(reader, anchor);
    return expects_key(reader) ? take_key(reader, text, is_plain) : place_node(reader, node);
}

static bool open_container(struct yaml_reader *reader, enum value_type type, bool is_flow,
                           const yaml_char_t *tag, const yaml_char_t *anchor)
{
    struct value *node;
    size_t index;
    if (expects_key(reader)) {
        (void)fault_here(reader, NULL, "a key must be a text, not a mapping or a list");
        return skip_rest(reader);
    }
    if (reader->depth == reader->limits->depth_max) {
        (void)yaml_fault(reader, reader->line, reader->column, NULL,
                         "the document is nested more than %u levels deep",
                         reader->limits->depth_max);
        return skip_rest(reader);
    }
    if (!refuse_tag(reader, tag) || !node_new(reader, type, &node))
        return false;
    if (!within_limits(reader, 1, 0))
        return true;
    if (!take_anchor(reader, anchor, node, &index) || !place_node(reader, node))
        return false;
    reader->frames[reader->depth++] =
        (struct yaml_frame){ .node = node, .anchor = index, .is_flow = is_flow };
    return true;
}

struct repeat {
    const struct value_member *later, *first;
};

static int compare_names(const void *a, const void *b)
{
    const struct value_member *const *left = a, *const *right = b;
    int order = slice_compare((*left)->name, (*right)->name);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static int compare_places(const void *a, const void *b)
{
    const struct repeat *left = a, *right = b;
    return (left->later > right->later) - (left->later < right->later);
}

/* Tells every key that was given before in this mapping, in the order in which they stand there. */
static bool tell_repeated_keys(struct yaml_reader *reader, const struct value *object)
{
    size_t count = 0, any;
    if (!value_duplicate(reader->arena, object, &any, reader->err))
        return false;
    if (any == SIZE_MAX)
        return true;
    const struct value_member **sorted =
        arena_array(reader->arena, object->count, sizeof *sorted, reader->err);
    struct repeat *repeats =
        arena_array(reader->arena, object->count, sizeof *repeats, reader->err);
    if (!sorted || !repeats)
        return false;
    for (size_t i = 0; i < object->count; i++)
        sorted[i] = &object->members[i];
    qsort(sorted, object->count, sizeof *sorted, compare_names);
    const struct value_member *first = sorted[0];
    for (size_t i = 1; i < object->count; i++) {
        if (slice_equal(sorted[i]->name, first->name))
            repeats[count++] = (struct repeat){ sorted[i], first };
        else
            first = sorted[i];
    }
    qsort(repeats, count, sizeof *repeats, compare_places);
    for (size_t i = 0; i < count && !reader->is_skipped; i++)
        (void)yaml_fault(reader, repeats[i].later->line, repeats[i].later->column,
                         "keep one of them",
                         "the key \"%.*s\" stands here again; it was given on line %u",
                         SLICE_ARG(repeats[i].later->name), repeats[i].first->line);
    return true;
}

static bool close_container(struct yaml_reader *reader)
{
    /* A container that was refused was never opened, and then the document is skipped. */
    assert(reader->depth > 0);
    struct yaml_frame *frame = &reader->frames[--reader->depth];
    close_anchor(reader, frame->anchor);
    return frame->node->type != VALUE_OBJECT || tell_repeated_keys(reader, frame->node);
}

/* ---------------------------------------------------------------- events */

static void document_begin(struct yaml_reader *reader, const yaml_event_t *event)
{
    const yaml_version_directive_t *version = event->data.document_start.version_directive;
    reader->depth = 0;
    reader->root = NULL;
    reader->anchors_count = 0;
    reader->faults = 0;
    reader->document_line = reader->line;
    reader->may_go_on = false;
    if (version && (version->major != 1 || version->minor != 2))
        (void)yaml_fault(reader, reader->line, reader->column, "leave the %YAML line out",
                         "YAML %d.%d is not read, only 1.2", version->major, version->minor);
}

static bool document_end(struct yaml_reader *reader, bool is_implicit)
{
    const struct value *root = reader->root;
    bool is_empty = !root || (root->type == VALUE_NULL && root->is_plain && root->text.len == 0);
    if (is_empty || reader->faults > 0)
        return true;
    struct yaml_documents *documents = reader->documents;
    if (documents->count == reader->documents_capacity) {
        size_t capacity = documents->count ? documents->count * 2 : 16;
        struct value **items = arena_array(reader->arena, capacity, sizeof *items, reader->err);
        if (!items)
            return false;
        for (size_t i = 0; i < documents->count; i++)
            items[i] = documents->items[i];
        documents->items = items;
        reader->documents_capacity = capacity;
    }
    documents->items[documents->count++] = reader->root;
    reader->may_go_on = is_implicit;
    return true;
}

bool yaml_take(struct yaml_reader *reader, const yaml_event_t *event)
{
    set_place(reader, event);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        document_begin(reader, event);
        return true;
    case YAML_DOCUMENT_END_EVENT:
        return document_end(reader, event->data.document_end.implicit);
    case YAML_SCALAR_EVENT:
        return take_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return take_alias(reader, event->data.alias.anchor);
    case YAML_MAPPING_START_EVENT:
        return open_container(reader, VALUE_OBJECT,
                              event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
                              event->data.mapping_start.tag, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(reader, VALUE_ARRAY,
                              event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                              event->data.sequence_start.tag, event->data.sequence_start.anchor);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return close_container(reader);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        break;
    }
    return true;
}
