/* A data directory with its first person, and the catalogue, for tests of the programme. */
#ifndef ATTEST_TEST_PROGRAM_WORLD_H
#define ATTEST_TEST_PROGRAM_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program/plan.h"

struct world {
    char folder[64];
    struct arena *arena;
    struct catalogue *catalogue;
    struct store *store;
    struct acting acting; /* person/own of management's side */
    struct documents documents;
    struct findings findings;
    struct plan plan;
    struct error err;
};

/* cmocka set-up and tear-down: world_begin() makes a directory, world_bare() only the catalogue. */
int world_begin(void **state);
int world_bare(void **state);
int world_end(void **state);

/* Stops the test, telling what the error says. */
void assert_done(struct world *w, bool ok);

/* Reads text as test.yaml, adding to what was read before since world_clear(). */
bool world_read(struct world *w, const char *text);
void world_clear(struct world *w); /* forgets documents, findings and plan */
bool world_plan(struct world *w, bool prune);
/* Reads, plans and applies as the acting person; everything must be right. */
void world_apply(struct world *w, const char *text);
/* The same, with what must not be right: the plan fails. */
void world_refused(struct world *w, const char *text);
void world_act_as(struct world *w, const char *person);

/* A finding at a place (NULL: any) whose message holds a text, and its hint another (NULL: any). */
void assert_finding(struct world *w, const char *where, const char *message, const char *hint);
void assert_findings_count(struct world *w, size_t errors, size_t warnings);
/* "+control/A ~test/B =person/own": what the plan does, in its order; unchanged ones if asked. */
void assert_plan(struct world *w, const char *expected, bool with_unchanged);

/* A Control that is right; ends with a document mark. */
#define CONTROL(id)                                                                                \
    "kind: Control\nid: " id "\ntitle: Title\nstatement: It is done.\nowner: person/own\n"         \
    "type: preventive\nmode: automated\nfrequency: per-event\ncriteria: [tsc-2017/CC8.1]\n---\n"

/* The store's document of a name, as canonical JSON. */
struct slice world_document(struct world *w, const char *name);
uint64_t world_version(struct world *w, const char *name);

void remove_tree(const char *folder);

#endif
