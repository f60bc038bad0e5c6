#include "audit/engagement.h"

#include "base/json.h"

static bool read_period(struct arena *arena, struct engagement *engagement, struct error *err)
{
    const struct value *document = engagement->document;
    struct slice as_of = value_text_of(document, "as_of");
    struct slice from = value_text(value_path(document, "period.from"));
    struct slice to = value_text(value_path(document, "period.to"));
    if (!engagement->is_type_2)
        from = to = as_of;
    if (from.len == 0 || to.len == 0) {
        error_set(err, ERROR_INVALID, engagement->name.at, "the engagement has no %s",
                  engagement->is_type_2 ? "period" : "date (as_of)");
        return error_hint(err, "a type-2 engagement needs period: {from, to}, a type-1 as_of");
    }
    const char *text = arena_printf(arena, err, "%.*s..%.*s", SLICE_ARG(from), SLICE_ARG(to));
    return text && period_parse(slice_of(text), engagement->zone, &engagement->period, err);
}

bool engagement_read(struct store *store, struct arena *arena, struct slice name, uint64_t size,
                     struct engagement *engagement, struct error *err)
{
    struct slice prefix = SLICE("engagement/");
    *engagement = (struct engagement){ 0 };
    if (!slice_starts_with(name, prefix))
        name = slice_of(arena_printf(arena, err, "engagement/%.*s", SLICE_ARG(name)));
    if (!name.at || !arena_copy(arena, name, &engagement->name, err))
        return false;
    engagement->id = slice_from(engagement->name, prefix.len);
    if (!resource_get(store, arena, name, size, &engagement->version, err))
        return false;
    if (engagement->version.is_removed)
        return error_set(err, ERROR_NOT_FOUND, engagement->name.at, "the engagement was removed");
    engagement->document =
        json_parse(arena, engagement->version.document, engagement->name.at, NULL, err);
    if (!engagement->document)
        return false;
    engagement->is_type_2 = slice_is(value_text_of(engagement->document, "type"), "type-2");
    engagement->zone_name = value_text_of(engagement->document, "timezone");
    if (engagement->zone_name.len == 0)
        engagement->zone_name = SLICE("UTC");
    engagement->zone = zone_new(engagement->zone_name, err);
    if (engagement->zone && read_period(arena, engagement, err))
        return true;
    engagement_free(engagement);
    return false;
}

void engagement_free(struct engagement *engagement)
{
    zone_free(engagement->zone);
    engagement->zone = NULL;
}

bool engagement_has_auditor(const struct engagement *engagement, struct slice person)
{
    static const char *const fields[] = { "partner", "quality_reviewer" };
    const struct value *auditors = value_member(engagement->document, "auditors");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (slice_equal(value_text_of(engagement->document, fields[i]), person))
            return true;
    for (size_t i = 0; i < value_count(auditors); i++)
        if (slice_equal(value_text(value_item(auditors, i)), person))
            return true;
    return false;
}

bool engagement_asks(const struct value *document, const struct criterion *criterion)
{
    const struct value *chosen = value_member(document, "categories");
    const struct value *left_out = value_member(document, "criteria_not_applicable");
    for (size_t i = 0; i < value_count(left_out); i++)
        if (slice_equal(value_text_of(value_item(left_out, i), "criterion"), criterion->name))
            return false;
    for (size_t i = 0; i < value_count(chosen); i++)
        if (slice_equal(value_text(value_item(chosen, i)), criterion->category))
            return true;
    /* The common criteria belong to every category; security has no others. */
    return slice_is(criterion->category, "common") || slice_is(criterion->category, "security");
}
