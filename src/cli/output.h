/* How answers are printed: value trees as JSON, YAML, CSV, or a table that fits the terminal. */
#ifndef ATTEST_CLI_OUTPUT_H
#define ATTEST_CLI_OUTPUT_H
#include "base/strbuf.h"
#include "cli/session.h"

/* A column of a table: the member it shows (dots go inward) and its head. */
struct column_spec {
    const char *path;
    const char *head;
};

/* Prints a tree, or writes it as a workbook to --out. For table, csv and xlsx `list` is an array of
 * objects and columns says what is shown (ended by a NULL path); json and yaml print `whole`
 * entirely. */
MUST_USE bool output_list(struct session *session, const struct value *whole,
                          const struct value *list, const struct column_spec *columns);
/* json or yaml as asked; table: yaml, as people write documents; csv and xlsx: a row for each field
 * that has no others in it, its path ("attributes[0].title") and its value. */
MUST_USE bool output_document(struct session *session, const struct value *document);
/* A decimal: a text, as programs read it (the contract's values), and a number where cells have
 * types. */
MUST_USE bool output_put_decimal(struct session *session, struct value *object, const char *name,
                                 struct slice digits);
/* Text as it is. */
MUST_USE bool output_text(struct session *session, struct slice text);
/* A CSV field (RFC 4180); a first character that a spreadsheet would take for a formula is
 * neutralised. */
void output_add_csv(struct strbuf *out, struct slice text);
/* Foreign text for a terminal: control characters and what turns the direction of writing are
 * shown, not obeyed. */
void output_add_visible(struct strbuf *out, struct slice text);
struct matrix_text;
/* A matrix, streamed: json an array, csv and table a row an item; only_deviations leaves out items
 * of which every attribute holds. */
MUST_USE bool items_write(struct session *session, struct matrix_text *matrix,
                          bool only_deviations);
/* To standard error: where: error: message, hint; as JSON under -o json. */
void output_error(enum format format, const struct error *err, bool is_warning);

#endif
