/* The record at hand begins at window.start and is kept whole in the window until it is finished;
 * all positions are counted from there, for the bytes move when the window is filled. */
#include "evidence/csv_scan.h"

#include <stdlib.h>
#include <string.h>

struct csv_part {
    size_t start, len; /* without the quotes */
    bool has_doubled;  /* quotes inside, each written twice */
};

bool csv_scan_start(struct csv_scan *scan, struct input *input, char delimiter,
                    size_t record_bytes_max, struct error *err)
{
    *scan = (struct csv_scan){ .delimiter = delimiter, .next_line = 1 };
    window_start(&scan->window, input, record_bytes_max);
    scan->parts = calloc(CSV_FIELDS_MAX, sizeof *scan->parts);
    scan->fields = calloc(CSV_FIELDS_MAX, sizeof *scan->fields);
    scan->stops[(unsigned char)delimiter] = scan->stops['\n'] = true;
    scan->stops['\r'] = scan->stops['"'] = true;
    return (scan->parts && scan->fields) ||
           error_no_memory(err, CSV_FIELDS_MAX * sizeof *scan->parts);
}

void csv_scan_free(struct csv_scan *scan)
{
    window_free(&scan->window);
    free(scan->parts);
    free(scan->fields);
    free(scan->decoded);
    *scan = (struct csv_scan){ 0 };
}

/* The byte at a position of the record; *is_end if the file ends before it. */
static bool byte_at(struct csv_scan *scan, size_t at, char *byte, bool *is_end, struct error *err)
{
    struct window *window = &scan->window;
    while (at >= window->end - window->start && !window->is_ended)
        if (!window_fill(window, err))
            return false;
    *is_end = at >= window->end - window->start;
    *byte = *is_end ? '\0' : window->bytes[window->start + at];
    return true;
}

static uint64_t lines_before(const struct csv_scan *scan, size_t at)
{
    uint64_t lines = 0;
    const char *next = scan->window.bytes + scan->window.start, *end = next + at;
    while (next < end && (next = memchr(next, '\n', (size_t)(end - next))) != NULL) {
        lines++;
        next++;
    }
    return lines;
}

/* A fault at a position: the rest of its line is left out, so that the next record can be read. */
static enum csv_result fault(struct csv_scan *scan, size_t at, struct error *err, const char *why)
{
    char byte = '\0';
    bool is_end = false;
    error_set(err, ERROR_INVALID, NULL, "%s", why);
    scan->fault_line = scan->line + lines_before(scan, at);
    while (!is_end && byte != '\n') {
        struct error failure;
        if (!byte_at(scan, at, &byte, &is_end, &failure)) {
            *err = failure;
            return CSV_FAILED;
        }
        at += !is_end;
    }
    scan->at = at;
    return CSV_FAULT;
}

/* After a field: moves past a delimiter or the end of the record. *ends: the record is whole. */
static enum csv_result after_field(struct csv_scan *scan, bool *ends, struct error *err)
{
    char byte, next;
    bool is_end;
    *ends = true;
    if (!byte_at(scan, scan->at, &byte, &is_end, err))
        return CSV_FAILED;
    if (is_end)
        return CSV_RECORD;
    if (byte == scan->delimiter) {
        scan->at++;
        *ends = false;
        return CSV_RECORD;
    }
    if (byte == '\r') {
        if (!byte_at(scan, scan->at + 1, &next, &is_end, err))
            return CSV_FAILED;
        if (is_end || next == '\n') {
            scan->at += is_end ? 1 : 2;
            return CSV_RECORD;
        }
        return fault(scan, scan->at, err, "a carriage return without a line feed");
    }
    if (byte == '\n') {
        scan->at++;
        return CSV_RECORD;
    }
    if (byte == '"')
        return fault(scan, scan->at, err,
                     "a quote inside a field that is not quoted; quote the field and double it");
    return fault(scan, scan->at, err, "something follows the closing quote of a field");
}

/* Up to the next byte that means something. */
static enum csv_result unquoted_field(struct csv_scan *scan, struct csv_part *part,
                                      struct error *err)
{
    struct window *window = &scan->window;
    part->start = scan->at;
    for (;;) {
        const char *bytes = window->bytes + window->start;
        size_t have = window->end - window->start, at = scan->at;
        while (at < have && !scan->stops[(unsigned char)bytes[at]])
            at++;
        scan->at = at;
        if (at < have || window->is_ended)
            break;
        if (!window_fill(window, err))
            return CSV_FAILED;
    }
    part->len = scan->at - part->start;
    return CSV_RECORD;
}

/* From behind the opening quote to behind the closing one. */
static enum csv_result quoted_field(struct csv_scan *scan, struct csv_part *part, struct error *err)
{
    struct window *window = &scan->window;
    size_t opened = scan->at - 1;
    part->start = scan->at;
    for (;;) {
        char next;
        bool is_end;
        size_t have = window->end - window->start;
        const char *bytes = window->bytes + window->start;
        const char *quote = have > scan->at ? memchr(bytes + scan->at, '"', have - scan->at) : NULL;
        if (!quote) {
            scan->at = have;
            if (window->is_ended)
                return fault(scan, opened, err, "a quote opened here is never closed");
            if (!window_fill(window, err))
                return CSV_FAILED;
            continue;
        }
        size_t at = (size_t)(quote - bytes);
        if (!byte_at(scan, at + 1, &next, &is_end, err))
            return CSV_FAILED;
        scan->at = at + 1;
        if (is_end || next != '"') {
            part->len = at - part->start;
            return CSV_RECORD;
        }
        part->has_doubled = true;
        scan->at = at + 2;
    }
}

/* Past blanks that do not count. */
static bool skip_blanks(struct csv_scan *scan, struct error *err)
{
    char byte;
    bool is_end;
    for (; scan->trims; scan->at++) {
        if (!byte_at(scan, scan->at, &byte, &is_end, err))
            return false;
        if (is_end || byte == scan->delimiter || (byte != ' ' && byte != '\t'))
            break;
    }
    return true;
}

static void trim_end(const struct csv_scan *scan, struct csv_part *part)
{
    const char *bytes = scan->window.bytes + scan->window.start + part->start;
    while (scan->trims && part->len > 0 &&
           (bytes[part->len - 1] == ' ' || bytes[part->len - 1] == '\t'))
        part->len--;
}

static enum csv_result take_fields(struct csv_scan *scan, struct error *err)
{
    bool ends = false;
    scan->parts_count = 0;
    scan->at = 0;
    while (!ends) {
        char byte;
        bool is_end;
        enum csv_result result;
        if (scan->parts_count == CSV_FIELDS_MAX)
            return fault(scan, scan->at, err, "more than 4096 fields in one record");
        struct csv_part *part = &scan->parts[scan->parts_count++];
        *part = (struct csv_part){ 0 };
        if (!skip_blanks(scan, err) || !byte_at(scan, scan->at, &byte, &is_end, err))
            return CSV_FAILED;
        if (!is_end && byte == '"') {
            scan->at++;
            result = quoted_field(scan, part, err);
            if (result == CSV_RECORD && !skip_blanks(scan, err))
                return CSV_FAILED;
        } else {
            result = unquoted_field(scan, part, err);
            trim_end(scan, part);
        }
        if (result == CSV_RECORD)
            result = after_field(scan, &ends, err);
        if (result != CSV_RECORD)
            return result;
    }
    return CSV_RECORD;
}

/* Fields with doubled quotes are written out beside the record. */
static bool decode_fields(struct csv_scan *scan, struct error *err)
{
    size_t used = 0;
    const char *bytes = scan->record.at;
    for (size_t i = 0; i < scan->parts_count; i++) {
        const struct csv_part *part = &scan->parts[i];
        scan->fields[i] = (struct slice){ bytes + part->start, part->len };
        if (!part->has_doubled)
            continue;
        if (scan->decoded_capacity < scan->record.len) {
            size_t capacity = scan->record.len * 2;
            free(scan->decoded);
            scan->decoded_capacity = 0;
            scan->decoded = malloc(capacity);
            if (!scan->decoded)
                return error_no_memory(err, capacity);
            scan->decoded_capacity = capacity;
        }
        char *out = scan->decoded + used;
        for (size_t at = 0; at < part->len; at++) {
            scan->decoded[used++] = bytes[part->start + at];
            at += bytes[part->start + at] == '"'; /* the second of two */
        }
        scan->fields[i] = (struct slice){ out, (size_t)(scan->decoded + used - out) };
    }
    scan->fields_count = scan->parts_count;
    return true;
}

/* Bytes that no CSV text has, wherever they stand. */
static enum csv_result check_bytes(struct csv_scan *scan, struct error *err)
{
    size_t bad;
    if (slice_find(scan->record, '\0', &bad)) {
        error_set(err, ERROR_INVALID, NULL, "a NUL byte");
    } else if (!utf8_is_valid(scan->record, &bad)) {
        error_set(err, ERROR_INVALID, NULL, "byte 0x%02x is not UTF-8",
                  (unsigned)(unsigned char)scan->record.at[bad]);
        error_hint(err, "export as UTF-8, or convert: iconv -f WINDOWS-1252 -t UTF-8");
    } else {
        return CSV_RECORD;
    }
    scan->fault_line = scan->line;
    for (size_t i = 0; i < bad; i++)
        scan->fault_line += scan->record.at[i] == '\n';
    return CSV_FAULT;
}

enum csv_result csv_scan_next(struct csv_scan *scan, struct error *err)
{
    char byte;
    bool is_end;
    struct window *window = &scan->window;
    scan->line = scan->next_line;
    scan->fields_count = 0;
    if (!byte_at(scan, 0, &byte, &is_end, err)) {
        scan->fault_line = scan->line;
        return CSV_FAILED;
    }
    if (is_end)
        return CSV_END;
    enum csv_result result = take_fields(scan, err);
    if (result == CSV_FAILED) {
        scan->fault_line = scan->line;
        return result;
    }
    scan->record = (struct slice){ window->bytes + window->start, scan->at };
    scan->next_line = scan->line + lines_before(scan, scan->at);
    window->start += scan->at;
    if (result != CSV_RECORD)
        return result;
    scan->is_blank = scan->parts_count == 1 && scan->parts[0].len == 0 && scan->record.at[0] != '"';
    result = check_bytes(scan, err);
    if (result == CSV_RECORD && !decode_fields(scan, err))
        return CSV_FAILED;
    return result;
}
