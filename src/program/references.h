/* References between resources, found by their schemas (x-ref). */
#ifndef ATTEST_PROGRAM_REFERENCES_H
#define ATTEST_PROGRAM_REFERENCES_H
#include "program/kinds.h"

struct reference {
    struct value *at;         /* where it stands */
    const char *field;        /* "attributes[0].id"; borrowed for the call */
    struct slice text;        /* as written */
    const struct value *refs; /* x-ref: what it may name */
    struct slice inverse;     /* x-inverse: what it is called from the other end; may be empty */
    bool is_bare;             /* x-bare: the id alone */
    bool is_pinned;           /* x-pin */
};
/* One call a reference, in the document's order; false stops the walk. */
typedef bool reference_fn(void *context, const struct reference *reference);
/* True if the walk came to its end. */
bool references_each(const struct schema *schema, struct value *tree, reference_fn *each,
                     void *context);

enum reference_target {
    TARGET_RESOURCE,  /* name: control/CM-02 */
    TARGET_CRITERION, /* tsc-2017/CC8.1 */
    TARGET_EDITION,   /* tsc-2017 */
    TARGET_RUN,       /* run/<hex>, or test/ID for its last run */
    TARGET_FILE,      /* sha256:<hex>, a file that was attached */
    TARGET_FAULTY,    /* of none of these forms: `expected` says what they are */
};
/* What a reference names, by its form alone. `name` is the text, with the prefix if it is bare, in
 * the arena. expected: "person/ID or role/ID". False: ERROR_NO_MEMORY. */
MUST_USE bool reference_target(const struct reference *reference, struct arena *arena,
                               enum reference_target *target, struct slice *name,
                               char expected[160], struct error *err);

#endif
