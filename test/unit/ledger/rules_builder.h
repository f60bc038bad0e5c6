/* Small ledgers made by hand, to try one rule at a time. */
#ifndef ATTEST_TEST_UNIT_LEDGER_RULES_BUILDER_H
#define ATTEST_TEST_UNIT_LEDGER_RULES_BUILDER_H
#include "ledger/rules_world.h"

#define BUILDER_ORIGIN "example.com/ours"

struct builder {
    struct world *world;
    struct sample_ledger ledger; /* its payloads, entries and sources; no file */
    struct rules *rules;
    struct fault fault;
    unsigned salts;
};

/* A ledger with its start. */
void builder_begin(struct builder *b, struct world *w);
void builder_end(struct builder *b);

/* A payload put on disk, as it stands in a body: "{'bytes':N,'c':'hex'}". */
const char *payload_of(struct builder *b, struct slice bytes);
const char *payload_text(struct builder *b, const char *text);
/* The first %s of a text replaced; none is fine. */
const char *filled(struct builder *b, const char *format, const char *argument);
/* Every ' becomes ". */
const char *json_text(struct builder *b, const char *text);

/* An entry to be: body in JSON with ' for ", inputs by index, ended by -1. */
struct draft {
    const char *type, *side;
    const char *body;
    int inputs[12];   /* -1 ends them */
    const char *more; /* payload; NULL: none */
    bool is_signed;
};
/* Adds it; the test stops if it is refused. Returns its index. */
int builder_add(struct builder *b, const struct draft *draft);
/* It must be refused with that code; the ledger stays as it was. */
void builder_refused(struct builder *b, const struct draft *draft, const char *code);
/* Any digest in hex. */
const char *digest_shown(struct builder *b, const struct digest *digest);
struct digest builder_leaf(const struct builder *b, int n);
/* "64 hex digits" of a leaf. */
const char *builder_hex(struct builder *b, int n);
/* Payload rules over all entries so far: NULL is right, else the code. *err stays in b->world. */
void builder_payloads(struct builder *b, const char *code, struct payload_counts *counts);

/* ---- entries that many tests need ---- */
int add_resource(struct builder *b, const char *side, const char *name, const char *kind);
int add_segment(struct builder *b);
/* Of those keys, each a JSON array on a line of its own. */
int add_population(struct builder *b, int segment, const char *items, int count);
/* A run of a full population by the side; engagement: JSON. */
struct draft run_draft(struct builder *b, const char *side, int test, int population, int segment,
                       const char *engagement, const char *matrix);

#endif
