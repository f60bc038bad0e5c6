/* Foreign files as records, whatever they are written in: each a tree of texts, lists and objects
 * with the lines it stands on. */
#ifndef ATTEST_CONVERT_RECORDS_H
#define ATTEST_CONVERT_RECORDS_H
#include "base/digest.h"
#include "base/value.h"

/* How a file is read, as a preset says it. */
struct record_format {
    struct slice reader; /* csv, xlsx, json, yaml or front-matter */
    char delimiter;
    struct slice sheet; /* of a workbook; empty: the only one */
    bool trims;         /* spaces around a value do not count */
    struct slice each;  /* path to the list of records; empty: the file is a list, or one record */
};
/* One record. In `whole`, what stands around it, if it is an element of a list in it (`each`);
 * otherwise NULL. Beside its own members it has $file (the file's name without folder and ending),
 * $row (its number, from 1) and, of front matter, $body. */
struct record {
    struct value *element;
    const struct value *whole;
    uint32_t line;
};
struct records {
    struct record *items;
    size_t count;
    struct digest digest; /* of the file's bytes */
};
enum { RECORDS_MAX = 200000, RECORDS_FILE_BYTES_MAX = 64 << 20 };

/* Reads a file. Owner: the arena. Errors: ERROR_NOT_FOUND, ERROR_IO, ERROR_INVALID with file, line
 * and what was expected; faults of a YAML file are added to the findings, one each. */
MUST_USE bool records_read(struct arena *arena, const char *path,
                           const struct record_format *format, struct records *records,
                           struct findings *findings, struct error *err);

/* front_matter.c: the YAML before a line --- and the text behind it. The front matter may begin
 * with such a line. For tests and fuzzing; `where` is the file's name. */
MUST_USE bool front_matter_read(struct arena *arena, struct slice text, const char *where,
                                struct value **matter, struct slice *body,
                                struct findings *findings, struct error *err);

#endif
