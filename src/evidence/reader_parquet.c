/* Parquet files, through the engine: columns by name, types kept exact.
 *
 * The bytes are first copied into a file of ours: they may have been packed, and what is hashed
 * must be what is read. A time without zone is a clock's reading and needs the source's time zone,
 * as a text would; floating-point numbers are refused, for none of them says what was meant
 * exactly. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "evidence/reader.h"

enum { SQL_BYTES_MAX = 1 << 20, PATH_BYTES = 4096, ARENA_BYTES_MAX = 16 << 20 };

/* A column of the file that the source names. */
struct parquet_column {
    struct field *field;
    bool is_local_time;
    size_t index;        /* in the result */
    struct slice *items; /* of a list cell of the present row */
    size_t items_capacity;
};
struct parquet {
    struct reading *reading;
    struct arena *arena;
    char path[PATH_BYTES];
    uint64_t size;
    struct parquet_column *columns;
    size_t count;
    struct strbuf select;
    uint64_t unknowns;
};

/* ---- the file ---- */

static bool fail(struct parquet *reader, uint64_t row, struct slice field, struct error *err)
{
    return row_sink_fail(reader->reading->sink, row, field, err);
}

static bool copy_bytes(struct parquet *reader, int fd, struct error *err)
{
    for (;;) {
        struct slice block;
        if (!input_next(reader->reading->input, &block, err))
            return fail(reader, 0, (struct slice){ 0 }, err);
        if (block.len == 0)
            return true;
        if (!fd_write_all(fd, block, reader->path, err))
            return false;
        reader->size += block.len;
    }
}

static bool copy_file(struct parquet *reader, struct error *err)
{
    uint64_t name[2];
    random_fill(name, sizeof name);
    (void)snprintf(reader->path, sizeof reader->path, "%s/read-%016llx%016llx.parquet",
                   reader->reading->tmp_folder, (unsigned long long)name[0],
                   (unsigned long long)name[1]);
    int fd = open(reader->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, "create", reader->path);
    bool ok = copy_bytes(reader, fd, err);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, "write", reader->path);
    return ok;
}

/* The marks at both ends, and a footer that fits between them: the usual damage, named before the
 * engine sees the file. Source: the Parquet format, "File Format". */
static const char *damage(const unsigned char *head, const unsigned char *tail, uint64_t size)
{
    enum { MARK = 4, SMALLEST = 12 };
    if (size == 0)
        return "the file is empty";
    if (size < SMALLEST)
        return "damaged Parquet file: it is too short to have a footer";
    if (memcmp(head, "PAR1", MARK) != 0)
        return "this is not a Parquet file: it does not begin with PAR1";
    uint64_t footer = (uint64_t)tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 |
                      (uint64_t)tail[3] << 24;
    if (memcmp(tail + 4, "PAR1", MARK) != 0)
        return "damaged Parquet file: it does not end with PAR1, so its footer is missing";
    if (footer == 0 || footer > size - SMALLEST)
        return "damaged Parquet file: its footer is longer than the file";
    return NULL;
}

static bool check_file(struct parquet *reader, struct error *err)
{
    unsigned char head[4] = { 0 }, tail[8] = { 0 };
    int fd = open(reader->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "open", reader->path);
    bool is_read =
        reader->size < sizeof tail ||
        (pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
         pread(fd, tail, sizeof tail, (off_t)(reader->size - sizeof tail)) == (ssize_t)sizeof tail);
    if (!is_read)
        error_errno(err, "read", reader->path);
    (void)close(fd);
    if (!is_read)
        return false;
    const char *why = damage(head, tail, reader->size);
    if (!why)
        return true;
    error_set(err, ERROR_INVALID, NULL, "%s", why);
    return fail(reader, 0, (struct slice){ 0 }, err);
}

/* The engine's reason, without the name of our copy. */
static bool fail_engine(struct parquet *reader, struct error *err)
{
    if (err->code == ERROR_INVALID || err->code == ERROR_IO) {
        struct slice text = slice_of(err->message);
        const char *name = strstr(err->message, reader->path);
        struct error copy = *err;
        if (name)
            error_set(err, ERROR_INVALID, NULL, "damaged Parquet file: %.*sit%s",
                      (int)(name - text.at), copy.message,
                      copy.message + (name - err->message) + strlen(reader->path));
        else
            error_set(err, ERROR_INVALID, NULL, "damaged Parquet file: %s", copy.message);
    }
    return fail(reader, 0, (struct slice){ 0 }, err);
}

/* ---- the columns ---- */

/* How a column of the file is selected, by the engine's name of its type; NULL if it cannot be. */
static const char *select_form(struct slice type)
{
    static const struct {
        const char *type, *form;
    } forms[] = {
        { "VARCHAR", "%s" },
        { "BIGINT", "%s" },
        { "INTEGER", "%s" },
        { "SMALLINT", "%s" },
        { "TINYINT", "%s" },
        { "UBIGINT", "%s" },
        { "UINTEGER", "%s" },
        { "USMALLINT", "%s" },
        { "UTINYINT", "%s" },
        { "HUGEINT", "%s" },
        { "BOOLEAN", "%s" },
        { "DATE", "%s" },
        { "TIMESTAMP", "%s" },
        { "TIMESTAMP WITH TIME ZONE", "%s" },
        { "TIMESTAMP_S", "%s::timestamp" },
        { "TIMESTAMP_MS", "%s::timestamp" },
        /* As text: its digits beyond the microsecond are judged as those of any text. */
        { "TIMESTAMP_NS", "strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%S.%%n')" },
        { "UUID", "%s::varchar" },
        { "VARCHAR[]", "%s" },
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (slice_is(type, forms[i].type))
            return forms[i].form;
    if (slice_starts_with(type, SLICE("DECIMAL(")))
        return "%s";
    return slice_starts_with(type, SLICE("ENUM(")) ? "%s::varchar" : NULL;
}

static bool refuse_type(struct parquet *reader, struct slice name, struct slice type,
                        struct error *err)
{
    bool is_floating = slice_is(type, "DOUBLE") || slice_is(type, "FLOAT");
    error_set(err, ERROR_INVALID, NULL, "the file has this column as %.*s, which is not read",
              SLICE_ARG(type));
    error_hint(err, is_floating ? "floating-point numbers are not exact: export it as DECIMAL"
                                : "export it as text, a number, a date or a time");
    return fail(reader, 0, name, err);
}

/* The form with its one %s replaced. */
static void select_add(struct strbuf *sql, const char *form, struct slice name)
{
    for (; *form; form++) {
        if (form[0] == '%' && form[1] == 's')
            engine_add_identifier(sql, name);
        else if (form[0] != '%' || form[1] != '%')
            strbuf_add_char(sql, *form);
        form += form[0] == '%' && form[1] == 's';
    }
}

static bool column_take(struct parquet *reader, struct slice name, struct slice type,
                        struct error *err)
{
    struct reading *reading = reader->reading;
    size_t hint = 0;
    struct field *field = field_member(&reading->mapping->top, name, &hint);
    if (!field) {
        return reader_unknown(reading, &reading->mapping->top, name, ++reader->unknowns, err) ||
               fail(reader, 0, name, err);
    }
    const char *form = select_form(type);
    if (!form)
        return refuse_type(reader, name, type, err);
    field->records++;
    if (reader->count > 0)
        strbuf_add(&reader->select, SLICE(", "));
    select_add(&reader->select, form, name);
    reader->columns[reader->count] = (struct parquet_column){
        .field = field,
        .is_local_time = !slice_is(type, "TIMESTAMP WITH TIME ZONE"),
        .index = reader->count,
    };
    reader->count++;
    return true;
}

/* A required column that the file lacks. */
static bool check_missing(struct parquet *reader, struct error *err)
{
    const struct mapping *mapping = reader->reading->mapping;
    for (size_t i = 0; i < mapping->top.members_count; i++) {
        const struct field *field = mapping->top.members[i];
        for (size_t j = 0; j < field->columns_count && field->records == 0; j++) {
            if (!mapping->type->columns[field->columns[j]].is_required)
                continue;
            error_set(err, ERROR_INVALID, NULL, "the file has no such column, which is required");
            return fail(reader, 0, field->path, err);
        }
    }
    return true;
}

static bool columns_take(struct parquet *reader, struct engine_result *result, struct error *err)
{
    for (;;) {
        size_t rows;
        if (!engine_result_next(result, &rows, err))
            return fail_engine(reader, err);
        if (rows == 0)
            return check_missing(reader, err);
        for (size_t row = 0; row < rows; row++)
            if (!column_take(reader, engine_text(result, 0, row), engine_text(result, 1, row), err))
                return false;
    }
}

static bool columns_find(struct parquet *reader, struct error *err)
{
    bool ok = false;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    reader->columns = arena_array(reader->arena, reader->reading->mapping->top.members_count,
                                  sizeof *reader->columns, err);
    if (!reader->columns)
        goto done;
    strbuf_add(&sql,
               SLICE("select column_name, column_type from (describe select * from read_parquet("));
    engine_add_literal(&sql, slice_of(reader->path));
    strbuf_add(&sql, SLICE("))"));
    if (!strbuf_ok(&sql, err))
        goto done;
    result = engine_query(reader->reading->engine, strbuf_slice(&sql), NULL, 0, err);
    ok = result ? columns_take(reader, result, err) : fail_engine(reader, err);
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

/* ---- the rows ---- */

static bool list_take(struct parquet_column *column, const struct engine_result *result, size_t row,
                      struct raw_value *value, struct error *err)
{
    size_t count = engine_list_count(result, column->index, row);
    if (count > column->items_capacity) {
        struct slice *items = realloc(column->items, count * sizeof *items);
        if (!items)
            return error_no_memory(err, count * sizeof *items);
        column->items = items;
        column->items_capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        if (!engine_list_text(result, column->index, row, i, &column->items[i]))
            column->items[i] = (struct slice){ 0 };
    value->kind = RAW_LIST;
    value->items = column->items;
    value->items_count = count;
    return true;
}

static bool cell_take(struct parquet_column *column, const struct engine_result *result, size_t row,
                      struct raw_value *value, struct error *err)
{
    size_t index = column->index;
    const struct engine_column *type = engine_result_column(result, index);
    *value = (struct raw_value){ .kind = RAW_NULL };
    if (engine_is_null(result, index, row))
        return true;
    switch (type->type) {
    case ENGINE_TEXT:
        value->kind = RAW_TEXT;
        value->text = engine_text(result, index, row);
        return true;
    case ENGINE_INTEGER:
        value->kind = RAW_INTEGER;
        value->number = engine_int64(result, index, row);
        return true;
    case ENGINE_DECIMAL:
        value->kind = RAW_SCALED;
        value->number = engine_decimal(result, index, row);
        value->scale = type->scale;
        return true;
    case ENGINE_BOOLEAN:
        value->kind = engine_bool(result, index, row) ? RAW_TRUE : RAW_FALSE;
        return true;
    case ENGINE_DATE:
        value->kind = RAW_DAYS;
        value->number = engine_int64(result, index, row);
        return true;
    case ENGINE_TIMESTAMP:
        value->kind = column->is_local_time ? RAW_LOCAL_TIME : RAW_INSTANT;
        value->number = engine_int64(result, index, row);
        return true;
    case ENGINE_TEXT_LIST:
        return list_take(column, result, row, value, err);
    case ENGINE_DOUBLE:
    case ENGINE_OTHER:
        break;
    }
    return error_set(err, ERROR_INVALID, NULL, "a column of a type that is not read");
}

static bool row_take(struct parquet *reader, const struct engine_result *result, size_t row,
                     uint64_t number, struct error *err)
{
    struct raw_value *values = row_sink_values(reader->reading->sink);
    for (size_t i = 0; i < reader->count; i++) {
        struct parquet_column *column = &reader->columns[i];
        struct raw_value value;
        if (!cell_take(column, result, row, &value, err))
            return fail(reader, number, column->field->path, err);
        for (size_t j = 0; j < column->field->columns_count; j++)
            values[column->field->columns[j]] = value;
    }
    return row_sink_add(reader->reading->sink, number, (struct slice){ 0 }, err);
}

static bool rows_take(struct parquet *reader, struct error *err)
{
    bool ok = false;
    uint64_t number = 0;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    strbuf_add(&sql, SLICE("select "));
    strbuf_add(&sql, strbuf_slice(&reader->select));
    strbuf_add(&sql, SLICE(" from read_parquet("));
    engine_add_literal(&sql, slice_of(reader->path));
    strbuf_add_char(&sql, ')');
    if (!strbuf_ok(&reader->select, err) || !strbuf_ok(&sql, err))
        goto done;
    result = engine_query(reader->reading->engine, strbuf_slice(&sql), NULL, 0, err);
    if (!result) {
        fail_engine(reader, err);
        goto done;
    }
    for (;;) {
        size_t rows;
        if (!engine_result_next(result, &rows, err)) {
            fail_engine(reader, err);
            goto done;
        }
        if (rows == 0)
            break;
        for (size_t row = 0; row < rows; row++)
            if (!row_take(reader, result, row, ++number, err))
                goto done;
    }
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

bool parquet_read(struct reading *reading, struct error *err)
{
    struct parquet reader = { .reading = reading, .select = strbuf_new(SQL_BYTES_MAX) };
    bool ok = false;
    reader.arena = arena_new(ARENA_BYTES_MAX, err);
    if (!reader.arena || !copy_file(&reader, err) || !check_file(&reader, err) ||
        !columns_find(&reader, err))
        goto done;
    if (reader.count == 0) {
        error_set(err, ERROR_INVALID, NULL,
                  "the file has none of the columns that the source names");
        fail(&reader, 0, (struct slice){ 0 }, err);
        goto done;
    }
    reading->mapping->top.records++; /* the file's schema, which was looked at */
    ok = rows_take(&reader, err);
    if (ok)
        reader_warn_unseen(reading);
done:
    if (reader.path[0] && unlink(reader.path) != 0 && errno != ENOENT && ok)
        ok = error_errno(err, "remove", reader.path);
    for (size_t i = 0; i < reader.count; i++)
        free(reader.columns[i].items);
    strbuf_free(&reader.select);
    arena_free(reader.arena);
    return ok;
}
