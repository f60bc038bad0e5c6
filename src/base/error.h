/* One error object, passed by the caller; and a list of them for work that goes on after the first.
 *
 * Below cli/ and server/ nothing prints or exits: a function fills the caller's object and returns
 * false or NULL. Programs decide on the code, people read the text. */
#ifndef ATTEST_BASE_ERROR_H
#define ATTEST_BASE_ERROR_H
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

enum error_code {
    ERROR_NONE,
    ERROR_FINDING, /* exit status 1: a refused gate, a verification that does not hold */
    ERROR_USAGE,   /* from here exit status 2 */
    ERROR_INVALID,
    ERROR_NOT_FOUND,
    ERROR_ORDER,   /* a step names something that is not in the ledger yet */
    ERROR_REFUSED, /* this person or side may not do this */
    ERROR_IO,      /* from here exit status 3 */
    ERROR_LOCKED,
    ERROR_CORRUPT,
    ERROR_NO_MEMORY,
    ERROR_INTERRUPTED, /* exit status 130 */
};

/* Fixed size: reporting "no memory" needs none. All texts are UTF-8 and end with a NUL. */
struct error {
    enum error_code code;
    char where[192];   /* controls.yaml:12:3, or segment and row; may be empty */
    char message[512]; /* what happened, with the values */
    char hint[320];    /* what to do next; may be empty */
};

/* Fills *err, cutting each text at a UTF-8 boundary; `where` may be NULL. The hint is cleared.
 * Control characters of foreign values are shown escaped (\x1b), so that a message can go to a
 * terminal. Always returns false, so that callers can `return error_set(...)`. */
PRINTF_LIKE(4, 5)
bool error_set(struct error *err, enum error_code code, const char *where, const char *format, ...);

/* Adds what to do next. Always returns false. */
PRINTF_LIKE(2, 3) bool error_hint(struct error *err, const char *format, ...);

/* ERROR_IO with errno's own words: "cannot WHAT PATH: No space left on device". */
bool error_errno(struct error *err, const char *what, const char *path);

/* ERROR_NO_MEMORY for so many bytes. */
bool error_no_memory(struct error *err, size_t bytes);

/* 0, 1, 2, 3 or 130, as contract.md has it. */
int error_exit_status(enum error_code code);

/* Errors and warnings of one run, in the order found. Keeps at most 200 of each text and counts the
 * rest, so that a hostile file cannot fill memory. */
struct finding {
    struct error error;
    bool is_warning;
};
struct findings {
    struct finding *items;
    size_t count, capacity;
    size_t errors_count, warnings_count; /* all, also those not kept */
};

void findings_free(struct findings *findings); /* zeroed afterwards; NULL is fine */
/* Copies *err. A list that cannot grow still counts. */
void findings_add_error(struct findings *findings, const struct error *err);
void findings_add_warning(struct findings *findings, const struct error *err);
/* True if there is no error. Otherwise fills *err with the first, and the hint says how many. */
MUST_USE bool findings_ok(const struct findings *findings, struct error *err);

/* clang's analyzer sees one file at a time; this tells it that a call of these returns false. */
#ifdef __clang_analyzer__
#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_hint(...) ((void)error_hint(__VA_ARGS__), false)
#define error_errno(...) ((void)error_errno(__VA_ARGS__), false)
#define error_no_memory(...) ((void)error_no_memory(__VA_ARGS__), false)
#endif

#endif
