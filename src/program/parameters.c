#include "program/parameters.h"

#include "base/duration.h"
#include "base/time.h"
#include "program/decimal.h"

/* decimal(18,6), as a column of that type without further words has it. */
enum { DIGITS_BEFORE = 12, DIGITS_BEHIND = 6, TEXT_BYTES_MAX = 1000 };

const struct value *parameter_find(const struct value *parameters, struct slice id)
{
    for (size_t i = 0; i < value_count(parameters); i++)
        if (slice_equal(value_text_of(value_item(parameters, i), "id"), id))
            return value_item(parameters, i);
    return NULL;
}

/* ---- one text, by type ---- */

static int64_t digits_of(const struct decimal *decimal)
{
    size_t point;
    return (int64_t)decimal->digits.len - (slice_find(decimal->digits, '.', &point) ? 1 : 0);
}

static bool is_integer(struct slice text)
{
    struct decimal decimal;
    /* 18 digits are within 64 bits, whatever they are. */
    return decimal_parse(text, &decimal) && decimal_is_integer(&decimal) && decimal.exponent <= 18;
}

static bool is_decimal(struct slice text)
{
    struct decimal decimal;
    return decimal_parse(text, &decimal) &&
           (digits_of(&decimal) == 0 || (decimal.exponent <= DIGITS_BEFORE &&
                                         digits_of(&decimal) - decimal.exponent <= DIGITS_BEHIND));
}

static bool is_date(struct slice text)
{
    int32_t days;
    struct error ignored = { 0 };
    return date_parse(text, &days, &ignored);
}

static bool is_interval(struct slice text)
{
    struct duration duration;
    return duration_parse(text, &duration);
}

static bool is_truth(struct slice text)
{
    return slice_is(text, "true") || slice_is(text, "false");
}

static bool is_text(struct slice text)
{
    size_t nul;
    return text.len <= TEXT_BYTES_MAX && !slice_find(text, '\0', &nul);
}

static int by_number(struct slice a, struct slice b)
{
    struct decimal left, right;
    if (!decimal_parse(a, &left) || !decimal_parse(b, &right))
        return 0; /* both were looked at before */
    return decimal_compare(&left, &right);
}

static int by_length(struct slice a, struct slice b)
{
    struct duration left, right;
    if (!duration_parse(a, &left) || !duration_parse(b, &right))
        return 0;
    int64_t difference = duration_micros(&left) - duration_micros(&right);
    return difference < 0 ? -1 : difference > 0;
}

static const struct type {
    const char *name, *expected;
    bool (*is)(struct slice text);
    int (*compare)(struct slice a, struct slice b); /* NULL: has no minimum and maximum */
} types[] = {
    { "integer", "is no whole number of at most 18 digits", is_integer, by_number },
    { "decimal", "is no number with at most 12 digits before and 6 behind the point", is_decimal,
      by_number },
    { "text", "is no text of at most 1000 bytes", is_text, NULL },
    { "boolean", "is neither true nor false", is_truth, NULL },
    { "date", "is no date, such as 2026-01-31", is_date, slice_compare },
    { "interval", "is no interval, such as 24 hours or 1 month 3 days", is_interval, by_length },
    { "list<text>", "is no list of texts of at most 1000 bytes each", is_text, NULL },
};

static const struct type *type_of(const struct value *parameter)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(value_text_of(parameter, "type"), types[i].name))
            return &types[i];
    return NULL; /* the schema's enum lets none through */
}

/* What a scalar says, however the document wrote it. */
static struct slice text_of(const struct value *value)
{
    if (value->type == VALUE_BOOL)
        return value->boolean ? SLICE("true") : SLICE("false");
    return value->text;
}

static bool is_scalar(const struct value *value)
{
    return value->type == VALUE_BOOL || value->type == VALUE_NUMBER || value->type == VALUE_STRING;
}

static bool is_of_type(const struct type *type, const struct value *value)
{
    if (slice_is(slice_of(type->name), "list<text>")) {
        if (value->type != VALUE_ARRAY)
            return false;
        for (size_t i = 0; i < value->count; i++)
            if (value->items[i]->type != VALUE_STRING || !type->is(value->items[i]->text))
                return false;
        return true;
    }
    return is_scalar(value) && type->is(text_of(value));
}

/* ---- bounds ---- */

static bool is_among(const struct type *type, const struct value *list, const struct value *value)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *one = value_item(list, i);
        if (is_scalar(one) && (type->compare ? type->compare(text_of(one), text_of(value)) == 0
                                             : slice_equal(text_of(one), text_of(value))))
            return true;
    }
    return false;
}

bool parameter_fits(const struct value *parameter, const struct value *value, struct error *err)
{
    const struct type *type = type_of(parameter);
    const struct value *minimum = value_member(parameter, "minimum"),
                       *maximum = value_member(parameter, "maximum"),
                       *list = value_member(parameter, "enum");
    if (!type || !is_of_type(type, value))
        return error_set(err, ERROR_INVALID, NULL, "%s", type ? type->expected : "has no type");
    if (minimum && type->compare && type->compare(text_of(value), text_of(minimum)) < 0)
        return error_set(err, ERROR_INVALID, NULL, "is below the minimum, %.*s",
                         SLICE_ARG(text_of(minimum)));
    if (maximum && type->compare && type->compare(text_of(value), text_of(maximum)) > 0)
        return error_set(err, ERROR_INVALID, NULL, "is above the maximum, %.*s",
                         SLICE_ARG(text_of(maximum)));
    if (!list)
        return true;
    for (size_t i = 0; value->type == VALUE_ARRAY && i < value->count; i++)
        if (!is_among(type, list, value->items[i]))
            return error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is not one of those in enum",
                             SLICE_ARG(value->items[i]->text));
    return value->type == VALUE_ARRAY || is_among(type, list, value) ||
           error_set(err, ERROR_INVALID, NULL, "is not one of those in enum");
}

bool parameter_check(const struct value *parameter, const struct value **at, struct error *err)
{
    static const char *const bounds[] = { "minimum", "maximum" };
    const struct type *type = type_of(parameter);
    const struct value *list = value_member(parameter, "enum");
    for (size_t i = 0; type && i < ARRAY_LEN(bounds); i++) {
        *at = value_member(parameter, bounds[i]);
        if (*at && !type->compare)
            return error_set(err, ERROR_INVALID, NULL, "a %s has none; enum lists what it may be",
                             type->name);
        if (*at && !is_of_type(type, *at))
            return error_set(err, ERROR_INVALID, NULL, "%s", type->expected);
    }
    for (size_t i = 0; type && i < value_count(list); i++) {
        *at = value_item(list, i);
        if (!is_scalar(*at) || !type->is(text_of(*at)))
            return error_set(err, ERROR_INVALID, NULL, "%s", type->expected);
    }
    *at = value_member(parameter, "value");
    return parameter_fits(parameter, *at, err);
}

struct value *parameter_typed(const struct value *parameter, struct slice text, struct arena *arena,
                              struct error *err)
{
    struct slice head;
    if (!slice_is(value_text_of(parameter, "type"), "list<text>"))
        return value_new_text(arena, text, err);
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    while (list && slice_split(text, ',', &head, &text))
        if (!value_add(arena, list, value_new_text(arena, head, err), err))
            return NULL;
    return list && (text.len == 0 || value_add(arena, list, value_new_text(arena, text, err), err))
               ? list
               : NULL;
}
