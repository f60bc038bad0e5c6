/* The log: what a long-running program did, one line for each event. For people on a terminal
 * ("09:30:01 info  imported  source=logins rows=812"), as JSON Lines otherwise. The answers of
 * commands are no log; they go to standard output.
 *
 * There is no global log: whoever may log is given one. Secrets never come in: a field whose name
 * says that it holds one (password, token, ..., anything that ends in _key) is written as
 * "[hidden]". */
#ifndef ATTEST_BASE_LOG_H
#define ATTEST_BASE_LOG_H
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

struct log {
    int fd;               /* borrowed */
    enum log_level least; /* what is below it is not written */
    bool is_json;
    uint64_t lost; /* lines that could not be written; the next one that can tells how many */
    int64_t (*now_us)(void); /* clock_now_us(), or a test's own */
};

struct log_field {
    const char *name; /* snake_case; not at, level, event or lost */
    bool is_number;
    int64_t number;
    struct slice text; /* cut after 1,024 bytes; bytes that are not UTF-8 are replaced */
};
#define LOG_TEXT(name_, text_) ((struct log_field){ .name = (name_), .text = (text_) })
#define LOG_NUMBER(name_, number_)                                                                 \
    ((struct log_field){ .name = (name_), .is_number = true, .number = (number_) })

/* Writes to fd, which the caller keeps open. JSON unless fd is a terminal. */
void log_start(struct log *log, int fd, enum log_level least);
/* One line, in one write(2), so that lines of several processes do not mix. `event` is a word or
 * two of ours. A log of NULL takes nothing. A failure to write is no failure of the work: see
 * `lost`. */
void log_event(struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count);
/* An error object as one event of level error, with its where, message and hint. */
void log_error(struct log *log, const char *event, const struct error *err);
/* debug, info, warning, error. */
MUST_USE bool log_level_parse(struct slice text, enum log_level *level);

#endif
