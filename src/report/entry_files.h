/* Entries of a ledger on disk by number, for verification and for bundles: read straight from the
 * entry bundles, without asking the tiles, so that whoever reads them judges for himself. */
#ifndef ATTEST_REPORT_ENTRY_FILES_H
#define ATTEST_REPORT_ENTRY_FILES_H
#include "ledger/rules.h"
#include "ledger/tile_reader.h"

struct entry_files {
    struct entry_source base; /* must be first */
    struct tile_reader *reader;
    struct bundle bundle; /* the one read last */
};

/* data_folder: of the store. size: of the ledger, as its checkpoint has it. */
MUST_USE struct entry_files *entry_files_new(const char *data_folder, uint64_t size,
                                             struct error *err);
void entry_files_free(struct entry_files *entries); /* NULL is fine */

#endif
