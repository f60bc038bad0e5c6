/* The text of a YAML file before and beside its grammar: which bytes may be in it, its lines, and
 * in words that help what libfyaml says of a fault. */
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
uint32_t yaml_lines(struct slice text);    /* line ends in it */
size_t yaml_indicators(struct slice text); /* characters in it that a token may begin with */
/* From a line and column (from 1) to the next space or flow indicator, at most 64 bytes: a tag as
 * it was written. Empty if there is nothing. */
struct slice yaml_word_at(struct slice text, uint32_t line, uint32_t column);
/* Puts a fault of grammar, as libfyaml names it, into words for people who do not know YAML's
 * grammar, and moves it to where it is. What is not known here stays as it is. */
void yaml_explain(struct slice text, struct yaml_complaint *complaint);

#endif
