/* The matrix of a run, row by row: an item and what each attribute is for it. */
#include "audit/items.h"

#include "base/json.h"
#include "cli/output.h"
#include "cli/rows.h"

static bool all_hold(const struct value *results)
{
    for (size_t i = 0; i < value_count(results); i++)
        if (!slice_is(value_text(value_item(results, i)), "holds"))
            return false;
    return true;
}

static bool add_item(struct rows *rows, struct rows_cell *cells, size_t count, struct strbuf *text,
                     const struct value *key, const struct value *results)
{
    strbuf_clear(text);
    if (!json_canonical(key, text, &rows->session->err))
        return false;
    cells[0].text = strbuf_slice(text);
    for (size_t i = 1; i < count; i++)
        cells[i].text = value_text(value_item(results, i - 1));
    return rows_add(rows, cells, count);
}

bool items_write(struct session *session, struct matrix_text *matrix, bool only_deviations)
{
    struct rows rows;
    struct strbuf text = strbuf_new(64 << 20);
    size_t count = 1 + value_count(matrix->attributes);
    struct rows_cell *cells = arena_array(session->arena, count, sizeof *cells, &session->err);
    if (!cells)
        return false;
    cells[0] = (struct rows_cell){ .name = "key", .head = "item", .is_json = true };
    for (size_t i = 1; i < count; i++) {
        const char *name = arena_string(
            session->arena, value_text(value_item(matrix->attributes, i - 1)), &session->err);
        if (!name)
            return false;
        cells[i] = (struct rows_cell){ .name = name, .head = name };
    }
    bool ok = rows_begin(&rows, session, cells, count);
    while (ok) {
        const struct value *key, *results;
        ok = matrix_next(matrix, &key, &results, &session->err);
        if (!ok || !key)
            break;
        if (!only_deviations || !all_hold(results))
            ok = add_item(&rows, cells, count, &text, key, results);
    }
    strbuf_free(&text);
    return rows_end(&rows, ok);
}
