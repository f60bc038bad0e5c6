/* Who may write what and who may read it: catalog/access.yaml, which has one entry for each kind.
 *
 * This is the wall between management and the service auditor (docs/decisions/the-wall.md). The
 * store asks it (store/guard.h), whoever writes; plans ask it before, to tell the file and the
 * line. Source of the rules: the nine of docs/access.md. */
#ifndef ATTEST_PROGRAM_ACCESS_H
#define ATTEST_PROGRAM_ACCESS_H
#include "base/strbuf.h"
#include "base/value.h"
#include "store/store.h"

struct kind;

enum party { PARTY_MANAGEMENT = 1, PARTY_AUDITOR = 2, PARTY_SYSTEM = 4 };
/* management, auditor, system; 0: none of them */
unsigned party_of_word(struct slice word);

/* What must be so besides side and roles. */
enum access_when {
    WHEN_ALWAYS,
    WHEN_FIRST,    /* nobody is in this directory yet */
    WHEN_BUILT_IN, /* the document is the catalogue's own */
    WHEN_UNKEYED,  /* neither this person nor one who keeps the auditor's side ever had a key */
};
struct access_grant {
    unsigned side; /* enum party */
    unsigned of;   /* side on which the document (a Person) stands; 0: any */
    bool is_self;  /* the document is the acting person's own */
    enum access_when when;
    const struct value *roles;  /* one of these is needed; NULL: none */
    const struct value *fields; /* top-level fields it is for; NULL: all */
};
/* What access.yaml says of one kind. */
struct access {
    unsigned rule;          /* 1 to 9: the one that a refusal names */
    const char *rule_words; /* "sections have owners" */
    struct access_grant *write;
    size_t write_count;
    unsigned writers;        /* sides that have a grant to write */
    const struct value *own; /* fields that only the person whom they name writes; may be NULL */
    bool is_signed;          /* versions are signed with the writer's own key */
};

/* A version about to be written. */
struct access_write {
    const struct actor *actor;
    const struct kind *kind;
    struct slice name;          /* person/ann */
    const struct value *before; /* the last version; NULL: none, or removed */
    const struct value *after;  /* NULL: a removal */
};
struct catalogue;
/* Whether the table allows it, as the store is at `size`. Who acts is looked up there: of what
 * `actor` says only the name counts, and whether it signs; that a person who has a key signs, the
 * store sees to (struct actor.needs_key).
 * Errors: ERROR_REFUSED, naming the rule, the field and who may; others of the store. */
MUST_USE bool access_may_write(struct store *store, const struct catalogue *catalogue,
                               uint64_t size, const struct access_write *write, struct error *err);

/* A grant in words: "auditor (partner, administrator): auditors, partner". */
void access_grant_write(const struct access_grant *grant, struct strbuf *out);

#endif
