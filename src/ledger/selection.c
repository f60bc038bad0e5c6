#include "ledger/selection.h"

struct digest selection_rank(struct slice seed, const struct digest *population, struct slice item)
{
    struct sha256 hash;
    struct digest rank;
    sha256_start(&hash);
    sha256_add(&hash, seed);
    sha256_add(&hash, SLICE("\0"));
    sha256_add(&hash, slice_bytes(population->bytes, sizeof population->bytes));
    sha256_add(&hash, SLICE("\0"));
    sha256_add(&hash, item);
    sha256_finish(&hash, &rank);
    return rank;
}
