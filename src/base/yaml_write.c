/* YAML in block style. Whatever can be written in several ways has one way here, so that the same
 * tree gives the same bytes, and a difference between two files is a difference between two trees.
 */
#include "base/yaml.h"
#include "base/yaml_scalar.h"

enum {
    STEP = 2,
    /* A key of more than 1,024 characters needs the form with a question mark (YAML 1.2, 7.4.3). */
    KEY_BYTES_MAX = 1000,
};

/* Where a node begins: at the start of a document, behind "key:", or behind "- ", whose first line
 * is indented already. */
enum place { AT_ROOT, BEHIND_KEY, BEHIND_DASH };

static void add_spaces(struct strbuf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_add_char(out, ' ');
}

static void add_escape(struct strbuf *out, uint32_t code_point)
{
    switch (code_point) {
    case '\n':
        strbuf_add_text(out, "\\n");
        break;
    case '\t':
        strbuf_add_text(out, "\\t");
        break;
    case '\r':
        strbuf_add_text(out, "\\r");
        break;
    case '"':
    case '\\':
        strbuf_printf(out, "\\%c", (char)code_point);
        break;
    default:
        if (code_point < 0x100)
            strbuf_printf(out, "\\x%02X", (unsigned)code_point);
        else if (code_point < 0x10000)
            strbuf_printf(out, "\\u%04X", (unsigned)code_point);
        else
            strbuf_printf(out, "\\U%08X", (unsigned)code_point);
    }
}

static void add_quoted(struct strbuf *out, struct slice text)
{
    strbuf_add_char(out, '"');
    size_t done = 0; /* what needs no escape is added in one piece */
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t code_point = utf8_next(text, &at);
        if (code_point != '"' && code_point != '\\' && !yaml_is_hidden(code_point))
            continue;
        strbuf_add(out, slice_head(slice_from(text, done), from - done));
        add_escape(out, code_point);
        done = at;
    }
    strbuf_add(out, slice_from(text, done));
    strbuf_add_char(out, '"');
}

static void add_one_line(struct strbuf *out, struct slice text)
{
    if (yaml_plain_is_safe(text))
        strbuf_add(out, text);
    else
        add_quoted(out, text);
}

/* True if every line can stand in a literal block as it is. A first line that begins with a space
 * would need an indentation indicator, a line of spaces alone is easily lost: such texts are
 * quoted. */
static bool literal_is_safe(struct slice text)
{
    bool line_is_blank = true;
    size_t lines = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        bool at_line_start = from == 0 || text.at[from - 1] == '\n';
        uint32_t code_point = utf8_next(text, &at);
        if (code_point == '\n') {
            if (line_is_blank && !at_line_start)
                return false;
            if (line_is_blank && lines == 0)
                return false;
            lines++;
            line_is_blank = true;
            continue;
        }
        if (code_point == '\t' ? at_line_start : yaml_is_hidden(code_point))
            return false;
        if (from == 0 && code_point == ' ')
            return false;
        if (code_point != ' ' && code_point != '\t')
            line_is_blank = false;
    }
    bool ends_in_line = text.len > 0 && text.at[text.len - 1] != '\n';
    return lines > 0 && !(ends_in_line && line_is_blank);
}

static void add_literal(struct strbuf *out, struct slice text, size_t indent)
{
    struct slice line;
    bool ends = slice_ends_with(text, SLICE("\n"));
    strbuf_add_text(out, !ends ? "|-" : slice_ends_with(text, SLICE("\n\n")) ? "|+" : "|");
    while (slice_line(&text, &line)) {
        strbuf_add_char(out, '\n');
        if (line.len > 0)
            add_spaces(out, indent);
        strbuf_add(out, line);
    }
}

static void add_scalar(struct strbuf *out, const struct value *value, size_t indent)
{
    switch (value->type) {
    case VALUE_NULL:
        strbuf_add_text(out, "null");
        break;
    case VALUE_BOOL:
        strbuf_add_text(out, value->boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        strbuf_add(out, value->text);
        break;
    case VALUE_STRING:
        if (literal_is_safe(value->text))
            add_literal(out, value->text, indent);
        else
            add_one_line(out, value->text);
        break;
    case VALUE_ARRAY:
        strbuf_add_text(out, "[]");
        break;
    case VALUE_OBJECT:
        strbuf_add_text(out, "{}");
        break;
    }
}

static void add_node(struct strbuf *out, const struct value *value, size_t indent,
                     enum place place);

static void add_key(struct strbuf *out, struct slice name, size_t indent)
{
    size_t before = out->len;
    add_one_line(out, name);
    if (out->failed || out->len - before <= KEY_BYTES_MAX) {
        strbuf_add_char(out, ':');
        return;
    }
    out->len = before;
    strbuf_add_text(out, "? ");
    add_one_line(out, name);
    strbuf_add_char(out, '\n');
    add_spaces(out, indent);
    strbuf_add_char(out, ':');
}

/* Each line of a container ends with its item, which ends with LF. */
static void add_container(struct strbuf *out, const struct value *value, size_t indent,
                          enum place place)
{
    if (place == BEHIND_KEY)
        strbuf_add_char(out, '\n');
    for (size_t i = 0; i < value->count; i++) {
        if (place != BEHIND_DASH || i > 0)
            add_spaces(out, indent);
        if (value->type == VALUE_OBJECT) {
            add_key(out, value->members[i].name, indent);
            add_node(out, value->members[i].value, indent + STEP, BEHIND_KEY);
        } else {
            strbuf_add_text(out, "- ");
            add_node(out, value->items[i], indent + STEP, BEHIND_DASH);
        }
    }
}

static void add_node(struct strbuf *out, const struct value *value, size_t indent, enum place place)
{
    bool is_container = value->type == VALUE_ARRAY || value->type == VALUE_OBJECT;
    if (is_container && value->count > 0) {
        add_container(out, value, indent, place);
        return;
    }
    if (place == BEHIND_KEY)
        strbuf_add_char(out, ' ');
    add_scalar(out, value, place == AT_ROOT ? STEP : indent);
    strbuf_add_char(out, '\n');
}

void yaml_write(const struct value *value, struct strbuf *out) { add_node(out, value, 0, AT_ROOT); }
