/* src/base/embedded.h
 * Files that travel inside the program: everything below catalog/, src/report/assets/ and
 * src/store/migrations/.
 *
 * The table is written at build time by cmake/embed.c. A new file needs no list. */
#ifndef ATTEST_BASE_EMBEDDED_H
#define ATTEST_BASE_EMBEDDED_H
#include <stddef.h>

struct embedded_file {
    /* "catalog/kinds/control.yaml", "report/page.css" (for src/report/assets/page.css),
     * "migrations/0001-tables.sql" (for src/store/migrations/...). */
    const char *path;
    const unsigned char *bytes; /* a zero byte follows the last one */
    size_t size;                /* in bytes, without that zero */
};

/* Sorted by path (strcmp), so that a folder's files lie together and bsearch() works. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_files_count;

#endif
