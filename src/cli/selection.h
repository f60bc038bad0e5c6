/* The options by which lists are narrowed: the same four wherever there are controls or criteria.
 */
#ifndef ATTEST_CLI_SELECTION_H
#define ATTEST_CLI_SELECTION_H
#include "cli/session.h"
#include "program/selection.h"

/* For the options of a verb that calls session_selector(). */
#define OPTIONS_SELECTION                                                                          \
    { "--layer", "LAYER", "only of Facilities, IaaS, PaaS, SaaS or Organization" },                \
        { "--principle", "P", "only of security, availability, processing-integrity, ..." },       \
        { "--sheet-category", "LETTER",                                                            \
          "only of a category of 2014: a to g, as ENISA lists them" },                             \
    {                                                                                              \
        "--party", "PARTY", "own (nobody else's), user, subservice, or vendor/ID"                  \
    }
#define USAGE_SELECTION "[--layer L] [--principle P] [--sheet-category a..g] [--party PARTY]"
#define DETAILS_SELECTION                                                                          \
    "A control says its layers itself; its principles and categories are those of its criteria,\n" \
    "the common criteria counting as security. A party has a part where a ComplementaryControl\n"  \
    "or an engagement says so."

/* What the options ask for; *selector is NULL if nothing is. The store must be open.
 * Errors: ERROR_USAGE (a word that is none, with a near one), ERROR_NOT_FOUND (no such vendor). */
MUST_USE bool session_selector(struct session *session, uint64_t size, struct selector **selector);
/* Leaves in a list only the objects whose member names a resource that is selected. */
MUST_USE bool session_select(struct session *session, const struct selector *selector,
                             struct value *list, const char *member);

#endif
