/* attest test run, check, items. */
#include <stdio.h>
#include <string.h>

#include "audit/items.h"
#include "audit/run.h"
#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"

enum { TESTS_MAX = 4096, DEVIATING_SHOWN = 20 };

static size_t test_names(const struct arguments *arguments, struct slice *names)
{
    size_t count = 0;
    for (; count < arguments->words_count && count < TESTS_MAX; count++)
        names[count] = slice_of(arguments->words[count]);
    return count;
}

static bool are_there(struct session *session, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!session_has(session, "test", names[i], store_size(session->store)))
            return false;
    return true;
}

/* ---- run ---- */

static const struct option run_options[] = {
    { "--period", "FROM..TO", "days, both included, in the engagement's time zone (UTC if none)" },
    { "--engagement", "ID", "the engagement the runs belong to; gives the period" },
    { "--threads", "N", "by default one a processor; the result is the same" },
    { "--memory", "MIB", "memory limit of the engine; by default 1024" },
    { "--seconds", "N", "time limit for one test; by default 3600" },
    { NULL, NULL, NULL },
};
static const struct column_spec attribute_columns[] = {
    { "id", "attribute" }, { "title", "title" },         { "holds", "holds" },
    { "fails", "fails" },  { "undecided", "undecided" }, { NULL, NULL },
};

static void tell_one(struct session *session, const struct value *test)
{
    session_tell(session, "\n%.*s v%.*s: %.*s of %.*s items deviate (%.*s), %.*s",
                 SLICE_ARG(value_text_of(test, "test")),
                 SLICE_ARG(value_member(test, "version")->text),
                 SLICE_ARG(value_member(test, "deviations")->text),
                 SLICE_ARG(value_path(test, "population.items")->text),
                 SLICE_ARG(value_text_of(test, "result")),
                 SLICE_ARG(value_text(value_path(test, "population.name"))));
    const struct value *undated = value_path(test, "population.undated");
    const struct value *repeats = value_path(test, "population.repeats");
    if (undated && !slice_is(undated->text, "0"))
        session_tell(session, "undated rows, not in the population: %.*s",
                     SLICE_ARG(undated->text));
    if (repeats && !slice_is(repeats->text, "0"))
        session_tell(session, "repeated rows, counted once: %.*s", SLICE_ARG(repeats->text));
}

/* "chg-1", or ["a","b"] for keys of several parts. */
static const struct value *key_shown(struct session *session, const struct value *key)
{
    struct slice text;
    if (value_count(key) == 1)
        return value_item(key, 0);
    return json_canonical_copy(session->arena, key, &text, &session->err)
               ? value_new_text(session->arena, text, &session->err)
               : NULL;
}

/* "A fails, B undecided" */
static const struct value *results_shown(struct session *session, const struct value *attributes,
                                         const struct value *results)
{
    const char *text = "";
    for (size_t i = 0; text && i < value_count(results); i++) {
        struct slice word = value_text(value_item(results, i));
        if (!slice_is(word, "holds"))
            text = arena_printf(
                session->arena, &session->err, "%s%s%.*s %.*s", text, text[0] ? ", " : "",
                SLICE_ARG(value_text_of(value_item(attributes, i), "id")), SLICE_ARG(word));
    }
    return text ? value_new_text(session->arena, slice_of(text), &session->err) : NULL;
}

/* The first items that deviate, with what was found. */
static bool show_deviating(struct session *session, const struct value *test)
{
    static const struct column_spec columns[] = {
        { "item", "item" }, { "deviates", "deviates" }, { "why", "why" }, { NULL, NULL }
    };
    static const struct column_spec without_why[] = { { "item", "item" },
                                                      { "deviates", "deviates" },
                                                      { NULL, NULL } };
    bool has_why = false;
    struct arena *arena = session->arena;
    const struct value *given = value_member(test, "deviating");
    struct value *list = value_new(arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; list && i < value_count(given) && i < DEVIATING_SHOWN; i++) {
        const struct value *one = value_item(given, i), *why = value_member(one, "why");
        const struct value *key = key_shown(session, value_member(one, "key"));
        const struct value *results =
            results_shown(session, value_member(test, "attributes"), value_member(one, "results"));
        struct value *item = value_add_object(arena, list, &session->err);
        has_why = has_why || why;
        if (!item || !key || !results ||
            !value_put(arena, item, "item", value_copy(arena, key, &session->err), &session->err) ||
            !value_put(arena, item, "deviates", value_copy(arena, results, &session->err),
                       &session->err) ||
            (why &&
             !value_put(arena, item, "why", value_copy(arena, why, &session->err), &session->err)))
            return false;
    }
    return list && (value_count(list) == 0 ||
                    output_list(session, list, list, has_why ? columns : without_why));
}

/* For people: each test with its attributes, on standard output. */
static bool show_runs(struct session *session, const struct value *result)
{
    const struct value *tests = value_member(result, "tests");
    if (session->format != FORMAT_TABLE) {
        static const struct column_spec columns[] = {
            { "test", "test" },
            { "version", "version" },
            { "population.items", "items" },
            { "deviations", "deviations" },
            { "result", "result" },
            { "run", "run" },
            { NULL, NULL },
        };
        return output_list(session, result, tests, columns);
    }
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        const struct value *attributes = value_member(test, "attributes");
        int64_t deviations;
        tell_one(session, test);
        (void)fflush(stderr);
        if (!output_list(session, attributes, attributes, attribute_columns) ||
            !show_deviating(session, test))
            return false;
        session_tell(session, "run %.*s", SLICE_ARG(value_text_of(test, "run")));
        if (value_to_i64(value_member(test, "deviations"), &deviations) &&
            deviations > DEVIATING_SHOWN)
            session_tell(session,
                         "the first %d of %lld; all: attest test items %.12s --only deviations",
                         DEVIATING_SHOWN, (long long)deviations, value_text_of(test, "run").at);
    }
    return true;
}

/* What was left out for lack of records, type by type, most tests first. */
static bool tell_not_run(struct session *session, const struct value *result)
{
    enum { TYPES_SHOWN = 5 };
    const struct value *list = value_member(result, "not_run");
    size_t total = value_count(list), types = 0;
    struct waiting {
        struct slice type;
        size_t tests;
    } *waiting = arena_array(session->arena, total + 1, sizeof *waiting, &session->err);
    if (!waiting)
        return false;
    for (size_t i = 0; i < total; i++) {
        struct slice type = value_text_of(value_item(list, i), "records");
        size_t at = 0;
        while (at < types && !slice_equal(waiting[at].type, type))
            at++;
        if (at == types)
            waiting[types++] = (struct waiting){ .type = type };
        struct waiting counted = waiting[at];
        counted.tests++;
        for (; at > 0 && waiting[at - 1].tests < counted.tests; at--)
            waiting[at] = waiting[at - 1];
        waiting[at] = counted;
    }
    if (total == 0)
        return true;
    session_tell(session, "\nnot run, for want of records: %zu test%s, of %zu type%s of records",
                 total, total == 1 ? "" : "s", types, types == 1 ? "" : "s");
    for (size_t i = 0; i < types && i < TYPES_SHOWN; i++)
        session_tell(session, "  %.*s: %zu test%s", SLICE_ARG(waiting[i].type), waiting[i].tests,
                     waiting[i].tests == 1 ? "" : "s");
    if (types > TYPES_SHOWN)
        session_tell(session, "  and %zu more", types - TYPES_SHOWN);
    session_tell(session, "next: attest import source/ID FILE; attest doctor says which sources "
                          "are waiting. If nothing happened, an empty file says so.");
    return true;
}

static bool has_deviations(const struct value *result)
{
    const struct value *tests = value_member(result, "tests");
    for (size_t i = 0; i < value_count(tests); i++)
        if (!slice_is(value_text_of(value_item(tests, i), "result"), "no-exceptions"))
            return true;
    return value_count(value_member(result, "not_run")) > 0;
}

static bool engine_settings(struct session *session, const struct arguments *arguments,
                            struct engine_options *engine, unsigned *seconds_max)
{
    uint64_t number;
    struct slice seconds = argument_slice(arguments, "--seconds");
    struct slice threads = argument_slice(arguments, "--threads");
    struct slice memory = argument_slice(arguments, "--memory");
    *engine = (struct engine_options){ .memory_bytes_max = UINT64_C(1) << 30,
                                       .temp_folder = store_tmp(session->store) };
    *seconds_max = 3600;
    if (seconds.len) {
        if (!slice_to_u64(seconds, &number) || number < 1 || number > 1000000)
            return error_set(&session->err, ERROR_USAGE, "--seconds", "a number from 1 to 1000000");
        *seconds_max = (unsigned)number;
    }
    if (threads.len) {
        if (!slice_to_u64(threads, &number) || number < 1 || number > 64)
            return error_set(&session->err, ERROR_USAGE, "--threads", "a number from 1 to 64");
        engine->threads = (unsigned)number;
    }
    if (memory.len) {
        if (!slice_to_u64(memory, &number) || number < 64 || number > (1 << 20))
            return error_set(&session->err, ERROR_USAGE, "--memory", "MiB, at least 64");
        engine->memory_bytes_max = number << 20;
    }
    return true;
}

static int run_run(struct session *session, const struct arguments *arguments)
{
    struct slice names[TESTS_MAX];
    struct run_options wanted = { .tests = names,
                                  .tests_count = test_names(arguments, names),
                                  .period = argument_slice(arguments, "--period"),
                                  .engagement = argument_slice(arguments, "--engagement"),
                                  .acting = &session->acting,
                                  .stop = &session_interrupted,
                                  .progress = &session->progress.base };
    if (!session_store(session, STORE_WRITE) || !session_acting(session) ||
        !are_there(session, names, wanted.tests_count) ||
        (wanted.engagement.len > 0 &&
         !session_has(session, "engagement", wanted.engagement, store_size(session->store))) ||
        !engine_settings(session, arguments, &wanted.engine, &wanted.seconds_max))
        return session_fail(session);
    const struct value *result = tests_run(session->store, session->catalogue, session->arena,
                                           &wanted, &session->findings, &session->err);
    if (!result)
        return session_fail(session);
    int status = session_findings(session);
    if (!show_runs(session, result) || !tell_not_run(session, result))
        return session_fail(session);
    return status ? status : has_deviations(result);
}

static const char *const run_examples[] = {
    "attest test run --period 2026-01-01..2026-12-31",
    "attest test run test/CM-02.T1 --engagement soc2-2026 --as person/auditor",
    "attest test run --period 2026-01-01..2026-06-30 -o json",
    NULL,
};
const struct verb verb_test_run = {
    .name = "test run",
    .usage = "[test/ID...] --period FROM..TO [--engagement ID]",
    .summary = "freeze the populations and run the tests over every item",
    .details =
        "Exit status 1 if an item deviates or a control did not operate, 2 if a test could not\n"
        "be run. A test with examples is run only if they come out as they say. Without names\n"
        "all tests are run that have records; the others are told, and the status is 1.",
    .examples = run_examples,
    .options = run_options,
    .run = run_run,
};

/* ---- check ---- */

static int run_check(struct session *session, const struct arguments *arguments)
{
    static const struct column_spec columns[] = {
        { "test", "test" },
        { "examples", "examples" },
        { "failed", "failed" },
        { NULL, NULL },
    };
    struct slice names[TESTS_MAX];
    size_t count = test_names(arguments, names);
    if (!session_store(session, STORE_READ) || !are_there(session, names, count))
        return session_fail(session);
    const struct value *result =
        tests_check(session->store, session->catalogue, session->arena, names, count,
                    &session_interrupted, &session->findings, &session->err);
    if (!result || !output_list(session, result, value_member(result, "tests"), columns))
        return session_fail(session);
    return session_findings(session);
}

static const char *const check_examples[] = { "attest test check",
                                              "attest test check test/CM-02.T1", NULL };
const struct verb verb_test_check = {
    .name = "test check",
    .usage = "[test/ID...]",
    .summary = "run the tests' own examples",
    .examples = check_examples,
    .run = run_check,
};

/* ---- items ---- */

static const struct option items_options[] = {
    { "--only", "deviations", "items of which an attribute fails or is undecided" },
    { NULL, NULL, NULL },
};

static int run_items(struct session *session, const struct arguments *arguments)
{
    const char *only = argument_value(arguments, "--only");
    struct matrix_text text = { 0 };
    if (arguments->words_count != 1 || (only && strcmp(only, "deviations") != 0)) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name one run: attest test items RUN [--only deviations]");
        return session_fail(session);
    }
    if (!session_store(session, STORE_READ) ||
        !matrix_open(session->store, session->arena, slice_of(arguments->words[0]),
                     store_size(session->store), &text, &session->err))
        return session_fail(session);
    bool ok = items_write(session, &text, only != NULL);
    matrix_close(&text);
    return ok ? 0 : session_fail(session);
}

static const char *const items_examples[] = {
    "attest test items 0c9d41e87b30 --only deviations",
    "attest test items 0c9d41e87b30 -o csv > matrix.csv",
    NULL,
};
const struct verb verb_test_items = {
    .name = "test items",
    .usage = "RUN [--only deviations]",
    .summary = "the matrix of a run: item x attribute",
    .examples = items_examples,
    .options = items_options,
    .run = run_items,
};
