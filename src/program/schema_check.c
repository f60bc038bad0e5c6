/* Checking instances. Every breach is a finding; checking goes on behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "base/time.h"
#include "program/schema_internal.h"

enum { LISTED_MAX = 12, NEAR_MAX = 256 };

static void check_value(struct check *check, const struct schema *schema,
                        const struct value *value);

/* A C string of a slice, for the list of near names; cut, which at worst loses a hint. */
static void text_of(struct slice text, char *out, size_t size)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;
    if (len > 0)
        memcpy(out, text.at, len);
    out[len] = '\0';
}

/* ---- any instance ---- */

static bool type_fits(const struct schema *schema, const struct value *value)
{
    struct decimal number;
    if (value->type != VALUE_NUMBER)
        return schema->types == 0 || (schema->types & schema_type_of(value));
    /* 0x1F and .inf are numbers of YAML that JSON cannot write. */
    if (!decimal_parse(value->text, &number))
        return false;
    return schema->types == 0 || (schema->types & TYPE_NUMBER) ||
           ((schema->types & TYPE_INTEGER) && decimal_is_integer(&number));
}

static void check_type(struct check *check, const struct schema *schema, const struct value *value)
{
    char message[320] = "expected ", what[CHECK_SHOWN_BYTES];
    size_t len = strlen(message);
    if (type_fits(schema, value))
        return;
    for (unsigned bit = TYPE_NULL, listed = 0; bit <= TYPE_OBJECT; bit <<= 1) {
        if (!(schema->types & bit))
            continue;
        len += (size_t)snprintf(message + len, sizeof message - len, "%s%s", listed++ ? " or " : "",
                                schema_type_word((enum schema_type)bit));
    }
    check_shown(value, what);
    if (schema->types == 0)
        (void)snprintf(message, sizeof message, "%s is no number that JSON can write", what);
    else
        (void)snprintf(message + len, sizeof message - len, ", found %s", what);
    check_found(check, value->line, value->column,
                value->type == VALUE_NULL ? "write a value, or leave the field out" : "", message);
}

/* The texts of an enumeration, for hints: the near one, or all if they are few. */
static void enum_hint(const struct value *enumeration, const struct value *value, char *hint,
                      size_t size)
{
    char storage[LISTED_MAX][64];
    const char *names[LISTED_MAX];
    size_t count = 0, len = 0;
    for (size_t i = 0; i < enumeration->count && count < LISTED_MAX; i++) {
        if (enumeration->items[i]->type != VALUE_STRING)
            continue;
        text_of(enumeration->items[i]->text, storage[count], sizeof storage[count]);
        names[count] = storage[count];
        count++;
    }
    hint[0] = '\0';
    const char *near =
        value->type == VALUE_STRING ? slice_nearest(value->text, names, count) : NULL;
    if (near) {
        (void)snprintf(hint, size, "did you mean \"%s\"?", near);
        return;
    }
    for (size_t i = 0; i < count && len < size; i++) {
        int more = snprintf(hint + len, size - len, "%s%s", i ? ", " : "one of: ", names[i]);
        len += more < 0 ? 0 : (size_t)more;
    }
}

static void check_enum(struct check *check, const struct schema *schema, const struct value *value)
{
    char message[320], hint[320], what[CHECK_SHOWN_BYTES];
    const struct value *enumeration = schema->enumeration;
    if (!enumeration)
        return;
    for (size_t i = 0; i < enumeration->count; i++)
        if (schema_values_equal(enumeration->items[i], value))
            return;
    check_shown(value, what);
    (void)snprintf(message, sizeof message, "%s is not known", what);
    enum_hint(enumeration, value, hint, sizeof hint);
    check_found(check, value->line, value->column, hint, message);
}

static void check_const(struct check *check, const struct schema *schema, const struct value *value)
{
    char message[320], what[CHECK_SHOWN_BYTES], wanted[CHECK_SHOWN_BYTES];
    if (!schema->constant || schema_values_equal(schema->constant, value))
        return;
    check_shown(value, what);
    check_shown(schema->constant, wanted);
    (void)snprintf(message, sizeof message, "must be %s, found %s", wanted, what);
    check_found(check, value->line, value->column, "", message);
}

/* ---- numbers ---- */

static void check_number(struct check *check, const struct schema *schema,
                         const struct value *value)
{
    const struct {
        const struct schema_limit *limit;
        int sign;         /* the comparison must not come out with this sign ... */
        bool is_equal_ok; /* ... nor as equal, unless so */
        const char *words;
    } limits[] = {
        { &schema->minimum, -1, true, "at least" },
        { &schema->maximum, 1, true, "at most" },
        { &schema->above, -1, false, "more than" },
        { &schema->below, 1, false, "less than" },
    };
    struct decimal number;
    char message[320], what[CHECK_SHOWN_BYTES];
    if (value->type != VALUE_NUMBER || !decimal_parse(value->text, &number))
        return;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        if (!limits[i].limit->is_set)
            continue;
        int order = decimal_compare(&number, &limits[i].limit->number);
        if (order == 0 ? limits[i].is_equal_ok : (order < 0) != (limits[i].sign < 0))
            continue;
        check_shown(value, what);
        (void)snprintf(message, sizeof message, "must be %s %.*s, found %s", limits[i].words,
                       SLICE_ARG(limits[i].limit->written), what);
        check_found(check, value->line, value->column, "", message);
    }
}

/* ---- text ---- */

static size_t code_points(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return count;
}

/* RFC 3339 5.6: the T and the colon of the offset are needed, a space will not do. */
static bool is_date_time(struct slice text)
{
    struct error ignored = { 0 };
    enum time_note note;
    int64_t instant_us;
    struct time_options options = { .zone = NULL, .fraction = TIME_FRACTION_TRUNCATE };
    return text.len > 10 && (text.at[10] == 'T' || text.at[10] == 't') &&
           time_parse(text, &options, &instant_us, &note, &ignored);
}

static bool is_timezone(struct slice text)
{
    struct error ignored = { 0 };
    struct zone *zone = zone_new(text, &ignored);
    zone_free(zone);
    return zone != NULL;
}

static void check_format(struct check *check, const struct schema *schema,
                         const struct value *value)
{
    struct error why = { 0 };
    int32_t days;
    char message[320], what[CHECK_SHOWN_BYTES];
    check_shown(value, what);
    if (schema->format == FORMAT_DATE && !date_parse(value->text, &days, &why)) {
        (void)snprintf(message, sizeof message, "%s is not a date", what);
        check_found(check, value->line, value->column, "write YYYY-MM-DD", message);
    } else if (schema->format == FORMAT_DATE_TIME && !is_date_time(value->text)) {
        (void)snprintf(message, sizeof message, "%s is not an instant", what);
        check_found(check, value->line, value->column,
                    "write a date and a time with its zone, such as 2026-03-31T17:00:00Z", message);
    } else if (schema->format == FORMAT_TIMEZONE && !is_timezone(value->text)) {
        (void)snprintf(message, sizeof message, "%s is no time zone", what);
        check_found(check, value->line, value->column, "write UTC, or a name such as Europe/Berlin",
                    message);
    }
}

static void check_text(struct check *check, const struct schema *schema, const struct value *value)
{
    char message[320 + CHECK_PATH_BYTES], what[CHECK_SHOWN_BYTES];
    if (value->type != VALUE_STRING)
        return;
    size_t length = code_points(value->text);
    message[0] = '\0';
    if (length < schema->length.min && length == 0)
        (void)snprintf(message, sizeof message, "must not be empty");
    else if (length < schema->length.min)
        (void)snprintf(message, sizeof message, "needs at least %zu characters, found %zu",
                       schema->length.min, length);
    else if (length > schema->length.max)
        (void)snprintf(message, sizeof message, "may have at most %zu characters, found %zu",
                       schema->length.max, length);
    if (message[0])
        check_found(check, value->line, value->column, "", message);
    if (schema->pattern && !schema_regex_matches(schema->pattern, value->text)) {
        check_shown(value, what);
        (void)snprintf(message, sizeof message, "%s does not have the form %s", what,
                       schema->pattern->written);
        check_found(check, value->line, value->column, "", message);
    }
    if (schema->format != FORMAT_NONE)
        check_format(check, schema, value);
}

/* ---- arrays ---- */

static void check_count(struct check *check, const struct schema_count *count,
                        const struct value *value, const char *one, const char *many)
{
    char message[320];
    if (value->count < count->min)
        (void)snprintf(message, sizeof message, "needs at least %zu %s, found %zu", count->min,
                       count->min == 1 ? one : many, value->count);
    else if (value->count > count->max)
        (void)snprintf(message, sizeof message, "may have at most %zu %s, found %zu", count->max,
                       count->max == 1 ? one : many, value->count);
    else
        return;
    check_found(check, value->line, value->column, "", message);
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static void repeat_found(struct check *check, const struct value *array, size_t first, size_t again)
{
    char message[320], what[CHECK_SHOWN_BYTES];
    const struct value *item = array->items[again];
    check_shown(item, what);
    (void)snprintf(message, sizeof message, "%s stands at [%zu] already", what, first);
    size_t before = check->path_len;
    check_path_add_index(check, again);
    check_found(check, item->line, item->column, "", message);
    check_path_cut(check, before);
}

/* Sorted by hash, so that a long list is not compared pair by pair. */
static void check_unique(struct check *check, const struct value *array)
{
    if (array->count < 2)
        return;
    struct hashed *sorted = calloc(array->count, sizeof *sorted);
    if (!sorted) {
        check->is_out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < array->count; i++)
        sorted[i] = (struct hashed){ schema_value_hash(array->items[i]), i };
    qsort(sorted, array->count, sizeof *sorted, by_hash);
    for (size_t i = 1; i < array->count; i++) {
        for (size_t j = i; j-- > 0 && sorted[j].hash == sorted[i].hash;) {
            const struct value *one = array->items[sorted[j].index];
            if (schema_values_equal(one, array->items[sorted[i].index])) {
                repeat_found(check, array, sorted[j].index, sorted[i].index);
                break;
            }
        }
    }
    free(sorted);
}

static void check_array(struct check *check, const struct schema *schema, const struct value *value)
{
    if (value->type != VALUE_ARRAY)
        return;
    check_count(check, &schema->items_count, value, "entry", "entries");
    if (schema->are_items_unique)
        check_unique(check, value);
    for (size_t i = 0; schema->items && i < value->count; i++) {
        size_t before = check->path_len;
        check_path_add_index(check, i);
        check_value(check, schema->items, value->items[i]);
        check_path_cut(check, before);
    }
}

/* ---- objects ---- */

const char *schema_near_member(const struct schema *schema, const struct value *object,
                               struct slice name)
{
    const char *names[NEAR_MAX];
    size_t count = 0;
    if (object->count > NEAR_MAX) /* no slip of the pen */
        return NULL;
    for (size_t i = 0; i < schema->members_len && count < NEAR_MAX; i++)
        if (!value_member(object, schema->members[i].name.at))
            names[count++] = schema->members[i].name.at;
    return slice_nearest(name, names, count);
}

static bool is_declared(const struct schema *schema, struct slice name)
{
    for (size_t i = 0; i < schema->members_len; i++)
        if (slice_equal(schema->members[i].name, name))
            return true;
    for (size_t i = 0; i < schema->patterns_len; i++)
        if (schema_regex_matches(schema->patterns[i].regex, name))
            return true;
    return false;
}

/* Whether a name that stands in the document is an unknown one and near to `wanted`: then the one
 * error says it all. */
static bool is_misspelt_there(const struct schema *schema, const struct value *object,
                              struct slice wanted)
{
    if (!schema->additional || !schema->additional->is_never || object->count > NEAR_MAX)
        return false;
    for (size_t i = 0; i < object->count; i++) {
        if (is_declared(schema, object->members[i].name))
            continue;
        const char *near = schema_near_member(schema, object, object->members[i].name);
        if (near && slice_is(wanted, near))
            return true;
    }
    return false;
}

static void check_required(struct check *check, const struct schema *schema,
                           const struct value *object)
{
    char message[320];
    for (size_t i = 0; i < value_count(schema->required); i++) {
        struct slice name = schema->required->items[i]->text;
        bool is_there = false;
        for (size_t j = 0; j < object->count && !is_there; j++)
            is_there = slice_equal(object->members[j].name, name);
        if (is_there || is_misspelt_there(schema, object, name))
            continue;
        (void)snprintf(message, sizeof message, "\"%.*s\" is missing", SLICE_ARG(name));
        check_found(check, object->line, object->column, "", message);
    }
}

static void unknown_found(struct check *check, const struct schema *schema,
                          const struct value *object, const struct value_member *member)
{
    char message[320], hint[320] = "";
    const char *near = schema_near_member(schema, object, member->name);
    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    (void)snprintf(message, sizeof message, "unknown field \"%.*s\"",
                   member->name.len > 80 ? 80 : (int)member->name.len,
                   member->name.at ? member->name.at : "");
    check_found(check, member->line, member->column, hint, message);
}

static void check_member(struct check *check, const struct schema *schema,
                         const struct value *object, const struct value_member *member)
{
    size_t before = check->path_len;
    bool is_declared_somewhere = false;
    if (schema->names) {
        struct value name = { .type = VALUE_STRING,
                              .text = member->name,
                              .line = member->line,
                              .column = member->column };
        check_value(check, schema->names, &name);
    }
    if (schema->additional && schema->additional->is_never && !is_declared(schema, member->name)) {
        unknown_found(check, schema, object, member);
        return;
    }
    check_path_add_name(check, member->name);
    for (size_t i = 0; i < schema->members_len; i++) {
        if (slice_equal(schema->members[i].name, member->name)) {
            check_value(check, schema->members[i].schema, member->value);
            is_declared_somewhere = true;
        }
    }
    for (size_t i = 0; i < schema->patterns_len; i++) {
        if (schema_regex_matches(schema->patterns[i].regex, member->name)) {
            check_value(check, schema->patterns[i].schema, member->value);
            is_declared_somewhere = true;
        }
    }
    if (!is_declared_somewhere && schema->additional)
        check_value(check, schema->additional, member->value);
    check_path_cut(check, before);
}

static void check_object(struct check *check, const struct schema *schema,
                         const struct value *value)
{
    if (value->type != VALUE_OBJECT)
        return;
    check_count(check, &schema->members_count, value, "field", "fields");
    check_required(check, schema, value);
    for (size_t i = 0; i < value->count; i++)
        check_member(check, schema, value, &value->members[i]);
}

/* False if it is of the wrong type: what else is wrong with it says nothing more. */
static bool check_alone(struct check *check, const struct schema *schema, const struct value *value)
{
    if (schema->is_never) {
        check_found(check, value->line, value->column, "", "nothing may stand here");
        return false;
    }
    size_t errors = check->findings->errors_count;
    check_type(check, schema, value);
    if (check->findings->errors_count != errors)
        return false;
    check_enum(check, schema, value);
    check_const(check, schema, value);
    check_number(check, schema, value);
    check_text(check, schema, value);
    return true;
}

bool schema_fits_alone(const struct schema *schema, const struct value *value)
{
    static const struct schema_subject nobody = { .file = "", .label = "" };
    struct findings findings = { 0 };
    struct error err = { 0 };
    struct check check = { .subject = &nobody, .findings = &findings, .err = &err };
    (void)check_alone(&check, schema, value);
    bool fits = findings.errors_count == 0;
    findings_free(&findings);
    return fits;
}

static void check_value(struct check *check, const struct schema *schema, const struct value *value)
{
    if (!check_alone(check, schema, value))
        return;
    check_array(check, schema, value);
    check_object(check, schema, value);
}

bool schema_validate(const struct schema *schema, const struct value *instance,
                     const struct schema_subject *subject, struct findings *findings,
                     struct error *err)
{
    struct check check = { .subject = subject,
                           .findings = findings,
                           .errors_before = findings->errors_count,
                           .err = err };
    check_value(&check, schema, instance);
    if (check.is_out_of_memory)
        return error_no_memory(err, instance->count * sizeof(struct hashed));
    return findings->errors_count == check.errors_before;
}
