/* Private to the ledger: a stream of chunks as lines, each ended by LF, in bounded memory. */
#ifndef ATTEST_LEDGER_LINES_H
#define ATTEST_LEDGER_LINES_H
#include "base/strbuf.h"

enum { LINE_BYTES_MAX = 1 << 20 };

/* The line is without its LF and borrowed; false stops (then *err is set). */
typedef bool line_take_fn(void *context, struct slice line, struct error *err);

struct lines {
    line_take_fn *take;
    void *context;
    struct strbuf begun; /* a line whose end has not come yet */
    bool is_too_long;    /* a line of more than LINE_BYTES_MAX: the rest is not given */
};
void lines_start(struct lines *lines, line_take_fn *take, void *context);
/* A payload_take_fn; context is the struct lines. */
MUST_USE bool lines_take(void *context, struct slice chunk, struct error *err);
/* Whether the stream was lines: the last ended with LF and none was too long. */
bool lines_are_whole(const struct lines *lines);
void lines_free(struct lines *lines);

#endif
