#include "audit/population_record.h"

#include <stdio.h>
#include <string.h>

#include "audit/spans.h"

/* Long lists are cut here; their counts are not. */
enum { LISTED_MAX = 100, SQL_BYTES_MAX = 4 << 20 };

struct maker {
    const struct population_query *query;
    struct arena *arena;
    struct engine *engine;
    struct error *err;
};

static bool put_instants(struct maker *make, struct value *object, const struct period *span)
{
    char from[28], to[28];
    time_format(span->start_us, from);
    time_format(span->end_us, to);
    return value_put_text(make->arena, object, "from", slice_of(from), make->err) &&
           value_put_text(make->arena, object, "to", slice_of(to), make->err);
}

static bool put_null(struct maker *make, struct value *object, const char *name)
{
    return value_put(make->arena, object, name, value_new(make->arena, VALUE_NULL, make->err),
                     make->err);
}

/* ---- segments ---- */

static bool put_segments(struct maker *make, struct value *record)
{
    static const char *const copied[] = { "file",           "imported_by", "kept",
                                          "raw_digest",     "row_digest",  "set_aside",
                                          "source_version", "undated" };
    const struct segment_list *segments = &make->query->table->segments;
    struct value *list = value_put_array(make->arena, record, "segments", make->err);
    for (size_t i = 0; list && i < segments->count; i++) {
        const struct segment *segment = &segments->items[i];
        struct value *item = value_add_object(make->arena, list, make->err);
        if (!item || !value_put_text(make->arena, item, "leaf", segment->leaf_hex, make->err) ||
            !value_put_text(make->arena, item, "source", segment->source, make->err) ||
            !value_put_text(make->arena, item, "imported_at", segment->at, make->err) ||
            !value_put_i64(make->arena, item, "rows", (int64_t)segment->rows, make->err))
            return false;
        for (size_t j = 0; j < ARRAY_LEN(copied); j++) {
            const struct value *field = value_member(segment->object, copied[j]);
            if (field && !value_put(make->arena, item, copied[j],
                                    value_copy(make->arena, field, make->err), make->err))
                return false;
        }
        if (segment->has_span && !put_instants(make, item, &segment->span))
            return false;
        struct value *covers =
            segment->has_covers ? value_put_object(make->arena, item, "covers", make->err) : NULL;
        if (segment->has_covers && (!covers || !put_instants(make, covers, &segment->covers)))
            return false;
    }
    return list != NULL;
}

static bool put_coverage(struct maker *make, struct value *record, const struct coverage_gaps *gaps)
{
    struct value *coverage = value_put_object(make->arena, record, "coverage", make->err);
    if (!coverage ||
        !value_put_bool(make->arena, coverage, "declared", gaps->is_declared, make->err))
        return false;
    struct value *list = value_put_array(make->arena, coverage, "gaps", make->err);
    for (size_t i = 0; list && i < gaps->count; i++) {
        struct value *item = value_add_object(make->arena, list, make->err);
        if (!item || !put_instants(make, item, &gaps->items[i].span) ||
            !value_put_text(make->arena, item, "accepted", gaps->items[i].accepted, make->err))
            return false;
    }
    return list != NULL;
}

/* ---- days without rows ---- */

/* Marks the local days of rows. A quarter of an hour is the finest that zones differ by. */
static bool mark_days(struct maker *make, int32_t first, size_t days, unsigned char *marks)
{
    static const int64_t quarter = 900 * US_PER_SECOND;
    const struct record_type *type = &make->query->table->type;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct engine_result *result = NULL;
    size_t rows = 0;
    bool ok = false;
    strbuf_add_text(&sql, "select distinct cast(floor(epoch_us(item.");
    engine_add_identifier(&sql, type->columns[type->time].name);
    strbuf_printf(&sql, ") / %lld) as bigint)", (long long)quarter);
    population_add_from(&sql, make->query);
    result = strbuf_ok(&sql, make->err)
                 ? engine_query(make->engine, strbuf_slice(&sql), NULL, 0, make->err)
                 : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, make->err))
            goto done;
        for (size_t i = 0; i < rows; i++) {
            int64_t instant = engine_int64(result, 0, i) * quarter;
            struct civil civil;
            civil_from_instant(instant, zone_offset(make->query->zone, instant), &civil);
            int64_t day = (int64_t)days_from_civil(civil.year, civil.month, civil.day) - first;
            if (day >= 0 && (uint64_t)day < days)
                marks[day] = 1;
        }
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

static int32_t local_day(const struct maker *make, int64_t instant)
{
    struct civil civil;
    civil_from_instant(instant, zone_offset(make->query->zone, instant), &civil);
    return days_from_civil(civil.year, civil.month, civil.day);
}

static bool put_silent_days(struct maker *make, struct value *record)
{
    int32_t first = local_day(make, make->query->period.start_us);
    size_t days = (size_t)(local_day(make, make->query->period.end_us - 1) - first) + 1;
    int64_t silent = 0, spans = 0;
    unsigned char *marks = arena_array(make->arena, days, 1, make->err);
    struct value *object = value_put_object(make->arena, record, "silent_days", make->err);
    if (!marks || !object)
        return false;
    /* An item that lasts is no event: a day on which none begins says nothing. */
    if (make->query->table->type.until != NO_COLUMN)
        memset(marks, 1, days);
    else if (!mark_days(make, first, days, marks))
        return false;
    struct value *list = value_put_array(make->arena, object, "spans", make->err);
    for (size_t i = 0; list && i < days; i++) {
        char from[11], to[11];
        size_t last = i;
        if (marks[i])
            continue;
        while (last + 1 < days && !marks[last + 1])
            last++;
        silent += (int64_t)(last - i + 1);
        date_format(first + (int32_t)i, from);
        date_format(first + (int32_t)last, to);
        i = last;
        if (spans++ >= LISTED_MAX)
            continue;
        struct value *span = value_add_object(make->arena, list, make->err);
        if (!span || !value_put_text(make->arena, span, "from", slice_of(from), make->err) ||
            !value_put_text(make->arena, span, "to", slice_of(to), make->err))
            return false;
    }
    return list && value_put_i64(make->arena, object, "count", silent, make->err);
}

/* ---- numbers that count up, and sums ---- */

/* Runs a statement of text columns and puts each row as an object of the given names. */
static bool put_rows(struct maker *make, struct strbuf *sql, struct value *list,
                     const char *const *names, size_t names_count)
{
    size_t rows = 0;
    bool ok = false;
    struct engine_result *result =
        strbuf_ok(sql, make->err)
            ? engine_query(make->engine, strbuf_slice(sql), NULL, 0, make->err)
            : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, make->err))
            goto done;
        for (size_t i = 0; i < rows; i++) {
            struct value *item = value_add_object(make->arena, list, make->err);
            for (size_t j = 0; j < names_count; j++) {
                bool is_put = item && (engine_is_null(result, j, i)
                                           ? put_null(make, item, names[j])
                                           : value_put_text(make->arena, item, names[j],
                                                            engine_text(result, j, i), make->err));
                if (!is_put)
                    goto done;
            }
        }
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(sql);
    return ok;
}

/* ---- times without observation ---- */

/* Of types that say how often they are observed; over all rows, whatever the test's filter. */
static bool put_unobserved(struct maker *make, struct value *record)
{
    static const char *const names[] = { "system", "from", "to", "hours" };
    const struct record_type *type = &make->query->table->type;
    struct strbuf spans = strbuf_new(SQL_BYTES_MAX), sql = strbuf_new(SQL_BYTES_MAX);
    int64_t count = 0;
    if (type->observe_every_us == 0)
        return true;
    struct value *object = value_put_object(make->arena, record, "unobserved", make->err);
    struct value *list = object ? value_put_array(make->arena, object, "spans", make->err) : NULL;
    unobserved_add_select(&spans, type, &make->query->period);
    strbuf_printf(&sql, "select count(*) from (%.*s)", SLICE_ARG(strbuf_slice(&spans)));
    strbuf_printf(&spans, " limit %d", LISTED_MAX);
    bool ok = list && strbuf_ok(&sql, make->err) &&
              engine_query_int64(make->engine, strbuf_slice(&sql), &count, make->err) &&
              value_put_i64(make->arena, object, "count", count, make->err) &&
              value_put_text(make->arena, object, "every", type->observe_every, make->err);
    strbuf_free(&sql);
    if (!ok) {
        strbuf_free(&spans);
        return false;
    }
    return put_rows(make, &spans, list, names, ARRAY_LEN(names));
}

/* ---- the sequence ---- */

/* A number in a text is the digits at its end, at most 18; what stands before them is its series,
 * and each series counts for itself (INV-2025-, INV-2026-). An integer is a series without a name.
 */
static void add_numbered(struct strbuf *sql, const struct maker *make)
{
    const struct record_type *type = &make->query->table->type;
    const struct record_column *column = &type->columns[type->sequence];
    struct strbuf name = strbuf_new(256);
    strbuf_add_text(&name, "item.");
    engine_add_identifier(&name, column->name);
    if (column->type == ENGINE_TEXT) {
        strbuf_printf(sql,
                      "select regexp_extract(%.*s, '(?s)^(.*?)[0-9]{1,18}$', 1) as series, "
                      "try_cast(nullif(regexp_extract(%.*s, '(?s)^.*?([0-9]{1,18})$', 1), '') as "
                      "bigint) as here, "
                      "length(regexp_extract(%.*s, '(?s)^.*?([0-9]{1,18})$', 1)) as width",
                      SLICE_ARG(strbuf_slice(&name)), SLICE_ARG(strbuf_slice(&name)),
                      SLICE_ARG(strbuf_slice(&name)));
    } else {
        strbuf_printf(sql, "select '' as series, %.*s as here, 0 as width",
                      SLICE_ARG(strbuf_slice(&name)));
    }
    sql->failed = sql->failed || name.failed;
    strbuf_free(&name);
    population_add_from(sql, make->query);
}

/* A number as it would be written, in a series: INV-000124. */
static void add_written(struct strbuf *sql, const char *number)
{
    strbuf_printf(sql,
                  "series || case when length((%s)::varchar) >= width then (%s)::varchar "
                  "else lpad((%s)::varchar, width, '0') end",
                  number, number, number);
}

/* "from (...)": every number once, with the one before it in its series. */
static void add_series(struct strbuf *sql, const struct maker *make)
{
    strbuf_add_text(
        sql, " from (select series, here, width, lag(here::hugeint) over (partition by "
             "series order by here) as before from (select series, here, max(width)::integer "
             "as width from (");
    add_numbered(sql, make);
    strbuf_add_text(sql, ") where here is not null group by series, here))");
}

/* First and last number, how many are missing between them, at how many places: of all, though only
 * the first places are listed. Numbers are texts: they are as wide as the column. */
static bool put_sequence_counts(struct maker *make, struct value *object)
{
    static const char *const names[] = { "first", "last", "missing", "places" };
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct value *list = value_new(make->arena, VALUE_ARRAY, make->err);
    strbuf_add_text(&sql, "select first(");
    add_written(&sql, "here");
    strbuf_add_text(&sql, " order by series, here), first(");
    add_written(&sql, "here");
    strbuf_add_text(&sql, " order by series desc, here desc), case when count(*) > 0 then "
                          "coalesce(sum(here - before - 1) filter (where before is not null), "
                          "0)::varchar end, (count(*) filter (where here > before + 1))::varchar");
    add_series(&sql, make);
    if (!list || !put_rows(make, &sql, list, names, ARRAY_LEN(names)))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct value *number = value_member(value_item(list, 0), names[i]);
        if (!value_put(make->arena, object, names[i], value_copy(make->arena, number, make->err),
                       make->err))
            return false;
    }
    return true;
}

/* Rows whose text ends with no number: they are in no series. */
static bool put_unnumbered(struct maker *make, struct value *object)
{
    const struct record_type *type = &make->query->table->type;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    int64_t count = 0;
    if (type->columns[type->sequence].type != ENGINE_TEXT)
        return true;
    strbuf_add_text(&sql, "select count(*) from (");
    add_numbered(&sql, make);
    strbuf_add_text(&sql, ") where here is null");
    bool ok = strbuf_ok(&sql, make->err) &&
              engine_query_int64(make->engine, strbuf_slice(&sql), &count, make->err) &&
              value_put_i64(make->arena, object, "unnumbered", count, make->err);
    strbuf_free(&sql);
    return ok;
}

static bool put_sequence(struct maker *make, struct value *record)
{
    static const char *const names[] = { "from", "to", "missing" };
    const struct record_type *type = &make->query->table->type;
    if (type->sequence == NO_COLUMN)
        return put_null(make, record, "sequence");
    struct slice column = type->columns[type->sequence].name;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct value *object = value_put_object(make->arena, record, "sequence", make->err);
    struct value *gaps = object ? value_put_array(make->arena, object, "gaps", make->err) : NULL;
    if (!gaps || !value_put_text(make->arena, object, "column", column, make->err) ||
        !put_sequence_counts(make, object) || !put_unnumbered(make, object))
        return false;
    strbuf_add_text(&sql, "select ");
    add_written(&sql, "before + 1");
    strbuf_add_text(&sql, ", ");
    add_written(&sql, "here - 1");
    strbuf_add_text(&sql, ", (here - before - 1)::varchar");
    add_series(&sql, make);
    strbuf_printf(&sql, " where here > before + 1 order by series, before limit %d", LISTED_MAX);
    return put_rows(make, &sql, gaps, names, ARRAY_LEN(names));
}

static bool put_totals(struct maker *make, struct value *record)
{
    static const char *const names[] = { "name", "value" };
    const struct record_type *type = &make->query->table->type;
    struct value *list = value_put_array(make->arena, record, "control_totals", make->err);
    for (size_t i = 0; list && i < type->totals_count; i++) {
        struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
        struct slice column = type->columns[type->totals[i]].name;
        strbuf_add_text(&sql, "select ");
        engine_add_literal(&sql, column);
        strbuf_add_text(&sql, ", sum(item.");
        engine_add_identifier(&sql, column);
        strbuf_add_text(&sql, ")::varchar");
        population_add_from(&sql, make->query);
        if (!put_rows(make, &sql, list, names, ARRAY_LEN(names)))
            return false;
    }
    return list != NULL;
}

/* ---- against an independent list, in both directions ---- */

static bool add_other(struct strbuf *sql, struct maker *make, const struct value *reconcile,
                      const struct table **other)
{
    size_t index;
    const struct value *key = value_member(reconcile, "key");
    struct slice where = value_text_of(reconcile, "where");
    if (!tables_find(make->query->tables, value_text_of(reconcile, "with"), &index, make->err))
        return false;
    *other = &make->query->tables->items[index];
    strbuf_add_text(sql, "select canonical_key(");
    for (size_t i = 0; i < value_count(key); i++) {
        struct slice name = value_text(value_item(key, i));
        if (record_type_column(&(*other)->type, name) == NO_COLUMN)
            return error_set(make->err, ERROR_INVALID, "reconcile", "%s has no column \"%.*s\"",
                             (*other)->type.id.at, SLICE_ARG(name));
        strbuf_add_text(sql, i > 0 ? ", item." : "item.");
        engine_add_identifier(sql, name);
    }
    struct population_query side = { .table = *other,
                                     .where = where,
                                     .period = make->query->period };
    strbuf_add_text(sql, ") as key");
    population_add_from(sql, &side);
    return true;
}

static bool put_difference(struct maker *make, struct value *item, const char *name,
                           struct slice these, struct slice those)
{
    static const char *const names[] = { "key" };
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX), count = strbuf_new(SQL_BYTES_MAX);
    int64_t number = 0;
    bool ok = false;
    struct value *object = value_put_object(make->arena, item, name, make->err);
    struct value *list = object ? value_put_array(make->arena, object, "first", make->err) : NULL;
    strbuf_printf(&count, "select count(*) from ((%.*s) except (%.*s))", SLICE_ARG(these),
                  SLICE_ARG(those));
    strbuf_printf(&sql, "select key from ((%.*s) except (%.*s)) order by key limit 20",
                  SLICE_ARG(these), SLICE_ARG(those));
    ok = list && strbuf_ok(&count, make->err) &&
         engine_query_int64(make->engine, strbuf_slice(&count), &number, make->err) &&
         value_put_i64(make->arena, object, "count", number, make->err) &&
         put_rows(make, &sql, list, names, 1);
    strbuf_free(&sql);
    strbuf_free(&count);
    return ok;
}

static bool put_reconciliation(struct maker *make, struct value *record)
{
    struct value *list = value_put_array(make->arena, record, "reconciliation", make->err);
    for (size_t i = 0; list && i < value_count(make->query->reconcile); i++) {
        const struct value *reconcile = value_item(make->query->reconcile, i);
        struct strbuf ours = strbuf_new(SQL_BYTES_MAX), theirs = strbuf_new(SQL_BYTES_MAX);
        const struct table *other = NULL;
        struct value *item = value_add_object(make->arena, list, make->err);
        strbuf_add_text(&ours, "select ");
        table_add_key(&ours, &make->query->table->type, "item");
        strbuf_add_text(&ours, " as key");
        population_add_from(&ours, make->query);
        bool ok =
            item && add_other(&theirs, make, reconcile, &other) && strbuf_ok(&theirs, make->err) &&
            strbuf_ok(&ours, make->err) &&
            value_put_text(make->arena, item, "with", other->type.id, make->err) &&
            value_put_i64(make->arena, item, "segments", (int64_t)other->segments.count,
                          make->err) &&
            put_difference(make, item, "missing_here", strbuf_slice(&theirs),
                           strbuf_slice(&ours)) &&
            put_difference(make, item, "missing_there", strbuf_slice(&ours), strbuf_slice(&theirs));
        strbuf_free(&ours);
        strbuf_free(&theirs);
        if (!ok)
            return false;
    }
    return list != NULL;
}

/* ---- the whole ---- */

static bool put_facts(struct maker *make, struct value *record, const struct population *population)
{
    const struct population_query *query = make->query;
    char digest[72] = "sha256:";
    struct arena *arena = make->arena;
    struct value *period = value_put_object(arena, record, "period", make->err);
    digest_hex(&population->digest, digest + 7);
    if (!period || !put_instants(make, period, &query->period))
        return false;
    if (!(query->where.len ? value_put_text(arena, record, "where", query->where, make->err)
                           : put_null(make, record, "where")))
        return false;
    return value_put_text(arena, record, "type", query->table->type.id, make->err) &&
           value_put_i64(arena, record, "type_version", (int64_t)query->table->version,
                         make->err) &&
           value_put_text(arena, record, "timezone", query->zone_name, make->err) &&
           value_put_i64(arena, record, "items", (int64_t)population->items, make->err) &&
           value_put_text(arena, record, "digest", slice_of(digest), make->err) &&
           value_put_i64(arena, record, "repeats", (int64_t)population->repeats, make->err) &&
           value_put_i64(arena, record, "undated", (int64_t)population->undated, make->err);
}

struct value *population_record(const struct population_query *query,
                                const struct coverage_gaps *gaps,
                                const struct population *population, struct arena *arena,
                                struct engine *engine, struct error *err)
{
    struct maker make = { query, arena, engine, err };
    struct value *record = value_new(arena, VALUE_OBJECT, err);
    bool ok = record && put_facts(&make, record, population) && put_segments(&make, record) &&
              put_coverage(&make, record, gaps) && put_silent_days(&make, record) &&
              put_unobserved(&make, record) && put_sequence(&make, record) &&
              put_totals(&make, record) && put_reconciliation(&make, record);
    return ok ? record : NULL;
}
