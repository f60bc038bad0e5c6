/* CSV records out of a stream of bytes: RFC 4180, no more. Quotes only around a whole field,
 * doubled inside; records end with LF or CRLF; line breaks may stand inside quotes. */
#ifndef ATTEST_EVIDENCE_CSV_SCAN_H
#define ATTEST_EVIDENCE_CSV_SCAN_H
#include "evidence/input.h"

enum { CSV_FIELDS_MAX = 4096 };

struct csv_scan {
    struct window window;
    char delimiter;
    bool trims; /* set after the start: blanks around a field are no part of it */
    /* The record just read; slices are valid until the next. */
    uint64_t line; /* where it begins, from 1 */
    struct slice record;
    struct slice *fields; /* decoded */
    size_t fields_count;
    bool is_blank; /* an empty line */
    /* After a fault: the line it is on. */
    uint64_t fault_line;
    /* Private. */
    uint64_t next_line;
    struct csv_part *parts; /* of the record at hand */
    size_t parts_count;
    size_t at; /* from the record's start */
    char *decoded;
    size_t decoded_capacity;
    bool stops[256]; /* bytes that end or break an unquoted field */
};

/* CSV_END: no more records. CSV_FAULT: *err says why, fault_line where; the record is what was read
 * of it, and the next call goes on after its line. CSV_FAILED: *err; nothing goes on. */
enum csv_result { CSV_RECORD, CSV_END, CSV_FAULT, CSV_FAILED };

MUST_USE bool csv_scan_start(struct csv_scan *scan, struct input *input, char delimiter,
                             size_t record_bytes_max, struct error *err);
void csv_scan_free(struct csv_scan *scan);
enum csv_result csv_scan_next(struct csv_scan *scan, struct error *err);

#endif
