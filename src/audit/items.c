#include "audit/items.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "ledger/entry.h"

enum { ROW_BYTES_MAX = 64 << 20 };

/* A line without its LF; len 0 and at NULL at the end. */
static bool next_line(struct matrix_text *matrix, struct slice *line, struct error *err)
{
    errno = 0;
    ssize_t len = getline(&matrix->line, &matrix->line_capacity, matrix->file);
    *line = (struct slice){ 0 };
    if (len < 0)
        return feof(matrix->file) ? true : error_errno(err, "read", "matrix");
    *line = (struct slice){ matrix->line, (size_t)len };
    if (line->len && line->at[line->len - 1] == '\n')
        line->len--;
    return true;
}

static bool read_header(struct matrix_text *matrix, struct arena *arena, struct error *err)
{
    struct slice line, kept;
    if (!next_line(matrix, &line, err) || !arena_copy(arena, line, &kept, err))
        return false;
    const struct value *header = json_parse(arena, kept, "matrix", NULL, err);
    if (!header)
        return false;
    matrix->attributes = value_member(header, "attributes");
    return matrix->attributes != NULL ||
           error_set(err, ERROR_CORRUPT, "matrix", "the header names no attributes");
}

bool matrix_open(struct store *store, struct arena *arena, struct slice run, uint64_t size,
                 struct matrix_text *matrix, struct error *err)
{
    struct payload payload;
    uint8_t salt[32];
    char *path;
    *matrix = (struct matrix_text){ 0 };
    if (slice_starts_with(run, SLICE("run/")))
        run = slice_from(run, 4);
    if (!entry_find(store, arena, run, size, &matrix->run, err))
        return false;
    if (!slice_is(matrix->run.type, "test.run"))
        return error_set(err, ERROR_INVALID, NULL, "%.*s is a %.*s, not a test run", SLICE_ARG(run),
                         SLICE_ARG(matrix->run.type));
    const struct value *entry = json_parse(arena, matrix->run.bytes, "ledger entry", NULL, err);
    matrix->object = entry ? json_parse(arena, matrix->run.object, "run", NULL, err) : NULL;
    if (!matrix->object)
        return false;
    if (!payload_ref(value_path(entry, "body.payload"), &payload.c, &payload.bytes))
        return error_set(err, ERROR_CORRUPT, NULL, "the run's entry names no matrix");
    if (!payload_file(store, arena, &payload.c, salt, &path, err))
        return false;
    matrix->file = fopen(path, "re");
    if (!matrix->file)
        return error_errno(err, "open", path);
    matrix->row = arena_new(ROW_BYTES_MAX, err);
    if (matrix->row && read_header(matrix, arena, err))
        return true;
    matrix_close(matrix);
    return false;
}

void matrix_close(struct matrix_text *matrix)
{
    if (matrix->file)
        (void)fclose(matrix->file); /* only read */
    free(matrix->line);
    arena_free(matrix->row);
    *matrix = (struct matrix_text){ 0 };
}

static bool read_row(struct matrix_text *matrix, struct slice line, const struct value **key,
                     const struct value **results, struct error *err)
{
    const struct value *row = json_parse(matrix->row, line, "matrix", NULL, err);
    if (!row)
        return false;
    *key = value_member(row, "item");
    *results = value_member(row, "results");
    return (*key && *results) || error_set(err, ERROR_CORRUPT, "matrix", "a row without an item");
}

bool matrix_next(struct matrix_text *matrix, const struct value **key, const struct value **results,
                 struct error *err)
{
    struct slice line;
    *key = NULL;
    arena_reset(matrix->row);
    if (!next_line(matrix, &line, err))
        return false;
    return line.at == NULL || read_row(matrix, line, key, results, err);
}

/* A quick look before the row is parsed; a key may hold these words, too. */
static bool may_deviate(struct slice line)
{
    return slice_contains(line, SLICE("\"fails\"")) || slice_contains(line, SLICE("\"undecided\""));
}

static bool all_hold(const struct value *results)
{
    for (size_t i = 0; i < value_count(results); i++)
        if (!slice_is(value_text(value_item(results, i)), "holds"))
            return false;
    return true;
}

bool matrix_next_deviating(struct matrix_text *matrix, struct slice *key,
                           const struct value **results, struct error *err)
{
    struct slice line;
    for (;;) {
        *key = (struct slice){ 0 };
        if (!next_line(matrix, &line, err))
            return false;
        if (line.at == NULL)
            return true;
        if (!may_deviate(line))
            continue;
        arena_reset(matrix->row);
        const struct value *item;
        if (!read_row(matrix, line, &item, results, err))
            return false;
        if (!all_hold(*results))
            return json_canonical_copy(matrix->row, item, key, err);
    }
}
