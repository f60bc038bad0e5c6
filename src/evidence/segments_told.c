/* Segments as people and scripts look at them. */
#include "evidence/segments.h"

#include <string.h>

#include "base/json.h"

struct telling {
    struct arena *arena;
    struct error *err;
};

static bool put_period(struct telling *tell, struct value *item, const char *name, bool has,
                       const struct period *period)
{
    char from[28], to[28];
    if (!has)
        return value_put(tell->arena, item, name, value_new(tell->arena, VALUE_NULL, tell->err),
                         tell->err);
    struct value *object = value_put_object(tell->arena, item, name, tell->err);
    time_format(period->start_us, from);
    time_format(period->end_us, to);
    return object && value_put_text(tell->arena, object, "from", slice_of(from), tell->err) &&
           value_put_text(tell->arena, object, "to", slice_of(to), tell->err);
}

static bool put_withdrawal(struct telling *tell, struct value *item, const struct segment *segment)
{
    if (!segment->is_withdrawn)
        return value_put(tell->arena, item, "withdrawn",
                         value_new(tell->arena, VALUE_NULL, tell->err), tell->err);
    struct value *object = value_put_object(tell->arena, item, "withdrawn", tell->err);
    return object && value_put_text(tell->arena, object, "at", segment->withdrawn_at, tell->err) &&
           value_put_text(tell->arena, object, "by", segment->withdrawn_by, tell->err) &&
           value_put_text(tell->arena, object, "reason", segment->withdrawn_why, tell->err);
}

static bool put_segment(struct telling *tell, struct value *list, const struct segment *segment)
{
    struct value *item = value_add_object(tell->arena, list, tell->err);
    if (!item || !value_put_text(tell->arena, item, "segment", segment->leaf_hex, tell->err) ||
        !value_put_i64(tell->arena, item, "ledger", (int64_t)segment->n, tell->err))
        return false;
    for (size_t i = 0; i < value_count(segment->object); i++) {
        const struct value_member *member = &segment->object->members[i];
        if (!value_put_slice(tell->arena, item, member->name, member->value, tell->err))
            return false;
    }
    return value_put_text(tell->arena, item, "imported_at", segment->at, tell->err) &&
           put_period(tell, item, "covers", segment->has_covers, &segment->covers) &&
           put_period(tell, item, "times", segment->has_span, &segment->span) &&
           put_withdrawal(tell, item, segment);
}

static bool is_hex(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789abcdef", text.at[i]) || text.at[i] == '\0')
            return false;
    return text.len >= 8;
}

static bool is_wanted(const struct segment *segment, struct slice wanted)
{
    return wanted.len == 0 || slice_equal(segment->type, wanted) ||
           slice_equal(segment->source, wanted) ||
           (is_hex(wanted) && slice_starts_with(segment->leaf_hex, wanted));
}

struct value *segments_told(struct store *store, struct arena *arena, struct slice wanted,
                            uint64_t size, struct error *err)
{
    struct telling tell = { arena, err };
    struct segment_list segments;
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    if (slice_starts_with(wanted, SLICE("population-type/")))
        wanted = slice_from(wanted, strlen("population-type/"));
    if (!list || !segments_list(store, arena, (struct slice){ 0 }, size, true, &segments, err))
        return NULL;
    for (size_t i = 0; i < segments.count; i++)
        if (is_wanted(&segments.items[i], wanted) && !put_segment(&tell, list, &segments.items[i]))
            return NULL;
    if (list->count > 0 || wanted.len == 0)
        return list;
    error_set(err, ERROR_NOT_FOUND, NULL, "no segment is %.*s, or of that source or type",
              SLICE_ARG(wanted));
    error_hint(err, "attest segments lists all");
    return NULL;
}
