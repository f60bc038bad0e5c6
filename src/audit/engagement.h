/* An engagement as tests, evaluations and reports need it. */
#ifndef ATTEST_AUDIT_ENGAGEMENT_H
#define ATTEST_AUDIT_ENGAGEMENT_H
#include "base/time.h"
#include "base/value.h"
#include "program/catalogue.h"
#include "store/store.h"

struct engagement {
    struct slice name; /* engagement/soc2-2026 */
    struct slice id;
    struct resource_version version;
    const struct value *document;
    struct zone *zone; /* of its days; owned: engagement_free() */
    struct slice zone_name;
    bool is_type_2;
    struct period period; /* type 2; for type 1 the one day it is as of */
};

/* name: engagement/ID or ID. ERROR_NOT_FOUND; ERROR_INVALID if it has neither period nor date. */
MUST_USE bool engagement_read(struct store *store, struct arena *arena, struct slice name,
                              uint64_t size, struct engagement *engagement, struct error *err);
void engagement_free(struct engagement *engagement);
/* Whether a person belongs to the auditor's team: auditors, partner or quality reviewer. */
bool engagement_has_auditor(const struct engagement *engagement, struct slice person);
/* Whether a criterion is of the categories that an Engagement chose, and not left out. NULL: of
 * those that every choice has. */
bool engagement_asks(const struct value *document, const struct criterion *criterion);

#endif
