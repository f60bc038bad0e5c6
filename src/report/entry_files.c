#include "report/entry_files.h"

#include <stdlib.h>

static uint64_t entries_size(const struct entry_source *source)
{
    return tile_reader_size(((const struct entry_files *)source)->reader);
}

static bool entries_entry(const struct entry_source *source, uint64_t n, struct slice *bytes,
                          struct error *err)
{
    /* The source lies in an object of ours, which is not const. */
    struct entry_files *entries = (struct entry_files *)(uintptr_t)source;
    struct bundle *bundle = &entries->bundle;
    uint64_t index = n / TILE_WIDTH;
    if (n >= entries_size(source))
        return error_set(err, ERROR_CORRUPT, NULL, "the ledger has no entry #%llu",
                         (unsigned long long)n);
    if ((bundle->width == 0 || bundle->index != index) &&
        !bundle_read(entries->reader, index, bundle, err))
        return false;
    *bytes = bundle->entries[n % TILE_WIDTH];
    return true;
}

struct entry_files *entry_files_new(const char *data_folder, uint64_t size, struct error *err)
{
    char folder[LEDGER_PATH_MAX];
    struct entry_files *entries = calloc(1, sizeof *entries);
    if (!entries) {
        error_no_memory(err, sizeof *entries);
        return NULL;
    }
    entries->base = (struct entry_source){ entries_size, entries_entry };
    ledger_path(folder, data_folder, "ledger/public");
    entries->reader = tile_reader_new(folder, err);
    if (!entries->reader) {
        entry_files_free(entries);
        return NULL;
    }
    tile_reader_resize(entries->reader, size);
    return entries;
}

void entry_files_free(struct entry_files *entries)
{
    if (!entries)
        return;
    bundle_free(&entries->bundle);
    tile_reader_free(entries->reader);
    free(entries);
}
