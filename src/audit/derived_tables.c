#include "audit/derived_tables.h"

#include "audit/due_records.h"
#include "base/time.h"
#include "evidence/derived.h"
#include "evidence/segment_write.h"
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

/* Makes the rows of one table and gives them to `take`. */
typedef bool take_rows(void *context, const struct derived_rows *rows, struct error *err);
static bool make_one(const struct table *table, struct store *store,
                     const struct catalogue *catalogue, struct arena *arena, uint64_t size,
                     take_rows *take, void *context, struct error *err)
{
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
    ok = ok && take(context, &rows, err);
    strbuf_free(&making.lines);
    return ok;
}

/* ---- into the ledger ---- */

struct writing {
    struct store *store;
    const struct catalogue *catalogue;
    struct engine *engine;
    struct transaction *tx;
};

static bool write_rows(void *context, const struct derived_rows *rows, struct error *err)
{
    struct writing *writing = context;
    bool is_written;
    return derived_segment_write(writing->store, writing->catalogue, writing->engine, writing->tx,
                                 rows, &is_written, err);
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
    struct writing writing = { store, catalogue, engine, tx };
    bool ok = tx != NULL;
    for (size_t i = 0; ok && i < tables->count; i++)
        if (tables->items[i].is_used && tables->items[i].type.derived.len)
            ok = make_one(&tables->items[i], store, catalogue, arena, tables->size, write_rows,
                          &writing, err);
    ok = ok && (transaction_count(tx) == 0 || transaction_commit(tx, &appended, &count, err));
    transaction_free(tx);
    return ok && reread(tables, store, catalogue, arena, err);
}

/* ---- for looking ---- */

struct looking {
    struct arena *arena;
    struct engine *engine;
    const char *folder;
    struct table *table;
};

static bool look_at_rows(void *context, const struct derived_rows *rows, struct error *err)
{
    struct looking *looking = context;
    struct segment_content content;
    const char *path =
        arena_printf(looking->arena, err, "%s/%s.parquet", looking->folder, rows->type->id.at);
    struct segment *segment = arena_array(looking->arena, 1, sizeof *segment, err);
    if (!path || !segment ||
        !derived_parquet_write(looking->engine, looking->arena, rows, looking->folder, path, NULL,
                               NULL, &content, err))
        return false;
    *segment = (struct segment){ .path = path, .rows = content.counts.kept };
    looking->table->segments = (struct segment_list){ segment, 1 };
    return true;
}

bool derived_tables_look(struct tables *tables, struct store *store,
                         const struct catalogue *catalogue, struct arena *arena,
                         struct engine *engine, const char *folder, struct error *err)
{
    struct looking looking = { arena, engine, folder, NULL };
    for (size_t i = 0; i < tables->count; i++) {
        looking.table = &tables->items[i];
        if (looking.table->is_used && looking.table->type.derived.len &&
            !make_one(looking.table, store, catalogue, arena, tables->size, look_at_rows, &looking,
                      err))
            return false;
    }
    return true;
}
