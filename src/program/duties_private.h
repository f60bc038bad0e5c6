/* Shared by duties.c (controls) and duties_dated.c (dates that kinds declare). */
#ifndef ATTEST_PROGRAM_DUTIES_PRIVATE_H
#define ATTEST_PROGRAM_DUTIES_PRIVATE_H
#include "program/duties.h"

enum { ZONES_MAX = 600 };

struct performed;
/* One listing of all duties. */
struct reading {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    const struct duties_options *options;
    struct duties *duties;
    struct performed *performed; /* all Performances, by time */
    size_t performed_count;
    struct zone *zones[ZONES_MAX]; /* each once, however many controls name it */
    size_t zones_count;
    /* Documents that do what those of another kind are due for, read once. */
    const char *deeds_kind;
    struct resource_list deeds;
    struct error *err;
};

/* Settles its state and adds it. */
MUST_USE bool duty_add(struct reading *reading, const struct duty *duty);
/* "policy/access v3"; NULL with reading->err. */
const char *duty_evidence(struct reading *reading, const struct resource_version *version);
const struct value *duty_tree(struct reading *reading, const struct resource_version *version);
/* When it was written: a canonical time of the store. */
int64_t duty_written_us(const struct resource_version *version);

/* The dates of one resource by which its kind says that something is due. */
MUST_USE bool duties_dated(struct reading *reading, const struct kind *kind,
                           const struct resource_version *versions, size_t count);

#endif
