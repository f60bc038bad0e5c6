#include "audit/derived_tables.h"

#include "audit/due_records.h"
#include "base/time.h"
#include "evidence/derived.h"
#include "program/occurrence_rows.h"
#include "program/population_types.h"
#include "program/version_types.h"

enum { LINES_BYTES_MAX = 1 << 30 };

/* One table in the making. */
struct making {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    uint64_t size;        /* what is made of the entries below it */
    struct slice type;    /* policy_versions */
    struct slice derived; /* Policy: what the type says it is made of */
    struct strbuf lines;
    struct digest *inputs;
    size_t inputs_count;
};

static bool versions_make(struct making *making, struct error *err)
{
    struct population_type type;
    struct resource_list versions;
    if (!population_type_get(making->store, making->catalogue, making->arena, making->type,
                             making->size, &type, err) ||
        !resource_versions(making->store, making->arena, making->derived, making->size, &versions,
                           err) ||
        !version_rows(making->arena, type.document, &versions, &making->lines, err))
        return false;
    making->inputs = arena_array(making->arena, versions.count + 1, sizeof *making->inputs, err);
    for (size_t i = 0; making->inputs && i < versions.count; i++)
        making->inputs[making->inputs_count++] = versions.items[i].leaf;
    return making->inputs != NULL;
}

/* What the rows rest on: versions, and the records that performed. */
static bool leaves_join(struct making *making, const struct due_records *records, struct error *err)
{
    size_t count = making->inputs_count + records->leaves_count;
    struct digest *leaves = arena_array(making->arena, count + 1, sizeof *leaves, err);
    if (!leaves)
        return false;
    for (size_t i = 0; i < count; i++)
        leaves[i] = i < making->inputs_count ? making->inputs[i]
                                             : records->leaves[i - making->inputs_count];
    making->inputs = leaves;
    making->inputs_count = count;
    return true;
}

/* What is due by now, and what is missed by now: another row once a day is over. */
static bool occurrences_make(struct making *making, struct error *err)
{
    struct duties duties;
    const int64_t now_us = clock_now_us();
    const struct duties_options options = { .size = making->size,
                                            .now_us = now_us,
                                            .until_us = now_us };
    struct due_records records = { .store = making->store,
                                   .catalogue = making->catalogue,
                                   .arena = making->arena };
    return due_list(&records, &options, &duties, err) &&
           occurrence_rows(making->arena, &duties, &making->lines, &making->inputs,
                           &making->inputs_count, err) &&
           leaves_join(making, &records, err);
}

/* What a type is made of, by the word in `derived`; a kind's name stands for its versions. To add a
 * table: a function like these, its word here, and a file in catalog/populations/. */
static bool make(struct making *making, struct error *err)
{
    if (slice_is(making->derived, "occurrences"))
        return occurrences_make(making, err);
    return versions_make(making, err);
}

static bool refresh_one(const struct table *table, struct store *store,
                        const struct catalogue *catalogue, struct arena *arena, uint64_t size,
                        struct engine *engine, struct transaction *tx, struct error *err)
{
    bool is_written;
    struct making making = { .store = store,
                             .catalogue = catalogue,
                             .arena = arena,
                             .size = size,
                             .type = table->type.id,
                             .derived = table->type.derived,
                             .lines = strbuf_new(LINES_BYTES_MAX) };
    bool ok = make(&making, err);
    struct derived_rows rows = { .type = &table->type,
                                 .lines = strbuf_slice(&making.lines),
                                 .inputs = making.inputs,
                                 .inputs_count = making.inputs_count };
    ok = ok && derived_segment_write(store, catalogue, engine, tx, &rows, &is_written, err);
    strbuf_free(&making.lines);
    return ok;
}

/* The type's version may be one that was just written. */
static bool reread(struct tables *tables, struct store *store, const struct catalogue *catalogue,
                   struct arena *arena, struct error *err)
{
    tables->size = store_size(store);
    for (size_t i = 0; i < tables->count; i++) {
        struct table *table = &tables->items[i];
        struct population_type type;
        if (!table->is_used || table->type.derived.len == 0)
            continue;
        if (!population_type_get(store, catalogue, arena, table->type.id, tables->size, &type, err))
            return false;
        table->version = type.version;
        table->leaf = type.leaf;
    }
    return true;
}

bool derived_tables_refresh(struct tables *tables, struct store *store,
                            const struct catalogue *catalogue, struct arena *arena,
                            struct engine *engine, struct error *err)
{
    const struct ledger_appended *appended;
    size_t count;
    struct transaction *tx = transaction_begin(store, err);
    bool ok = tx != NULL;
    for (size_t i = 0; ok && i < tables->count; i++)
        if (tables->items[i].is_used && tables->items[i].type.derived.len)
            ok = refresh_one(&tables->items[i], store, catalogue, arena, tables->size, engine, tx,
                             err);
    ok = ok && (transaction_count(tx) == 0 || transaction_commit(tx, &appended, &count, err));
    transaction_free(tx);
    return ok && reread(tables, store, catalogue, arena, err);
}
