#include "audit/state.h"

#include "audit/spans.h"

enum { SQL_BYTES_MAX = 1 << 20, ROW_BYTES_MAX = 64 << 20 };

/* ---- times without observation ---- */

bool state_gaps(const struct table *table, struct engine *engine, const struct period *period,
                bool (*take)(void *context, const struct state_gap *gap, struct error *err),
                void *context, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    size_t rows = 0;
    bool ok = false;
    if (table->type.observe_every_us == 0) {
        error_set(err, ERROR_INVALID, table->type.id.at,
                  "the type does not say how far apart its inventories may be");
        return error_hint(err, "set observe_every in the population type, such as 25 hours");
    }
    unobserved_add_select(&sql, &table->type, period);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows; i++) {
            struct state_gap gap = { .from = engine_text(result, 1, i),
                                     .to = engine_text(result, 2, i),
                                     .hours = engine_text(result, 3, i) };
            if (!engine_is_null(result, 0, i))
                gap.system = engine_text(result, 0, i);
            if (!take(context, &gap, err))
                goto done;
        }
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

/* ---- changes ---- */

/* One observation as text: the key, when it was, and each column. */
enum { CELL_KEY, CELL_AT, CELLS_FIXED };
struct seen {
    struct strbuf text;
    size_t *ends; /* of each cell in the text */
};

static struct slice cell(const struct seen *seen, size_t i)
{
    size_t from = i ? seen->ends[i - 1] : 0;
    return (struct slice){ strbuf_slice(&seen->text).at + from, seen->ends[i] - from };
}

static bool is_of_key(const struct record_type *type, size_t column)
{
    for (size_t i = 0; i < type->key_count; i++)
        if (type->key[i] == column)
            return true;
    return false;
}

/* Every observation, those of a key one after another in order of time. */
static void add_observations(struct strbuf *sql, const struct record_type *type,
                             const struct period *period)
{
    struct slice at = type->columns[type->observed_at].name;
    const char *head = "";
    strbuf_add_text(sql, "select canonical_key(");
    for (size_t i = 0; i < type->key_count; i++) {
        if ((int)type->key[i] == type->observed_at)
            continue;
        strbuf_add_text(sql, head);
        engine_add_identifier(sql, type->columns[type->key[i]].name);
        head = ", ";
    }
    strbuf_add_text(sql, "), strftime(");
    engine_add_identifier(sql, at);
    strbuf_add_text(sql, ", '%Y-%m-%dT%H:%M:%S.%fZ')");
    for (size_t i = 0; i < type->columns_count; i++) {
        if (is_of_key(type, i))
            continue;
        strbuf_add_text(sql, ", ");
        engine_add_identifier(sql, type->columns[i].name);
    }
    strbuf_printf(sql, " from \"_all_%s\"", type->id.at);
    if (period) {
        strbuf_add_text(sql, " where ");
        engine_add_identifier(sql, at);
        strbuf_printf(sql, " < make_timestamp(%lld)", (long long)period->end_us);
    }
    strbuf_add_text(sql, " order by 1, ");
    engine_add_identifier(sql, at);
}

static bool read_seen(const struct engine_result *result, size_t row, size_t cells,
                      struct seen *seen, struct error *err)
{
    strbuf_clear(&seen->text);
    for (size_t i = 0; i < cells; i++) {
        if (i < CELLS_FIXED)
            strbuf_add(&seen->text, engine_text(result, i, row));
        else if (!engine_add_canonical(result, i, row, &seen->text))
            return error_set(err, ERROR_INVALID, engine_result_column(result, i)->name,
                             "a value that cannot be written");
        seen->ends[i] = seen->text.len;
    }
    return strbuf_ok(&seen->text, err);
}

struct comparing {
    const struct record_type *type;
    struct slice from; /* of the period; empty: none */
    bool (*take)(void *context, const struct state_change *change, struct error *err);
    void *context;
    struct error *err;
};

/* Times in this form are in order as texts are. */
static bool compare(struct comparing *comparing, const struct seen *before, const struct seen *now)
{
    size_t at = CELLS_FIXED;
    if (!slice_equal(cell(before, CELL_KEY), cell(now, CELL_KEY)) ||
        slice_compare(cell(now, CELL_AT), comparing->from) < 0)
        return true;
    for (size_t i = 0; i < comparing->type->columns_count; i++) {
        if (is_of_key(comparing->type, i))
            continue;
        struct state_change change = { .key = cell(now, CELL_KEY),
                                       .column = comparing->type->columns[i].name,
                                       .before = cell(before, at),
                                       .after = cell(now, at),
                                       .seen_at = cell(before, CELL_AT),
                                       .at = cell(now, CELL_AT) };
        at++;
        if (!slice_equal(change.before, change.after) &&
            !comparing->take(comparing->context, &change, comparing->err))
            return false;
    }
    return true;
}

static bool compare_all(struct comparing *comparing, struct engine_result *result,
                        struct seen *before, struct seen *now)
{
    size_t rows = 0, cells = engine_result_columns(result);
    bool is_first = true;
    do {
        if (!engine_result_next(result, &rows, comparing->err))
            return false;
        for (size_t i = 0; i < rows; i++) {
            if (!read_seen(result, i, cells, now, comparing->err) ||
                (!is_first && !compare(comparing, before, now)))
                return false;
            struct seen swap = *before;
            *before = *now;
            *now = swap;
            is_first = false;
        }
    } while (rows > 0);
    return true;
}

bool state_changes(const struct table *table, struct engine *engine, struct arena *arena,
                   const struct period *period,
                   bool (*take)(void *context, const struct state_change *change,
                                struct error *err),
                   void *context, struct error *err)
{
    char from[28] = "";
    struct comparing comparing = {
        .type = &table->type, .take = take, .context = context, .err = err
    };
    size_t cells = CELLS_FIXED + table->type.columns_count;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct seen before = { strbuf_new(ROW_BYTES_MAX),
                           arena_array(arena, cells, sizeof *before.ends, err) };
    struct seen now = { strbuf_new(ROW_BYTES_MAX),
                        arena_array(arena, cells, sizeof *now.ends, err) };
    if (period)
        time_format(period->start_us, from);
    comparing.from = slice_of(from);
    add_observations(&sql, &table->type, period);
    struct engine_result *result = before.ends && now.ends && strbuf_ok(&sql, err)
                                       ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err)
                                       : NULL;
    bool ok = result && compare_all(&comparing, result, &before, &now);
    engine_result_free(result);
    strbuf_free(&sql);
    strbuf_free(&before.text);
    strbuf_free(&now.text);
    return ok;
}
