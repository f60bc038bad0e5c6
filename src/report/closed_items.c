#include "report/closed_items.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/segment_rows.h"

enum { SQL_BYTES_MAX = 1 << 20, LINE_BYTES_MAX = 64 << 20, ITEMS_TOLD = 10, TOLD_BYTES_MAX = 1200 };

/* ---- why ---- */

struct asking_why {
    struct closed_items *closed;
    const struct erasures *erasures;
    bool has_keys;
    struct arena *arena;
};

static bool why_take(void *context, struct slice column, const struct digest *token,
                     struct error *err)
{
    struct asking_why *asking = context;
    struct closed_items *closed = asking->closed;
    const struct erasure_told *erasure = erasures_find(asking->erasures, token);
    if (!erasure && asking->has_keys)
        return error_set(err, ERROR_FINDING, NULL,
                         "the key of a value of %.*s is missing, and no erasure names it",
                         SLICE_ARG(column));
    if (!erasure) {
        closed->without_keys = true;
        return true;
    }
    for (size_t i = 0; i < closed->erasures_count; i++)
        if (slice_equal(closed->erasures[i]->rule, erasure->rule) &&
            slice_equal(closed->erasures[i]->by, erasure->by) &&
            slice_equal(slice_head(closed->erasures[i]->at, 10), slice_head(erasure->at, 10)))
            return true; /* they read the same */
    const struct erasure_told **more =
        arena_array(asking->arena, closed->erasures_count + 1, sizeof *more, err);
    if (!more)
        return false;
    for (size_t i = 0; i < closed->erasures_count; i++)
        more[i] = closed->erasures[i];
    more[closed->erasures_count++] = erasure;
    closed->erasures = more;
    return true;
}

bool closed_items_why(struct closed_items *closed, struct verifier *verifier,
                      const struct erasures *erasures, const struct tables *tables,
                      struct arena *arena, struct engine *engine, struct error *err)
{
    size_t most = 0, count = 0;
    struct personal_keys keys = verifier_keys(verifier);
    struct asking_why asking = { closed, erasures, verifier_has_keys(verifier), arena };
    for (size_t i = 0; i < tables->types; i++)
        most += tables->items[i].is_used ? tables->items[i].segments.count : 0;
    const char **paths = arena_array(arena, most + 1, sizeof *paths, err);
    if (!paths)
        return false;
    for (size_t i = 0; i < tables->types; i++)
        for (size_t j = 0; tables->items[i].is_used && j < tables->items[i].segments.count; j++)
            if (tables->items[i].segments.items[j].is_sealed)
                paths[count++] = tables->items[i].segments.items[j].personal_path;
    return personal_values_closed(engine, paths, count, &keys, why_take, &asking, err);
}

void closed_items_say_why(const struct closed_items *closed, struct strbuf *out)
{
    for (size_t i = 0; i < closed->erasures_count; i++) {
        strbuf_add_text(out, i ? ", " : "");
        erasure_say(closed->erasures[i], out);
    }
    if (closed->without_keys)
        strbuf_printf(out, "%sthe keys of personal values are not here",
                      closed->erasures_count ? ", " : "");
}

void closed_items_free(struct closed_items *closed)
{
    digest_map_free(&closed->keys);
    strbuf_free(&closed->told);
}

/* ---- which items ---- */

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

/* Whether the name stands in the text as a word, in either case; a star stands for every name. */
static bool mentions(struct slice text, struct slice name)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '*')
            return true;
        if (text.len - i >= name.len && strncasecmp(text.at + i, name.at, name.len) == 0 &&
            (i == 0 || !is_name_byte(text.at[i - 1])) &&
            (i + name.len == text.len || !is_name_byte(text.at[i + name.len])))
            return true;
    }
    return false;
}

static bool test_mentions(const struct test_definition *test, struct slice name)
{
    bool found = mentions(test->where, name);
    for (size_t i = 0; i < test->attributes_count && !found; i++)
        found =
            mentions(test->attributes[i].holds, name) || mentions(test->attributes[i].why, name);
    return found;
}

struct closed_search {
    struct closed_items *closed;
    const struct tables *tables;
    size_t item_table;
    const struct cut *cut;
    struct engine *engine;
    struct error *err;
};

static bool keys_add(struct closed_search *search, struct engine_result *result)
{
    size_t rows = 0, at;
    bool ok = result != NULL;
    do {
        ok = ok && engine_result_next(result, &rows, search->err);
        for (size_t i = 0; ok && i < rows; i++) {
            struct digest digest = sha256_of(engine_text(result, 0, i));
            ok = digest_map_add(&search->closed->keys, &digest, &at, search->err);
        }
    } while (ok && rows > 0);
    engine_result_free(result);
    return ok;
}

/* The keys in rows of a table that hold a closed value in the column. parts: the columns that make
 * the item's key. */
static bool rows_find(struct closed_search *search, const struct record_type *type,
                      struct slice column, const struct slice *parts, size_t parts_count)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    strbuf_add_text(&sql, "select distinct canonical_key(");
    for (size_t i = 0; i < parts_count; i++) {
        strbuf_add_text(&sql, i ? ", " : "");
        engine_add_identifier(&sql, parts[i]);
    }
    strbuf_printf(&sql, ") from \"_raw_%s\" where personal_is_closed(", type->id.at);
    engine_add_identifier(&sql, column);
    strbuf_add_char(&sql, ')');
    if (strbuf_ok(&sql, search->err))
        result = engine_query(search->engine, strbuf_slice(&sql), NULL, 0, search->err);
    strbuf_free(&sql);
    return keys_add(search, result);
}

/* The columns of a bound table that equal the item's key, part by part; false if it is not bound,
 * or a part is of another type and so spelled otherwise. */
static bool bound_parts(const struct closed_search *search, const struct record_type *type,
                        size_t table, struct slice parts[EXPRESSION_KEY_MAX])
{
    const struct record_type *items = &search->tables->items[search->item_table].type;
    if (!search->cut->bounds || items->key_count > EXPRESSION_KEY_MAX)
        return false;
    for (size_t i = 0; i < items->key_count; i++) {
        parts[i] = search->cut->bounds[table].columns[i];
        int column = parts[i].len ? record_type_column(type, parts[i]) : NO_COLUMN;
        if (column == NO_COLUMN ||
            type->columns[column].type != items->columns[items->key[i]].type ||
            type->columns[column].scale != items->columns[items->key[i]].scale)
            return false;
    }
    return true;
}

static bool has_closed(struct closed_search *search, const struct record_type *type,
                       struct slice column, bool *has)
{
    int64_t count = 0;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_printf(&sql, "select count(*) from \"_raw_%s\" where personal_is_closed(", type->id.at);
    engine_add_identifier(&sql, column);
    strbuf_add_char(&sql, ')');
    bool ok = strbuf_ok(&sql, search->err) &&
              engine_query_int64(search->engine, strbuf_slice(&sql), &count, search->err);
    strbuf_free(&sql);
    *has = count > 0;
    return ok;
}

static bool is_viewed(const struct tables *tables, size_t table)
{
    for (size_t i = tables->types; i < tables->count; i++)
        if (tables->items[i].is_used && tables->items[i].spans_of == table)
            return true;
    return false;
}

static bool column_find(struct closed_search *search, size_t table, struct slice column)
{
    bool has = false;
    struct slice parts[EXPRESSION_KEY_MAX], own[EXPRESSION_KEY_MAX + 8];
    const struct record_type *type = &search->tables->items[table].type;
    bool is_named =
        table != search->item_table || !search->cut->bounds || search->cut->bounds[table].is_named;
    if (!has_closed(search, type, column, &has))
        return false;
    if (!has)
        return true;
    if (is_viewed(search->tables, table) || type->key_count > ARRAY_LEN(own) ||
        (is_named && !bound_parts(search, type, table, parts))) {
        search->closed->is_any = true;
        return true;
    }
    if (is_named && !rows_find(search, type, column, parts,
                               search->tables->items[search->item_table].type.key_count))
        return false;
    if (table != search->item_table)
        return true;
    for (size_t i = 0; i < type->key_count; i++)
        own[i] = type->columns[type->key[i]].name;
    return rows_find(search, type, column, own, type->key_count);
}

bool closed_items_find(struct closed_items *closed, const struct test_definition *test,
                       const struct tables *tables, size_t item_table, const struct cut *cut,
                       struct engine *engine, struct error *err)
{
    struct closed_search search = { closed, tables, item_table, cut, engine, err };
    for (size_t i = 0; i < tables->types; i++) {
        const struct table *table = &tables->items[i];
        for (size_t j = 0; table->is_used && j < table->type.columns_count; j++) {
            const struct record_column *column = &table->type.columns[j];
            if (column->type == ENGINE_TEXT && test_mentions(test, column->name) &&
                !column_find(&search, i, column->name))
                return false;
        }
    }
    return true;
}

bool closed_items_has(const struct closed_items *closed, struct slice key)
{
    size_t at;
    struct digest digest = sha256_of(key);
    return closed->is_any || digest_map_find(&closed->keys, &digest, &at);
}

/* ---- comparing ---- */

struct row {
    struct slice key, results; /* "holds","fails" */
};

/* {"item":KEY,"results":[...]}: the words of results hold no bracket. */
static bool row_parse(struct slice line, struct row *row)
{
    static const char middle[] = ",\"results\":[";
    const size_t head = strlen("{\"item\":"), len = sizeof middle - 1;
    if (line.len < head + len + 2)
        return false;
    for (size_t at = line.len - len; at > head; at--) {
        if (memcmp(line.at + at, middle, len) != 0)
            continue;
        row->key = (struct slice){ line.at + head, at - head };
        row->results = (struct slice){ line.at + at + len, line.len - at - len - 2 };
        return true;
    }
    return false;
}

struct comparing {
    struct closed_items *closed;
    const struct test_definition *test;
    FILE *rows;
    char *line; /* of rows, in hand */
    size_t line_capacity;
    struct row now;
    bool has_now, is_past_header;
    struct strbuf rest; /* of the recorded matrix: a line not yet whole */
};

static bool now_next(struct comparing *c, struct error *err)
{
    ssize_t len = getline(&c->line, &c->line_capacity, c->rows);
    c->has_now = len > 0;
    if (len <= 0)
        return ferror(c->rows) ? error_errno(err, "read", "the matrix") : true;
    struct slice line = { c->line, (size_t)len };
    if (line.at[line.len - 1] == '\n')
        line.len--;
    return row_parse(line, &c->now) ||
           error_set(err, ERROR_CORRUPT, NULL, "a row of the matrix cannot be read");
}

static void tell_attributes(struct comparing *c, struct slice recorded, struct slice now)
{
    struct slice one, other;
    const char *between = " in ";
    for (size_t i = 0; i < c->test->attributes_count; i++) {
        if (!slice_split(recorded, ',', &one, &recorded))
            one = recorded;
        if (!slice_split(now, ',', &other, &now))
            other = now;
        if (slice_equal(one, other))
            continue;
        strbuf_printf(&c->closed->told, "%s%.*s", between, SLICE_ARG(c->test->attributes[i].id));
        between = ", ";
    }
}

/* An item that differs; either row may be NULL: it is only in the other. */
static void differs(struct comparing *c, struct slice key, const struct row *recorded,
                    const struct row *now)
{
    struct closed_items *closed = c->closed;
    if (!closed_items_has(closed, key)) {
        closed->others++;
        return;
    }
    if (closed->items++ >= ITEMS_TOLD)
        return;
    strbuf_printf(&closed->told, "%s%.*s", closed->items > 1 ? "; " : "", SLICE_ARG(key));
    if (recorded && now)
        tell_attributes(c, recorded->results, now->results);
    else
        strbuf_add_text(&closed->told, " (whether it is in the population)");
}

/* Both are sorted by key. */
static bool recorded_row(struct comparing *c, struct slice line, struct error *err)
{
    struct row recorded;
    if (!c->is_past_header) {
        c->is_past_header = true;
        return now_next(c, err);
    }
    if (!row_parse(line, &recorded))
        return error_set(err, ERROR_CORRUPT, NULL, "a row of the recorded matrix cannot be read");
    while (c->has_now && slice_compare(c->now.key, recorded.key) < 0) {
        differs(c, c->now.key, NULL, &c->now);
        if (!now_next(c, err))
            return false;
    }
    if (!c->has_now || !slice_equal(c->now.key, recorded.key)) {
        differs(c, recorded.key, &recorded, NULL);
        return true;
    }
    if (!slice_equal(c->now.results, recorded.results))
        differs(c, recorded.key, &recorded, &c->now);
    return now_next(c, err);
}

static bool recorded_take(void *context, struct slice chunk, struct error *err)
{
    struct comparing *c = context;
    size_t at;
    while (slice_find(chunk, '\n', &at)) {
        struct slice line = slice_head(chunk, at);
        if (c->rest.len > 0) {
            strbuf_add(&c->rest, line);
            line = strbuf_slice(&c->rest);
        }
        if (!strbuf_ok(&c->rest, err) || !recorded_row(c, line, err))
            return false;
        strbuf_clear(&c->rest);
        chunk = slice_from(chunk, at + 1);
    }
    strbuf_add(&c->rest, chunk);
    return strbuf_ok(&c->rest, err);
}

bool closed_items_compare(struct closed_items *closed, const struct test_definition *test,
                          const struct payload_source *payloads, const struct digest *matrix,
                          FILE *rows, struct error *err)
{
    struct slice salt, bytes;
    struct comparing c = {
        .closed = closed, .test = test, .rows = rows, .rest = strbuf_new(LINE_BYTES_MAX)
    };
    closed->told = strbuf_new(SQL_BYTES_MAX);
    rewind(rows);
    bool ok = payloads->stream ? payloads->stream(payloads, matrix, recorded_take, &c, err)
                               : payloads->open(payloads, matrix, &salt, &bytes, err) &&
                                     recorded_take(&c, bytes, err);
    while (ok && c.has_now) {
        differs(&c, c.now.key, NULL, &c.now);
        ok = now_next(&c, err);
    }
    if (closed->items > ITEMS_TOLD)
        strbuf_printf(&closed->told, " and %llu more",
                      (unsigned long long)(closed->items - ITEMS_TOLD));
    strbuf_free(&c.rest);
    free(c.line);
    return ok && strbuf_ok(&closed->told, err);
}
