#include "base/yaml_scalar.h"

#include <string.h>

#include "base/json_scan.h"

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_word(struct slice text, const char *word)
{
    size_t i = 0;
    for (; i < text.len && word[i]; i++)
        if (lower(text.at[i]) != word[i])
            return false;
    return i == text.len && !word[i];
}

static bool is_any(struct slice text, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(text, words[i]))
            return true;
    return false;
}

static bool is_json_number(struct slice text)
{
    struct json_scan scan;
    struct error ignored; /* it only says why this is text */
    if (text.len == 0 || (text.at[0] != '-' && (text.at[0] < '0' || text.at[0] > '9')))
        return false;
    json_scan_start(&scan, text, 1);
    return json_scan_next(&scan, &ignored) == JSON_NUMBER &&
           json_scan_next(&scan, &ignored) == JSON_END;
}

enum value_type yaml_plain_type(struct slice text, bool *boolean)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const truths[] = { "true", "True", "TRUE" };
    static const char *const falsehoods[] = { "false", "False", "FALSE" };
    if (is_any(text, nulls, ARRAY_LEN(nulls)))
        return VALUE_NULL;
    bool is_true = is_any(text, truths, ARRAY_LEN(truths));
    if (is_true || is_any(text, falsehoods, ARRAY_LEN(falsehoods))) {
        *boolean = is_true;
        return VALUE_BOOL;
    }
    return is_json_number(text) ? VALUE_NUMBER : VALUE_STRING;
}

/* A word that the reader of some YAML version takes for a value of another type. */
static bool is_reserved(struct slice text)
{
    static const char *const words[] = { "y",   "n",    "yes",  "no",    "true",  "false", "on",
                                         "off", "null", ".inf", "-.inf", "+.inf", ".nan" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (is_word(text, words[i]))
            return true;
    return false;
}

/* Anything made of what numbers, dates, times of day and base-60 numbers are made of. Wider than it
 * must be: quotes too many do no harm. */
static bool looks_like_number(struct slice text)
{
    static const char parts[] = "0123456789_.:+-eEoObBtTzZ ";
    char first = text.at[0];
    if ((first < '0' || first > '9') && first != '.' && first != '+' && first != '-')
        return false;
    bool is_hex = text.len > 2 && (memcmp(text.at, "0x", 2) == 0 || memcmp(text.at, "0X", 2) == 0);
    for (size_t i = is_hex ? 2 : 0; i < text.len; i++) {
        char byte = lower(text.at[i]);
        bool is_part = byte && strchr(parts, text.at[i]);
        if (!is_part && !(is_hex && byte >= 'a' && byte <= 'f'))
            return false;
    }
    return true;
}

bool yaml_is_hidden(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x061C ||
           code_point == 0x200E || code_point == 0x200F ||
           (code_point >= 0x2028 && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xFEFF ||
           (code_point & 0xFFFE) == 0xFFFE;
}

bool yaml_plain_is_safe(struct slice text)
{
    /* Indicators (YAML 1.2, 5.3), and = which 1.1 gives a meaning. Some of them would do when
     * followed by a letter; quotes are easier to read than that rule. */
    static const char indicators[] = "-?:,[]{}#&*!|>'\"%@`=~<";
    if (text.len == 0 || text.at[0] == '\0' || strchr(indicators, text.at[0]) ||
        slice_starts_with(text, SLICE("...")) || /* the end of a document */
        text.at[0] == ' ' || text.at[text.len - 1] == ' ' || text.at[text.len - 1] == ':')
        return false;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t code_point = utf8_next(text, &at);
        if (yaml_is_hidden(code_point))
            return false;
        if (code_point == ':' && at < text.len && text.at[at] == ' ')
            return false;
        if (code_point == '#' && text.at[from - 1] == ' ') /* never the first: an indicator */
            return false;
    }
    return !is_reserved(text) && !looks_like_number(text);
}
