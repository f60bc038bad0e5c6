#include "program/version_types.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "program/access.h"
#include "program/population_types.h"

/* ---- the type ---- */

bool kind_has_versions(const struct kind *kind)
{
    return (kind->access->writers & PARTY_MANAGEMENT) && !(kind->access->writers & PARTY_AUDITOR) &&
           !slice_is(kind->area, "examination");
}

/* VendorReview: vendor_review_versions */
static bool type_id(struct arena *arena, const struct kind *kind, struct slice *id,
                    struct error *err)
{
    struct strbuf text = strbuf_new(256);
    for (size_t i = 0; i < kind->name.len; i++) {
        char byte = kind->name.at[i];
        bool is_upper = byte >= 'A' && byte <= 'Z';
        if (is_upper && i > 0)
            strbuf_add_char(&text, '_');
        strbuf_add_char(&text, is_upper ? (char)(byte + ('a' - 'A')) : byte);
    }
    strbuf_add_text(&text, "_versions");
    bool ok = strbuf_ok(&text, err) && arena_copy(arena, strbuf_slice(&text), id, err);
    strbuf_free(&text);
    return ok;
}

static const struct {
    const char *name, *type, *meaning;
    bool is_required;
} own_columns[] = {
    { "id", "text", "The resource's id.", true },
    { "version", "integer", "Which version of it, from 1.", true },
    { "valid_from", "timestamp",
      "From when it holds: its effective_from, else when it was written.", true },
    { "valid_to", "timestamp",
      "Until when: its effective_to, or when a later version or the removal begins. NULL: in "
      "force.",
      false },
    { "written_at", "timestamp", "When it was put into the ledger.", true },
    { "written_by", "text", "Who wrote it, as person/ID.", true },
};

static bool is_own(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(own_columns); i++)
        if (slice_is(name, own_columns[i].name))
            return true;
    return false;
}

/* Names that an envelope has; those of time are valid_from and valid_to. */
static bool is_envelope(struct slice name)
{
    return slice_is(name, "kind") || slice_is(name, "id") || slice_is(name, "effective_from") ||
           slice_is(name, "effective_to");
}

static struct slice column_name(struct slice field, char buffer[128])
{
    if (!is_own(field))
        return field;
    (void)snprintf(buffer, 128, "own_%.*s", SLICE_ARG(field));
    return slice_of(buffer);
}

static const char *column_type(const struct value *schema)
{
    struct slice type = value_text_of(schema, "type"), format = value_text_of(schema, "format");
    if (slice_is(type, "string"))
        return slice_is(format, "date")        ? "date"
               : slice_is(format, "date-time") ? "timestamp"
                                               : "text";
    if (slice_is(type, "integer") || slice_is(type, "boolean"))
        return slice_is(type, "integer") ? "integer" : "boolean";
    if (slice_is(type, "number"))
        return "decimal(18,6)";
    if (slice_is(type, "array") && slice_is(value_text(value_path(schema, "items.type")), "string"))
        return "list<text>";
    return "text";
}

static bool column_put(struct arena *arena, struct value *columns, struct slice name,
                       const char *type, struct slice meaning, bool is_required, bool is_personal,
                       struct error *err)
{
    struct value *column = value_new(arena, VALUE_OBJECT, err);
    return column && value_put_text(arena, column, "type", slice_of(type), err) &&
           (!is_required || value_put_bool(arena, column, "required", true, err)) &&
           (!is_personal || value_put_bool(arena, column, "personal", true, err)) &&
           value_put_text(arena, column, "meaning", meaning, err) &&
           value_put_slice(arena, columns, name, column, err);
}

static bool columns_put(struct arena *arena, struct value *document, const struct kind *kind,
                        struct error *err)
{
    const struct value *fields = value_path(kind->node, "schema.properties");
    struct value *columns = value_put_object(arena, document, "columns", err);
    if (!columns)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(own_columns); i++)
        if (!column_put(arena, columns, slice_of(own_columns[i].name), own_columns[i].type,
                        slice_of(own_columns[i].meaning), own_columns[i].is_required, false, err))
            return false;
    for (size_t i = 0; i < value_count(fields); i++) {
        const struct value_member *field = &fields->members[i];
        struct slice meaning = value_text_of(field->value, "description");
        char buffer[128];
        if (!is_envelope(field->name) &&
            !column_put(arena, columns, column_name(field->name, buffer), column_type(field->value),
                        meaning.len ? meaning : field->name, false,
                        value_is_true(value_member(field->value, "x-personal")), err))
            return false;
    }
    return true;
}

struct value *version_type_document(struct arena *arena, const struct kind *kind, struct error *err)
{
    struct slice id;
    struct value *document = value_new(arena, VALUE_OBJECT, err);
    struct value *key = document ? value_put_array(arena, document, "key", err) : NULL;
    char *title = arena_printf(arena, err, "Versions of %.*s", SLICE_ARG(kind->plural));
    char *description = arena_printf(
        arena, err,
        "One row is a version of a %.*s, as people wrote it. The program makes the rows.",
        SLICE_ARG(kind->name));
    bool ok = key && title && description && type_id(arena, kind, &id, err) &&
              value_add(arena, key, value_new_text(arena, SLICE("id"), err), err) &&
              value_add(arena, key, value_new_text(arena, SLICE("version"), err), err) &&
              value_put_text(arena, document, "kind", SLICE("PopulationType"), err) &&
              value_put_text(arena, document, "id", id, err) &&
              value_put_text(arena, document, "title", slice_of(title), err) &&
              value_put_text(arena, document, "description", slice_of(description), err) &&
              value_put_text(arena, document, "time", SLICE("valid_from"), err) &&
              value_put_text(arena, document, "until", SLICE("valid_to"), err) &&
              value_put_text(arena, document, "shape", SLICE("snapshot"), err) &&
              value_put_text(arena, document, "derived", kind->name, err) &&
              columns_put(arena, document, kind, err) &&
              population_type_put_order(arena, document, err);
    return ok ? document : NULL;
}

/* ---- the rows ---- */

struct version {
    const struct resource_version *stored;
    const struct value *document; /* NULL: a removal */
    int64_t begins_us, ends_us;   /* INT64_MAX: says no end */
};

/* A day or an instant; is_end: a day is included, so it ends when the next begins. */
static bool instant_read(struct slice text, bool is_end, int64_t *instant_us, struct error *err)
{
    const struct time_options options = { .fraction = TIME_FRACTION_EXACT };
    enum time_note note;
    int32_t days;
    if (text.len > sizeof "2026-01-31" - 1)
        return time_parse(text, &options, instant_us, &note, err);
    if (!date_parse(text, &days, err))
        return false;
    *instant_us = (days + (is_end ? 1 : 0)) * US_PER_DAY;
    return true;
}

static bool version_read(struct arena *arena, const struct resource_version *stored,
                         struct version *version, struct error *err)
{
    *version = (struct version){ .stored = stored, .ends_us = INT64_MAX };
    if (!time_parse_canonical(stored->at, &version->begins_us))
        return error_set(err, ERROR_CORRUPT, stored->name.at, "was written at no time");
    if (stored->is_removed)
        return true;
    version->document = json_parse(arena, stored->document, stored->name.at, NULL, err);
    struct slice from = value_text_of(version->document, "effective_from"),
                 to = value_text_of(version->document, "effective_to");
    if (!version->document)
        return false;
    if ((from.len && !instant_read(from, false, &version->begins_us, err)) ||
        (to.len && !instant_read(to, true, &version->ends_us, err))) {
        snprintf(err->where, sizeof err->where, "%.*s v%llu", SLICE_ARG(stored->name),
                 (unsigned long long)stored->version);
        return false;
    }
    return true;
}

/* From the last to the first of a resource: a version ends where any later one begins. */
static void ends_settle(struct version *versions, size_t count)
{
    int64_t later_us = INT64_MAX;
    for (size_t i = count; i-- > 0;) {
        struct version *version = &versions[i];
        if (version->ends_us > later_us)
            version->ends_us = later_us;
        if (version->ends_us < version->begins_us)
            version->ends_us = version->begins_us;
        if (version->begins_us < later_us)
            later_us = version->begins_us;
    }
}

static void add_name(struct strbuf *lines, const char *name)
{
    strbuf_printf(lines, ",\"%s\":", name);
}

static void add_instant(struct strbuf *lines, int64_t instant_us)
{
    char text[28];
    if (!instant_is_valid(instant_us)) {
        strbuf_add_text(lines, "null");
        return;
    }
    time_format(instant_us, text);
    strbuf_printf(lines, "\"%s\"", text);
}

/* A field's value in the form that its column takes. */
static bool add_field(struct strbuf *lines, struct arena *arena, struct slice type,
                      const struct value *value, struct error *err)
{
    struct slice text;
    bool is_text = slice_is(type, "text");
    if (!value || value->type == VALUE_NULL) {
        strbuf_add_text(lines, "null");
        return true;
    }
    if (is_text && value->type == VALUE_STRING) {
        json_add_string(lines, value->text);
        return true;
    }
    if (!json_canonical_copy(arena, value, &text, err))
        return false;
    /* What has no column type of its own is text that holds its JSON. */
    if (is_text)
        json_add_string(lines, text);
    else
        strbuf_add(lines, text);
    return true;
}

static struct slice id_of(struct slice name)
{
    struct slice prefix, id;
    return slice_split(name, '/', &prefix, &id) ? id : name;
}

static bool add_row(struct strbuf *lines, struct arena *arena, const struct value *columns,
                    const struct version *version, struct error *err)
{
    const struct resource_version *stored = version->stored;
    strbuf_add_text(lines, "{\"id\":");
    json_add_string(lines, id_of(stored->name));
    strbuf_printf(lines, ",\"version\":%llu", (unsigned long long)stored->version);
    add_name(lines, "valid_from");
    add_instant(lines, version->begins_us);
    add_name(lines, "valid_to");
    add_instant(lines, version->ends_us);
    add_name(lines, "written_at");
    json_add_string(lines, stored->at);
    add_name(lines, "written_by");
    json_add_string(lines, stored->actor);
    for (size_t i = ARRAY_LEN(own_columns); i < value_count(columns); i++) {
        const struct value_member *column = &columns->members[i];
        struct slice field = column->name, rest = slice_from(column->name, 0);
        char name[128];
        if (slice_starts_with(field, SLICE("own_")) && is_own(slice_from(rest, 4)))
            field = slice_from(rest, 4);
        snprintf(name, sizeof name, "%.*s", SLICE_ARG(field));
        strbuf_add_char(lines, ',');
        json_add_string(lines, column->name);
        strbuf_add_char(lines, ':');
        if (!add_field(lines, arena, value_text_of(column->value, "type"),
                       value_member(version->document, name), err))
            return false;
    }
    strbuf_add_text(lines, "}\n");
    return true;
}

bool version_rows(struct arena *arena, const struct value *type,
                  const struct resource_list *versions, struct strbuf *lines, struct error *err)
{
    const struct value *ordered = population_type_ordered(arena, type, err);
    const struct value *columns = value_member(ordered, "columns");
    struct version *list = arena_array(arena, versions->count + 1, sizeof *list, err);
    if (!ordered || !list)
        return false;
    for (size_t i = 0; i < versions->count; i++)
        if (!version_read(arena, &versions->items[i], &list[i], err))
            return false;
    for (size_t from = 0, to; from < versions->count; from = to) {
        to = from + 1;
        while (to < versions->count &&
               slice_equal(versions->items[to].name, versions->items[from].name))
            to++;
        ends_settle(&list[from], to - from);
        for (size_t i = from; i < to; i++)
            if (list[i].document && !add_row(lines, arena, columns, &list[i], err))
                return false;
    }
    return strbuf_ok(lines, err);
}
