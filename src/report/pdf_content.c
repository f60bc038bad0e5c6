/* One page's content stream: all ink that belongs to no element becomes an artifact.
 *
 * cairo writes marked content outside text objects and leaves other ink bare:
 *     BT ... ET            running head: bare
 *     /P <</MCID 0>> BDC BT ... ET EMC
 * Operators are read one by one with what comes before them; the first that begins a path, a text
 * or an image outside marked content opens an artifact, which is closed before the next marked
 * content, before the graphics state is pushed or popped, and at the end. */
#include <string.h>

#include "report/pdf.h"

struct scan {
    struct slice content;
    size_t at;
    struct error *err;
    struct strbuf *out;
    unsigned contents_seen;
    unsigned depth; /* of marked content */
    bool in_text;
    bool in_artifact;
    size_t empty_at; /* where the output stood before a content that may turn out to have none */
    bool may_be_empty;
};

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

static bool is_delimiter(char c) { return strchr("()<>[]{}/%", c) && c != '\0'; }

/* Past a literal string, which may hold balanced parentheses and escapes. */
static void skip_string(struct scan *scan)
{
    unsigned depth = 0;
    while (scan->at < scan->content.len) {
        char c = scan->content.at[scan->at++];
        if (c == '\\')
            scan->at++;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            return;
    }
}

static void skip_until(struct scan *scan, char end)
{
    while (scan->at < scan->content.len && scan->content.at[scan->at] != end)
        scan->at++;
    if (scan->at < scan->content.len)
        scan->at++;
}

/* The next operator, passing its operands. Empty at the end. */
static struct slice next_operator(struct scan *scan)
{
    while (scan->at < scan->content.len) {
        char c = scan->content.at[scan->at];
        if (is_white(c) || c == '[' || c == ']' || c == '{' || c == '}' || c == '>') {
            scan->at++;
        } else if (c == '(') {
            skip_string(scan);
        } else if (c == '%') {
            skip_until(scan, '\n');
        } else if (c == '<') {
            scan->at++;
            /* "<<" is a dictionary: its parts are operands like others. */
            if (scan->at < scan->content.len && scan->content.at[scan->at] == '<')
                scan->at++;
            else
                skip_until(scan, '>');
        } else {
            size_t start = scan->at++;
            while (scan->at < scan->content.len && !is_white(scan->content.at[scan->at]) &&
                   !is_delimiter(scan->content.at[scan->at]))
                scan->at++;
            struct slice word = slice_head(slice_from(scan->content, start), scan->at - start);
            if (c != '/' && !strchr("+-.0123456789", c) && !slice_is(word, "true") &&
                !slice_is(word, "false") && !slice_is(word, "null"))
                return word;
        }
    }
    return (struct slice){ 0 };
}

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(word, words[i]))
            return true;
    return false;
}

static bool has_mcid(struct slice statement)
{
    for (size_t i = 0; i + 5 <= statement.len; i++)
        if (memcmp(statement.at + i, "/MCID", 5) == 0)
            return true;
    return false;
}

static void close_artifact(struct scan *scan)
{
    if (scan->in_artifact)
        strbuf_add_text(scan->out, "\nEMC\n");
    scan->in_artifact = false;
}

static void open_artifact(struct scan *scan)
{
    if (!scan->in_artifact)
        strbuf_add_text(scan->out, "\n/Artifact BMC\n");
    scan->in_artifact = true;
}

/* One statement: operands and operator. */
static bool pass(struct scan *scan, struct slice statement, struct slice word)
{
    static const char *const inks[] = { "BT", "m", "re", "Do", "sh", "BI" };
    static const char *const states[] = { "q", "Q" };
    bool is_bare = scan->depth == 0 && !scan->in_text;
    if (slice_is(word, "BDC") || slice_is(word, "BMC")) {
        if (is_bare && has_mcid(statement)) {
            close_artifact(scan);
            scan->contents_seen++;
        } else if (is_bare) {
            open_artifact(scan);
        } else {
            scan->empty_at = scan->out->len;
            scan->may_be_empty = true;
            strbuf_add(scan->out, statement);
            scan->depth++;
            return true;
        }
        scan->depth++;
    } else if (slice_is(word, "EMC") && scan->may_be_empty && scan->depth > 0) {
        /* Characters without ink (isolates, joiners): nothing is left to mark. */
        scan->out->len = scan->empty_at;
        scan->may_be_empty = false;
        scan->depth--;
        return true;
    } else if (slice_is(word, "EMC")) {
        if (scan->depth == 0)
            return error_set(scan->err, ERROR_CORRUPT, NULL,
                             "marked content ends that never began");
        scan->depth--;
    } else if (is_bare && is_one_of(word, inks, ARRAY_LEN(inks))) {
        open_artifact(scan);
    } else if (is_bare && is_one_of(word, states, ARRAY_LEN(states))) {
        close_artifact(scan);
    }
    scan->may_be_empty = false;
    if (slice_is(word, "BI"))
        return error_set(scan->err, ERROR_CORRUPT, NULL, "an inline image, which nobody drew");
    if (slice_is(word, "BT"))
        scan->in_text = true;
    if (slice_is(word, "ET"))
        scan->in_text = false;
    strbuf_add(scan->out, statement);
    return true;
}

bool content_wrap(struct slice content, unsigned contents_count, struct strbuf *out,
                  struct error *err)
{
    struct scan scan = { .content = content, .err = err, .out = out };
    size_t start = 0;
    for (;;) {
        struct slice word = next_operator(&scan);
        struct slice statement = slice_head(slice_from(content, start), scan.at - start);
        if (word.len == 0) {
            close_artifact(&scan);
            strbuf_add(out, statement);
            break;
        }
        if (!pass(&scan, statement, word))
            return false;
        start = scan.at;
    }
    if (scan.depth != 0 || scan.in_text || scan.contents_seen != contents_count)
        return error_set(err, ERROR_CORRUPT, NULL,
                         "a page has %u marked contents where %u were drawn", scan.contents_seen,
                         contents_count);
    return strbuf_ok(out, err);
}
