/* src/report/html.h
 * HTML that cannot be written unescaped: elements and attributes are named by the program, texts
 * and values go through one function each. There is none that takes markup, except for the style
 * sheet that travels in the program. */
#ifndef ATTEST_REPORT_HTML_H
#define ATTEST_REPORT_HTML_H
#include "base/strbuf.h"

enum { HTML_DEPTH_MAX = 64 };

struct html {
    struct strbuf *out;
    const char *open[HTML_DEPTH_MAX]; /* elements that are not closed yet */
    unsigned depth;
    bool in_tag; /* attributes can still be added */
};

struct html html_new(struct strbuf *out);
void html_doctype(struct html *html);
void html_open(struct html *html, const char *element);
/* Elements without content: meta, br. */
void html_void(struct html *html, const char *element);
/* Right after html_open() or html_void(). */
void html_attribute(struct html *html, const char *name, struct slice value);
void html_attribute_text(struct html *html, const char *name, const char *value);
void html_attribute_u64(struct html *html, const char *name, uint64_t value);
void html_text(struct html *html, struct slice text);
void html_literal(struct html *html, const char *text); /* fixed words: escaped as well */
void html_close(struct html *html);
/* A line feed between elements, for those who read the source. */
void html_newline(struct html *html);
/* Our own style sheet: `css` comes from the program, never from a model. "</" is refused (assert).
 */
void html_style(struct html *html, struct slice css);

#endif
