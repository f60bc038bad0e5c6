#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"

const struct json_limits json_limits_default = { .bytes_max = 64 << 20,
                                                 .depth_max = 64,
                                                 .nodes_max = 4 << 20 };

struct parser {
    struct arena *arena;
    struct json_scan scan;
    const char *where;
    size_t nodes_left;
    /* Position of the last token asked for: counted on from there, so that it stays linear. */
    size_t counted;
    uint32_t line, column;
    struct error *err;
};

/* Line and column of a token; tokens come in order. */
static void locate(struct parser *parser, size_t at)
{
    for (; parser->counted < at; parser->counted++) {
        unsigned char byte = (unsigned char)parser->scan.input.at[parser->counted];
        if (byte == '\n') {
            parser->line++;
            parser->column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            parser->column++;
        }
    }
}

/* Puts "where:line:column" before what the scanner or this parser said. */
static struct value *fail_here(struct parser *parser)
{
    locate(parser, parser->scan.at);
    snprintf(parser->err->where, sizeof parser->err->where, "%.120s:%u:%u", parser->where,
             parser->line, parser->column);
    return NULL;
}

static bool token_text(struct parser *parser, struct slice *text)
{
    *text = parser->scan.text;
    if (!parser->scan.has_escapes)
        return true;
    char *decoded = arena_alloc(parser->arena, text->len + 1, parser->err);
    if (!decoded)
        return false;
    text->len = json_unescape(*text, decoded);
    text->at = decoded;
    return true;
}

static struct value *parse_token(struct parser *parser, enum json_token token);

static struct value *parse_members(struct parser *parser, struct value *object)
{
    for (;;) {
        enum json_token token = json_scan_next(&parser->scan, parser->err);
        if (token == JSON_ERROR)
            return fail_here(parser);
        if (token == JSON_OBJECT_END)
            break;
        assert(token == JSON_NAME);
        locate(parser, parser->scan.at);
        struct value_member member = { .line = parser->line, .column = parser->column };
        if (!token_text(parser, &member.name))
            return NULL;
        member.value = parse_token(parser, json_scan_next(&parser->scan, parser->err));
        if (!member.value || !value_append(parser->arena, object, &member, parser->err))
            return NULL;
    }
    size_t later;
    if (!value_duplicate(parser->arena, object, &later, parser->err))
        return NULL;
    if (later != SIZE_MAX) {
        const struct value_member *member = &object->members[later];
        char where[192];
        snprintf(where, sizeof where, "%.120s:%u:%u", parser->where, member->line, member->column);
        error_set(parser->err, ERROR_INVALID, where, "the name \"%.*s\" comes twice in one object",
                  SLICE_ARG(member->name));
        return NULL;
    }
    return object;
}

static struct value *parse_items(struct parser *parser, struct value *array)
{
    for (;;) {
        enum json_token token = json_scan_next(&parser->scan, parser->err);
        if (token == JSON_ARRAY_END)
            return array;
        struct value *item = parse_token(parser, token);
        if (!item || !value_add(parser->arena, array, item, parser->err))
            return NULL;
    }
}

static struct value *parse_token(struct parser *parser, enum json_token token)
{
    static const enum value_type types[] = {
        [JSON_OBJECT_BEGIN] = VALUE_OBJECT, [JSON_ARRAY_BEGIN] = VALUE_ARRAY,
        [JSON_STRING] = VALUE_STRING,       [JSON_NUMBER] = VALUE_NUMBER,
        [JSON_TRUE] = VALUE_BOOL,           [JSON_FALSE] = VALUE_BOOL,
        [JSON_NULL] = VALUE_NULL,
    };
    if (token == JSON_ERROR)
        return fail_here(parser);
    if (parser->nodes_left-- == 0) {
        error_set(parser->err, ERROR_INVALID, NULL, "too many values in one document");
        return fail_here(parser);
    }
    locate(parser, parser->scan.at);
    struct value *value = value_new(parser->arena, types[token], parser->err);
    if (!value)
        return NULL;
    value->line = parser->line;
    value->column = parser->column;
    value->boolean = token == JSON_TRUE;
    if (token == JSON_OBJECT_BEGIN)
        return parse_members(parser, value);
    if (token == JSON_ARRAY_BEGIN)
        return parse_items(parser, value);
    if (token == JSON_NUMBER)
        value->text = parser->scan.text;
    if (token == JSON_STRING && !token_text(parser, &value->text))
        return NULL;
    return value;
}

struct value *json_parse(struct arena *arena, struct slice text, const char *where,
                         const struct json_limits *limits, struct error *err)
{
    if (!limits)
        limits = &json_limits_default;
    if (text.len > limits->bytes_max) {
        error_set(err, ERROR_INVALID, where, "larger than %zu bytes", limits->bytes_max);
        return NULL;
    }
    struct parser parser = {
        .arena = arena,
        .where = where,
        .nodes_left = limits->nodes_max,
        .line = 1,
        .column = 1,
        .err = err,
    };
    json_scan_start(&parser.scan, text, limits->depth_max);
    struct value *value = parse_token(&parser, json_scan_next(&parser.scan, err));
    if (value && json_scan_next(&parser.scan, err) != JSON_END)
        return fail_here(&parser);
    return value;
}

/* ---- canonical form ---- */

/* Digits and decimal exponent of the shortest text that reads back as the same double: value =
 * 0.DIGITS * 10^point. Trying 1 to 17 digits is slow and obviously right. */
static int shortest_digits(double value, char digits[20], int *point)
{
    char text[40];
    for (int count = 1; count <= 17; count++) {
        snprintf(text, sizeof text, "%.*e", count - 1, value);
        if (strtod(text, NULL) == value)
            break;
    }
    char *exponent = strchr(text, 'e');
    assert(exponent);
    int len = 0;
    for (const char *at = text; at < exponent; at++)
        if (*at != '.')
            digits[len++] = *at;
    assert(len > 0);
    while (len > 1 && digits[len - 1] == '0')
        len--;
    *point = (int)strtol(exponent + 1, NULL, 10) + 1;
    return len;
}

void json_number(double value, char out[32])
{
    char digits[20];
    int point;
    assert(isfinite(value));
    if (value == 0) {
        memcpy(out, "0", 2);
        return;
    }
    if (value < 0) {
        *out++ = '-';
        value = -value;
    }
    int count = shortest_digits(value, digits, &point);
    int left = 30; /* bytes, with the sign gone and the NUL */
    if (count <= point && point <= 21)
        snprintf(out, (size_t)left, "%.*s%.*s", count, digits, point - count,
                 "000000000000000000000");
    else if (0 < point && point <= 21)
        /* cppcheck-suppress pointerOutOfBoundsCond ; point < count <= 17 here */
        snprintf(out, (size_t)left, "%.*s.%.*s", point, digits, count - point, digits + point);
    else if (-6 < point && point <= 0)
        snprintf(out, (size_t)left, "0.%.*s%.*s", -point, "000000", count, digits);
    else if (count == 1)
        snprintf(out, (size_t)left, "%ce%+d", digits[0], point - 1);
    else
        snprintf(out, (size_t)left, "%c.%.*se%+d", digits[0], count - 1, digits + 1, point - 1);
}

void json_add_string(struct strbuf *out, struct slice text)
{
    static const char digits[] = "0123456789abcdef";
    size_t start = 0;
    strbuf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        strbuf_add(out, (struct slice){ text.at + start, i - start });
        start = i + 1;
        static const char kinds[] = "btn\0fr"; /* of bytes 08 to 0d; 0b has none */
        strbuf_add_char(out, '\\');
        if (byte == '"' || byte == '\\') {
            strbuf_add_char(out, (char)byte);
        } else if (byte >= 0x08 && byte <= 0x0D && kinds[byte - 0x08]) {
            strbuf_add_char(out, kinds[byte - 0x08]);
        } else {
            char escape[5] = { 'u', '0', '0', digits[byte >> 4], digits[byte & 15] };
            strbuf_add(out, (struct slice){ escape, sizeof escape });
        }
    }
    strbuf_add(out, (struct slice){ text.at ? text.at + start : "", text.len - start });
    strbuf_add_char(out, '"');
}

/* UTF-16 order differs from UTF-8's only where surrogates (U+10000 and up) meet U+E000 to U+FFFF.
 */
static int compare_utf16(struct slice a, struct slice b)
{
    size_t at = 0, bt = 0;
    while (at < a.len && bt < b.len) {
        uint32_t left = utf8_next(a, &at), right = utf8_next(b, &bt);
        if (left == right)
            continue;
        bool left_pair = left >= 0x10000, right_pair = right >= 0x10000;
        if (left_pair != right_pair) {
            uint32_t left_unit = left_pair ? 0xD800 : left,
                     right_unit = right_pair ? 0xD800 : right;
            return left_unit < right_unit ? -1 : 1;
        }
        return left < right ? -1 : 1;
    }
    return (at < a.len) - (bt < b.len);
}

static int compare_names(const void *a, const void *b)
{
    const struct value_member *const *left = a, *const *right = b;
    return compare_utf16((*left)->name, (*right)->name);
}

static bool canonical_number(const struct value *value, struct strbuf *out, struct error *err)
{
    char copy[512], text[32];
    if (value->text.len >= sizeof copy)
        return error_set(err, ERROR_INVALID, NULL, "a number of %zu digits", value->text.len);
    memcpy(copy, value->text.at, value->text.len);
    copy[value->text.len] = '\0';
    double number = strtod(copy, NULL);
    if (!isfinite(number))
        return error_set(err, ERROR_INVALID, NULL, "the number %.60s is too large", copy);
    json_number(number, text);
    strbuf_add_text(out, text);
    return true;
}

static bool canonical_object(const struct value *value, struct strbuf *out, struct error *err)
{
    const struct value_member **sorted = malloc((value->count ? value->count : 1) * sizeof *sorted);
    bool ok = false;
    if (!sorted)
        return error_no_memory(err, value->count * sizeof *sorted);
    for (size_t i = 0; i < value->count; i++)
        sorted[i] = &value->members[i];
    qsort(sorted, value->count, sizeof *sorted, compare_names);
    strbuf_add_char(out, '{');
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        json_add_string(out, sorted[i]->name);
        strbuf_add_char(out, ':');
        if (!json_canonical(sorted[i]->value, out, err))
            goto done;
    }
    strbuf_add_char(out, '}');
    ok = true;
done:
    free(sorted);
    return ok;
}

bool json_canonical(const struct value *value, struct strbuf *out, struct error *err)
{
    switch (value->type) {
    case VALUE_NULL:
        strbuf_add_text(out, "null");
        break;
    case VALUE_BOOL:
        strbuf_add_text(out, value->boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        if (!canonical_number(value, out, err))
            return false;
        break;
    case VALUE_STRING:
        json_add_string(out, value->text);
        break;
    case VALUE_ARRAY:
        strbuf_add_char(out, '[');
        for (size_t i = 0; i < value->count; i++) {
            if (i > 0)
                strbuf_add_char(out, ',');
            if (!json_canonical(value->items[i], out, err))
                return false;
        }
        strbuf_add_char(out, ']');
        break;
    case VALUE_OBJECT:
        if (!canonical_object(value, out, err))
            return false;
        break;
    }
    return strbuf_ok(out, err);
}

bool json_canonical_copy(struct arena *arena, const struct value *value, struct slice *out,
                         struct error *err)
{
    struct strbuf text = strbuf_new(SIZE_MAX - 1);
    bool ok = json_canonical(value, &text, err) && arena_copy(arena, strbuf_slice(&text), out, err);
    strbuf_free(&text);
    return ok;
}

static void pretty_at(const struct value *value, unsigned level, struct strbuf *out);

static void pretty_indent(unsigned level, struct strbuf *out)
{
    strbuf_add_char(out, '\n');
    for (unsigned i = 0; i < level; i++)
        strbuf_add_text(out, "  ");
}

static void pretty_members(const struct value *value, unsigned level, struct strbuf *out)
{
    bool is_object = value->type == VALUE_OBJECT;
    strbuf_add_char(out, is_object ? '{' : '[');
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        pretty_indent(level + 1, out);
        if (is_object) {
            json_add_string(out, value->members[i].name);
            strbuf_add_text(out, ": ");
        }
        pretty_at(is_object ? value->members[i].value : value->items[i], level + 1, out);
    }
    if (value->count > 0)
        pretty_indent(level, out);
    strbuf_add_char(out, is_object ? '}' : ']');
}

static void pretty_at(const struct value *value, unsigned level, struct strbuf *out)
{
    switch (value->type) {
    case VALUE_NULL:
        strbuf_add_text(out, "null");
        return;
    case VALUE_BOOL:
        strbuf_add_text(out, value->boolean ? "true" : "false");
        return;
    case VALUE_NUMBER:
        strbuf_add(out, value->text);
        return;
    case VALUE_STRING:
        json_add_string(out, value->text);
        return;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        pretty_members(value, level, out);
        return;
    }
}

void json_pretty(const struct value *value, struct strbuf *out)
{
    pretty_at(value, 0, out);
    strbuf_add_char(out, '\n');
}
