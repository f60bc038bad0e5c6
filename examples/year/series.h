/* Expands a description of series into the records, documents and the truth of an invented company.
 *
 * A description is YAML, a document a series:
 *
 *     define: staff                     a list that `each` may name
 *     list: [{id: w-01, ...}, ...]
 *
 *     records: accounts                 a population type; or documents: KIND
 *     each:                             loops, the first outermost
 *       at: {from: 2025-10-04 06:00, to: 2026-10-10, every: 7 days, zone: Europe/Berlin, but:
 * [2026-01-03]} who: staff within: {time: "{at}", from: "{who.started}", to: "{who.left}"}   left
 * out unless from <= time < to with: {system: identity}          what all rows have rows: [{id:
 * "u-{who.id}", observed_at: "{at}", fails: ACC-03.T2 B}, ...] omit: [[KEY...], ...] rows (of
 * documents the ids) of earlier series that are not there after all change: [{key: [KEY...], set:
 * {...}}, ...] fails: {ACC-03.T2 B: [[KEY...], ...]}        what a test must find; also undecided
 *
 * A text holds {name}, {name.member}, {name#} (its number from 1), {at+90m}, {at-2d6h} and
 * {at|Y-m-d}. A plain text like 2026-01-31 09:00 is an instant of UTC. `fails` and `undecided` in a
 * row are of the row's own key. Nothing here knows a rule of a test: what deviates is what its
 * author wrote down beside it. */
#ifndef YEAR_SERIES_H
#define YEAR_SERIES_H
#include "base/json.h"
#include "base/strbuf.h"
#include "base/time.h"
#include "base/value.h"

extern struct arena *memory; /* one run, one arena */

/* Ends the program with status 2, naming the place. */
_Noreturn __attribute__((format(printf, 2, 3))) void stop(const struct value *at,
                                                          const char *format, ...);
_Noreturn void stop_with(const struct error *err);
extern const char *reading; /* the file whose documents are being expanded */

/* Loop variables, the innermost first. */
struct scope {
    struct slice name;
    const struct value *value;
    size_t number; /* from 1 */
    const struct scope *outer;
};

/* The value with its placeholders filled, copied into the arena. */
struct value *fill(const struct scope *scope, const struct value *value);
struct slice fill_text(const struct scope *scope, const struct value *value);
/* An instant in UTC as rows have it: without a fraction that is zero. */
struct value *instant_value(int64_t instant_us);
/* 2026-01-31, 2026-01-31 09:00[:00] or RFC 3339; a day is its start. */
bool instant_read(struct slice text, int64_t *instant_us);
/* The elements of a loop: a list, the name of a defined one, or a range of times. */
struct value *loop_elements(const struct value *loop, const struct value *defined);

/* The member of that name, made if it is not there. */
struct value *member_make(struct value *object, struct slice name, enum value_type type);

/* Rows of population types and documents of kinds. */
struct rows;
struct rows *rows_new(const char *populations_folder);
void rows_source(struct rows *rows, const struct value *source); /* the first of a type counts */
void rows_type(struct rows *rows, const struct value *population_type);
/* Both return the row's key as a JSON array of texts, as `attest test items` writes it. */
struct slice rows_add(struct rows *rows, struct slice type, const struct value *row);
struct slice rows_change(struct rows *rows, struct slice type, const struct value *change);
void rows_omit(struct rows *rows, struct slice type, const struct value *key);
void rows_document(struct rows *rows, const struct value *document);
void rows_omit_document(struct rows *rows, struct slice kind, const struct value *id);
struct slice key_text(const struct value *key);
void rows_write(const struct rows *rows, const char *folder);

/* What the tests must find. */
void truth_add(struct slice line, const char *outcome,
               struct slice key); /* line: TEST ATTRIBUTE... */
void truth_write(const char *folder);
void write_file(const char *folder, const char *name, const struct strbuf *text);
#endif
