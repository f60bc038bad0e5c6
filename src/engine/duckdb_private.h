/* What the files behind engine.h share. Nothing else includes this. */
#ifndef ATTEST_ENGINE_DUCKDB_PRIVATE_H
#define ATTEST_ENGINE_DUCKDB_PRIVATE_H
#include <duckdb.h>
#include <pthread.h>

#include "engine/engine.h"

struct engine {
    duckdb_database database;
    duckdb_connection main;
    uint64_t memory_bytes_max;
    unsigned threads;
    char version[48];
    bool is_locked;
    bool has_files;      /* anything in `files` */
    struct strbuf files; /* 'a', 'b': as the setting allowed_paths takes them */
    /* Who may be interrupted: guards `running`. */
    pthread_mutex_t mutex;
    struct engine_result *running; /* open results, each with a connection of its own */
    /* What engine_write_parquet() is writing now; the table function reads it. */
    const struct row_source *source;
    struct error source_error;
    bool is_source_failed;
    struct engine_lookup lookup; /* of personal_value() */
    char *temp_folder;
};

/* Turns the database's text into *err and says false; `is_interrupted` and the like are told by its
 * first words. NULL is "no reason given". */
bool engine_fail(const struct engine *engine, const char *text, struct error *err);

/* A statement, prepared, of the kinds that may run now. */
MUST_USE bool engine_prepare(struct engine *engine, duckdb_connection connection, struct slice sql,
                             duckdb_prepared_statement *statement, struct error *err);

/* canonical_row(), canonical_key(), personal_value(). */
MUST_USE bool engine_register_functions(struct engine *engine, struct error *err);
/* The table function that engine_write_parquet() selects from. */
MUST_USE bool engine_register_writer(struct engine *engine, struct error *err);

/* What a column of the database is to us. */
struct engine_column engine_column_of(const char *name, duckdb_logical_type type);

/* The value of a decimal or wide integer of that column in its vector. */
engine_int128 engine_wide(const void *cells, duckdb_type type, size_t row);
/* The value of an integer of at most 64 bits, boolean, date or timestamp. */
int64_t engine_narrow(const void *cells, duckdb_type type, size_t row);
struct slice engine_string(const void *cells, size_t row);

/* A vector flattened by the database, with what is needed to read it. */
struct engine_cells {
    enum engine_type type;
    unsigned scale;
    duckdb_type physical; /* the integer type that stores a decimal; else the type itself */
    const void *cells;
    const uint64_t *validity; /* NULL: no cell is NULL */
    const void *items;        /* of a list */
    const uint64_t *items_validity;
};
void engine_cells_read(struct engine_cells *cells, duckdb_vector vector);
bool engine_cells_is_null(const struct engine_cells *cells, size_t row);
bool engine_cells_item_is_valid(const struct engine_cells *cells, size_t item);
/* False for a value that has no canonical form (a date beyond the years 1 to 9999, another type).
 */
bool engine_cells_canonical(const struct engine_cells *cells, size_t row, struct strbuf *out);

#endif
