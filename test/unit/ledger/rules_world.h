/* The small ledger of entries.json, whole or with a fault, as sources for the rules. */
#ifndef ATTEST_TEST_UNIT_LEDGER_RULES_WORLD_H
#define ATTEST_TEST_UNIT_LEDGER_RULES_WORLD_H
#include "ledger/ledger_vectors.h"
#include "ledger/rules.h"

/* A payload as it lies on disk. */
struct held {
    struct digest c;
    struct slice salt, bytes;
};

struct memory_payloads {
    struct payload_source source;
    struct held items[256];
    size_t count;
    enum payload_state otherwise; /* what is said of all others */
};

struct memory_entries {
    struct entry_source source;
    struct slice items[512];
    size_t count;
};

struct sample_ledger {
    const struct value *file;
    struct verifier_key peer;
    struct memory_payloads payloads;
    struct memory_entries entries;
    struct rules_sources sources;
};

/* Empty sources. How payloads are given: whole (0), or hashed and streamed in pieces of
 * `chunk` bytes. */
void sample_sources(struct sample_ledger *ledger, size_t chunk);
/* The same, and the file read. */
void sample_read(struct world *w, struct sample_ledger *ledger, size_t chunk);
/* The good ledger: its first `size` entries, and the payloads on disk after all erasures. */
void sample_good(struct world *w, struct sample_ledger *ledger, size_t size);
/* A faulty one of the file. */
void sample_faulty(struct world *w, struct sample_ledger *ledger, const struct value *fault);
/* Payloads put on disk, or taken off. */
void sample_put(struct world *w, struct sample_ledger *ledger, const struct value *opened);
void sample_put_destroyed(struct world *w, struct sample_ledger *ledger, const struct value *cs);
void sample_drop(struct sample_ledger *ledger, const struct digest *c);

/* All rules, entries first. True: right. */
bool sample_check(struct sample_ledger *ledger, struct payload_counts *counts, struct fault *fault,
                  struct error *err);

#endif
