/* attest population: what was frozen, and which keys repeat. */
#include "audit/tables.h"
#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"

/* ---- population ---- */

static const struct column_spec population_columns[] = {
    { "name", "name" },       { "of", "of" },           { "items", "items" },
    { "repeats", "repeats" }, { "undated", "undated" }, { "ledger", "ledger" },
    { NULL, NULL },
};

static bool put_population(struct session *session, struct value *list,
                           const struct stored_entry *entry)
{
    static const char *const copied[] = { "items", "repeats", "undated", "digest", "period" };
    struct arena *arena = session->arena;
    const struct value *record =
        json_parse(arena, entry->object, "population", NULL, &session->err);
    struct value *item = record ? value_add_object(arena, list, &session->err) : NULL;
    if (!item || !value_put_text(arena, item, "name", entry->key, &session->err) ||
        !value_put_text(arena, item, "of", value_text_of(record, "type"), &session->err) ||
        !value_put_i64(arena, item, "ledger", (int64_t)entry->n, &session->err))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(copied); i++) {
        const struct value *member = value_member(record, copied[i]);
        if (member && !value_put(arena, item, copied[i], value_copy(arena, member, &session->err),
                                 &session->err))
            return false;
    }
    return true;
}

/* ---- --repeats ---- */

static const struct column_spec repeat_columns[] = {
    { "key", "key" },     { "rows", "rows" }, { "contents", "contents" },
    { "state", "state" }, { NULL, NULL },
};

/* The keys of a type that come more than once at a ledger size. */
static int show_repeats(struct session *session, struct slice type, const struct period *period,
                        uint64_t size)
{
    struct tables tables;
    size_t at;
    struct engine_options options = { .memory_bytes_max = (uint64_t)512 << 20,
                                      .temp_folder = store_tmp(session->store) };
    if (!tables_read(session->store, session->catalogue, session->arena, size, 0, &tables,
                     &session->err) ||
        !tables_find(&tables, type, &at, &session->err))
        return session_fail(session);
    tables.items[at].is_used = true;
    struct engine *engine = engine_open(&options, &session->err);
    const struct value *list =
        engine && tables_find_segments(&tables, session->store, session->arena, &session->err) &&
                tables_open(&tables, session->store, session->arena, engine, &session->err)
            ? table_repeated_keys(&tables.items[at], engine, period, session->arena, &session->err)
            : NULL;
    engine_close(engine);
    return list && output_list(session, list, list, repeat_columns) ? 0 : session_fail(session);
}

/* Of a frozen population: at its place in the ledger, keys with rows of its period. */
static int frozen_repeats(struct session *session, const struct stored_entry *entry,
                          const struct value *record)
{
    struct period period;
    if (!time_parse_canonical(value_text(value_path(record, "period.from")), &period.start_us) ||
        !time_parse_canonical(value_text(value_path(record, "period.to")), &period.end_us)) {
        error_set(&session->err, ERROR_CORRUPT, NULL, "the population's record has no period");
        return session_fail(session);
    }
    return show_repeats(session, value_text_of(record, "type"), &period, entry->n);
}

/* ---- the verb ---- */

static int show_one(struct session *session, struct slice wanted, uint64_t size)
{
    struct stored_entries entries;
    bool is_for_repeats = argument_is_given(session->arguments, "--repeats");
    if (!entry_list(session->store, session->arena, SLICE("population"), wanted, size, &entries,
                    &session->err))
        return session_fail(session);
    if (entries.count == 0 && is_for_repeats && !slice_starts_with(wanted, SLICE("population/")))
        return show_repeats(session, wanted, NULL, size);
    if (entries.count == 0) {
        error_set(&session->err, ERROR_NOT_FOUND, NULL, "there is no population %.*s",
                  SLICE_ARG(wanted));
        return session_fail(session);
    }
    const struct value *record =
        json_parse(session->arena, entries.items[0].object, "population", NULL, &session->err);
    if (record && is_for_repeats)
        return frozen_repeats(session, &entries.items[0], record);
    return record && output_document(session, record) ? 0 : session_fail(session);
}

static int run_population(struct session *session, const struct arguments *arguments)
{
    struct stored_entries entries;
    uint64_t size;
    struct slice wanted = slice_of(arguments->words_count ? arguments->words[0] : NULL);
    if (wanted.len == 0 && argument_is_given(arguments, "--repeats")) {
        error_set(&session->err, ERROR_USAGE, "--repeats", "of which type or population?");
        (void)error_hint(&session->err, "attest population TYPE --repeats");
        return session_fail(session);
    }
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    if (wanted.len)
        return show_one(session, wanted, size);
    if (!entry_list(session->store, session->arena, SLICE("population"), wanted, size, &entries,
                    &session->err))
        return session_fail(session);
    struct value *list = value_new(session->arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; list && i < entries.count; i++)
        if (!put_population(session, list, &entries.items[i]))
            return session_fail(session);
    return list && output_list(session, list, list, population_columns) ? 0 : session_fail(session);
}

static const struct option population_options[] = {
    { "--repeats", NULL, "the keys that come more than once, and those in conflict" },
    { NULL, NULL, NULL },
};
static const char *const population_examples[] = {
    "attest population",
    "attest population population/changes-6d20b7f1c3aa",
    "attest population changes --repeats -o csv",
    NULL,
};
const struct verb verb_population = {
    .name = "population",
    .usage = "[population/NAME] | TYPE --repeats",
    .summary = "frozen populations, or one with its completeness record",
    .details =
        "With --repeats the keys that come more than once among the records of a type, or of a\n"
        "frozen population: repeat (the same content, counted once), settled (by the type's\n"
        "revision or a Resolution), conflict (refused until it is settled).",
    .examples = population_examples,
    .options = population_options,
    .run = run_population,
};
