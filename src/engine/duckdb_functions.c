/* canonical_row(...): the canonical JSON array of its arguments, written by the same code that
 * writes it while a segment is imported, so that a key or a row's digest is the same wherever it is
 * made. personal_value(text), personal_is_closed(text): what the engine's lookup says of it. */
#include "engine/canonical.h"
#include "engine/duckdb_private.h"

#include <stdlib.h>

enum { ROW_BYTES_MAX = 256 * 1024 * 1024 };

/* The vectors of one call, read once for all rows. */
static struct engine_cells *arguments_read(duckdb_data_chunk input, size_t count)
{
    struct engine_cells *cells = calloc(count ? count : 1, sizeof *cells);
    if (cells)
        for (size_t i = 0; i < count; i++)
            engine_cells_read(&cells[i], duckdb_data_chunk_get_vector(input, i));
    return cells;
}

static bool row_add(const struct engine_cells *cells, size_t count, size_t row, struct strbuf *out)
{
    strbuf_clear(out);
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        if (!engine_cells_canonical(&cells[i], row, out))
            return false;
    }
    strbuf_add_char(out, ']');
    return true;
}

static void canonical_row(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    size_t count = (size_t)duckdb_data_chunk_get_column_count(input);
    size_t rows = (size_t)duckdb_data_chunk_get_size(input);
    struct strbuf text = strbuf_new(ROW_BYTES_MAX);
    struct engine_cells *cells = arguments_read(input, count);
    if (!cells) {
        duckdb_scalar_function_set_error(info, "no memory for canonical_row");
        return;
    }
    for (size_t row = 0; row < rows; row++) {
        struct error err;
        if (!row_add(cells, count, row, &text)) {
            duckdb_scalar_function_set_error(
                info,
                "canonical_row takes text, integers, decimals, booleans, dates, timestamps of "
                "the years 1 to 9999 and lists of text");
            break;
        }
        if (!strbuf_ok(&text, &err)) {
            duckdb_scalar_function_set_error(info, err.message);
            break;
        }
        duckdb_vector_assign_string_element_len(output, row, text.at, text.len);
    }
    strbuf_free(&text);
    free(cells);
}

static bool function_register(struct engine *engine, const char *name, struct error *err)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type any = duckdb_create_logical_type(DUCKDB_TYPE_ANY);
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_scalar_function_set_name(function, name);
    duckdb_scalar_function_set_varargs(function, any);
    duckdb_scalar_function_set_return_type(function, text);
    /* A NULL argument is part of the row, not a reason to give NULL. */
    duckdb_scalar_function_set_special_handling(function);
    duckdb_scalar_function_set_function(function, canonical_row);
    bool ok = duckdb_register_scalar_function(engine->main, function) == DuckDBSuccess;
    duckdb_destroy_logical_type(&any);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_scalar_function(&function);
    return ok ||
           error_set(err, ERROR_NO_MEMORY, NULL, "the engine does not take the function %s", name);
}

/* One row of a function of one text. */
typedef void lookup_row(const struct engine_lookup *lookup, struct slice text, duckdb_vector output,
                        size_t row);

static void value_row(const struct engine_lookup *lookup, struct slice text, duckdb_vector output,
                      size_t row)
{
    struct slice value = text;
    if (lookup->find && lookup->find(lookup->context, text, &value) && !value.at)
        value = SLICE("");
    duckdb_vector_assign_string_element_len(output, row, value.at, value.len);
}

static void closed_row(const struct engine_lookup *lookup, struct slice text, duckdb_vector output,
                       size_t row)
{
    bool *cells = duckdb_vector_get_data(output);
    cells[row] = lookup->is_closed && lookup->is_closed(lookup->context, text);
}

static void lookup_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                        lookup_row *one)
{
    const struct engine *engine = duckdb_scalar_function_get_extra_info(info);
    size_t rows = (size_t)duckdb_data_chunk_get_size(input);
    struct engine_cells cells;
    engine_cells_read(&cells, duckdb_data_chunk_get_vector(input, 0));
    duckdb_vector_ensure_validity_writable(output);
    for (size_t row = 0; row < rows; row++) {
        if (engine_cells_is_null(&cells, row))
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
        else
            one(&engine->lookup, engine_string(cells.cells, row), output, row);
    }
}

static void personal_value(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    lookup_rows(info, input, output, value_row);
}

static void personal_is_closed(duckdb_function_info info, duckdb_data_chunk input,
                               duckdb_vector output)
{
    lookup_rows(info, input, output, closed_row);
}

static bool lookup_register(struct engine *engine, const char *name, duckdb_type result,
                            duckdb_scalar_function_t run, struct error *err)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type type = duckdb_create_logical_type(result);
    duckdb_scalar_function_set_name(function, name);
    duckdb_scalar_function_add_parameter(function, text);
    duckdb_scalar_function_set_return_type(function, type);
    duckdb_scalar_function_set_extra_info(function, engine, NULL);
    duckdb_scalar_function_set_function(function, run);
    bool ok = duckdb_register_scalar_function(engine->main, function) == DuckDBSuccess;
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_logical_type(&type);
    duckdb_destroy_scalar_function(&function);
    return ok ||
           error_set(err, ERROR_NO_MEMORY, NULL, "the engine does not take the function %s", name);
}

bool engine_register_functions(struct engine *engine, struct error *err)
{
    return lookup_register(engine, "personal_value", DUCKDB_TYPE_VARCHAR, personal_value, err) &&
           lookup_register(engine, "personal_is_closed", DUCKDB_TYPE_BOOLEAN, personal_is_closed,
                           err) &&
           function_register(engine, "canonical_row", err) &&
           function_register(engine, "canonical_key", err);
}
