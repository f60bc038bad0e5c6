/* A readiness report over one run that somebody signs who writes the whole ledger himself, and what
 * he alters before. */
#ifndef ATTEST_TEST_UNIT_VERIFY_EXCEPTIONS_WORLD_H
#define ATTEST_TEST_UNIT_VERIFY_EXCEPTIONS_WORLD_H
#include "verify/bundle_world.h"

/* A population, its run, what was evaluated and printed. Documents are JSON with ' for "; the
 * model has POP, RUN, ITEMS, DIGEST, SIZE, ROOT and KEY for what is known only then. */
struct told {
    const char *items; /* keys, each followed by LF */
    const char *rows;  /* of the matrix, without its header */
    unsigned items_count, deviations;
    const char *evaluation, *model;
};
/* Texts that stand once in the model and the evaluation, with what is put in their place. */
struct altered {
    const char *find, *put;
    const char *find_judged, *put_judged;
    const char *second;  /* a further evaluation of the run; NULL: none */
    bool is_unevaluated; /* nothing was evaluated */
    const char *beside;  /* an evaluation on which the report does not rest; NULL: none */
};
struct bundle_world *told_issue(struct world *w, const struct told *told,
                                const struct altered *altered, enum contents_level level);

#endif
