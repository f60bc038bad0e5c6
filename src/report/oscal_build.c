/* The pieces of an OSCAL document: texts, properties, identifiers. */
#include <stdio.h>
#include <string.h>

#include "report/oscal.h"

/* Chosen once at random; names our properties and is the name space of all UUIDs (docs/oscal.md).
 */
#define NAMESPACE "urn:uuid:32f75618-2925-4056-aa4f-15bd869e930c"
static const uint8_t namespace_bytes[16] = { 0x32, 0xf7, 0x56, 0x18, 0x29, 0x25, 0x40, 0x56,
                                             0xaa, 0x4f, 0x15, 0xbd, 0x86, 0x9e, 0x93, 0x0c };

static struct value *kept(struct oscal *o, struct value *value)
{
    if (!value)
        o->b.failed = true;
    return value;
}

static void keep(struct oscal *o, bool ok)
{
    if (!ok)
        o->b.failed = true;
}

struct value *oscal_object(struct oscal *o, struct value *holder, const char *name)
{
    if (o->b.failed || !holder)
        return NULL;
    return kept(o, value_put_object(o->b.arena, holder, name, o->b.err));
}

static struct value *list_of(struct oscal *o, struct value *holder, const char *name)
{
    if (o->b.failed || !holder)
        return NULL;
    for (size_t i = 0; i < holder->count; i++)
        if (slice_is(holder->members[i].name, name))
            return holder->members[i].value;
    return kept(o, value_put_array(o->b.arena, holder, name, o->b.err));
}

struct value *oscal_item(struct oscal *o, struct value *holder, const char *name)
{
    struct value *list = list_of(o, holder, name);
    return list ? kept(o, value_add_object(o->b.arena, list, o->b.err)) : NULL;
}

void oscal_text(struct oscal *o, struct value *holder, const char *name, struct slice text)
{
    struct value *list = list_of(o, holder, name);
    if (list)
        keep(o, value_add(o->b.arena, list, value_new_text(o->b.arena, text, o->b.err), o->b.err));
}

void oscal_put(struct oscal *o, struct value *object, const char *name, struct slice text)
{
    if (!o->b.failed && object)
        keep(o, value_put_text(o->b.arena, object, name, text, o->b.err));
}

/* ---- texts ---- */

/* White space as ECMAScript's \s has it, beyond what build_shown() has made a space already: the
 * schema's strings begin and end with something else. */
static bool is_white(uint32_t c)
{
    return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static struct slice trimmed(struct slice text)
{
    size_t start = text.len, end = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        if (is_white(utf8_next(text, &at)))
            continue;
        if (start == text.len)
            start = from;
        end = at;
    }
    return start < end ? slice_head(slice_from(text, start), end - start) : SLICE("");
}

void oscal_string(struct oscal *o, struct value *object, const char *name, struct slice text)
{
    struct slice line = trimmed(build_shown(&o->b, text));
    if (line.len > 0)
        oscal_put(o, object, name, line);
}

/* Signs that Markdown, OSCAL's dialect of it or HTML give a meaning anywhere. CommonMark 2.4 lets
 * any ASCII sign be escaped. */
static bool has_meaning(char byte) { return byte && strchr("\\`*_{}[]<>&~^", byte); }

/* What makes a heading, a list or a rule at the beginning of a line: "#", "-", "12." */
static bool begins_block(struct slice line, size_t at)
{
    size_t digits = 0;
    while (digits < at && line.at[digits] >= '0' && line.at[digits] <= '9')
        digits++;
    return at == 0 ? line.at[0] && strchr("#+-=", line.at[0])
                   : digits == at && (line.at[at] == '.' || line.at[at] == ')');
}

struct slice oscal_escaped(struct oscal *o, struct slice text)
{
    struct slice line = trimmed(build_shown(&o->b, text)), copy = { 0 };
    struct strbuf escaped = strbuf_new(line.len * 2 + 16);
    for (size_t i = 0; i < line.len; i++) {
        if (has_meaning(line.at[i]) || begins_block(line, i))
            strbuf_add_char(&escaped, '\\');
        strbuf_add_char(&escaped, line.at[i]);
    }
    keep(o, strbuf_ok(&escaped, o->b.err) &&
                arena_copy(o->b.arena, strbuf_slice(&escaped), &copy, o->b.err));
    strbuf_free(&escaped);
    return copy;
}

void oscal_markup(struct oscal *o, struct value *object, const char *name, struct slice text)
{
    oscal_put(o, object, name, oscal_escaped(o, text));
}

/* Every text below, in order, each a paragraph. The id of a paragraph is no text. */
static void add_paragraphs(struct oscal *o, struct strbuf *to, const struct value *blocks)
{
    if (blocks && blocks->type == VALUE_STRING) {
        struct slice text = oscal_escaped(o, value_text(blocks));
        if (text.len > 0)
            strbuf_add_text(to, to->len > 0 ? "\n\n" : "");
        strbuf_add(to, text);
    } else if (blocks && blocks->type == VALUE_OBJECT) {
        for (size_t i = 0; i < blocks->count; i++)
            if (!slice_is(blocks->members[i].name, "id"))
                add_paragraphs(o, to, blocks->members[i].value);
    } else {
        for (size_t i = 0; i < value_count(blocks); i++)
            add_paragraphs(o, to, value_item(blocks, i));
    }
}

struct slice oscal_paragraphs(struct oscal *o, const struct value *blocks)
{
    struct strbuf text = strbuf_new(64 << 20);
    struct slice copy = { 0 };
    add_paragraphs(o, &text, blocks);
    keep(o, strbuf_ok(&text, o->b.err) &&
                arena_copy(o->b.arena, strbuf_slice(&text), &copy, o->b.err));
    strbuf_free(&text);
    return copy;
}

/* ---- properties and identifiers ---- */

struct value *oscal_prop(struct oscal *o, struct value *holder, const char *name,
                         struct slice value)
{
    struct slice line = trimmed(build_shown(&o->b, value));
    struct value *prop = line.len > 0 ? oscal_item(o, holder, "props") : NULL;
    oscal_put(o, prop, "name", slice_of(name));
    oscal_put(o, prop, "ns", SLICE(NAMESPACE));
    oscal_put(o, prop, "value", line);
    return prop;
}

void oscal_prop_count(struct oscal *o, struct value *holder, const char *name,
                      const struct value *number)
{
    int64_t count;
    if (value_to_i64(number, &count))
        oscal_prop(o, holder, name, build_printf(&o->b, "%lld", (long long)count));
}

struct slice oscal_uuid(struct oscal *o, const char *kind, const char *place)
{
    char uuid[37];
    struct slice name = build_printf(&o->b, "sha256:%.*s %s %s", SLICE_ARG(o->model), kind, place),
                 copy = { 0 };
    uuid_of_name(namespace_bytes, name, uuid);
    keep(o, arena_copy(o->b.arena, slice_of(uuid), &copy, o->b.err));
    return copy;
}

struct slice oscal_token(struct oscal *o, struct slice id)
{
    bool is_letter = id.len > 0 &&
                     ((id.at[0] >= 'A' && id.at[0] <= 'Z') || (id.at[0] >= 'a' && id.at[0] <= 'z'));
    struct slice head, rest;
    if (slice_split(id, '/', &head, &rest))
        id = build_printf(&o->b, "%.*s_%.*s", SLICE_ARG(head), SLICE_ARG(rest));
    return is_letter ? id : build_printf(&o->b, "_%.*s", SLICE_ARG(id));
}
