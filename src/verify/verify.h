/* Verification of a report and of the ledger under it: from a bundle, offline, or from a data
 * directory. The same checks run on both.
 *
 * Nothing here trusts the one who hands the bundle over. What can be shown without him is shown
 * from the ledger's own tree and signature; what depends on something that only the reader can know
 * (which key is the right one, who signs, whether a newer ledger exists) is not made unless he
 * tells it. */
#ifndef ATTEST_VERIFY_VERIFY_H
#define ATTEST_VERIFY_VERIFY_H
#include "verify/contents.h"
#include "verify/verification.h"

/* Of the exceptions of a run, and of its reclassified items, a report lists so many at most: those
 * that the evaluation names first, then the others, both by key. How many more there are it says.
 */
enum { REPORT_ITEMS_LISTED_MAX = 1000 };

/* Where a ledger, its payloads and a report are found. */
struct verify_source {
    const struct entry_source *entries;
    /* state() tells whether a commitment is held (PAYLOAD_HELD) or not (anything else): what that
     * means follows from the level. */
    const struct payload_source *payloads;
    struct slice vkey; /* the log's verifier key, as the source names it */
    struct slice note; /* the signed checkpoint: signed by that key alone, one line */
    enum contents_level level;
    bool has_report;
    struct digest
        report; /* leaf of its entry. CONTENTS_ALL: every report of the ledger is checked */
    /* A copy of the report beside its payload (report.json, report.pdf, report.html), and whether
     * it is there. NULL: this source has no copies. */
    bool (*document)(const struct verify_source *source, const char *name, bool *is_there,
                     payload_take_fn *take, void *context, struct error *err);
    /* Whether the source holds nothing beyond a ledger of `size` entries and these contents: adds a
     * sentence to *faults for what is too much. NULL: nothing to compare. */
    bool (*compare)(const struct verify_source *source, uint64_t size,
                    const struct contents *contents, struct strbuf *faults, struct error *err);
    /* The key of a personal value, by its token. NULL: this source has no keys at all. */
    bool (*key)(const struct verify_source *source, const struct digest *token, uint8_t key[32],
                bool *is_found, struct error *err);
    /* Checks of its own, made before all others and set on the verification. NULL: none. */
    bool (*check)(const struct verify_source *source, struct verification *verification,
                  struct error *err);
    /* Called when the verifier is freed, and if it cannot be made. NULL: the source is the caller's
     * and must live as long as the verifier. */
    void (*release)(const struct verify_source *source);
};

struct verify_options {
    struct slice key;     /* --key: the verifier key that the reader pinned; empty: none */
    struct slice signers; /* --signers: an allowed_signers text; at NULL: none */
    struct slice known; /* --since: a checkpoint of this ledger that the reader kept; empty: none */
    const char *anchor; /* where `known` was read from if it is the ledger's anchor; else NULL */
    const struct verifier_key *peers; /* --peer: keys of houses whose packets were received */
    size_t peers_count;
};

struct verifier; /* layout: verify_private.h; keeps what was verified, for re-performance */

/* Runs all checks. What does not hold is in the verification, not an error.
 * Errors: the check could not be made at all (ERROR_IO, ERROR_NO_MEMORY; ERROR_USAGE for a key that
 * is none). NULL. */
MUST_USE struct verifier *verify_run(const struct verify_source *source,
                                     const struct verify_options *options, struct error *err);
/* The same for a bundle. A file that is no whole ZIP does not hold; a file that cannot be read is
 * an error. */
MUST_USE struct verifier *verify_file(const char *path, const struct verify_options *options,
                                      struct error *err);
/* A verification that could not begin: that check fails with what *said tells, all others are not
 * made. For sources that cannot be opened because they are damaged. */
MUST_USE struct verifier *verify_failed(const char *id, const char *meaning,
                                        const struct error *said, struct error *err);
void verifier_free(struct verifier *verifier); /* NULL is fine */

/* Lives as long as the verifier; more checks may be set on it. */
struct verification *verifier_verification(struct verifier *verifier);

/* ---- for those who perform the tests again ---- */
struct verified_payload {
    bool is_there; /* the entry has such a payload */
    struct digest c;
    uint64_t bytes;
    bool is_held; /* by the source, and equal to its commitment */
};
struct verified_segment {
    uint64_t n;
    struct digest leaf;
    struct slice of; /* population type */
    struct verified_payload payload, personal;
    uint64_t rows;
};
struct verified_run {
    uint64_t n;
    struct digest leaf;
    bool is_sample;
    uint64_t position;
    int64_t period_from_us, period_to_us; /* half open */
    struct slice engine;
    struct verified_payload matrix;
    uint64_t test_n;
    struct slice test_name; /* test/CM-02.T1 */
    uint64_t test_version;
    struct verified_payload test; /* its document */
    uint64_t population_n;
    struct digest population_leaf;
    struct slice population_of;
    uint64_t population_count;
    struct verified_payload population, items; /* its record; its keys */
    const struct verified_segment *segments;   /* all that the run read, in the ledger's order */
    size_t segments_count;
    const uint64_t *resources; /* entries of all resources it names, in the ledger's order */
    size_t resources_count;
};
/* The runs the report rests on (of a data directory: all), in the ledger's order. Only if the
 * verification holds (ERROR_FINDING otherwise). In the arena. */
MUST_USE bool verifier_runs(struct verifier *verifier, struct arena *arena,
                            const struct verified_run **runs, size_t *count, struct error *err);
/* Entries of the reports that were verified, in the ledger's order; they live as long as the
 * verifier. */
void verifier_reports(const struct verifier *verifier, const uint64_t **entries, size_t *count);
/* Whether an erasure names this commitment. */
bool verifier_is_erased(const struct verifier *verifier, const struct digest *c);
/* Keys of personal values. has_keys: for every value of the evidence, but for those that an erasure
 * names. */
bool verifier_has_keys(const struct verifier *verifier);
MUST_USE bool verifier_subject_key(const struct verifier *verifier, const struct digest *token,
                                   uint8_t key[32], bool *is_found, struct error *err);
/* Entries and payloads as verified; a payload that is not equal to its commitment is not held. */
const struct entry_source *verifier_entries(const struct verifier *verifier);
const struct payload_source *verifier_payloads(const struct verifier *verifier);

#endif
