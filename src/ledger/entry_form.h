/* Private to the ledger: the form of an entry in two steps, because the vectors judge an entry's
 * place (leaf, index, time) before its inputs, and the table of bodies. */
#ifndef ATTEST_LEDGER_ENTRY_FORM_H
#define ATTEST_LEDGER_ENTRY_FORM_H
#include "ledger/entry.h"

/* All of entry_parse() but the form of `inputs`. */
MUST_USE bool entry_read(struct arena *arena, struct slice bytes, struct entry *entry,
                         const char **code, struct error *err);
MUST_USE bool entry_inputs_check(const struct entry *entry, const char **code, struct error *err);

/* What a field of a body must be. */
enum field_form {
    FIELD_PAYLOAD,
    FIELD_NAME,
    FIELD_TEXT,
    FIELD_INTEGER,
    FIELD_HASH,
    FIELD_TARGETS, /* at most 16 hashes, sorted */
    FIELD_TIME,
    FIELD_SPAN,          /* {from, to}, half open */
    FIELD_POINT,         /* {origin, size, root}: a checkpoint */
    FIELD_ORIGIN_BEFORE, /* {origin, size, root, reason} */
};
struct body_field {
    const char *name;
    enum field_form form;
    bool may_be_null;
};
struct body_form {
    const char *type;
    struct body_field fields[ENTRY_FIELDS_MAX]; /* sorted by name, as canonical JSON has them */
    /* What holds among fields; returns why not, or NULL. */
    const char *(*among)(const struct value *body);
};
extern const struct body_form body_forms[ENTRY_TYPES_COUNT];

MUST_USE bool entry_type_find(struct slice name, enum entry_type *type);
/* ERROR_INVALID names the field. */
MUST_USE bool body_check(enum entry_type type, const struct value *body, struct error *err);

#endif
