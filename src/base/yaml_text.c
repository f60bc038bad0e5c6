#include "base/yaml_text.h"

#include <string.h>

static const struct slice byte_order_mark = { "\xEF\xBB\xBF", 3 };

/* Line and column (in code points) of an offset. The text before it is valid UTF-8. */
static void find_place(struct slice text, size_t offset, struct yaml_complaint *complaint)
{
    complaint->line = 1;
    complaint->column = 1;
    size_t at = slice_starts_with(text, byte_order_mark) && offset > 0 ? byte_order_mark.len : 0;
    while (at < offset) {
        char byte = text.at[at];
        bool is_crlf = byte == '\r' && at + 1 < text.len && text.at[at + 1] == '\n';
        (void)utf8_next(text, &at);
        complaint->column++;
        if ((byte == '\n' || byte == '\r') && !is_crlf) {
            complaint->line++;
            complaint->column = 1;
        }
    }
}

static bool may_stand(uint32_t code_point)
{
    if (code_point < 0x20)
        return code_point == '\t' || code_point == '\n' || code_point == '\r';
    return (code_point < 0x7F || code_point >= 0xA0 || code_point == 0x85) &&
           code_point != 0xFEFF && code_point != 0xFFFE && code_point != 0xFFFF;
}

bool yaml_sound(struct slice text, struct yaml_complaint *complaint)
{
    size_t bad;
    *complaint = (struct yaml_complaint){ 0 };
    if (!utf8_is_valid(text, &bad)) {
        find_place(text, bad, complaint);
        complaint->message = "this is not UTF-8";
        complaint->hint = "save the file as UTF-8";
        return false;
    }
    size_t at = slice_starts_with(text, byte_order_mark) ? byte_order_mark.len : 0;
    while (at < text.len) {
        size_t from = at;
        /* Most text is printable ASCII. */
        if (text.at[at] >= ' ' && text.at[at] < 0x7F) {
            at++;
            continue;
        }
        uint32_t code_point = utf8_next(text, &at);
        if (may_stand(code_point))
            continue;
        find_place(text, from, complaint);
        complaint->message = code_point == 0xFEFF
                                 ? "a byte order mark may only stand at the start of the file"
                                 : "a control character may not stand here";
        complaint->hint = "in double quotes it can be written as an escape, such as \\u0007";
        return false;
    }
    return true;
}

bool yaml_plain_lines(struct arena *arena, struct slice text, struct slice *plain,
                      struct error *err)
{
    size_t first, len = 0;
    if (slice_starts_with(text, byte_order_mark))
        text = slice_from(text, byte_order_mark.len);
    *plain = text;
    if (!slice_find(text, '\r', &first))
        return true;
    char *out = arena_alloc(arena, text.len, err);
    if (!out)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\r')
            out[len++] = text.at[i];
        else if (i + 1 == text.len || text.at[i + 1] != '\n')
            out[len++] = '\n';
    }
    *plain = slice_bytes(out, len);
    return true;
}

bool yaml_next_document(struct slice text, uint32_t line, size_t *at)
{
    struct slice rest = text, one;
    for (uint32_t number = 1; slice_line(&rest, &one); number++) {
        if (number == 1 || number < line || !slice_starts_with(one, SLICE("---")))
            continue;
        if (one.len == 3 || one.at[3] == ' ' || one.at[3] == '\t') {
            *at = (size_t)(one.at - text.at);
            return true;
        }
    }
    return false;
}

uint32_t yaml_lines(struct slice text)
{
    uint32_t count = 0;
    struct slice head;
    while (slice_split(text, '\n', &head, &text))
        count++;
    return count;
}

size_t yaml_indicators(struct slice text)
{
    static const bool table[256] = {
        ['['] = true, [']'] = true, ['{'] = true, ['}'] = true, [','] = true,  [':'] = true,
        ['?'] = true, ['-'] = true, ['!'] = true, ['&'] = true, ['*'] = true,  ['|'] = true,
        ['>'] = true, ['"'] = true, ['#'] = true, ['%'] = true, ['\''] = true,
    };
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += table[(unsigned char)text.at[i]];
    return count;
}

struct slice yaml_word_at(struct slice text, uint32_t line, uint32_t column)
{
    size_t len = 0, at = 0;
    struct slice rest = text;
    text = SLICE("");
    for (uint32_t number = 1; number <= line; number++)
        if (!slice_line(&rest, &text))
            return SLICE("");
    while (--column > 0 && at < text.len)
        (void)utf8_next(text, &at);
    text = slice_from(text, at);
    while (len < text.len && len < 64 && !strchr(" \t\n,[]{}", text.at[len]))
        len++;
    while (len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len--;
    return slice_head(text, len);
}

/* ---------------------------------------------------------------- faults of grammar */

/* True if the line (from 1) has a tab before its first character; *column is the tab's. */
static bool tab_indents(struct slice text, uint32_t line, uint32_t *column)
{
    struct slice one = { 0 };
    for (uint32_t number = 1; number <= line; number++)
        if (!slice_line(&text, &one))
            return false;
    for (size_t i = 0; i < one.len && (one.at[i] == ' ' || one.at[i] == '\t'); i++) {
        if (one.at[i] == '\t') {
            *column = (uint32_t)i + 1;
            return true;
        }
    }
    return false;
}

/* To add one: a piece of libfyaml's message that no other message has before it in this list, and
 * what to say and to advise instead. */
static const struct explanation {
    const char *piece, *message, *hint;
    uint32_t back; /* columns between the place that libfyaml names and the one that is meant */
} explanations[] = {
    { "tab", "a tab is used as indentation", "indent with spaces", 0 },
    { "quoted scalar without closing", "the quoted text that begins here has no end",
      "close the quotes", 1 },
    { "wrongly indented double-quoted", "the quoted text that begins here has no end",
      "close the quotes; further lines of a quoted text must be indented", 0 },
    { "wrongly indented single-quoted", "the quoted text that begins here has no end",
      "close the quotes; further lines of a quoted text must be indented", 0 },
    { "marker in double-quoted", "a quoted text before this line has no end", "close the quotes",
      0 },
    { "marker in single-quoted", "a quoted text before this line has no end", "close the quotes",
      0 },
    { "invalid trailing content", "something follows a quoted text",
      "quote the whole text, and write a quote within it as \\\"", 0 },
    { "invalid multiline plain key", "a text of several lines stands before a colon",
      "indent the keys of one mapping alike, and quote a text that holds \": \"", 0 },
    { "nested block mapping on the same line", "a second \": \" stands in this line",
      "quote the text that holds \": \"", 0 },
    { "plain scalar cannot start", "a text cannot begin with this character", "quote the text", 0 },
    { "invalid escape", "no such escape exists in a text in double quotes",
      "write a backslash as \\\\, or use single quotes", 0 },
    { "invalid UTF8 escape", "this escape names no character", NULL, 0 },
    { "invalid extra closing", "this bracket closes nothing", NULL, 0 },
    { "missing comma", "a comma or the closing bracket is missing", NULL, 0 },
    { "did not find expected node content", "a value is missing", NULL, 0 },
    { "indicator in a flow", "a bracket before this line is never closed", NULL, 0 },
    { "without a closing bracket", "a bracket before this place is never closed", NULL, 0 },
    { "invalid value after mapping", "this line is no \"key: value\"",
      "a key is followed by a colon and a space", 0 },
    { "could not find expected ':'", "this line is no \"key: value\"",
      "a key is followed by a colon and a space", 0 },
    { "expected '-' indicator", "this is neither an item of the list (\"- \") nor indented as one",
      NULL, 0 },
};

void yaml_explain(struct slice text, struct yaml_complaint *complaint)
{
    uint32_t column;
    complaint->hint = NULL;
    for (size_t i = 0; i < ARRAY_LEN(explanations); i++) {
        if (!strstr(complaint->message, explanations[i].piece))
            continue;
        complaint->message = explanations[i].message;
        complaint->hint = explanations[i].hint;
        if (complaint->column > explanations[i].back)
            complaint->column -= explanations[i].back;
        break;
    }
    /* A tab that begins a line is taken for a part of the text above it, which then looks wrong. */
    for (uint32_t line = complaint->line; line <= complaint->line + 1; line++) {
        if (line > complaint->line && (!complaint->hint || !strstr(complaint->hint, "indent")))
            break;
        if (!tab_indents(text, line, &column))
            continue;
        complaint->message = explanations[0].message;
        complaint->hint = explanations[0].hint;
        complaint->line = line;
        complaint->column = column;
        break;
    }
}
