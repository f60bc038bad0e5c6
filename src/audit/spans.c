#include "audit/spans.h"

#include <stdio.h>

enum { SQL_BYTES_MAX = 1 << 20 };

/* ---- TYPE_spans ---- */

static bool is_key(const struct record_type *type, size_t column)
{
    for (size_t i = 0; i < type->key_count; i++)
        if (type->key[i] == column)
            return true;
    return false;
}

static bool is_observed_at(const struct record_type *type, size_t column)
{
    return (int)column == type->observed_at;
}

/* The columns of the view, as a type that no document describes. */
static bool spans_type(const struct record_type *type, struct arena *arena,
                       struct record_type *spans, struct error *err)
{
    size_t count = 0, key_count = 0;
    struct record_column *columns =
        arena_array(arena, type->columns_count + 3, sizeof *columns, err);
    size_t *key = arena_array(arena, type->key_count + 1, sizeof *key, err);
    const char *id = arena_printf(arena, err, "%s" SPANS_SUFFIX, type->id.at);
    if (!columns || !key || !id)
        return false;
    for (size_t i = 0; i < type->key_count; i++) {
        if (is_observed_at(type, type->key[i]))
            continue;
        key[key_count++] = count;
        columns[count++] = type->columns[type->key[i]];
    }
    key[key_count++] = count;
    *spans = (struct record_type){ .id = slice_of(id),
                                   .columns = columns,
                                   .key = key,
                                   .key_count = key_count,
                                   .time = count,
                                   .until = (int)count + 1,
                                   .revision = NO_COLUMN,
                                   .sequence = NO_COLUMN,
                                   .observed_at = NO_COLUMN };
    columns[count++] = (struct record_column){ .name = SLICE(SPANS_FROM),
                                               .type = ENGINE_TIMESTAMP,
                                               .is_required = true };
    columns[count++] = (struct record_column){ .name = SLICE(SPANS_TO), .type = ENGINE_TIMESTAMP };
    columns[count++] = (struct record_column){
        .name = SLICE(SPANS_GAP), .type = ENGINE_DECIMAL, .width = 18, .scale = 6
    };
    for (size_t i = 0; i < type->columns_count; i++)
        if (!is_key(type, i))
            columns[count++] = type->columns[i];
    spans->columns_count = count;
    return true;
}

bool spans_add_tables(struct tables *tables, struct arena *arena, struct error *err)
{
    tables->types = tables->count;
    for (size_t i = 0; i < tables->types; i++) {
        struct table *view = &tables->items[tables->count];
        if (!tables->items[i].type.is_state)
            continue;
        *view = (struct table){ .spans_of = i };
        if (!spans_type(&tables->items[i].type, arena, &view->type, err) ||
            !table_scope(&view->type, arena, &tables->scope_tables[tables->count], err))
            return false;
        tables->count++;
    }
    tables->scope =
        (struct expression_scope){ .tables = tables->scope_tables, .count = tables->count };
    return true;
}

void spans_mark_types(const struct tables *tables, bool *used)
{
    for (size_t i = tables->types; i < tables->count; i++)
        if (used[i])
            used[tables->items[i].spans_of] = true;
}

bool spans_are_used(const struct tables *tables, const bool *used, size_t type)
{
    for (size_t i = tables->types; i < tables->count; i++)
        if (used[i] && tables->items[i].spans_of == type)
            return true;
    return false;
}

static void add_name(struct strbuf *sql, const struct record_type *type, size_t column)
{
    engine_add_identifier(sql, type->columns[column].name);
}

/* Hours are whole millionths: 3,600 microseconds each, divided as integers. */
void spans_add_select(struct strbuf *sql, const struct record_type *type, const char *relation)
{
    const char *between = " partition by ";
    strbuf_add_text(sql, "select ");
    for (size_t i = 0; i < type->key_count; i++) {
        if (is_observed_at(type, type->key[i]))
            continue;
        add_name(sql, type, type->key[i]);
        strbuf_add_text(sql, ", ");
    }
    strbuf_add_text(sql, SPANS_FROM ", " SPANS_TO ", cast(cast((epoch_us(" SPANS_TO
                                    ") - epoch_us(" SPANS_FROM ")) // 3600 as decimal(18,0)) * "
                                    "cast('0.000001' as decimal(7,6)) as decimal(18,6)) as "
                                    "" SPANS_GAP);
    for (size_t i = 0; i < type->columns_count; i++) {
        if (is_key(type, i))
            continue;
        strbuf_add_text(sql, ", ");
        add_name(sql, type, i);
    }
    strbuf_add_text(sql, " from (select *, ");
    add_name(sql, type, (size_t)type->observed_at);
    strbuf_add_text(sql, " as " SPANS_FROM ", lead(");
    add_name(sql, type, (size_t)type->observed_at);
    strbuf_add_text(sql, ") over (");
    for (size_t i = 0; i < type->key_count; i++) {
        if (is_observed_at(type, type->key[i]))
            continue;
        strbuf_add_text(sql, between);
        add_name(sql, type, type->key[i]);
        between = ", ";
    }
    strbuf_add_text(sql, " order by ");
    add_name(sql, type, (size_t)type->observed_at);
    strbuf_printf(sql, ") as " SPANS_TO " from \"%s\")", relation);
}

bool spans_open(const struct table *view, const struct record_type *type, struct engine *engine,
                struct error *err)
{
    const char *id = view->type.id.at;
    char relation[80];
    struct strbuf all = strbuf_new(SQL_BYTES_MAX), seen = strbuf_new(SQL_BYTES_MAX);
    snprintf(relation, sizeof relation, "_all_%s", type->id.at);
    strbuf_printf(&all, "create view \"_all_%s\" as ", id);
    spans_add_select(&all, type, relation);
    strbuf_printf(&seen, "create view \"%s\" as select * from \"_all_%s\"", id, id);
    bool ok = strbuf_ok(&all, err) && strbuf_ok(&seen, err) &&
              engine_run(engine, strbuf_slice(&all), err) &&
              engine_run(engine, strbuf_slice(&seen), err);
    strbuf_free(&all);
    strbuf_free(&seen);
    return ok;
}

/* ---- times without observation ---- */

static bool is_by_system(const struct record_type *type)
{
    return slice_is(type->columns[type->key[0]].name, "system");
}

void unobserved_add_select(struct strbuf *sql, const struct record_type *type,
                           const struct period *period)
{
    const char *system = is_by_system(type) ? "\"system\"" : "null";
    long long starts = period ? (long long)period->start_us : 0;
    long long ends = period ? (long long)period->end_us : 0;
    strbuf_printf(sql, "with inventories as (select distinct %s::varchar as g, epoch_us(", system);
    add_name(sql, type, (size_t)type->observed_at);
    strbuf_printf(sql,
                  ") as seen from \"_all_%s\"), pairs as (select g, seen as a, "
                  "lead(seen) over (partition by g order by seen) as b from inventories",
                  type->id.at);
    if (period)
        /* Before the first; and a type that nobody ever observed has no first. */
        strbuf_printf(sql,
                      " union all select g, %lld, min(seen) from inventories group by g "
                      "having min(seen) > %lld union all select null, %lld, null where not exists "
                      "(select 1 from inventories)",
                      starts, starts, starts);
    strbuf_add_text(sql, "), ended as (select g, a, ");
    strbuf_printf(sql, period ? "coalesce(b, greatest(a, %lld)) as b from pairs)" : "b from pairs)",
                  ends);
    strbuf_add_text(sql, ", cut as (select g, ");
    if (period)
        strbuf_printf(sql, "greatest(a, %lld) as a, least(b, %lld) as b", starts, ends);
    else
        strbuf_add_text(sql, "a, b");
    strbuf_printf(sql, " from ended where b - a > %lld", (long long)type->observe_every_us);
    if (period)
        strbuf_printf(sql, " and a < %lld and b > %lld", ends, starts);
    strbuf_add_text(sql,
                    ") select g as system, strftime(make_timestamp(a), '%Y-%m-%dT%H:%M:%S.%fZ') "
                    "as \"from\", strftime(make_timestamp(b), '%Y-%m-%dT%H:%M:%S.%fZ') as \"to\", "
                    "((b - a) // 3600000000)::varchar as hours from cut order by g nulls first, a");
}
