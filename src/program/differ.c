/* Where two documents differ, leaf by leaf. */
#include <stdio.h>
#include <string.h>

#include "program/resources.h"

enum { PATH_BYTES = 512 };

struct differing {
    struct arena *arena;
    struct value *list;
    char path[PATH_BYTES];
    size_t path_len;
    struct error *err;
};

static bool differ(struct differing *differing, const struct value *before,
                   const struct value *after);

static bool told(struct differing *differing, const struct value *before, const struct value *after)
{
    struct arena *arena = differing->arena;
    struct value *entry = value_add_object(arena, differing->list, differing->err);
    struct value *missing = value_new(arena, VALUE_NULL, differing->err);
    struct value *old = before ? value_copy(arena, before, differing->err) : missing;
    struct value *fresh = after ? value_copy(arena, after, differing->err) : missing;
    return entry && missing &&
           value_put_text(arena, entry, "field", slice_of(differing->path), differing->err) &&
           value_put(arena, entry, "before", old, differing->err) &&
           value_put(arena, entry, "after", fresh, differing->err);
}

static bool differ_at(struct differing *differing, const struct value *before,
                      const struct value *after, int written)
{
    size_t len = differing->path_len, room = PATH_BYTES - len;
    differing->path_len += written < 0 ? 0 : (size_t)written < room ? (size_t)written : room - 1;
    bool ok = differ(differing, before, after);
    differing->path[differing->path_len = len] = '\0';
    return ok;
}

static const struct value *member(const struct value *object, struct slice name)
{
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

static bool member_differs(struct differing *differing, struct slice name,
                           const struct value *before, const struct value *after)
{
    char *end = differing->path + differing->path_len;
    return differ_at(differing, before, after,
                     snprintf(end, PATH_BYTES - differing->path_len, "%s%.*s",
                              differing->path_len ? "." : "", SLICE_ARG(name)));
}

static bool objects_differ(struct differing *differing, const struct value *before,
                           const struct value *after)
{
    for (size_t i = 0; i < before->count; i++)
        if (!member_differs(differing, before->members[i].name, before->members[i].value,
                            member(after, before->members[i].name)))
            return false;
    for (size_t i = 0; i < after->count; i++)
        if (!member(before, after->members[i].name) &&
            !member_differs(differing, after->members[i].name, NULL, after->members[i].value))
            return false;
    return true;
}

/* Lists of one length entry by entry; others as a whole, for nothing says which entry became which.
 */
static bool arrays_differ(struct differing *differing, const struct value *before,
                          const struct value *after)
{
    for (size_t i = 0; i < before->count; i++) {
        char *end = differing->path + differing->path_len;
        if (!differ_at(differing, before->items[i], after->items[i],
                       snprintf(end, PATH_BYTES - differing->path_len, "[%zu]", i)))
            return false;
    }
    return true;
}

static bool differ(struct differing *differing, const struct value *before,
                   const struct value *after)
{
    if (before && after && value_equal(before, after))
        return true;
    if (before && after && before->type == VALUE_OBJECT && after->type == VALUE_OBJECT)
        return objects_differ(differing, before, after);
    if (before && after && before->type == VALUE_ARRAY && after->type == VALUE_ARRAY &&
        before->count == after->count)
        return arrays_differ(differing, before, after);
    return told(differing, before, after);
}

struct value *documents_differ(struct arena *arena, const struct value *before,
                               const struct value *after, struct error *err)
{
    struct value *empty = value_new(arena, VALUE_OBJECT, err);
    struct differing differing = { .arena = arena,
                                   .list = value_new(arena, VALUE_ARRAY, err),
                                   .err = err };
    if (!empty || !differing.list)
        return NULL;
    return differ(&differing, before ? before : empty, after ? after : empty) ? differing.list
                                                                              : NULL;
}
