/* C2SP tlog-witness: the body of add-checkpoint, and what a correct witness answers. */
#ifndef ATTEST_LEDGER_WITNESS_H
#define ATTEST_LEDGER_WITNESS_H
#include "ledger/merkle.h"
#include "ledger/note.h"

/* POST <prefix>/add-checkpoint: "old <size>", the consistency hashes, an empty line, the note. */
struct witness_request {
    uint64_t old;
    struct proof proof;
    struct slice note; /* borrows */
};
void witness_request_format(uint64_t old, const struct proof *proof, struct slice note,
                            struct strbuf *out);
MUST_USE bool witness_request_parse(struct slice body, struct witness_request *request,
                                    struct error *err);

enum witness_status {
    WITNESS_COSIGNED = 200,
    WITNESS_BAD_REQUEST = 400, /* not the form, or the old size above the new one */
    WITNESS_BAD_SIGNATURE = 403,
    WITNESS_UNKNOWN_ORIGIN = 404,
    WITNESS_CONFLICT = 409,  /* old is not the size last cosigned: the body tells that size */
    WITNESS_BAD_PROOF = 422, /* a fork: proof or root wrong */
};
/* What a witness must answer that last cosigned the tree of `size` and `root` of the log `key`
 * (size 0, empty root: nothing yet). On WITNESS_COSIGNED *checkpoint is what it cosigns; it borrows
 * from the body. */
enum witness_status witness_judge(struct slice body, const struct verifier_key *key, uint64_t size,
                                  const struct digest *root, struct checkpoint *checkpoint);
/* Hex SHA-256 of the origin and "/checkpoint": where a witness shows what it last cosigned. */
void witness_monitor_path(struct slice origin, struct strbuf *out);

#endif
