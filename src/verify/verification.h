/* What a verification found: a list of checks, each holds, fails or is not made, with words.
 *
 * Ids are stable (contract.md). All checks are on the list from the start, not made; so what was
 * not reached is said aloud too. */
#ifndef ATTEST_VERIFY_VERIFICATION_H
#define ATTEST_VERIFY_VERIFICATION_H
#include "base/strbuf.h"

enum check_state { CHECK_NOT_MADE, CHECK_HOLDS, CHECK_FAILS };
/* "holds", "fails", "not-made" */
const char *check_state_name(enum check_state state);

struct check {
    const char *id;      /* static */
    const char *meaning; /* static: what holds if it holds */
    enum check_state state;
    char *detail; /* owned by the list; never NULL, may be empty */
};

struct verification; /* layout: verification.c */

/* With all checks that verify/ makes. NULL with ERROR_NO_MEMORY. */
MUST_USE struct verification *verification_new(struct error *err);
void verification_free(struct verification *verification); /* NULL is fine */

/* Sets the state of a check, adding it if its id is new (then `meaning` is taken; it may be NULL
 * for those that are there). A check that fails stays failed: later words are added to its own.
 * Words are cut at 2,000 bytes; control characters of foreign values are shown escaped. */
PRINTF_LIKE(6, 7)
MUST_USE bool check_set(struct verification *verification, const char *id, const char *meaning,
                        enum check_state state, struct error *err, const char *format, ...);
/* Gives all checks that were not set the same words: why they were not made. */
PRINTF_LIKE(3, 4)
MUST_USE bool checks_not_reached(struct verification *verification, struct error *err,
                                 const char *format, ...);

size_t verification_count(const struct verification *verification);
const struct check *verification_at(const struct verification *verification, size_t index);
const struct check *verification_find(const struct verification *verification, const char *id);
/* No check fails. */
bool verification_holds(const struct verification *verification);

/* {"ok": ..., "checks": [{"id", "state", "detail"}]} and a line feed. */
void verification_json(const struct verification *verification, struct strbuf *out);
/* For people: OK or FAILED and where, what is still proved, what was not checked. */
void verification_text(const struct verification *verification, struct strbuf *out);

/* Sentences for people that are not checks: title first ("Type 2 report 7c1e.."). More than 64 are
 * not kept. */
PRINTF_LIKE(3, 4)
MUST_USE bool verification_say(struct verification *verification, struct error *err,
                               const char *format, ...);
const char *verification_said(const struct verification *verification, size_t index); /* or NULL */

#endif
