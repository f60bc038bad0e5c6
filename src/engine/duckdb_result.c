/* Rows that come back: streamed, each result on a connection of its own, so that several can be
 * open and each can be interrupted. The library's vectors are flat here (what it streams always
 * is), so a cell is an element of an array and a bit that says whether it is there. */
#include "engine/duckdb_private.h"

#include <assert.h>
#include <stdlib.h>

struct engine_result {
    struct engine *engine;
    struct engine_result *next, **link; /* in engine->running */
    duckdb_connection connection;
    duckdb_prepared_statement statement;
    duckdb_result result;
    bool has_result;
    duckdb_data_chunk chunk;
    size_t rows;
    size_t columns_count;
    struct engine_column *columns;
    struct engine_cells *cells;
};

static void running_add(struct engine *engine, struct engine_result *result)
{
    pthread_mutex_lock(&engine->mutex);
    result->next = engine->running;
    result->link = &engine->running;
    if (result->next)
        result->next->link = &result->next;
    engine->running = result;
    pthread_mutex_unlock(&engine->mutex);
}

static void running_remove(struct engine *engine, struct engine_result *result)
{
    pthread_mutex_lock(&engine->mutex);
    if (result->link) {
        *result->link = result->next;
        if (result->next)
            result->next->link = result->link;
    }
    pthread_mutex_unlock(&engine->mutex);
}

void engine_interrupt(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    duckdb_interrupt(engine->main);
    for (struct engine_result *result = engine->running; result; result = result->next)
        duckdb_interrupt(result->connection);
    pthread_mutex_unlock(&engine->mutex);
}

/* Names and types; known once the statement runs. */
static bool columns_read(struct engine_result *result, struct error *err)
{
    size_t count = (size_t)duckdb_column_count(&result->result);
    result->columns = calloc(count ? count : 1, sizeof *result->columns);
    result->cells = calloc(count ? count : 1, sizeof *result->cells);
    if (!result->columns || !result->cells)
        return error_no_memory(err, count * sizeof *result->cells);
    for (size_t i = 0; i < count; i++) {
        duckdb_logical_type type = duckdb_column_logical_type(&result->result, i);
        result->columns[i] = engine_column_of(duckdb_column_name(&result->result, i), type);
        duckdb_destroy_logical_type(&type);
    }
    result->columns_count = count;
    return true;
}

static bool parameters_bind(struct engine_result *result, const struct slice *parameters,
                            size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (duckdb_bind_varchar_length(result->statement, i + 1,
                                       parameters[i].at ? parameters[i].at : "",
                                       parameters[i].len) != DuckDBSuccess)
            return engine_fail(result->engine, duckdb_prepare_error(result->statement), err);
    return true;
}

static bool result_start(struct engine_result *result, struct slice sql,
                         const struct slice *parameters, size_t count, struct error *err)
{
    struct engine *engine = result->engine;
    if (duckdb_connect(engine->database, &result->connection) != DuckDBSuccess) {
        result->connection = NULL;
        return error_set(err, ERROR_NO_MEMORY, NULL, "no connection to the engine");
    }
    running_add(engine, result);
    if (!engine_prepare(engine, result->connection, sql, &result->statement, err) ||
        !parameters_bind(result, parameters, count, err))
        return false;
    result->has_result = true;
    if (duckdb_execute_prepared_streaming(result->statement, &result->result) != DuckDBSuccess)
        return engine_fail(engine, duckdb_result_error(&result->result), err);
    return columns_read(result, err);
}

struct engine_result *engine_query(struct engine *engine, struct slice sql,
                                   const struct slice *parameters, size_t parameters_count,
                                   struct error *err)
{
    struct engine_result *result = calloc(1, sizeof *result);
    if (!result) {
        error_no_memory(err, sizeof *result);
        return NULL;
    }
    result->engine = engine;
    if (!result_start(result, sql, parameters, parameters_count, err)) {
        engine_result_free(result);
        return NULL;
    }
    return result;
}

void engine_result_free(struct engine_result *result)
{
    if (!result)
        return;
    running_remove(result->engine, result);
    duckdb_destroy_data_chunk(&result->chunk);
    if (result->has_result)
        duckdb_destroy_result(&result->result);
    duckdb_destroy_prepare(&result->statement);
    if (result->connection)
        duckdb_disconnect(&result->connection);
    free(result->columns);
    free(result->cells);
    free(result);
}

size_t engine_result_columns(const struct engine_result *result) { return result->columns_count; }

const struct engine_column *engine_result_column(const struct engine_result *result, size_t column)
{
    assert(column < result->columns_count);
    return &result->columns[column];
}

bool engine_result_next(struct engine_result *result, size_t *rows, struct error *err)
{
    *rows = result->rows = 0;
    do {
        duckdb_destroy_data_chunk(&result->chunk);
        result->chunk = duckdb_fetch_chunk(result->result);
        if (!result->chunk) {
            const char *reason = duckdb_result_error(&result->result);
            return reason ? engine_fail(result->engine, reason, err) : true;
        }
        result->rows = (size_t)duckdb_data_chunk_get_size(result->chunk);
    } while (result->rows == 0);
    for (size_t i = 0; i < result->columns_count; i++)
        engine_cells_read(&result->cells[i], duckdb_data_chunk_get_vector(result->chunk, i));
    *rows = result->rows;
    return true;
}

static const struct engine_cells *cells_at(const struct engine_result *result, size_t column,
                                           size_t row)
{
    assert(column < result->columns_count && row < result->rows);
    return &result->cells[column];
}

bool engine_is_null(const struct engine_result *result, size_t column, size_t row)
{
    return engine_cells_is_null(cells_at(result, column, row), row);
}

struct slice engine_text(const struct engine_result *result, size_t column, size_t row)
{
    const struct engine_cells *cells = cells_at(result, column, row);
    assert(cells->type == ENGINE_TEXT && !engine_cells_is_null(cells, row));
    return engine_string(cells->cells, row);
}

int64_t engine_int64(const struct engine_result *result, size_t column, size_t row)
{
    const struct engine_cells *cells = cells_at(result, column, row);
    assert((cells->type == ENGINE_INTEGER || cells->type == ENGINE_BOOLEAN ||
            cells->type == ENGINE_DATE || cells->type == ENGINE_TIMESTAMP) &&
           !engine_cells_is_null(cells, row));
    return engine_narrow(cells->cells, cells->physical, row);
}

bool engine_bool(const struct engine_result *result, size_t column, size_t row)
{
    const struct engine_cells *cells = cells_at(result, column, row);
    assert(cells->type == ENGINE_BOOLEAN && !engine_cells_is_null(cells, row));
    return ((const bool *)cells->cells)[row];
}

engine_int128 engine_decimal(const struct engine_result *result, size_t column, size_t row)
{
    const struct engine_cells *cells = cells_at(result, column, row);
    assert(cells->type == ENGINE_DECIMAL && !engine_cells_is_null(cells, row));
    return engine_wide(cells->cells, cells->physical, row);
}

size_t engine_list_count(const struct engine_result *result, size_t column, size_t row)
{
    const struct engine_cells *cells = cells_at(result, column, row);
    assert(cells->type == ENGINE_TEXT_LIST && !engine_cells_is_null(cells, row));
    return (size_t)((const duckdb_list_entry *)cells->cells)[row].length;
}

bool engine_list_text(const struct engine_result *result, size_t column, size_t row, size_t index,
                      struct slice *text)
{
    const struct engine_cells *cells = cells_at(result, column, row);
    assert(index < engine_list_count(result, column, row));
    size_t item = (size_t)((const duckdb_list_entry *)cells->cells)[row].offset + index;
    if (!engine_cells_item_is_valid(cells, item))
        return false;
    *text = engine_string(cells->items, item);
    return true;
}

bool engine_add_canonical(const struct engine_result *result, size_t column, size_t row,
                          struct strbuf *out)
{
    return engine_cells_canonical(cells_at(result, column, row), row, out);
}

bool engine_query_int64(struct engine *engine, struct slice sql, int64_t *value, struct error *err)
{
    bool ok = false;
    size_t rows;
    struct engine_result *result = engine_query(engine, sql, NULL, 0, err);
    if (!result)
        return false;
    if (!engine_result_next(result, &rows, err))
        goto done;
    if (rows != 1 || result->columns_count != 1 || result->cells[0].type != ENGINE_INTEGER ||
        engine_is_null(result, 0, 0)) {
        error_set(err, ERROR_INVALID, NULL, "one integer was expected");
        goto done;
    }
    *value = engine_int64(result, 0, 0);
    ok = true;
done:
    engine_result_free(result);
    return ok;
}
