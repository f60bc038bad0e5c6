#include "evidence/row_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "engine/canonical.h"
#include "evidence/sealing.h"

enum {
    CANONICAL_BYTES_MAX = 1 << 30, /* one row of the longest line, escaped */
    HASH_BYTES = 128 * 1024,       /* canonical text gathered before it is hashed */
    REJECT_BYTES_MAX = 1 << 30,
    WORD_BYTES = 256, /* of a word that has a meaning, if it is written with escapes */
};

struct row_sink {
    struct row_sink_options options;
    struct value_times times;
    struct row_queue *queue;
    struct row_batch *batch; /* being filled; NULL before the first row */
    struct raw_value *values;
    struct row_counts counts;
    struct sha256 hash;
    struct strbuf canonical;
    struct strbuf reject;
    char number[24];    /* of the row being read */
    uint64_t truncated; /* rows with a time that was cut */
};

struct row_sink *row_sink_new(const struct row_sink_options *options, struct row_queue *queue,
                              struct error *err)
{
    struct row_sink *sink = calloc(1, sizeof *sink);
    if (!sink) {
        error_no_memory(err, sizeof *sink);
        return NULL;
    }
    sink->options = *options;
    sink->times = (struct value_times){
        .options = { .zone = options->zone, .fraction = options->source->fraction },
        .pattern = options->source->date_pattern,
        .epoch_scale = options->source->epoch_scale,
    };
    sink->queue = queue;
    sink->canonical = strbuf_new(CANONICAL_BYTES_MAX);
    sink->reject = strbuf_new(REJECT_BYTES_MAX);
    sha256_start(&sink->hash);
    sink->values = calloc(options->type->columns_count, sizeof *sink->values);
    if (!sink->values) {
        error_no_memory(err, options->type->columns_count * sizeof *sink->values);
        row_sink_free(sink);
        return NULL;
    }
    return sink;
}

void row_sink_free(struct row_sink *sink)
{
    if (!sink)
        return;
    strbuf_free(&sink->canonical);
    strbuf_free(&sink->reject);
    free(sink->values);
    free(sink);
}

struct raw_value *row_sink_values(struct row_sink *sink) { return sink->values; }

/* ---- telling ---- */

/* "changes.ndjson:12: amount" */
static void set_where(const struct row_sink *sink, uint64_t line, struct slice field,
                      struct error *err)
{
    struct error copy;
    char number[24] = "";
    if (line > 0)
        (void)snprintf(number, sizeof number, ":%llu", (unsigned long long)line);
    /* A long path loses its beginning, not the line. */
    const char *file = sink->options.file;
    size_t len = strlen(file), room = 96;
    while (len > room && ((unsigned char)file[len - room] & 0xC0) == 0x80)
        room--;
    char where[sizeof err->where];
    (void)snprintf(where, sizeof where, "%s%s%s%s%.*s", len > room ? "..." : "",
                   len > room ? file + len - room : file, number, field.len > 0 ? ": " : "",
                   (int)(field.len < 64 ? field.len : 64), field.len > 0 ? field.at : "");
    /* error_set() cleans what a terminal must not see; message and hint stay. */
    copy = *err;
    error_set(err, copy.code, where, "%s", "");
    memcpy(err->message, copy.message, sizeof err->message);
    memcpy(err->hint, copy.hint, sizeof err->hint);
}

bool row_sink_fail(struct row_sink *sink, uint64_t line, struct slice field, struct error *err)
{
    if (err->code == ERROR_INVALID || err->where[0] == '\0')
        set_where(sink, line, field, err);
    return false;
}

void row_sink_warn(struct row_sink *sink, uint64_t line, struct error *warning)
{
    set_where(sink, line, (struct slice){ 0 }, warning);
    findings_add_warning(sink->options.findings, warning);
}

/* ---- setting aside ---- */

/* One JSON line: the record (base64 if it is not UTF-8), where it stood, what was wrong. */
static bool reject_write(struct row_sink *sink, uint64_t line, struct slice field,
                         struct slice record, const struct error *why, struct error *err)
{
    struct strbuf *out = &sink->reject;
    size_t bad;
    strbuf_clear(out);
    if (utf8_is_valid(record, &bad)) {
        strbuf_add(out, SLICE("{\"record\":"));
        json_add_string(out, record);
    } else {
        strbuf_add(out, SLICE("{\"record_base64\":\""));
        base64_add(out, record.at, record.len);
        strbuf_add_char(out, '"');
    }
    strbuf_printf(out, ",\"line\":%llu,\"field\":", (unsigned long long)line);
    json_add_string(out, field);
    strbuf_add(out, SLICE(",\"reason\":"));
    json_add_string(out, slice_of(why->message));
    strbuf_add(out, SLICE("}\n"));
    return strbuf_ok(out, err) &&
           sink->options.reject(sink->options.reject_context, strbuf_slice(out), err);
}

/* Counts and keeps the record if the source says so; else fails. Only what the record holds is ever
 * set aside: a full disk is not. */
static bool set_aside(struct row_sink *sink, uint64_t line, struct slice field, struct slice record,
                      struct error *err)
{
    struct error why = *err;
    if (err->code != ERROR_INVALID || !sink->options.source->sets_aside)
        return row_sink_fail(sink, line, field, err);
    if (!reject_write(sink, line, field, record, &why, err))
        return false;
    sink->counts.set_aside++;
    set_where(sink, line, field, &why);
    findings_add_warning(sink->options.findings, &why);
    return true;
}

bool row_sink_refuse(struct row_sink *sink, uint64_t line, struct slice field, struct slice record,
                     struct error *err)
{
    sink->counts.rows++;
    return set_aside(sink, line, field, record, err);
}

/* ---- rows ---- */

static bool refuse_empty(const struct row_sink *sink, size_t column, struct error *err)
{
    const struct raw_value *value = &sink->values[column];
    struct slice path = sink->options.mapping->paths[column];
    if (value->kind == RAW_NULL)
        return error_set(err, ERROR_INVALID, NULL, "a value is required, and it is empty");
    return error_set(err, ERROR_INVALID, NULL,
                     "a value is required, and the record has no \"%.*s\"", SLICE_ARG(path));
}

/* The value's text as it stands, for looking it up; decoded into `room` if it has escapes. */
static struct slice word_of(const struct raw_value *value, char room[WORD_BYTES])
{
    switch (value->kind) {
    case RAW_ABSENT:
    case RAW_NULL:
        return SLICE("");
    case RAW_TRUE:
        return SLICE("true");
    case RAW_FALSE:
        return SLICE("false");
    default:
        if (!value->has_escapes)
            return value->text;
        if (value->text.len > WORD_BYTES)
            return (struct slice){ 0 };
        return (struct slice){ room, json_unescape(value->text, room) };
    }
}

/* What the export's word means, if the source says so: of words that it does not name, those
 * that are there are refused, unless it names all others ("*"). */
static bool word_translate(struct row_sink *sink, size_t column, struct error *err)
{
    char room[WORD_BYTES];
    struct raw_value *value = &sink->values[column];
    const struct value *words = sink->options.mapping->values[column];
    if (!words)
        return true;
    struct slice word = word_of(value, room);
    const struct value *meaning = NULL, *others = NULL;
    for (size_t i = 0; i < words->count && !meaning; i++) {
        if (slice_equal(words->members[i].name, word))
            meaning = words->members[i].value;
        else if (slice_is(words->members[i].name, "*"))
            others = words->members[i].value;
    }
    if (!meaning && word.len > 0)
        meaning = others;
    if (meaning) {
        struct slice text = value_text(meaning);
        *value = (struct raw_value){ .kind = text.len > 0 ? RAW_TEXT : RAW_NULL, .text = text };
        return true;
    }
    if (value->kind == RAW_ABSENT || value->kind == RAW_NULL)
        return true;
    error_set(err, ERROR_INVALID, NULL, "the source does not say what \"%.*s\" means",
              word.len > 64 ? 64 : slice_int(word.len), word.at ? word.at : "");
    return error_hint(err, "add it to the source's values, or say what all others mean: '*'");
}

/* What does not come from the record: constants, and the row's number. */
static void values_add(struct row_sink *sink)
{
    const struct mapping *mapping = sink->options.mapping;
    for (size_t i = 0; i < mapping->constant_columns_count; i++) {
        size_t column = mapping->constant_columns[i];
        sink->values[column] =
            (struct raw_value){ .kind = RAW_TEXT, .text = mapping->constants[column] };
    }
    if (mapping->row_columns_count == 0)
        return;
    int len =
        snprintf(sink->number, sizeof sink->number, "%llu", (unsigned long long)sink->counts.rows);
    for (size_t i = 0; i < mapping->row_columns_count; i++)
        sink->values[mapping->row_columns[i]] =
            (struct raw_value){ .kind = RAW_TEXT, .text = { sink->number, (size_t)len } };
}

/* A personal value names somebody; it is no document. */
static bool personal_fits(const struct row_sink *sink, size_t column, struct error *err)
{
    size_t row = sink->batch->rows;
    return !row_batch_has(sink->batch, column, row) ||
           sink->batch->columns[column].texts[row].len <= PERSONAL_BYTES_MAX ||
           error_set(err, ERROR_INVALID, NULL, "a personal value of %zu bytes: at most %d",
                     sink->batch->columns[column].texts[row].len, PERSONAL_BYTES_MAX);
}

/* *column is where it went wrong. */
static bool values_read(struct row_sink *sink, struct value_notes *notes, size_t *column,
                        struct error *err)
{
    const struct record_type *type = sink->options.type;
    for (size_t i = 0; i < type->columns_count; i++) {
        *column = i;
        sink->times.options.day = sink->options.mapping->days[i];
        if (!word_translate(sink, i, err) || !value_read(&type->columns[i], &sink->values[i],
                                                         &sink->times, sink->batch, i, notes, err))
            return false;
        if (type->columns[i].is_required && !row_batch_has(sink->batch, i, sink->batch->rows))
            return refuse_empty(sink, i, err);
        if (type->columns[i].is_personal && !personal_fits(sink, i, err))
            return false;
    }
    return true;
}

static void notes_take(struct row_sink *sink, uint64_t line, const struct value_notes *notes)
{
    struct error warning;
    if (notes->is_truncated)
        sink->truncated++;
    if (!notes->is_leap_second)
        return;
    error_set(&warning, ERROR_INVALID, NULL,
              "a leap second (23:59:60Z) is kept as the last microsecond of its day");
    row_sink_warn(sink, line, &warning);
}

/* Time span, count of undated rows, canonical text. */
static void row_count(struct row_sink *sink)
{
    size_t row = sink->batch->rows, time = sink->options.type->time;
    struct row_counts *counts = &sink->counts;
    counts->kept++;
    if (!row_batch_has(sink->batch, time, row)) {
        counts->undated++;
    } else {
        int64_t at_us = sink->batch->columns[time].numbers[row];
        counts->first_us = !counts->has_span || at_us < counts->first_us ? at_us : counts->first_us;
        counts->last_us = !counts->has_span || at_us > counts->last_us ? at_us : counts->last_us;
        counts->has_span = true;
    }
    row_batch_canonical(sink->batch, row, &sink->canonical);
}

static bool canonical_hash(struct row_sink *sink, struct error *err)
{
    if (!strbuf_ok(&sink->canonical, err))
        return false;
    sha256_add(&sink->hash, strbuf_slice(&sink->canonical));
    strbuf_clear(&sink->canonical);
    return true;
}

static bool tell_progress(struct row_sink *sink, struct error *err)
{
    uint64_t bytes = 0, bytes_total = 0;
    if (sink->options.input)
        input_progress(sink->options.input, &bytes, &bytes_total);
    return progress_tell(sink->options.progress, sink->options.file, sink->counts.rows, bytes,
                         bytes_total) ||
           error_set(err, ERROR_INTERRUPTED, NULL, "stopped; nothing was imported");
}

static bool batch_pass_on(struct row_sink *sink, struct error *err)
{
    row_queue_put(sink->queue, sink->batch);
    sink->batch = NULL;
    return tell_progress(sink, err);
}

bool row_sink_add(struct row_sink *sink, uint64_t line, struct slice record, struct error *err)
{
    struct value_notes notes = { 0 };
    size_t column = 0;
    bool ok = true;
    if (!sink->batch && !(sink->batch = row_queue_empty(sink->queue, err)))
        return false;
    sink->counts.rows++;
    values_add(sink);
    if (values_read(sink, &notes, &column, err)) {
        notes_take(sink, line, &notes);
        row_count(sink);
        sink->batch->rows++;
        if (sink->canonical.len >= HASH_BYTES)
            ok = canonical_hash(sink, err);
        if (ok && row_batch_is_full(sink->batch))
            ok = batch_pass_on(sink, err);
    } else {
        row_batch_drop_row(sink->batch);
        ok = set_aside(sink, line, sink->options.type->columns[column].name, record, err);
    }
    memset(sink->values, 0, sink->options.type->columns_count * sizeof *sink->values);
    _Static_assert(RAW_ABSENT == 0, "zeroed values are absent");
    return ok;
}

bool row_sink_finish(struct row_sink *sink, struct row_counts *counts, struct error *err)
{
    struct error warning;
    if (!canonical_hash(sink, err))
        return false;
    if (sink->batch && sink->batch->rows > 0 && !batch_pass_on(sink, err))
        return false;
    if (sink->batch) {
        row_queue_give_back(sink->queue, sink->batch);
        sink->batch = NULL;
    }
    sha256_finish(&sink->hash, &sink->counts.row_digest);
    if (sink->truncated > 0) {
        error_set(&warning, ERROR_INVALID, NULL,
                  "%llu rows have times with digits finer than a microsecond, which were cut",
                  (unsigned long long)sink->truncated);
        row_sink_warn(sink, 0, &warning);
    }
    *counts = sink->counts;
    return true;
}
