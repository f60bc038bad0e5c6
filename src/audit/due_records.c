#include "audit/due_records.h"

#include <stdio.h>
#include <string.h>

#include "audit/spans.h"

enum { SQL_BYTES_MAX = 1 << 20, DEEDS_MAX = 1000000 };

/* What one control says, being asked. */
struct asking {
    struct due_records *records;
    struct engine *engine;
    struct tables tables;
    size_t table;
    size_t at;          /* column */
    struct slice where; /* bound; may be empty */
    const char *place;
    struct error *err;
};

bool due_records_column(const struct record_type *type, const struct value *by, const char *place,
                        size_t *at, struct error *err)
{
    struct slice name = value_text_of(by, "at");
    int column = name.len ? record_type_column(type, name) : (int)type->time;
    if (column != NO_COLUMN && type->columns[column].type == ENGINE_TIMESTAMP)
        return (*at = (size_t)column, true);
    error_set(err, ERROR_INVALID, place, "%.*s has no timestamp \"%.*s\"", SLICE_ARG(type->id),
              SLICE_ARG(name));
    return error_hint(err, "attest catalog populations/%.*s lists its columns",
                      SLICE_ARG(type->id));
}

bool due_records_tables(const struct tables *tables, const bool *used, const char *place,
                        struct error *err)
{
    for (size_t i = 0; i < tables->count; i++) {
        if (!used[i] || tables->items[i].type.derived.len == 0)
            continue;
        error_set(err, ERROR_INVALID, place,
                  "%.*s is made by the program, after it is known what is due",
                  SLICE_ARG(tables->items[i].type.id));
        return error_hint(err, "name records of a system");
    }
    return true;
}

/* Table, column and expression; marks the tables that are read. */
static bool ask_prepare(struct asking *asking, const struct value *by)
{
    struct due_records *records = asking->records;
    struct tables *tables = &asking->tables;
    struct slice where = value_text_of(by, "where");
    if (!tables_read(records->store, records->catalogue, records->arena, records->size, 0, tables,
                     asking->err) ||
        !tables_find(tables, value_text_of(by, "records"), &asking->table, asking->err) ||
        !due_records_column(&tables->items[asking->table].type, by, asking->place, &asking->at,
                            asking->err))
        return false;
    bool *used = arena_array(records->arena, tables->count + 1, sizeof *used, asking->err);
    if (!used)
        return false;
    used[asking->table] = true;
    tables->scope.item = asking->table;
    if (where.len && !expression_check(asking->engine, records->arena, where, &tables->scope,
                                       asking->place, used, &asking->where, asking->err))
        return false;
    spans_mark_types(tables, used);
    for (size_t i = 0; i < tables->count; i++)
        tables->items[i].is_used = used[i];
    return due_records_tables(tables, used, asking->place, asking->err);
}

static bool leaves_add(struct asking *asking)
{
    struct due_records *records = asking->records;
    size_t most = records->leaves_count;
    for (size_t i = 0; i < asking->tables.count; i++)
        most += asking->tables.items[i].is_used ? asking->tables.items[i].segments.count : 0;
    struct digest *leaves = arena_array(records->arena, most + 1, sizeof *leaves, asking->err);
    if (!leaves)
        return false;
    if (records->leaves_count > 0)
        memcpy(leaves, records->leaves, records->leaves_count * sizeof *leaves);
    records->leaves = leaves;
    for (size_t i = 0; i < asking->tables.count; i++) {
        const struct table *table = &asking->tables.items[i];
        for (size_t j = 0; table->is_used && j < table->segments.count; j++) {
            size_t k = 0;
            while (k < records->leaves_count &&
                   !digest_equal(&leaves[k], &table->segments.items[j].leaf))
                k++;
            if (k == records->leaves_count)
                leaves[records->leaves_count++] = table->segments.items[j].leaf;
        }
    }
    return true;
}

static bool rows_read(struct asking *asking, struct engine_result *result, struct duty_deeds *deeds)
{
    struct arena *arena = asking->records->arena;
    size_t rows, capacity = 0;
    while (engine_result_next(result, &rows, asking->err)) {
        if (rows == 0)
            return true;
        if (deeds->count + rows > DEEDS_MAX)
            return error_set(asking->err, ERROR_INVALID, asking->place,
                             "more than %d rows perform it", DEEDS_MAX);
        if (deeds->count + rows > capacity) {
            capacity = 2 * (deeds->count + rows);
            struct duty_deed *items = arena_array(arena, capacity, sizeof *items, asking->err);
            if (!items)
                return false;
            if (deeds->count > 0)
                memcpy(items, deeds->items, deeds->count * sizeof *items);
            deeds->items = items;
        }
        for (size_t i = 0; i < rows; i++) {
            struct duty_deed *deed = &deeds->items[deeds->count++];
            *deed = (struct duty_deed){ .when = { .at_us = engine_int64(result, 1, i) } };
            const char *key = arena_printf(arena, asking->err, "%.*s %.*s",
                                           SLICE_ARG(asking->tables.items[asking->table].type.id),
                                           SLICE_ARG(engine_text(result, 0, i)));
            if (!key)
                return false;
            deed->evidence = slice_of(key);
        }
    }
    return false;
}

static bool ask(struct asking *asking, struct duty_deeds *deeds)
{
    const struct table *table = &asking->tables.items[asking->table];
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    bool ok = false;
    strbuf_add_text(&sql, "select ");
    table_add_key(&sql, &table->type, "item");
    strbuf_add_text(&sql, ", item.");
    engine_add_identifier(&sql, table->type.columns[asking->at].name);
    strbuf_add_text(&sql, " from ");
    engine_add_identifier(&sql, table->type.id);
    strbuf_add_text(&sql, " item where item.");
    engine_add_identifier(&sql, table->type.columns[asking->at].name);
    strbuf_add_text(&sql, " is not null");
    if (asking->where.len) {
        strbuf_add_text(&sql, " and (\n");
        strbuf_add(&sql, asking->where);
        strbuf_add_text(&sql, "\n)");
    }
    strbuf_add_text(&sql, " order by 2, 1");
    if (strbuf_ok(&sql, asking->err))
        result = engine_query(asking->engine, strbuf_slice(&sql), NULL, 0, asking->err);
    ok = result && rows_read(asking, result, deeds);
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

static bool records_of(void *context, struct slice control, const struct value *by,
                       struct duty_deeds *deeds, struct error *err)
{
    struct due_records *records = context;
    struct asking asking = { .records = records, .err = err };
    const struct engine_options options = { .threads = 1 };
    bool ok = false;
    *deeds = (struct duty_deeds){ 0 };
    asking.place = arena_printf(records->arena, err, "%.*s, due.performed_by", SLICE_ARG(control));
    asking.engine = engine_open(&options, err);
    if (!asking.place || !asking.engine || !ask_prepare(&asking, by) ||
        !tables_find_segments(&asking.tables, records->store, records->arena, err) ||
        !tables_open(&asking.tables, records->store, records->arena, asking.engine, err) ||
        !engine_lock(asking.engine, err) || !leaves_add(&asking))
        goto done;
    for (size_t i = 0; i < asking.tables.count; i++)
        if (asking.tables.items[i].is_used &&
            !tables_conflicts(&asking.tables.items[i], asking.engine, NULL, err))
            goto done;
    ok = ask(&asking, deeds);
done:
    engine_close(asking.engine);
    return ok;
}

bool due_list(struct due_records *records, const struct duties_options *options,
              struct duties *duties, struct error *err)
{
    struct duties_options with = *options;
    with.records = records_of;
    with.context = records;
    records->size = options->size;
    return duties_list(records->store, records->catalogue, records->arena, &with, duties, err);
}
