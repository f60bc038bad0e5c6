/* The database itself: opening, locking, running statements, and what its errors mean.
 *
 * Nothing is taken from the surroundings: no home directory, no extensions from the disk or the
 * network, the time zone UTC, limits as the caller says. What users' expressions could reach if the
 * tree check failed is shut a second time by engine_lock(): the database's own switch for files and
 * network, its lock on settings, and here a list of the kinds of statements that may run at all (a
 * file that may be read could otherwise be written: COPY ... TO it). */
#include "engine/duckdb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MEMORY_BYTES_DEFAULT = 512 * 1024 * 1024,
    THREADS_MAX = 16,
    SQL_BYTES_MAX = 64 * 1024 * 1024,
};

const char *engine_version(const struct engine *engine) { return engine->version; }

bool engine_fail(const struct engine *engine, const char *text, struct error *err)
{
    static const struct {
        const char *prefix;
        enum error_code code;
    } kinds[] = {
        { "Out of Memory Error: ", ERROR_NO_MEMORY },
        { "INTERRUPT Error: ", ERROR_INTERRUPTED },
        { "IO Error: ", ERROR_IO },
        { "Interrupt Error: ", ERROR_INTERRUPTED },
        { "FATAL Error: ", ERROR_IO },
        { "INTERNAL Error: ", ERROR_IO },
    };
    enum error_code code = ERROR_INVALID;
    struct slice message = text ? slice_of(text) : SLICE("no reason given"), line;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (slice_starts_with(message, slice_of(kinds[i].prefix)))
            code = kinds[i].code;
    /* "Binder Error: Referenced column ..." and, after it, an excerpt of the statement. */
    const char *colon = strstr(message.at, " Error: ");
    const char *first_end = memchr(message.at, '\n', message.len);
    if (colon && (!first_end || colon < first_end) && colon - message.at < 32)
        message = slice_from(message, (size_t)(colon - message.at) + strlen(" Error: "));
    if (!slice_line(&message, &line))
        line = SLICE("no reason given");
    if (slice_starts_with(line, SLICE("no memory"))) /* from our own functions (error_no_memory) */
        code = ERROR_NO_MEMORY;
    error_set(err, code, NULL, "%.*s", SLICE_ARG(line));
    if (code == ERROR_NO_MEMORY)
        error_hint(err, "the engine's limit is %llu MiB; give it more, or a folder to spill to",
                   (unsigned long long)(engine->memory_bytes_max >> 20));
    return false;
}

static bool config_set(duckdb_config config, const char *name, const char *value, struct error *err)
{
    if (duckdb_set_config(config, name, value) == DuckDBSuccess)
        return true;
    return error_set(err, ERROR_INVALID, NULL, "the engine does not take %s = %s", name, value);
}

static unsigned threads_default(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

static bool config_fill(duckdb_config config, const struct engine *engine,
                        const struct engine_options *options, struct error *err)
{
    static const char *const fixed[][2] = {
        { "autoinstall_known_extensions", "false" }, { "autoload_known_extensions", "false" },
        { "allow_community_extensions", "false" },   { "allow_persistent_secrets", "false" },
        { "preserve_insertion_order", "true" },      { "default_null_order", "nulls_last" },
    };
    char memory[32], threads[16];
    (void)snprintf(threads, sizeof threads, "%u", engine->threads);
    (void)snprintf(memory, sizeof memory, "%lluB", (unsigned long long)engine->memory_bytes_max);
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (!config_set(config, fixed[i][0], fixed[i][1], err))
            return false;
    return config_set(config, "threads", threads, err) &&
           config_set(config, "memory_limit", memory, err) &&
           config_set(config, "temp_directory", options->temp_folder ? options->temp_folder : "",
                      err);
}

static bool database_open(struct engine *engine, const struct engine_options *options,
                          struct error *err)
{
    bool ok = false;
    duckdb_config config = NULL;
    char *reason = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess) {
        error_no_memory(err, sizeof(void *));
        goto done;
    }
    if (!config_fill(config, engine, options, err))
        goto done;
    if (duckdb_open_ext(":memory:", &engine->database, config, &reason) != DuckDBSuccess) {
        engine->database = NULL;
        engine_fail(engine, reason, err);
        goto done;
    }
    if (duckdb_connect(engine->database, &engine->main) != DuckDBSuccess) {
        engine->main = NULL;
        error_set(err, ERROR_NO_MEMORY, NULL, "no connection to the engine");
        goto done;
    }
    ok = true;
done:
    duckdb_free(reason);
    duckdb_destroy_config(&config);
    return ok;
}

struct engine *engine_open(const struct engine_options *options, struct error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        error_no_memory(err, sizeof *engine);
        return NULL;
    }
    engine->memory_bytes_max =
        options->memory_bytes_max ? options->memory_bytes_max : MEMORY_BYTES_DEFAULT;
    engine->threads = options->threads ? options->threads : threads_default();
    engine->files = strbuf_new(SQL_BYTES_MAX);
    engine->temp_folder = options->temp_folder ? strdup(options->temp_folder) : NULL;
    if (options->temp_folder && !engine->temp_folder) {
        error_no_memory(err, strlen(options->temp_folder));
        free(engine);
        return NULL;
    }
    /* The library says "v1.5.6". */
    const char *version = duckdb_library_version();
    (void)snprintf(engine->version, sizeof engine->version, "duckdb %s",
                   version[0] == 'v' ? version + 1 : version);
    if (pthread_mutex_init(&engine->mutex, NULL) != 0) {
        error_set(err, ERROR_NO_MEMORY, NULL, "no mutex");
        free(engine->temp_folder);
        free(engine);
        return NULL;
    }
    /* x/0 is NULL ("cannot be decided"), never an infinity; times without zone are UTC. The
     * deliminator of 1.5.6 turns the wrong comparison around where a correlated sub-query compares
     * by = and by two unequal ones: exists (... p.actor <> item.author and p.at <= item.at) is then
     * false for every row (docs/decisions/no-deliminator.md). */
    if (!database_open(engine, options, err) ||
        !engine_run(engine,
                    SLICE("set global ieee_floating_point_ops = false; "
                          "set global disabled_optimizers = 'deliminator'; "
                          "set global timezone = 'UTC'"),
                    err) ||
        !engine_register_functions(engine, err) || !engine_register_writer(engine, err)) {
        engine_close(engine);
        return NULL;
    }
    return engine;
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    if (engine->main)
        duckdb_disconnect(&engine->main);
    if (engine->database)
        duckdb_close(&engine->database);
    pthread_mutex_destroy(&engine->mutex);
    engine_set_lookup(engine, NULL);
    strbuf_free(&engine->files);
    free(engine->temp_folder);
    free(engine);
}

void engine_set_lookup(struct engine *engine, const struct engine_lookup *lookup)
{
    if (engine->lookup.free)
        engine->lookup.free(engine->lookup.context);
    engine->lookup = lookup ? *lookup : (struct engine_lookup){ 0 };
}

const char *engine_temp_folder(const struct engine *engine) { return engine->temp_folder; }

void engine_add_literal(struct strbuf *sql, struct slice text)
{
    strbuf_add_char(sql, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            strbuf_add_char(sql, '\'');
        strbuf_add_char(sql, text.at[i]);
    }
    strbuf_add_char(sql, '\'');
}

void engine_add_identifier(struct strbuf *sql, struct slice name)
{
    strbuf_add_char(sql, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            strbuf_add_char(sql, '"');
        strbuf_add_char(sql, name.at[i]);
    }
    strbuf_add_char(sql, '"');
}

bool engine_allow_file(struct engine *engine, const char *path, struct error *err)
{
    if (engine->is_locked)
        return error_set(err, ERROR_REFUSED, path, "the engine is locked");
    if (engine->has_files)
        strbuf_add(&engine->files, SLICE(", "));
    engine_add_literal(&engine->files, slice_of(path));
    engine->has_files = true;
    return strbuf_ok(&engine->files, err);
}

bool engine_lock(struct engine *engine, struct error *err)
{
    bool ok = false;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_add(&sql, SLICE("set allowed_paths = ["));
    strbuf_add(&sql, strbuf_slice(&engine->files));
    strbuf_add(&sql, SLICE("]; set enable_external_access = false; "
                           "set lock_configuration = true"));
    if (!strbuf_ok(&sql, err) || !engine_run(engine, strbuf_slice(&sql), err))
        goto done;
    engine->is_locked = true;
    ok = true;
done:
    strbuf_free(&sql);
    return ok;
}

/* What a locked engine runs: reading, and tables and views in its own memory. */
static bool may_run(const struct engine *engine, duckdb_statement_type type)
{
    if (!engine->is_locked)
        return true;
    return type == DUCKDB_STATEMENT_TYPE_SELECT || type == DUCKDB_STATEMENT_TYPE_CREATE ||
           type == DUCKDB_STATEMENT_TYPE_DROP;
}

/* A C string of the statement, for the library's sake. */
static char *statement_text(struct slice sql, struct error *err)
{
    size_t nul;
    if (slice_find(sql, '\0', &nul)) {
        error_set(err, ERROR_INVALID, NULL, "a NUL byte in a statement");
        return NULL;
    }
    char *text = malloc(sql.len + 1);
    if (!text) {
        error_no_memory(err, sql.len + 1);
        return NULL;
    }
    if (sql.len)
        memcpy(text, sql.at, sql.len);
    text[sql.len] = '\0';
    return text;
}

static bool prepare_one(struct engine *engine, duckdb_connection connection,
                        duckdb_extracted_statements statements, idx_t index,
                        duckdb_prepared_statement *statement, struct error *err)
{
    if (duckdb_prepare_extracted_statement(connection, statements, index, statement) !=
        DuckDBSuccess) {
        engine_fail(engine, duckdb_prepare_error(*statement), err);
        duckdb_destroy_prepare(statement);
        return false;
    }
    if (may_run(engine, duckdb_prepared_statement_type(*statement)))
        return true;
    duckdb_destroy_prepare(statement);
    return error_set(err, ERROR_REFUSED, NULL,
                     "a locked engine runs only select, create and drop statements");
}

bool engine_prepare(struct engine *engine, duckdb_connection connection, struct slice sql,
                    duckdb_prepared_statement *statement, struct error *err)
{
    bool ok = false;
    duckdb_extracted_statements statements = NULL;
    idx_t count;
    *statement = NULL;
    char *text = statement_text(sql, err);
    if (!text)
        return false;
    count = duckdb_extract_statements(connection, text, &statements);
    if (count == 0)
        engine_fail(engine, duckdb_extract_statements_error(statements), err);
    else if (count > 1)
        error_set(err, ERROR_INVALID, NULL, "%llu statements where one was expected",
                  (unsigned long long)count);
    else
        ok = prepare_one(engine, connection, statements, 0, statement, err);
    duckdb_destroy_extracted(&statements);
    free(text);
    return ok;
}

static bool run_prepared(struct engine *engine, duckdb_prepared_statement statement,
                         struct error *err)
{
    duckdb_result result;
    bool ok = duckdb_execute_prepared(statement, &result) == DuckDBSuccess;
    if (!ok)
        engine_fail(engine, duckdb_result_error(&result), err);
    duckdb_destroy_result(&result);
    return ok;
}

bool engine_run(struct engine *engine, struct slice sql, struct error *err)
{
    bool ok = false;
    duckdb_extracted_statements statements = NULL;
    idx_t count;
    char *text = statement_text(sql, err);
    if (!text)
        return false;
    count = duckdb_extract_statements(engine->main, text, &statements);
    if (count == 0) {
        engine_fail(engine, duckdb_extract_statements_error(statements), err);
        goto done;
    }
    if (count > 1 && engine->is_locked) {
        error_set(err, ERROR_REFUSED, NULL, "a locked engine runs one statement at a time");
        goto done;
    }
    /* Each is prepared when its turn has come, for it may need what the one before has made. */
    for (idx_t i = 0; i < count; i++) {
        duckdb_prepared_statement statement = NULL;
        if (!prepare_one(engine, engine->main, statements, i, &statement, err))
            goto done;
        bool is_run = run_prepared(engine, statement, err);
        duckdb_destroy_prepare(&statement);
        if (!is_run)
            goto done;
    }
    ok = true;
done:
    duckdb_destroy_extracted(&statements);
    free(text);
    return ok;
}
