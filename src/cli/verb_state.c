/* attest state: when nobody looked at an inventory, and what changed between two observations. Rows
 * are written as they come: there may be many. */
#include "audit/state.h"
#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"

enum { OUT_BYTES_MAX = 64 << 20, WRITTEN_AT_ONCE = 1 << 16, MEMORY_BYTES = 512 << 20 };

/* ---- rows as they come ---- */

struct cell {
    const char *name, *head;
    struct slice text;
    int width;    /* of the column in a table, at least */
    bool is_json; /* the text is JSON already; else a string, or null at NULL */
};
struct rows {
    struct session *session;
    struct strbuf out;
    uint64_t count;
};

static bool is_json(const struct rows *rows)
{
    return rows->session->format == FORMAT_JSON || rows->session->format == FORMAT_YAML;
}

static void add_head(struct rows *rows, const struct cell *cells, size_t count)
{
    bool is_csv = rows->session->format == FORMAT_CSV;
    if (is_json(rows)) {
        strbuf_add_char(&rows->out, '[');
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_csv)
            strbuf_printf(&rows->out, "%s%s", i ? "," : "", cells[i].name);
        else if (i + 1 < count)
            strbuf_printf(&rows->out, "%-*s  ", cells[i].width, cells[i].head);
        else
            strbuf_add_text(&rows->out, cells[i].head);
    }
    strbuf_add_text(&rows->out, is_csv ? "\r\n" : "\n");
}

/* JSON is YAML too. */
static void add_json(struct rows *rows, const struct cell *cells, size_t count)
{
    strbuf_add_text(&rows->out, rows->count ? ",\n" : "\n");
    for (size_t i = 0; i < count; i++) {
        strbuf_add_text(&rows->out, i ? "," : "{");
        json_add_string(&rows->out, slice_of(cells[i].name));
        strbuf_add_char(&rows->out, ':');
        if (!cells[i].text.at)
            strbuf_add_text(&rows->out, "null");
        else if (cells[i].is_json)
            strbuf_add(&rows->out, cells[i].text);
        else
            json_add_string(&rows->out, cells[i].text);
    }
    strbuf_add_char(&rows->out, '}');
}

/* JSON as people read it: a string without its quotes, nothing for null, a key of one part as that
 * part; what else it may be as it is. */
static bool plain(struct rows *rows, const struct cell *cell, struct arena *arena,
                  struct slice *text)
{
    *text = cell->text;
    if (!cell->is_json || !cell->text.at)
        return true;
    const struct value *value =
        json_parse(arena, cell->text, cell->name, NULL, &rows->session->err);
    if (!value)
        return false;
    if (value->type == VALUE_ARRAY && value_count(value) == 1 &&
        slice_is(slice_of(cell->name), "key"))
        value = value_item(value, 0);
    if (value->type == VALUE_STRING)
        *text = value_text(value);
    if (value->type == VALUE_NULL)
        *text = (struct slice){ 0 };
    return true;
}

static bool add_line(struct rows *rows, const struct cell *cells, size_t count)
{
    bool is_csv = rows->session->format == FORMAT_CSV, ok = true;
    struct arena *arena = arena_new(OUT_BYTES_MAX, &rows->session->err);
    if (!arena)
        return false;
    for (size_t i = 0; ok && i < count; i++) {
        struct slice text;
        ok = plain(rows, &cells[i], arena, &text);
        if (!ok)
            break;
        if (is_csv) {
            strbuf_add_text(&rows->out, i ? "," : "");
            output_add_csv(&rows->out, text);
            continue;
        }
        size_t start = rows->out.len;
        output_add_visible(&rows->out, text);
        while (i + 1 < count && rows->out.len - start < (size_t)cells[i].width)
            strbuf_add_char(&rows->out, ' ');
        strbuf_add_text(&rows->out, i + 1 < count ? "  " : "");
    }
    strbuf_add_text(&rows->out, is_csv ? "\r\n" : "\n");
    arena_free(arena);
    return ok;
}

static bool flush(struct rows *rows)
{
    bool ok = strbuf_ok(&rows->out, &rows->session->err) &&
              output_text(rows->session, strbuf_slice(&rows->out));
    strbuf_clear(&rows->out);
    return ok;
}

static bool add_row(struct rows *rows, const struct cell *cells, size_t count, struct error *err)
{
    bool ok = true;
    if (is_json(rows))
        add_json(rows, cells, count);
    else
        ok = add_line(rows, cells, count);
    rows->count++;
    ok = ok && (rows->out.len < WRITTEN_AT_ONCE || flush(rows));
    return ok || (*err = rows->session->err, false);
}

/* ---- what is shown ---- */

enum { GAP_SYSTEM, GAP_FROM, GAP_TO, GAP_HOURS, GAP_CELLS };
static const struct cell gap_cells[GAP_CELLS] = {
    [GAP_SYSTEM] = { .name = "system", .head = "system", .width = 12 },
    [GAP_FROM] = { .name = "from", .head = "nobody looked from", .width = 27 },
    [GAP_TO] = { .name = "to", .head = "to", .width = 27 },
    [GAP_HOURS] = { .name = "hours", .head = "hours" },
};

static bool show_gap(void *context, const struct state_gap *gap, struct error *err)
{
    struct cell cells[GAP_CELLS];
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
static const struct cell change_cells[CHANGE_CELLS] = {
    [CHANGE_KEY] = { .name = "key", .head = "key", .width = 16, .is_json = true },
    [CHANGE_COLUMN] = { .name = "column", .head = "column", .width = 16 },
    [CHANGE_BEFORE] = { .name = "before", .head = "before", .width = 16, .is_json = true },
    [CHANGE_AFTER] = { .name = "after", .head = "after", .width = 16, .is_json = true },
    [CHANGE_SEEN] = { .name = "before_at", .head = "seen before at", .width = 27 },
    [CHANGE_AT] = { .name = "at", .head = "seen changed at" },
};

static bool show_change(void *context, const struct state_change *change, struct error *err)
{
    struct cell cells[CHANGE_CELLS];
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

static bool show(struct rows *rows, const struct table *table, struct engine *engine,
                 const struct period *period, bool is_for_changes)
{
    struct error *err = &rows->session->err;
    if (is_for_changes)
        add_head(rows, change_cells, CHANGE_CELLS);
    else
        add_head(rows, gap_cells, GAP_CELLS);
    bool ok = is_for_changes ? state_changes(table, engine, rows->session->arena, period,
                                             show_change, rows, err)
                             : state_gaps(table, engine, period, show_gap, rows, err);
    if (!ok)
        return false;
    if (is_json(rows))
        strbuf_add_text(&rows->out, rows->count ? "\n]\n" : "]\n");
    return flush(rows);
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
    struct rows rows = { .session = session, .out = strbuf_new(OUT_BYTES_MAX) };
    bool ok = engine &&
              open_type(session, slice_of(arguments->words[0]), &tables, &table, engine) &&
              show(&rows, table, engine, days.len > 0 ? &period : NULL, is_for_changes);
    strbuf_free(&rows.out);
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
