/* Private to the rules: payloads one after the other. */
#ifndef ATTEST_LEDGER_RULES_PAYLOADS_H
#define ATTEST_LEDGER_RULES_PAYLOADS_H
#include "ledger/lines.h"
#include "ledger/rules_state.h"

/* What the walk over all payloads knows. */
struct walk {
    struct rules *rules;
    struct payload_counts *counts;
    struct digest_list erased; /* commitments that erasures name */
    uint32_t *erased_by;       /* the last erasure that names it */
    size_t erased_capacity;
    struct digest_list foreign; /* hashes of (origin, leaf) that received packets prove */
    struct house *houses;       /* whose packets were received */
    size_t houses_count, houses_capacity;
};

/* Another house's ledger, as far as its packets showed it. */
struct house {
    struct digest origin; /* hash of it */
    uint64_t size;
    struct digest root;
    bool has_gaps; /* a packet of it is not in this bundle: its leaves are not known */
};

/* A payload of the entry being judged that is held and equal to its commitment. Results are those
 * of functions on struct judge. */
MUST_USE bool items_check(struct judge *judge, const struct entry_payload *payload);
MUST_USE bool matrix_check(struct judge *judge, const struct entry_payload *payload);
/* rules_packet.c */
MUST_USE bool packet_payload_check(struct walk *walk, struct judge *judge,
                                   const struct entry_payload *payload);
/* The packet is not in this bundle: what it would have proved is not known. */
MUST_USE bool packet_absent(struct walk *walk, struct judge *judge);
/* Every {"leaf","origin"} in a document must be proved by an earlier packet. */
MUST_USE bool foreign_check(struct walk *walk, struct judge *judge,
                            const struct entry_payload *payload);
void foreign_key(struct slice origin, struct slice leaf_hex, struct digest *key);

/* Gives a payload's lines; *is_whole: it is lines, each ended by LF, none over-long. */
MUST_USE bool payload_lines(const struct rules *rules, const struct digest *c, line_take_fn *take,
                            void *context, bool *is_whole, struct error *err);

/* rules_key.c: items' keys, as lines of items and in matrices. Reads a canonical array of texts,
 * not empty, from the scanner, whose next token begins it, and adds its canonical form. */
struct json_scan;
MUST_USE bool key_scan(struct json_scan *scan, struct strbuf *canonical);
/* Whether a line is exactly such an array in canonical form. */
MUST_USE bool key_line_is_valid(struct slice line, struct strbuf *scratch);

#endif
