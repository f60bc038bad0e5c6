/* Which items of a frozen population are a sample: redone by anyone from the revealed seed. */
#ifndef ATTEST_LEDGER_SELECTION_H
#define ATTEST_LEDGER_SELECTION_H
#include "base/digest.h"

/* SHA-256(seed || 00 || population leaf hash || 00 || item); item is the canonical JSON array of a
 * key, without line feed. A sample of n is the n items of least rank, ties by the item's bytes. */
struct digest selection_rank(struct slice seed, const struct digest *population, struct slice item);

#endif
