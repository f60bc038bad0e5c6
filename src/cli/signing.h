/* The acting person's key: of a file, or held by an ssh-agent. */
#ifndef ATTEST_CLI_SIGNING_H
#define ATTEST_CLI_SIGNING_H
#include "cli/session.h"

/* After acting_find(): what is written is signed if a key is named (--sign-key, ATTEST_SIGN_KEY),
 * or if the person has one, which the agent at SSH_AUTH_SOCK must then hold. */
MUST_USE bool session_sign(struct session *session);
/* Forgets the key. */
void session_sign_end(struct session *session);

#endif
