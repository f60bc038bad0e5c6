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

/* Line ends of YAML 1.1 that 1.2 takes as plain characters: readers do not agree on them. */
static bool is_line_end(uint32_t code_point)
{
    return code_point == 0x85 || code_point == 0x2028 || code_point == 0x2029;
}

static bool may_stand(uint32_t code_point)
{
    if (code_point < 0x20)
        return code_point == '\t' || code_point == '\n' || code_point == '\r';
    return (code_point < 0x7F || code_point >= 0xA0) && !is_line_end(code_point) &&
           code_point != 0xFEFF && code_point != 0xFFFE && code_point != 0xFFFF;
}

static bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

static bool refuse_at(struct slice text, size_t at, struct yaml_complaint *complaint,
                      const char *message, const char *hint)
{
    find_place(text, at, complaint);
    complaint->message = message;
    complaint->hint = hint;
    return false;
}

bool yaml_sound(struct slice text, struct yaml_complaint *complaint)
{
    size_t bad;
    *complaint = (struct yaml_complaint){ 0 };
    if (!utf8_is_valid(text, &bad))
        return refuse_at(text, bad, complaint, "this is not UTF-8", "save the file as UTF-8");
    size_t at = slice_starts_with(text, byte_order_mark) ? byte_order_mark.len : 0;
    while (at < text.len) {
        size_t from = at;
        /* Most text is printable ASCII. */
        if (text.at[at] >= ' ' && text.at[at] < 0x7F) {
            at++;
            continue;
        }
        uint32_t code_point = utf8_next(text, &at);
        if (!may_stand(code_point))
            return refuse_at(text, from, complaint,
                             code_point == 0xFEFF
                                 ? "a byte order mark may only stand at the start of the file"
                                 : "a control character may not stand here",
                             "in double quotes it can be written as an escape, such as \\u0007");
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

struct slice yaml_text_from(struct slice text, struct yaml_cursor *cursor, uint32_t line,
                            uint32_t column)
{
    struct slice head, rest;
    if (cursor->line == 0 || cursor->line > line)
        *cursor = (struct yaml_cursor){ .line = 1 };
    rest = slice_from(text, cursor->at);
    while (cursor->line < line && slice_split(rest, '\n', &head, &rest)) {
        cursor->line++;
        cursor->at = text.len - rest.len;
    }
    if (cursor->line < line)
        return SLICE("");
    size_t at = 0;
    while (--column > 0 && at < rest.len)
        (void)utf8_next(rest, &at);
    return slice_from(rest, at);
}

size_t yaml_indent(struct slice line)
{
    size_t count = 0;
    while (count < line.len && line.at[count] == ' ')
        count++;
    return count == line.len || line.at[count] == '\n' ? SIZE_MAX : count;
}

/* ---------------------------------------------------------------- faults of grammar */

/* True if the line (from 1) has a tab before its first character; *column is the tab's. */
static bool tab_indents(struct slice text, uint32_t line, uint32_t *column)
{
    struct yaml_cursor cursor = { 0 };
    struct slice rest = yaml_text_from(text, &cursor, line, 1);
    for (size_t i = 0; i < rest.len && is_blank(rest.at[i]); i++) {
        if (rest.at[i] == '\t') {
            *column = (uint32_t)i + 1;
            return true;
        }
    }
    return false;
}

/* To add one: a piece of libyaml's problem, a piece of its context ("" for any), and what to say
 * and to advise instead. The first that fits counts. */
static const struct explanation {
    const char *problem, *context;
    const char *message, *hint;
    bool at_context; /* the place that helps is where the context began */
    uint8_t back;    /* or so many columns before the problem's */
} explanations[] = {
    { "unexpected end of stream", "quoted scalar", "the quoted text that begins here has no end",
      "close the quotes", true, 0 },
    { "unexpected document indicator", "quoted scalar",
      "the quoted text that begins here has no end", "close the quotes", true, 0 },
    { "unknown escape", "", "no such escape exists in a text in double quotes",
      "write a backslash as \\\\, or use single quotes", false, 0 },
    { "Unicode character escape code", "", "this escape names no character", NULL, false, 2 },
    { "hexdecimal", "", "this escape lacks hexadecimal digits", NULL, false, 2 },
    { "tab character", "", "a tab is used as indentation", "indent with spaces", false, 0 },
    { "cannot start any token", "", "a text cannot begin with this character", "quote the text",
      false, 0 },
    { "mapping values are not allowed", "", "a second \": \" stands in this line",
      "quote a text that holds \": \", and indent the keys of one mapping alike", false, 0 },
    { "could not find expected ':'", "", "the line that begins here is no \"key: value\"",
      "a key is followed by a colon and a space", true, 0 },
    { "did not find expected key", "block mapping", "this does not belong to the mapping above it",
      "indent the keys of one mapping alike; quote the whole of a text that begins with a quote",
      false, 0 },
    { "expected '-' indicator", "",
      "this is neither an item of the list (\"- \") nor indented as one", NULL, false, 0 },
    { "expected ',' or ']'", "", "a comma or ] is missing before this", NULL, false, 0 },
    { "expected ',' or '}'", "", "a comma or } is missing before this", NULL, false, 0 },
    { "node content", "flow", "a value or the closing bracket is missing here", NULL, false, 0 },
    { "node content", "", "a value is missing here", NULL, false, 0 },
    { "block sequence entries", "", "an item of a list cannot begin in this line",
      "begin the list in a line of its own", false, 0 },
    { "expected <document start>", "", "something follows the end of the document",
      "begin a further document with ---", false, 0 },
    { "undefined tag handle", "", "tags are not read", NULL, false, 0 },
    { "incompatible YAML document", "", "only YAML 1.2 is read", "leave the %YAML line out", false,
      0 },
};

void yaml_explain(struct slice text, const char *context, uint32_t context_line,
                  uint32_t context_column, struct yaml_complaint *complaint)
{
    static const char tab_message[] = "a tab is used as indentation";
    static const char tab_hint[] = "indent with spaces";
    struct yaml_cursor cursor = { 0 };
    uint32_t column;
    for (size_t i = 0; i < ARRAY_LEN(explanations); i++) {
        const struct explanation *one = &explanations[i];
        if (!strstr(complaint->message, one->problem) ||
            (one->context[0] && (!context || !strstr(context, one->context))))
            continue;
        complaint->message = one->message;
        complaint->hint = one->hint;
        if (one->at_context) {
            complaint->line = context_line;
            complaint->column = context_column;
        } else if (complaint->column > one->back) {
            complaint->column -= one->back;
        }
        break;
    }
    /* Tabs have many consequences, and one cause. */
    if (tab_indents(text, complaint->line, &column) && complaint->column >= column) {
        complaint->message = tab_message;
        complaint->hint = tab_hint;
        complaint->column = column;
    } else if (slice_starts_with(yaml_text_from(text, &cursor, complaint->line, complaint->column),
                                 SLICE("\t"))) {
        complaint->message = "a tab stands where only spaces may";
        complaint->hint = tab_hint;
    }
}
