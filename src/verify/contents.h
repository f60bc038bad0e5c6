/* What a bundle of a report must hold, no more and no less: worked out from the ledger alone, by
 * the one who writes the bundle and again by the one who verifies it. docs/bundle.md has the rules.
 */
#ifndef ATTEST_VERIFY_CONTENTS_H
#define ATTEST_VERIFY_CONTENTS_H
#include "ledger/rules.h"

enum contents_level {
    CONTENTS_REPORT,   /* what was decided and concluded, without evidence */
    CONTENTS_SEALED,   /* with the records, personal values sealed and without their keys */
    CONTENTS_EVIDENCE, /* all that the report rests on, and the keys of personal values */
    CONTENTS_ALL,      /* a data directory: every payload of every entry */
};
/* "report", "evidence-sealed", "evidence" */
const char *contents_level_name(enum contents_level level);
MUST_USE bool contents_level_parse(struct slice name, enum contents_level *level);

/* The forms of a report that are appended as blobs right behind its entry. */
enum contents_document { DOCUMENT_PDF, DOCUMENT_HTML, DOCUMENTS_COUNT };
struct document_form {
    const char *media;  /* of the blob: application/pdf, text/html */
    const char *member; /* of the bundle: report.pdf, report.html */
};
extern const struct document_form document_forms[DOCUMENTS_COUNT];

/* A commitment that must be held. */
struct contents_item {
    struct digest c;
    uint64_t bytes; /* of the payload; of a name UINT64_MAX: the ledger does not tell */
    uint64_t n;     /* the last entry that holds it */
    bool is_name;
    bool is_erased; /* an erasure names it: then it must not be held */
};

struct contents_of {
    const struct entry_source *entries;
    const struct payload_source *payloads; /* asked for the lists of `more` */
    uint64_t size;                         /* of the ledger; entries beyond are not looked at */
    const struct digest *leaves;           /* of all entries below size */
    enum contents_level level;
    uint64_t report; /* index of the report's entry; not used for CONTENTS_ALL */
};

struct contents; /* layout: contents.c */

/* One pass over the entries, from the last to the first.
 * Errors: ERROR_FINDING (an entry that cannot be read, a `more` that is not held), ERROR_NO_MEMORY,
 *         and what the sources say. */
MUST_USE struct contents *contents_new(const struct contents_of *of, struct error *err);
void contents_free(struct contents *contents); /* NULL is fine */

/* Sorted by commitment. */
size_t contents_count(const struct contents *contents);
const struct contents_item *contents_at(const struct contents *contents, size_t index);
const struct contents_item *contents_find(const struct contents *contents, const struct digest *c);
/* Whether the report rests on entry n (it does on itself). CONTENTS_ALL: always. */
bool contents_rests_on(const struct contents *contents, uint64_t n);
/* Whether an erasure names this subject, by its token: then no key of it may be held. */
bool contents_subject_is_erased(const struct contents *contents, const struct digest *token);
/* Erasures in the ledger. */
uint64_t contents_erasures_count(const struct contents *contents);
/* The blob of a form; false if the ledger holds none. */
MUST_USE bool contents_document(const struct contents *contents, enum contents_document document,
                                struct contents_item *item);
/* Position of an entry by its leaf. */
MUST_USE bool contents_find_leaf(const struct contents *contents, const struct digest *leaf,
                                 uint64_t *n);

#endif
