/* SQL over records, and Parquet files: the one door to the database engine.
 *
 * DuckDB is behind it (duckdb*.c); nothing above includes its header. Two kinds of statements come
 * through here. Trusted ones are written by this program. Untrusted ones hold expressions of users:
 * they are accepted by syntax tree (expression.h) and run only after engine_lock(), when no file
 * but those allowed by name, no network, no setting and no extension can be reached, whatever the
 * tree check may have missed.
 *
 * Values are exact: integers of 64 bits, decimals as scaled integers of 128 bits, timestamps as UTC
 * microseconds (TIMESTAMP without zone). Text is UTF-8 and may hold NULs.
 *
 * An engine belongs to one thread, but for engine_interrupt(). */
#ifndef ATTEST_ENGINE_ENGINE_H
#define ATTEST_ENGINE_ENGINE_H
#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

struct engine; /* layout: duckdb_private.h */

struct engine_options {
    uint64_t memory_bytes_max; /* 0: 512 MiB. What exceeds it goes to temp_folder or fails */
    unsigned threads;          /* 0: one for each processor, at most 16 */
    const char *temp_folder;   /* where large sorts and joins spill; NULL: they fail instead */
};

/* An empty database in memory. Division by zero is NULL; extensions are neither loaded nor fetched;
 * nothing in anyone's home directory is read or made.
 * Owner:  the caller; release with engine_close().
 * Errors: ERROR_INVALID (a temp folder that cannot be), ERROR_NO_MEMORY. */
MUST_USE struct engine *engine_open(const struct engine_options *options, struct error *err);
void engine_close(struct engine *engine); /* NULL is fine; results must be freed before */
/* "duckdb 1.5.6", as a test run names it. */
const char *engine_version(const struct engine *engine);

/* A file that statements may read after engine_lock(), by exactly this path. */
MUST_USE bool engine_allow_file(struct engine *engine, const char *path, struct error *err);
/* For good. Afterwards only SELECT and CREATE statements are taken, one at a time; files that were
 * not allowed, network, settings, attached databases and extensions are out of reach. */
MUST_USE bool engine_lock(struct engine *engine, struct error *err);

/* Stops what runs, from any thread: it fails with ERROR_INTERRUPTED. */
void engine_interrupt(struct engine *engine);

/* ---- statements ---- */

/* For building statements: 'text' and "name" with quotes doubled. */
void engine_add_literal(struct strbuf *sql, struct slice text);
void engine_add_identifier(struct strbuf *sql, struct slice name);

/* Runs statements (before locking: several, separated by semicolons) whose results are of no
 * interest. Errors: ERROR_INVALID (the statement, or a value it met), ERROR_NO_MEMORY (the limit;
 * the hint says which), ERROR_INTERRUPTED, ERROR_IO. The message is the engine's, without its own
 * prefix. */
MUST_USE bool engine_run(struct engine *engine, struct slice sql, struct error *err);

enum engine_type {
    ENGINE_OTHER, /* cannot be read: cast it in the statement */
    ENGINE_TEXT,
    ENGINE_INTEGER, /* any integer that fits 64 bits */
    ENGINE_DECIMAL,
    ENGINE_BOOLEAN,
    ENGINE_DATE,      /* days since 1970 */
    ENGINE_TIMESTAMP, /* UTC microseconds since 1970 */
    ENGINE_TEXT_LIST,
    ENGINE_DOUBLE, /* as Parquet files of others have; never written by us */
};
struct engine_column {
    const char *name;
    enum engine_type type;
    uint8_t width, scale; /* of a decimal: width 1 to 38, scale <= width */
};
__extension__ typedef __int128 engine_int128;

struct engine_result;
/* One statement whose rows are streamed: memory stays flat however many there are. Parameters ($1,
 * $2 ...) are bound as text. Several results may be open at once.
 * Owner:  the caller; release with engine_result_free().
 * Errors: as engine_run(); also while the rows come. */
MUST_USE struct engine_result *engine_query(struct engine *engine, struct slice sql,
                                            const struct slice *parameters, size_t parameters_count,
                                            struct error *err);
void engine_result_free(struct engine_result *result); /* NULL is fine */
size_t engine_result_columns(const struct engine_result *result);
const struct engine_column *engine_result_column(const struct engine_result *result, size_t column);
/* The next rows, at most 2048: 0 at the end. What the accessors lend lives until the next call. */
MUST_USE bool engine_result_next(struct engine_result *result, size_t *rows, struct error *err);

/* Cells of the present rows. The typed ones must be of that type and not NULL (asserted). */
bool engine_is_null(const struct engine_result *result, size_t column, size_t row);
struct slice engine_text(const struct engine_result *result, size_t column, size_t row);
/* Also of booleans (0, 1), dates (days) and timestamps (microseconds). */
int64_t engine_int64(const struct engine_result *result, size_t column, size_t row);
bool engine_bool(const struct engine_result *result, size_t column, size_t row);
engine_int128 engine_decimal(const struct engine_result *result, size_t column, size_t row);
size_t engine_list_count(const struct engine_result *result, size_t column, size_t row);
/* False for a NULL element. */
bool engine_list_text(const struct engine_result *result, size_t column, size_t row, size_t index,
                      struct slice *text);
/* The cell as a canonical row has it (contract, Values): null or a JSON string, a list as array.
 * False for what has no such form: a DOUBLE, another type, a date or time beyond the years 1 to
 * 9999. */
MUST_USE bool engine_add_canonical(const struct engine_result *result, size_t column, size_t row,
                                   struct strbuf *out);

/* One row, one column of integer type. */
MUST_USE bool engine_query_int64(struct engine *engine, struct slice sql, int64_t *value,
                                 struct error *err);

/* In every engine there is the SQL function
 *
 *     canonical_row(value, ...) -> VARCHAR
 *
 * the canonical JSON array (RFC 8785) of its arguments in the contract's text forms:
 * canonical_row(id) is an item's key ["chg-1"], canonical_row over all columns the canonical row.
 * Arguments are VARCHAR, integers, DECIMAL, BOOLEAN, DATE, TIMESTAMP or VARCHAR[]; another type
 * fails when the statement is bound. canonical_key is the same function under another name. */

/* And the SQL functions
 *
 *     personal_value(text) -> VARCHAR
 *     personal_is_closed(text) -> BOOLEAN
 *
 * The first gives what this lookup has for the text, and the text itself where it has nothing (or
 * no lookup was set). The second says whether the lookup knows the text and has nothing for it.
 * NULL gives NULL. The lookup is asked from several threads at once. The engine
 * frees the context when it is closed, or another lookup is set. */
struct engine_lookup {
    bool (*find)(void *context, struct slice text, struct slice *value);
    bool (*is_closed)(void *context, struct slice text);
    void (*free)(void *context);
    void *context;
};
void engine_set_lookup(struct engine *engine, const struct engine_lookup *lookup);
/* Where large sorts spill to; NULL if nowhere. */
const char *engine_temp_folder(const struct engine *engine);

/* ---- Parquet ---- */

/* The rows of a writer while they come. A cell that is not set is NULL. Text is valid UTF-8,
 * borrowed until fill is called again or the writing has ended. */
struct engine_rows;
size_t engine_rows_capacity(const struct engine_rows *rows);
void engine_set_text(struct engine_rows *rows, size_t column, size_t row, struct slice text);
void engine_set_int64(struct engine_rows *rows, size_t column, size_t row, int64_t value);
void engine_set_decimal(struct engine_rows *rows, size_t column, size_t row, engine_int128 scaled);
void engine_set_bool(struct engine_rows *rows, size_t column, size_t row, bool value);
/* All items of the cell at once; text.at == NULL is a NULL element. */
MUST_USE bool engine_set_list(struct engine_rows *rows, size_t column, size_t row,
                              const struct slice *items, size_t count, struct error *err);

struct row_source {
    const struct engine_column *columns;
    size_t columns_count;
    /* Puts up to engine_rows_capacity() rows, numbered from 0, and says how many: 0 is the end.
     * False with *err stops the writing. Called on the thread of engine_write_parquet(). */
    bool (*fill)(void *context, struct engine_rows *rows, size_t *count, struct error *err);
    void *context;
};
/* Writes the rows in their order into a new Parquet file (zstd), of the same bytes for the same
 * rows and library. Timestamps are stored as UTC microseconds. Not after engine_lock(). On failure
 * a partial file may be left at `path`. Errors: those of fill, ERROR_IO, ERROR_NO_MEMORY. */
MUST_USE bool engine_write_parquet(struct engine *engine, const struct row_source *source,
                                   const char *path, struct error *err);

/* The columns of a Parquet file; names are copied into the arena.
 * Errors: ERROR_INVALID (not a Parquet file, or a damaged one), ERROR_NOT_FOUND. */
struct engine_schema {
    struct engine_column *columns;
    size_t count;
    int64_t rows;
};
struct arena;
MUST_USE bool engine_read_parquet_schema(struct engine *engine, struct arena *arena,
                                         const char *path, struct engine_schema *schema,
                                         struct error *err);

#endif
