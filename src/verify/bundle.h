/* A bundle (docs/bundle.md) as a source for verification. */
#ifndef ATTEST_VERIFY_BUNDLE_H
#define ATTEST_VERIFY_BUNDLE_H
#include "verify/verify.h"

#define BUNDLE_FORMAT "attest-bundle/1"
#define BUNDLE_NAME "bundle.json"
#define BUNDLE_CHECKPOINT "checkpoint"
#define BUNDLE_MODEL "report.json"
#define BUNDLE_KEYS "keys"        /* token and key of each personal value, sorted by token */
#define BUNDLE_LEDGER "ledger/"   /* then a tile's path, "tile/entries/000.p/38" */
#define BUNDLE_PAYLOAD "payload/" /* then a commitment in hex */
enum { BUNDLE_SALT_BYTES = 32 };  /* a payload's member begins with its salt */
enum { BUNDLE_KEY_BYTES = 64 };   /* of `keys`: token(32) || key(32) */

struct bundle_file; /* layout: bundle.c */

/* Errors: ERROR_FINDING (not a bundle: what does not fit), ERROR_NOT_FOUND, ERROR_INVALID,
 * ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE struct bundle_file *bundle_open(const char *path, struct error *err);
void bundle_close(struct bundle_file *bundle); /* NULL is fine */
const struct verify_source *bundle_source(const struct bundle_file *bundle);

/* The checkpoint of a bundle, or the file's own text if it is no ZIP: what a reader kept from
 * before. In the arena. Errors as bundle_open(). */
MUST_USE bool bundle_checkpoint(struct arena *arena, const char *path, struct slice *note,
                                struct error *err);

/* The text of bundle.json, for writers. */
MUST_USE bool bundle_describe(enum contents_level level, const struct digest *report,
                              struct slice vkey, struct strbuf *out, struct error *err);

/* The reverse: exactly such a text, and nothing else. *vkey is in the arena; whether it is a key at
 * all, the check of the signature says.
 * Errors: ERROR_FINDING (it is not of that form), ERROR_NO_MEMORY. */
MUST_USE bool bundle_description_read(struct arena *arena, struct slice text,
                                      enum contents_level *level, struct digest *report,
                                      struct slice *vkey, struct error *err);

#endif
