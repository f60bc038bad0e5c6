#include "program/documents.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "base/yaml.h"
#include "program/catalogue_internal.h"
#include "program/documents_internal.h"
#include "program/population_types.h"

enum { FILE_BYTES_MAX = 16 << 20, FOLDER_DEPTH_MAX = 32, KINDS_MAX = 128 };

struct reading {
    struct arena *arena;
    const struct catalogue *catalogue;
    struct documents *documents;
    struct findings *findings;
    struct error *err;
};

/* ---- saying what is wrong ---- */

static void error_at(struct error *error, const struct document *document, struct place place,
                     enum error_code code, const char *hint, const char *message)
{
    char where[192];
    const struct value *at = place.at ? place.at : document->tree;
    struct slice id = document->kind ? value_text_of(document->tree, "id") : (struct slice){ 0 };
    (void)snprintf(where, sizeof where, "%.150s:%u:%u", document->file,
                   at ? at->line : document->line, at ? at->column : document->column);
    error_set(error, code, where, "%s%s%.*s%s%s%s%s", document->kind ? document->kind->name.at : "",
              id.len ? " " : "", id.len > 60 ? 60 : (int)id.len, id.at ? id.at : "",
              document->kind ? ": " : "", place.field, *place.field ? ": " : "", message);
    if (*hint)
        error_hint(error, "%s", hint);
}

void document_error(struct findings *findings, const struct document *document, struct place place,
                    enum error_code code, const char *hint, const char *format, ...)
{
    struct error error = { 0 };
    char message[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    error_at(&error, document, place, code, hint, message);
    findings_add_error(findings, &error);
}

void document_warning(struct findings *findings, const struct document *document,
                      struct place place, const char *hint, const char *format, ...)
{
    struct error error = { 0 };
    char message[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    error_at(&error, document, place, ERROR_INVALID, hint, message);
    findings_add_warning(findings, &error);
}

/* ---- one document ---- */

/* The kind, or the near one of a misspelt name, so that the rest can still be checked. */
static const struct kind *kind_of(const struct reading *reading, const struct document *document,
                                  struct value *tree)
{
    const struct value *word = value_member(tree, "kind");
    const char *names[KINDS_MAX];
    size_t count, used = 0;
    char hint[160] = "attest catalog kinds lists them";
    struct place place = { word, "kind" };
    if (!word || word->type != VALUE_STRING) {
        document_error(reading->findings, document, place, ERROR_INVALID, hint,
                       word ? "must be the name of a kind" : "is missing");
        return NULL;
    }
    const struct kind *kind = kind_find(reading->catalogue, word->text);
    if (kind)
        return kind;
    const struct kind *const *kinds = catalogue_kinds(reading->catalogue, &count);
    for (size_t i = 0; i < count && used < KINDS_MAX; i++)
        names[used++] = kinds[i]->name.at;
    const char *near = slice_nearest(word->text, names, used);
    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    document_error(reading->findings, document, place, ERROR_INVALID, hint,
                   "\"%.*s\" is not a kind", word->text.len > 80 ? 80 : (int)word->text.len,
                   word->text.at);
    kind = near ? kind_find(reading->catalogue, slice_of(near)) : NULL;
    for (size_t i = 0; kind && i < tree->count; i++)
        if (tree->members[i].value == word)
            tree->members[i].value->text = kind->name;
    return kind;
}

static bool id_check(const struct reading *reading, struct document *document)
{
    const struct value *id = value_member(document->tree, "id");
    const char *fault = id && id->type == VALUE_STRING ? id_fault(id->text) : NULL;
    struct place place = { id, "id" };
    if (fault)
        document_error(reading->findings, document, place, ERROR_INVALID, "", "\"%.*s\" %s",
                       id->text.len > 80 ? 80 : (int)id->text.len, id->text.at, fault);
    if (!id || id->type != VALUE_STRING || fault)
        return true;
    document->id = id->text;
    document->name = slice_of(arena_printf(reading->arena, reading->err, "%s/%.*s",
                                           document->kind->prefix.at, SLICE_ARG(document->id)));
    return document->name.at != NULL;
}

bool effective_time(struct slice text, const struct zone *zone, bool is_end, int64_t *instant_us)
{
    struct error ignored = { 0 };
    enum time_note note;
    int32_t days;
    struct time_options options = { .zone = NULL, .fraction = TIME_FRACTION_EXACT };
    if (date_parse(text, &days, &ignored)) {
        *instant_us = zone_day_start(days + (is_end ? 1 : 0), zone);
        return true;
    }
    return time_parse(text, &options, instant_us, &note, &ignored);
}

static void effective_check(const struct reading *reading, const struct document *document)
{
    static const char *const fields[] = { "effective_from", "effective_to" };
    int64_t instants[2] = { INT64_MIN, INT64_MAX };
    bool ok = true;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const struct value *value = value_member(document->tree, fields[i]);
        struct place place = { value, fields[i] };
        if (!value || value->type != VALUE_STRING ||
            effective_time(value->text, NULL, i == 1, &instants[i]))
            continue;
        ok = false;
        document_error(reading->findings, document, place, ERROR_INVALID,
                       "write YYYY-MM-DD, or an instant such as 2026-03-31T17:00:00Z",
                       "\"%.*s\" is neither a day nor an instant",
                       value->text.len > 80 ? 80 : (int)value->text.len, value->text.at);
    }
    struct place place = { value_member(document->tree, "effective_to"), "effective_to" };
    if (ok && instants[0] >= instants[1])
        document_error(reading->findings, document, place, ERROR_INVALID, "",
                       "does not lie after effective_from");
}

static bool document_add(struct reading *reading, const struct document *document)
{
    struct documents *documents = reading->documents;
    if (!arena_room(reading->arena, &documents->items, documents->count, &documents->capacity,
                    sizeof *documents->items, reading->err))
        return false;
    documents->items[documents->count++] = *document;
    return true;
}

static bool document_read(struct reading *reading, struct value *tree, const char *file)
{
    struct document document = {
        .file = file, .line = tree->line, .column = tree->column, .tree = tree
    };
    char label[200];
    size_t errors = reading->findings->errors_count;
    if (tree->type != VALUE_OBJECT) {
        document_error(reading->findings, &document, (struct place){ tree, "" }, ERROR_INVALID,
                       "begin with kind: and id:", "a resource is a mapping of fields");
        reading->documents->is_incomplete = true;
        return true;
    }
    const struct kind *kind = kind_of(reading, &document, tree);
    if (!kind) {
        reading->documents->is_incomplete = true;
        return true;
    }
    schema_settle_text(kind->schema, tree);
    document.kind = kind;
    struct slice id = value_text_of(tree, "id");
    (void)snprintf(label, sizeof label, "%s%s%.*s", kind->name.at, id.len ? " " : "",
                   id.len > 60 ? 60 : (int)id.len, id.at ? id.at : "");
    struct schema_subject subject = { .file = file, .label = label, .help = kind->name.at };
    if (!schema_validate(kind->schema, tree, &subject, reading->findings, reading->err) &&
        reading->err->code != ERROR_NONE)
        return false;
    if (!id_check(reading, &document))
        return false;
    effective_check(reading, &document);
    document.sound = reading->findings->errors_count == errors
                         ? tree
                         : schema_sound(reading->arena, kind->schema, tree, reading->err);
    if (!document.sound)
        return false;
    document_check(&document, reading->findings);
    document.is_faulty = reading->findings->errors_count != errors;
    if (slice_is(kind->name, "PopulationType") &&
        !population_type_put_order(reading->arena, tree, reading->err))
        return false;
    if (!json_canonical_copy(reading->arena, tree, &document.canonical, reading->err))
        return false;
    reading->documents->is_incomplete |= document.name.len == 0;
    return document.name.len == 0 || document_add(reading, &document);
}

/* ---- the same name twice ---- */

struct named {
    const char *folded;
    size_t index;
};

static int by_folded_name(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    int order = strcmp(left->folded, right->folded);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

static const char *folded(struct arena *arena, struct slice name, struct error *err)
{
    char *text = arena_string(arena, name, err);
    for (char *at = text; at && *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return text;
}

/* Tells documents from index `from` on whose name an earlier one has. */
static bool duplicates_tell(struct reading *reading, size_t from)
{
    struct documents *documents = reading->documents;
    struct named *sorted =
        arena_array(reading->arena, documents->count + 1, sizeof *sorted, reading->err);
    if (!sorted)
        return false;
    for (size_t i = 0; i < documents->count; i++) {
        sorted[i].folded = folded(reading->arena, documents->items[i].name, reading->err);
        sorted[i].index = i;
        if (!sorted[i].folded)
            return false;
    }
    qsort(sorted, documents->count, sizeof *sorted, by_folded_name);
    for (size_t i = 1; i < documents->count; i++) {
        struct document *first = &documents->items[sorted[i - 1].index];
        struct document *again = &documents->items[sorted[i].index];
        if (strcmp(sorted[i - 1].folded, sorted[i].folded) != 0 || sorted[i].index < from)
            continue;
        struct place place = { value_member(again->tree, "id"), "id" };
        bool is_same = slice_equal(first->name, again->name);
        document_error(reading->findings, again, place, ERROR_INVALID,
                       is_same ? "" : "ids are unique without regard to case",
                       "%.*s stands at %s:%u already", SLICE_ARG(first->name), first->file,
                       first->line);
        again->is_faulty = true;
    }
    return true;
}

/* ---- files ---- */

/* What cannot be read is a finding like any other, so that the other paths are still looked at. */
static bool tell(struct reading *reading, const struct error *error)
{
    if (error->code == ERROR_NO_MEMORY) {
        *reading->err = *error;
        return false;
    }
    findings_add_error(reading->findings, error);
    reading->documents->is_incomplete = true;
    return true;
}

static bool json_read(struct reading *reading, struct slice text, const char *file)
{
    struct error error = { 0 };
    struct json_limits limits = json_limits_default;
    limits.bytes_max = FILE_BYTES_MAX;
    struct value *tree = json_parse(reading->arena, text, file, &limits, &error);
    if (!tree)
        return tell(reading, &error);
    if (tree->type != VALUE_ARRAY)
        return document_read(reading, tree, file);
    for (size_t i = 0; i < tree->count; i++)
        if (!document_read(reading, tree->items[i], file))
            return false;
    return true;
}

static bool yaml_read(struct reading *reading, struct slice text, const char *file)
{
    struct yaml_documents documents = { 0 };
    if (!yaml_parse(reading->arena, text, file, &yaml_limits_default, &documents, reading->findings,
                    reading->err)) {
        if (reading->err->code != ERROR_NONE)
            return false;
        reading->documents->is_incomplete = true;
    }
    for (size_t i = 0; i < documents.count; i++)
        if (!document_read(reading, documents.items[i], file))
            return false;
    return true;
}

static bool text_read(struct reading *reading, struct slice text, const char *file)
{
    return slice_ends_with(slice_of(file), SLICE(".json")) ? json_read(reading, text, file)
                                                           : yaml_read(reading, text, file);
}

static bool file_add(struct reading *reading, const char *path)
{
    struct error error = { 0 };
    struct slice text;
    if (!file_read(reading->arena, path, FILE_BYTES_MAX, &text, &error))
        return tell(reading, &error);
    return text_read(reading, text, path);
}

static bool stdin_add(struct reading *reading)
{
    struct error error = { 0 };
    struct strbuf text = strbuf_new(FILE_BYTES_MAX);
    char block[65536];
    ssize_t count;
    bool ok = false;
    do {
        count = read(STDIN_FILENO, block, sizeof block);
        if (count > 0)
            strbuf_add(&text, slice_bytes(block, (size_t)count));
    } while ((count > 0 && !text.failed) || (count < 0 && errno == EINTR));
    if (count < 0) {
        error_errno(&error, "read", "standard input");
        ok = tell(reading, &error);
    } else if (text.failed) {
        error_set(&error, ERROR_INVALID, "standard input", "is larger than %d bytes",
                  (int)FILE_BYTES_MAX);
        ok = tell(reading, &error);
    } else {
        struct slice copy;
        ok = arena_copy(reading->arena, strbuf_slice(&text), &copy, reading->err) &&
             text_read(reading, copy, "standard input");
    }
    strbuf_free(&text);
    return ok;
}

static bool is_resource_file(struct slice name)
{
    /* ".#x.yaml" is the lock that an editor leaves beside a file it has open. */
    return !slice_starts_with(name, SLICE(".#")) &&
           (slice_ends_with(name, SLICE(".yaml")) || slice_ends_with(name, SLICE(".yml")) ||
            slice_ends_with(name, SLICE(".json")));
}

static bool folder_add(struct reading *reading, const char *path, unsigned depth,
                       size_t *files_count)
{
    struct error error = { 0 };
    struct folder_names names;
    if (depth > FOLDER_DEPTH_MAX) {
        error_set(&error, ERROR_INVALID, path, "lies more than %d folders deep", FOLDER_DEPTH_MAX);
        return tell(reading, &error);
    }
    if (!folder_list(reading->arena, path, &names, &error))
        return tell(reading, &error);
    bool has_slash = slice_ends_with(slice_of(path), SLICE("/"));
    for (size_t i = 0; i < names.count; i++) {
        struct stat status;
        const char *inner = arena_printf(reading->arena, reading->err, "%s%s%.*s", path,
                                         has_slash ? "" : "/", SLICE_ARG(names.items[i]));
        if (!inner)
            return false;
        /* A link to a folder is not followed: it may lead back up. */
        if (lstat(inner, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            if (!folder_add(reading, inner, depth + 1, files_count))
                return false;
        } else if (is_resource_file(names.items[i])) {
            (*files_count)++;
            if (!file_add(reading, inner))
                return false;
        }
    }
    return true;
}

static bool path_add(struct reading *reading, const char *path)
{
    struct stat status;
    size_t files_count = 0;
    if (strcmp(path, "-") == 0)
        return stdin_add(reading);
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return file_add(reading, path);
    if (!folder_add(reading, path, 0, &files_count))
        return false;
    if (files_count > 0)
        return true;
    struct error error = { 0 };
    error_set(&error, ERROR_NOT_FOUND, path, "holds no *.yaml, *.yml or *.json");
    return tell(reading, &error);
}

/* ---- entry points ---- */

static bool reading_ends(struct reading *reading, size_t from, size_t errors)
{
    return duplicates_tell(reading, from) && reading->findings->errors_count == errors;
}

bool documents_read(struct arena *arena, const struct catalogue *catalogue,
                    const char *const *paths, size_t paths_count, struct documents *documents,
                    struct findings *findings, struct error *err)
{
    struct reading reading = { arena, catalogue, documents, findings, err };
    size_t errors = findings->errors_count;
    *documents = (struct documents){ 0 };
    for (size_t i = 0; i < paths_count; i++)
        if (!path_add(&reading, paths[i]))
            return false;
    return reading_ends(&reading, 0, errors);
}

bool documents_add(struct arena *arena, const struct catalogue *catalogue, struct slice text,
                   const char *file, struct documents *documents, struct findings *findings,
                   struct error *err)
{
    struct reading reading = { arena, catalogue, documents, findings, err };
    size_t errors = findings->errors_count, from = documents->count;
    return text_read(&reading, text, file) && reading_ends(&reading, from, errors);
}

bool documents_starter(struct arena *arena, const struct catalogue *catalogue, struct slice name,
                       struct documents *documents, struct findings *findings, struct error *err)
{
    bool is_found = false;
    for (size_t i = 0; i < catalogue->starters_count; i++) {
        const struct starter_file *starter = &catalogue->starters[i];
        if (!slice_equal(starter->pack, name))
            continue;
        is_found = true;
        if (!documents_add(arena, catalogue, starter->text, starter->path, documents, findings,
                           err))
            return false;
    }
    if (is_found)
        return true;
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no starter set \"%.*s\"", SLICE_ARG(name));
    for (size_t i = 0; i < catalogue->starters_count; i++)
        error_hint(err, "there is \"%.*s\"", SLICE_ARG(catalogue->starters[i].pack));
    return false;
}
