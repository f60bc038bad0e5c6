#include "report/html.h"

#include <assert.h>
#include <string.h>

struct html html_new(struct strbuf *out) { return (struct html){ .out = out }; }

static void end_tag(struct html *html)
{
    if (html->in_tag)
        strbuf_add_char(html->out, '>');
    html->in_tag = false;
}

/* The five characters that mean something; in attributes and texts alike, so that one function is
 * right in both. */
static void add_escaped(struct strbuf *out, struct slice text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *escaped = NULL;
        switch (text.at[i]) {
        case '&':
            escaped = "&amp;";
            break;
        case '<':
            escaped = "&lt;";
            break;
        case '>':
            escaped = "&gt;";
            break;
        case '"':
            escaped = "&quot;";
            break;
        case '\'':
            escaped = "&#39;";
            break;
        default:
            continue;
        }
        strbuf_add(out, slice_head(slice_from(text, start), i - start));
        strbuf_add_text(out, escaped);
        start = i + 1;
    }
    strbuf_add(out, slice_from(text, start));
}

void html_doctype(struct html *html) { strbuf_add_text(html->out, "<!doctype html>\n"); }

void html_void(struct html *html, const char *element)
{
    end_tag(html);
    strbuf_add_char(html->out, '<');
    strbuf_add_text(html->out, element);
    html->in_tag = true;
}

void html_open(struct html *html, const char *element)
{
    html_void(html, element);
    assert(html->depth < HTML_DEPTH_MAX);
    html->open[html->depth++] = element;
}

void html_attribute(struct html *html, const char *name, struct slice value)
{
    assert(html->in_tag);
    strbuf_add_char(html->out, ' ');
    strbuf_add_text(html->out, name);
    strbuf_add_text(html->out, "=\"");
    add_escaped(html->out, value);
    strbuf_add_char(html->out, '"');
}

void html_attribute_text(struct html *html, const char *name, const char *value)
{
    html_attribute(html, name, slice_of(value));
}

void html_attribute_u64(struct html *html, const char *name, uint64_t value)
{
    assert(html->in_tag);
    strbuf_add_char(html->out, ' ');
    strbuf_add_text(html->out, name);
    strbuf_add_text(html->out, "=\"");
    strbuf_add_u64(html->out, value);
    strbuf_add_char(html->out, '"');
}

void html_text(struct html *html, struct slice text)
{
    end_tag(html);
    add_escaped(html->out, text);
}

void html_literal(struct html *html, const char *text) { html_text(html, slice_of(text)); }

void html_close(struct html *html)
{
    end_tag(html);
    assert(html->depth > 0);
    strbuf_add_text(html->out, "</");
    strbuf_add_text(html->out, html->open[--html->depth]);
    strbuf_add_char(html->out, '>');
}

void html_newline(struct html *html)
{
    end_tag(html);
    strbuf_add_char(html->out, '\n');
}

void html_style(struct html *html, struct slice css)
{
    for (size_t i = 0; i + 1 < css.len; i++)
        assert(css.at[i] != '<' || css.at[i + 1] != '/');
    html_open(html, "style");
    end_tag(html);
    strbuf_add(html->out, css);
    html_close(html);
    html_newline(html);
}
