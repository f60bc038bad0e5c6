/* Reading schemas. Each keyword is one line of a table; a keyword that is not there is refused. */
#include "program/schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "program/schema_internal.h"

enum { SCHEMA_BYTES_MAX = 16 << 20, PATH_BYTES = 200 };

struct reader {
    struct arena *arena;
    struct schema *root;
    char path[PATH_BYTES]; /* "/properties/x", of what is being read */
    size_t path_len;
    struct error *err;
};

static struct schema *schema_read(struct reader *reader, const struct value *node);

static bool fail(struct reader *reader, const char *what)
{
    return error_set(reader->err, ERROR_INVALID, NULL, "schema #%s: %s", reader->path, what);
}

/* Appends a step to the path; the caller takes it off with path_cut(). */
static size_t path_add(struct reader *reader, struct slice step)
{
    size_t before = reader->path_len;
    size_t room = PATH_BYTES - before;
    int len = snprintf(reader->path + before, room, "/%.*s", SLICE_ARG(step));
    reader->path_len += len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
    return before;
}

static void path_cut(struct reader *reader, size_t len)
{
    reader->path[len] = '\0';
    reader->path_len = len;
}

/* ---- keywords ---- */
static const struct {
    const char *name;
    enum schema_type type;
    const char *word;
} types[] = {
    { "null", TYPE_NULL, "nothing" },       { "boolean", TYPE_BOOLEAN, "true or false" },
    { "number", TYPE_NUMBER, "a number" },  { "integer", TYPE_INTEGER, "a whole number" },
    { "string", TYPE_STRING, "text" },      { "array", TYPE_ARRAY, "a list" },
    { "object", TYPE_OBJECT, "a mapping" },
};

const char *schema_type_word(enum schema_type type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].type == type)
            return types[i].word;
    return "?";
}

enum schema_type schema_type_of(const struct value *value)
{
    static const enum schema_type of[] = {
        [VALUE_NULL] = TYPE_NULL,     [VALUE_BOOL] = TYPE_BOOLEAN, [VALUE_NUMBER] = TYPE_NUMBER,
        [VALUE_STRING] = TYPE_STRING, [VALUE_ARRAY] = TYPE_ARRAY,  [VALUE_OBJECT] = TYPE_OBJECT,
    };
    return of[value->type];
}

static bool type_add(struct reader *reader, struct schema *schema, const struct value *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (slice_is(value_text(name), types[i].name)) {
            schema->types |= types[i].type;
            return true;
        }
    }
    return fail(reader, "no such type");
}

static bool read_type(struct reader *reader, struct schema *schema, const struct value *value)
{
    if (value->type != VALUE_ARRAY)
        return type_add(reader, schema, value);
    for (size_t i = 0; i < value->count; i++)
        if (!type_add(reader, schema, value->items[i]))
            return false;
    return value->count > 0 || fail(reader, "an empty list of types");
}

static bool read_enum(struct reader *reader, struct schema *schema, const struct value *value)
{
    schema->enumeration = value;
    return value->type == VALUE_ARRAY || fail(reader, "must be a list");
}

static bool read_const(struct reader *reader, struct schema *schema, const struct value *value)
{
    (void)reader;
    schema->constant = value;
    return true;
}

static bool limit_read(struct reader *reader, struct schema_limit *limit, const struct value *value)
{
    if (value->type != VALUE_NUMBER || !decimal_parse(value->text, &limit->number))
        return fail(reader, "must be a number");
    limit->written = value->text;
    limit->is_set = true;
    return true;
}

static bool read_minimum(struct reader *reader, struct schema *schema, const struct value *value)
{
    return limit_read(reader, &schema->minimum, value);
}

static bool read_maximum(struct reader *reader, struct schema *schema, const struct value *value)
{
    return limit_read(reader, &schema->maximum, value);
}

static bool read_above(struct reader *reader, struct schema *schema, const struct value *value)
{
    return limit_read(reader, &schema->above, value);
}

static bool read_below(struct reader *reader, struct schema *schema, const struct value *value)
{
    return limit_read(reader, &schema->below, value);
}

static bool count_read(struct reader *reader, size_t *count, const struct value *value)
{
    struct decimal number;
    return (value->type == VALUE_NUMBER && decimal_parse(value->text, &number) &&
            decimal_to_size(&number, count)) ||
           fail(reader, "must be a whole number from 0 on");
}

static bool read_min_length(struct reader *reader, struct schema *schema, const struct value *value)
{
    return count_read(reader, &schema->length.min, value);
}

static bool read_max_length(struct reader *reader, struct schema *schema, const struct value *value)
{
    return count_read(reader, &schema->length.max, value);
}

static bool read_min_items(struct reader *reader, struct schema *schema, const struct value *value)
{
    return count_read(reader, &schema->items_count.min, value);
}

static bool read_max_items(struct reader *reader, struct schema *schema, const struct value *value)
{
    return count_read(reader, &schema->items_count.max, value);
}

static bool read_min_members(struct reader *reader, struct schema *schema,
                             const struct value *value)
{
    return count_read(reader, &schema->members_count.min, value);
}

static bool read_max_members(struct reader *reader, struct schema *schema,
                             const struct value *value)
{
    return count_read(reader, &schema->members_count.max, value);
}

static bool read_unique(struct reader *reader, struct schema *schema, const struct value *value)
{
    schema->are_items_unique = value_is_true(value);
    return value->type == VALUE_BOOL || fail(reader, "must be true or false");
}

/* Compiles an expression and remembers it for its release. */
static const struct schema_regex *regex_read(struct reader *reader, struct slice written)
{
    const char *fault = schema_pattern_fault(written);
    if (fault) {
        (void)fail(reader, fault);
        return NULL;
    }
    struct schema_regex *regex = schema_regex_new(reader->arena, written, reader->err);
    if (regex) {
        regex->next = reader->root->regexes;
        reader->root->regexes = regex;
    }
    return regex;
}

static bool read_pattern(struct reader *reader, struct schema *schema, const struct value *value)
{
    if (value->type != VALUE_STRING)
        return fail(reader, "must be text");
    schema->pattern = regex_read(reader, value->text);
    return schema->pattern != NULL;
}

static bool read_format(struct reader *reader, struct schema *schema, const struct value *value)
{
    static const char *const names[] = {
        [FORMAT_DATE] = "date", [FORMAT_DATE_TIME] = "date-time", [FORMAT_TIMEZONE] = "timezone"
    };
    for (size_t i = FORMAT_DATE; i < ARRAY_LEN(names); i++)
        if (slice_is(value_text(value), names[i]))
            schema->format = (enum schema_format)i;
    return schema->format != FORMAT_NONE || fail(reader, "a format that is not supported");
}

static bool read_items(struct reader *reader, struct schema *schema, const struct value *value)
{
    if (value->type == VALUE_ARRAY)
        return fail(reader, "a list of schemas is not supported");
    schema->items = schema_read(reader, value);
    return schema->items != NULL;
}

static bool read_additional(struct reader *reader, struct schema *schema, const struct value *value)
{
    schema->additional = schema_read(reader, value);
    return schema->additional != NULL;
}

static bool read_names(struct reader *reader, struct schema *schema, const struct value *value)
{
    schema->names = schema_read(reader, value);
    return schema->names != NULL;
}

static bool read_properties(struct reader *reader, struct schema *schema, const struct value *value)
{
    if (value->type != VALUE_OBJECT)
        return fail(reader, "must be an object");
    schema->members =
        arena_array(reader->arena, value->count + 1, sizeof *schema->members, reader->err);
    for (size_t i = 0; schema->members && i < value->count; i++) {
        struct schema_member *member = &schema->members[i];
        size_t before = path_add(reader, value->members[i].name);
        if (!arena_copy(reader->arena, value->members[i].name, &member->name, reader->err))
            return false;
        member->schema = schema_read(reader, value->members[i].value);
        if (!member->schema)
            return false;
        schema->members_len++;
        path_cut(reader, before);
    }
    return schema->members != NULL;
}

static bool read_patterns(struct reader *reader, struct schema *schema, const struct value *value)
{
    if (value->type != VALUE_OBJECT)
        return fail(reader, "must be an object");
    schema->patterns =
        arena_array(reader->arena, value->count + 1, sizeof *schema->patterns, reader->err);
    for (size_t i = 0; schema->patterns && i < value->count; i++) {
        struct schema_pattern_member *member = &schema->patterns[i];
        size_t before = path_add(reader, value->members[i].name);
        member->regex = regex_read(reader, value->members[i].name);
        member->schema = member->regex ? schema_read(reader, value->members[i].value) : NULL;
        if (!member->schema)
            return false;
        schema->patterns_len++;
        path_cut(reader, before);
    }
    return schema->patterns != NULL;
}

static bool read_required(struct reader *reader, struct schema *schema, const struct value *value)
{
    schema->required = value;
    for (size_t i = 0; i < value_count(value); i++)
        if (value->type != VALUE_ARRAY || value->items[i]->type != VALUE_STRING)
            return fail(reader, "must be a list of names");
    return value->type == VALUE_ARRAY || fail(reader, "must be a list of names");
}

static bool read_note(struct reader *reader, struct schema *schema, const struct value *value)
{
    (void)reader, (void)schema, (void)value;
    return true;
}

/* To add a keyword: a line here, its check in schema_check.c, its name in schema.h, and its file of
 * the test suite in test/unit/program/test_schema_suite.c. */
static const struct {
    const char *name;
    bool (*read)(struct reader *reader, struct schema *schema, const struct value *value);
} keywords[] = {
    { "type", read_type },
    { "enum", read_enum },
    { "const", read_const },
    { "minimum", read_minimum },
    { "maximum", read_maximum },
    { "exclusiveMinimum", read_above },
    { "exclusiveMaximum", read_below },
    { "minLength", read_min_length },
    { "maxLength", read_max_length },
    { "pattern", read_pattern },
    { "format", read_format },
    { "items", read_items },
    { "minItems", read_min_items },
    { "maxItems", read_max_items },
    { "uniqueItems", read_unique },
    { "properties", read_properties },
    { "patternProperties", read_patterns },
    { "additionalProperties", read_additional },
    { "propertyNames", read_names },
    { "required", read_required },
    { "minProperties", read_min_members },
    { "maxProperties", read_max_members },
    { "title", read_note },
    { "description", read_note },
    { "default", read_note },
    { "examples", read_note },
    { "deprecated", read_note },
    { "$schema", read_note },
    { "$comment", read_note },
};

static bool keyword_read(struct reader *reader, struct schema *schema,
                         const struct value_member *member)
{
    if (slice_starts_with(member->name, SLICE("x-")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (slice_is(member->name, keywords[i].name))
            return keywords[i].read(reader, schema, member->value);
    return fail(reader, "a keyword that is not supported");
}

static struct schema *schema_read(struct reader *reader, const struct value *node)
{
    struct schema *schema = arena_alloc(reader->arena, sizeof *schema, reader->err);
    if (!schema)
        return NULL;
    schema->node = node;
    schema->length.max = schema->items_count.max = schema->members_count.max = SIZE_MAX;
    if (!reader->root)
        reader->root = schema;
    if (node->type == VALUE_BOOL) {
        schema->is_never = !node->boolean;
        return schema;
    }
    if (node->type != VALUE_OBJECT) {
        (void)fail(reader, "a schema is an object, true or false");
        return NULL;
    }
    for (size_t i = 0; i < node->count; i++) {
        size_t before = path_add(reader, node->members[i].name);
        if (!keyword_read(reader, schema, &node->members[i]))
            return NULL;
        path_cut(reader, before);
    }
    return schema;
}

struct schema *schema_new(const struct value *document, struct error *err)
{
    struct reader reader = { .err = err, .arena = arena_new(SCHEMA_BYTES_MAX, err) };
    struct schema *schema = reader.arena ? schema_read(&reader, document) : NULL;
    if (reader.root)
        reader.root->arena = reader.arena;
    if (!schema) {
        schema_free(reader.root);
        if (!reader.root)
            arena_free(reader.arena);
        return NULL;
    }
    return schema;
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    for (struct schema_regex *regex = schema->regexes; regex; regex = regex->next)
        regfree(&regex->compiled);
    arena_free(schema->arena);
}

/* ---- looking into a schema ---- */
const struct value *schema_node(const struct schema *schema) { return schema->node; }

const struct schema *schema_items(const struct schema *schema) { return schema->items; }

const struct schema *schema_values(const struct schema *schema)
{
    const struct schema *values = schema->additional;
    return values && values->node->type == VALUE_OBJECT ? values : NULL;
}

const char *schema_property(const struct schema *schema, size_t index)
{
    return index < schema->members_len ? schema->members[index].name.at : NULL;
}

static const struct schema *property(const struct schema *schema, struct slice name)
{
    for (size_t i = 0; i < schema->members_len; i++)
        if (slice_equal(schema->members[i].name, name))
            return schema->members[i].schema;
    return NULL;
}

const struct schema *schema_field(const struct schema *schema, struct slice path)
{
    struct slice step, rest = path;
    while (schema && path.len > 0) {
        if (!slice_split(path, '.', &step, &rest)) {
            step = path;
            rest = (struct slice){ 0 };
        }
        while (schema->items)
            schema = schema->items;
        const struct schema *next = property(schema, step);
        schema = next ? next : schema->members_len == 0 ? schema->additional : NULL;
        path = rest;
    }
    return schema;
}

/* ---- plain scalars ---- */

/* Whether a number would come back from canonical JSON as it was written. */
static bool number_keeps_spelling(const struct value *number)
{
    struct error ignored;
    struct decimal decimal;
    struct strbuf canonical = strbuf_new(64);
    bool keeps = decimal_parse(number->text, &decimal) &&
                 json_canonical(number, &canonical, &ignored) &&
                 slice_equal(strbuf_slice(&canonical), number->text);
    strbuf_free(&canonical);
    return keeps;
}

static void settle_scalar(const struct schema *schema, struct value *value)
{
    if (!value->is_plain || (value->type != VALUE_NUMBER && value->type != VALUE_BOOL))
        return;
    unsigned own = schema_type_of(value);
    if (value->type == VALUE_NUMBER)
        own |= TYPE_INTEGER;
    unsigned wanted = schema ? schema->types : 0;
    bool is_text_wanted = (wanted & TYPE_STRING) && !(wanted & own);
    bool is_spelling_lost =
        wanted == 0 && value->type == VALUE_NUMBER && !number_keeps_spelling(value);
    if (is_text_wanted || is_spelling_lost)
        value->type = VALUE_STRING;
}

/* Which schema a member answers to, for its type; NULL: none says anything. */
static const struct schema *member_schema(const struct schema *schema, struct slice name)
{
    if (!schema)
        return NULL;
    const struct schema *declared = property(schema, name);
    for (size_t i = 0; !declared && i < schema->patterns_len; i++)
        if (schema_regex_matches(schema->patterns[i].regex, name))
            declared = schema->patterns[i].schema;
    return declared ? declared : schema->additional;
}

void schema_settle_text(const struct schema *schema, struct value *instance)
{
    settle_scalar(schema, instance);
    if (instance->type == VALUE_ARRAY)
        for (size_t i = 0; i < instance->count; i++)
            schema_settle_text(schema ? schema->items : NULL, instance->items[i]);
    if (instance->type == VALUE_OBJECT)
        for (size_t i = 0; i < instance->count; i++)
            schema_settle_text(member_schema(schema, instance->members[i].name),
                               instance->members[i].value);
}
