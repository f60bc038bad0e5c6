/* From what a record says to what a column holds, exactly or not at all (contract, Values). */
#ifndef ATTEST_EVIDENCE_VALUE_READ_H
#define ATTEST_EVIDENCE_VALUE_READ_H
#include "base/time.h"
#include "evidence/row_batch.h"

/* A value as a reader found it, not yet judged. Text borrows from the reader until the next record.
 */
enum raw_kind {
    RAW_ABSENT, /* the record does not have the field */
    RAW_NULL,
    RAW_TEXT,        /* decoded text: a CSV field, a Parquet string */
    RAW_JSON_STRING, /* as between the quotes; has_escapes: still to be decoded */
    RAW_JSON_NUMBER, /* as written */
    RAW_TRUE,
    RAW_FALSE,
    RAW_OBJECT, /* JSON; only its being one matters */
    RAW_ARRAY,  /* JSON; text is all of it, brackets included */
    /* Typed, from Parquet. */
    RAW_INTEGER,    /* number */
    RAW_SCALED,     /* number at scale */
    RAW_DAYS,       /* number: days since 1970 */
    RAW_INSTANT,    /* number: UTC microseconds */
    RAW_LOCAL_TIME, /* number: microseconds of a clock whose zone the file does not say */
    RAW_LIST,       /* items */
};
struct raw_value {
    enum raw_kind kind;
    bool has_escapes;
    unsigned scale;
    struct slice text;
    engine_int128 number;
    const struct slice *items; /* at NULL: a NULL element */
    size_t items_count;
};

/* How a source's times are written. */
struct value_times {
    struct time_options options; /* zone, fraction, what a day alone means */
    struct slice pattern;        /* of texts (time_pattern.h); empty: ISO 8601 */
    unsigned
        epoch_scale; /* a number counts from 1970: 6 in seconds, 3 in milliseconds; 0: refused */
};

/* What was unusual about values that were taken. */
struct value_notes {
    bool is_leap_second, is_truncated;
};

/* Puts the value into a cell of the batch; a NULL or absent one leaves it empty. Whether the column
 * may be empty is the caller's to judge. Errors:
 * ERROR_INVALID; the message quotes the value and says what was expected, `where` is empty.
 *         ERROR_NO_MEMORY. */
MUST_USE bool value_read(const struct record_column *column, const struct raw_value *raw,
                         const struct value_times *times, struct row_batch *batch, size_t index,
                         struct value_notes *notes, struct error *err);

/* ---- value_parse.c: the parts that know how things are written ---- */

/* Plain decimal digits, a sign, a point, an exponent: as a number at a scale, if exactly that. */
enum number_result { NUMBER_OK, NUMBER_MALFORMED, NUMBER_TOO_FINE, NUMBER_TOO_LARGE };
enum number_result number_parse(struct slice text, unsigned width, unsigned scale,
                                engine_int128 *scaled);
/* true, yes, t, 1 and their opposites, in any case. */
MUST_USE bool truth_parse(struct slice text, bool *value);
/* ISO 8601 durations (P1Y2M3DT4H5M6.7S, P2W) and h:mm:ss, as "M months D days hh:mm:ss.ffffff": one
 * text for one length, which SQL can cast to an interval. */
enum { INTERVAL_BYTES = 80 };
MUST_USE bool interval_parse(struct slice text, char out[INTERVAL_BYTES]);
/* A clock's reading (microseconds since 1970 in its own zone) as time_parse() reads it, without
 * zone. False beyond the years 1 to 9999. */
enum { LOCAL_TIME_BYTES = 27 };
MUST_USE bool local_time_write(int64_t local_us, char out[LOCAL_TIME_BYTES]);

#endif
