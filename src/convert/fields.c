/* Texts into fields of a document, as the kind's schema has them. What does not fit is listed, for
 * a document that apply would refuse helps nobody who has a hundred of them. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "convert/convert_private.h"
#include "evidence/value_read.h"

enum { REASON_BYTES = 600 };

/* Without a node the text is one that the user gave. */
static bool unfit(struct converting *converting, struct slice field, struct slice text,
                  struct slice path, const struct value *node, const char *reason)
{
    if (!node)
        return error_set(converting->err, ERROR_INVALID, NULL, "%.*s=%.*s: %s", SLICE_ARG(field),
                         SLICE_ARG(text), reason);
    struct value *shown = value_new_text(converting->arena, text, converting->err);
    if (!shown)
        return false;
    shown->line = node->line;
    return left_add(converting, path, shown, reason);
}

/* "one of low, medium, high was expected" */
static void describe_enum(const struct value *words, char reason[REASON_BYTES])
{
    struct strbuf text = strbuf_new(REASON_BYTES - 64);
    for (size_t i = 0; i < value_count(words); i++)
        strbuf_printf(&text, "%s%.*s", i > 0 ? ", " : "", SLICE_ARG(value_text(words->items[i])));
    (void)snprintf(reason, REASON_BYTES, "one of %s was expected", text.at ? text.at : "");
    strbuf_free(&text);
}

static bool is_one_of(const struct value *words, struct slice text)
{
    for (size_t i = 0; i < value_count(words); i++)
        if (slice_equal(value_text(words->items[i]), text))
            return true;
    return value_count(words) == 0;
}

/* The value for a schema that is no list; *fits false with a reason. */
static struct value *value_for(struct converting *converting, const struct value *schema,
                               struct slice text, bool *fits, char reason[REASON_BYTES])
{
    struct slice type = value_text_of(schema, "type");
    struct error fault = { 0 };
    struct value *value = value_new_text(converting->arena, text, converting->err);
    __extension__ __int128 scaled;
    bool truth = false;
    int32_t day;
    *fits = true;
    if (slice_is(type, "boolean")) {
        *fits = truth_parse(text, &truth);
        (void)snprintf(reason, REASON_BYTES, "yes or no was expected");
        return *fits ? value_new_bool(converting->arena, truth, converting->err) : value;
    }
    if (slice_is(type, "integer") || slice_is(type, "number")) {
        *fits = number_parse(text, 18, slice_is(type, "integer") ? 0 : 6, &scaled) == NUMBER_OK;
        (void)snprintf(reason, REASON_BYTES, "a number was expected");
        if (value && *fits)
            value->type = VALUE_NUMBER;
        return value;
    }
    if (slice_is(value_text_of(schema, "format"), "date")) {
        *fits = date_parse(text, &day, &fault);
        (void)snprintf(reason, REASON_BYTES, "a day was expected");
        return value;
    }
    *fits = is_one_of(value_member(schema, "enum"), text);
    describe_enum(value_member(schema, "enum"), reason);
    return value;
}

static struct value *list_at(struct converting *converting, struct value *document,
                             struct slice field)
{
    for (size_t i = 0; i < document->count; i++)
        if (slice_equal(document->members[i].name, field))
            return document->members[i].value;
    struct value *list = value_new(converting->arena, VALUE_ARRAY, converting->err);
    return value_put_slice(converting->arena, document, field, list, converting->err) ? list : NULL;
}

static bool has_already(const struct value *list, const struct value *value)
{
    for (size_t i = 0; i < list->count; i++)
        if (value_equal(list->items[i], value))
            return true;
    return false;
}

bool text_put(struct converting *converting, struct value *document, struct slice field,
              const struct value *schema, struct slice text, struct slice path,
              const struct value *node)
{
    char reason[REASON_BYTES] = "";
    bool fits;
    bool is_list = slice_is(value_text_of(schema, "type"), "array");
    if (text.len == 0)
        return true;
    struct value *value = value_for(converting, is_list ? value_member(schema, "items") : schema,
                                    text, &fits, reason);
    if (!value)
        return false;
    if (!fits)
        return unfit(converting, field, text, path, node, reason);
    if (!is_list)
        return value_put_slice(converting->arena, document, field, value, converting->err);
    struct value *list = list_at(converting, document, field);
    if (!list)
        return false;
    return has_already(list, value) || value_add(converting->arena, list, value, converting->err);
}
