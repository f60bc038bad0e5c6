/* test/fuzz/fuzz_expression.c
 * Expressions of tests: an accepted one gives the same answer over the same rows in another order,
 * for nothing that is accepted may depend on which row comes first. */
#include "engine/engine.h"
#include "engine/expression.h"
#include "fuzz.h"

enum { EXPRESSION_LENGTH_MAX = 400 };

static const struct slice change_columns[] = {
    { "id", 2 },    { "author", 6 },    { "environment", 11 }, { "deployed_at", 11 },
    { "lines", 5 }, { "emergency", 9 }, { "parents", 7 },      { "commit", 6 },
};
static const struct slice approval_columns[] = {
    { "change_id", 9 },
    { "actor", 5 },
    { "approved_at", 11 },
    { "kind", 4 },
};
static const struct expression_table tables[] = {
    { { "changes", 7 }, change_columns, ARRAY_LEN(change_columns), NULL, 0 },
    { { "approvals", 9 }, approval_columns, ARRAY_LEN(approval_columns), NULL, 0 },
};
static const struct expression_scope scope = { .tables = tables, .count = ARRAY_LEN(tables) };

static const char *const rows[] = {
    "insert into changes values ('c1', 'ann', 'production', '2026-01-01 10:00:00', 5, false, "
    "['a', 'b'], 'k1')",
    "insert into changes values ('c2', 'bob', 'production', '2026-01-02 10:00:00.5', -3, true, [], "
    "'k2')",
    "insert into changes values ('c3', null, 'test', null, null, null, null, 'k1')",
    "insert into changes values ('c4', 'ann', 'prod''x', '2026-01-01 10:00:00', 0, false, [null], "
    "null)",
    "insert into approvals values ('c1', 'bob', '2026-01-01 09:00:00', 'approved')",
    "insert into approvals values ('c1', 'ann', '2026-01-01 09:30:00', 'approved')",
    "insert into approvals values ('c2', 'ann', '2026-01-03 09:00:00', 'rejected')",
    "insert into approvals values ('c2', null, null, null)",
};

static struct engine *open_with_rows(bool backwards)
{
    struct error err = { 0 };
    const struct engine_options options = { .memory_bytes_max = 256 << 20, .threads = 1 };
    struct engine *engine = engine_open(&options, &err);
    if (!engine ||
        !engine_run(engine,
                    SLICE("create table changes (id varchar, author varchar, environment varchar, "
                          "deployed_at timestamp, lines bigint, emergency boolean, "
                          "parents varchar[], commit varchar); "
                          "create table approvals (change_id varchar, actor varchar, "
                          "approved_at timestamp, kind varchar)"),
                    &err))
        abort();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *row = rows[backwards ? ARRAY_LEN(rows) - 1 - i : i];
        if (!engine_run(engine, slice_of(row), &err))
            abort();
    }
    if (!engine_lock(engine, &err))
        abort();
    return engine;
}

/* The answers, or that there are none. */
static void answer(struct engine *engine, struct slice expression, struct strbuf *out)
{
    struct error err = { 0 };
    size_t count = 0;
    struct strbuf sql = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    strbuf_printf(&sql, "select cast((\n%.*s\n) as varchar) from changes item order by id",
                  SLICE_ARG(expression));
    struct engine_result *result = engine_query(engine, strbuf_slice(&sql), NULL, 0, &err);
    while (result && engine_result_next(result, &count, &err) && count > 0) {
        for (size_t row = 0; row < count; row++) {
            strbuf_add_text(out, engine_is_null(result, 0, row) ? "NULL" : "");
            if (!engine_is_null(result, 0, row))
                strbuf_add(out, engine_text(result, 0, row));
            strbuf_add_char(out, '\n');
        }
    }
    if (err.code != ERROR_NONE) {
        assert(err.message[0] != '\0');
        strbuf_clear(out);
        strbuf_add_text(out, "failed");
    }
    engine_result_free(result);
    strbuf_free(&sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    /* Opened once: opening takes longer than everything else. */
    static struct engine *forwards;
    static struct engine *backwards;
    struct error err = { 0 };
    bool used[ARRAY_LEN(tables)] = { false };
    if (!forwards) {
        forwards = open_with_rows(false);
        backwards = open_with_rows(true);
    }
    struct slice text = slice_bytes(bytes, size);
    if (size > EXPRESSION_LENGTH_MAX)
        return 0;
    struct arena *arena = fuzz_arena();
    if (expression_check(forwards, arena, text, &scope, "test/T", used, NULL, &err)) {
        struct strbuf one = strbuf_new(FUZZ_TEXT_BYTES_MAX);
        struct strbuf other = strbuf_new(FUZZ_TEXT_BYTES_MAX);
        answer(forwards, text, &one);
        answer(backwards, text, &other);
        assert(slice_equal(strbuf_slice(&one), strbuf_slice(&other)));
        strbuf_free(&one);
        strbuf_free(&other);
    } else {
        fuzz_assert_refused(&err);
    }
    arena_free(arena);
    return 0;
}
