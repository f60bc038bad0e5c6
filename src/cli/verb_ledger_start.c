/* attest ledger start --continue: a new ledger in place of one that was rolled back. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/verb.h"
#include "verify/bundle.h"

enum { REASON_BYTES_MAX = 1000 };

static const struct option options[] = {
    { "--continue", NULL, "the ledger of -C DIR ends, and the new one names it" },
    { "--origin", "NAME", "the new ledger's name, a URL without scheme" },
    { "--reason", "TEXT",
      "why; stands in the ledger for good, for everybody to read: no personal data" },
    { "--since", "FILE", "a bundle or checkpoint that others hold of the old ledger" },
    { "--name", "TEXT", "the first person's name" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest -C mycompany ledger start mycompany-2 --continue --origin example.com/attest/2 "
    "--reason 'restored from the backup of 1 May'",
    "attest -C mycompany ledger start mycompany-2 --continue --origin example.com/attest/2 "
    "--reason 'disk lost' --since report-2026.zip",
    NULL,
};

static bool usage(struct session *session, const char *what)
{
    return error_set(&session->err, ERROR_USAGE, NULL, "%s", what);
}

/* What would stop us later, before anything is changed. */
static bool may_start(struct session *session, const struct arguments *arguments,
                      struct slice origin, struct slice reason)
{
    if (arguments->words_count != 1 || !argument_is_given(arguments, "--continue"))
        return usage(session, "name one new folder: attest -C OLD ledger start DIR --continue");
    if (origin.len == 0 || reason.len == 0)
        return usage(session, "--origin NAME and --reason TEXT are needed");
    if (reason.len > REASON_BYTES_MAX)
        return usage(session, "--reason: at most 1,000 bytes");
    if (!key_name_is_valid(origin)) {
        error_set(&session->err, ERROR_INVALID, NULL, "\"%.*s\" cannot be a ledger's origin",
                  SLICE_ARG(origin));
        return error_hint(&session->err,
                          "an origin is a URL without scheme, such as example.com/attest");
    }
    return session_store(session, STORE_READ) && session_may_write(session, arguments->words[0]) &&
           store_may_create(arguments->words[0], &session->err);
}

static bool highest(struct session *session, const struct arguments *arguments, struct slice origin,
                    struct checkpoint *known)
{
    const char *since = argument_value(arguments, "--since");
    struct slice note = { 0 };
    struct ledger *ledger = store_ledger(session->store);
    if (slice_equal(ledger_origin(ledger), origin)) {
        error_set(&session->err, ERROR_INVALID, NULL, "%.*s is the origin of the old ledger",
                  SLICE_ARG(origin));
        return error_hint(&session->err, "nothing is signed under it again: name another one");
    }
    return (!since || bundle_checkpoint(session->arena, since, &note, &session->err)) &&
           ledger_highest(ledger, session->arena, note, since, known, &session->err);
}

/* The old ledger first: should the rest fail, it signs nothing, and the same call can be made
 * again. */
static bool start(struct session *session, const char *folder, struct slice origin,
                  const struct ledger_before *before)
{
    const struct store_options wanted = { .before = before };
    char *ledger = arena_printf(session->arena, &session->err, "%s/ledger", session->folder);
    if (!ledger || !ledger_end(ledger, origin, folder, &session->err) ||
        !store_create_with(folder, origin, &wanted, &session->err))
        return false;
    store_close(session->store);
    session->store = NULL;
    session->folder = folder;
    return session_store(session, STORE_WRITE) && session_first_person(session);
}

static bool show(struct session *session, struct slice origin, const struct ledger_before *before)
{
    struct strbuf vkey = strbuf_new(1024);
    struct value *made = NULL, *prev;
    bool ok = false;
    char root[65];
    verifier_key_format(ledger_verifier(store_ledger(session->store)), &vkey);
    if (!strbuf_ok(&vkey, &session->err))
        goto done;
    if (session->format == FORMAT_TABLE) {
        printf("created %s: store, ledger\norigin %.*s\nledger key %s\n"
               "continues %.*s from #%" PRIu64 "\n",
               session->folder, SLICE_ARG(origin), vkey.at, SLICE_ARG(before->known.origin),
               before->known.size);
        ok = true;
        goto done;
    }
    digest_hex(&before->known.root, root);
    made = value_new(session->arena, VALUE_OBJECT, &session->err);
    ok = made &&
         value_put_text(session->arena, made, "folder", slice_of(session->folder), &session->err) &&
         value_put_text(session->arena, made, "origin", origin, &session->err) &&
         value_put_text(session->arena, made, "key", strbuf_slice(&vkey), &session->err) &&
         (prev = value_put_object(session->arena, made, "prev", &session->err)) &&
         value_put_text(session->arena, prev, "origin", before->known.origin, &session->err) &&
         value_put_i64(session->arena, prev, "size", (int64_t)before->known.size, &session->err) &&
         value_put_text(session->arena, prev, "root", slice_of(root), &session->err) &&
         value_put_text(session->arena, prev, "reason", before->reason, &session->err) &&
         output_document(session, made);
done:
    strbuf_free(&vkey);
    return ok;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct slice origin = argument_slice(arguments, "--origin");
    struct ledger_before before = { .reason = argument_slice(arguments, "--reason") };
    if (!may_start(session, arguments, origin, before.reason) ||
        !highest(session, arguments, origin, &before.known))
        return session_fail(session);
    const char *old = session->folder;
    uint64_t held = store_size(session->store);
    /* It outlives the old store. */
    if (!arena_copy(session->arena, before.known.origin, &before.known.origin, &session->err) ||
        !start(session, arguments->words[0], origin, &before) || !show(session, origin, &before))
        return session_fail(session);
    if (before.known.size > held)
        session_tell(session, "%" PRIu64 " entries of the old ledger are not in %s",
                     before.known.size - held, old);
    session_tell(session,
                 "%s signs nothing any more; keep it: it is read and verified as before\n"
                 "next: attest -C %s export FILES; attest -C %s apply -f FILES; then import again "
                 "what evidence still counts",
                 old, old, session->folder);
    return 0;
}

const struct verb verb_ledger_start = {
    .name = "ledger start",
    .usage = "DIR --continue --origin NAME --reason TEXT [--since FILE] [--name TEXT]",
    .summary = "a new ledger in place of one that was put back to an older state",
    .details =
        "A directory restored from a backup must not sign a second history. If what it lacks is\n"
        "lost, its ledger ends here: opening it for writing is refused from now on, reading and\n"
        "verifying are not. DIR is made with a new origin and key; its first entry names the\n"
        "highest checkpoint known of the old ledger (its own, its anchor's, FILE's) and the\n"
        "reason. No resource or evidence is carried over: what still counts is applied and\n"
        "imported again by those who may, and says so under their names.",
    .examples = examples,
    .options = options,
    .run = run,
};
