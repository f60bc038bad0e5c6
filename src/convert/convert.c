#include "convert/convert.h"

#include <stdio.h>
#include <string.h>

#include "base/time_pattern.h"
#include "base/yaml.h"
#include "convert/convert_private.h"
#include "evidence/segment_append.h"
#include "program/documents.h"

enum { DOCUMENTS_MAX = 50000 };

/* ---- what a preset says ---- */

static void format_read(const struct value *preset, struct record_format *format)
{
    struct slice delimiter = value_text_of(preset, "delimiter");
    *format = (struct record_format){
        .reader = value_text_of(preset, "reader"),
        .delimiter = delimiter.len == 1 ? delimiter.at[0] : ',',
        .sheet = value_text_of(preset, "sheet"),
        .trims = value_is_true(value_member(preset, "trim")),
        .each = value_text_of(preset, "each"),
    };
}

/* The properties of a kind as documents have them: with id and the effective times. */
static const struct value *properties_of(const struct kind *kind)
{
    return value_member(schema_node(kind->schema), "properties");
}

static bool has_field(const struct kind *kind, struct slice field)
{
    for (size_t i = 0; schema_property(kind->schema, i); i++)
        if (slice_is(field, schema_property(kind->schema, i)))
            return true;
    return false;
}

static bool no_such_field(const struct kind *kind, struct slice field, struct error *err)
{
    const char *names[256];
    size_t count = 0;
    for (; count < ARRAY_LEN(names) && schema_property(kind->schema, count); count++)
        names[count] = schema_property(kind->schema, count);
    const char *near = slice_nearest(field, names, count);
    error_set(err, ERROR_INVALID, NULL, "%.*s has no field \"%.*s\"", SLICE_ARG(kind->name),
              SLICE_ARG(field));
    return near ? error_hint(err, "did you mean %s?", near)
                : error_hint(err, "attest explain %.*s shows its fields", SLICE_ARG(kind->name));
}

static const struct kind *kind_named(const struct convert_request *request,
                                     const struct value *rule, struct error *err)
{
    const struct kind *kind = kind_find(request->catalogue, value_text_of(rule, "kind"));
    const struct value *fields = value_member(rule, "fields");
    if (!kind) {
        error_set(err, ERROR_INVALID, NULL, "the preset names no kind: \"%.*s\"",
                  SLICE_ARG(value_text_of(rule, "kind")));
        return NULL;
    }
    for (size_t i = 0; i < value_count(fields); i++)
        if (!has_field(kind, fields->members[i].name)) {
            (void)no_such_field(kind, fields->members[i].name, err);
            return NULL;
        }
    return kind;
}

/* A default that no kind of the preset has is a slip. */
static bool defaults_check(const struct convert_request *request, struct error *err)
{
    const struct value *rules = value_member(request->preset, "documents");
    for (size_t i = 0; i < request->defaults_count; i++) {
        bool is_known = false;
        const struct kind *kind = NULL;
        for (size_t j = 0; j < value_count(rules) && !is_known; j++) {
            kind = kind_named(request, rules->items[j], err);
            if (!kind)
                return false;
            is_known = has_field(kind, request->defaults[i].field);
        }
        if (!is_known && kind)
            return no_such_field(kind, request->defaults[i].field, err);
        if (!is_known)
            return error_set(err, ERROR_INVALID, NULL, "the preset makes no documents");
    }
    return true;
}

/* ---- documents ---- */

static bool defaults_fill(struct converting *converting, const struct kind *kind,
                          struct value *document)
{
    const struct convert_request *request = converting->request;
    for (size_t i = 0; i < request->defaults_count; i++) {
        const struct convert_default *set = &request->defaults[i];
        const char *field = arena_string(converting->arena, set->field, converting->err);
        if (!field)
            return false;
        if (!has_field(kind, set->field) || value_member(document, field))
            continue;
        if (!text_put(converting, document, set->field, value_member(properties_of(kind), field),
                      set->value, set->field, NULL))
            return false;
    }
    return true;
}

/* Where a document came from: said of everything that another tool held before. */
static bool origin_put(struct converting *converting, const struct record *record,
                       const struct digest *digest, struct value *document)
{
    char text[72];
    struct arena *arena = converting->arena;
    struct error *err = converting->err;
    const struct convert_request *request = converting->request;
    struct slice tool = value_text_of(request->preset, "tool");
    const char *slash = strrchr(converting->file, '/');
    struct value *origin = value_put_object(arena, document, "imported_from", err);
    digest_text(digest, text);
    return origin &&
           value_put_text(arena, origin, "tool", tool.len ? tool : SLICE("unknown"), err) &&
           value_put_text(arena, origin, "file", slice_of(slash ? slash + 1 : converting->file),
                          err) &&
           value_put_text(arena, origin, "digest", slice_of(text), err) &&
           (request->exported_on.len == 0 ||
            value_put_text(arena, origin, "exported_on", request->exported_on, err)) &&
           (record->line <= 1 || value_put_i64(arena, origin, "line", record->line, err));
}

static struct converted *converted_new(struct converting *converting)
{
    struct conversion *conversion = converting->conversion;
    if (conversion->documents_count == DOCUMENTS_MAX) {
        error_set(converting->err, ERROR_INVALID, converting->file, "more than %d documents",
                  DOCUMENTS_MAX);
        return NULL;
    }
    if (!arena_room(converting->arena, &conversion->documents, conversion->documents_count,
                    &converting->documents_capacity, sizeof *conversion->documents,
                    converting->err))
        return NULL;
    return &conversion->documents[conversion->documents_count];
}

/* The same name twice: the later one is told apart by a number, which apply shows. */
static bool name_make(struct converting *converting, const struct kind *kind, struct slice id,
                      struct value *document, struct converted *converted)
{
    struct conversion *conversion = converting->conversion;
    const char *unique = arena_string(converting->arena, id, converting->err);
    for (unsigned number = 2; unique; number++) {
        bool is_there = false;
        for (size_t i = 0; i < conversion->documents_count && !is_there; i++)
            is_there = conversion->documents[i].kind == kind &&
                       slice_is(conversion->documents[i].id, unique);
        if (!is_there)
            break;
        unique = arena_printf(converting->arena, converting->err, "%.*s-%u",
                              id.len > 100 ? 100 : slice_int(id.len), id.at, number);
    }
    char *name = unique ? arena_printf(converting->arena, converting->err, "%.*s/%s",
                                       SLICE_ARG(kind->prefix), unique)
                        : NULL;
    if (!name)
        return false;
    converted->id = slice_of(unique);
    converted->name = slice_of(name);
    return value_put_text(converting->arena, document, "id", converted->id, converting->err);
}

static bool document_make(struct converting *converting, const struct value *rule,
                          const struct record *record, const struct digest *digest)
{
    const struct kind *kind = kind_named(converting->request, rule, converting->err);
    const struct scope scope = { record, NULL };
    struct value *document = value_new(converting->arena, VALUE_OBJECT, converting->err);
    struct converted *converted = converted_new(converting);
    if (!kind || !document || !converted ||
        !value_put_text(converting->arena, document, "kind", kind->name, converting->err) ||
        !value_put_text(converting->arena, document, "id", SLICE(""), converting->err) ||
        !fields_fill(converting, &scope, value_member(rule, "fields"), properties_of(kind),
                     document) ||
        !defaults_fill(converting, kind, document))
        return false;
    struct slice id = value_text_of(document, "id");
    if (id.len == 0) {
        struct value *row =
            value_copy(converting->arena, value_member(record->element, "$row"), converting->err);
        if (row)
            row->line = record->line;
        return row && left_add(converting, SLICE("$row"), row,
                               "the record has nothing of which an id can be made");
    }
    *converted = (struct converted){
        .kind = kind, .document = document, .file = converting->file, .line = record->line
    };
    if (!name_make(converting, kind, id, document, converted) ||
        !origin_put(converting, record, digest, document))
        return false;
    converting->conversion->documents_count++;
    return true;
}

static bool record_convert(struct converting *converting, const struct record *record,
                           const struct digest *digest)
{
    const struct value *rules = value_member(converting->request->preset, "documents");
    const struct scope scope = { record, NULL };
    for (size_t i = 0; i < value_count(rules); i++) {
        bool holds;
        if (!when_holds(converting, &scope, value_member(rules->items[i], "when"), &holds) ||
            (holds && !document_make(converting, rules->items[i], record, digest)))
            return false;
    }
    return left_rest(converting, record);
}

static bool file_convert(struct converting *converting, const struct record_format *format)
{
    struct records records;
    const struct value *whole = NULL;
    converting->used = (struct node_set){ 0 };
    if (!records_read(converting->arena, converting->file, format, &records,
                      converting->request->findings, converting->err))
        return false;
    converting->conversion->records += records.count;
    for (size_t i = 0; i < records.count; i++)
        if (!record_convert(converting, &records.items[i], &records.digest))
            return false;
    for (size_t i = 0; i < records.count; i++) {
        if (records.items[i].whole == whole)
            continue;
        whole = records.items[i].whole;
        if (!left_around(converting, whole))
            return false;
    }
    return true;
}

bool convert(const struct convert_request *request, struct arena *arena,
             struct conversion *conversion, struct error *err)
{
    struct record_format format;
    struct converting converting = {
        .request = request,
        .arena = arena,
        .conversion = conversion,
        .err = err,
        .date_format = value_text_of(request->preset, "date_format"),
        .reasons = value_member(request->preset, "left"),
    };
    *conversion = (struct conversion){ 0 };
    format_read(request->preset, &format);
    converting.each = format.each;
    if ((converting.date_format.len > 0 && !time_pattern_check(converting.date_format, err)) ||
        !defaults_check(request, err))
        return false;
    for (size_t i = 0; i < request->paths_count; i++) {
        converting.file = request->paths[i];
        if (!file_convert(&converting, &format))
            return false;
    }
    return true;
}

/* ---- what is lacking ---- */

/* {{.Name}}: what the other tool filled in when it printed the text. */
static void placeholder_tell(const struct converted *converted, struct findings *lacking)
{
    struct error finding = { 0 };
    struct slice text = value_text_of(converted->document, "text");
    for (size_t at = 0; at + 2 < text.len; at++) {
        if (text.at[at] != '{' || text.at[at + 1] != '{')
            continue;
        struct slice rest = slice_from(text, at);
        size_t end = 0;
        while (end < rest.len && end < 60 && rest.at[end] != '}')
            end++;
        error_set(&finding, ERROR_INVALID, converted->name.at,
                  "text: a placeholder of the other tool is still there: %.*s}}", slice_int(end),
                  rest.at);
        error_hint(&finding, "write what it stands for");
        findings_add_error(lacking, &finding);
        return;
    }
}

bool conversion_check(const struct conversion *conversion, const struct catalogue *catalogue,
                      struct arena *arena, struct findings *lacking, struct error *err)
{
    struct documents documents = { 0 };
    struct strbuf text = strbuf_new(16 << 20);
    bool ok = true;
    for (size_t i = 0; ok && i < conversion->documents_count; i++) {
        const struct converted *converted = &conversion->documents[i];
        const char *file = arena_printf(arena, err, "%.*s.yaml", SLICE_ARG(converted->name));
        struct slice copy;
        strbuf_clear(&text);
        yaml_write(converted->document, &text);
        ok = file && strbuf_ok(&text, err) && arena_copy(arena, strbuf_slice(&text), &copy, err) &&
             (documents_add(arena, catalogue, copy, file, &documents, lacking, err) ||
              err->code == ERROR_NONE);
        placeholder_tell(converted, lacking);
    }
    strbuf_free(&text);
    return ok;
}
