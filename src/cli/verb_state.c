/* attest state: when nobody looked at an inventory, and what changed between two observations. Rows
 * are written as they come: there may be many. */
#include "audit/state.h"
#include "cli/rows.h"
#include "cli/verb.h"

enum { MEMORY_BYTES = 512 << 20 };

static bool add_row(struct rows *rows, const struct rows_cell *cells, size_t count,
                    struct error *err)
{
    return rows_add(rows, cells, count) || (*err = rows->session->err, false);
}

/* ---- what is shown ---- */

enum { GAP_SYSTEM, GAP_FROM, GAP_TO, GAP_HOURS, GAP_CELLS };
static const struct rows_cell gap_cells[GAP_CELLS] = {
    [GAP_SYSTEM] = { .name = "system", .head = "system", .width = 12 },
    [GAP_FROM] = { .name = "from", .head = "nobody looked from", .width = 27 },
    [GAP_TO] = { .name = "to", .head = "to", .width = 27 },
    [GAP_HOURS] = { .name = "hours", .head = "hours", .is_number = true },
};

static bool show_gap(void *context, const struct state_gap *gap, struct error *err)
{
    struct rows_cell cells[GAP_CELLS];
    for (size_t i = 0; i < GAP_CELLS; i++)
        cells[i] = gap_cells[i];
    cells[GAP_SYSTEM].text = gap->system;
    cells[GAP_FROM].text = gap->from;
    cells[GAP_TO].text = gap->to;
    cells[GAP_HOURS].text = gap->hours;
    return add_row(context, cells, GAP_CELLS, err);
}

enum {
    CHANGE_KEY,
    CHANGE_COLUMN,
    CHANGE_BEFORE,
    CHANGE_AFTER,
    CHANGE_SEEN,
    CHANGE_AT,
    CHANGE_CELLS
};
static const struct rows_cell change_cells[CHANGE_CELLS] = {
    [CHANGE_KEY] = { .name = "key", .head = "key", .width = 16, .is_json = true },
    [CHANGE_COLUMN] = { .name = "column", .head = "column", .width = 16 },
    [CHANGE_BEFORE] = { .name = "before", .head = "before", .width = 16, .is_json = true },
    [CHANGE_AFTER] = { .name = "after", .head = "after", .width = 16, .is_json = true },
    [CHANGE_SEEN] = { .name = "before_at", .head = "seen before at", .width = 27 },
    [CHANGE_AT] = { .name = "at", .head = "seen changed at" },
};

static bool show_change(void *context, const struct state_change *change, struct error *err)
{
    struct rows_cell cells[CHANGE_CELLS];
    for (size_t i = 0; i < CHANGE_CELLS; i++)
        cells[i] = change_cells[i];
    cells[CHANGE_KEY].text = change->key;
    cells[CHANGE_COLUMN].text = change->column;
    cells[CHANGE_BEFORE].text = change->before;
    cells[CHANGE_AFTER].text = change->after;
    cells[CHANGE_SEEN].text = change->seen_at;
    cells[CHANGE_AT].text = change->at;
    return add_row(context, cells, CHANGE_CELLS, err);
}

static bool show(struct session *session, struct rows *rows, const struct table *table,
                 struct engine *engine, const struct period *period, bool is_for_changes)
{
    struct error *err = &session->err;
    bool ok = rows_begin(rows, session, is_for_changes ? change_cells : gap_cells,
                         is_for_changes ? (size_t)CHANGE_CELLS : (size_t)GAP_CELLS);
    if (ok)
        ok = is_for_changes
                 ? state_changes(table, engine, session->arena, period, show_change, rows, err)
                 : state_gaps(table, engine, period, show_gap, rows, err);
    return rows_end(rows, ok);
}

/* ---- the verb ---- */

/* The rows of one type as they are known at a ledger size. */
static bool open_type(struct session *session, struct slice id, struct tables *tables,
                      const struct table **table, struct engine *engine)
{
    struct error *err = &session->err;
    uint64_t size;
    size_t at;
    if (!session_size(session, &size) ||
        !tables_read(session->store, session->catalogue, session->arena, size, 0, tables, err) ||
        !tables_find(tables, id, &at, err))
        return false;
    struct table *found = &tables->items[at];
    *table = found;
    if (!found->type.is_state) {
        error_set(err, ERROR_USAGE, found->type.id.at, "its rows are no states of an inventory");
        return error_hint(err, "attest catalog populations shows the types");
    }
    found->is_used = true;
    return tables_find_segments(tables, session->store, session->arena, err) &&
           tables_open(tables, session->store, session->arena, engine, err) &&
           tables_conflicts(found, engine, NULL, err);
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct tables tables;
    const struct table *table;
    struct period period;
    struct slice days = slice_of(argument_value(arguments, "--period"));
    bool is_for_changes = argument_is_given(arguments, "--changes");
    if (arguments->words_count != 1) {
        error_set(&session->err, ERROR_USAGE, NULL, "of which population type?");
        (void)error_hint(&session->err, "attest state data_stores --period 2026-01-01..2026-12-31");
        return session_fail(session);
    }
    if (days.len > 0 && !period_parse(days, NULL, &period, &session->err))
        return session_fail(session);
    if (!session_store(session, STORE_READ))
        return session_fail(session);
    struct engine_options options = { .memory_bytes_max = MEMORY_BYTES,
                                      .temp_folder = store_tmp(session->store) };
    struct engine *engine = engine_open(&options, &session->err);
    struct rows rows = { 0 };
    bool ok = engine &&
              open_type(session, slice_of(arguments->words[0]), &tables, &table, engine) &&
              show(session, &rows, table, engine, days.len > 0 ? &period : NULL, is_for_changes);
    engine_close(engine);
    if (!ok)
        return session_fail(session);
    session_tell(session, is_for_changes ? "changes: %llu" : "times without observation: %llu",
                 (unsigned long long)rows.count);
    return rows.count > 0 && !is_for_changes ? 1 : 0;
}

static const struct option options[] = {
    { "--period", "FROM..TO", "only what lies in these days (UTC); its ends count as inventories" },
    { "--changes", NULL, "what changed between two observations of a key" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest state data_stores --period 2026-01-01..2026-12-31",
    "attest state devices --changes -o csv",
    NULL,
};
const struct verb verb_state = {
    .name = "state",
    .usage = "TYPE [--period FROM..TO] [--changes]",
    .summary = "when nobody looked at an inventory, or what changed in it",
    .details =
        "A population type with shape: state may say how far apart its inventories may be\n"
        "(observe_every: 25 hours). Listed is what lies between two that are further apart; where\n"
        "the key begins with a column named system, for each system. Exit status 1 if there is\n"
        "any. With --changes: each column that differs between two observations of one key that\n"
        "follow on each other. A key that comes or goes is not listed.",
    .examples = examples,
    .options = options,
    .run = run,
};
