/* Who acts: the person in whose name a command writes. */
#ifndef ATTEST_PROGRAM_ACTING_H
#define ATTEST_PROGRAM_ACTING_H
#include "ledger/signature.h"
#include "program/kinds.h"
#include "store/store.h"

struct acting_key {
    uint8_t public_key[32];
    struct slice from, to; /* as written, may be empty */
    bool is_valid;         /* now */
};
struct acting {
    struct actor actor;           /* for the store; signs once acting_sign() was called */
    struct slice person;          /* person/ID */
    const struct value *document; /* the Person as it is now */
    struct acting_key *keys;      /* the document's, but for lines that are no Ed25519 key */
    size_t keys_count;
};
/* Finds who acts: `wanted` is person/ID (--as, ATTEST_AS), or empty for the only person there is.
 * The side is the Person's `side`, management if it says nothing. Whoever ever had a key (in any
 * version of the Person) has actor.needs_key set: then the store takes only what is signed.
 * Errors: ERROR_USAGE (several people and none named; lists them), ERROR_NOT_FOUND (near name). */
MUST_USE bool acting_find(struct store *store, const struct catalogue *catalogue,
                          struct arena *arena, struct slice wanted, int64_t now_us,
                          struct acting *acting, struct error *err);
/* From now on actor.sign signs with this key, which is borrowed: one of the person's `keys` that is
 * valid now. ERROR_REFUSED for any other; names the key (as ssh-keygen -l does), when it is valid
 * and what to do. `where` says where the key comes from, for that message; may be NULL. */
MUST_USE bool acting_sign(struct acting *acting, struct person_signer *key, const char *where,
                          struct error *err);
/* ERROR_REFUSED as above if the person needs a key and none is valid now. */
MUST_USE bool acting_can_sign(const struct acting *acting, struct error *err);

/* What the versions of a person say, also of one that was removed. */
struct person_past {
    const struct value *last; /* the last version that is no removal; NULL: there never was one */
    bool had_key;             /* in any version */
};
MUST_USE bool person_past_read(struct store *store, struct arena *arena, struct slice person,
                               uint64_t size, struct person_past *past, struct error *err);
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
