/* attest erase: personal values that nobody may keep any longer. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "evidence/erase.h"

enum { VALUES_BYTES_MAX = 1 << 20, VALUES_MAX = 1000 };

static const struct option options[] = {
    { "--values", "FILE", "the values, one a line; - is standard input" },
    { "--rule", "TEXT", "the retention rule or request behind it; stands in the ledger for good" },
    { "--dry-run", NULL, "show what holds them and erase nothing" },
    { "--memory", "MIB", "memory limit of the engine; by default 512" },
    { NULL, NULL, NULL },
};
static const struct column_spec columns[] = {
    { "value", "value" }, { "what", "what" },       { "where", "where" },
    { "rows", "rows" },   { "becomes", "becomes" }, { NULL, NULL },
};

static bool values_read(struct session *session, const char *path, struct slice *values,
                        size_t *count)
{
    static char bytes[VALUES_BYTES_MAX + 1];
    struct slice text, line;
    if (strcmp(path, "-") == 0) {
        size_t got = fread(bytes, 1, sizeof bytes, stdin);
        if (ferror(stdin) || got > VALUES_BYTES_MAX)
            return error_set(&session->err, ERROR_INVALID, "--values",
                             "standard input cannot be read, or has more than %d bytes",
                             VALUES_BYTES_MAX);
        text = (struct slice){ bytes, got };
    } else if (!file_read(session->arena, path, VALUES_BYTES_MAX, &text, &session->err)) {
        return false;
    }
    *count = 0;
    while (slice_line(&text, &line)) {
        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0)
            continue;
        if (*count == VALUES_MAX)
            return error_set(&session->err, ERROR_INVALID, "--values", "more than %d values",
                             VALUES_MAX);
        values[(*count)++] = line;
    }
    return *count > 0 || error_set(&session->err, ERROR_INVALID, "--values", "there is no value");
}

static bool is_administrator(const struct session *session)
{
    const struct value *roles = value_member(session->acting.document, "roles");
    for (size_t i = 0; i < value_count(roles); i++)
        if (slice_is(value_text(value_item(roles, i)), "administrator"))
            return strcmp(session->acting.actor.side, "management") == 0;
    return false;
}

static bool erase(struct session *session, struct erase_request *request, struct value *found)
{
    uint64_t memory = 512;
    struct slice wanted = argument_slice(session->arguments, "--memory");
    if (wanted.len && (!slice_to_u64(wanted, &memory) || memory < 64 || memory > (1 << 20)))
        return error_set(&session->err, ERROR_USAGE, "--memory", "MiB, at least 64");
    struct engine_options engine = { .memory_bytes_max = memory << 20,
                                     .temp_folder = store_tmp(session->store) };
    request->store = session->store;
    request->actor = &session->acting.actor;
    request->engine = engine_open(&engine, &session->err);
    bool ok = request->engine && values_erase(request, session->arena, found, &session->err);
    engine_close(request->engine);
    return ok;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct slice *values = arena_array(session->arena, VALUES_MAX, sizeof *values, &session->err);
    const char *path = argument_value(arguments, "--values");
    struct erase_request request = { .values = values,
                                     .rule = argument_slice(arguments, "--rule"),
                                     .is_dry_run = argument_is_given(arguments, "--dry-run") };
    if (!values || !path || request.rule.len == 0) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name values and rule: attest erase --values FILE --rule TEXT");
        return session_fail(session);
    }
    if (!values_read(session, path, values, &request.values_count) ||
        !session_store(session, STORE_WRITE) || !session_acting(session))
        return session_fail(session);
    if (!is_administrator(session)) {
        error_set(&session->err, ERROR_REFUSED, NULL, "only an administrator of management erases");
        return session_fail(session);
    }
    if (!request.is_dry_run &&
        !session_confirm(session, "Destroy these values for good? They cannot be restored."))
        return session_fail(session);
    struct value *found = value_new(session->arena, VALUE_ARRAY, &session->err);
    if (!found || !erase(session, &request, found) || !output_list(session, found, found, columns))
        return session_fail(session);
    if (value_count(found) == 0)
        session_tell(session, "nothing holds these values");
    else if (request.is_dry_run)
        session_tell(session, "nothing was erased: --dry-run");
    else
        session_tell(session, "erased here. Bundles and reports that were delivered, and backups, "
                              "still hold it: that is for those who have them");
    return 0;
}

static const char *const examples[] = {
    "attest erase --values addresses.txt --rule 'retention-rule/visitors' --dry-run",
    "attest erase --values - --rule 'request 2026-17 of a data subject' --yes",
    NULL,
};
const struct verb verb_erase = {
    .name = "erase",
    .usage = "--values FILE --rule TEXT [--dry-run]",
    .summary = "destroy personal values, leaving every proof whole",
    .details =
        "A line of FILE is a whole value as it was imported, such as an address. Its key is\n"
        "destroyed, and so are the raw files and set-aside lines that hold it, with whatever else\n"
        "they held: --dry-run shows which. Resources, attached files and reports are shown and\n"
        "stay. A Hold in force stops it (exit status 1). Only an administrator of management may.",
    .examples = examples,
    .options = options,
    .run = run,
    .takes_no_words = true,
};
