#include "audit/tables.h"

#include <stdio.h>
#include <string.h>

#include "audit/spans.h"
#include "audit/table_files.h"
#include "base/json.h"
#include "program/population_types.h"

enum { SQL_BYTES_MAX = 64 << 20, ROWS_COUNTED_AT_ONCE = 1000000 };

bool table_scope(const struct record_type *type, struct arena *arena,
                 struct expression_table *scope, struct error *err)
{
    struct slice *columns = arena_array(arena, type->columns_count, sizeof *columns, err);
    struct slice *key = arena_array(arena, type->key_count, sizeof *key, err);
    if (!columns || !key)
        return false;
    for (size_t i = 0; i < type->columns_count; i++)
        columns[i] = type->columns[i].name;
    for (size_t i = 0; i < type->key_count; i++)
        key[i] = type->columns[type->key[i]].name;
    *scope =
        (struct expression_table){ type->id, columns, type->columns_count, key, type->key_count };
    return true;
}

bool tables_read(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                 uint64_t size, size_t more, struct tables *tables, struct error *err)
{
    struct slice *ids;
    size_t count;
    if (!population_type_ids(store, catalogue, arena, size, &ids, &count, err))
        return false;
    /* For each type a view, should it be a state. */
    size_t most = 2 * (count + more);
    struct expression_table *scope = arena_array(arena, most, sizeof *scope, err);
    *tables = (struct tables){ .items = arena_array(arena, most, sizeof *tables->items, err),
                               .count = count,
                               .scope_tables = scope,
                               .size = size };
    if (!scope || !tables->items)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct population_type definition;
        struct table *table = &tables->items[i];
        if (!population_type_get(store, catalogue, arena, ids[i], size, &definition, err) ||
            !record_type_read(arena, definition.document, &table->type, err))
            return false;
        table->version = definition.version;
        table->leaf = definition.leaf;
        if (!table_scope(&table->type, arena, &scope[i], err))
            return false;
    }
    return spans_add_tables(tables, arena, err);
}

bool tables_find(const struct tables *tables, struct slice id, size_t *index, struct error *err)
{
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < tables->count; i++) {
        if (slice_equal(tables->items[i].type.id, id) && i >= tables->types) {
            struct slice type = tables->items[tables->items[i].spans_of].type.id;
            error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is no population type", SLICE_ARG(id));
            return error_hint(err, "it is a view for expressions: name %.*s", SLICE_ARG(type));
        }
        if (slice_equal(tables->items[i].type.id, id)) {
            *index = i;
            return true;
        }
        if (count < ARRAY_LEN(names))
            names[count++] = tables->items[i].type.id.at;
    }
    const char *near = slice_nearest(id, names, count);
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no population type \"%.*s\"", SLICE_ARG(id));
    return near ? error_hint(err, "did you mean %s?", near) : false;
}

/* ---- pieces of SQL ---- */

static void add_name(struct strbuf *sql, const char *head, const struct record_type *type)
{
    strbuf_add_char(sql, '"');
    strbuf_add_text(sql, head);
    strbuf_add(sql, type->id); /* [a-z][a-z0-9_]* */
    strbuf_add_char(sql, '"');
}

static void add_column(struct strbuf *sql, const char *alias, struct slice name)
{
    if (alias) {
        strbuf_add_text(sql, alias);
        strbuf_add_char(sql, '.');
    }
    engine_add_identifier(sql, name);
}

static void add_key_columns(struct strbuf *sql, const struct record_type *type, const char *alias)
{
    for (size_t i = 0; i < type->key_count; i++) {
        if (i > 0)
            strbuf_add_text(sql, ", ");
        add_column(sql, alias, type->columns[type->key[i]].name);
    }
}

void table_add_columns(struct strbuf *sql, const struct record_type *type, const char *alias)
{
    for (size_t i = 0; i < type->columns_count; i++) {
        if (i > 0)
            strbuf_add_text(sql, ", ");
        add_column(sql, alias, type->columns[i].name);
    }
}

void table_add_key(struct strbuf *sql, const struct record_type *type, const char *alias)
{
    strbuf_add_text(sql, "canonical_key(");
    add_key_columns(sql, type, alias);
    strbuf_add_char(sql, ')');
}

void table_add_period(struct strbuf *sql, const struct record_type *type, const char *alias,
                      const struct period *period)
{
    struct slice time = type->columns[type->time].name;
    strbuf_add_char(sql, '(');
    add_column(sql, alias, time);
    strbuf_printf(sql, " < make_timestamp(%lld) and (", (long long)period->end_us);
    add_column(sql, alias, time);
    strbuf_printf(sql, " >= make_timestamp(%lld)", (long long)period->start_us);
    /* An interval that began before is in, unless it has ended by then. */
    if (type->until != NO_COLUMN) {
        struct slice until = type->columns[type->until].name;
        strbuf_add_text(sql, " or ");
        add_column(sql, alias, until);
        strbuf_add_text(sql, " is null or ");
        add_column(sql, alias, until);
        strbuf_printf(sql, " > make_timestamp(%lld)", (long long)period->start_us);
    }
    strbuf_add_text(sql, "))");
}

static bool run(struct engine *engine, struct strbuf *sql, struct error *err)
{
    bool ok = strbuf_ok(sql, err) && engine_run(engine, strbuf_slice(sql), err);
    strbuf_free(sql);
    return ok;
}

/* ---- repeats, revisions, resolutions ---- */

/* "_dup_TYPE": keys that come more than once. Keys are counted in parts by their hash, for memory
 * follows how many different ones are counted at once. */
static void add_repeats(struct strbuf *sql, const struct record_type *type, uint64_t part,
                        uint64_t parts)
{
    strbuf_add_text(sql, part == 0 ? "create table " : "insert into ");
    add_name(sql, "_dup_", type);
    strbuf_add_text(sql, part == 0 ? " as select " : " select ");
    add_key_columns(sql, type, NULL);
    strbuf_add_text(sql, " from ");
    add_name(sql, "_raw_", type);
    if (parts > 1) {
        strbuf_add_text(sql, " where hash(");
        add_key_columns(sql, type, NULL);
        strbuf_printf(sql, ") %% %llu = %llu", (unsigned long long)parts, (unsigned long long)part);
    }
    strbuf_add_text(sql, " group by ");
    add_key_columns(sql, type, NULL);
    strbuf_add_text(sql, " having count(*) > 1");
}

static bool find_repeats(struct table *table, struct engine *engine, struct error *err)
{
    int64_t count;
    uint64_t rows = 0;
    for (size_t i = 0; i < table->segments.count; i++)
        rows += (uint64_t)table->segments.items[i].rows;
    uint64_t parts = rows / ROWS_COUNTED_AT_ONCE + 1;
    for (uint64_t part = 0; part < parts; part++) {
        struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
        add_repeats(&sql, &table->type, part, parts);
        if (!run(engine, &sql, err))
            return false;
    }
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_add_text(&sql, "select count(*) from ");
    add_name(&sql, "_dup_", &table->type);
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), &count, err);
    strbuf_free(&sql);
    table->has_repeats = ok && count > 0;
    return ok;
}

static void add_same_key(struct strbuf *sql, const struct record_type *type, const char *a,
                         const char *b)
{
    for (size_t i = 0; i < type->key_count; i++) {
        strbuf_add_text(sql, i > 0 ? " and " : "");
        add_column(sql, a, type->columns[type->key[i]].name);
        strbuf_add_text(sql, " is not distinct from ");
        add_column(sql, b, type->columns[type->key[i]].name);
    }
}

/* "_some_TYPE": the different rows of those keys, the greatest revision only if there is one. */
static bool settle(const struct table *table, struct engine *engine, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    const struct record_type *type = &table->type;
    strbuf_add_text(&sql, "create table ");
    add_name(&sql, "_some_", type);
    strbuf_add_text(&sql, " as select ");
    table_add_columns(&sql, type, "s");
    strbuf_add_text(&sql, " from (select distinct ");
    table_add_columns(&sql, type, "r");
    strbuf_add_text(&sql, " from ");
    add_name(&sql, "_raw_", type);
    strbuf_add_text(&sql, " r where exists (select 1 from ");
    add_name(&sql, "_dup_", type);
    strbuf_add_text(&sql, " d where ");
    add_same_key(&sql, type, "d", "r");
    strbuf_add_text(&sql, ")) s");
    if (type->revision != NO_COLUMN) {
        strbuf_add_text(&sql, " qualify rank() over (partition by ");
        add_key_columns(&sql, type, "s");
        strbuf_add_text(&sql, " order by ");
        add_column(&sql, "s", type->columns[type->revision].name);
        strbuf_add_text(&sql, " desc nulls last) = 1");
    }
    return run(engine, &sql, err);
}

/* "_all_TYPE": every row once; "TYPE": what sub-queries see of them (ranges.h). */
static bool open_view(const struct table *table, struct engine *engine, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    const struct record_type *type = &table->type;
    strbuf_add_text(&sql, "create view ");
    add_name(&sql, "_all_", type);
    strbuf_add_text(&sql, " as select ");
    table_add_columns(&sql, type, "r");
    strbuf_add_text(&sql, " from ");
    add_name(&sql, "_raw_", type);
    strbuf_add_text(&sql, " r");
    if (table->has_repeats) {
        strbuf_add_text(&sql, " where not exists (select 1 from ");
        add_name(&sql, "_dup_", type);
        strbuf_add_text(&sql, " d where ");
        add_same_key(&sql, type, "d", "r");
        strbuf_add_text(&sql, ") union all select ");
        table_add_columns(&sql, type, "s");
        strbuf_add_text(&sql, " from ");
        add_name(&sql, "_some_", type);
        strbuf_add_text(&sql, " s");
    }
    if (!run(engine, &sql, err))
        return false;
    strbuf_printf(&sql, "create view \"%s\" as select * from \"_all_%s\"", type->id.at,
                  type->id.at);
    return run(engine, &sql, err);
}

/* One Resolution: of the rows with its key only the one whose canonical row has the digest stays.
 */
static bool resolve_one(const struct table *table, struct engine *engine, struct slice key,
                        struct slice kept, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct strbuf drop = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    size_t rows = 0, found = 0, others = 0;
    bool ok = false;
    strbuf_add_text(&sql, "select s.rowid, canonical_row(");
    table_add_columns(&sql, &table->type, "s");
    strbuf_add_text(&sql, ") from ");
    add_name(&sql, "_some_", &table->type);
    strbuf_add_text(&sql, " s where ");
    table_add_key(&sql, &table->type, "s");
    strbuf_add_text(&sql, " = ");
    engine_add_literal(&sql, key);
    strbuf_add_text(&drop, "delete from ");
    add_name(&drop, "_some_", &table->type);
    strbuf_add_text(&drop, " where rowid in (-1");
    result = strbuf_ok(&sql, err) ? engine_query(engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows; i++) {
            struct digest digest = sha256_of(engine_text(result, 1, i));
            char text[80] = "sha256:";
            digest_hex(&digest, text + 7);
            if (slice_is(kept, text)) {
                found++;
                continue;
            }
            others++;
            strbuf_printf(&drop, ", %lld", (long long)engine_int64(result, 0, i));
        }
    } while (rows > 0);
    strbuf_add_char(&drop, ')');
    engine_result_free(result);
    result = NULL;
    /* A resolution whose row is no longer there settles nothing: the conflict stays and is told. */
    ok = found == 0 || others == 0 ||
         (strbuf_ok(&drop, err) && engine_run(engine, strbuf_slice(&drop), err));
done:
    engine_result_free(result);
    strbuf_free(&sql);
    strbuf_free(&drop);
    return ok;
}

static bool resolve(const struct table *table, const struct resource_list *list,
                    struct arena *arena, struct engine *engine, struct error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct slice key;
        const struct value *document =
            json_parse(arena, list->items[i].document, "resolution", NULL, err);
        if (!document)
            return false;
        if (!slice_equal(value_text_of(document, "population"), table->type.id))
            continue;
        if (!json_canonical_copy(arena, value_member(document, "key"), &key, err) ||
            !resolve_one(table, engine, key, value_text_of(document, "kept"), err))
            return false;
    }
    return true;
}

bool tables_find_segments(struct tables *tables, struct store *store, struct arena *arena,
                          struct error *err)
{
    for (size_t i = 0; i < tables->types; i++) {
        struct table *table = &tables->items[i];
        if (table->is_used &&
            !segments_that_count(store, arena, &table->type, tables->size, &table->segments, err))
            return false;
    }
    return resource_list(store, arena, SLICE("Resolution"), tables->size, &tables->resolutions,
                         err);
}

bool tables_open(struct tables *tables, struct store *store, struct arena *arena,
                 struct engine *engine, struct error *err)
{
    if (!table_files_personal(tables, store, arena, engine, err))
        return false;
    for (size_t i = 0; i < tables->types; i++) {
        struct table *table = &tables->items[i];
        if (!table->is_used)
            continue;
        if (!table_files_view(table, store, arena, engine, err) ||
            !find_repeats(table, engine, err))
            return false;
        if (table->has_repeats && (!settle(table, engine, err) ||
                                   !resolve(table, &tables->resolutions, arena, engine, err)))
            return false;
        if (!open_view(table, engine, err))
            return false;
    }
    for (size_t i = tables->types; i < tables->count; i++) {
        const struct table *view = &tables->items[i];
        if (view->is_used && !spans_open(view, &tables->items[view->spans_of].type, engine, err))
            return false;
    }
    return true;
}

/* ---- what is told ---- */

bool table_repeats(const struct table *table, struct engine *engine, const struct period *period,
                   uint64_t *repeats, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    int64_t count = 0;
    *repeats = 0;
    if (!table->has_repeats)
        return true;
    strbuf_add_text(&sql,
                    "select coalesce(sum(n - 1), 0)::bigint from (select count(*) as n from ");
    add_name(&sql, "_raw_", &table->type);
    strbuf_add_text(&sql, " r where ");
    table_add_period(&sql, &table->type, "r", period);
    strbuf_add_text(&sql, " group by ");
    table_add_columns(&sql, &table->type, "r");
    strbuf_add_text(&sql, " having count(*) > 1)");
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), &count, err);
    strbuf_free(&sql);
    *repeats = (uint64_t)count;
    return ok;
}
