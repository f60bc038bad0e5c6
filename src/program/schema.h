/* JSON Schema, the subset that kinds are written in.
 *
 * Claimed of draft 2020-12, each with its full meaning:
 *   any instance  type, enum, const, and the schemas true and false
 *   numbers       minimum, maximum, exclusiveMinimum, exclusiveMaximum (exact, by decimal digits)
 *   text          minLength, maxLength (in code points), pattern
 *   arrays        items (one schema), minItems, maxItems, uniqueItems
 *   objects       properties, patternProperties, additionalProperties, propertyNames, required,
 *                 minProperties, maxProperties
 *   annotations   title, description, default, examples, deprecated, $schema, $comment, and every
 *                 keyword that begins with x-
 * and `format`, which is checked for date, date-time (with an offset) and timezone (an IANA name;
 * our own). `pattern` takes what ECMA-262 and POSIX extended expressions have in common; escapes of
 * classes (\d), look-around and back references are refused. A schema with any other keyword, or
 * another format, is refused when it is read: what is not understood is never passed over. */
#ifndef ATTEST_PROGRAM_SCHEMA_H
#define ATTEST_PROGRAM_SCHEMA_H
#include "base/value.h"

struct schema; /* layout: schema_internal.h; immutable once read */

/* Compiles a schema; it borrows from the document, which must live as long.
 * Errors: ERROR_INVALID (names the keyword and its place), ERROR_NO_MEMORY; NULL. */
MUST_USE struct schema *schema_new(const struct value *document, struct error *err);
void schema_free(struct schema *schema); /* NULL is fine */

/* Names and place for the findings of one document. */
struct schema_subject {
    const char *file;  /* "controls.yaml": findings are at file:line:column */
    const char *label; /* "Control LA-03": begins each message; may be "" */
    const char *help;  /* "Control": hints end "see attest explain Control.frequency"; NULL: none */
};
/* Every breach becomes a finding: where, which field (spec.period.from, items[2].class), what was
 * expected, and a close name for what looks like a slip. True if there is none. *err only for
 * ERROR_NO_MEMORY (false). */
MUST_USE bool schema_validate(const struct schema *schema, const struct value *instance,
                              const struct schema_subject *subject, struct findings *findings,
                              struct error *err);

/* A copy for rules that look at several fields of an instance with breaches: null stands for each
 * value that is wrong by itself, and for a field whose name is misspelt. NULL: ERROR_NO_MEMORY. */
MUST_USE struct value *schema_sound(struct arena *arena, const struct schema *schema,
                                    const struct value *instance, struct error *err);

/* YAML reads `title: 1.10` as a number, `title: NO` in old tools as false. Where the schema wants
 * text, an unquoted scalar becomes the text as written; where it says nothing about the type, it
 * does so if the number would lose its spelling (012, 1.10). Changes the tree. null stays null. */
void schema_settle_text(const struct schema *schema, struct value *instance);

/* The schema of a field, by dotted path through properties and items ("subservice.csocs.text");
 * NULL if there is none. `node` gets the schema's document. */
const struct schema *schema_field(const struct schema *schema, struct slice path);
const struct value *schema_node(const struct schema *schema);
/* The schema of a list's entries, or of a map's values (additionalProperties); NULL if there is
 * none. */
const struct schema *schema_items(const struct schema *schema);
const struct schema *schema_values(const struct schema *schema);
/* Names of the properties an object schema declares, in order; NULL beyond the last. */
const char *schema_property(const struct schema *schema, size_t index);

#endif
