/* What the checks of documents share: saying at which place of which document something is wrong.
 */
#ifndef ATTEST_PROGRAM_DOCUMENTS_INTERNAL_H
#define ATTEST_PROGRAM_DOCUMENTS_INTERNAL_H
#include "program/documents.h"

/* Where a value stands, and the path to it: "attributes[0].id". */
struct place {
    const struct value *at; /* NULL: the document itself */
    const char *field;      /* may be "" */
};

/* Adds "file:line:column: Control LA-03: field: message"; hint may be "". */
PRINTF_LIKE(6, 7)
void document_error(struct findings *findings, const struct document *document, struct place place,
                    enum error_code code, const char *hint, const char *format, ...);
PRINTF_LIKE(5, 6)
void document_warning(struct findings *findings, const struct document *document,
                      struct place place, const char *hint, const char *format, ...);

/* checks.c: rules of single kinds that need more than one field. Also of a faulty document: of what
 * is told already (`sound`) nothing more is said. */
void document_check(const struct document *document, struct findings *findings);

#endif
