/* OpenSSH signatures (SSHSIG): namespace attest, sha512. */
#ifndef ATTEST_LEDGER_SSHSIG_H
#define ATTEST_LEDGER_SSHSIG_H
#include "ledger/signature.h"

/* The bytes that `ssh-keygen -Y sign -n attest` would put between its armour lines, in base64.
 * Errors: those of the key; ERROR_NO_MEMORY. */
MUST_USE bool sshsig_make(const struct person_signer *key, struct slice message, struct strbuf *out,
                          struct error *err);

#endif
