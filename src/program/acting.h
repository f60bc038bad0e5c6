/* Who acts: the person in whose name a command writes. */
#ifndef ATTEST_PROGRAM_ACTING_H
#define ATTEST_PROGRAM_ACTING_H
#include "program/kinds.h"
#include "store/store.h"

struct acting {
    struct actor actor;           /* for the store; sign is NULL until the caller sets it */
    struct slice person;          /* person/ID */
    const struct value *document; /* the Person as it is now */
    /* The person has a public key that is valid now: the caller must sign (set actor.sign), or
     * refuse. The keys are those of document.keys. */
    bool needs_key;
    int64_t now_us; /* that decides */
};
/* Finds who acts: `wanted` is person/ID (--as, ATTEST_AS), or empty for the only person there is.
 * The side is the Person's `side`, management if it says nothing. now_us decides which keys are
 * valid. Errors: ERROR_USAGE (several people and none named; lists them), ERROR_NOT_FOUND (near
 * name). */
MUST_USE bool acting_find(struct store *store, const struct catalogue *catalogue,
                          struct arena *arena, struct slice wanted, int64_t now_us,
                          struct acting *acting, struct error *err);
/* Whether the person's key of that place in `keys` is valid now. */
bool acting_key_is_valid(const struct acting *acting, size_t at);
/* The program itself: program/attest, side system. */
struct actor actor_program(void);

/* An id made of an operating system's user name: what an id may not hold becomes '-'. */
MUST_USE bool person_id_of_user(struct arena *arena, struct slice user, struct slice *id,
                                struct error *err);
/* init: writes person/ID (`person` as such or as the id alone), an administrator on management's
 * side, in one commit as program/attest. ERROR_INVALID if there is a person already or the id is
 * not one. */
MUST_USE bool first_person_write(struct store *store, const struct catalogue *catalogue,
                                 struct slice person, struct slice name, struct error *err);

#endif
