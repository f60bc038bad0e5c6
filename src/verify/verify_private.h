/* Private to the verifier: what is known so far, and the steps in their order. */
#ifndef ATTEST_VERIFY_VERIFY_PRIVATE_H
#define ATTEST_VERIFY_VERIFY_PRIVATE_H
#include "ledger/note.h"
#include "ledger/signature.h"
#include "verify/bundle.h"
#include "verify/links.h"
#include "verify/matrix.h"
#include "verify/verify.h"

#define CHECK_FORM "bundle.form"
#define CHECK_MEMBERS "bundle.members"
#define CHECK_SIGNATURE "checkpoint.signature"
#define CHECK_KEY "key.pinned"
#define CHECK_ROOT "ledger.root"
#define CHECK_CONSISTENCY "ledger.consistency"
#define CHECK_KNOWN "ledger.known-checkpoint"
#define CHECK_PAYLOADS "payload.digest"
#define CHECK_COMPLETE "population.complete"
#define CHECK_SIGNERS "signers"
#define CHECK_MODEL "report.model"
#define CHECK_EXCEPTIONS "report.exceptions"
#define CHECK_DOCUMENTS "report.documents"
#define CHECK_SPECIMEN "specimen"
#define CHECK_WITNESS "witness"

/* The source's payloads with what the ledger says of them: absent is not missing; and each is
 * hashed once. */
struct checked_payloads {
    struct payload_source base; /* must be first */
    const struct payload_source *source;
    enum contents_level level;
    const struct contents *contents; /* NULL until the entries are read */
    uint8_t *results;                /* per item of contents: enum hashed */
    bool hides_damage; /* what is damaged or missing was told: from then on it counts as absent */
};
enum hashed { HASHED_NOT_YET, HASHED_EQUAL, HASHED_OTHER };

struct verifier {
    const struct verify_source *source;
    const struct verify_options *options;
    struct bundle_file *bundle; /* owned; NULL if the source is the caller's */
    struct verification *verification;
    struct error *err;
    struct arena *arena; /* what one step needs; reset by the step itself */
    struct arena *kept;  /* what lives as long as the verifier */
    struct checked_payloads payloads;
    struct verifier_key key;
    struct checkpoint checkpoint; /* borrows from the source's note */
    uint64_t known_size;          /* of the earlier checkpoint, if it is continued */
    struct digest *leaves;        /* of all entries read */
    size_t leaves_count, leaves_capacity;
    struct rules *rules;
    struct contents *contents; /* NULL: the entries do not hold */
    bool is_signed;            /* the entries are those that the checkpoint was signed for */
    uint64_t *reports;         /* entries of the reports to check */
    size_t reports_count;
    uint64_t *bad; /* entries that are not proved, from which others follow */
    size_t bad_count;
};

/* A sentence about an entry: "test.run #20". */
struct verify_label {
    char text[64];
};
struct verify_label verify_label_of(const struct entry *entry);

/* Sets one of the verifier's own checks. False with v->err set. */
PRINTF_LIKE(4, 5)
MUST_USE bool verify_set(struct verifier *v, const char *id, enum check_state state,
                         const char *format, ...);
/* What *err tells is something that does not hold: then the check fails with these words, *err is
 * cleared and true comes back. An error of the machine: false. */
MUST_USE bool verify_fails(struct verifier *v, const char *id);
/* The same where nothing is to be said: only *err is cleared. */
MUST_USE bool verify_forgives(struct verifier *v);
/* Entry n does not hold, nor does what rests on it. */
MUST_USE bool verify_bad(struct verifier *v, uint64_t n);
/* Entry n with its inputs, in the arena. */
MUST_USE bool verify_links(struct verifier *v, struct arena *arena, uint64_t n,
                           struct links *links);
/* A payload's bytes in the arena if it is held and equal, else an empty slice (at NULL). */
MUST_USE bool verify_document(struct verifier *v, struct arena *arena, const struct value *payload,
                              struct slice *bytes);
/* The same read as JSON; NULL in *document if it is not held. A document that is no JSON is
 * ERROR_FINDING. */
MUST_USE bool verify_json(struct verifier *v, struct arena *arena, const struct value *payload,
                          const struct value **document);
/* The plain name: itself, or what c/<hex> stands for; empty if that is not held. */
MUST_USE bool verify_name(struct verifier *v, struct arena *arena, struct slice shown,
                          struct slice *plain);

/* The steps. Each returns false only for an error of the machine; *go_on says whether the steps
 * that build on it can be made. */
MUST_USE bool verify_checkpoint(struct verifier *v, bool *go_on);
MUST_USE bool verify_entries(struct verifier *v, bool *go_on);
MUST_USE bool verify_payloads(struct verifier *v);
MUST_USE bool verify_segments(struct verifier *v);
MUST_USE bool verify_signers(struct verifier *v);
MUST_USE bool verify_reports(struct verifier *v);
/* What was proved, or what is not proved any more: sentences for people. */
MUST_USE bool verify_summary(struct verifier *v);

struct contents_of contents_wanted(const struct verifier *v);
void checked_payloads_start(struct checked_payloads *payloads, const struct verify_source *source);

#endif
