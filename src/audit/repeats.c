/* Which keys come more than once, and whether that is settled. */
#include "audit/tables.h"
#include "base/json.h"

enum { SQL_BYTES_MAX = 1 << 20 };

/* "... where the row's key is one of _dup_TYPE": by key, how many rows and how many different. */
static void add_rows(struct strbuf *sql, const struct record_type *type,
                     const struct period *period)
{
    strbuf_add_text(sql, "select ");
    table_add_key(sql, type, "c");
    strbuf_add_text(sql, " as k, sum(c._rows)::bigint as n, count(*) as contents, bool_or(");
    if (period) {
        table_add_period(sql, type, "c", period);
        strbuf_add_text(sql, " or c.");
        engine_add_identifier(sql, type->columns[type->time].name);
        strbuf_add_text(sql, " is null");
    } else {
        strbuf_add_text(sql, "true");
    }
    strbuf_add_text(sql, ") as is_in from (select ");
    table_add_columns(sql, type, "r");
    strbuf_printf(sql, ", count(*) as _rows from \"_raw_%s\" r where exists (select 1 from ",
                  type->id.at);
    strbuf_printf(sql, "\"_dup_%s\" d where ", type->id.at);
    for (size_t i = 0; i < type->key_count; i++) {
        struct slice column = type->columns[type->key[i]].name;
        strbuf_add_text(sql, i ? " and d." : "d.");
        engine_add_identifier(sql, column);
        strbuf_add_text(sql, " is not distinct from r.");
        engine_add_identifier(sql, column);
    }
    strbuf_add_text(sql, ") group by ");
    table_add_columns(sql, type, "r");
    strbuf_add_text(sql, ") c group by k");
}

static bool put_key(struct arena *arena, struct value *list, const struct engine_result *result,
                    size_t row, struct error *err)
{
    struct slice text;
    int64_t contents = engine_int64(result, 2, row), left = engine_int64(result, 3, row);
    struct value *item = value_add_object(arena, list, err);
    if (!item || !arena_copy(arena, engine_text(result, 0, row), &text, err))
        return false;
    const char *state = contents == 1 ? "repeat" : left == 1 ? "settled" : "conflict";
    return value_put(arena, item, "key", json_parse(arena, text, "key", NULL, err), err) &&
           value_put_i64(arena, item, "rows", engine_int64(result, 1, row), err) &&
           value_put_i64(arena, item, "contents", contents, err) &&
           value_put_text(arena, item, "state", slice_of(state), err);
}

struct value *table_repeated_keys(const struct table *table, struct engine *engine,
                                  const struct period *period, struct arena *arena,
                                  struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    size_t rows = 0;
    bool ok = false;
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    if (!list || !table->has_repeats)
        return list;
    strbuf_add_text(&sql, "select a.k, a.n, a.contents, b.n as kept from (");
    add_rows(&sql, &table->type, period);
    strbuf_add_text(&sql, ") a join (select ");
    table_add_key(&sql, &table->type, "s");
    strbuf_printf(&sql, " as k, count(*) as n from \"_some_%s\" s group by k) b on a.k = b.k ",
                  table->type.id.at);
    strbuf_add_text(&sql, "where a.is_in order by a.k");
    result = strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows; i++)
            if (!put_key(arena, list, result, i, err))
                goto done;
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok ? list : NULL;
}
