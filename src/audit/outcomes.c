#include "audit/outcomes.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

enum { SQL_BYTES_MAX = 16 << 20, ATTRIBUTES_MAX = 64 /* catalog/kinds/test.yaml */ };

/* What goes through the ranges. */
struct pass {
    const struct population_query *query;
    const struct outcomes_options *options;
    struct arena *arena;
    struct engine *engine;
    struct outcomes *outcomes;
    struct sha256 keys;
};

/* "a3": columns of the table have names of ours, since an attribute may be called key. */
static void add_attribute(struct strbuf *sql, size_t index) { strbuf_printf(sql, "a%zu", index); }

/* An expression on lines of its own: it may end with a comment. */
static void add_expression(struct strbuf *sql, struct slice text)
{
    strbuf_add_text(sql, "(\n");
    strbuf_add(sql, text);
    strbuf_add_text(sql, "\n)");
}

/* Names the attribute whose column is not a truth value; `holds: 1` would else be read as true. */
static bool types_are_boolean(const struct test_definition *test, struct engine *engine,
                              struct error *err)
{
    bool ok = false;
    struct engine_result *result =
        engine_query(engine, SLICE("select * from _range where false"), NULL, 0, err);
    if (!result)
        goto done;
    for (size_t i = 0; i < test->attributes_count; i++) {
        if (engine_result_column(result, i + 1)->type == ENGINE_BOOLEAN)
            continue;
        char where[192];
        snprintf(where, sizeof where, "%.120s, attribute %.*s", test->name.at,
                 SLICE_ARG(test->attributes[i].id));
        error_set(err, ERROR_INVALID, where, "the expression is neither true nor false");
        error_hint(err, "compare with something, or ask whether it is null");
        goto done;
    }
    ok = true;
done:
    engine_result_free(result);
    return ok;
}

/* "_range": the items of a range in order, column `key`, then the attributes. */
static bool make_range(struct pass *pass, const struct key_range *range, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    const struct population_query *query = pass->query;
    const struct test_definition *test = pass->outcomes->test;
    strbuf_add_text(&sql, "create table _range as select ");
    table_add_key(&sql, &query->table->type, "item");
    strbuf_add_text(&sql, " as key");
    for (size_t i = 0; i < test->attributes_count; i++) {
        strbuf_add_text(&sql, ", ");
        if (query->where.len) {
            strbuf_add_text(&sql, "case when ");
            add_expression(&sql, query->where);
            strbuf_add_text(&sql, " then ");
        }
        add_expression(&sql, test->attributes[i].holds);
        strbuf_add_text(&sql, query->where.len ? " end as " : " as ");
        add_attribute(&sql, i);
    }
    population_add_from(&sql, query);
    range_add_condition(&sql, &query->table->type, range);
    strbuf_add_text(&sql, " order by key");
    bool ok = strbuf_ok(&sql, err) && engine_run(pass->engine, strbuf_slice(&sql), err);
    strbuf_free(&sql);
    if (!ok && err->where[0] == '\0')
        snprintf(err->where, sizeof err->where, "%.180s", test->name.at);
    return ok;
}

static enum outcome outcome_at(const struct engine_result *result, size_t column, size_t row)
{
    if (engine_is_null(result, column, row))
        return OUTCOME_UNDECIDED;
    return engine_bool(result, column, row) ? OUTCOME_HOLDS : OUTCOME_FAILS;
}

/* One chunk of rows: counted, and as text into the file and the list of items. */
static bool take_rows(struct pass *pass, const struct engine_result *result, size_t rows,
                      struct strbuf *text, struct error *err)
{
    enum outcome row[ATTRIBUTES_MAX];
    struct outcomes *outcomes = pass->outcomes;
    size_t count = outcomes->test->attributes_count;
    strbuf_clear(text);
    for (size_t i = 0; i < rows; i++) {
        bool holds = true;
        struct slice key = engine_text(result, 0, i);
        for (size_t j = 0; j < count; j++) {
            row[j] = outcome_at(result, j + 1, i);
            outcomes->attributes[j].counts[row[j]]++;
            holds = holds && row[j] == OUTCOME_HOLDS;
        }
        outcomes->deviations += !holds;
        matrix_add_row(text, key, row, count);
        sha256_add(&pass->keys, key);
        sha256_add(&pass->keys, SLICE("\n"));
        if (pass->options->items && (!payload_writer_add(pass->options->items, key, err) ||
                                     !payload_writer_add(pass->options->items, SLICE("\n"), err)))
            return false;
    }
    outcomes->items += rows;
    if (!strbuf_ok(text, err))
        return false;
    return fwrite(text->at, 1, text->len, outcomes->rows) == text->len ||
           error_errno(err, "write", "rows of a matrix");
}

static bool take_range(struct pass *pass, struct error *err)
{
    struct strbuf text = strbuf_new(256 << 20);
    size_t rows = 0;
    bool ok = false;
    struct engine_result *result =
        engine_query(pass->engine, SLICE("select * from _range"), NULL, 0, err);
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err) ||
            (rows > 0 && !take_rows(pass, result, rows, &text, err)))
            goto done;
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&text);
    return ok;
}

/* ---- why ---- */

static bool has_why(const struct test_definition *test)
{
    for (size_t i = 0; i < test->attributes_count; i++)
        if (test->attributes[i].why.len)
            return true;
    return false;
}

/* key, attributes, and for each attribute with a `why` its text where it does not hold. */
static void add_deviating_query(struct strbuf *sql, const struct population_query *query,
                                const struct outcomes *outcomes, const struct key_range *range)
{
    const struct test_definition *test = outcomes->test;
    bool is_joined = has_why(test);
    /* Names that no column and no type can have: `why` must not meet ours instead of theirs. */
    strbuf_add_text(sql, "with _failing as (select key as _key");
    for (size_t i = 0; i < test->attributes_count; i++)
        strbuf_printf(sql, ", a%zu as _a%zu", i, i);
    strbuf_add_text(sql, " from _range where not (true");
    for (size_t i = 0; i < test->attributes_count; i++) {
        strbuf_add_text(sql, " and ");
        add_attribute(sql, i);
        strbuf_add_text(sql, " is true");
    }
    strbuf_printf(sql, ") order by key limit %zu) select _failing.*",
                  OUTCOMES_LISTED_MAX - value_count(outcomes->deviating));
    for (size_t i = 0; is_joined && i < test->attributes_count; i++) {
        strbuf_printf(sql, ", case when _failing._a%zu is not true then cast(", i);
        if (test->attributes[i].why.len)
            add_expression(sql, test->attributes[i].why);
        else
            strbuf_add_text(sql, "null");
        strbuf_add_text(sql, " as varchar) end");
    }
    strbuf_add_text(sql, " from _failing");
    if (is_joined) {
        strbuf_printf(sql, " join \"_all_%s\" as item on ", query->table->type.id.at);
        table_add_key(sql, &query->table->type, "item");
        strbuf_add_text(sql, " = _failing._key and ");
        table_add_period(sql, &query->table->type, "item", &query->period);
        range_add_condition(sql, &query->table->type, range);
    }
    strbuf_add_text(sql, " order by _failing._key");
}

static bool put_why(const struct engine_result *result, size_t row, size_t attributes,
                    struct value *item, struct arena *arena, struct error *err)
{
    struct strbuf text = strbuf_new(64 << 10);
    for (size_t i = 0; i < attributes; i++) {
        size_t column = 1 + attributes + i;
        if (engine_is_null(result, column, row))
            continue;
        strbuf_add_text(&text, text.len ? "; " : "");
        strbuf_add(&text, engine_text(result, column, row));
    }
    bool ok = strbuf_ok(&text, err) &&
              (text.len == 0 || value_put_text(arena, item, "why", strbuf_slice(&text), err));
    strbuf_free(&text);
    return ok;
}

static bool add_deviating(const struct engine_result *result, size_t row,
                          const struct outcomes *outcomes, struct value *list, struct arena *arena,
                          struct error *err)
{
    size_t attributes = outcomes->test->attributes_count;
    struct value *item = value_add_object(arena, list, err);
    struct slice key;
    if (!item || !arena_copy(arena, engine_text(result, 0, row), &key, err) ||
        !value_put(arena, item, "key", json_parse(arena, key, "key", NULL, err), err))
        return false;
    struct value *results = value_put_array(arena, item, "results", err);
    for (size_t i = 0; results && i < attributes; i++) {
        const char *name = outcome_names[outcome_at(result, i + 1, row)];
        if (!value_add(arena, results, value_new_text(arena, slice_of(name), err), err))
            return false;
    }
    return results &&
           (!has_why(outcomes->test) || put_why(result, row, attributes, item, arena, err));
}

static bool list_deviating(struct pass *pass, const struct key_range *range, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    struct outcomes *outcomes = pass->outcomes;
    size_t rows = 0;
    bool ok = false;
    add_deviating_query(&sql, pass->query, outcomes, range);
    struct engine_result *result =
        strbuf_ok(&sql, err) ? engine_query(pass->engine, strbuf_slice(&sql), NULL, 0, err) : NULL;
    if (!result)
        goto done;
    do {
        if (!engine_result_next(result, &rows, err))
            goto done;
        for (size_t i = 0; i < rows; i++)
            if (!add_deviating(result, i, outcomes, outcomes->deviating, pass->arena, err))
                goto done;
    } while (rows > 0);
    ok = true;
done:
    engine_result_free(result);
    strbuf_free(&sql);
    return ok;
}

/* ---- the whole ---- */

static bool evaluate_range(struct pass *pass, const struct key_range *range, struct error *err)
{
    struct outcomes *outcomes = pass->outcomes;
    uint64_t before = outcomes->deviations;
    if (!ranges_narrow(pass->query, pass->options->cut, range, pass->engine, err) ||
        !make_range(pass, range, err) || !types_are_boolean(outcomes->test, pass->engine, err) ||
        !take_range(pass, err))
        return false;
    if (pass->options->wants_deviating && outcomes->deviations > before &&
        value_count(outcomes->deviating) < OUTCOMES_LISTED_MAX && !list_deviating(pass, range, err))
        return false;
    return true;
}

/* A file that has no name, so that nothing is left of it whatever happens. */
static FILE *open_rows(const char *folder, struct arena *arena, struct error *err)
{
    uint64_t number;
    random_fill(&number, sizeof number);
    char *path = arena_printf(arena, err, "%s/rows-%016llx", folder, (unsigned long long)number);
    int fd = path ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;
    if (fd >= 0)
        unlink(path);
    if (path && !file)
        error_errno(err, "make a file in", folder);
    if (fd >= 0 && !file)
        close(fd); /* nothing was written */
    return file;
}

bool outcomes_build(const struct population_query *query, const struct test_definition *test,
                    const struct outcomes_options *options, struct arena *arena,
                    struct engine *engine, struct outcomes *outcomes, struct error *err)
{
    struct pass pass = {
        .query = query, .options = options, .arena = arena, .engine = engine, .outcomes = outcomes
    };
    struct ranges ranges = { 0 };
    struct error ignored = { 0 };
    bool ok = false;
    *outcomes = (struct outcomes){ .test = test };
    if (test->attributes_count > ATTRIBUTES_MAX)
        return error_set(err, ERROR_INVALID, test->name.at, "more than %d attributes",
                         ATTRIBUTES_MAX);
    outcomes->attributes =
        arena_array(arena, test->attributes_count, sizeof *outcomes->attributes, err);
    outcomes->deviating = value_new(arena, VALUE_ARRAY, err);
    if (!outcomes->attributes || !outcomes->deviating)
        return false;
    outcomes->rows = open_rows(options->folder, arena, err);
    if (!outcomes->rows)
        return false;
    sha256_start(&pass.keys);
    ok = ranges_find(query, options->cut, arena, engine, &ranges, err);
    for (size_t i = 0; ok && i < ranges.count; i++) {
        ok = evaluate_range(&pass, &ranges.items[i], err);
        /* Of the range that failed there may be nothing to drop. */
        ok = engine_run(engine, SLICE("drop table if exists _range"), ok ? err : &ignored) && ok;
    }
    sha256_finish(&pass.keys, &outcomes->keys);
    if (!ok)
        cut_explain(options->cut, test, err);
    /* The next test sees all rows again. */
    return ranges_narrow(query, options->cut, NULL, engine, ok ? err : &ignored) && ok;
}

void outcomes_free(struct outcomes *outcomes)
{
    if (outcomes->rows)
        (void)fclose(outcomes->rows); /* a spool: what counts was written to the sink */
    outcomes->rows = NULL;
}

bool outcomes_write(struct outcomes *outcomes, matrix_sink *sink, void *context, struct error *err)
{
    struct strbuf text = strbuf_new(1 << 20);
    struct matrix_header header = { .attributes = outcomes->test->attributes,
                                    .attributes_count = outcomes->test->attributes_count,
                                    .deviations = outcomes->deviations,
                                    .items = outcomes->items,
                                    .population = outcomes->keys,
                                    .test = outcomes->test->leaf };
    char piece[64 * 1024];
    size_t count;
    matrix_add_header(&text, &header);
    bool ok = strbuf_ok(&text, err) && sink(context, strbuf_slice(&text), err);
    strbuf_free(&text);
    if (ok && fseek(outcomes->rows, 0, SEEK_SET) != 0) /* writes what is buffered, too */
        return error_errno(err, "write", "rows of a matrix");
    while (ok && (count = fread(piece, 1, sizeof piece, outcomes->rows)) > 0)
        ok = sink(context, (struct slice){ piece, count }, err);
    if (ok && ferror(outcomes->rows))
        return error_errno(err, "read", "rows of a matrix");
    return ok;
}
