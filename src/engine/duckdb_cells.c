/* Cells of the database's vectors: which of its types we read, and the values as they lie there. */
#include "engine/canonical.h"
#include "engine/duckdb_private.h"

struct engine_column engine_column_of(const char *name, duckdb_logical_type type)
{
    struct engine_column column = { .name = name, .type = ENGINE_OTHER };
    duckdb_logical_type item;
    switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_VARCHAR:
        column.type = ENGINE_TEXT;
        break;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
        column.type = ENGINE_INTEGER;
        break;
    case DUCKDB_TYPE_UBIGINT: /* may exceed 64 bits with a sign; sums of integers do */
    case DUCKDB_TYPE_HUGEINT:
        column.type = ENGINE_DECIMAL;
        column.width = 38;
        break;
    case DUCKDB_TYPE_DECIMAL:
        column.type = ENGINE_DECIMAL;
        column.width = duckdb_decimal_width(type);
        column.scale = duckdb_decimal_scale(type);
        break;
    case DUCKDB_TYPE_BOOLEAN:
        column.type = ENGINE_BOOLEAN;
        break;
    case DUCKDB_TYPE_DATE:
        column.type = ENGINE_DATE;
        break;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: /* the same instants, also stored in UTC */
        column.type = ENGINE_TIMESTAMP;
        break;
    case DUCKDB_TYPE_DOUBLE:
        column.type = ENGINE_DOUBLE;
        break;
    case DUCKDB_TYPE_LIST:
        item = duckdb_list_type_child_type(type);
        if (duckdb_get_type_id(item) == DUCKDB_TYPE_VARCHAR)
            column.type = ENGINE_TEXT_LIST;
        duckdb_destroy_logical_type(&item);
        break;
    default:
        break;
    }
    return column;
}

engine_int128 engine_wide(const void *cells, duckdb_type type, size_t row)
{
    switch (type) {
    case DUCKDB_TYPE_UBIGINT:
        return ((const uint64_t *)cells)[row];
    case DUCKDB_TYPE_HUGEINT: {
        const duckdb_hugeint *value = (const duckdb_hugeint *)cells + row;
        __extension__ unsigned __int128 bits =
            (unsigned __int128)(uint64_t)value->upper << 64 | value->lower;
        return (engine_int128)bits;
    }
    default:
        return engine_narrow(cells, type, row);
    }
}

int64_t engine_narrow(const void *cells, duckdb_type type, size_t row)
{
    switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
        return ((const bool *)cells)[row];
    case DUCKDB_TYPE_TINYINT:
        return ((const int8_t *)cells)[row];
    case DUCKDB_TYPE_SMALLINT:
        return ((const int16_t *)cells)[row];
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
        return ((const int32_t *)cells)[row];
    case DUCKDB_TYPE_UTINYINT:
        return ((const uint8_t *)cells)[row];
    case DUCKDB_TYPE_USMALLINT:
        return ((const uint16_t *)cells)[row];
    case DUCKDB_TYPE_UINTEGER:
        return ((const uint32_t *)cells)[row];
    default:
        return ((const int64_t *)cells)[row];
    }
}

struct slice engine_string(const void *cells, size_t row)
{
    const duckdb_string_t *text = (const duckdb_string_t *)cells + row;
    uint32_t len = text->value.inlined.length;
    return (struct slice){ len <= sizeof text->value.inlined.inlined ? text->value.inlined.inlined
                                                                     : text->value.pointer.ptr,
                           len };
}

static const uint64_t *vector_validity(duckdb_vector vector)
{
    return duckdb_vector_get_validity(vector);
}

void engine_cells_read(struct engine_cells *cells, duckdb_vector vector)
{
    duckdb_logical_type type = duckdb_vector_get_column_type(vector);
    struct engine_column column = engine_column_of(NULL, type);
    *cells = (struct engine_cells){
        .type = column.type,
        .scale = column.scale,
        .physical = duckdb_get_type_id(type),
        .cells = duckdb_vector_get_data(vector),
        .validity = vector_validity(vector),
    };
    if (cells->physical == DUCKDB_TYPE_DECIMAL)
        cells->physical = duckdb_decimal_internal_type(type);
    if (column.type == ENGINE_TEXT_LIST) {
        duckdb_vector items = duckdb_list_vector_get_child(vector);
        cells->items = duckdb_vector_get_data(items);
        cells->items_validity = vector_validity(items);
    }
    duckdb_destroy_logical_type(&type);
}

static bool is_valid(const uint64_t *validity, size_t row)
{
    return !validity || (validity[row / 64] >> row % 64 & 1);
}

bool engine_cells_item_is_valid(const struct engine_cells *cells, size_t item)
{
    return is_valid(cells->items_validity, item);
}

bool engine_cells_is_null(const struct engine_cells *cells, size_t row)
{
    return !is_valid(cells->validity, row);
}

static void add_list(const struct engine_cells *cells, size_t row, struct strbuf *out)
{
    const duckdb_list_entry *list = (const duckdb_list_entry *)cells->cells + row;
    strbuf_add_char(out, '[');
    for (uint64_t i = 0; i < list->length; i++) {
        size_t item = (size_t)(list->offset + i);
        if (i > 0)
            strbuf_add_char(out, ',');
        if (is_valid(cells->items_validity, item))
            canonical_add_text(out, engine_string(cells->items, item));
        else
            canonical_add_null(out);
    }
    strbuf_add_char(out, ']');
}

bool engine_cells_canonical(const struct engine_cells *cells, size_t row, struct strbuf *out)
{
    if (engine_cells_is_null(cells, row)) {
        canonical_add_null(out);
        return true;
    }
    switch (cells->type) {
    case ENGINE_TEXT:
        canonical_add_text(out, engine_string(cells->cells, row));
        return true;
    case ENGINE_INTEGER:
        canonical_add_integer(out, engine_narrow(cells->cells, cells->physical, row));
        return true;
    case ENGINE_DECIMAL:
        canonical_add_decimal(out, engine_wide(cells->cells, cells->physical, row), cells->scale);
        return true;
    case ENGINE_BOOLEAN:
        canonical_add_boolean(out, engine_narrow(cells->cells, cells->physical, row) != 0);
        return true;
    case ENGINE_DATE:
        return canonical_add_date(out, ((const int32_t *)cells->cells)[row]);
    case ENGINE_TIMESTAMP:
        return canonical_add_timestamp(out, ((const int64_t *)cells->cells)[row]);
    case ENGINE_TEXT_LIST:
        add_list(cells, row, out);
        return true;
    case ENGINE_DOUBLE:
    case ENGINE_OTHER:
        break;
    }
    return false;
}
