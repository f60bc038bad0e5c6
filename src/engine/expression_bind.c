/* Constants of a scope: found by the engine's own parser, then put into the text at their places.
 * So what runs holds literals, with which the engine can prune what it reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "engine/expression_walk.h"

enum { BOUND_BYTES_MAX = 16 << 20 };

static const struct expression_constant *find(const struct expression_scope *scope,
                                              struct slice group, struct slice name, bool *is_group)
{
    *is_group = false;
    for (size_t i = 0; i < scope->constants_count; i++) {
        const struct expression_constant *constant = &scope->constants[i];
        if (!slice_equal(constant->group, group))
            continue;
        *is_group = true;
        if (slice_equal(constant->name, name))
            return constant;
    }
    return NULL;
}

/* "group.name" exactly: what the parser takes for the same, with quotes or blanks, would need a
 * parser of ours to find its end. */
static bool stands_plainly(struct slice text, const struct expression_constant *constant)
{
    size_t group = constant->group.len, name = constant->name.len;
    return text.len >= group + 1 + name && slice_equal(slice_head(text, group), constant->group) &&
           text.at[group] == '.' &&
           slice_equal(slice_head(slice_from(text, group + 1), name), constant->name);
}

static bool note(const struct walk *walk, size_t at, const struct expression_constant *constant)
{
    struct binding *binding = walk->binding;
    if (!arena_room(walk->arena, &binding->items, binding->count, &binding->capacity,
                    sizeof *binding->items, walk->err))
        return false;
    binding->items[binding->count++] = (struct found_constant){ at, constant };
    return true;
}

bool expression_constant(const struct walk *walk, const struct value *node, struct slice group,
                         struct slice name, bool *is_one)
{
    bool is_group;
    size_t at;
    const struct expression_constant *constant = find(walk->scope, group, name, &is_group);
    *is_one = constant != NULL;
    if (!constant && is_group)
        return expression_refuse(walk, node, "there is no %.*s.%.*s", SLICE_ARG(group),
                                 SLICE_ARG(name));
    if (!constant)
        return true;
    if (constant->sql.len == 0)
        return expression_refuse(walk, node, "%.*s.%.*s has no value here: %s", SLICE_ARG(group),
                                 SLICE_ARG(name), constant->missing);
    if (!expression_offset(walk, node, &at) ||
        !stands_plainly(slice_from(walk->text, at), constant))
        return expression_refuse(walk, node, "write %.*s.%.*s without quotes and blanks",
                                 SLICE_ARG(group), SLICE_ARG(name));
    return note(walk, at, constant);
}

static int by_place(const void *a, const void *b)
{
    const struct found_constant *left = a, *right = b;
    return left->at < right->at ? -1 : left->at > right->at;
}

bool expression_bind(const struct walk *walk, struct slice *bound)
{
    struct binding *binding = walk->binding;
    struct strbuf text = strbuf_new(BOUND_BYTES_MAX);
    size_t at = 0;
    *bound = walk->text;
    if (binding->count == 0)
        return true;
    qsort(binding->items, binding->count, sizeof *binding->items, by_place);
    for (size_t i = 0; i < binding->count; i++) {
        const struct found_constant *found = &binding->items[i];
        /* `case param.x when ...`: the parser repeats the operand for each branch. */
        if (i > 0 && found->at == binding->items[i - 1].at)
            continue;
        strbuf_add(&text, slice_head(slice_from(walk->text, at), found->at - at));
        strbuf_add(&text, found->constant->sql);
        at = found->at + found->constant->group.len + 1 + found->constant->name.len;
    }
    strbuf_add(&text, slice_from(walk->text, at));
    bool ok = strbuf_ok(&text, walk->err) &&
              arena_copy(walk->arena, strbuf_slice(&text), bound, walk->err);
    strbuf_free(&text);
    return ok;
}
