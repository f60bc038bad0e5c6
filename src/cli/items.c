/* The matrix of a run on standard output, row by row. */
#include "audit/items.h"

#include <string.h>

#include "base/json.h"
#include "cli/output.h"

enum { ROW_BYTES_MAX = 64 << 20 };

static bool all_hold(const struct value *results)
{
    for (size_t i = 0; i < value_count(results); i++)
        if (!slice_is(value_text(value_item(results, i)), "holds"))
            return false;
    return true;
}

static bool add_json(struct strbuf *out, const struct matrix_text *matrix, const struct value *key,
                     const struct value *results, bool is_first, struct error *err)
{
    strbuf_add_text(out, is_first ? "\n{\"key\":" : ",\n{\"key\":");
    if (!json_canonical(key, out, err))
        return false;
    for (size_t i = 0; i < value_count(results); i++) {
        strbuf_add_char(out, ',');
        json_add_string(out, value_text(value_item(matrix->attributes, i)));
        strbuf_add_char(out, ':');
        json_add_string(out, value_text(value_item(results, i)));
    }
    strbuf_add_char(out, '}');
    return true;
}

/* A key of one part is that part; of several, their JSON array. */
static bool add_key(struct strbuf *out, const struct value *key, struct error *err)
{
    if (value_count(key) == 1) {
        strbuf_add(out, value_text(value_item(key, 0)));
        return true;
    }
    return json_canonical(key, out, err);
}

static bool add_line(struct session *session, struct strbuf *out, struct strbuf *cell,
                     const struct value *key, const struct value *results)
{
    bool is_csv = session->format == FORMAT_CSV;
    strbuf_clear(cell);
    if (!add_key(cell, key, &session->err))
        return false;
    if (is_csv)
        output_add_csv(out, strbuf_slice(cell));
    else
        output_add_visible(out, strbuf_slice(cell));
    for (size_t i = 0; i < value_count(results); i++) {
        strbuf_add_text(out, is_csv ? "," : "  ");
        strbuf_add(out, value_text(value_item(results, i)));
    }
    strbuf_add_text(out, is_csv ? "\r\n" : "\n");
    return true;
}

static void add_head(struct session *session, struct strbuf *out, const struct matrix_text *matrix)
{
    bool is_csv = session->format == FORMAT_CSV;
    if (session->format == FORMAT_JSON || session->format == FORMAT_YAML) {
        strbuf_add_char(out, '[');
        return;
    }
    strbuf_add_text(out, is_csv ? "key" : "item");
    for (size_t i = 0; i < value_count(matrix->attributes); i++) {
        strbuf_add_text(out, is_csv ? "," : "  ");
        strbuf_add(out, value_text(value_item(matrix->attributes, i)));
    }
    strbuf_add_text(out, is_csv ? "\r\n" : "\n");
}

bool items_write(struct session *session, struct matrix_text *matrix, bool only_deviations)
{
    struct strbuf out = strbuf_new(ROW_BYTES_MAX), cell = strbuf_new(ROW_BYTES_MAX);
    /* JSON is YAML too. */
    bool is_json = session->format == FORMAT_JSON || session->format == FORMAT_YAML;
    bool ok = false, is_first = true;
    add_head(session, &out, matrix);
    for (;;) {
        const struct value *key, *results;
        if (!matrix_next(matrix, &key, &results, &session->err))
            goto done;
        if (!key)
            break;
        if (only_deviations && all_hold(results))
            continue;
        if (!(is_json ? add_json(&out, matrix, key, results, is_first, &session->err)
                      : add_line(session, &out, &cell, key, results)))
            goto done;
        is_first = false;
        if (out.len > (1 << 16)) {
            if (!strbuf_ok(&out, &session->err) || !output_text(session, strbuf_slice(&out)))
                goto done;
            strbuf_clear(&out);
        }
    }
    if (is_json)
        strbuf_add_text(&out, is_first ? "]\n" : "\n]\n");
    ok = strbuf_ok(&out, &session->err) && output_text(session, strbuf_slice(&out));
done:
    strbuf_free(&out);
    strbuf_free(&cell);
    return ok;
}
