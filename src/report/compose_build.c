#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "report/compose_private.h"
#include "report/text.h"

const struct value *compose_parse(struct composer *c, struct slice text)
{
    const struct value *value =
        c->failed ? NULL : json_parse(c->arena, text, "resource", NULL, c->err);
    c->failed = c->failed || !value;
    return value;
}

const struct value *compose_document(struct composer *c, struct slice name)
{
    struct resource_version version;
    struct error missing = { 0 };
    if (c->failed || name.len == 0)
        return NULL;
    if (!resource_get(c->store, c->arena, name, c->size, &version, &missing)) {
        if (missing.code != ERROR_NOT_FOUND) {
            *c->err = missing;
            c->failed = true;
        }
        return NULL;
    }
    return version.is_removed ? NULL : compose_parse(c, version.document);
}

struct resource_list compose_list(struct composer *c, const char *kind)
{
    struct resource_list list = { 0 };
    if (!c->failed && !resource_list(c->store, c->arena, slice_of(kind), c->size, &list, c->err))
        c->failed = true;
    if (c->failed)
        list.count = 0;
    return list;
}

size_t compose_of_engagement(struct composer *c, const char *kind, struct compose_found *found,
                             size_t most)
{
    struct resource_list list = compose_list(c, kind);
    size_t count = 0;
    for (size_t i = 0; i < list.count && count < most; i++) {
        const struct value *document = compose_parse(c, list.items[i].document);
        if (document && slice_equal(value_text_of(document, "engagement"), c->engagement.name))
            found[count++] = (struct compose_found){ &list.items[i], document };
    }
    return count;
}

void compose_rests_on(struct composer *c, const struct digest *leaf)
{
    struct composed *composed = c->composed;
    for (size_t i = 0; i < composed->inputs_count; i++)
        if (digest_equal(&composed->inputs[i], leaf))
            return;
    if (!arena_room(c->arena, &composed->inputs, composed->inputs_count, &composed->inputs_capacity,
                    sizeof *composed->inputs, c->err)) {
        c->failed = true;
        return;
    }
    composed->inputs[composed->inputs_count++] = *leaf;
}

/* ---- building ---- */

void compose_put(struct composer *c, struct value *object, const char *name, struct value *item)
{
    if (!c->failed && !value_put(c->arena, object, name, item, c->err))
        c->failed = true;
}

struct value *compose_object(struct composer *c, struct value *object, const char *name)
{
    struct value *item = c->failed ? NULL : value_put_object(c->arena, object, name, c->err);
    c->failed = c->failed || !item;
    return item;
}

struct value *compose_array(struct composer *c, struct value *object, const char *name)
{
    struct value *item = c->failed ? NULL : value_put_array(c->arena, object, name, c->err);
    c->failed = c->failed || !item;
    return item;
}

struct value *compose_item(struct composer *c, struct value *array)
{
    struct value *item = c->failed ? NULL : value_add_object(c->arena, array, c->err);
    c->failed = c->failed || !item;
    return item;
}

void compose_text(struct composer *c, struct value *object, const char *name, struct slice text)
{
    if (!c->failed)
        compose_put(c, object, name, value_new_text(c->arena, text, c->err));
}

void compose_null(struct composer *c, struct value *object, const char *name)
{
    if (!c->failed)
        compose_put(c, object, name, value_new(c->arena, VALUE_NULL, c->err));
}

void compose_optional(struct composer *c, struct value *object, const char *name, struct slice text)
{
    if (text.len)
        compose_text(c, object, name, text);
    else
        compose_null(c, object, name);
}

void compose_number(struct composer *c, struct value *object, const char *name, int64_t number)
{
    if (!c->failed)
        compose_put(c, object, name, value_new_i64(c->arena, number, c->err));
}

void compose_bool(struct composer *c, struct value *object, const char *name, bool boolean)
{
    if (!c->failed)
        compose_put(c, object, name, value_new_bool(c->arena, boolean, c->err));
}

void compose_copy(struct composer *c, struct value *object, const char *name,
                  const struct value *from, const char *from_name)
{
    const struct value *member = value_member(from, from_name);
    if (!member)
        compose_null(c, object, name);
    else if (!c->failed)
        compose_put(c, object, name, value_copy(c->arena, member, c->err));
}

void compose_add(struct composer *c, struct value *array, struct slice text)
{
    if (!c->failed && !value_add(c->arena, array, value_new_text(c->arena, text, c->err), c->err))
        c->failed = true;
}

struct slice compose_printf(struct composer *c, const char *format, ...)
{
    char text[4096];
    struct slice copy = { 0 };
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text)
        c->failed =
            !error_set(c->err, ERROR_INVALID, NULL, "a text of more than %zu bytes", sizeof text);
    if (!c->failed && !arena_copy(c->arena, slice_bytes(text, (size_t)len), &copy, c->err))
        c->failed = true;
    return copy;
}

struct slice compose_id(struct slice name)
{
    struct slice prefix, id;
    return slice_split(name, '/', &prefix, &id) ? id : name;
}

void compose_blocks(struct composer *c, struct value *object, const char *name,
                    struct slice markdown)
{
    if (!c->failed)
        compose_put(c, object, name, report_blocks_from_markdown(c->arena, markdown, c->err));
}

void compose_paragraphs(struct composer *c, struct value *object, const char *name,
                        struct slice markdown)
{
    if (!c->failed)
        compose_put(c, object, name, report_paragraphs_from_markdown(c->arena, markdown, c->err));
}
