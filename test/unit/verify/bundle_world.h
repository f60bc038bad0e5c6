/* Bundles made in memory from a ledger: the vectors' one, or one that goes on from it. Written here
 * again and not with the program's own writer, so that neither can hide the other's mistake. */
#ifndef ATTEST_TEST_UNIT_VERIFY_BUNDLE_WORLD_H
#define ATTEST_TEST_UNIT_VERIFY_BUNDLE_WORLD_H
#include "ledger/rules_world.h"
#include "verify/bundle.h"
#include "verify/zip_make.h"

struct member {
    struct slice name, bytes;
};

struct bundle_world {
    struct world *w;
    struct sample_ledger ledger; /* entries and payloads */
    struct digest root;
    struct slice note, vkey;
    enum contents_level level;
    uint64_t report;
    struct member members[400];
    size_t members_count;
    bool is_deflated;
    unsigned salts; /* drawn so far */
    struct verify_source directory;
};

/* ---- the ledger ---- */

/* The first `size` entries of the vectors with the payloads that are there after all erasures. */
struct bundle_world *bundle_world_new(struct world *w, size_t size);
/* Appends an entry: fields and body as JSON with ' for ". inputs: positions of entries. Signed by
 * the vectors' partner if is_signed. Returns its position. */
struct entry_words {
    const char *type, *side, *actor, *body;
    uint64_t inputs[16];
    size_t inputs_count;
    bool is_signed;
};
uint64_t world_entry(struct bundle_world *b, const struct entry_words *words);
/* Holds a payload under a fresh salt; gives {"bytes":N,"c":"..."} for a body, with ' for ". */
const char *world_payload(struct bundle_world *b, struct slice bytes);
/* A private name: c/<hex>. */
const char *world_name(struct bundle_world *b, const char *plain);
const char *world_text(struct bundle_world *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct digest world_leaf(const struct bundle_world *b, uint64_t n);
const char *world_leaf_hex(struct bundle_world *b, uint64_t n);
/* Root of the first `size` entries, in hex. */
const char *world_root_hex(struct bundle_world *b, uint64_t size);
/* A readiness report by management that rests on these entries; sets b->report. */
uint64_t world_readiness(struct bundle_world *b, const char *model, const uint64_t *inputs,
                         size_t count);

/* Signs all entries: with the vectors' own checkpoint if they are the vectors' entries, else with a
 * key of the same name made for the test. */
void world_sign(struct bundle_world *b);
/* The same with another key than that one. */
void world_sign_as(struct bundle_world *b, const char *seed);

/* ---- texts that are altered ---- */

/* The first `find` in the text replaced; the test fails if it is not there. */
const char *world_replaced(struct bundle_world *b, const char *text, const char *find,
                           const char *put);
/* Each of them replaced; there may be none. */
const char *world_filled(struct bundle_world *b, const char *text, const char *find,
                         const char *put);
/* SHA-256 of a text, as hex. */
const char *world_hex(struct bundle_world *b, const char *text);
/* A payload of JSON that is written with ' for ". */
const char *world_document(struct bundle_world *b, const char *words);

/* ---- the bundle ---- */

/* All members that the level asks for. If the ledger cannot be walked: all payloads that are held.
 */
void world_bundle(struct bundle_world *b);
struct member *world_member(struct bundle_world *b, const char *name);
void world_member_add(struct bundle_world *b, const char *name, struct slice bytes);
void world_member_drop(struct bundle_world *b, const char *name);
void world_member_flip(struct bundle_world *b, const char *name, size_t bit);
/* The member of a payload: the first of entry n. */
const char *world_payload_member(struct bundle_world *b, uint64_t n);
/* The ZIP file. */
void world_zip(struct bundle_world *b, struct zip_make *zip);

/* Verifies what is there now. Free it. */
struct verifier *world_verify(struct bundle_world *b, const struct verify_options *options);
/* The ledger with all its reports, as a data directory is verified. Free it before the world. */
struct verifier *world_verify_directory(struct bundle_world *b);
/* The same, and what must come out. */
void expect_ok(struct bundle_world *b, const struct verify_options *options);
void expect_state(struct verifier *verifier, const char *id, enum check_state state,
                  const char *words);
/* The check fails, with those words in its detail; so the bundle does not hold. */
void expect_failing(struct bundle_world *b, const struct verify_options *options, const char *id,
                    const char *words);

#endif
