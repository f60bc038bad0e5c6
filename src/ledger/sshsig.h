/* OpenSSH signatures (SSHSIG): namespace attest, sha512. */
#ifndef ATTEST_LEDGER_SSHSIG_H
#define ATTEST_LEDGER_SSHSIG_H
#include "base/strbuf.h"

/* The bytes that `ssh-keygen -Y sign -n attest` would put between its armour lines, in base64. */
void sshsig_make(const uint8_t seed[32], struct slice message, struct strbuf *out);

#endif
