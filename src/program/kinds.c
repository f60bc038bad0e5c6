/* Kinds. What is common to all of them is added here, once: kind, id, effective_from, effective_to.
 */
#include "program/kinds.h"

#include <string.h>

#include "program/access.h"
#include "program/catalogue_internal.h"

enum { KINDS_MAX = 128 };

/* ---- reading ---- */

static bool corrupt(struct error *err, const char *path, const char *what)
{
    return error_set(err, ERROR_CORRUPT, path, "%s", what);
}

static const char *entry_type_read(const struct value *file)
{
    static const char *const types[] = { "resource", "evaluation", "conclusion", "opinion" };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(value_text_of(file, "entry"), types[i]))
            return types[i];
    return NULL;
}

/* {"type": type, "description": ..., key: text}; key may be NULL. */
static struct value *field_new(struct arena *arena, const char *description, const char *key,
                               struct slice text, struct error *err)
{
    struct value *field = value_new(arena, VALUE_OBJECT, err);
    if (!field || !value_put_text(arena, field, "type", SLICE("string"), err) ||
        (key && !value_put_text(arena, field, key, text, err)) ||
        !value_put_text(arena, field, "description", slice_of(description), err))
        return NULL;
    return field;
}

static bool properties_copy(struct arena *arena, struct value *to, const struct value *from,
                            struct error *err)
{
    for (size_t i = 0; i < value_count(from); i++) {
        struct value *copy = value_copy(arena, from->members[i].value, err);
        if (!value_put_slice(arena, to, from->members[i].name, copy, err))
            return false;
    }
    return true;
}

/* Of what another tool held before: which tool, and where it stood there. */
static struct value *origin_schema(struct arena *arena, struct error *err)
{
    static const struct {
        const char *name, *description, *key, *text;
    } fields[] = {
        { "tool", "The tool that held it before.", NULL, "" },
        { "exported_on", "The day of the export.", "format", "date" },
        { "file", "The file that it was made of.", NULL, "" },
        { "digest", "The digest of that file.", "pattern", "^sha256:[0-9a-f]{64}$" },
    };
    struct value *schema = value_new(arena, VALUE_OBJECT, err);
    if (!schema || !value_put_text(arena, schema, "type", SLICE("object"), err) ||
        !value_put_bool(arena, schema, "additionalProperties", false, err))
        return NULL;
    struct value *required = value_put_array(arena, schema, "required", err);
    struct value *properties = value_put_object(arena, schema, "properties", err);
    if (!required || !properties ||
        !value_add(arena, required, value_new_text(arena, SLICE("tool"), err), err))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!value_put(arena, properties, fields[i].name,
                       field_new(arena, fields[i].description, fields[i].key,
                                 slice_of(fields[i].text), err),
                       err))
            return NULL;
    struct value *line = value_put_object(arena, properties, "line", err);
    return line && value_put_text(arena, line, "type", SLICE("integer"), err) &&
                   value_put_i64(arena, line, "minimum", 1, err) &&
                   value_put_text(arena, line, "description", SLICE("Its line there."), err) &&
                   value_put_text(
                       arena, schema, "description",
                       SLICE("Where it was before this programme: what another tool held "
                             "is marked so (attest convert)."),
                       err)
               ? schema
               : NULL;
}

static bool properties_put(struct arena *arena, struct value *schema, const struct value *file,
                           struct error *err)
{
    struct slice name = value_text_of(file, "kind");
    struct slice pattern = value_text_of(file, "id_pattern");
    struct value *properties = value_put_object(arena, schema, "properties", err);
    return properties &&
           value_put(arena, properties, "kind",
                     field_new(arena, "The kind of resource.", "const", name, err), err) &&
           value_put(arena, properties, "id",
                     field_new(arena,
                               "The resource's own name: 1 to 128 bytes of A-Z a-z 0-9 . _ -, "
                               "unique without regard to case.",
                               pattern.len ? "pattern" : NULL, pattern, err),
                     err) &&
           properties_copy(arena, properties, value_path(file, "schema.properties"), err) &&
           value_put(arena, properties, "effective_from",
                     field_new(arena, "The day or instant from which it holds in the real world.",
                               NULL, (struct slice){ 0 }, err),
                     err) &&
           value_put(arena, properties, "effective_to",
                     field_new(arena,
                               "The day (included) or the instant (excluded) to which it holds.",
                               NULL, (struct slice){ 0 }, err),
                     err) &&
           value_put(arena, properties, "imported_from", origin_schema(arena, err), err);
}

static bool required_put(struct arena *arena, struct value *schema, const struct value *file,
                         struct error *err)
{
    const struct value *own = value_path(file, "schema.required");
    struct value *required = value_put_array(arena, schema, "required", err);
    if (!required || !value_add(arena, required, value_new_text(arena, SLICE("kind"), err), err) ||
        !value_add(arena, required, value_new_text(arena, SLICE("id"), err), err))
        return false;
    for (size_t i = 0; i < value_count(own); i++)
        if (!value_add(arena, required, value_new_text(arena, value_text(own->items[i]), err), err))
            return false;
    return true;
}

/* The schema of whole documents: the file's, with the common fields around it. */
static struct value *whole_schema(struct arena *arena, const struct value *file, struct error *err)
{
    struct value *schema = value_copy(arena, value_member(file, "schema"), err);
    return schema && properties_put(arena, schema, file, err) &&
                   required_put(arena, schema, file, err)
               ? schema
               : NULL;
}

struct kind *kind_read(struct arena *arena, const struct value *file, const char *path,
                       const struct value *table, struct schema **schema, struct error *err)
{
    struct kind *kind = arena_alloc(arena, sizeof *kind, err);
    struct access *access = arena_alloc(arena, sizeof *access, err);
    if (!kind || !access)
        return NULL;
    kind->access = access;
    kind->node = file;
    kind->title = value_text_of(file, "title");
    kind->summary = value_text_of(file, "summary");
    kind->area = value_text_of(file, "area");
    kind->is_private = slice_is(value_text_of(file, "name"), "private");
    kind->entry_type = entry_type_read(file);
    if (!arena_copy(arena, value_text_of(file, "kind"), &kind->name, err) ||
        !arena_copy(arena, value_text_of(file, "prefix"), &kind->prefix, err) ||
        !arena_copy(arena, value_text_of(file, "plural"), &kind->plural, err))
        return NULL;
    if (kind->name.len == 0 || kind->prefix.len == 0 || kind->plural.len == 0 ||
        kind->title.len == 0 || kind->summary.len == 0 || !kind->entry_type ||
        !(kind->is_private || slice_is(value_text_of(file, "name"), "public")) ||
        !slice_is(value_text(value_path(file, "schema.type")), "object")) {
        corrupt(err, path, "is not a kind file (docs/kinds.md says what one holds)");
        return NULL;
    }
    if (!access_read(arena, table, kind->name, access, err))
        return NULL;
    const struct value *whole = whole_schema(arena, file, err);
    kind->schema = *schema = whole ? schema_new(whole, err) : NULL;
    if (kind->schema)
        return kind;
    if (err->code == ERROR_INVALID)
        err->code = ERROR_CORRUPT;
    return NULL;
}

/* ---- finding ---- */

const struct kind *const *catalogue_kinds(const struct catalogue *catalogue, size_t *count)
{
    *count = catalogue->kinds_count;
    return (const struct kind *const *)catalogue->kinds;
}

const struct kind *kind_find(const struct catalogue *catalogue, struct slice name)
{
    for (size_t i = 0; i < catalogue->kinds_count; i++)
        if (slice_equal(catalogue->kinds[i]->name, name))
            return catalogue->kinds[i];
    return NULL;
}

const struct kind *kind_of_prefix(const struct catalogue *catalogue, struct slice prefix)
{
    for (size_t i = 0; i < catalogue->kinds_count; i++)
        if (slice_equal(catalogue->kinds[i]->prefix, prefix))
            return catalogue->kinds[i];
    return NULL;
}

static bool is_same_but_case(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.len && a.len == b.len; i++) {
        unsigned char left = (unsigned char)a.at[i], right = (unsigned char)b.at[i];
        if (left >= 'A' && left <= 'Z')
            left = (unsigned char)(left + ('a' - 'A'));
        if (right >= 'A' && right <= 'Z')
            right = (unsigned char)(right + ('a' - 'A'));
        if (left != right)
            return false;
    }
    return a.len == b.len;
}

const struct kind *kind_typed(const struct catalogue *catalogue, struct slice word,
                              struct error *err)
{
    const char *names[3 * KINDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < catalogue->kinds_count && i < KINDS_MAX; i++) {
        const struct kind *kind = catalogue->kinds[i];
        if (is_same_but_case(word, kind->name) || is_same_but_case(word, kind->prefix) ||
            is_same_but_case(word, kind->plural))
            return kind;
        names[count++] = kind->name.at;
        names[count++] = kind->prefix.at;
        names[count++] = kind->plural.at;
    }
    const char *near = slice_nearest(word, names, count);
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no kind \"%.*s\"", SLICE_ARG(word));
    if (near)
        error_hint(err, "did you mean \"%s\"?", near);
    else
        error_hint(err, "attest catalog kinds lists them");
    return NULL;
}

bool resource_typed(const struct catalogue *catalogue, struct arena *arena, struct slice text,
                    const struct kind **kind, struct slice *id, struct slice *name,
                    struct error *err)
{
    struct slice word = text;
    *id = *name = (struct slice){ 0 };
    bool has_id = slice_split(text, '/', &word, id);
    *kind = kind_typed(catalogue, word, err);
    if (!*kind)
        return false;
    if (!has_id)
        return true;
    const char *fault = id_fault(*id);
    if (fault)
        return error_set(err, ERROR_INVALID, NULL, "the id \"%.*s\" %s", SLICE_ARG(*id), fault);
    *name = slice_of(arena_printf(arena, err, "%s/%.*s", (*kind)->prefix.at, SLICE_ARG(*id)));
    return name->at != NULL;
}

bool resource_split(const struct catalogue *catalogue, struct slice name, const struct kind **kind,
                    struct slice *id)
{
    struct slice prefix;
    if (!slice_split(name, '/', &prefix, id))
        return false;
    *kind = kind_of_prefix(catalogue, prefix);
    return *kind != NULL;
}

const char *id_fault(struct slice id)
{
    if (id.len == 0)
        return "is empty";
    if (id.len > ID_BYTES_MAX)
        return "is longer than 128 bytes";
    for (size_t i = 0; i < id.len; i++) {
        char byte = id.at[i];
        bool is_letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        bool is_digit = byte >= '0' && byte <= '9';
        if (byte == '/')
            return "is not a path: it may hold only A-Z a-z 0-9 . _ -";
        if (!is_letter && !is_digit && byte != '.' && byte != '_' && byte != '-')
            return "may hold only A-Z a-z 0-9 . _ -";
    }
    if (slice_is(id, ".") || slice_is(id, ".."))
        return "is a path, not a name";
    return NULL;
}
