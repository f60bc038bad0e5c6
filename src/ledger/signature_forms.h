/* Private to the ledger: the forms of `sig`, each a key and a value that must hold for a message.
 */
#ifndef ATTEST_LEDGER_SIGNATURE_FORMS_H
#define ATTEST_LEDGER_SIGNATURE_FORMS_H
#include "base/value.h"
#include "ledger/note.h"

/* Return NULL if the signature verifies, else why not; static text. *err is set, and something
 * returned, when that cannot be told (no memory). */
const char *sshsig_fault(struct arena *arena, struct slice key, const struct value *signature,
                         struct slice message, struct error *err);
const char *webauthn_fault(struct arena *arena, struct slice key, const struct value *signature,
                           struct slice message, struct error *err);

/* Base64 of a text value, decoded into the arena; false if it is none, or memory ran out. */
MUST_USE bool base64_value(struct arena *arena, const struct value *value, struct slice *bytes,
                           struct error *err);

#endif
