#include "program/presets.h"

#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/yaml.h"
#include "program/catalogue_internal.h"

#define PRESETS_FOLDER "catalog/presets/"
enum { PRESET_BYTES_MAX = 1 << 20, NAMES_MAX = 256, NAME_BYTES = 128 };

/* "prowler-csv" of "catalog/presets/prowler-csv.yaml". */
static struct slice name_of(const struct embedded_file *file)
{
    struct slice name = slice_from(slice_of(file->path), strlen(PRESETS_FOLDER));
    return slice_head(name, name.len - strlen(".yaml"));
}

size_t presets_count(void)
{
    size_t from, to;
    catalogue_folder(PRESETS_FOLDER, &from, &to);
    return to - from;
}

struct value *preset_built_in(struct arena *arena, struct slice name, struct error *err)
{
    size_t from, to;
    catalogue_folder(PRESETS_FOLDER, &from, &to);
    for (size_t i = from; i < to; i++)
        if (slice_equal(name, name_of(&embedded_files[i]))) {
            const struct value *document =
                catalogue_document_at(arena, embedded_files[i].path, err);
            return document ? value_copy(arena, document, err) : NULL;
        }
    return NULL;
}

/* The kinds or the population type that it fills. */
static bool makes_put(struct arena *arena, struct value *item, const struct value *preset,
                      struct error *err)
{
    struct strbuf text = strbuf_new(1024);
    const struct value *documents = value_member(preset, "documents");
    strbuf_add(&text, value_text(value_path(preset, "source.population")));
    for (size_t i = 0; i < value_count(documents); i++)
        strbuf_printf(&text, "%s%.*s", text.len ? ", " : "",
                      SLICE_ARG(value_text_of(documents->items[i], "kind")));
    bool ok =
        strbuf_ok(&text, err) && value_put_text(arena, item, "makes", strbuf_slice(&text), err);
    strbuf_free(&text);
    return ok;
}

struct value *presets_list(struct arena *arena, struct error *err)
{
    size_t from, to;
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    catalogue_folder(PRESETS_FOLDER, &from, &to);
    for (size_t i = from; list && i < to; i++) {
        const struct value *preset = catalogue_document_at(arena, embedded_files[i].path, err);
        struct value *item = preset ? value_add_object(arena, list, err) : NULL;
        struct slice reader = value_text_of(preset, "reader");
        if (reader.len == 0)
            reader = value_text(value_path(preset, "source.reader"));
        if (!item || !value_put_text(arena, item, "id", name_of(&embedded_files[i]), err) ||
            !value_put_text(arena, item, "title", value_text_of(preset, "title"), err) ||
            !value_put_text(arena, item, "reads", reader, err) ||
            !makes_put(arena, item, preset, err))
            return NULL;
    }
    return list;
}

static struct value *not_found(struct slice name, struct error *err)
{
    static char names[NAMES_MAX][NAME_BYTES];
    const char *candidates[NAMES_MAX];
    size_t from, to, count = 0;
    catalogue_folder(PRESETS_FOLDER, &from, &to);
    for (size_t i = from; i < to && count < NAMES_MAX; i++, count++) {
        (void)snprintf(names[count], NAME_BYTES, "%.*s", SLICE_ARG(name_of(&embedded_files[i])));
        candidates[count] = names[count];
    }
    const char *near = slice_nearest(name, candidates, count);
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no preset \"%.*s\"", SLICE_ARG(name));
    if (near)
        error_hint(err, "did you mean %s?", near);
    else
        error_hint(err, "attest catalog presets lists them; one of your own is a file, FILE.yaml");
    return NULL;
}

/* Checked by the schema that the built-in ones are checked by in the tests. */
static bool preset_check(struct arena *arena, const char *path, struct value *preset,
                         struct findings *findings, struct error *err)
{
    const struct schema_subject subject = { path, "", NULL };
    const struct value *document = catalogue_document_at(arena, "catalog/preset.yaml", err);
    struct schema *schema = document ? schema_new(document, err) : NULL;
    if (!schema)
        return false;
    schema_settle_text(schema, preset);
    bool ok = schema_validate(schema, preset, &subject, findings, err);
    schema_free(schema);
    if (!ok && err->code == ERROR_NONE)
        error_set(err, ERROR_INVALID, path, "is no mapping for attest convert");
    return ok;
}

static struct value *preset_read(struct arena *arena, const char *path, struct findings *findings,
                                 struct error *err)
{
    struct slice text;
    struct yaml_documents documents = { 0 };
    if (!file_read(arena, path, PRESET_BYTES_MAX, &text, err))
        return NULL;
    if (!yaml_parse(arena, text, path, &yaml_limits_default, &documents, findings, err)) {
        if (err->code == ERROR_NONE)
            error_set(err, ERROR_INVALID, path, "is not read");
        return NULL;
    }
    if (documents.count != 1) {
        error_set(err, ERROR_INVALID, path, "one mapping is expected, found %zu", documents.count);
        return NULL;
    }
    return preset_check(arena, path, documents.items[0], findings, err) ? documents.items[0] : NULL;
}

struct value *preset_find(struct arena *arena, struct slice name, struct findings *findings,
                          struct error *err)
{
    size_t at;
    struct value *preset = preset_built_in(arena, name, err);
    if (preset || err->code != ERROR_NONE)
        return preset;
    if (!slice_find(name, '.', &at) && !slice_find(name, '/', &at))
        return not_found(name, err);
    const char *path = arena_string(arena, name, err);
    return path ? preset_read(arena, path, findings, err) : NULL;
}
