/* Keys that an ssh-agent holds (draft-miller-ssh-agent): which they are, and signatures with them.
 * A key with a passphrase, or one that never leaves another machine, signs this way. */
#ifndef ATTEST_LEDGER_SSH_AGENT_H
#define ATTEST_LEDGER_SSH_AGENT_H
#include "base/arena.h"
#include "ledger/signature.h"

struct ssh_agent; /* layout: ssh_agent.c */

/* Connects to the agent's Unix socket (SSH_AUTH_SOCK).
 * Owner:  the caller; release with ssh_agent_close().
 * Errors: ERROR_REFUSED if nobody listens there; returns NULL. */
MUST_USE struct ssh_agent *ssh_agent_open(struct arena *arena, const char *path, struct error *err);
void ssh_agent_close(struct ssh_agent *agent); /* NULL is fine */

/* Whether the agent holds this Ed25519 key. A locked agent says that it holds none.
 * Errors: ERROR_REFUSED: no answer in time, or one that is not the protocol's. */
MUST_USE bool ssh_agent_holds(struct ssh_agent *agent, const uint8_t public_key[32], bool *is_held,
                              struct error *err);
/* The key as one to sign with; the agent is borrowed. Signing fails with ERROR_REFUSED if the agent
 * will not (somebody said no when it asked), or gives a signature that does not verify. */
struct person_signer ssh_agent_signer(struct ssh_agent *agent, const uint8_t public_key[32]);

/* ---- the agent's answers, without their length: foreign bytes ---- */

/* Whether a list of identities holds the key. Errors: ERROR_INVALID. */
MUST_USE bool ssh_agent_identities_read(struct slice answer, const uint8_t public_key[32],
                                        bool *is_held, struct error *err);
/* The Ed25519 signature of an answer to a request to sign.
 * Errors: ERROR_REFUSED if the answer is a refusal, else ERROR_INVALID. */
MUST_USE bool ssh_agent_signature_read(struct slice answer, uint8_t signature[64],
                                       struct error *err);

#endif
