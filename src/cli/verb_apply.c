/* attest apply -f PATH...: plan, then one transaction. */
#include <stdio.h>

#include "audit/judgement.h"
#include "audit/planned_tests.h"
#include "cli/output.h"
#include "cli/verb.h"

static const struct option options[] = {
    { "-f", "PATH...", "files, folders, or - for standard input" },
    { "--dry-run", NULL, "show the plan, write nothing" },
    { "--prune", NULL, "remove resources that no file names" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest apply -f controls.yaml --dry-run",
    "attest apply -f programme/ --prune --yes",
    "cat control.yaml | attest apply -f - --yes",
    NULL,
};

enum { PATHS_MAX = 1024 };

static bool show(struct session *session, const struct plan *plan)
{
    struct strbuf text = strbuf_new(64 << 20);
    bool ok;
    if (session->format == FORMAT_JSON || session->format == FORMAT_YAML) {
        const struct value *value = plan_value(plan, session->arena, &session->err);
        return value && output_document(session, value);
    }
    if (session->format == FORMAT_CSV || session->format == FORMAT_XLSX) {
        static const struct column_spec columns[] = { { "action", "action" },   { "name", "name" },
                                                      { "version", "version" }, { "file", "file" },
                                                      { "line", "line" },       { NULL, NULL } };
        const struct value *value = plan_value(plan, session->arena, &session->err);
        return value && output_list(session, value, value_member(value, "items"), columns);
    }
    plan_write(plan, &text);
    ok = strbuf_ok(&text, &session->err);
    if (ok && text.len)
        (void)fwrite(text.at, 1, text.len, stderr);
    strbuf_free(&text);
    return ok;
}

static bool read_and_plan(struct session *session, const struct arguments *arguments,
                          struct plan *plan)
{
    const char *paths[PATHS_MAX];
    struct documents documents = { 0 };
    struct plan_options wanted = { .prune = argument_is_given(arguments, "--prune") };
    size_t count = argument_values(arguments, "-f", paths, PATHS_MAX);
    for (size_t i = 0; i < arguments->words_count && count < PATHS_MAX; i++)
        paths[count++] = arguments->words[i];
    if (count == 0)
        return error_set(&session->err, ERROR_USAGE, "-f", "name what to apply: -f PATH");
    if (count == PATHS_MAX) {
        error_set(&session->err, ERROR_USAGE, "-f", "%d paths or more", PATHS_MAX);
        return error_hint(&session->err, "name their folder");
    }
    bool is_read = documents_read(session->arena, session->catalogue, paths, count, &documents,
                                  &session->findings, &session->err);
    if (!is_read && session->err.code != ERROR_NONE)
        return false;
    /* Even with errors: those of references are told in the same run. */
    if (!plan_make(session->store, session->catalogue, session->arena, &documents, &session->acting,
                   &wanted, plan, &session->findings, &session->err) ||
        !is_read)
        return false;
    bool compiles = planned_tests_check(session->store, session->catalogue, session->arena, plan,
                                        &session->findings, &session->err);
    if (!compiles && session->err.code != ERROR_NONE)
        return false;
    return judgement_check(session->store, session->arena, plan, &session->acting,
                           &session->findings, &session->err) &&
           compiles;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct plan plan = { 0 };
    struct plan_applied applied;
    bool is_dry = argument_is_given(arguments, "--dry-run");
    if (!session_store(session, STORE_WRITE) || !session_acting(session))
        return session_fail(session);
    if (!read_and_plan(session, arguments, &plan)) {
        int status = session_fail(session);
        if (session->format != FORMAT_JSON)
            fputs("nothing written\n", stderr);
        return status;
    }
    session_findings(session); /* warnings */
    if (!show(session, &plan))
        return session_fail(session);
    if (plan.count == plan.counts[PLAN_UNCHANGED] || is_dry)
        return 0;
    if ((plan.counts[PLAN_REMOVE] > 0 || argument_is_given(arguments, "--prune")) &&
        !session_confirm(session, "apply?"))
        return session_fail(session);
    if (!plan_apply(session->store, &plan, &session->acting, &applied, &session->err))
        return session_fail(session);
    if (applied.first_n == applied.last_n)
        session_tell(session, "applied, ledger %llu", (unsigned long long)applied.last_n);
    else
        session_tell(session, "applied as one transaction, ledger %llu-%llu",
                     (unsigned long long)applied.first_n, (unsigned long long)applied.last_n);
    return 0;
}

const struct verb verb_apply = {
    .name = "apply",
    .usage = "-f PATH... [--dry-run] [--prune] [--yes]",
    .summary = "plan, then write resources in one transaction",
    .details =
        "Reads YAML or JSON documents, shows what would be created, changed and removed, and\n"
        "writes it all or nothing. All errors of a run are told, with file, line and column.",
    .examples = examples,
    .options = options,
    .run = run,
};
