/* Makes a year of evidence for Kestrel Cloud, an invented company: the same bytes every time.
 *
 * Every row is a function of its table and number. What deviates is planted by number, written down
 * in truth.json while it is planted, and nothing else deviates. */
#ifndef KESTREL_GENERATE_H
#define KESTREL_GENERATE_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
/* 2025-10-01T00:00:00Z and the end of the period. */
#define PERIOD_START INT64_C(1759276800)
#define PERIOD_END (PERIOD_START + INT64_C(365) * DAY)

/* A table being written: NDJSON, or CSV with the header given. */
struct out {
    FILE *file;
    bool is_csv;
    bool is_first; /* of the row */
    const char *name;
    uint64_t rows;
};
void out_open(struct out *out, const char *folder, const char *name, const char *csv_header);
void out_close(struct out *out);
void row_begin(struct out *out);
void row_end(struct out *out);
__attribute__((format(printf, 3, 4))) void text(struct out *out, const char *name,
                                                const char *format, ...);
void number(struct out *out, const char *name, int64_t value);
void cents(struct out *out, const char *name, int64_t value); /* 12345 is 123.45 */
void truth_value(struct out *out, const char *name, bool value);
void instant(struct out *out, const char *name, int64_t seconds); /* 0: null */
void instant_text(int64_t seconds, char out[32]);                 /* 2026-01-31T08:00:00Z */
void null(struct out *out, const char *name);
void list(struct out *out, const char *name, const char *const *items, size_t count);

/* Workers 0 to 159 were there before the period, 160 to 187 start in it, every seventh leaves. */
enum { WORKERS = 160, STARTERS = 28, LEAVERS = 22 };
int64_t starting(uint64_t worker);               /* of one who starts in the period */
int64_t leaving(uint64_t worker);                /* 0: stays */
uint64_t at_work(uint64_t worker, int64_t when); /* this one, or the next if this one has left */

/* A number that looks random: the same for the same table, row and purpose. Below `below`. */
uint64_t pick(const char *table, uint64_t row, unsigned purpose, uint64_t below);
/* A working hour within the period. */
int64_t moment(const char *table, uint64_t row, uint64_t rows);
const char *person(uint64_t number); /* 24 invented people, several scripts */
const char *person_id(uint64_t number);

/* The list of what was planted: an item of a test, with the attributes that do not hold. A key of
 * several parts is joined by slashes. */
void truth_open(const char *folder);
void truth_item(const char *test); /* counts an item in scope */
void truth_none(const char *test); /* a test that has no item */
__attribute__((format(printf, 3, 4))) void truth_deviation(const char *test, const char *attributes,
                                                           const char *key_format, ...);
void truth_close(void);

/* One function a group of tables. */
void make_people(const char *folder);
void make_programme(const char *folder);
void make_engineering(const char *folder);
void make_operation(const char *folder);
void make_privacy(const char *folder);

#endif
