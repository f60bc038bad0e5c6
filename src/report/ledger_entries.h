/* Entries of a ledger on disk by number, for verification and for bundles: read straight from the
 * entry bundles, without asking the tiles, so that whoever reads them judges for himself. */
#ifndef ATTEST_REPORT_LEDGER_ENTRIES_H
#define ATTEST_REPORT_LEDGER_ENTRIES_H
#include "ledger/rules.h"
#include "ledger/tile_reader.h"

struct ledger_entries {
    struct entry_source base; /* must be first */
    struct tile_reader *reader;
    struct bundle bundle; /* the one read last */
};

/* data_folder: of the store. size: of the ledger, as its checkpoint has it. */
MUST_USE struct ledger_entries *ledger_entries_new(const char *data_folder, uint64_t size,
                                                   struct error *err);
void ledger_entries_free(struct ledger_entries *entries); /* NULL is fine */

#endif
