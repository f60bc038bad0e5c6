/* Erasures of personal values as a ledger tells them: what became of a token, for people. */
#ifndef ATTEST_REPORT_ERASURES_H
#define ATTEST_REPORT_ERASURES_H
#include "verify/verify.h"

struct erasure_told {
    uint64_t n;
    struct slice at, by, rule; /* canonical time; plain name, or as the ledger shows it */
    struct digest token;       /* of the subject */
};
struct erasures {
    struct erasure_told *items; /* those with a subject, in the ledger's order */
    size_t count;
};
/* In the arena. */
MUST_USE bool erasures_read(struct verifier *verifier, struct arena *arena,
                            struct erasures *erasures, struct error *err);
/* NULL: no erasure names it. */
const struct erasure_told *erasures_find(const struct erasures *erasures,
                                         const struct digest *token);
/* "erased under RULE by person/dana on 2026-11-25" */
void erasure_say(const struct erasure_told *erasure, struct strbuf *out);

#endif
