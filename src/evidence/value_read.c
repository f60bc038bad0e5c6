/* One small function for each type of column: take what fits exactly, refuse the rest with a
 * reason. */
#include "evidence/value_read.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/time_pattern.h"
#include "engine/canonical.h"

/* ---- saying no ---- */

enum { TYPE_BYTES = 24, SHORT_BYTES = 256 };

/* The type as its definition names it. */
static void type_describe(const struct record_column *column, char out[TYPE_BYTES])
{
    static const char *const words[] = {
        [ENGINE_OTHER] = "value",         [ENGINE_TEXT] = "text",
        [ENGINE_INTEGER] = "integer",     [ENGINE_DECIMAL] = "decimal",
        [ENGINE_BOOLEAN] = "boolean",     [ENGINE_DATE] = "date",
        [ENGINE_TIMESTAMP] = "timestamp", [ENGINE_TEXT_LIST] = "list<text>",
        [ENGINE_DOUBLE] = "number",
    };
    if (column->type == ENGINE_DECIMAL)
        (void)snprintf(out, TYPE_BYTES, "decimal(%u,%u)", column->width, column->scale);
    else
        (void)snprintf(out, TYPE_BYTES, "%s",
                       column->is_interval ? "interval" : words[column->type]);
}

/* The beginning of a value, as a message may quote it. */
struct shown {
    char text[72];
};
static struct shown show(struct slice text)
{
    enum { SHOWN_MAX = 64 };
    struct shown shown = { { 0 } };
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        shown.text[i] = text.at[i];
    for (size_t i = 0; i < len; i++)
        if (shown.text[i] == '\0')
            shown.text[i] = '?';
    if (text.len > len)
        memcpy(shown.text + len, "...", 4);
    return shown;
}

static const char *raw_name(enum raw_kind kind)
{
    static const char *const names[] = {
        [RAW_ABSENT] = "nothing",     [RAW_NULL] = "nothing",         [RAW_TEXT] = "a text",
        [RAW_JSON_STRING] = "a text", [RAW_JSON_NUMBER] = "a number", [RAW_TRUE] = "true",
        [RAW_FALSE] = "false",        [RAW_OBJECT] = "an object",     [RAW_ARRAY] = "a list",
        [RAW_INTEGER] = "a number",   [RAW_SCALED] = "a number",      [RAW_DAYS] = "a date",
        [RAW_INSTANT] = "a time",     [RAW_LOCAL_TIME] = "a time",    [RAW_LIST] = "a list",
    };
    return names[kind];
}

static bool refuse_kind(const struct record_column *column, const struct raw_value *raw,
                        struct error *err)
{
    char type[TYPE_BYTES];
    type_describe(column, type);
    if (raw->kind != RAW_JSON_NUMBER)
        return error_set(err, ERROR_INVALID, NULL, "%s was expected, not %s", type,
                         raw_name(raw->kind));
    error_set(err, ERROR_INVALID, NULL, "%s was expected, not the number %s", type,
              show(raw->text).text);
    if (column->type == ENGINE_TEXT && !column->is_interval)
        error_hint(err,
                   "2 and \"2\" must not become one: write it in quotes, or declare the column "
                   "a number");
    if (column->type == ENGINE_TIMESTAMP)
        error_hint(
            err, "a count says neither its unit nor its start: write 2023-01-31T23:59:59Z, or say "
                 "in the source date_format: epoch-seconds (or epoch-milliseconds)");
    return false;
}

static bool refuse_text(const struct record_column *column, struct slice text, const char *why,
                        struct error *err)
{
    char type[TYPE_BYTES];
    type_describe(column, type);
    return error_set(err, ERROR_INVALID, NULL, "\"%s\" is not %s %s: %s", show(text).text,
                     type[0] == 'i' ? "an" : "a", type, why);
}

/* ---- text ---- */

static bool is_textual(enum raw_kind kind) { return kind == RAW_TEXT || kind == RAW_JSON_STRING; }

/* A decoded copy in the batch. A NUL is refused: much that reads text later would end there. */
static bool keep_text(struct row_batch *batch, struct slice text, bool has_escapes,
                      struct slice *kept, struct error *err)
{
    size_t nul;
    char *copy = row_batch_text(batch, text.len, err);
    if (!copy)
        return false;
    *kept = (struct slice){ copy, text.len };
    if (has_escapes)
        kept->len = json_unescape(text, copy);
    else if (text.len)
        memcpy(copy, text.at, text.len);
    if (!slice_find(*kept, '\0', &nul))
        return true;
    return error_set(err, ERROR_INVALID, NULL, "a NUL character in the text \"%s\"",
                     show(*kept).text);
}

static bool read_text(const struct record_column *column, const struct raw_value *raw,
                      struct row_batch *batch, size_t index, struct error *err)
{
    struct slice kept;
    if (!is_textual(raw->kind))
        return refuse_kind(column, raw, err);
    if (!keep_text(batch, raw->text, raw->has_escapes, &kept, err))
        return false;
    row_batch_put_text(batch, index, kept);
    return true;
}

/* The text of a value that becomes something else, decoded into `room`. False if it is longer than
 * any number, time or truth value that is written with escapes. */
static bool short_text(const struct raw_value *raw, char room[SHORT_BYTES], struct slice *text)
{
    *text = raw->text;
    if (!raw->has_escapes)
        return true;
    if (raw->text.len > SHORT_BYTES)
        return false;
    *text = (struct slice){ room, json_unescape(raw->text, room) };
    return true;
}

/* ---- numbers ---- */

static bool refuse_number(const struct record_column *column, struct slice text,
                          enum number_result result, struct error *err)
{
    if (result == NUMBER_TOO_FINE)
        return refuse_text(column, text, "it has more decimals, and nothing is rounded", err);
    if (result == NUMBER_TOO_LARGE)
        return refuse_text(column, text, "it is too large, and nothing is rounded", err);
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ',' || text.at[i] == '\'' || text.at[i] == ' ')
            return refuse_text(column, text,
                               "digits are not grouped, and the decimal sign is a point", err);
    return refuse_text(column, text, "digits were expected", err);
}

/* A number of any kind, at the column's scale. */
static bool read_number(const struct record_column *column, const struct raw_value *raw,
                        engine_int128 *scaled, struct error *err)
{
    char room[SHORT_BYTES], digits[42];
    struct slice text;
    bool is_integer = column->type == ENGINE_INTEGER;
    if (is_textual(raw->kind) || raw->kind == RAW_JSON_NUMBER) {
        if (!short_text(raw, room, &text))
            return refuse_text(column, raw->text, "digits were expected", err);
    } else if (raw->kind == RAW_INTEGER || raw->kind == RAW_SCALED) {
        text = (struct slice){ digits, decimal_format(raw->number, raw->scale, digits) };
    } else {
        return refuse_kind(column, raw, err);
    }
    enum number_result result =
        number_parse(text, is_integer ? 19 : column->width, is_integer ? 0 : column->scale, scaled);
    if (result == NUMBER_OK && is_integer && (*scaled > INT64_MAX || *scaled < INT64_MIN))
        result = NUMBER_TOO_LARGE;
    return result == NUMBER_OK || refuse_number(column, text, result, err);
}

static bool read_integer(const struct record_column *column, const struct raw_value *raw,
                         struct row_batch *batch, size_t index, struct error *err)
{
    engine_int128 number;
    if (!read_number(column, raw, &number, err))
        return false;
    row_batch_put_number(batch, index, (int64_t)number);
    return true;
}

static bool read_decimal(const struct record_column *column, const struct raw_value *raw,
                         struct row_batch *batch, size_t index, struct error *err)
{
    engine_int128 scaled;
    if (!read_number(column, raw, &scaled, err))
        return false;
    row_batch_put_decimal(batch, index, scaled);
    return true;
}

/* ---- truth values ---- */

static bool read_boolean(const struct record_column *column, const struct raw_value *raw,
                         struct row_batch *batch, size_t index, struct error *err)
{
    char room[SHORT_BYTES];
    struct slice text;
    bool value = raw->kind == RAW_TRUE;
    if (raw->kind != RAW_TRUE && raw->kind != RAW_FALSE) {
        if (!is_textual(raw->kind))
            return refuse_kind(column, raw, err);
        if (!short_text(raw, room, &text) || !truth_parse(text, &value))
            return refuse_text(column, raw->text, "true or false (yes, no, 1, 0) was expected",
                               err);
    }
    row_batch_put_number(batch, index, value);
    return true;
}

/* ---- dates and times ---- */

static bool beyond_years(struct error *err)
{
    return error_set(err, ERROR_INVALID, NULL, "a time beyond the years 1 to 9999");
}

/* How to say that an export writes its days otherwise; a pattern that was said needs no hint. */
static void hint_pattern(const struct value_times *times, struct error *err)
{
    if (times->pattern.len == 0 && err->code == ERROR_INVALID && err->hint[0] == '\0')
        (void)error_hint(err, "if the export writes it otherwise, say how in the source: "
                              "date_format: DD/MM/YYYY");
}

/* A clock's reading at midnight, where only a day belongs, is that day. */
static bool is_midnight(const struct raw_value *raw)
{
    return raw->kind == RAW_LOCAL_TIME && raw->number % US_PER_DAY == 0;
}

/* A text that the source's pattern explains, as ISO 8601 in `iso`. */
static bool pattern_apply(const struct value_times *times, char iso[TIME_ISO_BYTES],
                          struct slice *text, struct error *err)
{
    if (times->pattern.len == 0)
        return true;
    if (!time_pattern_rewrite(*text, times->pattern, iso, err))
        return false;
    *text = slice_of(iso);
    return true;
}

static bool read_date(const struct record_column *column, const struct raw_value *raw,
                      const struct value_times *times, struct row_batch *batch, size_t index,
                      struct error *err)
{
    char room[SHORT_BYTES], iso[TIME_ISO_BYTES];
    struct slice text;
    int32_t days;
    if (raw->kind == RAW_DAYS) {
        days = (int32_t)raw->number;
        if (days < INSTANT_MIN_US / US_PER_DAY || days > INSTANT_MAX_US / US_PER_DAY)
            return beyond_years(err);
    } else if (is_midnight(raw)) {
        days = (int32_t)(raw->number / US_PER_DAY);
    } else if (!is_textual(raw->kind)) {
        return refuse_kind(column, raw, err);
    } else if (!short_text(raw, room, &text)) {
        return refuse_text(column, raw->text, "YYYY-MM-DD was expected", err);
    } else if (!pattern_apply(times, iso, &text, err) || !date_parse(text, &days, err)) {
        hint_pattern(times, err);
        return false;
    }
    row_batch_put_number(batch, index, days);
    return true;
}

/* The text of a time that time_parse() is to judge. */
static bool time_text(const struct record_column *column, const struct raw_value *raw,
                      const struct value_times *times, char room[SHORT_BYTES], struct slice *text,
                      struct error *err)
{
    if (raw->kind == RAW_DAYS && times->options.day != TIME_DAY_REFUSED) {
        if (raw->number < INSTANT_MIN_US / US_PER_DAY || raw->number > INSTANT_MAX_US / US_PER_DAY)
            return beyond_years(err);
        date_format((int32_t)raw->number, room);
        *text = slice_of(room);
        return true;
    }
    if (raw->kind == RAW_LOCAL_TIME) {
        if (!local_time_write((int64_t)raw->number, room))
            return beyond_years(err);
        *text = (struct slice){ room, LOCAL_TIME_BYTES - 1 };
        return true;
    }
    if (!is_textual(raw->kind))
        return refuse_kind(column, raw, err);
    return short_text(raw, room, text) || refuse_text(column, raw->text, "it is too long", err);
}

/* A day where a time belongs: the source can say which of its instants is meant. */
static void hint_day(const struct record_column *column, const struct raw_value *raw,
                     const struct value_times *times, struct error *err)
{
    struct error ignored = { 0 };
    char iso[TIME_ISO_BYTES];
    struct slice text = raw->text;
    int32_t day;
    if (times->options.day == TIME_DAY_REFUSED && is_textual(raw->kind) &&
        pattern_apply(times, iso, &text, &ignored) && date_parse(text, &day, &ignored))
        (void)error_hint(err,
                         "if the export has only days: days: {%.*s: start} (or end) and "
                         "timezone in the source",
                         SLICE_ARG(column->name));
    else
        hint_pattern(times, err);
}

/* A number that counts from 1970, if the source says so. *is_one: it was such a number. */
static bool read_epoch(const struct raw_value *raw, const struct value_times *times,
                       int64_t *instant_us, bool *is_one, struct error *err)
{
    engine_int128 scaled;
    *is_one = false;
    if (times->epoch_scale == 0)
        return true;
    if (raw->kind == RAW_INTEGER || raw->kind == RAW_SCALED) {
        char digits[42];
        struct slice text = { digits, decimal_format(raw->number, raw->scale, digits) };
        *is_one = number_parse(text, 38, times->epoch_scale, &scaled) == NUMBER_OK;
    } else if (raw->kind == RAW_JSON_NUMBER || (is_textual(raw->kind) && !raw->has_escapes)) {
        *is_one = number_parse(raw->text, 38, times->epoch_scale, &scaled) == NUMBER_OK;
    }
    if (!*is_one)
        return true;
    if (scaled < INSTANT_MIN_US || scaled > INSTANT_MAX_US)
        return beyond_years(err);
    *instant_us = (int64_t)scaled;
    return true;
}

static bool read_timestamp(const struct record_column *column, const struct raw_value *raw,
                           const struct value_times *times, struct row_batch *batch, size_t index,
                           struct value_notes *notes, struct error *err)
{
    char room[SHORT_BYTES], iso[TIME_ISO_BYTES];
    struct slice text;
    int64_t instant_us = (int64_t)raw->number;
    enum time_note note = TIME_PLAIN;
    bool is_epoch;
    if (!read_epoch(raw, times, &instant_us, &is_epoch, err))
        return false;
    if (is_epoch) {
        row_batch_put_number(batch, index, instant_us);
        return true;
    }
    if (raw->kind == RAW_INSTANT) {
        if (!instant_is_valid(instant_us))
            return beyond_years(err);
    } else if (!time_text(column, raw, times, room, &text, err) ||
               (is_textual(raw->kind) && !pattern_apply(times, iso, &text, err)) ||
               !time_parse(text, &times->options, &instant_us, &note, err)) {
        hint_day(column, raw, times, err);
        return false;
    }
    notes->is_leap_second = notes->is_leap_second || note == TIME_LEAP_SECOND;
    notes->is_truncated = notes->is_truncated || note == TIME_TRUNCATED;
    row_batch_put_number(batch, index, instant_us);
    return true;
}

static bool read_interval(const struct record_column *column, const struct raw_value *raw,
                          struct row_batch *batch, size_t index, struct error *err)
{
    char room[SHORT_BYTES], written[INTERVAL_BYTES];
    struct slice text, kept;
    if (!is_textual(raw->kind))
        return refuse_kind(column, raw, err);
    if (!short_text(raw, room, &text) || !interval_parse(text, written))
        return refuse_text(column, raw->text, "PT1H30M or 1:30:00 was expected", err);
    if (!keep_text(batch, slice_of(written), false, &kept, err))
        return false;
    row_batch_put_text(batch, index, kept);
    return true;
}

/* ---- lists ---- */

static bool read_json_list(const struct record_column *column, struct slice array,
                           struct row_batch *batch, size_t index, struct error *err)
{
    struct json_scan scan;
    json_scan_start(&scan, array, 1);
    if (json_scan_next(&scan, err) != JSON_ARRAY_BEGIN)
        return refuse_text(column, array, "a JSON array of texts was expected", err);
    row_batch_put_list(batch, index);
    for (;;) {
        struct slice kept = { NULL, 0 };
        enum json_token token = json_scan_next(&scan, err);
        if (token == JSON_ARRAY_END)
            break;
        if (token == JSON_STRING) {
            if (!keep_text(batch, scan.text, scan.has_escapes, &kept, err))
                return false;
        } else if (token != JSON_NULL) {
            return refuse_text(column, array, "each element must be a text", err);
        }
        if (!row_batch_add_item(batch, index, kept, err))
            return false;
    }
    return json_scan_next(&scan, err) == JSON_END;
}

static bool read_list(const struct record_column *column, const struct raw_value *raw,
                      struct row_batch *batch, size_t index, struct error *err)
{
    /* CSV has no lists: a JSON array in its field is one. */
    if (raw->kind == RAW_ARRAY || raw->kind == RAW_TEXT)
        return read_json_list(column, raw->text, batch, index, err);
    if (raw->kind != RAW_LIST)
        return refuse_kind(column, raw, err);
    row_batch_put_list(batch, index);
    for (size_t i = 0; i < raw->items_count; i++) {
        struct slice kept = { NULL, 0 };
        if (raw->items[i].at && !keep_text(batch, raw->items[i], false, &kept, err))
            return false;
        if (!row_batch_add_item(batch, index, kept, err))
            return false;
    }
    return true;
}

bool value_read(const struct record_column *column, const struct raw_value *raw,
                const struct value_times *times, struct row_batch *batch, size_t index,
                struct value_notes *notes, struct error *err)
{
    if (raw->kind == RAW_ABSENT || raw->kind == RAW_NULL)
        return true;
    switch (column->type) {
    case ENGINE_TEXT:
        return column->is_interval ? read_interval(column, raw, batch, index, err)
                                   : read_text(column, raw, batch, index, err);
    case ENGINE_INTEGER:
        return read_integer(column, raw, batch, index, err);
    case ENGINE_DECIMAL:
        return read_decimal(column, raw, batch, index, err);
    case ENGINE_BOOLEAN:
        return read_boolean(column, raw, batch, index, err);
    case ENGINE_DATE:
        return read_date(column, raw, times, batch, index, err);
    case ENGINE_TIMESTAMP:
        return read_timestamp(column, raw, times, batch, index, notes, err);
    case ENGINE_TEXT_LIST:
        return read_list(column, raw, batch, index, err);
    case ENGINE_DOUBLE:
    case ENGINE_OTHER:
        break;
    }
    assert(false && "a column of no type that records have");
    return false;
}
