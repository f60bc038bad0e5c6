#include "audit/run_entry.h"

#include "base/json.h"

static bool put_population(struct arena *arena, struct value *result,
                           const struct run_record *record, struct error *err)
{
    const struct population *population = record->population;
    char digest[72] = "sha256:";
    struct value *item = value_put_object(arena, result, "population", err);
    digest_hex(&population->digest, digest + 7);
    return item && value_put_text(arena, item, "type", record->test->population, err) &&
           value_put_text(arena, item, "name", population->name, err) &&
           value_put_text(arena, item, "digest", slice_of(digest), err) &&
           value_put_i64(arena, item, "items", (int64_t)population->items, err) &&
           value_put_i64(arena, item, "repeats", (int64_t)population->repeats, err) &&
           value_put_i64(arena, item, "undated", (int64_t)population->undated, err);
}

static bool put_attributes(struct arena *arena, struct value *result,
                           const struct run_record *record, struct error *err)
{
    struct value *list = value_put_array(arena, result, "attributes", err);
    for (size_t i = 0; list && i < record->test->attributes_count; i++) {
        struct value *item = value_add_object(arena, list, err);
        if (!item || !value_put_text(arena, item, "id", record->test->attributes[i].id, err) ||
            !value_put_text(arena, item, "title", record->test->attributes[i].title, err))
            return false;
        for (size_t j = 0; j < ARRAY_LEN(outcome_names); j++)
            if (!value_put_i64(arena, item, outcome_names[j],
                               (int64_t)record->outcomes->attributes[i].counts[j], err))
                return false;
    }
    return list != NULL;
}

static const char *result_word(const struct outcomes *outcomes)
{
    /* A rule that reads nothing must not pass (domain rule D.7). */
    if (outcomes->items == 0)
        return "did-not-operate";
    return outcomes->deviations ? "exceptions" : "no-exceptions";
}

struct value *run_result(const struct run_record *record, struct arena *arena, struct error *err)
{
    char digest[72] = "sha256:";
    struct value *result = value_new(arena, VALUE_OBJECT, err);
    digest_hex(&record->result_digest, digest + 7);
    bool ok =
        result && value_put_text(arena, result, "test", record->test->name, err) &&
        value_put_i64(arena, result, "version", (int64_t)record->test->version, err) &&
        value_put_text(arena, result, "control", record->test->control, err) &&
        put_population(arena, result, record, err) && put_attributes(arena, result, record, err) &&
        value_put_i64(arena, result, "deviations", (int64_t)record->outcomes->deviations, err) &&
        value_put_text(arena, result, "result", slice_of(result_word(record->outcomes)), err) &&
        value_put_text(arena, result, "result_digest", slice_of(digest), err);
    return ok ? result : NULL;
}

/* ---- the entry ---- */

static bool put_period(struct arena *arena, struct value *object, const struct period *period,
                       struct error *err)
{
    char from[28], to[28];
    struct value *span = value_put_object(arena, object, "period", err);
    time_format(period->start_us, from);
    time_format(period->end_us, to);
    return span && value_put_text(arena, span, "from", slice_of(from), err) &&
           value_put_text(arena, span, "to", slice_of(to), err);
}

static bool put_null(struct arena *arena, struct value *object, const char *name, struct error *err)
{
    return value_put(arena, object, name, value_new(arena, VALUE_NULL, err), err);
}

static bool put_engagement(struct arena *arena, struct value *object,
                           const struct run_record *record, struct slice shown, struct error *err)
{
    return record->engagement ? value_put_text(arena, object, "engagement", shown, err)
                              : put_null(arena, object, "engagement", err);
}

/* "duckdb 1.5.6" is "duckdb/1.5.6" in the ledger. */
static struct slice engine_name(const struct engine *engine, struct arena *arena, struct error *err)
{
    char *name = arena_string(arena, slice_of(engine_version(engine)), err);
    for (char *at = name; at && *at; at++)
        if (*at == ' ')
            *at = '/';
    return slice_of(name);
}

static struct value *run_object(const struct run_record *record, const struct value *result,
                                struct arena *arena, struct error *err)
{
    struct value *object = value_copy(arena, result, err);
    struct value *tables = object ? value_put_array(arena, object, "tables", err) : NULL;
    for (size_t i = 0; tables && i < record->tables->types; i++) {
        const struct table *table = &record->tables->items[i];
        if (!record->used[i])
            continue;
        struct value *item = value_add_object(arena, tables, err);
        if (!item || !value_put_text(arena, item, "type", table->type.id, err) ||
            !value_put_i64(arena, item, "version", (int64_t)table->version, err) ||
            !value_put_i64(arena, item, "segments", (int64_t)table->segments.count, err))
            return NULL;
    }
    struct slice engagement = record->engagement ? record->engagement->name : (struct slice){ 0 };
    struct slice engine = engine_name(record->engine, arena, err);
    bool ok = tables && value_put(arena, object, "deviating", record->deviating, err) &&
              value_put_text(arena, object, "by", record->acting->person, err) &&
              value_put_text(arena, object, "side", slice_of(record->acting->actor.side), err) &&
              engine.at && value_put_text(arena, object, "engine", engine, err) &&
              value_put_text(arena, object, "timezone", record->zone_name, err) &&
              value_put_i64(arena, object, "examples", (int64_t)record->examples, err) &&
              value_put_i64(arena, object, "position", (int64_t)record->position, err) &&
              put_period(arena, object, record->period, err) &&
              put_engagement(arena, object, record, engagement, err);
    return ok ? object : NULL;
}

/* A resolution that settles keys of a table that was read. */
static bool is_used(const struct run_record *record, const struct value *resolution)
{
    for (size_t i = 0; i < record->tables->count; i++)
        if (record->used[i] &&
            slice_equal(value_text_of(resolution, "population"), record->tables->items[i].type.id))
            return true;
    return false;
}

static bool add_resolutions(const struct run_record *record, struct arena *arena,
                            struct digest *inputs, size_t *count, struct error *err)
{
    const struct resource_list *list = &record->tables->resolutions;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *document =
            json_parse(arena, list->items[i].document, "resolution", NULL, err);
        if (!document)
            return false;
        if (is_used(record, document))
            inputs[(*count)++] = list->items[i].leaf;
    }
    return true;
}

/* What the run rests on: the test version, the population if it is in the ledger already, and of
 * every table read its type, its segments, and the resolutions that settle its keys. */
static struct digest *run_inputs(const struct run_record *record, struct arena *arena,
                                 size_t *count, struct error *err)
{
    size_t most = 2 + record->tables->resolutions.count;
    for (size_t i = 0; i < record->tables->count; i++)
        most += record->used[i] ? 1 + record->tables->items[i].segments.count : 0;
    struct digest *inputs = arena_array(arena, most, sizeof *inputs, err);
    *count = 0;
    if (!inputs)
        return NULL;
    inputs[(*count)++] = record->test->leaf;
    if (!record->population->is_in_batch)
        inputs[(*count)++] = record->population->leaf;
    for (size_t i = 0; i < record->tables->count; i++) {
        const struct table *table = &record->tables->items[i];
        if (record->used[i] && table->version > 0)
            inputs[(*count)++] = table->leaf;
        for (size_t j = 0; record->used[i] && j < table->segments.count; j++)
            inputs[(*count)++] = table->segments.items[j].leaf;
    }
    return add_resolutions(record, arena, inputs, count, err) ? inputs : NULL;
}

bool run_add_entry(const struct run_record *record, const struct value *result,
                   struct transaction *tx, struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    struct slice engagement = { 0 };
    size_t inputs_count;
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    struct value *object = run_object(record, result, arena, err);
    struct digest *inputs = run_inputs(record, arena, &inputs_count, err);
    struct slice engine = engine_name(record->engine, arena, err);
    if (!body || !object || !inputs || !engine.at)
        return false;
    if (record->engagement &&
        !name_shown(tx, arena, record->engagement->name, true, &engagement, err))
        return false;
    if (!value_put_text(arena, body, "engine", engine, err) ||
        !value_put_text(arena, body, "extent", SLICE("full"), err) ||
        !value_put_i64(arena, body, "position", (int64_t)record->position, err) ||
        !put_period(arena, body, record->period, err) ||
        !put_engagement(arena, body, record, engagement, err) ||
        !value_put(arena, body, "payload", payload_value(arena, &record->matrix, err), err))
        return false;
    struct entry_draft draft = {
        .type = "test.run",
        .key = record->test->name,
        .body = body,
        .inputs = inputs,
        .inputs_count = inputs_count,
        .inputs_of_batch = &record->population->batch_position,
        .inputs_of_batch_count = record->population->is_in_batch ? 1 : 0,
        .object = object,
    };
    return transaction_entry(tx, &record->acting->actor, &draft, err);
}
