/* Rows of one key with different content: refused, and told so that they can be settled. */
#include <stdio.h>
#include <string.h>

#include "audit/tables.h"
#include "base/json.h"

enum {
    SQL_BYTES_MAX = 64 << 20,
    ROWS_BYTES_MAX = 1 << 28,
    KEYS_TOLD = 3, /* as many fit a message; the count tells the rest */
    ROWS_TOLD = 3,
    COLUMNS_TOLD = 2,
    CHARACTERS_TOLD = 40,
    CHARACTERS_BEFORE = 12,
};

/* Rows of one key, each as the array of its columns. */
struct rows {
    const struct value *items[ROWS_TOLD];
    struct digest digests[ROWS_TOLD];
    size_t count;
};

static bool read_rows(const struct table *table, struct engine *engine, struct arena *arena,
                      struct slice key, struct rows *found, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    size_t rows = 0;
    bool ok = false;
    strbuf_add_text(&sql, "select canonical_row(");
    table_add_columns(&sql, &table->type, "s");
    strbuf_printf(&sql, ") as row from \"_some_%s\" s where ", table->type.id.at);
    table_add_key(&sql, &table->type, "s");
    strbuf_add_text(&sql, " = ");
    engine_add_literal(&sql, key);
    strbuf_printf(&sql, " order by row limit %d", ROWS_TOLD);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows && found->count < ROWS_TOLD; i++) {
            struct slice text;
            if (!arena_copy(arena, engine_text(result, 0, i), &text, err))
                goto done;
            found->digests[found->count] = sha256_of(text);
            found->items[found->count] = json_parse(arena, text, "row", NULL, err);
            if (!found->items[found->count++])
                goto done;
        }
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

static bool differs(const struct rows *rows, size_t column)
{
    for (size_t i = 1; i < rows->count; i++)
        if (!value_equal(value_item(rows->items[0], column), value_item(rows->items[i], column)))
            return true;
    return false;
}

/* How many bytes all rows have in common at the head of a column, less some to read on from, at the
 * beginning of a character. */
static size_t common_head(const struct slice *texts, size_t count)
{
    size_t head = 0;
    for (bool is_common = count > 0; is_common; head += is_common)
        for (size_t i = 0; i < count; i++)
            is_common = is_common && head < texts[i].len && texts[i].at[head] == texts[0].at[head];
    head = head > CHARACTERS_BEFORE ? head - CHARACTERS_BEFORE : 0;
    while (head > 0 && ((unsigned char)texts[0].at[head] & 0xC0) == 0x80)
        head--;
    return head;
}

/* The part of a value in which it differs. */
static void tell_value(struct strbuf *told, struct slice text, size_t head)
{
    size_t end = head;
    for (size_t i = 0; i < CHARACTERS_TOLD && end < text.len; i++)
        utf8_next(text, &end);
    strbuf_add_text(told, head > 0 ? " ..." : " ");
    strbuf_add(told, slice_head(slice_from(text, head), end - head));
    strbuf_add_text(told, end < text.len ? "..." : "");
}

/* The columns in which rows differ, as canonical JSON. */
struct difference {
    size_t column, head;
    struct slice texts[ROWS_TOLD];
};

static bool find_differences(const struct record_type *type, const struct rows *rows,
                             struct arena *arena, struct difference *found, size_t *count,
                             struct error *err)
{
    *count = 0;
    for (size_t j = 0; j < type->columns_count && *count < COLUMNS_TOLD; j++) {
        struct difference *one = &found[*count];
        if (!differs(rows, j))
            continue;
        one->column = j;
        for (size_t i = 0; i < rows->count; i++)
            if (!json_canonical_copy(arena, value_item(rows->items[i], j), &one->texts[i], err))
                return false;
        one->head = common_head(one->texts, rows->count);
        ++*count;
    }
    return true;
}

/* sha256:... (subject "one"), sha256:... (subject "two"). Of personal columns only the names. */
static bool tell_rows(const struct record_type *type, const struct rows *rows, struct arena *arena,
                      struct strbuf *told, struct error *err)
{
    struct difference differences[COLUMNS_TOLD];
    size_t count;
    if (!find_differences(type, rows, arena, differences, &count, err))
        return false;
    for (size_t i = 0; i < rows->count; i++) {
        char hex[65];
        digest_hex(&rows->digests[i], hex);
        strbuf_printf(told, "%s sha256:%s", i ? "," : "", hex);
        for (size_t j = 0; j < count; j++) {
            const struct record_column *column = &type->columns[differences[j].column];
            strbuf_printf(told, "%s%.*s", j ? ", " : " (", SLICE_ARG(column->name));
            if (!column->is_personal)
                tell_value(told, differences[j].texts[i], differences[j].head);
        }
        strbuf_add_text(told, count ? ")" : "");
    }
    return true;
}

static bool refuse(const struct table *table, struct engine *engine, size_t count,
                   struct slice keys, struct slice first, struct error *err)
{
    struct strbuf told = strbuf_new(ROWS_BYTES_MAX);
    struct rows rows = { .count = 0 };
    char where[80];
    struct arena *arena = arena_new(ROWS_BYTES_MAX, err);
    if (arena && read_rows(table, engine, arena, first, &rows, err) &&
        tell_rows(&table->type, &rows, arena, &told, err) && strbuf_ok(&told, err)) {
        (void)snprintf(where, sizeof where, "%.60s", table->type.id.at);
        error_set(err, ERROR_INVALID, where, "%zu key%s with different content: %.*s%s; rows%s%.*s",
                  count, count == 1 ? " comes" : "s come", SLICE_ARG(keys),
                  count > KEYS_TOLD ? ", ..." : "", count == 1 ? "" : " of the first",
                  SLICE_ARG(strbuf_slice(&told)));
        error_hint(err, "withdraw the wrong import, give the type a revision column, or apply a "
                        "Resolution (key, kept: the row that counts, reason)");
    }
    arena_free(arena);
    strbuf_free(&told);
    return false;
}

/* The statement that finds the keys in conflict. */
static void add_keys(struct strbuf *sql, const struct record_type *type,
                     const struct period *period)
{
    strbuf_add_text(sql, "select ");
    table_add_key(sql, type, "s");
    strbuf_printf(sql, " as k from \"_some_%s\" s group by k having count(*) > 1", type->id.at);
    if (period) {
        strbuf_add_text(sql, " and bool_or(");
        table_add_period(sql, type, "s", period);
        strbuf_add_text(sql, " or s.");
        engine_add_identifier(sql, type->columns[type->time].name);
        strbuf_add_text(sql, " is null)");
    }
    strbuf_add_text(sql, " order by k");
}

bool tables_conflicts(const struct table *table, struct engine *engine, const struct period *period,
                      struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX), keys = strbuf_new(ROWS_BYTES_MAX),
                  first = strbuf_new(ROWS_BYTES_MAX);
    struct engine_result *result = NULL;
    size_t rows = 0, count = 0;
    bool ok = false;
    if (!table->has_repeats)
        return true;
    add_keys(&sql, &table->type, period);
    result = strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows; i++, count++) {
            struct slice key = engine_text(result, 0, i);
            if (count == 0)
                strbuf_add(&first, key);
            if (count < KEYS_TOLD)
                strbuf_printf(&keys, "%s%.*s", count ? ", " : "", SLICE_ARG(key));
        }
    } while (rows > 0);
    ok = strbuf_ok(&keys, err) && strbuf_ok(&first, err) &&
         (count == 0 ||
          refuse(table, engine, count, strbuf_slice(&keys), strbuf_slice(&first), err));
done:
    engine_result_free(result);
    strbuf_free(&sql);
    strbuf_free(&keys);
    strbuf_free(&first);
    return ok;
}
