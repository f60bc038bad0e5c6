/* test/unit/base/yaml_box.h
 * What the tests of YAML share: reading with all faults, writing and reading back. */
#ifndef ATTEST_TEST_YAML_BOX_H
#define ATTEST_TEST_YAML_BOX_H
#include "base_test.h"

#include "base/yaml.h"

struct reading {
    struct yaml_documents documents;
    struct findings findings;
    bool ok;
};

/* Free the findings with findings_free(). */
struct reading *read_with(struct world *w, struct slice text, const struct yaml_limits *limits);
struct reading *read_yaml(struct world *w, const char *text);
/* All documents as one canonical JSON array; on a fault "where: message" of the first. */
const char *as_json(struct world *w, struct slice text);
/* Exactly these places have faults. */
void expect_faults(struct world *w, const char *text, const char *const *wheres, size_t count);
#define EXPECT_FAULTS(w, text, ...)                                                                \
    expect_faults(w, text, (const char *const[]){ __VA_ARGS__ },                                   \
                  sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

const char *written(struct world *w, const struct value *value);
/* Of one document. */
struct value *read_back(struct world *w, const char *text);
void expect_round_trip(struct world *w, const struct value *value);
struct value *from_json(struct world *w, const char *json);

#endif
