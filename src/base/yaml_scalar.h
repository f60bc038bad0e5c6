/* What a YAML scalar without quotes means: one opinion for the reader and the writer. */
#ifndef ATTEST_BASE_YAML_SCALAR_H
#define ATTEST_BASE_YAML_SCALAR_H
#include "base/value.h"

/* VALUE_NULL, VALUE_BOOL (*boolean is set), VALUE_NUMBER or VALUE_STRING, by the core schema of
 * YAML 1.2 (10.3.2) with one limit: what JSON would not take as a number (012, +1, .5, 0x1F, .inf,
 * 1e400) is text, since the tree is stored as JSON and no number may change by being read. */
enum value_type yaml_plain_type(struct slice text, bool *boolean);
/* A character that is written as an escape: it cannot stand in YAML as it is, is not seen, or turns
 * the direction of the text around it. */
bool yaml_is_hidden(uint32_t code_point);
/* True if the text, written without quotes in block style, is read as this very text: by this
 * reader, and also by those of YAML 1.1, to whom NO, on, 1:30 and 2023-01-01 are no text. */
bool yaml_plain_is_safe(struct slice text);

#endif
