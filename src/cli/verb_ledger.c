/* attest ledger anchor: a copy of the last checkpoint outside of the data directory. */
#include <inttypes.h>

#include "cli/output.h"
#include "cli/verb.h"

static const struct option options[] = {
    { "--none", NULL, "from now on there is no anchor; for when its disk is lost" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest ledger anchor /media/anchor/mycompany.note",
    "attest ledger anchor -o json",
    "attest verify mycompany --since /media/anchor/mycompany.note",
    NULL,
};

/* The anchor as it is configured; what it holds is compared by opening for writing, and verify. */
static bool show(struct session *session, const char *ledger)
{
    char *anchor;
    struct value *made = value_new(session->arena, VALUE_OBJECT, &session->err);
    if (!made || !ledger_anchor_path(ledger, session->arena, &anchor, &session->err))
        return false;
    struct value *path = anchor ? value_new_text(session->arena, slice_of(anchor), &session->err)
                                : value_new(session->arena, VALUE_NULL, &session->err);
    return value_put(session->arena, made, "anchor", path, &session->err) &&
           value_put_i64(session->arena, made, "ledger_size", (int64_t)store_size(session->store),
                         &session->err) &&
           output_document(session, made);
}

static bool set(struct session *session, const char *anchor)
{
    if (!session_may_write(session, anchor) || !session_store(session, STORE_WRITE) ||
        !ledger_anchor_set(store_ledger(session->store), anchor, &session->err))
        return false;
    session_tell(session, "the checkpoint of #%" PRIu64 " is in %s, and each later one will be",
                 store_size(session->store), anchor);
    return true;
}

static int run(struct session *session, const struct arguments *arguments)
{
    bool is_none = argument_is_given(arguments, "--none");
    const char *ledger;
    if (arguments->words_count > 1 || (is_none && arguments->words_count > 0)) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name one file outside of the data directory, or --none");
        return session_fail(session);
    }
    if (arguments->words_count == 1 && !set(session, arguments->words[0]))
        return session_fail(session);
    if (!session_store(session, STORE_READ))
        return session_fail(session);
    ledger = arena_printf(session->arena, &session->err, "%s/ledger", session->folder);
    if (!ledger || (is_none && !ledger_anchor_clear(ledger, &session->err)) ||
        !show(session, ledger))
        return session_fail(session);
    return 0;
}

const struct verb verb_ledger_anchor = {
    .name = "ledger anchor",
    .usage = "[FILE|--none]",
    .summary = "keep a copy of the last checkpoint elsewhere, so that a rollback is found out",
    .details =
        "FILE lies on another disk or machine. Each commit is copied there before it is\n"
        "acknowledged. Opening for writing refuses a directory that is behind its anchor or has\n"
        "another history, and an anchor that is missing. Without FILE: what is configured.",
    .examples = examples,
    .options = options,
    .run = run,
};
