/* Parquet files from rows that the caller makes one batch after the other.
 *
 * A table function gives the rows, COPY writes them: rows stream through one thread in their order
 * and memory stays flat; appending to a table first would not. The function reads the source from
 * the engine, not from an argument, so that no statement can make it read anything else. */
#include "engine/duckdb_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* To be seen as one of ours: SELECT * FROM attest_rows(). */
#define WRITER_FUNCTION "attest_rows"

enum { SQL_BYTES_MAX = 64 * 1024 };

/* One batch: the vectors of the chunk that the database gave. */
struct engine_rows {
    duckdb_data_chunk chunk;
    size_t columns_count;
    const struct engine_column *columns;
    struct {
        duckdb_vector vector;
        void *cells;
        uint64_t *validity;
        duckdb_type physical;
        size_t items_count; /* of a list column, in this batch */
    } vectors[];
};

size_t engine_rows_capacity(const struct engine_rows *rows)
{
    (void)rows;
    return (size_t)duckdb_vector_size();
}

static void set_valid(struct engine_rows *rows, size_t column, size_t row)
{
    rows->vectors[column].validity[row / 64] |= UINT64_C(1) << row % 64;
}

/* The library's own layout of a string, which its header publishes. It copies the chunk into
 * buffers of its own before it asks for the next, so a long text can stay where it is. */
static void string_set(duckdb_string_t *cell, struct slice text)
{
    memset(cell, 0, sizeof *cell);
    cell->value.pointer.length = (uint32_t)text.len;
    if (text.len > sizeof cell->value.inlined.inlined) {
        memcpy(cell->value.pointer.prefix, text.at, sizeof cell->value.pointer.prefix);
        memcpy(&cell->value.pointer.ptr, &text.at, sizeof text.at); /* only read from */
    } else if (text.len > 0) {
        memcpy(cell->value.inlined.inlined, text.at, text.len);
    }
}

void engine_set_text(struct engine_rows *rows, size_t column, size_t row, struct slice text)
{
    assert(rows->columns[column].type == ENGINE_TEXT);
    set_valid(rows, column, row);
    string_set((duckdb_string_t *)rows->vectors[column].cells + row, text);
}

void engine_set_int64(struct engine_rows *rows, size_t column, size_t row, int64_t value)
{
    set_valid(rows, column, row);
    if (rows->columns[column].type == ENGINE_DATE)
        ((int32_t *)rows->vectors[column].cells)[row] = (int32_t)value;
    else
        ((int64_t *)rows->vectors[column].cells)[row] = value;
}

void engine_set_decimal(struct engine_rows *rows, size_t column, size_t row, engine_int128 scaled)
{
    assert(rows->columns[column].type == ENGINE_DECIMAL);
    void *cells = rows->vectors[column].cells;
    set_valid(rows, column, row);
    switch (rows->vectors[column].physical) {
    case DUCKDB_TYPE_SMALLINT:
        ((int16_t *)cells)[row] = (int16_t)scaled;
        break;
    case DUCKDB_TYPE_INTEGER:
        ((int32_t *)cells)[row] = (int32_t)scaled;
        break;
    case DUCKDB_TYPE_BIGINT:
        ((int64_t *)cells)[row] = (int64_t)scaled;
        break;
    default:
        ((duckdb_hugeint *)cells)[row] =
            (duckdb_hugeint){ .lower = (uint64_t)scaled, .upper = (int64_t)(scaled >> 64) };
        break;
    }
}

void engine_set_bool(struct engine_rows *rows, size_t column, size_t row, bool value)
{
    assert(rows->columns[column].type == ENGINE_BOOLEAN);
    set_valid(rows, column, row);
    ((bool *)rows->vectors[column].cells)[row] = value;
}

bool engine_set_list(struct engine_rows *rows, size_t column, size_t row, const struct slice *items,
                     size_t count, struct error *err)
{
    assert(rows->columns[column].type == ENGINE_TEXT_LIST);
    duckdb_vector list = rows->vectors[column].vector;
    size_t first = rows->vectors[column].items_count, end = first + count;
    if (duckdb_list_vector_reserve(list, end) != DuckDBSuccess ||
        duckdb_list_vector_set_size(list, end) != DuckDBSuccess)
        return error_no_memory(err, end * sizeof(duckdb_string_t));
    duckdb_vector child = duckdb_list_vector_get_child(list);
    duckdb_string_t *cells = duckdb_vector_get_data(child);
    for (size_t i = 0; i < count; i++) {
        if (items[i].at) {
            string_set(&cells[first + i], items[i]);
        } else {
            duckdb_vector_ensure_validity_writable(child);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(child), first + i);
        }
    }
    rows->vectors[column].items_count = end;
    set_valid(rows, column, row);
    ((duckdb_list_entry *)rows->vectors[column].cells)[row] =
        (duckdb_list_entry){ .offset = first, .length = count };
    return true;
}

static duckdb_logical_type column_type(const struct engine_column *column)
{
    static const duckdb_type plain[] = {
        [ENGINE_TEXT] = DUCKDB_TYPE_VARCHAR,        [ENGINE_INTEGER] = DUCKDB_TYPE_BIGINT,
        [ENGINE_BOOLEAN] = DUCKDB_TYPE_BOOLEAN,     [ENGINE_DATE] = DUCKDB_TYPE_DATE,
        [ENGINE_TIMESTAMP] = DUCKDB_TYPE_TIMESTAMP,
    };
    assert(column->type != ENGINE_OTHER && column->type != ENGINE_DOUBLE);
    if (column->type == ENGINE_DECIMAL)
        return duckdb_create_decimal_type(column->width, column->scale);
    if (column->type != ENGINE_TEXT_LIST)
        return duckdb_create_logical_type(plain[column->type]);
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type list = duckdb_create_list_type(text);
    duckdb_destroy_logical_type(&text);
    return list;
}

static void writer_bind(duckdb_bind_info info)
{
    struct engine *engine = duckdb_bind_get_extra_info(info);
    const struct row_source *source = engine->source;
    if (!source) {
        duckdb_bind_set_error(info, "there are no rows to write");
        return;
    }
    for (size_t i = 0; i < source->columns_count; i++) {
        duckdb_logical_type type = column_type(&source->columns[i]);
        duckdb_bind_add_result_column(info, source->columns[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
}

static void writer_init(duckdb_init_info info)
{
    size_t count = (size_t)duckdb_init_get_column_count(info);
    struct engine *engine = duckdb_init_get_extra_info(info);
    struct engine_rows *rows = calloc(1, sizeof *rows + count * sizeof rows->vectors[0]);
    if (!rows) {
        engine->is_source_failed = true;
        error_no_memory(&engine->source_error, count * sizeof rows->vectors[0]);
        duckdb_init_set_error(info, "no memory for the rows to write");
        return;
    }
    rows->columns_count = count;
    duckdb_init_set_init_data(info, rows, free);
    duckdb_init_set_max_threads(info, 1); /* one thread: the rows keep their order */
}

/* Points the batch at the chunk's vectors; every cell starts as NULL. */
static void rows_attach(struct engine_rows *rows, duckdb_data_chunk chunk,
                        const struct row_source *source)
{
    size_t words = ((size_t)duckdb_vector_size() + 63) / 64;
    rows->chunk = chunk;
    rows->columns = source->columns;
    for (size_t i = 0; i < rows->columns_count; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
        duckdb_logical_type type = duckdb_vector_get_column_type(vector);
        duckdb_vector_ensure_validity_writable(vector);
        rows->vectors[i].vector = vector;
        rows->vectors[i].cells = duckdb_vector_get_data(vector);
        rows->vectors[i].validity = duckdb_vector_get_validity(vector);
        rows->vectors[i].physical = duckdb_get_type_id(type) == DUCKDB_TYPE_DECIMAL
                                        ? duckdb_decimal_internal_type(type)
                                        : duckdb_get_type_id(type);
        rows->vectors[i].items_count = 0;
        memset(rows->vectors[i].validity, 0, words * sizeof(uint64_t));
        duckdb_destroy_logical_type(&type);
    }
}

static void writer_fill(duckdb_function_info info, duckdb_data_chunk chunk)
{
    struct engine *engine = duckdb_function_get_extra_info(info);
    struct engine_rows *rows = duckdb_function_get_init_data(info);
    size_t count = 0;
    rows_attach(rows, chunk, engine->source);
    assert(rows->columns_count == engine->source->columns_count);
    if (!engine->source->fill(engine->source->context, rows, &count, &engine->source_error)) {
        engine->is_source_failed = true;
        duckdb_function_set_error(info, "stopped by the rows' maker");
        count = 0;
    }
    assert(count <= engine_rows_capacity(rows));
    duckdb_data_chunk_set_size(chunk, count);
}

bool engine_register_writer(struct engine *engine, struct error *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, WRITER_FUNCTION);
    duckdb_table_function_set_extra_info(function, engine, NULL);
    duckdb_table_function_set_bind(function, writer_bind);
    duckdb_table_function_set_init(function, writer_init);
    duckdb_table_function_set_function(function, writer_fill);
    bool ok = duckdb_register_table_function(engine->main, function) == DuckDBSuccess;
    duckdb_destroy_table_function(&function);
    return ok ||
           error_set(err, ERROR_NO_MEMORY, NULL, "the engine does not take its own row writer");
}

/* The caller's thread alone: with more, a worker makes the rows while the caller's spins, asking
 * whether it is done, on a processor that parsing could use. */
static bool threads_set(struct engine *engine, unsigned threads, struct error *err)
{
    char sql[48];
    (void)snprintf(sql, sizeof sql, "set threads = %u", threads);
    return engine_run(engine, slice_of(sql), err);
}

bool engine_write_parquet(struct engine *engine, const struct row_source *source, const char *path,
                          struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct error later;
    bool ok = false;
    assert(!engine->source && source->columns_count > 0);
    if (!threads_set(engine, 1, err))
        return false;
    engine->source = source;
    engine->is_source_failed = false;
    strbuf_add(&sql, SLICE("copy (select * from " WRITER_FUNCTION "()) to "));
    engine_add_literal(&sql, slice_of(path));
    /* Level 1: on records less than one per cent larger than the default, in a quarter less time.
     */
    strbuf_add(&sql, SLICE(" (format parquet, compression zstd, compression_level 1, "
                           "use_tmp_file false)"));
    if (!strbuf_ok(&sql, err) || !engine_run(engine, strbuf_slice(&sql), err))
        goto done;
    ok = true;
done:
    /* The maker's own reason, not the database's report of it. */
    if (!ok && engine->is_source_failed)
        *err = engine->source_error;
    engine->source = NULL;
    strbuf_free(&sql);
    if (!threads_set(engine, engine->threads, &later) && ok) {
        *err = later;
        ok = false;
    }
    return ok;
}

static bool schema_read(struct engine_result *result, struct arena *arena,
                        struct engine_schema *schema, struct error *err)
{
    size_t count = engine_result_columns(result);
    schema->columns = arena_array(arena, count ? count : 1, sizeof *schema->columns, err);
    if (!schema->columns)
        return false;
    for (size_t i = 0; i < count; i++) {
        schema->columns[i] = *engine_result_column(result, i);
        schema->columns[i].name = arena_string(arena, slice_of(schema->columns[i].name), err);
        if (!schema->columns[i].name)
            return false;
    }
    schema->count = count;
    return true;
}

bool engine_read_parquet_schema(struct engine *engine, struct arena *arena, const char *path,
                                struct engine_schema *schema, struct error *err)
{
    bool ok = false;
    struct engine_result *result = NULL;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_add(&sql, SLICE("select * from read_parquet("));
    engine_add_literal(&sql, slice_of(path));
    strbuf_add(&sql, SLICE(") limit 0"));
    if (!strbuf_ok(&sql, err))
        goto done;
    result = engine_query(engine, strbuf_slice(&sql), NULL, 0, err);
    if (!result || !schema_read(result, arena, schema, err))
        goto done;
    strbuf_clear(&sql);
    strbuf_add(&sql, SLICE("select num_rows::bigint from parquet_file_metadata("));
    engine_add_literal(&sql, slice_of(path));
    strbuf_add_char(&sql, ')');
    ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), &schema->rows, err);
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}
