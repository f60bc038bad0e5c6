/* The text of a YAML file before and beside its grammar: which bytes may be in it, its lines, and
 * in words that help what the library says of a fault. */
#ifndef ATTEST_BASE_YAML_TEXT_H
#define ATTEST_BASE_YAML_TEXT_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct yaml_complaint {
    const char *message;
    const char *hint;      /* may be NULL */
    uint32_t line, column; /* from 1 */
};

/* False if the text is not UTF-8 or holds a character that YAML 1.2 (5.1) does not let stand raw,
 * or a byte order mark anywhere but at the start, where nobody would see it. */
MUST_USE bool yaml_sound(struct slice text, struct yaml_complaint *complaint);
/* Without byte order mark, and CRLF and CR as LF: the same text if there are none, else in the
 * arena. */
MUST_USE bool yaml_plain_lines(struct arena *arena, struct slice text, struct slice *plain,
                               struct error *err);
/* The offset of the first line that begins a document (---), at or after `line` (from 1), but not
 * the first line. False if there is none. */
bool yaml_next_document(struct slice text, uint32_t line, size_t *at);
uint32_t yaml_lines(struct slice text); /* line ends in it */
/* A place in a text that only moves forward: to find many in order takes one pass. */
struct yaml_cursor {
    size_t at;
    uint32_t line; /* from 1 */
};
/* The text from a line and column (from 1) on; empty if there is no such place. */
struct slice yaml_text_from(struct slice text, struct yaml_cursor *cursor, uint32_t line,
                            uint32_t column);
size_t yaml_indent(struct slice line); /* spaces at its start; SIZE_MAX for an empty line */
/* Puts a fault of grammar into words for people who do not know YAML's grammar, and moves it to
 * where it is. The complaint holds libyaml's words and place; context is what it was doing, where
 * that began. What is not known here stays as it is. */
void yaml_explain(struct slice text, const char *context, uint32_t context_line,
                  uint32_t context_column, struct yaml_complaint *complaint);

#endif
