/* attest import, withdraw: evidence. */
#include <stdio.h>

#include "cli/output.h"
#include "cli/verb.h"
#include "evidence/import.h"

/* ---- import ---- */

static const struct option import_options[] = {
    { "--covers", "FROM..TO", "the days for which the files claim to hold every record" },
    { "--memory", "MIB", "memory limit of the engine; by default 512" },
    { NULL, NULL, NULL },
};
static const struct column_spec segment_columns[] = {
    { "file", "file" },           { "rows", "rows" },       { "kept", "kept" },
    { "set_aside", "set aside" }, { "segment", "segment" }, { NULL, NULL },
};

static bool put_unknown(struct session *session, struct value *item,
                        const struct import_result *result)
{
    struct arena *arena = session->arena;
    struct value *list = value_put_array(arena, item, "unknown_fields", &session->err);
    for (size_t i = 0; list && i < result->unknown_count; i++)
        if (!value_add(arena, list, value_new_text(arena, result->unknown_fields[i], &session->err),
                       &session->err))
            return false;
    return list != NULL;
}

static bool put_segment(struct session *session, struct value *list,
                        const struct import_result *result)
{
    struct arena *arena = session->arena;
    struct error *err = &session->err;
    struct value *item = value_add_object(arena, list, err);
    return item && value_put_text(arena, item, "segment", slice_of(result->segment), err) &&
           value_put_text(arena, item, "file", slice_of(result->file), err) &&
           value_put_i64(arena, item, "rows", (int64_t)result->rows, err) &&
           value_put_i64(arena, item, "kept", (int64_t)result->kept, err) &&
           value_put_i64(arena, item, "set_aside", (int64_t)result->set_aside, err) &&
           value_put_i64(arena, item, "undated", (int64_t)result->undated, err) &&
           put_unknown(session, item, result) &&
           value_put_text(arena, item, "row_digest", slice_of(result->row_digest), err) &&
           value_put_text(arena, item, "raw_digest", slice_of(result->raw_digest), err) &&
           value_put_bool(arena, item, "already_imported", result->is_already_imported, err);
}

/* On one line: a repository's records have twenty fields, and a source uses six. */
static void tell_unknown(struct session *session, const struct import_result *result)
{
    struct strbuf text = strbuf_new(1 << 20);
    for (size_t i = 0; i < result->unknown_count; i++) {
        unsigned long long records = result->unknown_records[i];
        bool is_last = i + 1 == result->unknown_count || result->unknown_records[i + 1] != records;
        output_add_visible(&text, result->unknown_fields[i]);
        if (!is_last)
            strbuf_add_text(&text, ", ");
        else
            strbuf_printf(&text, " (%llu record%s)%s", records, records == 1 ? "" : "s",
                          i + 1 == result->unknown_count ? "" : ", ");
    }
    session_tell(session, "%s: fields that the source does not name: %s", result->file,
                 text.at ? text.at : "");
    strbuf_free(&text);
}

static void tell_segment(struct session *session, const struct import_result *result)
{
    if (result->is_already_imported)
        session_tell(session, "%s: already imported, nothing added", result->file);
    /* What an import claims to cover is part of its entry: it cannot be added afterwards. */
    if (result->is_already_imported && argument_is_given(session->arguments, "--covers"))
        session_tell(session,
                     "%s: --covers was not recorded: attest withdraw %.12s --reason TEXT, then "
                     "import again",
                     result->file, result->segment);
    if (result->unknown_count)
        tell_unknown(session, result);
}

static bool import_all(struct session *session, const struct arguments *arguments,
                       struct value *list)
{
    uint64_t memory = 512;
    struct slice wanted = argument_slice(arguments, "--memory");
    if (wanted.len && (!slice_to_u64(wanted, &memory) || memory < 64 || memory > (1 << 20)))
        return error_set(&session->err, ERROR_USAGE, "--memory", "MiB, at least 64");
    struct engine_options options = { .memory_bytes_max = memory << 20,
                                      .temp_folder = store_tmp(session->store) };
    struct engine *engine = engine_open(&options, &session->err);
    bool ok = engine != NULL;
    for (size_t i = 1; ok && i < arguments->words_count; i++) {
        struct import_result result;
        struct import_request request = { .store = session->store,
                                          .engine = engine,
                                          .catalogue = session->catalogue,
                                          .source = slice_of(arguments->words[0]),
                                          .path = arguments->words[i],
                                          .covers = argument_slice(arguments, "--covers"),
                                          .imported_by = session->acting.person,
                                          .progress = &session->progress.base,
                                          .findings = &session->findings };
        ok = import_file(&request, session->arena, &result, &session->err) &&
             put_segment(session, list, &result);
        progress_terminal_clear(&session->progress);
        if (ok)
            tell_segment(session, &result);
    }
    engine_close(engine);
    return ok;
}

static int run_import(struct session *session, const struct arguments *arguments)
{
    if (arguments->words_count < 2) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name a source and its files: attest import source/ID FILE...");
        return session_fail(session);
    }
    if (!session_store(session, STORE_WRITE) || !session_acting(session))
        return session_fail(session);
    struct value *whole = value_new(session->arena, VALUE_OBJECT, &session->err);
    struct value *list =
        whole ? value_put_array(session->arena, whole, "segments", &session->err) : NULL;
    if (!list || !import_all(session, arguments, list)) {
        int status = session_fail(session);
        /* Each file is whole or not at all; those before the fault are in. */
        if (value_count(list) > 0) {
            session_tell(session, "imported before that:");
            if (!output_list(session, whole, list, segment_columns))
                return session_fail(session);
        }
        return status;
    }
    session_findings(session);
    return output_list(session, whole, list, segment_columns) ? 0 : session_fail(session);
}

static const char *const import_examples[] = {
    "attest import source/deploy-log 2026-q1.ndjson.zst --covers 2026-01-01..2026-03-31",
    "attest import source/hr workers.csv -o json",
    "attest import source/history ../project",
    NULL,
};
const struct verb verb_import = {
    .name = "import",
    .usage = "source/ID FILE... [--covers FROM..TO]",
    .summary = "read records into segments, one a file",
    .details =
        ".gz and .zst are unpacked on the way. A malformed line stops the import and is named,\n"
        "unless the source sets such lines aside. The same file twice adds nothing.",
    .examples = import_examples,
    .options = import_options,
    .run = run_import,
};

/* ---- withdraw ---- */

static const struct option withdraw_options[] = {
    { "--reason", "TEXT", "why the import was wrong" },
    { NULL, NULL, NULL },
};

static int run_withdraw(struct session *session, const struct arguments *arguments)
{
    char hex[65];
    struct slice reason = argument_slice(arguments, "--reason");
    if (arguments->words_count != 1 || reason.len == 0) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name a segment and say why: attest withdraw SEGMENT --reason TEXT");
        return session_fail(session);
    }
    if (!session_store(session, STORE_WRITE) || !session_acting(session) ||
        !segment_withdraw(session->store, &session->acting.actor, slice_of(arguments->words[0]),
                          reason, hex, &session->err))
        return session_fail(session);
    session_tell(session, "segment %s is out of every later population; it stays listed", hex);
    return 0;
}

static const char *const withdraw_examples[] = {
    "attest withdraw 4be1c07a9d52 --reason 'export of the wrong year'",
    NULL,
};
const struct verb verb_withdraw = {
    .name = "withdraw",
    .usage = "SEGMENT --reason TEXT",
    .summary = "take a wrong import out of later populations",
    .examples = withdraw_examples,
    .options = withdraw_options,
    .run = run_withdraw,
    .gives_no_data = true,
};
