/* Private to the rules: what is remembered of the entries so far, and the entry being judged. */
#ifndef ATTEST_LEDGER_RULES_STATE_H
#define ATTEST_LEDGER_RULES_STATE_H
#include "ledger/digest_list.h"
#include "ledger/rules.h"

enum resource_kind { RESOURCE_OTHER, RESOURCE_TEST, RESOURCE_ASSERTION, RESOURCE_KINDS_COUNT };

/* An engagement's position in rules.engagements, plus one. */
enum { ENGAGEMENT_NONE = 0 };
#define ENGAGEMENT_UNKNOWN UINT32_MAX /* the runs below stand in a `more` that is not held */

/* Every entry, as far as later ones can ask. */
struct seen {
    int64_t at_us;
    uint32_t engagement; /* of a run, and of an auditor's steps that rest on runs */
    uint32_t part;       /* by type: position in versions or details, or the segment withdrawn */
    uint8_t type, side, kind; /* enum entry_type, entry_side, resource_kind */
    bool is_spent;            /* a segment withdrawn, a seed revealed */
};

/* A version of a named thing; its name stands in rules.version_names. */
struct version {
    uint64_t number;
    uint32_t n;
};

/* More about populations, seed commitments and reveals. */
struct detail {
    int64_t from_us, to_us; /* population */
    struct digest c;        /* population: its items; seed.commit: the seed; seed.reveal: the seed
                             * itself, in clear */
    size_t inputs_at;       /* in rules.inputs: indices of all its inputs */
    size_t inputs_count;
    bool is_partial; /* further inputs are not known */
};

struct rules {
    struct rules_sources sources;
    struct arena *arena;   /* for the entry being judged */
    struct arena *scratch; /* for one entry read again, or one line of a payload */
    struct strbuf origin;
    struct digest_list leaves;
    struct seen *seen;
    size_t seen_capacity;
    struct digest *tiles; /* roots of each 256 leaves, so that roots of old sizes are cheap */
    size_t tiles_capacity;
    struct digest_list version_names; /* hashes of names */
    struct version *versions;
    size_t versions_capacity;
    struct digest_list engagements; /* hashes of names */
    struct detail *details;
    size_t details_count, details_capacity;
    uint32_t *inputs;
    size_t inputs_count, inputs_capacity;
};

/* The inputs of one entry: indices of the entries they are, those listed in the entry itself first,
 * then those of `more`. */
struct inputs {
    uint32_t *items;
    size_t count;
    size_t counts[ENTRY_TYPES_COUNT]; /* of each type, and the first of each */
    uint32_t firsts[ENTRY_TYPES_COUNT];
    size_t kind_counts[RESOURCE_KINDS_COUNT]; /* of resources of a kind */
    uint32_t kind_firsts[RESOURCE_KINDS_COUNT];
    bool is_partial; /* `more` is not held: there are others */
};

/* The entry being judged. Functions on it return true if it is right so far; false with *fault
 * filled, or with *err set. */
struct judge {
    struct rules *rules;
    struct fault *fault;
    struct error *err;
    uint64_t n;
    struct entry entry;
    struct inputs inputs;
    struct slice more;  /* given by a writer; at is NULL otherwise */
    struct digest name; /* hash of the name, if the entry has a version */
    uint32_t engagement;
};

/* Fills *fault. Always returns false. */
PRINTF_LIKE(3, 4)
bool fault_set(struct judge *judge, const char *code, const char *format, ...);

/* "test.run #20" */
struct label {
    char text[48];
};
struct label label_of(const struct rules *rules, uint64_t n);

/* rules_inputs.c: fills judge->inputs; needs the entry's form to be right. */
MUST_USE bool inputs_find(struct judge *judge);
bool inputs_hold(const struct inputs *inputs, uint64_t n);
/* Iterates over the inputs of a type: *at starts at 0. */
MUST_USE bool inputs_next(const struct judge *judge, enum entry_type type, size_t *at, uint32_t *n);

/* rules_roles.c: what the inputs must be, by type. */
MUST_USE bool roles_check(struct judge *judge);
/* rules_points.c */
MUST_USE bool report_check(struct judge *judge);
MUST_USE bool packet_check(struct judge *judge);
MUST_USE bool erasure_check(struct judge *judge);

/* Exactly one input of the type; *n is it, or INPUT_UNKNOWN if it may stand in a `more` not held.
 */
#define INPUT_UNKNOWN UINT32_MAX
MUST_USE bool one_input(struct judge *judge, enum entry_type type, uint32_t *n);
MUST_USE bool one_resource(struct judge *judge, enum resource_kind kind, uint32_t *n);
/* At least one. */
bool some_input(const struct judge *judge, enum entry_type type);

/* rules_source.c: payloads, whichever hooks the source has. */
enum payload_state payload_state_of(const struct rules *rules, const struct digest *c);
MUST_USE bool payload_open(const struct rules *rules, const struct digest *c, struct slice *salt,
                           struct slice *bytes, struct error *err);
MUST_USE bool payload_matches(const struct rules *rules, const struct digest *c, uint64_t bytes,
                              bool *is_equal, struct error *err);
MUST_USE bool payload_stream(const struct rules *rules, const struct digest *c,
                             payload_take_fn *take, void *context, struct error *err);

#endif
