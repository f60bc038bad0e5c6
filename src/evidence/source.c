/* A source was checked against its kind before it was stored; what is checked again here is what
 * readers rely on, so that a document stored by another version cannot break them. */
#include "evidence/source.h"

#include <stdio.h>
#include <string.h>

#include "base/time_pattern.h"

static bool invalid(struct error *err, const struct value *document, const char *what,
                    struct slice name)
{
    char where[160];
    (void)snprintf(where, sizeof where, "source/%.*s", SLICE_ARG(value_text_of(document, "id")));
    return error_set(err, ERROR_INVALID, where, "%s: \"%.*s\"", what, SLICE_ARG(name));
}

static bool fields_read(struct arena *arena, const struct value *document, struct source *source,
                        struct error *err)
{
    const struct value *fields = value_member(document, "fields");
    size_t count = value_count(fields);
    source->fields = arena_array(arena, count ? count : 1, sizeof *source->fields, err);
    if (!source->fields)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct source_field field = { fields->members[i].name,
                                      value_text(fields->members[i].value) };
        if (field.path.len == 0)
            return invalid(err, document, "a field without a path", field.column);
        source->fields[i] = field;
    }
    source->fields_count = count;
    return true;
}

static bool refs_read(struct arena *arena, const struct value *document, struct source *source,
                      struct error *err)
{
    const struct value *refs = value_member(document, "refs");
    size_t count = value_count(refs);
    source->refs = arena_array(arena, count ? count : 1, sizeof *source->refs, err);
    if (!source->refs)
        return false;
    for (size_t i = 0; i < count; i++)
        source->refs[i] = value_text(value_item(refs, i));
    source->refs_count = count;
    return true;
}

/* ISO 8601, a pattern, or what a number counts. */
static bool date_format_read(const struct value *document, struct source *source, struct error *err)
{
    struct slice format = value_text_of(document, "date_format");
    if (format.len == 0)
        return true;
    if (slice_is(format, "epoch-seconds"))
        source->epoch_scale = 6;
    else if (slice_is(format, "epoch-milliseconds"))
        source->epoch_scale = 3;
    else if (time_pattern_check(format, err))
        source->date_pattern = format;
    else
        return false;
    return true;
}

/* A switch that is on unless the document says false. */
static bool is_on(const struct value *document, const char *field)
{
    const struct value *value = value_member(document, field);
    return !value || value_is_true(value);
}

bool source_read(struct arena *arena, const struct value *document, struct source *source,
                 struct error *err)
{
    struct slice delimiter = value_text_of(document, "delimiter");
    const struct value *covers = value_member(document, "covers");
    *source = (struct source){
        .id = value_text_of(document, "id"),
        .population = value_text_of(document, "population"),
        .reader = value_text_of(document, "reader"),
        .each = value_text_of(document, "each"),
        .timezone = value_text_of(document, "timezone"),
        .fraction = slice_is(value_text_of(document, "fraction"), "truncate")
                        ? TIME_FRACTION_TRUNCATE
                        : TIME_FRACTION_EXACT,
        .days = value_member(document, "days"),
        .constants = value_member(document, "constants"),
        .values = value_member(document, "values"),
        .sets_aside = slice_is(value_text_of(document, "on_bad"), "set-aside"),
        .stops_at_unknown = slice_is(value_text_of(document, "unknown"), "stop"),
        .delimiter = delimiter.len == 1 ? delimiter.at[0] : ',',
        .trims = value_is_true(value_member(document, "trim")),
        .sheet = value_text_of(document, "sheet"),
        .keeps_raw = is_on(document, "keep_raw"),
        .covers_from = value_text_of(covers, "from"),
        .covers_to = value_text_of(covers, "to"),
        .reads_tags = slice_is(value_text_of(document, "records"), "tags"),
        .applies_mailmap = is_on(document, "mailmap"),
    };
    if (delimiter.len > 1 || memchr("\"\r\n", source->delimiter, 3))
        return invalid(err, document, "a delimiter is one byte, no quote and no line end",
                       delimiter);
    return date_format_read(document, source, err) && fields_read(arena, document, source, err) &&
           refs_read(arena, document, source, err);
}
