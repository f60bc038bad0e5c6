/* src/report/checker.h
 * What the parts of report_model_check() share. */
#ifndef ATTEST_REPORT_CHECKER_H
#define ATTEST_REPORT_CHECKER_H
#include "base/arena.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "base/value.h"

struct checker {
    const struct value *model;
    struct findings *findings;
    struct arena *arena;
    struct error *err;
    struct strbuf path;
    bool failed; /* no memory: *err says so */
    bool is_type_1, is_type_2, is_readiness, is_draft;
};

/* The path of the field in hand; returns what check_leave() takes. */
size_t check_enter(struct checker *c, const char *name);
size_t check_enter_item(struct checker *c, const char *name, size_t index);
void check_leave(struct checker *c, size_t mark);

/* A finding at the path in hand, with ".name" after it unless name is NULL. */
PRINTF_LIKE(3, 4) void fault(struct checker *c, const char *name, const char *format, ...);
PRINTF_LIKE(3, 4) void warn(struct checker *c, const char *name, const char *format, ...);

/* Faults reduced wording in a text, or in every text of a list. */
void check_words(struct checker *c, const struct value *object, const char *name);

bool text_has(struct slice text, const char *words); /* contains, ASCII letters in either case */
int64_t number_of(const struct value *object, const char *path); /* 0 if it is not there */
bool list_has(const struct value *texts, struct slice text);

/* "Blocks" (docs/report-model.md): tables whose rows have as many cells as their head. */
void check_blocks(struct checker *c, const struct value *object, const char *name);

void check_section1(struct checker *c);
void check_section2(struct checker *c);
void check_section3(struct checker *c);
void check_section4(struct checker *c);
void check_section5(struct checker *c);
void check_test(struct checker *c, const struct value *test);
void check_appendices(struct checker *c);

#endif
