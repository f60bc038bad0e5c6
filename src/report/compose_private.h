/* What the files of compose.h share. A failed allocation or read is remembered in `failed`, so that
 * builders read like the model they make and check once, at the end. */
#ifndef ATTEST_REPORT_COMPOSE_PRIVATE_H
#define ATTEST_REPORT_COMPOSE_PRIVATE_H
#include "report/compose.h"

struct composer {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    struct error *err;
    uint64_t size;
    int64_t issued_us; /* 0: a draft */
    struct engagement engagement;
    const struct value *opinion; /* document, or NULL: readiness */
    struct value *model;
    struct value *populations, *tests; /* of the appendices */
    struct composed *composed;         /* takes what the report rests on */
    bool failed;
};

/* Reading. NULL and `failed` stays as it is if there is none. */
const struct value *compose_document(struct composer *c, struct slice name);
const struct value *compose_parse(struct composer *c, struct slice text);
struct resource_list compose_list(struct composer *c, const char *kind);
/* Documents of a kind that name this engagement. */
struct compose_found {
    const struct resource_version *version;
    const struct value *document;
};
size_t compose_of_engagement(struct composer *c, const char *kind, struct compose_found *found,
                             size_t most);

/* A leaf that the report's entry names, once. */
void compose_rests_on(struct composer *c, const struct digest *leaf);

/* Building. */
struct value *compose_object(struct composer *c, struct value *object, const char *name);
struct value *compose_array(struct composer *c, struct value *object, const char *name);
struct value *compose_item(struct composer *c, struct value *array);
void compose_text(struct composer *c, struct value *object, const char *name, struct slice text);
/* null if the text is empty. */
void compose_optional(struct composer *c, struct value *object, const char *name,
                      struct slice text);
void compose_number(struct composer *c, struct value *object, const char *name, int64_t number);
void compose_bool(struct composer *c, struct value *object, const char *name, bool boolean);
void compose_null(struct composer *c, struct value *object, const char *name);
/* A copy of a member, null if it is absent. */
void compose_copy(struct composer *c, struct value *object, const char *name,
                  const struct value *from, const char *from_name);
void compose_put(struct composer *c, struct value *object, const char *name, struct value *item);
void compose_add(struct composer *c, struct value *array, struct slice text);
PRINTF_LIKE(2, 3) struct slice compose_printf(struct composer *c, const char *format, ...);
/* The id of a name: "CM-02" of "control/CM-02". */
struct slice compose_id(struct slice name);
/* Markdown as blocks; an empty list if there is no text. */
void compose_blocks(struct composer *c, struct value *object, const char *name,
                    struct slice markdown);
/* Markdown as a list of texts. */
void compose_paragraphs(struct composer *c, struct value *object, const char *name,
                        struct slice markdown);

/* Parts, in this order. */
void compose_top(struct composer *c);
void compose_section3(struct composer *c);
void compose_section4(struct composer *c); /* fills populations and tests too */
void compose_section5(struct composer *c);
/* What the engagement reaches, by layer, principle and category of 2014: two items of section 5,
 * the only place for another edition than the one in force (soc2.md C.1). */
void compose_scope(struct composer *c, struct value *items);
void compose_ledger(struct composer *c, struct value *appendices);
void compose_opinion(struct composer *c);   /* section 1 */
void compose_assertion(struct composer *c); /* section 2 */
/* One test of section 4 with its run; adds to the appendices. */
void compose_test(struct composer *c, struct value *list, const struct resource_version *test);

/* A run whose items are wanted. */
struct compose_run {
    struct slice hex;           /* leaf */
    const struct value *record; /* the run's record */
    const struct value *test;   /* in the version that ran */
    const struct value
        *evaluation; /* or NULL: then every item that did not hold is listed as it is */
};
struct run_items {
    int64_t deviations, not_deviations, voids; /* as concluded; 0 without evaluation */
    int64_t others; /* those of them that the evaluation does not name one by one */
    struct value *exceptions, *reclassified; /* the first REPORT_ITEMS_LISTED_MAX of each */
    int64_t exceptions_more, reclassified_more;
};
void compose_items(struct composer *c, const struct compose_run *run, struct run_items *items);

/* Appendix A for a population by name; once each. Returns its leaf in hex. */
struct slice compose_population(struct composer *c, struct slice name, int64_t position);

#endif
