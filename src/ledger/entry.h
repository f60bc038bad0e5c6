/* One entry of the ledger: its form (ledger.md 4), without the rules that hold among entries. */
#ifndef ATTEST_LEDGER_ENTRY_H
#define ATTEST_LEDGER_ENTRY_H
#include "base/value.h"
#include "ledger/merkle.h"

enum { ENTRY_INPUTS_MAX = 32, ENTRY_FIELDS_MAX = 10 };

enum entry_type {
    ENTRY_START,
    ENTRY_RESOURCE,
    ENTRY_SEGMENT,
    ENTRY_WITHDRAW,
    ENTRY_BLOB,
    ENTRY_POPULATION,
    ENTRY_SEED_COMMIT,
    ENTRY_SEED_REVEAL,
    ENTRY_RUN,
    ENTRY_EVALUATION,
    ENTRY_CONCLUSION,
    ENTRY_OPINION,
    ENTRY_REPORT,
    ENTRY_COPY,
    ENTRY_PACKET,
    ENTRY_ERASURE,
    ENTRY_TYPES_COUNT,
};
/* "ledger.start", "test.run" ... */
const char *entry_type_name(enum entry_type type);

enum entry_side { SIDE_MANAGEMENT, SIDE_AUDITOR, SIDE_SYSTEM };

/* One entry read for use: fields borrow from the arena and from the bytes it was read from. */
struct entry {
    uint64_t n;
    enum entry_type kind;
    enum entry_side by;
    int64_t at_us;
    struct slice type, side, actor, at;
    const struct value *inputs; /* array of hex strings */
    const struct value *body;
    const struct value *more; /* payload, or NULL */
    const struct value *sig;  /* or NULL */
    const struct value *whole;
    struct digest leaf;
};

/* Parses and checks form: size, canonical JSON, fields, body by type, inputs. Not the rules among
 * entries. A fault of form sets *code to the vectors' code ("not-canonical", "bad-field" ...) and
 * *err to ERROR_INVALID with words for people; any other failure leaves *code NULL. */
MUST_USE bool entry_parse(struct arena *arena, struct slice bytes, struct entry *entry,
                          const char **code, struct error *err);

/* ---- parts of a body ---- */
/* {"bytes":N,"c":hex} of a body; exactly that form. */
MUST_USE bool payload_ref(const struct value *payload, struct digest *c, uint64_t *bytes);
/* An integer from 0 to 2^53-1. */
MUST_USE bool entry_integer(const struct value *value, uint64_t *out);
/* kind/slug, or c/<hex> for a private name. */
bool entry_name_is_valid(struct slice name);
/* The commitment of a private name c/<hex>; false for a plain one. */
MUST_USE bool entry_name_commitment(struct slice name, struct digest *c);
/* Sorted, unique hashes in hex. */
bool entry_hashes_are_valid(const struct value *hashes, size_t count_max);

/* A payload that an entry holds, under the name of its field ("payload", "raw", "more" ...). */
struct entry_payload {
    const char *field;
    struct digest c;
    uint64_t bytes;
};
enum { ENTRY_PAYLOADS_MAX = 5 };
/* Sorted by field, `more` last; returns the count. */
size_t entry_payloads(const struct entry *entry, struct entry_payload payloads[ENTRY_PAYLOADS_MAX]);

/* c = SHA-256(salt || payload). */
struct digest commitment(const uint8_t salt[32], struct slice payload);

#endif
