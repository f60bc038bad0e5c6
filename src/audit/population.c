#include "audit/population.h"

#include <stdio.h>
#include <string.h>

#include "audit/population_record.h"
#include "base/json.h"

enum { SQL_BYTES_MAX = 32 << 20 };

static void add_scope(struct strbuf *sql, const struct population_query *query)
{
    if (query->where.len == 0)
        return;
    /* On lines of its own: the expression may end with a comment. NULL stays in. */
    strbuf_add_text(sql, " and (\n");
    strbuf_add(sql, query->where);
    strbuf_add_text(sql, "\n) is not false");
}

void population_add_from(struct strbuf *sql, const struct population_query *query)
{
    strbuf_printf(sql, " from \"_all_%s\" as item where ", query->table->type.id.at);
    table_add_period(sql, &query->table->type, "item", &query->period);
    add_scope(sql, query);
}

/* ---- what is refused ---- */

/* Whether it begins and ends with days of the zone. */
static bool is_of_days(const struct period *span, const struct zone *zone)
{
    return zone_day_start(zone_day(span->start_us, zone), zone) == span->start_us &&
           zone_day_start(zone_day(span->end_us, zone), zone) == span->end_us;
}

static bool gaps_accepted(const struct population_query *query, const struct coverage_gaps *gaps,
                          struct error *err)
{
    for (size_t i = 0; i < gaps->count; i++) {
        char span[24], where[120];
        const struct gap *gap = &gaps->items[i];
        if (gap->accepted.len > 0)
            continue;
        period_format(&gap->span, query->zone, span);
        snprintf(where, sizeof where, "%.60s %s", query->table->type.id.at, span);
        error_set(err, ERROR_INVALID, where,
                  "the imports do not cover these days, by their own account");
        if (!is_of_days(&gap->span, query->zone))
            return error_hint(err, "they lack part of a day: the days of an import are those of "
                                   "its source's timezone; give source and engagement the same");
        return error_hint(err, "import the records that are missing (--covers), or accept the gap "
                               "on the record with a GapAcceptance");
    }
    return true;
}

bool population_allowed(const struct population_query *query, struct store *store,
                        struct arena *arena, struct engine *engine, struct coverage_gaps *gaps,
                        struct error *err)
{
    const struct table *table = query->table;
    if (table->segments.count == 0) {
        error_set(err, ERROR_INVALID, table->type.id.at, "no records of this type were imported");
        return error_hint(err, "attest import source/ID FILE; if nothing happened, import an empty "
                               "file: that is evidence too");
    }
    return tables_conflicts(table, engine, &query->period, err) &&
           coverage_gaps_find(store, arena, table->type.id, &table->segments, &query->period,
                              query->zone, query->engagement, query->tables->size, gaps, err) &&
           gaps_accepted(query, gaps, err);
}

/* ---- the entry ---- */

static bool count_undated(const struct population_query *query, struct engine *engine,
                          uint64_t *undated, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    const struct record_type *type = &query->table->type;
    int64_t count = 0;
    strbuf_printf(&sql, "select count(*) from \"%s\" as item where item.", type->id.at);
    engine_add_identifier(&sql, type->columns[type->time].name);
    strbuf_add_text(&sql, " is null");
    add_scope(&sql, query);
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), &count, err);
    strbuf_free(&sql);
    *undated = (uint64_t)count;
    return ok;
}

/* Under that name already, in the ledger or by another test of this run? The name is made of the
 * record's digest. */
static bool find_frozen(struct store *store, struct arena *arena, uint64_t size,
                        const struct transaction *tx, struct population *population, bool *found,
                        struct error *err)
{
    struct stored_entries list;
    population->is_in_batch =
        transaction_find(tx, "population", population->name, &population->batch_position);
    if (population->is_in_batch)
        return *found = true;
    if (!entry_list(store, arena, SLICE("population"), population->name, size, &list, err))
        return false;
    *found = list.count > 0;
    if (*found)
        population->leaf = list.items[list.count - 1].leaf;
    return true;
}

static bool add_entry(const struct population_query *query, struct transaction *tx,
                      const struct actor *actor, const struct payload *items,
                      const struct payload *record, struct population *population,
                      struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    const struct segment_list *segments = &query->table->segments;
    char from[28], to[28];
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    struct digest *inputs = arena_array(arena, segments->count, sizeof *inputs, err);
    if (!body || !inputs)
        return false;
    for (size_t i = 0; i < segments->count; i++)
        inputs[i] = segments->items[i].leaf;
    time_format(query->period.start_us, from);
    time_format(query->period.end_us, to);
    if (!value_put_text(arena, body, "name", population->name, err) ||
        !value_put_text(arena, body, "of", query->table->type.id, err) ||
        !value_put_text(arena, body, "from", slice_of(from), err) ||
        !value_put_text(arena, body, "to", slice_of(to), err) ||
        !value_put_i64(arena, body, "count", (int64_t)population->items, err) ||
        !value_put(arena, body, "items", payload_value(arena, items, err), err) ||
        !value_put(arena, body, "payload", payload_value(arena, record, err), err))
        return false;
    struct entry_draft draft = { .type = "population",
                                 .key = population->name,
                                 .body = body,
                                 .inputs = inputs,
                                 .inputs_count = segments->count,
                                 .object = population->record };
    population->is_in_batch = true;
    population->batch_position = transaction_count(tx);
    return transaction_entry(tx, actor, &draft, err);
}

bool population_freeze(const struct population_query *query, const struct coverage_gaps *gaps,
                       struct payload_writer *items_writer, struct store *store,
                       struct arena *arena, struct engine *engine, struct transaction *tx,
                       const struct actor *actor, struct population *population, struct error *err)
{
    struct payload items, record;
    struct slice text;
    char hex[65];
    bool is_frozen = false;
    if (!count_undated(query, engine, &population->undated, err) ||
        !table_repeats(query->table, engine, &query->period, &population->repeats, err))
        return false;
    population->record = population_record(query, gaps, population, arena, engine, err);
    if (!population->record || !json_canonical_copy(arena, population->record, &text, err))
        return false;
    struct digest digest = sha256_of(text);
    digest_hex(&digest, hex);
    population->name = slice_of(
        arena_printf(arena, err, "population/%.100s-%.12s", query->table->type.id.at, hex));
    if (!population->name.at ||
        !find_frozen(store, arena, query->tables->size, tx, population, &is_frozen, err))
        return false;
    return is_frozen || (payload_writer_finish(items_writer, tx, &items, NULL, err) &&
                         payload_put(tx, text, &record, err) &&
                         add_entry(query, tx, actor, &items, &record, population, err));
}
