/* `attest explain`: a kind or a field of it, in words, from the kind file alone. */
#include <stdio.h>
#include <string.h>

#include "program/access.h"
#include "program/kinds.h"

enum { COLUMN_NAME = 24, COLUMN_TYPE = 34, WRAP = 100 };

/* ---- one field ---- */

static void add_text(struct strbuf *out, struct slice text) { strbuf_add(out, text); }

/* "person/ID or role/ID", "ID of a population type", "a criterion such as tsc-2017/CC8.1". */
static void references_write(const struct catalogue *catalogue, const struct value *node,
                             struct strbuf *out)
{
    const struct value *refs = value_member(node, "x-ref");
    bool is_bare = value_is_true(value_member(node, "x-bare"));
    for (size_t i = 0; i < value_count(refs); i++) {
        struct slice ref = value_text(refs->items[i]);
        const struct kind *kind = kind_of_prefix(catalogue, ref);
        strbuf_add_text(out, i ? " or " : "");
        if (slice_is(ref, "criterion"))
            strbuf_add_text(out, "criterion");
        else if (slice_is(ref, "catalog"))
            strbuf_add_text(out, "catalogue");
        else if (slice_is(ref, "file"))
            strbuf_add_text(out, "sha256:HEX, a file");
        else if (slice_is(ref, "run"))
            strbuf_add_text(out, "run/HEX");
        else if (is_bare && kind)
            strbuf_printf(out, "id of %s", kind->prefix.at);
        else
            strbuf_printf(out, "%.*s/ID", SLICE_ARG(ref));
    }
}

static void type_write(const struct catalogue *catalogue, const struct schema *schema,
                       struct strbuf *out);

static void one_type_write(const struct catalogue *catalogue, const struct value *node,
                           const struct schema *schema, struct slice type, struct strbuf *out)
{
    static const struct {
        const char *type, *word;
    } words[] = { { "string", "text" },
                  { "integer", "whole number" },
                  { "number", "number" },
                  { "boolean", "true or false" },
                  { "null", "null" } };
    struct slice format = value_text_of(node, "format");
    if (slice_is(type, "array")) {
        const struct schema *items = schema_items(schema);
        strbuf_add_text(out, "list of ");
        if (items)
            type_write(catalogue, items, out);
        else
            strbuf_add_text(out, "anything");
    } else if (slice_is(type, "object")) {
        strbuf_add_text(out, schema_property(schema, 0) ? "mapping" : "map of names");
    } else if (value_member(node, "x-ref")) {
        references_write(catalogue, node, out);
    } else if (value_member(node, "enum")) {
        strbuf_add_text(out, "one of");
    } else if (format.len > 0) {
        add_text(out, slice_is(format, "date-time")  ? SLICE("instant")
                      : slice_is(format, "timezone") ? SLICE("time zone")
                                                     : format);
    } else {
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            if (slice_is(type, words[i].type))
                strbuf_add_text(out, words[i].word);
    }
}

static void type_write(const struct catalogue *catalogue, const struct schema *schema,
                       struct strbuf *out)
{
    const struct value *node = schema_node(schema);
    const struct value *type = value_member(node, "type");
    if (type && type->type == VALUE_ARRAY) {
        for (size_t i = 0; i < type->count; i++) {
            strbuf_add_text(out, i ? " or " : "");
            one_type_write(catalogue, node, schema, value_text(type->items[i]), out);
        }
    } else if (type) {
        one_type_write(catalogue, node, schema, value_text(type), out);
    } else {
        strbuf_add_text(out, value_member(node, "const") ? "fixed" : "anything");
    }
}

static bool is_required(const struct schema *parent, struct slice name)
{
    const struct value *required = value_member(schema_node(parent), "required");
    for (size_t i = 0; i < value_count(required); i++)
        if (slice_equal(value_text(required->items[i]), name))
            return true;
    return false;
}

/* The schema whose properties are a field's own fields: behind lists and maps. */
static const struct schema *inner(const struct schema *schema)
{
    while (schema && !schema_property(schema, 0)) {
        const struct schema *items = schema_items(schema);
        schema = items ? items : schema_values(schema);
    }
    return schema;
}

/* ---- as a tree ---- */

static bool put_copy(struct arena *arena, struct value *object, const char *name,
                     const struct value *value, struct error *err)
{
    return !value || value_put(arena, object, name, value_copy(arena, value, err), err);
}

static bool put_type(const struct catalogue *catalogue, struct arena *arena, struct value *object,
                     const struct schema *schema, struct error *err)
{
    struct strbuf words = strbuf_new(1024);
    type_write(catalogue, schema, &words);
    bool ok =
        strbuf_ok(&words, err) && value_put_text(arena, object, "type", strbuf_slice(&words), err);
    strbuf_free(&words);
    return ok;
}

/* The field's node may be a list's: limits and choices are those of its entries. */
static bool put_facts(struct arena *arena, struct value *object, const struct value *node,
                      struct error *err)
{
    static const struct {
        const char *keyword, *name;
    } facts[] = {
        { "enum", "values" },          { "x-ref", "references" }, { "x-inverse", "inverse" },
        { "x-pin", "pinned" },         { "pattern", "pattern" },  { "minLength", "min_length" },
        { "maxLength", "max_length" },
    };
    const struct value *entry = value_member(node, "items");
    const struct value *limits[] = { value_member(node, "minItems"),
                                     value_member(node, "maxItems") };
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        const struct value *fact = value_member(node, facts[i].keyword);
        if (!fact)
            fact = value_member(entry, facts[i].keyword);
        if (!put_copy(arena, object, facts[i].name, fact, err))
            return false;
    }
    return put_copy(arena, object, "min_entries", limits[0], err) &&
           put_copy(arena, object, "max_entries", limits[1], err) &&
           put_copy(arena, object, "default", value_member(node, "default"), err);
}

static bool put_fields(const struct catalogue *catalogue, struct arena *arena, struct value *object,
                       const struct schema *schema, struct error *err)
{
    const struct schema *parent = inner(schema);
    if (!parent)
        return true;
    struct value *fields = value_put_array(arena, object, "fields", err);
    const char *name;
    for (size_t i = 0; fields && (name = schema_property(parent, i)); i++) {
        struct value *field = value_add_object(arena, fields, err);
        const struct schema *of_field = schema_field(parent, slice_of(name));
        const struct value *node = schema_node(of_field);
        if (!field || !value_put_text(arena, field, "field", slice_of(name), err) ||
            !put_type(catalogue, arena, field, of_field, err) ||
            !value_put_bool(arena, field, "required", is_required(parent, slice_of(name)), err) ||
            !put_facts(arena, field, node, err) ||
            !put_copy(arena, field, "description", value_member(node, "description"), err))
            return false;
    }
    return fields != NULL;
}

/* One text for each grant to write: who, and which fields. */
static bool put_writers(struct arena *arena, struct value *tree, const struct access *access,
                        struct error *err)
{
    struct value *list = value_put_array(arena, tree, "written_by", err);
    for (size_t i = 0; list && i < access->write_count; i++) {
        struct strbuf text = strbuf_new(4096);
        access_grant_write(&access->write[i], &text);
        bool ok = strbuf_ok(&text, err) &&
                  value_add(arena, list, value_new_text(arena, strbuf_slice(&text), err), err);
        strbuf_free(&text);
        if (!ok)
            return false;
    }
    return list != NULL;
}

static struct value *kind_tree(const struct catalogue *catalogue, struct arena *arena,
                               const struct kind *kind, struct error *err)
{
    struct value *tree = value_new(arena, VALUE_OBJECT, err);
    const char *name = arena_printf(arena, err, "%s/ID", kind->prefix.at);
    bool ok = tree && name && value_put_text(arena, tree, "kind", kind->name, err) &&
              value_put_text(arena, tree, "title", kind->title, err) &&
              value_put_text(arena, tree, "summary", kind->summary, err) &&
              value_put_text(arena, tree, "name", slice_of(name), err) &&
              value_put_bool(arena, tree, "private", kind->is_private, err) &&
              value_put_text(arena, tree, "entry", slice_of(kind->entry_type), err) &&
              put_writers(arena, tree, kind->access, err) &&
              put_fields(catalogue, arena, tree, kind->schema, err);
    return ok ? tree : NULL;
}

static struct value *field_unknown(const struct kind *kind, struct slice path, struct error *err)
{
    struct slice parent_path = { 0 }, last = path;
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '.') {
            parent_path = slice_head(path, i);
            last = slice_from(path, i + 1);
        }
    }
    const struct schema *parent = inner(schema_field(kind->schema, parent_path));
    const char *names[256], *name;
    size_t count = 0;
    while (parent && count < ARRAY_LEN(names) && (name = schema_property(parent, count)))
        names[count++] = name;
    const char *near = slice_nearest(last, names, count);
    error_set(err, ERROR_NOT_FOUND, NULL, "%s has no field \"%.*s\"", kind->name.at,
              SLICE_ARG(path));
    if (near)
        error_hint(err, "did you mean \"%.*s%s%s\"?", SLICE_ARG(parent_path),
                   parent_path.len ? "." : "", near);
    else
        error_hint(err, "attest explain %s lists its fields", kind->name.at);
    return NULL;
}

static struct value *field_tree(const struct catalogue *catalogue, struct arena *arena,
                                const struct kind *kind, struct slice path, struct error *err)
{
    struct slice parent_path = { 0 }, last = path;
    const struct schema *schema = schema_field(kind->schema, path);
    if (!schema)
        return field_unknown(kind, path, err);
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '.') {
            parent_path = slice_head(path, i);
            last = slice_from(path, i + 1);
        }
    }
    const struct schema *parent = inner(schema_field(kind->schema, parent_path));
    const struct value *node = schema_node(schema);
    struct value *tree = value_new(arena, VALUE_OBJECT, err);
    bool ok = tree && value_put_text(arena, tree, "kind", kind->name, err) &&
              value_put_text(arena, tree, "field", path, err) &&
              put_type(catalogue, arena, tree, schema, err) &&
              value_put_bool(arena, tree, "required", parent && is_required(parent, last), err) &&
              put_facts(arena, tree, node, err) &&
              put_copy(arena, tree, "description", value_member(node, "description"), err) &&
              put_fields(catalogue, arena, tree, schema, err);
    return ok ? tree : NULL;
}

struct value *kind_explained(const struct catalogue *catalogue, struct arena *arena,
                             struct slice path, struct error *err)
{
    struct slice word = path, field = { 0 };
    (void)slice_split(path, '.', &word, &field);
    const struct kind *kind = kind_typed(catalogue, word, err);
    if (!kind)
        return NULL;
    return field.len > 0 ? field_tree(catalogue, arena, kind, field, err)
                         : kind_tree(catalogue, arena, kind, err);
}

/* ---- for reading ---- */

static void spaces(struct strbuf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_add_char(out, ' ');
}

static size_t width_of(struct slice text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return width;
}

/* Words from column `indent` on, broken before column WRAP. */
static void wrapped(struct strbuf *out, struct slice text, size_t indent)
{
    size_t column = indent;
    struct slice word, rest = text;
    bool is_last = false;
    while (!is_last) {
        is_last = !slice_split(rest, ' ', &word, &rest);
        if (is_last)
            word = rest;
        if (column > indent && column + 1 + width_of(word) > WRAP) {
            strbuf_add_char(out, '\n');
            spaces(out, indent);
            column = indent;
        } else if (column > indent) {
            strbuf_add_char(out, ' ');
            column++;
        }
        strbuf_add(out, word);
        column += width_of(word);
    }
    strbuf_add_char(out, '\n');
}

static void list_write(struct strbuf *out, const struct value *list, const char *between)
{
    for (size_t i = 0; i < value_count(list); i++) {
        strbuf_add_text(out, i ? between : "");
        strbuf_add(out, value_text(list->items[i]));
    }
}

static void scalar_write(struct strbuf *out, const struct value *value)
{
    if (value->type == VALUE_BOOL)
        strbuf_add_text(out, value->boolean ? "true" : "false");
    else
        strbuf_add(out, value->text);
}

static void type_with_values(struct strbuf *out, const struct value *field)
{
    strbuf_add(out, value_text_of(field, "type"));
    if (value_member(field, "values")) {
        strbuf_add_char(out, ' ');
        list_write(out, value_member(field, "values"), ", ");
    }
}

static void field_line(struct strbuf *out, const struct value *field)
{
    struct strbuf type = strbuf_new(4096);
    struct slice name = value_text_of(field, "field");
    const struct value *preset = value_member(field, "default");
    strbuf_add_text(out, value_is_true(value_member(field, "required")) ? "* " : "  ");
    strbuf_add(out, name);
    spaces(out, name.len + 2 < COLUMN_NAME ? COLUMN_NAME - name.len - 2 : 1);
    type_with_values(&type, field);
    if (preset) {
        strbuf_add_text(&type, "; if missing ");
        scalar_write(&type, preset);
    }
    wrapped(out, strbuf_slice(&type), COLUMN_NAME);
    spaces(out, COLUMN_NAME);
    wrapped(out, value_text_of(field, "description"), COLUMN_NAME);
    strbuf_free(&type);
}

static void fields_write(struct strbuf *out, const struct value *tree)
{
    const struct value *fields = value_member(tree, "fields");
    if (value_count(fields) == 0)
        return;
    strbuf_add_text(out, "\nFields (* must be there):\n");
    for (size_t i = 0; i < fields->count; i++)
        field_line(out, fields->items[i]);
}

static void kind_write(struct strbuf *out, const struct value *tree)
{
    strbuf_add(out, value_text_of(tree, "kind"));
    strbuf_add_text(out, ": ");
    wrapped(out, value_text_of(tree, "summary"), 0);
    strbuf_add_text(out, "\nIts resources are named ");
    strbuf_add(out, value_text_of(tree, "name"));
    strbuf_add_text(out, value_is_true(value_member(tree, "private"))
                             ? "; the ledger shows a commitment in place of the name"
                             : "");
    strbuf_add_text(out, ".\n");
    const struct value *writers = value_member(tree, "written_by");
    for (size_t i = 0; i < value_count(writers); i++) {
        strbuf_add_text(out, i ? "           " : "Written by ");
        wrapped(out, value_text(writers->items[i]), strlen("Written by "));
    }
}

static void field_write(struct strbuf *out, const struct value *tree)
{
    const struct value *preset = value_member(tree, "default");
    struct slice pattern = value_text_of(tree, "pattern");
    strbuf_printf(out, "%.*s.%.*s: ", SLICE_ARG(value_text_of(tree, "kind")),
                  SLICE_ARG(value_text_of(tree, "field")));
    wrapped(out, value_text_of(tree, "description"), 0);
    strbuf_add_text(out, "\nType: ");
    type_with_values(out, tree);
    strbuf_add_text(out, value_is_true(value_member(tree, "required")) ? ". It must be there.\n"
                                                                       : ".\n");
    if (preset) {
        strbuf_add_text(out, "If missing: ");
        scalar_write(out, preset);
        strbuf_add_text(out, ".\n");
    }
    if (pattern.len > 0)
        strbuf_printf(out, "Form: %.*s\n", SLICE_ARG(pattern));
    if (value_is_true(value_member(tree, "pinned")))
        strbuf_add_text(out, "The entry in the ledger names the very version referred to.\n");
}

bool kind_explain(const struct catalogue *catalogue, struct slice path, struct strbuf *out,
                  struct error *err)
{
    struct arena *arena = arena_new(4 << 20, err);
    const struct value *tree = arena ? kind_explained(catalogue, arena, path, err) : NULL;
    if (tree && value_member(tree, "summary"))
        kind_write(out, tree);
    else if (tree)
        field_write(out, tree);
    if (tree)
        fields_write(out, tree);
    arena_free(arena);
    return tree && strbuf_ok(out, err);
}
